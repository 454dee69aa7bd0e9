#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <utility>

namespace bulkhead {

/// A value with a name of its own: Strong<struct SessionIdTag, std::uint64_t> does not convert to any other id.
template <class Tag, class T>
class Strong {
 public:
  constexpr Strong() = default;
  constexpr explicit Strong(T value) : value_(std::move(value)) {}
  constexpr const T& value() const { return value_; }
  constexpr auto operator<=>(const Strong&) const = default;

 private:
  T value_{};
};

}  // namespace bulkhead

template <class Tag, class T>
struct std::hash<bulkhead::Strong<Tag, T>> {
  std::size_t operator()(const bulkhead::Strong<Tag, T>& s) const { return std::hash<T>{}(s.value()); }
};
