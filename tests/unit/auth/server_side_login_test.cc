#include "auth/server_side_login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/scram_client.h"

namespace bulkhead::auth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Two organisations on one server, a third one on its own; a user of each, and one of two.
policy::Policy sample() {
  policy::Policy policy;
  policy.servers["main"].database = "app";
  policy.servers["dedicated"].database = "globex_db";
  const auto tenant = [&](const std::string& name, const std::string& org, const std::string& server) {
    policy.tenants[name] =
        std::make_shared<policy::Tenant>(policy::Tenant{.name = name, .org = org, .server = server});
  };
  tenant("acme", "1", "main");
  tenant("initech", "2", "main");
  tenant("globex", "3", "dedicated");
  policy.roles["member"] = {.name = "member", .allow = {policy::Action::select}, .tables = {}};
  const auto user = [&](const std::string& name, std::vector<std::string> tenants, const std::string& role) {
    policy.users[name] = {.name = name,
                          .tenants = std::move(tenants),
                          .role = role,
                          .verifier = Secret(make_verifier(Secret("pw of " + name), 1000)),
                          .plain_password = {}};
  };
  user("acme_app", {"acme"}, "member");
  user("globex_app", {"globex"}, "");
  user("consultant", {"acme", "globex"}, "member");
  const auto administrator = [&](const std::string& name, policy::May may) {
    policy.admin.users[name] = {.name = name, .verifier = Secret(make_verifier(Secret("pw of " + name), 2000)), .plain_password = {}, .may = may};
  };
  administrator("dba", policy::May::all);
  administrator("monitor", policy::May::show);
  return policy;
}

std::shared_ptr<const Credentials> credentials(policy::Policy policy = sample()) {
  auto mock = MockSecret::from(Secret("a mock secret of tests"));
  return *Credentials::from(std::make_shared<const policy::Policy>(std::move(policy)), *mock);
}

struct Attempt {
  ServerSideLogin login;
  std::string server_first;
  Result<ServerSideLogin::Completed> result;
};

Attempt attempt(const std::shared_ptr<const Credentials>& known, const std::string& user, const std::string& database,
                const std::string& password) {
  ServerSideLogin login(known, user, database);
  ScramClient client(random_nonce);
  const auto server_first = *login.on_sasl_initial("SCRAM-SHA-256", *client.first("SCRAM-SHA-256"));
  const auto need = *client.on_server_first(server_first);
  auto result = login.on_sasl_response(*client.final(derive_keys(Secret(password), need.salt, need.iterations)));
  if (result) {
    EXPECT_TRUE(client.on_server_final(result->server_final));
  }
  return {std::move(login), server_first, std::move(result)};
}

TEST(ServerSideLogin, OffersScram) {
  EXPECT_THAT(ServerSideLogin(credentials(), "acme_app", "app").mechanisms(), ElementsAre("SCRAM-SHA-256"));
  EXPECT_THAT(ServerSideLogin(credentials(), "nobody", "app").mechanisms(), ElementsAre("SCRAM-SHA-256"));
  for (const auto* user : {"acme_app", "nobody"})
    EXPECT_THAT(ServerSideLogin(credentials(), user, "app", "hash").mechanisms(),
                ElementsAre("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"));
}

TEST(ServerSideLogin, GivesTheIdentity) {
  struct Case {
    std::string user, database, tenant, role;
  };
  const auto known = credentials();
  for (const auto& [user, database, tenant, role] :
       {Case{"acme_app", "app", "acme", "member"}, Case{"acme_app", "acme", "acme", "member"},
        Case{"globex_app", "globex_db", "globex", ""}, Case{"consultant", "acme", "acme", "member"},
        Case{"consultant", "globex", "globex", "member"}}) {
    const auto done = attempt(known, user, database, "pw of " + user);
    ASSERT_TRUE(done.result) << user << " " << database << " " << done.result.error().message;
    const auto& identity = std::get<Identity>(done.result->who);
    EXPECT_EQ(identity.user().name, user);
    EXPECT_EQ(identity.tenant().name, tenant);
    EXPECT_EQ(identity.role() ? identity.role()->name : "", role);
    EXPECT_EQ(done.login.reason(), "");
  }
}

TEST(ServerSideLogin, IdentityKeepsItsPolicyAlive) {
  auto known = credentials();
  auto done = attempt(known, "acme_app", "app", "pw of acme_app");
  const std::weak_ptr<const policy::Policy> policy = known->policy();
  auto identity = std::get<Identity>(done.result->who);
  done = attempt(credentials(), "acme_app", "app", "pw of acme_app");
  known.reset();
  ASSERT_FALSE(policy.expired());
  EXPECT_EQ(identity.tenant().org, "1");
}

TEST(ServerSideLogin, OneAnswerForEveryRefusal) {
  struct Case {
    std::string user, database, password, reason;
  };
  const auto known = credentials();
  for (const auto& [user, database, password, reason] : {
           Case{"acme_app", "app", "wrong", "wrong password"},
           Case{"acme_app", "app", "", "wrong password"},
           Case{"acme_app", "app", "pw of consultant", "wrong password"},
           Case{"acme_app", "nonsense", "wrong", "wrong password"},
           Case{"acme_app", "bulkhead", "wrong", "unknown administrator"},
           Case{"acme_app", "bulkhead", "pw of acme_app", "unknown administrator"},
           Case{"acme_app", "pgbouncer", "pw of acme_app", "unknown administrator"},
           Case{"dba", "bulkhead", "pw of monitor", "wrong password"},
           Case{"dba", "app", "pw of dba", "unknown user"},
           Case{"dba", "acme", "pw of dba", "unknown user"},
           Case{"dba", "", "pw of dba", "unknown user"},
           Case{"nobody", "app", "pw of nobody", "unknown user"},
           Case{"nobody", "bulkhead", "pw of nobody", "unknown administrator"},
           Case{"", "app", "", "unknown user"},
           Case{"ACME_APP", "app", "pw of acme_app", "unknown user"},
           Case{"acme_app", "nonsense", "pw of acme_app", "database not open to this user"},
           Case{"acme_app", "initech", "pw of acme_app", "database not open to this user"},
           Case{"acme_app", "globex", "pw of acme_app", "database not open to this user"},
           Case{"acme_app", "globex_db", "pw of acme_app", "database not open to this user"},
           Case{"acme_app", "ACME", "pw of acme_app", "database not open to this user"},
           Case{"acme_app", "", "pw of acme_app", "database not open to this user"},
           Case{"consultant", "app", "pw of consultant", "database not open to this user"},
           Case{"consultant", "initech", "pw of consultant", "database not open to this user"},
       }) {
    const auto done = attempt(known, user, database, password);
    ASSERT_FALSE(done.result) << user << " " << database;
    EXPECT_EQ(done.result.error(),
              make_error(sqlstate::invalid_password, "password authentication failed for user \"" + user + "\""));
    EXPECT_EQ(done.login.reason(), reason) << user << " " << database;
  }
}

TEST(ServerSideLogin, TheConsoleIsForAdministratorsAlone) {
  const auto known = credentials();
  for (const std::string database : {"bulkhead", "pgbouncer"}) {
    const auto all = attempt(known, "dba", database, "pw of dba"), show = attempt(known, "monitor", database, "pw of monitor");
    ASSERT_TRUE(all.result && show.result);
    EXPECT_EQ(std::get<Administrator>(all.result->who).name(), "dba");
    EXPECT_EQ(std::get<Administrator>(all.result->who).may(), policy::May::all);
    EXPECT_EQ(std::get<Administrator>(show.result->who).may(), policy::May::show);
  }
}

TEST(ServerSideLogin, ADatabaseCalledLikeTheConsoleIsTheConsole) {
  auto policy = sample();
  policy.servers["dedicated"].database = "pgbouncer";
  policy.tenants["bulkhead"] = std::make_shared<policy::Tenant>(policy::Tenant{"bulkhead", "9", "main"});
  policy.users["consultant"].tenants.push_back("bulkhead");
  const auto known = credentials(std::move(policy));
  EXPECT_FALSE(attempt(known, "consultant", "bulkhead", "pw of consultant").result);
  EXPECT_FALSE(attempt(known, "globex_app", "pgbouncer", "pw of globex_app").result);
  EXPECT_TRUE(attempt(known, "globex_app", "globex", "pw of globex_app").result) << "by its tenant's name";
}

TEST(ServerSideLogin, AnUnknownUserLooksLikeAKnownOne) {
  const auto shape = [](const std::string& server_first) {
    return server_first.substr(server_first.find(",s=")).size();
  };
  const auto salt = [](const std::string& server_first) { return server_first.substr(server_first.find(",s=")); };
  const auto known = credentials();
  const auto real = attempt(known, "acme_app", "app", "x").server_first;
  const auto nobody = attempt(known, "nobody", "app", "x").server_first;
  EXPECT_EQ(shape(real), shape(nobody));
  EXPECT_THAT(nobody, HasSubstr(",i=1000")) << "the iterations of the others";
  EXPECT_EQ(salt(nobody), salt(attempt(known, "nobody", "app", "y").server_first)) << "the same salt each time";
  EXPECT_EQ(salt(nobody), salt(attempt(credentials(), "nobody", "app", "y").server_first)) << "and after a reload";
  EXPECT_NE(salt(nobody), salt(attempt(known, "nobody2", "app", "x").server_first)) << "of its own";
}

TEST(ServerSideLogin, AnUnknownAdministratorLooksLikeAKnownOne) {
  const auto salt = [](const std::string& server_first) { return server_first.substr(server_first.find(",s=")); };
  const auto known = credentials();
  const auto real = attempt(known, "dba", "bulkhead", "x").server_first, nobody = attempt(known, "nobody", "bulkhead", "x").server_first;
  EXPECT_EQ(salt(real).size(), salt(nobody).size());
  EXPECT_THAT(nobody, HasSubstr(",i=2000")) << "the iterations of the other administrators";
  EXPECT_EQ(salt(nobody), salt(attempt(known, "nobody", "pgbouncer", "y").server_first)) << "the same salt each time";
  EXPECT_NE(salt(nobody), salt(attempt(known, "nobody", "app", "x").server_first))
      << "of a user as of an administrator the salts differ, so those of nobody do, too";
}

TEST(ServerSideLogin, MalformedMessagesAreAnsweredAlikeForEverybody) {
  for (const auto& first : {std::string(), std::string("p=tls-unique,,n=,r=x"), std::string("n,a=acme_app,n=,r=x"),
                            "n,,n=,r=" + std::string(2000, 'x')}) {
    ServerSideLogin real(credentials(), "acme_app", "app"), unknown(credentials(), "nobody", "app");
    const auto a = real.on_sasl_initial("SCRAM-SHA-256", first), b = unknown.on_sasl_initial("SCRAM-SHA-256", first);
    ASSERT_FALSE(a);
    ASSERT_FALSE(b);
    EXPECT_EQ(a.error(), b.error());
    EXPECT_EQ(real.reason(), unknown.reason());
  }
}

TEST(ServerSideLogin, OnlyTheOfferedMechanismAndOnce) {
  for (const std::string mechanism : {"", "SCRAM-SHA-256-PLUS", "scram-sha-256", "SCRAM-SHA-1", "PLAIN"}) {
    ServerSideLogin login(credentials(), "acme_app", "app");
    const auto refused = login.on_sasl_initial(mechanism, "n,,n=,r=x");
    ASSERT_FALSE(refused) << mechanism;
    EXPECT_EQ(refused.error().state, sqlstate::protocol_violation);
    EXPECT_FALSE(login.on_sasl_initial("SCRAM-SHA-256", "n,,n=,r=x")) << "no second choice";
  }
  ServerSideLogin login(credentials(), "acme_app", "app");
  EXPECT_FALSE(login.on_sasl_response("c=biws,r=x")) << "a response before the initial one";
  EXPECT_FALSE(login.on_sasl_initial("SCRAM-SHA-256", "n,,n=,r=x"));
}

TEST(ServerSideLogin, AFinishedOneAnswersNothingMore) {
  auto done = attempt(credentials(), "acme_app", "app", "pw of acme_app");
  ASSERT_TRUE(done.result);
  EXPECT_FALSE(done.login.on_sasl_response("c=biws,r=x"));
  EXPECT_FALSE(done.login.on_sasl_initial("SCRAM-SHA-256", "n,,n=,r=x"));
}

}  // namespace
}  // namespace bulkhead::auth
