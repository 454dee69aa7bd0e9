// UPDATE, DELETE, and what may be assigned to the tenant column.

#include "base/uuid.h"
#include "rewrite/analysis.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

namespace {

bool is_integer(std::string_view type) { return type == "int2" || type == "int4" || type == "int8"; }

std::vector<Node> members(Node target, ast::ListView from) {
  std::vector<Node> all{target};
  all.insert(all.end(), from.begin(), from.end());
  return all;
}

}  // namespace

Analysis::Status Analysis::update(Node statement, const Level* outer) {
  const Node target = statement.get(f::UpdateStmt::relation), with = statement.get(f::UpdateStmt::withClause);
  Level level(outer);
  BULKHEAD_CHECK(with_clause(with, level));
  ResolvedRelation relation;
  BULKHEAD_CHECK(resolve_target(target, policy::Action::update, relation));
  BULKHEAD_CHECK(qualify(target, relation));
  level.add(target_source(alias_of(target), target, relation));
  const auto from = statement.get(f::UpdateStmt::fromClause);
  BULKHEAD_CHECK(distinct_names(members(target, from)));
  const Node where = statement.get(f::UpdateStmt::whereClause);
  BULKHEAD_TRY(const Pendings pendings, from_clause(from, level, where.is(Kind::CurrentOfExpr)));

  BULKHEAD_CHECK(confine_target(target, relation, where, pendings, "updated"));
  BULKHEAD_CHECK(assignments(statement.get(f::UpdateStmt::targetList), relation, level, false));
  BULKHEAD_CHECK(returning(statement.get(f::UpdateStmt::returningList), target, relation));

  std::vector<Node> judged{target, with};
  if (where.is(Kind::CurrentOfExpr)) judged.push_back(where);
  for (const Node item : from) {
    BULKHEAD_CHECK(from_expressions(item, level));
    judged.push_back(item);
  }
  return rest(statement, judged, level);
}

Analysis::Status Analysis::delete_(Node statement, const Level* outer) {
  const Node target = statement.get(f::DeleteStmt::relation), with = statement.get(f::DeleteStmt::withClause);
  Level level(outer);
  BULKHEAD_CHECK(with_clause(with, level));
  ResolvedRelation relation;
  BULKHEAD_CHECK(resolve_target(target, policy::Action::delete_, relation));
  BULKHEAD_CHECK(qualify(target, relation));
  level.add(target_source(alias_of(target), target, relation));
  const auto from = statement.get(f::DeleteStmt::usingClause);
  BULKHEAD_CHECK(distinct_names(members(target, from)));
  const Node where = statement.get(f::DeleteStmt::whereClause);
  BULKHEAD_TRY(const Pendings pendings, from_clause(from, level, where.is(Kind::CurrentOfExpr)));

  BULKHEAD_CHECK(confine_target(target, relation, where, pendings, "deleted"));
  BULKHEAD_CHECK(returning(statement.get(f::DeleteStmt::returningList), target, relation));

  std::vector<Node> judged{target, with};
  if (where.is(Kind::CurrentOfExpr)) judged.push_back(where);
  for (const Node item : from) {
    BULKHEAD_CHECK(from_expressions(item, level));
    judged.push_back(item);
  }
  return rest(statement, judged, level);
}

/// The predicates go into WHERE. Beside CURRENT OF there is no room for any.
Analysis::Status Analysis::confine_target(Node target, const ResolvedRelation& relation, Node where, const Pendings& pendings,
                                          const char* what_becomes_of_it) {
  if (where.is(Kind::CurrentOfExpr)) return current_of(where, target, relation);  // FROM has subqueries
  std::string predicates = conjunction(pendings);
  if (relation.is_tenant()) {
    predicates = predicate(alias_of(target), relation) + (pendings.empty() ? "" : " AND ") + predicates;
    notes.push_back("WHERE confines the rows of " + relation.relation->name.text() + " that are " + what_becomes_of_it);
  }
  if (predicates.empty()) return {};
  const Clauses::Relation tokens = tokens_of(target);
  if (tokens.name == Clauses::npos) return no_place(target);
  return place_in_where(tokens.alias_end, static_cast<bool>(where), predicates, target);
}

/// RETURNING reads: the role must be allowed to. (Its expressions are judged with the rest of the statement.)
Analysis::Status Analysis::returning(ast::ListView targets, Node range_var, const ResolvedRelation& relation) {
  return targets.empty() ? Status() : require(range_var, relation, policy::Action::select);
}

Analysis::Status Analysis::assignments(ast::ListView targets, const ResolvedRelation& relation, Level& level,
                                       bool on_conflict) {
  if (relation.is_temporary()) return {};
  BULKHEAD_CHECK(limited_targets(targets, relation, false));
  for (const Node target : targets) {
    if (target.get(f::ResTarget::name) != relation.tenant_column->name) continue;
    Node value = target.get(f::ResTarget::val);
    if (value.is(Kind::MultiAssignRef)) {  // SET (a, b) = (…)
      const Node source = value.get(f::MultiAssignRef::source);
      const auto column = static_cast<std::size_t>(value.get(f::MultiAssignRef::colno));
      const auto row = source.is(Kind::RowExpr) ? source.get(f::RowExpr::args) : ast::ListView();
      const bool counted = std::none_of(row.begin(), row.end(), is_star);
      value = counted && column >= 1 && column <= row.size() ? row[column - 1] : Node();
    }
    Stamp stamp = target.get(f::ResTarget::indirection).empty() && value ? stamp_of(value, relation) : Stamp::unproven;
    if (value.is(Kind::ColumnRef)) {  // the row's own value, or that of the row to be inserted, which has been checked
      const auto fields = strings(value.get(f::ColumnRef::fields));
      const bool own_name = fields.size() == 2 && fields[1] == relation.tenant_column->name;
      const bool of_target = own_name && level.size() > 0 && fields[0] == level.first_alias();
      if (of_target || (own_name && on_conflict && fields[0] == "excluded")) stamp = Stamp::own;
    }
    if (target.get(f::ResTarget::indirection).empty() && guard(value, relation)) continue;
    BULKHEAD_CHECK(require_own(stamp, relation, target));
  }
  return {};
}

Analysis::Stamp Analysis::stamp_of(Node value, const ResolvedRelation& relation) const {
  const std::string& type = relation.tenant_column->type_name;
  if (value.is(Kind::TypeCast)) {
    const Node name = value.get(f::TypeCast::typeName);
    const auto names = strings(name.get(f::TypeName::names));
    const bool same_type = !names.empty() && (names.back() == type || (is_integer(names.back()) && is_integer(type))) &&
                           (names.size() == 1 || names[0] == "pg_catalog") &&
                           name.get(f::TypeName::typmods).empty() && name.get(f::TypeName::arrayBounds).empty();
    if (!same_type) return Stamp::unproven;
    value = value.get(f::TypeCast::arg);
  }
  if (!value.is(Kind::A_Const)) return Stamp::unproven;
  const Node constant = value.get(f::A_Const::val);
  std::string text;
  if (constant.is(Kind::Integer)) {
    text = std::to_string(constant.get(f::Integer::ival));
  } else if (constant.is(Kind::Float)) {  // an integer of more than 31 bits
    text = constant.get(f::Float::fval);
    if (!keeps_its_spelling(text)) return Stamp::foreign;
  } else if (constant.is(Kind::String)) {
    text = constant.get(f::String::sval);
  } else {
    return Stamp::foreign;  // NULL, true, a bit string
  }
  const std::string& own = subject_.tenant.org;
  if (text == own) return Stamp::own;
  const auto bytes = type == "uuid" ? uuid_bytes(text) : std::nullopt;
  return bytes && bytes == uuid_bytes(own) ? Stamp::own : Stamp::foreign;
}

Analysis::Status Analysis::require_own(Stamp stamp, const ResolvedRelation& relation, Node near) const {
  const std::string column = "column \"" + relation.tenant_column->name + "\" of relation \"" +
                             relation.relation->name.text() + "\"";
  const auto location = [near] { return near ? ast::leftmost(near) : -1; };
  switch (stamp) {
    case Stamp::own:
      return {};
    case Stamp::foreign:
      return refuse(sqlstate::insufficient_privilege, column + " can only hold the session's own organisation",
                    "Leave the column out: Bulkhead fills it in.", location());
    case Stamp::unproven:
      return refuse(sqlstate::insufficient_privilege,
                    "it cannot be proved that " + column + " gets the session's own organisation",
                    "Leave the column out: Bulkhead fills it in; or write the organisation as a plain literal.", location());
  }
  return no_place(near);
}

}  // namespace bulkhead::rewrite
