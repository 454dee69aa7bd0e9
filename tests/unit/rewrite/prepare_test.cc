// What is read of EXECUTE's arguments.

#include <gtest/gtest.h>

#include "unit/rewrite/golden_world.h"

namespace bulkhead::rewrite {
namespace {

TEST(Prepare, a_number_is_read_only_where_a_text_column_would_hold_it_as_it_is_spelt) {
  const Subject subject{*golden_world().policy, *golden_world().catalogue, *golden_world().policy->tenants.at("exponent"), nullptr};
  auto verdict = Rewriter().judge("EXECUTE p (1e3, 12345678901, 0012345678901, 7, '1e3', 1e3::text)", subject, Protocol::simple);
  ASSERT_TRUE(std::holds_alternative<Rewritten>(verdict));
  const auto& execute = std::get<Rewritten>(verdict).statements.at(0).execute;
  ASSERT_TRUE(execute);
  const std::vector<Argument> expected{{{}, ""}, {"12345678901", ""}, {{}, ""}, {"7", ""}, {"1e3", ""}, {{}, "text"}};
  EXPECT_EQ(execute->arguments, expected);
}

}  // namespace
}  // namespace bulkhead::rewrite
