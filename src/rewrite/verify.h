#pragma once

// The second opinion: was a text rewritten safely? Shares no code with the rules that wrote it, only the parser, the
// lexer, the policy and the catalogue.

#include <string_view>
#include <vector>

#include "base/result.h"
#include "rewrite/pg_parse.h"
#include "rewrite/rewriter.h"

namespace bulkhead::rewrite {

/// Proves, from the two texts alone, that
///  * `rewritten` is `original` plus the forms of injection Bulkhead has and nothing else (verify_difference.h), and
///  * COPY of a relation to the client has become COPY of a query that reads the tenant's rows of it, and COPY from the client
///    one whose rows the session sees to by what is claimed of them, in the order of the text (verify_copy.h), and
///  * every reference to a protected relation in it is filtered by the tenant's predicate in the one place where that
///    filters it, every row written to one carries the tenant's constant, nothing moves a row to another tenant, and no
///    predicate stands where none is due (verify_domination.h), and
///  * what is claimed of the cursors in it is true (verify_cursors.h); without claims WHERE CURRENT OF is an error.
/// A parameter in the constant's place is one only if `guards` demand the session's organisation of it; a guard that
/// belongs to no such place is an error, too.
/// In mode validate the texts are the same, and the predicates are the client's own (verify_supplied.h).
/// Whatever is not understood is an error, and the caller must refuse the statement. Texts that were not edited are held
/// against the same rules. Thread: as parse().
Result<void> verify(std::string_view original, std::string_view rewritten, const Subject& subject,
                    const std::vector<ParameterGuard>& guards, const std::vector<Statement>& claims = {});
/// The same for one who has the tree of `original`: what the parser made of a text is the same for everybody.
Result<void> verify(std::string_view original, const ParseTree& old_tree, std::string_view rewritten,
                    const Subject& subject, const std::vector<ParameterGuard>& guards,
                    const std::vector<Statement>& claims = {});

}  // namespace bulkhead::rewrite
