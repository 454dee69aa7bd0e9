#pragma once

#include <string>
#include <string_view>

#include "auth/nonce.h"
#include "auth/verifier.h"
#include "base/result.h"

namespace bulkhead::auth {

/// The server's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677), with channel binding or without: on_first, then
/// on_final, once each; any other order is an error. Does no PBKDF2. Owned by one login; not thread-safe.
class ScramServer {
 public:
  struct Outcome {
    bool proven = false;       ///< the client knows the password
    std::string server_final;  ///< only to be sent if proven
  };

  /// `end_point`: what the client may bind to (net::end_point_of); empty: there is nothing, -PLUS was not offered.
  ScramServer(ScramVerifier verifier, const NonceSource& nonce, std::string end_point = {});

  /// client-first-message -> server-first-message. Errors are those of a malformed or unsupported message, and of one
  /// that does not fit the mechanism, `plus` or not, or what was offered: somebody between us has taken the offer away.
  Result<std::string> on_first(std::string_view client_first, bool plus = false);
  /// client-final-message -> whether it proved. The same work for a right and a wrong proof.
  Result<Outcome> on_final(std::string_view client_final);

 private:
  enum class State { expects_first, expects_final, finished };

  ScramVerifier verifier_;
  std::string server_nonce_;
  State state_ = State::expects_first;
  std::string end_point_, gs2_header_, client_first_bare_, server_first_, nonce_;
};

}  // namespace bulkhead::auth
