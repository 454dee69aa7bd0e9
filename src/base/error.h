#pragma once

#include <string>
#include <utility>

#include "base/sqlstate.h"

namespace bulkhead {

/// Why something could not be done, in the words a client, DBA or operator will read. A plain value, owned by whoever
/// holds it.
///
/// `message` says what and why, `hint` what would allow it (a refusal names the configuration line), `detail` the rest.
/// `position` is a place in the client's own text counted in characters from 1, as ErrorResponse field 'P' counts
/// (PostgreSQL manual, "Error and Notice Message Fields"); 0 means none. `context` is what field 'W' holds: what was going on.
struct Error {
  SqlState state = sqlstate::internal_error;
  std::string message;
  std::string detail{};
  std::string hint{};
  int position = 0;
  std::string context{};

  bool operator==(const Error&) const = default;
};

inline Error make_error(SqlState state, std::string message, std::string hint = {}, std::string detail = {}) {
  return Error{state, std::move(message), std::move(detail), std::move(hint), 0, {}};
}

}  // namespace bulkhead
