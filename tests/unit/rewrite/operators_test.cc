// Operators that a text does not spell out, in a database that has its own of these names.

#include <gtest/gtest.h>

#include "rewrite/rewriter.h"

namespace bulkhead::rewrite {
namespace {

bool judged(const std::string& operators, const std::string& sql) {
  const auto catalogue = policy::load_catalogue(
      "version: 150000\nrelations: { public.t: { kind: table, columns: { id: int8, org_id: int8 } } }\n" + operators);
  if (!catalogue) throw std::runtime_error(catalogue.error().message);
  policy::Policy policy;
  policy::Tenant tenant;
  tenant.name = "acme", tenant.org = "1", tenant.server = "main";
  const auto verdict = Rewriter().judge(sql, Subject{policy, **catalogue, tenant, nullptr}, Protocol::simple);
  return !std::holds_alternative<Rejected>(verdict);
}

TEST(Operators, implicit_ones_are_judged) {
  const std::vector<std::string> equal{
      "SELECT 1 IN (SELECT 2)",   "SELECT 1 NOT IN (SELECT 2)",       "SELECT 1 IN (2, 3)",
      "SELECT NULLIF(1, 2)",      "SELECT 1 IS DISTINCT FROM 2",      "SELECT CASE 1 WHEN 2 THEN 3 END",
      "SELECT 1 = ANY ('{1}')",   "SELECT 1 FROM t JOIN t u USING (id)", "SELECT 1 FROM t NATURAL JOIN t u",
  };
  const std::vector<std::string> order{"SELECT 1 BETWEEN 2 AND 3", "SELECT 1 BETWEEN SYMMETRIC 2 AND 3"};
  for (const auto& sql : equal) {
    EXPECT_FALSE(judged("operators: ['public.\"=\"']", sql)) << sql;
    EXPECT_TRUE(judged("operators: ['other.\"=\"']", sql)) << sql;
    EXPECT_TRUE(judged("extension_operators: ['public.\"=\"']", sql)) << sql;
  }
  for (const auto& sql : order) {
    EXPECT_FALSE(judged("operators: ['public.\">=\"']", sql)) << sql;
    EXPECT_FALSE(judged("operators: ['public.\"<=\"']", sql)) << sql;
    EXPECT_TRUE(judged("operators: ['public.\"=\"']", sql)) << sql;
  }
  EXPECT_FALSE(judged("operators: ['public.\"<\"']", "SELECT 1 NOT BETWEEN 2 AND 3"));
  EXPECT_FALSE(judged("operators: ['public.\"<\"']", "SELECT 1 ORDER BY 1 USING <"));
  EXPECT_FALSE(judged("operators: ['public.\"~~\"']", "SELECT 'a' LIKE 'b'"));
}

}  // namespace
}  // namespace bulkhead::rewrite
