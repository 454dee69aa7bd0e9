#include "rewrite/types.h"

namespace bulkhead::rewrite {
namespace {

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

}  // namespace bulkhead::rewrite
