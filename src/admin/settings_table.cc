#include "admin/settings_table.h"

#include <algorithm>
#include <ctime>

#include "admin/command.h"

namespace bulkhead::admin {
namespace {

using policy::Policy;

std::string seconds(Duration duration) { return std::to_string(duration.count() / 1000); }

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ",") + item;
  return out;
}

std::string listen(const Policy& policy) {
  std::vector<std::string> places;
  for (const auto& at : policy.listen)
    places.push_back(at.unix_directory.empty() ? at.host + ":" + std::to_string(at.port) : at.unix_directory);
  return joined(places);
}
const policy::ListenAddress* first_tcp(const Policy& policy) {
  const auto at = std::find_if(policy.listen.begin(), policy.listen.end(), [](const auto& l) { return l.unix_directory.empty(); });
  return at == policy.listen.end() ? nullptr : &*at;
}

/// The level in force, which SET may have changed.
std::string log_level() {
  using log::Level;
  return log::enabled(Level::debug) ? "debug" : log::enabled(Level::info) ? "info" : log::enabled(Level::warning) ? "warning" : "error";
}

std::string mode(const Policy& policy) {
  switch (policy.tenancy.mode) {
    case policy::Mode::inject: return "inject";
    case policy::Mode::validate: return "validate";
    case policy::Mode::observe: return "observe";
  }
  return {};
}

struct Setting {
  std::string_view key;
  std::string (*value)(const Policy&);
  bool changeable = true;  ///< by RELOAD, or by SET
};

constexpr Setting kSettings[] = {
    {"limits.bytes_per_second", [](const Policy& p) { return text_of_size(p.limits.each.bytes_per_second); }},
    {"limits.client_idle", [](const Policy& p) { return text_of(p.limits.each.timeouts.client_idle); }},
    {"limits.clients", [](const Policy& p) { return std::to_string(p.limits.clients); }},
    {"limits.clients_per_tenant", [](const Policy& p) { return std::to_string(p.limits.each.clients); }},
    {"limits.idle_in_transaction", [](const Policy& p) { return text_of(p.limits.each.timeouts.idle_in_transaction); }},
    {"limits.login_timeout", [](const Policy& p) { return text_of(p.limits.login_timeout); }},
    {"limits.message_memory", [](const Policy& p) { return text_of_size(p.limits.message_memory); }},
    {"limits.message_memory_per_tenant", [](const Policy& p) { return text_of_size(p.limits.each.message_memory); }},
    {"limits.message_size", [](const Policy& p) { return text_of_size(p.limits.each.message_size); }},
    {"limits.message_timeout", [](const Policy& p) { return text_of(p.limits.each.message_timeout); }},
    {"limits.queue", [](const Policy& p) { return std::to_string(p.limits.each.queue); }},
    {"limits.queue_timeout", [](const Policy& p) { return text_of(p.limits.each.timeouts.queue); }},
    {"limits.statement_size", [](const Policy& p) { return text_of_size(p.limits.each.statement_size); }},
    {"limits.statement_timeout", [](const Policy& p) { return text_of(p.limits.each.timeouts.statement); }},
    {"limits.statements", [](const Policy& p) { return std::to_string(p.limits.each.statements); }},
    {"limits.statements_per_second", [](const Policy& p) { return std::to_string(p.limits.each.statements_per_second); }},
    {"limits.transaction_timeout", [](const Policy& p) { return text_of(p.limits.each.timeouts.transaction); }},
    {"listen", listen},
    {"log.format", [](const Policy& p) { return std::string(p.log.format == log::Format::json ? "json" : "text"); }, false},
    {"log.level", [](const Policy&) { return log_level(); }},
    {"pool.idle_timeout", [](const Policy& p) { return text_of(p.pool.each.idle_timeout); }},
    {"pool.lifetime", [](const Policy& p) { return text_of(p.pool.each.lifetime); }},
    {"pool.minimum", [](const Policy& p) { return std::to_string(p.pool.each.minimum); }},
    {"pool.mode", [](const Policy& p) { return std::string(p.pool.mode == policy::PoolMode::session ? "session" : "transaction"); }},
    {"pool.reserve", [](const Policy& p) { return std::to_string(p.pool.each.reserve); }},
    {"pool.reserve_after", [](const Policy& p) { return text_of(p.pool.each.reserve_after); }},
    {"pool.size", [](const Policy& p) { return std::to_string(p.pool.each.size); }},
    {"server_connections", [](const Policy& p) { return std::to_string(p.server_connections); }},
    {"tenancy.column", [](const Policy& p) { return p.tenancy.column; }},
    {"tenancy.explain", [](const Policy& p) { return std::string(p.tenancy.explain == policy::Explain::shape ? "shape" : "refuse"); }},
    {"tenancy.mode", mode},
    {"tenancy.search_path", [](const Policy& p) { return joined(p.tenancy.search_path); }},
    {"tenancy.session_variable", [](const Policy& p) { return p.tenancy.session_variable; }},
    {"tenancy.temporary_tables",
     [](const Policy& p) { return std::string(p.tenancy.temporary_tables == policy::TemporaryTables::allow ? "allow" : "refuse"); }},
    {"tenancy.without_row_security",
     [](const Policy& p) {
       return std::string(p.tenancy.without_row_security == policy::WithoutRowSecurity::accept ? "accept" : "refuse");
     }},
    {"threads", [](const Policy& p) { return std::to_string(p.threads); }, false},
    // PgBouncer's names, and its units
    {"client_idle_timeout", [](const Policy& p) { return seconds(p.limits.each.timeouts.client_idle); }},
    {"client_login_timeout", [](const Policy& p) { return seconds(p.limits.login_timeout); }},
    {"default_pool_size", [](const Policy& p) { return std::to_string(p.pool.each.size); }},
    {"idle_transaction_timeout", [](const Policy& p) { return seconds(p.limits.each.timeouts.idle_in_transaction); }},
    {"listen_addr", [](const Policy& p) { return first_tcp(p) ? first_tcp(p)->host : std::string(); }},
    {"listen_port", [](const Policy& p) { return first_tcp(p) ? std::to_string(first_tcp(p)->port) : std::string(); }},
    {"max_client_conn", [](const Policy& p) { return std::to_string(p.limits.clients); }},
    {"max_db_client_connections", [](const Policy& p) { return std::to_string(p.limits.each.clients); }},
    {"max_user_connections", [](const Policy&) { return std::string("0"); }},
    {"min_pool_size", [](const Policy& p) { return std::to_string(p.pool.each.minimum); }},
    {"pool_mode", [](const Policy& p) { return std::string(p.pool.mode == policy::PoolMode::session ? "session" : "transaction"); }},
    {"query_timeout", [](const Policy& p) { return seconds(p.limits.each.timeouts.statement); }},
    {"query_wait_timeout", [](const Policy& p) { return seconds(p.limits.each.timeouts.queue); }},
    {"reserve_pool_size", [](const Policy& p) { return std::to_string(p.pool.each.reserve); }},
    {"reserve_pool_timeout", [](const Policy& p) { return seconds(p.pool.each.reserve_after); }},
    {"server_idle_timeout", [](const Policy& p) { return seconds(p.pool.each.idle_timeout); }},
    {"server_lifetime", [](const Policy& p) { return seconds(p.pool.each.lifetime); }},
    {"transaction_timeout", [](const Policy& p) { return seconds(p.limits.each.timeouts.transaction); }},
};

}  // namespace

std::string version() { return "Bulkhead " BULKHEAD_VERSION; }

std::string text_of(std::chrono::system_clock::time_point when) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts)};
}

std::string text_of(Duration duration) {
  const auto ms = duration.count();
  if (ms == 0) return "0";
  if (ms % 3'600'000 == 0) return std::to_string(ms / 3'600'000) + "h";
  if (ms % 60'000 == 0) return std::to_string(ms / 60'000) + "m";
  if (ms % 1000 == 0) return std::to_string(ms / 1000) + "s";
  return std::to_string(ms) + "ms";
}

std::string text_of_size(std::size_t bytes) {
  if (bytes > 0 && bytes % (1u << 30) == 0) return std::to_string(bytes >> 30) + "GiB";
  if (bytes > 0 && bytes % (1u << 20) == 0) return std::to_string(bytes >> 20) + "MiB";
  if (bytes > 0 && bytes % (1u << 10) == 0) return std::to_string(bytes >> 10) + "KiB";
  return std::to_string(bytes);
}

std::vector<Row> config_rows(const policy::Policy& policy) {
  Policy defaults;
  defaults.listen = {{.host = "127.0.0.1", .port = 6432, .unix_directory = {}, .tls = {}}};
  std::vector<Row> rows;
  for (const auto& setting : kSettings) {
    const bool level = setting.key == "log.level";
    rows.push_back({std::string(setting.key), setting.value(policy), level ? "info" : setting.value(defaults), yes_no(setting.changeable)});
  }
  return rows;
}

bool is_configured(std::string_view key) {
  return std::any_of(std::begin(kSettings), std::end(kSettings), [&](const Setting& setting) { return setting.key == key; });
}

std::vector<Row> help_rows() {
  std::vector<Row> rows;
  for (const auto& entry : commands()) {
    if (entry.does.empty()) continue;
    std::string command(entry.words);
    if (!entry.usage.empty()) command += " " + std::string(entry.usage);
    rows.push_back({std::move(command), entry.needs == policy::May::all ? "all" : "show", std::string(entry.does)});
  }
  return rows;
}

}  // namespace bulkhead::admin
