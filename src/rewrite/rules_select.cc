// Query levels: WITH, set operations, SELECT, VALUES.

#include <algorithm>
#include <utility>

#include "rewrite/analysis.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

namespace {

/// Of references from one member of WITH to another. 200 take PostgreSQL 15 less than a second, 800 more than half a minute.
constexpr int kMaxCteChain = 200;

}  // namespace

Analysis::Status Analysis::query(Node statement, const Level* outer, bool locked) {
  if (statement.is(Kind::SelectStmt)) return select(statement, outer, locked);
  if (statement.is(Kind::InsertStmt)) return insert(statement, outer);
  if (statement.is(Kind::UpdateStmt)) return update(statement, outer);
  if (statement.is(Kind::DeleteStmt)) return delete_(statement, outer);
  if (statement.is(Kind::MergeStmt)) return merge(statement, outer);
  return refused_statement(statement);
}

Analysis::Status Analysis::with_clause(Node with, Level& level) {
  if (!with) return {};
  const auto members = with.get(f::WithClause::ctes);
  const bool recursive = with.get(f::WithClause::recursive);
  for (const Node cte : members) {
    const auto name = cte.get(f::CommonTableExpr::ctename);
    cte_names_.insert(name);
    if (recursive) level.add_cte(name, Node());
  }
  int referring = 0;
  for (const Node cte : members) {
    const int around = std::exchange(cte_depth_, 0);
    const bool referred = std::exchange(cte_referred_, false);
    const auto name = cte.get(f::CommonTableExpr::ctename);
    const auto judged_around = std::exchange(cte_judged_, name);
    BULKHEAD_CHECK(query(cte.get(f::CommonTableExpr::ctequery), &level));
    BULKHEAD_CHECK(rest(cte, {cte.get(f::CommonTableExpr::ctequery)}, level));
    if (!recursive) level.add_cte(name, cte);
    // Members of RECURSIVE may refer to those behind them: each that refers to any counts.
    if (recursive && cte_referred_) ++referring;
    if (std::max(cte_depth_, referring) >= kMaxCteChain)
      return refuse(sqlstate::statement_too_complex,
                    "more than " + std::to_string(kMaxCteChain) + " members of WITH that refer each to the one before",
                    "No configuration raises this: PostgreSQL plans such a chain in cubic time, and cannot be stopped meanwhile.",
                    cte.get(f::CommonTableExpr::location));
    int& depth = cte_depths_[name];
    depth = std::max(depth, cte_depth_ + 1);
    cte_depth_ = around;
    cte_judged_ = judged_around;
    cte_referred_ = cte_referred_ || referred;
  }
  return {};
}

Result<Analysis::Pendings> Analysis::from_clause(ast::ListView items, Level& level, bool hidden) {
  Pendings all;
  for (const Node item : items) {
    BULKHEAD_TRY(const Pendings some, from_item(item, level, hidden));
    all.insert(all.end(), some.begin(), some.end());
  }
  for (const Pending& pending : all) {
    BULKHEAD_CHECK(qualify(pending.range_var, pending.relation));
    notes.push_back("WHERE confines " + confined(pending));
  }
  return all;
}

Analysis::Status Analysis::rest(Node statement, const std::vector<Node>& judged, Level& level) {
  std::unordered_set<const void*> done;
  for (const Node node : judged) done.insert(node.id());
  return ast::for_each_child(statement, [&](Node child) -> Status {
    return done.contains(child.id()) ? Status() : expression(child, level);
  });
}

namespace {

/// SELECT f(…), g(…) and nothing else: each call at the top runs exactly once.
bool is_plain(Node select) {
  return select.get(f::SelectStmt::op) == ast::SetOperation::SETOP_NONE && !select.get(f::SelectStmt::withClause) &&
         select.get(f::SelectStmt::fromClause).empty() && !select.get(f::SelectStmt::whereClause) &&
         select.get(f::SelectStmt::groupClause).empty() && !select.get(f::SelectStmt::havingClause) &&
         select.get(f::SelectStmt::valuesLists).empty() && !select.get(f::SelectStmt::limitCount) &&
         !select.get(f::SelectStmt::limitOffset);
}

bool has_rows_from(Node item) {
  if (item.is(Kind::RangeFunction)) return item.get(f::RangeFunction::is_rowsfrom);
  return item.is(Kind::JoinExpr) &&
         (has_rows_from(item.get(f::JoinExpr::larg)) || has_rows_from(item.get(f::JoinExpr::rarg)));
}
bool has_rows_from(ast::ListView items) {
  for (const Node item : items)
    if (has_rows_from(item)) return true;
  return false;
}

}  // namespace

Analysis::Status Analysis::select(Node statement, const Level* outer, bool locked) {
  const Node into = statement.get(f::SelectStmt::intoClause);
  if (into && into != into_)
    return refuse(sqlstate::insufficient_privilege, "SELECT INTO is not allowed here through Bulkhead",
                  "It can only make a temporary table, as a statement by itself.", ast::leftmost(into));
  Level level(outer);
  const auto locking = statement.get(f::SelectStmt::lockingClause);
  level.lock(locking, locked);
  const Node with = statement.get(f::SelectStmt::withClause);
  BULKHEAD_CHECK(with_clause(with, level));

  const Node left = statement.get(f::SelectStmt::larg), right = statement.get(f::SelectStmt::rarg);
  std::vector<Node> judged{with, left, right, into};
  for (const Node clause : locking) judged.push_back(clause);
  if (left) {
    BULKHEAD_CHECK(select(left, &level, locked));
    BULKHEAD_CHECK(select(right, &level, locked));
    return rest(statement, judged, level);
  }

  if (!outer && is_plain(statement))
    for (const Node target : statement.get(f::SelectStmt::targetList))
      if (const Node value = target.get(f::ResTarget::val); value.is(Kind::FuncCall)) plain_calls_.insert(value.id());
  const auto from = statement.get(f::SelectStmt::fromClause);
  BULKHEAD_CHECK(distinct_names({from.begin(), from.end()}));
  BULKHEAD_TRY(const Pendings pendings, from_clause(from, level));
  if (!pendings.empty()) {
    const Node first = pendings.front().range_var;
    const Clauses::Relation tokens = tokens_of(first);
    if (tokens.name == Clauses::npos) return no_place(first);
    std::size_t key_word = tokens.begin - 1;
    if (clauses_.word(key_word, "table")) {  // reserved. TABLE t is SELECT * FROM t
      edits.replace(clauses_[key_word].begin, clauses_[key_word].end - clauses_[key_word].begin, "SELECT * FROM");
    } else {
      key_word = clauses_.back(tokens.begin, "from", has_rows_from(from));
      if (key_word == Clauses::npos) return no_place(first);
    }
    BULKHEAD_CHECK(place_in_where(key_word + 1, static_cast<bool>(statement.get(f::SelectStmt::whereClause)),
                                  conjunction(pendings), first));
  }
  for (const Node item : from) {
    BULKHEAD_CHECK(from_expressions(item, level));
    judged.push_back(item);
  }
  return rest(statement, judged, level);
}

}  // namespace bulkhead::rewrite
