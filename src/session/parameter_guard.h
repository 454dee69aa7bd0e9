#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proto/frontend.h"
#include "rewrite/verdict.h"

namespace bulkhead::session {

/// What is known of a value that a client binds to a guarded parameter.
enum class Bound {
  own,       ///< PostgreSQL will read it as the session's organisation
  foreign,   ///< it will not, or refuse it
  unproven,  ///< of a type, or in a format, that is not understood here
};

/// `type`: the OID Parse declares, 0 for none; `format` as in Bind; no value: NULL. Pure; any thread.
Bound compare(const rewrite::ParameterGuard& guard, std::uint32_t type, std::int16_t format,
              std::optional<std::string_view> value);

/// The error for the first guard that the message does not satisfy. `types`: count and OIDs as Parse has them.
Result<void> check_guards(const std::vector<rewrite::ParameterGuard>& guards, std::string_view types,
                          const proto::Bind& bind);

/// The same for the values of an EXECUTE.
Result<void> check_guards(const std::vector<rewrite::ParameterGuard>& guards, std::string_view types,
                          const std::vector<rewrite::Argument>& arguments);

}  // namespace bulkhead::session
