#include <algorithm>
#include <numeric>

#include "policy/reader.h"

namespace bulkhead::policy {
namespace {

std::string at_path(const yaml::Node& node, const std::string& message) {
  const auto path = node.path();
  return path.empty() ? message : path + ": " + message;
}

/// How many letters were added, left out, mistaken or swapped with their neighbour.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0u);
  for (std::size_t i = 0; i < a.size(); ++i) {
    before.swap(last);
    last.swap(row);
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      row[j + 1] = std::min({last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0u : 1u)});
      if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j]) row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
    }
  }
  return row.back();
}

}  // namespace

void Report::at(const yaml::Node& node, const std::string& message) {
  add({node.line, node.column, at_path(node, message)});
}

void Report::at_key(const yaml::Node& node, const std::string& message) {
  add({node.key_line, node.key_column, at_path(node, message)});
}

void Report::expected(const yaml::Node& node, const std::string& what) {
  at(node, "found " + node.found() + ", expected " + what);
}

void Report::not_available(const yaml::Node& node, const std::string& what) {
  at(node, what + " is not available in this version");
}

std::vector<Finding> Report::take() {
  std::stable_sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  return std::move(findings_);
}

Fields::Fields(const yaml::Node* node, Report& report) : report_(report) {
  if (!node) return;
  if (node->kind == yaml::Kind::map) {
    node_ = node;
  } else {
    report.expected(*node, "a mapping");
  }
}

const yaml::Node* Fields::take(std::string_view key) {
  known_.emplace_back(key);
  return node_ ? node_->find(key) : nullptr;
}

const yaml::Node* Fields::require(std::string_view key) {
  const auto* value = take(key);
  if (node_ && !value) report_.at(*node_, "the key \"" + std::string(key) + "\" is missing");
  return value;
}

void Fields::later(std::initializer_list<std::string_view> keys) {
  for (const auto key : keys) {
    later_.emplace_back(key);
    if (const auto* value = node_ ? node_->find(key) : nullptr)
      report_.at_key(*value, "this is not available in this version");
  }
}

Fields::~Fields() {
  if (!node_) return;
  for (const auto* child : node_->children) {
    const auto is_key = [&](const std::string& word) { return word == child->key; };
    if (std::any_of(known_.begin(), known_.end(), is_key) || std::any_of(later_.begin(), later_.end(), is_key)) continue;
    const auto near = report_.suggests() ? nearest(child->key, known_) : std::nullopt;
    if (near) {
      report_.at_key(*child, "unknown key, did you mean \"" + *near + "\"?");
    } else {
      std::string words;
      for (const auto& word : known_) words += (words.empty() ? "" : ", ") + word;
      report_.at_key(*child, "unknown key; there are " + words);
    }
  }
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t kLongest = 64;
  if (word.size() > kLongest) return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_distance = 0;
  for (const auto& candidate : known) {
    const auto d = distance(word, candidate);
    const auto tolerated = std::max<std::size_t>(1, std::max(word.size(), candidate.size()) / 3);
    if (d <= tolerated && (!best || d < best_distance)) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

}  // namespace bulkhead::policy
