#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>

#include "auth/identity.h"
#include "pool/tenant_pool.h"

namespace bulkhead::pool {

/// The pools of the tenants that live on one loop. A tenant without clients and connections has none. The loop's thread
/// only; lives as long as the loop runs.
class PoolSet {
 public:
  PoolSet(net::Loop& loop, const ServerTls& tls, Budgets& budgets);

  /// The pool of the session's own tenant, made on first use: there is no other way to one than an Identity.
  std::shared_ptr<TenantPool> pool_for(const auth::Identity& identity);

  /// Another policy: a pool whose connections would be opened likewise goes on with them, any other one is retired, and its tenant
  /// gets a new one.
  void use(const std::shared_ptr<const policy::Policy>& policy);

  void start();  ///< begins to sweep away what has been idle too long
  void close();

 private:
  void sweep();
  void reclaim(const std::string& server);
  net::Loop& loop_;
  const ServerTls& tls_;
  Budgets& budgets_;
  boost::asio::steady_timer timer_;
  std::map<std::string, std::shared_ptr<TenantPool>> pools_;  ///< by tenant name
  bool closing_ = false;
};

}  // namespace bulkhead::pool
