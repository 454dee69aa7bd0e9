#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace bulkhead {

/// A password or key. Zeroed when it dies or is moved from, compared in constant time, never printed: there is no
/// operator<< and no conversion; `reveal()` is the one way to the bytes and easy to find in a review.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(other.value_) { other.wipe(); }
  Secret& operator=(Secret other) noexcept {
    value_.swap(other.value_);
    return *this;
  }
  ~Secret() { wipe(); }

  bool empty() const { return value_.empty(); }
  /// Valid as long as this Secret lives and is not assigned to.
  std::string_view reveal() const { return value_; }
  /// In time that depends on the lengths only.
  bool operator==(const Secret& other) const {
    if (value_.size() != other.value_.size()) return false;
    unsigned char difference = 0;
    for (std::size_t i = 0; i < value_.size(); ++i)
      difference = static_cast<unsigned char>(difference | (value_[i] ^ other.value_[i]));
    return difference == 0;
  }

 private:
  void wipe() noexcept {
    volatile char* p = value_.data();
    for (std::size_t i = 0; i < value_.size(); ++i) p[i] = 0;
    value_.clear();
  }
  std::string value_;
};

}  // namespace bulkhead
