// What expressions may hold: functions, operators, field selections. Every node below a statement comes by here.

#include <algorithm>
#include <iterator>

#include "rewrite/analysis.h"
#include "rewrite/functions.h"
#include "rewrite/settings.h"
#include "rewrite/system_relations.h"
#include "rewrite/types.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

namespace {

enum class Decision : std::uint8_t { rewritten, allowed, walked, refused };

constexpr Decision decision_of(Kind kind) {
  switch (kind) {
    case Kind::none: return Decision::refused;
#define BULKHEAD_STATEMENT(name, decision) \
  case Kind::name: return Decision::decision;
#define BULKHEAD_PART(name, decision) \
  case Kind::name: return Decision::decision;
#include "rewrite/nodes.inc"
  }
  return Decision::refused;
}

/// Members of FROM are judged by their own rules; anywhere else they are not understood.
bool belongs_in_from(Kind kind) {
  return kind == Kind::RangeVar || kind == Kind::JoinExpr || kind == Kind::RangeSubselect || kind == Kind::RangeFunction ||
         kind == Kind::RangeTableFunc || kind == Kind::RangeTableSample;
}

/// The operators of pg_catalog, PostgreSQL 15 to 18. Sorted.
constexpr std::string_view kOperators[] = {
    "!!",  "!~",  "!~*", "!~~", "!~~*", "#",   "##",  "#-",   "#>",  "#>>", "%",   "&",    "&&",  "&<",   "&<|", "&>",
    "*",   "*<",  "*<=", "*<>", "*=",   "*>",  "*>=", "+",    "-",   "->",  "->>", "-|-",  "/",   "<",    "<->", "<<",
    "<<=", "<<|", "<=",  "<>",  "<@",   "<^",  "=",   ">",    ">=",  ">>",  ">>=", ">^",   "?",   "?#",   "?&",  "?-",
    "?-|", "?|",  "?||", "@",   "@-@",  "@>",  "@?",  "@@",   "@@@", "^",   "^@",  "|",    "|&>", "|/",   "|>>", "||",
    "||/", "~",   "~*",  "~<=~", "~<~", "~=",  "~>=~", "~>~", "~~",  "~~*",
};
static_assert(std::is_sorted(std::begin(kOperators), std::end(kOperators)));

std::string joined(const std::vector<std::string_view>& names) {
  std::string out;
  for (const auto name : names) out.append(out.empty() ? "" : ".").append(name);
  return out;
}

/// Why a dangerous function is out of reach, for those an application may well call.
std::string reason_of(std::string_view name) {
  if (name == "current_query") return "it would show the statement as it reached the server";
  if (name == "pg_listening_channels") return "channels have other names on the server";
  if (name.starts_with("lo_") || name == "loread" || name == "lowrite")
    return "large objects are shared by every organisation";
  if (name.find("to_xml") != std::string_view::npos || name == "ts_stat" || name == "ts_rewrite")
    return "it runs SQL that Bulkhead does not see";
  if (name.ends_with("_size")) return "it measures the rows of every organisation";
  if (name == "setval") return "sequences are shared by every organisation";
  if (name == "pg_terminate_backend" || name == "pg_cancel_backend") return "it disturbs other sessions";
  if (name.find("snapshot") != std::string_view::npos || name.find("xact") != std::string_view::npos ||
      name.starts_with("txid_"))
    return "transaction ids tell of the activity of every organisation";
  return "it is not in the list of harmless functions";
}

}  // namespace

Analysis::Status Analysis::expressions(ast::ListView list, Level& level) {
  for (const Node node : list) BULKHEAD_CHECK(expression(node, level));
  return {};
}

Analysis::Status Analysis::expression(Node node, Level& level) {
  if (!node) return {};
  switch (decision_of(node.kind())) {
    case Decision::rewritten:
      return query(node, &level);
    case Decision::allowed:
    case Decision::refused:
      return refuse(sqlstate::feature_not_supported,
                    std::string(node.kind_name()) + " is not supported here through Bulkhead",
                    "No configuration allows it yet.", ast::leftmost(node));
    case Decision::walked:
      break;
  }
  if (belongs_in_from(node.kind()) || node.is(Kind::CurrentOfExpr)) return no_place(node);
  if (node.is(Kind::SubLink)) {
    const auto names = strings(node.get(f::SubLink::operName));
    const bool in = names.empty() && node.get(f::SubLink::testexpr);
    BULKHEAD_CHECK(operator_name(in ? std::vector<std::string_view>{"="} : names, node.get(f::SubLink::location)));
    BULKHEAD_CHECK(expression(node.get(f::SubLink::testexpr), level));
    return query(node.get(f::SubLink::subselect), &level);
  }
  if (node.is(Kind::MultiAssignRef)) {  // every column of SET (a, b) = … shares the source
    const Node source = node.get(f::MultiAssignRef::source);
    return visited_.insert(source.id()).second ? expression(source, level) : Status();
  }
  if (node.is(Kind::FuncCall)) BULKHEAD_CHECK(function_call(node, level));
  if (node.is(Kind::A_Expr)) 
    BULKHEAD_CHECK(operator_name(strings(node.get(f::A_Expr::name)), node.get(f::A_Expr::location)));
  if (node.is(Kind::SortBy)) 
    BULKHEAD_CHECK(operator_name(strings(node.get(f::SortBy::useOp)), node.get(f::SortBy::location)));
  if (node.is(Kind::CaseExpr) && node.get(f::CaseExpr::arg))
    BULKHEAD_CHECK(operator_name({"="}, node.get(f::CaseExpr::location)));
  if (node.is(Kind::TypeCast)) BULKHEAD_CHECK(cast_of_row(node));
  if (node.is(Kind::TypeName))
    BULKHEAD_CHECK(type_name(strings(node.get(f::TypeName::names)), node.get(f::TypeName::location)));
  if (node.is(Kind::ColumnRef)) BULKHEAD_CHECK(column_reference(node, level));
  if (node.is(Kind::A_Indirection)) BULKHEAD_CHECK(indirection(node, level));
  return ast::for_each_child(node, [&](Node child) { return expression(child, level); });
}

Analysis::Status Analysis::function_call(Node call, Level&) {
  const auto names = strings(call.get(f::FuncCall::funcname));
  const int location = call.get(f::FuncCall::location);
  const std::string name(names.empty() ? std::string_view() : names.back());
  const auto not_allowed = [&](const std::string& why, std::string hint) {
    return refuse(sqlstate::insufficient_privilege,
                  "function \"" + joined(names) + "\" is not allowed through Bulkhead: " + why, std::move(hint), location);
  };
  const auto user_function = [&](const std::string& schema) {
    return not_allowed("it runs code that Bulkhead does not see",
                       "functions: { allow: [" + schema + "." + name + "] } would allow it.");
  };
  if (names.empty() || names.size() > 2) return not_allowed("its name has too many parts", "Write schema.name.");

  BULKHEAD_CHECK(type_name(names, location));  // f(x) may be a cast
  const bool builtin = names.size() == 1 || names[0] == "pg_catalog";
  if (names.size() == 2 && !builtin) {
    const std::string schema(names[0]);
    if (schema == "information_schema" && information_schema_function(name)) return {};
    if (subject_.policy.functions.contains({schema, name})) return {};
    return user_function(schema);
  }
  bool user = false;
  if (names.size() == 1) {  // an overload of the search path can be a better match than pg_catalog's
    for (const std::string& schema : subject_.policy.tenancy.search_path) {
      if (!subject_.catalogue.has_function(schema, name)) continue;
      if (!subject_.policy.functions.contains({schema, name})) {
        if (overloads_builtin(schema, name)) continue;
        return user_function(schema);
      }
      user = true;
    }
  }
  switch (builtin_function(name)) {
    case BuiltinFunction::allowed:
      if (name == "pg_advisory_unlock_all") effects_->loosens = true;
      return {};
    case BuiltinFunction::refused:
      if (name == "set_config") return set_config(call);
      if (names_of_tenant(name)) {
        if (user) return not_allowed("it may be a function of your own", "Write pg_catalog." + name + ".");
        return names_call(call, name);
      }
      if (harmless_variant(name, call.get(f::FuncCall::args).size()) && !call.get(f::FuncCall::func_variadic)) return {};
      return not_allowed(reason_of(name), "No configuration allows it.");
    case BuiltinFunction::unknown:
      if (user) return {};
      return not_allowed("it is not in the list of harmless functions",
                         "functions: { allow: [SCHEMA." + name + "] } allows a function of your own.");
  }
  return user_function("SCHEMA");
}

/// What an extension adds to a harmless function of PostgreSQL's, for types of its own: max(citext). It is trusted as its operators are.
bool Analysis::overloads_builtin(const std::string& schema, std::string_view name) const {
  return builtin_function(name) == BuiltinFunction::allowed && subject_.catalogue.has_extension_function(schema, name);
}

/// set_config(name, value, is_local) is SET in an expression: judged if it can be read, and run exactly once if it lasts.
Analysis::Status Analysis::set_config(Node call) {
  const auto arguments = call.get(f::FuncCall::args);
  const int location = call.get(f::FuncCall::location);
  const auto unread = [&](const char* what) {
    return refuse(sqlstate::insufficient_privilege,
                  std::string("set_config is only allowed through Bulkhead with ") + what,
                  "Use SET or SET LOCAL.", location);
  };
  if (arguments.size() != 3) return unread("three arguments");
  for (const Node argument : arguments)
    if (!argument.is(Kind::A_Const) && !argument.is(Kind::TypeCast)) return unread("literal arguments");
  const Node name = arguments[0].is(Kind::A_Const) ? arguments[0].get(f::A_Const::val) : Node();
  const Node value = arguments[1].is(Kind::A_Const) ? arguments[1].get(f::A_Const::val) : Node();
  if (!name.is(Kind::String) || !value.is(Kind::String)) return unread("a literal name and value");
  // true and false are casts of 't' and 'f' in some versions of the grammar and Boolean constants in others.
  Node flag = arguments[2];
  if (flag.is(Kind::TypeCast)) flag = flag.get(f::TypeCast::arg);
  if (!flag.is(Kind::A_Const)) return unread("true or false as its third argument");
  flag = flag.get(f::A_Const::val);
  bool local = false;
  if (flag.is(Kind::Boolean)) {
    local = flag.get(f::Boolean::boolval);
  } else if (flag.is(Kind::String) && (flag.get(f::String::sval) == "t" || flag.get(f::String::sval) == "f")) {
    local = flag.get(f::String::sval) == "t";
  } else {
    return unread("true or false as its third argument");
  }

  const std::string parameter = fold_setting(name.get(f::String::sval));
  const std::string text(value.get(f::String::sval));
  if (parameter == "search_path")
    return refuse(sqlstate::insufficient_privilege, "set_config cannot change search_path through Bulkhead", "Use SET.",
                  location);
  const auto reach = judge_setting(parameter, text, subject_.policy.tenancy);
  if (!reach) {
    Error error = reach.error();
    error.position = character_position(sql_, static_cast<std::size_t>(std::max(location, 0)));
    return error;
  }
  if (local && is_format(parameter)) effects_->formats_locally = true;
  if (local || *reach != SettingReach::session) return {};
  if (!plain_calls_.contains(call.id()))
    return refuse(sqlstate::insufficient_privilege,
                  "set_config for the session is only allowed through Bulkhead as SELECT set_config(…) by itself",
                  "Use SET.", location);
  effects_->settings.push_back({parameter, text});
  return {};
}

Analysis::Status Analysis::operator_name(const std::vector<std::string_view>& names, int location) {
  if (names.empty()) return {};
  const std::string symbol(names.back());
  if (const auto between = symbol.find("BETWEEN"); between != std::string::npos) {
    BULKHEAD_CHECK(operator_name({between == 0 ? ">=" : "<"}, location));
    return operator_name({between == 0 ? "<=" : ">"}, location);
  }
  const auto not_allowed = [&](const std::string& schema) {
    return refuse(sqlstate::insufficient_privilege,
                  "operator \"" + joined(names) + "\" is not allowed through Bulkhead: it runs code that Bulkhead does not see",
                  "functions: { allow: ['" + schema + ".\"" + symbol + "\"'] } would allow it.", location);
  };
  const auto& allowed = subject_.policy.functions;
  const bool known = std::binary_search(std::begin(kOperators), std::end(kOperators), symbol) || symbol == "!=";
  if (names.size() == 2 && names[0] == "pg_catalog") return known ? Status() : Status(not_allowed("SCHEMA"));
  if (names.size() == 2) {
    const std::string schema(names[0]);
    const bool harmless = subject_.catalogue.has_extension_operator(schema, symbol) || allowed.contains({schema, symbol});
    return harmless ? Status() : Status(not_allowed(schema));
  }
  if (names.size() > 2) return not_allowed("SCHEMA");
  bool user = false;
  for (const std::string& schema : subject_.policy.tenancy.search_path) {  // an overload can be a better match
    const bool harmless = allowed.contains({schema, symbol});
    if (subject_.catalogue.has_operator(schema, symbol) && !harmless) return not_allowed(schema);
    user = user || harmless || subject_.catalogue.has_extension_operator(schema, symbol);
  }
  return known || user ? Status() : Status(not_allowed("SCHEMA"));
}

Analysis::Status Analysis::type_name(const std::vector<std::string_view>& names, int location) {
  const auto culprit = forbidden_type(names, subject_);
  if (!culprit) return {};
  const Error error = type_refused(joined(names), *culprit);
  return refuse(error.state, error.message, error.hint, location);
}

Analysis::Status Analysis::column_reference(Node column, Level& level) {
  const auto fields = column.get(f::ColumnRef::fields);
  const int location = column.get(f::ColumnRef::location);
  const auto names = strings(fields);
  const bool star = fields.back().is(Kind::A_Star);
  BULKHEAD_CHECK(limited_reference(names, star, level, location));
  if (star && names.size() == 1) {
    if (level.has_pg_class()) whole_pg_class_ = location;
    return {};
  }
  // The part that may name a member of FROM: the last one of a whole-row reference, the one before a column or star.
  const bool may_be_row = star || names.size() == 1;
  const std::string_view row = names.size() == 1 ? names[0] : names[names.size() - 2];
  if (level.may_be_pg_class(row)) {
    if (may_be_row) whole_pg_class_ = location;
    if (names.size() > 2 || (!may_be_row && !is_own_pg_class_column(names.back()))) bare_pg_class_ = location;
    if (!may_be_row && !is_pg_class_column(names.back())) whole_pg_class_ = location;
  }
  if (may_be_row) return {};
  if (field_name(names.back(), -1)) return {};
  // PostgreSQL 18: the rows of RETURNING, whatever else goes by these names.
  const bool returned = (row == "old" || row == "new") && subject_.catalogue.server_version_num() >= 180000;
  return !returned && level.surely_has_column(row, names.back()) ? Status() : field_name(names.back(), location);
}

/// (t).f is t.f where no source can have a column t, which would come first.
Analysis::Status Analysis::indirection(Node node, Level& level) {
  const Node base = node.get(f::A_Indirection::arg);
  const auto fields = node.get(f::A_Indirection::indirection);
  const auto proved = [&](std::string_view field) {
    if (!base.is(Kind::ColumnRef) || base.get(f::ColumnRef::fields).size() != 1) return false;
    const auto name = ast::string_of(base.get(f::ColumnRef::fields).front());
    return level.surely_has_column(name, field) && level.surely_no_column(name);
  };
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!fields[i].is(Kind::String)) continue;
    const auto name = ast::string_of(fields[i]);
    if (!field_name(name, -1) && !(i == 0 && proved(name))) return field_name(name, ast::leftmost(node));
  }
  return {};
}

/// x.f is f(x) when x has no column f (manual, "Function Calling Conventions"), and f may be a type to cast to.
Analysis::Status Analysis::field_name(std::string_view name, int location) {
  if (harmless_fields_.contains(name)) return {};
  BULKHEAD_CHECK(type_name({name}, location));
  std::string schema;
  for (const std::string& candidate : subject_.policy.tenancy.search_path)
    if (subject_.catalogue.has_function(candidate, name) &&
        !subject_.policy.functions.contains({candidate, std::string(name)}) && !overloads_builtin(candidate, name))
      schema = candidate;
  const bool refused_builtin = builtin_function(name) == BuiltinFunction::refused;
  if (schema.empty() && !refused_builtin) {
    harmless_fields_.insert(name);
    return {};
  }
  return refuse(sqlstate::insufficient_privilege,
                "\"" + std::string(name) + "\" would be a call of a function that is not allowed through Bulkhead",
                refused_builtin ? "No configuration allows it."
                                : "functions: { allow: [" + schema + "." + std::string(name) + "] } would allow it.",
                location);
}

}  // namespace bulkhead::rewrite
