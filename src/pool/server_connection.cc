#include "pool/server_connection.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/deadline.h"
#include "pool/key_cache.h"
#include "proto/backend.h"
#include "proto/frontend.h"

namespace bulkhead::pool {
namespace asio = boost::asio;

ServerConnection::ServerConnection(net::Loop& loop, net::Stream stream, LoggedIn login, const policy::Server& server,
                                   std::shared_ptr<const policy::Policy> policy)
    : channel_(std::make_shared<net::Channel>(loop, std::move(stream))),
      login_(std::move(login)),
      server_(server),
      policy_(std::move(policy)) {
  backend_.process_id = login_.process_id;
}

ServerConnection::~ServerConnection() {
  channel_->set_owner(nullptr);
  if (channel_->is_open() && !channel_->broken()) {
    std::string bye;
    proto::encode(proto::Terminate{}, bye);
    channel_->send(bye);
  }
  channel_->close();
}

namespace {

/// The dialogue of one login on a stream that is connected.
asio::awaitable<Result<LoggedIn>> log_in(net::Stream& stream, const policy::Policy& policy, const policy::Server& server,
                                         const policy::Tenant* tenant) {
  std::string out;
  if (auto encoded = proto::encode_startup(startup_parameters(policy, server, tenant), out); !encoded)
    co_return encoded.error();
  if (auto sent = co_await stream.write_all(out); !sent) co_return sent.error();

  ServerLogin login(server.user, server.password);
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

asio::awaitable<Result<ServerConnectionPtr>> open_connection(net::Loop& loop,
                                                             std::shared_ptr<const policy::Policy> policy,
                                                             const policy::Server& server, const policy::Tenant* tenant) {
  Error last = make_error(sqlstate::connection_failure, "server \"" + server.name + "\" has no hosts");
  for (const auto& host : server.hosts) {
    auto stream = co_await net::connect(loop, host.host, host.port, server.connect_timeout);
    if (!stream) {
      last = with_place(stream.error(), server, host);
      continue;
    }
    bool late = false;
    net::Deadline deadline(loop, server.connect_timeout, [&late, &stream] {
      late = true;
      stream->close();
    });
    auto login = co_await log_in(*stream, *policy, server, tenant);
    deadline.disarm();
    // Since PostgreSQL 14 the server tells at login whether it is in recovery.
    if (login && server.target == policy::Target::primary && login->parameters["in_hot_standby"] == "on") {
      last = with_place(make_error(sqlstate::connection_failure, "is a standby, and the target is the primary"), server, host);
      continue;
    }
    if (login) {
      auto connection = std::make_unique<ServerConnection>(loop, std::move(*stream), std::move(*login), server, policy);
      connection->set_host(host);
      co_return connection;
    }
    last = with_place(late ? make_error(sqlstate::connection_failure, "the login took longer than connect_timeout")
                           : login.error(),
                      server, host);
  }
  co_return last;
}

asio::awaitable<void> send_cancel(net::Loop& loop, policy::HostPort host, std::int32_t process_id, std::string key,
                                  Duration timeout) {
  std::string packet;
  if (!proto::encode_cancel_request(process_id, key, packet)) co_return;
  auto stream = co_await net::connect(loop, host.host, host.port, timeout);
  if (!stream) co_return;
  const net::Deadline deadline(loop, timeout, [&stream] { stream->close(); });
  if (!co_await stream->write_all(packet)) co_return;
  std::string answer;
  while (co_await stream->read_more(answer)) answer.clear();
}

}  // namespace bulkhead::pool
