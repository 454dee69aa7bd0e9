#include "auth/credentials.h"

#include <algorithm>
#include <utility>

#include "auth/crypto.h"
#include "policy/changes.h"

namespace bulkhead::auth {
namespace {

Error bad(const std::string& who, const std::string& what) { return make_error(sqlstate::config_file_error, who + ": " + what); }
std::string words_for(const policy::User& user) { return "user \"" + user.name + '"'; }
std::string words_for(const policy::Administrator& administrator) { return "administrator \"" + administrator.name + '"'; }

// The loader has checked this already; whoever builds a policy another way is held to it here.
Result<void> complete(const policy::Policy& policy, const policy::User& user) {
  if (user.tenants.empty()) return bad(words_for(user), "has no tenant");
  for (const auto& tenant : user.tenants)
    if (!policy.tenants.contains(tenant)) return bad(words_for(user), "there is no tenant \"" + tenant + "\"");
  if (!user.role.empty() && !policy.roles.contains(user.role))
    return bad(words_for(user), "there is no role \"" + user.role + "\"");
  return {};
}

}  // namespace

MockSecret MockSecret::random() { return MockSecret(Secret(random_bytes(kSha256Size))); }

Result<MockSecret> MockSecret::from(Secret key) {
  if (key.reveal().size() < 16)
    return make_error(sqlstate::config_file_error, "a mock secret needs at least 16 bytes");
  return MockSecret(std::move(key));
}

namespace {

template <class Account>
Result<ScramVerifier> make_verifier(const Account& account) {
  if (!account.verifier.empty()) {
    auto verifier = parse_verifier(account.verifier.reveal());
    if (!verifier) {
      auto error = verifier.error();
      error.message = words_for(account) + ": " + error.message;
      return error;
    }
    return verifier;
  }
  if (account.plain_password.empty()) return bad(words_for(account), "has no password");
  return derive_verifier(account.plain_password, random_bytes(kSaltSize), kDefaultIterations);
}

/// The iteration count most of them have.
template <class Accounts>
int usual_iterations(const Accounts& accounts) {
  std::map<int, int> number_of;
  for (const auto& [name, account] : accounts) ++number_of[account.verifier.iterations];
  const auto most = std::max_element(number_of.begin(), number_of.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == number_of.end() ? kDefaultIterations : most->first;
}

}  // namespace

Result<ScramVerifier> verifier_of(const policy::User& user) { return make_verifier(user); }
Result<ScramVerifier> verifier_of(const policy::Administrator& administrator) { return make_verifier(administrator); }

Result<std::shared_ptr<const Credentials>> Credentials::from(std::shared_ptr<const policy::Policy> policy,
                                                             MockSecret mock) {
  std::shared_ptr<Credentials> credentials(new Credentials(std::move(policy), std::move(mock)));
  for (const auto& [name, user] : credentials->policy_->users) {
    BULKHEAD_CHECK(complete(*credentials->policy_, user));
    BULKHEAD_TRY(auto verifier, verifier_of(user));
    credentials->accounts_.emplace(name, Account{std::move(verifier), &user});
  }
  for (const auto& [name, administrator] : credentials->policy_->admin.users) {
    BULKHEAD_TRY(auto verifier, verifier_of(administrator));
    credentials->administrators_.emplace(name, AdministratorAccount{std::move(verifier), &administrator});
  }
  credentials->mock_iterations_ = usual_iterations(credentials->accounts_);
  credentials->mock_administrator_iterations_ = usual_iterations(credentials->administrators_);
  return std::shared_ptr<const Credentials>(std::move(credentials));
}

Credentials::Account Credentials::find(std::string_view user) const {
  Account stand_in_account{stand_in("", user, mock_iterations_), nullptr};  // also for a user there is, or the time taken would tell
  const auto found = accounts_.find(user);
  return found == accounts_.end() ? stand_in_account : found->second;
}

Credentials::AdministratorAccount Credentials::find_administrator(std::string_view name) const {
  AdministratorAccount stand_in_account{stand_in("console ", name, mock_administrator_iterations_), nullptr};  // as find()
  const auto found = administrators_.find(name);
  return found == administrators_.end() ? stand_in_account : found->second;
}

ScramVerifier Credentials::stand_in(std::string_view realm, std::string_view name, int iterations) const {
  const auto derive = [&](const char* purpose) {
    return hmac_sha256(mock_.key().reveal(), std::string(realm) + purpose + ":" + std::string(name));
  };
  return {iterations, derive("salt").substr(0, kSaltSize), derive("stored key"), derive("server key")};
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

Result<Administrator> Credentials::renew(const Administrator& before) const {
  const auto account = administrators_.find(before.name());
  if (account == administrators_.end()) return no_longer("this administrator is not there any more");
  return Administrator(policy_, account->second.administrator);
}

}  // namespace bulkhead::auth
