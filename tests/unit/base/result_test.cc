#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

namespace bulkhead {
namespace {

Result<int> positive(int n) {
  if (n > 0) return n;
  return make_error(sqlstate::invalid_parameter_value, "not positive", "try 1");
}
Result<int> sum(int a, int b) {
  BULKHEAD_TRY(const int x, positive(a));
  BULKHEAD_TRY(const int y, positive(b));
  return x + y;
}
Result<std::unique_ptr<int>> boxed(int n) {
  BULKHEAD_TRY(auto box, Result<std::unique_ptr<int>>(std::make_unique<int>(n)));
  BULKHEAD_CHECK(positive(*box));
  return box;
}

TEST(Result, the_first_error_is_the_answer_as_it_is) {
  EXPECT_EQ(sum(1, 2).value(), 3);
  EXPECT_EQ(sum(1, 0).error(), make_error(sqlstate::invalid_parameter_value, "not positive", "try 1"));
  EXPECT_EQ(sum(-1, 2).error().hint, "try 1");
}

TEST(Result, values_are_moved) {
  EXPECT_EQ(*boxed(5).value(), 5);
  EXPECT_FALSE(boxed(0));
}

TEST(Result, using_an_error_as_a_value_is_a_fault_of_ours) { EXPECT_THROW(positive(0).value(), std::logic_error); }

TEST(SqlState, is_five_characters) {
  EXPECT_EQ(sqlstate::out_of_memory.text(), "53200");
  EXPECT_NE(sqlstate::out_of_memory, sqlstate::too_many_connections);
}

}  // namespace
}  // namespace bulkhead
