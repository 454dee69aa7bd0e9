#pragma once

// Which functions of pg_catalog a statement may call. An allow-list (functions.inc): what nobody has read is refused.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bulkhead::rewrite {

enum class BuiltinFunction : std::uint8_t {
  allowed,
  refused,
  unknown,  ///< pg_catalog of 15-18 has no such name
};

/// Of a function's name as the parser gives it (folded, unquoted).
BuiltinFunction builtin_function(std::string_view name);

/// A call of a refused name that is harmless by its number of arguments: ts_rewrite with three has no query text.
bool harmless_variant(std::string_view name, std::size_t arguments);

/// A refused name whose calls are rewritten instead (rules_names.cc): pg_notify, and advisory locks with a key.
bool names_of_tenant(std::string_view name);

/// The helpers of information_schema (_pg_expandarray and the like): drivers call them by their qualified names.
bool information_schema_function(std::string_view name);

}  // namespace bulkhead::rewrite
