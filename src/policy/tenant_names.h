#pragma once

// How names that PostgreSQL keeps outside tables, for a whole database, become a tenant's own: notification channels and
// keys of advisory locks. Every proxy, and every way a name can be written, must come to the same result, so these are
// formulas of the policy and the tenant alone, and their SQL twins are in docs/policy.md.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "policy/model.h"

namespace bulkhead::policy {

/// What a channel's name is hashed with: it holds the organisation id with its length, so that no two organisations and
/// names make one text.
std::string channel_salt(const Tenant& tenant);
/// The channel on the server: hexadecimal SHA-224 of salt and name, 56 of the 63 bytes a channel may have. The server
/// computes the same where the name is an expression.
std::string channel_on_server(const Tenant& tenant, std::string_view name);

/// What keys of advisory locks are XORed with. PostgreSQL keeps keys of one bigint and of two ints apart, and so do these.
struct LockSalts {
  std::int64_t one = 0;
  std::int32_t first = 0, second = 0;
};
/// From tenancy.lock_secret; nothing if the policy has none.
std::optional<LockSalts> lock_salts(const Tenancy& tenancy, const Tenant& tenant);

}  // namespace bulkhead::policy
