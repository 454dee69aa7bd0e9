#pragma once

#include "base/result.h"
#include "rewrite/ast.h"
#include "rewrite/rewriter.h"

namespace bulkhead::rewrite::verifier {

/// CREATE TABLE, DROP, CREATE INDEX, ANALYZE or TRUNCATE: as the server gets them they are for temporary tables alone.
bool is_of_temporary(ast::Node new_statement);
/// Proves of one of them that it names nothing but temporary tables of the client's own (and, in LIKE, relations that may be
/// read), that it is `old_statement` but for the schema before these names, and that what the tables keep are expressions
/// without queries and without names that all tenants share.
Result<void> of_temporary(ast::Node old_statement, ast::Node new_statement, const Subject& subject);

/// The statement makes a temporary table: CREATE TABLE [AS], SELECT INTO.
bool makes_temporary(ast::Node statement);
/// Of CREATE TABLE AS: the two queries are left in the nodes, to be proved like any other.
Result<void> unwrap_create_as(ast::Node& old_statement, ast::Node& new_statement, const Subject& subject);
/// The INTO of a SELECT that makes a temporary table; null if it has none.
Result<ast::Node> into_temporary(ast::Node statement, const Subject& subject);

/// COPY into or of a temporary table of the client's own, as the client wrote it.
Result<void> copy_of_temporary(ast::Node old_copy, ast::Node new_copy, const Subject& subject);

}  // namespace bulkhead::rewrite::verifier
