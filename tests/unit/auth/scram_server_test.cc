#include "auth/scram_server.h"

#include <gtest/gtest.h>

#include "auth/scram_client.h"

namespace bulkhead::auth {
namespace {

const ScramVerifier kVerifier = derive_verifier(Secret("secret"), "0123456789abcdef", 1000);

struct Exchange {
  ScramServer server{kVerifier, [] { return std::string("Theirs"); }};
  ScramClient client{[] { return std::string("ours"); }};

  std::string final_message() {
    const auto need = *client.on_server_first(*server.on_first(*client.first("SCRAM-SHA-256")));
    return *client.final(derive_keys(Secret("secret"), need.salt, need.iterations));
  }
};

TEST(ScramServer, AcceptsAClientThatThinksWeCannotBind) {
  ScramServer server(kVerifier, [] { return std::string("Theirs"); });
  EXPECT_EQ(*server.on_first("y,,n=,r=ours"), "r=oursTheirs,s=MDEyMzQ1Njc4OWFiY2RlZg==,i=1000");
  const std::string without_proof = "c=eSws,r=oursTheirs";
  const auto message = "n=,r=ours,r=oursTheirs,s=MDEyMzQ1Njc4OWFiY2RlZg==,i=1000," + without_proof;
  const auto keys = derive_keys(Secret("secret"), kVerifier.salt, kVerifier.iterations);
  const auto proof = exclusive_or(keys.client_key.reveal(), hmac_sha256(sha256(keys.client_key.reveal()), message));
  EXPECT_TRUE(server.on_final(without_proof + ",p=" + base64_encode(proof))->proven);
}

TEST(ScramServer, AProofWithOneBitWrongProvesNothing) {
  for (std::size_t i = 0; i < 32; ++i) {
    Exchange exchange;
    const auto good = exchange.final_message();
    const auto at = good.rfind(",p=") + 3;
    auto proof = *base64_decode(good.substr(at));
    proof[i] = static_cast<char>(proof[i] ^ 0x80);
    const auto outcome = exchange.server.on_final(good.substr(0, at) + base64_encode(proof));
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->proven);
    EXPECT_EQ(outcome->server_final, "");
  }
}

TEST(ScramServer, NonceAndBindingMustBeThoseOfTheFirstMessage) {
  const std::pair<std::string, std::string> changes[] = {
      {"r=oursTheirs", "r=oursTheir"},
      {"r=oursTheirs", "r=oursTheirs1"},
      {"r=oursTheirs", "r=ours"},
      {"r=oursTheirs", "r=OursTheirs"},
      {"c=biws", "c=eSws"},
      {"c=biws", "c="},
      {"c=biws", "c=bixhPXgs"},
  };
  for (const auto& [from, to] : changes) {
    Exchange exchange;
    auto message = exchange.final_message();
    message.replace(message.find(from), from.size(), to);
    const auto outcome = exchange.server.on_final(message);
    ASSERT_FALSE(outcome) << to;
    EXPECT_EQ(outcome.error().state, sqlstate::protocol_violation);
  }
}

TEST(ScramServer, AnOldProofIsWorthlessInANewExchange) {
  Exchange old;
  const auto recorded = old.final_message();
  ScramServer server(kVerifier, [] { return std::string("Others"); });
  ASSERT_TRUE(server.on_first("n,,n=,r=ours"));
  EXPECT_FALSE(server.on_final(recorded));
}

TEST(ScramServer, RefusesEveryOtherOrder) {
  {
    ScramServer server(kVerifier, random_nonce);
    EXPECT_FALSE(server.on_final("c=biws,r=x,p=" + base64_encode(std::string(32, 'x')))) << "final before first";
    EXPECT_FALSE(server.on_first("n,,n=,r=ours")) << "after an error";
  }
  {
    ScramServer server(kVerifier, random_nonce);
    ASSERT_TRUE(server.on_first("n,,n=,r=ours"));
    EXPECT_FALSE(server.on_first("n,,n=,r=ours")) << "first twice";
  }
  {
    Exchange exchange;
    const auto message = exchange.final_message();
    ASSERT_TRUE(exchange.server.on_final(message)->proven);
    EXPECT_FALSE(exchange.server.on_final(message)) << "a finished exchange";
    EXPECT_FALSE(exchange.server.on_first("n,,n=,r=ours"));
  }
  {
    Exchange exchange;
    const auto message = exchange.final_message();
    ASSERT_FALSE(exchange.server.on_final("garbage"));
    EXPECT_FALSE(exchange.server.on_final(message)) << "no second guess in one exchange";
  }
}

}  // namespace
}  // namespace bulkhead::auth
