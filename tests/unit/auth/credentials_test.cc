#include "auth/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::auth {
namespace {

using testing::HasSubstr;

policy::User user(const std::string& name, Secret verifier, Secret plain = {}) {
  return {.name = name,
          .tenants = {"acme"},
          .role = "",
          .verifier = std::move(verifier),
          .plain_password = std::move(plain)};
}

policy::Policy with(std::vector<policy::User> users) {
  policy::Policy policy;
  policy.servers["main"].database = "app";
  policy.tenants["acme"] = std::make_shared<policy::Tenant>(policy::Tenant{"acme", "1", "main"});
  for (auto& u : users) {
    const auto name = u.name;
    policy.users.emplace(name, std::move(u));
  }
  return policy;
}

Result<std::shared_ptr<const Credentials>> from(policy::Policy policy) {
  return Credentials::from(std::make_shared<const policy::Policy>(std::move(policy)), MockSecret::random());
}

TEST(Credentials, TakesAVerifierAsItIs) {
  const auto verifier = make_verifier(Secret("x"), 1000);
  EXPECT_EQ(*verifier_of(user("u", Secret(verifier))), *parse_verifier(verifier));
}

TEST(Credentials, MakesAVerifierOfAPlainPassword) {
  const auto made = verifier_of(user("u", {}, Secret("x")));
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, derive_verifier(Secret("x"), made->salt, kDefaultIterations));
  EXPECT_EQ(made->salt.size(), kSaltSize);
}

TEST(Credentials, NamesTheUserThatIsNoGood) {
  EXPECT_THAT(verifier_of(user("nick", {})).error().message, HasSubstr("\"nick\""));
  EXPECT_THAT(from(with({user("nick", Secret("md5abc"))})).error().message, HasSubstr("\"nick\""));
  auto lost = user("nick", {}, Secret("x"));
  lost.tenants = {"elsewhere"};
  EXPECT_THAT(from(with({lost})).error().message, HasSubstr("elsewhere"));
  lost.tenants = {};
  EXPECT_THAT(from(with({lost})).error().message, HasSubstr("no tenant"));
  lost.tenants = {"acme"};
  lost.role = "wizard";
  EXPECT_THAT(from(with({lost})).error().message, HasSubstr("wizard")) << "or it would have no limits";
}

TEST(Credentials, TheStandInIsLikeMostUsers) {
  const auto at = [](const std::string& name, int iterations) {
    return user(name, Secret(make_verifier(Secret("x"), iterations)));
  };
  const auto known = *from(with({at("a", 1000), at("b", 2000), at("c", 2000)}));
  const auto nobody = known->find("nobody");
  EXPECT_EQ(nobody.user, nullptr);
  EXPECT_EQ(nobody.verifier.iterations, 2000);
  EXPECT_EQ(nobody.verifier.salt.size(), kSaltSize);
  EXPECT_EQ(nobody.verifier.stored_key.size(), kSha256Size);
  EXPECT_EQ(nobody.verifier.server_key.size(), kSha256Size);
  EXPECT_EQ(nobody.verifier, known->find("nobody").verifier);
  EXPECT_NE(nobody.verifier.salt, known->find("nobod").verifier.salt);
  EXPECT_EQ(known->find("b").user->name, "b");
  EXPECT_EQ((*from(with({})))->find("x").verifier.iterations, kDefaultIterations);
}

TEST(Credentials, MockSecretsDiffer) {
  EXPECT_FALSE(MockSecret::random().key() == MockSecret::random().key());
  EXPECT_FALSE(MockSecret::from(Secret("too short")));
}

}  // namespace
}  // namespace bulkhead::auth
