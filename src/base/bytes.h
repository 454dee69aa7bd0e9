#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/result.h"

namespace bulkhead {

/// Reads big-endian fields from a body of known length, never past its end. The only place that turns foreign bytes
/// into numbers. Views it returns point into the body and live as long as it does.
class ByteReader {
 public:
  explicit ByteReader(std::string_view body) : rest_(body) {}

  std::size_t remaining() const { return rest_.size(); }

  template <class T>
  Result<T> integer() {
    static_assert(std::is_integral_v<T>);
    if (rest_.size() < sizeof(T)) return too_short();
    std::make_unsigned_t<T> value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value = static_cast<std::make_unsigned_t<T>>((static_cast<std::uint64_t>(value) << 8) |
                                                   static_cast<unsigned char>(rest_[i]));
    rest_.remove_prefix(sizeof(T));
    return static_cast<T>(value);
  }
  Result<std::uint8_t> u8() { return integer<std::uint8_t>(); }
  Result<std::int16_t> i16() { return integer<std::int16_t>(); }
  Result<std::int32_t> i32() { return integer<std::int32_t>(); }
  Result<std::uint32_t> u32() { return integer<std::uint32_t>(); }

  /// The text up to the next NUL, which is consumed and not part of it.
  Result<std::string_view> cstring() {
    const auto end = rest_.find('\0');
    if (end == std::string_view::npos) return make_error(sqlstate::protocol_violation, "invalid string in message");
    return take(end, 1);
  }
  Result<std::string_view> bytes(std::size_t count) {
    if (rest_.size() < count) return too_short();
    return take(count, 0);
  }
  std::string_view rest() { return take(rest_.size(), 0); }

  /// A decoder must consume exactly its body: anything left over is an error (cf. pq_getmsgend in PostgreSQL).
  Result<void> finished() const {
    if (rest_.empty()) return {};
    return make_error(sqlstate::protocol_violation, "invalid message format");
  }

 private:
  static Error too_short() { return make_error(sqlstate::protocol_violation, "insufficient data left in message"); }
  std::string_view take(std::size_t count, std::size_t skip) {
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count + skip);
    return taken;
  }
  std::string_view rest_;
};

/// Appends big-endian fields to a buffer it does not own. The buffer must outlive the writer.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  template <class T>
  void integer(T value) {
    static_assert(std::is_integral_v<T>);
    const auto u = static_cast<std::make_unsigned_t<T>>(value);
    for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8)
      out_.push_back(static_cast<char>((static_cast<std::uint64_t>(u) >> shift) & 0xff));
  }
  void u8(std::uint8_t v) { integer(v); }
  void i16(std::int16_t v) { integer(v); }
  void i32(std::int32_t v) { integer(v); }
  void u32(std::uint32_t v) { integer(v); }
  void cstring(std::string_view text) { out_.append(text).push_back('\0'); }
  void bytes(std::string_view raw) { out_.append(raw); }

  std::size_t position() const { return out_.size(); }
  /// Overwrites four bytes written before, for lengths known only afterwards.
  void patch_i32(std::size_t at, std::int32_t value) {
    const auto u = static_cast<std::uint32_t>(value);
    for (int i = 0; i < 4; ++i) out_[at + static_cast<std::size_t>(i)] = static_cast<char>((u >> (24 - 8 * i)) & 0xff);
  }

 private:
  std::string& out_;
};

}  // namespace bulkhead
