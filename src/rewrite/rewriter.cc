#include "rewrite/rewriter.h"

#include "base/log.h"
#include "rewrite/analysis.h"
#include "rewrite/lexer.h"
#include "rewrite/literals.h"
#include "rewrite/pg_parse.h"
#include "rewrite/splice.h"
#include "rewrite/verify.h"
#include "rewrite/verify_supplied.h"

namespace bulkhead::rewrite {
namespace {

constexpr const char* kInject = "tenancy: { mode: inject } adds what is missing.";

Error would_be_changed(std::string_view sql, const Edit& edit, const std::vector<std::string>& notes) {
  Error error = make_error(sqlstate::insufficient_privilege,
                           "the statement would have to be changed" + (notes.empty() ? "" : ": " + notes.back()),
                           std::string("In mode validate it has to name the organisation itself. ") + kInject);
  error.position = character_position(sql, edit.offset);
  return error;
}

Error not_proven(const std::string& doubt) {
  return make_error(sqlstate::insufficient_privilege, "the statement is not proven to stay inside the organisation: " + doubt,
                    std::string("In mode validate each protected relation needs a condition column = organisation of its own. ") +
                        kInject);
}

}  // namespace

Verdict Rewriter::judge(std::string_view sql, const Subject& subject, Protocol protocol) const {
  auto lexed = lex(sql, subject.tenant.limits.statement_size);
  if (!lexed) return Rejected{std::move(lexed).error()};
  auto tree = parse(lexed->text);
  if (!tree) return Rejected{std::move(tree).error()};
  if (protocol == Protocol::extended && tree->statements().size() > 1)
    return Rejected{make_error(sqlstate::syntax_error, "cannot insert multiple commands into a prepared statement")};

  const ast::ConstantsRead read_by_rules;
  Analysis analysis(subject, sql, *lexed, protocol);
  std::vector<Statement> statements;
  for (const ParsedStatement& statement : tree->statements()) {
    auto judged = analysis.judge(statement);
    if (!judged) return Rejected{std::move(judged).error(), analysis.unknown_name};
    statements.push_back(std::move(*judged));
  }

  std::vector<Edit> edits = analysis.edits.take();
  const bool validating = subject.policy.tenancy.mode == policy::Mode::validate;
  if (validating) {
    if (!edits.empty()) return Rejected{would_be_changed(sql, edits.front(), analysis.notes)};
    const auto guard = [&analysis](ast::Node parameter, const verifier::Relation& relation) {
      return analysis.guard_condition(parameter, *relation.relation, *relation.column);
    };
    for (const ParsedStatement& statement : tree->statements()) verifier::supplied(statement.node, subject, guard);
  }
  std::string text = splice(sql, edits);
  std::vector<ParameterGuard> guards = analysis.take_guards();
  const ast::ConstantsRead read_by_verifier;
  if (auto verified = verify(sql, *tree, text, subject, guards, statements); !verified) {
    Error error = std::move(verified).error();
    if (validating) return Rejected{not_proven(error.detail)};
    log::warning("statement not verified", {{"doubt", error.detail}});
    error.detail.clear();  // for the log: the client learns that the statement was not understood
    return Rejected{std::move(error)};
  }
  std::vector<Literal> free = free_literals(*lexed, *tree, edits, read_by_rules.locations(), read_by_verifier.locations());
  return Rewritten{RewrittenSql(std::move(text)), std::move(edits),  std::move(statements),
                   std::move(analysis.notes),     std::move(guards), std::move(free)};
}

}  // namespace bulkhead::rewrite
