#include <algorithm>

#include "proto/frontend.h"
#include "session/client_session.h"
#include "session/worker.h"

// What of a session is time: who waits too long, says nothing for too long, or keeps others waiting.

namespace bulkhead::session {
namespace {

constexpr std::size_t kMebibyte = 1u << 20;
/// What a client that has hung up without a word was waiting for may go on that long.
constexpr Duration kGrace{5000};
/// A statement that a cancel request has not ended is sent another one after so long.
constexpr Duration kAskAgain{5000};

/// The HINT at a time limit: whose it is, if of tenant and user the user's is the stricter one.
std::string sets_the_time(std::string_view line, Duration of_tenant, Duration of_user) {
  const bool is_users = of_user.count() > 0 && (of_tenant.count() <= 0 || of_user < of_tenant);
  return "limits." + std::string(line) + (is_users ? " of the user" : "") + " sets the time.";
}

}  // namespace

void ClientSession::tick() {
  guarded([&] {
    if (leaving_ != Leaving::no) return watch_leaving();
    if (waiting_ == Waiting::server || (waiting_ == Waiting::welcome && !lease_)) return watch_queue();
    if (waiting_ == Waiting::rate || waiting_ == Waiting::place) watch_gates();
    if (!ended_) watch_message();
    if (!ended_) watch_transaction();
    if (!ended_) watch_idle();
    if (!ended_ && apart_ >= kTick) look(kTick);
  });
}

void ClientSession::watch_leaving() {
  // It may have closed one side only, and read: who takes bytes has not gone.
  const auto taken = client_->sent();
  gone_ = std::exchange(taken_, taken) != taken && !deaf_ ? Duration{0} : gone_ + kTick;
  const bool limited = leaving_ == Leaving::hung_up || conversation_.observing();  // nobody knows what is owed in mode observe
  if (limited && gone_ - kTick >= kGrace) {
    if (!conversation_.observing())
      return terminate(make_error(sqlstate::connection_failure, "terminating connection: the client has closed its side"));
    return end();
  }
  // What it has begun is finished even if it does not stay to hear of it, as most do not.
  const auto unsent = client_->unsent();
  stuck_ = unsent > 0 && unsent == stuck_at_ ? stuck_ + kTick : Duration{0};
  stuck_at_ = unsent;
  if (stuck_ < kGrace) return;
  deaf_ = true;
  settle();
}

/// Who has gone while it waits for a connection has begun nothing, and takes no place.
void ClientSession::watch_queue() {
  queued_ += kTick;
  if (queued_ > kTick && client_->hung_up())
    terminate(make_error(sqlstate::connection_failure, "the client has closed its side while it waited for a server connection"));
}

/// As those who wait for a connection, see watch_queue().
void ClientSession::watch_gates() {
  queued_ += kTick;
  if (queued_ > kTick && client_->hung_up() && !conversation_.answers_owed())
    return terminate(make_error(sqlstate::connection_failure, "the client has closed its side while it waited for its turn"));
  if (timeouts_.queue.count() <= 0 || queued_ - kTick < timeouts_.queue) return;
  leave_gates();
  const bool rate = waiting_ == Waiting::rate, users = rate && tolls_ == 0;
  refuse_waiting(make_error(
      sqlstate::configuration_limit_exceeded,
      std::string("too many statements of this ") + (users ? "user" : "tenant") + (rate ? " per second" : " at once"),
      std::string(rate ? "limits.statements_per_second" : "limits.statements") + (users ? " of the user" : "") +
          " and limits.queue_timeout set the numbers."));
}

/// A client that has nothing under way and says nothing.
void ClientSession::watch_idle() {
  const auto limit = timeouts_.client_idle;
  if (limit.count() <= 0 || waiting_ != Waiting::nothing || !unread_.empty() || conversation_.answers_owed() ||
      conversation_.holds_open())
    return;
  quiet_ += kTick;
  if (quiet_ - kTick >= limit)
    terminate(make_error(sqlstate::idle_session_timeout, "terminating connection due to idle-session timeout",
                         sets_the_time("client_idle", identity_.tenant().limits.timeouts.client_idle,
                                       identity_.user().limits.timeouts.client_idle)));
}

/// Whether what goes on on the server has taken too long. `apart`: since the last look.
void ClientSession::look(Duration apart) {
  if (leaving_ != Leaving::no) return;
  if (lease_ && (conversation_.answers_owed() || conversation_.holds_open()))
    transaction_.see(conversation_.transactions_ended(), apart);
  else
    transaction_.see_nothing();
  if (transaction_.reaches(timeouts_.transaction))
    return terminate(make_error(sqlstate::transaction_timeout, "terminating connection due to transaction timeout",
                                sets_the_time("transaction_timeout", identity_.tenant().limits.timeouts.transaction,
                                              identity_.user().limits.timeouts.transaction)));
  if (throttled_) return;  // it is we who let the server wait
  if (!lease_ || conversation_.running() != Conversation::Running::theirs) return statement_.see_nothing();
  const auto number = conversation_.statements_ended();
  statement_.see(number, apart);
  // It may have come to its end, and the server keeps that back for a Sync that may never come.
  if (statement_.time() == apart) {
    conversation_.flush_batch();
    settle();
  }
  const auto limit = timeouts_.statement;
  if (limit.count() > 0 && statement_.reaches(number == expired_ ? std::max(limit, kAskAgain) : limit)) expire_statement();
}

/// A look every so often, for as long as there is a connection to look at.
void ClientSession::keep_looking() {
  next_look_ = std::make_unique<net::Deadline>(worker_.loop(), apart_, [this, apart = apart_] {
    guarded([&] {
      look(apart);
      if (lease_ && !ended_ && apart_ < kTick)
        keep_looking();
      else
        next_look_.reset();
    });
  });
}

void ClientSession::expire_statement() {
  expired_ = conversation_.statements_ended();
  statement_.restart();
  cancel_asked_ = conversation_.expire(make_error(
      sqlstate::query_canceled, "canceling statement due to statement timeout",
      sets_the_time("statement_timeout", identity_.tenant().limits.timeouts.statement, identity_.user().limits.timeouts.statement)));
  pursue_cancel();
  settle();
}

void ClientSession::watch_message() {
  const auto& limits = identity_.tenant().limits;
  if (waiting_ == Waiting::room) {
    arriving_ += kTick;
    if (timeouts_.queue.count() <= 0 || arriving_ - kTick < timeouts_.queue) return;
    worker_.message_room_of(identity_.tenant()).leave(*this);
    waiting_ = Waiting::nothing;
    const auto header = proto::peek_frame(unread_, proto::Direction::frontend);
    discard(**header, make_error(sqlstate::out_of_memory, "no room for a long message became free within queue_timeout",
                                 "limits.message_memory, limits.message_memory_per_tenant and limits.queue_timeout set "
                                 "the numbers."));
    resume();
    return settle();
  }
  // Only time in which it was the client's turn counts: what is left unread then is the beginning of a message.
  if (waiting_ != Waiting::nothing || unread_.empty() || !client_->waits_to_read()) return;
  arriving_ += kTick;
  if (limits.message_timeout.count() > 0 &&
      arriving_ - kTick >= limits.message_timeout * (1 + static_cast<Duration::rep>(unread_.size() / kMebibyte)))
    terminate(make_error(sqlstate::idle_session_timeout, "terminating connection: a message did not arrive whole in time",
                         "limits.message_timeout sets the time."));
}

void ClientSession::watch_transaction() {
  const auto limit = timeouts_.idle_in_transaction;
  if (limit.count() <= 0 || !lease_ || !conversation_.holds_open()) return;
  quiet_ += kTick;
  if (conversation_.answers_owed()) {
    // A statement runs, or the server is done and holds the answers back for a Sync that may never come: a Flush tells
    // the two apart, and the client has been idle from those answers on.
    if (quiet_ == kTick) {
      conversation_.flush_batch();
      settle();
    }
    return;
  }
  if (quiet_ - kTick >= limit)
    terminate(make_error(sqlstate::idle_in_transaction_session_timeout, "terminating connection due to idle-in-transaction timeout",
                         sets_the_time("idle_in_transaction", identity_.tenant().limits.timeouts.idle_in_transaction,
                                       identity_.user().limits.timeouts.idle_in_transaction)));
}

}  // namespace bulkhead::session
