#include "session/lasting.h"

#include <gtest/gtest.h>

namespace bulkhead::session {
namespace {

constexpr Duration kApart{100};

TEST(Lasting, counts_what_has_passed_for_certain) {
  Lasting lasting;
  lasting.see(1, kApart);
  EXPECT_EQ(lasting.time(), Duration(0)) << "it may have begun just now";
  lasting.see(1, kApart);
  lasting.see(1, kApart);
  EXPECT_EQ(lasting.time(), 2 * kApart);
  EXPECT_TRUE(lasting.reaches(2 * kApart));
  EXPECT_FALSE(lasting.reaches(2 * kApart + Duration(1)));
  EXPECT_FALSE(lasting.reaches(Duration(0))) << "no limit";
}

TEST(Lasting, another_thing_is_counted_from_its_own_beginning) {
  Lasting lasting;
  lasting.see(1, kApart);
  lasting.see(1, kApart);
  lasting.see(2, kApart);
  EXPECT_EQ(lasting.time(), Duration(0));
  lasting.see(2, kApart);
  EXPECT_EQ(lasting.time(), kApart);
}

TEST(Lasting, a_look_that_sees_nothing_ends_it) {
  Lasting lasting;
  lasting.see(0, kApart);
  lasting.see(0, kApart);
  lasting.see_nothing();
  EXPECT_EQ(lasting.time(), Duration(0));
  lasting.see(0, kApart);
  EXPECT_EQ(lasting.time(), Duration(0)) << "the same number, but not the same time";
}

TEST(Lasting, restarts) {
  Lasting lasting;
  lasting.see(1, kApart);
  lasting.see(1, kApart);
  lasting.restart();
  EXPECT_EQ(lasting.time(), Duration(0));
  lasting.see(1, kApart);
  EXPECT_EQ(lasting.time(), kApart);
}

TEST(Lasting, looks_are_as_far_apart_as_the_limits_allow) {
  EXPECT_EQ(Lasting::apart_for(Duration(0), Duration(0)), Duration(1000));
  EXPECT_EQ(Lasting::apart_for(Duration(60'000), Duration(0)), Duration(1000));
  EXPECT_EQ(Lasting::apart_for(Duration(4'000), Duration(60'000)), Duration(500));
  EXPECT_EQ(Lasting::apart_for(Duration(0), Duration(8)), Duration(10));
}

}  // namespace
}  // namespace bulkhead::session
