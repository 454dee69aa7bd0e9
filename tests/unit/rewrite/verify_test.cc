#include "rewrite/verify.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace bulkhead::rewrite {
namespace {

constexpr const char* kCatalogue = R"(
version: 150000
relations:
  public.t: { kind: table, columns: { id: int8, org_id: int8, x: int4, y: text } }
  public.u: { kind: table, columns: { id: int8, x: int4, org_id: int8 } }
  public.v: { kind: table, columns: { org_id: int8, id: int8 } }
  public.notes: { kind: table, columns: { id: int8, org_id: text } }
  public.blobs: { kind: table, columns: { id: int8, org_id: uuid } }
  public.memberships: { kind: table, columns: { org_id: int4, organisation_id: int8, x: int4 } }
  public.t_2024: { kind: table, parents: [public.t], columns: { id: int8, org_id: int8, x: int4, y: text } }
  other.t: { kind: table, columns: { id: int8, org_id: int8 } }
  public.countries: { kind: table, columns: { id: int8, name: text } }
  public.hidden: { kind: table, columns: { id: int8, org_id: int8 } }
  public.unlisted: { kind: table, columns: { id: int8 } }
  public.w: { kind: view, security_invoker: true, columns: { id: int8, org_id: int8 } }
  public.template: { kind: table, columns: { id: int8 } }
  public.draft: { kind: table, parents: [public.template, public.u], columns: { id: int8, x: int4, org_id: int8 } }
  public.template_1: { kind: table, parents: [public.template], columns: { id: int8 } }
  public.regions: { kind: partitioned, columns: { id: int8, org_id: int8 } }
  public.regions_1: { kind: table, parents: [public.regions], columns: { id: int8, org_id: int8 } }
  public.base: { kind: table, columns: { id: int8 } }
  public.on_base: { kind: table, parents: [public.base], columns: { id: int8, org_id: int8 } }
  public.of_base_and_regions: { kind: table, parents: [public.base, public.regions], columns: { id: int8, org_id: int8 } }
  public.by_account: { kind: table, columns: { account_id: int8 } }
  public.by_org: { kind: table, columns: { id: int8, org_id: int8 } }
  public.by_both: { kind: table, parents: [public.by_account, public.by_org], columns: { account_id: int8, id: int8, org_id: int8 } }
  public.ledger: { kind: partitioned, columns: { id: int8, org_id: int8, account_id: int8 } }
  public.ledger_1: { kind: table, parents: [public.ledger], columns: { id: int8, org_id: int8, account_id: int8 } }
  public.ledger_2: { kind: table, parents: [public.ledger], columns: { id: int8, org_id: int8, account_id: int8 } }
  public.letters: { kind: partitioned, columns: { id: int8, org_id: int8 } }
  public.letters_1: { kind: table, parents: [public.letters], columns: { id: int8, org_id: int8 } }
  public.skills: { kind: partitioned, columns: { id: int8, org_id: int8 } }
  public.skills_1: { kind: table, parents: [public.skills], columns: { id: int8, org_id: int8 } }
functions: [public.all_of_t, other.f, public.leak, public.y]
extension_functions: [public.max]
types: [public.leakdom]
operators: ['public."~>"', 'other."+"', 'public."<="']
extension_operators: ['public."<->"']
)";

class VerifyTest : public ::testing::Test {
 protected:
  VerifyTest() {
    policy_.tenancy.column = "org_id";
    policy_.tenancy.search_path = {"public"};
    policy_.tables[{"public", "countries"}].access = policy::Access::shared;
    policy_.functions = {{"public", "all_of_t"}, {"other", "f"}};
    policy_.tables[{"public", "hidden"}].access = policy::Access::none;
    policy_.tables[{"public", "w"}].without_row_security = policy::WithoutRowSecurity::accept;
    policy_.tables[{"public", "memberships"}].column = "organisation_id";
    policy_.tables[{"public", "template"}].access = policy::Access::shared;
    policy_.tables[{"public", "regions"}].access = policy::Access::shared;
    policy_.tables[{"public", "letters_1"}].access = policy::Access::shared;
    policy_.tables[{"public", "by_account"}].column = "account_id";
    policy_.tables[{"public", "ledger_1"}].column = "account_id";
    policy_.tables[{"public", "skills"}].read = "org_id = :org OR id = 1";
    policy_.tables[{"public", "skills_1"}].without_row_security = policy::WithoutRowSecurity::accept;
    tenant_.name = "acme";
    tenant_.org = "1";
    auto catalogue = policy::load_catalogue(kCatalogue);
    EXPECT_TRUE(catalogue) << (catalogue ? "" : catalogue.error().message);
    catalogue_ = *catalogue;
  }
  Result<void> judge(const std::string& original, const std::string& rewritten) const {
    return verify(original, rewritten, Subject{policy_, *catalogue_, tenant_, role_}, guards_);
  }
  void accept(const std::string& original, const std::string& rewritten) const {
    const auto result = judge(original, rewritten);
    EXPECT_TRUE(result) << original << "\n" << rewritten << "\n" << result.error().detail;
  }
  void refuse(const std::string& original, const std::string& rewritten) const {
    const auto result = judge(original, rewritten);
    ASSERT_FALSE(result) << original << "\n" << rewritten;
    // Not by accident: both texts must parse.
    EXPECT_EQ(result.error().detail.find(" text: "), std::string::npos) << rewritten << "\n" << result.error().detail;
  }
  /// `rewritten` is right; with `from` replaced by `to` (the first time) it must be refused.
  void mutate(const std::string& original, const std::string& rewritten,
              const std::vector<std::pair<std::string, std::string>>& mutations) const {
    accept(original, rewritten);
    for (const auto& [from, to] : mutations) {
      const auto at = rewritten.find(from);
      ASSERT_NE(at, std::string::npos) << from << " is not in " << rewritten;
      std::string broken = rewritten;
      broken.replace(at, from.size(), to);
      refuse(original, broken);
    }
  }

  /// A text of the client's own in which nothing is to be confined.
  void same(bool right, const std::string& text) const { right ? accept(text, text) : refuse(text, text); }

  std::vector<ParameterGuard> guards_;
  const policy::Role* role_ = nullptr;
  policy::Policy policy_;
  policy::Tenant tenant_;
  std::shared_ptr<const policy::Catalogue> catalogue_;
};

/// "NAME".org_id = tenant 1.
std::string P(const std::string& name) {
  return "\"" + name + "\".\"org_id\" OPERATOR(pg_catalog.=) '1'::pg_catalog.int8";
}
const std::string kStamp = "'1'::pg_catalog.int8";

TEST_F(VerifyTest, PgClassAsAWholeIsReadWithoutItsCounts) {
  const std::string without = "(SELECT oid, 0::pg_catalog.int4 AS relpages FROM pg_catalog.pg_class)";
  accept("SELECT * FROM pg_class", "SELECT * FROM " + without + " AS \"pg_class\"");
  accept("SELECT row_to_json(c) FROM pg_class c, t WHERE false",
         "SELECT row_to_json(c) FROM " + without + " c, public.t WHERE t.org_id OPERATOR(pg_catalog.=) '1'::pg_catalog.int8 AND (false)");
  accept("WITH pg_class AS (SELECT 1) SELECT * FROM pg_class", "WITH pg_class AS (SELECT 1) SELECT * FROM pg_class");
  for (const char* same : {"SELECT * FROM pg_class", "TABLE pg_class", "SELECT c.* FROM pg_catalog.pg_class c", "SELECT to_json(c) FROM pg_class c",
                           "SELECT * FROM pg_type JOIN pg_class ON true", "SELECT (SELECT c) FROM pg_class c",
                           "SELECT (SELECT c FROM pg_catalog.pg_class) FROM pg_class c", "SELECT * FROM pg_class TABLESAMPLE system (9)"})
    refuse(same, same);
  for (const char* other : {"(SELECT oid, relpages FROM pg_catalog.pg_class)", "(SELECT * FROM pg_catalog.pg_class)", "(SELECT oid FROM pg_class)",
                            "(SELECT oid, relpages + 0 AS relpages FROM pg_catalog.pg_class)", "(SELECT pg_class FROM pg_catalog.pg_class)",
                            "(SELECT reltuples AS oid FROM pg_catalog.pg_class)", "(SELECT oid FROM pg_catalog.pg_class ORDER BY relpages)",
                            "(SELECT oid FROM pg_catalog.pg_class WHERE relpages > 3)", "(SELECT oid FROM pg_catalog.pg_class LIMIT 1)",
                            "(SELECT oid FROM pg_catalog.pg_type)", "(SELECT oid FROM public.t)"})
    refuse("SELECT c.* FROM pg_class c", std::string("SELECT c.* FROM ") + other + " c");
  refuse("SELECT c.* FROM pg_class c", "SELECT c.* FROM " + without + " d");
  refuse("SELECT c.*, d.* FROM pg_class c, pg_class d", "SELECT c.*, d.* FROM " + without + " c, pg_class d");
  refuse("SELECT c.* FROM pg_type c", "SELECT c.* FROM " + without + " c");
}

TEST_F(VerifyTest, WhereOfASelect) {
  mutate("SELECT * FROM t WHERE x = 1 OR y = 'a'", "SELECT * FROM \"public\".t WHERE " + P("t") + " AND (x = 1 OR y = 'a')",
         {
             {" WHERE " + P("t") + " AND (x = 1 OR y = 'a')", " WHERE x = 1 OR y = 'a'"},  // dropped edit
             {"(x = 1 OR y = 'a')", "x = 1 OR y = 'a'"},                                 // dropped parentheses
             {"'1'::", "'2'::"},                                                         // another organisation
             {"'1'::", "'1 '::"},
             {"int8", "int4"},
             {"pg_catalog.int8", "int8"},
             {"pg_catalog.int8", "public.int8"},
             {"::pg_catalog.int8", ""},
             {"OPERATOR(pg_catalog.=)", "="},
             {"OPERATOR(pg_catalog.=)", "OPERATOR(public.=)"},
             {"OPERATOR(pg_catalog.=)", "OPERATOR(pg_catalog.<>)"},
             {"OPERATOR(pg_catalog.=)", "OPERATOR(pg_catalog.>=)"},
             {"\"org_id\"", "\"id\""},
             {"\"t\".\"org_id\"", "\"org_id\""},
             {"\"t\".\"org_id\"", "\"u\".\"org_id\""},
             {"\"t\".\"org_id\"", "\"public\".\"t\".\"org_id\""},
             {"\"public\".t", "t"},         // unqualified
             {"\"public\".t", "other.t"},   // another schema
             {"\"public\".t", "\"public\".u"},
             {" AND (", " OR ("},
             {" AND (", " AND NOT ("},
             {"WHERE ", "WHERE NOT "},
             {P("t"), P("t") + " AND " + P("t")},     // twice
             {P("t"), "true"},
             {"x = 1", "x = 2"},
             {"x = 1", "x <> 1"},
             {"y = 'a'", "y = 'A'"},
             {"SELECT *", "SELECT x"},
             {"SELECT *", "SELECT DISTINCT *"},
             {"'a')", "'a') LIMIT 1"},
             {"'a')", "'a') FOR UPDATE"},
             {"'a')", "'a'); SELECT 1"},
             {"\"public\".t", "ONLY \"public\".t"},
             {"\"public\".t", "\"public\".t AS t"},
         });
  accept("SELECT * FROM t", "SELECT * FROM \"public\".t WHERE " + P("t"));
  accept("SELECT * FROM public.t a", "SELECT * FROM public.t a WHERE " + P("a"));
  accept("TABLE t", "SELECT * FROM \"public\".t WHERE " + P("t"));
  accept("SELECT /* c */ 1 FROM t -- c", "SELECT /* c */ 1 FROM \"public\".t WHERE " + P("t") + " -- c");
  refuse("SELECT * FROM t", "SELECT * FROM t");
  refuse("SELECT * FROM t", "SELECT * FROM \"public\".t");
  refuse("SELECT * FROM t", "SELECT * FROM t WHERE " + P("t"));
}

TEST_F(VerifyTest, TheClientsOwnConditionsDoNotCount) {
  const std::string own = "SELECT * FROM public.t WHERE " + P("t");
  refuse(own, own);
  accept(own, "SELECT * FROM public.t WHERE " + P("t") + " AND (" + P("t") + ")");
  accept(own + " AND x = 1", "SELECT * FROM public.t WHERE " + P("t") + " AND (" + P("t") + " AND x = 1)");
  accept("SELECT * FROM public.t WHERE " + P("t") + " OR true",
         "SELECT * FROM public.t WHERE " + P("t") + " AND (" + P("t") + " OR true)");
  refuse("SELECT * FROM public.t WHERE x = 1 AND y = 'a'", "SELECT * FROM public.t WHERE x = 1 AND y = 'a'");
}

TEST_F(VerifyTest, TypesOfTheTenantColumn) {
  const std::string text = "\"notes\".\"org_id\" OPERATOR(pg_catalog.=) '1'::pg_catalog.text COLLATE \"C\"";
  mutate("SELECT 1 FROM notes", "SELECT 1 FROM \"public\".notes WHERE " + text,
         {{" COLLATE \"C\"", ""}, {"\"C\"", "\"de\""}, {"\"C\"", "public.\"C\""}, {"pg_catalog.text", "pg_catalog.int8"}});
  accept("SELECT 1 FROM blobs",
         "SELECT 1 FROM public.blobs WHERE \"blobs\".org_id OPERATOR(pg_catalog.=) '1'::pg_catalog.uuid");
  accept("SELECT 1 FROM memberships",
         "SELECT 1 FROM public.memberships WHERE \"memberships\".\"organisation_id\" OPERATOR(pg_catalog.=) " + kStamp);
  refuse("SELECT 1 FROM memberships", "SELECT 1 FROM public.memberships WHERE " + P("memberships"));
  refuse("SELECT 1 FROM t", "SELECT 1 FROM public.t WHERE " + P("t") + " COLLATE \"C\"");
  refuse("SELECT 1 FROM t", "SELECT 1 FROM public.t WHERE \"t\".org_id OPERATOR(pg_catalog.=) '1'::pg_catalog.int8[]");
  refuse("SELECT 1 FROM t", "SELECT 1 FROM public.t WHERE \"t\".org_id OPERATOR(pg_catalog.=) 1::pg_catalog.int8");
}

TEST_F(VerifyTest, OtherRelations) {
  refuse("SELECT * FROM countries", "SELECT * FROM countries");
  accept("SELECT * FROM countries", "SELECT * FROM \"public\".countries");
  accept("SELECT * FROM pg_type", "SELECT * FROM pg_type");
  accept("SELECT oid FROM pg_catalog.pg_class", "SELECT oid FROM pg_catalog.pg_class");
  accept("SELECT * FROM information_schema.tables", "SELECT * FROM information_schema.tables");
  accept("SELECT * FROM t_2024", "SELECT * FROM public.t_2024 WHERE " + P("t_2024"));
  for (const std::string name : {"hidden", "public.hidden", "unlisted", "missing", "public.missing", "pg_temp.t",
                                 "pg_toast.x", "db.public.t"})
    refuse("SELECT * FROM " + name, "SELECT * FROM " + name);
  refuse("SELECT * FROM t_2024", "SELECT * FROM public.t_2024");
  refuse("SELECT * FROM countries", "SELECT * FROM public.countries WHERE " + P("countries"));
  refuse("SELECT * FROM countries", "SELECT * FROM other.countries");
}

TEST_F(VerifyTest, WhatLinesSayOfAncestorsHoldsForARow) {
  const auto reads = [this](bool right, const std::string& name, const std::string& condition) {
    const std::string original = "SELECT * FROM " + name, rewritten = "SELECT * FROM public." + name + condition;
    right ? accept(original, rewritten) : refuse(original, rewritten);
  };
  const std::string by_account = "\"account_id\" OPERATOR(pg_catalog.=) '1'::pg_catalog.int8";
  for (const std::string none : {"", " WHERE "}) {
    const auto own = [&](const std::string& name) { return none.empty() ? none : none + P(name); };
    reads(false, "draft", own("draft"));         // everybody's, or the tenant's
    reads(false, "template", own("template"));  // draft is its child
    reads(false, "of_base_and_regions", own("of_base_and_regions"));
    reads(none.empty(), "template_1", own("template_1"));
    reads(!none.empty(), "on_base", own("on_base"));
    reads(!none.empty(), "u", own("u"));
    reads(false, "by_org", own("by_org"));
    reads(false, "ledger", own("ledger"));
    reads(!none.empty(), "ledger_2", own("ledger_2"));
    reads(false, "letters_1", own("letters_1"));
    reads(!none.empty(), "letters", own("letters"));
    reads(false, "skills_1", own("skills_1"));
  }
  reads(false, "by_account", " WHERE \"by_account\"." + by_account);
  reads(false, "ledger_1", " WHERE \"ledger_1\"." + by_account);
  refuse("INSERT INTO by_both (id, org_id) VALUES (1, 2)", "INSERT INTO public.by_both (id, org_id, \"account_id\") VALUES (1, 2, " + kStamp + ")");
  refuse("INSERT INTO by_both (id) VALUES (1)", "INSERT INTO public.by_both (id, \"org_id\") VALUES (1, " + kStamp + ")");
}

TEST_F(VerifyTest, RowsThatAreNotTheTenantsAreNotLocked) {
  accept("SELECT * FROM w", "SELECT * FROM public.w WHERE " + P("w"));
  refuse("SELECT * FROM w FOR UPDATE", "SELECT * FROM public.w WHERE " + P("w") + " FOR UPDATE");
  refuse("SELECT * FROM t, (SELECT * FROM w) q FOR SHARE",
         "SELECT * FROM public.t, (SELECT * FROM public.w WHERE " + P("w") + ") q WHERE " + P("t") + " FOR SHARE");
  accept("SELECT * FROM t, w FOR UPDATE OF t", "SELECT * FROM public.t, public.w WHERE " + P("t") + " AND " + P("w") + " FOR UPDATE OF t");
  accept("SELECT * FROM t, countries FOR UPDATE OF t", "SELECT * FROM public.t, public.countries WHERE " + P("t") + " FOR UPDATE OF t");
  refuse("SELECT * FROM t, countries FOR UPDATE", "SELECT * FROM public.t, public.countries WHERE " + P("t") + " FOR UPDATE");
  refuse("SELECT * FROM pg_class FOR UPDATE", "SELECT * FROM pg_class FOR UPDATE");
}

TEST_F(VerifyTest, EverySubqueryIsALevelOfItsOwn) {
  mutate("SELECT (SELECT max(x) FROM t) FROM countries WHERE EXISTS (SELECT 1 FROM u WHERE u.x = countries.id)",
         "SELECT (SELECT max(x) FROM \"public\".t WHERE " + P("t") +
             ") FROM public.countries WHERE EXISTS (SELECT 1 FROM \"public\".u WHERE " + P("u") + " AND (u.x = countries.id))",
         {{" WHERE " + P("t"), ""}, {P("u") + " AND ", ""}, {P("u"), P("t")}});
  // The inner predicate does not help the outer relation of the same name, nor the other way round.
  refuse("SELECT * FROM t WHERE x IN (SELECT x FROM t)",
         "SELECT * FROM public.t WHERE x IN (SELECT x FROM public.t WHERE " + P("t") + ")");
  refuse("SELECT * FROM t WHERE x IN (SELECT x FROM t)",
         "SELECT * FROM public.t WHERE " + P("t") + " AND (x IN (SELECT x FROM public.t))");
  refuse("SELECT * FROM t, LATERAL (SELECT 1 FROM u) q",
         "SELECT * FROM public.t, LATERAL (SELECT 1 FROM public.u) q WHERE " + P("t") + " AND " + P("u"));
  for (const std::string odd :
       {"SELECT 1 LIMIT (@)", "SELECT 1 ORDER BY (@)", "VALUES (1), ((@))", "SELECT sum(x) OVER (ORDER BY (@)) FROM public.countries",
        "SELECT sum(id) FILTER (WHERE (@) = 1) FROM public.countries", "SELECT * FROM public.countries TABLESAMPLE system ((@))",
        "SELECT * FROM generate_series(1, (@)) g", "SELECT * FROM ROWS FROM (abs((@)), abs(1)) r",
        "SELECT 1 GROUP BY (@)", "SELECT 1 HAVING (@) = 1", "SELECT ARRAY[(@)]", "SELECT (ARRAY[1])[(@)]",
        "SELECT CASE WHEN (@) = 1 THEN 1 END", "SELECT * FROM (SELECT (@)) q", "SELECT 1 UNION (@)", "WITH c AS (@) TABLE c"}) {
    const auto with = [&](const std::string& query) {
      std::string sql = odd;
      return sql.replace(sql.find('@'), 1, query);
    };
    accept(with("SELECT x FROM t"), with("SELECT x FROM public.t WHERE " + P("t")));
    refuse(with("SELECT x FROM t"), with("SELECT x FROM public.t"));
    refuse(with("SELECT x FROM public.t"), with("SELECT x FROM public.t"));
  }
}

TEST_F(VerifyTest, JoinsDecideThePlace) {
  mutate("SELECT * FROM t JOIN u ON t.id = u.id, v WHERE v.id = 1",
         "SELECT * FROM \"public\".t JOIN \"public\".u ON t.id = u.id, \"public\".v WHERE " + P("t") + " AND " + P("u") + " AND " +
             P("v") + " AND (v.id = 1)",
         {{P("u") + " AND ", ""}, {P("v") + " AND ", ""}, {P("v"), P("u")}});
  const std::string left = "SELECT * FROM \"public\".t LEFT JOIN \"public\".u ON " + P("u") + " AND (t.id = u.id) WHERE " + P("t");
  mutate("SELECT * FROM t LEFT JOIN u ON t.id = u.id", left,
         {
             {P("u") + " AND (t.id = u.id)", P("t") + " AND (t.id = u.id)"},
             {P("u") + " AND (t.id = u.id)", "t.id = u.id"},
             {"LEFT JOIN", "RIGHT JOIN"},
             {"LEFT JOIN", "JOIN"},
             {"LEFT JOIN", "FULL JOIN"},
             {" WHERE " + P("t"), ""},
         });
  // The nullable side in WHERE turns the outer join into an inner one; the preserved side in ON does not filter it.
  refuse("SELECT * FROM t LEFT JOIN u ON t.id = u.id",
         "SELECT * FROM public.t LEFT JOIN public.u ON t.id = u.id WHERE " + P("t") + " AND " + P("u"));
  refuse("SELECT * FROM t LEFT JOIN u ON t.id = u.id",
         "SELECT * FROM public.t LEFT JOIN public.u ON " + P("t") + " AND " + P("u") + " AND (t.id = u.id)");
  refuse("SELECT * FROM t LEFT JOIN u ON t.id = u.id", left + " AND " + P("u"));
  accept("SELECT * FROM t RIGHT JOIN u ON t.id = u.id",
         "SELECT * FROM public.t RIGHT JOIN public.u ON " + P("t") + " AND (t.id = u.id) WHERE " + P("u"));
  // Nested: b is inner to the join on the nullable side, c nullable below it.
  mutate("SELECT * FROM t a LEFT JOIN (u b LEFT JOIN v c ON b.id = c.id) ON a.id = b.id",
         "SELECT * FROM public.t a LEFT JOIN (public.u b LEFT JOIN public.v c ON " + P("c") + " AND (b.id = c.id)) ON " + P("b") +
             " AND (a.id = b.id) WHERE " + P("a"),
         {{P("c") + " AND (b.id = c.id)", P("b") + " AND " + P("c") + " AND (b.id = c.id)"}, {P("b"), P("a")}});
  refuse("SELECT * FROM t a LEFT JOIN (u b LEFT JOIN v c ON b.id = c.id) ON a.id = b.id",
         "SELECT * FROM public.t a LEFT JOIN (public.u b LEFT JOIN public.v c ON b.id = c.id) ON " + P("b") + " AND " + P("c") +
             " AND (a.id = b.id) WHERE " + P("a"));
  accept("SELECT * FROM t JOIN u USING (id)",
         "SELECT * FROM public.t JOIN public.u USING (id) WHERE " + P("t") + " AND " + P("u"));
}

TEST_F(VerifyTest, WhereNoConditionReachesTheRelationIsWrapped) {
  const auto wrapped = [](const std::string& name) {
    return "(SELECT * FROM \"public\"." + name + " WHERE " + P(name) + ")";
  };
  mutate("SELECT * FROM t FULL JOIN u ON t.id = u.id",
         "SELECT * FROM " + wrapped("t") + " AS \"t\" FULL JOIN " + wrapped("u") + " AS \"u\" ON t.id = u.id",
         {
             {"WHERE " + P("t"), ""},
             {"WHERE " + P("t"), "WHERE " + P("u")},
             {"WHERE " + P("t"), "WHERE " + P("t") + " OR true"},
             {"WHERE " + P("t"), "WHERE " + P("t") + " LIMIT 1"},
             {"AS \"t\"", "AS \"tt\""},
             {"AS \"t\"", "AS \"t\"(id, x)"},
             {"SELECT * FROM \"public\".t", "SELECT id FROM \"public\".t"},
             {"SELECT * FROM \"public\".t", "SELECT DISTINCT * FROM \"public\".t"},
             {"SELECT * FROM \"public\".t", "SELECT *, 1 FROM \"public\".t"},
             {"SELECT * FROM \"public\".t", "SELECT * FROM ONLY \"public\".t"},
             {"SELECT * FROM \"public\".t", "SELECT * FROM other.t"},
             {"SELECT * FROM \"public\".t", "SELECT * FROM t"},
             {"SELECT * FROM \"public\".t", "SELECT * FROM \"public\".t, public.countries"},
             {"(SELECT * FROM \"public\".t", "LATERAL (SELECT * FROM \"public\".t"},
         });
  refuse("SELECT * FROM t FULL JOIN u ON t.id = u.id",
         "SELECT * FROM public.t FULL JOIN public.u ON t.id = u.id WHERE " + P("t") + " AND " + P("u"));
  refuse("SELECT * FROM t FULL JOIN u ON t.id = u.id",
         "SELECT * FROM public.t FULL JOIN public.u ON " + P("t") + " AND " + P("u") + " AND (t.id = u.id)");
  accept("SELECT * FROM t LEFT JOIN u USING (id)",
         "SELECT * FROM public.t LEFT JOIN " + wrapped("u") + " AS \"u\" USING (id) WHERE " + P("t"));
  refuse("SELECT * FROM t LEFT JOIN u USING (id)",
         "SELECT * FROM public.t LEFT JOIN public.u USING (id) WHERE " + P("t") + " AND " + P("u"));
  accept("SELECT * FROM t NATURAL RIGHT JOIN u",
         "SELECT * FROM " + wrapped("t") + " AS \"t\" NATURAL RIGHT JOIN public.u WHERE " + P("u"));
  // A renaming alias: "a".org_id would be another column.
  accept("SELECT * FROM t a (org_id, id)", "SELECT * FROM " + wrapped("t") + " a (org_id, id)");
  refuse("SELECT * FROM t a (org_id, id)", "SELECT * FROM public.t a (org_id, id) WHERE " + P("a"));
  refuse("SELECT * FROM t a (org_id, id)", "SELECT * FROM " + wrapped("t") + " a (id, org_id)");
  refuse("SELECT * FROM t a (org_id, id)", "SELECT * FROM " + wrapped("t") + " a");
  // Under the alias of a join outer conditions cannot name it, its own ON still can.
  accept("SELECT * FROM (t JOIN u ON true) AS j",
         "SELECT * FROM (" + wrapped("t") + " AS \"t\" JOIN " + wrapped("u") + " AS \"u\" ON true) AS j");
  refuse("SELECT * FROM (t JOIN u ON true) AS j",
         "SELECT * FROM (public.t JOIN public.u ON true) AS j WHERE " + P("t") + " AND " + P("u"));
  refuse("SELECT * FROM (t a JOIN countries ON true) AS j, countries a",
         "SELECT * FROM (public.t a JOIN public.countries ON true) AS j, public.countries a WHERE " + P("a"));
  accept("SELECT * FROM (t LEFT JOIN u ON true) AS j",
         "SELECT * FROM (" + wrapped("t") + " AS \"t\" LEFT JOIN public.u ON " + P("u") + " AND (true)) AS j");
  accept("SELECT * FROM ONLY t s TABLESAMPLE bernoulli (10) FULL JOIN countries ON true",
         "SELECT * FROM (SELECT * FROM ONLY public.t TABLESAMPLE bernoulli (10) WHERE " + P("t") +
             ") s FULL JOIN public.countries ON true");
  refuse("SELECT * FROM ONLY t s TABLESAMPLE bernoulli (10) FULL JOIN countries ON true",
         "SELECT * FROM (SELECT * FROM ONLY public.t TABLESAMPLE bernoulli (20) WHERE " + P("t") +
             ") s FULL JOIN public.countries ON true");
  refuse("SELECT * FROM t s TABLESAMPLE bernoulli (10) FULL JOIN countries ON true",
         "SELECT * FROM (SELECT * FROM public.t WHERE " + P("t") + ") s FULL JOIN public.countries ON true");
  accept("SELECT * FROM t TABLESAMPLE bernoulli (10)",
         "SELECT * FROM public.t TABLESAMPLE bernoulli (10) WHERE " + P("t"));
}

TEST_F(VerifyTest, TemporaryTables) {
  refuse("SELECT * FROM mine", "SELECT * FROM pg_temp.mine");  // not allowed
  policy_.tenancy.temporary_tables = policy::TemporaryTables::allow;
  accept("SELECT * FROM mine", "SELECT * FROM pg_temp.mine");
  accept("SELECT * FROM pg_temp.mine", "SELECT * FROM pg_temp.mine");
  refuse("SELECT * FROM mine", "SELECT * FROM mine");
  refuse("SELECT * FROM countries", "SELECT * FROM pg_temp.countries");
  refuse("SELECT * FROM public.mine", "SELECT * FROM pg_temp.mine");
  refuse("SELECT * FROM pg_temp.pg_class", "SELECT * FROM pg_temp.pg_class");
  refuse("SELECT * FROM pg_temp.bulkhead_copy", "SELECT * FROM pg_temp.bulkhead_copy");
  refuse("WITH mine AS (SELECT 1) SELECT * FROM mine", "WITH mine AS (SELECT 1) SELECT * FROM pg_temp.mine");
  accept("DROP TABLE mine", "DROP TABLE pg_temp.mine");
  for (const char* dropped : {"DROP TABLE mine", "DROP TABLE pg_temp.u", "DROP TABLE public.mine", "DROP VIEW pg_temp.mine", "DROP TABLE IF EXISTS pg_temp.mine",
                              "DROP TABLE pg_temp.mine CASCADE", "DROP TABLE pg_temp.mine, pg_temp.u"})
    refuse("DROP TABLE mine", dropped);
  refuse("DROP TABLE countries", "DROP TABLE pg_temp.countries");
  refuse("TRUNCATE countries", "TRUNCATE countries");
  refuse("ANALYZE countries", "ANALYZE countries");
  refuse("CREATE INDEX ON countries (code)", "CREATE INDEX ON countries (code)");
  refuse("COPY mine TO STDOUT", "COPY pg_temp.u TO STDOUT");
}

TEST_F(VerifyTest, WhatMakesATemporaryTableIsToBeKnownOf) {
  policy_.tenancy.temporary_tables = policy::TemporaryTables::allow;
  const Subject subject{policy_, *catalogue_, tenant_, nullptr};
  std::vector<Statement> claims(1);
  const auto judge = [&](const char* sql) { return static_cast<bool>(verify(sql, sql, subject, {}, claims)); };
  const char* const made[] = {"CREATE TEMP TABLE mine (id int)", "CREATE TEMP TABLE mine AS SELECT 1", "SELECT 1 INTO TEMP mine"};
  for (const char* sql : made) EXPECT_FALSE(judge(sql)) << sql;
  claims[0].effects.makes_temporary = true;
  for (const char* sql : made) EXPECT_FALSE(judge(sql)) << sql;
  claims[0].effects.pins = true;
  for (const char* sql : made) EXPECT_TRUE(judge(sql)) << sql;
  for (const char* sql :
       {"CREATE TABLE mine (id int)", "CREATE UNLOGGED TABLE mine AS SELECT 1", "SELECT 1 INTO mine", "CREATE TEMP TABLE public.mine (id int)",
        "CREATE TEMP TABLE countries (id int)", "CREATE TEMP TABLE mine () INHERITS (countries)", "CREATE TEMP TABLE mine OF countries",
        "CREATE TEMP TABLE mine (id int REFERENCES countries)", "CREATE TEMP TABLE mine (id int DEFAULT (SELECT 1))",
        "CREATE TEMP TABLE mine (id int, CHECK (pg_notify('a', 'b') IS NULL))", "CREATE TEMP TABLE mine (LIKE countries, LIKE pg_class)",
        "CREATE TEMP TABLE mine PARTITION OF countries DEFAULT", "CREATE TEMP TABLE mine (id int) PARTITION BY RANGE (id)",
        "CREATE TEMP TABLE mine (id int) TABLESPACE x", "CREATE TEMP TABLE mine AS EXECUTE s", "CREATE MATERIALIZED VIEW mine AS SELECT 1",
        "CREATE TEMP TABLE mine (id int, EXCLUDE USING gist (id WITH =))", "PREPARE s AS SELECT 1 INTO TEMP mine", "CREATE TEMP VIEW mine AS SELECT 1"})
    EXPECT_FALSE(judge(sql)) << sql;
}

TEST_F(VerifyTest, TwoMembersOfOneName) {
  refuse("SELECT * FROM public.t, other.t", "SELECT * FROM public.t, other.t WHERE " + P("t") + " AND " + P("t"));
  refuse("SELECT * FROM t, public.countries t", "SELECT * FROM public.t, public.countries t WHERE " + P("t"));
  refuse("SELECT * FROM t, (SELECT 1) t", "SELECT * FROM public.t, (SELECT 1) t WHERE " + P("t"));
  accept("SELECT * FROM t a, t b", "SELECT * FROM public.t a, public.t b WHERE " + P("a") + " AND " + P("b"));
  refuse("SELECT * FROM t a, t b", "SELECT * FROM public.t a, public.t b WHERE " + P("a") + " AND " + P("a"));
}

TEST_F(VerifyTest, CteNames) {
  accept("WITH t AS (SELECT 1) SELECT * FROM t", "WITH t AS (SELECT 1) SELECT * FROM t");
  refuse("WITH t AS (SELECT 1) SELECT * FROM t", "WITH t AS (SELECT 1) SELECT * FROM public.t WHERE " + P("t"));
  refuse("WITH t AS (SELECT 1) SELECT * FROM t", "WITH t AS (SELECT 1) SELECT * FROM t WHERE " + P("t"));
  accept("WITH t AS (SELECT 1) SELECT * FROM public.t", "WITH t AS (SELECT 1) SELECT * FROM public.t WHERE " + P("t"));
  refuse("WITH t AS (SELECT 1) SELECT * FROM public.t", "WITH t AS (SELECT 1) SELECT * FROM t");
  // The own body sees the relation, unless RECURSIVE.
  mutate("WITH t AS (SELECT * FROM t) SELECT * FROM t",
         "WITH t AS (SELECT * FROM public.t WHERE " + P("t") + ") SELECT * FROM t",
         {{"FROM public.t WHERE " + P("t"), "FROM t"}, {"WITH t", "WITH RECURSIVE t"}});
  accept("WITH RECURSIVE t AS (SELECT 1 UNION SELECT * FROM t) SELECT * FROM t",
         "WITH RECURSIVE t AS (SELECT 1 UNION SELECT * FROM t) SELECT * FROM t");
  refuse("WITH RECURSIVE t AS (SELECT 1 UNION SELECT * FROM t) SELECT * FROM t",
         "WITH RECURSIVE t AS (SELECT 1 UNION SELECT * FROM public.t WHERE " + P("t") + ") SELECT * FROM t");
  // A sibling before sees the relation, one behind the CTE; RECURSIVE lets both see the CTE.
  accept("WITH a AS (SELECT * FROM t), t AS (SELECT 1), b AS (SELECT * FROM t) SELECT * FROM a, b",
         "WITH a AS (SELECT * FROM public.t WHERE " + P("t") + "), t AS (SELECT 1), b AS (SELECT * FROM t) SELECT * FROM a, b");
  refuse("WITH a AS (SELECT * FROM t), t AS (SELECT 1) SELECT * FROM a",
         "WITH a AS (SELECT * FROM t), t AS (SELECT 1) SELECT * FROM a");
  accept("WITH RECURSIVE a AS (SELECT * FROM t), t AS (SELECT 1) SELECT * FROM a",
         "WITH RECURSIVE a AS (SELECT * FROM t), t AS (SELECT 1) SELECT * FROM a");
  // The scope ends with its query.
  accept("SELECT * FROM (WITH t AS (SELECT 1) SELECT * FROM t) q, t",
         "SELECT * FROM (WITH t AS (SELECT 1) SELECT * FROM t) q, public.t WHERE " + P("t"));
  refuse("SELECT * FROM (WITH t AS (SELECT 1) SELECT * FROM t) q, t",
         "SELECT * FROM (WITH t AS (SELECT 1) SELECT * FROM t) q, t");
  accept("WITH t AS (SELECT 1) SELECT (SELECT max(x) FROM t)", "WITH t AS (SELECT 1) SELECT (SELECT max(x) FROM t)");
  // Targets of DML are never CTEs.
  accept("WITH t AS (SELECT 1) DELETE FROM t", "WITH t AS (SELECT 1) DELETE FROM \"public\".t WHERE " + P("t"));
  refuse("WITH t AS (SELECT 1) DELETE FROM t", "WITH t AS (SELECT 1) DELETE FROM t");
  refuse("WITH t AS (SELECT 1) UPDATE t SET x = 1", "WITH t AS (SELECT 1) UPDATE t SET x = 1");
  mutate("WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
         "WITH d AS (DELETE FROM public.t WHERE " + P("t") + " RETURNING *) SELECT * FROM d", {{" WHERE " + P("t"), ""}});
}

TEST_F(VerifyTest, UpdateAndDelete) {
  mutate("UPDATE t SET x = 1 WHERE id = 2 OR true", "UPDATE \"public\".t SET x = 1 WHERE " + P("t") + " AND (id = 2 OR true)",
         {{P("t") + " AND ", ""}, {"(id = 2 OR true)", "id = 2 OR true"}, {"'1'", "'2'"}, {"\"public\".", ""}, {"x = 1", "x = 2"}});
  mutate("UPDATE t AS a SET x = u.x FROM u WHERE a.id = u.id",
         "UPDATE \"public\".t AS a SET x = u.x FROM \"public\".u WHERE " + P("a") + " AND " + P("u") + " AND (a.id = u.id)",
         {{P("u") + " AND ", ""}, {P("a") + " AND ", ""}, {P("a"), P("t")}});
  mutate("DELETE FROM t USING u LEFT JOIN v ON u.id = v.id WHERE t.id = u.id RETURNING *",
         "DELETE FROM \"public\".t USING \"public\".u LEFT JOIN \"public\".v ON " + P("v") + " AND (u.id = v.id) WHERE " + P("t") +
             " AND " + P("u") + " AND (t.id = u.id) RETURNING *",
         {{P("v") + " AND ", ""}, {P("t") + " AND ", ""}, {" RETURNING *", ""}});
  accept("UPDATE t SET (x, y) = (SELECT x, 'a' FROM u)",
         "UPDATE public.t SET (x, y) = (SELECT x, 'a' FROM public.u WHERE " + P("u") + ") WHERE " + P("t"));
  refuse("UPDATE t SET (x, y) = (SELECT x, 'a' FROM u)",
         "UPDATE public.t SET (x, y) = (SELECT x, 'a' FROM public.u) WHERE " + P("t"));
  refuse("UPDATE countries SET name = 'x'", "UPDATE countries SET name = 'x'");
  refuse("DELETE FROM pg_catalog.pg_class", "DELETE FROM pg_catalog.pg_class");
  refuse("DELETE FROM t WHERE CURRENT OF c", "DELETE FROM public.t WHERE CURRENT OF c");
}

/// `statement` with claims about its cursors.
TEST_F(VerifyTest, WhatIsClaimedOfCursors) {
  const auto seen = [&](const std::string& original, const std::string& rewritten, const Effects& effects) {
    std::vector<Statement> claims(1);
    claims[0].effects = effects;
    const auto result = verify(original, rewritten, Subject{policy_, *catalogue_, tenant_, nullptr}, guards_, claims);
    if (!result) {
      EXPECT_EQ(result.error().detail.find(" text: "), std::string::npos) << rewritten;
    }
    return !result;
  };
  const std::string original = "DELETE FROM t USING u WHERE CURRENT OF c";
  const std::string rewritten =
      "DELETE FROM public.t USING (SELECT * FROM public.u WHERE " + P("u") + ") AS \"u\" WHERE CURRENT OF c";
  Effects at;
  EXPECT_TRUE(seen(original, rewritten, at)) << "nobody would look at the cursor";
  at.stands_on = {"d"};
  EXPECT_TRUE(seen(original, rewritten, at)) << "at another one";
  at.stands_on = {"c", "d"};
  EXPECT_TRUE(seen(original, rewritten, at));
  at.stands_on = {"c"};
  EXPECT_FALSE(seen(original, rewritten, at));
  EXPECT_TRUE(seen(original, "DELETE FROM public.t USING public.u WHERE CURRENT OF c", at)) << "FROM is not confined";
  EXPECT_TRUE(seen("DELETE FROM countries WHERE CURRENT OF c", "DELETE FROM countries WHERE CURRENT OF c", at));
  EXPECT_TRUE(seen("DELETE FROM w WHERE CURRENT OF c", "DELETE FROM public.w WHERE CURRENT OF c", at)) << "a view";
  EXPECT_TRUE(seen("DELETE FROM t", "DELETE FROM public.t", at)) << "no predicate and no cursor";
  EXPECT_TRUE(seen("DELETE FROM t WHERE x = 1", "DELETE FROM public.t WHERE x = 1", at));

  const auto declares = [&](const std::string& query, const std::string& confined, const std::string& name, bool own_rows) {
    Effects opens;
    opens.own_rows = own_rows;
    opens.cursor = CursorChange{CursorChange::What::opens, name};
    return seen("DECLARE c CURSOR FOR " + query, "DECLARE c CURSOR FOR " + confined, opens);
  };
  const std::string own = "SELECT * FROM public.t WHERE " + P("t");
  EXPECT_FALSE(declares("SELECT * FROM t", own, "c", true));
  EXPECT_TRUE(declares("SELECT * FROM t", own, "d", true)) << "another name";
  EXPECT_TRUE(declares("SELECT * FROM t", "SELECT * FROM public.t", "c", true));
  for (const std::string other : {"public.w", "all_of_t()", "other.f()", "ROWS FROM (generate_series(1, 2), all_of_t())"}) {
    const bool view = other == "public.w";
    const std::string text = "SELECT * FROM " + other + (view ? " WHERE " + P("w") : "");
    EXPECT_FALSE(declares(std::string("SELECT * FROM ") + (view ? "w" : other), text, "c", false)) << other;
    EXPECT_TRUE(declares(std::string("SELECT * FROM ") + (view ? "w" : other), text, "c", true)) << other;
  }
  EXPECT_FALSE(declares("WITH a AS (SELECT 1) SELECT * FROM a, generate_series(1, 2), countries",
                        "WITH a AS (SELECT 1) SELECT * FROM a, generate_series(1, 2), public.countries", "c", true));
}

TEST_F(VerifyTest, WhatIsCalledSetAndReadOfTheSystem) {
  const auto same = [&](const std::string& text, bool good) { good ? accept(text, text) : refuse(text, text); };
  for (const char* text : {"SELECT now(), pg_catalog.lower('A')", "SELECT set_config('timezone', 'UTC', true)", "SET timezone TO 'UTC'",
                           "SELECT all_of_t(), other.f()", "SELECT relname FROM pg_catalog.pg_class", "SELECT count(*) FROM pg_tables",
                           "SELECT information_schema._pg_expandarray('{1}'::int[])"})
    same(text, true);
  for (const char* text :
       {"SELECT pg_read_file('x')", "SELECT pg_catalog.pg_read_file('x')", "SELECT query_to_xml('SELECT 1', true, true, '')",
        "SELECT other.g()", "SELECT g()", "SELECT public.lower('A')", "SELECT set_config('app.org_id', '2', true)",
        "SELECT set_config('APP.org_id', '2', true)", "SELECT set_config('app.' || 'org_id', '2', true)", "SET app.org_id TO '2'",
        "SET LOCAL \"APP.Org_Id\" TO '2'", "RESET app.org_id", "SELECT * FROM pg_stats", "SELECT * FROM pg_catalog.pg_authid",
        "SELECT 1 WHERE EXISTS (SELECT FROM pg_stat_activity)", "SELECT ts_rewrite('a'::tsquery, 'SELECT 1, 2')"})
    same(text, false);
}

TEST_F(VerifyTest, WhatIsCalledForTheRowsOfACopy) {
  const std::string copy = "COPY public.t (id) FROM STDIN WHERE pg_read_file('x') IS NULL";
  const auto result = judge(copy, copy);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().detail.find("a function that is not allowed"), std::string::npos) << result.error().detail;
}

TEST_F(VerifyTest, NothingMovesARowToAnotherTenant) {
  const auto update = [](const std::string& set) {
    return std::pair("UPDATE public.t SET " + set, "UPDATE public.t SET " + set + " WHERE " + P("t"));
  };
  for (const std::string own : {"org_id = 1", "org_id = '1'", "org_id = 1::bigint", "org_id = '1'::int8", "org_id = t.org_id",
                                "(x, org_id) = (5, 1)", "(org_id, x) = ROW(1, 5)"})
    accept(update(own).first, update(own).second);
  for (const std::string foreign :
       {"org_id = 2", "org_id = '2'", "org_id = $1", "org_id = x", "org_id = u.org_id", "org_id = DEFAULT", "org_id = NULL",
        "org_id = 1 + 1", "org_id = 1.0", "org_id = '01'", "org_id = '1'::text::int8", "(x, org_id) = (1, 2)",
        "(org_id, x) = (SELECT 1, 2)", "(org_id, x) = ROW(2, 1)", "org_id[1] = 1", "x = 1, org_id = 2", "org_id = (SELECT 2)",
        "org_id = org_id"})
    refuse(update(foreign).first, update(foreign).second);
}

TEST_F(VerifyTest, InsertWithAColumnList) {
  mutate("INSERT INTO t (id, x) VALUES (1, 2), (3, DEFAULT)",
         "INSERT INTO \"public\".t (id, x, \"org_id\") VALUES (1, 2, " + kStamp + "), (3, DEFAULT, " + kStamp + ")",
         {
             {", " + kStamp, ""},
             {"(3, DEFAULT, " + kStamp + ")", "(3, DEFAULT, '2'::pg_catalog.int8)"},
             {"(3, DEFAULT, " + kStamp + ")", "(3, DEFAULT)"},
             {"(3, DEFAULT, " + kStamp + ")", "(3, " + kStamp + ", DEFAULT)"},
             {kStamp, "'1'"},
             {kStamp, "'1'::pg_catalog.int4"},
             {"\"org_id\"", "\"y\""},
             {", \"org_id\"", ""},
             {"id, x, \"org_id\"", "id, \"org_id\", x"},
             {"\"public\".t", "t"},
             {"\"public\".t", "other.t"},
             {"(1, 2,", "(1, 3,"},
             {"(3, DEFAULT", "(3, NULL"},
         });
  refuse("INSERT INTO t (id) VALUES (1)", "INSERT INTO public.t (id) VALUES (1)");
  refuse("INSERT INTO countries (id) VALUES (1)", "INSERT INTO countries (id) VALUES (1)");
  // The client supplies the column: only its own organisation.
  for (const std::string own : {"1", "'1'", "1::int8", kStamp.c_str()})
    accept("INSERT INTO t (id, org_id, x) VALUES (5, " + own + ", 6)",
           "INSERT INTO \"public\".t (id, org_id, x) VALUES (5, " + own + ", 6)");
  for (const std::string foreign : {"2", "'2'", "$1", "NULL", "DEFAULT", "1 + 0", "(SELECT 1)", "x", "'1'::text"})
    refuse("INSERT INTO t (id, org_id, x) VALUES (1, " + foreign + ", 1)",
           "INSERT INTO public.t (id, org_id, x) VALUES (1, " + foreign + ", 1)");
  refuse("INSERT INTO t (id, org_id) VALUES (1, 1), (1, 2)", "INSERT INTO public.t (id, org_id) VALUES (1, 1), (1, 2)");
  refuse("INSERT INTO t (id, org_id) VALUES (1, 2)", "INSERT INTO public.t (id, org_id, org_id) VALUES (1, 2, " + kStamp + ")");
  mutate("INSERT INTO t (id, org_id) VALUES (DEFAULT, DEFAULT)",
         "INSERT INTO public.t (id, org_id) VALUES (DEFAULT, " + kStamp + ")", {{kStamp, "DEFAULT"}, {"(DEFAULT", "(" + kStamp}});
  accept("INSERT INTO blobs (id, org_id) VALUES (1, '1')", "INSERT INTO public.blobs (id, org_id) VALUES (1, '1')");
}

TEST_F(VerifyTest, InsertWithoutAColumnList) {
  // t: id, org_id, x, y.  u: id, x, org_id.
  accept("INSERT INTO t VALUES (7)", "INSERT INTO public.t (\"id\", \"org_id\") VALUES (7, " + kStamp + ")");
  mutate("INSERT INTO t VALUES (7, 1, 8)", "INSERT INTO public.t (\"id\", \"org_id\", \"x\") VALUES (7, 1, 8)",
         {{"\"id\", \"org_id\", \"x\"", "\"org_id\", \"id\", \"x\""},
          {"\"id\", \"org_id\", \"x\"", "\"id\", \"org_id\", \"y\""},
          {" (\"id\", \"org_id\", \"x\")", ""},
          {"7, 1", "7, 2"}});
  refuse("INSERT INTO t VALUES (7, 2, 8)", "INSERT INTO public.t (\"id\", \"org_id\", \"x\") VALUES (7, 2, 8)");
  refuse("INSERT INTO t VALUES (7, 2, 8)", "INSERT INTO public.t (id, x, y, org_id) VALUES (7, 2, 8, " + kStamp + ")");
  accept("INSERT INTO u VALUES (7, 8)", "INSERT INTO public.u (id, x, org_id) VALUES (7, 8, " + kStamp + ")");
  accept("INSERT INTO u VALUES (7, 8, 1)", "INSERT INTO public.u (id, x, org_id) VALUES (7, 8, 1)");
  accept("INSERT INTO u VALUES (7, 8, DEFAULT)", "INSERT INTO public.u (id, x, org_id) VALUES (7, 8, " + kStamp + ")");
  refuse("INSERT INTO u VALUES (7, 8)", "INSERT INTO public.u (id, org_id, x) VALUES (7, 8, " + kStamp + ")");
  mutate("INSERT INTO t DEFAULT VALUES", "INSERT INTO public.t (\"org_id\") VALUES (" + kStamp + ")",
         {{kStamp, "'2'::pg_catalog.int8"},
          {"\"org_id\"", "\"id\""},
          {"(" + kStamp + ")", "(" + kStamp + "), (" + kStamp + ")"},
          {"(\"org_id\") VALUES (" + kStamp + ")", "DEFAULT VALUES"}});
}

TEST_F(VerifyTest, InsertFromASelect) {
  mutate("INSERT INTO t (id) SELECT id FROM u UNION ALL SELECT 1 UNION ALL VALUES (2)",
         "INSERT INTO public.t (id, \"org_id\") SELECT id, " + kStamp + " FROM public.u WHERE " + P("u") + " UNION ALL SELECT 1, " +
             kStamp + " UNION ALL VALUES (2, " + kStamp + ")",
         {{" WHERE " + P("u"), ""},
          {"SELECT 1, " + kStamp, "SELECT 1, '2'::pg_catalog.int8"},
          {"SELECT 1, " + kStamp, "SELECT " + kStamp + ", 1"},
          {"SELECT 1, " + kStamp, "SELECT 1"},
          {"(2, " + kStamp + ")", "(2, 1)"},
          {"UNION ALL VALUES", "UNION VALUES"}});
  accept("INSERT INTO t (id) SELECT * FROM countries", "INSERT INTO public.t (id, org_id) SELECT *, " + kStamp + " FROM public.countries");
  // Supplied by the columns of a confined relation. u: id, x, org_id. v: org_id, id.
  accept("INSERT INTO t (id, org_id) SELECT id, org_id FROM u",
         "INSERT INTO public.t (id, org_id) SELECT id, org_id FROM public.u WHERE " + P("u"));
  accept("INSERT INTO t (id, org_id) SELECT c.id, u.org_id FROM u LEFT JOIN countries c ON true",
         "INSERT INTO public.t (id, org_id) SELECT c.id, u.org_id FROM public.u LEFT JOIN public.countries c ON true WHERE " + P("u"));
  accept("INSERT INTO t (id, x, org_id) SELECT * FROM u", "INSERT INTO public.t (id, x, org_id) SELECT * FROM public.u WHERE " + P("u"));
  accept("INSERT INTO u SELECT * FROM u", "INSERT INTO public.u (id, x, org_id) SELECT * FROM public.u WHERE " + P("u"));
  for (const std::string wrong : {"id, x FROM u", "org_id, id FROM u", "* FROM v", "id, countries.org_id FROM u, public.countries",
                                  "id, max(org_id) FROM u", "id, org_id + 1 FROM u", "1, (SELECT 2)", "u.id, org_id FROM u, v"}) {
    std::string where = wrong.find("u, v") != std::string::npos ? P("u") + " AND " + P("v")
                        : wrong.ends_with("v")                   ? P("v")
                                                                 : P("u");
    std::string rewritten = wrong;
    for (const std::string name : {"u", "v"})
      if (const auto at = rewritten.find("FROM " + name); at != std::string::npos) rewritten.replace(at, 5, "FROM public.");
    if (const auto at = rewritten.find(", v"); at != std::string::npos) rewritten.replace(at, 2, ", public.");
    if (wrong.find("FROM") != std::string::npos) rewritten += " WHERE " + where;
    refuse("INSERT INTO t (id, org_id) SELECT " + wrong, "INSERT INTO public.t (id, org_id) SELECT " + rewritten);
  }
  // Null-extended: the tenant column of the nullable side may be null.
  refuse("INSERT INTO t (id, org_id) SELECT c.id, u.org_id FROM countries c LEFT JOIN u ON true",
         "INSERT INTO public.t (id, org_id) SELECT c.id, u.org_id FROM public.countries c LEFT JOIN public.u ON " + P("u") + " AND (true)");
  refuse("INSERT INTO t (id, org_id) SELECT id, org_id FROM u GROUP BY ROLLUP (id, org_id)",
         "INSERT INTO public.t (id, org_id) SELECT id, org_id FROM public.u WHERE " + P("u") + " GROUP BY ROLLUP (id, org_id)");
  // A CTE that only looks like the relation.
  refuse("WITH u AS (SELECT 1 AS id, 2 AS org_id) INSERT INTO t (id, org_id) SELECT id, org_id FROM u",
         "WITH u AS (SELECT 1 AS id, 2 AS org_id) INSERT INTO public.t (id, org_id) SELECT id, org_id FROM u");
}

TEST_F(VerifyTest, OnConflict) {
  const std::string head = "INSERT INTO public.t AS a (id, org_id) VALUES (1, " + kStamp + ") ON CONFLICT (id) ";
  const std::string old_head = "INSERT INTO t AS a (id) VALUES (1) ON CONFLICT (id) ";
  accept(old_head + "DO NOTHING", head + "DO NOTHING");
  mutate(old_head + "DO UPDATE SET x = excluded.x WHERE a.x = 1 OR true",
         head + "DO UPDATE SET x = excluded.x WHERE " + P("a") + " AND (a.x = 1 OR true)",
         {{P("a") + " AND ", ""}, {P("a"), P("t")}, {P("a"), P("excluded")}, {"(a.x = 1 OR true)", "a.x = 1 OR true"}});
  accept(old_head + "DO UPDATE SET org_id = excluded.org_id",
         head + "DO UPDATE SET org_id = excluded.org_id WHERE " + P("a"));
  refuse(old_head + "DO UPDATE SET org_id = 2", head + "DO UPDATE SET org_id = 2 WHERE " + P("a"));
  refuse(old_head + "DO UPDATE SET x = 1", head + "DO UPDATE SET x = 1");
  // The predicate of the arbiter index is another WHERE.
  refuse("INSERT INTO t (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET x = 1",
         "INSERT INTO public.t (id, org_id) VALUES (1, " + kStamp + ") ON CONFLICT (id) WHERE " + P("t") + " DO UPDATE SET x = 1");
  refuse("INSERT INTO t AS excluded (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET x = 1",
         "INSERT INTO public.t AS excluded (id, org_id) VALUES (1, " + kStamp + ") ON CONFLICT (id) DO UPDATE SET x = 1 WHERE " +
             P("excluded"));
}

TEST_F(VerifyTest, OtherStatements) {
  accept("BEGIN; SELECT 1; COMMIT", "BEGIN; SELECT 1; COMMIT");
  accept("SET work_mem = '1MB'", "SET work_mem = '1MB'");
  accept("", "");
  refuse("SET work_mem = '1MB'", "SET work_mem = '2MB'");
  refuse("BEGIN", "COMMIT");
  refuse("BEGIN", "BEGIN; COMMIT");
  refuse("SELECT 1", "");
  EXPECT_FALSE(judge("SELECT 1", "SELECT 1 FROM"));
  for (const std::string sql : {"EXPLAIN SELECT 1", "COPY public.t TO STDOUT", "TRUNCATE public.t", "LOCK TABLE public.t",
                                "CREATE TABLE n (a int)", "DROP TABLE public.t", "SELECT 1 INTO n", "DO 'x'",
                                "PREPARE p AS SELECT * FROM public.t", "CALL p()",
                                "MERGE INTO public.t USING public.u ON true WHEN MATCHED THEN DELETE"})
    refuse(sql, sql);
}

TEST_F(VerifyTest, CopyToTheClient) {
  const std::string to = ") TO STDOUT";
  mutate("COPY t TO STDOUT", R"(COPY (SELECT "id", "org_id", "x", "y" FROM ONLY "public"."t" WHERE )" + P("t") + to,
         {{"\"id\", ", ""},
          {"\"id\", \"org_id\"", "\"org_id\", \"id\""},
          {"\"y\"", "\"y\", 1"},
          {"\"x\"", "\"x\" AS x"},
          {"SELECT ", "SELECT DISTINCT "},
          {"ONLY ", ""},
          {"\"public\".", ""},
          {"\"public\".", "\"other\"."},
          {"\"t\" WHERE", "\"u\" AS t WHERE"},
          {"\"t\" WHERE", "\"t\", public.u WHERE"},
          {" WHERE " + P("t"), ""},
          {"WHERE ", "WHERE true OR "},
          {"WHERE ", "WHERE NOT "},
          {") TO", " LIMIT 1) TO"},
          {") TO", " UNION ALL SELECT 1, 2, 3, 'x') TO"},
          {"TO STDOUT", "TO '/tmp/x'"},
          {"TO STDOUT", "TO PROGRAM 'cat'"},
          {"TO STDOUT", "TO STDOUT CSV"}});
  accept("COPY t (x, id) TO STDOUT (FORMAT csv)",
         R"(COPY (SELECT "x", "id" FROM ONLY "public"."t" WHERE )" + P("t") + ") TO STDOUT (FORMAT csv)");
  refuse("COPY t (x, id) TO STDOUT (FORMAT csv)",
         R"(COPY (SELECT "x", "id" FROM ONLY "public"."t" WHERE )" + P("t") + ") TO STDOUT (FORMAT csv, HEADER)");
  accept("COPY countries TO STDOUT", R"(COPY (SELECT "id", "name" FROM ONLY "public"."countries") TO STDOUT)");
  refuse("COPY hidden TO STDOUT", R"(COPY (SELECT "id", "org_id" FROM ONLY "public"."hidden" WHERE )" + P("hidden") + to);
  accept("COPY (SELECT 1 FROM t) TO STDOUT", "COPY (SELECT 1 FROM public.t WHERE " + P("t") + to);
  refuse("COPY (SELECT 1 FROM t) TO STDOUT", "COPY (SELECT 1 FROM public.t) TO STDOUT");
  refuse("COPY (SELECT 1) TO STDOUT", "SELECT 1");
  refuse("SELECT 1", "COPY (SELECT 1) TO STDOUT");
  refuse("COPY t FROM STDIN", "COPY public.t FROM STDIN");
}

TEST_F(VerifyTest, EveryStatementOfAText) {
  const std::string good = "SELECT 1 FROM public.t WHERE " + P("t");
  accept("SELECT 1 FROM t; SELECT 1 FROM t", good + "; " + good);
  refuse("SELECT 1 FROM t; SELECT 1 FROM t", good + "; SELECT 1 FROM public.t");
  refuse("SELECT 1 FROM t; SELECT 1 FROM t", good);
}

TEST_F(VerifyTest, LockedAliasesStay) {
  accept("SELECT * FROM t a FOR UPDATE OF a", "SELECT * FROM public.t a WHERE " + P("a") + " FOR UPDATE OF a");
  refuse("SELECT * FROM t a, u FOR UPDATE OF a",
         "SELECT * FROM public.t a, public.u WHERE " + P("a") + " AND " + P("u") + " FOR UPDATE OF u");
}

/// Archiving: what a member of WITH deletes or reads is inserted elsewhere.
TEST_F(VerifyTest, MembersOfWithAsSourcesOfInsert) {
  const std::string from_t = " FROM public.t WHERE " + P("t");
  const auto moved = [&](const std::string& returning, const std::string& rest) {
    return "WITH m AS (DELETE" + from_t + " RETURNING " + returning + ") " + rest;
  };
  const auto original = [](const std::string& returning, const std::string& rest) {
    return "WITH m AS (DELETE FROM t RETURNING " + returning + ") " + rest;
  };
  const auto both = [&](bool right, const std::string& returning, const std::string& source) {
    const std::string before = original(returning, "INSERT INTO v " + source);
    const std::string after = moved(returning, "INSERT INTO public.v (org_id, id) " + source);
    right ? accept(before, after) : refuse(before, after);
  };
  both(true, "org_id, id", "SELECT * FROM m");
  both(true, "org_id, id", "TABLE m");
  both(true, "t.org_id, x AS id", "SELECT n.* FROM m n");
  both(true, "*", "SELECT org_id, id FROM m");
  both(false, "*", "SELECT * FROM m");
  both(false, "id, org_id", "SELECT * FROM m");
  both(false, "id AS org_id, org_id AS id", "SELECT org_id, id FROM m");
  both(false, "org_id, org_id", "SELECT org_id, 1 FROM m");
  both(false, "org_id + 1 AS org_id, id", "SELECT * FROM m");
  both(false, "(t).org_id AS org_id, id", "SELECT * FROM m");
  both(false, "org_id, id", "SELECT m.* FROM countries c LEFT JOIN m ON true");
  both(false, "org_id, id", "SELECT org_id, id FROM m GROUP BY ROLLUP (org_id, id)");
  both(false, "org_id, id", "WITH m AS (SELECT 2 AS org_id, 1 AS id) SELECT * FROM m");
  refuse("WITH m (id, org_id) AS (DELETE FROM t RETURNING org_id, id) INSERT INTO v SELECT org_id, id FROM m",
         "WITH m (id, org_id) AS (DELETE" + from_t + " RETURNING org_id, id) INSERT INTO public.v (org_id, id) SELECT org_id, id FROM m");
  refuse("WITH RECURSIVE m AS (SELECT org_id, id FROM t) INSERT INTO v SELECT * FROM m",
         "WITH RECURSIVE m AS (SELECT org_id, id" + from_t + ") INSERT INTO public.v (org_id, id) SELECT * FROM m");
  refuse("WITH m AS (UPDATE t SET x = 1 RETURNING org_id, id) INSERT INTO v SELECT * FROM m",
         "WITH m AS (UPDATE public.t SET x = 1 WHERE " + P("t") + " RETURNING org_id, id) INSERT INTO public.v (org_id, id) SELECT * FROM m");
  refuse("WITH m AS (DELETE FROM t USING u WHERE t.id = u.id RETURNING *) INSERT INTO u SELECT * FROM m",
         "WITH m AS (DELETE FROM public.t USING public.u WHERE " + P("t") + " AND " + P("u") +
             " AND (t.id = u.id) RETURNING *) INSERT INTO public.u (id, org_id) SELECT * FROM m");
  accept("WITH m AS (SELECT org_id, id FROM t) INSERT INTO v SELECT * FROM m",
         "WITH m AS (SELECT org_id, id" + from_t + ") INSERT INTO public.v (org_id, id) SELECT * FROM m");
  refuse("WITH m AS (SELECT org_id, id FROM t), n AS (SELECT * FROM m) INSERT INTO v SELECT * FROM n",
         "WITH m AS (SELECT org_id, id" + from_t + "), n AS (SELECT * FROM m) INSERT INTO public.v (org_id, id) SELECT * FROM n");
}

TEST_F(VerifyTest, TheStarOfARowAsSourceOfInsert) {
  accept("INSERT INTO t SELECT (a).* FROM t a",
         "INSERT INTO public.t (id, org_id, x, y) SELECT (a).* FROM public.t a WHERE " + P("a"));
  // The column of that name comes first.
  refuse("INSERT INTO t SELECT (y).* FROM t y",
         "INSERT INTO public.t (id, org_id, x, y) SELECT (y).* FROM public.t y WHERE " + P("y"));
  refuse("INSERT INTO t SELECT (a).* FROM t a, generate_series(1, 2) g",
         "INSERT INTO public.t (id, org_id, x, y) SELECT (a).* FROM public.t a, generate_series(1, 2) g WHERE " + P("a"));
  refuse("INSERT INTO t SELECT (a).* FROM u a",
         "INSERT INTO public.t (id, org_id, x) SELECT (a).* FROM public.u a WHERE " + P("a"));
}

TEST_F(VerifyTest, SpellingsOfAUuid) {
  tenant_.org = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  const auto inserts = [](const std::string& value) { return "INSERT INTO public.blobs (id, org_id) VALUES (1, '" + value + "')"; };
  for (const char* same : {"6BA7B810-9dad-11d1-80b4-00c04fd430C8", "{6ba7b8109dad11d180b400c04fd430c8}", "6ba7-b8109dad11d180b400c04fd430c8"})
    accept(inserts(same), inserts(same));
  for (const char* other : {"6ba7b810-9dad-11d1-80b4-00c04fd430c9", "{6ba7b8109dad11d180b400c04fd430c8", "6ba7b8109dad11d180b400c04fd430c8-",
                            "-6ba7b8109dad11d180b400c04fd430c8", "6b-a7b8109dad11d180b400c04fd430c8", "6ba7--b8109dad11d180b400c04fd430c8"})
    refuse(inserts(other), inserts(other));
}

TEST_F(VerifyTest, AParameterIsCastWhereverItIsSaidToBe) {
  const std::string cast = "INSERT INTO public.t (id, org_id) VALUES (1, $1::int8)", bare = "INSERT INTO public.t (id, org_id) VALUES (1, $1)";
  guards_ = {{1, "int8", "1", "", true, true}};
  accept(cast, cast);
  refuse(bare, bare);
  guards_ = {{1, "int8", "1", "", true, false}};
  accept(cast, cast);
  accept(bare, bare);
}

TEST_F(VerifyTest, CallsInAttributeNotation) {
  const auto from_t = [](const std::string& what) {
    return std::pair("SELECT " + what + " FROM t a", "SELECT " + what + " FROM public.t a WHERE " + P("a"));
  };
  for (const char* call : {"a.leak", "(a).leak", "a.leakdom", "(a).leakdom", "a.lo_get", "((a)).leak", "(a.x).leak", "(a).x.y", "((SELECT a)).leak"}) {
    const auto [before, after] = from_t(call);
    refuse(before, after);
  }
  for (const char* column : {"a.y", "(a).y", "a.max", "a.x"}) {  // max: as PostgreSQL's own
    const auto [before, after] = from_t(column);
    accept(before, after);
  }
  same(false, "SELECT a.y FROM public.countries a");
  same(true, "SELECT a.y FROM (SELECT 1 AS y) a");
  same(false, "SELECT a.y FROM (SELECT 1 AS z) a");
  same(false, "SELECT a.y FROM (SELECT 1 AS y) a (z)");
  same(false, "SELECT a.y FROM (SELECT * FROM public.countries) a");
  same(false, "SELECT a.y FROM (SELECT 1 AS y) a, LATERAL (SELECT a.y FROM public.countries a) b");
  same(false, "SELECT (SELECT a.y FROM public.countries a) FROM (SELECT 1 AS y) a");
  same(false, "WITH a AS (SELECT 1 AS x) SELECT a.y FROM a");
  // A column of that name comes before the row.
  refuse("SELECT (y).y FROM t y", "SELECT (y).y FROM public.t y WHERE " + P("y"));
  refuse("UPDATE t SET x = t.leak", "UPDATE public.t SET x = t.leak WHERE " + P("t"));
  accept("UPDATE t SET x = t.y", "UPDATE public.t SET x = t.y WHERE " + P("t"));
  refuse("DELETE FROM u RETURNING u.y", "DELETE FROM public.u WHERE " + P("u") + " RETURNING u.y");
}

TEST_F(VerifyTest, OperatorsThatAreTheDatabasesOwn) {
  same(false, "SELECT 1 ~> 2");
  same(false, "SELECT 1 OPERATOR(public.~>) 2");
  same(false, "SELECT 1 OPERATOR(other.+) 2");
  same(true, "SELECT 1 + 2");
  same(true, "SELECT 1 <-> 2");
  same(true, "SELECT 1 OPERATOR(public.<->) 2");
  same(false, "SELECT 1 <= 2");
  same(true, "SELECT 1 OPERATOR(pg_catalog.<=) 2");
  same(false, "SELECT 1 BETWEEN 1 AND 2");
  same(true, "SELECT 1 NOT BETWEEN 1 AND 2");
  same(false, "SELECT 1 <= ANY (SELECT 1)");
  same(false, "SELECT id FROM public.countries ORDER BY id USING <=");
  policy_.functions.insert({"public", "~>"});
  same(true, "SELECT 1 ~> 2");
  same(true, "SELECT 1 IN (SELECT 2)");
  catalogue_ = *policy::load_catalogue("version: 150000\nrelations:\n  public.countries: { kind: table, columns: { id: int8 } }\n"
                                       "operators: ['public.\"=\"']\n");
  for (const char* equality : {"SELECT 1 = 2", "SELECT 1 IN (2)", "SELECT 1 IN (SELECT 2)", "SELECT CASE 1 WHEN 2 THEN 3 END",
                               "SELECT NULLIF(1, 2)", "SELECT 1 IS DISTINCT FROM 2", "SELECT 1 FROM public.countries a JOIN public.countries b USING (id)",
                               "SELECT 1 FROM public.countries a NATURAL JOIN public.countries b"})
    same(false, equality);
  same(true, "SELECT CASE WHEN true THEN 3 END FROM public.countries a JOIN public.countries b ON a.id IS NULL");
}

TEST_F(VerifyTest, TypesWhoseCastsRunCode) {
  same(false, "SELECT 'x'::leakdom");
  same(false, "SELECT CAST('x' AS public.leakdom)");
  same(false, "SELECT '{}'::leakdom[]");
  same(false, "SELECT leakdom 'x'");
  same(false, "SELECT leakdom('x')");
  same(false, "SELECT * FROM json_to_record('{}') AS r (a leakdom)");
  same(true, "SELECT 'x'::text");
  policy_.functions.insert({"public", "leakdom"});
  same(true, "SELECT 'x'::leakdom");
}

TEST_F(VerifyTest, PinnedSettings) {
  policy_.tenancy.session_variable = "app.Org_id";
  for (const char* set : {"SET standard_conforming_strings = off", "SET \"Standard_Conforming_Strings\" = 0", "SET client_encoding = 'SJIS'",
                          "SET NAMES 'latin1'", "SET backslash_quote = on", "SET ROLE postgres", "SET LOCAL role = 'postgres'",
                          "SET SESSION AUTHORIZATION postgres", "SET row_security = off", "SET row_security = on, off", "SET search_path = other",
                          "SET search_path = 'public, other'", "SET search_path = pg_temp, public", "SET SCHEMA 'other'", "SET app.org_id = 2",
                          "SET LOCAL \"APP.org_id\" = 2", "RESET app.org_id", "SELECT set_config('standard_conforming_strings', 'off', true)",
                          "SELECT set_config('Client_Encoding', 'SJIS', false)", "SELECT set_config('role', 'postgres', true)",
                          "SELECT set_config('row_security', 'o' || 'ff', true)", "SELECT set_config('search_path', 'public', true)",
                          "SELECT set_config('session_authorization', 'x', true)", "SELECT set_config('backslash_quote', 'on', true)",
                          "SELECT set_config('app.org_id', '2', true)", "SELECT set_config('ro' || 'le', 'none', true)"})
    same(false, set);
  for (const char* set : {"SET standard_conforming_strings = on", "SET NAMES 'UTF8'", "SET ROLE none", "RESET role", "SET SESSION AUTHORIZATION DEFAULT",
                          "SET row_security = true", "SET search_path = public", "SET search_path = public, pg_temp", "SET SCHEMA 'public'",
                          "RESET ALL", "SET work_mem = '1MB'", "SELECT set_config('row_security', 'on', true)",
                          "SELECT set_config('work_mem', '1' || 'MB', true)"})
    same(true, set);
}

TEST_F(VerifyTest, ColumnsThatARoleMayName) {
  policy::Role role{"clerk", {}, {}};
  role.tables[{"public", "t"}] = {{}, {"id", "x"}};
  role.tables[{"public", "countries"}] = {{}, {"id"}};
  role_ = &role;
  for (const char* text : {"SELECT name FROM public.countries", "SELECT c.name FROM public.countries c", "SELECT * FROM public.countries",
                           "SELECT c.* FROM public.countries c", "SELECT c FROM public.countries c", "SELECT (c).name FROM public.countries c",
                           "SELECT ctid FROM public.countries", "SELECT count(c) FROM public.countries c", "SELECT (SELECT name) FROM public.countries",
                           "SELECT 1 FROM public.countries c (a, b)", "SELECT 1 FROM (public.countries c JOIN public.countries d ON true) AS j",
                           "SELECT 1 FROM public.countries c NATURAL JOIN public.countries d", "SELECT 1 FROM public.countries c JOIN public.countries d USING (name)",
                           "SELECT 1 FROM public.countries c, LATERAL (SELECT c.name) d", "SELECT id FROM public.countries ORDER BY name"})
    same(false, text);
  for (const char* text : {"SELECT id FROM public.countries", "SELECT c.id, count(*) FROM public.countries c GROUP BY c.id",
                           "SELECT name FROM (SELECT 1 AS name) s", "SELECT s.* FROM (SELECT id FROM public.countries) s"})
    same(true, text);
  accept("SELECT id, x FROM t", "SELECT id, x FROM public.t WHERE " + P("t"));
  refuse("SELECT id, org_id FROM t", "SELECT id, org_id FROM public.t WHERE " + P("t"));
  accept("UPDATE t SET x = 1 WHERE id = 2", "UPDATE public.t SET x = 1 WHERE " + P("t") + " AND (id = 2)");
  refuse("UPDATE t SET y = 'a'", "UPDATE public.t SET y = 'a' WHERE " + P("t"));
  refuse("UPDATE t SET x = 1 WHERE y = 'a'", "UPDATE public.t SET x = 1 WHERE " + P("t") + " AND (y = 'a')");
  refuse("UPDATE t SET x = 1 RETURNING *", "UPDATE public.t SET x = 1 WHERE " + P("t") + " RETURNING *");
  const std::string stamp = "'1'::pg_catalog.int8";
  accept("INSERT INTO t (id, x) VALUES (1, 2)", "INSERT INTO public.t (id, x, org_id) VALUES (1, 2, " + stamp + ")");
  accept("INSERT INTO t (id, org_id) VALUES (1, 1)", "INSERT INTO public.t (id, org_id) VALUES (1, 1)");
  refuse("INSERT INTO t (id, y) VALUES (1, '2')", "INSERT INTO public.t (id, y, org_id) VALUES (1, '2', " + stamp + ")");
  refuse("INSERT INTO t VALUES (1, 1, 2, '3')", "INSERT INTO public.t (id, org_id, x, y) VALUES (1, 1, 2, '3')");
  refuse("INSERT INTO t (id) VALUES (1) ON CONFLICT (y) DO NOTHING",
         "INSERT INTO public.t (id, org_id) VALUES (1, " + stamp + ") ON CONFLICT (y) DO NOTHING");
  refuse("INSERT INTO t (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET x = length(excluded.y)",
         "INSERT INTO public.t (id, org_id) VALUES (1, " + stamp + ") ON CONFLICT (id) DO UPDATE SET x = length(excluded.y) WHERE " + P("t"));
  // A partition's columns are its parent's.
  refuse("SELECT y FROM t_2024", "SELECT y FROM public.t_2024 WHERE " + P("t_2024"));
}

TEST_F(VerifyTest, NestedSharedSourcesStayCheap) {
  std::string sql = "SELECT 1, 2";
  std::string rewritten = sql;
  for (int i = 0; i < 30; ++i) {
    sql = "WITH c AS (UPDATE t SET (x, y) = (" + sql + ") RETURNING 1) SELECT 1, 2";
    rewritten = "WITH c AS (UPDATE public.t SET (x, y) = (" + rewritten + ") WHERE " + P("t") + " RETURNING 1) SELECT 1, 2";
  }
  accept(sql, rewritten);
}

TEST_F(VerifyTest, TheDeepestTreesThatParseAreVerified) {
  std::string deep = "1";
  for (int i = 0; i < 450; ++i) deep += "+1";
  accept("SELECT " + deep + " FROM t", "SELECT " + deep + " FROM public.t WHERE " + P("t"));
  refuse("SELECT " + deep + " FROM t", "SELECT " + deep + "-1 FROM public.t WHERE " + P("t"));
}

}  // namespace
}  // namespace bulkhead::rewrite
