#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "copy/format.h"

namespace bulkhead::copy {

/// A field as it stands between two delimiters, read as the server reads it; nullopt: NULL. Pure.
std::optional<std::string> read_field(const Format& format, std::string_view raw);

/// `value` as a field that the server reads as exactly that, whatever the options: never NULL, no delimiter, no line end.
std::string write_field(const Format& format, std::string_view value);

}  // namespace bulkhead::copy
