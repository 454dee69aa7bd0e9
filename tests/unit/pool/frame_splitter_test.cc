#include "pool/frame_splitter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proto/backend.h"

namespace bulkhead::pool {
namespace {

struct Recorder {
  std::vector<std::string> seen;
  Result<void> frame(proto::FrameHeader header, std::string_view whole) {
    seen.push_back(std::string(1, header.type) + std::to_string(whole.size()));
    return {};
  }
  Result<void> piece(std::string_view bytes) {
    if (seen.empty() || !seen.back().starts_with("piece")) seen.push_back("piece0");
    seen.back() = "piece" + std::to_string(std::stoul(seen.back().substr(5)) + bytes.size());
    return {};
  }
};

std::string message(char type, std::size_t body) {
  std::string out(1, type);
  const auto length = static_cast<std::uint32_t>(body + 4);
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>((length >> shift) & 0xff));
  return out + std::string(body, 'x');
}

/// Feeds `bytes` in steps of `step`, as a connection does.
std::vector<std::string> split(const std::string& bytes, std::size_t step) {
  FrameSplitter splitter;
  Recorder recorder;
  std::string kept;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    kept += bytes.substr(at, step);
    const auto used = splitter.feed(kept, recorder);
    if (!used) {
      recorder.seen.push_back("error " + used.error().message);
      return recorder.seen;
    }
    kept.erase(0, *used);
  }
  if (!kept.empty() || splitter.inside_message()) recorder.seen.push_back("incomplete");
  return recorder.seen;
}

TEST(FrameSplitter, gives_whole_messages_however_they_arrive) {
  const std::string bytes = message('T', 30) + message('D', 0) + message('D', 17) + message('C', 9) + message('Z', 1);
  const std::vector<std::string> expected{"T35", "D5", "D22", "C14", "Z6"};
  for (std::size_t step = 1; step <= bytes.size(); ++step) EXPECT_EQ(split(bytes, step), expected) << step;
}

TEST(FrameSplitter, a_long_row_passes_in_pieces) {
  const std::string bytes = message('D', 1'000'000) + message('Z', 1);
  for (const std::size_t step : {1000ul, 65536ul, 999'999ul})
    EXPECT_EQ(split(bytes, step), (std::vector<std::string>{"piece1000005", "Z6"})) << step;
}

TEST(FrameSplitter, anything_else_that_is_long_is_held) {
  EXPECT_EQ(split(message('T', 100'000), 4096), (std::vector<std::string>{"T100005"}));
}

TEST(FrameSplitter, what_is_too_long_to_hold_is_an_error) {
  const std::string header{'T', 0x7f, 0, 0, 0};
  ASSERT_EQ(split(header, 5).size(), 1u);
  EXPECT_TRUE(split(header, 5)[0].starts_with("error "));
}

TEST(FrameSplitter, an_absurd_length_is_an_error) {
  EXPECT_TRUE(split(std::string("D\0\0\0\3", 5), 5)[0].starts_with("error "));
  EXPECT_TRUE(split(std::string("D\xff\xff\xff\xff", 5), 5)[0].starts_with("error "));
}

TEST(FrameSplitter, a_message_cut_off_is_not_given) {
  EXPECT_EQ(split(message('C', 20).substr(0, 12), 12), (std::vector<std::string>{"incomplete"}));
  EXPECT_EQ(split(message('D', 100'000).substr(0, 50'000), 50'000), (std::vector<std::string>{"piece50000", "incomplete"}));
}

}  // namespace
}  // namespace bulkhead::pool
