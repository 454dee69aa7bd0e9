#include "session/message_room.h"

#include <gtest/gtest.h>

namespace bulkhead::session {
namespace {

struct Guest final : MessageRoom::Guest {
  Reservation reservation;
  void on_room(Reservation r) override { reservation = std::move(r); }
};

class MessageRoomTest : public testing::Test {
 protected:
  SharedRoom shared{150};
  int woken = 0;
  MessageRoom room{shared, 100, [this] { ++woken; }};
  Guest a, b, c;
};

TEST_F(MessageRoomTest, what_fits_is_given_at_once_and_comes_back) {
  {
    const auto first = room.reserve(60, a);
    const auto second = room.reserve(40, b);
    EXPECT_TRUE(first && second);
    EXPECT_EQ(room.used(), 100u);
    EXPECT_EQ(shared.used(), 100u);
  }
  EXPECT_EQ(room.used(), 0u);
  EXPECT_EQ(shared.used(), 0u);
  EXPECT_EQ(woken, 0) << "nobody waits";
}

TEST_F(MessageRoomTest, who_does_not_fit_waits_and_nobody_passes_by) {
  a.reservation = room.reserve(60, a);
  EXPECT_FALSE(room.reserve(50, b));
  EXPECT_FALSE(room.reserve(10, c)) << "would fit, and would keep the long one waiting for ever";
  room.serve();
  EXPECT_FALSE(b.reservation);
  a.reservation.release();
  EXPECT_EQ(woken, 1);
  room.serve();
  EXPECT_EQ(b.reservation.bytes(), 50u);
  EXPECT_EQ(c.reservation.bytes(), 10u);
}

TEST_F(MessageRoomTest, who_leaves_lets_the_next_one_pass) {
  a.reservation = room.reserve(60, a);
  EXPECT_FALSE(room.reserve(50, b));
  EXPECT_FALSE(room.reserve(10, c));
  room.leave(b);
  EXPECT_EQ(woken, 1);
  room.serve();
  EXPECT_TRUE(c.reservation);
  EXPECT_FALSE(b.reservation);
}

TEST_F(MessageRoomTest, tenants_share_one_limit) {
  MessageRoom other(shared, 100, [] {});
  a.reservation = room.reserve(100, a);
  EXPECT_FALSE(other.reserve(60, b));
  a.reservation.release();
  EXPECT_EQ(woken, 0) << "the other room is served when its turn comes";
  other.serve();
  EXPECT_EQ(b.reservation.bytes(), 60u);
  EXPECT_EQ(shared.used(), 60u);
  b.reservation.release();
}

TEST_F(MessageRoomTest, assigning_gives_back_what_was_held) {
  a.reservation = room.reserve(60, a);
  a.reservation = room.reserve(40, a);
  EXPECT_EQ(room.used(), 40u);
  Reservation moved = std::move(a.reservation);
  EXPECT_EQ(room.used(), 40u);
  EXPECT_FALSE(a.reservation);
}

TEST_F(MessageRoomTest, a_limit_set_lower_meanwhile_keeps_nobody_waiting_for_ever) {
  a.reservation = room.reserve(60, a);
  EXPECT_FALSE(room.reserve(90, b));
  room.set_limit(50);
  shared.set_limit(50);
  room.serve();
  EXPECT_FALSE(b.reservation) << "more is held than the limit";
  a.reservation.release();
  room.serve();
  EXPECT_TRUE(b.reservation) << "alone it may";
}

}  // namespace
}  // namespace bulkhead::session
