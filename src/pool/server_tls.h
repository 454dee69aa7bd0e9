#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "net/stream.h"
#include "policy/model.h"

namespace bulkhead::pool {

/// What ALPN calls the protocol (manual, "SSL Session Encryption").
inline constexpr const char* kAlpn = "postgresql";

/// How one attempt at a connection treats TLS.
enum class Attempt : std::uint8_t {
  plain,
  if_offered,  ///< TLS if the server says yes, plain if it says no
  tls,
};

/// What is tried one after the other with a host until a login succeeds, as libpq does (PQconnectPoll, fe-connect.c): the
/// second when a TLS handshake fails, or when the server refuses the login, for its pg_hba.conf may ask for the other
/// kind. Unix sockets are plain in every mode.
std::span<const Attempt> attempts(policy::TlsMode mode, const policy::HostPort& host);

/// The context of a server's tls:, its files read and checked. Null for mode disable.
Result<std::shared_ptr<const net::TlsContext>> make_server_tls(const policy::Server& server);

/// The contexts of all servers, replaced together. Any thread; outlives the pools and watches.
class ServerTls {
 public:
  using Contexts = std::map<std::string, std::shared_ptr<const net::TlsContext>>;
  explicit ServerTls(Contexts contexts) : contexts_(std::move(contexts)) {}

  std::shared_ptr<const net::TlsContext> of(const policy::Server& server) const;
  /// For connections opened from now on.
  void replace(Contexts contexts);

 private:
  mutable std::mutex mutex_;
  Contexts contexts_;
};

/// Agrees on TLS over a stream that has just been connected, and shakes hands. Bytes that come with the server's yes, not
/// protected by what follows, are an error: somebody else may have written them (CVE-2021-23222).
boost::asio::awaitable<Result<void>> agree_on_tls(net::Stream& stream, Attempt attempt, bool direct, std::string host,
                                                  std::shared_ptr<const net::TlsContext> context);

}  // namespace bulkhead::pool
