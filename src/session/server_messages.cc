// Conversation, the server's half: each message of the server is held against the plan; what belongs to the client is
// passed on, what is ours is swallowed, anything else ends both connections.

#include <algorithm>
#include <set>

#include "base/log.h"
#include "pool/server_login.h"
#include "proto/backend.h"
#include "rewrite/settings.h"
#include "session/conversation.h"
#include "session/copy_in.h"
#include "session/report_filter.h"
#include "session/statement_names.h"

namespace bulkhead::session {
namespace {

Error out_of_step(char type) {
  return make_error(sqlstate::protocol_violation, "the database server sent a message out of turn (type " +
                                                      std::to_string(static_cast<unsigned char>(type)) + ")");
}

bool reads_own_rows(const PlanEntry& head) {
  const auto& statements = head.judgement->rewritten.statements;
  return !statements.empty() && statements.front().effects.own_rows;
}

/// A message of the server's about a prepared statement says its name there; the client knows it by another.
template <class Message>
bool say_clients_name(const PlanEntry& head, Message& report, std::string& held) {
  const bool executes = head.judgement && head.judgement->executes != 0;
  const std::uint64_t id = executes ? head.judgement->executes : head.called;
  if (id == 0) return false;
  const std::string name = '"' + server_name(id) + '"';
  for (auto& field : report.fields) {
    if (field.code != 'M') continue;
    const auto at = field.value.find(name);
    if (at == std::string_view::npos) continue;
    held.assign(field.value).replace(at, name.size(), '"' + (executes ? head.judgement->calls : head.calls) + '"');
    field.value = held;
    return true;
  }
  return false;
}

/// A name that stands without a schema in the client's text was sent as a temporary table's: it says "nothing" where there is none.
template <class Message>
bool leave_schema_out(const PlanEntry& head, Message& report, std::string& held) {
  if (!head.judgement || !head.judgement->rewritten.without_temporary) return false;
  constexpr std::string_view kOpening = "\"pg_temp.";
  for (auto& field : report.fields) {
    const auto at = field.code == 'M' ? field.value.find(kOpening) : std::string_view::npos;
    if (at == std::string_view::npos) continue;
    held.assign(field.value).replace(at, kOpening.size(), "\"");
    field.value = held;
    return true;
  }
  return false;
}

/// A statement that runs as another one has failed for what it is (PreventCommandIfReadOnly and the like, utility.c): TRUNCATE runs as DELETE.
template <class Message>
bool say_clients_command(const PlanEntry& head, Message& report, std::string& held) {
  constexpr std::string_view kReadOnly = "25006", kRuns = "DELETE";
  if (!head.judgement || head.refusal || head.completed >= head.judgement->rewritten.statements.size()) return false;
  const std::string& tag = head.judgement->rewritten.statements[head.completed].effects.tag;
  if (tag.empty() || report.sqlstate() != kReadOnly) return false;
  for (auto& field : report.fields) {
    const auto at = field.code == 'M' ? field.value.find(kRuns) : std::string_view::npos;
    if (at == std::string_view::npos) continue;
    held.assign(field.value).replace(at, kRuns.size(), tag);
    field.value = held;
    return true;
  }
  return false;
}

/// What revalidation of a plan ends in where the database is not the one it was made in: another row (feature_not_supported), and no
/// such table, column, function, type or schema, or another type: to
/// whose range a parameter's value may not fit.
bool is_of_another_database(std::string_view sqlstate) {
  constexpr std::string_view kStates[] = {"0A000", "22003", "3F000", "42703", "42704", "42804", "42883", "42P01"};
  return std::find(std::begin(kStates), std::end(kStates), sqlstate) != std::end(kStates);
}

bool answers_extended(Expect what) { return what != Expect::query && what != Expect::sync; }

}  // namespace

Result<void> Conversation::on_server(proto::FrameHeader header, std::string_view frame) {
  if (observed_ && plan_.empty()) return on_passed(header, frame);
  const auto body = proto::body_of(frame);
  switch (header.type) {  // those that may come at any time
    case 'N': {
      if (!plan_.empty() && plan_.head().hidden) return {};
      BULKHEAD_TRY(auto notice, proto::decode_notice_response(body));
      return forward_report(std::move(notice), frame);
    }
    case 'S': {
      BULKHEAD_TRY(const auto status, proto::decode_parameter_status(body));
      if (!pool::keeps_pins(status.name, status.value))
        return make_error(sqlstate::connection_failure, "the database server changed " + std::string(status.name));
      backend_->reported.note(status.name, status.value);
      return {};
    }
    case 'A': return on_notification(frame);
    case 'E': return on_error(frame);
    default: break;
  }
  if (plan_.empty()) return out_of_step(header.type);
  const PlanEntry& head = plan_.head();
  if (head.copying || header.type == 'H') return on_copy_out(header.type, frame);
  if (header.type == 'G') return on_copy_in(frame);
  switch (head.expect) {
    case Expect::query:
      switch (header.type) {
        case 'D':
          if (!head.shows.empty()) return on_shown(frame);
          if (head.asks_ties) {
            plan_.head().ties_left = true;
            return {};
          }
          [[fallthrough]];
        case 'T':
        case 'I': forward(frame); return {};
        case 'C': return on_command_complete(frame);
        case 'Z': return on_ready(frame);
        default: return out_of_step(header.type);
      }
    case Expect::parse:
      if (header.type != '1' || head.refusal) return out_of_step(header.type);
      if (head.has(PlanEntry::prepares)) backend_->prepared.arrived(head.id);
      if (head.has(PlanEntry::replaces_unnamed)) backend_->unnamed_unsure_since = 0;
      if (head.answer.empty())
        forward(frame);
      else
        to_client_ += head.answer;
      return pop_head();
    case Expect::bind:
      if (header.type != '2') return out_of_step(header.type);
      settle_portal(plan_.head());
      forward(frame);
      return pop_head();
    case Expect::close:
      if (header.type != '3') return out_of_step(header.type);
      if (head.has(PlanEntry::evicts)) backend_->prepared.closed(head.id);
      settle_portal(plan_.head());
      forward(frame);
      return pop_head();
    case Expect::describe_statement:
      if (header.type == 't') {
        forward(frame);
        return {};
      }
      [[fallthrough]];
    case Expect::describe_portal:
      if (header.type != 'T' && header.type != 'n') return out_of_step(header.type);
      if (header.type != 'n' || !head.as_simple) forward(frame);
      return pop_head();
    case Expect::execute:
      switch (header.type) {
        case 'D': forward(frame); return {};
        case 'C': BULKHEAD_CHECK(on_command_complete(frame)); return pop_head();
        case 's':  // it has run as far as its first rows: what it sets, it has set
          if (head.judgement)
            for (const auto& statement : head.judgement->rewritten.statements) apply(statement.effects);
          [[fallthrough]];
        case 'I': forward(frame); return pop_head();
        default: return out_of_step(header.type);
      }
    case Expect::sync:
      if (header.type != 'Z') return out_of_step(header.type);
      return on_ready(frame);
  }
  return out_of_step(header.type);
}

Result<void> Conversation::on_server_piece(std::string_view piece) {
  if (observed_ && plan_.empty()) {
    to_client_.append(piece);
    return {};
  }
  if (plan_.empty() || (plan_.head().expect != Expect::query && plan_.head().expect != Expect::execute))
    return out_of_step('D');
  forward(piece);
  return {};
}

void Conversation::forward(std::string_view frame) {
  if (!plan_.head().hidden) to_client_.append(frame);
}

/// An ErrorResponse or NoticeResponse with its position in the client's own text, and without what is not the client's.
template <class Message>
Result<void> Conversation::forward_report(Message report, std::string_view frame) {
  bool changed = withhold_foreign(report, hides_columns_);
  std::string context;
  if (!plan_.empty() && name_clients_table(plan_.head(), report, context)) changed = true;
  const JudgementPtr judgement = plan_.empty() ? nullptr : plan_.head().judgement;
  std::string position, message;
  if (judgement && report.position() > 0 && (plan_.head().place > 0 || !judgement->rewritten.edits.empty())) {
    const rewrite::PositionMap positions(judgement->text, judgement->rewritten.edits);
    const int inside = judgement->rewritten.edits.empty() ? report.position() : positions.to_client(report.position());
    position = std::to_string(plan_.head().place + inside);
    for (auto& field : report.fields)
      if (field.code == 'P') field.value = position;
    changed = true;
  }
  if (!plan_.empty())
    changed |= say_clients_name(plan_.head(), report, message) || leave_schema_out(plan_.head(), report, message) ||
               say_clients_command(plan_.head(), report, message);
  if (changed)
    proto::encode(report, to_client_);
  else
    to_client_.append(frame);
  return {};
}

Result<void> Conversation::on_error(std::string_view frame) {
  BULKHEAD_TRY(auto report, proto::decode_error_response(proto::body_of(frame)));
  const bool fatal = report.severity() == "FATAL" || report.severity() == "PANIC";
  if (fatal || plan_.empty()) {
    // The server ends the connection (shutdown, a timeout of its own): the client it was serving is told as it was.
    to_client_.append(frame);
    return make_error(sqlstate::connection_failure, {});
  }
  PlanEntry& head = plan_.head();
  head.copying = false;
  const bool answers_sync = std::exchange(stamper_, nullptr) && std::exchange(ignored_sync_, false);
  lose_track();
  const auto* running = head.judgement && !head.refusal && head.completed < head.judgement->rewritten.statements.size() &&
                                (head.expect == Expect::query || head.expect == Expect::execute)
                            ? &head.judgement->rewritten.statements[head.completed].effects
                            : nullptr;
  ties_.failed(running);
  if (running && running->makes_temporary) backend_->spent = true;
  // Our own questions are under the client's own statement_timeout: asked again, when the server is ready for it.
  const bool out_of_time = head.hidden && report.sqlstate() == sqlstate::query_canceled.text();
  if (head.asks_ties) {
    head.ties_left = true;  // the question was not answered: nothing is known to have come loose
    if (out_of_time) ties_.loosen();
    return {};
  }
  if (!head.shows.empty() && out_of_time) {
    unsure_.insert(unsure_.end(), std::make_move_iterator(head.shows.begin()), std::make_move_iterator(head.shows.end()));
    head.shows.clear();
    return {};
  }
  if (head.expect == Expect::query && head.hidden) {
    // A setting of the startup message that the server does not take: PostgreSQL ends such a session, in the same words.
    for (auto& field : report.fields)
      if (field.code == 'S' || field.code == 'V') field.value = "FATAL";
    proto::encode(report, to_client_);
    return make_error(sqlstate::invalid_parameter_value, {});
  }
  const std::string state(report.sqlstate());
  if (!head.hidden && !head.refusal) ++tally_.statements;
  if (head.refusal && !came_first(head, report))
    proto::encode_error(*head.refusal, "ERROR", to_client_);
  else if (expired_ && state == sqlstate::query_canceled.text())
    proto::encode_error(*expired_, "ERROR", to_client_);
  else
    BULKHEAD_CHECK(forward_report(std::move(report), frame));
  if (answers_extended(head.expect)) {
    distrust(head, state);
    discard_to_sync();
  }
  if (answers_sync) send_sync();
  return {};
}

/// A prepared statement that the database has left behind ("cached plan must not change result type") fails until it is parsed anew,
/// which must not be what its name prevents. PostgreSQL looks at that in Bind, Describe, and where SQL's EXECUTE runs
/// (RevalidateCachedQuery, plancache.c); what a statement meets while it runs says nothing against it.
void Conversation::distrust(const PlanEntry& failed, std::string_view sqlstate) {
  const bool revalidates = failed.expect == Expect::bind || failed.expect == Expect::describe_statement ||
                           (failed.judgement && failed.judgement->executes);
  if (!failed.judgement || !revalidates || !is_of_another_database(sqlstate)) return;
  backend_->prepared.doubt(failed.judgement->executes ? failed.judgement->executes : failed.judgement->id);
  backend_->unnamed = 0;
}

/// What the server does after an error in an extended message: everything up to the next Sync is thrown away.
void Conversation::discard_to_sync() {
  std::size_t end = 0;
  while (end < plan_.size() && (plan_[end].expect != Expect::sync || plan_[end].synthetic)) ++end;
  if (end == plan_.size()) {
    skip_ = Skip::server;
    unsynced_ = true;  // a Query that seemed to end the batch is thrown away, too
  }
  // The unnamed statement that the first message behind them to replace it has replaced; nobody has: the one there is.
  JudgementPtr* unnamed = &unnamed_;
  for (std::size_t i = plan_.size(); i-- > end;)
    if (plan_[i].has(PlanEntry::replaces_unnamed) && !plan_[i].hidden) unnamed = &plan_[i].previous;
  for (std::size_t i = end; i-- > 0;) undo(plan_[i], i == 0, *unnamed);
  for (std::size_t i = 0; i < end; ++i) plan_.pop();
}

void Conversation::undo(PlanEntry& entry, bool failed, JudgementPtr& unnamed) {
  if (entry.has(PlanEntry::names) && statements_) statements_->erase(entry.name);
  if (entry.has(PlanEntry::forgets)) {
    if (!statements_) statements_ = std::make_unique<Statements>();
    statements_->emplace(entry.name, std::move(entry.previous));
  }
  // What a batch behind this one has sent since is not undone with it.
  if (entry.has(PlanEntry::prepares) && failed) backend_->prepared.doubt(entry.id);
  if (entry.has(PlanEntry::prepares)) backend_->prepared.doubt_sent(entry.id, entry.batch);
  if (entry.has(PlanEntry::evicts)) backend_->prepared.doubt_closing(entry.id);
  if (entry.has(PlanEntry::replaces_unnamed)) {
    // A Parse of the unnamed statement that fails has destroyed the one before; one that was thrown away has not.
    if (!entry.hidden) unnamed = failed ? nullptr : std::move(entry.previous);
    backend_->unnamed = 0;
  }
}

Result<void> Conversation::pop_head() {
  ++statements_ended_;
  plan_.pop();
  give_due_answers();
  return {};
}

void Conversation::give_due_answers() {
  while (!plan_.empty() && plan_.head().synthetic) {
    to_client_ += plan_.head().answer;
    settle_portal(plan_.head());
    plan_.pop();
  }
}

/// A portal is there, or gone, when the answer says so. Execute trusts this: what a portal may change, whose rows a COPY
/// takes and where it writes is what was judged for the statement that the server has under that name.
void Conversation::settle_portal(PlanEntry& entry) {
  if (entry.has(PlanEntry::binds)) {
    if (entry.name.empty())
      unnamed_portal_ = entry.judgement;
    else
      cursors_.opened(entry.name, reads_own_rows(entry), entry.judgement);
  } else if (entry.has(PlanEntry::unbinds)) {
    if (entry.name.empty())
      unnamed_portal_ = nullptr;
    else
      cursors_.closed(entry.name);
  }
}

Result<void> Conversation::on_ready(std::string_view frame) {
  BULKHEAD_TRY(const auto ready, proto::decode_ready_for_query(proto::body_of(frame)));
  backend_->status = ready.status;
  expired_ = nullptr;
  if (ready.status == 'I') {
    ++transactions_ended_;
    if (!plan_.head().hidden) ++tally_.transactions;
  }
  if (plan_.head().asks_ties) ties_.answered(plan_.head().ties_left);
  // exec_simple_query makes one of its own for each statement that it comes to. A statement that fails may leave it behind in the
  // failed transaction, with a text that is freed: Execute of that has been seen to crash PostgreSQL 15, so nobody gets to it.
  // An empty query, or one that cannot be parsed, makes none.
  if (const auto& head = plan_.head();
      head.expect == Expect::query && !head.refusal && !(head.judgement && head.judgement->rewritten.statements.empty()))
    unnamed_portal_ = nullptr;
  if (ready.status == 'I') {
    cursors_.clear();  // no portal outlives its transaction, but for WITH HOLD, which is not followed
    unnamed_portal_ = nullptr;
  }
  if (ready.status == 'I') {
    settle_settings();
    local_default_ = false;
  }
  if (!plan_.head().hidden || observed_) tell_parameters();
  forward(frame);
  BULKHEAD_CHECK(pop_head());
  if (ready.status == 'I') {
    ask_for_unsure();
    const bool asked = !plan_.empty() && !plan_[plan_.size() - 1].shows.empty();
    if (unsure_.empty() && !asked && std::exchange(untold_, 0)) formats_.reset();
    ask_for_ties();
  }
  return {};
}

Result<void> Conversation::on_command_complete(std::string_view frame) {
  PlanEntry& head = plan_.head();
  const std::size_t index = head.completed++;
  ++statements_ended_;
  if (head.judgement && !head.hidden) {
    const auto& statements = head.judgement->rewritten.statements;
    if (index < statements.size()) apply(statements[index].effects);
    BULKHEAD_TRY(const auto complete, proto::decode_command_complete(proto::body_of(frame)));
    const auto answer = index < statements.size() ? statements[index].answer : rewrite::Answer::own;
    if (answer == rewrite::Answer::hidden) return {};
    ++tally_.statements;
    if (answer == rewrite::Answer::copied) {
      proto::encode(proto::CommandComplete{"COPY" + std::string(complete.tag.substr(complete.tag.rfind(' ')))}, to_client_);
      return {};
    }
    if (complete.tag == "COMMIT") settle_changes();  // whatever comes behind it in a string, a batch or a chain
    if (complete.tag == "ROLLBACK") {
      ties_.loosen();
      // It forgets what was SET since BEGIN; ROLLBACK TO SAVEPOINT some of it, which is not followed.
      if (index < statements.size() && statements[index].effects.keeps_transaction)
        lose_track();
      else
        unsettled_.clear();
      formats_.reset();
    }
    if (index < statements.size() && !statements[index].effects.tag.empty()) {
      proto::encode(proto::CommandComplete{statements[index].effects.tag}, to_client_);
      return {};
    }
  }
  forward(frame);
  return {};
}

/// Settings have changed in a way that is not followed, until the transaction ends.
void Conversation::untold() {
  untold_ = Judge::unique();
  formats_.reset();
}

void Conversation::apply(const rewrite::Effects& effects) {
  if (effects.formats_locally) untold();
  for (const auto& change : effects.settings) note(change);
  ties_.ran(effects);
  if (effects.makes_temporary) backend_->spent = true;
  cursors_.ran(effects);
  local_default_ = local_default_ || (effects.resets && effects.resets->local);
  if (effects.reset_all) {  // until its transaction is over it may yet be undone
    std::set<std::string> names;
    for (const auto* settings : {&settings_, &backend_->settings})
      for (const auto& [name, value] : *settings) names.insert(name);
    for (const auto& change : unsettled_) names.insert(change.name);
    for (const auto& name : names) note({name, std::nullopt});
    // It passes over what has its default for the moment (ResetAllOptions, guc.c), and with the transaction that is over.
    if (local_default_) lose_track();
  }
  if (effects.discard_all) {  // in no transaction block
    formats_.reset();
    unsettled_.clear();
    unsure_.clear();
    backend_->settings.clear();
    settings_ = startup_;
  }
  if (effects.deallocate_all) {
    statements_ = nullptr;
    backend_->prepared.clear();
  }
  if (effects.discard_all) {
    statements_ = nullptr;
    backend_->prepared.clear();
    backend_->unnamed = 0;
    ties_.clear();
  }
}

/// One that is not settled yet for each setting: the last says what a COMMIT will make of it.
void Conversation::note(const rewrite::SettingChange& change) {
  formats_.reset();
  if (change.name == "datestyle" && change.value) untold();  // 'SQL' keeps the order, 'DMY' the style
  const auto at = std::find_if(unsettled_.begin(), unsettled_.end(), [&](const auto& known) { return known.name == change.name; });
  if (at == unsettled_.end())
    unsettled_.push_back(change);
  else
    at->value = change.value;
}

void Conversation::apply(const rewrite::SettingChange& change) {
  if (change.value) {
    settings_[change.name] = *change.value;
    backend_->settings[change.name] = *change.value;
    return;
  }
  backend_->settings.erase(change.name);
  if (const auto at = startup_.find(change.name); at != startup_.end()) {
    settings_[change.name] = at->second;  // RESET comes back to the startup message's value
  } else {
    settings_.erase(change.name);
  }
}

void Conversation::settle_changes() {
  for (const auto& change : unsettled_) {
    apply(change);
    std::erase(unsure_, change.name);
    if (change.name == "datestyle" && change.value) unsure_.push_back(change.name);  // what it has come to
  }
  unsettled_.clear();
}

/// The transaction is over. What the server has reported it need not be asked for.
void Conversation::settle_settings() {
  settle_changes();
  std::erase_if(unsure_, [&](const std::string& name) {
    const auto value = backend_->reported.find(name);
    if (value) settings_[name] = backend_->settings[name] = *value;
    return value.has_value();
  });
}

/// Before each ReadyForQuery PostgreSQL tells what has changed since it last did (ReportChangedGUCOptions, guc.c). What a hidden SET
/// has changed is among it only if the client knows otherwise.
void Conversation::tell_parameters() {
  if (told_ == backend_->reported) return;
  backend_->reported.each([&](std::string_view name, std::string_view reported) {
    const auto value = own_value(name, reported);
    if (!value || told_.find(name) == value) return;
    proto::encode(proto::ParameterStatus{name, *value}, to_client_);
    told_.note(name, *value);
  });
}

/// What a reported parameter is for this client. Nothing: the connection does not have its settings yet.
std::optional<std::string_view> Conversation::own_value(std::string_view name, std::string_view reported) const {
  const std::string setting = rewrite::fold_setting(name);
  const auto value_in = [&](const pool::Settings& settings) {
    const auto at = settings.find(setting);
    return at != settings.end() ? std::optional<std::string_view>(at->second) : std::nullopt;
  };
  const auto first = value_in(startup_);
  const auto change = std::find_if(unsettled_.begin(), unsettled_.end(), [&](const auto& known) { return known.name == setting; });
  if (change != unsettled_.end()) return change->value || !first ? reported : born_.find(name);
  const auto own = value_in(settings_);
  if (own == value_in(backend_->settings)) return reported;
  return own == first ? born_.find(name) : std::nullopt;  // after RESET: the startup message's value is given again next
}

/// An error, or ROLLBACK TO SAVEPOINT, has undone some of the changes so far, and which is not followed here.
void Conversation::lose_track() {
  formats_.reset();
  const auto formats = [](const rewrite::SettingChange& change) { return rewrite::is_format(change.name); };
  if (untold_ || std::any_of(unsettled_.begin(), unsettled_.end(), formats)) untold();
  for (auto& change : unsettled_) unsure_.push_back(std::move(change.name));
  unsettled_.clear();
}

/// What settings are whose fate is not known, the server knows. The answer is hidden from the client. Not in the middle of a batch of
/// the client's: a Query would end its implicit transaction.
void Conversation::ask_for_unsure() {
  if (unsure_.empty() || !plan_.empty() || unsynced_) return;
  std::sort(unsure_.begin(), unsure_.end());
  unsure_.erase(std::unique(unsure_.begin(), unsure_.end()), unsure_.end());
  to_server_.show(unsure_);
  auto& entry = expect(Expect::query);
  entry.hidden = true;
  entry.shows = std::exchange(unsure_, {});
  backend_->unnamed = 0;
  ++batch_;
}

Result<void> Conversation::on_shown(std::string_view frame) {
  const PlanEntry& head = plan_.head();
  BULKHEAD_TRY(const auto row, proto::decode_data_row(proto::body_of(frame)));
  if (head.completed >= head.shows.size() || row.values.size() != 1 || !row.values[0]) return out_of_step('D');
  const std::string& name = head.shows[head.completed];
  formats_.reset();
  settings_[name] = *row.values[0];
  backend_->settings[name] = *row.values[0];
  return {};
}

Conversation::Running Conversation::running() const {
  const auto is_ours = [](const PlanEntry& entry) { return entry.hidden && entry.expect == Expect::query; };
  if (plan_.empty()) return passed_ > 0 ? Running::theirs : Running::nothing;
  if (!is_ours(plan_[0])) return Running::theirs;
  for (std::size_t i = 1; i < plan_.size(); ++i)
    if (!is_ours(plan_[i])) return Running::ours;
  return Running::nothing;
}

bool Conversation::expire(Error error) {
  if (stamper_) {
    fail_copy(std::move(error));
    return false;
  }
  if (!observed_) expired_ = std::make_unique<Error>(std::move(error));
  return true;
}

/// Something that tied the client to its connection may be gone: the server knows.
void Conversation::ask_for_ties() {
  if (!ties_.in_doubt() || keeps_server_ || !plan_.empty() || unsynced_) return;
  to_server_.ties();
  auto& entry = expect(Expect::query);
  entry.hidden = true;
  entry.asks_ties = true;
  backend_->unnamed = 0;
  ++batch_;
  ties_.asked();
}

/// Under the name the client listens to, and from itself where it was itself that notified.
Result<void> Conversation::on_notification(std::string_view frame) {
  BULKHEAD_TRY(auto notification, proto::decode_notification_response(proto::body_of(frame)));
  const std::string* name = ties_.name_of(notification.channel);
  if (!name) return {};
  notification.channel = *name;
  if (notification.process_id == backend_->process_id) notification.process_id = process_id_;
  proto::encode(notification, to_client_);
  return {};
}

void Conversation::say(const Error& error, std::string_view severity) { proto::encode_error(error, severity, to_client_); }

}  // namespace bulkhead::session
