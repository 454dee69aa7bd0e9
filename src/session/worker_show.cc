// What the console sees of a worker and its sessions.

#include <boost/asio/post.hpp>

#include "session/worker.h"

namespace bulkhead::session {
namespace {

using admin::Peer;
using admin::WallClock;

WallClock::time_point wall_time(TimePoint then, TimePoint now) {
  return WallClock::now() - std::chrono::duration_cast<WallClock::duration>(now - then);
}

Peer shown(pool::TenantPool& pool, pool::ServerConnection& connection, const char* state, TimePoint now) {
  const auto& tenant = pool.tenant();
  const auto server = pool.policy().servers.find(tenant.server);
  auto& channel = connection.channel();
  return {.user = server == pool.policy().servers.end() ? "" : server->second.user,
          .tenant = tenant.name,
          .state = state,
          .peer = channel.peer(),
          .local = channel.local(),
          .connected = connection.opened(),
          .requested = connection.opened(),
          .tls = channel.tls() ? channel.tls()->version() : "",
          .prepared = connection.backend().prepared.size(),
          .id = connection.id(),
          .remote_pid = connection.backend().process_id,
          .closes = pool.closes(connection, now),
          .unsent = channel.unsent()};
}

}  // namespace

void Worker::post(std::function<void(Worker& worker)> work) {
  boost::asio::post(loop_.context(), [this, work = std::move(work)] { work(*this); });
}

bool Worker::kill(std::int32_t process_id) {
  const auto at = sessions_.find(process_id);
  if (at == sessions_.end()) return false;
  const auto session = at->second;
  session->terminate(make_error(sqlstate::admin_shutdown, "terminating connection due to administrator command"));
  return true;
}

bool Worker::kill(const std::string& tenant) {
  std::vector<std::int32_t> ids;
  for (const auto& [id, session] : sessions_)
    if (session->identity().tenant().name == tenant) ids.push_back(id);
  for (const auto id : ids) kill(id);
  return !ids.empty();
}

admin::Snapshot Worker::show(admin::Look at) {
  const auto now = std::chrono::steady_clock::now();
  admin::Snapshot snapshot;
  if (at.clients || at.servers)
    for (const auto& [id, session] : sessions_) session->show(snapshot, now);
  if (!at.clients) snapshot.clients.clear();
  for (const auto& [name, pool] : pools_.pools()) {
    if (at.servers)
      pool->visit([&, p = pool.get()](auto& connection, const char* state) { snapshot.servers.push_back(shown(*p, connection, state, now)); });
    if (!at.pools) continue;
    const auto counts = pool->counts(now);
    snapshot.pools.push_back({name, counts.clients, counts.waiting, counts.open, counts.idle, counts.undoing, counts.leaving, counts.opening,
                              counts.cancelling, pool::microseconds(counts.longest_wait)});
  }
  if (at.statistics)
    for (const auto& [name, ledger] : pools_.ledgers())
      snapshot.statistics.push_back({name, ledger->now, ledger->now - ledger->older, pool::microseconds(now - pools_.older_since())});
  std::size_t judgements = 0, judgement_bytes = 0;
  for (const auto& [name, tenant] : tenants_)
    for (const auto& [role, cache] : tenant.caches) {
      judgements += cache->size();
      judgement_bytes += cache->bytes() + cache->shapes.bytes();
    }
  for (const auto& [name, record] : records_) {
    if (at.refused) {
      for (const auto& [what, count] : record.refusals->counts()) snapshot.refused.push_back({name, what.first, what.second, count});
      if (record.refusals->other() > 0) snapshot.refused.push_back({name, "", "other", record.refusals->other()});
    }
    if (!at.caches) continue;
    const auto& counts = *record.judgements;
    auto& shown = snapshot.caches.emplace_back(admin::CacheState{name, counts.by_text, counts.by_shape, counts.judged});
    const auto tenant = tenants_.find(name);
    if (tenant == tenants_.end()) continue;
    for (const auto& [role, cache] : tenant->second.caches) {
      shown.entries += cache->size();
      shown.bytes += cache->bytes() + cache->shapes.bytes();
    }
  }
  if (at.memory) {
    std::size_t connections = 0, held = 0;
    for (const auto& [name, pool] : pools_.pools()) connections += pool->counts(now).open;
    for (const auto& [name, tenant] : tenants_) held += tenant.message_room.used();
    snapshot.memory = {{"client_session", sizeof(ClientSession), sessions_.size(), sizeof(ClientSession) * sessions_.size()},
                       {"server_connection", sizeof(pool::ServerConnection), connections, sizeof(pool::ServerConnection) * connections},
                       {"judgement_cache", 0, judgements, judgement_bytes},
                       {"long_messages", 0, 0, held}};
  }
  return snapshot;
}

void ClientSession::show(admin::Snapshot& snapshot, TimePoint now) {
  const bool queued = waiting_ == Waiting::server || (waiting_ == Waiting::welcome && !lease_);
  const bool waits = queued || waiting_ == Waiting::rate || waiting_ == Waiting::place;
  const auto& settings = conversation_.settings();
  const auto name = settings.find("application_name");
  const auto application_name = name == settings.end() ? std::string() : name->second;
  const auto requested = spans_.last_begin() == TimePoint{} ? connected_ : wall_time(spans_.last_begin(), now);
  const auto id = static_cast<std::uint64_t>(key_.process_id);
  snapshot.clients.push_back({.user = identity_.user().name,
                              .tenant = identity_.tenant().name,
                              .state = waits ? "waiting" : lease_ ? "active" : "idle",
                              .peer = client_->peer(),
                              .local = client_->local(),
                              .connected = connected_,
                              .requested = requested,
                              .wait_us = queued ? pool::microseconds(now - queued_since_) : pool::microseconds(waits ? queued_ : Duration{0}),
                              .link = lease_ ? admin::name_of_server(lease_->id()) : "",
                              .tls = client_->tls() ? client_->tls()->version() : "",
                              .application_name = application_name,
                              .prepared = conversation_.prepared(),
                              .id = id,
                              .unread = unread_.size(),
                              .unsent = client_->unsent()});
  if (!lease_) return;
  auto server = shown(*pool_, *lease_, "active", now);
  server.requested = requested;
  server.link = admin::name_of_client(id);
  server.application_name = application_name;
  snapshot.servers.push_back(std::move(server));
}

}  // namespace bulkhead::session
