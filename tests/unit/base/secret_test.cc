#include "base/secret.h"

#include <gtest/gtest.h>

#include <ostream>
#include <type_traits>

namespace bulkhead {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

TEST(Secret, cannot_slip_into_a_text) {
  EXPECT_FALSE(Printable<Secret>);
  EXPECT_FALSE((std::is_convertible_v<Secret, std::string>));
  EXPECT_FALSE((std::is_convertible_v<Secret, std::string_view>));
  EXPECT_FALSE((std::is_convertible_v<std::string, Secret>));
}

TEST(Secret, is_gone_where_it_was_moved_from) {
  Secret from("p4ss");
  const Secret to = std::move(from);
  EXPECT_EQ(to.reveal(), "p4ss");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is the point
  from = to;
  EXPECT_EQ(from, to);
}

TEST(Secret, compares_all_of_it) {
  EXPECT_EQ(Secret("abc"), Secret("abc"));
  EXPECT_NE(Secret("abc"), Secret("abd"));
  EXPECT_NE(Secret("abc"), Secret("ab"));
  EXPECT_EQ(Secret(), Secret(""));
}

}  // namespace
}  // namespace bulkhead
