#include "rewrite/verify_calls.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "rewrite/functions.h"
#include "rewrite/system_relations.h"
#include "rewrite/verify_forms.h"
#include "rewrite/verify_references.h"

namespace bulkhead::rewrite::verifier {

using ast::Kind;
using ast::ListView;
using ast::Node;
namespace f = ast::f;

namespace {

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// What decides how the text is read, in whose name it runs and whether policies hold: the one value each has, in PostgreSQL's
/// spellings; no value: none.
bool keeps_pinned(std::string_view setting, std::string_view value) {
  struct Pinned {
    std::string_view setting;
    std::initializer_list<std::string_view> values;
  };
  static const Pinned kPinned[] = {
      {"standard_conforming_strings", {"on", "true", "yes", "1"}},
      {"client_encoding", {"utf8", "utf-8", "unicode"}},
      {"backslash_quote", {"safe_encoding"}},
      {"role", {"none"}},
      {"session_authorization", {}},
      {"row_security", {"on", "true", "yes", "1"}},
  };
  for (const Pinned& pinned : kPinned)
    if (pinned.setting == setting)
      return std::find(pinned.values.begin(), pinned.values.end(), lower_case(value)) != pinned.values.end();
  return true;
}

/// The organisation's own setting, for which there is no value a client could give it.
bool is_organisation(std::string_view setting, const Subject& subject) {
  return lower_case(setting) == lower_case(subject.policy.tenancy.session_variable);
}

/// A constant as SET reads it; nothing for anything else.
std::optional<std::string> value_of(Node node) {
  const Node value = node.is(Kind::A_Const) ? node.get(f::A_Const::val) : Node();
  if (value.is(Kind::String)) return std::string(value.get(f::String::sval));
  if (value.is(Kind::Integer)) return std::to_string(value.get(f::Integer::ival));
  if (value.is(Kind::Boolean)) return value.get(f::Boolean::boolval) ? "on" : "off";
  return std::nullopt;
}

/// SET search_path to what it is, or with pg_temp behind it, where it is searched anyway for the client's own.
bool is_path(ListView values, const Subject& subject) {
  std::vector<std::string> names;
  for (const Node value : values) names.push_back(value_of(value).value_or(std::string()));
  std::vector<std::string> path = subject.policy.tenancy.search_path;
  if (names == path) return true;
  path.push_back("pg_temp");
  return names == path;
}

/// SET, RESET and the like leave what is pinned as it is.
bool sets_harmlessly(Node set, const Subject& subject) {
  const std::string name = lower_case(set.get(f::VariableSetStmt::name));
  if (is_organisation(name, subject)) return false;
  if (set.get(f::VariableSetStmt::kind) != ast::VariableSetKind::VAR_SET_VALUE) return true;  // to what the connection began with
  const ListView values = set.get(f::VariableSetStmt::args);
  if (name == "search_path") return is_path(values, subject);
  const auto value = values.size() == 1 ? value_of(values.front()) : std::nullopt;
  return keeps_pinned(name, value.value_or(std::string()));
}

/// Of set_config: a literal name of a setting, neither the organisation's nor the path, and what is pinned left as it is.
bool sets_another(ListView arguments, const Subject& subject) {
  if (arguments.size() != 3 || !arguments[0].is(Kind::A_Const)) return false;
  const Node name = arguments[0].get(f::A_Const::val);
  if (!name.is(Kind::String)) return false;
  const std::string setting = lower_case(name.get(f::String::sval));
  return !is_organisation(setting, subject) && setting != "search_path" &&
         keeps_pinned(setting, value_of(arguments[1]).value_or(std::string()));
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
  if (casts_by_code(names, subject)) return false;  // f(x) may be a cast
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

struct Operator {
  std::string_view schema;  ///< empty: the path's
  std::string_view symbol;
};

/// Those that a node applies to what it holds.
std::vector<Operator> operators_of(Node node) {
  ListView names;
  if (node.is(Kind::CaseExpr) && node.get(f::CaseExpr::arg)) return {{{}, "="}};
  if (node.is(Kind::JoinExpr) && (node.get(f::JoinExpr::isNatural) || !node.get(f::JoinExpr::usingClause).is_nil())) return {{{}, "="}};
  if (node.is(Kind::SortBy)) names = node.get(f::SortBy::useOp);
  if (node.is(Kind::SubLink)) {
    names = node.get(f::SubLink::operName);
    if (names.is_nil() && node.get(f::SubLink::testexpr)) return {{{}, "="}};
  }
  if (node.is(Kind::A_Expr)) {
    const auto kind = node.get(f::A_Expr::kind);
    if (kind == ast::A_Expr_Kind::AEXPR_BETWEEN || kind == ast::A_Expr_Kind::AEXPR_BETWEEN_SYM) return {{{}, ">="}, {{}, "<="}};
    if (kind == ast::A_Expr_Kind::AEXPR_NOT_BETWEEN || kind == ast::A_Expr_Kind::AEXPR_NOT_BETWEEN_SYM) return {{{}, "<"}, {{}, ">"}};
    names = node.get(f::A_Expr::name);
  }
  if (names.is_nil()) return {};
  return {{names.size() > 1 ? ast::string_of(names[names.size() - 2]) : std::string_view(), ast::string_of(names.back())}};
}

/// What the path has of that name is a candidate beside pg_catalog's own.
bool may_use(const Operator& used, const Subject& subject) {
  const auto allowed = [&](const std::string& schema) {
    return subject.policy.functions.contains({schema, std::string(used.symbol)});
  };
  if (used.schema == "pg_catalog") return true;
  if (!used.schema.empty()) {
    const std::string schema(used.schema);
    return allowed(schema) || subject.catalogue.has_extension_operator(schema, used.symbol);
  }
  const auto& path = subject.policy.tenancy.search_path;
  return std::none_of(path.begin(), path.end(), [&](const std::string& schema) {
    return subject.catalogue.has_operator(schema, used.symbol) && !allowed(schema);
  });
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
  BULKHEAD_CHECK(references(statement, subject));
  const Node found = ast::find_first(statement, [&](Node node) {
    if (node.is(Kind::FuncCall)) return !may_call(node, subject);
    if (node.is(Kind::VariableSetStmt)) return !sets_harmlessly(node, subject);
    if (node.is(Kind::TypeName)) return casts_by_code(node.get(f::TypeName::names), subject);
    if (const auto operators = operators_of(node); !operators.empty())
      return std::any_of(operators.begin(), operators.end(), [&](const Operator& one) { return !may_use(one, subject); });
    return node.is(Kind::RangeVar) && shows_others(node, statement);
  });
  if (!found) return {};
  return refused(found.is(Kind::FuncCall)          ? "a call of a function that is not allowed"
                 : found.is(Kind::RangeVar)        ? "a relation of the system's that shows others"
                 : found.is(Kind::TypeName)        ? "a type whose casts run code that is not allowed"
                 : found.is(Kind::VariableSetStmt) ? "a setting that is pinned"
                                                   : "an operator that is not allowed");
}

}  // namespace bulkhead::rewrite::verifier
