#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "pool/reported.h"
#include "pool/server_statements.h"

namespace bulkhead::pool {

/// Run-time parameters by name, folded to lower case.
using Settings = std::map<std::string, std::string, std::less<>>;

/// What one server connection holds beyond the tables, as far as it is tracked: pure data, kept beside the socket and
/// changed by the session that has the lease.
struct Backend {
  ServerStatements prepared;  ///< under the server-side names of their ids
  std::uint64_t unnamed = 0;        ///< the id of the unnamed statement; 0: nothing, or not known
  std::uint64_t unnamed_unsure_since = 0;
  Settings settings;  ///< what differs from the values of the login
  Reported reported;  ///< what the server has said of its parameters, whoever was to hear it
  Reported heard;     ///< of that, what the pool has taken notice of
  /// Something on it can neither be tracked nor undone (temporary tables fix temp_buffers for the rest of a session): it is
  /// closed when its client lets go of it.
  bool spent = false;
  char status = 'I';  ///< of the last ReadyForQuery
  std::int32_t process_id = 0;  ///< of the server process
};

}  // namespace bulkhead::pool
