#include "pool/server_statements.h"

#include <gtest/gtest.h>

namespace bulkhead::pool {
namespace {

bool none(std::uint64_t) { return false; }

TEST(ServerStatements, are_usable_in_their_batch_and_once_answered) {
  ServerStatements s;
  s.sent(7, 1);
  EXPECT_TRUE(s.usable(7, 1));
  EXPECT_FALSE(s.usable(7, 2)) << "its batch may fail yet";
  EXPECT_TRUE(s.contains(7));
  s.arrived(7);
  EXPECT_TRUE(s.usable(7, 2));
  s.doubt(7);
  EXPECT_FALSE(s.usable(7, 2));
  EXPECT_TRUE(s.contains(7)) << "to be closed first";
  s.sent(7, 3);
  s.doubt_sent(7, 2);
  EXPECT_TRUE(s.usable(7, 3)) << "what an earlier batch loses is not this one's";
}

TEST(ServerStatements, go_by_the_time_of_their_use) {
  ServerStatements s;
  for (std::uint64_t id = 1; id <= 3; ++id) s.sent(id, 1), s.arrived(id);
  s.used(1);
  EXPECT_EQ(s.evict(4, none), std::nullopt);
  EXPECT_EQ(s.evict(3, none), 2u);
  EXPECT_EQ(s.evict(3, none), std::nullopt) << "one that is being closed counts no more";
  EXPECT_EQ(s.evict(1, none), 3u);
  s.closed(2);
  s.doubt_closing(3);
  EXPECT_EQ(s.size(), 2u);
  EXPECT_EQ(s.evict(1, none), 1u) << "of unknown fate is 3, and was touched last";
  s.closed(1);
  EXPECT_EQ(s.evict(1, none), 3u);
  s.closed(3);
  s.closed(3);
  EXPECT_EQ(s.size(), 0u);
}

TEST(ServerStatements, stay_while_they_are_kept) {
  ServerStatements s;
  for (std::uint64_t id = 1; id <= 3; ++id) s.sent(id, 1), s.arrived(id);
  EXPECT_EQ(s.evict(3, [](std::uint64_t id) { return id == 1; }), 2u);
  EXPECT_EQ(s.evict(1, [](std::uint64_t) { return true; }), std::nullopt);
}

TEST(ServerStatements, crowd_while_none_can_go) {
  ServerStatements s;
  for (std::uint64_t id = 1; id <= 3; ++id) s.sent(id, 1);
  EXPECT_TRUE(s.crowded(3));
  EXPECT_FALSE(s.crowded(4));
  EXPECT_EQ(s.evict(2, none), std::nullopt);
  s.arrived(2);
  EXPECT_FALSE(s.crowded(3));
  EXPECT_EQ(s.evict(3, none), 2u);
  EXPECT_FALSE(s.crowded(3)) << "there is room when that has gone";
  s.clear();
  EXPECT_EQ(s.size(), 0u);
  EXPECT_FALSE(s.crowded(1));
}

}  // namespace
}  // namespace bulkhead::pool
