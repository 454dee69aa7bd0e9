#pragma once

// Which types a statement may name: a cast to one can run code of the database's own.

#include <optional>
#include <string_view>
#include <vector>

#include "policy/model.h"
#include "rewrite/rewriter.h"

namespace bulkhead::rewrite {

/// The type whose code would run, and that the policy's functions do not allow, when `names` ([database, schema,] name as
/// written) is a type: of any schema of the path if the name is not qualified. Nothing: it may be named.
std::optional<policy::QualifiedName> forbidden_type(const std::vector<std::string_view>& names, const Subject& subject);

}  // namespace bulkhead::rewrite
