#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

namespace bulkhead::pool {

/// Run-time parameters by name, folded to lower case.
using Settings = std::map<std::string, std::string, std::less<>>;

/// What one server connection holds beyond the tables, as far as it is tracked: pure data, kept beside the socket and
/// changed by the session that has the lease. Ids name prepared statements of the tenant, see session/statements.h.
struct Backend {
  /// Statements prepared under their server-side name -> the tick of their last use.
  std::unordered_map<std::uint64_t, std::uint64_t> prepared;
  std::uint64_t unnamed = 0;  ///< the id of what the unnamed statement is; 0: nothing, or not known
  std::uint64_t tick = 0;
  Settings settings;  ///< what differs from the values of the login
  char status = 'I';  ///< of the last ReadyForQuery
};

}  // namespace bulkhead::pool
