#include "rewrite/observation.h"

#include <gtest/gtest.h>

namespace bulkhead::rewrite {
namespace {

TEST(Masked, holds_no_literal_and_no_comment) {
  EXPECT_EQ(masked("SELECT  a,\n b /* 'c' */ FROM t WHERE x='it''s' AND y IN (1, 2.5e3) -- d\n"),
            "SELECT a, b FROM t WHERE x=? AND y IN (?, ?)");
  EXPECT_EQ(masked("DO $body$ secret $body$"), "DO ?");
  EXPECT_EQ(masked("SELECT E'a\\'b', U&'c', B'01', \"Name\", $1"), "SELECT ?, ?, ?, \"Name\", $1");
}

TEST(Masked, of_what_cannot_be_read_nothing_is_kept) { EXPECT_EQ(masked("SELECT 'secret"), "(cannot be read as SQL)"); }

TEST(Masked, long_texts_are_cut_between_characters) {
  std::string text = "SELECT a";
  while (text.size() < 5000) text += ", \"ä\"";
  EXPECT_LE(masked(text).size(), 2010u);
  EXPECT_TRUE(masked(text).ends_with(" …"));
}

TEST(Masked, errors_quote_no_literal) {
  const auto words = [](std::string message, std::string_view sql, SqlState state = sqlstate::insufficient_privilege) {
    return masked(make_error(state, std::move(message)), sql).message;
  };
  EXPECT_EQ(words("the value \"17\" is not", "SET x = '17'"), "the value \"?\" is not");
  EXPECT_EQ(words("relation \"t\" is not", "SELECT 't2' FROM t"), "relation \"t\" is not");
  EXPECT_EQ(words("syntax error at or near \"'x'\"", "SELEC 'x'", sqlstate::syntax_error), "syntax error");
}

}  // namespace
}  // namespace bulkhead::rewrite
