#include "session/worker.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "auth/crypto.h"
#include "base/log.h"
#include "proto/backend.h"

namespace bulkhead::session {
namespace asio = boost::asio;
namespace {

/// Who connects for each request finds what its tenant's statements were judged to be.
constexpr Duration kRemembered{60'000};

// A cancel key's process id: the worker above, a random number below, positive.
constexpr int kWorkerShift = 20;  // 2,046 workers, twice as many as `threads` may ask for
constexpr std::int32_t kLowMask = (1 << kWorkerShift) - 1;

std::int32_t random_low() {
  const std::string bytes = auth::random_bytes(4);
  std::uint32_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return static_cast<std::int32_t>(value) & kLowMask;
}

}  // namespace

Worker::Worker(int index, AskCatalogue ask_catalogue, SharedRoom& message_room, const pool::ServerTls& tls,
               pool::HostBook& hosts, pool::Budgets& budgets, Observed* observed)
    : index_(index),
      loop_(index),
      timer_(loop_.context()),
      ask_catalogue_(std::move(ask_catalogue)),
      message_room_(message_room),
      observed_(observed),
      pools_(loop_, tls, hosts, budgets) {}

Worker::~Worker() = default;

int Worker::index_of(std::int32_t process_id) { return process_id < 0 ? -1 : (process_id >> kWorkerShift) - 1; }

void Worker::start() {
  asio::post(loop_.context(), [this] {
    pools_.start();
    tick();
  });
  loop_.start();
}

void Worker::stop() {
  asio::post(loop_.context(), [this] {
    stopping_ = true;
    timer_.cancel();
    std::vector<std::shared_ptr<ClientSession>> all;
    for (const auto& [id, session] : sessions_) all.push_back(session);
    for (const auto& session : all)
      session->terminate(
          make_error(sqlstate::admin_shutdown, "terminating connection due to administrator command"));
    pools_.close();
    asio::post(loop_.context(), [this] { loop_.stop(); });
  });
}

void Worker::use(Generation generation) {
  asio::post(loop_.context(), [this, generation = std::move(generation)]() mutable {
    generation_ = std::move(generation);
    const auto& policy = generation_.policy();
    pools_.use(policy);
    std::erase_if(records_, [&](const auto& entry) { return !policy->tenants.contains(entry.first); });
    std::erase_if(tenants_, [&](const auto& entry) { return entry.second.sessions == 0 && !policy->tenants.contains(entry.first); });
    for (auto& [name, tenant] : tenants_) {
      tenant.caches.clear();
      const auto now = policy->tenants.find(name);
      if (now == policy->tenants.end()) continue;
      tenant.message_room.set_limit(now->second->limits.message_memory);
      tenant.gates.use(now->second->limits);
    }
    std::vector<std::shared_ptr<ClientSession>> all;
    for (const auto& [id, session] : sessions_) all.push_back(session);
    for (const auto& session : all) session->follow();
  });
}

void Worker::adopt(net::Stream::Released released, auth::Identity identity, pool::Settings settings, Seat seat) {
  asio::post(loop_.context(), [this, released = std::move(released), identity = std::move(identity),
                               settings = std::move(settings), seat = std::move(seat)]() mutable {
    net::Stream stream(loop_, std::move(released));
    if (stopping_) return;
    // The login may have begun under the configuration before.
    auto current = generation_.credentials->renew(identity);
    if (!current) return dismiss(std::move(stream), current.error());
    ++state_of(current->tenant()).sessions;
    auto key = new_key();
    const auto id = key.process_id;
    auto session = std::make_shared<ClientSession>(*this, std::move(stream), std::move(*current), std::move(settings),
                                                   std::move(key), std::move(seat));
    sessions_.emplace(id, session);
    session->start();
  });
}

void Worker::dismiss(net::Stream stream, const Error& error) {
  const auto channel = std::make_shared<net::Channel>(loop_, std::move(stream));
  std::string out;
  proto::encode_error(error, "FATAL", out);
  channel->send(out);
  channel->close();
}

void Worker::ended(ClientSession& session) {
  // The session is on the stack of its own end: it goes, and its judge with it, before the cache it refers to.
  asio::post(loop_.context(), [this, tenant = session.identity().tenant().name,
                               gone = sessions_.extract(session.key().process_id)]() mutable {
    gone = {};
    if (auto& state = tenants_.at(tenant); --state.sessions == 0) state.left = std::chrono::steady_clock::now();
  });
}

void Worker::cancel(std::int32_t process_id, std::string secret) {
  asio::post(loop_.context(), [this, process_id, secret = std::move(secret)] {
    const auto at = sessions_.find(process_id);
    if (at == sessions_.end() || !auth::constant_time_equal(at->second->key().secret, secret)) return;
    const auto session = at->second;
    session->cancel();
  });
}

void Worker::publish(std::shared_ptr<ServerSlot> slot, std::shared_ptr<const pool::ServerView> view) {
  asio::post(loop_.context(), [slot = std::move(slot), view = std::move(view)]() mutable { slot->view = std::move(view); });
}

std::shared_ptr<JudgementCache> Worker::cache_for(const auth::Identity& identity) {
  auto& cache = tenants_.at(identity.tenant().name).caches[identity.role()];
  if (!cache) cache = std::make_shared<JudgementCache>(1u << 20, record_of(identity.tenant().name).judgements);
  return cache;
}

Worker::TenantState& Worker::state_of(const policy::Tenant& tenant) {
  const auto at = tenants_.find(tenant.name);
  if (at != tenants_.end()) return at->second;
  const auto wake = [this, name = tenant.name] {
    asio::post(loop_.context(), [this, name] {
      if (const auto there = tenants_.find(name); there != tenants_.end()) there->second.message_room.serve();
    });
  };
  return tenants_.try_emplace(tenant.name, loop_, message_room_, tenant.limits, wake).first->second;
}

void Worker::ask_for_turn(ClientSession& session) {
  turns_.push_back(&session);
  if (std::exchange(turning_, true)) return;
  asio::post(loop_.context(), [this] { next_turn(); });
}

/// Posted behind everything that is ready by now, and the sockets are looked at before it comes.
void Worker::next_turn() {
  turning_ = false;
  if (turns_.empty()) return;
  ClientSession* session = turns_.front();
  turns_.pop_front();
  if (!turns_.empty()) {
    turning_ = true;
    asio::post(loop_.context(), [this] { next_turn(); });
  }
  session->on_turn();
}

void Worker::renew_catalogue(const ServerSlot& slot, std::function<void()> done) {
  ask_catalogue_(slot.watch, [this, done = std::move(done)]() mutable { asio::post(loop_.context(), std::move(done)); });
}

CancelKey Worker::new_key() {
  for (;;) {
    const std::int32_t id = (index_ + 1) << kWorkerShift | random_low();
    if (!sessions_.contains(id)) return {id, auth::random_bytes(4)};
  }
}

void Worker::tick() {
  std::vector<std::shared_ptr<ClientSession>> busy;
  for (const auto& [id, session] : sessions_)
    if (session->busy()) busy.push_back(session);
  for (const auto& session : busy) session->tick();
  for (auto& [name, tenant] : tenants_) tenant.message_room.serve();  // other loops may have made room
  const auto now = std::chrono::steady_clock::now();
  for (auto at = tenants_.begin(); at != tenants_.end();) {
    auto& tenant = at->second;
    const bool over = tenant.sessions == 0 && now - tenant.left >= kRemembered && tenant.gates.rested(now);
    at = over ? tenants_.erase(at) : std::next(at);
  }
  timer_.expires_after(kTick);
  timer_.async_wait([this](const boost::system::error_code& ec) {
    if (!ec && !stopping_) tick();
  });
}

}  // namespace bulkhead::session
