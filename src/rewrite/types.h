#pragma once

// Which types a statement may name: a cast to one can run code of the database's own.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/model.h"
#include "rewrite/rewriter.h"

namespace bulkhead::rewrite {

/// The type whose code would run, and that the policy's functions do not allow, when `names` ([database, schema,] name as
/// written) is a type: of any schema of the path if the name is not qualified. Nothing: it may be named.
std::optional<policy::QualifiedName> forbidden_type(const std::vector<std::string_view>& names, const Subject& subject);

/// Why a Parse message may not declare parameters of these types (OIDs; 0: to be inferred): a value becomes of its parameter's type in
/// Bind, and what is cast from there the text does not say. Nothing: it may.
std::optional<Rejected> forbidden_parameters(const std::vector<std::uint32_t>& types, const Subject& subject);

/// The refusal of a type whose code would run.
Error type_refused(const std::string& name, const policy::QualifiedName& culprit);

}  // namespace bulkhead::rewrite
