#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "admin/snapshot.h"
#include "auth/identity.h"
#include "pool/pool_set.h"
#include "session/client_session.h"
#include "session/generation.h"
#include "session/message_room.h"
#include "session/seats.h"
#include "session/tenant_gates.h"

namespace bulkhead::session {

/// What lives on one event loop: the sessions, pools and caches of the tenants that belong to it. Everything but adopt(),
/// cancel(), use(), publish(), post() and stop() is for the loop's thread only.
class Worker {
 public:
  /// Has a catalogue read anew on the front loop; `done` is called there.
  using AskCatalogue = std::function<void(std::weak_ptr<pool::ServerWatch> watch, std::function<void()> done)>;
  /// `message_room`, `tls`, `hosts`, `budgets` and `observed` must outlive the worker, which needs a first generation before it is started.
  Worker(int index, AskCatalogue ask_catalogue, SharedRoom& message_room, const pool::ServerTls& tls,
         pool::HostBook& hosts, pool::Budgets& budgets, Observed* observed = nullptr);
  ~Worker();

  void start();
  void stop();  ///< any thread: ends every session, then the loop
  void join() { loop_.join(); }

  /// From now on this is in force. Each session goes on under it, or ends, when it has nothing under way. Any thread.
  void use(Generation generation);
  /// Takes a client over whose login is done. Any thread.
  void adopt(net::Stream::Released client, auth::Identity identity, pool::Settings settings, Seat seat);
  /// Any thread; a key that fits no session is ignored.
  void cancel(std::int32_t process_id, std::string secret);
  /// A new view of a server. Any thread.
  void publish(std::shared_ptr<ServerSlot> slot, std::shared_ptr<const pool::ServerView> view);

  /// For the console: `work` is done on this worker's loop. Any thread.
  void post(std::function<void(Worker& worker)> work);
  /// What goes on here.
  admin::Snapshot show(admin::Look at);
  /// Ends every session of the tenant's, or one by the process id of its cancel key: true, if there was one.
  bool kill(const std::string& tenant);
  bool kill(std::int32_t process_id);

  /// The worker a cancel key belongs to; -1 if none could have made it.
  static int index_of(std::int32_t process_id);

  // For the sessions.
  Observed* observed() { return observed_; }  ///< null but in mode observe
  net::Loop& loop() { return loop_; }
  pool::PoolSet& pools() { return pools_; }
  const Generation& generation() const { return generation_; }
  std::shared_ptr<JudgementCache> cache_for(const auth::Identity& identity);
  MessageRoom& message_room_of(const policy::Tenant& tenant) { return tenants_.at(tenant.name).message_room; }
  TenantGates& gates_of(const policy::Tenant& tenant) { return tenants_.at(tenant.name).gates; }
  const std::shared_ptr<Refusals>& refusals_of(const policy::Tenant& tenant) { return record_of(tenant.name).refusals; }
  void renew_catalogue(const ServerSlot& slot, std::function<void()> done);
  void ended(ClientSession& session);
  /// Long texts, and many short ones of one read, are judged turn by turn, in the order of asking, and whatever else has come in
  /// between is done between two of them: on_turn() tells. A session that ends must leave.
  void ask_for_turn(ClientSession& session);
  void leave_turns(ClientSession& session) { std::erase(turns_, &session); }

 private:
  void next_turn();
  void dismiss(net::Stream stream, const Error& error);

  struct TenantState;
  /// What is remembered of a tenant of the policy's, also while it has no session.
  struct Record {
    std::shared_ptr<Refusals> refusals = std::make_shared<Refusals>();
    std::shared_ptr<JudgementCounts> judgements = std::make_shared<JudgementCounts>();
  };

  void tick();
  Record& record_of(const std::string& tenant) { return records_[tenant]; }
  TenantState& state_of(const policy::Tenant& tenant);
  CancelKey new_key();

  const int index_;
  net::Loop loop_;
  boost::asio::steady_timer timer_;
  AskCatalogue ask_catalogue_;
  SharedRoom& message_room_;
  Generation generation_;
  /// What the sessions of one tenant share.
  struct TenantState {
    TenantState(net::Loop& loop, SharedRoom& shared, const policy::TenantLimits& limits, std::function<void()> wake)
        : message_room(shared, limits.message_memory, std::move(wake)), gates(loop, limits) {}
    MessageRoom message_room;
    TenantGates gates;
    std::map<const policy::Role*, std::shared_ptr<JudgementCache>> caches{};  ///< of the generation in force
    std::size_t sessions = 0;
    TimePoint left{};  ///< when the last of them ended
  };
  Observed* observed_;
  std::map<std::string, TenantState> tenants_;  ///< gone some time after its last session
  std::map<std::string, Record> records_;       ///< of those that have been here
  pool::PoolSet pools_;
  std::unordered_map<std::int32_t, std::shared_ptr<ClientSession>> sessions_;  ///< by the cancel key's process id
  std::deque<ClientSession*> turns_;  ///< who waits for one
  bool turning_ = false;              ///< next_turn() has been posted
  bool stopping_ = false;
};

}  // namespace bulkhead::session
