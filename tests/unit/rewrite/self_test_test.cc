#include "rewrite/self_test.h"

#include <gtest/gtest.h>

#include "rewrite/rewriter.h"

namespace bulkhead::rewrite {
namespace {

TEST(SelfTest, TheLibraryIsTheOneTheHeadersDescribe) {
  const auto result = self_test();
  EXPECT_TRUE(result) << result.error().message << " " << result.error().detail;
}

// What a wrong layout would look like: a field that reads as another value than the library wrote.
TEST(SelfTest, DifferencesAreSeen) {
  const std::pair<const char*, const char*> pairs[] = {
      {"SELECT 1", "SELECT 2"},
      {"SELECT 1", "SELECT 1 LIMIT 1"},
      {"SELECT a", "SELECT b"},
      {"SELECT a FROM t", "SELECT a FROM ONLY t"},
      {"SELECT a FROM t", "SELECT a FROM t x"},
      {"SELECT 1 UNION SELECT 2", "SELECT 1 EXCEPT SELECT 2"},
      {"SELECT 1 FETCH FIRST 1 ROW ONLY", "SELECT 1 FETCH FIRST 1 ROW WITH TIES"},
      {"SELECT a", "SELECT  a"},  // locations
      {"SELECT 1", "SELECT 1; SELECT 2"},
      {"SELECT NULL", "SELECT ''"},
      {"FETCH 1 FROM c", "FETCH 2 FROM c"},
  };
  for (const auto& [one, other] : pairs) EXPECT_FALSE(compare_paths(one, other)) << one << " | " << other;
}

}  // namespace
}  // namespace bulkhead::rewrite
