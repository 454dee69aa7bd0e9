#pragma once

// Which run-time parameters a client may change. A table; what is not in it is refused.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "policy/model.h"

namespace bulkhead::rewrite {

/// A parameter's name as PostgreSQL compares it: ASCII letters in lower case.
std::string fold_setting(std::string_view name);

/// What constants of a text come to depends on it ('01/02/2024'::date on datestyle). `name` is folded.
bool is_format(std::string_view name);

/// How far a permitted change reaches.
enum class SettingReach {
  session,      ///< outlives its statement: tracked as a SettingChange
  transaction,  ///< transaction_isolation and the like end with their transaction
  none,         ///< pinned: the only value permitted is the one it has
};

/// May a client give parameter `name` (folded) this value? nullopt is RESET or SET … TO DEFAULT. The error says what and
/// why. A value of search_path is a list of names as SQL writes them, and must be the pinned one; the pg_temp at its end may
/// be left out.
Result<SettingReach> judge_setting(std::string_view name, const std::optional<std::string>& value,
                                   const policy::Tenancy& tenancy);

/// One name for a list in a setting's value, in quotes where it needs them.
std::string list_element(std::string_view name);

/// A list in a setting's value as SET takes it, each name in quotes: one literal would be one name. Nothing if it is no list.
std::optional<std::string> quoted_list(std::string_view value);

}  // namespace bulkhead::rewrite
