// What the verifier takes for a wider read: exactly the policy's expression, for exactly that relation, where it is only read.

#include "rewrite/verify_reads.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "rewrite/verify.h"

namespace bulkhead::rewrite {
namespace {

constexpr const char* kCatalogue = R"(
version: 150000
relations:
  public.t: { kind: table, columns: { id: int8, org_id: int8, x: int4 } }
  public.w: { kind: table, columns: { id: int8, org_id: int8, x: int4, scope: text } }
  public.v: { kind: table, columns: { id: int8, org_id: int8, x: int4, scope: text } }
)";

class VerifyReadsTest : public ::testing::Test {
 protected:
  VerifyReadsTest() {
    policy_.tables[{"public", "w"}].read = "org_id = :org OR scope = 'system' AND x IN (1, 2)";
    policy_.tables[{"public", "v"}].read = "org_id = :org OR scope = 'other'";
    tenant_.name = "acme";
    tenant_.org = "1";
    catalogue_ = *policy::load_catalogue(kCatalogue);
  }
  bool verified(const std::string& original, const std::string& rewritten) const {
    return static_cast<bool>(verify(original, rewritten, Subject{policy_, *catalogue_, tenant_, nullptr}, {}));
  }
  policy::Policy policy_;
  policy::Tenant tenant_;
  std::shared_ptr<const policy::Catalogue> catalogue_;
};

std::string own(const std::string& name) { return "\"" + name + "\".\"org_id\" OPERATOR(pg_catalog.=) '1'::pg_catalog.int8"; }
std::string wide(const std::string& name) {
  const auto is = [&](const std::string& what) { return "\"" + name + "\"." + what; };
  return "(" + own(name) + " OR (" + is("\"scope\" OPERATOR(pg_catalog.=) 'system'") + " AND (" +
         is("\"x\" OPERATOR(pg_catalog.=) 1") + " OR " + is("\"x\" OPERATOR(pg_catalog.=) 2") + ")))";
}

TEST_F(VerifyReadsTest, ItIsThePolicysExpressionToTheLetter) {
  const std::string original = "SELECT * FROM w WHERE id = 1 OR id = 2";
  const std::string rewritten = "SELECT * FROM \"public\".w WHERE " + wide("w") + " AND (id = 1 OR id = 2)";
  ASSERT_TRUE(verified(original, rewritten));
  const std::pair<std::string, std::string> mutations[] = {
      {"'system'", "'systen'"}, {"'system'", "NULL"},     {"'1'", "'2'"},           {" OR (", " OR NOT ("}, {" AND (", " OR ("},
      {"=) 2", "=) 3"},         {"=) 2", "<>) 2"},        {"=) 2", "=) '2'"},       {"int8", "int4"},       {"\"scope\"", "\"x\""},
      {"\"scope\"", "\"t\""},   {"OPERATOR(pg_catalog.=) 'sys", "= 'sys"},          {wide("w"), own("w")},  {wide("w"), "true"},
      {wide("w"), wide("w") + " AND " + wide("w")},       {wide("w"), wide("w") + " AND " + own("w")},
      {wide("w"), wide("v")},   {"public\".w", "public\".v"}, {"public\".w", "public\".t"}, {"public\".w", "public\".w v"},
      {"'1'::pg_catalog.int8", "1"}, {"\"w\".\"scope\"", "\"scope\""}, {"\"w\".\"x\" OPERATOR(pg_catalog.=) 1", "true"},
      {wide("w"), "(" + wide("w") + " OR \"w\".\"x\" OPERATOR(pg_catalog.=) 4)"},
      {" OR \"w\".\"x\" OPERATOR(pg_catalog.=) 2", ""}, {"=) 'system'", "=) pg_catalog.now()"},
      {"\"w\".\"scope\" OPERATOR(pg_catalog.=) 'system'", "\"w\".\"scope\" IS NOT NULL"}};
  for (const auto& [from, to] : mutations) {
    const auto at = rewritten.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    std::string broken = rewritten;
    broken.replace(at, from.size(), to);
    EXPECT_FALSE(verified(original, broken)) << broken;
  }
}

TEST_F(VerifyReadsTest, OnlyWhereTheRelationIsRead) {
  const std::string place[][2] = {
      {"UPDATE w SET x = 1", "UPDATE \"public\".w SET x = 1 WHERE "},
      {"DELETE FROM w", "DELETE FROM \"public\".w WHERE "},
      {"TRUNCATE w", "DELETE FROM \"public\".w WHERE "},
  };
  for (const auto& [original, rewritten] : place) {
    EXPECT_TRUE(verified(original, rewritten + own("w"))) << rewritten;
    EXPECT_FALSE(verified(original, rewritten + wide("w"))) << rewritten;
  }
  const std::string locked = "SELECT * FROM w, w AS u FOR UPDATE OF u";
  const auto text = [](const std::string& first, const std::string& second) {
    return "SELECT * FROM \"public\".w, \"public\".w AS u WHERE " + first + " AND " + second + " FOR UPDATE OF u";
  };
  EXPECT_TRUE(verified(locked, text(wide("w"), own("u"))));
  EXPECT_FALSE(verified(locked, text(wide("w"), wide("u"))));
  EXPECT_FALSE(verified(locked, text(own("w"), own("u"))));
  const std::string inside = "SELECT * FROM (SELECT * FROM w) s FOR SHARE";
  EXPECT_TRUE(verified(inside, "SELECT * FROM (SELECT * FROM \"public\".w WHERE " + own("w") + ") s FOR SHARE"));
  EXPECT_FALSE(verified(inside, "SELECT * FROM (SELECT * FROM \"public\".w WHERE " + wide("w") + ") s FOR SHARE"));
  const std::string conflict = "INSERT INTO w (id, org_id) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET x = 1";
  const std::string stamped = "INSERT INTO \"public\".w (id, org_id) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET x = 1 WHERE ";
  EXPECT_TRUE(verified(conflict, stamped + own("w")));
  EXPECT_FALSE(verified(conflict, stamped + wide("w")));
}

TEST_F(VerifyReadsTest, ItsTenantColumnProvesNothing) {
  for (const std::string columns : {"id, org_id", "w.id, w.org_id"}) {
    EXPECT_FALSE(verified("INSERT INTO t (id, org_id) SELECT " + columns + " FROM w",
                          "INSERT INTO \"public\".t (id, org_id) SELECT " + columns + " FROM \"public\".w WHERE " + wide("w")));
  }
  EXPECT_FALSE(verified("INSERT INTO w SELECT * FROM w",
                        "INSERT INTO \"public\".w (\"id\", \"org_id\", \"x\", \"scope\") SELECT * FROM \"public\".w WHERE " + wide("w")));
  const std::string merge = "MERGE INTO t USING w ON t.id = w.id WHEN NOT MATCHED THEN INSERT (id, org_id) VALUES (w.id, w.org_id)";
  EXPECT_FALSE(verified(merge, "MERGE INTO \"public\".t USING (SELECT * FROM \"public\".w WHERE " + wide("w") + ") AS \"w\" ON " +
                                   own("t") + " AND (t.id = w.id) WHEN NOT MATCHED THEN INSERT (id, org_id) VALUES (w.id, w.org_id)"));
}

}  // namespace
}  // namespace bulkhead::rewrite
