#include <algorithm>
#include <map>

#include "policy/sections.h"

namespace bulkhead::policy {
namespace {

constexpr const char* kQualifiedName =
    "a name as schema.name, each part in lower case or in double quotes as in SQL (public.\"Order\")";

const std::vector<std::pair<std::string, Action>> kActions{
    {"select", Action::select}, {"insert", Action::insert},     {"update", Action::update},
    {"delete", Action::delete_}, {"copy", Action::copy},        {"truncate", Action::truncate},
    {"explain", Action::explain}, {"ddl", Action::ddl}};

bool is_system_schema(std::string_view schema) { return schema.starts_with("pg_") || schema == "information_schema"; }

/// A parameter of ours to PostgreSQL: two or more identifiers joined by dots (guc.c, valid_custom_variable_name).
bool is_custom_variable(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  };
  bool start = true, dotted = false;
  for (const char c : name) {
    if (start ? !letter(c) : !(letter(c) || (c >= '0' && c <= '9') || c == '$' || c == '.')) return false;
    start = c == '.';
    dotted = dotted || start;
  }
  return dotted && !start && name.size() <= 63;
}

void load_search_path(const yaml::Node& node, Report& report, std::vector<std::string>& path) {
  path.clear();
  for (const auto* item : read_list(node, report, "schemas")) {
    std::string schema;
    if (!read_name(*item, report, "the name of a schema", schema)) continue;
    if (is_system_schema(schema) || schema == "$user") {
      report.at(*item, "found " + item->found() +
                           ", expected a schema of the application: pg_catalog always comes first, pg_temp last");
    } else if (std::find(path.begin(), path.end(), schema) != path.end()) {
      report.at(*item, "this schema is in the list already");
    } else {
      path.push_back(schema);
    }
  }
}

void load_mode(const yaml::Node& node, Report& report, Mode& mode) {
  read_choice<Mode>(
      node, report, {{"inject", Mode::inject}, {"validate", Mode::validate}, {"observe", Mode::observe}}, mode);
}

void load_context(const yaml::Node& node, Report& report) {
  bool is_signed = false;
  if (read_choice<bool>(node, report, {{"plain", false}, {"signed", true}}, is_signed) && is_signed)
    report.not_available(node, "context: signed");
}

void load_lock_secret(const yaml::Node& node, Loading& loading) {
  constexpr std::size_t kLeast = 16;  // what a tenant could guess offline, once it knows a salt, is no secret
  Secret& secret = loading.policy.tenancy.lock_secret;
  if (read_secret(node, loading.report, loading.directory, secret) && secret.reveal().size() < kLeast)
    loading.report.at(node, "expected at least " + std::to_string(kLeast) + " bytes that nobody can guess");
}

std::optional<QualifiedName> qualified_name_of(const yaml::Node& node, bool is_key, const std::string& text,
                                               Report& report) {
  auto name = parse_qualified_name(text);
  const auto fail = [&](const std::string& message) {
    is_key ? report.at_key(node, message) : report.at(node, message);
    return std::nullopt;
  };
  if (!name) return fail("found " + yaml::quote(text) + ", expected " + kQualifiedName);
  if (is_system_schema(name->schema)) return fail("what may be used of " + name->schema + " is not configurable");
  return name;
}

const std::vector<std::pair<std::string, WithoutRowSecurity>> kWithoutRowSecurity{{"refuse", WithoutRowSecurity::refuse},
                                                                                {"accept", WithoutRowSecurity::accept}};

TableRule read_table(const yaml::Node& node, Report& report) {
  TableRule rule;
  rule.line = node.key_line;
  Fields fields(&node, report);
  if (!fields) return rule;
  const auto* access = fields.take("access");
  if (access)
    read_choice<Access>(*access, report, {{"tenant", Access::tenant}, {"shared", Access::shared}, {"none", Access::none}},
                        rule.access);
  const auto* column = fields.take("column");
  if (column && read_name(*column, report, "the name of a column", rule.column) && rule.access != Access::tenant)
    report.at_key(*column, "only access: tenant has a tenant column");
  const auto* read = fields.take("read");
  if (read && read_text(*read, report, "a condition with :org", rule.read)) {
    rule.read_line = read->line;
    rule.read_column = read->column;
    if (rule.access != Access::tenant) report.at_key(*read, "only access: tenant has rows of one tenant's to add to");
  }
  const auto* without = fields.take("without_row_security");
  if (without) {
    rule.without_row_security.emplace();
    if (read_choice(*without, report, kWithoutRowSecurity, *rule.without_row_security) && rule.access != Access::tenant)
      report.at_key(*without, "only access: tenant has rows that a policy would keep apart");
  }
  if (!access && !column && !read && !without)
    report.at(node, "expected access: tenant | shared | none, column: NAME, read: CONDITION, or without_row_security: refuse | accept");
  return rule;
}

/// `all`, or a list of actions. `all` is everything but ddl.
std::set<Action> read_actions(const yaml::Node& node, Report& report, bool may_be_empty) {
  std::set<Action> actions;
  const auto add_all = [&actions] {
    for (const auto& [word, action] : kActions)
      if (action != Action::ddl) actions.insert(action);
  };
  if (node.kind == yaml::Kind::scalar && node.text == "all") {
    add_all();
    return actions;
  }
  if (node.kind != yaml::Kind::sequence) {
    report.expected(node, "all, or a list of actions");
    return actions;
  }
  if (may_be_empty && node.children.empty()) return actions;
  auto choices = kActions;
  choices.emplace_back("all", Action::ddl);  // handled before it is looked at
  for (const auto* item : read_list(node, report, "actions")) {
    Action action{};
    if (item->kind == yaml::Kind::scalar && item->text == "all") {
      add_all();
    } else if (read_choice(*item, report, choices, action)) {
      actions.insert(action);
    }
  }
  return actions;
}

/// Actions, or { allow: actions, columns: names }.
RoleTable read_role_table(const yaml::Node& node, const Role& role, Report& report) {
  RoleTable table;
  const yaml::Node* actions = &node;
  if (node.kind == yaml::Kind::map) {
    Fields fields(&node, report);
    const auto* columns = fields.take("columns");
    actions = fields.take("allow");
    table.allow = role.allow;
    if (!actions && !columns) report.at(node, "expected allow: ACTIONS, columns: [NAME, …] or both");
    if (columns) {
      std::string name;
      for (const auto* item : read_list(*columns, report, "columns"))
        if (read_name(*item, report, "the name of a column", name) && !table.columns.insert(name).second)
          report.at(*item, "this column is in the list already");
    }
  }
  if (!actions) return table;
  table.allow = read_actions(*actions, report, true);
  for (const auto& [word, action] : kActions)
    if (table.allow.count(action) && !role.allow.count(action))
      report.at(*actions, word + " is not among roles." + role.name + ".allow, which a table can only narrow");
  return table;
}

void load_role_tables(const yaml::Node& node, Report& report, Role& role) {
  for (const auto* child : read_map(node, report, "tables, each with its actions")) {
    const auto name = qualified_name_of(*child, true, child->key, report);
    auto table = read_role_table(*child, role, report);
    if (name && !role.tables.emplace(*name, std::move(table)).second)
      report.at_key(*child, "this table is here twice");
  }
}

Role read_role(const yaml::Node& node, Report& report) {
  Role role;
  role.name = node.key;
  check_name(node, report, "a name for a role");
  Fields fields(&node, report);
  const auto* allow = fields.require("allow");
  const auto* tables = fields.take("tables");
  if (!allow) return role;
  const bool readable = allow->kind == yaml::Kind::scalar || allow->kind == yaml::Kind::sequence;
  role.allow = read_actions(*allow, report, false);
  if (tables && readable && !role.allow.empty()) load_role_tables(*tables, report, role);
  return role;
}

}  // namespace

void load_tenancy(const yaml::Node* node, Loading& loading) {
  Tenancy& tenancy = loading.policy.tenancy;
  Report& report = loading.report;
  Fields fields(node, report);
  if (const auto* value = fields.take("column")) read_name(*value, report, "the name of a column", tenancy.column);
  if (const auto* value = fields.take("session_variable")) {
    if (value->kind == yaml::Kind::scalar && is_custom_variable(value->text))
      tenancy.session_variable = value->text;
    else
      report.expected(*value, "the name of a custom parameter with a dot in it, such as app.org_id");
  }
  if (const auto* value = fields.take("mode")) load_mode(*value, report, tenancy.mode);
  if (const auto* value = fields.take("explain"))
    read_choice<Explain>(*value, report, {{"refuse", Explain::refuse}, {"shape", Explain::shape}}, tenancy.explain);
  if (const auto* value = fields.take("without_row_security"))
    read_choice(*value, report, kWithoutRowSecurity, tenancy.without_row_security);
  if (const auto* value = fields.take("temporary_tables"))
    read_choice<TemporaryTables>(*value, report, {{"refuse", TemporaryTables::refuse}, {"allow", TemporaryTables::allow}},
                                 tenancy.temporary_tables);
  if (const auto* value = fields.take("context")) load_context(*value, report);
  if (const auto* value = fields.take("search_path")) load_search_path(*value, report, tenancy.search_path);
  if (const auto* value = fields.take("lock_secret")) load_lock_secret(*value, loading);
  fields.later({"search_paths"});
}

void load_tables(const yaml::Node* node, Loading& loading) {
  if (!node) return;
  for (const auto* child : read_map(*node, loading.report, "tables, each under its schema.name")) {
    const auto name = qualified_name_of(*child, true, child->key, loading.report);
    auto rule = read_table(*child, loading.report);
    if (!name) continue;
    const auto [at, fresh] = loading.policy.tables.emplace(*name, std::move(rule));
    if (!fresh) loading.report.at_key(*child, "this table is on line " + std::to_string(at->second.line) + " already");
  }
}

void load_functions(const yaml::Node* node, Loading& loading) {
  Fields fields(node, loading.report);
  const auto* allow = fields.require("allow");
  if (!allow) return;
  for (const auto* item : read_list(*allow, loading.report, "functions, each as schema.name")) {
    if (item->kind != yaml::Kind::scalar) {
      loading.report.expected(*item, kQualifiedName);
    } else if (const auto name = qualified_name_of(*item, false, item->text, loading.report)) {
      if (!loading.policy.functions.insert(*name).second)
        loading.report.at(*item, "this function is in the list already");
    }
  }
}

void load_roles(const yaml::Node* node, Loading& loading) {
  if (!node) return;
  for (const auto* child : read_map(*node, loading.report, "roles, each under its name"))
    loading.policy.roles.emplace(child->key, read_role(*child, loading.report));
}

}  // namespace bulkhead::policy
