// The rewriter's own output, damaged in every way a wrong rule or a wrong place would: the verifier accepts the whole and
// refuses each damaged one.

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rewrite/rewriter.h"
#include "rewrite/splice.h"
#include "rewrite/verify.h"

namespace bulkhead::rewrite {
namespace {

constexpr const char* kCatalogue = R"(
version: 150000
relations:
  public.a: { kind: table, columns: { id: int8, org_id: int8, x: int4, y: text } }
  public.b: { kind: table, columns: { id: int8, x: int4, org_id: int8 } }
  public.c: { kind: table, columns: { org_id: int8, id: int8, x: int4 } }
  public.n: { kind: table, columns: { id: int8, org_id: text } }
  other.a: { kind: table, columns: { id: int8, org_id: int8 } }
  public.p: { kind: table, row_security: false, columns: { id: int8, x: int4, org_id: int8 } }
  public.s: { kind: table, columns: { id: int8, name: text } }
  public.w: { kind: table, columns: { id: int8, org_id: int8, x: int4, y: text } }
)";

constexpr const char* kStatements[] = {
    "SELECT * FROM a WHERE x = 1 OR y = 'u'",
    "SELECT a.x, (SELECT max(x) FROM b WHERE b.id = a.id) FROM a, c k WHERE k.id = a.id OR a.x = 2 ORDER BY 1",
    "SELECT * FROM a LEFT JOIN b ON a.id = b.id OR b.x = 1 LEFT JOIN c USING (id) WHERE a.x = 1 OR a.x = 2",
    "SELECT * FROM a RIGHT JOIN (b LEFT JOIN c ON b.id = c.id) ON a.id = b.id OR true",
    "SELECT * FROM a FULL JOIN b ON a.id = b.id, s",
    "SELECT * FROM (a JOIN b ON a.id = b.id) AS j, c",
    "SELECT q.org_id FROM a AS q (org_id, id), b TABLESAMPLE system (50)",
    "WITH a AS (SELECT * FROM a), b AS (SELECT * FROM a) SELECT * FROM a, b, c",
    "WITH RECURSIVE a AS (SELECT id FROM b UNION SELECT a.id FROM a JOIN c ON a.id = c.x) SELECT * FROM a",
    "SELECT * FROM s WHERE id IN (SELECT id FROM a UNION SELECT id FROM b EXCEPT (SELECT id FROM c WHERE x = 1 OR x = 2))",
    "SELECT * FROM a p, LATERAL (SELECT * FROM b WHERE b.id = p.id OR b.x = p.x) q FOR UPDATE OF p",
    "SELECT count(*) FILTER (WHERE EXISTS (SELECT 1 FROM b)) OVER (ORDER BY (SELECT 1 FROM c)) FROM n",
    "TABLE a",
    "INSERT INTO a (id, x) VALUES (1, 2), (3, 4)",
    "INSERT INTO b VALUES (1, 2)",
    "INSERT INTO a DEFAULT VALUES",
    "INSERT INTO a (id, org_id) VALUES (1, DEFAULT), (2, 1)",
    "INSERT INTO a (id) SELECT id FROM b WHERE x = 1 OR x = 2 UNION ALL VALUES (5)",
    "INSERT INTO a AS t (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET x = excluded.x WHERE t.x = 1 OR t.x = 2",
    "UPDATE a SET x = b.x FROM b LEFT JOIN c ON b.id = c.id WHERE a.id = b.id OR true RETURNING a.*",
    "UPDATE a SET (x, y) = (SELECT x, 'u' FROM b LIMIT 1)",
    "DELETE FROM a USING b WHERE a.id = b.id OR b.x = 1",
    "INSERT INTO a (id, org_id) VALUES ($1, $2), ($3, $4::int4) ON CONFLICT (id) DO UPDATE SET org_id = $2",
    "INSERT INTO n (org_id) VALUES ($1) RETURNING $1::text",
    "UPDATE a SET x = 1, org_id = $1 WHERE id = $2",
    "WITH a AS (SELECT 1), d AS (DELETE FROM a RETURNING *) SELECT * FROM d, a",
    "MERGE INTO a USING b ON a.id = b.id OR b.x = 1 WHEN MATCHED AND a.x = 1 THEN UPDATE SET x = b.x WHEN NOT MATCHED THEN "
    "INSERT (id, x) VALUES (b.id, 2)",
    "MERGE INTO a t USING b JOIN c ON b.id = c.id LEFT JOIN n ON n.id = c.id OR true ON t.id = b.id WHEN NOT MATCHED THEN "
    "INSERT (id, org_id) VALUES (1, DEFAULT) WHEN NOT MATCHED AND b.x = 2 THEN INSERT DEFAULT VALUES",
    "MERGE INTO b USING a ON a.id = b.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (a.id, a.x)",
    "MERGE INTO c USING (VALUES (1)) v (id) ON c.id = v.id WHEN NOT MATCHED THEN INSERT VALUES ($1, v.id)",
    "SELECT * FROM w WHERE x = 1 OR y = 'u'",
    "SELECT * FROM a LEFT JOIN w ON a.id = w.id OR w.x = 1",
    "SELECT * FROM w p, a FULL JOIN w q USING (id), LATERAL (SELECT * FROM w WHERE id = p.id OR x = 1) r FOR UPDATE OF p, r",
    "UPDATE w SET x = t.x FROM w t WHERE t.id = w.id OR true",
    "DELETE FROM w USING a, w k WHERE k.id = a.id",
    "INSERT INTO w (id, x) SELECT id, x FROM w ON CONFLICT (id) DO UPDATE SET x = 1",
    "MERGE INTO w USING w v ON v.id = w.id WHEN MATCHED THEN DELETE",
    "COPY w TO STDOUT",
    "EXPLAIN SELECT * FROM a WHERE x = 1 OR y = 'u'",
    "EXPLAIN VERBOSE DELETE FROM b USING a WHERE a.id = b.id OR true",
    "EXPLAIN (ANALYZE OFF, BUFFERS, FORMAT json) INSERT INTO a (id) SELECT id FROM b",
    "TRUNCATE a",
    "TRUNCATE TABLE ONLY a, other.a, b *",
    "BEGIN; UPDATE a SET x = 1; COMMIT",
    "COPY a TO STDOUT",
    "COPY a (x, org_id) TO STDOUT CSV HEADER",
    "COPY n TO STDOUT",
    "COPY (SELECT * FROM a WHERE x = 1 OR x = 2) TO STDOUT",
    "COPY (DELETE FROM b RETURNING *) TO STDOUT",
    "COPY a FROM STDIN",
    "COPY a (x, org_id) FROM STDIN (FORMAT csv, HEADER)",
    "COPY n (id) FROM STDIN BINARY",
    "COPY p FROM STDIN (FORMAT csv, FREEZE, NULL 'x')",
    "COPY p (x) FROM STDIN",
    "COPY p (id) FROM STDIN WHERE id > 5 OR x = 1",
    "COPY a (id, x) FROM STDIN (FORMAT csv) WHERE abs(x) > 5",
    "BEGIN; COPY p (id, org_id) FROM STDIN; COPY c (id) FROM STDIN; UPDATE a SET x = 1; COMMIT",
    "PREPARE p (int) AS SELECT * FROM a, b WHERE a.x = $1 OR b.x = 2",
    "PREPARE p AS INSERT INTO a (id) VALUES ($1)",
    "PREPARE p AS INSERT INTO a (id, org_id) VALUES ($1, $2)",
    "EXECUTE p(pg_try_advisory_lock(1))",
    "UPDATE a SET x = b.x FROM b, LATERAL (SELECT * FROM c) c WHERE CURRENT OF walk RETURNING *",
    "WITH d AS (DELETE FROM a WHERE CURRENT OF walk RETURNING *) SELECT * FROM d",
    "CREATE TEMP TABLE t AS SELECT a.id, b.x FROM a LEFT JOIN b ON a.id = b.id WHERE a.x = 1 OR b.x = 2 WITH NO DATA",
    "SELECT id INTO TEMP t FROM a WHERE x = 1 OR x = 2 UNION SELECT id FROM b",
    "CREATE TEMP TABLE t (LIKE a, LIKE u, n int)",
    "SELECT * FROM t, a WHERE t.id = a.id OR true",
    "INSERT INTO t SELECT id FROM a WHERE x = 1 OR x = 2",
    "INSERT INTO a (id) SELECT id FROM t",
    "UPDATE t SET x = b.x FROM b WHERE b.id = t.id OR true",
    "DELETE FROM a USING t WHERE t.id = a.id OR true",
    "MERGE INTO t USING a ON a.id = t.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (a.id)",
    "DROP TABLE t, pg_temp.u",
    "TRUNCATE t, u",
    "CREATE INDEX ON t (id) WHERE x > 1",
    "ANALYZE t",
    "COPY t TO STDOUT",
    "COPY t (id) FROM STDIN WHERE id > 5",
    "LISTEN c",
    "NOTIFY c, 'x'",
    "UNLISTEN c",
    "SELECT pg_advisory_lock(x), pg_catalog.pg_try_advisory_xact_lock(x, 2) FROM a WHERE pg_notify(y, y) IS NULL",
};

/// COPY FROM into a table with row-level security is for simple queries only.
Protocol protocol_of(std::string_view sql) {
  return sql.starts_with("BEGIN") || sql.find("FROM STDIN") != sql.npos ? Protocol::simple : Protocol::extended;
}

class VerifyMutationTest : public ::testing::TestWithParam<const char*> {
 protected:
  VerifyMutationTest() {
    policy_.tenancy.explain = policy::Explain::shape;
    policy_.tenancy.lock_secret = Secret("a secret of sixteen bytes");
    policy_.tenancy.without_row_security = policy::WithoutRowSecurity::accept;
    policy_.tenancy.temporary_tables = policy::TemporaryTables::allow;
    policy_.tables[{"public", "s"}].access = policy::Access::shared;
    policy_.tables[{"public", "w"}].read = "org_id = :org OR y = 'sys' AND x IN (1, -2) OR id IS NULL";
    tenant_.name = "acme";
    tenant_.org = "1";
    auto catalogue = policy::load_catalogue(kCatalogue);
    EXPECT_TRUE(catalogue);
    catalogue_ = *catalogue;
  }
  Subject subject() const { return {policy_, *catalogue_, tenant_, nullptr}; }

  policy::Policy policy_;
  policy::Tenant tenant_;
  std::shared_ptr<const policy::Catalogue> catalogue_;
};

TEST_P(VerifyMutationTest, EveryDamageIsSeen) {
  const std::string sql = GetParam();
  const Verdict verdict = Rewriter().judge(sql, subject(), protocol_of(sql));
  ASSERT_TRUE(std::holds_alternative<Rewritten>(verdict)) << sql << ": " << std::get<Rejected>(verdict).error.message;
  const Rewritten& rewritten = std::get<Rewritten>(verdict);
  ASSERT_FALSE(rewritten.edits.empty()) << sql;
  const auto whole = verify(sql, rewritten.sql.text(), subject(), rewritten.guards, rewritten.statements);
  ASSERT_TRUE(whole) << sql << "\n" << rewritten.sql.text() << "\n" << whole.error().detail;

  const auto expect_seen = [&](const std::vector<Edit>& edits) {
    const std::string damaged = splice(sql, edits);
    if (damaged == rewritten.sql.text()) return;
    EXPECT_FALSE(verify(sql, damaged, subject(), rewritten.guards, rewritten.statements)) << sql << "\n" << damaged;
  };
  const std::vector<Edit>& edits = rewritten.edits;
  for (std::size_t i = 0; i < edits.size(); ++i) {
    auto damaged = edits;  // an edit forgotten
    damaged.erase(damaged.begin() + static_cast<std::ptrdiff_t>(i));
    expect_seen(damaged);
    for (std::size_t j = i + 1; j < edits.size(); ++j) {  // two in each other's place
      damaged = edits;
      std::swap(damaged[i].text, damaged[j].text);
      expect_seen(damaged);
    }
    const std::pair<std::string, std::string> replacements[] = {
        {"'1'", "'2'"},   {"pg_catalog.=", "pg_catalog.<>"}, {"OPERATOR(pg_catalog.=)", "="}, {" AND (", " OR ("}, {" AND (", " AND NOT ("},
        {"org_id", "id"}, {"\"public\"", "\"other\""},       {"int8", "int4"},                {" COLLATE \"C\"", ""}, {"WHERE ", "WHERE NOT "},
        {"'sys'", "'sy'"}, {"(-2)", "2"},                    {" OR \"", " AND \""},             {"IS NULL", "IS NOT NULL"}, {"\"y\"", "\"x\""},
        {"COSTS OFF", "COSTS"}, {"COSTS OFF", "ANALYZE, COSTS OFF"}, {"COSTS OFF", "COSTS OFF, COSTS ON"}, {"FORMAT json", "FORMAT xml"}, {", VERBOSE", ""},
        {"'-", "'"},      {"pg_temp", "public"}, {"pg_temp", "pg_temp_3"}, {"xor(", "or("},                   {"sha224", "sha256"},            {"channel 1:1:", "channel 1:2:"}, {"int8xor(", "int8xor(1 + "},
    };
    for (const auto& [from, to] : replacements) {
      damaged = edits;
      const auto at = damaged[i].text.find(from);
      if (at == std::string::npos) continue;
      damaged[i].text.replace(at, from.size(), to);
      expect_seen(damaged);
    }
  }
}

TEST_P(VerifyMutationTest, EveryDamageToWhatIsClaimedOfCursorsIsSeen) {
  const std::string sql = GetParam();
  const Verdict verdict = Rewriter().judge(sql, subject(), protocol_of(sql));
  const Rewritten& rewritten = std::get<Rewritten>(verdict);
  for (std::size_t i = 0; i < rewritten.statements.size(); ++i) {
    const auto expect_seen = [&](const Effects& effects) {
      auto claims = rewritten.statements;
      claims[i].effects = effects;
      EXPECT_FALSE(verify(sql, rewritten.sql.text(), subject(), rewritten.guards, claims)) << sql;
    };
    Effects damaged = rewritten.statements[i].effects;
    for (std::string& cursor : damaged.stands_on) cursor += "x";
    if (!damaged.stands_on.empty()) expect_seen(damaged);
    damaged.stands_on = rewritten.statements[i].effects.stands_on;
    damaged.stands_on.push_back("another");
    expect_seen(damaged);
    if (rewritten.statements[i].effects.stands_on.empty()) continue;
    damaged.stands_on.clear();
    expect_seen(damaged);
    damaged.stands_on = rewritten.statements[i].effects.stands_on;
    damaged.own_rows = !sql.starts_with("WITH");  // of what is no SELECT
    if (damaged.own_rows) expect_seen(damaged);
  }
}

TEST_P(VerifyMutationTest, EveryDamageToTheGuardsIsSeen) {
  const std::string sql = GetParam();
  const Verdict verdict = Rewriter().judge(sql, subject(), protocol_of(sql));
  const Rewritten& rewritten = std::get<Rewritten>(verdict);
  const auto expect_seen = [&](const std::vector<ParameterGuard>& guards, const char* what) {
    EXPECT_FALSE(verify(sql, rewritten.sql.text(), subject(), guards, rewritten.statements)) << what << ": " << sql;
  };
  auto more = rewritten.guards;
  more.push_back({9, "int8", "1", "", false});
  expect_seen(more, "one that belongs to nothing");
  for (std::size_t i = 0; i < rewritten.guards.size(); ++i) {
    auto damaged = rewritten.guards;
    damaged.erase(damaged.begin() + static_cast<std::ptrdiff_t>(i));
    expect_seen(damaged, "dropped");
    damaged = rewritten.guards;
    damaged.push_back(damaged[i]);
    expect_seen(damaged, "twice");
    damaged = rewritten.guards;
    damaged[i].parameter += 4;
    expect_seen(damaged, "another parameter");
    damaged = rewritten.guards;
    damaged[i].value = "2";
    expect_seen(damaged, "another organisation");
    damaged = rewritten.guards;
    damaged[i].type = "int2";
    expect_seen(damaged, "another type");
    if (rewritten.guards[i].sole) continue;
    damaged = rewritten.guards;
    damaged[i].sole = true;
    expect_seen(damaged, "said to stand nowhere else");
  }
}

TEST_P(VerifyMutationTest, EveryDamageToTheRowsOfACopyIsSeen) {
  const std::string sql = GetParam();
  const Verdict verdict = Rewriter().judge(sql, subject(), protocol_of(sql));
  const Rewritten& rewritten = std::get<Rewritten>(verdict);
  const auto& claims = rewritten.statements;
  const auto expect_seen = [&](const std::vector<Statement>& damaged, const char* what) {
    EXPECT_FALSE(verify(sql, rewritten.sql.text(), subject(), rewritten.guards, damaged)) << what << ": " << sql;
  };
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (!claims[i].rows) continue;
    const auto expect_change_seen = [&](const char* what, auto change) {
      auto damaged = claims;
      change(*damaged[i].rows);
      expect_seen(damaged, what);
    };
    auto without = claims;
    without[i].rows.reset();
    expect_seen(without, "dropped");
    auto more = claims;
    more.push_back(claims[i]);
    expect_seen(more, "one too many");
    if (i + 1 < claims.size() && !claims[i + 1].rows) {
      auto shifted = claims;
      std::swap(shifted[i].rows, shifted[i + 1].rows);
      expect_seen(shifted, "of another statement");
    }
    expect_change_seen("another organisation", [](CopyRows& r) { r.guard.value = "2"; });
    expect_change_seen("another type", [](CopyRows& r) { r.guard.type = "int2"; });
    expect_change_seen("another column", [](CopyRows& r) { r.shape.tenant = (r.shape.tenant + 1) % r.shape.columns.size(); });
    expect_change_seen("a column less", [](CopyRows& r) { r.shape.columns.pop_back(); });
    expect_change_seen("another delimiter", [](CopyRows& r) { r.shape.format.delimiter = '|'; });
    expect_change_seen("another NULL", [](CopyRows& r) { r.shape.format.null = "?"; });
    expect_change_seen("another header", [](CopyRows& r) { r.shape.format.header = copy::Header::match; });
    expect_change_seen("another format", [](CopyRows& r) {
      r.shape.format.kind = r.shape.format.kind == copy::Kind::csv ? copy::Kind::text : copy::Kind::csv;
    });
    for (const auto client : {copy::Shape::Tenant::missing, copy::Shape::Tenant::supplied, copy::Shape::Tenant::either})
      if (client != claims[i].rows->shape.client)
        expect_change_seen("another say of what the client sends", [client](CopyRows& r) { r.shape.client = client; });
  }
}

INSTANTIATE_TEST_SUITE_P(Statements, VerifyMutationTest, ::testing::ValuesIn(kStatements));

}  // namespace
}  // namespace bulkhead::rewrite
