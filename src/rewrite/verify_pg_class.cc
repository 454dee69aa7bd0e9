#include "rewrite/verify_pg_class.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "rewrite/verify_forms.h"

namespace bulkhead::rewrite::verifier {
namespace {

using ast::Kind;
using ast::ListView;
using ast::Node;
namespace f = ast::f;

bool is_count(std::string_view column) {
  constexpr std::array<std::string_view, 4> kCounts{"relpages", "reltuples", "relallvisible", "relallfrozen"};
  return std::find(kCounts.begin(), kCounts.end(), column) != kCounts.end();
}

/// A column of the subquery's by its name alone, or a constant, with or without a cast.
bool tells_nothing(Node target) {
  if (!target.is(Kind::ResTarget) || !target.get(f::ResTarget::indirection).is_nil()) return false;
  Node value = target.get(f::ResTarget::val);
  if (value.is(Kind::ColumnRef)) {
    const ListView names = value.get(f::ColumnRef::fields);
    return names.size() == 1 && names.front().is(Kind::String) && ast::string_of(names.front()) != "pg_class" &&
           !is_count(ast::string_of(names.front()));
  }
  if (value.is(Kind::TypeCast)) value = value.get(f::TypeCast::arg);
  return value.is(Kind::A_Const);
}

bool has_children(Node node, std::size_t number) {
  std::size_t found = 0;
  ast::for_each_child(node, [&](Node) { ++found; });
  return found == number;
}

struct Uses {
  std::set<std::string_view> names;  ///< by which a pg_class with its counts goes
  std::set<std::string_view> rows;   ///< that stand for rows, or may
  bool star = false;                 ///< of all that is in a FROM with one
  bool shadowed = false;             ///< a CTE has its name
};

bool has_pg_class(Node item) {
  if (item.is(Kind::JoinExpr)) return has_pg_class(item.get(f::JoinExpr::larg)) || has_pg_class(item.get(f::JoinExpr::rarg));
  if (item.is(Kind::RangeTableSample)) return has_pg_class(item.get(f::RangeTableSample::relation));
  return item.is(Kind::RangeVar) && is_pg_class(item);
}

bool is_star(Node target) {
  const Node value = target.is(Kind::ResTarget) ? target.get(f::ResTarget::val) : Node();
  if (!value.is(Kind::ColumnRef)) return false;
  const ListView names = value.get(f::ColumnRef::fields);
  return names.size() == 1 && names.front().is(Kind::A_Star);
}

void collect(Node node, Uses& uses) {
  if (node.is(Kind::SelectStmt)) {
    const ListView from = node.get(f::SelectStmt::fromClause), targets = node.get(f::SelectStmt::targetList);
    if (is_pg_class_without_counts(node)) {
      for (const Node target : targets) collect(target, uses);
      return;
    }
    uses.star = uses.star || (std::any_of(targets.begin(), targets.end(), is_star) &&
                              std::any_of(from.begin(), from.end(), has_pg_class));
  }
  if (node.is(Kind::CommonTableExpr) && node.get(f::CommonTableExpr::ctename) == "pg_class") uses.shadowed = true;
  if (node.is(Kind::RangeVar) && is_pg_class(node)) uses.names.insert(reference_name(node));
  if (node.is(Kind::ColumnRef)) {
    const ListView names = node.get(f::ColumnRef::fields);
    if (names.back().is(Kind::A_Star) && names.size() > 1) uses.rows.insert(ast::string_of(names[names.size() - 2]));
    if (names.size() == 1 && names.front().is(Kind::String)) uses.rows.insert(ast::string_of(names.front()));
    return;
  }
  if (node.is(Kind::MultiAssignRef) && node.get(f::MultiAssignRef::colno) > 1) return;  // the source is shared
  ast::for_each_child(node, [&](Node child) { collect(child, uses); });
}

}  // namespace

bool is_pg_class(Node range_var) {
  const std::string_view schema = range_var.get(f::RangeVar::schemaname);
  return range_var.get(f::RangeVar::relname) == "pg_class" && (!schema.data() || schema == "pg_catalog");
}

bool is_pg_class_without_counts(Node select) {
  const ListView from = select.get(f::SelectStmt::fromClause), targets = select.get(f::SelectStmt::targetList);
  return from.size() == 1 && from.front().is(Kind::RangeVar) && is_pg_class(from.front()) &&
         from.front().get(f::RangeVar::schemaname).data() && !from.front().get(f::RangeVar::alias) && !targets.empty() &&
         std::all_of(targets.begin(), targets.end(), tells_nothing) && has_children(select, targets.size() + 1);
}

Result<void> no_whole_pg_class(Node statement) {
  Uses uses;
  collect(statement, uses);
  const bool row = std::any_of(uses.names.begin(), uses.names.end(), [&](std::string_view name) { return uses.rows.contains(name); });
  return !uses.shadowed && (uses.star || row) ? refused("pg_class is read as a whole") : Result<void>();
}

}  // namespace bulkhead::rewrite::verifier
