#include "pool/tenant_pool.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <random>

#include "base/log.h"
#include "net/task.h"
#include "pool/target.h"
#include "proto/backend.h"

namespace bulkhead::pool {
namespace asio = boost::asio;
namespace {
constexpr Duration kUndoTimeout{5000};
constexpr Duration kCancelTimeout{10'000};
constexpr Duration kRetryAfter{1000};
constexpr Duration kLongFarewell{10'000};
/// Connections that nobody waits for are tried for more rarely: the server has said no.
constexpr Duration kFillAfter{10'000};
/// What falls due in the queue is looked for at most that often.
constexpr Duration kBetweenLooks{5};

/// 0 to 1, any of them. Not a secret.
double any_fraction() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}
}  // namespace

/// Sits on an idle connection: the server says little to one (a parameter of the configuration changed, a notice), and
/// anything else, or its end, takes the connection out of the pool.
class TenantPool::IdleWatch final : public net::Channel::Owner {
 public:
  IdleWatch(TenantPool& pool, ServerConnectionPtr connection, TimePoint since)
      : pool_(pool), connection_(std::move(connection)), since_(since) {
    connection_->channel().set_owner(this);
    connection_->channel().want_readable();
  }
  ~IdleWatch() {
    if (connection_) connection_->channel().set_owner(nullptr);
  }

  ServerConnectionPtr take() {
    connection_->channel().set_owner(nullptr);
    return std::move(connection_);
  }
  ServerConnection& connection() { return *connection_; }
  bool closes(TimePoint now) const {
    const auto unused = std::chrono::duration_cast<Duration>(now - since_);
    auto staying = pool_.census();
    staying.open = pool_.staying();
    return closes_idle(pool_.tenant_->pool, staying, unused, now >= connection_->expires());
  }

  void on_readable(net::Channel& channel) override {
    const auto received = connection_->receive(*this);
    if (!received || *received == ServerConnection::Received::closed)
      pool_.idle_lost(*this);  // deletes this
    else
      channel.want_readable();
  }
  void on_drained(net::Channel&) override {}

  Result<void> frame(proto::FrameHeader header, std::string_view whole) {
    if (header.type == 'N') return {};
    if (header.type == 'S') {
      BULKHEAD_TRY(const auto status, proto::decode_parameter_status(proto::body_of(whole)));
      connection_->backend().reported.note(status.name, status.value);
      pool_.hear(connection_->backend());
      if (pool_.unfit(*connection_)) return make_error(sqlstate::connection_failure, "the host is not the target any more");
      if (keeps_pins(status.name, status.value)) return {};
    }
    return make_error(sqlstate::connection_failure, "the server ends an idle connection");
  }
  Result<void> piece(std::string_view) { return make_error(sqlstate::protocol_violation, "unexpected row"); }

 private:
  TenantPool& pool_;
  ServerConnectionPtr connection_;
  const TimePoint since_;
};

/// Waits until the server has closed its side of a connection nobody uses any more. What it still sends is thrown away.
class TenantPool::Farewell final : public net::Channel::Owner {
 public:
  Farewell(TenantPool& pool, ServerConnectionPtr connection, Busy busy)
      : pool_(pool), connection_(std::move(connection)), busy_(busy) {
    connection_->channel().set_owner(this);
    connection_->say_goodbye();
    connection_->channel().want_readable();
  }
  ServerConnection& connection() { return *connection_; }
  bool over() { return !connection_->channel().is_open() || connection_->channel().broken(); }
  Busy busy() const { return busy_; }
  /// True once, when it has taken long.
  bool is_long(TimePoint now) { return !std::exchange(told_, told_ || now - since_ > kLongFarewell) && told_; }

  void on_readable(net::Channel& channel) override {
    if (channel.read_some(channel.loop().scratch()).state == net::IoResult::State::closed)
      pool_.parted(*this);  // deletes this
    else
      channel.want_readable();
  }
  void on_drained(net::Channel&) override {}

 private:
  TenantPool& pool_;
  ServerConnectionPtr connection_;
  const Busy busy_;
  const TimePoint since_ = std::chrono::steady_clock::now();
  bool told_ = false;
};

TenantPool::TenantPool(net::Loop& loop, std::shared_ptr<const policy::Policy> policy,
                       std::shared_ptr<const policy::Tenant> tenant, const ServerTls& tls, HostBook& hosts, Budgets& budgets,
                       std::shared_ptr<Ledger> ledger, std::function<void()> changed)
    : loop_(loop),
      policy_(std::move(policy)),
      tenant_(std::move(tenant)),
      tls_(tls),
      hosts_(hosts),
      budgets_(budgets),
      ledger_(std::move(ledger)),
      changed_(std::move(changed)),
      deadline_(loop.context()),
      retry_(loop.context()) {}

TenantPool::~TenantPool() {
  for (const auto& farewell : farewells_)
    if (farewell->busy() == Busy::no) share_->parted();
}

std::optional<Lease> TenantPool::acquire(Waiter& waiter, Duration timeout) {
  if (queue_.empty() && !idle_.empty()) {
    auto connection = idle_.back()->take();
    idle_.pop_back();
    ++ledger_->now.assignments;
    return Lease(shared_from_this(), std::move(connection));
  }
  // Those for whom a connection can yet be opened wait for that one, and are no queue.
  const auto size = static_cast<std::size_t>(tenant_->pool.size);
  const std::size_t room = open_ < size ? size - open_ : 0;
  if (queue_.size() >= static_cast<std::size_t>(tenant_->limits.queue) + room) {
    waiter.on_no_lease(make_error(sqlstate::too_many_connections,
                                  "too many clients of this tenant wait for a server connection",
                                  "limits.queue and pool.size set the numbers."));
    return std::nullopt;
  }
  const auto now = std::chrono::steady_clock::now();
  queue_.push_back({&waiter, now, timeout.count() > 0 ? now + timeout : TimePoint::max(), now});
  if (const auto when = due(queue_.back(), now); when < next_due_) watch_queue_until(when);
  serve_queue();
  return std::nullopt;
}

void TenantPool::leave(Waiter& waiter) {
  std::erase_if(queue_, [&](const Queued& q) { return q.waiter == &waiter; });
  settle_wish();
}

/// Made when it is needed first: what it calls refers to this pool, which has to be shared by then.
Budget::Share& TenantPool::share() {
  if (!share_)
    share_ = std::make_unique<Budget::Share>(budgets_.of(tenant_->server), tenant_->pool.weight, [weak = weak_from_this(), &loop = loop_] {
      asio::post(loop.context(), [weak] {
        if (const auto self = weak.lock()) self->on_place();
      });
    });
  return *share_;
}

/// False: there is no place for it; on_place() when there is.
bool TenantPool::open_one() {
  if (!share().take()) {
    wishes_ = true;
    return false;
  }
  begin_opening();
  return true;
}

void TenantPool::begin_opening() {
  ++opening_;
  net::start(loop_, "open server connection", open());
}

void TenantPool::on_place() {
  const bool wished = std::exchange(wishes_, false);
  if (closing_ || retired_ || !wished || !wants_another()) return share().give();
  begin_opening();
  serve_queue();
}

/// Nobody waits any more.
void TenantPool::settle_wish() {
  if (!queue_.empty() || !std::exchange(wishes_, false)) return;
  share().withdraw();
}

bool TenantPool::make_room() {
  if (idle_.empty() || !share().others_wait()) return false;
  close_idle(idle_.begin());
  return true;
}

void TenantPool::close_idle(std::vector<std::unique_ptr<IdleWatch>>::iterator at) {
  auto connection = (*at)->take();
  idle_.erase(at);
  part(std::move(connection), Busy::no);
}

void TenantPool::close_all_idle() {
  while (!idle_.empty()) close_idle(idle_.begin());
}

void TenantPool::admit(ServerConnection& opened, std::uint64_t generation) {
  ++open_;
  opened.set_generation(generation);
  if (stale(opened)) ++stale_;
}

asio::awaitable<void> TenantPool::open() {
  const auto self = shared_from_this();
  const auto policy = policy_;
  const auto tenant = tenant_;
  const auto& server = policy->servers.at(tenant->server);
  const auto generation = generation_;
  auto opened = co_await open_connection(loop_, policy, server, tls_.of(server), hosts_, tenant.get());
  --opening_;
  if (closing_ || retired_ || paused_) {
    if (opened) {
      admit(**opened, generation);
      part(std::move(*opened), Busy::no);
    } else {
      share().give();
      if (!closing_) changed_();
    }
    co_return;
  }
  if (opened) {
    admit(**opened, generation);
    if (const auto lifetime = tenant_->pool.lifetime; lifetime.count() > 0)
      (*opened)->set_expiry(std::chrono::steady_clock::now() + time_to_live(lifetime, any_fraction()));
    if (auto& reported = (*opened)->backend().reported; parameters_ == reported)
      reported = parameters_;  // one copy for all
    else
      parameters_ = reported;
    const auto* tls = (*opened)->channel().tls();
    log::debug("server connection opened",
               {{"tenant", tenant->name}, {"server", server.name}, {"tls", tls ? tls->version() : "off"}});
    returned(std::move(*opened), std::chrono::steady_clock::now());
    serve_queue();  // after failures fewer may be on their way than there are waiters and places
    co_return;
  }
  share().give();
  log::warning("server connection failed", {{"tenant", tenant_->name}, {"error", opened.error().message}});
  fill_after_ = std::chrono::steady_clock::now() + kFillAfter;
  // With other connections alive the waiters may still get one of those; without any they would wait for nothing. But where there is only
  // no room at the moment (53300) they wait for that as for any other place.
  const bool full = opened.error().state == sqlstate::too_many_connections;
  if (open_ == 0 && opening_ == 0 && !full) {
    refuse_all(make_error(sqlstate::cannot_connect_now, "the database server cannot be reached",
                          "Try again; the proxy's log says what it met."));
  } else if (!queue_.empty()) {
    retry_.expires_after(kRetryAfter);
    retry_.async_wait([self](const boost::system::error_code& ec) {
      if (!ec) self->serve_queue();
    });
  }
}

void TenantPool::returned(ServerConnectionPtr connection, TimePoint now) {
  if (unfit(*connection)) close_idle_at(*connection, now);
  if (closing_ || staying() > most() || connection->channel().broken() || connection->backend().status != 'I' || closes(*connection, now))
    return part(std::move(connection), Busy::no);
  const bool given_up = share().others_wait() && (queue_.empty() || share().yields());
  if (given_up) return part(std::move(connection), Busy::no);
  hear(connection->backend());
  idle_.push_back(std::make_unique<IdleWatch>(*this, std::move(connection), now));
  hand_out(now);
}

/// What a connection says of a parameter that no client has set there is what the server would say to a new one.
void TenantPool::hear(Backend& backend) {
  if (backend.reported == backend.heard) return;
  backend.heard = backend.reported;
  backend.reported.each([&](std::string_view name, std::string_view value) {
    const bool set = std::any_of(backend.settings.begin(), backend.settings.end(),
                                 [&](const auto& setting) { return same_parameter(setting.first, name); });
    if (!set && parameters_.find(name) != value) parameters_.note(name, value);
  });
}

/// The host is not what the server's target means any more: a standby was promoted, or a primary was made read-only by its
/// configuration. (A server does not go into recovery without a restart, which ends its connections.) An error 25006 does not tell, for a
/// client's own READ ONLY transaction has it, too; nor does a default that a client has set.
bool TenantPool::unfit(const ServerConnection& connection) const {
  const auto target = policy_->servers.at(tenant_->server).target;
  if (target == policy::Target::any) return false;
  const auto& backend = connection.backend();
  if (!backend.settings.contains("default_transaction_read_only")) return fit(target, backend.reported) == Fit::no;
  auto said = backend.reported;
  said.note("default_transaction_read_only", parameters_.find("default_transaction_read_only").value_or("off"));
  return fit(target, said) == Fit::no;
}

/// Idle connections would not tell before their next statement: PostgreSQL reports what has changed before ReadyForQuery.
void TenantPool::close_idle_at(const ServerConnection& unfit, TimePoint now) {
  const auto& server = policy_->servers.at(tenant_->server);
  log::warning("server connection closed: its host is not the target any more", {{"tenant", tenant_->name}, {"server", server.name}, {"host", unfit.host().host}});
  hosts_.failed(server, unfit.host(), now);
  for (std::size_t i = 0; i < idle_.size();) {
    if (idle_[i]->connection().host() == unfit.host())
      close_idle(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    else
      ++i;
  }
}

/// Not recursive: who gives back at once what it was given (its statement is refused, say) comes here through returned() again.
void TenantPool::hand_out(TimePoint now) {
  if (std::exchange(handing_out_, true)) return;
  const auto self = shared_from_this();
  while (!queue_.empty() && !idle_.empty()) {
    const Queued next = queue_.front();
    queue_.pop_front();
    auto connection = idle_.back()->take();
    idle_.pop_back();
    ++ledger_->now.assignments;
    ledger_->now.wait_us += microseconds(now - next.asked);
    next.waiter->on_lease(Lease(self, std::move(connection)));
  }
  handing_out_ = false;
  settle_wish();
}

void TenantPool::closed_one(bool was_stale) {
  --open_;
  if (was_stale) --stale_;
  share().give();
  if (closing_) return;
  serve_queue();
  changed_();
}

void TenantPool::part(ServerConnectionPtr connection, Busy busy) {
  const bool was_stale = stale(*connection);
  if (closing_) return closed_one(was_stale);
  auto farewell = std::make_unique<Farewell>(*this, std::move(connection), busy);
  if (farewell->over()) {
    farewell.reset();
    return closed_one(was_stale);
  }
  farewells_.push_back(std::move(farewell));
  if (busy == Busy::no) share().parts();
}

void TenantPool::parted(Farewell& farewell) {
  const bool was_stale = stale(farewell.connection());
  if (farewell.busy() == Busy::no) share().parted();
  std::erase_if(farewells_, [&](const auto& f) { return f.get() == &farewell; });
  closed_one(was_stale);
}

void TenantPool::serve_queue() {
  while (!closing_ && wants_another() && open_one()) continue;
}

/// Those who have waited longest stand in front: it is the first for whom no connection is on its way that may be overdue.
bool TenantPool::wants_another() const {
  if (retired_ || paused_ || wishes_) return false;
  const bool overdue = has_reserve() && opening_ < queue_.size() &&
                       queue_[opening_].since + tenant_->pool.reserve_after <= std::chrono::steady_clock::now();
  return opens_another(tenant_->pool, census(), overdue);
}

void TenantPool::idle_lost(IdleWatch& watch) {
  log::info("idle server connection lost", {{"tenant", tenant_->name}, {"server", tenant_->server}});
  close_idle(std::find_if(idle_.begin(), idle_.end(), [&](const auto& idle) { return idle.get() == &watch; }));
}

void TenantPool::refuse_all(const Error& error) {
  std::deque<Queued> refused;
  refused.swap(queue_);
  settle_wish();
  for (const auto& q : refused) q.waiter->on_no_lease(error);
}

/// When somebody who waits has to be looked at: the reserve is opened for it, or it has waited long enough.
TimePoint TenantPool::due(const Queued& waiting, TimePoint now) const {
  const auto reserve = waiting.since + tenant_->pool.reserve_after;
  return has_reserve() && reserve > now ? std::min(reserve, waiting.deadline) : waiting.deadline;
}

void TenantPool::watch_queue_until(TimePoint due) {
  next_due_ = due;
  if (due == TimePoint::max()) return;
  deadline_.expires_at(due);
  deadline_.async_wait([self = shared_from_this()](const boost::system::error_code& ec) {
    if (!ec && !self->closing_) self->on_due();
  });
}

void TenantPool::on_due() {
  if (paused_) return;  // resume() comes back here
  const auto now = std::chrono::steady_clock::now();
  for (;;) {  // from the beginning each time: who is told may come back, or others go
    const auto late = std::find_if(queue_.begin(), queue_.end(), [&](const Queued& q) { return q.deadline <= now; });
    if (late == queue_.end()) break;
    Waiter* waiter = late->waiter;
    queue_.erase(late);
    waiter->on_no_lease(make_error(sqlstate::too_many_connections, "no server connection became free within queue_timeout",
                                   "pool.size and limits.queue_timeout set the numbers."));
  }
  settle_wish();
  serve_queue();
  auto next = TimePoint::max();
  for (const auto& waiting : queue_) next = std::min(next, due(waiting, now));
  watch_queue_until(next == TimePoint::max() ? next : std::max(next, now + kBetweenLooks));
}

void TenantPool::cancel(CancelTarget target, std::function<void()> done) {
  cancels_.push_back({std::move(target), std::move(done)});
  send_cancels();
}

void TenantPool::send_cancels() {
  while (!closing_ && !cancels_.empty() && cancelling_ < static_cast<std::size_t>(tenant_->pool.size)) {
    ++cancelling_;
    auto next = std::move(cancels_.front());
    cancels_.pop_front();
    net::start(loop_, "cancel", send(std::move(next)));
  }
}

asio::awaitable<void> TenantPool::send(Cancel cancel) {
  const auto self = shared_from_this();
  co_await send_cancel(loop_, std::move(cancel.target), kCancelTimeout);
  --cancelling_;
  send_cancels();
  cancel.done();
}

bool TenantPool::sweep(TimePoint now) {
  for (std::size_t i = 0; i < idle_.size();) {
    if (idle_[i]->closes(now))
      close_idle(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    else
      ++i;
  }
  for (const auto& farewell : farewells_)
    if (farewell->is_long(now))
      log::warning("a server connection that was left is not closed yet",
                   {{"tenant", tenant_->name}, {"server", tenant_->server}, {"counts", "as one of the pool's until the server closes it"}});
  if (!closing_ && !paused_ && !retired_ && now >= fill_after_)
    for (auto n = missing(tenant_->pool, census()); n > 0 && share().try_take(); --n) begin_opening();
  return open_ == 0 && opening_ == 0 && cancelling_ == 0 && queue_.empty();
}

void TenantPool::use(std::shared_ptr<const policy::Policy> policy, std::shared_ptr<const policy::Tenant> tenant) {
  policy_ = std::move(policy);
  tenant_ = std::move(tenant);
  while (staying() > static_cast<std::size_t>(tenant_->pool.size) && !idle_.empty())
    close_idle(idle_.begin());  // the longest without use
  share().set_weight(tenant_->pool.weight);
  on_due();
}

void TenantPool::retire() {
  retired_ = true;
  close_all_idle();
  retry_.cancel();
}

void TenantPool::pause() {
  if (std::exchange(paused_, true)) return;
  paused_at_ = std::chrono::steady_clock::now();
  close_all_idle();
  if (std::exchange(wishes_, false)) share().withdraw();
  retry_.cancel();
}

void TenantPool::resume() {
  if (!std::exchange(paused_, false)) return;
  const auto now = std::chrono::steady_clock::now();
  for (auto& waiting : queue_) {
    const auto pause = now - std::max(waiting.since, paused_at_);
    waiting.since += pause;
    if (waiting.deadline != TimePoint::max()) waiting.deadline += pause;
  }
  on_due();
}

void TenantPool::reconnect() {
  close_all_idle();
  ++generation_;
  stale_ = open_;
  serve_queue();
}

TenantPool::Counts TenantPool::counts(TimePoint now) const {
  const auto longest = queue_.empty() ? TimePoint::duration{} : now - queue_.front().asked;
  return {clients_, queue_.size(), open_, idle_.size(), undoing_.size(), abandoned_.size() + farewells_.size(), opening_, cancelling_, longest};
}

void TenantPool::visit(const std::function<void(ServerConnection& connection, const char* state)>& visitor) {
  for (const auto& idle : idle_) visitor(idle->connection(), "idle");
  for (auto* connection : undoing_) visitor(*connection, "tested");
  for (auto* connection : abandoned_) visitor(*connection, "being_canceled");
  for (const auto& farewell : farewells_) visitor(farewell->connection(), "being_canceled");
}

void TenantPool::close() {
  closing_ = true;
  close_all_idle();
  while (!farewells_.empty()) parted(*farewells_.back());
  std::exchange(cancels_, {}).clear();
  deadline_.cancel();
  retry_.cancel();
  refuse_all(make_error(sqlstate::admin_shutdown, "terminating connection due to administrator command"));
}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    drop();
    pool_ = std::move(other.pool_);
    connection_ = std::move(other.connection_);
  }
  return *this;
}

void Lease::give_back(TimePoint now) {
  const auto pool = std::move(pool_);
  connection_->channel().set_owner(nullptr);
  pool->returned(std::move(connection_), now);
}

namespace {
asio::awaitable<void> undo_and_return(std::shared_ptr<TenantPool> pool, ServerConnectionPtr connection, Undo undo,
                                      void (*done)(TenantPool&, ServerConnectionPtr, bool clean)) {
  const bool clean = co_await recycle(*connection, undo, kUndoTimeout);
  done(*pool, std::move(connection), clean);
}
}  // namespace

void Lease::retire(Undo undo) {
  if (connection_->tainted()) return drop();
  auto pool = std::move(pool_);
  connection_->channel().set_owner(nullptr);
  net::Loop& loop = pool->loop_;
  pool->undoing_.push_back(connection_.get());
  net::start(loop, "undo what a session left",
             undo_and_return(std::move(pool), std::move(connection_), undo,
                             [](TenantPool& p, ServerConnectionPtr c, bool clean) {
                               std::erase(p.undoing_, c.get());
                               if (clean) return p.returned(std::move(c), std::chrono::steady_clock::now());
                               p.part(std::move(c), TenantPool::Busy::perhaps);
                             }));
}

void Lease::abandon() {
  connection_->channel().set_owner(nullptr);
  const auto pool = pool_;
  auto target = connection_->cancel_target();
  pool->abandoned_.push_back(connection_.get());
  pool->cancel(std::move(target), [kept = std::make_shared<Lease>(std::move(*this))] {
    const auto keeper = std::move(kept->pool_);
    std::erase(keeper->abandoned_, kept->connection_.get());
    keeper->part(std::move(kept->connection_), TenantPool::Busy::perhaps);
  });
}

void Lease::drop() {
  if (!connection_) return;
  const auto pool = std::move(pool_);
  connection_->channel().set_owner(nullptr);
  pool->part(std::move(connection_), TenantPool::Busy::perhaps);
}

}  // namespace bulkhead::pool
