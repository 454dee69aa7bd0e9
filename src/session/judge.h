#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "auth/identity.h"
#include "pool/server_watch.h"
#include "rewrite/rewriter.h"
#include "rewrite/shape_cache.h"

namespace bulkhead::session {

class Observed;

/// A text that may run, as it was judged for one tenant and role. Immutable, shared by the cache, prepared statements and
/// response plans.
struct Judgement {
  std::uint64_t id = 0;  ///< of this rewritten text with these parameter types: names it on server connections; never reused
  rewrite::Protocol protocol = rewrite::Protocol::simple;
  std::string text;   ///< the client's
  std::string types;  ///< the Parse message's parameter types, as bytes
  std::string formats{};  ///< the client's settings that decide what constants in it, or RESET, come to; empty for most simple queries
  rewrite::Rewritten rewritten;
  std::uint64_t catalogue_epoch = 0;
  std::uint64_t policy_epoch = 0;
  bool of_its_moment = false;  ///< a constant in it ('now', 'today') means the time at which it is parsed: nobody shares it
  std::uint64_t executes = 0;  ///< of an EXECUTE as it is sent: the id of the statement it names
  std::string calls{};         ///< and its client's name for that
};
using JudgementPtr = std::shared_ptr<const Judgement>;

/// What a tenant's caches were good for: plain integers, on its loop.
struct JudgementCounts {
  std::uint64_t by_text = 0;   ///< found as they were
  std::uint64_t by_shape = 0;  ///< found by another text of the same shape
  std::uint64_t judged = 0;    ///< in full
};

/// The judgements of one tenant and role by their exact text, the least recently used forgotten first, bounded in bytes.
/// Key is the whole text, never a fingerprint: two texts with one fingerprint need different edits. Verdicts on texts that
/// differ in literals alone are found by their shape, in a cache of the same size. One loop's thread.
class JudgementCache {
 public:
  explicit JudgementCache(std::size_t capacity_bytes = 1u << 20,
                          std::shared_ptr<JudgementCounts> counts = std::make_shared<JudgementCounts>())
      : shapes(capacity_bytes), capacity_(capacity_bytes), counts_(std::move(counts)) {}

  JudgementPtr find(std::string_view text, std::string_view types, rewrite::Protocol protocol, std::string_view formats);
  void add(JudgementPtr judgement);
  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return index_.size(); }
  JudgementCounts& counts() { return *counts_; }

  rewrite::ShapeCache shapes;

 private:
  struct Key {
    std::string_view text, types;
    rewrite::Protocol protocol;
    std::string_view formats;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  static Key key_of(const Judgement& j) { return {j.text, j.types, j.protocol, j.formats}; }
  static std::size_t cost(const Judgement& j);
  void forget(std::list<JudgementPtr>::iterator at);

  std::size_t capacity_;
  std::shared_ptr<JudgementCounts> counts_;
  std::size_t bytes_ = 0;
  std::list<JudgementPtr> recent_;  ///< the latest used first
  std::unordered_map<Key, std::list<JudgementPtr>::iterator, Hash> index_;  ///< keys point into the judgements
};

/// Judges texts for one session, against the newest catalogue of its tenant's server.
class Judge {
 public:
  using Outcome = std::variant<JudgementPtr, rewrite::Rejected>;

  /// All of it must outlive the judge; `view` is the loop's slot for the server's newest view.
  Judge(const auth::Identity& identity, JudgementCache& cache, const std::shared_ptr<const pool::ServerView>& view)
      : identity_(identity), cache_(&cache), view_(&view) {}

  /// The identity is of another policy now, and this goes with it.
  void use(JudgementCache& cache, const std::shared_ptr<const pool::ServerView>& view) {
    cache_ = &cache;
    view_ = &view;
  }

  /// `formats`: of a text that may be given a name on the server, under which every client of the tenant finds it.
  Outcome judge(std::string_view text, std::string_view types, rewrite::Protocol protocol, std::string_view formats = {});
  /// A judgement under the newest catalogue and these settings: usually the same one.
  Outcome renew(const JudgementPtr& judgement, std::string_view formats);
  /// Mode observe: counts what judge() would say of `text`. False: the catalogue has to be read anew first, which has not
  /// been `renewed` yet.
  bool observe(std::string_view text, std::string_view types, rewrite::Protocol protocol, bool renewed, Observed& observed);
  /// What runs when `execute`, an EXECUTE, is sent for `target`: the text is the one's, with the name that the server knows, what
  /// it does the other's. Null if it cannot be made.
  JudgementPtr executing(const Judgement& execute, const Judgement& target) const;
  /// A text in which parameters are reset, for a client of these values in its startup message (Rewriter::resetting). Clients of the same
  /// values share it. Null: it is sent as it was judged.
  JudgementPtr resetting(const Judgement& judgement, const pool::Settings& startup);
  /// A number that no other call in this process gets.
  static std::uint64_t unique();

 private:
  Outcome without_catalogue(std::string_view text, std::string_view types, rewrite::Protocol protocol) const;

  const auth::Identity& identity_;
  JudgementCache* cache_;
  const std::shared_ptr<const pool::ServerView>* view_;
  rewrite::Rewriter rewriter_;
};

}  // namespace bulkhead::session
