#pragma once

// The policy and catalogue of the golden cases, and on whose behalf each is judged.

#include <stdexcept>

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

/// The golden policy in mode validate.
inline const policy::Policy& validating_policy() {
  static const policy::Policy policy = [] {
    policy::Policy copy = *golden_world().policy;
    copy.tenancy.mode = policy::Mode::validate;
    return copy;
  }();
  return policy;
}

/// The golden policy with plans shown.
inline const policy::Policy& explaining_policy() {
  static const policy::Policy policy = [] {
    policy::Policy copy = *golden_world().policy;
    copy.tenancy.explain = policy::Explain::shape;
    return copy;
  }();
  return policy;
}

inline const policy::Policy& policy_of(const testing::GoldenCase& test) {
  if (setting_of(test, "mode", "inject") == "validate") return validating_policy();
  return setting_of(test, "explain", "refuse") == "shape" ? explaining_policy() : *golden_world().policy;
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
