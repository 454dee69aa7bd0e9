#pragma once

// The policy and catalogue of the golden cases, and on whose behalf each is judged.

#include <map>
#include <stdexcept>
#include <string>

#include "policy/load.h"
#include "rewrite/rewriter.h"
#include "support/golden.h"

namespace bulkhead::rewrite {

inline const std::string kGoldenDirectory = std::string(BULKHEAD_SOURCE_DIR) + "/tests/golden";

struct GoldenWorld {
  std::shared_ptr<const policy::Policy> policy;
  std::shared_ptr<const policy::Catalogue> catalogue;
};

inline const GoldenWorld& golden_world() {
  static const GoldenWorld world = [] {
    const auto loaded = policy::load_file(kGoldenDirectory + "/policy.yaml");
    if (!loaded.policy) throw std::runtime_error(policy::describe("policy.yaml", loaded.findings));
    auto catalogue = policy::load_catalogue(testing::read_file(kGoldenDirectory + "/catalogue.yaml"));
    if (!catalogue) throw std::runtime_error(catalogue.error().message + " " + catalogue.error().detail);
    return GoldenWorld{loaded.policy, *catalogue};
  }();
  return world;
}

inline std::string setting_of(const testing::GoldenCase& test, const char* key, const char* otherwise) {
  const auto at = test.settings.find(key);
  return at == test.settings.end() ? otherwise : at->second;
}

/// The golden policy with what the case sets otherwise: `mode: validate`, `explain: shape`, `temporary_tables: allow`.
inline const policy::Policy& policy_of(const testing::GoldenCase& test) {
  static std::map<std::string, policy::Policy> policies;
  const std::string mode = setting_of(test, "mode", "inject"), explain = setting_of(test, "explain", "refuse"),
                    temporary = setting_of(test, "temporary_tables", "refuse");
  const auto [at, fresh] = policies.try_emplace(mode + " " + explain + " " + temporary, *golden_world().policy);
  if (fresh) {
    policy::Tenancy& tenancy = at->second.tenancy;
    if (mode == "validate") tenancy.mode = policy::Mode::validate;
    if (explain == "shape") tenancy.explain = policy::Explain::shape;
    if (temporary == "allow") tenancy.temporary_tables = policy::TemporaryTables::allow;
  }
  return at->second;
}

inline Subject subject_of(const testing::GoldenCase& test) {
  const auto& policy = policy_of(test);
  const auto role = setting_of(test, "role", "");
  return {policy, *golden_world().catalogue, *policy.tenants.at(setting_of(test, "tenant", "acme")),
          role.empty() ? nullptr : &policy.roles.at(role)};
}

inline Protocol protocol_of(const testing::GoldenCase& test) {
  return setting_of(test, "protocol", "simple") == "extended" ? Protocol::extended : Protocol::simple;
}

}  // namespace bulkhead::rewrite
