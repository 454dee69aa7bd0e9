#include "rewrite/verify_explain.h"

#include <gtest/gtest.h>

#include <string>

#include "policy/tenant_names.h"
#include "rewrite/verify.h"

namespace bulkhead::rewrite {
namespace {

class VerifyExplainTest : public ::testing::Test {
 protected:
  VerifyExplainTest() {
    policy_.tenancy.explain = policy::Explain::shape;
    policy_.tenancy.lock_secret = Secret("a secret of sixteen bytes");
    tenant_.name = "acme";
    tenant_.org = "1";
    catalogue_ = *policy::load_catalogue("version: 150000\nrelations:\n  public.t: { kind: table, columns: { id: int8, org_id: int8 } }\n");
  }
  bool verified(const std::string& original, const std::string& rewritten) const {
    return static_cast<bool>(verify(original, rewritten, Subject{policy_, *catalogue_, tenant_, nullptr}, {}));
  }
  policy::Policy policy_;
  policy::Tenant tenant_;
  std::shared_ptr<const policy::Catalogue> catalogue_;
};

const std::string kConfined = "SELECT * FROM public.t WHERE \"t\".\"org_id\" OPERATOR(pg_catalog.=) '1'::pg_catalog.int8";

TEST_F(VerifyExplainTest, TheShapeOfAConfinedStatement) {
  const std::string original = "EXPLAIN SELECT * FROM public.t";
  EXPECT_TRUE(verified(original, "EXPLAIN (COSTS OFF) " + kConfined));
  EXPECT_TRUE(verified(original, "EXPLAIN (COSTS false, FORMAT text) " + kConfined));
  EXPECT_TRUE(verified("EXPLAIN (VERBOSE, FORMAT xml) SELECT * FROM public.t", "EXPLAIN (COSTS 0, VERBOSE, FORMAT xml) " + kConfined));
  EXPECT_FALSE(verified(original, "EXPLAIN (COSTS OFF) SELECT * FROM public.t")) << "the statement counts, too";
  for (const std::string options : {"", "(COSTS ON)", "(COSTS)", "(COSTS OFF, COSTS)", "(COSTS OFF, ANALYZE)", "(COSTS OFF, ANALYZE OFF)",
                                    "(COSTS OFF, BUFFERS)", "(COSTS OFF, SETTINGS)", "(COSTS OFF, WAL)", "(COSTS OFF, SUMMARY)",
                                    "(COSTS OFF, FORMAT json)", "(COSTS OFF, VERBOSE)", "ANALYZE", "VERBOSE", "(COSTS OFF, GENERIC_PLAN)"})
    EXPECT_FALSE(verified(original, "EXPLAIN " + options + " " + kConfined)) << options;
  EXPECT_FALSE(verified(original, kConfined));
  EXPECT_FALSE(verified("SELECT * FROM public.t", "EXPLAIN (COSTS OFF) " + kConfined));
}

TEST_F(VerifyExplainTest, NothingElseIsExplained) {
  for (const std::string statement : {"EXECUTE p", "DECLARE c CURSOR FOR SELECT 1", "CREATE TABLE n AS SELECT 1"})
    EXPECT_FALSE(verified("EXPLAIN (COSTS OFF) " + statement, "EXPLAIN (COSTS OFF) " + statement)) << statement;
  // Salted as it should be, but the plan would say with what.
  const auto salts = policy::lock_salts(policy_.tenancy, tenant_);
  const std::string call = "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.int8xor(1, '" + std::to_string(salts->one) + "'::pg_catalog.int8))";
  EXPECT_TRUE(verified("SELECT pg_try_advisory_lock(1)", call));
  EXPECT_FALSE(verified("EXPLAIN (COSTS OFF) SELECT pg_try_advisory_lock(1)", "EXPLAIN (COSTS OFF) " + call));
}

TEST_F(VerifyExplainTest, OnlyIfThePolicyLetsIt) {
  policy_.tenancy.explain = policy::Explain::refuse;
  EXPECT_FALSE(verified("EXPLAIN SELECT 1", "EXPLAIN (COSTS OFF) SELECT 1"));
  EXPECT_FALSE(verified("EXPLAIN (COSTS OFF) SELECT 1", "EXPLAIN (COSTS OFF) SELECT 1"));
}

}  // namespace
}  // namespace bulkhead::rewrite
