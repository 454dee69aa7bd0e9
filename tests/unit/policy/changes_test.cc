#include "policy/changes.h"

#include <gmock/gmock.h>

#include "policy/load.h"

namespace bulkhead::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kBefore = R"(version: 1
servers: { main: { hosts: [127.0.0.1], database: app, login: { user: app_rw, password: s3cret } } }
tenants: { acme: { org: 1 }, globex: { org: 2 } }
users: { u: { tenant: acme, password: { plain: p4ss } } }
)";

std::shared_ptr<const Policy> policy_of(std::string text, const std::string& replace = "", const std::string& by = "") {
  if (!replace.empty()) text.replace(text.find(replace), replace.size(), by);
  auto loaded = load(text, "f", "");
  EXPECT_EQ(describe("", loaded.findings), "");
  return loaded.policy;
}

struct Pair {
  std::shared_ptr<const Policy> before, after;
  const Tenant& tenant_before() const { return *before->tenants.at("acme"); }
  const Tenant& tenant_after() const { return *after->tenants.at("acme"); }
  bool connections() const { return same_connections(*before, tenant_before(), *after, tenant_after()); }
  bool meaning() const { return same_meaning(*before, tenant_before(), *after, tenant_after()); }
};

Pair change(const std::string& replace, const std::string& by) { return {policy_of(kBefore), policy_of(kBefore, replace, by)}; }
Pair add(const std::string& line) { return {policy_of(kBefore), policy_of(kBefore + line)}; }

TEST(Changes, TheSameTextIsNoDifference) {
  const auto same = change("version", "version");
  EXPECT_THAT(differences(*same.before, *same.after), IsEmpty());
  EXPECT_THAT(needs_restart(*same.before, *same.after), IsEmpty());
  EXPECT_TRUE(same.connections() && same.meaning());
}

TEST(Changes, LinesSayWhatWasAndWhatIs) {
  const auto changed = change("globex: { org: 2 }", "initech: { org: 2, pool: { size: 3 } }");
  EXPECT_THAT(differences(*changed.before, *changed.after),
              ElementsAre("tenants.globex.org: \"2\", gone", "tenants.initech.org: \"2\", new",
                          "tenants.initech.pool.size: \"3\", new"));
  const auto host = change("[127.0.0.1]", "[127.0.0.2]");
  EXPECT_THAT(differences(*host.before, *host.after),
              ElementsAre("servers.main.hosts[0]: \"127.0.0.1\" -> \"127.0.0.2\""));
}

TEST(Changes, SecretsAreComparedAndNotShown) {
  const auto literal = change("p4ss", "w0rd");
  EXPECT_THAT(differences(*literal.before, *literal.after), ElementsAre("users.u.password.plain: another value of a secret"));
  ::setenv("BULKHEAD_CHANGES_TEST", "one", 1);
  const auto text = std::string(kBefore);
  const auto before = policy_of(text, "s3cret", "{ env: BULKHEAD_CHANGES_TEST }");
  ::setenv("BULKHEAD_CHANGES_TEST", "two", 1);
  const auto after = policy_of(text, "s3cret", "{ env: BULKHEAD_CHANGES_TEST }");
  EXPECT_THAT(differences(*before, *after), ElementsAre("servers.main.login.password: another value of a secret"))
      << "the text is the same";
}

TEST(Changes, LongValuesDifferBehindWhatIsShown) {
  const std::string a(100, 'a');
  const Pair pair{policy_of(kBefore + ("tables: { public.t: { read: \"org_id = :org OR x = '" + a + "1'\" } }\n")),
                  policy_of(kBefore + ("tables: { public.t: { read: \"org_id = :org OR x = '" + a + "2'\" } }\n"))};
  EXPECT_EQ(differences(*pair.before, *pair.after).size(), 1u);
}

TEST(Changes, WhatAProcessHasStartedWithStays) {
  for (const char* line : {"threads: 3\n", "tenancy: { mode: observe }\n", "log: { format: json }\n"}) {
    const auto pair = add(line);
    EXPECT_EQ(needs_restart(*pair.before, *pair.after).size(), 1u) << line;
    EXPECT_EQ(needs_restart(*pair.after, *pair.before).size(), 1u) << line;
  }
  const auto validate = add("tenancy: { mode: validate }\n");
  EXPECT_THAT(needs_restart(*validate.before, *validate.after), IsEmpty());
}

TEST(Changes, ConnectionsStayWhileTheyWouldBeOpenedLikewise) {
  for (const char* line : {"pool: { size: 3 }\n", "tables: { public.t: { access: shared } }\n", "limits: { queue: 3 }\n"})
    EXPECT_TRUE(add(line).connections()) << line;
  EXPECT_TRUE(change("database: app", "database: app, connect_timeout: 9s").connections());
  EXPECT_TRUE(change("database: app", "database: app, accept: [owner]").connections());
  for (const auto& [replace, by] : std::vector<std::pair<const char*, const char*>>{
           {"[127.0.0.1]", "[127.0.0.1, 127.0.0.2]"},
           {"database: app", "database: other"},
           {"user: app_rw", "user: another"},
           {"s3cret", "other"},
           {"database: app", "database: app, target: primary"},
           {"database: app", "database: app, tls: { mode: require }"},
           {"acme: { org: 1 }", "acme: { org: 7 }"}})
    EXPECT_FALSE(change(replace, by).connections()) << by;
}

TEST(Changes, ASessionGoesOnWhileWhatItHasSetMeansTheSame) {
  EXPECT_TRUE(change("database: app", "database: other").meaning()) << "a tenant may move";
  EXPECT_TRUE(add("tenancy: { column: tenant_id }\n").meaning());
  EXPECT_FALSE(change("acme: { org: 1 }", "acme: { org: 7 }").meaning());
  for (const char* line : {"tenancy: { session_variable: app.other }\n", "tenancy: { search_path: [app] }\n",
                           "tenancy: { lock_secret: 0123456789abcdef0123 }\n"}) {
    EXPECT_FALSE(add(line).meaning()) << line;
    EXPECT_FALSE(add(line).connections()) << line;
  }
}

}  // namespace
}  // namespace bulkhead::policy
