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
