#pragma once

// Which literals of a text its verdict does not depend on.

#include <vector>

#include "rewrite/lexer.h"
#include "rewrite/pg_parse.h"
#include "rewrite/verdict.h"

namespace bulkhead::rewrite {

/// The literals that are the whole value of a constant of the tree (not a part of a name, a type or a key word's argument,
/// which the grammar may have read) whose value nobody looked at. `by_rules`: locations of the constants that were looked
/// at in `tree`; `by_verifier`: the same, in it or in the text the edits make of it.
std::vector<Literal> free_literals(const Lexed& lexed, const ParseTree& tree, const std::vector<Edit>& edits,
                                   const std::vector<int>& by_rules, const std::vector<int>& by_verifier);

}  // namespace bulkhead::rewrite
