// What becomes of texts that are made to be slow to judge. What they cost is measured (bench_hostile, docs/benchmarks.md).

#include <gtest/gtest.h>

#include "policy/load.h"
#include "rewrite/rewriter.h"
#include "support/golden.h"
#include "support/hostile_texts.h"

namespace bulkhead::rewrite {
namespace {

class HostileTest : public ::testing::TestWithParam<testing::HostileText> {
 protected:
  /// The message it is refused with; empty: it may run.
  static std::string outcome(const std::string& sql, Protocol protocol, std::size_t statement_size = 1u << 20) {
    static const std::string golden = std::string(BULKHEAD_SOURCE_DIR) + "/tests/golden/";
    static const auto loaded = policy::load(testing::read_file(golden + "policy.yaml"), "policy.yaml", ".").policy;
    static const auto catalogue = policy::load_catalogue(testing::read_file(golden + "catalogue.yaml")).value();
    policy::Tenant tenant = *loaded->tenants.at("acme");
    tenant.limits.statement_size = statement_size;
    const auto verdict = Rewriter().judge(sql, Subject{*loaded, *catalogue, tenant, nullptr}, protocol);
    const auto* rejected = std::get_if<Rejected>(&verdict);
    return rejected ? rejected->error.message : std::string();
  }
};

TEST_P(HostileTest, HasItsOutcome) {
  const auto message = outcome(GetParam().make(48'000), GetParam().extended ? Protocol::extended : Protocol::simple);
  if (*GetParam().outcome)
    EXPECT_TRUE(message.starts_with(GetParam().outcome)) << message;
  else
    EXPECT_EQ(message, "");
}

INSTANTIATE_TEST_SUITE_P(Texts, HostileTest, ::testing::ValuesIn(testing::hostile_texts()), [](const auto& test) {
  std::string name;
  for (const char c : std::string_view(test.param.name)) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

// Stamping makes six tokens more of each row: that is not the client's, and not held against it.
TEST_F(HostileTest, RowsAreAsManyAsTheTextMayHold) {
  EXPECT_EQ(outcome(testing::repeated("INSERT INTO orders (note) VALUES ", "(1)", ",", "", 1'000'000), Protocol::simple), "");
}

TEST_F(HostileTest, TheLimitOfSizeIsTheOnlyOneOnRows) {
  const auto rows = testing::repeated("INSERT INTO orders (note) VALUES ", "('a row of some length',NULL)", ",", "", 3'000'000);
  EXPECT_EQ(outcome(rows, Protocol::simple), "statement of " + std::to_string(rows.size()) +
                                                 " bytes is longer than the limit of 1048576");
}

TEST_F(HostileTest, MembersOfFromAreLimited) {
  EXPECT_EQ(outcome(testing::repeated("SELECT 1 FROM ", "orders a#", ",", "", 100'000), Protocol::simple),
            "more than 5000 members of FROM in one text");
}

}  // namespace
}  // namespace bulkhead::rewrite
