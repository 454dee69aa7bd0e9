#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/error.h"

namespace bulkhead::session {

/// Why statements of one tenant were refused, and how often: by SQLSTATE and reason, bounded. What is given to it must hold no
/// literal of a client's. One loop's thread.
class Refusals {
 public:
  static constexpr std::size_t kReasons = 200;  ///< the rest is counted as "other"

  void count(const Error& error) {
    ++all_;
    auto key = std::pair(std::string(error.state.text()), error.message);
    const auto at = counts_.find(key);
    if (at != counts_.end())
      ++at->second;
    else if (counts_.size() < kReasons)
      counts_.emplace(std::move(key), 1);
    else
      ++other_;
  }
  std::uint64_t all() const { return all_; }
  std::uint64_t other() const { return other_; }
  const std::map<std::pair<std::string, std::string>, std::uint64_t>& counts() const { return counts_; }

 private:
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts_;
  std::uint64_t all_ = 0, other_ = 0;
};

}  // namespace bulkhead::session
