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
/// changed by the session that has the lease. Ids name prepared statements of the tenant, see session/judge.h.
struct Backend {
  struct Prepared {
    std::uint64_t last_use = 0;       ///< a tick
    std::uint64_t unsure_since = 0;   ///< the batch its Parse was sent in; 0: ParseComplete has come; or one of these two
  };
  /// Its Parse or Close was thrown away, or failed: whether it is there nobody knows. Closed before it is prepared again.
  static constexpr std::uint64_t kDiscarded = UINT64_MAX;
  /// Its Close has been sent, to make room.
  static constexpr std::uint64_t kEvicting = UINT64_MAX - 1;
  std::unordered_map<std::uint64_t, Prepared> prepared;  ///< under the server-side name of their id
  std::uint64_t unnamed = 0;        ///< the id of the unnamed statement; 0: nothing, or not known
  std::uint64_t unnamed_unsure_since = 0;
  std::uint64_t tick = 0;
  Settings settings;  ///< what differs from the values of the login
  /// Something on it can neither be tracked nor undone (temporary tables fix temp_buffers for the rest of a session): it is
  /// closed when its client lets go of it.
  bool spent = false;
  char status = 'I';  ///< of the last ReadyForQuery
  std::int32_t process_id = 0;  ///< of the server process
};

}  // namespace bulkhead::pool
