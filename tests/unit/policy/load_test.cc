#include "policy/load.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

namespace bulkhead::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kServers =
    "servers: { main: { hosts: [127.0.0.1], database: app, login: { user: app_rw, password: s3cret } } }\n";
constexpr const char* kTenants = "tenants: { acme: { org: 1 }, globex: { org: 2 } }\n";
constexpr const char* kUsers = "users: { u: { tenant: acme, password: { plain: p4ss } } }\n";

/// A whole configuration around `text`, which starts on line 5.
std::string around(const std::string& text) {
  return std::string("version: 1\n") + kServers + kTenants + kUsers + text;
}

std::string findings_of(const std::string& text) { return describe("", load(text, "f", "").findings); }

Loaded load_good(const std::string& text) {
  auto loaded = load(text, "f", "");
  EXPECT_EQ(describe("", loaded.findings), "");
  return loaded;
}

TEST(Load, SmallestConfigurationGetsTheDefaults) {
  const auto policy = load_good(around("")).policy;
  ASSERT_TRUE(policy);
  ASSERT_EQ(policy->listen.size(), 1u);
  EXPECT_EQ(policy->listen[0].host, "127.0.0.1");
  EXPECT_EQ(policy->listen[0].port, 6432);
  const auto& server = policy->servers.at("main");
  EXPECT_THAT(server.hosts, ElementsAre(HostPort{"127.0.0.1", 5432}));
  EXPECT_EQ(server.password.reveal(), "s3cret");
  EXPECT_EQ(server.target, Target::any);
  EXPECT_EQ(policy->tenancy.column, "org_id");
  EXPECT_EQ(policy->tenancy.session_variable, "app.org_id");
  EXPECT_THAT(policy->tenancy.search_path, ElementsAre("public"));
  EXPECT_EQ(policy->tenants.at("acme")->server, "main");
  EXPECT_EQ(policy->tenants.at("acme")->pool.size, 20);
  const auto& user = policy->users.at("u");
  EXPECT_THAT(user.tenants, ElementsAre("acme"));
  EXPECT_EQ(user.role, "");
  EXPECT_EQ(user.plain_password.reveal(), "p4ss");
  EXPECT_TRUE(user.verifier.empty());
  EXPECT_EQ(policy->limits.each.timeouts.queue, Duration(30'000));
}

TEST(Load, Administrators) {
  const auto policy = load_good(around("admin: { users: { dba: { password: { plain: x }, may: all }, u: { password: { plain: y }, may: show } } }\n")).policy;
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->admin.users.at("dba").name, "dba");
  EXPECT_EQ(policy->admin.users.at("dba").may, May::all);
  EXPECT_EQ(policy->admin.users.at("dba").plain_password.reveal(), "x");
  EXPECT_EQ(policy->admin.users.at("u").may, May::show) << "a user of that name is somebody else";
}

TEST(Load, EveryLoadHasItsOwnEpoch) {
  EXPECT_NE(load_good(around("")).policy->epoch, load_good(around("")).policy->epoch);
}

TEST(Load, EverySectionArrives) {
  const auto policy = load_good(R"(version: 1
listen:
  - { address: "[::1]:7000", tls: { mode: verify-full, certificate: s.crt, key: /keys/s.key, client_ca: c.crt, min_protocol: TLSv1.3 } }
  - { unix: /run/bulkhead, port: 7001 }
servers:
  a: { hosts: [db1, "db2:6000", /run/postgresql, "/run/pg:5433"], target: primary, database: app, connect_timeout: 2s,
       login: { user: app_rw }, accept: [owner, version] }
  b: { hosts: ["[::1]:5434"], database: other, login: { user: app_rw }, tls: { mode: verify-full, ca: system, negotiation: direct } }
tenancy: { column: organisation, session_variable: x.y.z, mode: inject, context: plain, search_path: [app, Odd] }
tables:
  public.countries: { access: shared }
  public.memberships: { column: organisation_id }
  public."Migrations": { access: none }
functions: { allow: [public.slugify] }
roles:
  owner: { allow: all }
  member: { allow: [select, insert], tables: { public.invoices: [select], public.secrets: [],
            public.staff: { allow: [select], columns: [id, Name] }, public.notes: { columns: [id] } } }
  migrator: { allow: [all, ddl] }
pool: { mode: session, size: 7, idle_timeout: 0, minimum: 2, reserve: 3, reserve_after: 2s, lifetime: 10m }
tenants:
  one: { org: 007, server: a }
  two: { org: "007 x", server: b, pool: { size: 50, lifetime: 0, idle_timeout: 1m }, limits: { clients: 3, queue_timeout: 7s, message_memory: 2MiB, statement_timeout: 0, statements: 0 } }
users:
  x: { tenants: [one, two], role: member, password: SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU= }
  y: { tenant: two, password: { plain: p }, limits: { clients: 2, statements_per_second: 9, statement_timeout: 2s, client_idle: 1m } }
authentication: [ { method: scram } ]
limits: { clients: 5, queue: 0, queue_timeout: 1s, login_timeout: 2s, idle_in_transaction: 0, statement_size: 64KiB, message_size: 1MiB, clients_per_tenant: 4, message_timeout: 9s,
          statement_timeout: 3s, transaction_timeout: 1m, client_idle: 1h, statements: 6, statements_per_second: 70, bytes_per_second: 8MiB }
log: { level: debug, format: json }
threads: 3
)").policy;
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->listen[0].host, "::1");
  const auto& tls = policy->listen[0].tls;
  EXPECT_EQ(tls.mode, TlsMode::verify_full);
  EXPECT_EQ(tls.certificate, "s.crt");
  EXPECT_EQ(tls.key, "/keys/s.key");
  EXPECT_EQ(tls.ca, "c.crt");
  EXPECT_TRUE(tls.tls13);
  EXPECT_EQ(tls.where, "3:35: listen[0].tls");
  EXPECT_EQ(policy->listen[1].unix_directory, "/run/bulkhead");
  EXPECT_EQ(policy->listen[1].tls.mode, TlsMode::disable);
  EXPECT_EQ(policy->listen[1].port, 7001);
  const auto& a = policy->servers.at("a");
  EXPECT_THAT(a.hosts, ElementsAre(HostPort{"db1", 5432}, HostPort{"db2", 6000}, HostPort{"/run/postgresql", 5432},
                                   HostPort{"/run/pg", 5433}));
  EXPECT_EQ(a.target, Target::primary);
  EXPECT_EQ(a.connect_timeout, Duration(2000));
  EXPECT_THAT(a.accept, ElementsAre(LoginRisk::owner, LoginRisk::version));
  EXPECT_TRUE(a.password.empty());
  EXPECT_EQ(policy->tenancy.session_variable, "x.y.z");
  EXPECT_THAT(policy->tenancy.search_path, ElementsAre("app", "Odd"));
  EXPECT_EQ(policy->tables.at({"public", "countries"}).access, Access::shared);
  EXPECT_EQ(policy->tables.at({"public", "countries"}).line, 11);
  EXPECT_EQ(policy->tables.at({"public", "memberships"}).column, "organisation_id");
  EXPECT_EQ(policy->tables.at({"public", "Migrations"}).access, Access::none);
  EXPECT_EQ(policy->functions.count({"public", "slugify"}), 1u);
  EXPECT_THAT(policy->roles.at("owner").allow,
              ElementsAre(Action::select, Action::insert, Action::update, Action::delete_, Action::copy,
                          Action::truncate, Action::explain));
  EXPECT_EQ(policy->roles.at("migrator").allow.count(Action::ddl), 1u);
  EXPECT_THAT(policy->roles.at("member").tables.at({"public", "invoices"}).allow, ElementsAre(Action::select));
  EXPECT_THAT(policy->roles.at("member").tables.at({"public", "invoices"}).columns, IsEmpty());
  EXPECT_THAT(policy->roles.at("member").tables.at({"public", "staff"}).allow, ElementsAre(Action::select));
  EXPECT_THAT(policy->roles.at("member").tables.at({"public", "staff"}).columns, ElementsAre("Name", "id"));
  EXPECT_THAT(policy->roles.at("member").tables.at({"public", "notes"}).allow, ElementsAre(Action::select, Action::insert));
  EXPECT_THAT(policy->roles.at("member").tables.at({"public", "secrets"}).allow, IsEmpty());
  EXPECT_EQ(policy->pool.mode, PoolMode::session);
  EXPECT_EQ(policy->tenants.at("one")->org, "007") << "the text exactly";
  EXPECT_EQ(policy->tenants.at("one")->pool.size, 7);
  EXPECT_EQ(policy->tenants.at("one")->pool.reserve, 3);
  EXPECT_EQ(policy->tenants.at("one")->pool.reserve_after, Duration(2000));
  EXPECT_EQ(policy->tenants.at("one")->pool.lifetime, Duration(600'000));
  EXPECT_EQ(policy->tenants.at("two")->pool.size, 50);
  EXPECT_EQ(policy->tenants.at("two")->pool.minimum, 2);
  EXPECT_EQ(policy->tenants.at("two")->pool.lifetime, Duration(0));
  EXPECT_EQ(policy->tenants.at("two")->pool.idle_timeout, Duration(60'000));
  EXPECT_THAT(policy->users.at("x").tenants, ElementsAre("one", "two"));
  EXPECT_EQ(policy->users.at("y").role, "owner") << "without a role: owner, if there is one";
  EXPECT_EQ(policy->limits.each.statement_size, 65536u);
  EXPECT_EQ(policy->limits.each.timeouts.idle_in_transaction, Duration(0));
  EXPECT_EQ(policy->limits.each.message_timeout, Duration(9000));
  EXPECT_EQ(policy->limits.clients, 5);
  EXPECT_EQ(policy->tenants.at("one")->limits.clients, 4);
  const auto& own = policy->tenants.at("two")->limits;
  EXPECT_EQ(own.clients, 3);
  EXPECT_EQ(own.timeouts.queue, Duration(7000));
  EXPECT_EQ(own.message_memory, 2u << 20);
  EXPECT_EQ(policy->limits.each.timeouts,
            (Timeouts{Duration(1000), Duration(3000), Duration(60'000), Duration(0), Duration(3'600'000)}));
  EXPECT_EQ(policy->limits.each.statements, 6);
  EXPECT_EQ(policy->limits.each.bytes_per_second, 8u << 20);
  EXPECT_EQ(own.timeouts.statement, Duration(0)) << "and is no limit, of all";
  EXPECT_EQ(own.timeouts.transaction, Duration(60'000));
  EXPECT_EQ(own.statements, 0);
  EXPECT_EQ(own.statements_per_second, 70);
  const auto& user = policy->users.at("y").limits;
  EXPECT_EQ(user.clients, 2);
  EXPECT_EQ(user.statements_per_second, 9);
  EXPECT_EQ(user.timeouts, (Timeouts{{}, Duration(2000), {}, {}, Duration(60'000)}));
  EXPECT_EQ(policy->users.at("x").limits.timeouts, Timeouts{});
  EXPECT_EQ(own.statement_size, 65536u) << "what is not there is as for all";
  EXPECT_EQ(policy->log.format, log::Format::json);
  EXPECT_EQ(policy->threads, 3);
}

TEST(Load, ShippedConfigurationsAreFaultless) {
  for (const std::string name : {"minimal.yaml", "bulkhead.yaml"}) {
    const auto loaded = load_file(std::string(BULKHEAD_SOURCE_DIR) + "/config/" + name);
    EXPECT_EQ(describe(name, loaded.findings), "");
  }
  // These two are missing what their users put beside them.
  const auto text_of = [](const std::string& name) {
    std::ifstream file(std::string(BULKHEAD_SOURCE_DIR) + "/config/" + name);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  std::string demo = text_of("demo.yaml");
  for (const std::string port : {"@SERVER_PORT@", "@PORT@"})
    for (std::size_t at; (at = demo.find(port)) != std::string::npos;) demo.replace(at, port.size(), "5432");
  ::setenv("APP_RW_PASSWORD", "x", 1);
  EXPECT_EQ(describe("demo.yaml", load(demo, "demo.yaml", "").findings), "");
  const auto directory = std::filesystem::temp_directory_path() / ("bulkhead_load_test_" + std::to_string(::getpid()));
  std::filesystem::create_directory(directory);
  std::ofstream(directory / "app_rw.password") << "x";
  EXPECT_EQ(describe("tls.yaml", load(text_of("tls.yaml"), "tls.yaml", directory.string()).findings), "");
  std::filesystem::remove_all(directory);
}

TEST(Load, MissingFileIsAFinding) {
  EXPECT_EQ(describe("f", load_file("/nowhere/at/all").findings), "f:0:0: the file cannot be opened\n");
  EXPECT_EQ(describe("f", load_file("/").findings), "f:0:0: this is a directory, expected a file\n");
}

struct Case {
  std::string text;
  std::string findings;  ///< all of them, as described under the name ""
};

class LoadFinds : public testing::TestWithParam<Case> {};

TEST_P(LoadFinds, ExactlyThis) {
  EXPECT_EQ(findings_of(GetParam().text), GetParam().findings) << GetParam().text;
  EXPECT_FALSE(load(GetParam().text, "f", "").policy);
}

#define SERVER_OF(x) "version: 1\nservers:\n  main:\n    " x "\n"
const std::string kGood = std::string(kTenants) + kUsers;

INSTANTIATE_TEST_SUITE_P(
    Root, LoadFinds,
    testing::Values(
        Case{"", ":1:1: found nothing, expected a mapping\n"},
        Case{"[1]", ":1:1: found a list, expected a mapping\n"},
        Case{"{}", ":1:1: the key \"version\" is missing\n:1:1: the key \"servers\" is missing\n"
                   ":1:1: the key \"tenants\" is missing\n:1:1: the key \"users\" is missing\n"},
        Case{std::string("version: 2\n") + kServers + kGood, ":1:10: version: found \"2\", expected 1\n"},
        Case{around("lisetn: []\nwhatever: 1\n"),
             ":5:1: lisetn: unknown key, did you mean \"listen\"?\n"
             ":6:1: whatever: unknown key; there are version, listen, servers, tenancy, tables, functions, roles, pool, "
             "limits, tenants, users, authentication, admin, log, server_connections, threads\n"},
        Case{around("threads: -1\nlog: { level: loud, format: xml }\n"),
             ":5:10: threads: found \"-1\", expected a whole number from 0 to 1024\n"
             ":6:15: log.level: found \"loud\", expected debug | info | warning | error\n"
             ":6:29: log.format: found \"xml\", expected text | json\n"},
        Case{around("metrics: {}\naudit: {}\ntenants_from: {}\n"),
             ":5:1: metrics: this is not available in this version\n:6:1: audit: this is not available in this version\n"
             ":7:1: tenants_from: this is not available in this version\n"}));

INSTANTIATE_TEST_SUITE_P(
    Admin, LoadFinds,
    testing::Values(
        Case{around("admin: {}\n"), ":5:8: admin: the key \"users\" is missing\n"},
        Case{around("admin: { users: {} }\n"), ":5:17: admin.users: found an empty mapping, expected a mapping of administrators, each under its name\n"},
        Case{around("admin: { users: { dba: { may: all } }, user: 1 }\n"),
             ":5:24: admin.users.dba: the key \"password\" is missing\n:5:40: admin.user: unknown key, did you mean \"users\"?\n"},
        Case{around("admin: { users: { dba: { password: { plain: x } } } }\n"), ":5:24: admin.users.dba: the key \"may\" is missing\n"},
        Case{around("admin:\n  users:\n    a: { password: hunter2, may: everything }\n    b: { password: { plain: \"\" }, may: show, tenant: acme }\n"),
             ":7:20: admin.users.a.password: expected a verifier, SCRAM-SHA-256$…, as `bulkhead scram` prints it; or {plain: PASSWORD}\n"
             ":7:34: admin.users.a.may: found \"everything\", expected show | all\n"
             ":8:29: admin.users.b.password.plain: found nothing, expected a secret: literally, or {env: NAME}, or {file: PATH}\n"
             ":8:46: admin.users.b.tenant: unknown key; there are password, may\n"}));

INSTANTIATE_TEST_SUITE_P(
    Listen, LoadFinds,
    testing::Values(
        Case{around("listen: []\n"), ":5:9: listen: found an empty list, expected a list of addresses\n"},
        Case{around("listen:\n  - address: 1.2.3.4:70000\n  - { unix: run }\n  - {}\n  - { address: a, port: 1 }\n"),
             ":6:14: listen[0].address: found \"1.2.3.4:70000\", expected HOST:PORT or [IPV6]:PORT, the port from 1 to "
             "65535\n"
             ":7:13: listen[1].unix: found \"run\", expected the absolute path of a directory, at most 92 bytes\n"
             ":8:5: listen[2]: expected either address: HOST:PORT or unix: DIRECTORY\n"
             ":9:19: listen[3].port: the port of an address is written into it: HOST:PORT\n"},
        Case{around("listen: [{ address: a }, { address: \"a:6432\" }]\n"),
             ":5:26: listen[1]: this address is in the list already\n"},
        Case{around("listen: [{ address: a, tls: { mode: require, key: k } }, { address: b, tls: { mode: on } }]\n"),
             ":5:29: listen[0].tls: this mode needs certificate and key, the files this side proves itself by\n"
             ":5:85: listen[1].tls.mode: found \"on\", expected disable | allow | prefer | require | verify-ca | "
             "verify-full\n"},
        Case{around("listen:\n  - { address: a, tls: { mode: verify-ca, certificate: c, key: k, min_protocol: SSLv3 } }\n"
                    "  - { unix: /x, tls: { mode: prefer, certificate: c, key: k } }\n"
                    "  - { address: c, tls: { certificate: [c], ca: x } }\n"
                    "  - { address: d, tls: { mode: disable, certificate: c } }\n"),
             ":6:24: listen[0].tls: this mode needs client_ca, the file of who signs the clients' certificates\n"
             ":6:81: listen[0].tls.min_protocol: found \"SSLv3\", expected TLSv1.2 | TLSv1.3\n"
             ":7:22: listen[1].tls: Unix sockets do not use TLS: their bytes do not leave the machine\n"
             ":8:24: listen[2].tls: the key \"mode\" is missing\n"
             ":8:39: listen[2].tls.certificate: found a list, expected the path of a PEM file\n"
             ":8:44: listen[2].tls.ca: unknown key; there are client_ca, mode, certificate, key, min_protocol\n"}));

INSTANTIATE_TEST_SUITE_P(
    Servers, LoadFinds,
    testing::Values(
        Case{"version: 1\nservers: {}\n" + kGood,
             ":2:10: servers: found an empty mapping, expected a mapping of servers, each under its name\n"},
        Case{SERVER_OF("hosst: [a]") + kGood,
             ":4:5: servers.main: the key \"hosts\" is missing\n:4:5: servers.main: the key \"database\" is missing\n"
             ":4:5: servers.main: the key \"login\" is missing\n"
             ":4:5: servers.main.hosst: unknown key, did you mean \"hosts\"?\n"},
        Case{SERVER_OF("{ hosts: [], database: d, login: { user: u } }") + kGood,
             ":4:14: servers.main.hosts: found an empty list, expected a list of hosts\n"},
        Case{SERVER_OF("{ hosts: [\"::1\", a, \"a:5432\", [b], /x:0], database: \"\", login: { password: p } }") + kGood,
             ":4:15: servers.main.hosts[0]: found \"::1\", expected HOST:PORT, [IPV6]:PORT or the absolute path of a "
             "socket directory\n"
             ":4:25: servers.main.hosts[2]: this host is in the list already\n"
             ":4:35: servers.main.hosts[3]: found a list, expected HOST:PORT, [IPV6]:PORT or the absolute path of a "
             "socket directory\n"
             ":4:40: servers.main.hosts[4]: found \"/x:0\", expected HOST:PORT, [IPV6]:PORT or the absolute path of a "
             "socket directory\n"
             ":4:57: servers.main.database: found \"\", expected the name of a database: 1 to 63 bytes without control "
             "characters\n"
             ":4:68: servers.main.login: the key \"user\" is missing\n"},
        Case{SERVER_OF("{ hosts: [a], database: d, target: replica, login: { user: \"org_{tenant}\" }, accept: [root], "
                       "tls: { mode: prefer }, connect_timeout: 0 }") +
                 kGood,
             ":4:40: servers.main.target: found \"replica\", expected any | primary | standby | prefer-standby | read-write | read-only\n"
             ":4:64: servers.main.login.user: a login per tenant is not available in this version\n"
             ":4:91: servers.main.accept[0]: found \"root\", expected superuser | bypassrls | owner | replication | "
             "member | version\n"
             ":4:138: servers.main.connect_timeout: found \"0\", expected a duration such as 500ms, 30s, 5m or 1h (at "
             "most 1000h), not 0\n"}));

TEST(Load, TargetsHaveLibpqsNames) {
  const std::vector<std::pair<std::string, Target>> targets{
      {"any", Target::any},           {"primary", Target::primary},       {"standby", Target::standby},
      {"prefer-standby", Target::prefer_standby}, {"read-write", Target::read_write}, {"read-only", Target::read_only}};
  for (const auto& [name, target] : targets) {
    const auto policy =
        load_good(SERVER_OF("{ hosts: [a], database: d, target: " + name + ", login: { user: u } }") + kGood).policy;
    ASSERT_TRUE(policy) << name;
    EXPECT_EQ(policy->servers.at("main").target, target) << name;
  }
}

#define TLS_OF(tls) SERVER_OF("{ hosts: [a], database: d, login: { user: u }, tls: " tls " }") + kGood
INSTANTIATE_TEST_SUITE_P(
    ServerTls, LoadFinds,
    testing::Values(
        Case{TLS_OF("{ mode: verify-ca, key: k }"),
             ":4:57: servers.main.tls: certificate and key go together\n"
             ":4:57: servers.main.tls: this mode needs ca: the file of who signs the server's certificate, or system\n"},
        Case{TLS_OF("{ mode: require, ca: system }"),
             ":4:78: servers.main.tls.ca: with ca: system the mode has to be verify-full\n"},
        Case{TLS_OF("{ mode: prefer, negotiation: direct }"),
             ":4:86: servers.main.tls.negotiation: direct needs a mode that insists on TLS: require, verify-ca or "
             "verify-full\n"},
        Case{TLS_OF("{ mode: prefer, negotiation: fast, client_ca: c }"),
             ":4:86: servers.main.tls.negotiation: found \"fast\", expected postgres | direct\n"
             ":4:92: servers.main.tls.client_ca: unknown key; there are ca, negotiation, mode, certificate, key, "
             "min_protocol\n"},
        Case{SERVER_OF("{ hosts: [/run], database: d, login: { user: u }, tls: { mode: require } }") + kGood,
             ":4:60: servers.main.tls: Unix sockets do not use TLS: their bytes do not leave the machine\n"}));
#undef TLS_OF

INSTANTIATE_TEST_SUITE_P(
    Tenancy, LoadFinds,
    testing::Values(
        Case{around("tenancy: { mode: observe, context: signed, search_paths: [] }\n"),
             ":5:36: tenancy.context: context: signed is not available in this version\n"
             ":5:44: tenancy.search_paths: this is not available in this version\n"},
        Case{around("tenancy: { mode: off, column: [], session_variable: org_id }\n"),
             ":5:18: tenancy.mode: found \"off\", expected inject | validate | observe\n"
             ":5:31: tenancy.column: found an empty list, expected the name of a column: 1 to 63 bytes without control "
             "characters\n"
             ":5:53: tenancy.session_variable: found \"org_id\", expected the name of a custom parameter with a dot in "
             "it, such as app.org_id\n"},
        Case{around("tenancy: { lock_secret: short }\n"),
             ":5:25: tenancy.lock_secret: expected at least 16 bytes that nobody can guess\n"},
        Case{around("tenancy: { search_path: [pg_temp, a, a, $user] }\n"),
             ":5:26: tenancy.search_path[0]: found \"pg_temp\", expected a schema of the application: pg_catalog always "
             "comes first, pg_temp last\n"
             ":5:38: tenancy.search_path[2]: this schema is in the list already\n"
             ":5:41: tenancy.search_path[3]: found \"$user\", expected a schema of the application: pg_catalog always "
             "comes first, pg_temp last\n"},
        Case{around("tenancy:\n"), ":5:1: tenancy: found nothing, expected a mapping\n"}));

INSTANTIATE_TEST_SUITE_P(
    Tables, LoadFinds,
    testing::Values(
        Case{around("tenancy: { temporary_tables: yes }\n"),
             ":5:30: tenancy.temporary_tables: found \"yes\", expected refuse | allow\n"},
        Case{around("tables:\n  countries: { access: shared }\n  public.T: { access: none }\n"),
             ":6:3: tables.countries: found \"countries\", expected a name as schema.name, each part in lower case or in "
             "double quotes as in SQL (public.\"Order\")\n"
             ":7:3: tables.\"public.T\": found \"public.T\", expected a name as schema.name, each part in lower case or in "
             "double quotes as in SQL (public.\"Order\")\n"},
        Case{around("tables:\n  public.t: { access: shared }\n  '\"public\".t': { access: none }\n"),
             ":7:3: tables.\"\\\"public\\\".t\": this table is on line 6 already\n"},
        Case{around("tables:\n  pg_catalog.pg_class: { access: none }\n  a.b: {}\n  a.c: { read: [] }\n"
                    "  a.d: { access: shared, column: x, read: \"true\" }\n  a.e: { access: all }\n  a.f: shared\n"
                    "  a.g: { access: none, without_row_security: accept }\n  a.h: { without_row_security: allow }\n"),
             ":6:3: tables.\"pg_catalog.pg_class\": what may be used of pg_catalog is not configurable\n"
             ":7:8: tables.\"a.b\": expected access: tenant | shared | none, column: NAME, read: CONDITION, or without_row_security: refuse | accept\n"
             ":8:16: tables.\"a.c\".read: found an empty list, expected a condition with :org\n"
             ":9:26: tables.\"a.d\".column: only access: tenant has a tenant column\n"
             ":9:37: tables.\"a.d\".read: only access: tenant has rows of one tenant's to add to\n"
             ":10:18: tables.\"a.e\".access: found \"all\", expected tenant | shared | none\n"
             ":11:8: tables.\"a.f\": found \"shared\", expected a mapping\n"
             ":12:24: tables.\"a.g\".without_row_security: only access: tenant has rows that a policy would keep apart\n"
             ":13:32: tables.\"a.h\".without_row_security: found \"allow\", expected refuse | accept\n"},
        Case{around("functions: { allow: [f, public.g, public.g, [x]] }\n"),
             ":5:22: functions.allow[0]: found \"f\", expected a name as schema.name, each part in lower case or in double "
             "quotes as in SQL (public.\"Order\")\n"
             ":5:35: functions.allow[2]: this function is in the list already\n"
             ":5:45: functions.allow[3]: found a list, expected a name as schema.name, each part in lower case or in "
             "double quotes as in SQL (public.\"Order\")\n"}));

INSTANTIATE_TEST_SUITE_P(
    Roles, LoadFinds,
    testing::Values(
        Case{around("roles:\n  a: {}\n  b: { allow: [] }\n  c: { allow: [selct] }\n  d: { allow: some }\n"),
             ":6:6: roles.a: the key \"allow\" is missing\n"
             ":7:15: roles.b.allow: found an empty list, expected a list of actions\n"
             ":8:16: roles.c.allow[0]: found \"selct\", expected select | insert | update | delete | copy | truncate | "
             "explain | ddl | all\n"
             ":9:15: roles.d.allow: found \"some\", expected all, or a list of actions\n"},
        Case{around("roles:\n  a: { allow: [select], tables: { a.b: {}, a.c: { columns: [] }, a.d: { columns: [x, x], allow: "
                    "[insert] } } }\n"),
             ":6:40: roles.a.tables.\"a.b\": expected allow: ACTIONS, columns: [NAME, …] or both\n"
             ":6:60: roles.a.tables.\"a.c\".columns: found an empty list, expected a list of columns\n"
             ":6:86: roles.a.tables.\"a.d\".columns[1]: this column is in the list already\n"
             ":6:97: roles.a.tables.\"a.d\".allow: insert is not among roles.a.allow, which a table can only narrow\n"},
        Case{around("roles:\n  a: { allow: [select], tables: { a.b: [select, delete], c: [select] } }\n"),
             ":6:40: roles.a.tables.\"a.b\": delete is not among roles.a.allow, which a table can only narrow\n"
             ":6:58: roles.a.tables.c: found \"c\", expected a name as schema.name, each part in lower case or in double "
             "quotes as in SQL (public.\"Order\")\n"}));

INSTANTIATE_TEST_SUITE_P(
    Tenants, LoadFinds,
    testing::Values(
        Case{std::string("version: 1\n") + kServers + "tenants: {}\n" + kUsers,
             ":3:10: tenants: found an empty mapping, expected a mapping of tenants, each under its name\n"},
        Case{std::string("version: 1\n") + kServers +
                 "tenants:\n  acme: { org: }\n  bulkhead: { org: 1 }\n  pgbouncer: { org: 2 }\n  x: { org: \" 3\" }\n"
                 "  y: { org: [4] }\n  z: { org: 5, server: mian, limits: {}, pool: { size: 0 } }\n" +
                 kUsers,
             ":4:16: tenants.acme.org: found nothing, expected the organisation's id as the tenant column holds it, no "
             "spaces around it\n"
             ":5:3: tenants.bulkhead: this name is the console's, call the tenant otherwise\n"
             ":6:3: tenants.pgbouncer: this name is the console's, call the tenant otherwise\n"
             ":7:13: tenants.x.org: found \" 3\", expected the organisation's id as the tenant column holds it, no spaces "
             "around it\n"
             ":8:13: tenants.y.org: found a list, expected the organisation's id as the tenant column holds it, no spaces "
             "around it\n"
             ":9:24: tenants.z.server: there is no server \"mian\" under servers, did you mean \"main\"?\n"
             ":9:56: tenants.z.pool.size: found \"0\", expected a whole number from 1 to 10000\n"},
        Case{std::string("version: 1\n") + kServers +
                 "tenants:\n  acme: { org: 1 }\n  b: { org: \"+01\" }\n"
                 "  c: { org: A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11 }\n"
                 "  d: { org: \"{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}\" }\n" +
                 kUsers,
             ":5:13: tenants.b.org: found \"+01\", which is the organisation of tenant \"acme\" (line 4) in the same "
             "database: to a column of numbers both are one\n"
             ":7:13: tenants.d.org: found \"{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}\", which is the organisation of tenant "
             "\"c\" (line 6) in the same database\n"},
        Case{std::string("version: 1\n") + kServers +
                 "tenants:\n  acme: { org: 1 }\n  b: { org: 1.0 }\n  c: { org: 10e-1 }\n  d: { org: 0x01 }\n  e: { org: 1_0 }\n"
                 "  f: { org: .5 }\n  g: { org: 5E-1 }\n  h: { org: 1000 }\n  i: { org: 1e3 }\n  j: { org: nan }\n  k: { org: NaN }\n"
                 "  l: { org: 01234567-1234-1234-1234-123456789012 }\n  m: { org: \"01234567123412341234123456789012\" }\n"
                 "  n: { org: -1 }\n  o: { org: 1e }\n  p: { org: 1.0.0 }\n  q: { org: -0 }\n  r: { org: 0.00 }\n  s: { org: 100 }\n" +
                 kUsers,
             ":5:13: tenants.b.org: found \"1.0\", which is the organisation of tenant \"acme\" (line 4) in the same database: to a column of "
             "numbers both are one\n"
             ":6:13: tenants.c.org: found \"10e-1\", which is the organisation of tenant \"acme\" (line 4) in the same database: to a column of "
             "numbers both are one\n"
             ":7:13: tenants.d.org: found \"0x01\", which is the organisation of tenant \"acme\" (line 4) in the same database: to a column of "
             "numbers both are one\n"
             ":10:13: tenants.g.org: found \"5E-1\", which is the organisation of tenant \"f\" (line 9) in the same database: to a column of "
             "numbers both are one\n"
             ":12:13: tenants.i.org: found \"1e3\", which is the organisation of tenant \"h\" (line 11) in the same database: to a column of "
             "numbers both are one\n"
             ":14:13: tenants.k.org: found \"NaN\", which is the organisation of tenant \"j\" (line 13) in the same database: to a column of "
             "numbers both are one\n"
             ":16:13: tenants.m.org: found \"01234567123412341234123456789012\", which is the organisation of tenant \"l\" (line 15) in the "
             "same database\n"
             ":21:13: tenants.r.org: found \"0.00\", which is the organisation of tenant \"q\" (line 20) in the same database: to a column of "
             "numbers both are one\n"},
        Case{"version: 1\nservers:\n  a: { hosts: [x], database: d, login: { user: u } }\n"
             "  b: { hosts: [y, x], database: d, login: { user: w } }\n"
             "tenants:\n  acme: { org: 1, server: a }\n  two: { org: 1, server: b }\n  three: { org: 3 }\n" +
                 std::string(kUsers),
             ":7:15: tenants.two.org: found \"1\", which is the organisation of tenant \"acme\" (line 6) in the same "
             "database\n"
             ":8:10: tenants.three: there are several servers: the key \"server\" says which one is this tenant's\n"},
        Case{std::string("version: 1\n") + kServers + "tenants:\n  acme: { org: 1 }\n  " + std::string(64, 'x') +
                 ": { org: 2 }\n" + kUsers,
             ":5:3: tenants.\"" + std::string(60, 'x') + "…\": found \"" + std::string(60, 'x') +
                 "…\", expected a name for a tenant: 1 to 63 bytes without control characters\n"}));

INSTANTIATE_TEST_SUITE_P(
    Users, LoadFinds,
    testing::Values(
        Case{std::string("version: 1\n") + kServers + kTenants +
                 "users:\n  a: { password: { plain: x } }\n  b: { tenant: acme, tenants: [acme], password: { plain: x } }\n"
                 "  c: { tenants: [], password: { plain: x } }\n  d: { tenants: [acme, acme, acne], password: { plain: x } "
                 "}\n  e: { tenant: acme }\n",
             ":5:6: users.a: expected either tenant: NAME or tenants: [NAME, …]\n"
             ":6:6: users.b: expected either tenant: NAME or tenants: [NAME, …]\n"
             ":7:17: users.c.tenants: found an empty list, expected a list of tenants\n"
             ":8:24: users.d.tenants[1]: this tenant is in the list already\n"
             ":8:30: users.d.tenants[2]: there is no tenant \"acne\" under tenants, did you mean \"acme\"?\n"
             ":9:6: users.e: the key \"password\" is missing\n"},
        Case{std::string("version: 1\n") + kServers + kTenants +
                 "roles: { member: { allow: all } }\nusers:\n  a: { tenant: acme, role: membre, password: { plain: x } }\n"
                 "  b: { tenant: acme, password: hunter2 }\n  c: { tenant: acme, password: { plain: \"\" } }\n"
                 "  d: { tenant: acme, password: { env: BULKHEAD_TEST_UNSET } }\n"
                 "  e: { tenant: acme, password: { plain: { file: /nowhere/at/all } } }\n"
                 "  f: { tenant: acme, password: [x], limits: { clients: -1, queue: 5, statement_timeout: 1 } }\n",
             ":6:28: users.a.role: there is no role \"membre\" under roles, did you mean \"member\"?\n"
             ":7:32: users.b.password: expected a verifier, SCRAM-SHA-256$…, as `bulkhead scram` prints it; or {plain: "
             "PASSWORD}\n"
             ":8:41: users.c.password.plain: found nothing, expected a secret: literally, or {env: NAME}, or {file: "
             "PATH}\n"
             ":9:39: users.d.password.env: the environment variable \"BULKHEAD_TEST_UNSET\" is not set\n"
             ":10:49: users.e.password.plain.file: the file \"/nowhere/at/all\" cannot be read\n"
             ":11:32: users.f.password: found a list, expected a secret: literally, or {env: NAME}, or {file: PATH}\n"
             ":11:56: users.f.limits.clients: found \"-1\", expected a whole number from 0 to 1000000\n"
             ":11:60: users.f.limits.queue: unknown key; there are clients, statements_per_second, queue_timeout, statement_timeout, "
             "transaction_timeout, idle_in_transaction, client_idle\n"
             ":11:89: users.f.limits.statement_timeout: found \"1\", expected a duration such as 500ms, 30s, 5m or 1h (at most 1000h), "
             "or 0\n"},
        Case{around("authentication: []\n"), ":5:17: authentication: found an empty list, expected a list of methods\n"},
        Case{around("authentication: [{ method: scram }, { method: cert, map: san }, { method: scram }, { method: md5 }]\n"),
             ":5:47: authentication[1].method: method: cert is not available in this version\n"
             ":5:53: authentication[1].map: this is not available in this version\n"
             ":5:65: authentication[2]: this method is in the list already\n"
             ":5:94: authentication[3].method: found \"md5\", expected scram | cert | jwt\n"}));

INSTANTIATE_TEST_SUITE_P(
    Limits, LoadFinds,
    testing::Values(
        Case{around("limits: { clients: 0, queue: x, queue_timeout: 5, statement_size: 5MB, message_size: 1GiB }\n"),
             ":5:20: limits.clients: found \"0\", expected a whole number from 1 to 1000000\n"
             ":5:30: limits.queue: found \"x\", expected a whole number from 0 to 1000000\n"
             ":5:48: limits.queue_timeout: found \"5\", expected a duration such as 500ms, 30s, 5m or 1h (at most 1000h), "
             "or 0\n"
             ":5:67: limits.statement_size: found \"5MB\", expected a size such as 64KiB or 16MiB, from 1024 to "
             "1073741823 bytes\n"
             ":5:86: limits.message_size: found \"1GiB\", expected a size such as 64KiB or 16MiB, from 1024 to 1073741823 "
             "bytes\n"},
        Case{around("limits: { message_size: 256MiB, message_memory: 200MiB, message_memory_per_tenant: 128MiB, clients_per_tenant: 0 }\n"),
             ":5:49: limits.message_memory: found \"200MiB\", which is less than one tenant may take (268435456)\n"
             ":5:84: limits.message_memory_per_tenant: found \"128MiB\", which is less than one message may take (268435456)\n"
             ":5:112: limits.clients_per_tenant: found \"0\", expected a whole number from 1 to 1000000\n"},
        Case{std::string("version: 1\n") + kServers + "limits: { message_memory: 200MiB }\ntenants:\n"
             "  acme: { org: 1, limits: { clients: x, message_memory: 201MiB, login_timeout: 1s } }\n"
             "  b: { org: 2, limits: { message_size: 300MiB } }\n" + kUsers,
             ":5:38: tenants.acme.limits.clients: found \"x\", expected a whole number from 1 to 1000000\n"
             ":5:57: tenants.acme.limits.message_memory: this tenant's message_memory of 210763776 is more than all tenants "
             "together may take (limits.message_memory: 209715200)\n"
             ":5:65: tenants.acme.limits.login_timeout: unknown key; there are clients, message_memory, queue, queue_timeout, "
             "statement_timeout, transaction_timeout, idle_in_transaction, client_idle, statements, statements_per_second, "
             "bytes_per_second, message_timeout, statement_size, message_size\n"
             ":6:24: tenants.b.limits: this tenant's message_memory of 314572800 is more than all tenants together may take "
             "(limits.message_memory: 209715200)\n"},
        Case{around("limits: { statement_timeout: 5, statements_per_second: 1000001, statements: -1, bytes_per_second: 2GiB }\n"
                    "pool: { mode: statement, size: 10001 }\n"),
             ":5:30: limits.statement_timeout: found \"5\", expected a duration such as 500ms, 30s, 5m or 1h (at most 1000h), or 0\n"
             ":5:56: limits.statements_per_second: found \"1000001\", expected a whole number from 0 to 1000000\n"
             ":5:77: limits.statements: found \"-1\", expected a whole number from 0 to 10000\n"
             ":5:99: limits.bytes_per_second: found \"2GiB\", expected a size such as 64KiB or 16MiB, from 0 to 1073741824 bytes\n"
             ":6:15: pool.mode: found \"statement\", expected transaction | session\n"
             ":6:32: pool.size: found \"10001\", expected a whole number from 1 to 10000\n"},
        Case{"version: 1\n" + std::string(kServers) + "pool: { size: 4, minimum: 5, reserve: -1, lifetime: 5 }\ntenants:\n"
             "  acme: { org: 1, pool: { size: 3, minimum: 3, mode: session } }\n"
             "  b: { org: 2, pool: { size: 2 } }\n" + kUsers,
             ":3:27: pool.minimum: a minimum of 5 is more than the size of the pool (4)\n"
             ":3:39: pool.reserve: found \"-1\", expected a whole number from 0 to 10000\n"
             ":3:53: pool.lifetime: found \"5\", expected a duration such as 500ms, 30s, 5m or 1h (at most 1000h), or 0\n"
             ":5:48: tenants.acme.pool.mode: unknown key; there are size, minimum, reserve, reserve_after, weight, idle_timeout, lifetime\n"
             ":6:30: tenants.b.pool.size: a minimum of 5 is more than the size of the pool (2)\n"}));

TEST(Limits, OfTenantAndUserTheStricterHolds) {
  const Timeouts tenant{Duration(30), Duration(5), Duration(0), Duration(0), Duration(7)};
  const Timeouts user{Duration(0), Duration(6), Duration(8), Duration(0), Duration(2)};
  const Timeouts both{Duration(30), Duration(5), Duration(8), Duration(0), Duration(2)};
  EXPECT_EQ(stricter(tenant, user), both);
  EXPECT_EQ(stricter(user, tenant), both);
}

TEST(Load, SecretsComeFromEnvironmentAndFiles) {
  const auto directory = std::filesystem::temp_directory_path() / ("bulkhead_load_test_" + std::to_string(getpid()));
  std::filesystem::create_directories(directory);
  std::ofstream(directory / "pw") << "from file \n";
  std::ofstream(directory / "empty") << "\n";
  ::setenv("BULKHEAD_TEST_SECRET", "from env", 1);
  const auto text = [](const std::string& password) {
    return std::string("version: 1\nservers: { m: { hosts: [a], database: d, login: { user: u, password: ") + password +
           " } } }\n" + kGood;
  };
  const auto secret = [&](const std::string& password) {
    const auto loaded = load(text(password), "f", directory.string());
    return loaded.policy ? std::string(loaded.policy->servers.at("m").password.reveal())
                         : describe("", loaded.findings);
  };
  EXPECT_EQ(secret("{ env: BULKHEAD_TEST_SECRET }"), "from env");
  EXPECT_EQ(secret("{ file: pw }"), "from file ") << "only the line's end goes";
  EXPECT_EQ(secret("{ file: " + (directory / "pw").string() + " }"), "from file ");
  EXPECT_THAT(secret("{ file: empty }"), HasSubstr("is empty"));
  EXPECT_THAT(secret("{ file: . }"), HasSubstr("cannot be read"));
  EXPECT_THAT(secret("{ file: pw, env: X }"), HasSubstr("expected a secret"));
  EXPECT_THAT(secret("{ flie: pw }"), HasSubstr("did you mean \"file\"?"));
  std::filesystem::remove_all(directory);
}

TEST(Load, FindingsNeverShowSecrets) {
  const auto text = findings_of(
      "version: 1\nservers: { m: { hosts: [], database: d, login: { user: u, password: hunter2 } } }\n"
      "tenants: { acme: { org: 1 } }\nusers: { u: { tenant: acme, password: hunter2 }, v: { tenant: acme, password: { plain: "
      "[hunter2] } } }\n");
  EXPECT_NE(text, "");
  EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
}

/// Any bytes give a policy or findings in order, and in bounded time; a wrong byte in a good file is the likeliest kind.
TEST(Load, SurvivesMutations) {
  constexpr unsigned kSeed = 20'240'607;
  std::mt19937 random(kSeed);
  const std::string good = around(
      "listen: [{ address: a }]\ntables: { public.t: { access: shared } }\nroles: { a: { allow: [select], tables: { a.b: all "
      "} } }\nlimits: { queue: 5 }\n");
  constexpr char kBytes[] = "{}[]:,&*!|>'\"%@`#-? \n\ta1\\~\xff";  // with its NUL
  for (int round = 0; round < 3000; ++round) {
    auto text = good;
    for (unsigned edits = 1 + random() % 6; edits > 0; --edits) {
      const auto at = random() % text.size();
      const char byte = kBytes[random() % sizeof kBytes];
      if (random() % 2)
        text[at] = byte;
      else
        text.insert(at, 1, byte);
    }
    const auto loaded = load(text, "f", "");
    ASSERT_NE(loaded.policy == nullptr, loaded.findings.empty()) << "seed " << kSeed << " round " << round << "\n" << text;
    for (std::size_t i = 1; i < loaded.findings.size(); ++i)
      ASSERT_LE(std::pair(loaded.findings[i - 1].line, loaded.findings[i - 1].column),
                std::pair(loaded.findings[i].line, loaded.findings[i].column));
  }
}

/// Every value of a configuration replaced by every kind of value: no crash, and the wrong kinds are found.
TEST(Load, WrongTypesEverywhere) {
  for (const std::string key : {"version", "listen", "servers", "tenancy", "tables", "functions", "roles", "pool", "tenants",
                                "users", "authentication", "limits", "log", "threads"})
    for (const std::string value : {"~", "\"\"", "[]", "{}", "[[]]", "[{}]", "{a: ~}", "{a: []}", "{a: {b: [c]}}", "-1", "x"}) {
      const auto text = key + ": " + value + "\n";
      EXPECT_NE(findings_of(text), "") << text;
    }
}

}  // namespace
}  // namespace bulkhead::policy
