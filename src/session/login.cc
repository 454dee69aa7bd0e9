#include "session/login.h"

#include "auth/server_side_login.h"
#include "auth/tenant_choice.h"
#include "base/log.h"
#include "proto/backend.h"
#include "proto/frame.h"
#include "proto/frontend.h"
#include "session/startup.h"

namespace bulkhead::session {
namespace asio = boost::asio;
namespace {

/// The body of one message of the login; an error is to be sent, unless it has no message.
asio::awaitable<Result<std::string>> read_answer(net::Stream& client, std::string& in) {
  for (;;) {
    const auto header = proto::peek_frame(in, proto::Direction::login);
    if (!header) co_return header.error();
    if (*header && in.size() >= (*header)->frame_length()) {
      const auto length = (*header)->frame_length();
      std::string body(proto::body_of(std::string_view(in).substr(0, length)));
      in.erase(0, length);
      co_return body;
    }
    if (in.size() > kLoginBuffer) co_return make_error(sqlstate::protocol_violation, "invalid message length");
    if (auto got = co_await client.read_more(in); !got) co_return make_error(sqlstate::connection_failure, {});
  }
}

using Proven = std::variant<auth::Identity, auth::Administrator>;

Error too_many_clients() {
  return make_error(sqlstate::too_many_connections, "sorry, too many clients already", "limits.clients sets the number.");
}

asio::awaitable<Result<Proven>> authenticate(net::Stream& client, std::string& in, auth::ServerSideLogin& login) {
  std::string out;
  const auto offered = login.mechanisms();
  proto::encode(proto::AuthenticationSASL{{offered.begin(), offered.end()}}, out);
  if (auto sent = co_await client.write_all(out); !sent) co_return make_error(sqlstate::connection_failure, {});

  auto body = co_await read_answer(client, in);
  if (!body) co_return body.error();
  const auto initial = proto::decode_sasl_initial_response(*body);
  if (!initial) co_return initial.error();
  auto challenge = login.on_sasl_initial(initial->mechanism, initial->response.value_or(std::string_view{}));
  if (!challenge) co_return challenge.error();
  out.clear();
  proto::encode(proto::AuthenticationSASLContinue{*challenge}, out);
  if (auto sent = co_await client.write_all(out); !sent) co_return make_error(sqlstate::connection_failure, {});

  body = co_await read_answer(client, in);
  if (!body) co_return body.error();
  auto completed = login.on_sasl_response(*body);
  if (!completed) co_return completed.error();
  out.clear();
  proto::encode(proto::AuthenticationSASLFinal{completed->server_final}, out);
  proto::encode(proto::AuthenticationOk{}, out);
  if (auto sent = co_await client.write_all(out); !sent) co_return make_error(sqlstate::connection_failure, {});
  co_return std::move(completed->who);
}

}  // namespace

asio::awaitable<LoginOutcome> log_in(net::Stream& client, std::shared_ptr<const auth::Credentials> credentials,
                                    Entrance entrance, Capacity capacity) {
  std::string in;
  const auto mode = entrance.mode;
  const auto end_point = entrance.tls ? entrance.tls->end_point() : std::string();
  auto first = co_await read_first_packet(client, in, std::move(entrance));
  if (!first) co_return Dismissed{};
  if (auto* cancel = std::get_if<CancelAsked>(&*first)) co_return std::move(*cancel);
  const auto startup = std::get<proto::StartupMessage>(std::move(*first));

  const auto value_of = [&](std::string_view key) {
    const auto* value = startup.find(key);
    return value ? *value : std::string();
  };
  const std::string name = value_of("user"), database = value_of("database");
  const bool to_console = auth::names_console(database.empty() ? name : database);
  if (!to_console && capacity.full()) {
    co_await say_fatal(client, too_many_clients());
    co_return Dismissed{};
  }
  if (const auto answer = proto::negotiate(startup)) {
    std::string out;
    proto::encode(*answer, out);
    if (!co_await client.write_all(out)) co_return Dismissed{};
  }
  auto request = judge_startup(startup, credentials->policy()->tenancy);
  if (const auto fit = check_entrance(client, mode, name); !fit) {
    log::info("login refused", {{"user", name}, {"client", client.peer()}, {"reason", fit.error().message}});
    co_await say_fatal(client, fit.error());
    co_return Dismissed{};
  }
  auth::ServerSideLogin login(credentials, name, database, client.tls() ? end_point : std::string());
  auto proven = co_await authenticate(client, in, login);
  if (!proven) {
    log::info("login refused", {{"user", name}, {"client", client.peer()}, {"reason", login.reason()}});
    if (!proven.error().message.empty()) co_await say_fatal(client, proven.error());
    co_return Dismissed{};
  }
  // Who may not log in learns nothing about settings: they are answered for after the proof, as PostgreSQL does.
  if (!request) {
    co_await say_fatal(client, request.error());
    co_return Dismissed{};
  }
  std::optional<Error> refusal;
  const auto* identity = std::get_if<auth::Identity>(&*proven);
  if (identity && capacity.closed_for(identity->tenant())) {
    refusal = make_error(sqlstate::cannot_connect_now, "this tenant takes no new clients now", "ENABLE at the console ends that.");
  } else if (identity && capacity.full_for(identity->tenant())) {
    const auto& tenant = identity->tenant();
    log::warning("tenant has too many clients", {{"tenant", tenant.name}, {"clients", tenant.limits.clients}});
    refusal = make_error(sqlstate::too_many_connections, "sorry, too many clients of this tenant already",
                         "limits.clients_per_tenant, or limits.clients of the tenant, sets the number.");
  } else if (identity && capacity.full()) {  // others have come in meanwhile
    refusal = too_many_clients();
  } else if (!identity && capacity.console_full()) {
    refusal = make_error(sqlstate::too_many_connections, "sorry, too many administrators at the console already");
  } else if (!in.empty()) {  // nothing is due before ReadyForQuery; a second startup message, say
    refusal = make_error(sqlstate::protocol_violation, "received data before the login was complete");
  }
  if (refusal) {
    co_await say_fatal(client, *refusal);
    co_return Dismissed{};
  }
  if (identity) co_return Admitted{*identity, std::move(request->settings)};
  const auto application_name = request->settings.find("application_name");
  co_return AdmittedAdministrator{std::get<auth::Administrator>(std::move(*proven)),
                                  application_name == request->settings.end() ? std::string() : application_name->second};
}

}  // namespace bulkhead::session
