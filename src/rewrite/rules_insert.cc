// INSERT: the tenant column is appended to the column list and its constant to every row; a value the client supplies for
// it must be the session's own.

#include "rewrite/analysis.h"

#include <algorithm>
#include <map>

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

namespace {

/// Of a relation (MaxTupleAttributeNumber).
constexpr std::size_t kMaxColumns = 1664;

constexpr SqlState kInvalidColumnReference{"42P10"};

bool is_set_operation(Node select) { return select.get(f::SelectStmt::op) != ast::SetOperation::SETOP_NONE; }

/// VALUES whose expressions PostgreSQL takes for the columns' as they are, not for those of a subquery
/// (transformInsertStmt, isGeneralSelect).
bool is_plain_values(Node source) {
  return !source.get(f::SelectStmt::valuesLists).empty() && source.get(f::SelectStmt::sortClause).empty() &&
         !source.get(f::SelectStmt::limitOffset) && !source.get(f::SelectStmt::limitCount) &&
         source.get(f::SelectStmt::lockingClause).empty() && !source.get(f::SelectStmt::withClause);
}

/// The SELECTs and VALUES a set operation joins, in the order of the text.
std::vector<Node> arms_of(Node select) {
  if (!is_set_operation(select)) return {select};
  std::vector<Node> arms = arms_of(select.get(f::SelectStmt::larg));
  const std::vector<Node> right = arms_of(select.get(f::SelectStmt::rarg));
  arms.insert(arms.end(), right.begin(), right.end());
  return arms;
}

/// In any of its arms, too.
bool has_with_clause(Node source) {
  if (source.get(f::SelectStmt::withClause)) return true;
  return is_set_operation(source) &&
         (has_with_clause(source.get(f::SelectStmt::larg)) || has_with_clause(source.get(f::SelectStmt::rarg)));
}

bool has_grouping_sets(Node select) {
  for (const Node group : select.get(f::SelectStmt::groupClause))
    if (group.is(Kind::GroupingSet)) return true;
  return false;
}

}  // namespace

bool Analysis::is_star(Node value) {
  if (value.is(Kind::ColumnRef)) return value.get(f::ColumnRef::fields).back().is(Kind::A_Star);
  return value.is(Kind::A_Indirection) && value.get(f::A_Indirection::indirection).back().is(Kind::A_Star);
}

Analysis::Status Analysis::insert(Node statement, const Level* outer) {
  const Node target = statement.get(f::InsertStmt::relation), with = statement.get(f::InsertStmt::withClause);
  const Node source = statement.get(f::InsertStmt::selectStmt), conflict = statement.get(f::InsertStmt::onConflictClause);
  Level level(outer);
  BULKHEAD_CHECK(with_clause(with, level));
  ResolvedRelation relation;
  BULKHEAD_CHECK(resolve_target(target, policy::Action::insert, relation));
  BULKHEAD_CHECK(qualify(target, relation));

  const std::size_t outer_limit = limit_;
  limit_ = conflict ? clauses_.at(conflict.get(f::OnConflictClause::location)) : Clauses::npos;
  if (source) BULKHEAD_CHECK(select(source, &level, false));
  if (relation.is_temporary()) {
    // There is nothing to stamp.
  } else if (!source) {
    BULKHEAD_CHECK(insert_default_values(statement, relation));
  } else if (statement.get(f::InsertStmt::cols).empty()) {
    BULKHEAD_CHECK(insert_without_list(statement, relation, level));
  } else {
    BULKHEAD_CHECK(insert_with_list(statement, relation, level));
  }
  limit_ = Clauses::npos;

  level.add(target_source(alias_of(target), target, relation));
  level.add(target_source("excluded", target, relation));
  if (conflict) BULKHEAD_CHECK(on_conflict(conflict, target, relation, level));
  BULKHEAD_CHECK(returning(statement.get(f::InsertStmt::returningList), target, relation));
  limit_ = outer_limit;
  return rest(statement, {target, with, source, conflict}, level);
}

Analysis::Status Analysis::insert_default_values(Node statement, const ResolvedRelation& relation) {
  const Node target = statement.get(f::InsertStmt::relation);
  const Clauses::Relation tokens = tokens_of(target);
  if (tokens.name == Clauses::npos) return no_place(target);
  const std::size_t word = clauses_.forward(tokens.alias_end, "default");
  if (word == Clauses::npos) return no_place(target);
  notes.push_back("INSERT stamps " + relation.relation->name.text());
  return stamp_default_values(word, relation);
}

Analysis::Status Analysis::stamp_default_values(std::size_t word, const ResolvedRelation& relation) {
  if (!clauses_.key_word(word, "default") || !clauses_.key_word(word + 1, "values")) return no_place(Node());
  edits.replace(clauses_[word].begin, clauses_[word + 1].end - clauses_[word].begin,
                "(" + quote_name(relation.tenant_column->name) + ") VALUES (" +
                    *tenant_constant(*relation.tenant_column, subject_.tenant, false) + ")");
  return {};
}

Analysis::Status Analysis::insert_with_list(Node statement, const ResolvedRelation& relation, const Level& level) {
  const auto columns = statement.get(f::InsertStmt::cols);
  const Node source = statement.get(f::InsertStmt::selectStmt);
  BULKHEAD_CHECK(limited_targets(columns, relation, true));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].get(f::ResTarget::name) != relation.tenant_column->name) continue;
    if (!columns[i].get(f::ResTarget::indirection).empty()) return require_own(Stamp::unproven, relation, columns[i]);
    return check_supplied(source, relation, i, level);
  }
  BULKHEAD_CHECK(check_width(columns, source, relation));
  const auto values = outputs(source, arms_of(source).front(), 0, level);
  BULKHEAD_CHECK(check_places(source, values ? values->size() : columns.size()));
  const Node last = columns.back();
  const std::size_t name = clauses_.at(last.get(f::ResTarget::location));
  if (name == Clauses::npos) return no_place(last);
  std::size_t end = name + 1;
  while (end < clauses_.size() && !clauses_.symbol(end, ")"))
    end = clauses_.symbol(end, "[") ? clauses_.closing(end) + 1 : end + 1;
  if (end >= clauses_.size()) return no_place(last);
  edits.insert(clauses_[end - 1].end, ", " + quote_name(relation.tenant_column->name));
  notes.push_back("INSERT stamps " + relation.relation->name.text());
  return append_to_arms(source, *tenant_constant(*relation.tenant_column, subject_.tenant, false));
}

Analysis::Status Analysis::insert_without_list(Node statement, const ResolvedRelation& relation, const Level& level) {
  const Node target = statement.get(f::InsertStmt::relation), source = statement.get(f::InsertStmt::selectStmt);
  const auto first = outputs(source, arms_of(source).front(), 0, level);
  if (!first || first->empty()) return needs_column_list(relation, target.get(f::RangeVar::location));
  BULKHEAD_CHECK(limited_width(first->size(), relation, target.get(f::RangeVar::location)));
  const Clauses::Relation tokens = tokens_of(target);
  if (tokens.name == Clauses::npos) return no_place(target);
  edits.insert(clauses_[tokens.alias_end - 1].end, " (" + catalogue_list(relation, first->size()) + ")");
  notes.push_back("INSERT stamps " + relation.relation->name.text() + ", with the column list of the catalogue");
  const auto tenant = static_cast<std::size_t>(relation.tenant_column - relation.relation->columns.data());
  if (tenant < first->size()) return check_supplied(source, relation, tenant, level);
  BULKHEAD_CHECK(check_places(source, first->size()));
  return append_to_arms(source, *tenant_constant(*relation.tenant_column, subject_.tenant, false));
}

Error Analysis::needs_column_list(const ResolvedRelation& relation, int location) const {
  return refuse(sqlstate::feature_not_supported,
                "this INSERT needs a column list: it cannot be seen which column each value is for",
                "Name the columns on both sides, without " + relation.tenant_column->name + ": INSERT INTO " +
                    relation.relation->name.text() + " (a, …) SELECT a, … FROM ….", location);
}

/// Without a list values go to the first columns (manual, INSERT). The list is written out, so that a column added or
/// dropped meanwhile cannot shift them.
std::string Analysis::catalogue_list(const ResolvedRelation& relation, std::size_t values) {
  const auto& columns = relation.relation->columns;
  const std::size_t width = std::min(values, columns.size());
  std::string list;
  for (std::size_t i = 0; i < width; ++i) list += (i ? ", " : "") + quote_name(columns[i].name);
  const auto tenant = static_cast<std::size_t>(relation.tenant_column - columns.data());
  return tenant < width ? list : list + ", " + quote_name(relation.tenant_column->name);
}

/// PostgreSQL's own error, at its own place: behind the stamp it would be reported elsewhere (transformInsertRow).
Analysis::Status Analysis::check_width(ListView columns, Node source, const ResolvedRelation& relation) const {
  if (!is_plain_values(source)) return {};
  for (const Node column : columns)  // a column that does not exist is the error before this one
    if (!relation.relation->find_column(column.get(f::ResTarget::name))) return {};
  const auto row = source.get(f::SelectStmt::valuesLists).front().list();
  if (row.size() <= columns.size() || std::any_of(row.begin(), row.end(), is_star)) return {};
  return refuse(sqlstate::syntax_error, "INSERT has more expressions than target columns", {},
                ast::leftmost(row[columns.size()]));
}

/// A column said by its number that is not there, and would be the stamp: PostgreSQL's own error (findTargetlistEntrySQL92,
/// parse_clause.c).
Analysis::Status Analysis::check_places(Node source, std::size_t width) const {
  BULKHEAD_CHECK(check_places(source.get(f::SelectStmt::sortClause), width, "ORDER BY"));
  if (is_set_operation(source)) {
    BULKHEAD_CHECK(check_places(source.get(f::SelectStmt::larg), width));
    return check_places(source.get(f::SelectStmt::rarg), width);
  }
  BULKHEAD_CHECK(check_places(source.get(f::SelectStmt::groupClause), width, "GROUP BY"));
  return check_places(source.get(f::SelectStmt::distinctClause), width, "DISTINCT ON");
}

Analysis::Status Analysis::check_places(ListView list, std::size_t width, const char* clause) const {
  for (Node node : list) {
    if (node.is(Kind::SortBy)) node = node.get(f::SortBy::node);
    if (node.is(Kind::GroupingSet)) BULKHEAD_CHECK(check_places(node.get(f::GroupingSet::content), width, clause));
    if (node.is(Kind::RowExpr)) BULKHEAD_CHECK(check_places(node.get(f::RowExpr::args), width, clause));
    const Node value = node.is(Kind::A_Const) ? node.get(f::A_Const::val) : Node();
    if (!value.is(Kind::Integer)) continue;
    const auto place = static_cast<std::int64_t>(value.get(f::Integer::ival));
    if (place == static_cast<std::int64_t>(width) + 1)
      return refuse(kInvalidColumnReference, clause + (" position " + std::to_string(place)) + " is not in select list", {},
                    node.get(f::A_Const::location));
  }
  return {};
}

Analysis::Status Analysis::append_to_arms(Node source, const std::string& constant) {
  for (const Node arm : arms_of(source)) {
    if (!arm.get(f::SelectStmt::valuesLists).empty()) {
      BULKHEAD_CHECK(append_to_values(arm, constant));
      continue;
    }
    const Node first = arm.get(f::SelectStmt::targetList).front();
    if (first && first.get(f::ResTarget::location) < 0) {  // the * of TABLE t is written nowhere
      BULKHEAD_CHECK(append_to_table(arm, constant));
      continue;
    }
    const std::size_t begin = first ? clauses_.at(first.get(f::ResTarget::location)) : Clauses::npos;
    if (begin == Clauses::npos)
      return refuse(sqlstate::feature_not_supported, "this source of an INSERT cannot be stamped",
                    "Write it as SELECT with a list of columns.", ast::leftmost(source));
    const std::size_t end = clauses_.end_of(begin, Clauses::Ends::target_list, limit_);
    if (end <= begin) return no_place(arm);
    edits.insert(clauses_[end - 1].end, ", " + constant);
  }
  return {};
}

Analysis::Status Analysis::append_to_table(Node arm, const std::string& constant) {
  const auto from = arm.get(f::SelectStmt::fromClause);
  const Clauses::Relation tokens = from.size() == 1 && from.front().is(Kind::RangeVar) ? tokens_of(from.front()) : Clauses::Relation{};
  if (tokens.begin == 0 || tokens.begin >= clauses_.size() || !clauses_.word(tokens.begin - 1, "table")) return no_place(arm);
  const Token& table = clauses_[tokens.begin - 1];
  const std::string select = "SELECT *, " + constant + " FROM";
  if (!edits.amend(table.begin, select)) edits.replace(table.begin, table.end - table.begin, select);
  return {};
}

Analysis::Status Analysis::append_to_values(Node values, const std::string& constant) {
  const auto rows = values.get(f::SelectStmt::valuesLists);
  const std::size_t inside = clauses_.at(ast::place_in(rows.front()));
  const std::size_t word = inside == Clauses::npos ? inside : clauses_.back(inside, "values");
  if (word == Clauses::npos) return no_place(values);
  std::size_t open = word + 1;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!clauses_.symbol(open, "(") || (row > 0 && !clauses_.symbol(open - 1, ","))) return no_place(values);
    const std::size_t close = clauses_.closing(open);
    if (close == Clauses::npos) return no_place(values);
    edits.insert(clauses_[close - 1].end, ", " + constant);
    open = close + 2;
  }
  return {};
}

Analysis::Status Analysis::check_supplied(Node source, const ResolvedRelation& relation, std::size_t column, const Level& level) {
  const bool plain = is_plain_values(source);
  for (const Node arm : arms_of(source)) {
    const std::size_t rows = std::max<std::size_t>(arm.get(f::SelectStmt::valuesLists).size(), 1);
    for (std::size_t row = 0; row < rows; ++row) {
      const auto values = outputs(source, arm, row, level);
      if (!values) return require_own(Stamp::unproven, relation, arm);
      if (column >= values->size()) continue;  // too few values: PostgreSQL's own error
      BULKHEAD_CHECK(supplied((*values)[column], arm, plain, relation));
    }
  }
  return {};
}

Analysis::Status Analysis::supplied(const Output& output, Node arm, bool plain, const ResolvedRelation& relation) {
  if (output.tenant_value) return {};
  if (output.value.is(Kind::SetToDefault)) {  // DEFAULT means: fill it in
    const std::size_t token = clauses_.at(output.value.get(f::SetToDefault::location));
    if (token == Clauses::npos) return no_place(arm);
    edits.replace(clauses_[token].begin, clauses_[token].end - clauses_[token].begin,
                  *tenant_constant(*relation.tenant_column, subject_.tenant, false));
    return {};
  }
  if (plain && guard(output.value, relation)) return {};
  return require_own(output.value ? stamp_of(output.value, relation) : Stamp::unproven, relation,
                     output.value ? output.value : arm);
}

std::optional<ResolvedRelation> Analysis::relation_of(Node range_var) {
  if (!range_var) return std::nullopt;
  if (!range_var.get(f::RangeVar::schemaname).data() && cte_names_.contains(range_var.get(f::RangeVar::relname)))
    return std::nullopt;
  ResolvedRelation relation;
  if (!resolve(range_var, relation) || !relation.relation) return std::nullopt;
  return relation;
}

Analysis::Outputs Analysis::outputs(Node source, Node arm, std::size_t row, const Level& level) {
  const auto rows = arm.get(f::SelectStmt::valuesLists);
  if (!rows.empty()) {
    std::vector<Output> out;
    for (const Node value : rows[row].list()) {
      if (is_star(value)) return std::nullopt;  // (ROW(1, 2)::pair).*
      out.push_back({value});
    }
    return out;
  }
  const auto from = arm.get(f::SelectStmt::fromClause);
  const Preserved members(from);
  const bool may_be_null = has_grouping_sets(arm), has_with = has_with_clause(source);
  return expand(arm.get(f::SelectStmt::targetList), from, [&](std::string_view alias) -> Outputs {
    const Node member = members.find(alias);
    Outputs given;
    if (const auto relation = relation_of(member))
      given = columns_of(*relation->relation, relation->gives_own_rows() ? relation->tenant_column : nullptr);
    else if (!has_with)  // whose names may hide those of the INSERT's
      given = cte_outputs(member, level);
    if (given && may_be_null)
      for (Output& output : *given) output.tenant_value = false;
    return given;
  });
}

std::vector<Analysis::Output> Analysis::columns_of(const policy::Relation& relation, const policy::Column* own) {
  std::vector<Output> out;
  for (const auto& column : relation.columns) out.push_back({Node(), &column, &column == own, column.name});
  return out;
}

Analysis::Outputs Analysis::expand(ListView targets, ListView from, const GivenBy& given) {
  std::vector<Output> out;
  struct Known {
    Outputs columns;
    std::map<std::string_view, const Output*> by_name;  ///< null: several
  };
  std::map<std::string_view, Known> known;  // a list may name one relation a thousand times
  const auto given_by = [&](std::string_view alias) -> const Known& {
    const auto [at, fresh] = known.try_emplace(alias);
    if (!fresh) return at->second;
    auto& [columns, by_name] = at->second;
    columns = given(alias);
    if (columns)
      for (const Output& column : *columns)
        if (const auto [named, first] = by_name.try_emplace(column.name, &column); !first) named->second = nullptr;
    return at->second;
  };
  for (const Node target : targets) {
    if (out.size() > kMaxColumns) break;
    const Node value = target.get(f::ResTarget::val);
    if (is_star(value)) {
      const bool of_row = value.is(Kind::A_Indirection);
      const Node named = of_row ? value.get(f::A_Indirection::arg) : value;
      if (!named.is(Kind::ColumnRef) || (of_row && value.get(f::A_Indirection::indirection).size() != 1)) return std::nullopt;
      const auto fields = named.get(f::ColumnRef::fields);
      if (fields.size() > (of_row ? 1u : 2u)) return std::nullopt;
      const bool bare = !of_row && fields.size() == 1;
      const auto alias = bare ? std::string_view() : ast::string_of(fields.front());
      // (t).* is t.* where no column t comes before the row.
      if (!bare && (alias.empty() || (of_row && !surely_no_column(from, alias)))) return std::nullopt;
      const Outputs& columns = given_by(alias).columns;
      if (!columns) return std::nullopt;
      out.insert(out.end(), columns->begin(), columns->end());
      continue;
    }
    Output output{value};
    output.name = target.get(f::ResTarget::name);
    const auto fields = value.is(Kind::ColumnRef) ? value.get(f::ColumnRef::fields) : ListView();
    if (fields.size() == 1 || fields.size() == 2) {
      const auto name = ast::string_of(fields.back());
      if (output.name.empty()) output.name = name;
      const auto& by_name = given_by(fields.size() == 2 ? ast::string_of(fields.front()) : std::string_view()).by_name;
      const auto column = by_name.find(name);
      output.tenant_value = column != by_name.end() && column->second && column->second->tenant_value;
    }
    out.push_back(output);
  }
  return out;
}

bool Analysis::surely_no_column(ListView from, std::string_view name) {
  return !from.empty() && !is_system_column(name) && std::all_of(from.begin(), from.end(), [&](Node item) {
    const auto relation = item.is(Kind::RangeVar) && !item.get(f::RangeVar::alias).get(f::Alias::colnames).size()
                              ? relation_of(item) : std::nullopt;
    return relation && !relation->relation->find_column(name);
  });
}

/// What a member of WITH gives whose columns are the catalogue's: it reads relations, no other member.
Analysis::Outputs Analysis::cte_outputs(Node range_var, const Level& level) {
  if (!range_var || range_var.get(f::RangeVar::schemaname).data()) return std::nullopt;
  const Node cte = level.cte(range_var.get(f::RangeVar::relname));
  if (!cte || !cte.get(f::CommonTableExpr::aliascolnames).empty()) return std::nullopt;
  const Node body = cte.get(f::CommonTableExpr::ctequery);
  Outputs given;
  if (body.is(Kind::DeleteStmt)) given = returned_outputs(body);
  if (body.is(Kind::SelectStmt) && !is_set_operation(body) && body.get(f::SelectStmt::valuesLists).empty() && !has_with_clause(body))
    given = outputs(body, body, 0, Level(nullptr));
  if (given)
    for (Output& output : *given) output.value = Node();  // what is said of it is said where it is read
  return given;
}

/// A deleted row is one that the predicate let through, and no trigger puts another in its place as it may for what INSERT and
/// UPDATE return (manual, CREATE TRIGGER).
Analysis::Outputs Analysis::returned_outputs(Node statement) {
  const Node target = statement.get(f::DeleteStmt::relation);
  ResolvedRelation relation;
  if (!resolve(target, relation) || !relation.is_tenant() || statement.get(f::DeleteStmt::whereClause).is(Kind::CurrentOfExpr))
    return std::nullopt;
  const auto kind = relation.relation->kind;
  if (kind != policy::RelationKind::table && kind != policy::RelationKind::partitioned) return std::nullopt;
  const bool alone = statement.get(f::DeleteStmt::usingClause).empty();
  const auto name = alias_of(target);
  if (name == "old" || name == "new") return std::nullopt;  // PostgreSQL 18: rows of RETURNING's own
  return expand(statement.get(f::DeleteStmt::returningList), {}, [&](std::string_view alias) -> Outputs {
    if (alias.empty() ? !alone : alias != name) return std::nullopt;
    return columns_of(*relation.relation, relation.tenant_column);
  });
}

Analysis::Status Analysis::on_conflict(Node clause, Node range_var, const ResolvedRelation& relation, Level& level) {
  BULKHEAD_CHECK(rest(clause, {}, level));
  if (relation.is_temporary()) return {};
  if (clause.get(f::OnConflictClause::infer)) BULKHEAD_CHECK(require(range_var, relation, policy::Action::select));
  BULKHEAD_CHECK(limited_targets(clause.get(f::OnConflictClause::infer).get(f::InferClause::indexElems), relation, true));
  if (clause.get(f::OnConflictClause::action) != ast::OnConflictAction::ONCONFLICT_UPDATE) return {};
  BULKHEAD_CHECK(require(range_var, relation, policy::Action::update));
  BULKHEAD_CHECK(assignments(clause.get(f::OnConflictClause::targetList), relation, level, true));
  const std::size_t begin = clauses_.at(clause.get(f::OnConflictClause::location));
  const std::size_t set = begin == Clauses::npos ? begin : clauses_.forward(begin, "set");
  if (set == Clauses::npos) return no_place(clause);
  notes.push_back("ON CONFLICT confines the rows of " + relation.relation->name.text() + " that are updated");
  return place_in_where(set + 1, static_cast<bool>(clause.get(f::OnConflictClause::whereClause)),
                        predicate(alias_of(range_var), relation), clause);
}

}  // namespace bulkhead::rewrite
