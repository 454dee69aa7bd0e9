#pragma once

// From located values to typed ones. Every function reports what is wrong where it stands, in one form — "PATH: found X,
// expected Y" —, and goes on, so that one run finds everything.

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "policy/load.h"
#include "policy/model.h"
#include "policy/yaml.h"

namespace bulkhead::policy {

/// Collects findings. Lives as long as one load().
class Report {
 public:
  void add(Finding finding) { findings_.push_back(std::move(finding)); }
  void at(const yaml::Node& node, const std::string& message);      ///< at the value, "PATH: message"
  void at_key(const yaml::Node& node, const std::string& message);  ///< at its key
  void expected(const yaml::Node& node, const std::string& what);   ///< "PATH: found …, expected what"
  void not_available(const yaml::Node& node, const std::string& what);

  /// What is at the value, and below it, is a secret, and is this.
  void hide(const yaml::Node& node, Secret secret) { secrets_.insert_or_assign(&node, std::move(secret)); }
  /// Null: it is none.
  const Secret* secret_at(const yaml::Node& node) const {
    const auto at = secrets_.find(&node);
    return at == secrets_.end() ? nullptr : &at->second;
  }

  bool empty() const { return findings_.empty(); }
  /// Whether there is still time for suggestions: not for the thousandth fault.
  bool suggests() const { return findings_.size() < 100; }
  /// In the order of the text.
  std::vector<Finding> take();

 private:
  std::vector<Finding> findings_;
  std::map<const yaml::Node*, Secret> secrets_;
};

/// The keys of one mapping. Ask for every key there is, then the destructor reports all others, naming the nearest.
/// Nothing and anything but a mapping have no keys; the latter is reported.
class Fields {
 public:
  Fields(const yaml::Node* node, Report& report);
  ~Fields();
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  const yaml::Node* take(std::string_view key);     ///< null if it is absent
  const yaml::Node* require(std::string_view key);  ///< reported if it is absent
  /// A key of later versions: reported if it is there.
  void later(std::initializer_list<std::string_view> keys);
  /// False if the mapping is absent or no mapping.
  explicit operator bool() const { return node_ != nullptr; }
  const yaml::Node& node() const { return *node_; }

 private:
  const yaml::Node* node_ = nullptr;
  std::vector<std::string> known_, later_;
  Report& report_;
};

/// The word of `known` nearest to `word`, if it is near enough to be meant. Looks at every one of them.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

/// Whether the value is a scalar that is not empty; reported as "expected WHAT" if it is not.
bool read_text(const yaml::Node& node, Report& report, const std::string& what, std::string& out);
/// A name PostgreSQL can hold: 1 to 63 bytes, no control characters.
bool read_name(const yaml::Node& node, Report& report, const std::string& what, std::string& out);
/// The same for the key of a value.
bool check_name(const yaml::Node& at_key, Report& report, const std::string& what);
bool read_integer(const yaml::Node& node, Report& report, long least, long most, long& out);
bool read_boolean(const yaml::Node& node, Report& report, bool& out);
/// `500ms 30s 5m 1h`; a bare 0.
bool read_duration(const yaml::Node& node, Report& report, Duration least, Duration& out);
/// `64KiB 16MiB`, or bytes.
bool read_size(const yaml::Node& node, Report& report, std::size_t least, std::size_t most, std::size_t& out);
/// The items of a list that has any, or a finding ("expected a list of WHAT") and nothing.
const std::vector<const yaml::Node*>& read_list(const yaml::Node& node, Report& report, const std::string& what);
/// The same for a mapping whose keys are names: its values.
const std::vector<const yaml::Node*>& read_map(const yaml::Node& node, Report& report, const std::string& what);

/// One of a few words: its value, or a finding that names them all.
template <class T>
bool read_choice(const yaml::Node& node, Report& report, const std::vector<std::pair<std::string, T>>& choices, T& out) {
  std::string words;
  for (const auto& [word, value] : choices) {
    if (node.kind == yaml::Kind::scalar && node.text == word) {
      out = value;
      return true;
    }
    words += (words.empty() ? "" : " | ") + word;
  }
  report.expected(node, words);
  return false;
}

/// A secret: literal, {env: NAME} or {file: PATH}, a relative path within `directory`. Reported if it is empty or missing.
bool read_secret(const yaml::Node& node, Report& report, const std::string& directory, Secret& out);

/// `schema.name`; a part that is not plain lower case is written in double quotes as in SQL.
std::optional<QualifiedName> parse_qualified_name(std::string_view text);

bool parse_port(std::string_view text, std::uint16_t& port);

/// "host:port", "[ipv6]:port", with `default_port` where none is written.
std::optional<std::pair<std::string, std::uint16_t>> parse_host_port(std::string_view text, std::uint16_t default_port);

/// Whether PostgreSQL could have a Unix socket in that directory: absolute, and short enough for a socket address.
bool fits_socket_directory(std::string_view directory);

}  // namespace bulkhead::policy
