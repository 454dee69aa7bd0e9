#include "proto/startup.h"
#include "unit/proto/support.h"

namespace bulkhead::proto {
namespace {

struct Accepted {
  std::string_view options;
  Parameters settings;
};

TEST(SplitOptions, ReadsSettingsAsPostgresDoes) {
  const Accepted table[] = {
      {"", {}},
      {" \t\n ", {}},
      {"-c a=b", {{"a", "b"}}},
      {"-ca=b", {{"a", "b"}}},
      {"--a=b", {{"a", "b"}}},
      {"  -c  a=b \t--c=d\n", {{"a", "b"}, {"c", "d"}}},
      {"-c a=", {{"a", ""}}},
      {"-c a=b=c", {{"a", "b=c"}}},
      {R"(-c a=x\ y)", {{"a", "x y"}}},
      {R"(-c a=x\\y)", {{"a", R"(x\y)"}}},
      {R"(-c\ a=b)", {{" a", "b"}}},
      {R"(-c a=b\)", {{"a", "b"}}},
      {"--search-path=x-y", {{"search_path", "x-y"}}},
      {"-c geqo=on -c geqo=off", {{"geqo", "on"}, {"geqo", "off"}}},
      {"-c a=b+c", {{"a", "b+c"}}},
      {"-c app.org_id=42", {{"app.org_id", "42"}}},
  };
  for (const auto& [options, settings] : table) {
    const auto split = split_options(options);
    ASSERT_TRUE(split) << options << ": " << split.error().message;
    EXPECT_EQ(*split, settings) << options;
  }
}

TEST(SplitOptions, RefusesEveryOtherSwitch) {
  for (const std::string_view options :
       {"-e", "-d 5",   "-d5",       "a=b",        "-c",     "-c a", "-c =b", "--", "--a",   "--=b",
        "-",  "-C a=b", "-c a=b -e", "\\-c a=b x", "-- a=b", "\\",   "-f s",  "-P", "-S 64", "-B100"}) {
    const auto split = split_options(options);
    ASSERT_FALSE(split) << options;
    EXPECT_EQ(split.error().state, sqlstate::invalid_parameter_value);
  }
}

}  // namespace
}  // namespace bulkhead::proto
