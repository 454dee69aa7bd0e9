#include "pool/recycler.h"

#include <gtest/gtest.h>

namespace bulkhead::pool {
namespace {

bool hurries(std::string value) { return hurried({{"statement_timeout", std::move(value)}}); }

TEST(Hurried, is_a_connection_whose_statements_have_less_than_a_tenth_of_a_second) {
  for (const char* value : {"1", "99", "99ms", "50 ms", "0.05s", "0.001min", "99999us", "1e1"}) EXPECT_TRUE(hurries(value)) << value;
  for (const char* value : {"0", "0ms", "100", "100ms", "0.5 s", "5s", "1min", "2h", "1d", "1e3"}) EXPECT_FALSE(hurries(value)) << value;
}

TEST(Hurried, is_what_cannot_be_read) {
  for (const char* value : {"", "0x10", "soon", "-1s", "1 fortnight"}) EXPECT_TRUE(hurries(value)) << value;
}

TEST(Hurried, looks_at_limits_that_our_own_statements_are_under) {
  EXPECT_FALSE(hurried({}));
  EXPECT_FALSE(hurried({{"lock_timeout", "1ms"}}));
  EXPECT_TRUE(hurried({{"transaction_timeout", "1ms"}}));
}

}  // namespace
}  // namespace bulkhead::pool
