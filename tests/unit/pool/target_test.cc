#include "pool/target.h"

#include <gtest/gtest.h>

namespace bulkhead::pool {
namespace {

using policy::Target;

struct Case {
  const char* standby;    ///< null: not said
  const char* read_only;
  Fit any, primary, standby_, prefer_standby, read_write, read_only_;
};

constexpr Fit y = Fit::yes, i = Fit::if_need_be, n = Fit::no;

class Targets : public testing::TestWithParam<Case> {};

TEST_P(Targets, mean_what_libpq_means_by_them) {
  const Case& c = GetParam();
  Reported said;
  if (c.standby) said.note("in_hot_standby", c.standby);
  if (c.read_only) said.note("default_transaction_read_only", c.read_only);
  EXPECT_EQ(fit(Target::any, said), c.any);
  EXPECT_EQ(fit(Target::primary, said), c.primary);
  EXPECT_EQ(fit(Target::standby, said), c.standby_);
  EXPECT_EQ(fit(Target::prefer_standby, said), c.prefer_standby);
  EXPECT_EQ(fit(Target::read_write, said), c.read_write);
  EXPECT_EQ(fit(Target::read_only, said), c.read_only_);
}

INSTANTIATE_TEST_SUITE_P(By, Targets,
                         testing::Values(Case{"off", "off", y, y, n, i, y, n}, Case{"off", "on", y, y, n, i, n, y},
                                         Case{"on", "off", y, n, y, y, n, y}, Case{"on", "on", y, n, y, y, n, y},
                                         Case{nullptr, nullptr, y, y, n, i, n, n}, Case{"off", nullptr, y, y, n, i, n, n},
                                         Case{nullptr, "off", y, y, n, i, n, n}));

}  // namespace
}  // namespace bulkhead::pool
