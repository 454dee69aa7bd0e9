#include "rewrite/lineage.h"

#include <algorithm>
#include <set>

namespace bulkhead::rewrite {
namespace {

using policy::Relation;
using Kind = Claim::Kind;

bool same(const Claim& a, const Claim& b) {
  return a.kind == b.kind && a.column == b.column && a.read == b.read && a.without_row_security == b.without_row_security;
}

/// Whose rows they are and who reads them; how the server sees to it is each table's own business.
bool same_rows(const Claim& a, const Claim& b) { return a.kind == b.kind && a.column == b.column && a.read == b.read; }

std::string quoted(std::string_view name) { return '"' + std::string(name) + '"'; }

std::string described(const Claim& claim) {
  switch (claim.kind) {
    case Kind::unlisted: return "has no tenant column and no line";
    case Kind::none: return "is not accessible";
    case Kind::shared: return "is shared";
    case Kind::tenant:
      return "has the tenant column " + quoted(claim.column) + (claim.read.empty() ? "" : " and is read as its line says");
  }
  return {};
}

}  // namespace

Claim Lineage::own(const Relation& relation, const policy::TableRule* rule) const {
  const std::string& column = rule && !rule->column.empty() ? rule->column : policy_.tenancy.column;
  if (rule && rule->access != policy::Access::tenant)
    return {rule->access == policy::Access::shared ? Kind::shared : Kind::none, {}, {}, {}, rule, &relation};
  if (!rule && !relation.find_column(column)) return {Kind::unlisted, {}, {}, {}, nullptr, &relation};
  return {Kind::tenant, column, rule ? std::string_view(rule->read) : std::string_view(), policy_.without_row_security(rule), rule, &relation};
}

const Lineage::Claims& Lineage::claims(const Relation& relation) {
  const auto [known, fresh] = known_.try_emplace(&relation);
  if (!fresh) return known->second;
  const auto line = policy_.tables.find(relation.name);
  known->second = line != policy_.tables.end() ? Claims{own(relation, &line->second)} : inherited(relation);
  return known->second;
}

Lineage::Claims Lineage::inherited(const Relation& relation) {
  Claims out;
  const auto add = [&out](const Claim& claim) {
    if (std::none_of(out.begin(), out.end(), [&](const Claim& other) { return same(claim, other); })) out.push_back(claim);
  };
  const Claim by_columns = own(relation, nullptr);
  bool adds_column = false;  // that a parent lacks
  for (const auto& name : relation.parents) {
    const Relation* const parent = catalogue_.find(name.schema, name.name);
    if (!parent) continue;
    for (const Claim& claim : claims(*parent)) add(claim);
    adds_column = adds_column || !parent->find_column(policy_.tenancy.column);
  }
  const auto is = [](Kind kind) { return [kind](const Claim& claim) { return claim.kind == kind; }; };
  // What a parent without a line lacks says nothing beside the tenant column of another one.
  if (std::any_of(out.begin(), out.end(), is(Kind::tenant))) std::erase_if(out, is(Kind::unlisted));
  if (std::all_of(out.begin(), out.end(), is(Kind::unlisted))) return {by_columns};
  if (adds_column && by_columns.kind == Kind::tenant && std::all_of(out.begin(), out.end(), is(Kind::shared))) add(by_columns);
  return out;
}

Claim Lineage::claim(const Relation& relation) {
  const Claims& all = claims(relation);
  return all.size() == 1 ? all.front() : Claim{Kind::none, {}, {}, {}, nullptr, &relation};
}

std::optional<Contradiction> Lineage::contradiction(const Relation& relation) {
  if (relation.parents.empty() && relation.children.empty()) return std::nullopt;
  const Claims all = claims(relation);
  if (all.size() > 1) {
    const auto told = [&](const Claim& claim) { return (claim.of == &relation ? "it " : quoted(claim.of->name.text()) + " ") + described(claim); };
    const policy::TableRule* const rule = all[0].rule ? all[0].rule : all[1].rule;
    return Contradiction{"relation " + quoted(relation.name.text()) + " has no line, and its parents do not agree: " + told(all[0]) + ", " +
                             told(all[1]),
                         "tables: { " + relation.name.text() + ": … } says what it is.", rule};
  }
  if (all.empty() || (all.front().kind != Kind::tenant && all.front().kind != Kind::shared)) return std::nullopt;
  if (auto found = contradicted_by(relation, all.front(), false)) return found;
  return contradicted_by(relation, all.front(), true);
}

std::optional<Contradiction> Lineage::contradicted_by(const Relation& relation, const Claim& claim, bool below) {
  std::set<const Relation*> seen{&relation};
  std::vector<const Relation*> open{&relation};
  while (!open.empty()) {
    const Relation& next = *open.back();
    open.pop_back();
    for (const auto& name : below ? next.children : next.parents) {
      const Relation* const relative = catalogue_.find(name.schema, name.name);
      if (!relative || !seen.insert(relative).second) continue;
      open.push_back(relative);
      for (const Claim& other : claims(*relative)) {
        const bool contradicts = other.kind == Kind::tenant ? !same_rows(claim, other)
                                                            : below && claim.kind == Kind::shared && other.kind != Kind::shared;
        if (contradicts)
          return Contradiction{"relation " + quoted(relation.name.text()) + " " + described(claim) + ", but " +
                                   (below ? "its child " : "its parent ") + quoted(relative->name.text()) + " " + described(other),
                               "tables: { " + relation.name.text() + ": …, " + relative->name.text() + ": … } have to say the same.",
                               other.rule ? other.rule : claim.rule};
      }
    }
  }
  return std::nullopt;
}

}  // namespace bulkhead::rewrite
