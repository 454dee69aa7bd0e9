#include "rewrite/scope.h"

#include <algorithm>

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

bool Level::has_cte(std::string_view name) const {
  for (const Level* level = this; level; level = level->outer_)
    if (std::find(level->ctes_.begin(), level->ctes_.end(), name) != level->ctes_.end()) return true;
  return false;
}

void Level::make_nullable(std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < last; ++i) sources_[i].preserved = false;
}

std::vector<const Source*> Level::find(std::string_view alias) const {
  std::vector<const Source*> found;
  for (const Level* level = this; level; level = level->outer_)
    for (const Source& source : level->sources_)
      if (source.alias == alias || source.any_name) found.push_back(&source);
  return found;
}

std::vector<const Source*> Level::all() const {
  std::vector<const Source*> found;
  for (const Level* level = this; level; level = level->outer_)
    for (const Source& source : level->sources_) found.push_back(&source);
  return found;
}

bool Level::locks(std::string_view alias) const {
  if (locked_from_outside) return true;
  for (const Node clause : locking) {
    const auto named = clause.get(f::LockingClause::lockedRels);
    if (named.empty()) return true;
    for (const Node relation : named)
      if (relation.get(f::RangeVar::relname) == alias) return true;
  }
  return false;
}

std::vector<std::string_view> strings(ast::ListView list) {
  std::vector<std::string_view> out;
  for (const Node member : list)
    out.push_back(member.is(Kind::String) ? member.get(f::String::sval) : std::string_view());
  return out;
}

std::string_view output_name(Node target) {
  if (!target.is(Kind::ResTarget)) return {};
  if (const auto name = target.get(f::ResTarget::name); !name.empty()) return name;
  const Node value = target.get(f::ResTarget::val);
  if (!value.is(Kind::ColumnRef)) return {};
  const auto fields = strings(value.get(f::ColumnRef::fields));
  return fields.empty() ? std::string_view() : fields.back();
}

}  // namespace bulkhead::rewrite
