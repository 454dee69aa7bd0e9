#include "pool/tenant_pool.h"

#include <algorithm>

#include "base/log.h"
#include "net/task.h"
#include "proto/backend.h"

namespace bulkhead::pool {
namespace asio = boost::asio;
namespace {
constexpr Duration kUndoTimeout{5000};
constexpr Duration kCancelTimeout{10'000};
constexpr Duration kRetryAfter{1000};
}  // namespace

/// Sits on an idle connection: the server says little to one (a parameter of the configuration changed, a notice), and
/// anything else, or its end, takes the connection out of the pool.
class TenantPool::IdleWatch final : public net::Channel::Owner {
 public:
  IdleWatch(TenantPool& pool, ServerConnectionPtr connection) : pool_(pool), connection_(std::move(connection)) {
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
  TimePoint since() const { return since_; }

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
      if (keeps_pins(status.name, status.value)) return {};
    }
    return make_error(sqlstate::connection_failure, "the server ends an idle connection");
  }
  Result<void> piece(std::string_view) { return make_error(sqlstate::protocol_violation, "unexpected row"); }

 private:
  TenantPool& pool_;
  ServerConnectionPtr connection_;
  const TimePoint since_ = std::chrono::steady_clock::now();
};

TenantPool::TenantPool(net::Loop& loop, std::shared_ptr<const policy::Policy> policy,
                       std::shared_ptr<const policy::Tenant> tenant, const ServerTls& tls)
    : loop_(loop),
      policy_(std::move(policy)),
      tenant_(std::move(tenant)),
      server_(policy_->servers.at(tenant_->server)),
      tls_(tls),
      deadline_(loop.context()),
      retry_(loop.context()) {}

TenantPool::~TenantPool() = default;

std::optional<Lease> TenantPool::acquire(Waiter& waiter) {
  if (queue_.empty() && !idle_.empty()) {
    auto connection = idle_.back()->take();
    idle_.pop_back();
    return Lease(shared_from_this(), std::move(connection));
  }
  // Those for whom a connection can yet be opened wait for that one, and are no queue.
  const auto size = static_cast<std::size_t>(tenant_->pool_size);
  const std::size_t room = open_ < size ? size - open_ : 0;
  if (queue_.size() >= static_cast<std::size_t>(tenant_->limits.queue) + room) {
    waiter.on_no_lease(make_error(sqlstate::too_many_connections,
                                  "too many clients of this tenant wait for a server connection",
                                  "limits.queue and pool.size set the numbers."));
    return std::nullopt;
  }
  const auto wait = tenant_->limits.queue_timeout;
  queue_.push_back({&waiter, wait.count() > 0 ? std::chrono::steady_clock::now() + wait : TimePoint::max()});
  if (queue_.size() == 1) watch_deadlines();
  if (wants_another()) open_one();
  return std::nullopt;
}

void TenantPool::leave(Waiter& waiter) {
  std::erase_if(queue_, [&](const Queued& q) { return q.waiter == &waiter; });
}

void TenantPool::open_one() {
  ++opening_;
  net::start(loop_, "open server connection", open());
}

asio::awaitable<void> TenantPool::open() {
  const auto self = shared_from_this();
  auto opened = co_await open_connection(loop_, policy_, server_, tls_.of(server_), tenant_.get());
  --opening_;
  if (closing_) co_return;
  if (opened) {
    ++open_;
    parameters_ = (*opened)->parameters();
    const auto* tls = (*opened)->channel().tls();
    log::debug("server connection opened",
               {{"tenant", tenant_->name}, {"server", server_.name}, {"tls", tls ? tls->version() : "off"}});
    returned(std::move(*opened));
    // After failures fewer may be on their way than there are waiters and places.
    while (!closing_ && wants_another()) open_one();
    co_return;
  }
  log::warning("server connection failed", {{"tenant", tenant_->name}, {"error", opened.error().message}});
  // With other connections alive the waiters may still get one of those; without any they would wait for nothing.
  if (open_ == 0 && opening_ == 0) {
    refuse_all(make_error(sqlstate::cannot_connect_now, "the database server cannot be reached",
                          "Try again; the proxy's log says what it met."));
  } else if (!queue_.empty()) {
    retry_.expires_after(kRetryAfter);
    retry_.async_wait([self](const boost::system::error_code& ec) {
      if (!ec) self->serve_queue();
    });
  }
}

void TenantPool::returned(ServerConnectionPtr connection) {
  if (closing_ || connection->tainted() || connection->channel().broken() || connection->backend().status != 'I') {
    connection.reset();
    closed_one();
    return;
  }
  idle_.push_back(std::make_unique<IdleWatch>(*this, std::move(connection)));
  hand_out();
}

/// Not recursive: who gives back at once what it was given (its statement is refused, say) comes here through returned() again.
void TenantPool::hand_out() {
  if (std::exchange(handing_out_, true)) return;
  const auto self = shared_from_this();
  while (!queue_.empty() && !idle_.empty()) {
    Waiter* waiter = queue_.front().waiter;
    queue_.pop_front();
    auto connection = idle_.back()->take();
    idle_.pop_back();
    waiter->on_lease(Lease(self, std::move(connection)));
  }
  handing_out_ = false;
}

void TenantPool::closed_one() {
  --open_;
  if (!closing_) serve_queue();
}

void TenantPool::serve_queue() {
  if (wants_another()) open_one();
}

bool TenantPool::wants_another() const {
  return opening_ < queue_.size() && open_ + opening_ < static_cast<std::size_t>(tenant_->pool_size);
}

void TenantPool::idle_lost(IdleWatch& watch) {
  log::info("idle server connection lost", {{"tenant", tenant_->name}, {"server", server_.name}});
  std::erase_if(idle_, [&](const auto& idle) { return idle.get() == &watch; });
  closed_one();
}

void TenantPool::refuse_all(const Error& error) {
  std::deque<Queued> refused;
  refused.swap(queue_);
  for (const auto& q : refused) q.waiter->on_no_lease(error);
}

void TenantPool::watch_deadlines() {
  if (queue_.empty() || queue_.front().deadline == TimePoint::max()) return;
  deadline_.expires_at(queue_.front().deadline);
  deadline_.async_wait([self = shared_from_this()](const boost::system::error_code& ec) {
    if (ec) return;
    const auto now = std::chrono::steady_clock::now();
    while (!self->queue_.empty() && self->queue_.front().deadline <= now) {
      Waiter* late = self->queue_.front().waiter;
      self->queue_.pop_front();
      late->on_no_lease(make_error(sqlstate::too_many_connections,
                                   "no server connection became free within queue_timeout",
                                   "pool.size and limits.queue_timeout set the numbers."));
    }
    self->watch_deadlines();
  });
}

void TenantPool::cancel(CancelTarget target, std::function<void()> done) {
  cancels_.push_back({std::move(target), std::move(done)});
  send_cancels();
}

void TenantPool::send_cancels() {
  while (!closing_ && !cancels_.empty() && cancelling_ < static_cast<std::size_t>(tenant_->pool_size)) {
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
  const auto limit = policy_->pool.idle_timeout;
  if (limit.count() > 0) {
    const auto expired = [&](const auto& idle) { return now - idle->since() > limit; };
    const auto count = std::count_if(idle_.begin(), idle_.end(), expired);
    std::erase_if(idle_, expired);
    open_ -= static_cast<std::size_t>(count);
  }
  return open_ == 0 && opening_ == 0 && cancelling_ == 0 && queue_.empty();
}

void TenantPool::close() {
  closing_ = true;
  open_ -= idle_.size();
  idle_.clear();
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

void Lease::give_back() {
  const auto pool = std::move(pool_);
  connection_->channel().set_owner(nullptr);
  pool->returned(std::move(connection_));
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
  net::start(loop, "undo what a session left",
             undo_and_return(std::move(pool), std::move(connection_), undo,
                             [](TenantPool& p, ServerConnectionPtr c, bool clean) {
                               if (!clean) c->taint();
                               p.returned(std::move(c));
                             }));
}

void Lease::abandon() {
  connection_->channel().set_owner(nullptr);
  const auto pool = pool_;
  auto target = connection_->cancel_target();
  pool->cancel(std::move(target), [kept = std::make_shared<Lease>(std::move(*this))] { kept->drop(); });
}

void Lease::drop() {
  if (!connection_) return;
  const auto pool = std::move(pool_);
  connection_.reset();
  pool->closed_one();
}

}  // namespace bulkhead::pool
