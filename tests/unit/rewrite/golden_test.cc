// Every case of tests/golden/rewrite/*.test: the verdict on a text, word for word.

#include <gtest/gtest.h>

#include "rewrite/explain.h"
#include "unit/rewrite/golden_world.h"

namespace bulkhead::rewrite {
namespace {

Verdict judge(const testing::GoldenCase& test) { return Rewriter().judge(test.input, subject_of(test), protocol_of(test)); }

class Golden : public ::testing::TestWithParam<std::string> {};

TEST_P(Golden, Verdicts) {
  auto file = testing::read_golden(GetParam());
  ASSERT_FALSE(file.cases.empty());
  for (auto& test : file.cases) {
    const std::string actual = explain(judge(test));
    if (testing::update_golden())
      test.expected = actual;
    else
      EXPECT_EQ(test.expected, actual) << file.path << ":" << test.line << ": " << test.name << "\n" << test.input;
  }
  if (testing::update_golden()) testing::write_golden(file);
}

INSTANTIATE_TEST_SUITE_P(Rewrite, Golden, ::testing::ValuesIn(testing::golden_files(kGoldenDirectory + "/rewrite")),
                         [](const auto& test_info) { return std::filesystem::path(test_info.param).stem().string(); });

}  // namespace
}  // namespace bulkhead::rewrite
