#include "rewrite/verify_calls.h"

#include <algorithm>
#include <string>

#include "rewrite/functions.h"
#include "rewrite/settings.h"
#include "rewrite/system_relations.h"
#include "rewrite/verify_forms.h"

namespace bulkhead::rewrite::verifier {

using ast::Kind;
using ast::ListView;
using ast::Node;
namespace f = ast::f;

namespace {

bool is_organisation(std::string_view setting, const Subject& subject) {
  return fold_setting(setting) == fold_setting(subject.policy.tenancy.session_variable);
}

/// Of set_config: a literal name of a setting that is not the organisation's.
bool sets_another(ListView arguments, const Subject& subject) {
  if (arguments.size() != 3 || !arguments[0].is(Kind::A_Const)) return false;
  const Node name = arguments[0].get(f::A_Const::val);
  return name.is(Kind::String) && !is_organisation(name.get(f::String::sval), subject);
}

/// A function of the path by that name, which nobody allows, may be what PostgreSQL finds first.
bool hides_another(std::string_view name, const Subject& subject) {
  const auto& path = subject.policy.tenancy.search_path;
  return std::any_of(path.begin(), path.end(), [&](const std::string& schema) {
    return subject.catalogue.has_function(schema, name) && !subject.catalogue.has_extension_function(schema, name) &&
           !subject.policy.functions.contains({schema, std::string(name)});
  });
}

bool allows(std::string_view schema, std::string_view name, const Subject& subject) {
  return subject.policy.functions.contains({std::string(schema), std::string(name)});
}

bool may_call(Node call, const Subject& subject) {
  const ListView names = call.get(f::FuncCall::funcname), arguments = call.get(f::FuncCall::args);
  if (names.empty() || names.size() > 2) return false;
  const std::string_view name = ast::string_of(names.back());
  const std::string_view schema = names.size() == 2 ? ast::string_of(names.front()) : std::string_view();
  if (names.size() == 2 && schema != "pg_catalog")
    return allows(schema, name, subject) || (schema == "information_schema" && information_schema_function(name));
  if (names.size() == 1 && hides_another(name, subject)) return false;
  switch (builtin_function(name)) {
    case BuiltinFunction::allowed: return true;
    case BuiltinFunction::unknown: {
      const auto& path = subject.policy.tenancy.search_path;
      return names.size() == 1 && std::any_of(path.begin(), path.end(), [&](const std::string& one) { return allows(one, name, subject); });
    }
    case BuiltinFunction::refused: break;
  }
  if (name == "set_config") return sets_another(arguments, subject);
  if (names_of_tenant(name)) return true;  // the difference demands the tenant's salt
  return harmless_variant(name, arguments.size()) && !call.get(f::FuncCall::func_variadic);
}

/// Says nothing where a member of WITH has that name: which of them is meant is the rules' to tell.
bool shows_others(Node range_var, Node statement) {
  const std::string_view schema = range_var.get(f::RangeVar::schemaname), name = range_var.get(f::RangeVar::relname);
  if (schema == "information_schema") return information_schema_relation(name) == SystemRelation::refused;
  const bool system = schema.empty() ? name.starts_with("pg_") : schema == "pg_catalog";
  if (!system || pg_catalog_relation(name) != SystemRelation::refused) return false;
  const auto has_name = [&](Node node) { return node.is(Kind::CommonTableExpr) && node.get(f::CommonTableExpr::ctename) == name; };
  return !schema.empty() || !ast::find_first(statement, has_name);
}

}  // namespace

Result<void> calls(Node statement, const Subject& subject) {
  const Node found = ast::find_first(statement, [&](Node node) {
    if (node.is(Kind::FuncCall)) return !may_call(node, subject);
    if (node.is(Kind::VariableSetStmt)) return is_organisation(node.get(f::VariableSetStmt::name), subject);
    return node.is(Kind::RangeVar) && shows_others(node, statement);
  });
  if (!found) return {};
  return refused(found.is(Kind::FuncCall)  ? "a call of a function that is not allowed"
                 : found.is(Kind::RangeVar) ? "a relation of the system's that shows others"
                                            : "the session's organisation being set");
}

}  // namespace bulkhead::rewrite::verifier
