#include "session/conversation.h"

#include <gtest/gtest.h>

#include "unit/session/script.h"

namespace bulkhead::session::test {
namespace {

const std::string kSelect = "SELECT id FROM t";
const std::string kSent = "Query\t \"" + kRewritten + "\"";

TEST(Conversation, a_query_is_rewritten_and_its_answer_passed_on) {
  Script s;
  s.client(query(kSelect)).to_server({kSent});
  s.server({row(), complete("SELECT 1"), ready('I')});
  s.to_client({"DataRow\t 1 1 '1'", "CommandComplete\t \"SELECT 1\"", "ReadyForQuery\t I"}).releases();
}

TEST(Conversation, an_open_transaction_keeps_the_connection) {
  Script s;
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')}).keeps();
  s.client(query("COMMIT")).server({complete("COMMIT"), ready('I')}).releases();
}

TEST(Conversation, what_a_cancel_would_stop) {
  using Running = Conversation::Running;
  Script s(false, {{"work_mem", "5MB"}});
  EXPECT_EQ(s.conversation.running(), Running::nothing);
  s.client(query(kSelect)).to_server({"Query\t \"SET \"work_mem\" TO '5MB';\"", kSent});
  EXPECT_EQ(s.conversation.running(), Running::ours) << "the SET, and the client's statement behind it";
  s.server({complete("SET"), ready('I')});
  EXPECT_EQ(s.conversation.running(), Running::theirs);
  s.server({complete("SELECT 1"), ready('I')});
  EXPECT_EQ(s.conversation.running(), Running::nothing);

  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(query("SET work_mem = '6MB'")).server({complete("SET"), ready('T')});
  s.client(query(kSelect)).server({error(sqlstate::undefined_column, "no such column"), ready('E')});
  s.client(query("ROLLBACK"));
  EXPECT_EQ(s.conversation.running(), Running::theirs);
  s.server({complete("ROLLBACK"), ready('I')});
  EXPECT_FALSE(s.conversation.idle()) << "a SHOW of ours";
  EXPECT_EQ(s.conversation.running(), Running::nothing) << "and nothing of the client's";
  s.client(query(kSelect));
  EXPECT_EQ(s.conversation.running(), Running::ours);
}

TEST(Conversation, the_parts_of_a_client_s_statement_are_its_own) {
  Script s;
  s.client(query("PREPARE p AS SELECT 1")).server({parsed(), ready('I')});
  s.client(query("EXECUTE p"));
  EXPECT_EQ(s.conversation.running(), Conversation::Running::theirs) << "hidden messages, but what they fail with it is told";
}

TEST(Conversation, a_refusal_outside_a_transaction_needs_no_server) {
  Script s;
  s.client(query("LOCK TABLE t")).to_server({});
  const auto lines = lines_of(s.conversation.take_to_client(), proto::Direction::backend);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].starts_with("ErrorResponse ")) << lines[0];
  EXPECT_EQ(lines[1], "ReadyForQuery\t I");
  EXPECT_FALSE(s.conversation.attached());
}

TEST(Conversation, a_refusal_inside_a_transaction_aborts_it_on_the_server) {
  Script s;
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.conversation.take_to_client();
  s.conversation.take_to_server();
  s.client(query("LOCK TABLE t")).to_server({"Query\t \"refused by bulkhead\""}).to_client({});
  s.server({error(sqlstate::syntax_error, "syntax error at or near \"refused\""), ready('E')});
  const auto lines = lines_of(s.conversation.take_to_client(), proto::Direction::backend);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].find("syntax error"), std::string::npos) << "the server's error is not the client's: " << lines[0];
  EXPECT_EQ(lines[1], "ReadyForQuery\t E");
  s.keeps();
}

TEST(Conversation, a_refused_parse_skips_to_sync) {
  Script s;
  s.client(parse("", "LOCK TABLE t") + bind("", "") + execute() + query(kSelect)).to_server({});
  EXPECT_EQ(lines_of(s.conversation.take_to_client(), proto::Direction::backend).size(), 1u);
  s.client(sync()).to_client({"ReadyForQuery\t I"});
  s.client(query(kSelect)).to_server({kSent});
}

TEST(Conversation, a_malformed_sync_ends_the_skipping) {
  const std::string malformed("S\0\0\0\5x", 6);
  Script s;
  s.client(parse("", "LOCK TABLE t")).conversation.take_to_client();
  s.client(malformed);
  auto got = lines_of(s.conversation.take_to_client(), proto::Direction::backend);
  ASSERT_EQ(got.size(), 2u) << "skipped by us";
  EXPECT_TRUE(got[0].starts_with("ErrorResponse 08P01 ")) << got[0];
  EXPECT_EQ(got[1], "ReadyForQuery\t I");

  s.client(parse("", kSelect) + bind("", "") + flush()).server({parsed(), error(sqlstate::undefined_column, "no")});
  s.conversation.take_to_server();
  s.conversation.take_to_client();
  s.client(execute() + malformed).to_server({"Sync", "Query\t \"refused by bulkhead\""});
  s.server({ready('I'), error(sqlstate::syntax_error, "refused"), ready('I')});
  got = lines_of(s.conversation.take_to_client(), proto::Direction::backend);
  ASSERT_EQ(got.size(), 2u) << "skipped by the server";
  EXPECT_TRUE(got[0].starts_with("ErrorResponse 08P01 ")) << got[0];
  EXPECT_EQ(got[1], "ReadyForQuery\t I");
  s.client(query(kSelect)).to_server({kSent}).server({complete("SELECT 0"), ready('I')}).releases();
}

TEST(Conversation, a_refused_parse_in_a_pipeline_fails_at_its_place) {
  Script s;
  s.client(parse("", "DELETE FROM t") + bind("", "") + execute() + parse("", "LOCK TABLE t") + bind("", "") + execute() +
           sync());
  const auto sent = lines_of(s.conversation.take_to_server(), proto::Direction::frontend);
  ASSERT_EQ(sent.size(), 7u);
  EXPECT_EQ(sent[3], "Parse\t \"bulkhead_refused\" \"refused by bulkhead\" 0");
  s.server({parsed(), bound(), complete("DELETE 1"), error(sqlstate::syntax_error, "syntax"), ready('I')});
  const auto got = lines_of(s.conversation.take_to_client(), proto::Direction::backend);
  ASSERT_EQ(got.size(), 5u);
  EXPECT_EQ(got[2], "CommandComplete\t \"DELETE 1\"");
  EXPECT_TRUE(got[3].starts_with("ErrorResponse ")) << got[3];
  EXPECT_EQ(got[3].find("syntax"), std::string::npos);
  EXPECT_EQ(got[4], "ReadyForQuery\t I");
  s.releases();
}

TEST(Conversation, errors_point_into_the_clients_own_text) {
  Script s;
  // "x" stands at character 10 of the client's text; the predicate moves nothing before it but the schema name does.
  s.client(query("SELECT id FROM t WHERE x = 1"));
  const auto sent = s.conversation.take_to_server();
  const auto at = sent.find("x = 1");
  ASSERT_NE(at, std::string::npos);
  const int position = static_cast<int>(at) - 5 + 1;  // five bytes of header
  s.server({error(sqlstate::undefined_column, "column \"x\" does not exist", position), ready('I')});
  s.to_client({"ErrorResponse 42703 column \"x\" does not exist @24", "ReadyForQuery\t I"});
}

TEST(Conversation, a_statement_that_became_another_completes_as_itself) {
  Script s;
  s.client(query("DELETE FROM t; TRUNCATE t; SELECT id FROM t"));
  s.conversation.take_to_server();
  s.server({complete("DELETE 2"), complete("DELETE 0"), complete("SELECT 0"), ready('I')});
  s.to_client({"CommandComplete\t \"DELETE 2\"", "CommandComplete\t \"TRUNCATE TABLE\"", "CommandComplete\t \"SELECT 0\"",
               "ReadyForQuery\t I"}).releases();

  s.client(parse("t", "TRUNCATE t") + bind("", "t") + execute() + sync());
  s.server({parsed(), bound(), complete("DELETE 7"), ready('I')});
  s.to_client({"ParseComplete", "BindComplete", "CommandComplete\t \"TRUNCATE TABLE\"", "ReadyForQuery\t I"});
}

TEST(Conversation, a_prepared_statement_follows_its_client_to_another_connection) {
  Script s;
  s.client(parse("s1", kSelect) + sync());
  auto sent = lines_of(s.conversation.take_to_server(), proto::Direction::frontend);
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_TRUE(sent[0].starts_with("Parse\t \"_b")) << sent[0];
  s.server({parsed(), ready('I')}).to_client({"ParseComplete", "ReadyForQuery\t I"}).releases();

  s.other_server();
  s.client(bind("", "s1") + execute() + sync());
  sent = lines_of(s.conversation.take_to_server(), proto::Direction::frontend);
  ASSERT_EQ(sent.size(), 4u) << "a hidden Parse goes first";
  EXPECT_TRUE(sent[0].starts_with("Parse\t \"_b")) << sent[0];
  s.server({parsed(), bound(), complete("SELECT 0"), ready('I')});
  s.to_client({"BindComplete", "CommandComplete\t \"SELECT 0\"", "ReadyForQuery\t I"}).releases();

  s.client(bind("", "s1") + execute() + sync());
  EXPECT_EQ(lines_of(s.conversation.take_to_server(), proto::Direction::frontend).size(), 3u) << "it is there now";
}

TEST(Conversation, the_unnamed_statement_follows_too) {
  Script s;
  s.client(parse("", kSelect) + sync()).server({parsed(), ready('I')}).releases();
  s.conversation.take_to_server();
  s.conversation.take_to_client();
  s.other_server();
  s.client(bind("", "") + execute() + sync());
  EXPECT_TRUE(lines_of(s.conversation.take_to_server(), proto::Direction::frontend)[0].starts_with("Parse\t \"\""));
  s.server({parsed(), bound(), complete("SELECT 0"), ready('I')});
  s.to_client({"BindComplete", "CommandComplete\t \"SELECT 0\"", "ReadyForQuery\t I"});
}

TEST(Conversation, a_simple_query_destroys_the_unnamed_statement) {
  Script s;
  s.client(parse("", kSelect) + sync()).server({parsed(), ready('I')});
  s.client(query(kSelect)).server({complete("SELECT 0"), ready('I')});
  s.conversation.take_to_client();
  s.client(bind("", "") + sync());
  s.to_client({"ErrorResponse 26000 unnamed prepared statement does not exist", "ReadyForQuery\t I"});
}

TEST(Conversation, names_behave_as_postgresqls) {
  Script s;
  s.client(bind("", "nope") + sync())
      .to_client({"ErrorResponse 26000 prepared statement \"nope\" does not exist", "ReadyForQuery\t I"});
  s.client(parse("s1", kSelect) + sync()).server({parsed(), ready('I')});
  s.conversation.take_to_client();
  s.client(parse("s1", kSelect) + sync())
      .to_client({"ErrorResponse 42P05 prepared statement \"s1\" already exists", "ReadyForQuery\t I"});
  s.client(close('S', "s1") + close('S', "never was"));
  s.to_client({"CloseComplete", "CloseComplete"});
  s.client(bind("", "s1")).server({error(sqlstate::syntax_error, "ours")}).to_client({"ErrorResponse 26000 prepared statement \"s1\" does not exist"});
}

TEST(Conversation, a_known_text_is_parsed_once_per_connection) {
  Script s;
  s.client(parse("a", kSelect) + sync()).server({parsed(), ready('I')});
  s.conversation.take_to_server();
  s.conversation.take_to_client();
  s.client(parse("b", kSelect) + bind("", "b") + execute() + sync());
  const auto sent = lines_of(s.conversation.take_to_server(), proto::Direction::frontend);
  ASSERT_EQ(sent.size(), 3u);
  EXPECT_TRUE(sent[0].starts_with("Bind\t")) << sent[0];
  s.to_client({"ParseComplete"});  // ours, at once: nothing is owed before it
  s.server({bound(), complete("SELECT 0"), ready('I')});
  s.to_client({"BindComplete", "CommandComplete\t \"SELECT 0\"", "ReadyForQuery\t I"});
}

TEST(Conversation, a_text_under_two_names_in_one_batch_is_sent_once) {
  Script s;
  s.client(parse("a", kSelect) + bind("p1", "a") + parse("b", kSelect) + execute("p1") + sync());
  const auto sent = lines_of(s.conversation.take_to_server(), proto::Direction::frontend);
  ASSERT_EQ(sent.size(), 4u) << "no Close that could take the portal with it";
  s.server({parsed(), bound(), complete("SELECT 0"), ready('I')});
  s.to_client({"ParseComplete", "BindComplete", "ParseComplete", "CommandComplete\t \"SELECT 0\"", "ReadyForQuery\t I"});
  s.releases();
}

TEST(Conversation, a_connection_full_of_unanswered_statements_takes_no_more) {
  Script s;
  std::string batch, answers;
  for (int i = 0; i < 500; ++i) batch += parse("s" + std::to_string(i), "SELECT " + std::to_string(i));
  s.client(batch);
  EXPECT_EQ(s.need, Conversation::Need::nothing);
  s.client(parse("one more", "SELECT 1000"));
  EXPECT_EQ(s.need, Conversation::Need::drain);
  s.conversation.take_to_server();
  for (int i = 0; i < 2; ++i) s.server({parsed()});
  s.client(parse("one more", "SELECT 1000"));
  EXPECT_EQ(s.need, Conversation::Need::nothing);
  const auto sent = lines_of(s.conversation.take_to_server(), proto::Direction::frontend);
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_TRUE(sent[0].starts_with("Close\t S")) << sent[0];
}

TEST(Conversation, only_a_statement_that_the_database_has_left_behind_is_parsed_anew) {
  for (const auto& [state, sent] : {std::pair{sqlstate::feature_not_supported, "Close"}, {sqlstate::undefined_table, "Close"},
                                    {sqlstate::duplicate_alias, "Bind"}, {sqlstate::invalid_parameter_value, "Bind"}}) {
    Script s;
    s.client(parse("s1", kSelect) + sync()).server({parsed(), ready('I')});
    s.client(bind("", "s1") + sync()).server({error(state, "no"), ready('I')});
    s.conversation.take_to_server();
    s.client(bind("", "s1") + sync());
    const auto again = lines_of(s.conversation.take_to_server(), proto::Direction::frontend);
    ASSERT_FALSE(again.empty());
    EXPECT_TRUE(again[0].starts_with(sent)) << state.text() << ": " << again[0];
  }
}

TEST(Conversation, what_an_error_discards_never_happened) {
  Script s;
  s.client(bind("", "") + sync());  // local refusal, no server yet
  s.conversation.take_to_client();
  s.client(parse("", kSelect) + bind("", "") + parse("s1", kSelect) + sync());
  s.conversation.take_to_server();
  s.server({parsed(), error(sqlstate::internal_error, "bind failed"), ready('I')});
  s.to_client({"ParseComplete", "ErrorResponse XX000 bind failed", "ReadyForQuery\t I"});
  EXPECT_EQ(s.backend.prepared.size(), 1u);
  EXPECT_FALSE(s.backend.prepared.crowded(1)) << "the Parse behind the error was thrown away by the server";
  s.client(bind("", "s1") + sync());
  const auto got = lines_of(s.conversation.take_to_client(), proto::Direction::backend);
  ASSERT_FALSE(got.empty());
  EXPECT_EQ(got[0], "ErrorResponse 26000 prepared statement \"s1\" does not exist");
}

TEST(Conversation, a_parse_that_may_have_been_discarded_is_sent_again) {
  Script s;
  s.client(parse("s1", kSelect) + sync());
  s.conversation.take_to_server();
  // Before any answer: the first batch may fail yet, so the second does not rely on it.
  s.client(parse("s2", kSelect) + bind("", "s2") + execute() + sync());
  const auto sent = lines_of(s.conversation.take_to_server(), proto::Direction::frontend);
  ASSERT_EQ(sent.size(), 5u);
  EXPECT_TRUE(sent[0].starts_with("Close\t S")) << sent[0];
  EXPECT_TRUE(sent[1].starts_with("Parse\t")) << sent[1];
  s.server({parsed(), ready('I'), closed(), parsed(), bound(), complete("SELECT 0"), ready('I')});
  s.to_client({"ParseComplete", "ReadyForQuery\t I", "ParseComplete", "BindComplete", "CommandComplete\t \"SELECT 0\"",
               "ReadyForQuery\t I"});
  s.releases();
}

TEST(Conversation, a_name_given_in_a_batch_that_may_fail_yet_is_waited_for) {
  for (const std::string name : {"s1", ""}) {
    Script s;
    s.client(parse(name, kSelect) + sync());
    s.conversation.take_to_server();
    s.client(test::bind("", name)).to_server({});
    EXPECT_EQ(s.need, Conversation::Need::drain);
    s.server({parsed(), ready('I')}).client(test::bind("", name));
    EXPECT_EQ(s.need, Conversation::Need::nothing);
  }
}

TEST(Conversation, a_query_behind_a_failed_pipeline_is_swallowed_until_sync) {
  Script s;
  s.client(parse("", kSelect) + bind("", ""));
  s.server({parsed(), error(sqlstate::internal_error, "no")});
  s.conversation.take_to_client();
  s.conversation.take_to_server();
  s.client(query(kSelect)).to_server({}).to_client({});
  s.client(sync()).to_server({"Sync"}).server({ready('I')}).to_client({"ReadyForQuery\t I"}).releases();
}

TEST(Conversation, a_query_behind_a_pipeline_that_fails_leaves_the_server_waiting_for_sync) {
  Script s;
  s.client(parse("", kSelect) + bind("", "") + query(kSelect));
  s.server({parsed(), error(sqlstate::internal_error, "no")}).keeps();
  s.conversation.take_to_client();
  s.conversation.take_to_server();
  s.client(sync()).to_server({"Sync"}).server({ready('I')}).to_client({"ReadyForQuery\t I"}).releases();
}

TEST(Conversation, unsynced_messages_keep_the_connection) {
  Script s;
  s.client(parse("", kSelect) + describe('S', "") + flush());
  s.server({parsed()}).keeps();
  s.client(sync()).keeps();
}

TEST(Conversation, what_the_server_holds_back_of_an_open_batch_can_be_called_for) {
  Script s;
  s.client(parse("", kSelect) + bind("", "") + execute());
  s.conversation.take_to_server();
  s.conversation.flush_batch();
  s.to_server({"Flush"}).server({parsed(), bound(), row(), complete("SELECT 1")}).keeps();
  EXPECT_TRUE(s.conversation.holds_open());
  EXPECT_FALSE(s.conversation.answers_owed());
  EXPECT_TRUE(s.conversation.undo().transaction);
  s.client(sync()).server({ready('I')});
  s.conversation.take_to_server();
  s.conversation.flush_batch();
  s.to_server({});
}

TEST(Conversation, a_client_that_leaves_a_failed_batch_leaves_a_server_that_waits_for_sync) {
  Script s;
  s.client(parse("", kSelect) + bind("", "") + flush());
  s.server({error(sqlstate::internal_error, "no")}).keeps();
  EXPECT_TRUE(s.conversation.undo().skipping);
  s.client(sync());
  EXPECT_FALSE(s.conversation.undo().skipping);
}

TEST(Conversation, a_suspended_portal_goes_on) {
  Script s;
  s.client(parse("", kSelect) + bind("", "") + execute() + flush());
  s.server({parsed(), bound(), row(), suspended()}).keeps();
  s.client(execute() + sync()).server({row(), complete("SELECT 1"), ready('I')}).releases();
}

TEST(Conversation, settings_follow_their_client_and_stay_from_others) {
  Script s;
  s.client(query("SET TimeZone TO 'Europe/Paris'")).server({complete("SET"), status("TimeZone", "Europe/Paris"), ready('I')});
  s.conversation.take_to_server();
  s.to_client({"CommandComplete\t \"SET\"", "ParameterStatus\t \"TimeZone\" \"Europe/Paris\"", "ReadyForQuery\t I"});
  EXPECT_EQ(s.backend.settings.at("timezone"), "Europe/Paris");
  s.releases().other_server();
  s.client(query(kSelect)).to_server({"Query\t \"SET \"timezone\" TO 'Europe/Paris';\"", kSent});
  s.server({status("TimeZone", "Europe/Paris"), complete("SET"), ready('I')}).to_client({}).keeps();
  s.server({complete("SELECT 0"), ready('I')}).to_client({"CommandComplete\t \"SELECT 0\"", "ReadyForQuery\t I"}).releases();

  s.backend.settings = {{"work_mem", "1MB"}};  // somebody else's
  s.client(query(kSelect));
  EXPECT_EQ(lines_of(s.conversation.take_to_server(), proto::Direction::frontend)[0],
            "Query\t \"RESET \"work_mem\";SET \"timezone\" TO 'Europe/Paris';\"");
}

TEST(Conversation, a_setting_in_a_transaction_that_rolls_back_is_forgotten) {
  Script s;
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(query("SET TimeZone TO 'Europe/Paris'")).server({complete("SET"), ready('T')});
  s.client(query("ROLLBACK")).server({complete("ROLLBACK"), ready('I')}).releases();
  EXPECT_TRUE(s.backend.settings.empty());
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(query("SET TimeZone TO 'Europe/Paris'")).server({complete("SET"), ready('T')});
  s.client(query("COMMIT")).server({complete("COMMIT"), ready('I')}).releases();
  EXPECT_EQ(s.backend.settings.at("timezone"), "Europe/Paris");
}

TEST(Conversation, after_rollback_to_a_savepoint_the_server_is_asked_what_a_setting_is) {
  Script s;
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(query("SAVEPOINT a")).server({complete("SAVEPOINT"), ready('T')});
  s.client(query("SET TimeZone TO 'Europe/Paris'")).server({complete("SET"), ready('T')});
  s.client(query("ROLLBACK TO a")).server({complete("ROLLBACK"), ready('T')});
  s.conversation.take_to_server();
  s.client(query("COMMIT"));
  s.conversation.take_to_server();
  s.conversation.take_to_client();
  s.server({complete("COMMIT"), ready('I')}).to_client({"CommandComplete\t \"COMMIT\"", "ReadyForQuery\t I"}).keeps();
  s.to_server({"Query\t \"SHOW \"timezone\";\""});
  s.server({bytes(proto::RowDescription{}), bytes(proto::DataRow{{"Etc/UTC"}}), complete("SHOW"), ready('I')});
  s.to_client({}).releases();
  EXPECT_EQ(s.backend.settings.at("timezone"), "Etc/UTC");
}

TEST(Conversation, a_batch_begins_behind_that_question) {
  Script s;
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(query("SET TimeZone TO 'Europe/Paris'")).server({complete("SET"), ready('T')});
  s.client(query("SELECT 1/0")).server({error(sqlstate::internal_error, "division by zero"), ready('E')});
  s.client(query("ROLLBACK") + parse("", kSelect));
  EXPECT_EQ(s.need, Conversation::Need::drain) << "constants are read by the zone that the server will tell";
  s.conversation.take_to_server();
  s.server({complete("ROLLBACK"), ready('I')}).to_server({"Query\t \"SHOW \"timezone\";\""}).keeps();
  s.client(parse("", kSelect));
  EXPECT_EQ(s.need, Conversation::Need::drain);
}

TEST(Conversation, deallocate_works_in_the_extended_protocol) {
  Script s;
  s.client(parse("s1", kSelect) + sync()).server({parsed(), ready('I')}).releases();
  s.conversation.take_to_server();
  s.conversation.take_to_client();
  s.client(parse("", "DEALLOCATE s1") + bind("", "") + describe('P', "") + execute() + sync()).to_server({});
  s.to_client({"ParseComplete", "BindComplete", "NoData", "CommandComplete\t \"DEALLOCATE\"", "ReadyForQuery\t I"});
  s.client(bind("", "s1") + sync());
  s.to_client({"ErrorResponse 26000 prepared statement \"s1\" does not exist", "ReadyForQuery\t I"});
  s.client(parse("", "DEALLOCATE s1") + bind("", "") + execute() + sync());
  s.to_client({"ParseComplete", "BindComplete", "ErrorResponse 26000 prepared statement \"s1\" does not exist",
               "ReadyForQuery\t I"});
}

TEST(Conversation, discard_all_comes_back_to_the_startup_settings) {
  Script s(false, {{"timezone", "UTC"}});
  s.begins({status("TimeZone", "UTC"), complete("SET"), ready('I')});
  s.to_client({"ParameterStatus\t \"TimeZone\" \"UTC\""});
  s.client(query("SET timezone TO 'Asia/Tokyo'")).server({complete("SET"), status("TimeZone", "Asia/Tokyo"), ready('I')});
  s.conversation.take_to_client();
  s.client(query("DISCARD ALL"));
  s.conversation.take_to_server();
  s.server({complete("DISCARD ALL"), status("TimeZone", "Etc/UTC"), ready('I')});
  EXPECT_TRUE(s.backend.settings.empty());
  s.to_client({"CommandComplete\t \"DISCARD ALL\"", "ParameterStatus\t \"TimeZone\" \"UTC\"", "ReadyForQuery\t I"});
  s.client(query(kSelect));
  EXPECT_EQ(lines_of(s.conversation.take_to_server(), proto::Direction::frontend)[0],
            "Query\t \"SET \"timezone\" TO 'UTC';\"");
  s.server({status("TimeZone", "UTC"), complete("SET"), ready('I'), complete("SELECT 0"), ready('I')});
  s.to_client({"CommandComplete\t \"SELECT 0\"", "ReadyForQuery\t I"}).releases();
}

TEST(Conversation, reset_is_sent_as_the_startup_message_s_value) {
  Script s(false, {{"timezone", "UTC"}}), same(false, {{"timezone", "UTC"}});
  s.begins({status("TimeZone", "UTC"), complete("SET"), ready('I')});
  s.conversation.take_to_client();
  s.client(query("SET timezone TO 'Asia/Tokyo'")).server({complete("SET"), status("TimeZone", "Asia/Tokyo"), ready('I')});
  s.conversation.take_to_server();
  s.conversation.take_to_client();
  s.client(query("RESET timezone")).to_server({"Query\t \"SET \"timezone\" TO 'UTC'\""});
  s.server({complete("SET"), status("TimeZone", "UTC"), ready('I')});
  s.to_client({"CommandComplete\t \"RESET\"", "ParameterStatus\t \"TimeZone\" \"UTC\"", "ReadyForQuery\t I"});
  EXPECT_EQ(s.backend.settings.at("timezone"), "UTC");
  s.client(query("RESET ALL")).to_server({"Query\t \"RESET ALL; SET \"timezone\" TO 'UTC'\""});
  s.server({complete("RESET"), complete("SET"), ready('I')}).to_client({"CommandComplete\t \"RESET\"", "ReadyForQuery\t I"});
  EXPECT_EQ(s.backend.settings.at("timezone"), "UTC");
  s.client(query(kSelect)).to_server({kSent});
}

TEST(Conversation, a_reset_that_is_prepared_keeps_its_name_on_the_server) {
  Script s(false, {{"work_mem", "5MB"}});
  s.begins({complete("SET"), ready('I')});
  s.client(parse("r", "RESET work_mem") + sync()).server({parsed(), ready('I')});
  const auto sent = lines_of(s.conversation.take_to_server(), proto::Direction::frontend).at(0);
  EXPECT_NE(sent.find("SET \"work_mem\" TO '5MB'"), std::string::npos) << sent;
  s.client(bind("", "r") + execute() + sync());
  EXPECT_EQ(lines_of(s.conversation.take_to_server(), proto::Direction::frontend).size(), 3u) << "Bind, Execute, Sync";
  s.server({bound(), complete("SET"), ready('I')});
  s.conversation.take_to_client();
  s.client(parse("q", "RESET work_mem") + sync()).to_server({"Sync"});
}

TEST(Conversation, after_reset_all_behind_a_local_default_the_server_is_asked) {
  Script s;
  s.client(query("SET timezone TO 'Asia/Tokyo'")).server({complete("SET"), ready('I')});
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(query("SET LOCAL timezone TO DEFAULT")).server({complete("SET"), ready('T')});
  s.client(query("RESET ALL")).server({complete("RESET"), ready('T')});
  s.client(query("COMMIT"));
  s.conversation.take_to_server();
  s.server({complete("COMMIT"), ready('I')}).keeps().to_server({"Query\t \"SHOW \"timezone\";\""});
  s.server({bytes(proto::RowDescription{}), bytes(proto::DataRow{{"Asia/Tokyo"}}), complete("SHOW"), ready('I')}).releases();
  EXPECT_EQ(s.backend.settings.at("timezone"), "Asia/Tokyo");
}

TEST(Conversation, a_statement_is_not_prepared_anew_while_its_transaction_may_have_failed) {
  Script s;
  s.client(parse("p", kSelect) + sync()).server({parsed(), ready('I')});
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(query("SET datestyle TO 'SQL, DMY'")).server({complete("SET"), ready('T')});
  s.client(query("SELECT 1/0") + describe('S', "p"));
  EXPECT_EQ(s.need, Conversation::Need::drain);
  s.server({error(sqlstate::internal_error, "division by zero"), ready('E')});
  s.conversation.take_to_server();
  s.client(describe('S', "p") + sync());
  EXPECT_EQ(s.need, Conversation::Need::nothing);
  EXPECT_EQ(lines_of(s.conversation.take_to_server(), proto::Direction::frontend).size(), 2u) << "Describe, Sync";
}

TEST(Conversation, a_string_in_pieces_leaves_no_unnamed_portal) {
  Script s;
  s.client(parse("p", kSelect) + sync()).server({parsed(), ready('I')});
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(bind("", "p") + sync()).server({bound(), ready('T')});
  s.conversation.take_to_server();
  s.client(query("PREPARE q AS SELECT 2"));
  auto sent = lines_of(s.conversation.take_to_server(), proto::Direction::frontend);
  ASSERT_EQ(sent.size(), 3u) << "Close, Parse, Sync";
  EXPECT_TRUE(sent[0].starts_with("Close")) << sent[0];
  s.server({closed(), parsed(), ready('T')});
  s.conversation.take_to_client();
  s.client(query("EXECUTE q"));
  sent = lines_of(s.conversation.take_to_server(), proto::Direction::frontend);
  ASSERT_EQ(sent.size(), 6u) << "Parse, Bind, Describe, Execute, Close, Sync";
  EXPECT_TRUE(sent[4].starts_with("Close")) << sent[4];
  s.server({parsed(), bound(), bytes(proto::NoData{}), complete("SELECT 0"), closed(), ready('T')});
  s.to_client({"CommandComplete\t \"SELECT 0\"", "ReadyForQuery\t T"});
}

TEST(Conversation, values_are_counted_before_the_transaction_is_looked_at) {
  Script s;
  s.client(parse("p", kSelect) + sync()).server({parsed(), ready('I')}).releases();
  s.other_server();
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(query("SELECT 1/0")).server({error(sqlstate::internal_error, "division by zero"), ready('E')});
  s.conversation.take_to_server();
  s.conversation.take_to_client();
  s.client(bytes(proto::Bind{"", "p", {}, {"1"}, {}}) + sync());
  s.server({error(sqlstate::syntax_error, "of ours"), ready('E')});
  s.to_client({"ErrorResponse 08P01 bind message supplies 1 parameters, but prepared statement \"p\" requires 0", "ReadyForQuery\t E"});
  s.client(bind("", "p") + sync()).server({error(sqlstate::in_failed_sql_transaction, "aborted"), ready('E')});
  s.to_client({"ErrorResponse 25P02 aborted", "ReadyForQuery\t E"});
}

TEST(Conversation, a_client_is_told_what_it_finds_on_a_connection_whoever_has_set_it) {
  Script one(false, {{"timezone", "UTC"}}), two(false, {{"timezone", "Asia/Tokyo"}});
  one.backend.reported.note("TimeZone", "Etc/UTC");
  one.begins({status("TimeZone", "UTC"), complete("SET"), ready('I')});
  one.releases().to_client({"ParameterStatus\t \"TimeZone\" \"UTC\""});
  two.backend.settings = {{"timezone", "Asia/Tokyo"}};  // another client's, just the same
  two.backend.reported.note("TimeZone", "Asia/Tokyo");
  two.begins({}).releases().to_client({"ParameterStatus\t \"TimeZone\" \"Asia/Tokyo\""});
  one.backend.settings = two.backend.settings;
  one.backend.reported = two.backend.reported;
  one.client(query("BEGIN")).server({status("TimeZone", "UTC"), complete("SET"), ready('I'), complete("BEGIN"), ready('T')});
  one.to_client({"CommandComplete\t \"BEGIN\"", "ReadyForQuery\t T"});
}

TEST(Conversation, a_session_without_settings_of_its_own_is_told_what_the_pool_knows) {
  Script s(false, {{"application_name", "me"}});
  pool::Reported usual;
  usual.note("TimeZone", "UTC");
  usual.note("application_name", "");
  s.conversation.introduce(usual);
  s.to_client({"ParameterStatus\t \"TimeZone\" \"UTC\"", "ParameterStatus\t \"application_name\" \"me\""});
  usual.note("TimeZone", "Asia/Tokyo");  // since its configuration was read anew
  s.backend.reported = usual;
  s.client(query(kSelect)).server({status("application_name", "me"), complete("SET"), ready('I'), complete("SELECT 0"), ready('I')});
  s.to_client({"CommandComplete\t \"SELECT 0\"", "ParameterStatus\t \"TimeZone\" \"Asia/Tokyo\"", "ReadyForQuery\t I"});
}

TEST(Conversation, half_a_datestyle_is_put_on_top_of_the_server_s_own) {
  Script s(false, {{"datestyle", "ISO"}});
  s.backend.settings = {{"datestyle", "SQL, DMY"}};
  s.backend.reported.note("DateStyle", "SQL, DMY");
  s.conversation.attach(s.backend);
  s.conversation.begin();
  s.to_server({"Query\t \"RESET \"datestyle\";SET \"datestyle\" TO 'ISO';\""});
  s.server({complete("RESET"), complete("SET"), status("DateStyle", "ISO, MDY"), ready('I')});
  s.conversation.introduce({});
  s.to_client({"ParameterStatus\t \"DateStyle\" \"ISO, MDY\""});
  EXPECT_EQ(s.backend.settings.at("datestyle"), "ISO, MDY") << "nobody who says 'ISO' finds his own there";

  s.client(query("SET datestyle = 'DMY'")).server({complete("SET"), status("DateStyle", "ISO, DMY"), ready('I')}).releases();
  EXPECT_EQ(s.backend.settings.at("datestyle"), "ISO, DMY") << "as the server has told it";
  s.conversation.take_to_server();
}

TEST(Conversation, what_is_prepared_under_half_a_datestyle_is_nobody_else_s) {
  Script s;
  std::string names[2];
  for (auto& name : names) {
    s.client(query("BEGIN") + query("SET datestyle = 'SQL'"));
    s.server({complete("BEGIN"), ready('T'), complete("SET"), ready('T')});
    s.conversation.take_to_server();
    s.client(parse("", kSelect) + close('S', "s") + parse("s", kSelect) + sync());
    name = lines_of(s.conversation.take_to_server(), proto::Direction::frontend)[1];
    s.server({parsed(), parsed(), ready('T')});
    s.client(query("ROLLBACK")).server({complete("ROLLBACK"), ready('I')});
  }
  EXPECT_TRUE(names[0].starts_with("Parse\t \"_b")) << names[0];
  EXPECT_NE(names[0], names[1]);
}

TEST(Conversation, a_startup_setting_the_server_does_not_take_ends_the_session_in_its_words) {
  Script s(false, {{"timezone", "Mars"}});
  s.conversation.attach(s.backend);
  s.conversation.begin();
  s.server({error(sqlstate::invalid_parameter_value, "invalid value for parameter \"TimeZone\": \"Mars\"")});
  EXPECT_FALSE(s.outcome);
  s.to_client({"ErrorResponse 22023 invalid value for parameter \"TimeZone\": \"Mars\""});
}

TEST(Conversation, session_mode_keeps_the_connection) {
  Script s(true);
  s.client(query(kSelect)).server({complete("SELECT 0"), ready('I')}).keeps();
}

TEST(Conversation, a_server_out_of_step_is_an_error) {
  for (const auto& frame : {row(), parsed(), bound(), closed(), ready('I'), complete("SELECT 1"), suspended(),
                            bytes(proto::CopyInResponse{}), bytes(proto::CopyBothResponse{})}) {
    Script s;
    s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
    s.server({frame});
    EXPECT_FALSE(s.outcome) << proto::trace(frame, proto::Direction::backend);
  }
  Script s;
  s.client(query(kSelect)).server({bytes(proto::CopyOutResponse{})});
  EXPECT_FALSE(s.outcome);
}

TEST(Conversation, a_server_that_changes_what_is_pinned_is_left) {
  Script s;
  s.client(query(kSelect)).server({status("standard_conforming_strings", "off")});
  EXPECT_FALSE(s.outcome);
  Script t;
  t.client(query(kSelect)).server({status("client_encoding", "SJIS")});
  EXPECT_FALSE(t.outcome);
}

TEST(Conversation, a_hidden_query_destroys_the_unnamed_statement_too) {
  Script s(false, {{"timezone", "UTC"}});
  s.client(parse("", kSelect) + sync());
  s.server({complete("SET"), ready('I'), parsed(), ready('I')}).releases();
  s.backend.settings.clear();  // another client's turn in between
  s.conversation.take_to_server();
  s.conversation.take_to_client();
  s.client(bind("", "") + execute() + sync());
  const auto sent = lines_of(s.conversation.take_to_server(), proto::Direction::frontend);
  ASSERT_EQ(sent.size(), 5u);
  EXPECT_TRUE(sent[0].starts_with("Query\t \"SET ")) << sent[0];
  EXPECT_TRUE(sent[1].starts_with("Parse\t \"\"")) << sent[1];
}

TEST(Conversation, a_setting_made_by_a_suspended_portal_is_tracked) {
  Script s;
  s.client(parse("", "SELECT set_config('statement_timeout', '1234', false)") + bind("", "") +
           bytes(proto::Execute{"", 1}) + sync());
  s.server({parsed(), bound(), row(), suspended(), ready('I')}).releases();
  EXPECT_EQ(s.backend.settings.at("statement_timeout"), "1234");
}

TEST(Conversation, nothing_is_built_on_a_discard_all_under_way) {
  Script s;
  s.client(parse("", "DISCARD ALL") + bind("", "") + execute() + parse("s2", kSelect));
  EXPECT_EQ(s.need, Conversation::Need::drain);
  auto sent = lines_of(s.conversation.take_to_server(), proto::Direction::frontend);
  EXPECT_EQ(sent.back(), "Flush");
  s.server({parsed(), bound(), complete("DISCARD ALL")});
  s.client(parse("s2", kSelect) + bind("", "s2") + execute() + sync());
  s.server({parsed(), bound(), complete("SELECT 0"), ready('I')}).releases();
  EXPECT_EQ(s.backend.prepared.size(), 1u);
}

TEST(Conversation, deallocate_behind_an_error_never_happened) {
  Script s;
  s.client(parse("keep", kSelect) + sync()).server({parsed(), ready('I')});
  s.client(parse("", "SELECT 1/0") + bind("", "") + execute() + parse("", "DEALLOCATE keep") + bind("", "") + execute());
  EXPECT_EQ(s.need, Conversation::Need::drain);
  s.server({parsed(), bound(), error(sqlstate::internal_error, "division by zero")});
  s.client(execute() + sync()).server({ready('I')});
  s.conversation.take_to_client();
  s.client(bind("", "keep") + execute() + sync());
  s.server({bound(), complete("SELECT 0"), ready('I')});
  s.to_client({"BindComplete", "CommandComplete\t \"SELECT 0\"", "ReadyForQuery\t I"});
}

TEST(Conversation, a_statement_that_waited_and_was_thrown_away_answers_no_other) {
  Script s;
  s.client(describe('P', "p1") + query("DEALLOCATE ALL"));
  EXPECT_EQ(s.need, Conversation::Need::drain);
  s.server({error(sqlstate::invalid_cursor_name, "portal \"p1\" does not exist")});
  s.client(query("DEALLOCATE ALL") + sync());
  s.conversation.take_to_server();
  s.server({ready('I')});
  s.conversation.take_to_client();
  s.client(query(kSelect)).to_server({kSent}).to_client({});
}

TEST(Conversation, a_message_too_long_while_skipping_is_skipped) {
  Script s;
  s.client(parse("", "LOCK TABLE t"));
  s.conversation.take_to_client();
  s.conversation.refuse({'Q', 1 << 24}, make_error(sqlstate::program_limit_exceeded, "too long"));
  s.to_client({}).client(sync()).to_client({"ReadyForQuery\t I"});
  s.conversation.refuse({'d', 1 << 24}, make_error(sqlstate::program_limit_exceeded, "too long"));
  s.to_client({});
}

TEST(Conversation, rows_of_a_copy_are_passed_on) {
  const auto begins = bytes(proto::CopyOutResponse{{0, {0}}}), data = bytes(proto::CopyData{"1\n"}), done = bytes(proto::CopyDone{});
  Script s;
  s.client(query("COPY t (id) TO STDOUT")).server({begins, data, done, complete("COPY 1"), ready('I')});
  s.to_client({"CopyOutResponse\t 0 1 0", "CopyData\t '1\\x0a'", "CopyDone", "CommandComplete\t \"COPY 1\"", "ReadyForQuery\t I"});
  s.releases();
  // Extended, and behind another statement of the same string.
  s.client(parse("", "COPY t (id) TO STDOUT") + bind("", "") + execute() + sync());
  s.server({parsed(), bound(), begins, data, done, complete("COPY 1"), ready('I')});
  EXPECT_EQ(lines_of(s.conversation.take_to_client(), proto::Direction::backend).size(), 7u);
  s.releases();
  s.client(query("SELECT 1; COPY t (id) TO STDOUT"));
  s.server({row(), complete("SELECT 1"), begins, data, done, complete("COPY 1"), ready('I')});
  EXPECT_TRUE(s.outcome);
  s.releases();
}

TEST(Conversation, an_error_in_the_middle_of_a_copy_ends_it) {
  Script s;
  s.client(query("COPY t (id) TO STDOUT"));
  s.server({bytes(proto::CopyOutResponse{}), bytes(proto::CopyData{"1\n"}), error(sqlstate::query_canceled, "canceled"), ready('I')});
  EXPECT_TRUE(s.outcome);
  s.releases();
}

TEST(Conversation, rows_of_a_copy_come_only_where_one_is_due) {
  const std::vector<std::string> wrong[] = {{bytes(proto::CopyData{"x"})},
                                            {bytes(proto::CopyDone{})},
                                            {bytes(proto::CopyOutResponse{}), bytes(proto::CopyOutResponse{})},
                                            {bytes(proto::CopyOutResponse{}), ready('I')},
                                            {bytes(proto::CopyOutResponse{}), complete("COPY 0")},
                                            {bytes(proto::CopyInResponse{})}};
  for (const auto& frames : wrong) {
    Script s;
    s.client(query("COPY t (id) TO STDOUT")).server(frames);
    EXPECT_FALSE(s.outcome);
  }
  Script s;
  s.client(query("SELECT 1; COPY t (id) TO STDOUT")).server({bytes(proto::CopyOutResponse{})});
  EXPECT_FALSE(s.outcome) << "it is the SELECT's turn";
}

TEST(Conversation, late_copy_messages_are_dropped) {
  Script s;
  s.client(bytes(proto::CopyData{"x"}) + bytes(proto::CopyDone{}) + bytes(proto::CopyFail{"y"})).to_server({}).to_client({});
}

TEST(Conversation, a_function_call_is_refused) {
  Script s;
  std::string call("F\0\0\0\x0e\0\0\x08\x1e\0\0\0\0\0\0", 15);
  s.client(call);
  const auto lines = lines_of(s.conversation.take_to_client(), proto::Direction::backend);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].starts_with("ErrorResponse 0A000")) << lines[0];
}

/// What is on the connection already is answered here, but not in a transaction that has failed, or may have.
TEST(Conversation, a_failed_transaction_gives_no_names) {
  Script s;
  s.client(parse("s1", kSelect) + sync()).server({parsed(), ready('I')});
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(query("SELECT 1/0")).server({error("22012", "division by zero"), ready('E')});
  s.conversation.take_to_client();
  s.client(close('S', "zz") + parse("s2", kSelect) + sync());
  s.server({error("25P02", "refused"), ready('E')});
  const auto lines = lines_of(s.conversation.take_to_client(), proto::Direction::backend);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "CloseComplete");
  EXPECT_TRUE(lines[1].starts_with("ErrorResponse 25P02")) << lines[1];
  EXPECT_EQ(lines[2], "ReadyForQuery\t E");
}

TEST(Conversation, what_is_parsed_before_in_the_batch_does_not_mend_a_failed_transaction) {
  Script s;
  s.client(parse("s1", kSelect) + sync()).server({parsed(), ready('I')});
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(query("SELECT 1/0")).server({error("22012", "division by zero"), ready('E')});
  s.conversation.take_to_client();
  s.client(parse("", "COMMIT") + parse("s2", kSelect) + sync());
  s.server({parsed(), error("25P02", "refused"), ready('E')});
  const auto lines = lines_of(s.conversation.take_to_client(), proto::Direction::backend);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "ParseComplete");
  EXPECT_TRUE(lines[1].starts_with("ErrorResponse 25P02")) << lines[1];
  EXPECT_EQ(lines[2], "ReadyForQuery\t E");
}

TEST(Conversation, a_name_waits_for_batches_that_may_have_failed) {
  Script s;
  s.client(parse("s1", kSelect) + sync()).server({parsed(), ready('I')});
  s.client(query("BEGIN") + query("SELECT 1/0"));
  s.client(parse("s2", kSelect));
  EXPECT_EQ(s.need, Conversation::Need::drain);
}

TEST(Conversation, deallocate_knows_the_clients_names) {
  Script s;
  s.client(parse("s1", kSelect) + sync()).server({parsed(), ready('I')});
  s.conversation.take_to_client();
  s.client(query("DEALLOCATE s1")).to_client({"CommandComplete\t \"DEALLOCATE\"", "ReadyForQuery\t I"});
  s.client(query("DEALLOCATE s1"))
      .to_client({"ErrorResponse 26000 prepared statement \"s1\" does not exist", "ReadyForQuery\t I"});
  s.client(query("DEALLOCATE ALL")).to_client({"CommandComplete\t \"DEALLOCATE ALL\"", "ReadyForQuery\t I"});
}

/// The types of the messages that have been sent, and the texts behind.
std::string sent_to_server(Script& s, std::vector<std::string>& lines) {
  lines = lines_of(s.conversation.take_to_server(), proto::Direction::frontend);
  std::string kinds;
  for (const auto& line : lines) kinds += line.substr(0, line.find_first_of("\t ")) + " ";
  return kinds;
}

TEST(Conversation, prepare_in_sql_is_a_parse_of_its_body) {
  Script s;
  std::vector<std::string> sent;
  s.client(query("PREPARE p (int8) AS SELECT id FROM t WHERE id = $1"));
  EXPECT_EQ(sent_to_server(s, sent), "Parse Sync ");
  EXPECT_NE(sent[0].find("\"_b"), std::string::npos) << sent[0];
  EXPECT_NE(sent[0].find("org_id"), std::string::npos) << sent[0];
  EXPECT_EQ(sent[0].find("PREPARE"), std::string::npos) << sent[0];
  s.server({parsed(), ready('I')}).to_client({"CommandComplete\t \"PREPARE\"", "ReadyForQuery\t I"}).releases();

  s.other_server();
  s.client(query("EXECUTE p(7)"));
  EXPECT_EQ(sent_to_server(s, sent), "Parse Parse Bind Describe Execute Close Sync ") << "a hidden Parse goes first";
  EXPECT_NE(sent[1].find("EXECUTE _b"), std::string::npos) << sent[1];
  s.server({parsed(), parsed(), bound(), bytes(proto::RowDescription{}), row(), complete("SELECT 1"), closed(), ready('I')});
  s.to_client({lines_of(bytes(proto::RowDescription{}), proto::Direction::backend)[0],
               lines_of(row(), proto::Direction::backend)[0], "CommandComplete\t \"SELECT 1\"", "ReadyForQuery\t I"}).releases();

  s.client(query("PREPARE p AS SELECT 1"));
  sent_to_server(s, sent);
  s.server({error(sqlstate::syntax_error, "refused by bulkhead"), ready('I')});
  s.to_client({"ErrorResponse 42P05 prepared statement \"p\" already exists", "ReadyForQuery\t I"});
  s.client(bind("", "p") + execute() + sync());
  EXPECT_EQ(sent_to_server(s, sent), "Bind Execute Sync ");
  s.server({bound(), complete("SELECT 0"), ready('I')});
  s.to_client({"BindComplete", "CommandComplete\t \"SELECT 0\"", "ReadyForQuery\t I"});
}

TEST(Conversation, an_error_of_prepare_in_sql_is_at_its_place_in_the_clients_text) {
  Script s;
  std::vector<std::string> sent;
  s.client(query("PREPARE p AS SELECT nothing FROM t"));
  sent_to_server(s, sent);
  s.server({error(sqlstate::undefined_column, "no such column", 8), ready('I')});
  s.to_client({"ErrorResponse 42703 no such column @21", "ReadyForQuery\t I"});
  s.client(query("EXECUTE p"));
  sent_to_server(s, sent);
  s.server({error(sqlstate::syntax_error, "refused by bulkhead"), ready('I')});
  s.to_client({"ErrorResponse 26000 prepared statement \"p\" does not exist", "ReadyForQuery\t I"});
}

TEST(Conversation, what_execute_says_has_the_clients_name) {
  Script s;
  std::vector<std::string> sent;
  s.client(parse("mine", kSelect) + sync()).server({parsed(), ready('I')});
  s.conversation.take_to_client();
  sent_to_server(s, sent);
  const auto begin = sent[0].find("\"_b");
  const std::string name = sent[0].substr(begin, sent[0].find('"', begin + 1) + 1 - begin);
  s.client(query("EXECUTE mine('x'::int)"));
  EXPECT_EQ(sent_to_server(s, sent), "Parse Bind Describe Execute Close Sync ");
  const auto place = static_cast<int>(("EXECUTE " + name.substr(1, name.size() - 2) + "(").size()) + 1;
  s.server({parsed(), bound(), bytes(proto::NoData{}),
            error(sqlstate::invalid_sql_statement_name, "prepared statement " + name + " is odd", place), ready('I')});
  s.to_client({"ErrorResponse 26000 prepared statement \"mine\" is odd @14", "ReadyForQuery\t I"});
}

TEST(Conversation, a_cursor_has_to_be_known) {
  Script s;
  const std::string update = "UPDATE t SET id = 1 WHERE CURRENT OF c";
  s.client(query(update));
  s.to_server({}).to_client({"ErrorResponse 34000 cursor \"c\" does not exist", "ReadyForQuery\t I"});
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(query("DECLARE c CURSOR FOR " + std::string(kSelect))).server({complete("DECLARE CURSOR"), ready('T')});
  s.conversation.take_to_server();
  s.conversation.take_to_client();
  s.client(query(update));
  std::vector<std::string> sent;
  EXPECT_EQ(sent_to_server(s, sent), "Query ");
  s.server({complete("UPDATE 1"), ready('T')}).to_client({"CommandComplete\t \"UPDATE 1\"", "ReadyForQuery\t T"});
  s.client(parse("", update) + bind("", "") + execute());
  EXPECT_EQ(s.need, Conversation::Need::drain) << "whether the cursor is still there the answers tell";
  s.server({parsed(), bound()});
  s.client(execute() + sync()).server({complete("UPDATE 1"), ready('T')});
  s.conversation.take_to_client();
  s.client(query("ROLLBACK")).server({complete("ROLLBACK"), ready('I')});
  s.conversation.take_to_client();
  s.client(query(update)).to_client({"ErrorResponse 34000 cursor \"c\" does not exist", "ReadyForQuery\t I"});
}

TEST(Conversation, in_a_failed_transaction_no_cursor_is_looked_for) {
  Script s;
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(query("SELECT 1/0")).server({error("22012", "division by zero"), ready('E')});
  s.conversation.take_to_client();
  s.client(query("UPDATE t SET id = 1 WHERE CURRENT OF c")).server({error("25P02", "refused"), ready('E')});
  const auto lines = lines_of(s.conversation.take_to_client(), proto::Direction::backend);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].starts_with("ErrorResponse 25P02")) << lines[0];
}

TEST(Conversation, a_statement_over_the_limit_is_refused) {
  Script s;
  s.client(query("SELECT '" + std::string(5000, 'x') + "'"));
  const auto lines = lines_of(s.conversation.take_to_client(), proto::Direction::backend);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].starts_with("ErrorResponse 54000")) << lines[0];
}

TEST(Conversation, the_texts_of_prepared_statements_are_bounded_together) {
  Script s;
  const std::string text = "SELECT '" + std::string(4000, 'x') + "'";  // twice: the client's and the rewritten one
  int taken = 0;
  for (; taken < 3000; ++taken) {
    s.client(parse("s" + std::to_string(taken), text) + sync());
    if (!s.conversation.take_to_client().empty() && !s.conversation.answers_owed()) break;
    s.conversation.take_to_server();
    s.server(taken == 0 ? std::vector<std::string>{parsed(), ready('I')} : std::vector<std::string>{ready('I')});
    s.conversation.take_to_client();
  }
  EXPECT_GT(taken, 2000) << "16 MiB hold this many";
  EXPECT_LT(taken, 2200);
  s.client(close('S', "s7") + close('S', "s8"));
  s.conversation.take_to_client();
  s.client(parse("again", text) + sync()).server({ready('I')});
  const auto got = lines_of(s.conversation.take_to_client(), proto::Direction::backend);
  ASSERT_EQ(got.size(), 2u) << "room again";
  EXPECT_EQ(got[0], "ParseComplete");
}

TEST(Conversation, portals_are_bounded) {
  Script s;
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(parse("", kSelect));
  for (int i = 0; i < 1000; ++i) s.client(test::bind("p" + std::to_string(i), ""));
  s.conversation.take_to_server();
  s.client(bind("one more", ""));
  EXPECT_EQ(lines_of(s.conversation.take_to_server(), proto::Direction::frontend),
            (std::vector<std::string>{"Parse\t \"bulkhead_refused\" \"refused by bulkhead\" 0"}));
}

TEST(Conversation, an_unknown_relation_asks_for_a_newer_catalogue_once) {
  Script s;
  s.client(query("SELECT 1 FROM unheard_of"));
  EXPECT_EQ(s.need, Conversation::Need::catalogue);
  s.conversation.catalogue_renewed();
  s.client(query("SELECT 1 FROM unheard_of"));
  EXPECT_EQ(s.need, Conversation::Need::nothing);
  EXPECT_EQ(lines_of(s.conversation.take_to_client(), proto::Direction::backend).size(), 2u);
  s.client(query("SELECT 1 FROM unheard_of"));
  EXPECT_EQ(s.need, Conversation::Need::catalogue);
}

TEST(Conversation, a_shutdown_reaches_the_client_as_the_server_said_it) {
  Script s;
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.conversation.take_to_client();
  std::string fatal;
  proto::encode_error(make_error(sqlstate::admin_shutdown, "terminating connection due to administrator command"), "FATAL",
                      fatal);
  s.server({fatal});
  EXPECT_FALSE(s.outcome);
  s.to_client({"ErrorResponse 57P01 terminating connection due to administrator command"});
}

Error out_of_time() { return make_error(sqlstate::query_canceled, "out of time", "a line sets it"); }
std::string cancelled() { return error(sqlstate::query_canceled, "canceling statement due to user request"); }

TEST(Conversation, a_statement_that_is_cancelled_for_its_time_fails_with_the_reason) {
  Script s;
  s.client(query(kSelect));
  EXPECT_TRUE(s.conversation.expire(out_of_time()));
  s.server({row(), cancelled(), ready('I')});
  s.to_client({"DataRow\t 1 1 '1'", "ErrorResponse 57014 out of time", "ReadyForQuery\t I"});
  s.client(query(kSelect)).server({cancelled(), ready('I')});
  s.to_client({"ErrorResponse 57014 canceling statement due to user request", "ReadyForQuery\t I"});
}

TEST(Conversation, one_that_ends_before_its_cancel_comes_keeps_its_end) {
  Script s;
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(query(kSelect));
  EXPECT_TRUE(s.conversation.expire(out_of_time()));
  s.server({error(sqlstate::undefined_column, "no such column"), ready('E')});
  s.to_client({"CommandComplete\t \"BEGIN\"", "ReadyForQuery\t T", "ErrorResponse 42703 no such column", "ReadyForQuery\t E"});
}

TEST(Conversation, a_batch_waits_for_the_one_before_it_where_a_cancel_may_come_between) {
  Script s;
  s.conversation.one_batch_at_a_time(true);
  s.client(parse("", kSelect) + bind("", "") + execute() + parse("", kSelect) + bind("", "") + execute() + sync());
  EXPECT_EQ(s.need, Conversation::Need::nothing) << "a batch is one";
  s.client(query(kSelect));
  EXPECT_EQ(s.need, Conversation::Need::drain);
  s.server({parsed(), bound(), complete("SELECT 0"), parsed(), bound(), complete("SELECT 0")});
  s.client(query(kSelect));
  EXPECT_EQ(s.need, Conversation::Need::drain);
  s.server({ready('I')});
  s.client(query(kSelect));
  EXPECT_EQ(s.need, Conversation::Need::nothing);
}

TEST(Conversation, settings_before_a_batch_do_not_part_it) {
  Script s(false, {{"work_mem", "5MB"}});
  s.conversation.one_batch_at_a_time(true);
  s.client(parse("", kSelect) + bind("", "") + execute() + sync());
  EXPECT_EQ(s.need, Conversation::Need::nothing);
}

TEST(Conversation, what_goes_on_has_a_number_until_it_ends) {
  Script s;
  const auto statements = [&] { return s.conversation.statements_ended(); };
  const auto transactions = [&] { return s.conversation.transactions_ended(); };
  s.client(query("BEGIN")).server({complete("BEGIN"), ready('T')});
  s.client(query(kSelect + ";" + kSelect));
  EXPECT_EQ(s.conversation.statements_sent(), 3u);
  const auto first = statements(), transaction = transactions();
  s.server({row(), row()});
  EXPECT_EQ(statements(), first);
  s.server({complete("SELECT 2")});
  EXPECT_NE(statements(), first) << "the second of the string";
  s.server({complete("SELECT 0"), ready('T')});
  EXPECT_EQ(transactions(), transaction);
  s.client(query("COMMIT")).server({complete("COMMIT"), ready('I')});
  EXPECT_NE(transactions(), transaction);
}

}  // namespace
}  // namespace bulkhead::session::test
