#include <algorithm>
#include <cctype>
#include <map>
#include <tuple>

#include "policy/sections.h"
#include "base/utf8.h"

namespace bulkhead::policy {
namespace {

/// The console's database names: a tenant called so could not be reached.
bool is_reserved(std::string_view name) { return name == "bulkhead" || name == "pgbouncer"; }

/// One form for all spellings PostgreSQL may take for one value of a tenant column: `1` and `+01`, a UUID in either case.
std::string canonical_org(const std::string& org) {
  const bool negative = org.starts_with('-');
  auto digits = std::string_view(org).substr(negative || org.starts_with('+') ? 1 : 0);
  if (!digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos) {
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
    return (negative && digits != "0" ? "-" : "") + std::string(digits);
  }
  std::string hex;
  for (const char c : org) {
    if (c == '-' || c == '{' || c == '}') continue;
    if (!std::isxdigit(static_cast<unsigned char>(c))) return org;
    hex += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return hex.size() == 32 ? hex : org;
}

void read_org(const yaml::Node& node, Report& report, std::string& org) {
  constexpr std::size_t kMaxOrg = 1024;
  const bool fits = node.kind == yaml::Kind::scalar && !node.text.empty() && node.text.size() <= kMaxOrg &&
                    std::none_of(node.text.begin(), node.text.end(), is_control) && node.text.front() != ' ' &&
                    node.text.back() != ' ';
  if (fits)
    org = node.text;
  else
    report.expected(node, "the organisation's id as the tenant column holds it, no spaces around it");
}

void load_tenant_server(const yaml::Node* value, const yaml::Node& tenant_node, Loading& loading, Tenant& tenant) {
  const auto& servers = loading.policy.servers;
  if (!value) {
    if (servers.size() == 1)
      tenant.server = servers.begin()->first;
    else if (servers.size() > 1)
      loading.report.at(tenant_node, "there are several servers: the key \"server\" says which one is this tenant's");
    return;
  }
  if (!read_text(*value, loading.report, "the name of a server", tenant.server) || servers.empty()) return;
  if (!servers.count(tenant.server))
    loading.report.at(*value, "there is no server " + yaml::quote(tenant.server) + " under servers" +
                                  did_you_mean(tenant.server, servers, loading.report));
}

std::shared_ptr<Tenant> read_tenant(const yaml::Node& node, Loading& loading) {
  auto tenant = std::make_shared<Tenant>();
  tenant->name = node.key;
  tenant->pool = loading.policy.pool.each;
  tenant->limits = loading.policy.limits.each;
  if (check_name(node, loading.report, "a name for a tenant") && is_reserved(node.key))
    loading.report.at_key(node, "this name is the console's, call the tenant otherwise");
  Fields fields(&node, loading.report);
  if (!fields) return tenant;
  if (const auto* org = fields.require("org")) read_org(*org, loading.report, tenant->org);
  load_tenant_server(fields.take("server"), node, loading, *tenant);
  load_pool_of_tenant(fields.take("pool"), loading, tenant->pool);
  load_limits_of_tenant(fields.take("limits"), loading.report, loading.policy.limits, tenant->limits);
  return tenant;
}

/// Two tenants with one organisation in one database would see each other's rows, whatever the servers are called.
class Organisations {
 public:
  void add(const yaml::Node& node, const Tenant& tenant, Loading& loading) {
    const auto server = loading.policy.servers.find(tenant.server);
    const auto* org = node.find("org");
    if (tenant.org.empty() || server == loading.policy.servers.end() || !org) return;
    for (const auto& host : server->second.hosts) {
      const auto [at, fresh] =
          seen_.emplace(std::tuple(host, server->second.database, canonical_org(tenant.org)), &node);
      if (fresh || at->second == &node) continue;
      loading.report.at(*org, "found " + org->found() + ", which is the organisation of tenant " +
                                  yaml::quote(at->second->key) + " (line " + std::to_string(at->second->key_line) +
                                  ") in the same database");
      return;
    }
  }

 private:
  std::map<std::tuple<HostPort, std::string, std::string>, const yaml::Node*> seen_;
};

void add_tenant_of_user(const yaml::Node& node, Loading& loading, User& user) {
  const auto& tenants = loading.policy.tenants;
  std::string name;
  if (!read_text(node, loading.report, "the name of a tenant", name)) return;
  if (std::find(user.tenants.begin(), user.tenants.end(), name) != user.tenants.end())
    return loading.report.at(node, "this tenant is in the list already");
  if (!tenants.empty() && !tenants.count(name))
    loading.report.at(node, "there is no tenant " + yaml::quote(name) + " under tenants" +
                                did_you_mean(name, tenants, loading.report));
  user.tenants.push_back(std::move(name));
}

void load_tenants_of_user(const yaml::Node* one, const yaml::Node* several, const yaml::Node& user_node,
                          Loading& loading, User& user) {
  if ((one != nullptr) == (several != nullptr))
    return loading.report.at(user_node, "expected either tenant: NAME or tenants: [NAME, …]");
  if (one) return add_tenant_of_user(*one, loading, user);
  for (const auto* item : read_list(*several, loading.report, "tenants")) add_tenant_of_user(*item, loading, user);
}

void load_role_of_user(const yaml::Node* node, Loading& loading, User& user) {
  const auto& roles = loading.policy.roles;
  if (!node) {
    if (roles.count("owner")) user.role = "owner";
    return;
  }
  if (!read_text(*node, loading.report, "the name of a role", user.role) || roles.count(user.role)) return;
  loading.report.at(*node, "there is no role " + yaml::quote(user.role) + " under roles" +
                               did_you_mean(user.role, roles, loading.report));
}

User read_user(const yaml::Node& node, Loading& loading) {
  User user;
  user.name = node.key;
  check_name(node, loading.report, "a name for a user");
  Fields fields(&node, loading.report);
  if (!fields) return user;
  const auto* tenant = fields.take("tenant");
  load_tenants_of_user(tenant, fields.take("tenants"), node, loading, user);
  load_role_of_user(fields.take("role"), loading, user);
  if (const auto* password = fields.require("password")) load_password(*password, loading, user.verifier, user.plain_password);
  load_limits_of_user(fields.take("limits"), loading.report, user.limits);
  return user;
}

}  // namespace

void load_tenants(const yaml::Node* node, Loading& loading) {
  if (!node) return;
  Organisations organisations;
  for (const auto* child : read_map(*node, loading.report, "tenants, each under its name")) {
    auto tenant = read_tenant(*child, loading);
    organisations.add(*child, *tenant, loading);
    loading.policy.tenants.emplace(child->key, std::move(tenant));
  }
}

void load_users(const yaml::Node* node, Loading& loading) {
  if (!node) return;
  for (const auto* child : read_map(*node, loading.report, "users, each under its name"))
    loading.policy.users.emplace(child->key, read_user(*child, loading));
}

void load_authentication(const yaml::Node* node, Loading& loading) {
  if (!node) return;
  bool seen = false;
  for (const auto* item : read_list(*node, loading.report, "methods")) {
    Fields fields(item, loading.report);
    const auto* method = fields.require("method");
    fields.later({"map", "issuer", "keys", "tenant_claim", "role_claim"});
    if (!method) continue;
    bool scram = false;
    if (!read_choice<bool>(*method, loading.report, {{"scram", true}, {"cert", false}, {"jwt", false}}, scram)) continue;
    if (!scram) loading.report.not_available(*method, "method: " + method->text);
    if (scram && seen) loading.report.at(*item, "this method is in the list already");
    seen = seen || scram;
  }
}

}  // namespace bulkhead::policy
