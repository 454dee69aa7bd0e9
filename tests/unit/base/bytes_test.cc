#include "base/bytes.h"

#include <gtest/gtest.h>

#include <limits>

namespace bulkhead {
namespace {

using namespace std::string_view_literals;

TEST(ByteReader, reads_big_endian_and_ends_where_the_body_ends) {
  ByteReader reader("\x01\xff\xfe\x00\x01\x02\x03name\0rest"sv);
  EXPECT_EQ(reader.u8().value(), 1);
  EXPECT_EQ(reader.i16().value(), -2);
  EXPECT_EQ(reader.i32().value(), 0x010203);
  EXPECT_EQ(reader.cstring().value(), "name");
  EXPECT_FALSE(reader.finished());
  EXPECT_EQ(reader.bytes(2).value(), "re");
  EXPECT_EQ(reader.rest(), "st");
  EXPECT_TRUE(reader.finished());
}

TEST(ByteReader, what_is_not_there_is_an_error_and_moves_nothing) {
  ByteReader reader("abc"sv);
  EXPECT_FALSE(reader.i32());
  EXPECT_FALSE(reader.bytes(4));
  EXPECT_FALSE(reader.bytes(std::numeric_limits<std::size_t>::max()));
  EXPECT_FALSE(reader.cstring()) << "no NUL";
  EXPECT_EQ(reader.remaining(), 3u);
  EXPECT_EQ(reader.rest(), "abc");
  EXPECT_FALSE(reader.u8());
  EXPECT_EQ(reader.bytes(0).value(), "");
}

TEST(ByteReader, a_string_may_be_empty_and_the_last_thing) {
  ByteReader reader("\0"sv);
  EXPECT_EQ(reader.cstring().value(), "");
  EXPECT_TRUE(reader.finished());
  EXPECT_EQ(reader.cstring().error().state, sqlstate::protocol_violation);
}

TEST(ByteWriter, writes_what_the_reader_reads) {
  std::string out = "before";
  ByteWriter writer(out);
  writer.i16(std::numeric_limits<std::int16_t>::min());
  writer.i32(-1);
  writer.u32(0xfffffffe);
  writer.cstring("x");
  writer.patch_i32(8, 7);
  ByteReader reader(std::string_view(out).substr(6));
  EXPECT_EQ(reader.i16().value(), std::numeric_limits<std::int16_t>::min());
  EXPECT_EQ(reader.i32().value(), 7);
  EXPECT_EQ(reader.u32().value(), 0xfffffffe);
  EXPECT_EQ(reader.cstring().value(), "x");
  EXPECT_TRUE(reader.finished());
}

}  // namespace
}  // namespace bulkhead
