#pragma once

// For the verifier alone: names outside tables, channels and keys of advisory locks, are the tenant's own in the
// rewritten tree and nothing else about them has changed.

#include <cstddef>
#include <string_view>

#include "rewrite/ast.h"
#include "rewrite/rewriter.h"

namespace bulkhead::rewrite::verifier {

/// LISTEN, UNLISTEN or NOTIFY.
bool is_channel_statement(ast::Node statement);
/// `new_statement` is `old_statement` on the tenant's channel.
Result<void> channel_statement(ast::Node old_statement, ast::Node new_statement, const Subject& subject);

/// The function of pg_catalog whose argument names something of the whole database; empty for any other call.
std::string_view naming_function(ast::Node call);
/// What the client's argument number `index` must be held against in the rewritten call: the part of `argument` that the
/// tenant's salt is put to. Null if it is not put there as it must.
ast::Node salted_part(std::string_view function, std::size_t count, std::size_t index, ast::Node argument,
                      const Subject& subject);

}  // namespace bulkhead::rewrite::verifier
