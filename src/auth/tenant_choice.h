#pragma once

#include <string_view>

#include "policy/model.h"

namespace bulkhead::auth {

/// The tenant a user belongs to when it connects to `database`; null: it may not connect to that one. One of the
/// user's own tenants by name; or, for a user of one tenant only, the configured database of that tenant's server.
/// What other tenants and databases exist makes no difference. The pointer lives as long as the policy.
const policy::Tenant* choose_tenant(const policy::Policy& policy, const policy::User& user,
                                    std::string_view database);

/// The names of the administration console: `bulkhead`, and `pgbouncer` for the tools that look for that one. No database of these
/// names is reached by them, whatever servers have.
bool names_console(std::string_view database);

}  // namespace bulkhead::auth
