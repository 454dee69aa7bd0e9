#pragma once

// For the verifier alone: what a client's statement calls, sets, and reads of the system. It is held to the tables of functions, settings
// and system relations; what is added to it, the difference sees to.

#include "base/error.h"
#include "rewrite/ast.h"
#include "rewrite/rewriter.h"

namespace bulkhead::rewrite::verifier {

/// Every call, in attribute notation, too, is of a function that a statement may call, and every operator and cast harmless; set_config and
/// SET leave the session's organisation and what is pinned alone; no system relation that shows others is named, and no column
/// that the role may not name. `statement` is the client's own.
Result<void> calls(ast::Node statement, const Subject& subject);

}  // namespace bulkhead::rewrite::verifier
