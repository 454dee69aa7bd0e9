#include "pool/server_login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "auth/scram_server.h"
#include "auth/verifier.h"
#include "proto/backend.h"
#include "proto/frontend.h"

namespace bulkhead::pool {
namespace {

using Step = ServerLogin::Step;

template <class Message>
Result<Step> give(ServerLogin& login, const Message& message) {
  std::string frame;
  proto::encode(message, frame);
  return login.on_frame(frame[0], proto::body_of(frame));
}

Result<Step> give_error(ServerLogin& login, std::string_view state, std::string_view text) {
  std::string body = "SFATAL";
  body += '\0';
  body += "C" + std::string(state);
  body += '\0';
  body += "M" + std::string(text);
  body += '\0';
  body += '\0';
  return login.on_frame('E', body);
}

const std::string& sent(const Result<Step>& step) { return std::get<ServerLogin::Continue>(step.value()).send; }

ServerLogin login_of(const char* password = "secret", auth::ClientChannel channel = {}) {
  return ServerLogin("app_rw", Secret(password), std::move(channel));
}

void finish(ServerLogin& login) {
  EXPECT_TRUE(give(login, proto::ParameterStatus{"standard_conforming_strings", "on"}));
  EXPECT_TRUE(give(login, proto::ParameterStatus{"server_version", "15.20"}));
  EXPECT_TRUE(give(login, proto::ParameterStatus{"server_encoding", "UTF8"}));
  EXPECT_TRUE(give(login, proto::BackendKeyData{42, "key!"}));
  const auto done = give(login, proto::ReadyForQuery{'I'});
  ASSERT_TRUE(done);
  const auto& result = std::get<LoggedIn>(*done);
  EXPECT_EQ(result.parameters.find("server_version"), "15.20");
  EXPECT_EQ(result.process_id, 42);
  EXPECT_EQ(result.cancel_key, "key!");
}

TEST(ServerLogin, without_a_password) {
  auto login = login_of();
  EXPECT_TRUE(give(login, proto::AuthenticationOk{}));
  finish(login);
}

TEST(ServerLogin, a_database_of_another_encoding_is_not_used) {
  for (const char* encoding : {"LATIN1", "SQL_ASCII", "EUC_JP", ""}) {
    auto login = login_of();
    EXPECT_TRUE(give(login, proto::AuthenticationOk{}));
    if (*encoding) {
      EXPECT_TRUE(give(login, proto::ParameterStatus{"server_encoding", encoding}));
    }
    EXPECT_TRUE(give(login, proto::BackendKeyData{42, "key!"}));
    const auto done = give(login, proto::ReadyForQuery{'I'});
    ASSERT_FALSE(done) << encoding;
    EXPECT_THAT(done.error().message, ::testing::HasSubstr("encoding"));
  }
}

TEST(ServerLogin, with_a_cleartext_password) {
  auto login = login_of();
  const auto step = give(login, proto::AuthenticationCleartextPassword{});
  ASSERT_TRUE(step);
  EXPECT_EQ(sent(step), std::string("p\0\0\0\x0bsecret\0", 12));
  EXPECT_TRUE(give(login, proto::AuthenticationOk{}));
  finish(login);
}

TEST(ServerLogin, with_md5) {
  auto login = login_of();
  const auto step = give(login, proto::AuthenticationMD5Password{{'\1', '\2', '\3', '\4'}});
  ASSERT_TRUE(step);
  // md5(md5("secretapp_rw") + 01 02 03 04), computed with md5sum
  EXPECT_EQ(sent(step).substr(0, 8), std::string("p\0\0\0\x28md5", 8));
  EXPECT_EQ(sent(step).size(), 1u + 0x28);
  EXPECT_TRUE(give(login, proto::AuthenticationOk{}));
  finish(login);
}

/// SCRAM against the server side of auth; `password` is what the server knows, `end_point` the hash of its certificate.
Result<void> scram(ServerLogin& login, const char* password, const std::string& end_point = {}) {
  const auto verifier = auth::parse_verifier(auth::make_verifier(Secret(password))).value();
  auth::ScramServer server(verifier, auth::random_nonce, end_point);
  const bool plus = !end_point.empty();
  std::vector<std::string_view> offered{"SCRAM-SHA-256"};
  if (plus) offered.insert(offered.begin(), "SCRAM-SHA-256-PLUS");
  BULKHEAD_TRY(const auto first, give(login, proto::AuthenticationSASL{{offered.begin(), offered.end()}}));
  const auto initial =
      proto::decode_sasl_initial_response(proto::body_of(std::get<ServerLogin::Continue>(first).send)).value();
  EXPECT_EQ(initial.mechanism, plus ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256");
  BULKHEAD_TRY(const auto challenge, server.on_first(*initial.response, plus));
  BULKHEAD_TRY(const auto derive, give(login, proto::AuthenticationSASLContinue{challenge}));
  const auto& need = std::get<ServerLogin::DeriveKeys>(derive).need;
  BULKHEAD_TRY(const auto final, login.on_keys(auth::derive_keys(Secret("secret"), need.salt, need.iterations)));
  BULKHEAD_TRY(const auto outcome, server.on_final(proto::body_of(std::get<ServerLogin::Continue>(final).send)));
  if (!outcome.proven) return make_error(sqlstate::invalid_password, "wrong password");
  BULKHEAD_CHECK(give(login, proto::AuthenticationSASLFinal{outcome.server_final}));
  BULKHEAD_CHECK(give(login, proto::AuthenticationOk{}));
  return {};
}

TEST(ServerLogin, with_scram) {
  auto login = login_of();
  EXPECT_TRUE(scram(login, "secret"));
  finish(login);
  auto other = login_of();
  EXPECT_FALSE(scram(other, "another"));
}

TEST(ServerLogin, with_scram_bound_to_the_certificate) {
  auto login = login_of("secret", {true, "hash"});
  EXPECT_TRUE(scram(login, "secret", "hash"));
  finish(login);
  auto between = login_of("secret", {true, "hash of somebody in between"});
  EXPECT_FALSE(scram(between, "secret", "hash"));
}

TEST(ServerLogin, plus_without_tls_means_that_somebody_took_tls_away) {
  auto login = login_of();
  const auto step = give(login, proto::AuthenticationSASL{{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}});
  ASSERT_FALSE(step);
  EXPECT_FALSE(login.refused()) << "that is ours to say, and no reason to try in plain";
}

TEST(ServerLogin, knows_a_refusal_of_the_servers) {
  auto login = login_of();
  EXPECT_FALSE(login.refused());
  EXPECT_FALSE(give_error(login, "28000", "no pg_hba.conf entry"));
  EXPECT_TRUE(login.refused());
}

TEST(ServerLogin, a_server_that_skips_its_own_proof_is_not_believed) {
  auto login = login_of();
  ASSERT_TRUE(give(login, proto::AuthenticationSASL{{"SCRAM-SHA-256"}}));
  EXPECT_FALSE(give(login, proto::AuthenticationOk{}));
}

TEST(ServerLogin, messages_out_of_order_are_refused) {
  using Message = std::function<Result<Step>(ServerLogin&)>;
  const std::vector<std::pair<const char*, Message>> cases = {
      {"ready before the login", [](auto& l) { return give(l, proto::ReadyForQuery{'I'}); }},
      {"key before the login", [](auto& l) { return give(l, proto::BackendKeyData{1, "abcd"}); }},
      {"parameter before the login", [](auto& l) { return give(l, proto::ParameterStatus{"a", "b"}); }},
      {"a row", [](auto& l) { return give(l, proto::DataRow{{"x"}}); }},
      {"SASL continued before it began", [](auto& l) { return give(l, proto::AuthenticationSASLContinue{"r=x"}); }},
      {"SASL ended before it began", [](auto& l) { return give(l, proto::AuthenticationSASLFinal{"v=x"}); }},
      {"two methods",
       [](auto& l) {
         EXPECT_TRUE(give(l, proto::AuthenticationCleartextPassword{}));
         return give(l, proto::AuthenticationCleartextPassword{});
       }},
      {"a method after success",
       [](auto& l) {
         EXPECT_TRUE(give(l, proto::AuthenticationOk{}));
         return give(l, proto::AuthenticationCleartextPassword{});
       }},
      {"ready in a transaction",
       [](auto& l) {
         EXPECT_TRUE(give(l, proto::AuthenticationOk{}));
         return give(l, proto::ReadyForQuery{'T'});
       }},
      {"no mechanism of ours", [](auto& l) { return give(l, proto::AuthenticationSASL{{"SCRAM-SHA-256-PLUS"}}); }},
      {"malformed", [](auto& l) { return l.on_frame('R', "x"); }},
  };
  for (const auto& [name, run] : cases) {
    auto login = login_of();
    EXPECT_FALSE(run(login)) << name;
  }
}

TEST(ServerLogin, a_server_that_reads_texts_differently_is_refused) {
  for (const auto& [name, value] : {std::pair{"standard_conforming_strings", "off"}, {"client_encoding", "SJIS"}}) {
    auto login = login_of();
    ASSERT_TRUE(give(login, proto::AuthenticationOk{}));
    EXPECT_FALSE(give(login, proto::ParameterStatus{name, value})) << name;
  }
}

TEST(ServerLogin, the_servers_refusal_is_told) {
  auto login = login_of();
  const auto step = give_error(login, "28P01", "password authentication failed");
  ASSERT_FALSE(step);
  EXPECT_NE(step.error().message.find("password authentication failed"), std::string::npos);
  EXPECT_EQ(step.error().state, sqlstate::connection_failure) << "it is about our login, not about the client's";
}

TEST(StartupParameters, carry_the_tenant_and_nothing_of_a_client) {
  policy::Policy policy;
  policy.tenancy.search_path = {"app", "Odd \"one\""};
  policy::Server server;
  server.user = "app_rw";
  server.database = "app";
  const policy::Tenant tenant{"acme", "7", "main"};
  const auto with = startup_parameters(policy, server, &tenant);
  EXPECT_EQ(with.back(), (std::pair<std::string, std::string>("app.org_id", "7")));
  EXPECT_EQ(with[5].second, R"("app", "Odd ""one""", pg_temp)");
  for (const auto& [name, value] : startup_parameters(policy, server, nullptr)) EXPECT_NE(name, "app.org_id");
}

}  // namespace
}  // namespace bulkhead::pool
