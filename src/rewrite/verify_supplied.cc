#include "rewrite/verify_supplied.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "rewrite/verify_reads.h"
#include "rewrite/verify_scopes.h"

namespace bulkhead::rewrite::verifier {
namespace {

using ast::Kind;
using ast::ListView;
using ast::Node;
namespace f = ast::f;

/// Where the proof looks for a member's predicate: the node that holds the condition.
using Place = const void*;

/// One protected member of FROM, or the target of a write.
struct Member {
  Relation relation;
  Place place = nullptr;  ///< null: nowhere a condition reaches
  bool own = false;       ///< confined
  bool readable = false;  ///< confined to what the policy lets be read of it
  int space = 0;          ///< of the names: those inside of a join with an alias are no names outside of it
  std::vector<std::size_t> equals;  ///< members that are confined if this one is
};

/// The `=` of pg_catalog, or IN, which is made of it. Analysis has refused statements with an operator of the database's own so named.
bool is_equality(Node node, ast::A_Expr_Kind kind = ast::A_Expr_Kind::AEXPR_OP) {
  if (!node.is(Kind::A_Expr) || node.get(f::A_Expr::kind) != kind) return false;
  const ListView name = node.get(f::A_Expr::name);
  return ast::string_of(name.back()) == "=" &&
         (name.size() == 1 || (name.size() == 2 && ast::string_of(name.front()) == "pg_catalog"));
}

/// Of texts that differ = may hold: it has to be said that it is to be that of "C".
bool needs_collation(const policy::Column& column) { return column.nondeterministic; }

/// One query level.
class LevelConditions {
 public:
  /// `ctes`: those in sight. `outer`: the level around it whose members its conditions may name, concluded; null: none is known.
  LevelConditions(const Subject& subject, const AcceptParameter& accept, const Ctes& ctes, const LevelConditions* outer)
      : subject_(subject), accept_(accept), ctes_(ctes), outer_(outer) {}

  void target(Node range_var, Place place) {
    ++members_;
    items_.push_back(range_var);
    relation(range_var, place);
  }

  /// A member of FROM itself.
  void from(Node item, Place place) {
    items_.push_back(item);
    from_item(item, place);
  }

  /// `everybody`: what is not qualified may be a column of any member, as in WHERE; in ON of those that are joined alone.
  void condition(Node node, Place place, bool everybody) {
    if (!node) return;
    if (node.is(Kind::BoolExpr) && node.get(f::BoolExpr::boolop) == ast::BoolExprType::AND_EXPR) {
      for (const Node part : node.get(f::BoolExpr::args)) condition(part, place, everybody);
    } else if (is_equality(node)) {
      conditions_.push_back({node, place, everybody, space_});
    } else if (node.is(Kind::BoolExpr) || node.is(Kind::A_Expr)) {
      if (is_equality(node, ast::A_Expr_Kind::AEXPR_IN)) conditions_.push_back({node, place, everybody, space_});
      others_.emplace_back(node, place);
    }
  }

  /// After every member and condition is known.
  void conclude(Injected& out) {
    for (const Condition& condition : conditions_) judge(condition);
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < found_.size(); ++i)
      if (found_[i].own) open.push_back(i);
    while (!open.empty()) {
      const Member& known = found_[open.back()];
      open.pop_back();
      for (const std::size_t other : known.equals)
        if (!std::exchange(found_[other].own, true)) open.push_back(other);
    }
    for (const auto& [name, index] : by_name_) {
      Member& member = found_[index];
      if (!member.own && !member.relation.read.empty()) look_for_read(name, member);
      if (member.readable)
        out.predicates[member.place].insert({name, {}, member.relation.column->type_name, member.relation.read});
      if (member.own)
        out.predicates[member.place].insert({name, member.relation.column->name, member.relation.column->type_name});
    }
  }

 private:
  struct Condition {
    Node node;
    Place place;
    bool everybody;
    int space;
  };

  void from_item(Node item, Place place) {
    ++members_;
    if (item.is(Kind::RangeVar)) return member(item, place);
    if (item.is(Kind::RangeTableSample)) return member(item.get(f::RangeTableSample::relation), place);
    if (item.is(Kind::JoinExpr)) return join(item, place);
    Node alias;
    if (item.is(Kind::RangeSubselect)) alias = item.get(f::RangeSubselect::alias);
    if (item.is(Kind::RangeFunction)) alias = item.get(f::RangeFunction::alias);
    if (item.is(Kind::RangeTableFunc)) alias = item.get(f::RangeTableFunc::alias);
    if (alias)
      names_.insert(alias.get(f::Alias::aliasname));
    else
      any_name_ = true;
  }

  void join(Node item, Place place) {
    // Names inside a join with an alias are hidden: outside they are those of other members, or of queries around.
    const Node alias = item.get(f::JoinExpr::alias), using_alias = item.get(f::JoinExpr::join_using_alias);
    for (const Node name : {alias, using_alias})
      if (name) names_.insert(name.get(f::Alias::aliasname));
    const int around = space_;
    if (alias) {
      place = nullptr;
      space_ = ++spaces_;
    }
    const Node quals = item.get(f::JoinExpr::quals);
    const ListView merged = item.get(f::JoinExpr::usingClause);
    const Place on = quals || !merged.is_nil() ? item.id() : nullptr;
    Place left = place, right = place, reach = on;
    switch (item.get(f::JoinExpr::jointype)) {
      case ast::JoinType::JOIN_INNER: reach = place; break;
      case ast::JoinType::JOIN_LEFT: right = on; break;
      case ast::JoinType::JOIN_RIGHT: left = on; break;
      case ast::JoinType::JOIN_FULL:
      case ast::JoinType::JOIN_SEMI:
      case ast::JoinType::JOIN_ANTI:
      case ast::JoinType::JOIN_UNIQUE_OUTER:
      case ast::JoinType::JOIN_UNIQUE_INNER: left = right = reach = nullptr; break;
    }
    from_item(item.get(f::JoinExpr::larg), left);
    from_item(item.get(f::JoinExpr::rarg), right);
    if (reach) condition(quals, reach, false);
    for (const Node column : merged) {
      const auto one = only_member(item.get(f::JoinExpr::larg), ast::string_of(column));
      const auto other = only_member(item.get(f::JoinExpr::rarg), ast::string_of(column));
      if (reach && one && other && usable(*one, false) && usable(*other, false)) equate(*one, *other, reach);
    }
    space_ = around;
  }

  void member(Node range_var, Place place) {
    const auto cte = ctes_.find(range_var.get(f::RangeVar::relname));
    const bool is_cte = !range_var.get(f::RangeVar::schemaname).data() && cte != ctes_.end() && !cte->second.empty();
    if (is_cte)
      names_.insert(reference_name(range_var));
    else
      relation(range_var, place);
  }

  /// What is not to be judged here (a shared table, an unknown one) is left to the proof.
  void relation(Node range_var, Place place) {
    names_.insert(reference_name(range_var));
    if (!range_var.is(Kind::RangeVar) || !range_var.get(f::RangeVar::alias).get(f::Alias::colnames).is_nil()) return;
    const auto relation = relation_of(range_var, subject_);
    if (!relation || relation->access != Relation::Access::tenant) return;
    if (!by_name_.emplace(reference_name(range_var), found_.size()).second) return;  // PostgreSQL's own error
    by_node_.emplace(range_var.id(), found_.size());
    tenant_columns_.insert(relation->column->name);
    found_.push_back({*relation, place, false, false, space_, {}});
  }

  /// The member whose tenant column a column of that name, not qualified, can only be, if it is not ambiguous: that is PostgreSQL's
  /// own error. Of a merged column the side whose values it has (buildMergedJoinVar, parse_clause.c).
  std::optional<std::size_t> only_member(Node item, std::string_view column) const {
    if (item.is(Kind::RangeTableSample)) item = item.get(f::RangeTableSample::relation);
    if (item.is(Kind::RangeVar)) {
      const auto at = by_node_.find(item.id());
      if (at == by_node_.end() || found_[at->second].relation.column->name != column) return std::nullopt;
      return at->second;
    }
    if (!item.is(Kind::JoinExpr) || item.get(f::JoinExpr::alias) || item.get(f::JoinExpr::isNatural)) return std::nullopt;
    const auto left = only_member(item.get(f::JoinExpr::larg), column), right = only_member(item.get(f::JoinExpr::rarg), column);
    const ListView merged = item.get(f::JoinExpr::usingClause);
    const bool is_merged =
        std::any_of(merged.begin(), merged.end(), [&](Node name) { return ast::string_of(name) == column; });
    const auto type = item.get(f::JoinExpr::jointype);
    if (is_merged) {
      if (type == ast::JoinType::JOIN_INNER || type == ast::JoinType::JOIN_LEFT) return left;
      return type == ast::JoinType::JOIN_RIGHT ? right : std::nullopt;
    }
    if (left && right) return std::nullopt;
    return left ? left : right;
  }

  /// The member whose tenant column this is, in a condition.
  std::optional<std::size_t> member_of(Node column, const Condition& condition) const {
    if (!column.is(Kind::ColumnRef)) return std::nullopt;
    const ListView fields = column.get(f::ColumnRef::fields);
    if (fields.empty() || fields.size() > 2) return std::nullopt;
    const std::string_view name = ast::string_of(fields.back());
    if (!tenant_columns_.contains(name)) return std::nullopt;
    if (fields.size() == 2) {
      const auto member = by_name_.find(ast::string_of(fields.front()));
      if (member == by_name_.end() || found_[member->second].relation.column->name != name) return std::nullopt;
      return found_[member->second].space == condition.space ? std::optional(member->second) : std::nullopt;
    }
    if (!condition.everybody) return std::nullopt;
    const auto [known, fresh] = only_.try_emplace(name);
    if (!fresh) return known->second;
    std::size_t count = 0;
    for (const Node item : items_)
      if (const auto member = only_member(item, name); member && ++count) known->second = member;
    if (count != 1) known->second.reset();
    return known->second;
  }

  /// A tenant column of a level around this one, of which every row that this level is evaluated for in the end is confined.
  const Member* outer_member_of(Node column) const {
    const ListView fields = column.is(Kind::ColumnRef) ? column.get(f::ColumnRef::fields) : ListView();
    if (fields.size() != 2) return nullptr;
    const std::string_view name = ast::string_of(fields.front());
    if (name == "old" || name == "new" || name == "excluded") return nullptr;  // rows of their own where a target returns them
    for (const LevelConditions* level = this; level; level = level->outer_) {
      if (level->any_name_) return nullptr;
      if (!level->names_.contains(name)) continue;
      const auto at = level->by_name_.find(name);
      if (level == this || at == level->by_name_.end()) return nullptr;
      const Member& member = level->found_[at->second];
      return member.own && member.space == 0 && member.relation.column->name == ast::string_of(fields.back()) ? &member : nullptr;
    }
    return nullptr;
  }

  /// What is equal to the organisation's value in the one type is so in the other. Not char and varchar, of which blanks at the end
  /// do not count, nor a float, which rounds.
  static bool comparable(const policy::Column& a, const policy::Column& b) {
    const auto is_one_of = [](const policy::Column& column, std::initializer_list<std::string_view> types) {
      return std::find(types.begin(), types.end(), column.type_name) != types.end();
    };
    if (a.type_schema != "pg_catalog" || b.type_schema != "pg_catalog") return a.type_schema == b.type_schema && a.type_name == b.type_name;
    return a.type_name == b.type_name || (is_one_of(a, {"int2", "int4", "int8", "numeric"}) && is_one_of(b, {"int2", "int4", "int8", "numeric"})) ||
           (is_one_of(a, {"text", "varchar"}) && is_one_of(b, {"text", "varchar"}));
  }

  static bool strip_collation(Node& side, bool& collated) {
    if (!side.is(Kind::CollateClause)) return true;
    const ListView name = side.get(f::CollateClause::collname);
    if (ast::string_of(name.back()) != "C" || name.size() > 2 ||
        (name.size() == 2 && ast::string_of(name.front()) != "pg_catalog"))
      return false;
    collated = true;
    side = side.get(f::CollateClause::arg);
    return true;
  }

  bool usable(std::size_t index, bool collated) const {
    return found_[index].place && (collated || !needs_collation(*found_[index].relation.column));
  }

  /// Holds for every row in which the member of this place is there, and so is the other one then.
  void equate(std::size_t one, std::size_t other, Place place) {
    if (!comparable(*found_[one].relation.column, *found_[other].relation.column)) return;
    if (found_[one].place == place) found_[other].equals.push_back(one);
    if (found_[other].place == place) found_[one].equals.push_back(other);
  }

  void judge(const Condition& condition) {
    const Place place = condition.place;
    Node left = condition.node.get(f::A_Expr::lexpr), right = condition.node.get(f::A_Expr::rexpr);
    ListView several;  // IN
    if (right.is(Kind::List)) {
      several = right.list();
      right = several.size() == 1 ? several.front() : Node();  // one is compared by = (transformAExprIn, parse_expr.c)
    }
    bool collated = false;
    if (!strip_collation(left, collated) || (right && !strip_collation(right, collated))) return;
    const auto one = member_of(left, condition);
    const auto other = right ? member_of(right, condition) : std::nullopt;
    if (one && other) {
      if (usable(*one, collated) && usable(*other, collated)) equate(*one, *other, place);
      return;
    }
    if (!one && !other) return;
    Member& member = found_[one ? *one : *other];
    if (!usable(one ? *one : *other, collated) || member.place != place || member.own) return;
    const auto is_literal = [&](Node value) { return is_own_value(value, *member.relation.column, subject_.tenant); };
    if (!right) {  // of several a parameter's type is the others' business
      member.own = one && !several.empty() && std::all_of(several.begin(), several.end(), is_literal);
      return;
    }
    const Node value = one ? right : left;
    const Member* const outer = outer_member_of(value);
    if (outer)
      member.own = (collated || !needs_collation(*outer->relation.column)) &&
                   comparable(*member.relation.column, *outer->relation.column);
    else
      member.own = is_literal(value) || accept_(value, member.relation);
  }

  /// A condition that says what the policy's line says of the member.
  void look_for_read(std::string_view name, Member& member) {
    const auto read = WiderRead::parse(member.relation.read);
    if (!read || !member.place) return;
    const bool needed = needs_collation(*member.relation.column);
    const auto is_column = [&](Node node, std::string_view column) {
      const ListView fields = node.get(f::ColumnRef::fields);
      if (ast::string_of(fields.back()) != column) return false;
      return fields.size() == 2 ? ast::string_of(fields.front()) == name : fields.size() == 1 && members_ == 1;
    };
    const auto is_own = [&](Node value) {
      const bool collated = value.is(Kind::CollateClause);
      if (collated) {
        const ListView collation = value.get(f::CollateClause::collname);
        if (collation.size() != 1 || ast::string_of(collation.front()) != "C") return false;
        value = value.get(f::CollateClause::arg);
      }
      return (collated || !needed) &&
             (is_own_value(value, *member.relation.column, subject_.tenant) || accept_(value, member.relation));
    };
    for (const auto& [node, place] : others_) {
      if (place != member.place) continue;
      const auto organisations = read->said_by(node, *member.relation.relation, is_column);
      if (organisations && std::all_of(organisations->begin(), organisations->end(), is_own)) member.readable = true;
      if (member.readable) return;
    }
  }

  const Subject& subject_;
  const AcceptParameter& accept_;
  const Ctes& ctes_;
  const LevelConditions* const outer_;
  std::size_t members_ = 0;
  int space_ = 0, spaces_ = 0;
  std::vector<Node> items_;  ///< the members of FROM themselves, and a target
  std::vector<Member> found_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
  std::unordered_map<const void*, std::size_t> by_node_;  ///< by Node::id() of the RangeVar
  std::unordered_set<std::string_view> names_;            ///< what columns can be qualified with
  bool any_name_ = false;                                 ///< and with what PostgreSQL calls something
  std::unordered_set<std::string_view> tenant_columns_;
  mutable std::unordered_map<std::string_view, std::optional<std::size_t>> only_;
  std::vector<Condition> conditions_;
  std::vector<std::pair<Node, Place>> others_;  ///< than equalities
};

class Collector {
 public:
  Collector(const Subject& subject, const AcceptParameter& accept) : subject_(subject), accept_(accept) {}

  /// `outer`: the level whose members an expression here may name.
  void walk(Node node, const LevelConditions* outer = nullptr) {
    if (node.is(Kind::MultiAssignRef) && !sources_.insert(node.get(f::MultiAssignRef::source).id()).second) return;
    Scope scope(ctes_);
    if (node.is(Kind::SelectStmt)) return select(node, outer, scope);
    if (node.is(Kind::UpdateStmt)) {
      with_clause(node.get(f::UpdateStmt::withClause), scope);
      LevelConditions level(subject_, accept_, ctes_, nullptr);
      level.target(node.get(f::UpdateStmt::relation), node.id());
      for (const Node item : node.get(f::UpdateStmt::fromClause)) level.from(item, node.id());
      level.condition(node.get(f::UpdateStmt::whereClause), node.id(), true);
      level.conclude(found);
      return below(node, level, {node.get(f::UpdateStmt::withClause)}, node.get(f::UpdateStmt::whereClause),
                   {node.get(f::UpdateStmt::targetList), node.get(f::UpdateStmt::returningList)});
    }
    if (node.is(Kind::DeleteStmt)) {
      with_clause(node.get(f::DeleteStmt::withClause), scope);
      LevelConditions level(subject_, accept_, ctes_, nullptr);
      level.target(node.get(f::DeleteStmt::relation), node.id());
      for (const Node item : node.get(f::DeleteStmt::usingClause)) level.from(item, node.id());
      level.condition(node.get(f::DeleteStmt::whereClause), node.id(), true);
      level.conclude(found);
      return below(node, level, {node.get(f::DeleteStmt::withClause)}, node.get(f::DeleteStmt::whereClause),
                   {node.get(f::DeleteStmt::returningList)});
    }
    if (node.is(Kind::InsertStmt)) {
      // "excluded" has the same columns: a name without its relation would be ambiguous, PostgreSQL's own error.
      const Node conflict = node.get(f::InsertStmt::onConflictClause), with = node.get(f::InsertStmt::withClause);
      with_clause(with, scope);
      LevelConditions level(subject_, accept_, ctes_, nullptr);
      level.target(node.get(f::InsertStmt::relation), conflict.id());
      level.condition(conflict.get(f::OnConflictClause::whereClause), conflict.id(), true);
      level.conclude(found);
      return below(node, level, {with}, Node(), {});
    }
    if (node.is(Kind::SubLink)) {
      if (const Node test = node.get(f::SubLink::testexpr)) walk(test, outer);
      return walk(node.get(f::SubLink::subselect), outer);
    }
    // Anything else that is no expression of the level's (a member of FROM, of WITH) is walked without one.
    ast::for_each_child(node, [&](Node child) { walk(child, outer); });
  }

  Injected found;

 private:
  void select(Node node, const LevelConditions* outer, Scope& scope) {
    const Node with = node.get(f::SelectStmt::withClause), where = node.get(f::SelectStmt::whereClause);
    with_clause(with, scope);
    const Node left = node.get(f::SelectStmt::larg), right = node.get(f::SelectStmt::rarg);
    // A row is locked before the level around has decided about its own.
    const bool locks = !node.get(f::SelectStmt::lockingClause).is_nil();
    LevelConditions level(subject_, accept_, ctes_, locks ? nullptr : outer);
    for (const Node item : node.get(f::SelectStmt::fromClause)) level.from(item, node.id());
    level.condition(where, node.id(), true);
    level.conclude(found);
    for (const Node arm : {left, right})
      if (arm) walk(arm, locks ? nullptr : outer);
    below(node, level, {with, left, right}, where,
          {node.get(f::SelectStmt::targetList)}, node.get(f::SelectStmt::havingClause));
  }

  /// Expressions where every member of the level is in sight may name them: `where`, `having` and the lists. In FROM and ON it takes
  /// more to know which.
  void below(Node node, const LevelConditions& level, NodeSet done, Node where, std::initializer_list<ListView> lists,
             Node having = Node()) {
    for (const Node one : {where, having}) {
      done.add(one);
      if (one) walk(one, &level);
    }
    for (const ListView list : lists)
      for (const Node one : list) {
        done.add(one);
        walk(one, &level);
      }
    ast::for_each_child(node, [&](Node child) {
      if (!done.contains(child)) walk(child);
    });
  }

  void with_clause(Node with, Scope& scope) {
    if (!with) return;
    const bool recursive = with.get(f::WithClause::recursive);
    const ListView ctes = with.get(f::WithClause::ctes);
    if (recursive)
      for (const Node cte : ctes) scope.add(cte.get(f::CommonTableExpr::ctename), Node());
    for (const Node cte : ctes) {
      walk(cte);
      if (!recursive) scope.add(cte.get(f::CommonTableExpr::ctename), cte);
    }
  }

  const Subject& subject_;
  const AcceptParameter& accept_;
  Ctes ctes_;
  std::unordered_set<const void*> sources_;
};

}  // namespace

Injected supplied(Node statement, const Subject& subject, const AcceptParameter& accept) {
  Collector collector(subject, accept);
  collector.walk(statement);
  return std::move(collector.found);
}

}  // namespace bulkhead::rewrite::verifier
