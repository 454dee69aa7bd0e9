#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "net/stream.h"
#include "policy/model.h"
#include "proto/startup.h"

namespace bulkhead::session {

/// What a listener offers its clients and asks of them.
struct Entrance {
  policy::TlsMode mode = policy::TlsMode::disable;
  std::shared_ptr<const net::TlsContext> tls;  ///< null exactly if the mode is `disable`
};

/// The connection was for a CancelRequest.
struct CancelAsked {
  std::int32_t process_id;
  std::string secret;
};

using FirstPacket = std::variant<proto::StartupMessage, CancelAsked>;

/// What comes before a client says who it is: it asks for encryption, is answered and perhaps becomes TLS, or is TLS from
/// its first byte. Gives the packet it is here for; nothing if the connection has ended, with whatever answer was due.
/// `in` is what has been read beyond that.
///
/// TLS and GSSAPI are each asked for once at most, neither under TLS, and not a byte may stand behind the request: what a
/// client sends before the answer could have been put there by somebody else on the way, and would count as the client's
/// afterwards (CVE-2021-23214, CVE-2021-3935, CVE-2021-43766). With TLS from the first byte nothing can stand before it;
/// there ALPN has to name the protocol, so that no other's bytes are led here (PostgreSQL 17, ProcessSSLStartup).
boost::asio::awaitable<std::optional<FirstPacket>> read_first_packet(net::Stream& client, std::string& in,
                                                                     Entrance entrance);

/// Whether the client's way in is good enough for a login: TLS if that is demanded, a certificate that passed, and in
/// mode verify-full one whose common name is the user, as PostgreSQL's clientcert=verify-full. Cancel requests need none
/// of it, as with PostgreSQL: their key proves them.
Result<void> check_entrance(const net::Stream& client, policy::TlsMode mode, const std::string& user);

boost::asio::awaitable<void> say_fatal(net::Stream& client, Error error);

}  // namespace bulkhead::session
