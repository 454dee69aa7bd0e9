#include "auth/credentials.h"

#include <algorithm>
#include <utility>

#include "auth/crypto.h"
#include "policy/changes.h"

namespace bulkhead::auth {
namespace {

Error bad_user(const policy::User& user, const std::string& what) {
  return make_error(sqlstate::config_file_error, "user \"" + user.name + "\": " + what);
}

// The loader has checked this already; whoever builds a policy another way is held to it here.
Result<void> complete(const policy::Policy& policy, const policy::User& user) {
  if (user.tenants.empty()) return bad_user(user, "has no tenant");
  for (const auto& tenant : user.tenants)
    if (!policy.tenants.contains(tenant)) return bad_user(user, "there is no tenant \"" + tenant + "\"");
  if (!user.role.empty() && !policy.roles.contains(user.role))
    return bad_user(user, "there is no role \"" + user.role + "\"");
  return {};
}

}  // namespace

MockSecret MockSecret::random() { return MockSecret(Secret(random_bytes(kSha256Size))); }

Result<MockSecret> MockSecret::from(Secret key) {
  if (key.reveal().size() < 16)
    return make_error(sqlstate::config_file_error, "a mock secret needs at least 16 bytes");
  return MockSecret(std::move(key));
}

Result<ScramVerifier> verifier_of(const policy::User& user) {
  if (!user.verifier.empty()) {
    auto verifier = parse_verifier(user.verifier.reveal());
    if (!verifier) {
      auto error = verifier.error();
      error.message = "user \"" + user.name + "\": " + error.message;
      return error;
    }
    return verifier;
  }
  if (user.plain_password.empty()) return bad_user(user, "has no password");
  return derive_verifier(user.plain_password, random_bytes(kSaltSize), kDefaultIterations);
}

Result<std::shared_ptr<const Credentials>> Credentials::from(std::shared_ptr<const policy::Policy> policy,
                                                             MockSecret mock) {
  std::shared_ptr<Credentials> credentials(new Credentials(std::move(policy), std::move(mock)));
  std::map<int, int> users_by_iterations;
  for (const auto& [name, user] : credentials->policy_->users) {
    BULKHEAD_CHECK(complete(*credentials->policy_, user));
    BULKHEAD_TRY(auto verifier, verifier_of(user));
    ++users_by_iterations[verifier.iterations];
    credentials->accounts_.emplace(name, Account{std::move(verifier), &user});
  }
  const auto most = std::max_element(users_by_iterations.begin(), users_by_iterations.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most != users_by_iterations.end()) credentials->mock_iterations_ = most->first;
  return std::shared_ptr<const Credentials>(std::move(credentials));
}

Credentials::Account Credentials::find(std::string_view user) const {
  Account stand_in_account{stand_in(user), nullptr};  // also for a user there is, or the time taken would tell
  const auto found = accounts_.find(user);
  return found == accounts_.end() ? stand_in_account : found->second;
}

ScramVerifier Credentials::stand_in(std::string_view user) const {
  const auto derive = [&](const char* purpose) {
    return hmac_sha256(mock_.key().reveal(), std::string(purpose) + ":" + std::string(user));
  };
  return {mock_iterations_, derive("salt").substr(0, kSaltSize), derive("stored key"), derive("server key")};
}

namespace {

Error no_longer(const std::string& why) {
  Error error = make_error(sqlstate::admin_shutdown, "terminating connection due to administrator command");
  error.detail = "The configuration has been read anew, and " + why + ".";
  return error;
}

}  // namespace

Result<Identity> Credentials::renew(const Identity& before) const {
  if (before.policy() == policy_) return before;
  const auto account = accounts_.find(before.user().name);
  if (account == accounts_.end()) return no_longer("this user is not there any more");
  const policy::User& user = *account->second.user;
  const std::string& name = before.tenant().name;
  const auto tenant = policy_->tenants.find(name);
  if (tenant == policy_->tenants.end() || std::find(user.tenants.begin(), user.tenants.end(), name) == user.tenants.end())
    return no_longer("this tenant is not this user's any more");
  if (!policy::same_meaning(*before.policy(), before.tenant(), *policy_, *tenant->second))
    return no_longer("what this session has set would mean something else now");
  const auto role = policy_->roles.find(user.role);
  return Identity(policy_, &user, tenant->second.get(), role == policy_->roles.end() ? nullptr : &role->second);
}

}  // namespace bulkhead::auth
