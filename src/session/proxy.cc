#include "session/proxy.h"

#include <boost/asio/post.hpp>
#include <functional>

#include "base/log.h"
#include "net/deadline.h"
#include "net/task.h"
#include "pool/key_cache.h"
#include "proto/backend.h"
#include "session/login.h"

namespace bulkhead::session {
namespace asio = boost::asio;
namespace {
constexpr std::size_t kLogins = 200;  ///< under way at once
}

Proxy::Proxy(std::shared_ptr<const policy::Policy> policy, std::shared_ptr<const auth::Credentials> credentials,
             Certificates certificates, int workers)
    : policy_(std::move(policy)),
      credentials_(std::move(credentials)),
      observed_(Observed::under(*policy_)),
      message_room_(policy_->limits.message_memory),
      logging_in_(kLogins),
      server_tls_(std::move(certificates.servers)),
      front_(0),
      door_tls_(std::move(certificates.listeners)) {
  for (const auto& [name, tenant] : policy_->tenants) clients_of_[name] = 0;
  for (int i = 0; i < workers; ++i)
    workers_.push_back(std::make_unique<Worker>(
        i, [this](const std::string& server, std::function<void()> done) { ask_catalogue(server, std::move(done)); },
        [this](const policy::Tenant& tenant) {
          --clients_of_.at(tenant.name);
          --clients_;
        },
        message_room_, server_tls_, observed_.get()));
  for (const auto& [name, server] : policy_->servers)
    watches_[name] = std::make_shared<pool::ServerWatch>(
        front_, policy_, server, server_tls_, [this](const policy::Server& s, std::shared_ptr<const pool::ServerView> view) {
          for (const auto& worker : workers_) worker->publish(s.name, view);
        });
}

Proxy::~Proxy() { stop(); }

Result<void> Proxy::listen() {
  for (std::size_t i = 0; i < policy_->listen.size(); ++i) {
    const auto& address = policy_->listen[i];
    if (address.unix_directory.empty()) {
      BULKHEAD_TRY(auto opened, net::Listener::tcp(front_, address.host, address.port));
      for (auto& listener : opened) doors_.push_back({std::move(listener), i});
    } else {
      BULKHEAD_TRY(auto listener, net::Listener::unix_socket(front_, address.unix_directory, address.port));
      doors_.push_back({std::move(listener), i});
    }
  }
  return {};
}

std::vector<std::string> Proxy::addresses() const {
  std::vector<std::string> names;
  for (const auto& door : doors_) names.push_back(door.listener.name());
  return names;
}

void Proxy::start() {
  for (const auto& worker : workers_) worker->start();
  asio::post(front_.context(), [this] {
    for (const auto& [name, watch] : watches_) watch->start();
    for (auto& door : doors_)
      net::start(front_, "accept", door.listener.run([this, address = door.address](net::Stream stream) {
        accepted(std::move(stream), address);
      }));
  });
  front_.start();
}

void Proxy::use(Certificates certificates) {
  server_tls_.replace(std::move(certificates.servers));
  asio::post(front_.context(), [this, listeners = std::move(certificates.listeners)]() mutable {
    door_tls_ = std::move(listeners);
  });
}

void Proxy::stop_accepting() {
  asio::post(front_.context(), [this] {
    for (auto& door : doors_) door.listener.close();
  });
}

void Proxy::stop() {
  if (std::exchange(stopped_, true)) return;
  stop_accepting();
  asio::post(front_.context(), [this] {
    for (const auto& [name, watch] : watches_) watch->stop();
    asio::post(front_.context(), [this] { front_.stop(); });
  });
  front_.join();
  for (const auto& worker : workers_) worker->stop();
  for (const auto& worker : workers_) worker->join();
  pool::end_key_derivation();
}

void Proxy::accepted(net::Stream stream, std::size_t address) {
  net::start(front_, "login", serve(std::move(stream), address));
}

asio::awaitable<void> Proxy::serve(net::Stream stream, std::size_t address) {
  std::optional<LoginPlaces::Place> place;
  place.emplace(logging_in_, stream.origin(), [&stream] { stream.close(); });
  net::Deadline deadline(front_, policy_->limits.login_timeout, [&stream] { stream.close(); });
  Capacity capacity{
      .full = [this] { return clients_ >= policy_->limits.clients; },
      .full_for = [this](const policy::Tenant& tenant) { return clients_of_.at(tenant.name) >= tenant.limits.clients; }};
  Entrance entrance{policy_->listen[address].tls.mode, door_tls_[address]};
  auto outcome = co_await log_in(stream, credentials_, std::move(entrance), std::move(capacity));
  deadline.disarm();
  place.reset();
  if (auto* admitted = std::get_if<Admitted>(&outcome); admitted && stream.is_open()) {
    const auto& tenant = admitted->identity.tenant();
    ++clients_;
    ++clients_of_.at(tenant.name);
    log::info("login", {{"user", admitted->identity.user().name}, {"tenant", tenant.name}, {"client", stream.peer()},
                        {"tls", stream.tls() ? stream.tls()->version() : "off"}});
    worker_of(tenant).adopt(stream.release(), std::move(admitted->identity), std::move(admitted->settings));
    co_return;
  }
  if (auto* cancel = std::get_if<CancelAsked>(&outcome)) {
    const int index = Worker::index_of(cancel->process_id);
    if (index >= 0 && static_cast<std::size_t>(index) < workers_.size())
      workers_[static_cast<std::size_t>(index)]->cancel(cancel->process_id, std::move(cancel->secret));
  }
}

Worker& Proxy::worker_of(const policy::Tenant& tenant) {
  return *workers_[std::hash<std::string>{}(tenant.name) % workers_.size()];
}

void Proxy::ask_catalogue(const std::string& server, std::function<void()> done) {
  asio::post(front_.context(), [this, server, done = std::move(done)]() mutable {
    const auto watch = watches_.find(server);
    if (watch == watches_.end()) return done();
    watch->second->refresh(std::move(done));
  });
}

}  // namespace bulkhead::session
