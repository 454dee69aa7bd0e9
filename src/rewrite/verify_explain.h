#pragma once

#include "base/result.h"
#include "rewrite/ast.h"
#include "rewrite/rewriter.h"

namespace bulkhead::rewrite::verifier {

/// Proves of an EXPLAIN that the policy lets plans be shown, that no cost, count, time or setting is asked for besides, and that
/// the statement below has no call whose arguments are salted: a plan would show the salt. Both statements are then those below.
/// Any other statement is left alone.
Result<void> unwrap_explain(ast::Node& old_statement, ast::Node& new_statement, const Subject& subject);

}  // namespace bulkhead::rewrite::verifier
