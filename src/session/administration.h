#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "admin/command.h"
#include "admin/dialogue.h"
#include "policy/model.h"

namespace bulkhead::session {

/// What administrators see and do of a running proxy, as commands of the console: hands only, what they mean is said in admin::commands().
/// Lives on the front loop, as long as the proxy.
class Administration {
 public:
  using Clock = std::chrono::system_clock;

  /// Another configuration is in force.
  void use(std::shared_ptr<const policy::Policy> policy);
  /// One could not be read: `faults` have their places.
  void refused(std::vector<std::string> faults);

  /// Runs a command that has been found allowed. `user`: who says it.
  boost::asio::awaitable<Result<admin::Answer>> run(const admin::Command& command, const std::string& user);

 private:
  std::vector<admin::Row> policy_rows() const;
  Result<admin::Answer> set(const admin::Command& command);

  std::shared_ptr<const policy::Policy> policy_;
  Clock::time_point since_;
  std::vector<std::string> faults_;  ///< of the last configuration that was refused, if none has come in force since
  Clock::time_point refused_at_;
};

}  // namespace bulkhead::session
