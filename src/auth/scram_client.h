#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/nonce.h"
#include "base/result.h"
#include "base/secret.h"

namespace bulkhead::auth {

/// Fewer make a stolen exchange too cheap to search, more let a hostile server burn our processors (CVE-2026-6669).
inline constexpr int kMinimumIterations = 1000;
inline constexpr int kMaximumIterations = 600'000;

/// What a password becomes for one (salt, iterations): worth caching as long as the server keeps both. Zeroed when it
/// dies.
struct ScramKeys {
  Secret client_key;
  Secret server_key;
};

/// What the keys have to be derived from (or looked up by).
struct NeedKeys {
  std::string salt;
  int iterations = 0;

  auto operator<=>(const NeedKeys&) const = default;
};

/// PBKDF2, milliseconds: never on an I/O thread. Applies SASLprep. Pure; any thread.
ScramKeys derive_keys(const Secret& password, std::string_view salt, int iterations);

/// What of the connection the client's side of an exchange can bind to.
struct ClientChannel {
  bool tls = false;
  std::string end_point;  ///< of the server's certificate (net::end_point_of); empty: there is nothing to bind to
};

/// SCRAM-SHA-256-PLUS if the server offers it and there is something to bind to, else SCRAM-SHA-256 if it offers that. An
/// offer of -PLUS without TLS is an error: it was made over TLS, and somebody in between has ended that (as libpq,
/// pg_SASL_init).
Result<std::string> choose_mechanism(const std::vector<std::string>& offered, const ClientChannel& channel = {});

/// The client's side of one SCRAM-SHA-256 exchange towards PostgreSQL: the functions below in their order, once each;
/// any other order is an error. An error ends the exchange. Owned by one connection; not thread-safe.
class ScramClient {
 public:
  explicit ScramClient(const NonceSource& nonce, ClientChannel channel = {});

  /// The data of SASLInitialResponse for the mechanism chosen. Names no user: PostgreSQL takes the startup message's.
  Result<std::string> first(std::string_view mechanism);
  /// The data of AuthenticationSASLContinue -> what to derive the keys from.
  Result<NeedKeys> on_server_first(std::string_view data);
  /// The data of SASLResponse.
  Result<std::string> final(const ScramKeys& keys);
  /// The data of AuthenticationSASLFinal: only after success here is the server the one that knows the password, and
  /// only then may an AuthenticationOk be believed.
  Result<void> on_server_final(std::string_view data);
  bool finished() const { return state_ == State::finished; }

 private:
  enum class State { expects_start, expects_server_first, expects_keys, expects_server_final, finished, failed };
  /// The state becomes `failed` until the step that called sets the next one.
  Result<void> enter(State expected);

  State state_ = State::expects_start;
  ClientChannel channel_;
  std::string gs2_header_;
  std::string client_nonce_, first_bare_, server_first_, nonce_;
  std::string server_signature_;
};

}  // namespace bulkhead::auth
