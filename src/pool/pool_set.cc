#include "pool/pool_set.h"

#include <boost/asio/post.hpp>

#include "policy/changes.h"

namespace bulkhead::pool {
namespace asio = boost::asio;
namespace {
constexpr Duration kSweepEvery{1000};
}

PoolSet::PoolSet(net::Loop& loop, const ServerTls& tls, Budgets& budgets)
    : loop_(loop), tls_(tls), budgets_(budgets), timer_(loop.context()) {
  budgets_.add_reclaimer([this](const std::string& server) {
    asio::post(loop_.context(), [this, server] { reclaim(server); });
  });
}

/// One of the loop's idle connections is enough: each that is wanted asks again. The pool that has most of them gives it.
void PoolSet::reclaim(const std::string& server) {
  TenantPool* richest = nullptr;
  for (const auto& [name, pool] : pools_)
    if (pool->tenant().server == server && (!richest || pool->counts().idle > richest->counts().idle)) richest = pool.get();
  if (richest) richest->make_room();
}

std::shared_ptr<TenantPool> PoolSet::pool_for(const auth::Identity& identity) {
  auto& pool = pools_[identity.tenant().name];
  if (!pool)
    pool = std::make_shared<TenantPool>(loop_, identity.policy(), identity.policy()->tenants.at(identity.tenant().name),
                                        tls_, budgets_);
  return pool;
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
      at = pools_.erase(at);
    }
  }
}

void PoolSet::start() { sweep(); }

void PoolSet::sweep() {
  const auto now = std::chrono::steady_clock::now();
  // Whoever still holds a swept pool (a session between two statements) keeps it; it then is no longer found here, so
  // only pools nobody else refers to may go.
  std::erase_if(pools_, [&](auto& entry) { return entry.second->sweep(now) && entry.second.use_count() == 1; });
  timer_.expires_after(kSweepEvery);
  timer_.async_wait([this](const boost::system::error_code& ec) {
    if (!ec && !closing_) sweep();
  });
}

void PoolSet::close() {
  closing_ = true;
  timer_.cancel();
  for (auto& [name, pool] : pools_) pool->close();
  pools_.clear();
}

}  // namespace bulkhead::pool
