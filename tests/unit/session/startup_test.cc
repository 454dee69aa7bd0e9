#include "session/startup.h"

#include <gtest/gtest.h>

namespace bulkhead::session {
namespace {

Result<StartupRequest> judge(proto::Parameters parameters) {
  proto::StartupMessage message;
  message.parameters = std::move(parameters);
  return judge_startup(message, policy::Tenancy{});
}

TEST(Startup, takes_what_drivers_send) {
  const auto request = judge({{"user", "acme_app"},
                              {"database", "app"},
                              {"application_name", "psql"},
                              {"client_encoding", "'utf-8'"},
                              {"DateStyle", "ISO"},
                              {"TimeZone", "Etc/UTC"},
                              {"extra_float_digits", "2"},
                              {"options", "-c statement_timeout=5000 --lock-timeout=3s"}});
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->user, "acme_app");
  EXPECT_EQ(request->database, "app");
  EXPECT_EQ(request->settings,
            (pool::Settings{{"application_name", "psql"}, {"datestyle", "ISO"}, {"timezone", "Etc/UTC"},
                            {"extra_float_digits", "2"}, {"statement_timeout", "5000"}, {"lock_timeout", "3s"}}));
}

TEST(Startup, the_parameter_wins_over_the_option) {
  const auto request = judge({{"user", "u"}, {"options", "-c timezone=UTC"}, {"TimeZone", "CET"}});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->settings.at("timezone"), "CET");
}

TEST(Startup, refuses_what_would_move_the_session) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"app.org_id", "2"},
      {"APP.Org_Id", "2"},
      {"options", "-c app.org_id=2"},
      {"options", "-capp.org_id=2"},
      {"options", "--app.org-id=2"},
      {"options", "-c role=postgres"},
      {"options", "-e"},
      {"options", "-c standard_conforming_strings=off"},
      {"role", "postgres"},
      {"session_authorization", "postgres"},
      {"row_security", "off"},
      {"search_path", "evil, public"},
      {"search_path", "\"public, pg_temp\""},
      {"search_path", "pg_temp, public"},
      {"search_path", "\"Public\""},
      {"search_path", "\"public"},
      {"search_path", "public,"},
      {"search_path", "public pg_temp"},
      {"search_path", ""},
      {"options", "-c search_path=evil"},
      {"standard_conforming_strings", "off"},
      {"client_encoding", "SJIS"},
      {"client_encoding", "LATIN1"},
      {"session_preload_libraries", "x"},
      {"session_replication_role", "replica"},
      {"replication", "true"},
      {"replication", "database"},
      {"other.variable", "1"},
      {"cpu_operator_cost", "0"},
      {"no_such_parameter", "1"},
  };
  for (const auto& [name, value] : cases) EXPECT_FALSE(judge({{"user", "u"}, {name, value}})) << name << "=" << value;
}

TEST(Startup, the_search_path_it_has_is_left_alone) {
  for (const auto* value : {"public", "PUBLIC", " \"public\" ", "public,pg_temp", "\"public\",\tPg_Temp"}) {
    const auto request = judge({{"user", "u"}, {"search_path", value}});
    ASSERT_TRUE(request) << value;
    EXPECT_TRUE(request->settings.empty()) << value;
  }
}

TEST(Startup, only_a_plain_application_name_is_known_in_advance) {
  EXPECT_TRUE(known_in_advance({}));
  EXPECT_TRUE(known_in_advance({{"application_name", "psql"}}));
  EXPECT_FALSE(known_in_advance({{"application_name", "caf\xc3\xa9"}}));
  EXPECT_FALSE(known_in_advance({{"application_name", std::string(64, 'x')}}));
  EXPECT_FALSE(known_in_advance({{"timezone", "UTC"}}));
}

}  // namespace
}  // namespace bulkhead::session
