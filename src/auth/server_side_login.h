#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/credentials.h"
#include "auth/identity.h"
#include "auth/nonce.h"
#include "auth/scram_server.h"
#include "base/result.h"

namespace bulkhead::auth {

/// One client's login, from the offer of mechanisms to who it is: mechanisms, on_sasl_initial, on_sasl_response,
/// in this order and once each. Handles the payloads; somebody else frames them. Every error is final: send it as
/// FATAL and close. Owned by one session, not thread-safe; microseconds of work, so it may run on an I/O thread.
///
/// Unknown user, wrong password, unknown database and another tenant's database are answered by one and the same
/// error, at the same step, after the same work: nobody learns which names exist. So are they at the console, where names are
/// looked up among the administrators alone: a database of its name is always the console, and no way leads from the one to the other.
class ServerSideLogin {
 public:
  struct Completed {
    std::string server_final;  ///< the data of AuthenticationSASLFinal
    std::variant<Identity, Administrator> who;
  };

  /// `user` and `database` as the startup message names them; an empty database is the user's name (manual, "Message
  /// Formats", StartupMessage). `end_point`: what SCRAM-SHA-256-PLUS binds to; empty: it is not offered.
  ServerSideLogin(std::shared_ptr<const Credentials> credentials, std::string user, std::string database,
                  std::string end_point = {}, const NonceSource& nonce = random_nonce);

  /// For AuthenticationSASL, the preferred one first.
  std::vector<std::string> mechanisms() const;
  /// The mechanism and data of SASLInitialResponse -> the data of AuthenticationSASLContinue.
  Result<std::string> on_sasl_initial(std::string_view mechanism, std::string_view data);
  /// The data of SASLResponse -> who the client is.
  Result<Completed> on_sasl_response(std::string_view data);

  /// Why the login was refused, for log and audit; the client must not see it. Empty as long as it was not.
  std::string_view reason() const { return reason_; }

 private:
  Result<void> still_open() const;
  Error refuse(std::string_view reason);
  ScramVerifier look_up();

  std::shared_ptr<const Credentials> credentials_;
  std::string user_, database_;
  const policy::User* account_ = nullptr;                    ///< null: nobody, or not a tenant's database
  const policy::Administrator* administrator_ = nullptr;  ///< null: nobody, or not the console
  bool offers_plus_;
  ScramServer scram_;
  std::string_view reason_;  ///< always a literal
};

}  // namespace bulkhead::auth
