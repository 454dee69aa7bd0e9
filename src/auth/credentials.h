#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "auth/identity.h"
#include "auth/verifier.h"
#include "base/result.h"
#include "base/secret.h"
#include "policy/model.h"

namespace bulkhead::auth {

/// What the salts of users that do not exist are derived from. One per process, kept over reloads, or the salt of
/// such a user would change where that of a real one does not. It is never derived from a password of the
/// configuration: those salts are shown to anybody, and would let the password be guessed offline.
class MockSecret {
 public:
  static MockSecret random();
  /// At least 16 bytes with no meaning elsewhere; for instances that are to answer alike, and for tests.
  static Result<MockSecret> from(Secret key);

  const Secret& key() const { return key_; }

 private:
  explicit MockSecret(Secret key) : key_(std::move(key)) {}
  Secret key_;
};

/// The user's verifier, parsed, or made from {plain: …} (PBKDF2: at start and reload only).
Result<ScramVerifier> verifier_of(const policy::User& user);
Result<ScramVerifier> verifier_of(const policy::Administrator& administrator);

/// All a login needs of one policy, resolved once: every verifier, and a stand-in for users that do not exist.
/// Immutable and shared; any thread may read. Keeps its policy alive.
class Credentials {
 public:
  /// An error names the user whose verifier, role or tenant is no good.
  static Result<std::shared_ptr<const Credentials>> from(std::shared_ptr<const policy::Policy> policy,
                                                         MockSecret mock);

  struct Account {
    ScramVerifier verifier;
    const policy::User* user = nullptr;  ///< null: a stand-in, which no password opens
  };
  /// Never fails: an unknown user gets the same stand-in every time, at the price of a known one. Its iteration count
  /// is the one most users have, its salt of PostgreSQL's usual length.
  Account find(std::string_view user) const;

  struct AdministratorAccount {
    ScramVerifier verifier;
    const policy::Administrator* administrator = nullptr;  ///< null: a stand-in
  };
  /// The same among the administrators. A stand-in's salt is another one than find() gives: that both are alike would tell of a
  /// name that it is neither a user's nor an administrator's.
  AdministratorAccount find_administrator(std::string_view name) const;

  /// Who a session is that has logged in under another policy: the same user and organisation, with the role and limits this
  /// policy gives them. An error: here it could not be there, or what it holds would mean something else.
  Result<Identity> renew(const Identity& before) const;
  /// Likewise an administrator, with what it may do now.
  Result<Administrator> renew(const Administrator& before) const;

  const std::shared_ptr<const policy::Policy>& policy() const { return policy_; }

 private:
  Credentials(std::shared_ptr<const policy::Policy> policy, MockSecret mock)
      : policy_(std::move(policy)), mock_(std::move(mock)) {}
  ScramVerifier stand_in(std::string_view realm, std::string_view name, int iterations) const;

  std::shared_ptr<const policy::Policy> policy_;
  MockSecret mock_;
  std::map<std::string, Account, std::less<>> accounts_;
  std::map<std::string, AdministratorAccount, std::less<>> administrators_;
  int mock_iterations_ = kDefaultIterations;  ///< of users
  int mock_administrator_iterations_ = kDefaultIterations;
};

}  // namespace bulkhead::auth
