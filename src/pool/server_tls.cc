#include "pool/server_tls.h"

#include <array>

#include "proto/startup.h"

namespace bulkhead::pool {
namespace asio = boost::asio;
namespace {

Error disagreement(std::string message) { return make_error(sqlstate::connection_failure, std::move(message)); }

net::PeerCheck check_of(const policy::Tls& tls) {
  if (tls.mode == policy::TlsMode::verify_full) return net::PeerCheck::name;
  // As libpq: whoever names an authority has every server held against it, in the lesser modes as well.
  return tls.ca.empty() && !tls.system_ca ? net::PeerCheck::none : net::PeerCheck::chain;
}

}  // namespace

std::span<const Attempt> attempts(policy::TlsMode mode, const policy::HostPort& host) {
  static constexpr std::array kPlain{Attempt::plain};
  static constexpr std::array kAllow{Attempt::plain, Attempt::if_offered};
  static constexpr std::array kPrefer{Attempt::if_offered, Attempt::plain};
  static constexpr std::array kTls{Attempt::tls};
  if (host.host.starts_with('/')) return kPlain;
  switch (mode) {
    case policy::TlsMode::disable: return kPlain;
    case policy::TlsMode::allow: return kAllow;
    case policy::TlsMode::prefer: return kPrefer;
    case policy::TlsMode::require:
    case policy::TlsMode::verify_ca:
    case policy::TlsMode::verify_full: return kTls;
  }
  return kTls;
}

Result<std::shared_ptr<const net::TlsContext>> make_server_tls(const policy::Server& server) {
  const auto& tls = server.tls;
  if (tls.mode == policy::TlsMode::disable) return std::shared_ptr<const net::TlsContext>();
  return net::TlsContext::for_client({.certificate = tls.certificate,
                                      .key = tls.key,
                                      .ca = tls.ca,
                                      .system_ca = tls.system_ca,
                                      .check = check_of(tls),
                                      .min_protocol = tls.tls13 ? net::TlsVersion::tls13 : net::TlsVersion::tls12,
                                      .alpn = kAlpn});
}

std::shared_ptr<const net::TlsContext> ServerTls::of(const policy::Server& server) const {
  const std::lock_guard lock(mutex_);
  const auto at = contexts_.find(server.name);
  return at == contexts_.end() ? nullptr : at->second;
}

void ServerTls::replace(Contexts contexts) {
  const std::lock_guard lock(mutex_);
  contexts_.swap(contexts);
}

asio::awaitable<Result<void>> agree_on_tls(net::Stream& stream, Attempt attempt, bool direct, std::string host,
                                           std::shared_ptr<const net::TlsContext> context) {
  if (attempt == Attempt::plain) co_return Result<void>();
  if (!context) co_return disagreement("there is no TLS configuration for this server");
  if (!direct) {
    std::string request;
    proto::encode_ssl_request(request);
    if (auto sent = co_await stream.write_all(request); !sent) co_return sent.error();
    std::string answer;
    if (auto got = co_await stream.read_more(answer); !got) co_return got.error();
    if (answer.size() > 1) co_return disagreement("received unencrypted data behind the server's answer to the TLS request");
    if (answer == "N" && attempt == Attempt::if_offered) co_return Result<void>();
    if (answer == "N")
      co_return make_error(sqlstate::connection_failure, "the server does not offer TLS, and tls.mode demands it",
                           "PostgreSQL: ssl = on, ssl_cert_file and ssl_key_file.");
    // Anything else is an error message, and one that somebody between could have written (CVE-2024-10977).
    if (answer != "S") co_return disagreement("the server sent an error in place of an answer to the TLS request");
  }
  if (auto agreed = co_await stream.connect_tls(std::move(context), std::move(host)); !agreed) co_return agreed.error();
  if (direct && stream.tls()->alpn() != kAlpn)
    co_return make_error(sqlstate::connection_failure, "the server did not agree on the protocol \"postgresql\" (ALPN)",
                         "tls.negotiation: direct needs PostgreSQL 17 or later.");
  co_return Result<void>();
}

}  // namespace bulkhead::pool
