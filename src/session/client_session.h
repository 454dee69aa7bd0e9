#pragma once

#include <array>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/identity.h"
#include "net/channel.h"
#include "pool/tenant_pool.h"
#include "session/conversation.h"
#include "session/judge.h"
#include "session/lasting.h"
#include "session/message_room.h"
#include "session/seats.h"
#include "session/spans.h"
#include "session/tenant_gates.h"

namespace bulkhead::admin {
struct Snapshot;
}

namespace bulkhead::session {

class Worker;
struct ServerSlot;

/// How often the sessions of a worker that are busy look at the clock.
inline constexpr Duration kTick{1000};

/// A client's cancel key (BackendKeyData). The process id says which worker, and which session there.
struct CancelKey {
  std::int32_t process_id = 0;
  std::string secret;  ///< 4 bytes
};

/// One client after its login: carries bytes between its socket, its conversation and the leased server connection.
/// Hands only; what to do is the conversation's to say. Held by its worker; the worker's loop's thread only.
class ClientSession final : public std::enable_shared_from_this<ClientSession>,
                            private net::Channel::Owner,
                            private pool::Waiter,
                            private MessageRoom::Guest,
                            private Gate::Guest {
 public:
  ClientSession(Worker& worker, net::Stream client, auth::Identity identity, pool::Settings settings, CancelKey key,
                Seat seat);

  /// Welcomes the client, once its settings are known to be good.
  void start();
  /// The worker has another generation: goes on under that, or ends if that has no place for it; later, if a transaction or a batch
  /// is under way.
  void follow();
  /// A CancelRequest with this session's key has come.
  void cancel();
  /// Ends the session with a FATAL error of ours; without words if the error has none.
  void terminate(const Error& error);
  /// Once a second while busy(): notices what takes too long, and what nobody goes on with.
  void tick();

  const CancelKey& key() const { return key_; }
  const auth::Identity& identity() const { return identity_; }
  bool busy() const {
    return lease_ || !unread_.empty() || waiting_ != Waiting::nothing || leaving_ != Leaving::no || timeouts_.client_idle.count() > 0;
  }
  /// Adds what the console shows of it and of the connection it has.
  void show(admin::Snapshot& snapshot, TimePoint now);

  /// It is this session's turn to have text judged, see Worker::ask_for_turn().
  void on_turn();

 private:
  enum class Waiting { nothing, welcome, server, catalogue, drain, room, turn, cancel, rate, place };
  /// Why the client will say nothing more, while what it has said before is still being done.
  enum class Leaving { no, terminated, hung_up };

  void on_readable(net::Channel& channel) override;
  void on_drained(net::Channel& channel) override;
  void on_lease(pool::Lease lease) override;
  void on_no_lease(Error error) override;
  void on_room(Reservation reservation) override;
  void on_pass(Gate& gate) override;

  /// Every way in from outside. What is half done when it fails (no memory, most likely) is this session's alone.
  template <class Work>
  void guarded(Work work) {
    const auto self = shared_from_this();
    try {
      work();
    } catch (const std::exception& failure) {
      failed(failure);
    }
  }
  void failed(const std::exception& failure);
  void read_client();
  void read_server();
  std::size_t process(std::string_view bytes);
  bool take(proto::FrameHeader header, std::string_view frame);
  bool admit(char type);
  void charge(std::uint64_t statements);
  bool needs_place() const;
  void leave_place();
  void leave_gates();
  bool may_read();
  void refuse_waiting(Error error);
  bool obtain_server(proto::FrameHeader header);
  void refuse(proto::FrameHeader header, Error error);
  void discard(proto::FrameHeader header, Error error);
  void leave(Leaving how);
  bool has_left() const;
  bool outdated() const;
  void use_limits();
  void change_pool();
  void pursue_cancel();
  void on_cancelled();
  void watch_leaving();
  void watch_queue();
  void watch_message();
  void watch_transaction();
  void watch_gates();
  void watch_idle();
  void look(Duration apart);
  void keep_looking();
  void expire_statement();
  void resume();
  void settle();
  void count(TimePoint now);
  void to_client(std::string_view bytes);
  void welcome();
  void adopt(pool::Lease lease);
  void release_if_possible();
  void end();

  struct ServerSink;

  Worker& worker_;
  auth::Identity identity_;
  const CancelKey key_;
  const Seat seat_;
  std::shared_ptr<net::Channel> client_;
  policy::Timeouts timeouts_;  ///< of the tenant's and the user's the stricter
  std::shared_ptr<pool::TenantPool> pool_;
  std::optional<pool::TenantPool::Presence> presence_;  ///< in pool_
  const std::shared_ptr<pool::Ledger> ledger_;          ///< of the tenant's name
  const std::shared_ptr<Refusals> refusals_;            ///< likewise
  const std::chrono::system_clock::time_point connected_ = std::chrono::system_clock::now();
  Spans spans_;
  TimePoint queued_since_{};  ///< for a server connection, if it waits for one
  TenantGates& gates_;         ///< of the tenant's name, whatever the generation
  TenantGates::OfUser& user_;  ///< of gates_
  bool limited_ = false;       ///< statements have to pass gates
  std::shared_ptr<JudgementCache> cache_;
  std::shared_ptr<ServerSlot> server_;
  Judge judge_;
  const pool::Settings startup_;
  Conversation conversation_;
  pool::Lease lease_;
  std::string unread_;           ///< of the client: an incomplete message, or what waits for `waiting_`
  std::size_t copying_ = 0;      ///< bytes still to come of a CopyData message that is taken in pieces
  std::size_t discarding_ = 0;   ///< bytes still to come of a message that was too long
  Reservation room_;             ///< for a long message that is being received
  Reservation passing_;          ///< of one that has not gone to the server yet
  Waiting waiting_ = Waiting::nothing;
  std::unique_ptr<Error> no_lease_;  ///< set when acquire() refuses while it is being called
  bool acquiring_ = false;
  bool cancel_asked_ = false;    ///< for what is owed now
  bool cancelling_ = false;      ///< a cancel request is under way to the server
  bool turn_ = false;            ///< to have judged what comes next, however long
  std::size_t tolls_ = 0;        ///< gates that the message which comes next has passed
  bool inside_ = false;          ///< has a place among those whose statements run
  bool throttled_ = false;       ///< waits before it may read more of the server's
  Leaving leaving_ = Leaving::no;
  bool deaf_ = false;            ///< leaving, and takes no answers any more: they are thrown away
  bool ended_ = false;
  // A tick each; the first may come at once, so that one less has passed for certain: no limit is cut short.
  Duration quiet_{0};    ///< since the last whole message of either side
  Duration queued_{0};   ///< waiting for a server connection, or at a gate
  Duration gone_{0};     ///< since it began to leave
  Duration stuck_{0};    ///< since it last took something, while leaving
  std::size_t stuck_at_ = 0;  ///< what it had not taken then
  std::uint64_t taken_ = 0;   ///< by it, at the last tick while leaving
  Duration arriving_{0};  ///< how long a message has been on its way here, or waited for room
  Duration apart_{0};  ///< looks at what goes on, see look()
  Lasting statement_, transaction_;
  std::optional<std::uint64_t> expired_;  ///< the statement, by number, that has had its time
  std::unique_ptr<net::Deadline> next_look_;  ///< where a tick is not often enough
};

}  // namespace bulkhead::session
