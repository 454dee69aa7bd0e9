#include "pool/pool_set.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "policy/changes.h"

namespace bulkhead::pool {
namespace asio = boost::asio;
namespace {
constexpr Duration kSweepEvery{1000};
constexpr Duration kPeriod{60'000};  ///< PgBouncer's stats_period
}

PoolSet::PoolSet(net::Loop& loop, const ServerTls& tls, HostBook& hosts, Budgets& budgets)
    : loop_(loop), tls_(tls), hosts_(hosts), budgets_(budgets), timer_(loop.context()), newer_since_(std::chrono::steady_clock::now()), older_since_(newer_since_) {
  budgets_.add_reclaimer([this](const std::string& server) {
    asio::post(loop_.context(), [this, server] { reclaim(server); });
  });
}

/// One of the loop's idle connections is enough: each that is wanted asks again. The pool that has most of them gives it.
void PoolSet::reclaim(const std::string& server) {
  TenantPool* richest = nullptr;
  for (const auto& [name, pool] : pools_)
    if (pool->tenant().server == server && (!richest || pool->idle() > richest->idle())) richest = pool.get();
  if (richest) richest->make_room();
}

std::shared_ptr<TenantPool> PoolSet::pool_for(const auth::Identity& identity) {
  const auto& name = identity.tenant().name;
  auto& pool = pools_[name];
  if (!pool) {
    pool = std::make_shared<TenantPool>(loop_, identity.policy(), identity.policy()->tenants.at(name), tls_, hosts_, budgets_, ledger_of(name),
                                        [this] { look_at_watches(); });
    if (paused(name)) pool->pause();
  }
  return pool;
}

const std::shared_ptr<Ledger>& PoolSet::ledger_of(const std::string& tenant) {
  auto& ledger = ledgers_[tenant];
  if (!ledger) ledger = std::make_shared<Ledger>();
  return ledger;
}

void PoolSet::use(const std::shared_ptr<const policy::Policy>& policy) {
  for (auto at = pools_.begin(); at != pools_.end();) {
    const auto pool = at->second;
    const auto tenant = policy->tenants.find(at->first);
    if (tenant != policy->tenants.end() &&
        policy::same_connections(pool->policy(), pool->tenant(), *policy, *tenant->second)) {
      pool->use(policy, tenant->second);
      ++at;
    } else {
      pool->retire();
      retired_.push_back(pool);
      at = pools_.erase(at);
    }
  }
  const auto gone = [&](const std::string& tenant) { return !policy->tenants.contains(tenant); };
  std::erase_if(ledgers_, [&](const auto& entry) { return gone(entry.first); });
  std::erase_if(paused_, gone);
  look_at_watches();
}

void PoolSet::pause(const Whose& tenant) {
  if (tenant)
    paused_.insert(*tenant);
  else
    all_paused_ = true;
  apply_pauses();
}

void PoolSet::resume(const Whose& tenant) {
  if (tenant) {
    paused_.erase(*tenant);
  } else {
    all_paused_ = false;
    paused_.clear();
  }
  apply_pauses();
}

void PoolSet::apply_pauses() {
  for (const auto& [name, pool] : std::map(pools_)) {
    if (paused(name))
      pool->pause();
    else
      pool->resume();
  }
  look_at_watches();
}

void PoolSet::reconnect(const Whose& tenant) {
  for (const auto& [name, pool] : std::map(pools_))
    if (!tenant || name == *tenant) pool->reconnect();
}

void PoolSet::wait(Until until, Whose tenant, std::function<void(bool)> done) {
  watches_.push_back({until, std::move(tenant), std::move(done)});
  look_at_watches();
}

bool PoolSet::reached(const Watch& watch) const {
  const auto concerns = [&](const std::string& tenant) { return !watch.whose || tenant == *watch.whose; };
  for (const auto& [name, pool] : pools_)
    if (concerns(name) && !(watch.until == Until::drained ? pool->drained() : pool->renewed())) return false;
  for (const auto& pool : retired_)
    if (concerns(pool->tenant().name) && !pool->drained()) return false;
  return true;
}

void PoolSet::look_at_watches() {
  for (std::size_t i = 0; i < watches_.size();) {
    const bool off = watches_[i].until == Until::drained && !(watches_[i].whose ? paused(*watches_[i].whose) : all_paused_);
    if (!off && !reached(watches_[i])) {
      ++i;
      continue;
    }
    const auto done = std::move(watches_[i].done);
    watches_.erase(watches_.begin() + static_cast<std::ptrdiff_t>(i));
    done(!off);
  }
}

void PoolSet::start() { sweep(); }

void PoolSet::sweep() {
  const auto now = std::chrono::steady_clock::now();
  // Whoever still holds a swept pool (a session between two statements) keeps it; it then is no longer found here, so
  // only pools nobody else refers to may go.
  std::erase_if(pools_, [&](auto& entry) { return entry.second->sweep(now) && entry.second.use_count() == 1; });
  std::erase_if(retired_, [&](auto& pool) { return pool->sweep(now) && pool.use_count() == 1; });
  if (now - newer_since_ >= kPeriod) {
    for (const auto& [name, ledger] : ledgers_) ledger->turn();
    older_since_ = std::exchange(newer_since_, now);
  }
  timer_.expires_after(kSweepEvery);
  timer_.async_wait([this](const boost::system::error_code& ec) {
    if (!ec && !closing_) sweep();
  });
}

void PoolSet::close() {
  closing_ = true;
  timer_.cancel();
  watches_.clear();
  for (auto& [name, pool] : pools_) pool->close();
  for (auto& pool : retired_) pool->close();
  pools_.clear();
  retired_.clear();
}

}  // namespace bulkhead::pool
