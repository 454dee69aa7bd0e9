// Cursors, and UPDATE and DELETE WHERE CURRENT OF one.
//
// The grammar leaves no room for a predicate beside CURRENT OF, so what it writes is confined by what the cursor reads: the
// row it stands on comes from a scan of the target in the cursor's plan (execCurrentOf, execCurrent.c), and in a query of the
// tables themselves the tenant's predicate confines each of them. A view or a function of the database's own may bring a
// scan of the table into the plan that nobody has confined: such a query's cursor is good for reading only. Which cursors
// there are is the session's to know (session/cursors.h).

#include "rewrite/analysis.h"
#include "rewrite/functions.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

Analysis::Status Analysis::declare_cursor(Node statement) {
  constexpr int kHold = 0x0020;  // CURSOR_OPT_HOLD
  const Node body = statement.get(f::DeclareCursorStmt::query);
  if (!body.is(Kind::SelectStmt)) return refused_statement(body);
  if (statement.get(f::DeclareCursorStmt::options) & kHold) effects_->pins = true;
  const Level outside(nullptr);
  BULKHEAD_CHECK(query(body, &outside));
  effects_->own_rows = own_rows_;
  effects_->cursor =
      CursorChange{CursorChange::What::opens, std::string(statement.get(f::DeclareCursorStmt::portalname))};
  return {};
}

Analysis::Status Analysis::current_of(Node condition, Node target, const ResolvedRelation& relation) {
  if (relation.is_temporary()) return not_for_temporary("WHERE CURRENT OF", target.get(f::RangeVar::location));
  const bool plain = relation.relation->kind == policy::RelationKind::table ||
                     relation.relation->kind == policy::RelationKind::partitioned;
  const auto cursor = condition.get(f::CurrentOfExpr::cursor_name);
  if (!plain || !cursor.data())
    return refuse(sqlstate::feature_not_supported, "WHERE CURRENT OF is only supported for tables through Bulkhead",
                  "Name the row by its key.", target.get(f::RangeVar::location));
  effects_->stands_on.emplace_back(cursor);
  notes.push_back("the cursor \"" + std::string(cursor) + "\" confines the row of " + relation.relation->name.text());
  return {};
}

void Analysis::shows_other_rows(Node item, const ResolvedRelation* relation) {
  if (relation && relation->relation)
    own_rows_ = own_rows_ && !relation->read &&
                (relation->relation->kind == policy::RelationKind::table ||
                 relation->relation->kind == policy::RelationKind::partitioned);
  if (!item.is(Kind::RangeFunction)) return;
  // A function in SQL may be merged into the plan (inline_set_returning_function).
  for (Node call : item.get(f::RangeFunction::functions)) {
    if (call.is(Kind::List)) call = call.list().front();
    const auto names = call.is(Kind::FuncCall) ? strings(call.get(f::FuncCall::funcname)) : std::vector<std::string_view>();
    if (names.empty()) continue;  // COALESCE(…), CURRENT_DATE, a cast
    bool own = names.size() > 1 && names[0] != "pg_catalog";
    if (names.size() == 1)
      for (const std::string& schema : subject_.policy.tenancy.search_path)
        own = own || subject_.catalogue.has_function(schema, names[0]);
    own_rows_ = own_rows_ && !own && names.size() <= 2;
  }
}

}  // namespace bulkhead::rewrite
