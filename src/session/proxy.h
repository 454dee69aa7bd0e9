#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "auth/credentials.h"
#include "net/listener.h"
#include "pool/server_tls.h"
#include "pool/server_watch.h"
#include "session/certificates.h"
#include "session/login_places.h"
#include "session/message_room.h"
#include "session/observed.h"
#include "session/worker.h"

namespace bulkhead::session {

/// The running proxy: a front loop that accepts, logs clients in and watches the servers, and workers among which the
/// tenants are divided. A flood of logins costs the front loop, a flood of statements the loop of its tenant.
/// Built, started and stopped by the application's main thread.
class Proxy {
 public:
  Proxy(std::shared_ptr<const policy::Policy> policy, std::shared_ptr<const auth::Credentials> credentials,
        Certificates certificates, int workers);
  ~Proxy();

  /// Opens every listener, or says which cannot be opened; nothing runs yet.
  Result<void> listen();
  /// Where it listens, for the log.
  std::vector<std::string> addresses() const;

  void start();
  /// Ends every session with 57P01 and waits for the loops.
  void stop();
  /// For handshakes from now on, on both sides; sessions go on as they are. They must be of the same policy.
  void use(Certificates certificates);
  /// No new clients from now on; those that are there go on.
  void stop_accepting();
  int clients() const { return clients_; }
  /// What mode observe has seen; null in the others.
  const Observed* observed() const { return observed_.get(); }

 private:
  void accepted(net::Stream stream, std::size_t address);
  boost::asio::awaitable<void> serve(net::Stream stream, std::size_t address);
  Worker& worker_of(const policy::Tenant& tenant);
  void ask_catalogue(const std::string& server, std::function<void()> done);

  std::shared_ptr<const policy::Policy> policy_;
  std::shared_ptr<const auth::Credentials> credentials_;
  std::unique_ptr<Observed> observed_;
  std::atomic<int> clients_{0};           ///< logged in
  std::map<std::string, std::atomic<int>> clients_of_;  ///< by tenant, one for each there is: the map never changes
  SharedRoom message_room_;
  LoginPlaces logging_in_;                ///< the front loop's
  pool::ServerTls server_tls_;
  net::Loop front_;
  struct Door {
    net::Listener listener;
    std::size_t address;  ///< of Policy::listen
  };
  std::vector<Door> doors_;
  std::vector<std::shared_ptr<const net::TlsContext>> door_tls_;  ///< by address; the front loop's
  std::map<std::string, std::shared_ptr<pool::ServerWatch>> watches_;
  std::vector<std::unique_ptr<Worker>> workers_;
  bool stopped_ = false;
};

}  // namespace bulkhead::session
