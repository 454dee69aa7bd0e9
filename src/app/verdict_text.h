#pragma once

#include <string>
#include <string_view>

#include "rewrite/verdict.h"

namespace bulkhead::app {

/// A verdict on `sql` for people: the text for the server, preceded by notes as SQL comments; or the refusal, as psql
/// shows an error.
std::string verdict_as_text(std::string_view sql, const rewrite::Verdict& verdict);

/// The same for machines, one JSON object on one line:
///   { "sql", "verdict": "unchanged" | "rewritten" | "refused",
///     "text", "statements": [kind…], "edits": [{ "offset", "length", "text" }…], "notes": [words…],
///     "guards": [{ "parameter", "type", "value" }…],                                                   -- unless refused
///     "error": { "sqlstate", "message", "detail", "hint", "position" } }                               -- if refused
/// Offsets and lengths are bytes of `sql`; position is characters from 1, 0 for none.
std::string verdict_as_json(std::string_view sql, const rewrite::Verdict& verdict);

}  // namespace bulkhead::app
