#include "auth/tenant_choice.h"

namespace bulkhead::auth {

const policy::Tenant* choose_tenant(const policy::Policy& policy, const policy::User& user,
                                    std::string_view database) {
  for (const auto& name : user.tenants) {
    const auto tenant = policy.tenants.find(name);
    if (tenant == policy.tenants.end()) continue;
    if (name == database) return tenant->second.get();
    const auto server = policy.servers.find(tenant->second->server);
    if (user.tenants.size() == 1 && server != policy.servers.end() && server->second.database == database)
      return tenant->second.get();
  }
  return nullptr;
}

bool names_console(std::string_view database) { return database == "bulkhead" || database == "pgbouncer"; }

}  // namespace bulkhead::auth
