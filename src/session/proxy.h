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
#include "session/administration.h"
#include "session/certificates.h"
#include "session/console_session.h"
#include "session/login.h"
#include "session/login_places.h"
#include "session/message_room.h"
#include "session/observed.h"
#include "session/seats.h"
#include "session/worker.h"

namespace bulkhead::session {

/// The running proxy: a front loop that accepts, logs clients in and watches the servers, and workers among which the
/// tenants are divided. A flood of logins costs the front loop, a flood of statements the loop of its tenant.
/// Built, started and stopped by the application's main thread.
class Proxy {
 public:
  Proxy(std::shared_ptr<const auth::Credentials> credentials, Certificates certificates, int workers);
  ~Proxy();

  /// Opens every listener, or says which cannot be opened; nothing runs yet.
  Result<void> listen();
  /// Where it listens, for the log.
  std::vector<std::string> addresses() const;

  /// `operations`: for the console.
  void start(Operations operations);
  /// Another configuration takes the place of the one in force, whole, or an error says why it cannot, and nothing has changed.
  /// Sessions go on under it when they have nothing under way, see ClientSession::follow(). Certificates are of the same policy.
  /// Not on the front loop, for which it waits.
  Result<void> reload(std::shared_ptr<const auth::Credentials> credentials, Certificates certificates);
  /// Ends every session with 57P01 and waits for the loops.
  void stop();
  /// For handshakes from now on, on both sides; sessions go on as they are. They must be of the same policy.
  void use(Certificates certificates);
  /// No new clients from now on; those that are there go on.
  void stop_accepting();
  /// A configuration could not be put in force; for those who ask at the console.
  void refused(std::vector<std::string> faults);
  int clients() const { return seats_.all(); }
  /// What mode observe has seen; null in the others.
  const Observed* observed() const { return observed_.get(); }

 private:
  struct Door {
    Door(net::Listener l, const policy::ListenAddress& at) : listener(std::move(l)), place(at) {}
    net::Listener listener;
    const policy::ListenAddress place;  ///< as it was opened
    Entrance entrance;                  ///< as it is now
  };
  using DoorPtr = std::shared_ptr<Door>;  ///< held by who accepts at it, too
  struct Watched {
    policy::Server server;
    std::shared_ptr<pool::ServerWatch> watch;
    std::vector<std::shared_ptr<ServerSlot>> slots;  ///< one for each worker
  };

  Result<std::vector<DoorPtr>> open_doors(const policy::ListenAddress& address);
  void attend(const DoorPtr& door);
  void furnish_doors(const std::vector<std::shared_ptr<const net::TlsContext>>& certificates);
  void put_in_force(std::map<std::string, Watched> before);
  Result<void> replace(std::shared_ptr<const auth::Credentials> credentials, Certificates certificates);
  boost::asio::awaitable<void> serve(net::Stream stream, DoorPtr door);
  boost::asio::awaitable<void> serve(net::Stream stream, AdmittedAdministrator admitted);
  CancelKey new_console_key() const;
  bool end_console(std::int32_t id);
  Worker& worker_of(const policy::Tenant& tenant);
  void ask_catalogue(std::weak_ptr<pool::ServerWatch> watch, std::function<void()> done);

  const policy::Policy& policy() const { return *credentials_->policy(); }

  std::shared_ptr<const auth::Credentials> credentials_;  ///< in force; the front loop's
  std::unique_ptr<Observed> observed_;
  Seats seats_;
  std::map<std::int32_t, ConsoleSession*> consoles_;  ///< by their cancel key's process id; the front loop's, which ends before
  SharedRoom message_room_;
  LoginPlaces logging_in_;                ///< the front loop's
  pool::ServerTls server_tls_;
  pool::Budgets budgets_;
  net::Loop front_;
  std::vector<DoorPtr> doors_;
  std::vector<std::shared_ptr<const net::TlsContext>> certificates_;  ///< that listen() furnishes the doors with, by address
  std::map<std::string, Watched> watched_;                            ///< the servers of the policy in force
  std::vector<std::weak_ptr<pool::ServerWatch>> leaving_;             ///< of policies before
  std::vector<std::unique_ptr<Worker>> workers_;
  Administration administration_;
  bool stopped_ = false;
};

}  // namespace bulkhead::session
