#pragma once

#include <string>
#include <string_view>

#include "proto/frame.h"

namespace bulkhead::proto {

/// One whole frame as one line in the form of libpq's PQtrace, without time and newline:
///   F	27	Parse	 "" "select $1" 0
/// Direction, length field, name, fields; control characters and bytes beyond ASCII as \xNN. Secrets are `***`:
/// passwords, SASL data, salts, cancel keys. A frame that does not decode gives its name and `invalid: WHY`. For
/// debug logs and golden tests; SQL texts and values are shown, so no log that is on by default may hold it.
std::string trace(std::string_view frame, Direction direction);

/// The same for a packet before the first message with a type byte. Parameters are shown by value.
std::string trace_startup(std::string_view packet);

}  // namespace bulkhead::proto
