#pragma once

// For the verifier alone: what a client's statement calls, sets, and reads of the system. It is held to the tables of functions, settings
// and system relations; what is added to it, the difference sees to.

#include "base/error.h"
#include "rewrite/ast.h"
#include "rewrite/rewriter.h"

namespace bulkhead::rewrite::verifier {

/// Every call is of a function that a statement may call, set_config and SET leave the session's organisation alone, and no system
/// relation that shows others is named.
Result<void> calls(ast::Node statement, const Subject& subject);

}  // namespace bulkhead::rewrite::verifier
