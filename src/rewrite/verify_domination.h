#pragma once

#include "base/result.h"
#include "rewrite/ast.h"
#include "rewrite/rewriter.h"
#include "rewrite/verify_forms.h"
#include "rewrite/verify_parameters.h"

namespace bulkhead::rewrite::verifier {

/// Proves of a rewritten SELECT, INSERT, UPDATE, DELETE or MERGE that every protected relation in it, wherever it stands, is
/// confined by exactly one of the injected predicates, at the place where that filters it and changes nothing else:
///  * WHERE of its query level, if it is inner-joined or preserved by every outer join around it;
///  * ON of the join on whose nullable side it is;
///  * ON of MERGE for its target; its source only by a subquery of its own;
///  * WHERE of UPDATE and DELETE for their targets, of DO UPDATE for the target of INSERT;
/// where a relation with a wider read is only read, and not locked, by the policy's expression instead;
/// that every row of an INSERT holds the session's own organisation in the tenant column, or a parameter that `bound`
/// accepts, and no assignment changes it; and
/// that no injected predicate is left over. Names are resolved by PostgreSQL's rules: CTEs by their scope, targets of DML
/// never to a CTE. With `at_cursors` WHERE CURRENT OF needs no predicate: verify_cursors.h sees to what confines it. `into`: the
/// one INTO there may be. Temporary tables are nobody's business.
Result<void> dominated(ast::Node statement, Injected injected, const Subject& subject, Bound& bound,
                       bool at_cursors = false, ast::Node into = {});

/// Below `node`, which may be null, there is nothing but parts of expressions: no query, no relation.
Result<void> no_query(ast::Node node);

}  // namespace bulkhead::rewrite::verifier
