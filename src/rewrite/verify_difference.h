#pragma once

#include "base/result.h"
#include "rewrite/ast.h"
#include "rewrite/rewriter.h"
#include "rewrite/verify_forms.h"

namespace bulkhead::rewrite::verifier {

/// Walks both trees of a statement in step: the new one minus the injected nodes must equal the old one, locations aside.
/// The only additions it knows:
///  * predicates as first members of an AND before the old condition, or alone where there was none, in the WHERE of
///    SELECT, UPDATE, DELETE and DO UPDATE and in ON, that of MERGE, too;
///  * the schema of the search path's relation in a name without one;
///  * (SELECT * FROM schema.t WHERE predicate) AS alias in the place of a member of FROM, its ONLY and TABLESAMPLE inside;
///  * in INSERT the tenant column at the end of the column list and its stamp at the end of every VALUES row or every
///    arm's target list; a column list where there was none; the stamp for DEFAULT VALUES and for DEFAULT;
///  * the same in the INSERT arms of MERGE;
///  * a DELETE of each table, all but the last in WITH, for TRUNCATE.
/// Says what was added; whether that is right is verify_domination.h's question.
Result<Injected> difference(ast::Node old_statement, ast::Node new_statement, const Subject& subject);

}  // namespace bulkhead::rewrite::verifier
