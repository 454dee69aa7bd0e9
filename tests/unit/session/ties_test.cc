// What ties a client to its connection beyond a transaction, as conversations.

#include "session/ties.h"

#include "unit/session/script.h"

namespace bulkhead::session::test {
namespace {

// sha224("bulkhead channel 1:1:jobs")
const std::string kJobs = "e7229bda2ab9ffe413bdcb069f6599cfd4089bc2474775a6501a2f68";
const std::string kListen = "LISTEN \"" + kJobs + "\"";
const std::string kAsks = "Query\t \"" + std::string(Ties::kQuestion) + "\"";

std::string sent(Script& s) {
  std::string out;
  for (const auto& line : lines_of(s.conversation.take_to_server(), proto::Direction::frontend)) out += line + "\n";
  return out;
}

TEST(TiesTest, a_listener_keeps_its_connection_and_hears_its_own_names) {
  Script s;
  s.client(query("LISTEN jobs"));
  s.conversation.take_to_server();
  s.server({complete("LISTEN"), ready('I')}).keeps();
  s.conversation.take_to_client();
  s.server({notified(4711, kJobs, "mine"), notified(12, kJobs, "another's"), notified(12, "jobs", "foreign")});
  const std::string got = s.conversation.take_to_client();
  EXPECT_EQ(got, notified(Script::kProcessId, "jobs", "mine") + notified(12, "jobs", "another's"));
}

TEST(TiesTest, unlisten_asks_the_server_whether_anything_is_left) {
  Script s;
  s.client(query("LISTEN jobs")).server({complete("LISTEN"), ready('I')});
  s.conversation.take_to_server();
  s.client(query("UNLISTEN *"));
  s.conversation.take_to_server();
  s.server({complete("UNLISTEN"), ready('I')}).to_server({kAsks}).keeps();
  s.conversation.take_to_client();
  s.server({row(), complete("SELECT 1"), ready('I')}).to_client({}).keeps();
  s.client(query("UNLISTEN jobs")).server({complete("UNLISTEN"), ready('I')});
  s.conversation.take_to_client();
  s.server({complete("SELECT 0"), ready('I')}).to_client({}).releases();
}

TEST(TiesTest, a_failed_statement_keeps_what_it_has_locked) {
  Script s;
  s.client(query("SELECT pg_advisory_lock(1), 1/0"));
  s.conversation.take_to_server();
  s.server({error(SqlState{"22012"}, "division by zero"), ready('I')}).to_server({kAsks}).keeps();
  s.server({row(), complete("SELECT 1"), ready('I')}).keeps();
}

TEST(TiesTest, a_temporary_table_ties_until_it_is_gone_and_spends_the_connection) {
  Script s;
  s.client(query("CREATE TEMP TABLE mine (a int)"));
  s.conversation.take_to_server();
  s.server({complete("CREATE TABLE"), ready('I')}).keeps();
  EXPECT_TRUE(s.backend.spent);
  s.conversation.take_to_client();
  s.client(query("SELECT a FROM mine")).to_server({"Query\t \"SELECT a FROM pg_temp.mine\""});
  s.server({complete("SELECT 0"), ready('I')}).keeps();
  s.client(query("DROP TABLE mine"));
  s.conversation.take_to_server();
  s.server({complete("DROP TABLE"), ready('I')}).to_server({kAsks}).keeps();
  s.conversation.take_to_client();
  s.server({complete("SELECT 0"), ready('I')}).to_client({}).releases();
  s.client(query("SELECT a FROM mine"));
  EXPECT_EQ(s.need, Conversation::Need::catalogue) << "a client without temporary tables means one of the database";
}

TEST(TiesTest, one_that_could_not_be_made_spends_the_connection_all_the_same) {
  Script s;
  s.client(query("CREATE TEMP TABLE mine AS SELECT 1/0 AS a"));
  s.conversation.take_to_server();
  s.server({error(SqlState{"22012"}, "division by zero"), ready('I')});
  EXPECT_TRUE(s.backend.spent);
}

TEST(TiesTest, a_name_may_be_of_a_temporary_table_that_is_on_its_way) {
  Script s;
  s.client(parse("", "CREATE TEMP TABLE mine (a int)") + bind("", "") + execute() + parse("", "SELECT a FROM mine"));
  EXPECT_EQ(s.need, Conversation::Need::nothing);
  s.client(sync());
  s.conversation.take_to_server();
  s.server({parsed(), bound(), complete("CREATE TABLE"), error(SqlState{"42P01"}, "relation \"pg_temp.mine\" does not exist", 15),
            ready('I')});
  const auto lines = lines_of(s.conversation.take_to_client(), proto::Direction::backend);
  EXPECT_EQ(lines[3], "ErrorResponse 42P01 relation \"mine\" does not exist @15");
}

TEST(TiesTest, a_listen_that_is_rolled_back_ties_no_longer) {
  Script s;
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(query("LISTEN jobs")).server({complete("LISTEN"), ready('T')});
  s.client(query("ROLLBACK"));
  s.conversation.take_to_server();
  s.server({complete("ROLLBACK"), ready('I')}).to_server({kAsks});
  s.server({complete("SELECT 0"), ready('I')}).releases();
}

TEST(TiesTest, a_question_that_fails_is_no_answer) {
  Script s;
  s.client(query("SELECT pg_try_advisory_lock(1)")).server({row(), complete("SELECT 1"), ready('I')});
  s.conversation.take_to_server();
  s.client(query("SELECT pg_advisory_unlock(1)")).server({row(), complete("SELECT 1"), ready('I')});
  s.conversation.take_to_client();
  s.server({error(SqlState{"57014"}, "canceling statement due to statement timeout"), ready('I')}).to_client({}).keeps();
}

TEST(TiesTest, locks_of_a_transaction_tie_to_nothing) {
  Script s;
  s.client(query("SELECT pg_advisory_xact_lock(1)"));
  EXPECT_NE(sent(s).find("int8xor(1, "), std::string::npos);
  s.server({row(), complete("SELECT 1"), ready('I')}).releases();
}

TEST(TiesTest, a_prepared_lock_ties_when_it_is_executed) {
  Script s;
  s.client(parse("l", "SELECT pg_advisory_lock(1)") + sync()).server({parsed(), ready('I')}).releases();
  s.client(bind("", "l") + execute() + sync());
  s.server({bound(), row(), complete("SELECT 1"), ready('I')}).keeps();
}

}  // namespace
}  // namespace bulkhead::session::test
