#include "app/observed_text.h"

#include <gtest/gtest.h>

#include "app/observed_json.h"

namespace bulkhead::app {
namespace {

session::Observed::Seen some() {
  session::Observed::Seen seen;
  session::ObservedShape shape;
  shape.shape = "SELECT slugify(a) FROM t, c WHERE x = ?";
  shape.verdict = "refused";
  shape.reason = "function \"slugify\" is not allowed";
  shape.sqlstate = "42501";
  shape.hint = "functions: { allow: [public.slugify] } would allow it.";
  shape.count = 3;
  shape.tenants = {{"acme", 2}, {"globex", 1}};
  shape.users = {"app"};
  shape.default_role = true;
  shape.names.relations[{"public", "t"}] = {{"select", "update"}, "org_id", false, false, true};
  shape.names.relations[{"public", "c"}] = {{"select"}, "", false, false, false};
  shape.names.relations[{"public", "bare"}] = {{"select"}, "org_id", false, false, false};
  shape.names.relations[{"public", "seen"}] = {{"select"}, "org_id", true, false, false};
  shape.names.relations[{"public", "Log"}] = {{"insert"}, "", false, false, false};
  shape.names.functions = {{"public", "slugify"}};
  seen.shapes["a"] = shape;
  seen.other["acme"] = 7;
  return seen;
}

TEST(Observed, the_file_comes_back_as_it_was) {
  const auto back = observed_from_json(observed_as_json(some()));
  ASSERT_TRUE(back);
  EXPECT_EQ(observed_report(*back), observed_report(some()));
  EXPECT_EQ(observed_policy(*back), observed_policy(some()));
  EXPECT_FALSE(observed_from_json("{}"));
  EXPECT_FALSE(observed_from_json("{\"bulkhead_observed\": 1, \"other\": 3}"));
}

TEST(Observed, the_report_says_what_and_why) {
  EXPECT_EQ(observed_report(some()),
            "3 statements of 1 shapes\n\n"
            "3 x refused\n"
            "  SELECT slugify(a) FROM t, c WHERE x = ?\n"
            "  reason:  42501: function \"slugify\" is not allowed\n"
            "  hint:    functions: { allow: [public.slugify] } would allow it.\n"
            "  tenants: acme (2), globex (1); users: app\n\n"
            "7 x other, of acme: there was no place for more shapes\n");
}

TEST(Observed, the_policy_opens_nothing_unasked) {
  const std::string policy = observed_policy(some());
  EXPECT_NE(policy.find("\ntables:\n"), std::string::npos) << policy;
  EXPECT_NE(policy.find("\n  public.t: { access: tenant }"), std::string::npos) << policy;
  EXPECT_NE(policy.find("\n#?  public.c: { access: shared }"), std::string::npos) << policy;
  const std::string accepts = "{ access: tenant, without_row_security: accept }";
  EXPECT_NE(policy.find("\n#?  public.bare: " + accepts + "  # no row-level security"), std::string::npos) << policy;
  EXPECT_NE(policy.find("\n#?  public.seen: " + accepts + "  # a view"), std::string::npos) << policy;
  EXPECT_NE(policy.find("\n  # 'public.\"Log\"': no tenant column, and written"), std::string::npos) << policy;
  EXPECT_NE(policy.find("\n#?    - public.slugify"), std::string::npos) << policy;
  EXPECT_NE(policy.find("owner: { allow: [insert, select, update] }"), std::string::npos) << policy;
}

}  // namespace
}  // namespace bulkhead::app
