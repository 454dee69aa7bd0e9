#include "session/gates.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace bulkhead::session {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Writes down its name when it is told.
struct Guest final : Gate::Guest {
  Guest(std::string& told, char name) : told_(told), name_(name) {}
  void on_pass(Gate&) override {
    told_ += name_;
    if (then) then();
  }
  std::string& told_;
  const char name_;
  std::function<void()> then;
};

class GatesTest : public testing::Test {
 protected:
  std::string passed;
  Guest a{passed, 'a'}, b{passed, 'b'}, c{passed, 'c'};
  TimePoint now = TimePoint{} + seconds(1000);
  int woken = 0;
};

TEST_F(GatesTest, those_over_the_rate_wait_and_pass_in_their_order) {
  RateGate gate(2, 1);
  EXPECT_TRUE(gate.enter(a, now));
  EXPECT_TRUE(gate.enter(b, now));
  EXPECT_FALSE(gate.due(now)) << "nobody waits";
  EXPECT_FALSE(gate.enter(a, now));
  EXPECT_FALSE(gate.enter(b, now));
  EXPECT_FALSE(gate.enter(c, now));
  ASSERT_TRUE(gate.due(now));
  EXPECT_EQ(*gate.due(now), now + milliseconds(500));
  gate.serve(now + milliseconds(499));
  EXPECT_EQ(passed, "");
  gate.serve(now + milliseconds(500));
  EXPECT_EQ(passed, "a");
  gate.serve(now + milliseconds(1500));
  EXPECT_EQ(passed, "abc");
}

TEST_F(GatesTest, nobody_passes_by_those_who_wait) {
  RateGate gate(1, 1);
  EXPECT_TRUE(gate.enter(a, now));
  EXPECT_FALSE(gate.enter(b, now));
  EXPECT_FALSE(gate.enter(c, now + seconds(5))) << "there is enough for one, and it is b's";
  gate.serve(now + seconds(5));
  EXPECT_EQ(passed, "b");
}

TEST_F(GatesTest, who_leaves_pays_nothing) {
  RateGate gate(1, 1);
  EXPECT_TRUE(gate.enter(a, now));
  EXPECT_FALSE(gate.enter(b, now));
  EXPECT_FALSE(gate.enter(c, now));
  gate.leave(b);
  gate.serve(now + seconds(1));
  EXPECT_EQ(passed, "c");
}

TEST_F(GatesTest, what_is_spent_afterwards_makes_the_next_one_wait) {
  RateGate gate(1000, 0);
  EXPECT_TRUE(gate.enter(a, now));
  EXPECT_TRUE(gate.enter(b, now)) << "it costs nothing to pass";
  gate.spend(5000);
  EXPECT_FALSE(gate.enter(a, now));
  EXPECT_FALSE(gate.enter(b, now + seconds(3)));
  gate.serve(now + milliseconds(4000));
  EXPECT_EQ(passed, "");
  gate.serve(now + milliseconds(4001));
  EXPECT_EQ(passed, "ab");
}

TEST_F(GatesTest, who_comes_back_while_others_are_told_is_the_last) {
  RateGate gate(3, 1);
  while (gate.enter(a, now)) {}
  EXPECT_FALSE(gate.enter(b, now));
  a.then = [&] { EXPECT_FALSE(gate.enter(a, now + seconds(1))); };
  gate.serve(now + seconds(1));
  EXPECT_EQ(passed, "aba");
}

TEST_F(GatesTest, places_are_given_in_turn_when_they_come_back) {
  PlaceGate gate(1, [this] { ++woken; });
  EXPECT_TRUE(gate.enter(a));
  EXPECT_FALSE(gate.enter(b));
  EXPECT_FALSE(gate.enter(c));
  gate.serve();
  EXPECT_EQ(passed, "");
  gate.give_back();
  EXPECT_EQ(woken, 1);
  EXPECT_FALSE(gate.enter(a)) << "behind those who wait";
  gate.serve();
  EXPECT_EQ(passed, "b");
  EXPECT_EQ(gate.taken(), 1u);
  gate.leave(c);
  gate.give_back();
  gate.serve();
  EXPECT_EQ(passed, "ba");
}

TEST_F(GatesTest, other_limits_hold_for_those_who_wait) {
  RateGate rate(1, 1);
  EXPECT_TRUE(rate.enter(a, now));
  EXPECT_FALSE(rate.enter(a, now));
  EXPECT_FALSE(rate.enter(b, now));
  rate.set_rate(10);
  rate.serve(now + milliseconds(100));
  EXPECT_EQ(passed, "a");
  rate.set_rate(0);
  rate.serve(now + milliseconds(100));
  EXPECT_EQ(passed, "ab");
  PlaceGate places(1, [this] { ++woken; });
  EXPECT_TRUE(places.enter(a));
  EXPECT_FALSE(places.enter(c));
  places.set_places(2);
  EXPECT_EQ(woken, 1);
  places.serve();
  EXPECT_EQ(passed, "abc");
  places.set_places(0);
  EXPECT_TRUE(places.enter(a));
}

TEST_F(GatesTest, who_must_go_on_goes_on_and_counts) {
  PlaceGate gate(1, [this] { ++woken; });
  EXPECT_TRUE(gate.enter(a));
  gate.enter_anyway();
  EXPECT_FALSE(gate.enter(b));
  gate.give_back();
  EXPECT_EQ(woken, 0) << "one is still inside";
  gate.give_back();
  EXPECT_EQ(woken, 1);
  gate.serve();
  EXPECT_EQ(passed, "b");
}

}  // namespace
}  // namespace bulkhead::session
