#include "policy/tenant_names.h"

#include "base/digest.h"

namespace bulkhead::policy {

std::string channel_salt(const Tenant& tenant) {
  return "bulkhead channel " + std::to_string(tenant.org.size()) + ":" + tenant.org + ":";
}

std::string channel_on_server(const Tenant& tenant, std::string_view name) {
  return hex(sha224(channel_salt(tenant).append(name)));
}

std::optional<LockSalts> lock_salts(const Tenancy& tenancy, const Tenant& tenant) {
  if (tenancy.lock_secret.empty()) return std::nullopt;
  const std::string bytes = hmac_sha256(tenancy.lock_secret.reveal(), "bulkhead advisory locks " + tenant.org);
  const auto number = [&bytes](std::size_t at, int size) {
    std::uint64_t value = 0;
    for (int i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
    return value;
  };
  return LockSalts{static_cast<std::int64_t>(number(0, 8)), static_cast<std::int32_t>(number(8, 4)),
                   static_cast<std::int32_t>(number(12, 4))};
}

}  // namespace bulkhead::policy
