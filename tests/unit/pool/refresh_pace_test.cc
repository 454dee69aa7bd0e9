#include "pool/refresh_pace.h"

#include <gtest/gtest.h>

namespace bulkhead::pool {
namespace {

TEST(RefreshPace, slows_down_while_what_is_asked_for_does_not_exist) {
  RefreshPace pace;
  EXPECT_EQ(pace.apart(), RefreshPace::kShortest);
  pace.ended(true, false);
  EXPECT_EQ(pace.apart(), RefreshPace::kShortest * 2);
  for (int i = 0; i < 100; ++i) pace.ended(true, false);
  EXPECT_EQ(pace.apart(), RefreshPace::kLongest);
}

TEST(RefreshPace, is_fast_again_after_news_or_a_while_without_questions) {
  RefreshPace pace;
  for (int i = 0; i < 100; ++i) pace.ended(true, false);
  pace.ended(true, true);
  EXPECT_EQ(pace.apart(), RefreshPace::kShortest);
  for (int i = 0; i < 100; ++i) pace.ended(true, false);
  pace.ended(false, false);
  EXPECT_EQ(pace.apart(), RefreshPace::kShortest);
}

}  // namespace
}  // namespace bulkhead::pool
