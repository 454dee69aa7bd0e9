#pragma once

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace bulkhead::proto {

/// Writes one message: type byte, length, fields. finish() fills in the length. For the encoders of this room.
///
/// What a frame cannot carry is a broken invariant of the caller's and thrown, after the buffer has been put back: a
/// NUL inside a string would end it early and turn its tail into other fields, a length beyond 31 bits would wrap and
/// turn the tail into other messages. Nothing that a decoder returned can be either.
class FrameWriter {
 public:
  FrameWriter(char type, std::string& out) : out_(out), begin_(out.size()), writer_(out) {
    out_.push_back(type);
    out_.append(4, '\0');
  }
  template <class T>
  FrameWriter& integer(T value) {
    writer_.integer(value);
    return *this;
  }
  FrameWriter& cstring(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) [[unlikely]]
      give_up("NUL inside a string of a message");
    writer_.cstring(text);
    return *this;
  }
  FrameWriter& bytes(std::string_view raw) {
    writer_.bytes(raw);
    return *this;
  }
  /// A count of 16 bits, as every list of the protocol has.
  FrameWriter& count(std::size_t n) {
    if (n > std::numeric_limits<std::uint16_t>::max()) [[unlikely]]
      give_up("more than 65535 entries in a message");
    return integer(static_cast<std::uint16_t>(n));
  }
  /// A length of 32 bits and the bytes; without a value -1.
  template <class Optional>
  FrameWriter& value(const Optional& field) {
    if (!field) return integer(std::int32_t{-1});
    if (field->size() > kMost) [[unlikely]]
      give_up("value too long for a message");
    return integer(static_cast<std::int32_t>(field->size())).bytes(*field);
  }
  void finish() {
    const std::size_t length = out_.size() - begin_ - 1;
    if (length > kMost) [[unlikely]]
      give_up("message too long");
    writer_.patch_i32(begin_ + 1, static_cast<std::int32_t>(length));
  }

 private:
  static constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
  [[noreturn, gnu::cold]] void give_up(const char* why) {
    out_.resize(begin_);
    throw std::logic_error(why);
  }
  std::string& out_;
  std::size_t begin_;
  ByteWriter writer_;
};

}  // namespace bulkhead::proto
