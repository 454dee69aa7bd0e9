#pragma once

#include <string_view>

#include "base/result.h"

namespace bulkhead::rewrite {

/// Parses `raw_sql` into C structs, read through ast.h, and `protobuf_sql` through libpg_query's own protobuf writer, which
/// knows the structs it was compiled with, and compares field by field, locations included. An error names the first
/// difference. Called with the same short text twice by self_test(), with different ones by its test.
Result<void> compare_paths(std::string_view raw_sql, std::string_view protobuf_sql);

}  // namespace bulkhead::rewrite
