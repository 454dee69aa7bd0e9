#include "auth/scram_client.h"

#include <gtest/gtest.h>

#include "auth/crypto.h"

namespace bulkhead::auth {
namespace {

std::string nonce() { return "ours"; }
const std::string kGood = "r=oursTheirs,s=QUJD,i=4096";
ScramKeys keys() { return {Secret(std::string(32, 'c')), Secret(std::string(32, 's'))}; }

Result<NeedKeys> after_first(const std::string& server_first) {
  ScramClient client(nonce);
  EXPECT_TRUE(client.first("SCRAM-SHA-256"));
  return client.on_server_first(server_first);
}

TEST(ScramClient, ChoosesTheMechanism) {
  const std::vector<std::string> both{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"};
  EXPECT_EQ(*choose_mechanism(both, {true, "hash"}), "SCRAM-SHA-256-PLUS");
  EXPECT_EQ(*choose_mechanism(both, {true, ""}), "SCRAM-SHA-256") << "a certificate whose signature has no hash";
  EXPECT_EQ(*choose_mechanism({"SCRAM-SHA-256"}, {true, "hash"}), "SCRAM-SHA-256");
  EXPECT_EQ(choose_mechanism(both).error().state, sqlstate::connection_failure) << "TLS was taken away";
  for (const std::vector<std::string>& offered : std::vector<std::vector<std::string>>{
           {}, {"SCRAM-SHA-256-PLUS"}, {"OAUTHBEARER"}, {"scram-sha-256"}, {"SCRAM-SHA-1"}}) {
    const auto chosen = choose_mechanism(offered, {true, ""});
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().state, sqlstate::feature_not_supported);
  }
}

TEST(ScramClient, TellsWhetherItCouldBind) {
  const auto header = [](ClientChannel channel, std::string_view mechanism) {
    return ScramClient(nonce, std::move(channel)).first(mechanism)->substr(0, 3);
  };
  EXPECT_EQ(header({}, "SCRAM-SHA-256"), "n,,");
  EXPECT_EQ(header({true, ""}, "SCRAM-SHA-256"), "n,,");
  EXPECT_EQ(header({true, "hash"}, "SCRAM-SHA-256"), "y,,") << "an honest server that offered -PLUS now refuses";
  EXPECT_EQ(header({true, "hash"}, "SCRAM-SHA-256-PLUS"), "p=t");
}

TEST(ScramClient, AsksForTheKeysOfSaltAndIterations) {
  const auto need = after_first(kGood);
  ASSERT_TRUE(need);
  EXPECT_EQ(*need, (NeedKeys{"ABC", 4096}));
}

TEST(ScramClient, RefusesANonceThatDoesNotContinueIts) {
  for (const std::string server_nonce : {"ours", "our", "Ours1", "theirs", "xours"}) {
    const auto need = after_first("r=" + server_nonce + ",s=QUJD,i=4096");
    ASSERT_FALSE(need) << server_nonce;
    EXPECT_EQ(need.error().state, sqlstate::protocol_violation);
  }
}

TEST(ScramClient, BoundsTheIterations) {
  const auto with = [](const std::string& count) { return after_first("r=oursTheirs,s=QUJD,i=" + count); };
  EXPECT_TRUE(with(std::to_string(kMinimumIterations)));
  EXPECT_TRUE(with(std::to_string(kMaximumIterations)));
  for (const int count : {1, kMinimumIterations - 1, kMaximumIterations + 1, 2147483647}) {
    const auto need = with(std::to_string(count));
    ASSERT_FALSE(need) << count;
    EXPECT_NE(need.error().message.find(std::to_string(count)), std::string::npos);
  }
}

TEST(ScramClient, OversizedMessagesOfAHostileServer) {
  EXPECT_FALSE(after_first("r=ours" + std::string(5000, 'x') + ",s=QUJD,i=4096"));
  EXPECT_FALSE(after_first("r=oursTheirs,s=" + base64_encode(std::string(5000, 'x')) + ",i=4096"));
  EXPECT_FALSE(after_first(std::string(1 << 20, 'r')));
}

struct Exchange {
  ScramClient client{nonce};
  Exchange() {
    EXPECT_TRUE(client.first("SCRAM-SHA-256"));
    EXPECT_TRUE(client.on_server_first(kGood));
    EXPECT_TRUE(client.final(keys()));
  }
};

TEST(ScramClient, VerifiesTheServersSignature) {
  const std::string message = "n=,r=ours," + kGood + ",c=biws,r=oursTheirs";
  const auto signature = hmac_sha256(std::string(32, 's'), message);
  {
    Exchange exchange;
    EXPECT_TRUE(exchange.client.on_server_final("v=" + base64_encode(signature)));
    EXPECT_TRUE(exchange.client.finished());
  }
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Exchange exchange;
    auto forged = signature;
    forged[i] = static_cast<char>(forged[i] ^ 1);
    const auto result = exchange.client.on_server_final("v=" + base64_encode(forged));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().state, sqlstate::connection_failure);
    EXPECT_FALSE(exchange.client.finished());
    EXPECT_FALSE(exchange.client.on_server_final("v=" + base64_encode(signature))) << "no second chance";
  }
}

TEST(ScramClient, TheServersRefusal) {
  Exchange exchange;
  const auto result = exchange.client.on_server_final("e=invalid-proof");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().state, sqlstate::invalid_password);
  EXPECT_FALSE(exchange.client.finished());
}

TEST(ScramClient, EveryOrderButTheOneIsRefusedForGood) {
  enum Step { first, server_first, final, server_final };
  const auto run = [](ScramClient& client, Step step) {
    switch (step) {
      case first:
        return static_cast<bool>(client.first("SCRAM-SHA-256"));
      case server_first:
        return static_cast<bool>(client.on_server_first(kGood));
      case final:
        return static_cast<bool>(client.final(keys()));
      case server_final:
        return static_cast<bool>(client.on_server_final("v="));
    }
    return false;
  };
  for (int done = 0; done <= 3; ++done)
    for (const Step wrong : {first, server_first, final, server_final}) {
      if (wrong == done) continue;
      ScramClient client(nonce);
      for (int step = 0; step < done; ++step) ASSERT_TRUE(run(client, static_cast<Step>(step)));
      EXPECT_FALSE(run(client, wrong)) << done << " then " << wrong;
      EXPECT_FALSE(run(client, static_cast<Step>(done))) << "after an error nothing works any more";
      EXPECT_FALSE(client.finished());
    }
}

}  // namespace
}  // namespace bulkhead::auth
