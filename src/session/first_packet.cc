#include "session/first_packet.h"

#include "base/log.h"
#include "pool/server_tls.h"
#include "proto/backend.h"

namespace bulkhead::session {
namespace asio = boost::asio;
namespace {

constexpr char kTlsHandshake = 0x16;  ///< the first byte of a ClientHello, and the length of no startup packet

/// One whole startup packet; nothing if the client has gone or the length is absurd, which PostgreSQL does not answer.
asio::awaitable<std::optional<std::string>> read_packet(net::Stream& client, std::string& in) {
  for (;;) {
    const auto length = proto::peek_startup(in);
    if (!length) co_return std::nullopt;
    if (*length && in.size() >= **length) {
      std::string packet = in.substr(0, **length);
      in.erase(0, **length);
      co_return packet;
    }
    if (!co_await client.read_more(in)) co_return std::nullopt;
  }
}

/// False: there was no agreement. A client that fails here cannot read an answer: the log has the reason.
asio::awaitable<bool> accept_tls(net::Stream& client, std::shared_ptr<const net::TlsContext> tls, bool direct) {
  const std::string peer = client.peer();
  const auto agreed = co_await client.accept_tls(std::move(tls));
  if (!agreed) log::info("login refused", {{"client", peer}, {"reason", agreed.error().message}});
  if (!agreed || !direct || client.tls()->alpn() == pool::kAlpn) co_return bool(agreed);
  log::info("login refused", {{"client", peer}, {"reason", "direct TLS without ALPN"}});
  co_await say_fatal(client, make_error(sqlstate::protocol_violation,
                                        "received direct SSL connection request without ALPN protocol negotiation extension"));
  co_return false;
}

}  // namespace

asio::awaitable<void> say_fatal(net::Stream& client, Error error) {
  std::string out;
  proto::encode_error(error, "FATAL", out);
  co_await client.write_all(out);
}

asio::awaitable<std::optional<FirstPacket>> read_first_packet(net::Stream& client, std::string& in, Entrance entrance) {
  if (entrance.tls) {
    const auto first = co_await client.peek();
    if (!first) co_return std::nullopt;
    if (*first == kTlsHandshake) {
      const bool agreed = co_await accept_tls(client, entrance.tls, true);
      if (!agreed) co_return std::nullopt;
    }
  }
  bool asked_tls = client.tls() != nullptr;
  bool asked_gss = asked_tls;
  for (;;) {
    const auto packet = co_await read_packet(client, in);
    if (!packet) co_return std::nullopt;
    auto decoded = proto::decode_startup(*packet);
    if (!decoded) {
      co_await say_fatal(client, decoded.error());
      co_return std::nullopt;
    }
    if (const auto* cancel = std::get_if<proto::CancelRequest>(&*decoded))
      co_return CancelAsked{cancel->process_id, std::string(cancel->key)};
    if (auto* message = std::get_if<proto::StartupMessage>(&*decoded)) co_return std::move(*message);
    const bool for_tls = std::holds_alternative<proto::SSLRequest>(*decoded);
    bool& asked = for_tls ? asked_tls : asked_gss;
    if (asked || !in.empty()) {
      co_await say_fatal(client, make_error(sqlstate::protocol_violation,
                                            asked ? "received a second encryption request"
                                                  : "received unencrypted data after an encryption request"));
      co_return std::nullopt;
    }
    asked = true;
    const bool yes = for_tls && entrance.tls;
    const auto answered = co_await client.write_all(yes ? "S" : "N");
    if (!answered) co_return std::nullopt;
    if (!yes) continue;
    asked_gss = true;
    const bool agreed = co_await accept_tls(client, entrance.tls, false);
    if (!agreed) co_return std::nullopt;
  }
}

Result<void> check_entrance(const net::Stream& client, policy::TlsMode mode, const std::string& user) {
  using policy::TlsMode;
  if (mode == TlsMode::disable || mode == TlsMode::allow || mode == TlsMode::prefer) return {};
  if (!client.tls())
    return make_error(sqlstate::invalid_authorization_specification, "logins are taken over TLS only at this address",
                      "Connect with sslmode=require or better; tls.mode of the listener demands it.");
  if (mode == TlsMode::require) return {};
  if (!client.tls()->peer_has_certificate())
    return make_error(sqlstate::invalid_authorization_specification, "connection requires a valid client certificate",
                      "Connect with sslcert and sslkey; tls.mode of the listener demands it.");
  if (mode == TlsMode::verify_full && client.tls()->peer_common_name() != user)
    return make_error(sqlstate::invalid_authorization_specification,
                      "certificate authentication failed for user \"" + user + "\"",
                      "The certificate's common name has to be the user's; tls.mode of the listener demands it.");
  return {};
}

}  // namespace bulkhead::session
