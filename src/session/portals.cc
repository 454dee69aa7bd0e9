// Conversation: Bind, Describe, Execute and Close. What Execute runs is judged by what the server has under the portal's name,
// not by what the client has asked for last.

#include <algorithm>

#include "proto/backend.h"
#include "proto/frontend.h"
#include "session/conversation.h"
#include "session/judged.h"
#include "session/parameter_guard.h"

namespace bulkhead::session {
namespace {

/// Portals of one client in one transaction; they are looked up one by one.
constexpr std::size_t kPortalsPerClient = 1'000;
constexpr SqlState kDuplicateCursor{"42P03"};

/// A statement of the extended protocol that opens or closes cursors, or ends a (sub)transaction.
bool changes_cursors(const PlanEntry& entry) {
  if (entry.expect != Expect::execute || !entry.judgement) return false;
  const auto& statements = entry.judgement->rewritten.statements;
  return std::any_of(statements.begin(), statements.end(), [](const rewrite::Statement& s) { return s.effects.cursor.has_value(); });
}

}  // namespace

Conversation::Need Conversation::on_bind(std::string_view body) {
  const auto bind = proto::decode_bind_head(body);
  if (!bind) {
    refuse_extended(bind.error());
    return Need::nothing;
  }
  if (auto refusal = too_long(bind->portal.size() > bind->statement.size() ? bind->portal : bind->statement)) {
    refuse_extended(std::move(*refusal));
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
      count_refusal(own.error(), judgement->text);
      refuse_extended(own.error());
      return Need::nothing;
    }
  }
  if (!bind->portal.empty() && cursors_.open() + plan_.named_binds() >= kPortalsPerClient) {
    refuse_extended(make_error(sqlstate::configuration_limit_exceeded, "too many portals in this transaction",
                               "Close those no longer used."));
    return Need::nothing;
  }
  const bool here = answered_here(*judgement);
  if (!bind->portal.empty()) {  // the server knows of its own portals only
    const auto before = portal(bind->portal);
    if (here && !before.known) return drain();
    if (before.exists && (here || (before.runs && answered_here(*before.runs)))) {
      refuse_extended(make_error(kDuplicateCursor, "cursor \"" + std::string(bind->portal) + "\" already exists"));
      return Need::nothing;
    }
  }
  if (here) {
    if (const auto need = cannot_answer()) return *need;
    if (bind->parameter_count > 0) {
      refuse_extended(wrong_number_of_parameters(bind->statement, bind->parameter_count, 0));
      return Need::nothing;
    }
    PlanEntry entry(Expect::bind);
    entry.add(PlanEntry::binds);
    entry.name = bind->portal;
    entry.judgement = std::move(judgement);
    if (!plan_.empty() && !entry.name.empty()) plan_.count_named_bind();
    answer_in_turn(proto::encoded(proto::BindComplete{}), std::move(entry));
    return Need::nothing;
  }
  if (auto wrong = miscounted(*judgement, unnamed, bind->statement, bind->parameter_count)) {
    refuse_extended(std::move(*wrong));
    return Need::nothing;
  }
  if (!unnamed && must_wait_to_prepare(*judgement)) return drain();
  reconcile();
  const auto name = prepare(judgement, unnamed);
  to_server_.bind(bind->portal, name, bind->rest);
  ++tally_.binds;
  auto& entry = expect(Expect::bind);
  entry.add(PlanEntry::binds);
  entry.name = bind->portal;
  if (!entry.name.empty()) plan_.count_named_bind();
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
  if (auto refusal = too_long(describe->name)) {
    refuse_extended(std::move(*refusal));
    return Need::nothing;
  }
  if (describe->kind == 'S') {
    JudgementPtr judgement;
    if (const auto need = usable_statement(describe->name, judgement)) return *need;
    if (answered_here(*judgement)) {
      answer_in_turn(proto::encoded(proto::ParameterDescription{}) + proto::encoded(proto::NoData{}),
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
    if (!unnamed && must_wait_to_prepare(*judgement)) return drain();
    to_server_.describe('S', prepare(judgement, unnamed));
    expect(Expect::describe_statement).judgement = std::move(judgement);
  } else {
    const auto bound = portal(describe->name);
    if (!bound.known) return drain();
    if (bound.runs && answered_here(*bound.runs)) {
      answer_in_turn(proto::encoded(proto::NoData{}), PlanEntry(Expect::describe_portal));
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
  if (auto refusal = too_long(execute->portal)) {
    refuse_extended(std::move(*refusal));
    return Need::nothing;
  }
  auto bound = portal(execute->portal);
  if (!bound.known) return drain();
  if (!bound.exists) {  // whatever the server has under this name, nobody knows what running it does
    refuse_extended(make_error(sqlstate::invalid_cursor_name, "portal \"" + std::string(execute->portal) + "\" does not exist"));
    return Need::nothing;
  }
  JudgementPtr judgement = std::move(bound.runs);
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
      answer_in_turn(proto::encoded(proto::CommandComplete{*tag}), PlanEntry(Expect::execute));
    return Need::nothing;
  }
  if (judgement && writes_at_cursor(judgement->rewritten.statements)) {
    if (!plan_.empty()) return drain();
    if (auto refusal = cursor_refusal(*judgement)) {
      refuse_extended(std::move(*refusal));
      return Need::nothing;
    }
  }
  if (!backend_) return Need::server;
  reconcile();
  if (judgement) note_sending(*judgement);
  may_have_ended_ = may_have_ended_ || !judgement || ends_transaction(*judgement);
  to_server_.execute(execute->portal, execute->max_rows);
  expect(Expect::execute).judgement = std::move(judgement);
  unsynced_ = true;
  return Need::nothing;
}

/// What Bind and Close of the same batch do is done when the server gets to that message, or it never gets there; what an earlier
/// batch, a Query or a statement about cursors does is known when it is answered.
Conversation::Portal Conversation::portal(std::string_view name) const {
  for (std::size_t i = plan_.size(); i-- > 0;) {
    const PlanEntry& entry = plan_[i];
    const bool names_it = entry.name == name;
    if (names_it && entry.has(PlanEntry::binds)) return {.exists = true, .runs = entry.judgement};
    if (names_it && entry.has(PlanEntry::unbinds)) return {};
    const bool known = entry.expect != Expect::query && entry.expect != Expect::sync && !changes_cursors(entry) &&
                       plan_.size() - i <= kPlanLookedAt;
    if (!known) return {.known = false};
  }
  if (name.empty()) return {.exists = unnamed_portal_ != nullptr, .runs = unnamed_portal_};
  auto bound = cursors_.bound_to(name);
  if (!bound) return {};
  return {.exists = true, .runs = std::move(*bound)};
}

Conversation::Need Conversation::on_close(std::string_view body) {
  const auto close = proto::decode_close(body);
  if (!close) {
    refuse_extended(close.error());
    return Need::nothing;
  }
  if (auto refusal = too_long(close->name)) {
    refuse_extended(std::move(*refusal));
    return Need::nothing;
  }
  if (close->kind == 'S') {
    if (name_in_doubt(close->name)) return drain();
    // Other clients of this tenant may use the same text: on the server it stays until it is the least recently used.
    PlanEntry entry(Expect::close);
    if (close->name.empty()) {
      entry.replaces(std::exchange(unnamed_, nullptr));
    } else if (statements_) {
      if (const auto at = statements_->find(std::string(close->name)); at != statements_->end()) {
        entry.previous = std::move(at->second);
        entry.name = close->name;
        entry.add(PlanEntry::forgets);
        statements_->erase(at);
      }
    }
    answer_in_turn(proto::encoded(proto::CloseComplete{}), std::move(entry));
    return Need::nothing;
  }
  const auto bound = portal(close->name);
  if (!bound.known) return drain();
  PlanEntry entry(Expect::close);
  entry.add(PlanEntry::unbinds);
  entry.name = close->name;
  if (!backend_ || (bound.runs && answered_here(*bound.runs))) {
    // No portal on any server; closing what is not there is no error.
    answer_in_turn(proto::encoded(proto::CloseComplete{}), std::move(entry));
    return Need::nothing;
  }
  reconcile();
  to_server_.close('P', close->name);
  plan_.push(std::move(entry));
  unsynced_ = true;
  return Need::nothing;
}

}  // namespace bulkhead::session
