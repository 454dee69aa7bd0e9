// Conversation: PREPARE, EXECUTE and DEALLOCATE in SQL. Prepared statements have one name space, whichever way they were made:
// PREPARE is taken for a Parse of its body, EXECUTE is sent with the name that the statement has on the server, after that was
// made sure of by hidden messages. Nothing of it ties the client to its connection.
//
// A simple query with one of them in it is run by the extended protocol, statement by statement, with one Sync behind the last:
// like a string of several statements that is one transaction, and an error ends it.

#include <algorithm>

#include "base/bytes.h"
#include "proto/backend.h"
#include "proto/frontend.h"
#include "rewrite/lexer.h"
#include "session/conversation.h"
#include "session/judged.h"
#include "session/parameter_guard.h"
#include "session/statement_names.h"

namespace bulkhead::session {
namespace {

/// Statements of a string that is run piece by piece; each is several messages.
constexpr std::size_t kPieces = 1'000;

/// What does the same in either protocol. (DECLARE needs a transaction block, which a string is and a batch is not.)
bool may_be_piece(const rewrite::Statement& statement) {
  return statement.prepare || statement.execute || statement.effects.deallocate || is_query(statement) ||
         statement.kind == "TransactionStmt" || statement.kind == "VariableSetStmt" || statement.kind == "VariableShowStmt" ||
         statement.kind == "FetchStmt" || statement.kind == "ClosePortalStmt";
}

int characters_before(std::string_view text, std::size_t offset) { return rewrite::character_position(text, offset) - 1; }

/// Count and OIDs, as Parse has them.
std::string type_bytes(const std::vector<std::uint32_t>& types) {
  std::string out;
  ByteWriter writer(out);
  writer.integer(static_cast<std::uint16_t>(types.size()));
  for (const std::uint32_t type : types) writer.u32(type);
  return out;
}

/// The rest of a Bind without parameters, with all results as text.
constexpr std::string_view kNoParameters("\0\0\0\0\0\0", 6);

}  // namespace

Conversation::Need Conversation::run_in_pieces(JudgementPtr whole) {
  const auto& statements = whole->rewritten.statements;
  if (!std::all_of(statements.begin(), statements.end(), may_be_piece)) {
    refuse_simple(make_error(sqlstate::feature_not_supported,
                             "this statement cannot stand in one string with PREPARE or EXECUTE through Bulkhead",
                             "Send PREPARE and EXECUTE by themselves."));
    return Need::nothing;
  }
  if (statements.size() > kPieces) {
    refuse_simple(make_error(sqlstate::program_limit_exceeded, "more than " + std::to_string(kPieces) +
                                                                   " statements in one string with PREPARE or EXECUTE"));
    return Need::nothing;
  }
  if (!plan_.empty()) {
    pending_ = std::move(whole);
    return drain();
  }
  if (!backend_) {
    pending_ = std::move(whole);
    return Need::server;
  }
  if (in_failed_transaction() && !ends_failure(statements.front().effects)) {  // a piece that is answered here would not notice
    refuse_simple(transaction_has_failed());
    return Need::nothing;
  }
  reconcile();
  note_sending(*whole);
  if (sets_) untold();  // under which what is prepared behind it is parsed
  unnamed_ = nullptr;  // as any simple query does
  if (unnamed_portal_) close_unnamed_portal();
  Cursors then = cursors_;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    if (auto error = run_piece(whole, i, then)) {
      to_server_.failing_parse();
      expect(Expect::parse).refusal = std::make_unique<Error>(std::move(*error));
      break;
    }
  }
  to_server_.sync();
  expect(Expect::sync);
  unsynced_ = may_have_ended_ = false;
  ++batch_;
  return Need::nothing;
}

std::optional<Error> Conversation::run_piece(const JudgementPtr& whole, std::size_t index, Cursors& then) {
  const rewrite::Statement& statement = whole->rewritten.statements[index];
  if (statement.prepare) return prepare_in_sql(*whole, *statement.prepare);
  if (statement.effects.deallocate) return forget_in_turn(*statement.effects.deallocate);
  const rewrite::Piece piece = whole->rewritten.pieces[index];
  JudgementPtr judgement = whole;
  int place = 0;
  if (whole->rewritten.statements.size() > 1) {
    place = characters_before(whole->text, piece.begin);
    auto outcome = judge_.judge(std::string_view(whole->text).substr(piece.begin, piece.end - piece.begin), type_bytes({}),
                                rewrite::Protocol::extended);
    if (auto* rejected = std::get_if<rewrite::Rejected>(&outcome)) return std::move(rejected->error);
    judgement = in_startup_values(std::get<JudgementPtr>(std::move(outcome)));
  }
  if (const auto& execute = judgement->rewritten.statements.front().execute) {
    auto run = executing(*judgement, *execute);
    if (!run) return run.error();
    judgement = std::move(*run);
  }
  const auto& effects = judgement->rewritten.statements.front().effects;  // a piece is one statement
  if (auto refusal = then.refusal(effects)) return refusal;
  then.ran(effects);
  run_as_simple(judgement, place);
  return std::nullopt;
}

/// Parse, Bind, Describe, Execute, answered as a simple query is.
void Conversation::run_as_simple(const JudgementPtr& judgement, int place) {
  to_server_.parse("", judgement->rewritten.sql, type_bytes({}));
  auto& parse = expect(Expect::parse);
  parse.hidden = true;
  parse.judgement = judgement;
  parse.place = place;
  parse.add(PlanEntry::replaces_unnamed);
  backend_->unnamed = 0;
  to_server_.bind("", "", kNoParameters);
  auto& bind = expect(Expect::bind);
  bind.hidden = true;
  bind.add(PlanEntry::unbinds);  // the client's own unnamed portal
  bind.judgement = judgement;
  bind.place = place;
  to_server_.describe('P', "");
  auto& describe = expect(Expect::describe_portal);
  describe.judgement = judgement;
  describe.place = place;
  describe.as_simple = true;
  to_server_.execute("", 0);
  auto& execute = expect(Expect::execute);
  execute.judgement = judgement;
  execute.place = place;
  close_unnamed_portal();
}

/// A simple query has one of its own for each statement, which is gone behind it, as the client's is: a failed transaction shows whether
/// there is one (exec_describe_portal_message).
void Conversation::close_unnamed_portal() {
  to_server_.close('P', "");
  auto& close = expect(Expect::close);
  close.hidden = true;
  close.add(PlanEntry::unbinds);
}

std::optional<Error> Conversation::prepare_in_sql(const Judgement& judgement, const rewrite::PrepareInSql& prepare) {
  const std::string_view text = judgement.text;
  const int place = characters_before(text, prepare.begin);
  auto outcome = judge_.judge(text.substr(prepare.begin, prepare.end - prepare.begin), type_bytes(prepare.types),
                              rewrite::Protocol::extended, formats());
  if (auto* rejected = std::get_if<rewrite::Rejected>(&outcome)) {
    if (rejected->error.position > 0) rejected->error.position += place;
    return std::move(rejected->error);
  }
  auto body = std::get<JudgementPtr>(std::move(outcome));
  if (auto wrong = name_taken(prepare.name, *body)) return wrong;
  add_statement(prepare.name, std::move(body), proto::encoded(proto::CommandComplete{"PREPARE"}), place);
  return std::nullopt;
}

/// EXECUTE as it goes to the attached connection, where the statement it names has been made sure of.
Result<JudgementPtr> Conversation::executing(const Judgement& judgement, const rewrite::ExecuteInSql& execute) {
  const auto named = statements_ ? statements_->find(execute.name) : Statements::iterator();
  if (!statements_ || named == statements_->end()) return no_such_statement(execute.name);
  const auto& statements = named->second->rewritten.statements;
  if (statements.size() != 1 || !is_query(statements.front()))
    return make_error(sqlstate::feature_not_supported,
                      "EXECUTE runs queries only through Bulkhead, and \"" + execute.name + "\" is none",
                      "Run the prepared statement through the protocol.");
  auto renewed = judge_.renew(named->second, formats());
  if (auto* rejected = std::get_if<rewrite::Rejected>(&renewed)) return std::move(rejected->error);
  named->second = std::get<JudgementPtr>(std::move(renewed));
  const JudgementPtr target = named->second;
  BULKHEAD_CHECK(check_guards(target->rewritten.guards, target->types, execute.arguments));
  auto run = judge_.executing(judgement, *target);
  if (!run)
    return make_error(sqlstate::feature_not_supported, "this EXECUTE is not understood by Bulkhead",
                      "Write it in a simpler form.");
  prepare(target, false);
  return run;
}

/// DEALLOCATE among other statements: undone if one before it fails, as it would not have been reached.
std::optional<Error> Conversation::forget_in_turn(const std::string& name) {
  const auto at = statements_ ? statements_->find(name) : Statements::iterator();
  if (!statements_ || at == statements_->end()) return no_such_statement(name);
  PlanEntry entry(Expect::close);
  entry.name = name;
  entry.previous = std::move(at->second);
  entry.add(PlanEntry::forgets);
  statements_->erase(at);
  answer_in_turn(proto::encoded(proto::CommandComplete{"DEALLOCATE"}), std::move(entry));
  return std::nullopt;
}

}  // namespace bulkhead::session
