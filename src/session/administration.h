#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "admin/command.h"
#include "admin/dialogue.h"
#include "admin/show.h"
#include "net/loop.h"
#include "policy/model.h"
#include "session/worker.h"

namespace bulkhead::session {

/// What only the application can do, which reads configurations and ends the process. Called on the front loop; must not block.
struct Operations {
  struct Reloaded {
    std::vector<std::string> faults;  ///< with their places; none: it is in force
    std::size_t changes = 0;
  };
  /// `done` may be called on any thread.
  std::function<void(std::function<void(Reloaded)> done)> reload;
  enum class Shutdown { now, wait_for_clients, wait_for_servers };
  /// Of wait_for_servers only that no new clients are taken: `now` follows.
  std::function<void(Shutdown)> shutdown;
};

/// One who has given a command and waits for its end. Shared with those who will tell of it; the front loop's.
struct Patience {
  explicit Patience(net::Loop& front) : timer(front.context()) {}
  /// The end has come, or the wait is over.
  void wake() { timer.cancel(); }

  boost::asio::steady_timer timer;
  bool interrupted = false;                         ///< by a cancel request, or because the session has ended
  std::function<bool()> gone = [] { return false; };  ///< looked at now and then
};

/// What administrators see and do of a running proxy, as commands of the console: hands only, what they mean is said in admin::commands().
/// Lives on the front loop, as long as the proxy.
class Administration {
 public:
  using Clock = std::chrono::system_clock;

  /// `logins`: how many are under way. `consoles`: adds the sessions of the console. `end_console`: ends one of them; false: there is
  /// none of that id.
  struct Consoles {
    std::function<std::size_t()> logins;
    std::function<void(std::vector<admin::Peer>&)> show;
    std::function<bool(std::int32_t id)> end;
  };
  Administration(net::Loop& front, const std::vector<std::unique_ptr<Worker>>& workers, Consoles consoles);

  void use(Operations operations) { operations_ = std::move(operations); }
  /// Another configuration is in force.
  void use(std::shared_ptr<const policy::Policy> policy);
  /// One could not be read: `faults` have their places.
  void refused(std::vector<std::string> faults);

  /// Whether new clients of the tenant are turned away.
  bool disabled(const policy::Tenant& tenant) const { return controls_.disabled.contains(tenant.name); }

  /// Runs a command that has been found allowed. `user`: who says it.
  boost::asio::awaitable<Result<admin::Answer>> run(admin::Command command, std::string user, std::shared_ptr<Patience> patience);

 private:
  template <class Outcome>
  using Ask = std::function<void(Worker& worker, std::function<void(Outcome)> done)>;  ///< on the worker's loop
  template <class Outcome>
  struct Gathering;
  template <class Outcome>
  boost::asio::awaitable<Result<std::vector<Outcome>>> from_workers(std::shared_ptr<Patience> patience, Ask<Outcome> ask);
  void to_workers(const std::function<void(Worker&)>& work);
  boost::asio::awaitable<Result<void>> wait(std::shared_ptr<Patience> patience, std::function<bool()> over);
  boost::asio::awaitable<Result<bool>> pools_are(pool::PoolSet::Until until, pool::PoolSet::Whose whose, std::shared_ptr<Patience> patience);

  boost::asio::awaitable<Result<admin::Answer>> show(admin::Command command, std::shared_ptr<Patience> patience);
  boost::asio::awaitable<Result<admin::Answer>> reload(std::shared_ptr<Patience> patience);
  boost::asio::awaitable<Result<admin::Answer>> control(admin::Command command, std::shared_ptr<Patience> patience);
  boost::asio::awaitable<Result<admin::Answer>> kill_client(admin::Command command, std::shared_ptr<Patience> patience);
  Result<admin::Answer> at_once(const admin::Command& command, const std::string& user);
  Result<admin::Answer> shown(admin::Action action, std::vector<admin::Snapshot>& told);
  Result<void> change(admin::Action action, const pool::PoolSet::Whose& whom);
  Result<void> begin_pause(const pool::PoolSet::Whose& whom);
  boost::asio::awaitable<void> shut_down_when_drained();
  Result<admin::Answer> shutdown(std::string_view how);
  Result<admin::Answer> set(const admin::Command& command);
  std::vector<admin::Row> policy_rows() const;

  net::Loop& front_;
  const std::vector<std::unique_ptr<Worker>>& workers_;
  const Consoles consoles_;
  Operations operations_;
  admin::Controls controls_;  ///< the workers' pools have the same pauses
  std::shared_ptr<const policy::Policy> policy_;
  Clock::time_point since_;
  std::vector<std::string> faults_;  ///< of the last configuration that was refused, if none has come in force since
  Clock::time_point refused_at_;
};

}  // namespace bulkhead::session
