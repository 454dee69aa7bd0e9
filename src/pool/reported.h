#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace bulkhead::pool {

/// Names of parameters are compared without regard to case: a server reports TimeZone, and a client sets timezone.
bool same_parameter(std::string_view a, std::string_view b);

/// The parameters a server reports (ParameterStatus), each with its last value: what a connection has said, or what a client was
/// told. A value; copies share what they hold, so that all who know the same hold it once. One loop's thread.
class Reported {
 public:
  /// `name` as the server spells it.
  void note(std::string_view name, std::string_view value);
  /// Valid until the next note().
  std::optional<std::string_view> find(std::string_view name) const;
  bool empty() const { return !text_; }

  /// `see(name, value)` for each, in one order.
  template <class See>
  void each(See see) const {
    for (std::size_t at = 0; text_ && at < text_->size();) {
      const auto [name, value, next] = entry(at);
      see(name, value);
      at = next;
    }
  }

  bool operator==(const Reported& other) const {
    return text_ == other.text_ || (text_ && other.text_ && *text_ == *other.text_);
  }

 private:
  struct Entry {
    std::string_view name, value;
    std::size_t next;
  };
  Entry entry(std::size_t at) const {
    const std::string_view text(*text_);
    const auto middle = text.find('\0', at), end = text.find('\0', middle + 1);
    return {text.substr(at, middle - at), text.substr(middle + 1, end - middle - 1), end + 1};
  }

  std::shared_ptr<const std::string> text_;  ///< name, 0, value, 0, in the order of names; null: nothing
};

}  // namespace bulkhead::pool
