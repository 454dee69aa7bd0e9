// TRUNCATE means "my rows": a DELETE of the tenant's own for each table, all in one statement, so that foreign keys
// between them are looked at when the last one is done, and with TRUNCATE's tag.

#include <algorithm>

#include "rewrite/analysis.h"

namespace bulkhead::rewrite {

using ast::Node;
namespace f = ast::f;

namespace {

/// Where the next DELETE begins: the last is the statement itself, those before it are members of its WITH.
std::string opening(std::size_t index, std::size_t count) {
  const std::string member = "\"_" + std::to_string(index + 1) + "\" AS (DELETE FROM ";
  if (index + 1 == count) return count == 1 ? "DELETE FROM " : " DELETE FROM ";
  return (index == 0 ? "WITH " : ", ") + member;
}

}  // namespace

Analysis::Status Analysis::truncate(Node statement) {
  const auto relations = statement.get(f::TruncateStmt::relations);
  const int first = relations.front().get(f::RangeVar::location);
  std::vector<ResolvedRelation> targets;
  for (const Node target : relations) {
    BULKHEAD_CHECK(count_member(target));
    BULKHEAD_CHECK(resolve_target(target, policy::Action::truncate, targets.emplace_back(), false));
  }
  const auto temporaries = std::count_if(targets.begin(), targets.end(), [](const auto& target) { return target.is_temporary(); });
  if (temporaries > 0) {  // they are cut off as they are
    if (temporaries != static_cast<std::ptrdiff_t>(targets.size()))
      return refuse(sqlstate::feature_not_supported,
                    "TRUNCATE of temporary and other tables at once is not supported through Bulkhead",
                    "Write one TRUNCATE for each kind.", first);
    for (std::size_t i = 0; i < targets.size(); ++i) BULKHEAD_CHECK(qualify(relations[i], targets[i]));
    return {};
  }
  if (statement.get(f::TruncateStmt::restart_seqs))
    return refuse(sqlstate::feature_not_supported,
                  "TRUNCATE … RESTART IDENTITY is not supported through Bulkhead: sequences count for every organisation",
                  "Leave RESTART IDENTITY out; no configuration allows it.", first);
  if (statement.get(f::TruncateStmt::behavior) == ast::DropBehavior::DROP_CASCADE)
    return refuse(sqlstate::feature_not_supported,
                  "TRUNCATE … CASCADE is not supported through Bulkhead: which tables refer to these is not known to it",
                  "Name every table in one TRUNCATE; no configuration allows CASCADE.", first);

  std::size_t begin = clauses_.back(clauses_.at(first), "truncate");
  if (begin == Clauses::npos) return no_place(statement);
  std::size_t end = begin;
  for (std::size_t i = 0; i < relations.size(); ++i) {
    const Node target = relations[i];
    const ResolvedRelation& relation = targets[i];
    const policy::RelationKind kind = relation.relation->kind;
    if (kind == policy::RelationKind::view || kind == policy::RelationKind::materialised_view)
      return refuse(sqlstate::wrong_object_type, "\"" + relation.relation->name.name + "\" is not a table", {},
                    target.get(f::RangeVar::location));
    const Clauses::Relation tokens = tokens_of(target);
    if (tokens.name == Clauses::npos || tokens.begin <= begin) return no_place(target);
    // TRUNCATE [TABLE], or the comma before the table.
    const std::uint32_t from = clauses_[i == 0 ? begin : tokens.begin - 1].begin;
    edits.replace(from, clauses_[tokens.begin].begin - from, opening(i, relations.size()));
    BULKHEAD_CHECK(qualify(target, relation));
    const std::string last = i + 1 == relations.size() ? "" : ")";
    edits.insert(clauses_[tokens.end - 1].end, " WHERE " + predicate(alias_of(target), relation) + last);
    notes.push_back("TRUNCATE deletes the organisation's own rows of " + relation.relation->name.text());
    begin = tokens.begin;
    end = tokens.end;
  }
  const std::size_t rest = clauses_.end_of(end, Clauses::Ends::clause);  // CONTINUE IDENTITY, RESTRICT
  if (rest > end) edits.replace(clauses_[end].begin, clauses_[rest - 1].end - clauses_[end].begin, "");
  effects_->tag = "TRUNCATE TABLE";
  return {};
}

}  // namespace bulkhead::rewrite
