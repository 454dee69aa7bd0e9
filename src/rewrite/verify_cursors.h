#pragma once

// For the verifier alone: WHERE CURRENT OF, which no predicate confines.

#include <vector>

#include "base/result.h"
#include "rewrite/ast.h"
#include "rewrite/rewriter.h"

namespace bulkhead::rewrite::verifier {

/// Holds what is claimed of each statement, `claims` in the order of `statements`, against its tree: it names every cursor
/// that the statement writes at and the one that it opens, and a query that is said to read own rows only has none but
/// tables in FROM, which verify_domination.h has found confined, and no function that may be merged into its plan.
Result<void> cursors(const std::vector<ast::Node>& statements, const std::vector<Statement>& claims, const Subject& subject);

}  // namespace bulkhead::rewrite::verifier
