#pragma once

// Questions about a judged statement that decide which way its messages go, and what PostgreSQL says of those it does not run.

#include <algorithm>
#include <optional>
#include <string_view>

#include "rewrite/settings.h"
#include "session/judge.h"

namespace bulkhead::session {

inline bool deallocates(const rewrite::Effects& effects) { return effects.deallocate_all || effects.deallocate; }

/// A prepared statement that no server sees.
inline bool answered_here(const Judgement& judgement) {
  const auto& statements = judgement.rewritten.statements;
  return !statements.empty() && (deallocates(statements.front().effects) || statements.front().prepare);
}

/// The EXECUTE that a prepared statement is; null if it is none. The server sees it when it is bound. Lives with the judgement.
inline const rewrite::ExecuteInSql* execute_of(const Judgement& judgement) {
  const auto& statements = judgement.rewritten.statements;
  return !statements.empty() && statements.front().execute ? &*statements.front().execute : nullptr;
}

inline bool is_query(const rewrite::Statement& statement) {
  return statement.kind == "SelectStmt" || statement.kind == "InsertStmt" || statement.kind == "UpdateStmt" ||
         statement.kind == "DeleteStmt" || statement.kind == "MergeStmt";
}

/// What PostgreSQL says of a Bind that has as many values as `given` for a statement with `required` parameters.
inline Error wrong_number_of_parameters(std::string_view statement, std::size_t given, std::size_t required) {
  return make_error(sqlstate::protocol_violation, "bind message supplies " + std::to_string(given) + " parameters, but prepared statement \"" +
                                                      std::string(statement) + "\" requires " + std::to_string(required));
}

/// Takes every prepared statement off the server's side, DISCARD ALL all other state as well.
inline bool clears_server(const Judgement& judgement) {
  const auto& statements = judgement.rewritten.statements;
  return std::any_of(statements.begin(), statements.end(),
                     [](const rewrite::Statement& s) { return s.effects.discard_all || s.effects.deallocate_all; });
}

/// COMMIT, ROLLBACK, ROLLBACK TO: what may be said in a failed transaction.
inline bool ends_failure(const rewrite::Effects& effects) {
  return effects.cursor && (effects.cursor->what == rewrite::CursorChange::What::ends ||
                            effects.cursor->what == rewrite::CursorChange::What::returns_to);
}

/// Changes settings by which later texts are read, or gives any the value back that the server knows.
inline bool changes_settings(const Judgement& judgement) {
  const auto& statements = judgement.rewritten.statements;
  return std::any_of(statements.begin(), statements.end(), [](const rewrite::Statement& s) {
    return s.effects.reset_all || s.effects.formats_locally ||
           std::any_of(s.effects.settings.begin(), s.effects.settings.end(), [](const rewrite::SettingChange& change) {
             return !change.value || rewrite::is_format(change.name);
           });
  });
}

/// BEGIN and its like, among others.
inline bool controls_transaction(const Judgement& judgement) {
  const auto& statements = judgement.rewritten.statements;
  return std::any_of(statements.begin(), statements.end(), [](const rewrite::Statement& s) { return s.kind == "TransactionStmt"; });
}

/// Ends its transaction, or goes back in it.
inline bool ends_transaction(const Judgement& judgement) {
  const auto& statements = judgement.rewritten.statements;
  return std::any_of(statements.begin(), statements.end(), [](const rewrite::Statement& s) { return ends_failure(s.effects); });
}

/// What a client calls a prepared statement or portal: PostgreSQL cuts such names off (NAMEDATALEN) without a word, and two would be one.
inline std::optional<Error> too_long(std::string_view name) {
  constexpr std::size_t kLongest = 63;
  if (name.size() <= kLongest) return std::nullopt;
  return make_error(sqlstate::name_too_long, "the name of a prepared statement or portal is longer than 63 bytes",
                    "Choose a shorter one; no configuration allows it.");
}

inline Error transaction_has_failed() {
  return make_error(sqlstate::in_failed_sql_transaction,
                    "current transaction is aborted, commands ignored until end of transaction block");
}

}  // namespace bulkhead::session
