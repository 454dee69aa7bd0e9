#include "session/judge.h"

#include <algorithm>
#include <atomic>
#include <functional>

#include "base/bytes.h"
#include "rewrite/lexer.h"
#include "rewrite/types.h"
#include "session/observed.h"
#include "session/statement_names.h"

namespace bulkhead::session {

std::size_t JudgementCache::Hash::operator()(const Key& key) const {
  const std::hash<std::string_view> hash;
  return hash(key.text) ^ (hash(key.types) * 31) ^ (hash(key.formats) * 37) ^ static_cast<std::size_t>(key.protocol);
}

std::size_t JudgementCache::cost(const Judgement& j) {
  constexpr std::size_t kGuard = sizeof(rewrite::ParameterGuard) + 100;  // its texts' share
  return 512 + 2 * j.text.size() + j.types.size() + j.formats.size() + j.rewritten.sql.text().size() + kGuard * j.rewritten.guards.size();
}

JudgementPtr JudgementCache::find(std::string_view text, std::string_view types, rewrite::Protocol protocol,
                                  std::string_view formats) {
  const auto at = index_.find(Key{text, types, protocol, formats});
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

/// Has a string that may be a time relative to the one at which it is read (manual, "Date/Time Types", special values). An
/// escape could be one of its letters.
bool names_a_moment(std::string_view text) {
  const auto lexed = rewrite::lex(text, text.size());
  if (!lexed) return false;
  return std::any_of(lexed->tokens.begin(), lexed->tokens.end(), [&](const rewrite::Token& token) {
    if (token.kind != rewrite::TokenKind::string) return false;
    const std::string_view written = text.substr(token.begin, token.end - token.begin);
    // Without what may stand between the letters: quotes of continued strings, of elements of arrays and ranges, backslashes.
    std::string letters;
    for (const char c : written)
      if (const char letter = static_cast<char>(c | 0x20); letter >= 'a' && letter <= 'z') letters += letter;
    constexpr std::string_view kMoments[] = {"now", "today", "tomorrow", "yesterday"};
    return std::any_of(std::begin(kMoments), std::end(kMoments), [&](std::string_view moment) {
      return letters.find(moment) != std::string::npos;
    }) || ((written.front() | 0x20) == 'u') || ((written.front() | 0x20) == 'e' && written.find('\\') != std::string_view::npos);
  });
}

JudgementPtr parsed_anew(const JudgementPtr& judgement) {
  if (!judgement->of_its_moment) return judgement;
  auto again = std::make_shared<Judgement>(*judgement);
  again->id = next_id();
  return again;
}

}  // namespace

std::uint64_t Judge::unique() { return next_id(); }

Judge::Outcome Judge::judge(std::string_view text, std::string_view types, rewrite::Protocol protocol, std::string_view formats) {
  const auto& view = *view_;
  // Before the first look at the server has ended there is something to wait for; afterwards there is a reason.
  if (!view) return rewrite::Rejected{pool::ServerView{}.unusable, true};
  if (!view->catalogue) return without_catalogue(text, types, protocol);
  const JudgementPtr known = cache_->find(text, types, protocol, formats);
  if (known && known->catalogue_epoch == view->catalogue->epoch()) {
    ++cache_->counts().by_text;
    return parsed_anew(known);
  }

  const rewrite::Subject subject{*identity_.policy(), *view->catalogue, identity_.tenant(), identity_.role()};
  if (auto rejected = rewrite::forbidden_parameters(oids_of(types), subject)) return std::move(*rejected);
  auto rewritten = cache_->shapes.find(text, protocol, subject);
  // A name on server connections belongs to a text: it has to stay the same. Query messages have no names, and texts with
  // ever new literals are not worth remembering.
  ++(rewritten ? cache_->counts().by_shape : cache_->counts().judged);
  const bool remember = !rewritten || protocol == rewrite::Protocol::extended;
  if (!rewritten) {
    auto verdict = rewriter_.judge(text, subject, protocol);
    if (auto* rejected = std::get_if<rewrite::Rejected>(&verdict)) return std::move(*rejected);
    rewritten = std::get<rewrite::Rewritten>(std::move(verdict));
    cache_->shapes.learn(text, protocol, subject, *rewritten);
  }
  // Under a newer catalogue the same text has another name on server connections: what has been prepared under the old one may have
  // other columns (SELECT *), and fails for good (RevalidateCachedQuery, plancache.c).
  const bool of_its_moment = protocol == rewrite::Protocol::extended && names_a_moment(text);
  auto judgement = std::make_shared<const Judgement>(
      Judgement{.id = next_id(), .protocol = protocol, .text = std::string(text), .types = std::string(types),
                .formats = std::string(formats), .rewritten = std::move(*rewritten), .catalogue_epoch = view->catalogue->epoch(),
                .policy_epoch = identity_.policy()->epoch, .of_its_moment = of_its_moment});
  if (remember) cache_->add(judgement);
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
    return rewrite::Rejected{(*view_)->unusable, false};
  return std::make_shared<const Judgement>(
      Judgement{.id = next_id(), .protocol = protocol, .text = std::string(text), .types = std::string(types), .formats = {},
                .rewritten = std::move(*rewritten), .catalogue_epoch = kEmpty->epoch(), .policy_epoch = identity_.policy()->epoch});
}

bool Judge::observe(std::string_view text, std::string_view types, rewrite::Protocol protocol, bool renewed,
                    Observed& observed) {
  const Outcome outcome = judge(text, types, protocol);
  const auto* rejected = std::get_if<rewrite::Rejected>(&outcome);
  if (rejected && rejected->perhaps_stale && !renewed) return false;
  const Observed::Who who{identity_.tenant().name, identity_.user().name};
  const auto& view = *view_;
  if (!view || !view->catalogue) return true;  // no verdict, and nothing to learn from
  const rewrite::Subject subject{*identity_.policy(), *view->catalogue, identity_.tenant(), identity_.role()};
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
  return std::make_shared<const Judgement>(
      Judgement{.id = next_id(), .protocol = rewrite::Protocol::extended, .text = execute.text, .types = execute.types, .formats = {},
                .rewritten = std::move(*rewritten), .catalogue_epoch = target.catalogue_epoch,
                .policy_epoch = target.policy_epoch, .executes = target.id,
                .calls = std::move(calls)});
}

JudgementPtr Judge::resetting(const Judgement& judgement, const pool::Settings& startup) {
  // No client's formats() have two NUL in a row, or one in front.
  std::string values = judgement.formats + '\0';
  for (const auto& [name, value] : startup) values += name + '=' + value + '\0';
  if (auto known = cache_->find(judgement.text, judgement.types, judgement.protocol, values);
      known && known->catalogue_epoch == judgement.catalogue_epoch && known->policy_epoch == judgement.policy_epoch)
    return known;
  auto rewritten = rewriter_.resetting(judgement.rewritten, judgement.protocol, startup);
  if (!rewritten) return nullptr;
  auto out = std::make_shared<Judgement>(judgement);
  out->id = next_id();
  out->formats = std::move(values);
  out->rewritten = std::move(*rewritten);
  cache_->add(out);
  return out;
}

Judge::Outcome Judge::renew(const JudgementPtr& judgement, std::string_view formats) {
  const auto& view = *view_;
  if (view && view->catalogue && judgement->catalogue_epoch == view->catalogue->epoch() &&
      judgement->policy_epoch == identity_.policy()->epoch && judgement->formats == formats)
    return judgement;
  return judge(judgement->text, judgement->types, judgement->protocol, formats);
}

}  // namespace bulkhead::session
