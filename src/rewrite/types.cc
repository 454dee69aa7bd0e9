#include "rewrite/types.h"

namespace bulkhead::rewrite {
namespace {

constexpr SqlState kUndefinedObject{"42704"};

std::optional<policy::QualifiedName> forbidden(std::string_view schema, std::string_view name, const Subject& subject) {
  const auto* code = subject.catalogue.code_of_type(schema, name);
  const auto& allowed = subject.policy.functions;
  if (!code || allowed.contains({std::string(schema), std::string(name)})) return std::nullopt;
  for (const auto& culprit : *code)
    if (!allowed.contains(culprit)) return culprit;
  return std::nullopt;
}

}  // namespace

std::optional<policy::QualifiedName> forbidden_type(const std::vector<std::string_view>& names, const Subject& subject) {
  if (names.empty()) return std::nullopt;
  if (names.size() > 1) return forbidden(names[names.size() - 2], names.back(), subject);
  for (const auto& schema : subject.policy.tenancy.search_path)
    if (auto culprit = forbidden(schema, names[0], subject)) return culprit;
  return std::nullopt;
}

std::optional<Rejected> forbidden_parameters(const std::vector<std::uint32_t>& types, const Subject& subject) {
  for (const std::uint32_t oid : types) {
    if (oid < policy::kFirstNormalObjectId) continue;
    const auto* name = subject.catalogue.type_of(oid);
    if (!name)
      return Rejected{make_error(kUndefinedObject, "type with OID " + std::to_string(oid) + " is not known to Bulkhead"), true};
    if (const auto culprit = forbidden(name->schema, name->name, subject)) return Rejected{type_refused(name->text(), *culprit), false};
  }
  return std::nullopt;
}

Error type_refused(const std::string& name, const policy::QualifiedName& culprit) {
  return make_error(sqlstate::insufficient_privilege,
                    "type \"" + name + "\" is not allowed through Bulkhead: a cast to it runs code that Bulkhead does not see",
                    "functions: { allow: [" + culprit.text() + "] } would allow it.");
}

}  // namespace bulkhead::rewrite
