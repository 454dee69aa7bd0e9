#include "pool/server_connection.h"

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/deadline.h"
#include "pool/key_cache.h"
#include "pool/target.h"
#include "proto/backend.h"
#include "proto/frontend.h"

namespace bulkhead::pool {
namespace asio = boost::asio;

namespace {
std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}
}  // namespace

ServerConnection::ServerConnection(net::Loop& loop, net::Stream stream, LoggedIn login, bool direct)
    : channel_(std::make_shared<net::Channel>(loop, std::move(stream))), login_(std::move(login)), direct_(direct), id_(next_id()) {
  backend_.process_id = login_.process_id;
  backend_.reported = std::move(login_.parameters);
}

ServerConnection::~ServerConnection() {
  channel_->set_owner(nullptr);
  say_goodbye();
  channel_->close();
}

/// In the middle of a message (the rest of it was kept back, or never came) it is not Terminate, but what is behind it is the end.
void ServerConnection::say_goodbye() {
  if (std::exchange(parting_, true) || !channel_->is_open() || channel_->broken()) return;
  std::string bye;
  proto::encode(proto::Terminate{}, bye);
  if (channel_->unsent() == 0) channel_->send(bye);
  channel_->finish();
}

CancelTarget ServerConnection::cancel_target() const {
  return {address_, host_.host, login_.process_id, login_.cancel_key, tls_, direct_};
}

namespace {

auth::ClientChannel channel_of(const net::Stream& stream) {
  return stream.tls() ? auth::ClientChannel{true, stream.tls()->peer_end_point()} : auth::ClientChannel{};
}

/// The dialogue of one login on a stream that is connected. `refused`: the server itself said no.
asio::awaitable<Result<LoggedIn>> log_in(net::Stream& stream, const policy::Policy& policy, const policy::Server& server,
                                         const policy::Tenant* tenant, bool& refused) {
  std::string out;
  if (auto encoded = proto::encode_startup(startup_parameters(policy, server, tenant), out); !encoded)
    co_return encoded.error();
  if (auto sent = co_await stream.write_all(out); !sent) co_return sent.error();

  ServerLogin login(server.user, server.password, channel_of(stream));
  std::string in;
  for (;;) {
    const auto header = proto::peek_frame(in, proto::Direction::backend);
    if (!header) co_return header.error();
    if (!*header || in.size() < (*header)->frame_length()) {
      if (in.size() > 65536) co_return make_error(sqlstate::protocol_violation, "the server's login message is too long");
      if (auto got = co_await stream.read_more(in); !got) co_return got.error();
      continue;
    }
    const auto length = (*header)->frame_length();
    auto step = login.on_frame((*header)->type, proto::body_of(std::string_view(in).substr(0, length)));
    in.erase(0, length);
    refused = login.refused();
    if (!step) co_return step.error();
    if (auto* derive = std::get_if<ServerLogin::DeriveKeys>(&*step)) {
      const auth::NeedKeys need = derive->need;
      const auth::ScramKeys keys = co_await derive_keys(server.password, need);
      step = login.on_keys(keys);
      if (!step) co_return step.error();
    }
    if (auto* done = std::get_if<LoggedIn>(&*step)) {
      if (!in.empty()) co_return make_error(sqlstate::protocol_violation, "the server sent more than the login asked for");
      co_return std::move(*done);
    }
    const std::string& send = std::get<ServerLogin::Continue>(*step).send;
    if (!send.empty())
      if (auto sent = co_await stream.write_all(send); !sent) co_return sent.error();
  }
}

Error with_place(Error error, const policy::Server& server, const policy::HostPort& host) {
  error.message = "server \"" + server.name + "\" (" + host.host + ":" + std::to_string(host.port) + "): " + error.message;
  return error;
}

}  // namespace

namespace {

/// What one connection is opened for.
struct Opening {
  net::Loop& loop;
  const policy::Policy& policy;
  const policy::Server& server;
  std::shared_ptr<const net::TlsContext> tls;
  const policy::Tenant* tenant;
};

/// Connects to one address of the host and logs in, in the ways that tls.mode allows.
asio::awaitable<Result<ServerConnectionPtr>> enter(const Opening& what, const policy::HostPort& host, const net::Address& address) {
  const auto& server = what.server;
  Error last = make_error(sqlstate::connection_failure, "not tried");
  std::string earlier;  // what the attempt before this one met
  for (const Attempt attempt : attempts(server.tls.mode, host)) {
    bool late = false;
    const auto failed = [&](Error error) {
      if (late) error.message = "the login took longer than connect_timeout";
      if (!earlier.empty())
        error.message = earlier + (attempt == Attempt::plain ? "; without TLS: " : "; with TLS: ") + error.message;
      earlier = error.message;
      last = std::move(error);
    };
    auto stream = co_await net::connect(what.loop, address, server.connect_timeout);
    if (!stream) {
      failed(stream.error());
      break;
    }
    const net::Deadline deadline(what.loop, server.connect_timeout, [&late, &stream] {
      late = true;
      stream->close();
    });
    const auto agreed = co_await agree_on_tls(*stream, attempt, server.tls.direct, host.host, what.tls);
    if (!agreed) {
      failed(agreed.error());
      if (late) break;
      continue;
    }
    bool refused = false;
    auto login = co_await log_in(*stream, what.policy, server, what.tenant, refused);
    if (!login) {
      failed(login.error());
      if (refused && !late) continue;
      break;
    }
    auto used_tls = stream->tls() ? what.tls : nullptr;
    auto connection = std::make_unique<ServerConnection>(what.loop, std::move(*stream), std::move(*login), server.tls.direct);
    connection->set_host(host, address);
    connection->set_tls(std::move(used_tls));
    co_return connection;
  }
  co_return last;
}

Error misses(policy::Target target) {
  const auto is_not = [](const char* what) { return make_error(sqlstate::connection_failure, what); };
  switch (target) {
    case policy::Target::any: break;
    case policy::Target::primary: return is_not("is a standby, and the target is the primary");
    case policy::Target::standby:
    case policy::Target::prefer_standby: return is_not("is not a standby, which is the target");
    case policy::Target::read_write: return is_not("is read-only, and the target is read-write");
    case policy::Target::read_only: return is_not("is read-write, and the target is read-only");
  }
  return is_not("is not the target");
}

}  // namespace

asio::awaitable<Result<ServerConnectionPtr>> open_connection(net::Loop& loop,
                                                             std::shared_ptr<const policy::Policy> policy,
                                                             const policy::Server& server,
                                                             std::shared_ptr<const net::TlsContext> tls,
                                                             HostBook& hosts,
                                                             const policy::Tenant* tenant) {
  const Opening what{loop, *policy, server, std::move(tls), tenant};
  Error last = make_error(sqlstate::connection_failure, "server \"" + server.name + "\" has no hosts");
  ServerConnectionPtr second_best;
  const auto order = hosts.order(server, std::chrono::steady_clock::now());
  for (const auto& host : order) {
    bool full = false;  // it has no room at the moment: whoever waits need not despair, whatever the others say
    const auto failed = [&](Error error) {
      if (error.state == sqlstate::too_many_connections) full = true;
      if (full || last.state != sqlstate::too_many_connections) last = with_place(std::move(error), server, host);
    };
    const auto addresses = co_await net::resolve(loop, host.host, host.port, server.connect_timeout);
    if (!addresses) failed(addresses.error());
    for (std::size_t i = 0; addresses && i < addresses->size(); ++i) {
      auto opened = co_await enter(what, host, (*addresses)[i]);
      if (!opened) {
        failed(opened.error());
        continue;
      }
      const auto fits = fit(server.target, (*opened)->backend().reported);
      if (fits == Fit::yes) {
        hosts.worked(server, host);
        co_return opened;
      }
      failed(misses(server.target));
      if (fits == Fit::if_need_be && !second_best) second_best = std::move(*opened);
    }
    if (!full) hosts.failed(server, host, std::chrono::steady_clock::now());
  }
  if (second_best) co_return second_best;
  co_return last;
}

asio::awaitable<void> send_cancel(net::Loop& loop, CancelTarget target, Duration timeout) {
  std::string packet;
  if (!proto::encode_cancel_request(target.process_id, target.key, packet)) co_return;
  auto stream = co_await net::connect(loop, target.address, timeout);
  if (!stream) co_return;
  const net::Deadline deadline(loop, timeout, [&stream] { stream->close(); });
  const auto attempt = target.tls ? Attempt::tls : Attempt::plain;
  const auto agreed = co_await agree_on_tls(*stream, attempt, target.direct, target.host, target.tls);
  if (!agreed) co_return;
  if (!co_await stream->write_all(packet)) co_return;
  std::string answer;
  while (co_await stream->read_more(answer)) answer.clear();
}

}  // namespace bulkhead::pool
