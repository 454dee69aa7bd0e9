#pragma once

// For the verifier alone: what a column reference may be a call of, and which columns of a table its role may name.

#include "base/result.h"
#include "rewrite/ast.h"
#include "rewrite/rewriter.h"

namespace bulkhead::rewrite::verifier {

/// A name runs code that nobody allows: as a function by any of its names, or as a cast to a type.
bool runs_code(std::string_view name, const Subject& subject);
/// A cast to the type of these names does.
bool casts_by_code(ast::ListView names, const Subject& subject);

/// In the statement as its client wrote it, every x.f of whose name that is true is a column of all that x can mean; and no column
/// of a table is named, by itself or in a star or row, that the session's role may not name.
Result<void> references(ast::Node statement, const Subject& subject);

/// In the rewritten statement no INSERT has a list of columns that the role may not name, whoever has written it.
Result<void> lists(ast::Node statement, const Subject& subject);

}  // namespace bulkhead::rewrite::verifier
