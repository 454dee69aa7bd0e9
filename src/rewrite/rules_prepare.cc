// PREPARE and EXECUTE in SQL. Neither is sent as it is: the session takes PREPARE for a Parse message of its body, which is then
// judged for itself, and gives EXECUTE the name that the statement goes by on the server (session/sql_statements.cc). Here the
// parts are found that it needs for that, and whatever is to be refused is refused at its place in the text.

#include <algorithm>
#include <array>

#include "rewrite/analysis.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

namespace {

/// The first query below an expression; null if there is none.
Node query_in(Node node) {
  if (node.is(Kind::SubLink)) return node;
  Node found;
  ast::for_each_child(node, [&found](Node child) {
    if (!found) found = query_in(child);
  });
  return found;
}

/// Types of pg_catalog with their OIDs, which never change (pg_type.dat), and those of their arrays.
struct BuiltinType {
  std::string_view name;
  std::uint32_t oid, array;
};
constexpr std::array kTypes = std::to_array<BuiltinType>({
    {"bool", 16, 1000},         {"bytea", 17, 1001},     {"char", 18, 1002},        {"name", 19, 1003},
    {"int8", 20, 1016},         {"int2", 21, 1005},      {"int4", 23, 1007},        {"text", 25, 1009},
    {"oid", 26, 1028},          {"json", 114, 199},      {"xml", 142, 143},         {"point", 600, 1017},
    {"cidr", 650, 651},         {"float4", 700, 1021},   {"float8", 701, 1022},     {"unknown", 0, 0},
    {"money", 790, 791},        {"macaddr", 829, 1040},  {"inet", 869, 1041},       {"bpchar", 1042, 1014},
    {"varchar", 1043, 1015},    {"date", 1082, 1182},    {"time", 1083, 1183},      {"timestamp", 1114, 1115},
    {"timestamptz", 1184, 1185}, {"interval", 1186, 1187}, {"timetz", 1266, 1270},  {"bit", 1560, 1561},
    {"varbit", 1562, 1563},     {"numeric", 1700, 1231}, {"regclass", 2205, 2210},  {"uuid", 2950, 2951},
    {"tsvector", 3614, 3643},   {"tsquery", 3615, 3645}, {"jsonb", 3802, 3807},     {"int4range", 3904, 3905},
    {"numrange", 3906, 3907},   {"tsrange", 3908, 3909}, {"tstzrange", 3910, 3911}, {"daterange", 3912, 3913},
    {"int8range", 3926, 3927},  {"jsonpath", 4072, 4073},
});

std::string_view builtin_name(Node type) {
  const auto names = type.get(f::TypeName::names);
  const bool known = names.size() == 1 || (names.size() == 2 && ast::string_of(names[0]) == "pg_catalog");
  return known && !type.get(f::TypeName::setof) && !type.get(f::TypeName::pct_type) ? ast::string_of(names.back())
                                                                                     : std::string_view();
}

/// The OID by which a Parse message declares the type. PREPARE takes no notice of a length (varchar(10)) either.
std::optional<std::uint32_t> oid_of(Node type) {
  const auto name = builtin_name(type);
  const auto at = std::find_if(kTypes.begin(), kTypes.end(), [name](const BuiltinType& t) { return t.name == name; });
  if (at == kTypes.end()) return std::nullopt;
  const bool array = !type.get(f::TypeName::arrayBounds).empty();
  if (array && at->array == 0) return std::nullopt;
  return array ? at->array : at->oid;
}

/// What can be said of an argument's value: a number, a string, or one of them with a cast to a type by its mere name.
Argument argument_of(Node value) {
  Argument out;
  if (value.is(Kind::TypeCast)) {
    const Node type = value.get(f::TypeCast::typeName);
    if (!type.get(f::TypeName::typmods).empty() || !type.get(f::TypeName::arrayBounds).empty()) return {};
    out.type = builtin_name(type);
    if (out.type.empty()) return {};
    value = value.get(f::TypeCast::arg);
  }
  if (!value.is(Kind::A_Const)) return {};
  const Node constant = value.get(f::A_Const::val);
  if (constant.is(Kind::Integer)) out.value = std::to_string(constant.get(f::Integer::ival));
  if (constant.is(Kind::Float) && keeps_its_spelling(constant.get(f::Float::fval))) out.value = constant.get(f::Float::fval);
  if (constant.is(Kind::String)) out.value = constant.get(f::String::sval);
  return out;
}

}  // namespace

bool reserved_statement_name(std::string_view name) { return name.starts_with("_b"); }

Analysis::Status Analysis::prepare(Node statement, Statement& out) {
  const auto name = statement.get(f::PrepareStmt::name);
  if (reserved_statement_name(name))
    return refuse(sqlstate::reserved_name, "names of prepared statements that begin with _b are reserved for Bulkhead",
                  "Choose another name.", -1);
  const Node body = statement.get(f::PrepareStmt::query);
  if (!body.is(Kind::SelectStmt) && !body.is(Kind::InsertStmt) && !body.is(Kind::UpdateStmt) &&
      !body.is(Kind::DeleteStmt) && !body.is(Kind::MergeStmt))
    return refused_statement(body);
  PrepareInSql prepare{std::string(name), {}, 0, 0};
  const auto types = statement.get(f::PrepareStmt::argtypes);
  for (const Node type : types) {
    const auto oid = oid_of(type);
    if (!oid)
      return refuse(sqlstate::feature_not_supported,
                    "PREPARE declares parameters of PostgreSQL's own types only through Bulkhead",
                    "Leave the types out and write a cast in the statement: $1::TYPE.", type.get(f::TypeName::location));
    prepare.types.push_back(*oid);
  }

  std::size_t token = first_token() + 2;  // behind PREPARE name
  if (clauses_.symbol(token, "(")) token = clauses_.closing(token) + 1;
  if (token + 1 >= clauses_.size() || !clauses_.key_word(token, "as")) return no_place(body);
  prepare.begin = clauses_[token + 1].begin;
  while (token + 1 < clauses_.size() && !clauses_.symbol(token + 1, ";")) ++token;
  prepare.end = clauses_[token].end;

  const Level outside(nullptr);
  const Protocol whole = std::exchange(protocol_, Protocol::extended);  // EXECUTE gives its parameters their values
  const Status judged = query(body, &outside);
  protocol_ = whole;
  BULKHEAD_CHECK(judged);
  out.prepare = std::move(prepare);
  return {};
}

Analysis::Status Analysis::execute(Node statement, Statement& out) {
  const auto name = statement.get(f::ExecuteStmt::name);
  if (reserved_statement_name(name))
    return refuse(sqlstate::invalid_sql_statement_name, "prepared statement \"" + std::string(name) + "\" does not exist", "",
                  -1);
  const auto arguments = statement.get(f::ExecuteStmt::params);
  for (const Node argument : arguments)
    if (const Node query = query_in(argument))  // the server's own error (transformSubLink, parse_expr.c)
      return refuse(sqlstate::feature_not_supported, "cannot use subquery in EXECUTE parameter", "",
                    query.get(f::SubLink::location));

  const std::size_t token = first_token() + 1;
  const bool word = token < clauses_.size() && (clauses_[token].kind == TokenKind::word ||
                                                (clauses_[token].kind == TokenKind::quoted_word && clauses_.text(token)[0] == '"'));
  const bool ends = token + 1 == clauses_.size() || clauses_.symbol(token + 1, ";") || clauses_.symbol(token + 1, "(");
  if (!word || !ends)
    return refuse(sqlstate::feature_not_supported, "this way to write the name of a prepared statement is not supported",
                  "Write it without Unicode escapes.", -1);
  out.execute = ExecuteInSql{std::string(name), clauses_[token].begin, clauses_[token].end, {}};
  for (const Node argument : arguments) out.execute->arguments.push_back(argument_of(argument));
  Level level(nullptr);
  return expressions(arguments, level);
}

}  // namespace bulkhead::rewrite
