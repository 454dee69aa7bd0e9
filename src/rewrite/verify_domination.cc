#include "rewrite/verify_domination.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rewrite/verify_scopes.h"

namespace bulkhead::rewrite::verifier {
namespace {

using ast::Kind;
using ast::ListView;
using ast::Node;
namespace f = ast::f;

using Status = Result<void>;

/// Where a predicate filters a member of FROM: the node that holds the condition; null: nowhere.
using Place = const void*;

bool may_occur(Kind kind) {
  enum class Decision { rewritten, allowed, walked, refused };
  using enum Decision;
  switch (kind) {
    case Kind::none: return false;
#define BULKHEAD_STATEMENT(name, decision) \
  case Kind::name: return decision == rewritten;
#define BULKHEAD_PART(name, decision) \
  case Kind::name: return decision == walked;
#include "rewrite/nodes.inc"
  }
  return false;
}

bool is_query(Node node) {
  return node.is(Kind::SelectStmt) || node.is(Kind::InsertStmt) || node.is(Kind::UpdateStmt) || node.is(Kind::DeleteStmt) ||
         node.is(Kind::MergeStmt);
}
bool is_from_item(Node node) {
  return node.is(Kind::RangeVar) || node.is(Kind::JoinExpr) || node.is(Kind::RangeSubselect) ||
         node.is(Kind::RangeFunction) || node.is(Kind::RangeTableFunc) || node.is(Kind::RangeTableSample);
}

struct Star {
  bool is = false;
  std::string_view alias;  ///< of alias.*; no data() for a plain *
  bool known = true;       ///< false: s.t.*, (f(x)).*
  bool of_row = false;     ///< (alias).*, where alias may as well be a column
};
Star star_of(Node value) {
  ListView parts;
  if (value.is(Kind::ColumnRef)) parts = value.get(f::ColumnRef::fields);
  if (value.is(Kind::A_Indirection)) parts = value.get(f::A_Indirection::indirection);
  if (!parts.back().is(Kind::A_Star)) return {};
  if (const Node row = value.is(Kind::A_Indirection) && parts.size() == 1 ? value.get(f::A_Indirection::arg) : Node();
      row.is(Kind::ColumnRef) && row.get(f::ColumnRef::fields).size() == 1)
    return {true, ast::string_of(row.get(f::ColumnRef::fields).front()), true, true};
  if (!value.is(Kind::ColumnRef) || parts.size() > 2) return {true, {}, false};
  return {true, parts.size() == 2 ? ast::string_of(parts[0]) : std::string_view(), true};
}

/// The RangeVars of FROM by the name they go by, the first of each, without those that are ever the null-extended side of a
/// join or whose columns are renamed.
using Members = std::unordered_map<std::string_view, Node>;
void collect_preserved(Node item, Members& members) {
  if (item.is(Kind::RangeVar) && item.get(f::RangeVar::alias).get(f::Alias::colnames).is_nil())
    members.emplace(reference_name(item), item);
  if (!item.is(Kind::JoinExpr) || item.get(f::JoinExpr::alias)) return;
  const auto type = item.get(f::JoinExpr::jointype);
  if (type == ast::JoinType::JOIN_INNER || type == ast::JoinType::JOIN_LEFT)
    collect_preserved(item.get(f::JoinExpr::larg), members);
  if (type == ast::JoinType::JOIN_INNER || type == ast::JoinType::JOIN_RIGHT)
    collect_preserved(item.get(f::JoinExpr::rarg), members);
}

/// In any of its arms, too.
bool has_with(Node select) {
  return select && (select.get(f::SelectStmt::withClause) || has_with(select.get(f::SelectStmt::larg)) ||
                    has_with(select.get(f::SelectStmt::rarg)));
}

bool has_star(ListView values) {
  return std::any_of(values.begin(), values.end(), [](Node value) { return star_of(value).is; });
}

class Domination {
 public:
  Domination(Injected injected, const Subject& subject, Bound& bound, bool at_cursors, Node into)
      : injected_(std::move(injected)), subject_(subject), bound_(bound), at_cursors_(at_cursors), into_(into) {}

  Status prove(Node statement) {
    collect_ctes(statement);
    BULKHEAD_CHECK(query(statement));
    for (const auto& [place, predicates] : injected_.predicates)
      if (!predicates.empty()) return refused("a predicate on " + std::string(predicates.begin()->alias) + " is not due");
    return {};
  }

 private:
  Status query(Node statement) {
    if (statement.is(Kind::SelectStmt)) return select(statement);
    if (statement.is(Kind::InsertStmt)) return insert(statement);
    if (statement.is(Kind::UpdateStmt))
      return modify(statement, f::UpdateStmt::withClause, f::UpdateStmt::relation, f::UpdateStmt::fromClause,
                    statement.get(f::UpdateStmt::whereClause));
    if (statement.is(Kind::DeleteStmt))
      return modify(statement, f::DeleteStmt::withClause, f::DeleteStmt::relation, f::DeleteStmt::usingClause,
                    statement.get(f::DeleteStmt::whereClause));
    if (statement.is(Kind::MergeStmt)) return merge(statement);
    return refused(std::string("a query that is a ") + statement.kind_name());
  }

  /// Anything that is no query level of its own. A member of FROM is none of its business.
  Status walk(Node node) {
    if (is_query(node)) return query(node);
    if (!may_occur(node.kind()) || node.is(Kind::CurrentOfExpr) || is_from_item(node) || node.is(Kind::WithClause) ||
        node.is(Kind::CommonTableExpr))
      return refused(std::string("an unexpected ") + node.kind_name());
    if (node.is(Kind::MultiAssignRef) && !sources_.insert(node.get(f::MultiAssignRef::source).id()).second) return {};
    return ast::for_each_child(node, [this](Node child) { return walk(child); });
  }
  Status walk_below(Node node, const NodeSet& except) {
    return ast::for_each_child(node, [&](Node child) { return except.contains(child) ? Status() : walk(child); });
  }

  /// The CTEs of RECURSIVE see each other and themselves, others only the ones before them.
  Status with_clause(Node with, Scope& scope) {
    if (!with) return {};
    const bool recursive = with.get(f::WithClause::recursive);
    const ListView ctes = with.get(f::WithClause::ctes);
    if (recursive)
      for (const Node cte : ctes) scope.add(cte.get(f::CommonTableExpr::ctename), Node());
    for (const Node cte : ctes) {
      const Node body = cte.get(f::CommonTableExpr::ctequery);
      BULKHEAD_CHECK(query(body));
      BULKHEAD_CHECK(walk_below(cte, {body}));
      if (!recursive) scope.add(cte.get(f::CommonTableExpr::ctename), cte);
    }
    return {};
  }
  void collect_ctes(Node node) {
    if (node.is(Kind::CommonTableExpr)) all_ctes_.insert(node.get(f::CommonTableExpr::ctename));
    if (node.is(Kind::MultiAssignRef) && node.get(f::MultiAssignRef::colno) > 1) return;
    ast::for_each_child(node, [this](Node child) { collect_ctes(child); });
  }

  bool cte_in_sight(std::string_view name) const {
    const auto at = ctes_.find(name);
    return at != ctes_.end() && !at->second.empty();
  }

  /// `locked`: as a member of a FROM that a locking clause reaches.
  Status select(Node statement, bool locked = false) {
    Scope scope(ctes_);
    const Locks locks(statement.get(f::SelectStmt::lockingClause), locked);
    const Node with = statement.get(f::SelectStmt::withClause);
    const Node left = statement.get(f::SelectStmt::larg), right = statement.get(f::SelectStmt::rarg);
    const ListView from = statement.get(f::SelectStmt::fromClause);
    const Node into = statement.get(f::SelectStmt::intoClause);
    if (into && into != into_) return refused("SELECT INTO");
    BULKHEAD_CHECK(with_clause(with, scope));

    NodeSet done{with, left, right, into};
    for (const Node locking : statement.get(f::SelectStmt::lockingClause)) done.add(locking);
    if (statement.get(f::SelectStmt::op) != ast::SetOperation::SETOP_NONE) {
      if (!left || !right || !from.empty()) return refused("a set operation with a FROM");
      for (const Node arm : {left, right}) {
        if (!arm.is(Kind::SelectStmt)) return refused("a set operation of something else than queries");
        BULKHEAD_CHECK(select(arm, locked));
      }
    } else {
      if (left || right) return refused("a SELECT with arms");
      Namespace names;
      names.locks = &locks;
      for (const Node item : from) {
        BULKHEAD_CHECK(from_item(item, statement.id(), names));
        done.add(item);
      }
      BULKHEAD_CHECK(names.check());
    }
    return walk_below(statement, done);
  }

  // FROM.

  Status from_item(Node item, Place place, Namespace& names) {
    const auto add_alias = [&names](Node alias) {
      if (alias) names.add(alias.get(f::Alias::aliasname));
    };
    if (item.is(Kind::RangeVar)) return from_relation(item, place, names);
    if (item.is(Kind::JoinExpr)) return from_join(item, place, names);
    if (item.is(Kind::RangeTableSample)) {
      const Node relation = item.get(f::RangeTableSample::relation);
      if (!relation.is(Kind::RangeVar)) return refused("TABLESAMPLE of something else than a relation");
      BULKHEAD_CHECK(from_relation(relation, place, names));
      return walk_below(item, {relation});
    }
    if (item.is(Kind::RangeSubselect)) {
      const Node alias = item.get(f::RangeSubselect::alias), subquery = item.get(f::RangeSubselect::subquery);
      add_alias(alias);
      const std::string_view name = alias ? alias.get(f::Alias::aliasname) : std::string_view();
      return subquery.is(Kind::SelectStmt) ? select(subquery, names.locks && names.locks->reach(name)) : query(subquery);
    }
    if (item.is(Kind::RangeFunction)) {
      add_alias(item.get(f::RangeFunction::alias));
      return walk_below(item, {});
    }
    if (item.is(Kind::RangeTableFunc)) {
      add_alias(item.get(f::RangeTableFunc::alias));
      return walk_below(item, {});
    }
    return refused(std::string("in FROM a ") + item.kind_name());
  }

  Status from_join(Node join, Place place, Namespace& names) {
    Namespace hidden;
    hidden.locks = names.locks;
    const Node alias = join.get(f::JoinExpr::alias), using_alias = join.get(f::JoinExpr::join_using_alias);
    if (alias) {  // nothing outside can name what is inside
      names.add(alias.get(f::Alias::aliasname));
      place = nullptr;
    }
    Namespace& inside = alias ? hidden : names;
    if (using_alias) inside.add(using_alias.get(f::Alias::aliasname));

    const Node left = join.get(f::JoinExpr::larg), right = join.get(f::JoinExpr::rarg);
    const Node quals = join.get(f::JoinExpr::quals);
    // In mode validate USING says something of what is joined, too.
    const Place on = quals || !join.get(f::JoinExpr::usingClause).is_nil() ? join.id() : nullptr;
    Place for_left = place, for_right = place;
    switch (join.get(f::JoinExpr::jointype)) {
      case ast::JoinType::JOIN_INNER: break;
      case ast::JoinType::JOIN_LEFT: for_right = on; break;
      case ast::JoinType::JOIN_RIGHT: for_left = on; break;
      case ast::JoinType::JOIN_FULL: for_left = for_right = nullptr; break;
      case ast::JoinType::JOIN_SEMI:
      case ast::JoinType::JOIN_ANTI:
      case ast::JoinType::JOIN_UNIQUE_OUTER:
      case ast::JoinType::JOIN_UNIQUE_INNER: return refused("a join the grammar does not have");
    }
    BULKHEAD_CHECK(from_item(left, for_left, inside));
    BULKHEAD_CHECK(from_item(right, for_right, inside));
    BULKHEAD_CHECK(hidden.check());
    return quals ? walk(quals) : Status();
  }

  Status from_relation(Node range_var, Place place, Namespace& names) {
    const std::string_view name = reference_name(range_var), relation_name = range_var.get(f::RangeVar::relname);
    names.add(name);
    if (!range_var.get(f::RangeVar::schemaname).data()) {
      if (cte_in_sight(relation_name)) return {};
    } else if (injected_.qualified.contains(range_var.id()) && cte_in_sight(relation_name)) {
      return refused("a reference to a CTE was given the schema of the relation " + std::string(relation_name));
    }
    BULKHEAD_TRY(const Relation relation, relation_of(range_var, subject_));
    const bool locked = names.locks && names.locks->reach(name);
    const bool is_view = relation.relation && relation.relation->kind == policy::RelationKind::view;
    if (locked && (is_view || relation.access == Relation::Access::shared || relation.access == Relation::Access::system))
      return refused("a lock on rows that may be others': " + std::string(name));
    if (relation.access != Relation::Access::tenant) return {};
    if (!range_var.get(f::RangeVar::alias).get(f::Alias::colnames).is_nil())
      return refused("a protected relation whose columns are renamed");
    names.due.push_back(name);
    return read_of(place, name, relation, locked);
  }

  /// What may be read of a relation is used up. A client's own condition may be narrower than it need.
  Status read_of(Place place, std::string_view name, const Relation& relation, bool locked) {
    const bool validating = subject_.policy.tenancy.mode == policy::Mode::validate;
    if (relation.read.empty() || locked) return use_up(place, name, *relation.column);
    if (validating && use_up(place, name, *relation.column)) return {};
    return use_up(place, name, *relation.column, relation.read);
  }

  /// One injected predicate at `place` is this member's; `read`: the policy's expression instead of a comparison.
  Status use_up(Place place, std::string_view name, const policy::Column& column, std::string_view read = {}) {
    const auto found = place ? injected_.predicates.find(place) : injected_.predicates.end();
    if (found != injected_.predicates.end() && column.type_schema == "pg_catalog") {
      auto& predicates = found->second;
      const auto own =
          predicates.find(Predicate{name, read.empty() ? std::string_view(column.name) : std::string_view(),
                                    column.type_name, read});
      if (own != predicates.end()) {
        predicates.erase(own);
        return {};
      }
    }
    return refused("no predicate confines " + std::string(name) + " where it stands");
  }

  // Writes.

  /// A protected relation, or a temporary one of the client's own, by its real name: a target is never a CTE.
  Result<Relation> target_of(Node range_var) const {
    BULKHEAD_TRY(const Relation relation, relation_of(range_var, subject_));
    if (relation.access != Relation::Access::tenant && relation.access != Relation::Access::temporary)
      return refused("a write to a relation that is not the tenant's");
    return relation;
  }

  /// UPDATE and DELETE. What confines WHERE CURRENT OF is not in the statement (verify_cursors.h): only its FROM is proved here.
  Status modify(Node statement, ast::Field<Node> with_field, ast::Field<Node> relation_field,
                ast::Field<ListView> from_field, Node where) {
    Scope scope(ctes_);
    const Node with = statement.get(with_field), range_var = statement.get(relation_field);
    BULKHEAD_CHECK(with_clause(with, scope));
    BULKHEAD_TRY(const Relation target, target_of(range_var));
    const std::string_view name = reference_name(range_var);
    Namespace names{{{name, 1}}, {}};
    if (target.column) names.due.push_back(name);
    NodeSet done{with, range_var};
    const bool at_cursor = target.column && where.is(Kind::CurrentOfExpr) && at_cursors_;
    if (at_cursor)
      done.add(where);
    else if (target.column)
      BULKHEAD_CHECK(use_up(statement.id(), name, *target.column));
    for (const Node item : statement.get(from_field)) {
      BULKHEAD_CHECK(from_item(item, at_cursor ? nullptr : statement.id(), names));
      done.add(item);
    }
    BULKHEAD_CHECK(names.check());
    if (statement.is(Kind::UpdateStmt) && target.column)
      BULKHEAD_CHECK(assignments(statement.get(f::UpdateStmt::targetList), *target.column, {name}));
    return walk_below(statement, done);
  }

  /// The tenant column is only set to the own constant or to a guarded parameter, or to itself in one of the `rows` known
  /// to be the tenant's.
  Status assignments(ListView targets, const policy::Column& column, std::initializer_list<std::string_view> rows) {
    Node known;  // a source of known width: several targets share one
    for (const Node target : targets) {
      if (!target.is(Kind::ResTarget)) return refused("an assignment of an unknown form");
      if (target.get(f::ResTarget::name) != column.name) continue;
      Node value = target.get(f::ResTarget::val);
      if (value.is(Kind::MultiAssignRef)) {
        const Node source = value.get(f::MultiAssignRef::source);
        const int number = value.get(f::MultiAssignRef::colno);
        if (!source.is(Kind::RowExpr)) return refused("the tenant column is assigned from a query");
        const ListView members = source.get(f::RowExpr::args);
        if (number < 1 || static_cast<std::size_t>(number) > members.size() ||
            members.size() != static_cast<std::size_t>(value.get(f::MultiAssignRef::ncolumns)) ||
            (source != known && has_star(members)))
          return refused("the tenant column is assigned from a row of another width");
        known = source;
        value = members[static_cast<std::size_t>(number) - 1];
      }
      const ListView parts = value.is(Kind::ColumnRef) ? value.get(f::ColumnRef::fields) : ListView();
      const bool itself = parts.size() == 2 && ast::string_of(parts[1]) == column.name &&
                          std::find(rows.begin(), rows.end(), ast::string_of(parts[0])) != rows.end();
      if (!target.get(f::ResTarget::indirection).is_nil() ||
          !(itself || is_own_value(value, column, subject_.tenant) || bound_.accepts(value, column)))
        return refused("the tenant column is assigned");
    }
    return {};
  }

  Status insert(Node statement) {
    Scope scope(ctes_);
    const Node with = statement.get(f::InsertStmt::withClause), range_var = statement.get(f::InsertStmt::relation);
    const Node source = statement.get(f::InsertStmt::selectStmt);
    const Node conflict = statement.get(f::InsertStmt::onConflictClause);
    BULKHEAD_CHECK(with_clause(with, scope));
    BULKHEAD_TRY(const Relation target, target_of(range_var));
    if (!target.column) {
      if (source) BULKHEAD_CHECK(query(source));
      return walk_below(statement, {with, range_var, source});
    }

    const ListView columns = statement.get(f::InsertStmt::cols);
    BULKHEAD_TRY(const std::size_t position, position_in(columns, *target.column));
    if (!source.is(Kind::SelectStmt)) return refused("INSERT without rows");
    const bool direct = source.get(f::SelectStmt::sortClause).is_nil() && !source.get(f::SelectStmt::limitCount) &&
                        !source.get(f::SelectStmt::limitOffset) && source.get(f::SelectStmt::lockingClause).is_nil() &&
                        !source.get(f::SelectStmt::withClause);
    const bool around = std::exchange(source_has_with_, has_with(source));
    BULKHEAD_CHECK(rows(source, position, columns.size(), *target.column, direct));
    source_has_with_ = around;
    BULKHEAD_CHECK(query(source));

    if (conflict.get(f::OnConflictClause::action) == ast::OnConflictAction::ONCONFLICT_UPDATE) {
      const std::string_view name = reference_name(range_var);
      if (name == "excluded") return refused("a target that is called excluded");
      BULKHEAD_CHECK(use_up(conflict.id(), name, *target.column));
      BULKHEAD_CHECK(assignments(conflict.get(f::OnConflictClause::targetList), *target.column, {name, "excluded"}));
    }
    return walk_below(statement, {with, range_var, source});
  }

  /// ON confines the target, so that no arm touches or misses a foreign row; nothing but a subquery can confine the source,
  /// all of whose rows take part.
  Status merge(Node statement) {
    Scope scope(ctes_);
    const Node with = statement.get(f::MergeStmt::withClause), range_var = statement.get(f::MergeStmt::relation);
    const Node source = statement.get(f::MergeStmt::sourceRelation);
    BULKHEAD_CHECK(with_clause(with, scope));
    BULKHEAD_TRY(const Relation target, target_of(range_var));
    const std::string_view name = reference_name(range_var);
    Namespace names{{{name, 1}}, {}};
    if (target.column) {
      names.due.push_back(name);
      BULKHEAD_CHECK(use_up(statement.id(), name, *target.column));
    }
    BULKHEAD_CHECK(from_item(source, nullptr, names));
    BULKHEAD_CHECK(names.check());
    if (!target.column) return walk_below(statement, {with, range_var, source});
    Members wrapped;
    collect_wrapped(source, wrapped);
    const Node only = source.is(Kind::RangeSubselect) && !wrapped.empty() ? wrapped.begin()->second : Node();
    for (const Node arm : statement.get(f::MergeStmt::mergeWhenClauses)) {
      if (!arm.is(Kind::MergeWhenClause)) return refused("a WHEN clause of an unknown form");
      const ListView targets = arm.get(f::MergeWhenClause::targetList), values = arm.get(f::MergeWhenClause::values);
      const auto command = arm.get(f::MergeWhenClause::commandType);
      if (command == ast::CmdType::CMD_UPDATE) {
        BULKHEAD_CHECK(assignments(targets, *target.column, {name}));
      } else if (command == ast::CmdType::CMD_INSERT) {
        if (arm.get(f::MergeWhenClause::matched)) return refused("INSERT of a row that is matched");
        BULKHEAD_TRY(const std::size_t position, position_in(targets, *target.column));
        const auto own = [&](Node value) {
          return is_own_value(value, *target.column, subject_.tenant) || bound_.accepts(value, *target.column) ||
                 is_own_of(wrapped, only, value);
        };
        const bool last = position + 1 == targets.size() && own(values.back());  // PostgreSQL refuses any other width
        if (!last && (has_star(values) || (position < values.size() && !own(values[position]))))
          return refused("MERGE inserts without the tenant's stamp");
      } else if (command != ast::CmdType::CMD_DELETE && command != ast::CmdType::CMD_NOTHING) {
        return refused("an action of MERGE that is not known");
      }
    }
    return walk_below(statement, {with, range_var, source});
  }

  /// `value` is the tenant column of a protected relation that the source of MERGE reads through a subquery of its own, and
  /// never null-extended; `only`: the source is nothing but that.
  bool is_own_of(const Members& wrapped, Node only, Node value) const {
    const ListView parts = value.is(Kind::ColumnRef) ? value.get(f::ColumnRef::fields) : ListView();
    if (parts.empty() || parts.size() > 2) return false;
    const auto named = parts.size() == 2 ? wrapped.find(ast::string_of(parts[0])) : wrapped.end();
    const Node range_var = parts.size() == 1 ? only : named != wrapped.end() ? named->second : Node();
    if (!range_var) return false;
    const auto relation = relation_of(range_var, subject_);
    return relation && relation->gives_own(ast::string_of(parts.back()));
  }
  /// By alias: what is read through SELECT * FROM schema.t WHERE ….
  static void collect_wrapped(Node item, Members& members) {
    if (item.is(Kind::JoinExpr) && !item.get(f::JoinExpr::alias)) {
      const auto type = item.get(f::JoinExpr::jointype);
      if (type == ast::JoinType::JOIN_INNER || type == ast::JoinType::JOIN_LEFT)
        collect_wrapped(item.get(f::JoinExpr::larg), members);
      if (type == ast::JoinType::JOIN_INNER || type == ast::JoinType::JOIN_RIGHT)
        collect_wrapped(item.get(f::JoinExpr::rarg), members);
    }
    if (!item.is(Kind::RangeSubselect)) return;
    const Node alias = item.get(f::RangeSubselect::alias), select = item.get(f::RangeSubselect::subquery);
    if (!alias.get(f::Alias::colnames).is_nil() || !select.is(Kind::SelectStmt)) return;
    const ListView targets = select.get(f::SelectStmt::targetList), from = select.get(f::SelectStmt::fromClause);
    const Star star = targets.size() == 1 ? star_of(targets.front().get(f::ResTarget::val)) : Star{};
    const Node range_var = from.size() == 1 && from.front().is(Kind::RangeVar) ? from.front() : Node();
    if (star.is && star.known && !star.of_row && !star.alias.data() && range_var.get(f::RangeVar::schemaname).data() &&
        !range_var.get(f::RangeVar::alias) && select.get(f::SelectStmt::groupClause).is_nil())
      members.emplace(alias.get(f::Alias::aliasname), range_var);
  }

  /// Where the tenant column stands in the column list of an INSERT.
  Result<std::size_t> position_in(ListView columns, const policy::Column& column) const {
    std::size_t position = columns.size();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!columns[i].is(Kind::ResTarget)) return refused("a column list of an unknown form");
      if (columns[i].get(f::ResTarget::name) != column.name) continue;
      if (position != columns.size() || !columns[i].get(f::ResTarget::indirection).is_nil())
        return refused("the tenant column is written in parts or twice");
      position = i;
    }
    if (position == columns.size()) return refused("INSERT does not write the tenant column");
    return position;
  }

  /// Every row `source` gives has the own organisation at `position`. With a column list PostgreSQL itself refuses rows of
  /// another width than the list's (transformInsertRow), so a last column is fed by the last expression.
  /// `direct`: its expressions are the columns', as those of VALUES in INSERT are if nothing makes it a subquery
  /// (transformInsertStmt); elsewhere a parameter's type would be decided by its neighbours.
  Status rows(Node source, std::size_t position, std::size_t width, const policy::Column& column, bool direct) {
    if (source.get(f::SelectStmt::op) != ast::SetOperation::SETOP_NONE) {
      BULKHEAD_CHECK(rows(source.get(f::SelectStmt::larg), position, width, column, false));
      return rows(source.get(f::SelectStmt::rarg), position, width, column, false);
    }
    const ListView values = source.get(f::SelectStmt::valuesLists);
    if (values.is_nil()) return select_row(source, position, width, column);
    const auto own = [&](Node value) {
      return is_own_value(value, column, subject_.tenant) || (direct && bound_.accepts(value, column));
    };
    for (const Node row : values) {
      if (!row.is(Kind::List)) return refused("a row of an unknown form");
      const ListView members = row.list();
      if (position + 1 == width && own(members.back())) continue;
      if (has_star(members)) return refused("a row with a star");
      const bool fed = position < members.size() && own(members[position]);
      if (!fed && members.size() == width) return refused("a row without the tenant's stamp");  // else PostgreSQL's error
    }
    return {};
  }

  Status select_row(Node arm, std::size_t position, std::size_t width, const policy::Column& column) {
    const ListView targets = arm.get(f::SelectStmt::targetList);
    if (position + 1 == width && is_own_value(targets.back().get(f::ResTarget::val), column, subject_.tenant)) return {};
    std::size_t index = 0;
    const Sources sources(arm, false);
    for (const Node target : targets) {
      const Node value = target.get(f::ResTarget::val);
      if (const Star star = star_of(value); star.is) {
        BULKHEAD_TRY(const Row row, star_row(sources, star));
        if (position < index + row.size())
          return row[position - index].own ? Status() : refused("the tenant column is fed by another column of a star");
        index += row.size();
        continue;
      }
      if (index++ != position) continue;
      if (is_own_value(value, column, subject_.tenant)) return {};
      const ListView parts = value.is(Kind::ColumnRef) ? value.get(f::ColumnRef::fields) : ListView();
      if (parts.empty() || parts.size() > 2) return refused("the tenant column is fed by an expression");
      BULKHEAD_TRY(const Row row, row_of(sources, parts.size() == 2 ? ast::string_of(parts[0]) : std::string_view()));
      return is_own_in(row, ast::string_of(parts.back())) ? Status() : refused("the tenant column is fed by another column");
    }
    return {};  // fewer expressions than columns: PostgreSQL's own error
  }

  /// A column that something in FROM gives. `own`: it is a tenant column, of own rows alone, and never null-extended.
  struct Cell {
    std::string_view name;
    bool own = false;
  };
  using Row = std::vector<Cell>;
  static bool is_own_in(const Row& row, std::string_view name) {
    const auto is_named = [name](const Cell& cell) { return cell.name == name; };
    const auto first = std::find_if(row.begin(), row.end(), is_named);
    return first != row.end() && first->own && std::find_if(first + 1, row.end(), is_named) == row.end();
  }
  static Error unknown_columns() { return refused("the columns of the source of an INSERT are not known"); }

  /// What a SELECT without arms reads from.
  struct Sources {
    Sources(Node arm, bool in_cte) : from(arm.get(f::SelectStmt::fromClause)), reads_ctes(!in_cte) {
      for (const Node item : from) collect_preserved(item, members);
      if (from.size() == 1 && from.front().is(Kind::RangeVar) && members.size() == 1)
        members.emplace(std::string_view(), from.front());  // a name that is not written can only mean this one
      const ListView groups = arm.get(f::SelectStmt::groupClause);
      nulls = std::any_of(groups.begin(), groups.end(), [](Node group) { return group.is(Kind::GroupingSet); });
    }
    ListView from;
    Members members;
    bool reads_ctes;
    bool nulls = false;  ///< GROUPING SETS put NULL in place of columns
  };

  static Row row_of_relation(const policy::Relation& relation, const policy::Column* own) {
    Row row;
    for (const auto& column : relation.columns) row.push_back({column.name, &column == own});
    return row;
  }

  /// What "alias".* stands for, or * for an empty alias.
  Result<Row> row_of(const Sources& sources, std::string_view alias) const {
    const auto member = sources.members.find(alias);
    if (member == sources.members.end()) return unknown_columns();
    const Node range_var = member->second;
    const std::string_view name = range_var.get(f::RangeVar::relname);
    if (!range_var.get(f::RangeVar::schemaname).data() && all_ctes_.contains(name)) {
      const auto in_sight = ctes_.find(name);
      if (!sources.reads_ctes || source_has_with_ || in_sight == ctes_.end() || in_sight->second.empty()) return unknown_columns();
      BULKHEAD_TRY(Row row, row_of_cte(in_sight->second.back()));
      if (sources.nulls)
        for (Cell& cell : row) cell.own = false;
      return row;
    }
    BULKHEAD_TRY(const Relation relation, relation_of(range_var, subject_));
    if (!relation.relation) return unknown_columns();
    return row_of_relation(*relation.relation, relation.read.empty() && !sources.nulls ? relation.column : nullptr);
  }

  Result<Row> star_row(const Sources& sources, const Star& star) const {
    if (!star.known || (star.of_row && !only_row(sources, star.alias))) return unknown_columns();
    return row_of(sources, star.alias);
  }

  /// No relation in FROM has a column that `(alias)` would mean before the row, and nothing else is there.
  bool only_row(const Sources& sources, std::string_view alias) const {
    for (const std::string_view column : {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
      if (alias == column) return false;
    for (const Node item : sources.from) {
      const bool plain = item.is(Kind::RangeVar) && item.get(f::RangeVar::alias).get(f::Alias::colnames).is_nil() &&
                         item.get(f::RangeVar::schemaname).data();
      if (!plain) return false;
      const auto relation = relation_of(item, subject_);
      if (!relation || !relation->relation || relation->relation->find_column(alias)) return false;
    }
    return !sources.from.empty();
  }

  /// A CTE that reads or deletes from relations of the catalogue, under their own columns' names. Its own proof is another matter.
  Result<Row> row_of_cte(Node cte) const {
    if (!cte || !cte.get(f::CommonTableExpr::aliascolnames).is_nil()) return unknown_columns();
    const Node body = cte.get(f::CommonTableExpr::ctequery);
    if (body.is(Kind::DeleteStmt)) return row_of_deleted(body);
    if (!body.is(Kind::SelectStmt) || body.get(f::SelectStmt::op) != ast::SetOperation::SETOP_NONE ||
        body.get(f::SelectStmt::withClause) || !body.get(f::SelectStmt::valuesLists).is_nil())
      return unknown_columns();
    const Sources sources(body, true);
    return row_of_targets(body.get(f::SelectStmt::targetList), [&](const Star& star) { return star_row(sources, star); });
  }

  /// The target's old rows, which its predicate has let through.
  Result<Row> row_of_deleted(Node statement) const {
    const Node range_var = statement.get(f::DeleteStmt::relation);
    BULKHEAD_TRY(const Relation target, target_of(range_var));
    const std::string_view name = reference_name(range_var);
    const bool stored = target.relation && (target.relation->kind == policy::RelationKind::table ||
                                            target.relation->kind == policy::RelationKind::partitioned);
    if (!stored || !target.column || name == "old" || name == "new" || statement.get(f::DeleteStmt::whereClause).is(Kind::CurrentOfExpr))
      return unknown_columns();
    const bool alone = statement.get(f::DeleteStmt::usingClause).is_nil();
    return row_of_targets(statement.get(f::DeleteStmt::returningList), [&](const Star& star) -> Result<Row> {
      if (!star.known || star.of_row || (star.alias.data() ? star.alias != name : !alone)) return unknown_columns();
      return row_of_relation(*target.relation, target.column);
    });
  }

  /// The cells of a target list; `row_of_star` gives those that a star stands for.
  template <class RowOfStar>
  static Result<Row> row_of_targets(ListView targets, const RowOfStar& row_of_star) {
    Row out;
    for (const Node target : targets) {
      const Node value = target.get(f::ResTarget::val);
      if (const Star star = star_of(value); star.is) {
        BULKHEAD_TRY(const Row row, row_of_star(star));
        out.insert(out.end(), row.begin(), row.end());
        continue;
      }
      const ListView parts = value.is(Kind::ColumnRef) ? value.get(f::ColumnRef::fields) : ListView();
      Cell cell{target.get(f::ResTarget::name)};
      if (parts.size() == 1 || parts.size() == 2) {
        const std::string_view column = ast::string_of(parts.back());
        if (!cell.name.data()) cell.name = column;
        const auto row = row_of_star(Star{true, parts.size() == 2 ? ast::string_of(parts[0]) : std::string_view()});
        cell.own = row && is_own_in(*row, column);
      }
      out.push_back(cell);
    }
    return out;
  }

  Injected injected_;
  const Subject& subject_;
  Bound& bound_;
  const bool at_cursors_;
  const Node into_;
  std::set<const void*> sources_;
  Ctes ctes_;
  bool source_has_with_ = false;  ///< the source of the INSERT has a WITH, whose names may hide those around it
  std::set<std::string_view> all_ctes_;
};

}  // namespace

Result<void> no_query(Node node) {
  if (!node) return {};
  if (is_query(node) || is_from_item(node) || node.is(Kind::SubLink) || (!node.is(Kind::List) && !may_occur(node.kind())))
    return refused(std::string("in an expression by itself a ") + node.kind_name());
  return ast::for_each_child(node, [](Node child) { return no_query(child); });
}

Result<void> dominated(Node statement, Injected injected, const Subject& subject, Bound& bound, bool at_cursors, Node into) {
  return Domination(std::move(injected), subject, bound, at_cursors, into).prove(statement);
}

}  // namespace bulkhead::rewrite::verifier
