#pragma once

#include "base/result.h"
#include "rewrite/ast.h"
#include "rewrite/rewriter.h"

namespace bulkhead::rewrite::verifier {

/// Of a COPY whose rows go to the client. Either both are COPY (query), and the two queries are left in the nodes, to be
/// proved like any other; or COPY of a relation has become COPY (SELECT columns FROM ONLY schema.t WHERE predicate) and
/// nothing else, which is proved here, and the nodes are null afterwards.
Result<void> copy_out(ast::Node& old_statement, ast::Node& new_statement, const Subject& subject);

}  // namespace bulkhead::rewrite::verifier
