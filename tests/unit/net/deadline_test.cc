#include "net/deadline.h"

#include <gtest/gtest.h>

#include <optional>

namespace bulkhead::net {
namespace {

/// A loop that runs on the test's own thread, until there is nothing left but its work guard.
class DeadlineTest : public testing::Test {
 protected:
  Loop loop{0};
  int expired = 0;
};

TEST_F(DeadlineTest, expires_once) {
  const Deadline deadline(loop, Duration(1), [this] {
    ++expired;
    loop.context().stop();
  });
  loop.context().run();
  loop.context().restart();
  loop.context().poll();
  EXPECT_EQ(expired, 1);
}

TEST_F(DeadlineTest, zero_is_never) {
  const Deadline deadline(loop, Duration(0), [this] { ++expired; });
  EXPECT_EQ(loop.context().poll(), 0u) << "there is nothing to wait for";
}

TEST_F(DeadlineTest, who_disarms_it_or_lets_it_go_hears_no_more) {
  std::optional<Deadline> first(std::in_place, loop, Duration(1), [this] { ++expired; });
  Deadline second(loop, Duration(1), [this] { ++expired; });
  const Deadline last(loop, Duration(20), [this] { loop.context().stop(); });
  first.reset();
  second.disarm();
  loop.context().run();
  EXPECT_EQ(expired, 0);
}

}  // namespace
}  // namespace bulkhead::net
