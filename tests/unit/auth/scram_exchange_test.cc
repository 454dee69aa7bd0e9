// Whole exchanges: that of RFC 7677 word by word in both roles, one recorded between psql and PostgreSQL, and our
// client against our server.

#include <gtest/gtest.h>

#include "auth/scram_client.h"
#include "auth/scram_server.h"

namespace bulkhead::auth {
namespace {

struct Recording {
  std::string password, client_nonce, server_nonce;
  int iterations;
  std::string salt;               // base64
  std::string client_first_user;  // what stands behind n=
  std::string client_proof, server_signature;
};

// RFC 7677 §3.
const Recording kRfc7677{"pencil",
                         "rOprNGfwEbeRWgbNEkqO",
                         "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
                         4096,
                         "W22ZaJ0SNY7soEsUEjb6gQ==",
                         "user",
                         "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                         "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="};

// psql 15 against PostgreSQL 15.
const Recording kPsql{"tr0ub4dor, s\u00e4mtlich",
                      "/kB4yIpNZzlmnwYqtNqlJBUS",
                      "Jxi8PCw8bL6CJEm/avm1Q9gB",
                      4096,
                      "fjEaSHi0a/xf3X0HxQu5lw==",
                      "",
                      "0kHYVc+/jfPNIa58oEYx91vinEXq2cMEYnwffIDbM/g=",
                      "7r3VfigjR4ph4odHhgSBUA8waYqxezWs+9bLjj9WNto="};

std::string server_first(const Recording& r) {
  return "r=" + r.client_nonce + r.server_nonce + ",s=" + r.salt + ",i=" + std::to_string(r.iterations);
}
std::string client_final(const Recording& r) {
  return "c=biws,r=" + r.client_nonce + r.server_nonce + ",p=" + r.client_proof;
}

void replay_on_our_server(const Recording& r) {
  const auto verifier = derive_verifier(Secret(r.password), *base64_decode(r.salt), r.iterations);
  ScramServer server(verifier, [&] { return r.server_nonce; });
  EXPECT_EQ(*server.on_first("n,,n=" + r.client_first_user + ",r=" + r.client_nonce), server_first(r));
  const auto outcome = server.on_final(client_final(r));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->proven);
  EXPECT_EQ(outcome->server_final, "v=" + r.server_signature);
}

TEST(ScramExchange, OurServerReplaysRfc7677) { replay_on_our_server(kRfc7677); }
TEST(ScramExchange, OurServerReplaysPostgresql) { replay_on_our_server(kPsql); }

TEST(ScramExchange, OurClientReplaysPsql) {
  ScramClient client([] { return kPsql.client_nonce; });
  EXPECT_EQ(*client.first("SCRAM-SHA-256"), "n,,n=,r=" + kPsql.client_nonce);
  const auto need = client.on_server_first(server_first(kPsql));
  ASSERT_TRUE(need);
  EXPECT_EQ(need->salt, *base64_decode(kPsql.salt));
  EXPECT_EQ(need->iterations, kPsql.iterations);
  const auto keys = derive_keys(Secret(kPsql.password), need->salt, need->iterations);
  EXPECT_EQ(*client.final(keys), client_final(kPsql));
  EXPECT_TRUE(client.on_server_final("v=" + kPsql.server_signature));
  EXPECT_TRUE(client.finished());
}

TEST(ScramExchange, OurClientAndServerAgree) {
  for (const std::string password : {"pencil", "", "pässword", "\xff\xfe", "with,comma=and\nline"}) {
    const auto verifier = parse_verifier(make_verifier(Secret(password)));
    ASSERT_TRUE(verifier);
    ScramServer server(*verifier, random_nonce);
    ScramClient client(random_nonce);
    const auto need = client.on_server_first(*server.on_first(*client.first("SCRAM-SHA-256")));
    ASSERT_TRUE(need);
    const auto outcome = server.on_final(*client.final(derive_keys(Secret(password), need->salt, need->iterations)));
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(outcome->proven);
    EXPECT_FALSE(client.finished());
    EXPECT_TRUE(client.on_server_final(outcome->server_final));
    EXPECT_TRUE(client.finished());
  }
}

struct Bound {
  Result<ScramServer::Outcome> outcome;
  bool client_satisfied;
};
Bound bound_exchange(const std::string& seen_by_server, const std::string& seen_by_client) {
  ScramServer server(*parse_verifier(make_verifier(Secret("pencil"))), random_nonce, seen_by_server);
  ScramClient client(random_nonce, {true, seen_by_client});
  const auto need = *client.on_server_first(*server.on_first(*client.first("SCRAM-SHA-256-PLUS"), true));
  auto outcome = server.on_final(*client.final(derive_keys(Secret("pencil"), need.salt, need.iterations)));
  const bool satisfied = outcome && client.on_server_final(outcome->server_final);
  return {std::move(outcome), satisfied};
}

TEST(ScramExchange, BoundToOneCertificate) {
  const auto same = bound_exchange("hash of the certificate", "hash of the certificate");
  ASSERT_TRUE(same.outcome);
  EXPECT_TRUE(same.outcome->proven);
  EXPECT_TRUE(same.client_satisfied);
  // Somebody in between who ends TLS on both sides has a certificate of their own.
  const auto other = bound_exchange("hash of the certificate", "hash of another one");
  ASSERT_FALSE(other.outcome);
  EXPECT_EQ(other.outcome.error().state, sqlstate::invalid_authorization_specification);
}

TEST(ScramExchange, AnOfferThatWasTakenAwayIsNoticed) {
  const auto verifier = *parse_verifier(make_verifier(Secret("pencil")));
  ScramClient client(random_nonce, {true, "hash"});
  const auto first = *client.first("SCRAM-SHA-256");
  EXPECT_EQ(ScramServer(verifier, random_nonce, "hash").on_first(first).error().state,
            sqlstate::invalid_authorization_specification);
  EXPECT_TRUE(ScramServer(verifier, random_nonce).on_first(first)) << "nothing was offered: nothing was taken away";
}

TEST(ScramExchange, MechanismAndHeaderHaveToFit) {
  const auto verifier = *parse_verifier(make_verifier(Secret("pencil")));
  for (const std::string header : {"n,,", "y,,"})
    EXPECT_EQ(ScramServer(verifier, random_nonce, "hash").on_first(header + "n=,r=x", true).error().state,
              sqlstate::protocol_violation);
  for (const std::string end_point : {"", "hash"})
    EXPECT_EQ(ScramServer(verifier, random_nonce, end_point).on_first("p=tls-server-end-point,,n=,r=x").error().state,
              sqlstate::protocol_violation);
}

TEST(ScramExchange, AWrongPasswordProvesNothing) {
  ScramServer server(*parse_verifier(make_verifier(Secret("right"))), random_nonce);
  ScramClient client(random_nonce);
  const auto need = *client.on_server_first(*server.on_first(*client.first("SCRAM-SHA-256")));
  const auto outcome = server.on_final(*client.final(derive_keys(Secret("wrong"), need.salt, need.iterations)));
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->proven);
  EXPECT_EQ(outcome->server_final, "") << "our signature is not for strangers";
}

}  // namespace
}  // namespace bulkhead::auth
