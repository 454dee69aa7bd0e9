#include "policy/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <optional>
#include <streambuf>
#include <unordered_set>

#include "base/utf8.h"

namespace bulkhead::policy::yaml {
namespace {

constexpr std::size_t kMaxKey = 1024;
constexpr std::size_t kMaxPath = 200;

/// Ends the reading of a text at its first unforgivable fault.
struct Stop {
  Finding finding;
};

Finding finding_at(const YAML::Mark& mark, std::string message) {
  return {mark.line + 1, mark.column + 1, std::move(message)};
}

/// Where byte `at` of the text stands.
Finding finding_at(std::string_view text, std::size_t at, std::string message) {
  const auto before = text.substr(0, at);
  const auto newline = before.rfind('\n');
  const auto begin = newline == std::string_view::npos ? 0 : newline + 1;
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1, static_cast<int>(at - begin) + 1,
          std::move(message)};
}

/// What must not even reach the parser: yaml-cpp guesses encodings and takes U+0004 for the end of its input.
std::optional<Finding> check_bytes(std::string_view text) {
  if (text.size() > kMaxText)
    return Finding{1, 1, "the text is larger than " + std::to_string(kMaxText >> 20) + " MiB"};
  if (const auto at = find_invalid_utf8(text); at != std::string_view::npos)
    return finding_at(text, at, "the text is not valid UTF-8");
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && (at == 0 || text[at - 1] == '\n'))
      return finding_at(text, at, "directives (lines that begin with %) are not allowed");
    if (is_control(text[at]) && text[at] != '\n' && text[at] != '\r' && text[at] != '\t')
      return finding_at(text, at, "control characters are not allowed; write them as an escape in double quotes");
  }
  return std::nullopt;
}

class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // streambuf's interface; only read
    setg(begin, begin, begin + text.size());
  }
};

}  // namespace

class Builder : public YAML::EventHandler {
 public:
  explicit Builder(Document& document) : document_(document) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark& mark, const std::string&) override { refuse_anchor(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(mark); }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    if (expects_key()) throw Stop{finding_at(mark, "a key is missing before \":\"")};
    // What is not there, yaml-cpp locates where the next thing is.
    const bool absent = !open_.empty() && open_.back().has_key && open_.back().key_mark.line != mark.line;
    add(absent ? open_.back().key_mark : mark, Kind::null);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    check_tag(mark, tag);
    if (value.find('\0') != std::string::npos) throw Stop{finding_at(mark, "a NUL character is not allowed")};
    if (expects_key()) return take_key(mark, value);
    Node& node = add(mark, Kind::scalar);
    node.text = value;
    node.quoted = tag == "!";
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, Kind::sequence);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(mark, tag, Kind::map);
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  struct Open {
    Node* node;
    bool has_key = false;
    std::string key;
    YAML::Mark key_mark;
    std::unordered_set<std::string> keys;
  };

  [[noreturn]] static void refuse_anchor(const YAML::Mark& mark) {
    throw Stop{finding_at(mark, "anchors, aliases and merge keys are not allowed; write the value out")};
  }
  /// yaml-cpp gives a plain value the tag "?" and a quoted one "!".
  static void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag != "?" && tag != "!" && !tag.empty()) throw Stop{finding_at(mark, "tags are not allowed: " + quote(tag))};
  }
  bool expects_key() const {
    return !open_.empty() && open_.back().node->kind == Kind::map && !open_.back().has_key;
  }
  void take_key(const YAML::Mark& mark, const std::string& value) {
    if (value == "<<") refuse_anchor(mark);
    if (value.size() > kMaxKey)
      throw Stop{finding_at(mark, "a key is longer than " + std::to_string(kMaxKey) + " bytes")};
    Open& map = open_.back();
    if (!map.keys.insert(value).second)
      document_.findings_.push_back(finding_at(mark, "the key " + quote(value) + " is here twice"));
    map.has_key = true;
    map.key = value;
    map.key_mark = mark;
  }
  void open(const YAML::Mark& mark, const std::string& tag, Kind kind) {
    check_tag(mark, tag);
    if (expects_key()) throw Stop{finding_at(mark, "found a list or mapping as a key, expected a plain word")};
    if (open_.size() >= kMaxDepth)
      throw Stop{finding_at(mark, "nested deeper than " + std::to_string(kMaxDepth) + " levels")};
    open_.push_back({&add(mark, kind), false, {}, {}, {}});
  }
  Node& add(const YAML::Mark& mark, Kind kind) {
    if (document_.nodes_.size() >= kMaxNodes)
      throw Stop{finding_at(mark, "more than " + std::to_string(kMaxNodes) + " values")};
    Node& node = document_.nodes_.emplace_back();
    node.kind = kind;
    node.line = node.key_line = mark.line + 1;
    node.column = node.key_column = mark.column + 1;
    if (open_.empty()) {
      document_.root_ = &node;
      return node;
    }
    Open& parent = open_.back();
    if (parent.node->kind == Kind::map) {
      parent.has_key = false;
      node.key = std::move(parent.key);
      node.key_line = parent.key_mark.line + 1;
      node.key_column = parent.key_mark.column + 1;
    } else {
      node.key = "[" + std::to_string(parent.node->children.size()) + "]";
    }
    node.parent = parent.node;
    parent.node->children.push_back(&node);
    return node;
  }

  Document& document_;
  std::vector<Open> open_;
};

Document parse(std::string_view text) {
  Document document;
  const auto fail = [&document](Finding finding) {
    document.findings_.push_back(std::move(finding));
    document.root_ = nullptr;
  };
  if (auto finding = check_bytes(text)) {
    fail(std::move(*finding));
    return document;
  }
  try {
    ViewBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    Builder builder(document);
    if (!parser.HandleNextDocument(builder)) {
      Node& nothing = document.nodes_.emplace_back();
      nothing.line = nothing.column = nothing.key_line = nothing.key_column = 1;
      document.root_ = &nothing;
      return document;
    }
    Document rest;
    Builder further(rest);
    if (parser.HandleNextDocument(further))
      fail({rest.root_ ? rest.root_->line : 1, rest.root_ ? rest.root_->column : 1,
            "a second document; one file holds one configuration"});
  } catch (const Stop& stop) {
    fail(stop.finding);
  } catch (const YAML::Exception& error) {
    fail(error.mark.is_null() ? Finding{1, 1, "not valid YAML: " + error.msg}
                              : finding_at(error.mark, "not valid YAML: " + error.msg));
  } catch (const std::exception& error) {
    fail({1, 1, std::string("not valid YAML: ") + error.what()});
  }
  return document;
}

const Node* Node::find(std::string_view name) const {
  if (kind != Kind::map) return nullptr;
  const auto at = std::find_if(children.begin(), children.end(), [&](const Node* child) { return child->key == name; });
  return at == children.end() ? nullptr : *at;
}

std::string Node::path() const {
  std::string path;
  for (const Node* node = this; node->parent; node = node->parent) {
    if (path.size() > kMaxPath) return "…" + path;
    const bool item = node->parent->kind == Kind::sequence;
    const bool plain = item || (!node->key.empty() && node->key.find_first_of(" .[]\"") == std::string::npos &&
                                quote(node->key).size() == node->key.size() + 2);
    const bool top = !node->parent->parent;
    path.insert(0, (item || top ? "" : ".") + (plain ? node->key : quote(node->key)));
  }
  return path;
}

std::string Node::found() const {
  switch (kind) {
    case Kind::null: return "nothing";
    case Kind::scalar: return quote(text);
    case Kind::sequence: return children.empty() ? "an empty list" : "a list";
    case Kind::map: return children.empty() ? "an empty mapping" : "a mapping";
  }
  return {};
}

std::string quote(std::string_view text) {
  constexpr std::size_t kShown = 60;
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  std::size_t shown = std::min(text.size(), kShown);
  while (shown < text.size() && shown > 0 && (static_cast<unsigned char>(text[shown]) & 0xc0) == 0x80) --shown;
  for (const char c : text.substr(0, shown)) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (is_control(c)) {
      out += "\\x";
      out += kHex[(c >> 4) & 0xf];
      out += kHex[c & 0xf];
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  if (shown < text.size()) out += "…";
  return out + "\"";
}

}  // namespace bulkhead::policy::yaml
