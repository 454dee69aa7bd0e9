#pragma once

// Results of SHOW that say what goes on. Pure: rows for the columns of the command.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "admin/command.h"
#include "admin/snapshot.h"
#include "policy/model.h"

namespace bulkhead::admin {

/// What the console itself has brought about.
struct Controls {
  std::set<std::string> paused, disabled;  ///< tenants
  bool all_paused = false;
  bool is_paused(const std::string& tenant) const { return all_paused || paused.contains(tenant); }
};

/// What of the proxy the command shows; nothing: none of this.
std::optional<Look> look_for(Action action);

/// `logins`: clients that have not logged in yet.
std::vector<Row> rows_of(Action action, const Snapshot& snapshot, const policy::Policy& policy, const Controls& controls, std::size_t logins);

/// Of one second, or of one statement, transaction or assignment: PgBouncer's avg_ columns.
pool::Counters averages(const Statistics& statistics);

}  // namespace bulkhead::admin
