// Conversation: Parse, and what prepared statements need on whichever server connection the client has. A client's statement has
// the client's name here, and on the server one that follows from its text (statement_names.h), so that all clients of a tenant
// that say the same share it.

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "proto/backend.h"
#include "proto/frontend.h"
#include "rewrite/lexer.h"
#include "session/conversation.h"
#include "session/judged.h"
#include "session/statement_names.h"

namespace bulkhead::session {
namespace {

/// Prepared statements one server connection holds for all clients together; the least recently used is closed.
constexpr std::size_t kPreparedPerConnection = 500;
/// Named statements of one client. A driver's cache holds some hundred.
constexpr std::size_t kStatementsPerClient = 20'000;
/// And what their texts may take together, the client's and the rewritten ones.
constexpr std::size_t kStatementBytesPerClient = 16u << 20;

std::size_t size_of(const Judgement& judgement) {
  return judgement.text.size() + judgement.types.size() + judgement.rewritten.sql.text().size();
}

/// As PostgreSQL counts them (parse_analyze_varparams): those that Parse declares, and up to the highest in the text. Nothing: not known,
/// for some statements that are no queries find theirs when they run.
std::optional<std::size_t> parameters_of(const Judgement& judgement) {
  std::size_t count = 0;
  if (const auto declared = ByteReader(judgement.types).i16()) count = static_cast<std::uint16_t>(*declared);
  const auto lexed = rewrite::lex(judgement.text, judgement.text.size());
  if (!lexed) return std::nullopt;
  const auto& statements = judgement.rewritten.statements;
  const bool analysed = !statements.empty() && is_query(statements.front());
  for (const rewrite::Token& token : lexed->tokens) {
    if (token.kind != rewrite::TokenKind::parameter) continue;
    if (!analysed) return std::nullopt;
    std::size_t number = 0;
    std::from_chars(judgement.text.data() + token.begin + 1, judgement.text.data() + token.end, number);
    count = std::max(count, number);
  }
  return count;
}

}  // namespace

Conversation::Need Conversation::on_parse(std::string_view body) {
  const auto parse = proto::decode_parse_head(body);
  if (!parse) {
    refuse_extended(parse.error());
    return Need::nothing;
  }
  if (auto refusal = too_long(parse->statement)) {
    refuse_extended(std::move(*refusal));
    return Need::nothing;
  }
  JudgementPtr judgement;
  if (const auto need = obtain(parse->query, parse->types_rest, rewrite::Protocol::extended, judgement)) {
    if (*need == Need::nothing && parse->statement.empty()) refused_unnamed();
    return *need;
  }

  const bool here = answered_here(*judgement) || execute_of(*judgement);
  if (here) {
    pending_ = judgement;
    if (const auto need = cannot_answer()) return *need;
    pending_ = nullptr;
  }
  const std::string_view name = parse->statement;
  if (!name.empty()) {  // the server is not asked about a statement that it has under another name
    if (transaction_in_doubt()) {
      pending_ = std::move(judgement);
      return drain();
    }
    const auto& statements = judgement->rewritten.statements;
    if (in_failed_transaction() && (statements.empty() || !ends_failure(statements.front().effects))) {
      refuse_extended(transaction_has_failed());
      return Need::nothing;
    }
  }
  if (!name.empty()) {
    if (name_in_doubt(name)) {
      pending_ = std::move(judgement);
      return drain();
    }
    if (auto wrong = name_taken(name, *judgement)) {
      refuse_extended(std::move(*wrong));
      return Need::nothing;
    }
  }
  if (here) {
    ++tally_.client_parses;
    PlanEntry entry(Expect::parse);
    if (name.empty()) {
      entry.replaces(std::exchange(unnamed_, std::move(judgement)));
    } else {
      if (!statements_) statements_ = std::make_unique<Statements>();
      statements_->emplace(name, std::move(judgement));
      entry.name = name;
      entry.add(PlanEntry::names);
    }
    answer_in_turn(encoded(proto::ParseComplete{}), std::move(entry));
    return Need::nothing;
  }
  if (!backend_) {
    pending_ = std::move(judgement);
    return Need::server;
  }
  if (!name.empty() && must_wait_to_prepare(*judgement)) {
    pending_ = std::move(judgement);
    return drain();
  }
  ++tally_.client_parses;
  reconcile();
  if (name.empty()) {
    to_server_.parse("", judgement->rewritten.sql, judgement->types);
    ++tally_.server_parses;
    auto& entry = expect(Expect::parse);
    entry.judgement = judgement;
    entry.replaces(std::exchange(unnamed_, judgement));
    backend_->unnamed = judgement->id;
    backend_->unnamed_unsure_since = batch_;
  } else {
    add_statement(name, std::move(judgement), proto::encoded(proto::ParseComplete{}), 0);
  }
  unsynced_ = true;
  return Need::nothing;
}

/// Batches are under way that may leave a transaction that has failed.
bool Conversation::transaction_in_doubt() const {
  if (plan_.readies() == 0) return false;
  if (in_transaction() || plan_.size() > kPlanLookedAt) return true;
  for (std::size_t i = 0; i < plan_.size(); ++i)
    if (const auto& judgement = plan_[i].judgement; judgement && controls_transaction(*judgement)) return true;
  return false;
}

/// A Parse of the unnamed statement that was refused: it has destroyed the one before (exec_parse_message).
void Conversation::refused_unnamed() {
  auto before = std::exchange(unnamed_, nullptr);
  if (!plan_.empty()) plan_[plan_.size() - 1].replaces(std::move(before));
}

/// Why the client's name cannot be given to the statement.
std::optional<Error> Conversation::name_taken(std::string_view name, const Judgement& judgement) {
  if (statements_ && statements_->contains(std::string(name)))
    return make_error(sqlstate::duplicate_prepared_statement,
                      "prepared statement \"" + std::string(name) + "\" already exists");
  if (!room_for(judgement))
    return make_error(sqlstate::configuration_limit_exceeded, "too many prepared statements in this session",
                      "Close or DEALLOCATE those no longer used.");
  return std::nullopt;
}

/// A new statement of the client's, under its name for the client and under its id for the server. `answer` is what the client
/// gets for it.
void Conversation::add_statement(std::string_view name, JudgementPtr judgement, std::string answer, int place) {
  if (!statements_) statements_ = std::make_unique<Statements>();
  statements_->emplace(name, judgement);
  PlanEntry entry(Expect::parse);
  entry.name = name;
  entry.place = place;
  entry.add(PlanEntry::names);
  if (backend_->prepared.usable(judgement->id, batch_)) {
    backend_->prepared.used(judgement->id);
    entry.judgement = std::move(judgement);
    return answer_in_turn(std::move(answer), std::move(entry));
  }
  entry.answer = std::move(answer);
  prepare_on_server(judgement, std::move(entry));
}

/// Counts the statement in. Forgotten ones are only noticed here, when the count seems too high.
bool Conversation::room_for(const Judgement& judgement) {
  if (statements_ && statements_->size() >= kStatementsPerClient) return false;
  statement_bytes_ += size_of(judgement);
  if (statement_bytes_ <= kStatementBytesPerClient) return true;
  std::size_t held = 0;
  if (statements_)
    for (const auto& [name, statement] : *statements_) held += size_of(*statement);
  statement_bytes_ = held;
  if (held + size_of(judgement) > kStatementBytesPerClient) return false;
  statement_bytes_ += size_of(judgement);
  return true;
}

/// The name was last given or taken away in an earlier batch that has not been answered so far: an error there would mean that it
/// was not. (In this batch it would discard what comes now as well.)
bool Conversation::name_in_doubt(std::string_view name) const {
  if (plan_.readies() == 0) return false;
  bool earlier = false;
  for (std::size_t i = plan_.size(); i-- > 0;) {
    const PlanEntry& entry = plan_[i];
    const bool changes = name.empty() ? entry.has(PlanEntry::replaces_unnamed) && !entry.hidden
                                      : (entry.has(PlanEntry::names) || entry.has(PlanEntry::forgets)) && entry.name == name;
    if (changes) return earlier;
    earlier = earlier || entry.expect == Expect::sync || entry.expect == Expect::query;
    if (plan_.size() - i > kPlanLookedAt) return true;
  }
  return false;
}

/// The client's statement of that name under the newest catalogue, or what to do instead.
std::optional<Conversation::Need> Conversation::usable_statement(std::string_view name, JudgementPtr& out) {
  JudgementPtr* slot = &unnamed_;
  if (!name.empty()) {
    slot = nullptr;
    if (statements_)
      if (const auto at = statements_->find(std::string(name)); at != statements_->end()) slot = &at->second;
  }
  if (name_in_doubt(name)) return drain();
  if (!slot || !*slot) {
    refuse_extended(no_such_statement(name));
    return Need::nothing;
  }
  if (answered_here(**slot)) {
    out = *slot;
    return std::nullopt;
  }
  if (!backend_) return Need::server;
  if (in_failed_transaction()) {  // the server refuses it whatever it reads
    out = *slot;
    return std::nullopt;
  }
  auto renewed = judge_.renew(*slot, formats());
  if (auto* rejected = std::get_if<rewrite::Rejected>(&renewed)) {
    count_refusal(rejected->error, (*slot)->text);
    refuse_extended(std::move(rejected->error));
    return Need::nothing;
  }
  auto judgement = in_startup_values(std::get<JudgementPtr>(std::move(renewed)));
  // It would have to be prepared anew, which an error before it would discard, and a transaction that has failed does not take: there
  // the one before will do.
  if (judgement != *slot && !plan_.empty()) return drain();
  *slot = std::move(judgement);
  out = *slot;
  return std::nullopt;
}

/// The attached connection has it, or will have when it gets to what is said next.
bool Conversation::is_prepared(const Judgement& judgement, bool unnamed) const {
  if (!unnamed) return backend_->prepared.usable(judgement.id, batch_);
  return backend_->unnamed == judgement.id && (backend_->unnamed_unsure_since == 0 || backend_->unnamed_unsure_since == batch_);
}

/// PostgreSQL counts a Bind's values before it looks whether the transaction has failed (exec_bind_message), and there the statement
/// cannot be prepared for it to do so.
std::optional<Error> Conversation::miscounted(const Judgement& judgement, bool unnamed, std::string_view name, std::size_t given) const {
  if (!in_failed_transaction() && plan_.empty()) return std::nullopt;
  if (judgement.executes != 0 || is_prepared(judgement, unnamed)) return std::nullopt;
  const auto required = parameters_of(judgement);
  return !required || given == *required ? std::nullopt : std::optional(wrong_number_of_parameters(name, given, *required));
}

/// Makes sure the attached connection has the statement, by hidden messages where it has not, and gives its name there.
std::string Conversation::prepare(const JudgementPtr& judgement, bool unnamed) {
  if (unnamed) {
    if (!is_prepared(*judgement, true)) {
      to_server_.parse("", judgement->rewritten.sql, judgement->types);
      ++tally_.server_parses;
      auto& entry = expect(Expect::parse);
      entry.hidden = true;
      entry.judgement = judgement;
      entry.add(PlanEntry::replaces_unnamed);
      backend_->unnamed = judgement->id;
      backend_->unnamed_unsure_since = batch_;
    }
    return {};
  }
  if (is_prepared(*judgement, false)) {
    backend_->prepared.used(judgement->id);
  } else {
    PlanEntry entry(Expect::parse);
    entry.hidden = true;
    prepare_on_server(judgement, std::move(entry));
  }
  return server_name(judgement->id);
}

/// The connection is full of statements of which none can go before answers owed have come. (A string of statements is one message,
/// and may go beyond by as many as it has.)
bool Conversation::must_wait_to_prepare(const Judgement& judgement) const {
  return !plan_.empty() && !backend_->prepared.usable(judgement.id, batch_) && backend_->prepared.crowded(kPreparedPerConnection);
}

/// The statements of which a portal that is there, or will be, runs an EXECUTE.
std::unordered_set<std::uint64_t> Conversation::executed_by_portals() const {
  auto ids = cursors_.executed();
  if (unnamed_portal_) ids.insert(unnamed_portal_->executes);
  for (std::size_t i = 0; i < plan_.size(); ++i)
    if (plan_[i].has(PlanEntry::binds)) ids.insert(plan_[i].judgement->executes);
  return ids;
}

/// Parse, under the name of the statement's id, with `entry` for its answer.
void Conversation::prepare_on_server(const JudgementPtr& judgement, PlanEntry entry) {
  auto& prepared = backend_->prepared;
  std::optional<std::unordered_set<std::uint64_t>> executed;
  const auto kept = [&](std::uint64_t other) {
    if (!executed) executed = executed_by_portals();
    return executed->contains(other);
  };
  while (const auto oldest = prepared.evict(kPreparedPerConnection, kept)) {
    to_server_.close('S', server_name(*oldest));
    auto& close = expect(Expect::close);
    close.hidden = true;
    close.id = *oldest;
    close.add(PlanEntry::evicts);
  }
  const std::uint64_t id = judgement->id;
  if (prepared.contains(id)) {  // sent in an earlier batch that may yet be discarded, say: make sure
    to_server_.close('S', server_name(id));
    expect(Expect::close).hidden = true;
  }
  to_server_.parse(server_name(id), judgement->rewritten.sql, judgement->types);
  ++tally_.server_parses;
  entry.judgement = judgement;
  entry.id = id;
  entry.batch = batch_;
  entry.add(PlanEntry::prepares);
  plan_.push(std::move(entry));
  prepared.sent(id, batch_);
}

}  // namespace bulkhead::session
