#include "rewrite/splice.h"

#include <gtest/gtest.h>

#include <random>

namespace bulkhead::rewrite {
namespace {

TEST(EditList, SortsAndMerges) {
  EditList list;
  list.insert(5, "<");
  list.insert(2, "x");
  list.insert(5, ">");
  list.replace(5, 1, "R");
  list.insert(6, "|");
  const auto edits = list.take("()()()()()");
  ASSERT_EQ(edits.size(), 4u);
  EXPECT_EQ(splice("()()()()()", edits), "()x()(<>R|()()");
  EXPECT_TRUE(list.empty());
}

TEST(EditList, KeepsNamesApart) {
  const std::string text = "SELECT*FROM\"t\"x ORDER(a)b\"c\"";
  const auto edited = [&text](std::uint32_t offset, std::uint32_t length, const char* by) {
    EditList list;
    list.replace(offset, length, by);
    return splice(text, list.take(text));
  };
  EXPECT_EQ(edited(14, 0, " WHERE a"), "SELECT*FROM\"t\" WHERE a x ORDER(a)b\"c\"");
  EXPECT_EQ(edited(11, 0, "s."), "SELECT*FROM s.\"t\"x ORDER(a)b\"c\"");
  EXPECT_EQ(edited(11, 3, ""), "SELECT*FROM x ORDER(a)b\"c\"");
  EXPECT_EQ(edited(25, 0, " AS \"d\""), "SELECT*FROM\"t\"x ORDER(a)b AS \"d\" \"c\"");
  EXPECT_EQ(edited(24, 0, "::int"), "SELECT*FROM\"t\"x ORDER(a)::int b\"c\"");
  EXPECT_EQ(edited(14, 0, " ("), "SELECT*FROM\"t\" (x ORDER(a)b\"c\"");
}

TEST(EditList, OverlappingReplacementsAreABrokenInvariant) {
  EditList list;
  list.replace(2, 3, "a");
  list.replace(4, 1, "b");
  EXPECT_THROW(list.take("0123456789"), std::logic_error);
}

TEST(Splice, NoEditsNoChange) { EXPECT_EQ(splice("abc", {}), "abc"); }

TEST(Quotes, AreDoubled) {
  EXPECT_EQ(quote_name("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(quote_literal("o'h\\ara"), "'o''h\\ara'");
}

TEST(PositionMap, WithoutEditsIsTheIdentity) {
  const PositionMap map("abc", {});
  EXPECT_TRUE(map.identity());
  EXPECT_EQ(map.to_client(2), 2);
}

TEST(PositionMap, CountsCharacters) {
  //                       1234567
  const std::string sql = "é ab cd";
  const std::vector<Edit> edits{{3, 0, "ÄÄÄ"}, {6, 2, "x"}};  // before ab; cd -> x
  ASSERT_EQ(splice(sql, edits), "é ÄÄÄab x");
  const PositionMap map(sql, edits);
  EXPECT_EQ(map.to_client(1), 1);
  EXPECT_EQ(map.to_client(3), 3);  // inside the insertion: where it was made
  EXPECT_EQ(map.to_client(5), 3);
  EXPECT_EQ(map.to_client(6), 3);  // a
  EXPECT_EQ(map.to_client(7), 4);  // b
  EXPECT_EQ(map.to_client(9), 6);  // the replacement
  EXPECT_EQ(map.to_client(99), 8);
  EXPECT_EQ(map.to_client(2147483647), 8);  // the server may say anything
}

TEST(PositionMap, EveryKeptCharacterMapsToItself) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    std::string sql;
    for (char c = '!'; c < '!' + 60; ++c) sql += c;
    EditList list;
    for (std::uint32_t at = random() % 8; at + 3 < sql.size(); at += 4 + random() % 9)
      random() % 2 ? list.insert(at, std::string(random() % 5 + 1, ' ')) : list.replace(at, random() % 3 + 1, "  ");
    const auto edits = list.take(sql);
    const std::string out = splice(sql, edits);
    const PositionMap map(sql, edits);
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (out[i] == ' ') continue;
      EXPECT_EQ(sql[static_cast<std::size_t>(map.to_client(static_cast<int>(i) + 1) - 1)], out[i]);
    }
  }
}

}  // namespace
}  // namespace bulkhead::rewrite
