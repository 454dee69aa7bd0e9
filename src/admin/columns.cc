// The columns of each result, by PgBouncer's names where it has them: exporters and dashboards look for these.

#include "admin/command.h"

namespace bulkhead::admin {
namespace {

constexpr Column kHelp[] = {{"command"}, {"needs"}, {"does"}};
constexpr Column kVersion[] = {{"version"}};
constexpr Column kConfig[] = {{"key"}, {"value"}, {"default"}, {"changeable"}};
constexpr Column kKeyValue[] = {{"key"}, {"value"}};
constexpr Column kTenants[] = {{"tenant"}, {"org"}, {"server"}, {"clients", Type::int4}, {"max_clients", Type::int4},
                               {"waiting", Type::int4}, {"servers", Type::int4}, {"max_servers", Type::int4}, {"transactions", Type::int8},
                               {"statements", Type::int8}, {"refusals", Type::int8}, {"paused"}, {"disabled"}};
constexpr Column kDatabases[] = {{"name"}, {"host"}, {"port", Type::int4}, {"database"}, {"force_user"}, {"pool_size", Type::int4},
                                 {"min_pool_size", Type::int4}, {"reserve_pool_size", Type::int4}, {"server_lifetime", Type::int4},
                                 {"pool_mode"}, {"load_balance_hosts"}, {"max_connections", Type::int4}, {"current_connections", Type::int4},
                                 {"max_client_connections", Type::int4}, {"current_client_connections", Type::int4},
                                 {"paused", Type::int4}, {"disabled", Type::int4}};
constexpr Column kPools[] = {{"database"}, {"user"}, {"cl_active", Type::int4}, {"cl_waiting", Type::int4},
                             {"cl_active_cancel_req", Type::int4}, {"cl_waiting_cancel_req", Type::int4}, {"sv_active", Type::int4},
                             {"sv_active_cancel", Type::int4}, {"sv_being_canceled", Type::int4}, {"sv_idle", Type::int4},
                             {"sv_used", Type::int4}, {"sv_tested", Type::int4}, {"sv_login", Type::int4}, {"maxwait", Type::int4},
                             {"maxwait_us", Type::int4}, {"pool_mode"}, {"load_balance_hosts"}};
/// SHOW CLIENTS and SERVERS have the first 21 of them.
constexpr Column kSockets[] = {{"type"}, {"user"}, {"database"}, {"replication"}, {"state"}, {"addr"}, {"port", Type::int4},
                               {"local_addr"}, {"local_port", Type::int4}, {"connect_time"}, {"request_time"}, {"wait", Type::int4},
                               {"wait_us", Type::int4}, {"close_needed", Type::int4}, {"ptr"}, {"link"}, {"remote_pid", Type::int4},
                               {"tls"}, {"application_name"}, {"prepared_statements", Type::int4}, {"id", Type::int8},
                               {"recv_pos", Type::int4}, {"pkt_pos", Type::int4}, {"pkt_remain", Type::int4}, {"send_pos", Type::int4},
                               {"send_remain", Type::int4}, {"pkt_avail", Type::int8}, {"send_avail", Type::int8}};
constexpr std::size_t kPeerColumns = 21;
constexpr Column kUsers[] = {{"name"}, {"pool_size", Type::int4}, {"reserve_pool_size", Type::int4}, {"pool_mode"},
                             {"max_user_connections", Type::int4}, {"current_connections", Type::int4},
                             {"max_user_client_connections", Type::int4}, {"current_client_connections", Type::int4}};
constexpr Column kStats[] = {{"database"},
                             {"total_server_assignment_count", Type::int8}, {"total_xact_count", Type::int8}, {"total_query_count", Type::int8},
                             {"total_received", Type::int8}, {"total_sent", Type::int8}, {"total_xact_time", Type::int8},
                             {"total_query_time", Type::int8}, {"total_wait_time", Type::int8}, {"total_client_parse_count", Type::int8},
                             {"total_server_parse_count", Type::int8}, {"total_bind_count", Type::int8}, {"total_client_login_count", Type::int8},
                             {"avg_server_assignment_count", Type::int8}, {"avg_xact_count", Type::int8}, {"avg_query_count", Type::int8},
                             {"avg_recv", Type::int8}, {"avg_sent", Type::int8}, {"avg_xact_time", Type::int8}, {"avg_query_time", Type::int8},
                             {"avg_wait_time", Type::int8}, {"avg_client_parse_count", Type::int8}, {"avg_server_parse_count", Type::int8},
                             {"avg_bind_count", Type::int8}, {"avg_client_login_count", Type::int8}};
constexpr Column kStatsTotals[] = {{"database"},
                                   {"server_assignment_count", Type::int8}, {"xact_count", Type::int8}, {"query_count", Type::int8},
                                   {"bytes_received", Type::int8}, {"bytes_sent", Type::int8}, {"xact_time", Type::int8},
                                   {"query_time", Type::int8}, {"wait_time", Type::int8}, {"client_parse_count", Type::int8},
                                   {"server_parse_count", Type::int8}, {"bind_count", Type::int8}, {"client_login_count", Type::int8}};
constexpr Column kStatsAverages[] = {{"database"},
                                     {"server_assignment_count", Type::int8}, {"xact_count", Type::int8}, {"query_count", Type::int8},
                                     {"bytes_received", Type::int8}, {"bytes_sent", Type::int8}, {"xact_time", Type::int8},
                                     {"query_time", Type::int8}, {"wait_time", Type::int8}, {"avg_client_parse_count", Type::int8},
                                     {"avg_server_parse_count", Type::int8}, {"avg_bind_count", Type::int8}, {"client_login_count", Type::int8}};
constexpr Column kTotals[] = {{"name"}, {"value", Type::int8}};
constexpr Column kLists[] = {{"list"}, {"items", Type::int4}};
constexpr Column kMem[] = {{"name"}, {"size", Type::int8}, {"used", Type::int8}, {"free", Type::int8}, {"memtotal", Type::int8}};
constexpr Column kRefusals[] = {{"tenant"}, {"sqlstate"}, {"reason"}, {"count", Type::int8}};
constexpr Column kCache[] = {{"tenant"}, {"hits", Type::int8}, {"hits_by_shape", Type::int8}, {"misses", Type::int8}, {"entries", Type::int8},
                             {"bytes", Type::int8}};
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
    case Action::show_policy:
    case Action::show_state: return kKeyValue;
    case Action::show_tenants: return kTenants;
    case Action::show_databases: return kDatabases;
    case Action::show_pools: return kPools;
    case Action::show_clients:
    case Action::show_servers: return Columns(kSockets).first(kPeerColumns);
    case Action::show_sockets:
    case Action::show_active_sockets: return kSockets;
    case Action::show_users: return kUsers;
    case Action::show_stats: return kStats;
    case Action::show_stats_totals: return kStatsTotals;
    case Action::show_stats_averages: return kStatsAverages;
    case Action::show_totals: return kTotals;
    case Action::show_lists: return kLists;
    case Action::show_mem: return kMem;
    case Action::show_refusals: return kRefusals;
    case Action::show_cache: return kCache;
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
    case Action::disable:
    case Action::enable:
    case Action::kill:
    case Action::kill_client:
    case Action::pause:
    case Action::reconnect:
    case Action::reload:
    case Action::resume:
    case Action::set:
    case Action::shutdown:
    case Action::suspend:
    case Action::wait_close: return {};
  }
  return {};
}

}  // namespace bulkhead::admin
