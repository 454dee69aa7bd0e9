#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

// The messages before the first one with a type byte. PostgreSQL manual, "Message Formats"; ProcessStartupPacket in
// src/backend/postmaster/postmaster.c. Values; nothing points into the packet but CancelRequest::key.

namespace bulkhead::proto {

constexpr std::int32_t protocol_version(int major, int minor) { return major << 16 | minor; }
inline constexpr std::int32_t kProtocol30 = protocol_version(3, 0);
inline constexpr std::int32_t kProtocol32 = protocol_version(3, 2);  ///< the latest spoken to clients

using Parameters = std::vector<std::pair<std::string, std::string>>;

struct StartupMessage {
  std::int32_t protocol = kProtocol30;  ///< what the client asked for: 3.anything
  Parameters parameters;  ///< every name once (the last one of its spelling won), none empty, `user` there
  /// The value of a name spelt exactly so; null if there is none. Valid as long as `parameters` is not changed.
  const std::string* find(std::string_view name) const;
};
struct SSLRequest {};
struct GSSENCRequest {};
struct CancelRequest {
  std::int32_t process_id = 0;
  std::string_view key;  ///< 4 to 256 bytes
};
using StartupPacket = std::variant<StartupMessage, SSLRequest, GSSENCRequest, CancelRequest>;

/// The length of the whole packet that starts at `bytes`; nullopt: fewer than four bytes. An error ends the
/// connection, with PostgreSQL without a word. A first byte 0x16 is a TLS ClientHello and for the caller to notice
/// before.
Result<std::optional<std::size_t>> peek_startup(std::string_view bytes);

/// A packet of exactly the length peek_startup gave. Errors are PostgreSQL's: 08P01, 0A000 for a protocol other than
/// 3, 28000 without a user.
Result<StartupPacket> decode_startup(std::string_view packet);

/// An error, and nothing written, if a string has a NUL inside, a name is empty or the packet exceeds the limit.
Result<void> encode_startup(const Parameters& parameters, std::string& out, std::int32_t protocol = kProtocol30);
Result<void> encode_cancel_request(std::int32_t process_id, std::string_view key, std::string& out);
void encode_ssl_request(std::string& out);

/// NegotiateProtocolVersion (B, 'v').
struct NegotiateProtocolVersion {
  std::int32_t protocol = kProtocol32;  ///< the whole version, as PostgreSQL sends it (3.2: 0x00030002)
  std::vector<std::string> unsupported_options;
};
/// What is spoken with this client: the lesser of what it asked for and 3.2.
std::int32_t negotiated_protocol(const StartupMessage& message);
/// The answer owed before any Authentication message, once; nullopt if none is: the client asked for at most 3.2 and
/// for no `_pq_.` option (none is supported).
std::optional<NegotiateProtocolVersion> negotiate(const StartupMessage& message);
Result<NegotiateProtocolVersion> decode_negotiate_protocol_version(std::string_view body);
void encode(const NegotiateProtocolVersion& message, std::string& out);

/// The settings in the startup parameter `options`: words separated by white space, a backslash takes the next
/// character as it is (pg_split_opts, postinit.c); `-c name=value`, `-cname=value` and `--name=value`, dashes in
/// names read as underscores (ParseLongOption, guc.c). Any other switch of the server's command line is an error
/// (22023).
Result<Parameters> split_options(std::string_view options);

}  // namespace bulkhead::proto
