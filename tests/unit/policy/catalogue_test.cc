#include "policy/catalogue.h"

#include <gmock/gmock.h>

namespace bulkhead::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Row = CatalogueBuilder::Row;

std::shared_ptr<const Catalogue> sample() {
  auto catalogue = load_catalogue(R"(version: 150000
relations:
  public.orders: { kind: partitioned, columns: { id: { type: int8, identity_always: true }, org_id: bigint, twice: { type: numeric, generated: true } } }
  public.orders_2024: { kind: table, parents: [public.orders], columns: { id: int8 } }
  app."Open": { kind: view, security_invoker: true, columns: { mood: app.mood } }
functions: [public.slugify]
types: [public.checked]
operators: ['public."%%"']
extension_operators: ['public."<=>"']
)");
  EXPECT_TRUE(catalogue) << catalogue.error().message;
  return *catalogue;
}

TEST(Catalogue, ReadsAFile) {
  const auto catalogue = sample();
  EXPECT_EQ(catalogue->server_version_num(), 150000);
  const auto* orders = catalogue->find("public", "orders");
  ASSERT_TRUE(orders);
  EXPECT_EQ(orders->kind, RelationKind::partitioned);
  ASSERT_EQ(orders->columns.size(), 3u);
  EXPECT_TRUE(orders->find_column("id")->identity_always);
  EXPECT_EQ(orders->find_column("org_id")->type_name, "int8") << "SQL's name of a type is the catalogue's";
  EXPECT_EQ(orders->find_column("org_id")->type_schema, "pg_catalog");
  EXPECT_TRUE(orders->find_column("twice")->generated);
  EXPECT_EQ(orders->find_column("none"), nullptr);
  EXPECT_THAT(catalogue->find("public", "orders_2024")->parents, ElementsAre(QualifiedName{"public", "orders"}));
  const auto* open = catalogue->find("app", "Open");
  ASSERT_TRUE(open);
  EXPECT_TRUE(open->security_invoker);
  EXPECT_EQ(open->find_column("mood")->type_schema, "app");
  EXPECT_EQ(catalogue->find("app", "open"), nullptr);
  EXPECT_TRUE(catalogue->has_function("public", "slugify"));
  EXPECT_FALSE(catalogue->has_function("app", "slugify"));
  ASSERT_TRUE(catalogue->code_of_type("public", "checked"));
  EXPECT_THAT(*catalogue->code_of_type("public", "checked"), ElementsAre(QualifiedName{"public", "checked"}));
  EXPECT_FALSE(catalogue->code_of_type("app", "checked"));
  EXPECT_TRUE(catalogue->has_operator("public", "%%"));
  EXPECT_FALSE(catalogue->has_extension_operator("public", "%%"));
  EXPECT_TRUE(catalogue->has_extension_operator("public", "<=>"));
  EXPECT_FALSE(catalogue->has_operator("public", "<=>"));
  EXPECT_FALSE(catalogue->has_operator("app", "%%"));
}

TEST(Catalogue, SearchesAPathInItsOrder) {
  auto catalogue = load_catalogue("version: 150000\nrelations: { a.t: { kind: table }, b.t: { kind: view } }");
  ASSERT_TRUE(catalogue);
  EXPECT_EQ((*catalogue)->find_in_path({"x", "b", "a"}, "t")->kind, RelationKind::view);
  EXPECT_EQ((*catalogue)->find_in_path({"x"}, "t"), nullptr);
}

TEST(Catalogue, EverySnapshotHasItsOwnEpoch) { EXPECT_NE(sample()->epoch(), sample()->epoch()); }

TEST(Catalogue, FileFaultsAreLocatedAndAllFound) {
  const auto catalogue = load_catalogue(
      "version: x\nrelations:\n  t: { kind: table }\n  a.b: { kind: tabel, columns: { c: ~ } }\n"
      "  a.c: { kind: table, parents: [a.z] }\n  '\"a\".c': { kind: view }\nfunctions: [f]\nextra: 1\n");
  ASSERT_FALSE(catalogue);
  EXPECT_EQ(catalogue.error().message,
            "catalogue:1:10: version: found \"x\", expected a whole number from 100000 to 999999\n"
            "catalogue:3:3: relations.t: found \"t\", expected schema.name\n"
            "catalogue:4:16: relations.\"a.b\".kind: found \"tabel\", expected table | partitioned | view | "
            "materialised_view | foreign_table | sequence | composite\n"
            "catalogue:4:37: relations.\"a.b\".columns.c: found nothing, expected the name of a type\n"
            "catalogue:5:33: relations.\"a.c\".parents[0]: the server's catalogue is not as expected: an unknown relation "
            "is a parent: a.z\n"
            "catalogue:6:12: relations.\"\\\"a\\\".c\": the server's catalogue is not as expected: a relation is there "
            "twice: a.c\n"
            "catalogue:7:13: functions[0]: found \"f\", expected a name as schema.name\n"
            "catalogue:8:1: extra: unknown key; there are version, relations, functions, extension_functions, types, operators, "
            "extension_operators");
  EXPECT_FALSE(load_catalogue(""));
  EXPECT_FALSE(load_catalogue("version: 150000\nversion: 150000"));
}

TEST(CatalogueBuilder, BuildsFromTheRowsOfTheQueries) {
  CatalogueBuilder builder;
  EXPECT_TRUE(builder.add(CatalogueQuery::version, {"160002"}));
  EXPECT_TRUE(builder.add(CatalogueQuery::relations, {"s", "t", "r", "f", "t", "t"}));
  EXPECT_TRUE(builder.add(CatalogueQuery::relations, {"s", "p", "p", "f", "t", "t"}));
  EXPECT_TRUE(builder.add(CatalogueQuery::relations, {"s", "v", "v", "t", "f", "t"}));
  EXPECT_TRUE(builder.add(CatalogueQuery::columns, {"s", "t", "a", "pg_catalog", "int8", "f", "t", "f"}));
  EXPECT_TRUE(builder.add(CatalogueQuery::columns, {"s", "t", "b", "x", "y", "t", "f", "f"}));
  EXPECT_TRUE(builder.add(CatalogueQuery::inheritance, {"s", "t", "s", "p"}));
  EXPECT_TRUE(builder.add(CatalogueQuery::functions, {"s", "f", "f"}));
  EXPECT_TRUE(builder.add(CatalogueQuery::types, {"s", "row", "s", "a"}));
  EXPECT_TRUE(builder.add(CatalogueQuery::types, {"s", "row", "s", "b"}));
  EXPECT_TRUE(builder.add(CatalogueQuery::operators, {"s", "=", "f"}));
  EXPECT_TRUE(builder.add(CatalogueQuery::type_oids, {"s", "row", "4294967295"}));
  EXPECT_FALSE(builder.add(CatalogueQuery::type_oids, {"s", "other", "4294967295"}));
  EXPECT_FALSE(builder.add(CatalogueQuery::type_oids, {"s", "other", "4294967296"}));
  const auto catalogue = builder.build();
  EXPECT_EQ(catalogue->server_version_num(), 160002);
  EXPECT_EQ(catalogue->relations().size(), 3u);
  EXPECT_TRUE(catalogue->find("s", "v")->security_invoker);
  EXPECT_EQ(catalogue->find("s", "t")->columns[1].name, "b");
  EXPECT_TRUE(catalogue->find("s", "t")->columns[1].generated);
  EXPECT_TRUE(catalogue->has_function("s", "f"));
  EXPECT_THAT(*catalogue->code_of_type("s", "row"), ElementsAre(QualifiedName{"s", "a"}, QualifiedName{"s", "b"}));
  EXPECT_TRUE(catalogue->has_operator("s", "="));
  EXPECT_EQ(catalogue->type_of(4294967295)->text(), "s.row");
  EXPECT_EQ(catalogue->type_of(16384), nullptr);
}

TEST(Catalogue, IsAnotherWhenItsTypesOrOperatorsAre) {
  const auto made = [](CatalogueQuery query, const Row& row) {
    CatalogueBuilder builder;
    EXPECT_TRUE(builder.add(query, row));
    return builder.build();
  };
  const auto type = made(CatalogueQuery::types, {"s", "t", "s", "t"}), op = made(CatalogueQuery::operators, {"s", "+", "t"});
  EXPECT_TRUE(type->same_content(*made(CatalogueQuery::types, {"s", "t", "s", "t"})));
  EXPECT_FALSE(type->same_content(*made(CatalogueQuery::types, {"s", "t", "s", "u"})));
  EXPECT_FALSE(op->same_content(*made(CatalogueQuery::operators, {"s", "+", "f"})));
  EXPECT_FALSE(op->same_content(*type));
  const auto oid = made(CatalogueQuery::type_oids, {"s", "t", "16400"});
  EXPECT_FALSE(oid->same_content(*made(CatalogueQuery::type_oids, {"s", "t", "16401"})));
}

struct BadRow {
  CatalogueQuery query;
  Row row;
  const char* why;
};

TEST(CatalogueBuilder, RefusesRowsOfAnotherShape) {
  using Q = CatalogueQuery;
  const std::vector<BadRow> rows{
      {Q::version, {"15.2"}, "version"},
      {Q::version, {"99999"}, "version"},
      {Q::version, {std::nullopt}, "missing"},
      {Q::version, {}, "number of columns"},
      {Q::version, {"150000", "x"}, "number of columns"},
      {Q::relations, {"s", "x", "r", "t"}, "number of columns"},
      {Q::relations, {"s", "x", "i", "f", "t", "t"}, "unknown kind"},
      {Q::relations, {"s", "x", "rr", "f", "t", "t"}, "unknown kind"},
      {Q::relations, {"s", "x", "r", "true", "t", "t"}, "truth value"},
      {Q::relations, {"s", "t", "r", "f", "t", "t"}, "twice: s.t"},
      {Q::relations, {"", "x", "r", "f", "t", "t"}, "missing"},
      {Q::columns, {"s", "z", "a", "pg_catalog", "int8", "f", "f", "f"}, "unknown relation: s.z"},
      {Q::columns, {"s", "t", "a", "pg_catalog", "int8", "f", "f", "f"}, "twice"},
      {Q::columns, {"s", "t", "b", "pg_catalog", "int8", "f", "", "f"}, "missing"},
      {Q::inheritance, {"s", "t", "s", "z"}, "parent: s.z"},
      {Q::inheritance, {"s", "z", "s", "t"}, "unknown relation: s.z"},
      {Q::functions, {"s", std::nullopt, "f"}, "missing"},
      {Q::types, {"s", "t"}, "number of columns"},
      {Q::types, {"s", "t", "s", std::nullopt}, "missing"},
      {Q::operators, {"s", "+", "maybe"}, "truth value"},
      {Q::operators, {"s", "*", "f"}, "twice: s.*"},
  };
  CatalogueBuilder builder;
  ASSERT_TRUE(builder.add(Q::relations, {"s", "t", "r", "f", "t", "t"}));
  ASSERT_TRUE(builder.add(Q::columns, {"s", "t", "a", "pg_catalog", "int8", "f", "f", "f"}));
  ASSERT_TRUE(builder.add(Q::operators, {"s", "*", "t"}));
  for (const auto& [query, row, why] : rows) {
    const auto added = builder.add(query, row);
    ASSERT_FALSE(added) << why;
    EXPECT_THAT(added.error().message, HasSubstr(why));
  }
}

/// An unqualified name would be looked up in the session's search_path.
TEST(CatalogueQueries, QualifyEveryName) {
  for (const auto query : kCatalogueQueries) {
    const std::string sql = sql_of(query);
    for (const auto* word : {" = ", " <> ", " > ", " IN ", " LIKE ", " ~ ", " BETWEEN ", "FROM pg_class", "JOIN pg_class"})
      EXPECT_EQ(sql.find(word), std::string::npos) << word << " in " << sql;
  }
}

}  // namespace
}  // namespace bulkhead::policy
