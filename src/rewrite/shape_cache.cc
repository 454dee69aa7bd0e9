#include "rewrite/shape_cache.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "base/log.h"

namespace bulkhead::rewrite {
namespace {

bool same(const Rewritten& a, const Rewritten& b) {
  return a.sql.text() == b.sql.text() && a.edits == b.edits && a.statements == b.statements && a.guards == b.guards;
}

}  // namespace

std::optional<Rewritten> ShapeCache::find(std::string_view sql, Protocol protocol, const Subject& subject) {
  if (sql.size() > subject.tenant.limits.statement_size || !shape_.read(sql)) return std::nullopt;
  const auto at = index_.find(Key{shape_.hash(), protocol, shape_.skeleton()});
  if (at == index_.end() || at->second->catalogue_epoch != subject.catalogue.epoch()) return std::nullopt;
  Entry& entry = *at->second;
  for (const Template& known : entry.templates) {
    if (!known.fits(sql, shape_)) continue;
    recent_.splice(recent_.begin(), recent_, at->second);
    entry.patience = kPatience;
    return known.fill(sql, shape_);
  }
  return std::nullopt;
}

void ShapeCache::learn(std::string_view sql, Protocol protocol, const Subject& subject, const Rewritten& rewritten) {
  // Where the pieces of a text are is not known of its shape, nor where an error of its stands.
  if (!rewritten.pieces.empty() || rewritten.without_temporary || !shape_.read(sql)) return;
  const Key key{shape_.hash(), protocol, shape_.skeleton()};
  const auto known = index_.find(key);
  if (known == index_.end() || known->second->catalogue_epoch != subject.catalogue.epoch()) {
    if (known != index_.end()) forget(known->second);
    recent_.push_front({std::string(key.skeleton), key, subject.catalogue.epoch(), {}, kPatience, 0});
    recent_.front().key.skeleton = recent_.front().skeleton;
    index_.emplace(recent_.front().key, recent_.begin());
    return account(recent_.begin());
  }
  Entry& entry = *known->second;
  if (entry.patience == 0) return;
  --entry.patience;
  Template made(sql, shape_, rewritten);
  if (const auto probe = made.probe(sql, shape_)) {
    Shape of_probe;
    const Verdict verdict = rewriter_.judge(*probe, subject, protocol);
    const auto* judged = std::get_if<Rewritten>(&verdict);
    if (!of_probe.read(*probe) || of_probe.skeleton() != entry.skeleton || !judged ||
        !same(*judged, made.fill(*probe, of_probe))) {
      log::warning("a statement's verdict depends on a literal that no rule looked at");
      entry.patience = 0;
      return;
    }
  }
  if (entry.templates.size() == kTemplates) entry.templates.erase(entry.templates.begin());
  entry.templates.push_back(std::move(made));
  recent_.splice(recent_.begin(), recent_, known->second);
  account(known->second);
}

void ShapeCache::account(Entries::iterator at) {
  constexpr std::size_t kEntry = sizeof(Entry) + 100;  // its nodes' share
  std::size_t bytes = kEntry + at->skeleton.size();
  for (const Template& known : at->templates) bytes += known.bytes();
  bytes_ += bytes - std::exchange(at->bytes, bytes);
  if (bytes > capacity_ / 4) return forget(at);  // one long text must not push everything else out
  while (bytes_ > capacity_) forget(std::prev(recent_.end()));
}

void ShapeCache::forget(Entries::iterator at) {
  bytes_ -= at->bytes;
  index_.erase(at->key);
  recent_.erase(at);
}

}  // namespace bulkhead::rewrite
