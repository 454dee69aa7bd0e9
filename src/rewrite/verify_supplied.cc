#include "rewrite/verify_supplied.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "rewrite/verify_reads.h"

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
  std::vector<std::size_t> equals;  ///< members that are confined if this one is
};

/// The `=` of pg_catalog. Analysis has refused statements with an operator of the database's own so named.
bool is_equality(Node node) {
  if (!node.is(Kind::A_Expr) || node.get(f::A_Expr::kind) != ast::A_Expr_Kind::AEXPR_OP) return false;
  const ListView name = node.get(f::A_Expr::name);
  return ast::string_of(name.back()) == "=" &&
         (name.size() == 1 || (name.size() == 2 && ast::string_of(name.front()) == "pg_catalog"));
}

/// Of texts that differ = may hold: it has to be said that it is to be that of "C".
bool needs_collation(const policy::Column& column) { return column.nondeterministic; }

/// One query level.
class LevelConditions {
 public:
  LevelConditions(const Subject& subject, const AcceptParameter& accept) : subject_(subject), accept_(accept) {}

  void target(Node range_var, Place place) { relation(range_var, place); }

  void from_item(Node item, Place place) {
    ++members_;
    if (item.is(Kind::RangeVar)) return relation(item, place);
    if (item.is(Kind::RangeTableSample)) return relation(item.get(f::RangeTableSample::relation), place);
    if (item.is(Kind::JoinExpr)) return join(item, place);
  }

  void condition(Node node, Place place) {
    if (!node) return;
    if (node.is(Kind::BoolExpr) && node.get(f::BoolExpr::boolop) == ast::BoolExprType::AND_EXPR) {
      for (const Node part : node.get(f::BoolExpr::args)) condition(part, place);
    } else if (is_equality(node)) {
      conditions_.emplace_back(node, place);
    } else if (node.is(Kind::BoolExpr) || node.is(Kind::A_Expr)) {
      others_.emplace_back(node, place);
    }
  }

  /// After every member and condition is known.
  void conclude(Injected& out) {
    for (const auto& [node, place] : conditions_) judge(node, place);
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
  void join(Node item, Place place) {
    // Names inside a join with an alias are hidden, columns merged by USING have none.
    if (item.get(f::JoinExpr::alias)) place = nullptr;
    const Node quals = item.get(f::JoinExpr::quals);
    const Place on = quals ? item.id() : nullptr;
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
    if (reach) condition(quals, reach);
  }

  /// What is not to be judged here (a CTE's name, a shared table, an unknown one) is left to the proof.
  void relation(Node range_var, Place place) {
    if (!range_var.is(Kind::RangeVar) || !range_var.get(f::RangeVar::alias).get(f::Alias::colnames).is_nil()) return;
    const auto relation = relation_of(range_var, subject_);
    if (!relation || relation->access != Relation::Access::tenant) return;
    if (!by_name_.emplace(reference_name(range_var), found_.size()).second) return;  // PostgreSQL's own error
    found_.push_back({*relation, place, false, false, {}});
  }

  /// The member whose tenant column this is.
  std::optional<std::size_t> member_of(Node column) const {
    if (!column.is(Kind::ColumnRef)) return std::nullopt;
    const ListView fields = column.get(f::ColumnRef::fields);
    if (fields.empty() || fields.size() > 2) return std::nullopt;
    auto member = by_name_.begin();
    if (fields.size() == 2) member = by_name_.find(ast::string_of(fields.front()));
    if (member == by_name_.end() || (fields.size() == 1 && members_ != 1)) return std::nullopt;
    if (ast::string_of(fields.back()) != found_[member->second].relation.column->name) return std::nullopt;
    return member->second;
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

  void judge(Node equality, Place place) {
    Node left = equality.get(f::A_Expr::lexpr), right = equality.get(f::A_Expr::rexpr);
    bool collated = false;
    for (Node* const side : {&left, &right}) {
      if (!side->is(Kind::CollateClause)) continue;
      const ListView name = side->get(f::CollateClause::collname);
      if (ast::string_of(name.back()) != "C" || name.size() > 2 ||
          (name.size() == 2 && ast::string_of(name.front()) != "pg_catalog"))
        return;
      collated = true;
      *side = side->get(f::CollateClause::arg);
    }
    const auto one = member_of(left), other = member_of(right);
    const auto usable = [&](std::size_t index) {
      return found_[index].place && (collated || !needs_collation(*found_[index].relation.column));
    };
    if (one && other) {
      if (!usable(*one) || !usable(*other) || !comparable(*found_[*one].relation.column, *found_[*other].relation.column)) return;
      // Holds for every row in which the member of this place is there, and so is the other one then.
      if (found_[*one].place == place) found_[*other].equals.push_back(*one);
      if (found_[*other].place == place) found_[*one].equals.push_back(*other);
    } else if (one || other) {
      Member& member = found_[one ? *one : *other];
      const Node value = one ? right : left;
      if (usable(one ? *one : *other) && member.place == place && !member.own)
        member.own = is_own_value(value, *member.relation.column, subject_.tenant) || accept_(value, member.relation);
    }
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
      const auto organisations = read->said_by(node, is_column);
      if (organisations && std::all_of(organisations->begin(), organisations->end(), is_own)) member.readable = true;
      if (member.readable) return;
    }
  }

  const Subject& subject_;
  const AcceptParameter& accept_;
  std::size_t members_ = 0;
  std::vector<Member> found_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
  std::vector<std::pair<Node, Place>> conditions_;
  std::vector<std::pair<Node, Place>> others_;  ///< than equalities
};

class Collector {
 public:
  Collector(const Subject& subject, const AcceptParameter& accept) : subject_(subject), accept_(accept) {}

  void walk(Node node) {
    if (node.is(Kind::MultiAssignRef) && !sources_.insert(node.get(f::MultiAssignRef::source).id()).second) return;
    LevelConditions level(subject_, accept_);
    if (node.is(Kind::SelectStmt)) {
      for (const Node item : node.get(f::SelectStmt::fromClause)) level.from_item(item, node.id());
      level.condition(node.get(f::SelectStmt::whereClause), node.id());
    } else if (node.is(Kind::UpdateStmt)) {
      level.from_item(node.get(f::UpdateStmt::relation), node.id());
      for (const Node item : node.get(f::UpdateStmt::fromClause)) level.from_item(item, node.id());
      level.condition(node.get(f::UpdateStmt::whereClause), node.id());
    } else if (node.is(Kind::DeleteStmt)) {
      level.from_item(node.get(f::DeleteStmt::relation), node.id());
      for (const Node item : node.get(f::DeleteStmt::usingClause)) level.from_item(item, node.id());
      level.condition(node.get(f::DeleteStmt::whereClause), node.id());
    } else if (node.is(Kind::InsertStmt)) {
      // "excluded" has the same columns: a name without its relation would be ambiguous, PostgreSQL's own error.
      const Node conflict = node.get(f::InsertStmt::onConflictClause);
      level.from_item(node.get(f::InsertStmt::relation), conflict.id());
      level.condition(conflict.get(f::OnConflictClause::whereClause), conflict.id());
    }
    level.conclude(found);
    ast::for_each_child(node, [this](Node child) { walk(child); });
  }

  Injected found;

 private:
  const Subject& subject_;
  const AcceptParameter& accept_;
  std::unordered_set<const void*> sources_;
};

}  // namespace

Injected supplied(Node statement, const Subject& subject, const AcceptParameter& accept) {
  Collector collector(subject, accept);
  collector.walk(statement);
  return std::move(collector.found);
}

}  // namespace bulkhead::rewrite::verifier
