#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "auth/identity.h"
#include "pool/tenant_pool.h"

namespace bulkhead::pool {

/// The pools of the tenants that live on one loop. A tenant without clients and connections has none. The loop's thread
/// only; lives as long as the loop runs.
class PoolSet {
 public:
  PoolSet(net::Loop& loop, const ServerTls& tls, HostBook& hosts, Budgets& budgets);

  /// The pool of the session's own tenant, made on first use: there is no other way to one than an Identity.
  std::shared_ptr<TenantPool> pool_for(const auth::Identity& identity);

  /// Another policy: a pool whose connections would be opened likewise goes on with them, any other one is retired, and its tenant
  /// gets a new one.
  void use(const std::shared_ptr<const policy::Policy>& policy);

  /// What the console asks for, of one tenant, or of all (nothing) and of those that are yet to come. A pause of all and pauses of
  /// single tenants hold beside each other.
  using Whose = std::optional<std::string>;
  void pause(const Whose& tenant);
  void resume(const Whose& tenant);  ///< nothing: every pause
  void reconnect(const Whose& tenant);
  bool paused(const std::string& tenant) const { return all_paused_ || paused_.contains(tenant); }

  enum class Until { drained, renewed };
  /// `done` is called when the pools are, those that have been retired among them; false: they will not be drained, for they are
  /// paused no more. Perhaps at once.
  void wait(Until until, Whose tenant, std::function<void(bool)> done);

  /// What has happened for the tenant so far; of one that is in the policy.
  const std::shared_ptr<Ledger>& ledger_of(const std::string& tenant);
  const std::map<std::string, std::shared_ptr<Ledger>>& ledgers() const { return ledgers_; }
  /// When the last but one period of the ledgers began.
  TimePoint older_since() const { return older_since_; }
  const std::map<std::string, std::shared_ptr<TenantPool>>& pools() const { return pools_; }

  void start();  ///< begins to sweep away what has been idle too long
  void close();

 private:
  struct Watch {
    Until until;
    Whose whose;
    std::function<void(bool)> done;
  };

  void sweep();
  void reclaim(const std::string& server);
  bool reached(const Watch& watch) const;
  void look_at_watches();
  void apply_pauses();

  net::Loop& loop_;
  const ServerTls& tls_;
  HostBook& hosts_;
  Budgets& budgets_;
  boost::asio::steady_timer timer_;
  std::map<std::string, std::shared_ptr<TenantPool>> pools_;  ///< by tenant name
  std::vector<std::shared_ptr<TenantPool>> retired_;  ///< and not drained yet
  std::map<std::string, std::shared_ptr<Ledger>> ledgers_;  ///< of the policy's tenants
  TimePoint newer_since_, older_since_;
  std::set<std::string> paused_;
  bool all_paused_ = false;
  std::vector<Watch> watches_;
  bool closing_ = false;
};

}  // namespace bulkhead::pool
