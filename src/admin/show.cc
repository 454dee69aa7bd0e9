#include "admin/show.h"

#include <algorithm>
#include <map>

#include "admin/settings_table.h"

namespace bulkhead::admin {
namespace {

using policy::Policy;
using pool::Counters;

constexpr std::uint64_t kMillion = 1'000'000;

/// "192.0.2.1:5432" or "[::1]:5432" in two, without the brackets; a Unix socket has no port.
struct Address {
  std::string host;
  Value port;
};
Address address(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return {text, "0"};
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return {std::move(host), text.substr(colon + 1)};
}

Row peer_row(const Peer& peer, bool server, bool low_level) {
  const auto there = address(peer.peer), here = address(peer.local);
  Row row{server ? "S" : "C", peer.user, peer.tenant, "none", low_level ? (server ? "sv_" : "cl_") + peer.state : peer.state,
          there.host, there.port, here.host, here.port, text_of(peer.connected), text_of(peer.requested),
          number(peer.wait_us / kMillion), number(peer.wait_us % kMillion), peer.closes ? "1" : "0",
          server ? name_of_server(peer.id) : name_of_client(peer.id), peer.link, number(peer.remote_pid), peer.tls,
          peer.application_name, number(peer.prepared), number(peer.id)};
  if (!low_level) return row;
  for (int i = 0; i < 5; ++i) row.emplace_back();  // of PgBouncer's buffers
  row.push_back(number(peer.unread));
  row.push_back(number(peer.unsent));
  return row;
}

void add_peers(const std::vector<Peer>& peers, bool server, bool low_level, bool active_only, std::vector<Row>& rows) {
  for (const auto& peer : peers)
    if (!active_only || peer.state == "active") rows.push_back(peer_row(peer, server, low_level));
}

const policy::Tenant* tenant_of(const Policy& policy, const std::string& name) {
  const auto at = policy.tenants.find(name);
  return at == policy.tenants.end() ? nullptr : at->second.get();
}
const policy::Server* server_of(const Policy& policy, const std::string& tenant) {
  const auto* known = tenant_of(policy, tenant);
  const auto at = known ? policy.servers.find(known->server) : policy.servers.end();
  return at == policy.servers.end() ? nullptr : &at->second;
}
std::string mode_of(const Policy& policy) { return policy.pool.mode == policy::PoolMode::session ? "session" : "transaction"; }
std::size_t connections_in(const PoolState& pool) { return pool.open - pool.idle - pool.undoing - pool.leaving; }

template <class Item>
std::map<std::string, const Item*> by_tenant(const std::vector<Item>& items) {
  std::map<std::string, const Item*> found;
  for (const auto& item : items) found.emplace(item.tenant, &item);
  return found;
}

std::vector<Row> pools(const Snapshot& snapshot, const Policy& policy) {
  std::vector<Row> rows;
  for (const auto& [name, pool] : by_tenant(snapshot.pools)) {
    const auto* server = server_of(policy, name);
    rows.push_back({name, server ? Value(server->user) : std::nullopt, number(pool->clients - std::min(pool->waiting, pool->clients)),
                    number(pool->waiting), "0", "0", number(connections_in(*pool)), number(pool->cancelling), number(pool->leaving),
                    number(pool->idle), "0", number(pool->undoing), number(pool->opening), number(pool->longest_wait_us / kMillion),
                    number(pool->longest_wait_us % kMillion), mode_of(policy), std::nullopt});
  }
  return rows;
}

std::vector<Row> databases(const Snapshot& snapshot, const Policy& policy, const Controls& controls) {
  const auto pools = by_tenant(snapshot.pools);
  std::vector<Row> rows;
  for (const auto& [name, tenant] : policy.tenants) {
    const auto* server = server_of(policy, name);
    if (!server) continue;
    std::string hosts;
    for (const auto& host : server->hosts) hosts += (hosts.empty() ? "" : ",") + host.host;
    const auto pool = pools.find(name);
    const bool there = pool != pools.end();
    rows.push_back({name, hosts, number(server->hosts.empty() ? 0 : server->hosts.front().port), server->database, server->user,
                    number(tenant->pool.size), number(tenant->pool.minimum), number(tenant->pool.reserve),
                    number(tenant->pool.lifetime.count() / 1000), std::nullopt, std::nullopt, number(tenant->pool.size + tenant->pool.reserve),
                    number(there ? pool->second->open : 0), number(tenant->limits.clients), number(there ? pool->second->clients : 0),
                    controls.is_paused(name) ? "1" : "0", controls.disabled.contains(name) ? "1" : "0"});
  }
  return rows;
}

std::vector<Row> users(const Snapshot& snapshot, const Policy& policy) {
  std::map<std::string, std::size_t> clients, connections;
  for (const auto& client : snapshot.clients) {
    ++clients[client.user];
    if (!client.link.empty()) ++connections[client.user];
  }
  std::vector<Row> rows;
  for (const auto& [name, user] : policy.users)
    rows.push_back({name, std::nullopt, std::nullopt, std::nullopt, "0", number(connections[name]), number(user.limits.clients), number(clients[name])});
  return rows;
}

void add_counters(const Counters& counters, Row& row) {
  for (const auto member : Counters::kAll) row.push_back(number(counters.*member));
}

std::vector<Row> statistics(const Snapshot& snapshot, bool totals, bool averaged) {
  std::vector<Row> rows;
  for (const auto& [name, one] : by_tenant(snapshot.statistics)) {
    Row row{name};
    if (totals) add_counters(one->total, row);
    if (averaged) add_counters(averages(*one), row);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Row> sums(const Snapshot& snapshot) {
  Statistics all;
  for (const auto& one : snapshot.statistics) {
    all.total += one.total;
    all.recent += one.recent;
    all.recent_us = std::max(all.recent_us, one.recent_us);
  }
  constexpr std::string_view kNames[] = {"server_assignment_count", "xact_count",   "query_count",           "client_bytes",
                                         "server_bytes",            "xact_time",    "query_time",            "wait_time",
                                         "ps_client_parse_count",   "ps_server_parse_count", "ps_bind_count", "client_login_count"};
  static_assert(std::size(kNames) == std::size(Counters::kAll));
  const Counters average = averages(all);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    rows.push_back({"total_" + std::string(kNames[i]), number(all.total.*Counters::kAll[i])});
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    rows.push_back({"avg_" + std::string(kNames[i]), number(average.*Counters::kAll[i])});
  return rows;
}

std::vector<Row> lists(const Snapshot& snapshot, const Policy& policy, std::size_t logins) {
  std::size_t clients = 0, servers = 0;
  for (const auto& pool : snapshot.pools) {
    clients += pool.clients;
    servers += pool.open + pool.opening;
  }
  const std::pair<const char*, std::size_t> kLists[] = {
      {"databases", policy.tenants.size()}, {"users", policy.users.size()}, {"peers", 0},          {"pools", snapshot.pools.size()},
      {"peer_pools", 0},                    {"free_clients", 0},            {"used_clients", clients}, {"login_clients", logins},
      {"free_servers", 0},                  {"used_servers", servers},      {"dns_names", 0},      {"dns_zones", 0},
      {"dns_queries", 0},                   {"dns_pending", 0}};
  std::vector<Row> rows;
  for (const auto& [list, items] : kLists) rows.push_back({list, number(items)});
  return rows;
}

std::vector<Row> memory(const Snapshot& snapshot) {
  std::vector<Row> rows;
  for (const auto& kind : snapshot.memory)
    rows.push_back({kind.name, kind.size > 0 ? number(kind.size) : std::nullopt, number(kind.used), "0", number(kind.bytes)});
  return rows;
}

std::vector<Row> tenants(const Snapshot& snapshot, const Policy& policy, const Controls& controls) {
  const auto pools = by_tenant(snapshot.pools);
  const auto statistics = by_tenant(snapshot.statistics);
  std::map<std::string, std::uint64_t> refused;
  for (const auto& reason : snapshot.refused) refused[reason.tenant] += reason.count;
  std::vector<Row> rows;
  for (const auto& [name, tenant] : policy.tenants) {
    const auto pool = pools.find(name);
    const auto counted = statistics.find(name);
    const PoolState state = pool == pools.end() ? PoolState{} : *pool->second;
    const Counters total = counted == statistics.end() ? Counters{} : counted->second->total;
    rows.push_back({name, tenant->org, tenant->server, number(state.clients), number(tenant->limits.clients), number(state.waiting),
                    number(state.open), number(tenant->pool.size + tenant->pool.reserve), number(total.transactions),
                    number(total.statements), number(refused[name]), yes_no(controls.is_paused(name)),
                    yes_no(controls.disabled.contains(name))});
  }
  return rows;
}

}  // namespace

std::string name_of_client(std::uint64_t id) { return "c" + std::to_string(id); }
std::string name_of_server(std::uint64_t id) { return "s" + std::to_string(id); }

void append(Snapshot& to, Snapshot from) {
  const auto add = [](auto& all, auto& more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  add(to.clients, from.clients);
  add(to.servers, from.servers);
  add(to.pools, from.pools);
  add(to.statistics, from.statistics);
  add(to.caches, from.caches);
  add(to.refused, from.refused);
  for (const auto& kind : from.memory) {
    const auto same = std::find_if(to.memory.begin(), to.memory.end(), [&](const Memory& known) { return known.name == kind.name; });
    if (same == to.memory.end()) {
      to.memory.push_back(kind);
    } else {
      same->used += kind.used;
      same->bytes += kind.bytes;
    }
  }
}

Counters averages(const Statistics& statistics) {
  const auto& recent = statistics.recent;
  Counters average;
  if (statistics.recent_us == 0) return average;
  for (const auto member : Counters::kAll) average.*member = recent.*member * kMillion / statistics.recent_us;
  const auto each = [](std::uint64_t time, std::uint64_t number) { return number == 0 ? 0 : time / number; };
  average.transaction_us = each(recent.transaction_us, recent.transactions);
  average.statement_us = each(recent.statement_us, recent.statements);
  average.wait_us = each(recent.wait_us, recent.assignments);
  return average;
}

namespace {

struct View {
  const Snapshot& snapshot;
  const Policy& policy;
  const Controls& controls;
  std::size_t logins;
};

std::vector<Row> sorted_by(std::size_t column, std::vector<Row> rows) {
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) { return a[column] < b[column]; });
  return rows;
}

std::vector<Row> sockets(const View& view, bool active_only) {
  std::vector<Row> rows;
  add_peers(view.snapshot.clients, false, true, active_only, rows);
  add_peers(view.snapshot.servers, true, true, active_only, rows);
  return rows;
}

std::vector<Row> peers(const std::vector<Peer>& all, bool server) {
  constexpr std::size_t kDatabase = 2;
  std::vector<Row> rows;
  add_peers(all, server, false, false, rows);
  return sorted_by(kDatabase, std::move(rows));
}

std::vector<Row> refusals(const Snapshot& snapshot) {
  std::vector<Row> rows;
  for (const auto& refused : snapshot.refused)
    rows.push_back({refused.tenant, refused.sqlstate.empty() ? Value() : Value(refused.sqlstate), refused.reason, number(refused.count)});
  return sorted_by(0, std::move(rows));
}

std::vector<Row> caches(const Snapshot& snapshot) {
  std::vector<Row> rows;
  for (const auto& cache : snapshot.caches)
    rows.push_back({cache.tenant, number(cache.by_text), number(cache.by_shape), number(cache.judged), number(cache.entries), number(cache.bytes)});
  return sorted_by(0, std::move(rows));
}

struct Show {
  Action action;
  Look look;
  std::vector<Row> (*rows)(const View&);
};

constexpr Show kShows[] = {
    {Action::show_active_sockets, {.clients = true, .servers = true}, [](const View& v) { return sockets(v, true); }},
    {Action::show_cache, {.caches = true}, [](const View& v) { return caches(v.snapshot); }},
    {Action::show_clients, {.clients = true}, [](const View& v) { return peers(v.snapshot.clients, false); }},
    {Action::show_databases, {.pools = true}, [](const View& v) { return databases(v.snapshot, v.policy, v.controls); }},
    {Action::show_lists, {.pools = true}, [](const View& v) { return lists(v.snapshot, v.policy, v.logins); }},
    {Action::show_mem, {.memory = true}, [](const View& v) { return memory(v.snapshot); }},
    {Action::show_pools, {.pools = true}, [](const View& v) { return pools(v.snapshot, v.policy); }},
    {Action::show_refusals, {.refused = true}, [](const View& v) { return refusals(v.snapshot); }},
    {Action::show_servers, {.servers = true}, [](const View& v) { return peers(v.snapshot.servers, true); }},
    {Action::show_sockets, {.clients = true, .servers = true}, [](const View& v) { return sockets(v, false); }},
    {Action::show_stats, {.statistics = true}, [](const View& v) { return statistics(v.snapshot, true, true); }},
    {Action::show_stats_averages, {.statistics = true}, [](const View& v) { return statistics(v.snapshot, false, true); }},
    {Action::show_stats_totals, {.statistics = true}, [](const View& v) { return statistics(v.snapshot, true, false); }},
    {Action::show_tenants,
     {.pools = true, .statistics = true, .refused = true},
     [](const View& v) { return tenants(v.snapshot, v.policy, v.controls); }},
    {Action::show_totals, {.statistics = true}, [](const View& v) { return sums(v.snapshot); }},
    {Action::show_users, {.clients = true}, [](const View& v) { return users(v.snapshot, v.policy); }},
};

const Show* find(Action action) {
  const auto* at = std::find_if(std::begin(kShows), std::end(kShows), [&](const Show& show) { return show.action == action; });
  return at == std::end(kShows) ? nullptr : at;
}

}  // namespace

std::optional<Look> look_for(Action action) {
  const auto* show = find(action);
  return show ? std::optional(show->look) : std::nullopt;
}

std::vector<Row> rows_of(Action action, const Snapshot& snapshot, const policy::Policy& policy, const Controls& controls, std::size_t logins) {
  const auto* show = find(action);
  return show ? show->rows({snapshot, policy, controls, logins}) : std::vector<Row>();
}

}  // namespace bulkhead::admin
