#pragma once

// The four messages of a SCRAM exchange (RFC 5802 §5, §7), text <-> structs. Pure. Views point into the message
// parsed. Both peers are foreign: nothing longer than kMaximumMessage is looked at.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulkhead::auth {

inline constexpr std::string_view kScramSha256 = "SCRAM-SHA-256";
inline constexpr std::string_view kScramSha256Plus = "SCRAM-SHA-256-PLUS";
inline constexpr std::size_t kMaximumMessage = 1024;  ///< PG_MAX_SASL_MESSAGE_LENGTH of PostgreSQL

/// The one type of channel binding there is in PostgreSQL: the hash of the server's certificate (RFC 5929 §4).
inline constexpr std::string_view kEndPointBinding = "p=tls-server-end-point";

struct ClientFirst {
  std::string_view gs2_header;  ///< up to and including the second comma
  char binding = 'n';           ///< 'n': the client cannot bind to a channel, 'y': it thinks we cannot, 'p': it does
  std::string_view bare;        ///< the rest, as it enters the AuthMessage
  std::string_view nonce;
};
/// Refuses another type of channel binding, an authorisation identity and mandatory extensions. The user name inside is
/// ignored: the startup message's counts, as in PostgreSQL.
Result<ClientFirst> parse_client_first(std::string_view message);

struct ServerFirst {
  std::string_view nonce;
  std::string salt;
  int iterations = 0;
};
/// Any iteration count that fits; how many are acceptable is the client's decision.
Result<ServerFirst> parse_server_first(std::string_view message);

struct ClientFinal {
  std::string binding;  ///< decoded: the gs2 header again, and what of the channel is bound
  std::string_view nonce;
  std::string_view without_proof;  ///< as it enters the AuthMessage
  std::string proof;               ///< decoded, kSha256Size bytes
};
Result<ClientFinal> parse_client_final(std::string_view message);

/// Either the server's signature, kSha256Size bytes, or the Error its e= attribute says.
Result<std::string> parse_server_final(std::string_view message);

/// AuthMessage of RFC 5802 §3.
std::string auth_message(std::string_view client_first_bare, std::string_view server_first,
                         std::string_view client_final_without_proof);

}  // namespace bulkhead::auth
