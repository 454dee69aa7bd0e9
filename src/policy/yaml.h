#pragma once

// YAML as located values, the one door to yaml-cpp.
//
// A deliberately small YAML: one document of mappings, sequences and scalars. Anchors, aliases, merge keys, tags and
// further documents are refused, so that a text is as large as it looks; size, depth and number of values are bounded.

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "policy/load.h"

namespace bulkhead::policy::yaml {

enum class Kind { null, scalar, sequence, map };

/// One value of the text. Owned by its Document.
struct Node {
  Kind kind = Kind::null;
  int line = 0;    ///< from 1
  int column = 0;  ///< from 1, in bytes
  std::string text;                   ///< of a scalar, exactly as written, escapes resolved
  bool quoted = false;                ///< of a scalar: quoted or a block, so never a number by looks
  std::vector<const Node*> children;  ///< of a sequence its items, of a map its values, in the order of the text

  std::string key;                  ///< of a map's value; of a sequence's item "[0]"
  int key_line = 0, key_column = 0;  ///< where that key stands; of a sequence's item the item itself
  const Node* parent = nullptr;

  /// The value of a map's key; null if there is none, or this is no map.
  const Node* find(std::string_view name) const;
  /// Where it stands in the document, "servers.main.hosts[0]"; shortened if it is very long.
  std::string path() const;
  /// What it is, in words, for "found …": `"abc"`, `a list`, `nothing`. Escaped and shortened, never for secrets.
  std::string found() const;
};

class Document {
 public:
  Document() = default;
  Document(Document&&) = default;
  Document& operator=(Document&&) = default;
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  /// Null if the text could not be read at all. An empty text is a null value.
  const Node* root() const { return root_; }
  /// Everything the text itself has wrong: one error of syntax, or all duplicate keys and the like.
  const std::vector<Finding>& findings() const { return findings_; }

 private:
  friend Document parse(std::string_view text);
  friend class Builder;
  std::deque<Node> nodes_;  // stable addresses, freed without recursion
  const Node* root_ = nullptr;
  std::vector<Finding> findings_;
};

/// Never throws because of the text.
Document parse(std::string_view text);

/// `text` in double quotes, control characters escaped, shortened to about 60 bytes.
std::string quote(std::string_view text);

inline constexpr std::size_t kMaxText = 8u << 20;
inline constexpr std::size_t kMaxNodes = 500'000;
inline constexpr std::size_t kMaxDepth = 32;

}  // namespace bulkhead::policy::yaml
