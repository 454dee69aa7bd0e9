// Every case of tests/golden/rewrite/*.test: the verdict on a text, word for word.

#include <gtest/gtest.h>

#include "policy/load.h"
#include "rewrite/explain.h"
#include "rewrite/rewriter.h"
#include "support/golden.h"

namespace bulkhead::rewrite {
namespace {

const std::string kDirectory = std::string(BULKHEAD_SOURCE_DIR) + "/tests/golden";

struct World {
  std::shared_ptr<const policy::Policy> policy;
  std::shared_ptr<const policy::Catalogue> catalogue;
};

const World& world() {
  static const World world = [] {
    const auto loaded = policy::load_file(kDirectory + "/policy.yaml");
    if (!loaded.policy) throw std::runtime_error(policy::describe("policy.yaml", loaded.findings));
    auto catalogue = policy::load_catalogue(testing::read_file(kDirectory + "/catalogue.yaml"));
    if (!catalogue) throw std::runtime_error(catalogue.error().message + " " + catalogue.error().detail);
    return World{loaded.policy, *catalogue};
  }();
  return world;
}

Verdict judge(const testing::GoldenCase& test) {
  const auto setting = [&test](const char* key, const char* otherwise) {
    const auto at = test.settings.find(key);
    return at == test.settings.end() ? std::string(otherwise) : at->second;
  };
  const auto& policy = *world().policy;
  const auto role = setting("role", "");
  const Subject subject{policy, *world().catalogue, *policy.tenants.at(setting("tenant", "acme")),
                        role.empty() ? nullptr : &policy.roles.at(role)};
  return Rewriter().judge(test.input, subject,
                          setting("protocol", "simple") == "extended" ? Protocol::extended : Protocol::simple);
}

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

INSTANTIATE_TEST_SUITE_P(Rewrite, Golden, ::testing::ValuesIn(testing::golden_files(kDirectory + "/rewrite")),
                         [](const auto& test_info) { return std::filesystem::path(test_info.param).stem().string(); });

}  // namespace
}  // namespace bulkhead::rewrite
