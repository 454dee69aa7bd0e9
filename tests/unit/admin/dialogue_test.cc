#include "admin/dialogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/frontend.h"
#include "proto/trace.h"

namespace bulkhead::admin {
namespace {

using policy::May;
using namespace proto;

/// What the console says to these messages, a line each; commands that fall due are answered with `rows` rows, and noted as "> WORDS".
class Console {
 public:
  explicit Console(May may = May::all, std::size_t rows = 1) : dialogue_(may), rows_(rows) {}

  template <class... Messages>
  std::string say(const Messages&... messages) {
    std::string in;
    (encode(messages, in), ...);
    return feed(in);
  }

  std::string feed(std::string_view in) {
    std::string said;
    while (!in.empty()) {
      const auto header = **peek_frame(in, Direction::frontend);
      dialogue_.on_frame(header, in.substr(0, header.frame_length()));
      in.remove_prefix(header.frame_length());
      while (const auto* due = dialogue_.due()) {
        said += traced() + "> " + std::string(due->entry->words) + "\n";
        Answer answer{"SHOW"};
        if (!due->columns().empty()) answer.rows.assign(rows_, Row(due->columns().size(), "7"));
        dialogue_.answer(fails_ ? Result<Answer>(make_error(sqlstate::internal_error, "failed")) : Result<Answer>(std::move(answer)));
      }
      said += traced();
    }
    return said;
  }

  Dialogue& dialogue() { return dialogue_; }
  void fail() { fails_ = true; }

 private:
  std::string traced() {
    const std::string out = dialogue_.take();
    std::string lines;
    for (std::string_view rest = out; !rest.empty();) {
      const auto length = (**peek_frame(rest, Direction::backend)).frame_length();
      const std::string line = trace(rest.substr(0, length), Direction::backend);
      std::string_view shown = std::string_view(line).substr(line.find('\t', 2) + 1);  // without direction and length
      lines += std::string(shown) + "\n";
      rest.remove_prefix(length);
    }
    return lines;
  }

  Dialogue dialogue_;
  std::size_t rows_;
  bool fails_ = false;
};

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

TEST(Dialogue, SimpleQueries) {
  Console console;
  EXPECT_THAT(console.say(Query{"SHOW VERSION"}),
              MatchesRegex("> SHOW VERSION\nRowDescription\t 1 \"version\" 0 0 25 -1 -1 0\nDataRow\t 1 1 '7'\nCommandComplete\t \"SHOW\"\nReadyForQuery\t I\n"));
  EXPECT_EQ(console.say(Query{";"}), "EmptyQueryResponse\nReadyForQuery\t I\n");
  EXPECT_THAT(console.say(Query{"SUSPEND; SHOW VERSION"}), MatchesRegex("> SUSPEND\nCommandComplete.*> SHOW VERSION\nRowDescription.*ReadyForQuery\t I\n"));
  EXPECT_THAT(console.say(Query{"SHOW VERSION; nonsense"}), MatchesRegex("ErrorResponse.*42601.*\nReadyForQuery\t I\n"));
}

TEST(Dialogue, AnErrorEndsAString) {
  Console console;
  console.fail();
  EXPECT_THAT(console.say(Query{"SHOW VERSION; SHOW CONFIG"}), MatchesRegex("> SHOW VERSION\nErrorResponse.*failed.*\nReadyForQuery\t I\n"));
}

TEST(Dialogue, NothingFallsDueThatIsNotAllowed) {
  for (const auto& entry : commands()) {
    if (Command{&entry}.allowed_to(May::show)) continue;
    std::string text(entry.words);
    if (entry.takes == Takes::assignment) text += " log_level = debug";
    if (entry.takes == Takes::tenant) text += " acme";
    if (entry.takes == Takes::client) text += " 1";
    Console simple(May::show), extended(May::show);
    const auto answer = simple.say(Query{text});
    EXPECT_THAT(answer, MatchesRegex("ErrorResponse.*42501.*may: all.*\nReadyForQuery\t I\n"));
    EXPECT_THAT(answer, testing::Not(HasSubstr("> ")));
    EXPECT_THAT(simple.say(Query{"SHOW VERSION; " + text + "; SHOW VERSION"}), MatchesRegex("> SHOW VERSION\n.*ErrorResponse.*42501.*\nReadyForQuery\t I\n"));
    EXPECT_THAT(extended.say(Parse{"", text, {}}, Bind{}, Execute{}, Execute{}, Sync{}),
                MatchesRegex("ParseComplete\nBindComplete\nErrorResponse.*42501.*\nReadyForQuery\t I\n"));
  }
}

TEST(Dialogue, WhatAnAdministratorMayCanChange) {
  Console console;
  console.say(Parse{"s", "SUSPEND", {}}, Sync{});
  console.dialogue().use(May::show);
  EXPECT_THAT(console.say(Bind{"", "s", {}, {}, {}}, Execute{}, Sync{}), HasSubstr("42501"));
  console.dialogue().use(May::all);
  EXPECT_THAT(console.say(Bind{"", "s", {}, {}, {}}, Execute{}, Sync{}), HasSubstr("> SUSPEND"));
}

TEST(Dialogue, ExtendedProtocol) {
  Console console;
  EXPECT_THAT(console.say(Parse{"", "SHOW VERSION", {}}, Describe{'S', ""}, Bind{}, Describe{'P', ""}, Execute{}, Sync{}),
              MatchesRegex("ParseComplete\nParameterDescription.*\nRowDescription.*\nBindComplete\nRowDescription.*\n> SHOW VERSION\nDataRow.*\n"
                           "CommandComplete.*\nReadyForQuery\t I\n"));
  EXPECT_THAT(console.say(Parse{"s", "SUSPEND", {}}, Describe{'S', "s"}, Sync{}), HasSubstr("NoData"));
  EXPECT_THAT(console.say(Parse{"s", "SUSPEND", {}}, Sync{}), HasSubstr("42P05"));
  EXPECT_THAT(console.say(Close{'S', "s"}, Parse{"s", "", {}}, Bind{"", "s", {}, {}, {}}, Execute{}, Sync{}),
              StartsWith("CloseComplete\nParseComplete\nBindComplete\nEmptyQueryResponse\n"));
}

TEST(Dialogue, RowsComeInPortions) {
  Console console(May::all, 3);
  EXPECT_THAT(console.say(Parse{"", "SHOW VERSION", {}}, Bind{}, Execute{"", 2}, Execute{"", 1}, Execute{"", 1}, Sync{}),
              MatchesRegex("ParseComplete\nBindComplete\n> SHOW VERSION\nDataRow.*\nDataRow.*\nPortalSuspended\nDataRow.*\nPortalSuspended\n"
                           "CommandComplete.*\nReadyForQuery\t I\n"));
}

TEST(Dialogue, NumbersMayBeBinary) {
  Console console;
  EXPECT_THAT(console.say(Parse{"", "SELECT 1", {}}, Bind{"", "", {}, {}, {1}}, Execute{}, Sync{}), HasSubstr("DataRow\t 1 4 '\\x00\\x00\\x00\\x07'"));
  EXPECT_THAT(console.say(Parse{"", "SHOW VERSION", {}}, Bind{"", "", {}, {}, {1}}, Execute{}, Sync{}), HasSubstr("DataRow\t 1 1 '7'"));
  EXPECT_THAT(console.say(Bind{"", "", {}, {}, {2}}, Sync{}), HasSubstr("22023"));
  EXPECT_THAT(console.say(Bind{"", "", {}, {}, {0, 0}}, Sync{}), HasSubstr("08P01"));
}

TEST(Dialogue, AnErrorIsFollowedByNothingUpToSync) {
  Console console;
  EXPECT_THAT(console.say(Parse{"", "nonsense", {}}, Bind{}, Execute{}, Query{"SHOW VERSION"}, Sync{}, Query{";"}),
              MatchesRegex("ErrorResponse.*\nReadyForQuery\t I\nEmptyQueryResponse\nReadyForQuery\t I\n"));
  EXPECT_THAT(console.say(Bind{"", "unknown", {}, {}, {}}, Sync{}), HasSubstr("26000"));
  EXPECT_THAT(console.say(Execute{"unknown", 0}, Sync{}), HasSubstr("34000"));
  EXPECT_THAT(console.say(Parse{"", "SHOW VERSION; SHOW VERSION", {}}, Sync{}), HasSubstr("multiple commands"));
  EXPECT_THAT(console.say(Parse{"", "SHOW VERSION", {23}}, Sync{}), HasSubstr("takes no parameters"));
  EXPECT_THAT(console.say(Parse{"", "SHOW VERSION", {}}, Bind{"", "", {}, {"x"}, {}}, Sync{}), HasSubstr("takes no parameters"));
}

TEST(Dialogue, NoMoreStatementsThanThereIsRoomFor) {
  Console console;
  for (int i = 0; i < 1000; ++i) console.say(Parse{std::to_string(i), "SHOW VERSION", {}});
  EXPECT_THAT(console.say(Parse{"one more", "SHOW VERSION", {}}, Sync{}), HasSubstr("53400"));
}

}  // namespace
}  // namespace bulkhead::admin
