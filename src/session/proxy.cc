#include "session/proxy.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>

#include "auth/crypto.h"
#include "base/log.h"
#include "net/deadline.h"
#include "net/task.h"
#include "policy/changes.h"
#include "pool/key_cache.h"
#include "proto/backend.h"

namespace bulkhead::session {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kLogins = 200;   ///< under way at once
constexpr std::size_t kConsoles = 20;  ///< administrators at once

/// Those who work under one configuration, as far as they concern one server: a slot on each worker's loop, which the sessions
/// hold. When the configuration is in force no more and its last session has gone, so have the slots.
class Onlookers final : public pool::ServerWatch::Audience {
 public:
  Onlookers(const std::vector<std::unique_ptr<Worker>>& workers, const std::vector<std::shared_ptr<ServerSlot>>& slots)
      : workers_(workers), slots_(slots.begin(), slots.end()) {}

  void on_view(std::shared_ptr<const pool::ServerView> view) override {
    for (std::size_t i = 0; i < slots_.size(); ++i)
      if (auto slot = slots_[i].lock()) workers_[i]->publish(std::move(slot), view);
  }
  bool present() const override {
    return std::any_of(slots_.begin(), slots_.end(), [](const auto& slot) { return !slot.expired(); });
  }

 private:
  const std::vector<std::unique_ptr<Worker>>& workers_;
  std::vector<std::weak_ptr<ServerSlot>> slots_;
};

}  // namespace

Proxy::Proxy(std::shared_ptr<const auth::Credentials> credentials, Certificates certificates, int workers)
    : credentials_(std::move(credentials)),
      observed_(Observed::under(policy())),
      message_room_(policy().limits.message_memory),
      logging_in_(kLogins),
      server_tls_(std::move(certificates.servers)),
      front_(0),
      certificates_(std::move(certificates.listeners)),
      administration_(front_, workers_,
                      {.logins = [this] { return logging_in_.taken(); },
                       .show =
                           [this](std::vector<admin::Peer>& clients) {
                             for (const auto& [id, console] : consoles_) clients.push_back(console->shown());
                           },
                       .end = [this](std::int32_t id) { return end_console(id); }}) {
  budgets_.set_places(policy().server_connections);
  for (int i = 0; i < workers; ++i)
    workers_.push_back(std::make_unique<Worker>(
        i, [this](auto watch, std::function<void()> done) { ask_catalogue(std::move(watch), std::move(done)); },
        message_room_, server_tls_, hosts_, budgets_, observed_.get()));
}

Proxy::~Proxy() { stop(); }

Result<std::vector<Proxy::DoorPtr>> Proxy::make_doors(const policy::ListenAddress& address, net::Occupied occupied) {
  std::vector<DoorPtr> doors;
  if (address.unix_directory.empty()) {
    BULKHEAD_TRY(auto opened, net::Listener::tcp(front_, address.host, address.port, occupied));
    for (auto& listener : opened) doors.push_back(std::make_shared<Door>(std::move(listener), address));
  } else {
    BULKHEAD_TRY(auto listener, net::Listener::unix_socket(front_, address.unix_directory, address.port, occupied));
    doors.push_back(std::make_shared<Door>(std::move(listener), address));
  }
  return doors;
}

Result<void> Proxy::listen(net::Occupied occupied) {
  occupied_ = occupied;
  for (const auto& address : policy().listen) {
    BULKHEAD_TRY(auto made, make_doors(address, occupied));
    doors_.insert(doors_.end(), made.begin(), made.end());
  }
  furnish_doors(certificates_);
  return {};
}

void Proxy::start(Operations operations, std::function<void(Result<void>)> listening) {
  asio::post(front_.context(), [this, operations = std::move(operations), listening = std::move(listening)]() mutable {
    administration_.use(std::move(operations));
    put_in_force({});
    for (const auto& worker : workers_) worker->start();
    if (occupied_ == net::Occupied::refuse) return listening(open_doors());
    // Who comes before would be refused where the process before would have served him.
    const auto unseen = std::make_shared<std::size_t>(watched_.size());
    for (const auto& [name, watched] : watched_)
      watched.watch->refresh([this, unseen, listening] {
        if (--*unseen == 0 && accepting_) listening(open_doors());
      });
  });
  front_.start();
}

Result<void> Proxy::open_doors() {
  for (const auto& door : doors_) BULKHEAD_CHECK(door->listener.open());
  for (const auto& door : doors_) attend(door);
  return {};
}

void Proxy::attend(const DoorPtr& door) {
  log::info("listening", {{"address", door->listener.name()}});
  net::start(front_, "accept", accept_at(door));
}

asio::awaitable<void> Proxy::accept_at(DoorPtr door) {
  const Entering entering(entering_);
  std::function<void(net::Stream)> accepted = [this, door](net::Stream stream) {
    net::start(front_, "login", serve(std::move(stream), door, Entering(entering_)));
  };
  co_await door->listener.run(std::move(accepted));
}

/// What each door asks of who comes in: the policy's, with its certificates by address. One that is closed keeps what it had, for who has
/// just come in by it.
void Proxy::furnish_doors(const std::vector<std::shared_ptr<const net::TlsContext>>& certificates) {
  for (std::size_t i = 0; i < policy().listen.size(); ++i)
    for (const auto& door : doors_)
      if (door->place.same_place(policy().listen[i])) door->entrance = {policy().listen[i].tls.mode, certificates[i]};
}

/// Has the workers go on under credentials_, and the servers of its policy watched: by those of `before`, where it is the same database.
void Proxy::put_in_force(std::map<std::string, Watched> before) {
  administration_.use(credentials_->policy());
  for (const auto& [id, console] : std::map(consoles_)) console->follow(*credentials_);
  std::vector<Generation> generations(workers_.size(), Generation{credentials_, {}});
  for (const auto& [name, server] : policy().servers) {
    const auto old = before.find(name);
    const bool same = old != before.end() && policy::same_database(old->second.server, server);
    Watched watched = same ? std::move(old->second) : Watched{server, nullptr, {}};
    if (same) {
      watched.server = server;
      watched.watch->use(credentials_->policy());
    } else {
      for (std::size_t i = 0; i < workers_.size(); ++i) watched.slots.push_back(std::make_shared<ServerSlot>());
      watched.watch = std::make_shared<pool::ServerWatch>(front_, credentials_->policy(), server, server_tls_, hosts_,
                                                          std::make_unique<Onlookers>(workers_, watched.slots));
      for (const auto& slot : watched.slots) slot->watch = watched.watch;
      watched.watch->start();
    }
    for (std::size_t i = 0; i < workers_.size(); ++i) generations[i].servers[name] = watched.slots[i];
    watched_.insert_or_assign(name, std::move(watched));
  }
  // A watch that has no successor goes on for the sessions that are not done with its server.
  std::erase_if(leaving_, [](const auto& watch) { return watch.expired(); });
  for (const auto& [name, old] : before)
    if (old.watch) leaving_.push_back(old.watch);
  for (std::size_t i = 0; i < workers_.size(); ++i) workers_[i]->use(std::move(generations[i]));
}

Result<void> Proxy::reload(std::shared_ptr<const auth::Credentials> credentials, Certificates certificates) {
  const auto on_front = asio::use_future([&] { return replace(std::move(credentials), std::move(certificates)); });
  return asio::post(front_.context(), on_front).get();
}

/// New doors are opened first: it is what can fail.
Result<void> Proxy::replace(std::shared_ptr<const auth::Credentials> credentials, Certificates certificates) {
  std::vector<DoorPtr> stay, open;
  for (const auto& address : credentials->policy()->listen) {
    const auto before = stay.size();
    std::copy_if(doors_.begin(), doors_.end(), std::back_inserter(stay),
                 [&](const DoorPtr& door) { return door->place.same_place(address); });
    if (stay.size() > before) continue;
    BULKHEAD_TRY(auto made, make_doors(address, net::Occupied::refuse));
    for (const auto& door : made) BULKHEAD_CHECK(door->listener.open());
    open.insert(open.end(), made.begin(), made.end());
  }
  for (const auto& door : doors_) {
    if (std::find(stay.begin(), stay.end(), door) != stay.end()) continue;
    log::info("no longer listening", {{"address", door->listener.name()}});
    door->listener.close();
  }
  for (const auto& door : open) attend(door);
  doors_ = std::move(stay);
  doors_.insert(doors_.end(), open.begin(), open.end());

  credentials_ = std::move(credentials);
  message_room_.set_limit(policy().limits.message_memory);
  budgets_.set_places(policy().server_connections);
  server_tls_.replace(std::move(certificates.servers));
  furnish_doors(certificates.listeners);
  put_in_force(std::exchange(watched_, {}));
  return {};
}

void Proxy::use(Certificates certificates) {
  server_tls_.replace(std::move(certificates.servers));
  asio::post(front_.context(), [this, listeners = std::move(certificates.listeners)] { furnish_doors(listeners); });
}

void Proxy::refused(std::vector<std::string> faults) {
  asio::post(front_.context(), [this, faults = std::move(faults)]() mutable { administration_.refused(std::move(faults)); });
}

void Proxy::stop_accepting() {
  asio::post(front_.context(), [this] {
    accepting_ = false;
    for (const auto& door : doors_) door->listener.close();
  });
}

void Proxy::stop() {
  if (std::exchange(stopped_, true)) return;
  stop_accepting();
  asio::post(front_.context(), [this] {
    for (const auto& [id, console] : std::map(consoles_))
      console->end(make_error(sqlstate::admin_shutdown, "terminating connection due to administrator command"));
    for (const auto& [name, watched] : watched_) watched.watch->stop();
    for (const auto& leaving : leaving_)
      if (const auto watch = leaving.lock()) watch->stop();
    asio::post(front_.context(), [this] { front_.stop(); });
  });
  front_.join();
  for (const auto& worker : workers_) worker->stop();
  for (const auto& worker : workers_) worker->join();
  pool::end_key_derivation();
}

asio::awaitable<void> Proxy::serve(net::Stream stream, DoorPtr door, Entering entering) {
  std::optional<LoginPlaces::Place> place;
  place.emplace(logging_in_, stream.origin(), [&stream] { stream.close(); });
  net::Deadline deadline(front_, policy().limits.login_timeout, [&stream] { stream.close(); });
  Capacity capacity{
      .full = [this] { return seats_.all() >= policy().limits.clients; },
      .full_for = [this](const policy::Tenant& tenant) { return seats_.of(tenant.name) >= tenant.limits.clients; },
      .closed_for = [this](const policy::Tenant& tenant) { return administration_.disabled(tenant); },
      .console_full = [this] { return consoles_.size() >= kConsoles; }};
  Entrance entrance = door->entrance;
  auto outcome = co_await log_in(stream, credentials_, std::move(entrance), std::move(capacity));
  deadline.disarm();
  place.reset();
  if (auto* admitted = std::get_if<Admitted>(&outcome); admitted && stream.is_open()) {
    const auto& tenant = admitted->identity.tenant();
    Seat seat = seats_.take(tenant.name);
    log::info("login", {{"user", admitted->identity.user().name}, {"tenant", tenant.name}, {"client", stream.peer()},
                        {"tls", stream.tls() ? stream.tls()->version() : "off"}});
    worker_of(tenant).adopt(stream.release(), std::move(admitted->identity), std::move(admitted->settings), std::move(seat));
    co_return;
  }
  if (auto* admitted = std::get_if<AdmittedAdministrator>(&outcome); admitted && stream.is_open()) {
    { const Entering entered = std::move(entering); }  // who looks on from the console keeps nobody waiting
    co_return co_await serve(std::move(stream), std::move(*admitted));
  }
  if (auto* cancel = std::get_if<CancelAsked>(&outcome)) {
    const int index = Worker::index_of(cancel->process_id);
    const auto console = consoles_.find(cancel->process_id);
    if (console != consoles_.end() && auth::constant_time_equal(console->second->key().secret, cancel->secret)) console->second->cancel();
    if (index >= 0 && static_cast<std::size_t>(index) < workers_.size())
      workers_[static_cast<std::size_t>(index)]->cancel(cancel->process_id, std::move(cancel->secret));
  }
}

asio::awaitable<void> Proxy::serve(net::Stream stream, AdmittedAdministrator admitted) {
  // The login may have begun under the configuration before.
  auto administrator = credentials_->renew(admitted.administrator);
  if (!administrator) co_return co_await say_fatal(stream, administrator.error());
  log::info("login", {{"administrator", administrator->name()}, {"client", stream.peer()},
                      {"tls", stream.tls() ? stream.tls()->version() : "off"}});
  ConsoleSession console(administration_, front_, std::move(stream), std::move(*administrator), std::move(admitted.application_name),
                         new_console_key());
  const auto id = console.key().process_id;
  const auto leave = [this, id](ConsoleSession*) { consoles_.erase(id); };
  const std::unique_ptr<ConsoleSession, decltype(leave)> there(consoles_.emplace(id, &console).first->second, leave);
  co_await console.run();
}

bool Proxy::end_console(std::int32_t id) {
  const auto console = consoles_.find(id);
  if (console == consoles_.end()) return false;
  console->second->end(make_error(sqlstate::admin_shutdown, "terminating connection due to administrator command"));
  return true;
}

/// Below those of every worker: see Worker::index_of().
CancelKey Proxy::new_console_key() const {
  std::int32_t id = 1;
  while (consoles_.contains(id)) ++id;
  return {id, auth::random_bytes(4)};
}

Worker& Proxy::worker_of(const policy::Tenant& tenant) {
  return *workers_[std::hash<std::string>{}(tenant.name) % workers_.size()];
}

void Proxy::ask_catalogue(std::weak_ptr<pool::ServerWatch> asked, std::function<void()> done) {
  asio::post(front_.context(), [asked = std::move(asked), done = std::move(done)]() mutable {
    const auto watch = asked.lock();
    if (!watch) return done();
    watch->refresh(std::move(done));
  });
}

}  // namespace bulkhead::session
