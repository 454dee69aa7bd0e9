#pragma once

#include <map>
#include <memory>
#include <string>

#include "auth/credentials.h"
#include "pool/server_watch.h"

namespace bulkhead::session {

/// What one worker knows of one server: the slot of its newest view. Who judges statements holds the slot of the configuration it
/// works under, for another one may mean another database by the same name. The worker's loop's thread, but for `watch`.
struct ServerSlot {
  std::shared_ptr<const pool::ServerView> view;  ///< null before the first look at the server has ended
  std::weak_ptr<pool::ServerWatch> watch;        ///< whom to ask for a newer one, on the front loop; set before it is shared
};

/// One configuration in force, as one worker has it: all that sessions take from it.
struct Generation {
  std::shared_ptr<const auth::Credentials> credentials;  ///< and with them the policy
  std::map<std::string, std::shared_ptr<ServerSlot>> servers;

  const std::shared_ptr<const policy::Policy>& policy() const { return credentials->policy(); }
};

}  // namespace bulkhead::session
