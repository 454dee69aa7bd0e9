// Columns a role may name of a table, where its line in the policy lists them. Everything that would touch others without
// naming them, a star, a whole row, NATURAL, is refused: the list cannot be got around, and no text is changed for it.

#include "rewrite/analysis.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

Error Analysis::column_denied(std::string_view what, int location) const {
  if (without_select_) return *without_select_;
  const std::string role = subject_.role ? subject_.role->name : std::string();
  return refuse(sqlstate::insufficient_privilege, "permission denied: " + std::string(what),
                "roles: { " + role + ": { tables: { …: { columns: […] } } } } lists the columns this role may name.", location);
}

/// A column, a star or a whole row of something in sight. `names` as in ColumnRef; a star is an empty name at the end.
Analysis::Status Analysis::limited_reference(const std::vector<std::string_view>& names, bool star, const Level& level,
                                             int location) {
  if (!level.any_limited()) return {};
  const auto whole = [&](std::string_view name) {
    return column_denied("\"" + std::string(name) + "\" stands for columns that this role may not use", location);
  };
  if (star && names.size() == 1) return level.has_limited() ? Status(whole("*")) : Status();
  const std::string_view row = names.size() == 1 ? names[0] : names[names.size() - 2], column = names.back();
  // PostgreSQL 18: old and new are rows of the target in RETURNING.
  const bool returned = (row == "old" || row == "new") && subject_.catalogue.server_version_num() >= 180000;
  const ColumnLimit* limit = level.limit_of(row);
  const bool may_be_row = star || names.size() == 1;
  if (star && (limit || returned)) return whole(row);
  if (may_be_row && (returned || (limit && !limit->contains(std::string(column))))) return whole(row);
  const bool denied = names.size() == 1 || returned ? level.hides(column) : limit && !limit->contains(std::string(column));
  return denied ? Status(column_denied("column \"" + std::string(column) + "\"", location)) : Status();
}

/// Columns that a statement writes, or looks for conflicts in.
Analysis::Status Analysis::limited_targets(ast::ListView targets, const ResolvedRelation& relation, bool inserted) {
  if (!relation.limit) return {};
  for (const Node target : targets) {
    const bool element = target.is(Kind::IndexElem);
    const std::string_view name = element ? target.get(f::IndexElem::name) : target.get(f::ResTarget::name);
    if (element && !name.data()) continue;  // an expression: its columns are references
    if (inserted && name == relation.tenant_column->name) continue;  // its value is proved to be the only one there is
    if (!relation.limit->contains(std::string(name)))
      return column_denied("column \"" + std::string(name) + "\" of relation \"" + relation.relation->name.text() + "\"",
                           ast::leftmost(target));
  }
  return {};
}

/// The first columns of the relation, which INSERT without a list writes.
Analysis::Status Analysis::limited_width(std::size_t values, const ResolvedRelation& relation, int location) {
  if (!relation.limit) return {};
  const auto& columns = relation.relation->columns;
  for (std::size_t i = 0; i < columns.size() && i < values; ++i)
    if (&columns[i] != relation.tenant_column && !relation.limit->contains(columns[i].name))
      return column_denied("column \"" + columns[i].name + "\" of relation \"" + relation.relation->name.text() + "\"", location);
  return {};
}

}  // namespace bulkhead::rewrite
