// Conversations about parameters that feed the tenant column: checked at Bind, before anything is sent.

#include <gtest/gtest.h>

#include "unit/session/script.h"

namespace bulkhead::session::test {
namespace {

using namespace std::string_literals;

const std::string kInsert = "INSERT INTO t (org_id, id) VALUES ($1, $2)";
const std::string kForeign =
    "ErrorResponse 42501 column \"org_id\" of relation \"public.t\" can only hold the session's own organisation";
const std::string kOwnBinary = "\0\0\0\1"s, kForeignBinary = "\0\0\0\2"s;

std::string prepare(std::string_view name) { return bytes(proto::Parse{name, kInsert, {23, 20}}); }
std::string give(std::string_view name, std::string_view org) { return bytes(proto::Bind{"", name, {}, {org, "7"}, {}}); }
std::string give_binary(std::string_view name, std::string_view org) {
  return bytes(proto::Bind{"", name, {1, 0}, {org, "7"}, {}});
}

/// With kInsert prepared as s, and the connection given back.
class GuardedBind : public ::testing::Test {
 protected:
  GuardedBind() {
    s.client(prepare("s") + sync()).server({parsed(), ready('I')});
    forget();
    s.releases();
  }
  void forget() {
    s.conversation.take_to_server();
    s.conversation.take_to_client();
  }
  Script::Lines sent() { return lines_of(s.conversation.take_to_server(), proto::Direction::frontend); }
  Script::Lines told() { return lines_of(s.conversation.take_to_client(), proto::Direction::backend); }

  Script s;
};

TEST_F(GuardedBind, the_own_value_passes_unchanged) {
  s.client(give("s", "1") + execute() + sync());
  auto lines = sent();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_TRUE(lines[0].starts_with("Bind\t \"\" \"_b")) << lines[0];
  EXPECT_TRUE(lines[0].find("'1'") != std::string::npos) << lines[0];
  s.server({bound(), complete("INSERT 0 1"), ready('I')});
  s.to_client({"BindComplete", "CommandComplete\t \"INSERT 0 1\"", "ReadyForQuery\t I"}).releases();

  s.client(give_binary("s", kOwnBinary) + execute() + sync());
  EXPECT_EQ(sent().size(), 3u);
}

TEST_F(GuardedBind, a_foreign_value_is_refused_and_the_session_stays_in_step) {
  for (const auto& bind : {give("s", "2"), give_binary("s", kForeignBinary), give_binary("s", "1"), give("s", kOwnBinary)}) {
    s.client(bind + execute() + sync()).to_server({}).to_client({kForeign, "ReadyForQuery\t I"}).releases();
    s.client(query("SELECT id FROM t")).to_server({"Query\t \"" + kRewritten + "\""});
    s.server({complete("SELECT 0"), ready('I')}).to_client({"CommandComplete\t \"SELECT 0\"", "ReadyForQuery\t I"});
    s.client(give("s", "1") + execute() + sync()).server({bound(), complete("INSERT 0 1"), ready('I')});
    forget();
    s.releases();
  }
}

TEST_F(GuardedBind, a_missing_value_is_refused) {
  s.client(bytes(proto::Bind{"", "s", {}, {}, {}}) + sync()).to_server({}).to_client({kForeign, "ReadyForQuery\t I"});
  s.client(bytes(proto::Bind{"", "s", {}, {std::nullopt, "7"}, {}}) + sync());
  s.to_server({}).to_client({kForeign, "ReadyForQuery\t I"});
}

TEST_F(GuardedBind, in_a_pipeline_the_refusal_comes_in_its_turn) {
  s.client(give("s", "1") + execute() + give("s", "2") + execute() + give("s", "1") + execute() + sync());
  const auto lines = sent();
  ASSERT_EQ(lines.size(), 7u);
  EXPECT_EQ(lines[2], "Parse\t \"bulkhead_refused\" \"refused by bulkhead\" 0") << "the server skips what follows it";
  for (const auto& line : lines) EXPECT_EQ(line.find("'2'"), std::string::npos) << line;
  s.server({bound(), complete("INSERT 0 1"), error(sqlstate::syntax_error, "syntax"), ready('I')});
  s.to_client({"BindComplete", "CommandComplete\t \"INSERT 0 1\"", kForeign, "ReadyForQuery\t I"}).releases();
}

TEST_F(GuardedBind, in_a_transaction_the_refusal_aborts_it) {
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  forget();
  s.client(give("s", "2") + execute() + sync());
  // There is no portal to execute: that would fail, too, if the server got to it.
  s.to_server({"Parse\t \"bulkhead_refused\" \"refused by bulkhead\" 0", "Parse\t \"bulkhead_refused\" \"refused by bulkhead\" 0",
               "Sync"}).to_client({});
  s.server({error(sqlstate::syntax_error, "syntax"), ready('E')}).to_client({kForeign, "ReadyForQuery\t E"}).keeps();
  s.client(query("ROLLBACK")).server({complete("ROLLBACK"), ready('I')}).releases();
}

TEST_F(GuardedBind, on_another_connection_nothing_is_prepared_for_a_refusal) {
  s.other_server();
  s.client(give("s", "2") + execute() + sync()).to_server({}).to_client({kForeign, "ReadyForQuery\t I"}).releases();
}

TEST_F(GuardedBind, the_portal_of_a_refused_bind_is_none) {
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(bytes(proto::Bind{"p", "s", {}, {"2", "7"}, {}}) + sync());
  s.server({error(sqlstate::syntax_error, "syntax"), ready('E')});
  forget();
  s.client(execute("p") + sync());  // fails, as on a server that has no such portal
  s.to_server({"Parse\t \"bulkhead_refused\" \"refused by bulkhead\" 0", "Sync"});
}

TEST_F(GuardedBind, a_simple_query_with_a_parameter_is_refused) {
  s.client(query(kInsert)).to_server({});
  const auto lines = told();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].starts_with("ErrorResponse 42501 it cannot be proved")) << lines[0];
}

}  // namespace
}  // namespace bulkhead::session::test
