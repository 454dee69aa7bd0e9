// RESET for a client whose startup message has set the parameter: what is sent, and what the session is told of it.

#include <gtest/gtest.h>

#include "rewrite/explain.h"
#include "unit/rewrite/golden_world.h"

namespace bulkhead::rewrite {
namespace {

const StartupValues kStartup{{"application_name", "it's me"}, {"work_mem", "5MB"}};

Rewritten judged(std::string_view sql, Protocol protocol) {
  const Subject subject{*golden_world().policy, *golden_world().catalogue, *golden_world().policy->tenants.at("acme"), nullptr};
  return std::get<Rewritten>(Rewriter().judge(sql, subject, protocol));
}

struct Case {
  const char* sql;
  const char* sent;  ///< null: as it was judged
  const char* effects;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.sql; }

class ResetTexts : public ::testing::TestWithParam<Case> {};

TEST_P(ResetTexts, come_back_to_the_startup_message) {
  const auto [sql, sent, effects] = GetParam();
  const auto before = judged(sql, Protocol::simple);
  const auto after = Rewriter().resetting(before, Protocol::simple, kStartup);
  ASSERT_EQ(after.has_value(), sent != nullptr);
  if (!after) return;
  EXPECT_EQ(after->sql.text(), sent);
  EXPECT_EQ(explain(*after), "rewritten\nsql: " + std::string(sent) + "\n" + effects);
}

constexpr const char* kAll = "VariableSetStmt resets all\nVariableSetStmt sets application_name=it's me hidden\nVariableSetStmt sets work_mem=5MB hidden\n";

INSTANTIATE_TEST_SUITE_P(
    Texts, ResetTexts,
    ::testing::Values(
        Case{"RESET work_mem", "SET \"work_mem\" TO '5MB'", "VariableSetStmt sets work_mem=5MB completes with RESET\n"},
        Case{"reset WORK_MEM;", "SET \"work_mem\" TO '5MB';", "VariableSetStmt sets work_mem=5MB completes with RESET\n"},
        Case{"RESET \"work_mem\"", "SET \"work_mem\" TO '5MB'", "VariableSetStmt sets work_mem=5MB completes with RESET\n"},
        Case{"SET work_mem TO DEFAULT", "SET \"work_mem\" TO '5MB'", "VariableSetStmt sets work_mem=5MB\n"},
        Case{"SET SESSION work_mem = DEFAULT", "SET \"work_mem\" TO '5MB'", "VariableSetStmt sets work_mem=5MB\n"},
        Case{"SET LOCAL work_mem TO DEFAULT", "SET LOCAL \"work_mem\" TO '5MB'", "VariableSetStmt\n"},
        Case{"/* a */ RESET/* b */application_name -- c", "/* a */ SET \"application_name\" TO 'it''s me' -- c",
             "VariableSetStmt sets application_name=it's me completes with RESET\n"},
        Case{"RESET ALL", "RESET ALL; SET \"application_name\" TO 'it''s me'; SET \"work_mem\" TO '5MB'", kAll},
        Case{"RESET ALL -- c", "RESET ALL; SET \"application_name\" TO 'it''s me'; SET \"work_mem\" TO '5MB' -- c", kAll},
        Case{"RESET work_mem;RESET geqo;SET LOCAL work_mem TO DEFAULT;", "SET \"work_mem\" TO '5MB';RESET geqo;SET LOCAL \"work_mem\" TO '5MB';",
             "VariableSetStmt sets work_mem=5MB completes with RESET\nVariableSetStmt resets geqo\nVariableSetStmt\n"},
        Case{"RESET geqo", nullptr, ""}, Case{"SET LOCAL geqo TO DEFAULT", nullptr, ""}, Case{"SET work_mem TO '6MB'", nullptr, ""},
        Case{"SELECT 1", nullptr, ""}, Case{"DISCARD ALL", nullptr, ""}, Case{"", nullptr, ""}));

TEST(Resets, places_in_a_text_that_was_edited_before_are_the_client_s) {
  const std::string sql = "SELECT 'é' FROM orders; RESET work_mem; SELECT id FROM orders; RESET ALL; SELECT name FROM customers";
  const auto before = judged(sql, Protocol::simple);
  ASSERT_FALSE(before.edits.empty());
  const auto after = Rewriter().resetting(before, Protocol::simple, kStartup);
  ASSERT_TRUE(after);
  std::string spliced;
  std::size_t at = 0;
  for (const Edit& edit : after->edits) {
    ASSERT_GE(edit.offset, at);
    spliced += sql.substr(at, edit.offset - at) + edit.text;
    at = edit.offset + edit.length;
  }
  EXPECT_EQ(spliced + sql.substr(at), after->sql.text());
  const PositionMap map(sql, after->edits);
  const auto place = after->sql.text().find("name FROM");
  EXPECT_EQ(map.to_client(static_cast<int>(place)), static_cast<int>(sql.find("name FROM")));  // the é is two bytes in both
}

TEST(Resets, a_statement_that_becomes_several_is_no_hindrance) {
  const auto before = judged("COPY skills FROM STDIN; RESET work_mem", Protocol::simple);
  ASSERT_EQ(before.statements.size(), 5u);
  const auto after = Rewriter().resetting(before, Protocol::simple, kStartup);
  ASSERT_TRUE(after);
  EXPECT_TRUE(after->sql.text().ends_with("; SET \"work_mem\" TO '5MB'")) << after->sql.text();
}

TEST(Resets, all_of_a_batch_stays_as_it_is) {
  EXPECT_FALSE(Rewriter().resetting(judged("RESET ALL", Protocol::extended), Protocol::extended, kStartup));
  EXPECT_TRUE(Rewriter().resetting(judged("RESET work_mem", Protocol::extended), Protocol::extended, kStartup));
}

TEST(Resets, nobody_has_a_short_text_become_a_long_one) {
  const StartupValues startup{{"application_name", std::string(4000, '\'')}};
  std::string sql;
  for (int i = 0; i < 8; ++i) sql += "RESET application_name;";
  EXPECT_TRUE(Rewriter().resetting(judged(sql, Protocol::simple), Protocol::simple, startup));
  EXPECT_FALSE(Rewriter().resetting(judged(sql + "RESET ALL", Protocol::simple), Protocol::simple, startup));
}

TEST(Resets, a_value_that_is_no_text_is_not_sent) {
  const auto before = judged("RESET application_name", Protocol::simple);
  EXPECT_FALSE(Rewriter().resetting(before, Protocol::simple, {{"application_name", "\xff"}}));
  EXPECT_FALSE(Rewriter().resetting(before, Protocol::simple, {{"application_name", std::string("a\0b", 3)}}));
}

}  // namespace
}  // namespace bulkhead::rewrite
