#pragma once

// What mode observe has seen, as a file. Its form belongs to the version that wrote it.

#include <string>
#include <string_view>

#include "base/result.h"
#include "session/observed.h"

namespace bulkhead::app {

std::string observed_as_json(const session::Observed::Seen& seen);
Result<session::Observed::Seen> observed_from_json(std::string_view json);

/// Writes a file beside it and renames that: a reader finds the old one or the new one. Only its owner may read it.
Result<void> replace_file(const std::string& path, std::string_view text);

}  // namespace bulkhead::app
