#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pool/counters.h"
#include "pool/pool_rules.h"
#include "pool/budget.h"
#include "pool/recycler.h"
#include "pool/server_connection.h"

namespace bulkhead::pool {

class TenantPool;

/// The right to use one server connection. Move-only; lives in the session that holds it, on the pool's loop. Ends by
/// give_back() when the connection is clean and idle, or by retire() when there is something to undo first. Dropped in
/// any other way it closes the connection: one in an unknown state never goes back to a pool. However it is closed, its place is
/// free when the server has closed its side: until then it is one of those that PostgreSQL counts.
class Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept : pool_(std::move(other.pool_)), connection_(std::move(other.connection_)) {}
  Lease& operator=(Lease&& other) noexcept;
  ~Lease() { drop(); }

  explicit operator bool() const { return connection_ != nullptr; }
  ServerConnection& operator*() const { return *connection_; }
  ServerConnection* operator->() const { return connection_.get(); }

  void give_back(TimePoint now = std::chrono::steady_clock::now());
  /// Rolls back what is open and discards session state as asked, then returns the connection; if that does not come to
  /// a clean end in time, closes it.
  void retire(Undo undo);
  /// Has what still runs there cancelled, and closes the connection: a query may go on for long where PostgreSQL does not look for
  /// a cancel request.
  void abandon();
  void drop();

 private:
  friend class TenantPool;
  Lease(std::shared_ptr<TenantPool> pool, ServerConnectionPtr connection)
      : pool_(std::move(pool)), connection_(std::move(connection)) {}
  std::shared_ptr<TenantPool> pool_;
  ServerConnectionPtr connection_;
};

/// Somebody who waits for a connection. Must call TenantPool::leave() before it dies while it waits.
class Waiter {
 public:
  virtual void on_lease(Lease lease) = 0;
  virtual void on_no_lease(Error error) = 0;

 protected:
  ~Waiter() = default;
};

/// The server connections of one tenant, as many as tenant.pool has it. Made on first use, on the tenant's loop; connections
/// are opened when somebody needs one. Shared by the leases and openings under way; the loop's thread only.
class TenantPool : public std::enable_shared_from_this<TenantPool> {
 public:
  /// `changed` is called when there is one connection less, or one less that is being opened; not on the way of statements.
  TenantPool(net::Loop& loop, std::shared_ptr<const policy::Policy> policy, std::shared_ptr<const policy::Tenant> tenant,
             const ServerTls& tls, HostBook& hosts, Budgets& budgets, std::shared_ptr<Ledger> ledger, std::function<void()> changed);
  ~TenantPool();

  /// A lease at once if a connection is idle. Otherwise the waiter is queued and told later: the connection, or why not
  /// (queue full, `timeout` over, server gone). A timeout of 0: it waits for ever.
  std::optional<Lease> acquire(Waiter& waiter, Duration timeout);
  void leave(Waiter& waiter);

  /// Sends a cancel request, with others under way in its turn: no more at once than the pool may have connections. `done`:
  /// its signal has gone out, or the server cannot be reached.
  void cancel(CancelTarget target, std::function<void()> done);

  /// What a fresh connection would report, as far as those at hand have told; empty until one was opened.
  const Reported& parameters() const { return parameters_; }
  const policy::Tenant& tenant() const { return *tenant_; }
  const policy::Policy& policy() const { return *policy_; }

  /// Another policy, under which connections are opened likewise (policy::same_connections): those there are stay.
  void use(std::shared_ptr<const policy::Policy> policy, std::shared_ptr<const policy::Tenant> tenant);
  /// Opens no connection any more and closes each that comes back: another pool has taken its place. Whoever waits has to leave.
  void retire();
  bool retired() const { return retired_; }

  /// From now on nobody is given a connection, each is closed when it comes back, and whoever asks waits, without its time running.
  void pause();
  void resume();
  bool paused() const { return paused_; }
  /// Each connection there is now is closed when it comes back.
  void reconnect();
  /// There is no connection, nor is one being opened.
  bool drained() const { return open_ == 0 && opening_ == 0; }
  /// Of those that were to be closed, because of reconnect() or retire(), none is left.
  bool renewed() const { return retired_ ? drained() : stale_ == 0; }

  Counters& counters() { return ledger_->now; }
  /// Others have no place for a connection: closes the one that has been idle for longest. False if none is.
  bool make_room();

  /// One client of the tenant. While there is any, pool.minimum is kept open.
  class Presence {
   public:
    explicit Presence(std::shared_ptr<TenantPool> pool) : pool_(std::move(pool)) { ++pool_->clients_; }
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;
    ~Presence() { --pool_->clients_; }

   private:
    const std::shared_ptr<TenantPool> pool_;
  };

  /// Closes what is idle for too long or too old, and opens what pool.minimum lacks. True if the pool holds nothing any more.
  bool sweep(TimePoint now);
  void close();  ///< all idle connections, and no new ones; leases end by themselves

  struct Counts {
    std::size_t clients, waiting;
    std::size_t open;  ///< logged in, of which
    std::size_t idle, undoing, leaving;  ///< the last: left, and not closed by the server yet
    std::size_t opening, cancelling;
    TimePoint::duration longest_wait;
  };
  Counts counts(TimePoint now) const;
  std::size_t idle() const { return idle_.size(); }
  /// What the connections do that no client has: "idle", "tested" (what a client has left is being undone), "being_canceled" (left).
  void visit(const std::function<void(ServerConnection& connection, const char* state)>& visitor);
  /// It will be closed when it comes back.
  bool closes(const ServerConnection& connection, TimePoint now) const {
    return retired_ || paused_ || stale(connection) || connection.tainted() || now >= connection.expires() || unfit(connection);
  }

 private:
  friend class Lease;
  struct Queued {
    Waiter* waiter;
    TimePoint since, deadline;  ///< a pause does not count
    TimePoint asked;
  };
  struct Cancel {
    CancelTarget target;
    std::function<void()> done;
  };
  class IdleWatch;
  class Farewell;

  /// Connections there may be, the reserve's among them.
  std::size_t most() const { return retired_ ? 0 : static_cast<std::size_t>(tenant_->pool.size + tenant_->pool.reserve); }
  Budget::Share& share();
  bool open_one();
  void begin_opening();
  void on_place();
  void settle_wish();
  void close_idle(std::vector<std::unique_ptr<IdleWatch>>::iterator at);
  std::size_t staying() const { return open_ - farewells_.size(); }
  boost::asio::awaitable<void> open();
  void admit(ServerConnection& opened, std::uint64_t generation);
  void returned(ServerConnectionPtr connection, TimePoint now);
  void hear(Backend& backend);
  void hand_out(TimePoint now);
  void closed_one(bool was_stale);
  void close_all_idle();
  bool unfit(const ServerConnection& connection) const;
  void close_idle_at(const ServerConnection& unfit, TimePoint now);
  bool stale(const ServerConnection& connection) const { return connection.generation() != generation_; }
  enum class Busy { no, perhaps };
  void part(ServerConnectionPtr connection, Busy busy);
  void parted(Farewell& farewell);
  void idle_lost(IdleWatch& watch);
  void refuse_all(const Error& error);
  void serve_queue();
  bool wants_another() const;
  Census census() const { return {open_, opening_, queue_.size(), clients_ > 0}; }
  bool has_reserve() const { return tenant_->pool.reserve > 0; }
  TimePoint due(const Queued& waiting, TimePoint now) const;
  void watch_queue_until(TimePoint due);
  void on_due();
  void send_cancels();
  boost::asio::awaitable<void> send(Cancel cancel);

  net::Loop& loop_;
  std::shared_ptr<const policy::Policy> policy_;
  std::shared_ptr<const policy::Tenant> tenant_;
  const ServerTls& tls_;
  HostBook& hosts_;
  Budgets& budgets_;
  const std::shared_ptr<Ledger> ledger_;
  const std::function<void()> changed_;
  std::unique_ptr<Budget::Share> share_;  ///< holds a place for each that is open or opening; see share()
  bool wishes_ = false;                   ///< waits for a place
  Reported parameters_;
  std::vector<std::unique_ptr<IdleWatch>> idle_;  ///< none of them stale; last in, first out: the rest may grow old and close
  std::vector<std::unique_ptr<Farewell>> farewells_;
  std::vector<ServerConnection*> undoing_, abandoned_;  ///< held by who does it
  std::deque<Queued> queue_;
  std::size_t open_ = 0;     ///< logged in: idle, leased, being recycled, or left and not closed by the server yet
  std::size_t opening_ = 0;
  std::deque<Cancel> cancels_;   ///< that wait for their turn
  std::size_t cancelling_ = 0;   ///< under way
  std::size_t clients_ = 0;
  TimePoint fill_after_{};      ///< pool.minimum is not tried for before
  boost::asio::steady_timer deadline_;
  TimePoint next_due_ = TimePoint::max();  ///< of deadline_
  boost::asio::steady_timer retry_;
  std::uint64_t generation_ = 0;  ///< counts reconnect()
  std::size_t stale_ = 0;         ///< of open_: of generations before
  TimePoint paused_at_{};
  bool paused_ = false;
  bool closing_ = false;
  bool retired_ = false;
  bool handing_out_ = false;
};

}  // namespace bulkhead::pool
