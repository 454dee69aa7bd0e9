#pragma once

// What it means for a running proxy that one configuration takes the place of another. Pure.

#include <string>
#include <vector>

#include "policy/model.h"

namespace bulkhead::policy {

/// What differs in the text, a line each: "limits.clients: 500 -> 100", "tenants.acme.org: 1, new", "pool.size: 20, gone". Secrets
/// are compared, never shown. In the order of their paths.
std::vector<std::string> differences(const Policy& before, const Policy& after);

/// Why a process that runs under `before` cannot go on under `after`, a line each: what is decided when it starts.
std::vector<std::string> needs_restart(const Policy& before, const Policy& after);

/// Both mean the same database, entered the same way: what is known of the one is true of the other.
bool same_database(const Server& before, const Server& after);

/// A connection opened for the tenant under one policy is what would be opened under the other.
bool same_connections(const Policy& before, const Tenant& tenant_before, const Policy& after, const Tenant& tenant_after);

/// A session of the tenant may go on under the other policy: it stands for the same organisation, and what it has set, locked
/// and listened to still means what it did.
bool same_meaning(const Policy& before, const Tenant& tenant_before, const Policy& after, const Tenant& tenant_after);

}  // namespace bulkhead::policy
