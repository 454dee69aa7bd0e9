#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "auth/nonce.h"
#include "auth/scram_client.h"
#include "base/result.h"
#include "policy/model.h"
#include "pool/reported.h"
#include "proto/frame.h"
#include "proto/startup.h"

namespace bulkhead::pool {

/// The StartupMessage of a connection that belongs to `tenant` (null: the control connection, which sees no tenant's
/// rows). It is built by us from the policy alone, nothing of a client's goes in. The tenant variable travels here and not
/// in a SET: RESET, RESET ALL, DISCARD ALL and ROLLBACK all come back to it.
proto::Parameters startup_parameters(const policy::Policy& policy, const policy::Server& server,
                                     const policy::Tenant* tenant);

/// True if a ParameterStatus keeps to what is pinned: standard_conforming_strings on, client_encoding UTF8. With anything
/// else the server would read a text differently from the parser that judged it; the connection must end.
bool keeps_pins(std::string_view name, std::string_view value);

/// What a completed login leaves.
struct LoggedIn {
  Reported parameters;             ///< every ParameterStatus
  std::int32_t process_id = 0;     ///< BackendKeyData
  std::string cancel_key;
};

/// The client's side of a login at the server: frames in, frames out, no I/O. PostgreSQL manual, "Message Flow",
/// "Start-up". PBKDF2 is asked for (DeriveKeys), not done. Errors end the connection. One use.
class ServerLogin {
 public:
  struct Continue {
    std::string send;  ///< may be empty
  };
  struct DeriveKeys {
    auth::NeedKeys need;  ///< answer with on_keys()
  };
  using Step = std::variant<Continue, DeriveKeys, LoggedIn>;

  ServerLogin(std::string user, Secret password, auth::ClientChannel channel = {},
              const auth::NonceSource& nonce = auth::random_nonce);

  Result<Step> on_frame(char type, std::string_view body);
  Result<Step> on_keys(const auth::ScramKeys& keys);
  /// The server itself has said no: it may say yes to the same login with TLS, or without (pg_hba.conf).
  bool refused() const { return refused_; }

 private:
  Result<Step> on_authentication(std::string_view body);
  Result<void> check_encoding() const;

  std::string user_;
  Secret password_;
  auth::ClientChannel channel_;
  auth::ScramClient scram_;
  bool refused_ = false;
  bool asked_ = false;          ///< a method was asked for and answered
  bool scram_started_ = false;
  bool authenticated_ = false;
  LoggedIn result_;
};

}  // namespace bulkhead::pool
