#pragma once

// What can be said to the console: one table of commands, and the texts that name them. Pure; any thread.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin/table.h"
#include "base/result.h"
#include "policy/model.h"

namespace bulkhead::admin {

enum class Action : std::uint8_t {
  // what does not move
  show_config, show_help, show_policy, show_state, show_version,
  // what goes on
  show_active_sockets, show_cache, show_clients, show_databases, show_lists, show_mem, show_pools, show_refusals, show_servers, show_sockets,
  show_stats, show_stats_averages, show_stats_totals, show_tenants, show_totals, show_users,
  // what PgBouncer has and Bulkhead has not
  show_dns_hosts, show_dns_zones, show_fds, show_peer_pools, show_peers, suspend,
  // what drivers ask
  select_database, select_one, select_user, select_version, show_setting, set_for_session, transaction, forget,
  // what changes something
  disable, enable, kill, kill_client, pause, reconnect, reload, resume, set, shutdown, wait_close,
};

/// What stands behind the words of a command.
enum class Takes : std::uint8_t { nothing, tenant, tenant_if_any, client, setting, assignment, anything };

/// A line of the table: how a command is written, what it does, and who may say it.
struct Entry {
  std::string_view words;  ///< upper case, one blank between them
  Takes takes;
  policy::May needs;  ///< the only place where that is decided
  Action action;
  std::string_view usage;  ///< what stands behind the words; for SHOW HELP
  std::string_view does;   ///< likewise; empty: it is there for drivers, and not shown
};
std::span<const Entry> commands();

struct Command {
  const Entry* entry = nullptr;  ///< of commands()
  std::string argument{};        ///< a name, empty if there is none; a number; of a setting the name in lower case
  std::string value{};           ///< of SET

  bool allowed_to(policy::May may) const { return may == policy::May::all || entry->needs == policy::May::show; }
  /// None: it has no rows.
  Columns columns() const;
};

/// All commands of a text, separated by semicolons; an empty one is none. Words are SQL's: in any case, comments between them, names
/// with other characters than letters, digits and `_-.$` in double quotes. Names keep their case with quotes or without, as with
/// PgBouncer. An error, with its position, is of the whole text: nothing of it is run.
Result<std::vector<Command>> parse(std::string_view text);

/// What drivers ask for and set.
struct SessionSetting {
  Column column;  ///< by its name
  std::string_view value;
};
/// Null if it is none of them. Lower case.
const SessionSetting* session_setting(std::string_view name);

}  // namespace bulkhead::admin
