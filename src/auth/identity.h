#pragma once

#include <memory>
#include <string>
#include <utility>

#include "policy/model.h"

namespace bulkhead::auth {

/// Who a session is and the one tenant it belongs to, until it ends. Only ServerSideLogin makes one, after the proof has been checked,
/// and Credentials from one of the policy before; nothing a client merely claims turns into one. Copyable value; keeps its policy
/// alive.
class Identity {
 public:
  const policy::User& user() const { return *user_; }
  const policy::Tenant& tenant() const { return *tenant_; }
  /// Null: no role was configured, everything but ddl is allowed.
  const policy::Role* role() const { return role_; }
  const std::shared_ptr<const policy::Policy>& policy() const { return policy_; }

 private:
  friend class ServerSideLogin;
  friend class Credentials;
  Identity(std::shared_ptr<const policy::Policy> policy, const policy::User* user, const policy::Tenant* tenant,
           const policy::Role* role)
      : policy_(std::move(policy)), user_(user), tenant_(tenant), role_(role) {}

  std::shared_ptr<const policy::Policy> policy_;
  const policy::User* user_;
  const policy::Tenant* tenant_;
  const policy::Role* role_;
};

/// Somebody who has proved to be an administrator of the policy: that opens the console, and no tenant. Made as an Identity is, and
/// nothing turns the one into the other. Copyable value; keeps its policy alive.
class Administrator {
 public:
  const std::string& name() const { return administrator_->name; }
  policy::May may() const { return administrator_->may; }
  const std::shared_ptr<const policy::Policy>& policy() const { return policy_; }

 private:
  friend class ServerSideLogin;
  friend class Credentials;
  Administrator(std::shared_ptr<const policy::Policy> policy, const policy::Administrator* administrator)
      : policy_(std::move(policy)), administrator_(administrator) {}

  std::shared_ptr<const policy::Policy> policy_;
  const policy::Administrator* administrator_;
};

}  // namespace bulkhead::auth
