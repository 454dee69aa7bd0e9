// PREPARE and EXECUTE in SQL. What PREPARE makes stays on its server connection, and its client with it (Effects::pins).

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

}  // namespace

bool reserved_statement_name(std::string_view name) { return name.starts_with("_b"); }

/// The body is judged as a statement of its own. In it a parameter has no value yet, and the one it gets is nobody's to
/// check: it can feed no tenant column.
Analysis::Status Analysis::prepare(Node statement) {
  if (reserved_statement_name(statement.get(f::PrepareStmt::name)))
    return refuse(sqlstate::reserved_name, "names of prepared statements that begin with _b are reserved for Bulkhead",
                  "Choose another name.", -1);
  const Node body = statement.get(f::PrepareStmt::query);
  if (!body.is(Kind::SelectStmt) && !body.is(Kind::InsertStmt) && !body.is(Kind::UpdateStmt) &&
      !body.is(Kind::DeleteStmt) && !body.is(Kind::MergeStmt))
    return refused_statement(body);
  Level outside(nullptr);
  BULKHEAD_CHECK(expressions(statement.get(f::PrepareStmt::argtypes), outside));
  const Protocol whole = std::exchange(protocol_, Protocol::simple);  // no Bind gives its parameters their values
  const Status judged = query(body, &outside);
  protocol_ = whole;
  BULKHEAD_CHECK(judged);
  if (!effects_->stands_on.empty())
    return refuse(sqlstate::feature_not_supported, "WHERE CURRENT OF is not supported in PREPARE through Bulkhead",
                  "Prepare the statement through the protocol.", -1);
  effects_->pins = effects_->prepares = true;
  return {};
}

Analysis::Status Analysis::execute(Node statement) {
  const auto name = statement.get(f::ExecuteStmt::name);
  if (reserved_statement_name(name))
    return refuse(sqlstate::invalid_sql_statement_name, "prepared statement \"" + std::string(name) + "\" does not exist", "",
                  -1);
  const auto arguments = statement.get(f::ExecuteStmt::params);
  for (const Node argument : arguments)
    if (const Node query = query_in(argument))  // the server's own error (transformSubLink, parse_expr.c)
      return refuse(sqlstate::feature_not_supported, "cannot use subquery in EXECUTE parameter", "",
                    query.get(f::SubLink::location));
  Level level(nullptr);
  return expressions(arguments, level);
}

}  // namespace bulkhead::rewrite
