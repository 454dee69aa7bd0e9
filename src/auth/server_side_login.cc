#include "auth/server_side_login.h"

#include <utility>

#include "auth/scram_messages.h"
#include "auth/tenant_choice.h"

namespace bulkhead::auth {

ServerSideLogin::ServerSideLogin(std::shared_ptr<const Credentials> credentials, std::string user,
                                 std::string database, std::string end_point, const NonceSource& nonce)
    : credentials_(std::move(credentials)),
      user_(std::move(user)),
      database_(database.empty() ? user_ : std::move(database)),
      offers_plus_(!end_point.empty()),
      scram_(look_up(), nonce, std::move(end_point)) {}

/// Sets who it may be; the verifier that would prove it.
ScramVerifier ServerSideLogin::look_up() {
  if (names_console(database_)) {
    auto account = credentials_->find_administrator(user_);
    administrator_ = account.administrator;
    return std::move(account.verifier);
  }
  auto account = credentials_->find(user_);
  account_ = account.user;
  return std::move(account.verifier);
}

std::vector<std::string> ServerSideLogin::mechanisms() const {
  if (!offers_plus_) return {std::string(kScramSha256)};
  return {std::string(kScramSha256Plus), std::string(kScramSha256)};
}

Result<std::string> ServerSideLogin::on_sasl_initial(std::string_view mechanism, std::string_view data) {
  BULKHEAD_CHECK(still_open());
  const bool plus = offers_plus_ && mechanism == kScramSha256Plus;
  if (!plus && mechanism != kScramSha256) {
    reason_ = "unknown SASL mechanism";
    return make_error(sqlstate::protocol_violation, "the client chose a SASL mechanism that was not offered");
  }
  auto server_first = scram_.on_first(data, plus);
  if (!server_first) reason_ = "bad SCRAM message or channel binding";
  return server_first;
}

Result<ServerSideLogin::Completed> ServerSideLogin::on_sasl_response(std::string_view data) {
  BULKHEAD_CHECK(still_open());
  auto outcome = scram_.on_final(data);
  if (!outcome) {
    reason_ = "bad SCRAM message or channel binding";
    return outcome.error();
  }
  if (!account_ && !administrator_) return refuse(names_console(database_) ? "unknown administrator" : "unknown user");
  if (!outcome->proven) return refuse("wrong password");
  if (administrator_) return Completed{std::move(outcome->server_final), Administrator(credentials_->policy(), administrator_)};

  const auto& policy = *credentials_->policy();
  const auto* tenant = choose_tenant(policy, *account_, database_);
  if (tenant == nullptr) return refuse("database not open to this user");
  const auto role = policy.roles.find(account_->role);
  return Completed{std::move(outcome->server_final),
                   Identity(credentials_->policy(), account_, tenant, role == policy.roles.end() ? nullptr : &role->second)};
}

Result<void> ServerSideLogin::still_open() const {
  if (reason_.empty()) return {};
  return make_error(sqlstate::protocol_violation, "this login has been refused already");
}

Error ServerSideLogin::refuse(std::string_view reason) {
  reason_ = reason;
  return make_error(sqlstate::invalid_password, "password authentication failed for user \"" + user_ + "\"");
}

}  // namespace bulkhead::auth
