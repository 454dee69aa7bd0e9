#pragma once

// For the verifier alone: pg_class counts the rows of all tenants together, and is not read as a whole but without the counts.

#include "base/error.h"
#include "rewrite/ast.h"

namespace bulkhead::rewrite::verifier {

/// Of a RangeVar, as far as it is no CTE.
bool is_pg_class(ast::Node range_var);
/// SELECT of nothing but other columns than the counts, and of constants, from pg_catalog.pg_class.
bool is_pg_class_without_counts(ast::Node select);
/// Nothing in the statement stands for all columns of a pg_class but of one without counts. Says nothing where a CTE has that name.
Result<void> no_whole_pg_class(ast::Node statement);

}  // namespace bulkhead::rewrite::verifier
