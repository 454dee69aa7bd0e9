#include "session/judge.h"

#include <algorithm>
#include <atomic>
#include <functional>

#include "base/bytes.h"
#include "rewrite/types.h"
#include "session/observed.h"
#include "session/statement_names.h"

namespace bulkhead::session {

std::size_t JudgementCache::Hash::operator()(const Key& key) const {
  const std::hash<std::string_view> hash;
  return hash(key.text) ^ (hash(key.types) * 31) ^ static_cast<std::size_t>(key.protocol);
}

std::size_t JudgementCache::cost(const Judgement& j) {
  constexpr std::size_t kGuard = sizeof(rewrite::ParameterGuard) + 100;  // its texts' share
  return 512 + 2 * j.text.size() + j.types.size() + j.rewritten.sql.text().size() + kGuard * j.rewritten.guards.size();
}

JudgementPtr JudgementCache::find(std::string_view text, std::string_view types, rewrite::Protocol protocol) {
  const auto at = index_.find(Key{text, types, protocol});
  if (at == index_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, at->second);
  return *at->second;
}

void JudgementCache::add(JudgementPtr judgement) {
  const std::size_t bytes = cost(*judgement);
  if (bytes > capacity_ / 4) return;  // one long text must not push everything else out
  if (const auto old = index_.find(key_of(*judgement)); old != index_.end()) forget(old->second);
  while (bytes_ + bytes > capacity_) forget(std::prev(recent_.end()));
  bytes_ += bytes;
  recent_.push_front(std::move(judgement));
  index_.emplace(key_of(*recent_.front()), recent_.begin());
}

void JudgementCache::forget(std::list<JudgementPtr>::iterator at) {
  bytes_ -= cost(**at);
  index_.erase(key_of(**at));
  recent_.erase(at);
}

namespace {

/// Of `types` as Parse has them: a count and the OIDs.
std::vector<std::uint32_t> oids_of(std::string_view types) {
  std::vector<std::uint32_t> oids;
  ByteReader reader(types);
  if (!reader.i16()) return oids;
  while (const auto oid = reader.u32()) oids.push_back(*oid);
  return oids;
}

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}
}  // namespace

Judge::Outcome Judge::judge(std::string_view text, std::string_view types, rewrite::Protocol protocol) {
  const auto& view = view_;
  // Before the first look at the server has ended there is something to wait for; afterwards there is a reason.
  if (!view) return rewrite::Rejected{pool::ServerView{}.unusable, true};
  if (!view->catalogue) return without_catalogue(text, types, protocol);
  const JudgementPtr known = cache_.find(text, types, protocol);
  if (known && known->catalogue_epoch == view->catalogue->epoch()) return known;

  const rewrite::Subject subject{*identity_.policy(), *view->catalogue, identity_.tenant(), identity_.role()};
  if (auto rejected = rewrite::forbidden_parameters(oids_of(types), subject)) return std::move(*rejected);
  auto rewritten = cache_.shapes.find(text, protocol, subject);
  // A name on server connections belongs to a text: it has to stay the same. Query messages have no names, and texts with
  // ever new literals are not worth remembering.
  const bool remember = !rewritten || protocol == rewrite::Protocol::extended;
  if (!rewritten) {
    auto verdict = rewriter_.judge(text, subject, protocol);
    if (auto* rejected = std::get_if<rewrite::Rejected>(&verdict)) return std::move(*rejected);
    rewritten = std::get<rewrite::Rewritten>(std::move(verdict));
    cache_.shapes.learn(text, protocol, subject, *rewritten);
  }
  // The same rewritten text under a newer catalogue keeps its id, and so its name on the connections that have it.
  const bool same = known && known->rewritten.sql.text() == rewritten->sql.text() &&
                    known->rewritten.guards == rewritten->guards;
  auto judgement = std::make_shared<const Judgement>(
      Judgement{same ? known->id : next_id(), protocol, std::string(text), std::string(types), std::move(*rewritten),
                view->catalogue->epoch(), 0, {}});
  if (remember) cache_.add(judgement);
  return judgement;
}

/// COMMIT, ROLLBACK and their like name nothing: whoever is in a transaction can end it, whatever has become of the catalogue.
Judge::Outcome Judge::without_catalogue(std::string_view text, std::string_view types, rewrite::Protocol protocol) const {
  static const auto kEmpty = policy::CatalogueBuilder().build();
  const rewrite::Subject subject{*identity_.policy(), *kEmpty, identity_.tenant(), identity_.role()};
  auto verdict = rewriter_.judge(text, subject, protocol);
  auto* rewritten = std::get_if<rewrite::Rewritten>(&verdict);
  const auto ends = [](const rewrite::Statement& statement) { return statement.kind == "TransactionStmt"; };
  if (!rewritten || rewritten->statements.empty() ||
      !std::all_of(rewritten->statements.begin(), rewritten->statements.end(), ends))
    return rewrite::Rejected{view_->unusable, false};
  return std::make_shared<const Judgement>(
      Judgement{next_id(), protocol, std::string(text), std::string(types), std::move(*rewritten), kEmpty->epoch(), 0, {}});
}

bool Judge::observe(std::string_view text, std::string_view types, rewrite::Protocol protocol, bool renewed,
                    Observed& observed) {
  const Outcome outcome = judge(text, types, protocol);
  const auto* rejected = std::get_if<rewrite::Rejected>(&outcome);
  if (rejected && rejected->perhaps_stale && !renewed) return false;
  const Observed::Who who{identity_.tenant().name, identity_.user().name};
  if (!view_ || !view_->catalogue) return true;  // no verdict, and nothing to learn from
  const rewrite::Subject subject{*identity_.policy(), *view_->catalogue, identity_.tenant(), identity_.role()};
  if (rejected)
    observed.saw(who, text, subject, *rejected);
  else
    observed.saw(who, text, subject, std::get<JudgementPtr>(outcome)->rewritten);
  return true;
}

JudgementPtr Judge::executing(const Judgement& execute, const Judgement& target) const {
  auto rewritten = rewriter_.executing(execute.rewritten, server_name(target.id));
  if (!rewritten) return nullptr;
  std::string calls = rewritten->statements.front().execute->name;
  rewritten->statements = target.rewritten.statements;
  return std::make_shared<const Judgement>(Judgement{next_id(), rewrite::Protocol::extended, execute.text, execute.types,
                                                     std::move(*rewritten), target.catalogue_epoch, target.id,
                                                     std::move(calls)});
}

Judge::Outcome Judge::renew(const JudgementPtr& judgement) {
  if (view_ && view_->catalogue && judgement->catalogue_epoch == view_->catalogue->epoch()) return judgement;
  return judge(judgement->text, judgement->types, judgement->protocol);
}

}  // namespace bulkhead::session
