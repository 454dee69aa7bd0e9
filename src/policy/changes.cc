#include "policy/changes.h"

namespace bulkhead::policy {
namespace {

std::string change(const std::string& path, const Line* before, const Line* after) {
  if (!before) return path + ": " + after->shown + ", new";
  if (!after) return path + ": " + before->shown + ", gone";
  if (before->shown == after->shown) return path + ": another value of " + after->shown;
  return path + ": " + before->shown + " -> " + after->shown;
}

bool same_tls(const Tls& a, const Tls& b) {
  return a.mode == b.mode && a.certificate == b.certificate && a.key == b.key && a.ca == b.ca && a.system_ca == b.system_ca &&
         a.tls13 == b.tls13 && a.direct == b.direct;
}

}  // namespace

std::vector<std::string> differences(const Policy& before, const Policy& after) {
  std::vector<std::string> lines;
  auto old = before.outline.begin();
  auto now = after.outline.begin();
  while (old != before.outline.end() || now != after.outline.end()) {
    const bool only_old = now == after.outline.end() || (old != before.outline.end() && old->first < now->first);
    const bool only_now = old == before.outline.end() || (now != after.outline.end() && now->first < old->first);
    if (only_old) {
      lines.push_back(change(old->first, &old->second, nullptr));
      ++old;
    } else if (only_now) {
      lines.push_back(change(now->first, nullptr, &now->second));
      ++now;
    } else {
      if (!(old->second == now->second)) lines.push_back(change(old->first, &old->second, &now->second));
      ++old;
      ++now;
    }
  }
  return lines;
}

std::vector<std::string> needs_restart(const Policy& before, const Policy& after) {
  std::vector<std::string> lines;
  if (before.threads != after.threads) lines.push_back("threads: a process keeps the number it has started with");
  if (before.log.format != after.log.format) lines.push_back("log.format: a process keeps the one it has started with");
  if ((before.tenancy.mode == Mode::observe) != (after.tenancy.mode == Mode::observe))
    lines.push_back("tenancy.mode: observe isolates nobody; no session goes into it or out of it");
  return lines;
}

bool same_database(const Server& before, const Server& after) {
  return before.hosts == after.hosts && before.target == after.target && before.database == after.database &&
         before.user == after.user && before.password == after.password && same_tls(before.tls, after.tls);
}

bool same_connections(const Policy& before, const Tenant& tenant_before, const Policy& after, const Tenant& tenant_after) {
  const auto server_before = before.servers.find(tenant_before.server);
  const auto server_after = after.servers.find(tenant_after.server);
  return server_before != before.servers.end() && server_after != after.servers.end() &&
         same_database(server_before->second, server_after->second) && same_meaning(before, tenant_before, after, tenant_after);
}

/// The pinned settings travel in the StartupMessage, and a client may have set what is pinned now while it was not.
bool same_meaning(const Policy& before, const Tenant& tenant_before, const Policy& after, const Tenant& tenant_after) {
  return tenant_before.name == tenant_after.name && tenant_before.org == tenant_after.org &&
         before.tenancy.session_variable == after.tenancy.session_variable &&
         before.tenancy.search_path == after.tenancy.search_path && before.tenancy.lock_secret == after.tenancy.lock_secret;
}

}  // namespace bulkhead::policy
