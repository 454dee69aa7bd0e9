#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bulkhead {

/// The sixteen bytes, from every form PostgreSQL's uuid_in takes: digits of either case, braces around, a hyphen behind any group
/// of four digits. Nothing for what it refuses. Pure; any thread.
std::optional<std::string> uuid_bytes(std::string_view text);

}  // namespace bulkhead
