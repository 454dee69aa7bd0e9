#include "session/judge.h"

#include <gtest/gtest.h>

#include "unit/session/script.h"

namespace bulkhead::session::test {
namespace {

using rewrite::Protocol;

JudgementPtr judged(Script& s, std::string_view text, std::string_view types = {}, Protocol protocol = Protocol::simple) {
  auto outcome = s.judge.judge(text, types, protocol);
  return std::holds_alternative<JudgementPtr>(outcome) ? std::get<JudgementPtr>(outcome) : nullptr;
}

TEST(Judge, the_same_text_is_judged_once) {
  Script s;
  EXPECT_EQ(judged(s, "SELECT id FROM t"), judged(s, "SELECT id FROM t"));
}

TEST(Judge, text_types_and_protocol_each_make_another_judgement) {
  Script s;
  const auto one = judged(s, "SELECT id FROM t");
  for (const auto& other : {judged(s, "SELECT id FROM  t"), judged(s, "SELECT id FROM t", "x"),
                            judged(s, "SELECT id FROM t", {}, Protocol::extended)}) {
    ASSERT_TRUE(other);
    EXPECT_NE(one->id, other->id);
  }
}

TEST(Judge, a_text_is_another_one_under_other_formats) {
  Script s;
  const auto under = [&](std::string_view formats) {
    return std::get<JudgementPtr>(s.judge.judge("SELECT '01/02/2024'::date", {}, Protocol::extended, formats));
  };
  const auto one = under("datestyle=SQL");
  EXPECT_EQ(under("datestyle=SQL"), one);
  EXPECT_NE(under("datestyle=German")->id, one->id);
  EXPECT_EQ(std::get<JudgementPtr>(s.judge.renew(one, "datestyle=SQL")), one);
  EXPECT_EQ(std::get<JudgementPtr>(s.judge.renew(one, "datestyle=German")), under("datestyle=German"));
}

TEST(Judge, what_means_the_moment_of_its_parse_is_shared_by_nobody) {
  Script s;
  const auto judge = [&](std::string_view text) { return std::get<JudgementPtr>(s.judge.judge(text, {}, Protocol::extended)); };
  for (const char* text : {"SELECT 'now'::timestamptz", "SELECT date ' Today '", "SELECT $a$TOMORROW$a$::date", "SELECT E'n\\157w'::date",
                           "SELECT 'n'\n'ow'::date", "SELECT U&'!006eow' UESCAPE '!'::date", "SELECT '{n\\ow}'::date[]",
                           "SELECT '[n\"o\"w,]'::daterange"})
    EXPECT_NE(judge(text)->id, judge(text)->id) << text;
  for (const char* text : {"SELECT now(), 'x'", "SELECT 1 AS \"now\"", "SELECT 'no'", "SELECT $1::timestamptz"})
    EXPECT_EQ(judge(text), judge(text)) << text;
  const auto one = judge("SELECT 'now'::timestamptz");
  EXPECT_EQ(std::get<JudgementPtr>(s.judge.renew(one, {})), one);
}

TEST(Judge, literals_are_part_of_the_text) {
  // One fingerprint of the parser's for both: as a cache key it would hand one text's edits to the other.
  Script s;
  EXPECT_NE(judged(s, "SELECT id FROM t WHERE id = 1")->rewritten.sql.text(),
            judged(s, "SELECT id FROM t WHERE id = 2")->rewritten.sql.text());
}

TEST(Judge, a_text_served_by_its_shape_has_its_own_name_and_keeps_it) {
  Script s;
  const auto of = [&s](int id) { return judged(s, "SELECT id FROM t WHERE id = " + std::to_string(id), {}, Protocol::extended); };
  of(1), of(2);
  const auto three = of(3), four = of(4);
  EXPECT_NE(three->id, four->id);
  EXPECT_EQ(of(3), three);
  EXPECT_EQ(of(4), four);
}

TEST(Judge, a_newer_catalogue_judges_anew_under_another_name) {
  Script s;
  const auto before = judged(s, "SELECT id FROM t");
  ASSERT_NE(judged(s, "SELECT id FROM public.t"), nullptr);
  auto newer = std::make_shared<pool::ServerView>();
  newer->catalogue = policy::load_catalogue(kCatalogue).value();
  s.view = newer;
  const auto after = judged(s, "SELECT id FROM t");
  EXPECT_NE(before, after);
  EXPECT_NE(before->id, after->id) << "SELECT * may have other columns now";

  auto without = std::make_shared<pool::ServerView>();
  without->catalogue = policy::load_catalogue("version: 150020\nrelations: { public.other: { kind: table, columns: { id: int8 } } }\n").value();
  s.view = without;
  EXPECT_EQ(judged(s, "SELECT id FROM public.t"), nullptr) << "the table has gone";
}

TEST(Judge, without_a_catalogue_nothing_runs_but_the_end_of_a_transaction) {
  Script s;
  s.view = std::make_shared<pool::ServerView>();
  for (const char* sql : {"SELECT 1", "", "ROLLBACK; SELECT 1", "SET work_mem = 1", "PREPARE TRANSACTION 'x'"})
    EXPECT_EQ(judged(s, sql), nullptr) << sql;
  for (const char* sql : {"ROLLBACK", "COMMIT", "ROLLBACK TO s"}) EXPECT_NE(judged(s, sql), nullptr) << sql;
  s.view = nullptr;
  const auto outcome = s.judge.judge("SELECT 1", {}, Protocol::simple);
  ASSERT_TRUE(std::holds_alternative<rewrite::Rejected>(outcome));
  EXPECT_TRUE(std::get<rewrite::Rejected>(outcome).perhaps_stale) << "there is a first look at the server to wait for";
}

TEST(JudgementCache, forgets_the_least_recently_used_first) {
  Script s;
  JudgementCache cache(4000);
  Judge judge(s.identity, cache, s.view);
  const auto run = [&](int i) {
    return std::get<JudgementPtr>(judge.judge("SELECT id AS c" + std::to_string(i) + " FROM t", {}, Protocol::simple));
  };
  const auto first = run(1);
  for (int i = 2; i < 50; ++i) {
    run(i);
    EXPECT_EQ(run(1), first) << "used again and again";
    EXPECT_LE(cache.bytes(), 4000u);
  }
  EXPECT_EQ(cache.find("SELECT id AS c2 FROM t", {}, Protocol::simple, {}), nullptr);
}

TEST(JudgementCache, a_long_text_does_not_push_out_the_rest) {
  Script s;
  JudgementCache cache(8000);
  Judge judge(s.identity, cache, s.view);
  judge.judge("SELECT 1", {}, Protocol::simple);
  judge.judge("SELECT '" + std::string(3000, 'x') + "'", {}, Protocol::simple);
  EXPECT_NE(cache.find("SELECT 1", {}, Protocol::simple, {}), nullptr);
}

}  // namespace
}  // namespace bulkhead::session::test
