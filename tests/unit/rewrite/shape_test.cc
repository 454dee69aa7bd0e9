#include "rewrite/shape.h"

#include <gtest/gtest.h>

#include "rewrite/lexer.h"
#include "unit/rewrite/golden_world.h"

namespace bulkhead::rewrite {
namespace {

/// The skeleton with readable classes; "gave up" if so.
std::string skeleton(std::string_view sql) {
  Shape shape;
  if (!shape.read(sql)) return "gave up";
  std::string out;
  for (const char c : shape.skeleton()) {
    static constexpr std::string_view kClasses[] = {"", "<int>", "<number>", "<string>", "<block>", "<line>"};
    if (c >= 1 && c <= 5)
      out += kClasses[static_cast<std::size_t>(c)];
    else
      out += c;
  }
  return out;
}

TEST(Shape, ReplacesLiteralsByTheirClass) {
  const std::pair<const char*, const char*> cases[] = {
      {"SELECT abalance FROM pgbench_accounts WHERE aid = 1234567;", "SELECT abalance FROM pgbench_accounts WHERE aid = <int>;"},
      {"SELECT 1.5, 12345678901, 1., 'it''s', ''", "SELECT <number>, <number>, <number>, <string>, <string>"},
      {"SELECT -5 - -6", "SELECT -<int> - -<int>"},
      {"SELECT a1, \"b 2\", $3, t.c4", "SELECT a1, \"b 2\", $3, t.c4"},
      {"SELECT /* 1 'a' */ 1 -- two 2\n, 3", "SELECT <block> <int> <line>\n, <int>"},
      {"SELECT 1::int4, 'x'::text, a[1:2]", "SELECT <int>::int4, <string>::text, a[<int>:<int>]"},
      {"SELECT a+--1\n2", "SELECT a+<line>\n<int>"},
      {"SELECT 'é' AS é", "SELECT <string> AS é"},
      {"SELECT 'a\\'", "SELECT <string>"},
      {"", ""},
  };
  for (const auto& [sql, expected] : cases) EXPECT_EQ(skeleton(sql), expected) << sql;
}

// What PostgreSQL's scanner reads in a way that depends on more than the class of the literal.
TEST(Shape, GivesUpWhereItIsNotCertain) {
  for (const char* sql : {
           "SELECT E'a'", "SELECT e'a'", "SELECT B'1'", "SELECT X'f'", "SELECT N'a'", "SELECT U&'a'", "SELECT U&\"a\"",
           "SELECT date'2024-01-01'", "SELECT $$a$$", "SELECT $t$a$t$", "SELECT 'a'\n'b'", "SELECT 'a' 'b'", "SELECT 'a' --\n'b'",
           "SELECT 'a' /* */ 'b'", "SELECT 1..10", "SELECT 1.2.3", "SELECT .5", "SELECT 1e5", "SELECT 1e", "SELECT 0x1F",
           "SELECT 1_000", "SELECT 1a", "SELECT 1'a'", "SELECT 1\"a\"", "SELECT $1a", "SELECT $1$1", "SELECT 'a", "SELECT \"a",
           "SELECT /* a", "SELECT /* /* */ */ 1", "SELECT /*/*/ 1 --*/ */", "SELECT /* a /*/ 1 */ */", "SELECT \x01", "SELECT \x0b" "1", "SELECT \x7f", "SELECT '\xff'",
           "SELECT \xc3", "SELECT 1234567890", "SELECT 00000000001", "SELECT a&'b'", "SELECT $"})
    EXPECT_EQ(skeleton(sql), "gave up") << sql;
  EXPECT_EQ(skeleton(std::string_view("SELECT '\0'", 10)), "gave up");
}

TEST(Shape, DifferentShapesDoNotMeet) {
  const char* const texts[] = {"SELECT 1",  "SELECT 1.0", "SELECT '1'",  "SELECT  1",   "select 1",
                               "SELECT -1", "SELECT 1 ",  "SELECT 1, 1", "SELECT /**/", "SELECT --"};
  for (const char* a : texts)
    for (const char* b : texts) {
      Shape one, other;
      ASSERT_TRUE(one.read(a) && other.read(b));
      EXPECT_EQ(one.skeleton() == other.skeleton(), a == b) << a << " | " << b;
      EXPECT_EQ(one.hash() == other.hash(), a == b) << a << " | " << b;
    }
}

TEST(Shape, FindsTheLiteralsOfTheLexer) {
  int read = 0, texts = 0;
  for (const auto& path : testing::golden_files(kGoldenDirectory + "/rewrite"))
    for (const auto& test : testing::read_golden(path).cases) {
      Shape shape;
      const auto lexed = lex(test.input, 1u << 20);
      ++texts;
      if (!lexed || !shape.read(test.input)) continue;
      ++read;
      std::vector<Literal> of_shape, of_lexer;
      for (const Literal& literal : shape.literals())
        if (lexed->text[literal.begin] != ' ') of_shape.push_back(literal);
      for (const Token& token : lexed->tokens)
        if (token.kind == TokenKind::number || token.kind == TokenKind::string) of_lexer.push_back({token.begin, token.end});
      EXPECT_EQ(of_shape, of_lexer) << test.input;
    }
  EXPECT_GT(read, texts * 3 / 4) << "nearly every statement has a shape";
}

TEST(Shape, StandInsKeepTheClass) {
  for (const char* sql : {"1", "999999999", "1.5", "12345678901", "'a'", "''", "/**/", "-- x"}) {
    const std::string other = stand_in(sql, 73'001);
    EXPECT_NE(other, sql);
    EXPECT_EQ(skeleton(other), skeleton(sql));
  }
}

}  // namespace
}  // namespace bulkhead::rewrite
