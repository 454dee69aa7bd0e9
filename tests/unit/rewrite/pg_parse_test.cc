#include "rewrite/pg_parse.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace bulkhead::rewrite {
namespace {

using ast::Kind;

std::string repeated(std::string_view piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

TEST(PgParse, StatementsWithTheirPlaces) {
  const std::string_view sql = "SELECT 1; /* é */ SELECT 22 ;\n;";
  const auto tree = parse(sql);
  ASSERT_TRUE(tree);
  ASSERT_EQ(tree->statements().size(), 2u);
  const auto text = [&](std::size_t i) {
    return sql.substr(tree->statements()[i].offset, tree->statements()[i].length);
  };
  EXPECT_EQ(text(0), "SELECT 1");
  EXPECT_EQ(text(1), " /* é */ SELECT 22 ");
  EXPECT_TRUE(tree->statements()[1].node.is(Kind::SelectStmt));
  EXPECT_EQ(parse("DELETE FROM t")->statements().at(0).length, 13u);
}

TEST(PgParse, NothingIsNoStatement) {
  for (const char* sql : {"", "  \n", ";;;", "-- only a comment", "/* one */ ;"}) {
    const auto tree = parse(sql);
    ASSERT_TRUE(tree) << sql;
    EXPECT_TRUE(tree->statements().empty()) << sql;
  }
}

TEST(PgParse, ErrorsArePostgresOwnWithPositionsInCharacters) {
  const auto plain = parse("SELECT 1 FROM WHERE");
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error().state, sqlstate::syntax_error);
  EXPECT_EQ(plain.error().message, "syntax error at or near \"WHERE\"");
  EXPECT_EQ(plain.error().position, 15);
  const auto wide = parse("SELECT 'éé€' FROM WHERE");
  ASSERT_FALSE(wide);
  EXPECT_EQ(wide.error().position, 19);
  EXPECT_EQ(parse("SELECT 'open").error().message, "unterminated quoted string at or near \"'open\"");
}

TEST(PgParse, StandardConformingStringsAreOn) {
  // Off, the text would be one string constant.
  const auto tree = parse("SELECT '\\' OR 1=1 --'");
  ASSERT_TRUE(tree);
  const auto target = tree->statements().at(0).node.get(ast::f::SelectStmt::targetList).front();
  EXPECT_TRUE(target.get(ast::f::ResTarget::val).is(Kind::BoolExpr));
}

TEST(PgParse, NulBytesAreRefused) {
  const auto tree = parse(std::string_view("SELECT 1\0; DROP TABLE t", 23));
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().state, sqlstate::character_not_in_repertoire);
}

TEST(PgParse, DeepTreesAreRefusedNotCrashedOn) {
  const std::string deep[] = {
      "SELECT 1" + repeated("+1", 100'000),
      "SELECT 1" + repeated("::int", 100'000),
      "SELECT 1" + repeated(" IS NULL", 50'000),
      "SELECT * FROM t" + repeated(" CROSS JOIN t", 50'000),
      "SELECT 1" + repeated(" UNION SELECT 1", 50'000),
      "SELECT 1" + repeated("+1", 4'500),
      "SELECT " + repeated("NOT ", 2'000) + "true",
      "SELECT " + repeated("ARRAY[", 2'000) + repeated("]", 2'000),
      "SELECT " + repeated("f(", 2'000) + repeated(")", 2'000),
      repeated("SELECT(", 1'200) + "SELECT 1" + repeated(")", 1'200),
      "SELECT " + repeated("- ", 2'000) + "x",
  };
  for (const auto& sql : deep) {
    const auto tree = parse(sql);
    ASSERT_FALSE(tree) << sql.substr(0, 40);
    EXPECT_EQ(tree.error().state, sqlstate::statement_too_complex) << sql.substr(0, 40) << tree.error().message;
  }
}

TEST(PgParse, WhatTheGrammarItselfCannotHoldIsASyntaxError) {
  for (const auto& sql : {"SELECT " + repeated("NOT ", 20'000) + "true", repeated("SELECT(", 10'000)}) {
    const auto tree = parse(sql);
    ASSERT_FALSE(tree);
    EXPECT_EQ(tree.error().state, sqlstate::syntax_error);
  }
}

TEST(PgParse, WideTreesAreFine) {
  EXPECT_TRUE(parse("SELECT 1" + repeated(" AND true", 5'000)));
  EXPECT_TRUE(parse("SELECT 1" + repeated(" OR false", 5'000)));
  EXPECT_TRUE(parse("SELECT 1 IN (1" + repeated(", 1", 50'000) + ")"));
  EXPECT_TRUE(parse("INSERT INTO t VALUES (1)" + repeated(", (1)", 20'000)));
  EXPECT_TRUE(parse("SELECT 1" + repeated("+1", 400)));
  EXPECT_TRUE(parse("SELECT * FROM t" + repeated(", t", 2'000)));
}

TEST(PgParse, TreesDieInAnyOrder) {
  std::optional<ParseTree> first(std::move(parse("SELECT a FROM t")).value());
  std::optional<ParseTree> second(std::move(parse("SELECT b FROM u")).value());
  first.reset();
  EXPECT_EQ(ast::dump(second->statements().at(0).node), ast::dump(parse("SELECT b FROM u")->statements().at(0).node));
  std::optional<ParseTree> third(std::move(parse("SELECT c FROM v")).value());
  second = std::move(third);
  third.reset();
  EXPECT_NE(ast::dump(second->statements().at(0).node).find("\"c\""), std::string::npos);
  ParseTree moved(std::move(*second));
  second.reset();
  EXPECT_EQ(moved.statements().size(), 1u);
}

TEST(PgParse, ErrorsLeakNothing) {  // for the sanitizer's eyes
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_FALSE(parse("SELECT FROM FROM"));
    EXPECT_FALSE(parse("SELECT 'x"));
  }
}

}  // namespace
}  // namespace bulkhead::rewrite
