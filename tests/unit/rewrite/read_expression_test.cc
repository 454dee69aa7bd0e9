#include "rewrite/read_expression.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "policy/load.h"
#include "rewrite/check.h"

namespace bulkhead::rewrite {
namespace {

std::string printed(std::string_view text) {
  const auto expression = ReadExpression::parse(text, "org_id");
  return expression ? expression->condition("a\"b", "'1'::pg_catalog.int8") : "error: " + expression.error().message;
}

TEST(ReadExpressionTest, IsPrintedWithNamesThatMeanOneThing) {
  const std::string own = R"("a""b"."org_id" OPERATOR(pg_catalog.=) '1'::pg_catalog.int8)";
  EXPECT_EQ(printed("org_id = :org OR scope = 'system'"), "(" + own + R"( OR "a""b"."scope" OPERATOR(pg_catalog.=) 'system'))");
  EXPECT_EQ(printed("org_id IN (:org, 0)"), "(" + own + R"( OR "a""b"."org_id" OPERATOR(pg_catalog.=) 0))");
  EXPECT_EQ(printed("\"Shown\" OR :org = org_id"),
            R"(("a""b"."Shown" OR '1'::pg_catalog.int8 OPERATOR(pg_catalog.=) "a""b"."org_id"))");
  EXPECT_EQ(printed("org_id = :org OR NOT (x < -1 AND y <> 1.5) OR z IS NOT NULL OR shown IS NOT FALSE"),
            "(" + own + R"( OR (NOT (("a""b"."x" OPERATOR(pg_catalog.<) (-1) AND "a""b"."y" OPERATOR(pg_catalog.<>) 1.5))) OR )"
            R"("a""b"."z" IS NOT NULL OR "a""b"."shown" IS NOT FALSE))");
  EXPECT_EQ(printed("org_id = :org OR x NOT IN ('it''s', E'a\\\\b')"),
            "(" + own + R"( OR ("a""b"."x" OPERATOR(pg_catalog.<>) 'it''s' AND "a""b"."x" OPERATOR(pg_catalog.<>) 'a\b')))");
  EXPECT_EQ(printed("org_id = :org OR since <= now() AND open = true"),
            "(" + own + R"( OR ("a""b"."since" OPERATOR(pg_catalog.<=) pg_catalog.now() AND "a""b"."open" OPERATOR(pg_catalog.=) true)))");
  EXPECT_EQ(printed("org_id = :org /* their own */ OR scope = ':org' -- and all"),
            "(" + own + R"( OR "a""b"."scope" OPERATOR(pg_catalog.=) ':org'))");
}

TEST(ReadExpressionTest, NamesItsColumnsOnce) {
  const auto expression = ReadExpression::parse("org_id = :org OR a = b AND (a IS NULL OR c)", "org_id");
  ASSERT_TRUE(expression);
  EXPECT_EQ(expression->columns(), (std::vector<std::string>{"org_id", "a", "b", "c"}));
}

/// What fault_for() says of "org_id = :org OR `condition`", on a table with a column of every type that matters, called like it.
std::string fault(const std::string& condition) {
  const auto expression = ReadExpression::parse("org_id = :org OR " + condition, "org_id");
  if (!expression) return "error: " + expression.error().message;
  policy::Relation relation;
  for (const char* type : {"int8", "numeric", "float8", "text", "bpchar", "bool", "uuid", "date", "timestamp", "timestamptz", "time", "timetz",
                           "interval", "money", "_date", "daterange", "inet"})
    relation.columns.push_back({type, "pg_catalog", type});
  relation.columns.push_back({"org_id", "pg_catalog", "int8"});
  relation.columns.push_back({"mood", "public", "mood"});
  for (std::size_t i = 0; i < relation.columns.size(); ++i) relation.columns_by_name.push_back(static_cast<std::uint16_t>(i));
  std::sort(relation.columns_by_name.begin(), relation.columns_by_name.end(),
            [&](auto a, auto b) { return relation.columns[a].name < relation.columns[b].name; });
  return expression->fault_for(relation);
}

TEST(ReadExpressionTest, MeansTheSameUnderEverySetting) {
  for (const char* condition :
       {"timestamptz <= now()", "now() > timestamptz", "int8 = 1", "numeric < '1.5'", "float8 > 1e3", "text = '01/02/2024'", "bpchar IN ('a', 'b')",
        "bool", "bool = 'yes'", "uuid = '00000000-0000-0000-0000-000000000001'", "date < '2024-02-01'", "'2024-02-01' > date",
        "timestamp < '2024-02-01'", "timestamp < '2024-02-01 10:00'", "timestamp < '2024-02-01T10:00:00.25'",
        "timestamptz < '2024-02-01 10:00Z'", "timestamptz < '2024-02-01 10:00:00.5+02'", "timestamptz IN ('2024-02-01T10:00-02:30')",
        "date < timestamp", "timestamp = timestamp", "timestamptz > timestamptz", "mood = 'glad'", "money IS NULL", "interval = interval"})
    EXPECT_EQ(fault(condition), "") << condition;
  for (const auto& [condition, why] : {std::pair("timestamp <= now()", "now() is compared with timestamptz columns only: column \"timestamp\""),
                                       std::pair("date IN (now())", "now() is compared"), std::pair("text <= now()", "now() is compared"),
                                       std::pair("date < '01/02/2024'", "write it as 'YYYY-MM-DD'"), std::pair("date < 'today'", "write it"),
                                       std::pair("date < '2024-02-01 '", "write it"), std::pair("date IN ('2024-02-01', '2.1.2024')", "write it"),
                                       std::pair("timestamp < '24-02-01'", "write it"), std::pair("timestamp < '2024-02-01 10:00+02'", "write it"),
                                       std::pair("timestamp < '2024-02-01 10:00:00.'", "write it"), std::pair("timestamp < '2024-02-01 '", "write it"),
                                       std::pair("timestamptz < '2024-02-01'", "write it as 'YYYY-MM-DD HH:MM:SS+00'"),
                                       std::pair("timestamptz < '2024-02-01 10:00'", "write it"),
                                       std::pair("timestamptz < '2024-02-01 10:00 CET'", "write it"), std::pair("timestamptz < 'now'", "write it"),
                                       std::pair("time > '10:00'", "another meaning"), std::pair("interval > '1 2'", "another meaning"),
                                       std::pair("money > '1,5'", "another meaning"), std::pair("_date = '{1/2/2024}'", "another meaning"),
                                       std::pair("daterange = '[1/2/2024,)'", "another meaning"), std::pair("mood = '(1/2/2024)'", "another meaning"),
                                       std::pair("date < timestamptz", "by the client's time zone"), std::pair("timestamptz > timestamp", "by the client's"),
                                       std::pair("time <> timetz", "by the client's"), std::pair("nosuch", "the table has no column \"nosuch\"")})
    EXPECT_NE(fault(condition).find(why), std::string::npos) << condition << ": " << fault(condition);
}

struct Wrong {
  const char* text;
  const char* message;
  int position;
};

class ReadExpressionIsRefused : public ::testing::TestWithParam<Wrong> {};

TEST_P(ReadExpressionIsRefused, WithItsPlace) {
  const auto expression = ReadExpression::parse(GetParam().text, "org_id");
  ASSERT_FALSE(expression) << GetParam().text << "\n" << expression->condition("t", "1");
  EXPECT_NE(expression.error().message.find(GetParam().message), std::string::npos)
      << GetParam().text << ": " << expression.error().message;
  EXPECT_EQ(expression.error().position, GetParam().position) << GetParam().text << ": " << expression.error().message;
}

constexpr const char* kOwnFirst = "expected \"org_id\" = :org OR …";

INSTANTIATE_TEST_SUITE_P(
    Texts, ReadExpressionIsRefused,
    ::testing::Values(
        Wrong{"org_id = :org OR", "syntax error", 17}, Wrong{"org_id == :org", "found an operator", 1},
        Wrong{"true", "expected comparisons", 1}, Wrong{"scope = 'system'", kOwnFirst, 0},
        Wrong{"org_id = :org", kOwnFirst, 0}, Wrong{"org_id IN (:org)", kOwnFirst, 0},
        Wrong{"org_id = :org AND scope = 'x'", kOwnFirst, 0}, Wrong{"org_id <> :org OR a", kOwnFirst, 0},
        Wrong{"NOT (org_id = :org OR a)", kOwnFirst, 0}, Wrong{"owner = :org OR a", kOwnFirst, 0},
        Wrong{"org_id = :org OR true", "expected comparisons", 18}, Wrong{"org_id = :org OR 1 = 1", "a comparison without a column", 18},
        Wrong{"org_id = :org OR id IN (SELECT id FROM t)", "found a subquery", 18},
        Wrong{"org_id = :org OR x = (SELECT 1)", "found a subquery", 22},
        Wrong{"org_id = :org OR EXISTS (SELECT 1)", "found a subquery", 18},
        Wrong{"org_id = :org OR set_config('app.org_id', '2', false) = a", "found a call", 18},
        Wrong{"org_id = :org OR a = now(1)", "found a call", 22}, Wrong{"org_id = :org OR a = evil.now()", "found a call", 22},
        Wrong{"org_id = :org OR a::int = 1", "found a cast", 18}, Wrong{"org_id = :org OR a + 1 = 2", "expected comparisons", 18},
        Wrong{"org_id = :org OR a OPERATOR(public.=) 1", "found an operator", 18},
        Wrong{"org_id = :org OR a LIKE 'x'", "found an operator", 18}, Wrong{"org_id = :org OR a BETWEEN 1 AND 2", "found an operator", 18},
        Wrong{"org_id = :org OR a IS DISTINCT FROM 1", "found an operator", 18}, Wrong{"org_id = :org OR a = ANY ('{1}')", "found an operator", 18},
        Wrong{"org_id = :org OR t.a = 1", "the name of a column", 18}, Wrong{"org_id = :org OR (a).b = 1", "expected comparisons", 19},
        Wrong{"org_id = :org OR a[1] = 1", "expected comparisons", 18}, Wrong{"org_id = :org OR a = NULL", "IS NULL", 22},
        Wrong{"org_id = :org OR a = $1", "found $1, expected :org", 22}, Wrong{"org_id = :orga OR a", "syntax error", 10},
        Wrong{"org_id = :org OR a; DROP TABLE t", "syntax error", 19}, Wrong{"org_id = :org) OR (a", "closes nothing", 14},
        Wrong{"org_id = :org OR a) ORDER BY (a", "closes nothing", 19}, Wrong{"org_id = :org OR a UNION SELECT 1", "syntax error", 20},
        Wrong{"org_id = :org OR a COLLATE \"C\" = 'x'", "expected comparisons", 18}, Wrong{"", "syntax error", 1},
        Wrong{"org_id = :org OR ((((((((((((((((((((a)))))))))))))))))))))", "closes nothing", 59},
        Wrong{"org_id = :org OR (((((((((((((((((((((a)))))))))))))))))))))", "nested", 38},
        Wrong{"org_id = :org OR CASE WHEN a THEN b END", "expected comparisons", 18}));

TEST(CheckPolicyTest, FindsWhatIsWrongWithTheSqlOfAPolicy) {
  const auto loaded = policy::load(R"(version: 1
servers: { main: { hosts: [127.0.0.1], database: d, login: { user: u } } }
tenants: { a: { org: 1 } }
users: { u: { tenant: a, password: { plain: x } } }
tables:
  public.z: { read: "org_id = :org OR x =" }
  public.fine: { read: "org_id = :org OR x = 1" }
  public.gone:
    read: org_id = :org OR x = 1
  public.other: { column: owner, read: "org_id = :org OR x = 1" }
)", "f", "/");
  ASSERT_TRUE(loaded.policy) << policy::describe("f", loaded.findings);
  EXPECT_TRUE(has_sql(*loaded.policy));
  const auto without = policy::describe("f", check_policy(*loaded.policy));
  EXPECT_EQ(without, "f:6:21: tables.\"public.z\".read: syntax error at or near \")\", at character 21 of it\n"
                     "f:10:40: tables.\"public.other\".read: expected \"owner\" = :org OR …: the organisation's own rows and others\n");
  const auto catalogue = policy::load_catalogue(
      "version: 150000\nrelations:\n  public.fine: { kind: table, columns: { org_id: int8, y: int8 } }\n");
  ASSERT_TRUE(catalogue);
  const auto with = policy::describe("f", check_policy(*loaded.policy, catalogue->get()));
  EXPECT_NE(with.find("f:7:24: tables.\"public.fine\".read: the table has no column \"x\"\n"
                      "f:9:11: tables.\"public.gone\".read: the database has no such table\n"),
            std::string::npos)
      << with;
}

TEST(CheckPolicyTest, FindsLinesThatContradictEachOther) {
  const auto loaded = policy::load(R"(version: 1
servers: { main: { hosts: [127.0.0.1], database: d, login: { user: u } } }
tenants: { a: { org: 1 } }
users: { u: { tenant: a, password: { plain: x } } }
tenancy: { column: org_id, session_variable: app.org_id }
tables:
  public.template: { access: shared }
  public.by_account:
    column: account_id
  public.ledger_1: { column: account_id }
)", "f", "/");
  ASSERT_TRUE(loaded.policy) << policy::describe("f", loaded.findings);
  const auto catalogue = policy::load_catalogue(R"(
version: 150000
relations:
  public.template: { kind: table, columns: { id: int8 } }
  public.draft: { kind: table, columns: { id: int8, org_id: int8 } }
  public.draft_template: { kind: table, parents: [public.template, public.draft], columns: { id: int8, org_id: int8 } }
  public.by_account: { kind: table, columns: { account_id: int8, org_id: int8 } }
  public.account_1: { kind: table, parents: [public.by_account], columns: { account_id: int8, org_id: int8 } }
  public.ledger: { kind: partitioned, columns: { account_id: int8, org_id: int8 } }
  public.ledger_1: { kind: table, parents: [public.ledger], columns: { account_id: int8, org_id: int8 } }
)");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_EQ(policy::describe("f", check_policy(*loaded.policy)), "");
  EXPECT_EQ(policy::describe("f", check_policy(*loaded.policy, catalogue->get())),
            "f:7:1: tables: relation \"public.draft_template\" has no line, and its parents do not agree: \"public.template\" is shared, "
            "\"public.draft\" has the tenant column \"org_id\"\n"
            "f:7:1: tables: relation \"public.template\" is shared, but its child \"public.draft_template\" has the tenant column \"org_id\"\n"
            "f:10:1: tables: relation \"public.ledger\" has the tenant column \"org_id\", but its child \"public.ledger_1\" has the tenant "
            "column \"account_id\"\n"
            "f:10:1: tables: relation \"public.ledger_1\" has the tenant column \"account_id\", but its parent \"public.ledger\" has the "
            "tenant column \"org_id\"\n");
}

}  // namespace
}  // namespace bulkhead::rewrite
