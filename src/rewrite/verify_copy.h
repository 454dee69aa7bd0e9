#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "rewrite/ast.h"
#include "rewrite/rewriter.h"

namespace bulkhead::rewrite::verifier {

/// Rows come from or go to the client, in the same form, with the same condition on them.
Result<void> same_copy(ast::Node old_copy, ast::Node new_copy);
/// No call whose argument is a name that all tenants share. Nothing of a null node.
Result<void> names_nothing_outside(ast::Node node);

/// Of a COPY whose rows go to the client. Either both are COPY (query), and the two queries are left in the nodes, to be
/// proved like any other; or COPY of a relation has become COPY (SELECT columns FROM ONLY schema.t WHERE predicate) and
/// nothing else, which is proved here, and the nodes are null afterwards.
Result<void> copy_out(ast::Node& old_statement, ast::Node& new_statement, const Subject& subject);

/// Of a COPY whose rows come from the client. `rewritten` are the statements from its first one on; how many of them are its
/// own. Either COPY into the same relation with a column list that has the tenant column; or the four statements of
/// COPY by way of a temporary table, whose INSERT carries the tenant's stamp. `rows`, by which the session sees to the
/// tenant column of each row, must say what the new text needs.
Result<std::size_t> copy_in(ast::Node old_copy, std::span<const ast::Node> rewritten, const CopyRows& rows,
                            const Subject& subject);

}  // namespace bulkhead::rewrite::verifier
