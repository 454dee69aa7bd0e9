#pragma once

// What prepared statements are called: by their clients, and on the server by the id of their text.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace bulkhead::session {

/// rewrite::reserved_statement_name() keeps clients' SQL from saying it.
inline std::string server_name(std::uint64_t id) { return "_b" + std::to_string(id); }

inline Error no_such_statement(std::string_view name) {
  if (name.empty()) return make_error(sqlstate::invalid_sql_statement_name, "unnamed prepared statement does not exist");
  return make_error(sqlstate::invalid_sql_statement_name,
                    "prepared statement \"" + std::string(name) + "\" does not exist");
}

}  // namespace bulkhead::session
