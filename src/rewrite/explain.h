#pragma once

// A verdict as text for people and golden files: `bulkhead rewrite` prints it. Stable: tests compare it.

#include <string>

#include "rewrite/verdict.h"

namespace bulkhead::rewrite {

/// Lines "key: value", each ended by a newline:
///
///   passed | rewritten                     rejected 42501 at 15
///   sql: what would reach the server       error: message
///   SelectStmt                             detail: …
///   VariableSetStmt sets timezone=UTC      hint: …
///   note: why an edit was made             perhaps stale
std::string explain(const Verdict& verdict);

}  // namespace bulkhead::rewrite
