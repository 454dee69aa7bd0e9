#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace bulkhead {

/// So many units a second, of which those of one second can be saved up. More may be spent than there is: what is owed, an
/// hour's worth at most, is paid off before the bucket is open again. With a rate of 0 it always is. Knows no clock; a plain value.
class TokenBucket {
 public:
  static constexpr std::uint64_t kMostPerSecond = std::uint64_t{1} << 30;

  explicit TokenBucket(std::uint64_t per_second)
      : rate_(static_cast<std::int64_t>(std::min(per_second, kMostPerSecond))), level_(full()) {}

  bool limited() const { return rate_ > 0; }
  /// Another rate from now on. What is owed stays owed.
  void set_rate(std::uint64_t per_second) {
    const bool was_full = !limited();
    rate_ = static_cast<std::int64_t>(std::min(per_second, kMostPerSecond));
    level_ = was_full ? full() : std::clamp(level_, -full() * kMostOwed, full());
  }
  /// There is a whole unit.
  bool open(TimePoint now) {
    fill(now);
    return !limited() || level_ >= kParts;
  }
  void spend(std::uint64_t units) {
    if (limited()) level_ = std::max(level_ - static_cast<std::int64_t>(std::min(units, kMostPerSecond)) * kParts, -full() * kMostOwed);
  }
  /// It owes nothing, and is as if it had never been used.
  bool rested(TimePoint now) {
    fill(now);
    return level_ >= full();
  }
  /// When it will be open if nothing is spent until then; `now`, or a time that is past, if it is.
  TimePoint opens_at(TimePoint now) {
    if (open(now)) return now;
    return filled_ + std::chrono::microseconds((kParts - level_ + rate_ - 1) / rate_);
  }

 private:
  /// A unit is counted in millionths, of which a microsecond brings as many as there are units a second.
  static constexpr std::int64_t kParts = 1'000'000;
  static constexpr std::int64_t kMostOwed = 3600;  // seconds of it

  std::int64_t full() const { return rate_ * kParts; }
  void fill(TimePoint now) {
    if (!limited() || now <= filled_) return;
    const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(now - filled_);
    filled_ += passed;
    // Divided before it is multiplied: after a long rest the product would not fit.
    level_ = passed.count() > (full() - level_) / rate_ ? full() : level_ + passed.count() * rate_;
  }

  std::int64_t rate_;
  std::int64_t level_;
  TimePoint filled_{};
};

}  // namespace bulkhead
