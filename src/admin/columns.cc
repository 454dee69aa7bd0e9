// The columns of each result, by PgBouncer's names where it has them: exporters and dashboards look for these.

#include "admin/command.h"

namespace bulkhead::admin {
namespace {

constexpr Column kHelp[] = {{"command"}, {"needs"}, {"does"}};
constexpr Column kVersion[] = {{"version"}};
constexpr Column kConfig[] = {{"key"}, {"value"}, {"default"}, {"changeable"}};
constexpr Column kKeyValue[] = {{"key"}, {"value"}};
constexpr Column kPeers[] = {{"peer_id", Type::int4}, {"host"}, {"port", Type::int4}, {"pool_size", Type::int4}};
constexpr Column kPeerPools[] = {{"peer_id", Type::int4},
                                 {"cl_active_cancel_req", Type::int4},
                                 {"cl_waiting_cancel_req", Type::int4},
                                 {"sv_active_cancel", Type::int4},
                                 {"sv_login", Type::int4}};
constexpr Column kDnsHosts[] = {{"hostname"}, {"ttl", Type::int8}, {"addrs"}};
constexpr Column kDnsZones[] = {{"zonename"}, {"serial", Type::int8}, {"count", Type::int4}};
constexpr Column kSelectOne[] = {{"?column?", Type::int4}};
constexpr Column kSelectUser[] = {{"current_user"}};
constexpr Column kSelectDatabase[] = {{"current_database"}};

}  // namespace

Columns Command::columns() const {
  switch (entry->action) {
    case Action::show_config: return kConfig;
    case Action::show_help: return kHelp;
    case Action::show_policy: return kKeyValue;
    case Action::show_version:
    case Action::select_version: return kVersion;
    case Action::show_dns_hosts: return kDnsHosts;
    case Action::show_dns_zones: return kDnsZones;
    case Action::show_peers: return kPeers;
    case Action::show_peer_pools: return kPeerPools;
    case Action::select_database: return kSelectDatabase;
    case Action::select_one: return kSelectOne;
    case Action::select_user: return kSelectUser;
    case Action::show_setting: return {&session_setting(argument)->column, 1};
    case Action::show_fds:
    case Action::set_for_session:
    case Action::transaction:
    case Action::forget:
    case Action::set:
    case Action::suspend: return {};
  }
  return {};
}

}  // namespace bulkhead::admin
