// MERGE: the target's predicate goes into ON, so that a foreign row is NOT MATCHED, as where it does not exist; the source
// is read through subqueries, for ON cannot confine the side that is preserved; INSERT arms are stamped.

#include <algorithm>
#include <optional>

#include "rewrite/analysis.h"

namespace bulkhead::rewrite {

using ast::CmdType;
using ast::Kind;
using ast::Node;
namespace f = ast::f;

Analysis::Status Analysis::merge(Node statement, const Level* outer) {
  const Node target = statement.get(f::MergeStmt::relation), with = statement.get(f::MergeStmt::withClause);
  const Node source = statement.get(f::MergeStmt::sourceRelation);
  const auto arms = statement.get(f::MergeStmt::mergeWhenClauses);
  Level level(outer);
  BULKHEAD_CHECK(with_clause(with, level));
  ResolvedRelation relation;
  BULKHEAD_CHECK(resolve_target(target, policy::Action::select, relation));  // whether a row is there is an answer, too
  BULKHEAD_CHECK(qualify(target, relation));
  level.add(target_source(alias_of(target), target, relation));
  BULKHEAD_CHECK(distinct_names({source}));
  BULKHEAD_CHECK(distinct_names({target, source}, "name"));
  BULKHEAD_TRY(const Pendings pendings, from_item(source, level, false));
  BULKHEAD_CHECK(wrap_all(pendings));

  const Clauses::Relation tokens = tokens_of(target);
  if (tokens.name == Clauses::npos) return no_place(target);
  std::size_t when = clauses_.past_case(tokens.alias_end, "when");
  const std::size_t on = when == Clauses::npos ? when : clauses_.back(when, "on");
  if (on == Clauses::npos || when <= on + 1) return no_place(statement);
  if (relation.is_tenant()) {
    conjoin(on, when, predicate(alias_of(target), relation));
    notes.push_back("ON confines the rows of " + relation.relation->name.text() + " that are matched");
  }

  const Preserved rows(source);
  for (const Node arm : arms) {
    const std::size_t then = when == Clauses::npos ? when : clauses_.past_case(when, "then");
    if (then == Clauses::npos) return no_place(arm);
    BULKHEAD_CHECK(merge_arm(arm, then + 1, rows, target, relation, level));
    when = clauses_.past_case(then, "when");
  }
  BULKHEAD_CHECK(from_expressions(source, level));
  return rest(statement, {target, with, source}, level);
}

Analysis::Status Analysis::merge_arm(Node arm, std::size_t action, const Preserved& source, Node target,
                                     const ResolvedRelation& relation, Level& level) {
  if (relation.is_temporary()) return {};
  switch (arm.get(f::MergeWhenClause::commandType)) {
    case CmdType::CMD_NOTHING: return {};
    case CmdType::CMD_DELETE: return require(target, relation, policy::Action::delete_);
    case CmdType::CMD_UPDATE:
      BULKHEAD_CHECK(require(target, relation, policy::Action::update));
      return assignments(arm.get(f::MergeWhenClause::targetList), relation, level, false);
    case CmdType::CMD_INSERT:
      BULKHEAD_CHECK(require(target, relation, policy::Action::insert));
      return merge_insert(arm, action, source, relation);
    case CmdType::CMD_UNKNOWN:
    case CmdType::CMD_SELECT:
    case CmdType::CMD_MERGE:
    case CmdType::CMD_UTILITY: break;  // not the grammar's
  }
  return no_place(arm);
}

/// INSERT [(columns)] VALUES (…) or INSERT DEFAULT VALUES, the word INSERT at token `insert`.
Analysis::Status Analysis::merge_insert(Node arm, std::size_t insert, const Preserved& source,
                                        const ResolvedRelation& relation) {
  const auto columns = arm.get(f::MergeWhenClause::targetList), values = arm.get(f::MergeWhenClause::values);
  if (!clauses_.key_word(insert, "insert")) return no_place(arm);
  notes.push_back("MERGE stamps the rows of " + relation.relation->name.text() + " that are inserted");
  if (values.empty()) return stamp_default_values(insert + 1, relation);

  const std::size_t word = clauses_.forward(insert, "values");
  const std::size_t close = word == Clauses::npos ? word : clauses_.closing(word + 1);
  if (close == Clauses::npos) return no_place(arm);
  const auto star = std::find_if(values.begin(), values.end(), is_star);

  std::optional<std::size_t> supplied_at;  // which value is for the tenant column
  BULKHEAD_CHECK(limited_targets(columns, relation, true));
  if (columns.empty()) {
    BULKHEAD_CHECK(limited_width(values.size(), relation, ast::leftmost(values.front())));
    if (star != values.end()) return needs_column_list(relation, ast::leftmost(*star));
    const auto tenant = static_cast<std::size_t>(relation.tenant_column - relation.relation->columns.data());
    if (tenant < values.size()) supplied_at = tenant;
    edits.insert(clauses_[insert].end, " (" + catalogue_list(relation, values.size()) + ")");
  } else {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].get(f::ResTarget::name) != relation.tenant_column->name) continue;
      if (!columns[i].get(f::ResTarget::indirection).empty() || star != values.end())
        return require_own(Stamp::unproven, relation, columns[i]);
      supplied_at = i;
    }
    const std::size_t end = clauses_.closing(insert + 1);
    if (end == Clauses::npos) return no_place(arm);
    if (!supplied_at) edits.insert(clauses_[end - 1].end, ", " + quote_name(relation.tenant_column->name));
  }
  if (!supplied_at) {
    edits.insert(clauses_[close - 1].end, ", " + *tenant_constant(*relation.tenant_column, subject_.tenant, false));
    return {};
  }
  if (*supplied_at >= values.size()) return {};  // too few values: PostgreSQL's own error
  const Node value = values[*supplied_at];
  const auto fields = value.is(Kind::ColumnRef) ? value.get(f::ColumnRef::fields) : ast::ListView();
  bool own = false;
  if (fields.size() == 1 || fields.size() == 2) {
    const auto from = relation_of(source.find(fields.size() == 2 ? ast::string_of(fields[0]) : std::string_view()));
    own = from && from->gives_own_rows() && ast::string_of(fields.back()) == from->tenant_column->name;
  }
  return supplied({value, nullptr, own}, arm, true, relation);
}

}  // namespace bulkhead::rewrite
