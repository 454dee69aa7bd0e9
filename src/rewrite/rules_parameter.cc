// Parameters for the tenant column: their values are not known yet, so whoever binds them has to look.

#include <algorithm>
#include <array>
#include <charconv>

#include "rewrite/analysis.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

namespace {

/// Types between whose values a cast changes no organisation; 0: none that is known.
int family(std::string_view type) {
  constexpr std::array<std::string_view, 4> kNumbers{"int2", "int4", "int8", "numeric"};
  constexpr std::array<std::string_view, 3> kTexts{"text", "varchar", "bpchar"};
  if (std::find(kNumbers.begin(), kNumbers.end(), type) != kNumbers.end()) return 1;
  if (std::find(kTexts.begin(), kTexts.end(), type) != kTexts.end()) return 2;
  return type == "uuid" ? 3 : 0;
}

/// A type of pg_catalog without modifiers; empty for any other.
std::string_view built_in(Node type) {
  const auto names = type.get(f::TypeName::names);
  const bool known = names.size() == 1 || (names.size() == 2 && ast::string_of(names[0]) == "pg_catalog");
  const bool plain = type.get(f::TypeName::typmods).empty() && type.get(f::TypeName::arrayBounds).empty() &&
                     !type.get(f::TypeName::setof) && !type.get(f::TypeName::pct_type);
  return known && plain ? ast::string_of(names.back()) : std::string_view();
}

}  // namespace

bool Analysis::guard(Node value, const ResolvedRelation& relation) {
  if (protocol_ != Protocol::extended) return false;  // in a simple query a parameter has no value
  const policy::Column& column = *relation.tenant_column;
  std::string_view type = column.type_name;
  const bool cast = value.is(Kind::TypeCast);
  if (cast) {
    type = built_in(value.get(f::TypeCast::typeName));
    value = value.get(f::TypeCast::arg);
  }
  if (!value.is(Kind::ParamRef) || family(type) == 0 || family(type) != family(column.type_name)) return false;
  if (type == "bpchar" && column.type_name == "varchar") return false;  // varchar = bpchar is bpchareq: '1 ' would do for '1'
  const int parameter = value.get(f::ParamRef::number);
  if (parameter < 1) return false;
  ++guarded_places_[parameter];
  ParameterGuard& guard = guards_[{parameter, std::string(type)}];
  if (guard.parameter != 0) {
    guard.cast = guard.cast && cast;
    return true;
  }
  guard = {parameter, std::string(type), subject_.tenant.org,
           "column \"" + column.name + "\" of relation \"" + relation.relation->name.text() + "\"", false, cast};
  return true;
}

bool Analysis::guard_condition(Node parameter, const policy::Relation& relation, const policy::Column& column,
                               bool prepares) {
  ResolvedRelation resolved;
  resolved.access = RelationClass::tenant;
  resolved.relation = &relation;
  resolved.tenant_column = &column;
  const Protocol whole = std::exchange(protocol_, prepares ? Protocol::extended : protocol_);
  const bool guarded = guard(parameter, resolved);
  protocol_ = whole;
  return guarded;
}

std::vector<ParameterGuard> Analysis::take_guards() {
  if (guards_.empty()) return {};
  std::map<int, std::size_t> places;
  for (const Token& token : lexed_.tokens) {
    if (token.kind != TokenKind::parameter) continue;
    int parameter = 0;
    std::from_chars(lexed_.text.data() + token.begin + 1, lexed_.text.data() + token.end, parameter);
    ++places[parameter];
  }
  std::map<int, std::size_t> types;
  for (const auto& [key, guard] : guards_) ++types[key.first];
  std::vector<ParameterGuard> out;
  for (auto& [key, guard] : guards_) {
    guard.sole = types[key.first] == 1 && places[key.first] == guarded_places_[key.first];
    out.push_back(std::move(guard));
  }
  return out;
}

}  // namespace bulkhead::rewrite
