// Members of FROM, and the place of each protected relation's predicate:
//   inner-joined, or preserved at every level        WHERE of the query level
//   on the nullable side of LEFT or RIGHT with ON    that ON
//   nullable with USING or NATURAL; in FULL JOIN;
//   under a join alias; with a column list           (SELECT * FROM schema.t WHERE …) AS t

#include <algorithm>

#include "rewrite/analysis.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

namespace {

/// Over all FROM clauses of a text, and the tables of TRUNCATE. Each of a few bytes is given a predicate of many: this bounds
/// what they add up to.
constexpr int kMaxMembers = 5000;

Source named_source(Node alias) {
  Source source;
  if (alias) source.alias = alias.get(f::Alias::aliasname);
  source.column_list = !alias.get(f::Alias::colnames).empty();
  return source;
}

/// A function in FROM without an alias goes by the name of the first one.
Source function_source(Node item) {
  Source source = named_source(item.get(f::RangeFunction::alias));
  if (item.get(f::RangeFunction::alias)) return source;
  Node call = item.get(f::RangeFunction::functions).front();  // a list: the call and its columns
  if (call.is(Kind::List)) call = call.list().front();
  const auto names = call.is(Kind::FuncCall) ? strings(call.get(f::FuncCall::funcname)) : std::vector<std::string_view>();
  if (names.empty())
    source.any_name = true;  // COALESCE(…), CURRENT_DATE, a cast
  else
    source.alias = names.back();
  return source;
}

}  // namespace

Analysis::Status Analysis::count_member(Node member) {
  if (++members_ <= kMaxMembers) return {};
  return refuse(sqlstate::statement_too_complex,
                "more than " + std::to_string(kMaxMembers) + " members of FROM in one text", "No configuration raises this.",
                ast::place_in(member));
}

namespace {

struct Named {
  std::string_view name;
  Node member;  ///< what goes by it
};
/// The names that members go by, those inside of a join with an alias apart: a list for each such join.
void collect_names(Node item, std::vector<Named>& names, std::vector<std::vector<Named>>& hidden) {
  const auto add = [&](Node alias) {
    if (alias) names.push_back({alias.get(f::Alias::aliasname), item});
  };
  if (item.is(Kind::RangeVar)) {
    const Node alias = item.get(f::RangeVar::alias);
    names.push_back({alias ? alias.get(f::Alias::aliasname) : item.get(f::RangeVar::relname), item});
  } else if (item.is(Kind::RangeTableSample)) {
    collect_names(item.get(f::RangeTableSample::relation), names, hidden);
  } else if (item.is(Kind::RangeSubselect)) {
    add(item.get(f::RangeSubselect::alias));
  } else if (item.is(Kind::RangeFunction)) {
    add(item.get(f::RangeFunction::alias));
  } else if (item.is(Kind::RangeTableFunc)) {
    add(item.get(f::RangeTableFunc::alias));
  } else if (item.is(Kind::JoinExpr)) {
    std::vector<Named> own;
    std::vector<Named>& inside = item.get(f::JoinExpr::alias) ? own : names;
    add(item.get(f::JoinExpr::alias));
    if (const Node alias = item.get(f::JoinExpr::join_using_alias)) inside.push_back({alias.get(f::Alias::aliasname), item});
    collect_names(item.get(f::JoinExpr::larg), inside, hidden);
    collect_names(item.get(f::JoinExpr::rarg), inside, hidden);
    if (!own.empty()) hidden.push_back(std::move(own));
  }
}

}  // namespace

Analysis::Status Analysis::distinct_names(const std::vector<Node>& members, std::string_view what) {
  std::vector<std::vector<Named>> spaces;
  std::vector<Named> names;
  for (const Node member : members) collect_names(member, names, spaces);
  spaces.push_back(std::move(names));
  for (auto& space : spaces) {
    std::stable_sort(space.begin(), space.end(), [](const Named& a, const Named& b) { return a.name < b.name; });
    for (std::size_t i = 1; i < space.size(); ++i) {
      const Node one = space[i - 1].member, other = space[i].member;
      if (space[i - 1].name != space[i].name) continue;
      const auto is_protected = [this](Node member) {
        const auto relation = member.is(Kind::RangeVar) ? relation_of(member) : std::nullopt;
        return relation && relation->is_tenant();
      };
      if (!is_protected(one) && !is_protected(other)) continue;  // PostgreSQL's own business
      const std::string name(space[i].name);
      const auto bare = [](Node member) { return member.is(Kind::RangeVar) && !member.get(f::RangeVar::alias); };
      const auto a = bare(one) ? relation_of(one) : std::nullopt, b = bare(other) ? relation_of(other) : std::nullopt;
      if (a && b && a->relation != b->relation)  // which PostgreSQL tells apart (checkNameSpaceConflicts, parse_relation.c)
        return refuse(sqlstate::feature_not_supported, "two relations called \"" + name + "\" in one FROM are not told apart by Bulkhead",
                      "Give one of them an alias.", other.get(f::RangeVar::location));
      return refuse(sqlstate::duplicate_alias, std::string(what) + " \"" + name + "\" specified more than once", {}, -1);
    }
  }
  return {};
}

Result<Analysis::Pendings> Analysis::from_item(Node item, Level& level, bool hidden) {
  BULKHEAD_CHECK(count_member(item));
  if (item.is(Kind::RangeVar)) return from_relation(item, Node(), level, hidden);
  if (item.is(Kind::JoinExpr)) return from_join(item, level, hidden);
  if (item.is(Kind::RangeTableSample)) {
    const auto method = strings(item.get(f::RangeTableSample::method));
    const bool known = !method.empty() && (method.back() == "system" || method.back() == "bernoulli") &&
                       (method.size() == 1 || (method.size() == 2 && method[0] == "pg_catalog"));
    if (!known)
      return refuse(sqlstate::insufficient_privilege, "this TABLESAMPLE method is not allowed through Bulkhead",
                    "BERNOULLI and SYSTEM are; no configuration allows others yet.",
                    item.get(f::RangeTableSample::location));
    return from_relation(item.get(f::RangeTableSample::relation), item, level, hidden);
  }
  if (item.is(Kind::RangeSubselect)) {
    Source source = named_source(item.get(f::RangeSubselect::alias));
    source.subquery = item.get(f::RangeSubselect::subquery);
    level.add(source);
    return Pendings();
  }
  if (item.is(Kind::RangeFunction)) {
    level.add(function_source(item));
    shows_other_rows(item, nullptr);
    return Pendings();
  }
  if (item.is(Kind::RangeTableFunc)) {
    Source source = named_source(item.get(f::RangeTableFunc::alias));
    if (source.alias.empty()) source.alias = "xmltable";
    level.add(source);
    return Pendings();
  }
  return refuse(sqlstate::feature_not_supported,
                std::string(item.kind_name()) + " in FROM is not supported through Bulkhead",
                "No configuration allows it yet.", ast::leftmost(item));
}

Result<Analysis::Pendings> Analysis::from_relation(Node range_var, Node sample, Level& level, bool hidden) {
  if (!range_var.is(Kind::RangeVar)) return no_place(range_var);
  Source source = named_source(range_var.get(f::RangeVar::alias));
  source.alias = alias_of(range_var);
  const auto name = range_var.get(f::RangeVar::relname);
  if (!range_var.get(f::RangeVar::schemaname).data() && level.has_cte(name)) {
    cte_referred_ = cte_referred_ || name != cte_judged_;
    if (const auto depth = cte_depths_.find(name); depth != cte_depths_.end()) cte_depth_ = std::max(cte_depth_, depth->second);
    level.add(source);
    return Pendings();
  }
  const int location = range_var.get(f::RangeVar::location);
  ResolvedRelation relation;
  BULKHEAD_CHECK(resolve(range_var, relation));
  BULKHEAD_CHECK(require(range_var, relation, policy::Action::select));
  shows_other_rows(range_var, &relation);
  const bool locked = level.locks(source.alias);
  if (locked) {
    if (!relation.is_tenant() && !relation.is_temporary())
      return refuse(sqlstate::insufficient_privilege,
                    "rows of relation \"" + std::string(name) + "\" are not the organisation's own and cannot be locked",
                    "Name the relations to lock: FOR UPDATE OF ….", location);
    if (relation.relation && relation.relation->kind == policy::RelationKind::view)  // locked in all that it reads (manual, SELECT)
      return refuse(sqlstate::insufficient_privilege,
                    "rows of view \"" + std::string(name) + "\" cannot be locked through Bulkhead: it does not see which tables' rows that locks",
                    "Lock rows of the tables themselves, or name what to lock: FOR UPDATE OF …. No configuration allows it for a view.", location);
    BULKHEAD_CHECK(require(range_var, relation, policy::Action::update));
  }
  if (relation.limit && (source.column_list || hidden))
    return column_denied("the columns of \"" + std::string(name) + "\" would go by other names", location);
  if (relation.system_name == "pg_class" && (source.column_list || hidden))
    return refuse(sqlstate::insufficient_privilege, "pg_class cannot be read under this alias through Bulkhead",
                  "It counts the rows of every organisation; name the columns that are needed.", location);
  source.is_relation = true;
  source.relation = relation;
  const bool column_list = source.column_list;
  level.add(std::move(source));
  if (!relation.is_tenant()) {  // a schema that comes first in the path may have one of its name some day, whosever rows that has
    if (relation.access != RelationClass::system) BULKHEAD_CHECK(qualify(range_var, relation));
    return Pendings();
  }

  if (!hidden && !column_list) return Pendings{{range_var, sample, relation, locked}};
  BULKHEAD_CHECK(wrap({range_var, sample, relation, locked}));
  return Pendings();
}

Result<Analysis::Pendings> Analysis::from_join(Node join, Level& level, bool hidden) {
  const bool inside_hidden = hidden || join.get(f::JoinExpr::alias);
  for (const Node alias : {join.get(f::JoinExpr::alias), join.get(f::JoinExpr::join_using_alias)})
    if (alias) level.add(named_source(alias));
  const std::size_t first = level.size();
  BULKHEAD_TRY(Pendings left, from_item(join.get(f::JoinExpr::larg), level, inside_hidden));
  BULKHEAD_TRY(Pendings right, from_item(join.get(f::JoinExpr::rarg), level, inside_hidden));
  if (join.get(f::JoinExpr::isNatural) && level.has_limited(first))
    return column_denied("NATURAL JOIN names columns that this role may not use", ast::leftmost(join.get(f::JoinExpr::rarg)));
  for (const std::string_view column : strings(join.get(f::JoinExpr::usingClause)))
    if (level.hides(column))
      return column_denied("column \"" + std::string(column) + "\"", ast::leftmost(join.get(f::JoinExpr::rarg)));
  if (join.get(f::JoinExpr::isNatural) && level.has_pg_class(first))
    return refuse(sqlstate::insufficient_privilege, "pg_class cannot be read by a NATURAL JOIN through Bulkhead",
                  "It counts the rows of every organisation; join it with ON.",
                  ast::leftmost(join.get(f::JoinExpr::rarg)));
  if (join.get(f::JoinExpr::isNatural) || !join.get(f::JoinExpr::usingClause).empty())
    BULKHEAD_CHECK(operator_name({"="}, ast::place_in(join.get(f::JoinExpr::rarg))));
  const bool has_on = static_cast<bool>(join.get(f::JoinExpr::quals));
  switch (join.get(f::JoinExpr::jointype)) {
    case ast::JoinType::JOIN_INNER:
      left.insert(left.end(), right.begin(), right.end());
      return left;
    case ast::JoinType::JOIN_LEFT:
      BULKHEAD_CHECK(has_on ? place_in_on(join, right) : wrap_all(right));
      return left;
    case ast::JoinType::JOIN_RIGHT:
      BULKHEAD_CHECK(has_on ? place_in_on(join, left) : wrap_all(left));
      return right;
    case ast::JoinType::JOIN_FULL:
      BULKHEAD_CHECK(wrap_all(left));
      BULKHEAD_CHECK(wrap_all(right));
      return Pendings();
    case ast::JoinType::JOIN_SEMI:
    case ast::JoinType::JOIN_ANTI:
    case ast::JoinType::JOIN_UNIQUE_OUTER:
    case ast::JoinType::JOIN_UNIQUE_INNER:
      break;  // the planner's, never the grammar's
  }
  return no_place(join);
}

std::string Analysis::conjunction(const Pendings& pendings) {
  std::string out;
  for (const Pending& pending : pendings)
    out += (out.empty() ? "" : " AND ") + predicate(pending);
  return out;
}

void Analysis::conjoin(std::size_t key_word, std::size_t end, const std::string& predicates) {
  const bool adjacent = clauses_[key_word].end == clauses_[key_word + 1].begin;  // WHERE(…)
  edits.insert(clauses_[key_word + 1].begin, (adjacent ? " " : "") + predicates + " AND (");
  edits.insert(clauses_[end - 1].end, ")");
}

Analysis::Status Analysis::place_in_on(Node join, const Pendings& pendings) {
  if (validating() || pendings.empty()) return {};
  for (const Pending& pending : pendings) BULKHEAD_CHECK(qualify(pending.range_var, pending.relation));
  const Node quals = join.get(f::JoinExpr::quals);
  const std::size_t inside = clauses_.at(ast::place_in(quals));
  const std::size_t on = inside == Clauses::npos ? inside : clauses_.back(inside, "on");
  if (on == Clauses::npos) return no_place(quals);
  const std::size_t end = clauses_.end_of(on + 1, Clauses::Ends::condition, limit_);
  if (end <= on + 1) return no_place(quals);
  conjoin(on, end, conjunction(pendings));
  for (const Pending& pending : pendings)
    notes.push_back("ON confines " + confined(pending) + ", which an outer join may leave empty");
  return {};
}

Analysis::Status Analysis::wrap_all(const Pendings& pendings) {
  for (const Pending& pending : pendings) BULKHEAD_CHECK(wrap(pending));
  return {};
}

Analysis::Status Analysis::wrap(const Pending& pending) {
  if (validating()) return {};
  const Node range_var = pending.range_var;
  const Clauses::Relation tokens = tokens_of(range_var);
  if (tokens.name == Clauses::npos || tokens.end > clauses_.size()) return no_place(range_var);
  const auto name = range_var.get(f::RangeVar::relname);
  const std::string where = " WHERE " + (pending.locked ? predicate(name, pending.relation)
                                                        : read_predicate(name, pending.relation)) + ")";
  wrapped_.insert(alias_of(range_var));
  edits.insert(clauses_[tokens.begin].begin, "(SELECT * FROM ");
  BULKHEAD_CHECK(qualify(range_var, pending.relation));
  if (tokens.alias == Clauses::npos) {
    edits.insert(clauses_[tokens.sample_end - 1].end, where + " AS " + quote_name(name));
  } else if (!pending.sample) {
    edits.insert(clauses_[tokens.end - 1].end, where);
  } else {  // TABLESAMPLE follows the alias, but belongs inside
    const std::uint32_t begin = clauses_[tokens.alias].begin, end = clauses_[tokens.alias_end - 1].end;
    edits.replace(begin, end - begin, "");
    edits.insert(clauses_[tokens.sample_end - 1].end, where + " " + lexed_.text.substr(begin, end - begin));
  }
  notes.push_back(confined(pending) + " is read through a subquery, as no clause around it can confine it");
  return {};
}

/// e::event: a subquery's row is a RECORD, of which a cast makes a row of NULLs where an outer join has none (coerce_record_to_complex,
/// parse_coerce.c); a table's stays NULL.
Analysis::Status Analysis::cast_of_row(Node cast) const {
  const Node row = cast.get(f::TypeCast::arg);
  if (wrapped_.empty() || !row.is(Kind::ColumnRef)) return {};
  const auto fields = row.get(f::ColumnRef::fields);
  const bool whole = fields.size() == 1 || (fields.size() == 2 && fields.back().is(Kind::A_Star));
  const auto type = strings(cast.get(f::TypeCast::typeName).get(f::TypeName::names));
  const bool own_type = type.size() == 2 && type.front() == "pg_catalog";  // text, int8, …: their key words stand for these
  const auto built_in = !type.empty() && (type.back() == "text" || type.back() == "json" || type.back() == "jsonb");
  const std::string name(ast::string_of(fields.front()));
  if (!whole || own_type || built_in || !wrapped_.contains(name)) return {};
  return refuse(sqlstate::feature_not_supported,
                "a cast of a row of \"" + name + "\" is not supported here through Bulkhead: what is read through a subquery, as no clause "
                "around it can confine it, has no type",
                "Name its columns, or join it by LEFT or RIGHT JOIN … ON without a list of columns.", row.get(f::ColumnRef::location));
}

Analysis::Status Analysis::place_in_where(std::size_t from, bool has_where, const std::string& predicates, Node near) {
  if (validating()) return {};
  const std::size_t end = clauses_.end_of(from, Clauses::Ends::clause, limit_);
  const bool found = end < limit_ && clauses_.key_word(end, "where");
  if (found != has_where || end == 0) return no_place(near);
  if (!found) {
    edits.insert(clauses_[end - 1].end, " WHERE " + predicates);
    return {};
  }
  const std::size_t last = clauses_.end_of(end + 1, Clauses::Ends::clause, limit_);
  if (last <= end + 1) return no_place(near);
  conjoin(end, last, predicates);
  return {};
}

Analysis::Status Analysis::from_expressions(Node item, Level& level) {
  if (item.is(Kind::RangeVar)) return {};
  if (item.is(Kind::JoinExpr)) {
    BULKHEAD_CHECK(from_expressions(item.get(f::JoinExpr::larg), level));
    BULKHEAD_CHECK(from_expressions(item.get(f::JoinExpr::rarg), level));
    return expression(item.get(f::JoinExpr::quals), level);
  }
  if (item.is(Kind::RangeSubselect)) {
    const Node alias = item.get(f::RangeSubselect::alias);
    return query(item.get(f::RangeSubselect::subquery), &level,
                 level.locks(alias ? alias.get(f::Alias::aliasname) : std::string_view()));
  }
  if (item.is(Kind::RangeTableSample)) {
    BULKHEAD_CHECK(expressions(item.get(f::RangeTableSample::args), level));
    return expression(item.get(f::RangeTableSample::repeatable), level);
  }
  return ast::for_each_child(item, [&](Node child) { return expression(child, level); });
}

}  // namespace bulkhead::rewrite
