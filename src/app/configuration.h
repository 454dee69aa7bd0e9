#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auth/credentials.h"
#include "policy/load.h"
#include "policy/model.h"
#include "session/certificates.h"

namespace bulkhead::app {

/// A configuration file and all that it names, read and checked whole: what a proxy runs under.
struct Configuration {
  std::shared_ptr<const policy::Policy> policy;          ///< null if there are faults, as the rest is of no use then
  std::shared_ptr<const auth::Credentials> credentials;  ///< of that policy
  session::Certificates certificates;
  std::vector<std::string> faults;    ///< all there are, "FILE:LINE:COLUMN: …" where they have a place
  std::vector<std::string> warnings;  ///< likewise
};

/// `mock`: one for all configurations of a process.
Configuration read_configuration(const std::string& path, const auth::MockSecret& mock);

/// The policy alone: the findings of its form and of the SQL in it.
policy::Loaded load_policy(const std::string& path);

}  // namespace bulkhead::app
