#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "policy/model.h"

namespace bulkhead::pool {

/// How long a host that has failed so many times in a row is not tried before the others: longer each time up to a limit, and by
/// `fraction` (0 to 1) of a fifth less, so that those who have lost it together do not come back together. Pure.
Duration host_pause(int failures, double fraction);

/// Which hosts have failed, for all who open connections: one that was reached last and did not answer costs each of them a
/// connect_timeout if it is tried first. Nobody is kept from trying them all. Any thread; outlives the pools and watches.
class HostBook {
 public:
  /// The hosts of the server in the order in which one opening tries them: as the configuration has them, those behind the others
  /// whose pause is not over. One whose pause is over stands in its own place for whoever asks first, and its next pause begins.
  std::vector<policy::HostPort> order(const policy::Server& server, TimePoint now);

  /// It could not be reached, has refused the login, or is not what `target` means.
  void failed(const policy::Server& server, const policy::HostPort& host, TimePoint now);
  void worked(const policy::Server& server, const policy::HostPort& host);

 private:
  struct Record {
    int failures = 0;
    TimePoint until;
  };
  using Key = std::pair<std::string, policy::HostPort>;  ///< by server, for what will do differs

  static void begin_pause(Record& record, TimePoint now);

  std::mutex mutex_;
  std::map<Key, Record> records_;  ///< of those that have failed
};

}  // namespace bulkhead::pool
