#pragma once

// Verdicts by shape: what was found out about one text serves all that differ from it in literals alone, where the
// verdict does not depend on those. That it does not is known twice: the rules and the verifier did not look at them (or
// else they are part of the key), and a text with other literals, judged in full, came out as the template says.

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rewrite/rewriter.h"
#include "rewrite/template.h"

namespace bulkhead::rewrite {

/// For one tenant and role under one policy; a newer catalogue empties what it touches. Bounded in bytes, the least
/// recently used shape forgotten first. One thread.
class ShapeCache {
 public:
  explicit ShapeCache(std::size_t capacity_bytes = 1u << 20) : capacity_(capacity_bytes) {}

  /// The verdict on `sql`, without notes, if it is known.
  std::optional<Rewritten> find(std::string_view sql, Protocol protocol, const Subject& subject);
  /// find() did not know `sql`, and this is what the rewriter made of it. A shape that comes for the second time is worth a
  /// template; making one costs another judgement.
  void learn(std::string_view sql, Protocol protocol, const Subject& subject, const Rewritten& rewritten);

  std::size_t bytes() const { return bytes_; }

 private:
  struct Key {
    std::uint64_t hash;
    Protocol protocol;
    std::string_view skeleton;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const { return key.hash; }
  };
  struct Entry {
    std::string skeleton;
    Key key;  ///< points into skeleton
    std::uint64_t catalogue_epoch = 0;
    std::vector<Template> templates;  ///< one for each set of literals the verdict depends on; the latest last
    int patience = 0;                 ///< templates still to be made before one of them has been of use
    std::size_t bytes = 0;
  };
  using Entries = std::list<Entry>;

  static constexpr std::size_t kTemplates = 4;
  static constexpr int kPatience = 16;

  void account(Entries::iterator at);
  void forget(Entries::iterator at);

  std::size_t capacity_;
  std::size_t bytes_ = 0;
  Entries recent_;  ///< the latest used first
  std::unordered_map<Key, Entries::iterator, Hash> index_;
  Shape shape_;  ///< of the text at hand
  Rewriter rewriter_;
};

}  // namespace bulkhead::rewrite
