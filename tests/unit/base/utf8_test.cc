#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace bulkhead {
namespace {

using namespace std::string_view_literals;
constexpr auto kValid = std::string_view::npos;

TEST(Utf8, the_edges_of_each_length_are_valid) {
  for (const auto text : {""sv, "\0\x7f"sv, "\xc2\x80\xdf\xbf"sv, "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"sv,
                          "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"sv})
    EXPECT_EQ(find_invalid_utf8(text), kValid) << text;
}

TEST(Utf8, what_is_beyond_them_is_found_where_it_starts) {
  for (const auto bad : {"\x80"sv, "\xbf"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xed\xa0\x80"sv, "\xed\xbf\xbf"sv,
                         "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xff"sv, "\xc2"sv, "\xe1\x80"sv,
                         "\xf1\x80\x80"sv, "\xc2x"sv, "\xe1\x80x"sv}) {
    EXPECT_EQ(find_invalid_utf8(std::string("ab\xc3\xa4") + std::string(bad)), 4u) << testing::PrintToString(bad);
    EXPECT_EQ(find_invalid_utf8(std::string(bad) + "ab"), 0u) << testing::PrintToString(bad);
  }
}

}  // namespace
}  // namespace bulkhead
