// Conversation, the client's half: what each message of a client becomes. Here what all messages share and the simple protocol;
// the extended protocol's messages are in prepared_statements.cc and portals.cc.

#include <algorithm>

#include "proto/backend.h"
#include "proto/frontend.h"
#include "rewrite/lexer.h"
#include "rewrite/observation.h"
#include "rewrite/settings.h"
#include "session/conversation.h"
#include "session/judged.h"
#include "session/statement_names.h"

namespace bulkhead::session {
namespace {

/// Answers owed at once. A longer pipeline waits for the first answers.
constexpr std::size_t kPlanLength = 20'000;

/// It begins with COMMIT, END, ROLLBACK or ABORT.
bool may_end_transaction(std::string_view text) {
  const auto lexed = rewrite::lex(text, text.size());
  if (!lexed || lexed->tokens.empty()) return true;
  const rewrite::Token& first = lexed->tokens.front();
  const auto is = [written = text.substr(first.begin, first.end - first.begin)](std::string_view word) {
    return std::equal(written.begin(), written.end(), word.begin(), word.end(), [](char a, char b) { return (a | 0x20) == b; });
  };
  return is("commit") || is("end") || is("rollback") || is("abort");
}

Error call_refused() {
  return make_error(sqlstate::feature_not_supported, "function calls by OID are not allowed through Bulkhead",
                    "Call the function in a SELECT. No configuration allows this: such a call has no text to judge.");
}

}  // namespace

Conversation::Conversation(Judge& judge, const policy::TenantLimits& limits, bool keeps_server, pool::Settings startup,
                           std::int32_t process_id, Observed* observed, bool hides_columns)
    : judge_(judge),
      limits_(&limits),
      startup_(std::move(startup)),
      settings_(startup_),
      keeps_server_(keeps_server || observed),
      process_id_(process_id),
      observed_(observed),
      hides_columns_(hides_columns) {}

void Conversation::use(const policy::TenantLimits& limits, bool keeps_server, bool hides_columns) {
  limits_ = &limits;
  keeps_server_ = keeps_server || observed_;
  hides_columns_ = hides_columns;
  pending_ = nullptr;
}

void Conversation::attach(pool::Backend& backend) { backend_ = &backend; }

void Conversation::detach() {
  backend_ = nullptr;
  ties_.clear();
  cursors_.clear();
  unnamed_portal_ = nullptr;
}

bool Conversation::at_rest() const {
  return backend_ && !answers_owed() && backend_->status == 'I' && !unsynced_ && unsure_.empty();
}

bool Conversation::releasable() const { return at_rest() && !ties_.tied() && !keeps_server_; }

Conversation::Need Conversation::on_client(proto::FrameHeader header, std::string_view frame) {
  const auto body = proto::body_of(frame);
  if (header.type == proto::Terminate::kType) return Need::end;
  if (observed_) return pass(header, frame);
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
  if (one_batch_ && !plan_.empty() && !unsynced_) return drain();
  // What follows is for the COPY if it begins: the server would take most messages for its end, and ignore a Sync.
  if (copy_in_due()) return drain();
  // DISCARD ALL is under way: what it clears is known when its answer comes, so nothing is built on it before.
  discards_ = discards_ && !plan_.empty();
  if (discards_ && header.type != proto::Sync::kType) return drain();
  // Constants are read by settings. And RESET comes back to what the server knows: the values of the startup message are given again
  // before anything else runs.
  sets_ = sets_ && !plan_.empty();
  if (sets_ && header.type != proto::Sync::kType && header.type != proto::Flush::kType) return drain();
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

/// By its reason, without literals of the text. What PostgreSQL would have said itself is none of ours.
void Conversation::count_refusal(const Error& error, std::string_view text) {
  if (refusals_ && error.state != sqlstate::in_failed_sql_transaction) refusals_->count(rewrite::masked(error, text));
}

void Conversation::refuse_simple(Error error) {
  catalogue_renewed_ = false;
  if (alone()) {
    unnamed_ = nullptr;
    proto::encode_error(error, "ERROR", to_client_);
    proto::encode(proto::ReadyForQuery{'I'}, to_client_);
    return;
  }
  to_server_.failing_query();
  expect_query().refusal = std::make_unique<Error>(std::move(error));
}

/// Any simple query destroys the unnamed statement, a failing one too (exec_simple_query).
PlanEntry& Conversation::expect_query() {
  ends_batch();
  PlanEntry& entry = expect(Expect::query);
  entry.replaces(std::exchange(unnamed_, nullptr));
  backend_->unnamed = 0;
  unsynced_ = may_have_ended_ = false;
  ++batch_;
  return entry;
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

/// Puts frames that need no server into the order of the answers. They are of a batch all the same, and what it has made (an
/// unnamed portal that no server knows) is there until it ends: the connection is kept that long.
void Conversation::answer_in_turn(std::string frames, PlanEntry entry) {
  if (backend_) {
    reconcile();  // a batch has begun: the client's settings come before all of it
    unsynced_ = true;
  }
  if (plan_.empty()) {
    to_client_ += frames;
    settle_portal(entry);
    return;
  }
  entry.synthetic = true;
  entry.answer = std::move(frames);
  plan_.push(std::move(entry));
}

/// What stands in the way of answering a message of the extended protocol here. In a failed transaction the server would not.
std::optional<Conversation::Need> Conversation::cannot_answer() {
  if (!plan_.empty()) return drain();
  if (!in_failed_transaction()) return std::nullopt;
  refuse_extended(transaction_has_failed());
  return Need::nothing;
}

std::optional<Conversation::Need> Conversation::obtain(std::string_view text, std::string_view types,
                                                       rewrite::Protocol protocol, JudgementPtr& out) {
  if (auto waited = std::exchange(pending_, nullptr);
      waited && waited->protocol == protocol && waited->text == text && waited->types == types &&
      (protocol == rewrite::Protocol::simple || waited->formats == formats())) {
    out = std::move(waited);
    return std::nullopt;
  }
  Judge::Outcome outcome;
  if (text.size() > limits_->statement_size) {
    outcome = rewrite::Rejected{make_error(sqlstate::program_limit_exceeded,
                                           "the statement is longer than " + std::to_string(limits_->statement_size) +
                                               " bytes",
                                           "limits.statement_size sets the number."),
                                false};
  } else {
    outcome = judge_.judge(text, types, protocol, protocol == rewrite::Protocol::simple ? std::string_view() : formats());
  }
  if (auto* judgement = std::get_if<JudgementPtr>(&outcome);
      judgement && (*judgement)->rewritten.without_temporary && !may_have_temporary())
    outcome = rewrite::Rejected{*(*judgement)->rewritten.without_temporary, true};
  if (auto* rejected = std::get_if<rewrite::Rejected>(&outcome)) {
    // PostgreSQL does not look at such a statement beyond its grammar (exec_simple_query, exec_parse_message).
    if (in_failed_transaction() && rejected->error.state != sqlstate::syntax_error && !may_end_transaction(text))
      *rejected = {transaction_has_failed(), false};
    if (rejected->perhaps_stale && !catalogue_renewed_) return Need::catalogue;
    count_refusal(rejected->error, text);
    if (protocol == rewrite::Protocol::simple)
      refuse_simple(std::move(rejected->error));
    else
      refuse_extended(std::move(rejected->error));
    return Need::nothing;
  }
  catalogue_renewed_ = false;
  out = in_startup_values(std::get<JudgementPtr>(std::move(outcome)));
  return std::nullopt;
}

/// RESET comes back to the values of the client's startup message, which the connection does not know.
JudgementPtr Conversation::in_startup_values(JudgementPtr judgement) {
  if (startup_.empty()) return judgement;
  const auto& statements = judgement->rewritten.statements;
  if (!judgement->rewritten.pieces.empty() || std::none_of(statements.begin(), statements.end(), [&](const rewrite::Statement& s) {
        return rewrite::resets_any(s, judgement->protocol, startup_);
      }))
    return judgement;
  auto resetting = judge_.resetting(*judgement, startup_);
  return resetting ? resetting : judgement;
}

/// The client's settings that decide what constants come to: a statement that is prepared under others is another statement.
const std::string& Conversation::formats() {
  if (formats_) return *formats_;
  pool::Settings now;
  for (const auto& [name, value] : settings_)
    if (rewrite::is_format(name)) now[name] = value;
  for (const auto& change : unsettled_) {
    if (!rewrite::is_format(change.name)) continue;
    const auto at = startup_.find(change.name);
    if (change.value)
      now[change.name] = *change.value;
    else if (at != startup_.end())
      now[change.name] = at->second;
    else
      now.erase(change.name);
  }
  std::string text;
  for (const auto& [name, value] : now) text += name + '=' + value + '\0';
  if (untold_) text += std::to_string(untold_);
  return formats_.emplace(std::move(text));
}

/// It has a temporary table, as far as is known, or has said that one be made.
bool Conversation::may_have_temporary() const {
  if (ties_.temporary()) return true;
  if (plan_.size() > kPlanLookedAt) return true;
  for (std::size_t i = 0; i < plan_.size(); ++i)
    if (const auto& judgement = plan_[i].judgement)
      for (const auto& statement : judgement->rewritten.statements)
        if (statement.effects.makes_temporary) return true;
  return false;
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
    unnamed_ = nullptr;
    unnamed_portal_ = nullptr;
    proto::encode(proto::CommandComplete{*tag}, to_client_);
    if (unsynced_)
      send_sync();  // a query ends the batch before it: how that has ended the server knows
    else
      proto::encode(proto::ReadyForQuery{backend_ ? backend_->status : 'I'}, to_client_);
    return Need::nothing;
  }
  if (writes_at_cursor(statements)) {
    if (!plan_.empty()) {
      pending_ = std::move(judgement);
      return drain();
    }
    if (auto refusal = cursor_refusal(*judgement)) {
      refuse_simple(std::move(*refusal));
      return Need::nothing;
    }
  }
  if (!backend_) {
    pending_ = std::move(judgement);
    return Need::server;
  }
  reconcile();
  note_sending(*judgement);
  to_server_.query(judgement->rewritten.sql);
  expect_query().judgement = std::move(judgement);
  return Need::nothing;
}

/// Prepared statements have other names on the server, and may be on another connection: DEALLOCATE is done here, in
/// simple queries and in the extended protocol. The command's tag.
Result<std::string_view> Conversation::deallocate(const rewrite::Effects& effects) {
  if (in_failed_transaction()) return transaction_has_failed();
  if (effects.deallocate_all) {
    statements_ = nullptr;
    return std::string_view("DEALLOCATE ALL");
  }
  if (!statements_ || statements_->erase(*effects.deallocate) == 0) return no_such_statement(*effects.deallocate);
  return std::string_view("DEALLOCATE");
}

std::optional<Error> Conversation::cursor_refusal(const Judgement& judgement) const {
  const auto& statements = judgement.rewritten.statements;
  auto refusal = cursors_.refusal(statements);
  if (refusal && in_failed_transaction() && !ends_failure(statements.front().effects)) return transaction_has_failed();
  return refusal;
}

Conversation::Need Conversation::on_sync(std::string_view body) {
  if (const auto sync = proto::decode_sync(body); !sync) {
    // An error outside the extended protocol: reported, and ReadyForQuery follows (PostgresMain). Skipping is over before the
    // message is looked at (SocketBackend).
    if (!plan_.empty()) return drain();  // whether the server skips is known then
    if (skip_ == Skip::server) send_sync().hidden = true;
    skip_ = Skip::no;
    refuse_simple(sync.error());
    return Need::nothing;
  }
  if (skip_ == Skip::own || !backend_) {
    skip_ = Skip::no;
    cursors_.clear();  // there is no transaction that they could be in
    unnamed_portal_ = nullptr;
    to_client_ += proto::encoded(proto::ReadyForQuery{backend_ ? backend_->status : 'I'});
    return Need::nothing;
  }
  send_sync();
  return Need::nothing;
}

/// What is said next ends a batch, and outside a block its transaction: what it has SET lasts, or was never said.
void Conversation::ends_batch() {
  sets_ = sets_ || (backend_->status != 'T' && (!unsettled_.empty() || untold_));
}

PlanEntry& Conversation::send_sync() {
  ends_batch();
  skip_ = Skip::no;
  to_server_.sync();
  unsynced_ = may_have_ended_ = false;
  ++batch_;
  return expect(Expect::sync);
}

Conversation::Need Conversation::on_flush(std::string_view body) {
  if (const auto flush = proto::decode_flush(body); !flush)
    refuse_extended(flush.error());
  else if (backend_)
    to_server_.flush();
  return Need::nothing;
}

void Conversation::begin() { reconcile(); }

void Conversation::introduce(const pool::Reported& usual) {
  if (backend_) {
    told_ = backend_->reported;
    // 'ISO' keeps the order that is in force: from here on it is known which that is.
    if (const auto half = startup_.find("datestyle"); half != startup_.end())
      if (const auto whole = told_.find("datestyle"))
        half->second = settings_["datestyle"] = backend_->settings["datestyle"] = *whole;
  } else {
    told_ = usual;
    if (const auto name = startup_.find("application_name"); name != startup_.end()) told_.note(name->first, name->second);
  }
  born_ = told_;
  told_.each([&](std::string_view name, std::string_view value) { proto::encode(proto::ParameterStatus{name, value}, to_client_); });
}

/// What the statement, about to be sent, does to the state that what comes behind it is built on.
void Conversation::note_sending(const Judgement& judgement) {
  statements_sent_ += judgement.rewritten.statements.size();
  discards_ = clears_server(judgement);
  sets_ = sets_ || changes_settings(judgement) || ((!unsettled_.empty() || untold_) && ends_transaction(judgement));
}

/// Gives the connection this client's settings, before anything else and after RESET.
void Conversation::reconcile() {
  if (!plan_.empty() || unsynced_) return;
  if (backend_->status == 'T') return restore_startup();
  if (backend_->status != 'I' || backend_->settings == settings_) return;
  send_settings(backend_->settings, settings_);
  backend_->settings = settings_;
}

/// RESET in a transaction that is still open: the values of the startup message are as much a part of it as the RESET is.
void Conversation::restore_startup() {
  pool::Settings values;
  for (auto& change : unsettled_) {
    if (change.value) continue;
    const auto at = startup_.find(change.name);
    if (at == startup_.end()) continue;
    change.value = at->second;
    values.insert(*at);
  }
  if (values.empty()) return;
  send_settings({}, values);
}

void Conversation::send_settings(const pool::Settings& from, const pool::Settings& to) {
  to_server_.settings(from, to);
  expect(Expect::query).hidden = true;
  backend_->unnamed = 0;  // as any simple query does
  ++batch_;
}

}  // namespace bulkhead::session
