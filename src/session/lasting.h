#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace bulkhead::session {

/// How long one and the same thing has gone on, by a look at it from time to time and no reading of the clock where it begins. What
/// it says has passed for certain: no limit is cut short, and one is noticed two looks late at most. Pure.
class Lasting {
 public:
  /// A look: the thing with this number goes on. `apart`: the time since the last look.
  void see(std::uint64_t number, Duration apart) {
    time_ = number_ == number ? time_ + apart : Duration{0};
    number_ = number;
  }
  /// A look: nothing goes on.
  void see_nothing() {
    number_.reset();
    time_ = Duration{0};
  }
  /// From now on it is counted anew.
  void restart() { time_ = Duration{0}; }
  Duration time() const { return time_; }
  /// False where there is no limit (0).
  bool reaches(Duration limit) const { return limit.count() > 0 && time_ >= limit; }

  /// How far apart looks have to be for these limits: an eighth of the shortest, a second at most and 10 ms at least.
  template <class... Limits>
  static Duration apart_for(Limits... limits) {
    constexpr Duration kMost{1000}, kLeast{10};
    Duration apart = kMost;
    const auto hold = [&](Duration limit) {
      if (limit.count() > 0) apart = std::min(apart, std::max(limit / 8, kLeast));
    };
    (hold(limits), ...);
    return apart;
  }

 private:
  std::optional<std::uint64_t> number_;
  Duration time_{0};
};

}  // namespace bulkhead::session
