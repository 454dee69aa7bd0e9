#include "session/cursors.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace bulkhead::session {
namespace {

using What = rewrite::CursorChange::What;

rewrite::Statement statement(What what, std::string name = {}, bool own_rows = false) {
  rewrite::Statement out;
  out.effects.cursor = rewrite::CursorChange{what, std::move(name)};
  out.effects.own_rows = own_rows;
  return out;
}
rewrite::Statement writes_at(std::string cursor) {
  rewrite::Statement out;
  out.effects.stands_on = {std::move(cursor)};
  return out;
}

/// Whether WHERE CURRENT OF `cursor` may run after `before`: all answered, or all in one text with it.
std::string state_of(std::vector<rewrite::Statement> before, const std::string& cursor) {
  Cursors answered;
  for (const auto& s : before) answered.ran(s.effects);
  const auto one = answered.refusal({writes_at(cursor)});
  before.push_back(writes_at(cursor));
  const auto other = Cursors().refusal(before);
  EXPECT_EQ(one.has_value(), other.has_value());
  return one ? std::string(one->state.text()) : "";
}

TEST(Cursors, only_those_over_own_rows) {
  EXPECT_EQ(state_of({}, "c"), "34000");
  EXPECT_EQ(state_of({statement(What::opens, "c", true)}, "c"), "");
  EXPECT_EQ(state_of({statement(What::opens, "c", true)}, "C"), "34000");
  EXPECT_EQ(state_of({statement(What::opens, "c", false)}, "c"), "0A000");
  EXPECT_EQ(state_of({statement(What::opens, "c", true), statement(What::closes, "c")}, "c"), "34000");
  EXPECT_EQ(state_of({statement(What::opens, "c", true), statement(What::closes, "d")}, "c"), "");
  EXPECT_EQ(state_of({statement(What::opens, "c", true), statement(What::closes_all)}, "c"), "34000");
  EXPECT_EQ(state_of({statement(What::opens, "c", true), statement(What::ends)}, "c"), "34000");
  EXPECT_EQ(state_of({statement(What::opens, "c", true), statement(What::opens, "c", false)}, "c"), "0A000");
}

TEST(Cursors, savepoints) {
  const auto c = statement(What::opens, "c", true);
  const auto s = statement(What::savepoint, "s"), back = statement(What::returns_to, "s"), release = statement(What::releases, "s");
  EXPECT_EQ(state_of({c, s, back}, "c"), "");
  EXPECT_EQ(state_of({s, c, back}, "c"), "34000");
  EXPECT_EQ(state_of({s, c, release}, "c"), "");
  EXPECT_EQ(state_of({s, c, release, back}, "c"), "") << "there is no such savepoint any more: the server fails";
  EXPECT_EQ(state_of({s, s, c, release, back}, "c"), "34000") << "the outer one of the same name";
  EXPECT_EQ(state_of({s, c, s, back}, "c"), "") << "the inner one";
  EXPECT_EQ(state_of({s, statement(What::savepoint, "t"), c, release, statement(What::returns_to, "t")}, "c"), "")
      << "released with the one around it";
  EXPECT_EQ(state_of({s, c, back, c}, "c"), "");
}

TEST(Cursors, one_savepoint_set_again_and_again_is_no_more_to_remember) {
  const auto s = statement(What::savepoint, "s").effects, back = statement(What::returns_to, "s").effects;
  const auto release = statement(What::releases, "s").effects;
  Cursors cursors;
  cursors.opened("before", true);
  for (int i = 0; i < 20'000; ++i) cursors.ran(s);
  cursors.opened("portal", false);
  cursors.ran(s);
  cursors.ran(back);
  EXPECT_TRUE(cursors.bound_to("before"));
  EXPECT_TRUE(cursors.bound_to("portal"));
  cursors.ran(release);  // the one behind the portal; the next one is before it
  cursors.ran(back);
  EXPECT_FALSE(cursors.bound_to("portal"));
  for (int i = 0; i < 20'000; ++i) cursors.ran(release);
  cursors.opened("behind", true);
  cursors.ran(back);  // there is none left: the server fails
  EXPECT_TRUE(cursors.bound_to("behind"));
}

TEST(Cursors, too_many_are_none) {
  Cursors cursors;
  cursors.opened("first", true);
  for (int i = 0; i < 10'000; ++i) cursors.ran(statement(What::savepoint, "s" + std::to_string(i)).effects);
  cursors.opened("last", true);
  EXPECT_FALSE(cursors.bound_to("last"));
  EXPECT_TRUE(cursors.refusal({writes_at("first")}));
  EXPECT_TRUE(cursors.refusal({writes_at("last")}));
  cursors.clear();
  cursors.opened("next", true);
  EXPECT_FALSE(cursors.refusal({writes_at("next")}));
}

}  // namespace
}  // namespace bulkhead::session
