#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "proto/limits.h"

namespace bulkhead::proto {

/// Who speaks, and with that which message types exist.
enum class Direction : std::uint8_t {
  login,     ///< a client between its StartupMessage and AuthenticationOk: 'p' alone
  frontend,  ///< a client after that; 'p' is no message any more (SocketBackend, postgres.c)
  backend,   ///< a server, protocol 3
};

/// The five bytes before a message's body.
struct FrameHeader {
  char type = 0;
  std::uint32_t body_length = 0;
  std::size_t frame_length() const { return std::size_t{1} + 4 + body_length; }
  bool operator==(const FrameHeader&) const = default;
};

inline constexpr std::size_t kFrameHeaderLength = 5;

namespace detail {
/// The greatest length field by type byte; 0: no such message.
using LengthLimits = std::array<std::uint32_t, 256>;
extern const std::array<LengthLimits, 3> kLengthLimits;
Error unknown_type(unsigned char type, Direction direction);
Error invalid_length();
}  // namespace detail

/// Reads the header of the message that starts at `bytes`. nullopt: fewer than five bytes, and nothing wrong with
/// them so far. An error (08P01) ends the connection: an unknown type, or a length no such message may have; nobody
/// knows where the next message would start. The body need not be there yet and is not looked at.
inline Result<std::optional<FrameHeader>> peek_frame(std::string_view bytes, Direction direction) {
  if (bytes.empty()) return std::optional<FrameHeader>{};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const std::uint32_t limit = detail::kLengthLimits[static_cast<std::size_t>(direction)][byte(0)];
  if (limit == 0) [[unlikely]]
    return detail::unknown_type(byte(0), direction);
  if (bytes.size() < kFrameHeaderLength) return std::optional<FrameHeader>{};
  const std::uint32_t length = std::uint32_t{byte(1)} << 24 | std::uint32_t{byte(2)} << 16 |
                               std::uint32_t{byte(3)} << 8 | std::uint32_t{byte(4)};
  if (length < 4 || length > limit) [[unlikely]]
    return detail::invalid_length();
  return std::optional<FrameHeader>{FrameHeader{bytes[0], length - 4}};
}

/// The body of a whole frame that peek_frame has accepted.
inline std::string_view body_of(std::string_view frame) { return frame.substr(kFrameHeaderLength); }

}  // namespace bulkhead::proto
