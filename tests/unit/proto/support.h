#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "proto/frame.h"

namespace bulkhead::proto {

/// A literal with its NULs: "a\0b"_bytes.
inline std::string operator""_bytes(const char* text, std::size_t size) { return {text, size}; }

/// A frame made by hand, independent of the encoders under test.
inline std::string frame(char type, std::string_view body) {
  const auto length = static_cast<std::uint32_t>(body.size() + 4);
  std::string out(1, type);
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(length >> shift & 0xff));
  return out.append(body);
}

/// What a body decodes and encodes to again, or the decoder's message behind "error: ".
template <class Message>
std::string again(const Result<Message>& message) {
  if (!message) return "error: " + message.error().message;
  std::string out;
  encode(*message, out);
  return out;
}

/// One message: its name for the test's output, its bytes, and decode-then-encode.
struct Sample {
  std::string name;
  char type;
  std::string body;
  std::string (*again)(std::string_view body);
};

inline void PrintTo(const Sample& sample, std::ostream* out) { *out << sample.name; }
inline std::string name_of(const testing::TestParamInfo<Sample>& info) { return info.param.name; }

inline bool failed(const std::string& result) { return result.starts_with("error: "); }

/// Holds for every message that ends by itself: it survives a round trip, and every shorter and every longer body
/// fails.
inline void expect_exact(const Sample& sample) {
  EXPECT_EQ(sample.again(sample.body), frame(sample.type, sample.body));
  for (std::size_t length = 0; length < sample.body.size(); ++length)
    EXPECT_TRUE(failed(sample.again(sample.body.substr(0, length)))) << length << " of " << sample.body.size();
  for (const char extra : {'\0', 'x', '\xff'})
    EXPECT_TRUE(failed(sample.again(sample.body + extra))) << "extra byte " << static_cast<int>(extra);
}

}  // namespace bulkhead::proto
