#include "policy/catalogue.h"
#include "policy/reader.h"

namespace bulkhead::policy {
namespace {

using Row = CatalogueBuilder::Row;

/// The names SQL gives to types the catalogue calls otherwise (manual, "Data Types", aliases).
std::string catalogue_type(const std::string& name) {
  static const std::map<std::string, std::string> kAliases{
      {"smallint", "int2"}, {"integer", "int4"},           {"int", "int4"},        {"bigint", "int8"},
      {"real", "float4"},   {"double precision", "float8"}, {"boolean", "bool"},   {"decimal", "numeric"},
      {"character varying", "varchar"}};
  const auto at = kAliases.find(name);
  return at == kAliases.end() ? name : at->second;
}

/// Rows of the file on their way into a builder, in the order the builder wants them.
class Reader {
 public:
  Reader(Report& report, CatalogueBuilder& builder) : report_(report), builder_(builder) {}

  void read(const yaml::Node& root) {
    Fields fields(&root, report_);
    long version = 0;
    if (const auto* node = fields.require("version"); node && read_integer(*node, report_, 100'000, 999'999, version))
      add(*node, CatalogueQuery::version, {std::to_string(version)});
    if (const auto* relations = fields.take("relations")) read_relations(*relations);
    if (const auto* functions = fields.take("functions")) read_functions(*functions, "f");
    if (const auto* functions = fields.take("extension_functions")) read_functions(*functions, "t");
    if (const auto* types = fields.take("types")) read_types(*types);
    if (const auto* operators = fields.take("operators")) read_operators(*operators, "f");
    if (const auto* operators = fields.take("extension_operators")) read_operators(*operators, "t");
  }

 private:
  struct Parts {
    const yaml::Node* node;
    QualifiedName name;
    const yaml::Node* columns;
    const yaml::Node* parents;
  };

  void add(const yaml::Node& node, CatalogueQuery query, const Row& row) {
    if (auto added = builder_.add(query, row); !added) report_.at(node, added.error().message);
  }

  void read_relations(const yaml::Node& node) {
    std::vector<Parts> all;
    for (const auto* child : read_map(node, report_, "relations, each under its schema.name"))
      if (auto parts = read_relation(*child)) all.push_back(std::move(*parts));
    for (const auto& parts : all)
      if (parts.columns) read_columns(parts);
    for (const auto& parts : all)
      if (parts.parents) read_parents(parts);
  }

  std::optional<Parts> read_relation(const yaml::Node& node) {
    static const std::vector<std::pair<std::string, RelationKind>> kKinds{
        {"table", RelationKind::table},
        {"partitioned", RelationKind::partitioned},
        {"view", RelationKind::view},
        {"materialised_view", RelationKind::materialised_view},
        {"foreign_table", RelationKind::foreign_table},
        {"sequence", RelationKind::sequence},
        {"composite", RelationKind::composite}};
    auto name = parse_qualified_name(node.key);
    if (!name) report_.at_key(node, "found " + yaml::quote(node.key) + ", expected schema.name");
    Fields fields(&node, report_);
    auto kind = RelationKind::table;
    bool security_invoker = false;
    if (const auto* value = fields.require("kind")) read_choice(*value, report_, kKinds, kind);
    bool row_security = kind == RelationKind::table || kind == RelationKind::partitioned;
    if (const auto* value = fields.take("row_security")) read_boolean(*value, report_, row_security);
    if (const auto* value = fields.take("security_invoker")) read_boolean(*value, report_, security_invoker);
    bool usage = true;
    if (const auto* value = fields.take("usage")) read_boolean(*value, report_, usage);
    const auto* columns = fields.take("columns");
    const auto* parents = fields.take("parents");
    if (!name) return std::nullopt;
    add(node, CatalogueQuery::relations,
        {name->schema, name->name, std::string(1, static_cast<char>(kind)), security_invoker ? "t" : "f",
         row_security ? "t" : "f", usage ? "t" : "f"});
    return Parts{&node, std::move(*name), columns, parents};
  }

  void read_columns(const Parts& parts) {
    for (const auto* child : read_map(*parts.columns, report_, "columns, each with its type")) {
      const bool named = check_name(*child, report_, "the name of a column");
      std::string type;
      bool generated = false, identity_always = false, nondeterministic = false;
      if (child->kind == yaml::Kind::map) {
        Fields fields(child, report_);
        if (const auto* value = fields.require("type")) read_text(*value, report_, "the name of a type", type);
        if (const auto* value = fields.take("generated")) read_boolean(*value, report_, generated);
        if (const auto* value = fields.take("identity_always")) read_boolean(*value, report_, identity_always);
        if (const auto* value = fields.take("nondeterministic")) read_boolean(*value, report_, nondeterministic);
      } else {
        read_text(*child, report_, "the name of a type", type);
      }
      if (!named || type.empty()) continue;
      const auto qualified =
          parse_qualified_name(type).value_or(QualifiedName{"pg_catalog", catalogue_type(type)});
      add(*child, CatalogueQuery::columns,
          {parts.name.schema, parts.name.name, child->key, qualified.schema, qualified.name, generated ? "t" : "f",
           identity_always ? "t" : "f", nondeterministic ? "t" : "f"});
    }
  }

  void read_parents(const Parts& parts) {
    for (const auto* item : read_list(*parts.parents, report_, "relations, each as schema.name"))
      if (const auto name = read_qualified(*item))
        add(*item, CatalogueQuery::inheritance, {parts.name.schema, parts.name.name, name->schema, name->name});
  }

  void read_functions(const yaml::Node& node, const char* of_extension) {
    for (const auto* item : read_list(node, report_, "functions, each as schema.name"))
      if (const auto name = read_qualified(*item))
        add(*item, CatalogueQuery::functions, {name->schema, name->name, of_extension});
  }

  void read_types(const yaml::Node& node) {
    for (const auto* item : read_list(node, report_, "types, each as schema.name"))
      if (const auto name = read_qualified(*item))
        add(*item, CatalogueQuery::types, {name->schema, name->name, name->schema, name->name});
  }

  void read_operators(const yaml::Node& node, const char* of_extension) {
    for (const auto* item : read_list(node, report_, "operators, each as schema.\"symbol\""))
      if (const auto name = read_qualified(*item))
        add(*item, CatalogueQuery::operators, {name->schema, name->name, of_extension});
  }

  std::optional<QualifiedName> read_qualified(const yaml::Node& node) {
    auto name = node.kind == yaml::Kind::scalar ? parse_qualified_name(node.text) : std::nullopt;
    if (!name) report_.expected(node, "a name as schema.name");
    return name;
  }

  Report& report_;
  CatalogueBuilder& builder_;
};

}  // namespace

Result<std::shared_ptr<const Catalogue>> load_catalogue(std::string_view yaml) {
  const auto document = yaml::parse(yaml);
  Report report;
  CatalogueBuilder builder;
  for (const auto& finding : document.findings()) report.add(finding);
  if (document.root()) Reader(report, builder).read(*document.root());
  if (report.empty()) return builder.build();
  auto text = describe("catalogue", report.take());
  text.pop_back();
  return make_error(sqlstate::config_file_error, std::move(text));
}

}  // namespace bulkhead::policy
