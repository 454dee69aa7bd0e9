#include "rewrite/verify_parameters.h"

#include "rewrite/verify_forms.h"

namespace bulkhead::rewrite::verifier {
namespace {

using ast::Kind;
using ast::ListView;
using ast::Node;
namespace f = ast::f;

enum class Family { unknown, number, text, uuid };

Family family_of(std::string_view type) {
  if (type == "int8" || type == "int4" || type == "int2" || type == "numeric") return Family::number;
  if (type == "text" || type == "varchar" || type == "bpchar") return Family::text;
  return type == "uuid" ? Family::uuid : Family::unknown;
}

/// The name in pg_catalog of a type that is nothing but its name; empty for any other.
std::string_view bare_type(Node type) {
  const ListView names = type.get(f::TypeName::names);
  if (names.empty() || names.size() > 2 || (names.size() == 2 && ast::string_of(names[0]) != "pg_catalog")) return {};
  if (type.get(f::TypeName::setof) || type.get(f::TypeName::pct_type) || type.get(f::TypeName::typeOid) != 0 ||
      !type.get(f::TypeName::typmods).is_nil() || !type.get(f::TypeName::arrayBounds).is_nil() ||
      type.get(f::TypeName::typemod) != -1)
    return {};
  return ast::string_of(names.back());
}

}  // namespace

Bound::Bound(const std::vector<ParameterGuard>& guards, const policy::Tenant& tenant) {
  for (const ParameterGuard& guard : guards) {
    if (guard.value != tenant.org || !guards_.emplace(Key{guard.parameter, guard.type}, Entry{&guard}).second)
      doubtful_ = true;
    if (guard.sole) sole_[guard.parameter] = &guard;
  }
}

bool Bound::accepts(Node value, const policy::Column& column) {
  if (column.type_schema != "pg_catalog") return false;
  std::string_view type = column.type_name;
  const bool cast = value.is(Kind::TypeCast);
  if (cast) {
    type = bare_type(value.get(f::TypeCast::typeName));
    value = value.get(f::TypeCast::arg);
  }
  if (!value.is(Kind::ParamRef)) return false;
  if (family_of(type) == Family::unknown || family_of(type) != family_of(column.type_name)) return false;
  if (type == "bpchar" && column.type_name == "varchar") return false;  // blanks at the end would not count
  const auto entry = guards_.find(Key{value.get(f::ParamRef::number), type});
  if (entry == guards_.end() || (entry->second.guard->cast && !cast)) return false;
  entry->second.used = true;
  places_[value.id()] = entry->second.guard;
  return true;
}

Result<void> Bound::settle(const std::vector<Node>& statements) const {
  if (doubtful_) return refused("a parameter is guarded for another organisation or twice");
  for (const auto& [key, entry] : guards_)
    if (!entry.used) return refused("$" + std::to_string(key.first) + " is guarded and feeds no tenant column");
  if (sole_.empty()) return {};
  for (const Node statement : statements) BULKHEAD_CHECK(look_for_others(statement));
  return {};
}

Result<void> Bound::look_for_others(Node node) const {
  if (node.is(Kind::ParamRef)) {
    const auto sole = sole_.find(node.get(f::ParamRef::number));
    if (sole == sole_.end()) return {};
    const auto place = places_.find(node.id());
    if (place == places_.end() || place->second != sole->second)
      return refused("$" + std::to_string(sole->first) + " stands in other places than it is guarded for");
    return {};
  }
  if (node.is(Kind::MultiAssignRef) && node.get(f::MultiAssignRef::colno) > 1) return {};  // the source is shared
  return ast::for_each_child(node, [this](Node child) { return look_for_others(child); });
}

}  // namespace bulkhead::rewrite::verifier
