#include "session/client_session.h"

#include "base/log.h"
#include "proto/backend.h"
#include "proto/frontend.h"
#include "session/generation.h"
#include "session/startup.h"
#include "session/worker.h"

namespace bulkhead::session {
namespace {

/// Shorter messages are held without asking for room: as much as one read brings.
constexpr std::size_t kShort = 65536;
/// More text than this takes milliseconds to judge, be it one text or many: a turn for each, and everybody's short ones between.
constexpr std::size_t kTextOfATurn = 4096;

bool keeps_server(const auth::Identity& identity) { return identity.policy()->pool.mode == policy::PoolMode::session; }
bool hides_columns(const auth::Identity& identity) { return identity.role() && identity.role()->hides_columns(); }

std::size_t longest(const policy::TenantLimits& limits, char type) {
  return type == 'Q' || type == 'P' ? limits.statement_size + policy::kBesidesText : limits.message_size;
}

bool brings_statement(char type) { return type == proto::Query::kType || type == proto::Execute::kType; }

}  // namespace

ClientSession::ClientSession(Worker& worker, net::Stream client, auth::Identity identity, pool::Settings settings,
                             CancelKey key, Seat seat)
    : worker_(worker),
      identity_(std::move(identity)),
      key_(std::move(key)),
      seat_(std::move(seat)),
      client_(std::make_shared<net::Channel>(worker.loop(), std::move(client))),
      pool_(worker.pools().pool_for(identity_)),
      presence_(std::in_place, pool_),
      ledger_(worker.pools().ledger_of(identity_.tenant().name)),
      refusals_(worker.refusals_of(identity_.tenant())),
      gates_(worker.gates_of(identity_.tenant())),
      user_(gates_.of(identity_.user())),
      cache_(worker.cache_for(identity_)),
      server_(worker.generation().servers.at(identity_.tenant().server)),
      judge_(identity_, *cache_, server_->view),
      startup_(std::move(settings)),
      conversation_(judge_, identity_.tenant().limits,
                    keeps_server(identity_), startup_, key_.process_id, worker.observed(), hides_columns(identity_)) {
  client_->set_owner(this);
  conversation_.count_refusals(*refusals_);
  ++ledger_->now.logins;
  ++user_.clients;
  use_limits();
}

/// What those in force come to for this session.
void ClientSession::use_limits() {
  const auto& user = identity_.user();
  timeouts_ = policy::stricter(identity_.tenant().limits.timeouts, user.limits.timeouts);
  gates_.use(user);
  limited_ = gates_.statements().limited() || gates_.running().limited() || user_.statements.limited();
  apart_ = Lasting::apart_for(timeouts_.statement, timeouts_.transaction);
  conversation_.one_batch_at_a_time(timeouts_.statement.count() > 0);
  if (lease_ && apart_ < kTick && !next_look_) keep_looking();
}

void ClientSession::failed(const std::exception& failure) {
  log::error("session failed", {{"tenant", identity_.tenant().name}, {"error", failure.what()}});
  if (lease_) lease_->taint();
  end();
}

// --- Welcome ---------------------------------------------------------------------------------------------------------

void ClientSession::start() {
  if (const auto& user = identity_.user(); user.limits.clients > 0 && user_.clients > user.limits.clients) {
    log::warning("user has too many clients",
                 {{"user", user.name}, {"tenant", identity_.tenant().name}, {"clients", user.limits.clients}});
    return terminate(make_error(sqlstate::too_many_connections, "sorry, too many clients of this user already",
                                "limits.clients of the user sets the number."));
  }
  if (!pool_->parameters().empty() && known_in_advance(startup_)) return welcome();
  // The first client of a pool, or one with settings the server has to look at: ask a connection.
  waiting_ = Waiting::welcome;
  queued_since_ = std::chrono::steady_clock::now();
  acquiring_ = true;
  auto lease = pool_->acquire(*this, timeouts_.queue);
  acquiring_ = false;
  if (no_lease_)
    terminate(*no_lease_);
  else if (lease)
    on_lease(std::move(*lease));
}

/// AuthenticationOk has been sent by the login; now what a server says when it is ready for the first query.
void ClientSession::welcome() {
  waiting_ = Waiting::nothing;
  conversation_.introduce(pool_->parameters());
  std::string out = conversation_.take_to_client();
  proto::encode(proto::BackendKeyData{key_.process_id, key_.secret}, out);
  proto::encode(proto::ReadyForQuery{'I'}, out);
  client_->send(out);
  client_->want_readable();
}

// --- Another configuration -------------------------------------------------------------------------------------------

bool ClientSession::outdated() const { return identity_.policy() != worker_.generation().policy(); }

void ClientSession::follow() {
  if (ended_ || leaving_ != Leaving::no || !outdated()) return;
  if (lease_ && (!conversation_.at_rest() || lease_->has_partial() || waiting_ == Waiting::welcome)) return;
  guarded([&] {
    auto current = worker_.generation().credentials->renew(identity_);
    if (!current) return terminate(current.error());
    identity_ = std::move(*current);
    cache_ = worker_.cache_for(identity_);
    server_ = worker_.generation().servers.at(identity_.tenant().server);
    judge_.use(*cache_, server_->view);
    conversation_.use(identity_.tenant().limits, keeps_server(identity_), hides_columns(identity_));
    use_limits();
    change_pool();
  });
}

/// To the pool of the generation, if that is another one.
void ClientSession::change_pool() {
  const auto before = std::exchange(pool_, worker_.pools().pool_for(identity_));
  if (before == pool_) return;
  presence_.emplace(pool_);
  if (lease_) {
    Error error = make_error(sqlstate::admin_shutdown, "terminating connection due to administrator command");
    error.detail = "The configuration has been read anew: this tenant's database is another one, and what this session has on the "
                   "connection to the one before cannot be taken along.";
    return terminate(error);
  }
  const bool waits = waiting_ == Waiting::server || waiting_ == Waiting::welcome;
  if (!waits) return;
  before->leave(*this);
  if (waiting_ == Waiting::welcome) return start();
  waiting_ = Waiting::nothing;
  resume();
  settle();
}

// --- From the client ---------------------------------------------------------------------------------------------------

void ClientSession::on_readable(net::Channel& channel) {
  guarded([&] {
    if (&channel == client_.get())
      read_client();
    else
      read_server();
  });
}

void ClientSession::read_client() {
  if (waiting_ != Waiting::nothing) return;  // asked for before; what has come stays in the socket
  const auto space = worker_.loop().scratch();
  const auto got = client_->read_some(space);
  if (got.state == net::IoResult::State::closed) {
    if (!conversation_.answers_owed() || conversation_.awaits_rows()) return end();
    leave(Leaving::hung_up);
  }
  if (got.state == net::IoResult::State::ok) {
    ledger_->now.received += got.bytes;
    std::string_view bytes(space.data(), got.bytes);
    if (unread_.empty()) {
      const auto used = process(bytes);
      if (ended_) return;
      if (used < bytes.size()) unread_.assign(bytes.substr(used));
    } else {
      // All at once where it is known: growing by doubling would take more than was asked for.
      if (room_) unread_.reserve(room_.bytes() + space.size());
      unread_.append(bytes);
      resume();
    }
  }
  settle();
}

/// Goes on with what has been read before.
void ClientSession::resume() {
  std::string bytes = std::exchange(unread_, {});
  bytes.erase(0, process(bytes));
  if (ended_ || bytes.empty()) return;
  if (!room_ && bytes.capacity() > 2 * kShort) bytes.shrink_to_fit();
  unread_ = std::move(bytes);
}

/// Takes whole messages until there is none, or one has to wait. How many bytes were used.
std::size_t ClientSession::process(std::string_view bytes) {
  std::size_t used = 0, judged = 0;
  while (!ended_ && waiting_ == Waiting::nothing && used < bytes.size()) {
    const auto rest = bytes.substr(used);
    if (discarding_ > 0) {
      const auto now = std::min(discarding_, rest.size());
      discarding_ -= now;
      used += now;
      continue;
    }
    if (copying_ > 0) {
      const auto now = rest.substr(0, copying_);
      conversation_.on_copy_data(now);
      copying_ -= now.size();
      used += now.size();
      continue;
    }
    const auto header = proto::peek_frame(rest, proto::Direction::frontend);
    if (!header) {
      terminate(header.error());
      break;
    }
    if (!*header) break;
    if ((*header)->type == proto::CopyData::kType && conversation_.expects_copy_data()) {
      if (conversation_.on_copy_data({}) == Conversation::Need::drain) {
        waiting_ = Waiting::drain;
        break;
      }
      copying_ = (*header)->body_length;
      used += proto::kFrameHeaderLength;
      continue;
    }
    // Behind what is under way another configuration is in force.
    if (outdated() && lease_ && conversation_.answers_owed() && !conversation_.batch_open()) {
      waiting_ = Waiting::drain;
      break;
    }
    const std::size_t length = (*header)->frame_length();
    if (length > longest(identity_.tenant().limits, (*header)->type)) {
      discard(**header, make_error(sqlstate::program_limit_exceeded, "the message is longer than this proxy accepts",
                                   "limits.statement_size and limits.message_size set the numbers."));
      continue;
    }
    if (length > rest.size()) {
      if (length > kShort && !room_) {
        room_ = worker_.message_room_of(identity_.tenant()).reserve(length, *this);
        if (!room_) waiting_ = Waiting::room;
      }
      break;
    }
    const bool text = (*header)->type == proto::Query::kType || (*header)->type == proto::Parse::kType;
    if (text && judged + length > kTextOfATurn && !turn_) {
      waiting_ = Waiting::turn;
      worker_.ask_for_turn(*this);
      break;
    }
    // A late signal must not meet what comes next: not even the SET of ours that goes before it.
    if (cancelling_ && lease_ && !conversation_.answers_owed()) {
      waiting_ = Waiting::cancel;
      break;
    }
    if (limited_ && !admit((*header)->type)) break;
    const auto sent = conversation_.statements_sent();
    if (!take(**header, rest.substr(0, length))) break;
    if (limited_) charge(conversation_.statements_sent() - sent);
    used += length;
    if (text) judged += length;
    turn_ = false;
    tolls_ = 0;
    arriving_ = Duration{0};
    if (room_) passing_ = std::move(room_);
  }
  return used;
}

/// Whether the message may go on now: a statement in its turn, by the rates of its user and its tenant; and with a place among those
/// whose statements run. Who has a transaction open may hold locks for which those wait, and goes on whether there is one or not.
bool ClientSession::admit(char type) {
  if (brings_statement(type)) {
    const std::array<TimedGate*, 2> rates{&user_.statements, &gates_.statements()};
    for (; tolls_ < rates.size(); ++tolls_) {
      if (rates[tolls_]->enter(*this)) continue;
      waiting_ = Waiting::rate;
      queued_ = Duration{0};
      return false;
    }
  }
  if (!gates_.running().limited() || inside_ || type == proto::Terminate::kType || type == proto::Sync::kType ||
      type == proto::Flush::kType)
    return true;
  if (conversation_.holds_open()) {
    gates_.running().enter_anyway();
  } else if (!gates_.running().enter(*this)) {
    waiting_ = Waiting::place;
    queued_ = Duration{0};
    return false;
  }
  inside_ = true;
  return true;
}

/// A message has been taken, with so many statements in it: what they cost beyond the one that was paid for.
void ClientSession::charge(std::uint64_t statements) {
  if (statements <= 1) return;
  user_.statements.spend(statements - 1);
  gates_.statements().spend(statements - 1);
}

bool ClientSession::needs_place() const {
  return conversation_.answers_owed() || waiting_ == Waiting::server || waiting_ == Waiting::catalogue;
}

void ClientSession::leave_place() {
  if (std::exchange(inside_, false)) gates_.running().give_back();
}

void ClientSession::leave_gates() {
  user_.statements.leave(*this);
  gates_.statements().leave(*this);
  gates_.running().leave(*this);
}

void ClientSession::on_pass(Gate& gate) {
  if (gates_.bytes().is(gate)) {
    throttled_ = false;
    return guarded([&] { settle(); });
  }
  if (std::exchange(waiting_, Waiting::nothing) == Waiting::place)
    inside_ = true;
  else
    ++tolls_;
  guarded([&] {
    resume();
    settle();
  });
}

/// In mode observe nothing is kept of what the server and the client are about, so that no answer of ours would fit in.
void ClientSession::refuse(proto::FrameHeader header, Error error) {
  refusals_->count(error);
  if (conversation_.observing()) return terminate(error);
  conversation_.refuse(header, std::move(error));
}

/// Refuses a message without holding it: its bytes are thrown away as they come.
void ClientSession::discard(proto::FrameHeader header, Error error) {
  refuse(header, std::move(error));
  discarding_ = header.frame_length();
  arriving_ = Duration{0};
}

void ClientSession::on_room(Reservation reservation) {
  room_ = std::move(reservation);
  arriving_ = Duration{0};
  waiting_ = Waiting::nothing;
  guarded([&] { settle(); });
}

void ClientSession::on_turn() {
  turn_ = true;
  waiting_ = Waiting::nothing;
  guarded([&] {
    resume();
    settle();
  });
}

/// True if the message is done with.
bool ClientSession::take(proto::FrameHeader header, std::string_view frame) {
  quiet_ = Duration{0};
  for (;;) {
    switch (conversation_.on_client(header, frame)) {
      case Conversation::Need::nothing: return true;
      case Conversation::Need::server:
        if (obtain_server(header)) continue;
        return waiting_ == Waiting::nothing;  // refused: done with
      case Conversation::Need::catalogue:
        waiting_ = Waiting::catalogue;
        worker_.renew_catalogue(*server_, [weak = weak_from_this()] {
          const auto self = weak.lock();
          if (!self || self->ended_) return;
          self->waiting_ = Waiting::nothing;
          self->conversation_.catalogue_renewed();
          self->guarded([&] {
            self->resume();
            self->settle();
          });
        });
        return false;
      case Conversation::Need::drain: waiting_ = Waiting::drain; return false;
      case Conversation::Need::end: leave(Leaving::terminated); return true;
    }
  }
}

/// True if there is a server connection now.
bool ClientSession::obtain_server(proto::FrameHeader header) {
  acquiring_ = true;
  auto lease = pool_->acquire(*this, timeouts_.queue);
  acquiring_ = false;
  if (lease) {
    adopt(std::move(*lease));
    return true;
  }
  if (no_lease_) {
    refuse(header, *std::exchange(no_lease_, nullptr));
    return false;
  }
  waiting_ = Waiting::server;
  queued_since_ = std::chrono::steady_clock::now();
  queued_ = Duration{0};
  return false;
}

void ClientSession::adopt(pool::Lease lease) {
  lease_ = std::move(lease);
  lease_->channel().set_owner(this);
  lease_->channel().want_readable();
  conversation_.attach(lease_->backend());
  if (apart_ < kTick && !next_look_) keep_looking();
}

void ClientSession::on_lease(pool::Lease lease) {
  const bool welcoming = waiting_ == Waiting::welcome;
  guarded([&] {
    adopt(std::move(lease));
    if (welcoming) {
      conversation_.begin();
      if (conversation_.idle()) {
        welcome();
        release_if_possible();
      }
    } else {
      waiting_ = Waiting::nothing;
      resume();
    }
    settle();
  });
}

void ClientSession::on_no_lease(Error error) {
  if (acquiring_) {
    no_lease_ = std::make_unique<Error>(std::move(error));
    return;
  }
  if (waiting_ == Waiting::welcome || error.state == sqlstate::admin_shutdown) return terminate(error);
  guarded([&] { refuse_waiting(std::move(error)); });
}

/// The message that waits is the first of what was left unread.
void ClientSession::refuse_waiting(Error error) {
  waiting_ = Waiting::nothing;
  const auto header = proto::peek_frame(unread_, proto::Direction::frontend);
  refuse(**header, std::move(error));
  if (ended_) return;
  unread_.erase(0, (*header)->frame_length());
  turn_ = false;
  tolls_ = 0;
  room_.release();
  resume();
  settle();
}

// --- From the server ---------------------------------------------------------------------------------------------------

struct ClientSession::ServerSink {
  Conversation& conversation;
  Result<void> frame(proto::FrameHeader header, std::string_view whole) { return conversation.on_server(header, whole); }
  Result<void> piece(std::string_view bytes) { return conversation.on_server_piece(bytes); }
};

void ClientSession::read_server() {
  if (!lease_ || (client_->unsent() > 0 && !deaf_) || !may_read()) return;
  ServerSink sink{conversation_};
  const auto received = lease_->receive(sink);
  const bool silent = spans_.running() && !conversation_.answers_owed();
  const TimePoint now = silent ? std::chrono::steady_clock::now() : TimePoint{};
  if (silent) count(now);
  if (!received) {
    lease_->taint();
    if (!received.error().message.empty())
      log::warning("server connection failed", {{"tenant", identity_.tenant().name}, {"error", received.error().message}});
    return terminate(received.error());
  }
  if (*received == pool::ServerConnection::Received::closed) {
    lease_->taint();
    return terminate(make_error(sqlstate::connection_failure, "the database server closed the connection unexpectedly"));
  }
  if (cancel_asked_) pursue_cancel();
  if (leaving_ != Leaving::no) return settle();
  if (*received == pool::ServerConnection::Received::something) quiet_ = Duration{0};
  if (waiting_ == Waiting::welcome && conversation_.idle()) welcome();
  if (waiting_ == Waiting::drain) waiting_ = Waiting::nothing;
  release_if_possible();
  if (outdated()) follow();
  if (!ended_ && waiting_ == Waiting::nothing && !unread_.empty()) resume();
  settle();
}

/// What has come to its end by now.
void ClientSession::count(TimePoint now) {
  auto& counters = ledger_->now;
  const Tally tally = conversation_.take_tally();
  counters.statements += tally.statements;
  counters.transactions += tally.transactions;
  counters.client_parses += tally.client_parses;
  counters.server_parses += tally.server_parses;
  counters.binds += tally.binds;
  if (spans_.running()) spans_.end(now, conversation_.holds_open(), counters);
}

void ClientSession::to_client(std::string_view bytes) {
  client_->send(bytes);
  ledger_->now.sent += bytes.size();
  gates_.bytes().spend(bytes.size());
}

/// Within the tenant's rate of bytes: what has been read beyond it is waited for before more is. Who leaves is not waited for.
bool ClientSession::may_read() {
  if (!gates_.bytes().limited() || leaving_ != Leaving::no) return true;
  if (!throttled_) throttled_ = !gates_.bytes().enter(*this);
  return !throttled_;
}

/// The connection goes back the moment nothing ties this client to it; a message that is left unread asks for one anew.
void ClientSession::release_if_possible() {
  if (!lease_ || !conversation_.releasable() || lease_->has_partial() || waiting_ == Waiting::welcome ||
      lease_->channel().unsent() > 0)
    return;
  // What is still on its way to the client has been taken off the connection already.
  to_client(conversation_.take_to_client());
  const auto undo = conversation_.undo();
  conversation_.detach();
  if (undo.any())
    lease_.retire(undo);
  else
    lease_.give_back();
}

/// Sends what there is, and says which sides to listen to: nobody reads faster than the other side takes.
void ClientSession::settle() {
  if (ended_) return;
  if (conversation_.has_output()) {
    if (auto bytes = conversation_.take_to_server(); !bytes.empty() && lease_) {
      lease_->channel().send(bytes);
      if (!spans_.running()) spans_.begin(std::chrono::steady_clock::now());
    }
    if (auto bytes = conversation_.take_to_client(); !deaf_) to_client(bytes);
  }
  if (inside_ && !needs_place()) leave_place();
  if (client_->broken() && leaving_ == Leaving::no) return end();
  if (client_->broken()) deaf_ = true;
  if (has_left()) return end();
  // Also where a message was refused for which a connection had been got already: no server answer comes by.
  if (waiting_ == Waiting::nothing) release_if_possible();
  if (outdated()) follow();
  if (ended_) return;
  const bool server_behind = lease_ && lease_->channel().unsent() > 0;
  if (!server_behind) passing_.release();
  if (client_->unsent() > 0 && !deaf_) return;  // on_drained() comes back here
  if (lease_ && !(throttled_ && leaving_ == Leaving::no)) lease_->channel().want_readable();
  if (waiting_ == Waiting::nothing && !server_behind) client_->want_readable();
}

void ClientSession::on_drained(net::Channel&) {
  guarded([&] { settle(); });
}

// --- The end -----------------------------------------------------------------------------------------------------------

void ClientSession::cancel() {
  if (ended_) return;
  if (waiting_ == Waiting::server) {
    pool_->leave(*this);
    return on_no_lease(make_error(sqlstate::query_canceled, "canceling statement due to user request"));
  }
  if ((waiting_ == Waiting::rate || waiting_ == Waiting::place) && !conversation_.answers_owed()) {
    leave_gates();
    return guarded([&] { refuse_waiting(make_error(sqlstate::query_canceled, "canceling statement due to user request")); });
  }
  cancel_asked_ = true;
  guarded([&] { pursue_cancel(); });
}

/// One request at a time, and none while a statement of ours runs: it is sent behind that, if there is still something to cancel then.
void ClientSession::pursue_cancel() {
  const auto running = lease_ ? conversation_.running() : Conversation::Running::nothing;
  if (running == Conversation::Running::nothing) cancel_asked_ = false;
  if (!cancel_asked_ || cancelling_ || running == Conversation::Running::ours) return;
  cancel_asked_ = false;
  cancelling_ = true;
  // The signal may arrive late: the connection serves nobody else after this (Lease closes a tainted one).
  lease_->taint();
  pool_->cancel(lease_->cancel_target(), [weak = weak_from_this()] {
    if (const auto self = weak.lock(); self && !self->ended_) self->guarded([&] { self->on_cancelled(); });
  });
}

void ClientSession::on_cancelled() {
  cancelling_ = false;
  pursue_cancel();
  if (waiting_ != Waiting::cancel) return;
  waiting_ = Waiting::nothing;
  resume();
  settle();
}

void ClientSession::terminate(const Error& error) {
  if (ended_) return;
  const auto self = shared_from_this();
  // Between the pieces of a long row no message fits: the client only sees the connection end.
  const bool fits = !lease_ || !lease_->inside_message();
  if (fits && !error.message.empty()) conversation_.say(error, "FATAL");
  client_->send(conversation_.take_to_client());
  end();
}

/// The client says nothing more. What it has begun is done and answered, and then the session ends: see settle().
void ClientSession::leave(Leaving how) {
  leaving_ = how;
  waiting_ = Waiting::drain;
  unread_.clear();
  if (conversation_.answers_owed()) conversation_.flush_batch();
}

bool ClientSession::has_left() const {
  if (leaving_ == Leaving::no || (client_->unsent() > 0 && !deaf_)) return false;
  return !conversation_.answers_owed() || conversation_.awaits_rows();
}

void ClientSession::end() {
  if (ended_) return;
  ended_ = true;
  const auto self = shared_from_this();
  if (waiting_ == Waiting::server || waiting_ == Waiting::welcome) pool_->leave(*this);
  if (waiting_ == Waiting::turn) worker_.leave_turns(*this);
  if (waiting_ == Waiting::room) worker_.message_room_of(identity_.tenant()).leave(*this);
  if (waiting_ == Waiting::rate || waiting_ == Waiting::place) leave_gates();
  if (throttled_) gates_.bytes().leave(*this);
  leave_place();
  count(std::chrono::steady_clock::now());
  --user_.clients;
  if (lease_) {
    const bool silent = !conversation_.answers_owed() && !lease_->has_partial() && lease_->channel().unsent() == 0;
    auto undo = conversation_.undo();
    undo.session = undo.session || keeps_server(identity_);
    if (silent && !lease_->tainted()) {
      conversation_.detach();
      if (undo.any())
        lease_.retire(undo);
      else
        lease_.give_back();
    } else {
      // A statement may be running for nobody: stop it, and do not use the connection again.
      conversation_.detach();
      if (silent || lease_->channel().broken())
        lease_.drop();
      else
        lease_.abandon();
    }
  }
  client_->set_owner(nullptr);
  client_->close();
  worker_.ended(*this);
}

}  // namespace bulkhead::session
