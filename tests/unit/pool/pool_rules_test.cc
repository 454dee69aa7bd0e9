#include "pool/pool_rules.h"

#include <gtest/gtest.h>

namespace bulkhead::pool {
namespace {

using std::chrono::seconds;

policy::PoolBounds bounds_of(int size, int minimum = 0, int reserve = 0) {
  policy::PoolBounds bounds;
  bounds.size = size;
  bounds.minimum = minimum;
  bounds.reserve = reserve;
  bounds.reserve_after = seconds(5);
  bounds.idle_timeout = seconds(600);
  return bounds;
}

TEST(PoolRules, one_is_opened_for_whoever_waits_while_there_is_a_place) {
  const auto opens = [](Census census, bool overdue = false) { return opens_another(bounds_of(2, 0, 1), census, overdue); };
  EXPECT_FALSE(opens({.open = 0, .opening = 0, .waiting = 0}));
  EXPECT_TRUE(opens({.open = 0, .opening = 0, .waiting = 1}));
  EXPECT_FALSE(opens({.open = 0, .opening = 1, .waiting = 1})) << "one is on its way";
  EXPECT_TRUE(opens({.open = 1, .opening = 0, .waiting = 1}));
  EXPECT_FALSE(opens({.open = 1, .opening = 1, .waiting = 5}));
  EXPECT_FALSE(opens({.open = 2, .opening = 0, .waiting = 5}));
}

TEST(PoolRules, the_reserve_is_for_those_who_have_waited_too_long) {
  const auto bounds = bounds_of(2, 0, 2);
  EXPECT_FALSE(opens_another(bounds, {.open = 2, .opening = 0, .waiting = 5}, false));
  EXPECT_TRUE(opens_another(bounds, {.open = 2, .opening = 0, .waiting = 5}, true));
  EXPECT_TRUE(opens_another(bounds, {.open = 2, .opening = 1, .waiting = 5}, true));
  EXPECT_FALSE(opens_another(bounds, {.open = 2, .opening = 2, .waiting = 5}, true));
  EXPECT_FALSE(opens_another(bounds_of(2), {.open = 2, .opening = 0, .waiting = 5}, true)) << "there is none";
}

TEST(PoolRules, the_minimum_is_kept_while_there_are_clients) {
  const auto bounds = bounds_of(5, 3);
  EXPECT_EQ(missing(bounds, {.open = 0, .opening = 0, .waiting = 0, .has_clients = true}), 3u);
  EXPECT_EQ(missing(bounds, {.open = 1, .opening = 1, .waiting = 0, .has_clients = true}), 1u);
  EXPECT_EQ(missing(bounds, {.open = 4, .opening = 0, .waiting = 0, .has_clients = true}), 0u);
  EXPECT_EQ(missing(bounds, {.open = 0, .opening = 0, .waiting = 0, .has_clients = false}), 0u);
}

TEST(PoolRules, what_is_not_used_is_closed_down_to_the_minimum) {
  const auto bounds = bounds_of(5, 2);
  const auto closes = [&](std::size_t open, bool clients, seconds unused, bool too_old = false) {
    return closes_idle(bounds, {.open = open, .opening = 0, .waiting = 0, .has_clients = clients}, unused, too_old);
  };
  EXPECT_FALSE(closes(5, true, seconds(600)));
  EXPECT_TRUE(closes(5, true, seconds(601)));
  EXPECT_FALSE(closes(2, true, seconds(601))) << "the minimum";
  EXPECT_TRUE(closes(2, true, seconds(0), true)) << "another takes its place";
  EXPECT_TRUE(closes(2, false, seconds(601))) << "nobody is there";
  EXPECT_FALSE(closes(6, true, seconds(5)));
  EXPECT_TRUE(closes(6, true, seconds(6))) << "of the reserve";
}

TEST(PoolRules, an_idle_timeout_of_nothing_closes_nothing) {
  auto bounds = bounds_of(5);
  bounds.idle_timeout = Duration(0);
  EXPECT_FALSE(closes_idle(bounds, {.open = 1, .opening = 0, .waiting = 0, .has_clients = false}, seconds(1'000'000), false));
}

TEST(PoolRules, those_opened_together_live_differently_long) {
  EXPECT_EQ(time_to_live(seconds(3600), 0), seconds(3600));
  EXPECT_EQ(time_to_live(seconds(3600), 0.5), seconds(3420));
  EXPECT_EQ(time_to_live(seconds(3600), 1), seconds(3240));
  EXPECT_EQ(time_to_live(Duration(0), 0.5), Duration(0)) << "for ever";
}

}  // namespace
}  // namespace bulkhead::pool
