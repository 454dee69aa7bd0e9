#pragma once

// The sections of a configuration, each read into its part of the policy. Private to policy::load().

#include <string>

#include "policy/model.h"
#include "policy/reader.h"

namespace bulkhead::policy {

/// What is being built and where its faults go. Sections that refer to others are read after them; a faulty definition
/// still enters the policy, so that one fault does not make every reference to it another.
struct Loading {
  Policy& policy;
  Report& report;
  const std::string& directory;  ///< of {file: PATH}
};

void load_listen(const yaml::Node* node, Loading& loading);
void load_servers(const yaml::Node* node, Loading& loading);
void load_tenancy(const yaml::Node* node, Loading& loading);
void load_tables(const yaml::Node* node, Loading& loading);
void load_functions(const yaml::Node* node, Loading& loading);
void load_roles(const yaml::Node* node, Loading& loading);
void load_pool(const yaml::Node* node, Loading& loading);
void load_tenants(const yaml::Node* node, Loading& loading);  ///< after servers, pool and limits
void load_users(const yaml::Node* node, Loading& loading);    ///< after tenants and roles
void load_authentication(const yaml::Node* node, Loading& loading);
void load_limits(const yaml::Node* node, Loading& loading);
void load_admin(const yaml::Node* node, Loading& loading);
void load_log(const yaml::Node* node, Loading& loading);

/// A verifier, or {plain: …}: exactly one of the two is set, unless it is at fault.
void load_password(const yaml::Node& node, Loading& loading, Secret& verifier, Secret& plain);

/// tls: of a listener and of a server. Null: mode disable. Which files are needed is checked here, not the files.
void load_listener_tls(const yaml::Node* node, Loading& loading, Tls& tls);
void load_server_tls(const yaml::Node* node, Loading& loading, Tls& tls);
/// tenants.T.limits: what is not there is as for `all`.
void load_limits_of_tenant(const yaml::Node* node, Report& report, const Limits& all, TenantLimits& limits);
/// users.U.limits: what is not there is no limit of the user's own.
void load_limits_of_user(const yaml::Node* node, Report& report, UserLimits& limits);
/// tenants.T.pool: what is not there is as under pool.
void load_pool_of_tenant(const yaml::Node* node, Loading& loading, PoolBounds& bounds);

/// The key of `known` that was meant by a name that is none of them, as the end of a message; empty if nothing is near.
template <class Map>
std::string did_you_mean(const std::string& name, const Map& known, const Report& report) {
  if (!report.suggests()) return {};
  std::vector<std::string> names;
  for (const auto& [key, value] : known) names.push_back(key);
  const auto near = nearest(name, names);
  return near ? ", did you mean " + yaml::quote(*near) + "?" : "";
}

}  // namespace bulkhead::policy
