#include "rewrite/verify_cursors.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "rewrite/verify_forms.h"

namespace bulkhead::rewrite::verifier {
namespace {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

/// What a statement's tree says of cursors.
class Seen {
 public:
  explicit Seen(const Subject& subject) : subject_(subject) {}

  Result<void> look(Node node) {
    if (node.is(Kind::CommonTableExpr)) ctes_.insert(node.get(f::CommonTableExpr::ctename));
    if (node.is(Kind::CurrentOfExpr)) {
      const auto name = node.get(f::CurrentOfExpr::cursor_name);
      if (!name.data() || node.get(f::CurrentOfExpr::cursor_param) != 0) return refused("a cursor that is a parameter");
      cursors_.insert(name);
    }
    if (node.is(Kind::UpdateStmt) && node.get(f::UpdateStmt::whereClause).is(Kind::CurrentOfExpr))
      BULKHEAD_CHECK(target(node.get(f::UpdateStmt::relation)));
    if (node.is(Kind::DeleteStmt) && node.get(f::DeleteStmt::whereClause).is(Kind::CurrentOfExpr))
      BULKHEAD_CHECK(target(node.get(f::DeleteStmt::relation)));
    if (node.is(Kind::LockingClause)) return {};  // names of members of FROM
    if (node.is(Kind::RangeVar)) range_vars_.push_back(node);
    if (node.is(Kind::RangeFunction)) functions_in(node);
    if (node.is(Kind::MultiAssignRef) && node.get(f::MultiAssignRef::colno) > 1) return {};  // the source is shared
    return ast::for_each_child(node, [this](Node child) { return look(child); });
  }

  const std::set<std::string_view>& cursors() const { return cursors_; }

  Result<void> own_rows_only() const {
    if (own_functions_) return refused("a cursor over a function of the database's own");
    for (const Node range_var : range_vars_) {
      if (!range_var.get(f::RangeVar::schemaname).data() && ctes_.contains(range_var.get(f::RangeVar::relname))) continue;
      BULKHEAD_TRY(const Relation relation, relation_of(range_var, subject_));
      if (!relation.relation) continue;  // the system's, or the client's own
      if (!relation.read.empty()) return refused("a cursor over rows that are others'");
      if (!is_table(*relation.relation)) return refused("a cursor over more than tables");
    }
    return {};
  }

 private:
  static bool is_table(const policy::Relation& relation) {
    return relation.kind == policy::RelationKind::table || relation.kind == policy::RelationKind::partitioned;
  }

  Result<void> target(Node range_var) const {
    BULKHEAD_TRY(const Relation relation, relation_of(range_var, subject_));
    if (relation.access != Relation::Access::tenant || !is_table(*relation.relation))
      return refused("WHERE CURRENT OF for something else than a protected table");
    return {};
  }

  /// Anywhere below: arguments are no danger, but telling them apart is no use either.
  void functions_in(Node node) {
    if (node.is(Kind::FuncCall)) {
      const auto names = node.get(f::FuncCall::funcname);
      if (names.size() != 1) own_functions_ = own_functions_ || ast::string_of(names.front()) != "pg_catalog";
      for (const std::string& schema : subject_.policy.tenancy.search_path)
        own_functions_ = own_functions_ || (names.size() == 1 && subject_.catalogue.has_function(schema, ast::string_of(names[0])));
    }
    ast::for_each_child(node, [this](Node child) { functions_in(child); });
  }

  const Subject& subject_;
  std::set<std::string_view> ctes_, cursors_;
  std::vector<Node> range_vars_;
  bool own_functions_ = false;
};

}  // namespace

Result<void> cursors(const std::vector<Node>& statements, const std::vector<Statement>& claims, const Subject& subject) {
  static const Effects kNothing;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const Effects& effects = i < claims.size() ? claims[i].effects : kNothing;
    const bool declares = statements[i].is(Kind::DeclareCursorStmt);
    // Where nothing is claimed WHERE CURRENT OF has been refused (verify_domination.h).
    if (effects.stands_on.empty() && !effects.own_rows && !declares) continue;
    Seen seen(subject);
    BULKHEAD_CHECK(seen.look(statements[i]));
    if (seen.cursors() != std::set<std::string_view>(effects.stands_on.begin(), effects.stands_on.end()))
      return refused("WHERE CURRENT OF names another cursor than is known of");
    if (declares && i < claims.size() &&
        effects.cursor != CursorChange{CursorChange::What::opens,
                                       std::string(statements[i].get(f::DeclareCursorStmt::portalname))})
      return refused("a cursor that is not known of");
    if (!effects.own_rows) continue;
    if (!declares && !statements[i].is(Kind::SelectStmt)) return refused("own rows of what is no query");
    BULKHEAD_CHECK(seen.own_rows_only());
  }
  return {};
}

}  // namespace bulkhead::rewrite::verifier
