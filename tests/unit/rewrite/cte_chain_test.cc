// How long a chain of members of WITH may be, each of which refers to the one before: PostgreSQL plans it in cubic time.

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "unit/rewrite/golden_world.h"

namespace bulkhead::rewrite {
namespace {

Verdict judge(const std::string& sql) {
  const testing::GoldenCase test{};
  return Rewriter().judge(sql, subject_of(test), Protocol::simple);
}

std::string chain(int members, bool recursive = false) {
  std::string sql = std::string("WITH ") + (recursive ? "RECURSIVE " : "") + "c0 AS (SELECT 1 AS a)";
  for (int i = 1; i < members; ++i)
    sql += ", c" + std::to_string(i) + " AS (SELECT a FROM c" + std::to_string(i - 1) + ")";
  return sql + " SELECT * FROM c" + std::to_string(members - 1);
}

TEST(CteChain, HasAnEnd) {
  for (const bool recursive : {false, true}) {
    EXPECT_TRUE(std::holds_alternative<Rewritten>(judge(chain(200, recursive))));
    const Verdict verdict = judge(chain(202, recursive));
    ASSERT_TRUE(std::holds_alternative<Rejected>(verdict));
    EXPECT_EQ(std::get<Rejected>(verdict).error.state, sqlstate::statement_too_complex);
  }
}

TEST(CteChain, MayRunBackwardsInRecursive) {
  std::string sql = "WITH RECURSIVE ";
  for (int i = 0; i < 202; ++i) sql += "c" + std::to_string(i) + " AS (SELECT a FROM c" + std::to_string(i + 1) + "), ";
  EXPECT_TRUE(std::holds_alternative<Rejected>(judge(sql + "c202 AS (SELECT 1 AS a) SELECT * FROM c0")));
}

TEST(CteChain, IsNoneWhereEachRefersToTheFirst) {
  std::string sql = "WITH c0 AS (SELECT 1 AS a)";
  for (int i = 1; i < 400; ++i) sql += ", c" + std::to_string(i) + " AS (SELECT a FROM c0)";
  EXPECT_TRUE(std::holds_alternative<Rewritten>(judge(sql + " SELECT * FROM c1, c2, c399")));
}

TEST(CteChain, GoesOnInsideOfAMember) {
  std::string sql = "SELECT 1 AS a";
  for (int i = 0; i < 202; ++i) sql = "WITH c" + std::to_string(i) + " AS (" + sql + ") SELECT a FROM c" + std::to_string(i);
  EXPECT_TRUE(std::holds_alternative<Rejected>(judge(sql)));
}

}  // namespace
}  // namespace bulkhead::rewrite
