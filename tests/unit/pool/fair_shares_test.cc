#include "pool/fair_shares.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace bulkhead::pool {
namespace {

constexpr TimePoint kStart{};
TimePoint at(int milliseconds) { return kStart + Duration(milliseconds); }

TEST(FairShares, without_a_limit_everybody_gets_everything) {
  FairShares shares;
  const auto a = shares.join(1);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(shares.take(a, kStart));
  EXPECT_EQ(shares.held(), 1000u);
  EXPECT_FALSE(shares.yields(*a, kStart));
}

TEST(FairShares, the_next_place_is_for_who_has_fewest) {
  FairShares shares;
  shares.set_places(4);
  const auto a = shares.join(1), b = shares.join(1), c = shares.join(1);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(shares.take(a, kStart));
  EXPECT_TRUE(shares.take(b, kStart));
  EXPECT_FALSE(shares.take(b, at(1)));
  EXPECT_FALSE(shares.take(c, at(2)));
  EXPECT_EQ(shares.grant(), shares.end()) << "there is none";
  shares.give(a, 1);
  EXPECT_EQ(shares.grant(), c) << "it has none, though it came later";
  EXPECT_TRUE(shares.yields(*a, at(3)) == false) << "two and two is fair";
  shares.give(a, 1);
  EXPECT_EQ(shares.grant(), b);
  EXPECT_EQ(shares.waiting(), 0u);
}

TEST(FairShares, nobody_passes_those_who_wait) {
  FairShares shares;
  shares.set_places(2);
  const auto a = shares.join(1), b = shares.join(1), c = shares.join(1);
  EXPECT_TRUE(shares.take(a, kStart) && shares.take(a, kStart));
  EXPECT_FALSE(shares.take(b, kStart));
  shares.give(a, 1);
  EXPECT_FALSE(shares.take(c, at(1))) << "it is for b";
  EXPECT_EQ(shares.grant(), b);
  EXPECT_FALSE(shares.take(b, at(2), false)) << "only a question";
  EXPECT_EQ(shares.waiting(), 1u);
}

TEST(FairShares, who_has_more_than_its_part_yields) {
  FairShares shares;
  shares.set_places(6);
  const auto a = shares.join(1), b = shares.join(2);
  for (int i = 0; i < 6; ++i) shares.take(a, kStart);
  shares.take(b, kStart);
  int given = 0;
  while (shares.yields(*a, at(given))) {
    shares.give(a, 1);
    ASSERT_EQ(shares.grant(), b);
    shares.take(b, at(++given));
  }
  EXPECT_EQ(a->held(), 2u) << "a third";
  EXPECT_EQ(b->held(), 4u);
  EXPECT_FALSE(shares.yields(*b, at(1000))) << "it waits itself";
}

TEST(FairShares, the_last_place_goes_round_after_a_while) {
  FairShares shares;
  shares.set_places(1);
  const auto a = shares.join(1), b = shares.join(1);
  shares.take(a, kStart);
  shares.take(b, kStart);
  EXPECT_FALSE(shares.yields(*a, at(99)));
  EXPECT_TRUE(shares.yields(*a, at(100)));
}

TEST(FairShares, who_leaves_takes_nothing_along) {
  FairShares shares;
  shares.set_places(2);
  const auto a = shares.join(1), b = shares.join(1);
  shares.take(a, kStart), shares.take(a, kStart), shares.take(b, kStart);
  shares.leave(b);
  EXPECT_EQ(shares.waiting(), 0u);
  shares.leave(a);
  EXPECT_EQ(shares.held(), 0u);
}

/// Whatever happens: never more than there are, whoever waits gets one in the end, and places are not kept from those who want them.
TEST(FairShares, random_walks) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    FairShares shares;
    const std::size_t places = 1 + random() % 8;
    shares.set_places(places);
    std::vector<FairShares::Place> members;
    for (unsigned i = 0; i < 1 + random() % 6; ++i) members.push_back(shares.join(static_cast<int>(1 + random() % 3)));
    for (int step = 0; step < 300; ++step) {
      const auto member = members[random() % members.size()];
      switch (random() % 4) {
        case 0: shares.take(member, at(step)); break;
        case 1: shares.take(member, at(step), false); break;
        case 2: if (member->held() > 0) shares.give(member, 1); break;
        case 3: shares.withdraw(member); break;
      }
      while (shares.grant() != shares.end()) continue;
      std::size_t held = 0, waiting = 0;
      for (const auto& m : members) held += m->held(), waiting += m->waits();
      ASSERT_EQ(held, shares.held());
      ASSERT_EQ(waiting, shares.waiting());
      ASSERT_LE(held, places);
      ASSERT_TRUE(waiting == 0 || held == places) << "somebody waits for what is there";
    }
    // Everybody wants and gives up what it should: in a while each has had one.
    std::vector<bool> had(members.size());
    for (int step = 1000; step < 60'000; step += 50) {
      for (std::size_t i = 0; i < members.size(); ++i) {
        had[i] = had[i] || members[i]->held() > 0;
        if (!members[i]->waits()) shares.take(members[i], at(step));
        if (members[i]->held() > 0 && shares.yields(*members[i], at(step))) shares.give(members[i], 1);
        while (shares.grant() != shares.end()) continue;
      }
    }
    for (std::size_t i = 0; i < had.size(); ++i) EXPECT_TRUE(had[i]) << "nobody starves";
  }
}

}  // namespace
}  // namespace bulkhead::pool
