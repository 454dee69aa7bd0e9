#include "proto/frame.h"

#include <set>

#include "proto/frame_writer.h"
#include "unit/proto/support.h"

namespace bulkhead::proto {
namespace {

std::string header(char type, std::uint32_t length) {
  std::string out(1, type);
  ByteWriter(out).u32(length);
  return out;
}

std::string message_of(std::string_view bytes, Direction direction) {
  const auto peeked = peek_frame(bytes, direction);
  if (!peeked) return peeked.error().message;
  return *peeked ? "header" : "more";
}

TEST(PeekFrame, WaitsForFiveBytes) {
  const std::string whole = frame('Q', "select 1\0"_bytes);
  EXPECT_EQ(message_of("", Direction::frontend), "more");
  for (std::size_t length = 1; length < kFrameHeaderLength; ++length)
    EXPECT_EQ(message_of(std::string_view(whole).substr(0, length), Direction::frontend), "more") << length;
  const auto peeked = peek_frame(whole, Direction::frontend);
  ASSERT_TRUE(peeked && *peeked);
  EXPECT_EQ(**peeked, (FrameHeader{'Q', 9}));
  EXPECT_EQ((*peeked)->frame_length(), whole.size());
  EXPECT_EQ(body_of(whole), "select 1\0"_bytes);
}

TEST(PeekFrame, KnowsTheMessagesOfEachDirectionAndNoOther) {
  const auto known = [](Direction direction) {
    std::set<char> types;
    for (int type = 0; type < 256; ++type)
      if (peek_frame(header(static_cast<char>(type), 4), direction)) types.insert(static_cast<char>(type));
    return std::string(types.begin(), types.end());
  };
  EXPECT_EQ(known(Direction::login), "p");
  EXPECT_EQ(known(Direction::frontend), "BCDEFHPQSXcdf");
  EXPECT_EQ(known(Direction::backend), "123ACDEGHIKNRSTVWZcdnstv");
}

TEST(PeekFrame, RefusesAnUnknownTypeByItsFirstByte) {
  EXPECT_EQ(message_of("y", Direction::frontend), "invalid frontend message type 121");
  EXPECT_EQ(message_of("p", Direction::frontend), "invalid frontend message type 112");
  EXPECT_EQ(message_of("\xff", Direction::frontend), "invalid frontend message type 255");
  EXPECT_EQ(message_of("Q", Direction::login), "expected password response, got message type 81");
  EXPECT_EQ(message_of("y", Direction::backend), "invalid backend message type 121");
  EXPECT_EQ(peek_frame("y", Direction::frontend).error().state, sqlstate::protocol_violation);
}

struct Bounds {
  Direction direction;
  const char* types;
  std::uint32_t most;
};

TEST(PeekFrame, HoldsEveryTypeToItsLengths) {
  const Bounds table[] = {
      {Direction::login, "p", 65535},
      {Direction::frontend, "CDEHSXcf", 10000},
      {Direction::frontend, "BFPQd", 0x3ffffffe},
      {Direction::backend, "123CGHIKRSWZcnsv", 30000},
      {Direction::backend, "ADENTVdt", 0x40000003},
  };
  for (const auto& [direction, types, most] : table)
    for (const char type : std::string_view(types)) {
      SCOPED_TRACE(type);
      for (const std::uint32_t bad : {0u, 1u, 3u, most + 1, 0x7fffffffu, 0x80000000u, 0xffffffffu})
        EXPECT_EQ(message_of(header(type, bad), direction), "invalid message length") << bad;
      for (const std::uint32_t good : {4u, 5u, most}) {
        const auto peeked = peek_frame(header(type, good), direction);
        ASSERT_TRUE(peeked && *peeked) << good;
        EXPECT_EQ((*peeked)->body_length, good - 4);
        EXPECT_EQ((*peeked)->frame_length(), std::size_t{good} + 1);
      }
    }
}

TEST(FrameWriter, ThrowsAndPutsTheBufferBackForWhatAFrameCannotCarry) {
  std::string out = "before";
  EXPECT_THROW(FrameWriter('Q', out).cstring("a\0b"_bytes), std::logic_error);
  EXPECT_EQ(out, "before");
  EXPECT_THROW(FrameWriter('P', out).count(65536), std::logic_error);
  EXPECT_EQ(out, "before");
  FrameWriter('P', out).count(65535).finish();
  EXPECT_EQ(out, "before" + frame('P', "\xff\xff"));
}

}  // namespace
}  // namespace bulkhead::proto
