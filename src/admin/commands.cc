#include <algorithm>

#include "admin/command.h"

namespace bulkhead::admin {
namespace {

using policy::May;

constexpr Entry kCommands[] = {
    {"SHOW HELP", Takes::nothing, May::show, Action::show_help, "", "this table"},
    {"SHOW VERSION", Takes::nothing, May::show, Action::show_version, "", "which Bulkhead this is"},
    {"SHOW CONFIG", Takes::nothing, May::show, Action::show_config, "", "the settings in force"},
    {"SHOW POLICY", Takes::nothing, May::show, Action::show_policy, "", "which configuration is in force, and why a later one is not"},
    {"SHOW STATE", Takes::nothing, May::show, Action::show_state, "", "whether everything is paused"},
    {"SHOW TENANTS", Takes::nothing, May::show, Action::show_tenants, "", "each tenant with what it takes up"},
    {"SHOW DATABASES", Takes::nothing, May::show, Action::show_databases, "", "each tenant with its server and bounds"},
    {"SHOW POOLS", Takes::nothing, May::show, Action::show_pools, "", "the connections of each tenant that has any, and who waits for one"},
    {"SHOW CLIENTS", Takes::nothing, May::show, Action::show_clients, "", "each client"},
    {"SHOW SERVERS", Takes::nothing, May::show, Action::show_servers, "", "each connection to a server"},
    {"SHOW SOCKETS", Takes::nothing, May::show, Action::show_sockets, "", "both"},
    {"SHOW ACTIVE_SOCKETS", Takes::nothing, May::show, Action::show_active_sockets, "", "those of both that work together"},
    {"SHOW USERS", Takes::nothing, May::show, Action::show_users, "", "each user with its clients"},
    {"SHOW STATS", Takes::nothing, May::show, Action::show_stats, "", "what has been done for each tenant, in all and of late"},
    {"SHOW STATS_TOTALS", Takes::nothing, May::show, Action::show_stats_totals, "", "in all"},
    {"SHOW STATS_AVERAGES", Takes::nothing, May::show, Action::show_stats_averages, "", "of late"},
    {"SHOW TOTALS", Takes::nothing, May::show, Action::show_totals, "", "the same of all tenants together"},
    {"SHOW LISTS", Takes::nothing, May::show, Action::show_lists, "", "how many there are of what"},
    {"SHOW MEM", Takes::nothing, May::show, Action::show_mem, "", "what takes memory"},
    {"SHOW REFUSALS", Takes::nothing, May::show, Action::show_refusals, "", "why statements of each tenant were refused, and how often"},
    {"SHOW CACHE", Takes::nothing, May::show, Action::show_cache, "", "how often a statement of each tenant had been judged before"},
    {"RELOAD", Takes::nothing, May::all, Action::reload, "", "reads the configuration anew, whole or not at all"},
    {"PAUSE", Takes::tenant_if_any, May::all, Action::pause, "[tenant]", "closes its connections when they come back, and lets who comes wait"},
    {"RESUME", Takes::tenant_if_any, May::all, Action::resume, "[tenant]", "ends PAUSE and KILL"},
    {"RECONNECT", Takes::tenant_if_any, May::all, Action::reconnect, "[tenant]", "replaces each connection when it comes back"},
    {"WAIT_CLOSE", Takes::tenant_if_any, May::all, Action::wait_close, "[tenant]", "waits until RECONNECT or RELOAD has replaced the last one"},
    {"KILL", Takes::tenant, May::all, Action::kill, "tenant", "ends its clients, and pauses it"},
    {"KILL_CLIENT", Takes::client, May::all, Action::kill_client, "id", "ends one client of SHOW CLIENTS"},
    {"DISABLE", Takes::tenant, May::all, Action::disable, "tenant", "takes no new clients of it"},
    {"ENABLE", Takes::tenant, May::all, Action::enable, "tenant", "takes them again"},
    {"SHUTDOWN", Takes::nothing, May::all, Action::shutdown, "", "ends the process now"},
    {"SHUTDOWN WAIT_FOR_CLIENTS", Takes::nothing, May::all, Action::shutdown, "", "when the last client has gone; takes no new ones"},
    {"SHUTDOWN WAIT_FOR_SERVERS", Takes::nothing, May::all, Action::shutdown, "", "when the last connection has come back; takes no new clients"},
    {"SET", Takes::anything, May::show, Action::set_for_session, "", ""},  // drivers', which come first
    {"SET", Takes::assignment, May::all, Action::set, "log_level = debug | info | warning | error", "until the next start or reload"},
    // PgBouncer's
    {"SHOW PEERS", Takes::nothing, May::show, Action::show_peers, "", ""},
    {"SHOW PEER_POOLS", Takes::nothing, May::show, Action::show_peer_pools, "", ""},
    {"SHOW DNS_HOSTS", Takes::nothing, May::show, Action::show_dns_hosts, "", ""},
    {"SHOW DNS_ZONES", Takes::nothing, May::show, Action::show_dns_zones, "", ""},
    {"SHOW FDS", Takes::nothing, May::all, Action::show_fds, "", ""},
    {"SUSPEND", Takes::nothing, May::all, Action::suspend, "", ""},
    // drivers'
    {"SHOW", Takes::setting, May::show, Action::show_setting, "", ""},
    {"SHOW TRANSACTION ISOLATION LEVEL", Takes::nothing, May::show, Action::show_setting, "", ""},
    {"SELECT 1", Takes::nothing, May::show, Action::select_one, "", ""},
    {"SELECT VERSION ( )", Takes::nothing, May::show, Action::select_version, "", ""},
    {"SELECT CURRENT_USER", Takes::nothing, May::show, Action::select_user, "", ""},
    {"SELECT CURRENT_DATABASE ( )", Takes::nothing, May::show, Action::select_database, "", ""},
    {"RESET", Takes::anything, May::show, Action::set_for_session, "", ""},
    {"BEGIN", Takes::anything, May::show, Action::transaction, "", ""},
    {"START TRANSACTION", Takes::anything, May::show, Action::transaction, "", ""},
    {"COMMIT", Takes::anything, May::show, Action::transaction, "", ""},
    {"END", Takes::anything, May::show, Action::transaction, "", ""},
    {"ROLLBACK", Takes::anything, May::show, Action::transaction, "", ""},
    {"ABORT", Takes::anything, May::show, Action::transaction, "", ""},
    {"DISCARD ALL", Takes::nothing, May::show, Action::forget, "", ""},
    {"DEALLOCATE ALL", Takes::nothing, May::show, Action::forget, "", ""},
    {"UNLISTEN *", Takes::nothing, May::show, Action::forget, "", ""},
    {"CLOSE ALL", Takes::nothing, May::show, Action::forget, "", ""},
};

constexpr SessionSetting kSessionSettings[] = {
    {{"application_name"}, ""},
    {{"bytea_output"}, "hex"},
    {{"client_encoding"}, "UTF8"},
    {{"client_min_messages"}, "notice"},
    {{"datestyle"}, "ISO, MDY"},
    {{"default_transaction_isolation"}, "read committed"},
    {{"default_transaction_read_only"}, "off"},
    {{"extra_float_digits"}, "1"},
    {{"idle_in_transaction_session_timeout"}, "0"},
    {{"in_hot_standby"}, "off"},
    {{"integer_datetimes"}, "on"},
    {{"intervalstyle"}, "postgres"},
    {{"is_superuser"}, "off"},
    {{"lock_timeout"}, "0"},
    {{"max_identifier_length"}, "63"},
    {{"search_path"}, ""},
    {{"server_encoding"}, "UTF8"},
    {{"server_version_num"}, "150000"},
    {{"standard_conforming_strings"}, "on"},
    {{"statement_timeout"}, "0"},
    {{"timezone"}, "GMT"},
    {{"transaction_isolation"}, "read committed"},
    {{"transaction_read_only"}, "off"},
};

}  // namespace

std::span<const Entry> commands() { return kCommands; }

const SessionSetting* session_setting(std::string_view name) {
  const auto at = std::find_if(std::begin(kSessionSettings), std::end(kSessionSettings), [&](const auto& s) { return s.column.name == name; });
  return at == std::end(kSessionSettings) ? nullptr : at;
}

}  // namespace bulkhead::admin
