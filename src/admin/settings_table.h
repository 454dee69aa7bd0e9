#pragma once

// Results of SHOW that say what is configured. Pure.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "admin/table.h"
#include "policy/model.h"

namespace bulkhead::admin {

/// "Bulkhead 0.1.0".
std::string version();

/// SHOW CONFIG: the settings that hold for everybody, by the configuration's names, and by PgBouncer's where it has one of the same
/// meaning. No secrets, no tenants and users.
std::vector<Row> config_rows(const policy::Policy& policy);
/// One of its names.
bool is_configured(std::string_view key);

/// SHOW HELP, of commands().
std::vector<Row> help_rows();

std::string text_of(std::chrono::system_clock::time_point when);  ///< "2026-11-27 10:45:12 UTC", as PgBouncer writes it
std::string text_of(Duration duration);  ///< as it would be configured: "5m"
std::string text_of_size(std::size_t bytes);

}  // namespace bulkhead::admin
