#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
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

  /// Takes every place to listen at, or says which cannot be had; nothing runs yet. To take places over is to leave clients with who has
  /// them until this proxy has looked at its servers.
  Result<void> listen(net::Occupied occupied);

  /// `operations`: for the console. `listening` is called on the front loop when clients can connect, or with the reason why they cannot.
  void start(Operations operations, std::function<void(Result<void>)> listening);
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
  /// Nobody can connect any more, nobody is logging in, and no client is there.
  bool deserted() const { return entering_ == 0 && seats_.all() == 0; }
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

  /// What keeps the proxy from being deserted, until it is dropped. Its thread is the front loop's.
  class Entering {
   public:
    explicit Entering(std::atomic<int>& count) : count_(&count) { ++count; }
    Entering(Entering&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
    Entering& operator=(Entering&&) = delete;
    ~Entering() {
      if (count_) --*count_;
    }

   private:
    std::atomic<int>* count_;
  };

  Result<std::vector<DoorPtr>> make_doors(const policy::ListenAddress& address, net::Occupied occupied);
  Result<void> open_doors();
  void attend(const DoorPtr& door);
  boost::asio::awaitable<void> accept_at(DoorPtr door);
  void furnish_doors(const std::vector<std::shared_ptr<const net::TlsContext>>& certificates);
  void put_in_force(std::map<std::string, Watched> before);
  Result<void> replace(std::shared_ptr<const auth::Credentials> credentials, Certificates certificates);
  boost::asio::awaitable<void> serve(net::Stream stream, DoorPtr door, Entering entering);
  boost::asio::awaitable<void> serve(net::Stream stream, AdmittedAdministrator admitted);
  CancelKey new_console_key() const;
  bool end_console(std::int32_t id);
  Worker& worker_of(const policy::Tenant& tenant);
  void ask_catalogue(std::weak_ptr<pool::ServerWatch> watch, std::function<void()> done);

  const policy::Policy& policy() const { return *credentials_->policy(); }

  std::shared_ptr<const auth::Credentials> credentials_;  ///< in force; the front loop's
  std::unique_ptr<Observed> observed_;
  Seats seats_;
  std::atomic<int> entering_{0};  ///< doors that accept, and logins under way
  std::map<std::int32_t, ConsoleSession*> consoles_;  ///< by their cancel key's process id; the front loop's, which ends before
  SharedRoom message_room_;
  LoginPlaces logging_in_;                ///< the front loop's
  pool::ServerTls server_tls_;
  pool::HostBook hosts_;
  pool::Budgets budgets_;
  net::Loop front_;
  std::vector<DoorPtr> doors_;
  std::vector<std::shared_ptr<const net::TlsContext>> certificates_;  ///< that listen() furnishes the doors with, by address
  std::map<std::string, Watched> watched_;                            ///< the servers of the policy in force
  std::vector<std::weak_ptr<pool::ServerWatch>> leaving_;             ///< of policies before
  std::vector<std::unique_ptr<Worker>> workers_;
  Administration administration_;
  net::Occupied occupied_ = net::Occupied::refuse;
  bool accepting_ = true;  ///< the front loop's
  bool stopped_ = false;
};

}  // namespace bulkhead::session
