#pragma once

#include <algorithm>

#include "base/clock.h"

namespace bulkhead::pool {

/// How far apart reads of a server's catalogue are kept, however many statements name what it does not have. A read such a
/// statement asked for that brought nothing new doubles the distance: whoever keeps asking for what does not exist makes
/// the next one wait, not the server work. News, or a while in which nobody asked, and it is short again, so that a
/// table is found as soon as it is there. Pure.
class RefreshPace {
 public:
  static constexpr Duration kShortest{250};
  static constexpr Duration kLongest{2'000};

  void ended(bool was_asked_for, bool brought_news) {
    apart_ = was_asked_for && !brought_news ? std::min(apart_ * 2, kLongest) : kShortest;
  }
  Duration apart() const { return apart_; }

 private:
  Duration apart_ = kShortest;
};

}  // namespace bulkhead::pool
