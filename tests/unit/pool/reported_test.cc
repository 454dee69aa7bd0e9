#include "pool/reported.h"

#include <gtest/gtest.h>

namespace bulkhead::pool {
namespace {

std::string text_of(const Reported& reported) {
  std::string text;
  reported.each([&](std::string_view name, std::string_view value) { text += std::string(name) + "=" + std::string(value) + ";"; });
  return text;
}

TEST(Reported, the_last_value_of_each_counts) {
  Reported reported;
  EXPECT_TRUE(reported.empty());
  EXPECT_EQ(reported.find("TimeZone"), std::nullopt);
  reported.note("TimeZone", "UTC");
  reported.note("application_name", "");
  reported.note("DateStyle", "ISO, MDY");
  reported.note("TimeZone", "Asia/Tokyo");
  EXPECT_EQ(text_of(reported), "DateStyle=ISO, MDY;TimeZone=Asia/Tokyo;application_name=;");
  EXPECT_EQ(reported.find("timezone"), "Asia/Tokyo");
  EXPECT_EQ(reported.find("application_name"), "");
  EXPECT_EQ(reported.find("time"), std::nullopt);
}

TEST(Reported, the_same_said_in_another_order_is_the_same) {
  Reported one, other;
  one.note("a", "1");
  one.note("b", "2");
  other.note("b", "3");
  other.note("a", "1");
  EXPECT_FALSE(one == other);
  other.note("b", "2");
  EXPECT_TRUE(one == other);
  EXPECT_FALSE(one == Reported());
}

TEST(Reported, a_copy_keeps_what_it_was_told) {
  Reported one;
  one.note("a", "1");
  Reported copy = one;
  one.note("a", "2");
  EXPECT_EQ(copy.find("a"), "1");
  EXPECT_EQ(one.find("a"), "2");
}

}  // namespace
}  // namespace bulkhead::pool
