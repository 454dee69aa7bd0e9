#include "rewrite/clauses.h"

#include <gtest/gtest.h>

namespace bulkhead::rewrite {
namespace {

struct Text {
  explicit Text(std::string_view sql) : lexed(*lex(sql, 1 << 20)), clauses(lexed) {}
  std::size_t find(std::string_view word) const {
    for (std::size_t i = 0; i < clauses.size(); ++i)
      if (clauses.text(i) == word) return i;
    return Clauses::npos;
  }
  Lexed lexed;
  Clauses clauses;
};

TEST(Clauses, KeyWordsAreNotNames) {
  const Text text("x.where AS where WHERE \"where\"");
  EXPECT_FALSE(text.clauses.key_word(2, "where"));
  EXPECT_FALSE(text.clauses.key_word(4, "where"));
  EXPECT_TRUE(text.clauses.key_word(5, "where"));
  EXPECT_FALSE(text.clauses.key_word(6, "where"));
  EXPECT_FALSE(text.clauses.key_word(99, "where"));
}

TEST(Clauses, AsIsAKeyWordAndAName) {
  const Text text("SELECT id AS as FROM t");
  EXPECT_TRUE(text.clauses.key_word(2, "as"));
  EXPECT_FALSE(text.clauses.key_word(3, "as"));
  EXPECT_TRUE(text.clauses.key_word(4, "from"));
  const Text dotted("SELECT t.as FROM t");
  EXPECT_FALSE(dotted.clauses.key_word(3, "as"));
  EXPECT_TRUE(dotted.clauses.key_word(4, "from"));
  const Text all("SELECT t.as AS as FROM t");
  EXPECT_TRUE(all.clauses.key_word(4, "as"));
  EXPECT_FALSE(all.clauses.key_word(5, "as"));
  EXPECT_TRUE(all.clauses.key_word(6, "from"));
  const Text label("SELECT t.as AS from");
  EXPECT_FALSE(label.clauses.key_word(5, "from"));
}

TEST(Clauses, EndOfClause) {
  const Text text("FROM a, (b WHERE c) WITHIN GROUP (x) GROUP BY d");
  EXPECT_EQ(text.clauses.text(text.clauses.end_of(1, Clauses::Ends::clause)), "GROUP");
  EXPECT_EQ(text.clauses.end_of(1, Clauses::Ends::clause), 13u);
  EXPECT_EQ(text.clauses.end_of(1, Clauses::Ends::clause, 3), 3u);
  const Text condition("ON left(a) = b LEFT JOIN c");
  EXPECT_EQ(condition.clauses.text(condition.clauses.end_of(1, Clauses::Ends::condition)), "LEFT");
  const Text list("a IS DISTINCT FROM b FROM c");
  EXPECT_EQ(list.clauses.end_of(0, Clauses::Ends::target_list), 5u);
}

TEST(Clauses, Back) {
  const Text text("SELECT rows FROM (SELECT 1 FROM x) s, ((a JOIN b))");
  const std::size_t from = text.find("FROM");
  EXPECT_EQ(text.clauses.back(text.find("a"), "from"), from);
  const Text rows("SELECT 1 FROM ROWS FROM (f()) r, t");
  EXPECT_EQ(rows.clauses.back(rows.find("t"), "from", true), 2u);
  EXPECT_EQ(rows.clauses.back(rows.find("t"), "from", false), 4u);
}

TEST(Clauses, Relation) {
  const Text text("FROM ONLY (s.t) AS u (a, b) TABLESAMPLE system (1) REPEATABLE (2) WHERE");
  const auto relation = text.clauses.relation(11, 2, true, true);
  EXPECT_EQ(relation.begin, 1u);
  EXPECT_EQ(relation.name, 3u);
  EXPECT_EQ(text.clauses.text(relation.end - 1), ")");
  EXPECT_EQ(text.clauses.text(relation.alias), "AS");
  EXPECT_EQ(text.clauses.text(relation.alias_end), "TABLESAMPLE");
  EXPECT_EQ(text.clauses.text(relation.sample_end), "WHERE");
  EXPECT_EQ(text.clauses.relation(99, 1, false, false).name, Clauses::npos);
}

}  // namespace
}  // namespace bulkhead::rewrite
