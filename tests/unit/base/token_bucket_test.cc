#include "base/token_bucket.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace bulkhead {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A clock that stands until it is told to go on.
struct Clock {
  TimePoint now = TimePoint{} + hours(100);
  TimePoint after(std::chrono::nanoseconds time) { return now += std::chrono::duration_cast<TimePoint::duration>(time); }
};

int spend_all(TokenBucket& bucket, TimePoint now) {
  int spent = 0;
  while (bucket.open(now) && spent < 1'000'000) {
    bucket.spend(1);
    ++spent;
  }
  return spent;
}

TEST(TokenBucket, holds_one_second_s_worth_however_long_nobody_comes) {
  Clock clock;
  TokenBucket bucket(50);
  EXPECT_EQ(spend_all(bucket, clock.now), 50);
  EXPECT_EQ(spend_all(bucket, clock.after(milliseconds(100))), 5);
  EXPECT_EQ(spend_all(bucket, clock.after(hours(1000))), 50);
}

TEST(TokenBucket, tells_when_it_opens) {
  Clock clock;
  TokenBucket bucket(4);
  EXPECT_EQ(bucket.opens_at(clock.now), clock.now);
  spend_all(bucket, clock.now);
  const auto opens = bucket.opens_at(clock.now);
  EXPECT_EQ(opens, clock.now + milliseconds(250));
  EXPECT_FALSE(bucket.open(opens - microseconds(1)));
  EXPECT_TRUE(bucket.open(opens));
}

TEST(TokenBucket, has_rested_when_it_is_full_again) {
  Clock clock;
  TokenBucket bucket(4);
  EXPECT_TRUE(bucket.rested(clock.now));
  bucket.spend(8);
  EXPECT_FALSE(bucket.rested(clock.after(milliseconds(1999))));
  EXPECT_TRUE(bucket.rested(clock.after(milliseconds(1))));
  EXPECT_TRUE(TokenBucket(0).rested(clock.now));
}

TEST(TokenBucket, what_is_owed_is_paid_off_first) {
  Clock clock;
  TokenBucket bucket(1000);
  EXPECT_TRUE(bucket.open(clock.now));
  bucket.spend(66'000);  // one read of a socket
  EXPECT_FALSE(bucket.open(clock.after(seconds(65))));
  EXPECT_EQ(bucket.opens_at(clock.now), clock.now + milliseconds(1));
  EXPECT_TRUE(bucket.open(clock.after(milliseconds(1))));
}

TEST(TokenBucket, without_a_rate_it_is_always_open) {
  TokenBucket bucket(0);
  bucket.spend(1'000'000);
  EXPECT_FALSE(bucket.limited());
  EXPECT_TRUE(bucket.open(TimePoint{}));
}

TEST(TokenBucket, takes_another_rate) {
  Clock clock;
  TokenBucket bucket(10);
  spend_all(bucket, clock.now);
  bucket.set_rate(1000);
  EXPECT_FALSE(bucket.open(clock.now)) << "nothing is given";
  EXPECT_EQ(spend_all(bucket, clock.after(milliseconds(10))), 10);
  bucket.set_rate(0);
  EXPECT_TRUE(bucket.open(clock.now));
  bucket.set_rate(5);
  EXPECT_EQ(spend_all(bucket, clock.now), 5);
}

TEST(TokenBucket, a_clock_that_goes_back_brings_nothing) {
  Clock clock;
  TokenBucket bucket(10);
  spend_all(bucket, clock.now);
  EXPECT_FALSE(bucket.open(clock.now - seconds(10)));
  EXPECT_FALSE(bucket.open(clock.now));
}

TEST(TokenBucket, nothing_overflows) {
  for (const std::uint64_t rate : {std::uint64_t{1}, TokenBucket::kMostPerSecond, std::numeric_limits<std::uint64_t>::max()}) {
    TokenBucket bucket(rate);
    TimePoint now{};
    for (int i = 0; i < 10; ++i) {
      bucket.spend(std::numeric_limits<std::uint64_t>::max());
      now += hours(24 * 365);
      EXPECT_GE(bucket.opens_at(now), TimePoint{}) << rate;
    }
  }
}

/// However the looks at it are spread, a second brings the rate: no remainder of a division is lost.
TEST(TokenBucket, looks_cost_nothing) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::minstd_rand random(seed);
  for (const int rate : {1, 3, 7, 999, 100'000}) {
    Clock clock;
    TokenBucket bucket(static_cast<std::uint64_t>(rate));
    spend_all(bucket, clock.now);
    const auto end = clock.now + seconds(20);
    long spent = 0;
    while (clock.now < end) {
      spent += spend_all(bucket, clock.after(std::chrono::nanoseconds(1 + random() % 3'000'000)));
    }
    EXPECT_NEAR(static_cast<double>(spent), 20.0 * rate, rate * 0.01 + 1) << rate;
  }
}

}  // namespace
}  // namespace bulkhead
