#include "rewrite/scope.h"

#include <algorithm>
#include <unordered_map>

#include "rewrite/system_relations.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

namespace {

/// The name a target of a SELECT list goes by, as far as it is written there; empty otherwise.
std::string_view output_name(Node target) {
  if (!target.is(Kind::ResTarget)) return {};
  if (const auto name = target.get(f::ResTarget::name); !name.empty()) return name;
  const Node value = target.get(f::ResTarget::val);
  if (!value.is(Kind::ColumnRef)) return {};
  const auto fields = value.get(f::ColumnRef::fields);
  return fields.empty() ? std::string_view() : ast::string_of(fields.back());
}

}  // namespace

struct Level::Sight {
  /// A source, and what was proved of it and those of its name around it: they stay as they are while it is in sight.
  struct Named {
    Source source;
    bool may_be_pg_class = false;
    std::shared_ptr<const ColumnLimit> limit;  ///< what all of that name have in common
    std::unordered_map<std::string_view, bool> columns;
  };
  std::unordered_map<std::string_view, std::vector<Named>> sources;  ///< the innermost last
  std::unordered_map<std::string_view, std::vector<Node>> ctes;      ///< the innermost last
  std::unordered_map<const policy::Relation*, std::size_t> relations;
  struct Limited {
    std::size_t count = 0;
    std::shared_ptr<const ColumnLimit> limit;
  };
  std::unordered_map<const policy::Relation*, Limited> limited;
  std::size_t any_name = 0;         ///< sources that may go by any name
  std::size_t other_columns = 0;    ///< sources whose columns are not a relation's
  std::unordered_map<const void*, std::unordered_set<std::string_view>> outputs;  ///< of subqueries, by Node::id()

  static bool has_relations_columns(const Source& source) {
    return source.is_relation && source.relation.relation && !source.column_list;
  }

  bool has_column(const Source& source, std::string_view column) {
    if (source.column_list) return false;
    if (source.is_relation) {
      if (source.relation.relation) return source.relation.relation->find_column(column);
      return source.is_pg_class() && is_pg_class_column(column);
    }
    return source.subquery.is(Kind::SelectStmt) && outputs_of(source.subquery).contains(column);
  }

  const std::unordered_set<std::string_view>& outputs_of(Node select) {
    const auto [at, fresh] = outputs.try_emplace(select.id());
    if (!fresh) return at->second;
    while (select.get(f::SelectStmt::larg)) select = select.get(f::SelectStmt::larg);
    for (const Node target : select.get(f::SelectStmt::targetList))
      if (const auto name = output_name(target); !name.empty()) at->second.insert(name);
    return at->second;
  }
};

namespace {

/// What both allow; null is everything.
std::shared_ptr<const ColumnLimit> common(const std::shared_ptr<const ColumnLimit>& a, const std::shared_ptr<const ColumnLimit>& b) {
  if (!a || !b || a == b || *a == *b) return a ? a : b;
  auto both = std::make_shared<ColumnLimit>(*a);
  std::erase_if(*both, [&](const std::string& column) { return !b->contains(column); });
  return both;
}

}  // namespace

bool is_system_column(std::string_view name) {
  return name == "ctid" || name == "xmin" || name == "xmax" || name == "cmin" || name == "cmax" || name == "tableoid";
}

Level::Level(const Level* outer)
    : own_sight_(outer ? nullptr : std::make_unique<Sight>()), sight_(outer ? outer->sight_ : own_sight_.get()) {}

Level::~Level() {
  for (const auto name : ctes_) sight_->ctes[name].pop_back();
  for (const auto alias : added_) {
    auto& named = sight_->sources[alias];
    const Source& source = named.back().source;
    if (source.any_name) --sight_->any_name;
    if (const auto limited = sight_->limited.find(source.relation.relation);
        source.relation.limit && --limited->second.count == 0)
      sight_->limited.erase(limited);
    if (!Sight::has_relations_columns(source))
      --sight_->other_columns;
    else if (const auto relation = sight_->relations.find(source.relation.relation); --relation->second == 0)
      sight_->relations.erase(relation);
    named.pop_back();
  }
}

void Level::add_cte(std::string_view name, Node cte) {
  ctes_.push_back(name);
  sight_->ctes[name].push_back(cte);
}

bool Level::has_cte(std::string_view name) const {
  const auto at = sight_->ctes.find(name);
  return at != sight_->ctes.end() && !at->second.empty();
}

Node Level::cte(std::string_view name) const { return has_cte(name) ? sight_->ctes[name].back() : Node(); }

void Level::add(Source source) {
  if (added_.empty()) first_alias_ = source.alias;
  added_.push_back(source.alias);
  if (source.is_pg_class()) behind_pg_class_ = added_.size();
  if (source.any_name) ++sight_->any_name;
  if (Sight::has_relations_columns(source))
    ++sight_->relations[source.relation.relation];
  else
    ++sight_->other_columns;
  auto& named = sight_->sources[source.alias];
  const bool pg_class = source.is_pg_class() || (!named.empty() && named.back().may_be_pg_class);
  if (source.relation.limit) {
    behind_limited_ = added_.size();
    auto& limited = sight_->limited[source.relation.relation];
    ++limited.count;
    limited.limit = source.relation.limit;
  }
  auto limit = named.empty() ? source.relation.limit : common(source.relation.limit, named.back().limit);
  named.push_back({std::move(source), pg_class, std::move(limit), {}});
}

bool Level::any_limited() const { return !sight_->limited.empty(); }

const ColumnLimit* Level::limit_of(std::string_view alias) const {
  const auto at = sight_->sources.find(alias);
  return at == sight_->sources.end() || at->second.empty() ? nullptr : at->second.back().limit.get();
}

bool Level::hides(std::string_view column) const {
  return std::any_of(sight_->limited.begin(), sight_->limited.end(), [&](const auto& limited) {
    const auto& [relation, known] = limited;
    return (relation->find_column(column) || is_system_column(column)) && !known.limit->contains(std::string(column));
  });
}

bool Level::may_be_pg_class(std::string_view alias) const {
  const auto at = sight_->sources.find(alias);
  return at != sight_->sources.end() && !at->second.empty() && at->second.back().may_be_pg_class;
}

bool Level::surely_has_column(std::string_view alias, std::string_view column) const {
  const auto at = sight_->sources.find(alias);
  if (sight_->any_name > 0 || at == sight_->sources.end() || at->second.empty()) return false;
  auto& named = at->second;
  bool all = true;
  std::size_t first = named.size();  // all from there on have it
  while (all && first > 0) {
    const auto known = named[first - 1].columns.find(column);
    if (known != named[first - 1].columns.end()) {
      all = known->second;
      break;
    }
    all = sight_->has_column(named[--first].source, column);
  }
  for (std::size_t i = first; i < named.size(); ++i) named[i].columns[column] = all;
  return all;
}

bool Level::surely_no_column(std::string_view column) const {
  return sight_->other_columns == 0 && std::none_of(sight_->relations.begin(), sight_->relations.end(), [&](const auto& relation) {
    return relation.first->find_column(column);
  });
}

void Level::lock(ast::ListView clauses, bool from_outside) {
  locks_all_ = from_outside;
  for (const Node clause : clauses) {
    const auto named = clause.get(f::LockingClause::lockedRels);
    locks_all_ = locks_all_ || named.empty();
    for (const Node relation : named) locked_.insert(relation.get(f::RangeVar::relname));
  }
}

Preserved::Preserved(ast::ListView from) {
  for (const Node item : from) add(item);
  if (from.size() == 1 && from.front().is(Kind::RangeVar) && !by_name_.empty()) only_ = from.front();
}

Preserved::Preserved(Node item) {
  add(item);
  if (item.is(Kind::RangeVar) && !by_name_.empty()) only_ = item;
}

Node Preserved::find(std::string_view name) const {
  if (name.empty()) return only_;
  const auto at = by_name_.find(name);
  return at == by_name_.end() ? Node() : at->second;
}

void Preserved::add(Node item) {
  if (item.is(Kind::RangeVar)) {
    const Node alias = item.get(f::RangeVar::alias);
    if (alias.get(f::Alias::colnames).empty())
      by_name_.emplace(alias ? alias.get(f::Alias::aliasname) : item.get(f::RangeVar::relname), item);
  }
  if (!item.is(Kind::JoinExpr) || item.get(f::JoinExpr::alias)) return;
  const auto type = item.get(f::JoinExpr::jointype);
  if (type == ast::JoinType::JOIN_INNER || type == ast::JoinType::JOIN_LEFT) add(item.get(f::JoinExpr::larg));
  if (type == ast::JoinType::JOIN_INNER || type == ast::JoinType::JOIN_RIGHT) add(item.get(f::JoinExpr::rarg));
}

std::vector<std::string_view> strings(ast::ListView list) {
  std::vector<std::string_view> out;
  for (const Node member : list)
    out.push_back(member.is(Kind::String) ? member.get(f::String::sval) : std::string_view());
  return out;
}

bool keeps_its_spelling(std::string_view number) {
  return !number.empty() && number[0] != '0' && number.find_first_not_of("0123456789") == number.npos;
}

}  // namespace bulkhead::rewrite
