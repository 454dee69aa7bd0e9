// Conversation, the client's half: what each message of a client becomes. One file of some 600 lines, because what a message may do
// depends on all the others: the rules for a name, a batch and a refusal are the same in each.

#include <algorithm>

#include "proto/backend.h"
#include "proto/frontend.h"
#include "session/conversation.h"
#include "session/parameter_guard.h"
#include "session/statement_names.h"

namespace bulkhead::session {
namespace {

/// Prepared statements one server connection holds for all clients together; the least recently used is closed.
constexpr std::size_t kPreparedPerConnection = 500;
/// Named statements of one client. A driver's cache holds some hundred.
constexpr std::size_t kStatementsPerClient = 20'000;
/// And what their texts may take together, the client's and the rewritten ones.
constexpr std::size_t kStatementBytesPerClient = 16u << 20;
/// Portals of one client in one transaction; they are looked up one by one.
constexpr std::size_t kPortalsPerClient = 1'000;
constexpr SqlState kDuplicateCursor{"42P03"};
/// Messages of a batch that are looked through for the Bind of a portal; a longer batch waits for its first answers.
constexpr std::size_t kPlanLookedAt = 1'000;
/// Answers owed at once. A longer pipeline waits for the first answers.
constexpr std::size_t kPlanLength = 20'000;

template <class Message>
std::string encoded(const Message& message) {
  std::string out;
  proto::encode(message, out);
  return out;
}

bool deallocates(const rewrite::Effects& effects) { return effects.deallocate_all || effects.deallocate; }

/// A prepared statement that no server sees.
bool answered_here(const Judgement& judgement) {
  const auto& statements = judgement.rewritten.statements;
  return !statements.empty() && (deallocates(statements.front().effects) || statements.front().prepare);
}

/// The EXECUTE that a prepared statement is; null if it is none. The server sees it when it is bound.
const rewrite::ExecuteInSql* execute_of(const Judgement& judgement) {
  const auto& statements = judgement.rewritten.statements;
  return !statements.empty() && statements.front().execute ? &*statements.front().execute : nullptr;
}

/// A statement of the extended protocol that opens or closes cursors, or ends a (sub)transaction.
bool changes_cursors(const PlanEntry& entry) {
  if (entry.expect != Expect::execute || !entry.judgement) return false;
  const auto& statements = entry.judgement->rewritten.statements;
  return std::any_of(statements.begin(), statements.end(), [](const rewrite::Statement& s) { return s.effects.cursor.has_value(); });
}

bool clears_server(const Judgement& judgement) {
  const auto& statements = judgement.rewritten.statements;
  return std::any_of(statements.begin(), statements.end(),
                     [](const rewrite::Statement& s) { return s.effects.discard_all || s.effects.deallocate_all; });
}

Error call_refused() {
  return make_error(sqlstate::feature_not_supported, "function calls by OID are not allowed through Bulkhead",
                    "Call the function in a SELECT. No configuration allows this: such a call has no text to judge.");
}

}  // namespace

Conversation::Conversation(Judge& judge, const policy::TenantLimits& limits, bool keeps_server, pool::Settings startup,
                           std::int32_t process_id)
    : judge_(judge),
      limits_(limits),
      startup_(std::move(startup)),
      settings_(startup_),
      keeps_server_(keeps_server),
      process_id_(process_id) {}

void Conversation::attach(pool::Backend& backend) { backend_ = &backend; }

void Conversation::detach() {
  backend_ = nullptr;
  ties_.clear();
  cursors_.clear();
  unnamed_portal_ = nullptr;
}

bool Conversation::releasable() const {
  return backend_ && plan_.empty() && backend_->status == 'I' && !unsynced_ && unsure_.empty() && !ties_.tied() && !keeps_server_;
}

Conversation::Need Conversation::on_client(proto::FrameHeader header, std::string_view frame) {
  const auto body = proto::body_of(frame);
  if (header.type == proto::Terminate::kType) return Need::end;
  if (stamper_) {
    on_copy_message(header, body);
    return Need::nothing;
  }
  // In this state the server throws away everything up to Sync (PostgresMain, ignore_till_sync), Query included.
  if (skip_ != Skip::no && header.type != proto::Sync::kType) {
    pending_ = nullptr;  // what waited may be what is thrown away now
    return Need::nothing;
  }
  if (plan_.size() >= kPlanLength) return drain();
  // What follows is for the COPY if it begins: the server would take any message but the Sync of its batch for the end of it.
  const bool ends_batch = unsynced_ && (header.type == proto::Sync::kType || header.type == proto::Flush::kType);
  if (copy_in_due() && !ends_batch) return drain();
  // DISCARD ALL is under way: what it clears is known when its answer comes, so nothing is built on it before.
  if (discards_ && !plan_.empty() && header.type != proto::Sync::kType) return drain();
  discards_ = false;
  switch (header.type) {
    case proto::Query::kType: return on_query(body);
    case proto::Parse::kType: return on_parse(body);
    case proto::Bind::kType: return on_bind(body);
    case proto::Describe::kType: return on_describe(body);
    case proto::Execute::kType: return on_execute(body);
    case proto::Close::kType: return on_close(body);
    case proto::Sync::kType: return on_sync(body);
    case proto::Flush::kType: return on_flush(body);
    // What is left of a COPY that failed is dropped, as the server does.
    case proto::CopyData::kType:
    case proto::CopyDone::kType:
    case proto::CopyFail::kType: return Need::nothing;
    default: refuse_simple(call_refused()); return Need::nothing;  // FunctionCall, the only other type of peek_frame
  }
}

/// Without a Sync the server keeps its answers in its buffer: Flush makes it give them.
void Conversation::flush_batch() {
  if (unsynced_) to_server_.flush();
}

Conversation::Need Conversation::drain() {
  flush_batch();
  return Need::drain;
}

/// Nothing is under way anywhere: a refusal can be answered here and now, and changes no state.
bool Conversation::alone() const {
  return plan_.empty() && !unsynced_ && (!backend_ || backend_->status == 'I');
}

void Conversation::refuse(proto::FrameHeader header, Error error) {
  pending_ = nullptr;
  if (stamper_) return fail_copy(std::move(error));
  if (skip_ != Skip::no) return;
  switch (header.type) {
    case proto::Query::kType:
    case proto::FunctionCall::kType: return refuse_simple(std::move(error));
    case proto::CopyData::kType:
    case proto::CopyFail::kType: return;
    default: return refuse_extended(std::move(error));
  }
}

void Conversation::refuse_simple(Error error) {
  catalogue_renewed_ = false;
  unnamed_ = nullptr;  // any simple query destroys it, a failing one too (exec_simple_query)
  if (alone()) {
    proto::encode_error(error, "ERROR", to_client_);
    proto::encode(proto::ReadyForQuery{'I'}, to_client_);
    return;
  }
  to_server_.failing_query();
  expect(Expect::query).refusal = std::make_unique<Error>(std::move(error));
  backend_->unnamed = 0;
  unsynced_ = false;
  ++batch_;
}

void Conversation::refuse_extended(Error error) {
  catalogue_renewed_ = false;
  if (alone()) {
    proto::encode_error(error, "ERROR", to_client_);
    skip_ = Skip::own;
    return;
  }
  to_server_.failing_parse();
  expect(Expect::parse).refusal = std::make_unique<Error>(std::move(error));
  unsynced_ = true;
}

/// Puts frames that need no server into the order of the answers.
void Conversation::answer_in_turn(std::string frames, PlanEntry entry) {
  if (plan_.empty()) {
    to_client_ += frames;
    settle_portal(entry);
    return;
  }
  entry.synthetic = true;
  entry.answer = std::move(frames);
  plan_.push(std::move(entry));
}

std::optional<Conversation::Need> Conversation::obtain(std::string_view text, std::string_view types,
                                                       rewrite::Protocol protocol, JudgementPtr& out) {
  if (auto waited = std::exchange(pending_, nullptr);
      waited && waited->protocol == protocol && waited->text == text && waited->types == types) {
    out = std::move(waited);
    return std::nullopt;
  }
  Judge::Outcome outcome;
  if (text.size() > limits_.statement_size) {
    outcome = rewrite::Rejected{make_error(sqlstate::program_limit_exceeded,
                                           "the statement is longer than " + std::to_string(limits_.statement_size) +
                                               " bytes",
                                           "limits.statement_size sets the number."),
                                false};
  } else {
    outcome = judge_.judge(text, types, protocol);
  }
  if (auto* rejected = std::get_if<rewrite::Rejected>(&outcome)) {
    if (rejected->unknown_name && !catalogue_renewed_) return Need::catalogue;
    if (protocol == rewrite::Protocol::simple)
      refuse_simple(std::move(rejected->error));
    else
      refuse_extended(std::move(rejected->error));
    return Need::nothing;
  }
  catalogue_renewed_ = false;
  out = std::get<JudgementPtr>(std::move(outcome));
  return std::nullopt;
}

Conversation::Need Conversation::on_query(std::string_view body) {
  const auto query = proto::decode_query(body);
  if (!query) {
    refuse_simple(query.error());
    return Need::nothing;
  }
  JudgementPtr judgement;
  if (const auto need = obtain(query->sql, {}, rewrite::Protocol::simple, judgement)) return *need;

  const auto& statements = judgement->rewritten.statements;
  if (!judgement->rewritten.pieces.empty()) return run_in_pieces(std::move(judgement));
  if (std::any_of(statements.begin(), statements.end(),
                  [](const rewrite::Statement& s) { return deallocates(s.effects); })) {
    if (statements.size() > 1) {
      refuse_simple(make_error(sqlstate::feature_not_supported,
                               "DEALLOCATE must be the only statement of its query string through Bulkhead"));
      return Need::nothing;
    }
    if (!plan_.empty()) {
      pending_ = std::move(judgement);
      return drain();
    }
    const auto tag = deallocate(statements.front().effects);
    if (!tag) {
      refuse_simple(tag.error());
      return Need::nothing;
    }
    proto::encode(proto::CommandComplete{*tag}, to_client_);
    proto::encode(proto::ReadyForQuery{backend_ ? backend_->status : 'I'}, to_client_);
    return Need::nothing;
  }
  if (writes_at_cursor(statements)) {
    if (!plan_.empty()) {
      pending_ = std::move(judgement);
      return drain();
    }
    if (auto refusal = cursors_.refusal(statements)) {
      refuse_simple(std::move(*refusal));
      return Need::nothing;
    }
  }
  if (!backend_) {
    pending_ = std::move(judgement);
    return Need::server;
  }
  reconcile();
  discards_ = clears_server(*judgement);
  to_server_.query(judgement->rewritten.sql);
  expect(Expect::query).judgement = std::move(judgement);
  // A simple query destroys the unnamed statement (exec_simple_query).
  unnamed_ = nullptr;
  backend_->unnamed = 0;
  unsynced_ = false;
  ++batch_;
  return Need::nothing;
}

/// Prepared statements have other names on the server, and may be on another connection: DEALLOCATE is done here, in
/// simple queries and in the extended protocol. The command's tag.
Result<std::string_view> Conversation::deallocate(const rewrite::Effects& effects) {
  if (in_transaction() && backend_->status == 'E')
    return make_error(sqlstate::in_failed_sql_transaction,
                      "current transaction is aborted, commands ignored until end of transaction block");
  if (effects.deallocate_all) {
    statements_ = nullptr;
    return std::string_view("DEALLOCATE ALL");
  }
  if (!statements_ || statements_->erase(*effects.deallocate) == 0) return no_such_statement(*effects.deallocate);
  return std::string_view("DEALLOCATE");
}

Conversation::Need Conversation::on_parse(std::string_view body) {
  const auto parse = proto::decode_parse_head(body);
  if (!parse) {
    refuse_extended(parse.error());
    return Need::nothing;
  }
  JudgementPtr judgement;
  if (const auto need = obtain(parse->query, parse->types_rest, rewrite::Protocol::extended, judgement)) return *need;

  const std::string_view name = parse->statement;
  if (!name.empty()) {
    if (auto wrong = name_taken(name, *judgement)) {
      refuse_extended(std::move(*wrong));
      return Need::nothing;
    }
  }
  if (answered_here(*judgement) || execute_of(*judgement)) {
    PlanEntry entry(Expect::parse);
    if (name.empty()) {
      entry.add(PlanEntry::replaces_unnamed);
      entry.previous = std::exchange(unnamed_, std::move(judgement));
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
  reconcile();
  if (name.empty()) {
    to_server_.parse("", judgement->rewritten.sql, judgement->types);
    auto& entry = expect(Expect::parse);
    entry.judgement = judgement;
    entry.add(PlanEntry::replaces_unnamed);
    entry.previous = std::exchange(unnamed_, judgement);
    backend_->unnamed = judgement->id;
    backend_->unnamed_unsure_since = batch_;
  } else {
    add_statement(name, std::move(judgement), encoded(proto::ParseComplete{}), 0);
  }
  unsynced_ = true;
  return Need::nothing;
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
  const std::uint64_t id = judgement->id;
  const auto known = backend_->prepared.find(id);
  PlanEntry entry(Expect::parse);
  entry.name = name;
  entry.place = place;
  entry.add(PlanEntry::names);
  // Sent in this very batch it is as good as there: an error before it would throw this message away, too.
  if (known != backend_->prepared.end() && (known->second.unsure_since == 0 || known->second.unsure_since == batch_)) {
    known->second.last_use = ++backend_->tick;
    entry.judgement = std::move(judgement);
    return answer_in_turn(std::move(answer), std::move(entry));
  }
  evict_one();
  if (known != backend_->prepared.end()) {  // sent in an earlier batch that may yet be discarded: make sure
    to_server_.close('S', server_name(id));
    expect(Expect::close).hidden = true;
  }
  to_server_.parse(server_name(id), judgement->rewritten.sql, judgement->types);
  entry.judgement = std::move(judgement);
  entry.answer = std::move(answer);
  entry.id = id;
  entry.add(PlanEntry::prepares);
  plan_.push(std::move(entry));
  backend_->prepared[id] = {++backend_->tick, batch_};
}

namespace {
std::size_t size_of(const Judgement& judgement) {
  return judgement.text.size() + judgement.types.size() + judgement.rewritten.sql.text().size();
}
}  // namespace

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

/// The client's statement of that name under the newest catalogue, or what to do instead.
std::optional<Conversation::Need> Conversation::usable_statement(std::string_view name, JudgementPtr& out) {
  JudgementPtr* slot = &unnamed_;
  if (!name.empty()) {
    slot = nullptr;
    if (statements_)
      if (const auto at = statements_->find(std::string(name)); at != statements_->end()) slot = &at->second;
  }
  if (!slot || !*slot) {
    refuse_extended(no_such_statement(name));
    return Need::nothing;
  }
  if (answered_here(**slot)) {
    out = *slot;
    return std::nullopt;
  }
  if (!backend_) return Need::server;
  auto renewed = judge_.renew(*slot);
  if (auto* rejected = std::get_if<rewrite::Rejected>(&renewed)) {
    refuse_extended(std::move(rejected->error));
    return Need::nothing;
  }
  *slot = std::get<JudgementPtr>(std::move(renewed));
  out = *slot;
  return std::nullopt;
}

/// Makes sure the attached connection has the statement, by hidden messages where it has not, and gives its name there.
std::string Conversation::prepare(const JudgementPtr& judgement, bool unnamed) {
  if (unnamed) {
    const bool there = backend_->unnamed == judgement->id &&
                       (backend_->unnamed_unsure_since == 0 || backend_->unnamed_unsure_since == batch_);
    if (!there) {
      to_server_.parse("", judgement->rewritten.sql, judgement->types);
      auto& entry = expect(Expect::parse);
      entry.hidden = true;
      entry.judgement = judgement;
      entry.add(PlanEntry::replaces_unnamed);
      entry.previous = unnamed_;  // another one only where EXECUTE borrows the place
      backend_->unnamed = judgement->id;
      backend_->unnamed_unsure_since = batch_;
    }
    return {};
  }
  std::string name = server_name(judgement->id);
  auto known = backend_->prepared.find(judgement->id);
  if (known != backend_->prepared.end() &&
      (known->second.unsure_since == 0 || known->second.unsure_since == batch_)) {
    known->second.last_use = ++backend_->tick;
    return name;
  }
  if (known == backend_->prepared.end()) {
    evict_one();
  } else {
    to_server_.close('S', name);
    expect(Expect::close).hidden = true;
  }
  to_server_.parse(name, judgement->rewritten.sql, judgement->types);
  auto& entry = expect(Expect::parse);
  entry.hidden = true;
  entry.judgement = judgement;
  entry.id = judgement->id;
  entry.add(PlanEntry::prepares);
  backend_->prepared[judgement->id] = {++backend_->tick, batch_};
  return name;
}

void Conversation::evict_one() {
  auto& prepared = backend_->prepared;
  if (prepared.size() < kPreparedPerConnection) return;
  auto oldest = prepared.end();
  for (auto at = prepared.begin(); at != prepared.end(); ++at)
    if (at->second.unsure_since == 0 && (oldest == prepared.end() || at->second.last_use < oldest->second.last_use))
      oldest = at;
  if (oldest == prepared.end()) return;
  to_server_.close('S', server_name(oldest->first));
  auto& entry = expect(Expect::close);
  entry.hidden = true;
  entry.id = oldest->first;
  entry.add(PlanEntry::evicts);
  prepared.erase(oldest);
}

Conversation::Need Conversation::on_bind(std::string_view body) {
  const auto bind = proto::decode_bind_head(body);
  if (!bind) {
    refuse_extended(bind.error());
    return Need::nothing;
  }
  JudgementPtr judgement;
  if (const auto need = usable_statement(bind->statement, judgement)) return *need;
  bool unnamed = bind->statement.empty();
  if (const auto* execute = execute_of(*judgement)) {
    reconcile();
    auto run = executing(*judgement, *execute);
    if (!run) {
      refuse_extended(run.error());
      return Need::nothing;
    }
    judgement = std::move(*run);
    unnamed = true;
  }
  if (!judgement->rewritten.guards.empty() && !answered_here(*judgement)) {
    const auto values = proto::decode_bind(body);
    const auto own = values ? check_guards(judgement->rewritten.guards, judgement->types, *values) : values.error();
    if (!own) {
      refuse_extended(own.error());
      return Need::nothing;
    }
  }
  if (!bind->portal.empty() && named_portals() >= kPortalsPerClient) {
    refuse_extended(make_error(sqlstate::configuration_limit_exceeded, "too many portals in this transaction",
                               "Close those no longer used."));
    return Need::nothing;
  }
  if (answered_here(*judgement)) {
    bool known = true;
    if (!bind->portal.empty() && portal(bind->portal, known)) {
      refuse_extended(make_error(kDuplicateCursor, "cursor \"" + std::string(bind->portal) + "\" already exists"));
      return Need::nothing;
    }
    if (!known) return drain();
    PlanEntry entry(Expect::bind);
    entry.add(PlanEntry::binds);
    entry.name = bind->portal;
    entry.judgement = std::move(judgement);
    answer_in_turn(encoded(proto::BindComplete{}), std::move(entry));
    return Need::nothing;
  }
  reconcile();
  const auto name = prepare(judgement, unnamed);
  to_server_.bind(bind->portal, name, bind->rest);
  auto& entry = expect(Expect::bind);
  entry.add(PlanEntry::binds);
  entry.name = bind->portal;
  if (!unnamed) {
    entry.called = judgement->id;
    entry.calls = bind->statement;
  }
  entry.judgement = std::move(judgement);
  unsynced_ = true;
  return Need::nothing;
}

Conversation::Need Conversation::on_describe(std::string_view body) {
  const auto describe = proto::decode_describe(body);
  if (!describe) {
    refuse_extended(describe.error());
    return Need::nothing;
  }
  if (describe->kind == 'S') {
    JudgementPtr judgement;
    if (const auto need = usable_statement(describe->name, judgement)) return *need;
    if (answered_here(*judgement)) {
      answer_in_turn(encoded(proto::ParameterDescription{}) + encoded(proto::NoData{}),
                     PlanEntry(Expect::describe_statement));
      return Need::nothing;
    }
    reconcile();
    bool unnamed = describe->name.empty();
    if (const auto* execute = execute_of(*judgement)) {
      auto run = executing(*judgement, *execute);
      if (!run) {
        refuse_extended(run.error());
        return Need::nothing;
      }
      judgement = std::move(*run);
      unnamed = true;
    }
    to_server_.describe('S', prepare(judgement, unnamed));
    expect(Expect::describe_statement).judgement = std::move(judgement);
  } else {
    bool known = true;
    const auto bound = portal(describe->name, known);
    if (!known) return drain();
    if (bound && *bound && answered_here(**bound)) {
      answer_in_turn(encoded(proto::NoData{}), PlanEntry(Expect::describe_portal));
      return Need::nothing;
    }
    if (!backend_) return Need::server;
    reconcile();
    to_server_.describe('P', describe->name);
    expect(Expect::describe_portal);
  }
  unsynced_ = true;
  return Need::nothing;
}

Conversation::Need Conversation::on_execute(std::string_view body) {
  const auto execute = proto::decode_execute(body);
  if (!execute) {
    refuse_extended(execute.error());
    return Need::nothing;
  }
  bool known = true;
  auto bound = portal(execute->portal, known);
  if (!known) return drain();
  if (!bound) {  // whatever the server has under this name, nobody knows what running it does
    refuse_extended(make_error(sqlstate::invalid_cursor_name, "portal \"" + std::string(execute->portal) + "\" does not exist"));
    return Need::nothing;
  }
  JudgementPtr judgement = std::move(*bound);
  if (judgement && answered_here(*judgement)) {
    const auto& statement = judgement->rewritten.statements.front();
    if (statement.prepare) {
      if (!backend_) return Need::server;
      reconcile();
      if (auto error = prepare_in_sql(*judgement, *statement.prepare))
        refuse_extended(std::move(*error));
      else
        unsynced_ = true;
      return Need::nothing;
    }
    if (!plan_.empty()) return drain();  // an error before it would mean that it never happened
    if (const auto tag = deallocate(statement.effects); !tag)
      refuse_extended(tag.error());
    else
      answer_in_turn(encoded(proto::CommandComplete{*tag}), PlanEntry(Expect::execute));
    return Need::nothing;
  }
  if (judgement && writes_at_cursor(judgement->rewritten.statements)) {
    if (!plan_.empty()) return drain();
    if (auto refusal = cursors_.refusal(judgement->rewritten.statements)) {
      refuse_extended(std::move(*refusal));
      return Need::nothing;
    }
  }
  if (!backend_) return Need::server;
  reconcile();
  discards_ = judgement && clears_server(*judgement);
  to_server_.execute(execute->portal, execute->max_rows);
  expect(Expect::execute).judgement = std::move(judgement);
  unsynced_ = true;
  return Need::nothing;
}

std::size_t Conversation::named_portals() const {
  std::size_t count = cursors_.open();
  for (std::size_t i = 0; i < plan_.size(); ++i) count += plan_[i].has(PlanEntry::binds) && !plan_[i].name.empty();
  return count;
}

/// The statement of the portal that a message sent now would find on the server; null: a cursor made by DECLARE; nothing: there
/// is none. What Bind and Close of the same batch do is done when the server gets to that message, or it never gets there;
/// what an earlier batch, a Query or a statement about cursors does is known when it is answered: until then `known` is false.
std::optional<JudgementPtr> Conversation::portal(std::string_view name, bool& known) const {
  for (std::size_t i = plan_.size(); i-- > 0;) {
    const PlanEntry& entry = plan_[i];
    const bool names_it = entry.name == name;
    if (names_it && entry.has(PlanEntry::binds)) return entry.judgement;
    if (names_it && entry.has(PlanEntry::unbinds)) return std::nullopt;
    known = entry.expect != Expect::query && entry.expect != Expect::sync && !changes_cursors(entry) &&
            plan_.size() - i <= kPlanLookedAt;
    if (!known) return std::nullopt;
  }
  if (!name.empty()) return cursors_.bound_to(name);
  return unnamed_portal_ ? std::optional(unnamed_portal_) : std::nullopt;
}

Conversation::Need Conversation::on_close(std::string_view body) {
  const auto close = proto::decode_close(body);
  if (!close) {
    refuse_extended(close.error());
    return Need::nothing;
  }
  if (close->kind == 'S') {
    // Other clients of this tenant may use the same text: on the server it stays until it is the least recently used.
    PlanEntry entry(Expect::close);
    if (close->name.empty()) {
      entry.previous = std::exchange(unnamed_, nullptr);
      entry.add(PlanEntry::replaces_unnamed);
    } else if (statements_) {
      if (const auto at = statements_->find(std::string(close->name)); at != statements_->end()) {
        entry.previous = std::move(at->second);
        entry.name = close->name;
        entry.add(PlanEntry::forgets);
        statements_->erase(at);
      }
    }
    answer_in_turn(encoded(proto::CloseComplete{}), std::move(entry));
    return Need::nothing;
  }
  bool known = true;
  const auto bound = portal(close->name, known);
  if (!known) return drain();
  PlanEntry entry(Expect::close);
  entry.add(PlanEntry::unbinds);
  entry.name = close->name;
  if (!backend_ || (bound && *bound && answered_here(**bound))) {
    // No portal on any server; closing what is not there is no error.
    answer_in_turn(encoded(proto::CloseComplete{}), std::move(entry));
    return Need::nothing;
  }
  to_server_.close('P', close->name);
  plan_.push(std::move(entry));
  unsynced_ = true;
  return Need::nothing;
}

Conversation::Need Conversation::on_sync(std::string_view body) {
  if (const auto sync = proto::decode_sync(body); !sync) {
    // An error outside the extended protocol's skipping: reported, and ReadyForQuery follows (PostgresMain).
    if (skip_ == Skip::no) refuse_simple(sync.error());
    return Need::nothing;
  }
  if (skip_ == Skip::own || !backend_) {
    skip_ = Skip::no;
    if (!backend_) {
      cursors_.clear();
      unnamed_portal_ = nullptr;
    }
    to_client_ += encoded(proto::ReadyForQuery{backend_ ? backend_->status : 'I'});
    return Need::nothing;
  }
  skip_ = Skip::no;
  to_server_.sync();
  expect(Expect::sync);
  unsynced_ = false;
  ++batch_;
  return Need::nothing;
}

Conversation::Need Conversation::on_flush(std::string_view body) {
  if (const auto flush = proto::decode_flush(body); !flush)
    refuse_extended(flush.error());
  else if (backend_)
    to_server_.flush();
  return Need::nothing;
}

void Conversation::begin() {
  tell_settings_ = true;
  reconcile();
  if (plan_.empty()) tell_settings_ = false;
}

/// Gives the connection this client's settings before its first statement on it, and after RESET.
void Conversation::reconcile() {
  if (!plan_.empty() || unsynced_ || backend_->status != 'I' || backend_->settings == settings_) return;
  to_server_.settings(backend_->settings, settings_);
  backend_->settings = settings_;
  expect(Expect::query).hidden = true;
  backend_->unnamed = 0;  // as any simple query does
  ++batch_;
}

}  // namespace bulkhead::session
