#include "rewrite/rewriter.h"

#include <algorithm>

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

/// Where the statements stand, if the session has to take the text apart.
std::vector<Piece> pieces_of(const ParseTree& tree, const std::vector<Statement>& statements, std::string_view sql) {
  const bool apart = std::any_of(statements.begin(), statements.end(),
                                 [](const Statement& s) { return s.prepare || s.execute; });
  if (!apart || tree.statements().size() != statements.size()) return {};
  std::vector<Piece> pieces;
  for (const ParsedStatement& statement : tree.statements()) {
    const std::uint32_t end = statement.length > 0 ? statement.offset + statement.length : static_cast<std::uint32_t>(sql.size());
    pieces.push_back({statement.offset, end});
  }
  return pieces;
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
    auto judged = analysis.judge(statement, statements);
    if (!judged) return Rejected{std::move(judged).error(), analysis.perhaps_stale};
  }

  std::vector<Edit> edits = analysis.edits.take(sql);
  const bool validating = subject.policy.tenancy.mode == policy::Mode::validate;
  if (validating) {
    if (!edits.empty()) return Rejected{would_be_changed(sql, edits.front(), analysis.notes)};
    for (const ParsedStatement& statement : tree->statements()) {
      const bool prepares = statement.node.is(ast::Kind::PrepareStmt);
      verifier::supplied(statement.node, subject, [&](ast::Node parameter, const verifier::Relation& relation) {
        return analysis.guard_condition(parameter, *relation.relation, *relation.column, prepares);
      });
    }
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
  std::vector<Piece> pieces = pieces_of(*tree, statements, sql);
  return Rewritten{RewrittenSql(std::move(text)), std::move(edits),  std::move(statements), std::move(analysis.notes),
                   std::move(guards),             std::move(pieces), std::move(free),       std::move(analysis.without_temporary)};
}

std::optional<Rewritten> Rewriter::executing(const Rewritten& execute, std::string_view on_server) const {
  namespace f = ast::f;
  if (execute.statements.size() != 1 || !execute.statements[0].execute) return std::nullopt;
  const ExecuteInSql& name = *execute.statements[0].execute;
  const std::string_view old = execute.sql.text();
  if (name.end > old.size() || name.begin > name.end) return std::nullopt;
  std::string text(old.substr(0, name.begin));  // nothing before the name is ever edited
  text.append(on_server).append(old.substr(name.end));

  auto old_lexed = lex(old, old.size()), lexed = lex(text, text.size());
  if (!old_lexed || !lexed) return std::nullopt;
  auto before = parse(old_lexed->text), after = parse(lexed->text);
  if (!before || !after || before->statements().size() != 1 || after->statements().size() != 1) return std::nullopt;
  const ast::Node was = before->statements()[0].node, is = after->statements()[0].node;
  if (!was.is(ast::Kind::ExecuteStmt) || !is.is(ast::Kind::ExecuteStmt) || is.get(f::ExecuteStmt::name) != on_server ||
      !ast::equal(was.get(f::ExecuteStmt::params).node(), is.get(f::ExecuteStmt::params).node()))
    return std::nullopt;
  std::vector<Edit> edits{{name.begin, name.end - name.begin, std::string(on_server)}};
  edits.insert(edits.end(), execute.edits.begin(), execute.edits.end());
  return Rewritten{RewrittenSql(std::move(text)), std::move(edits), execute.statements, {}, {}, {}, {}};
}

}  // namespace bulkhead::rewrite
