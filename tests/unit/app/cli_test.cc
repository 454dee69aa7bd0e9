#include "app/cli.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "auth/verifier.h"

namespace bulkhead::app {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Outcome {
  int status;
  std::string out, err;
};

Outcome bulkhead(std::vector<std::string> arguments, const std::string& input = {}) {
  std::vector<const char*> argv{"bulkhead"};
  for (const auto& argument : arguments) argv.push_back(argument.c_str());
  std::istringstream in(input);
  std::ostringstream out, err;
  const int status = run_command_line(static_cast<int>(argv.size()), argv.data(), {in, out, err});
  return {status, out.str(), err.str()};
}

/// Files that go with the test.
class Cli : public testing::Test {
 protected:
  Cli() { std::filesystem::create_directories(directory_); }
  ~Cli() override { std::filesystem::remove_all(directory_); }

  std::string file(const std::string& name, const std::string& text) {
    const auto path = (directory_ / name).string();
    std::ofstream(path) << text;
    return path;
  }
  std::string config() {
    return file("config.yaml",
                "version: 1\nservers: { m: { hosts: [a], database: d, login: { user: u } } }\n"
                "roles: { reader: { allow: [select] } }\n"
                "tenants: { acme: { org: 1 }, globex: { org: 2 } }\nusers: { u: { tenant: acme, password: { plain: x } } }\n");
  }
  std::string catalogue() {
    return file("catalogue.yaml",
                "version: 150000\nrelations: { public.orders: { kind: table, columns: { id: int8, org_id: int8 } } }\n");
  }
  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("bulkhead_cli_test_" + std::to_string(getpid()));
};

TEST_F(Cli, HelpAndVersionAreFine) {
  EXPECT_THAT(bulkhead({"--version"}).out, StartsWith("bulkhead "));
  EXPECT_EQ(bulkhead({"--version"}).status, 0);
  for (const std::string command : {"run", "check", "rewrite", "scram"}) {
    const auto help = bulkhead({command, "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_THAT(help.out, HasSubstr("--help"));
    EXPECT_THAT(bulkhead({"--help"}).out, HasSubstr(command));
  }
}

TEST_F(Cli, WrongUsageIsTwo) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {}, {"chekc"}, {"check"}, {"check", "--config"}, {"check", "--config", "f", "--wat"}, {"rewrite", "--config", "f"},
           {"scram", "--iterations", "0"}, {"scram", "--iterations", "many"}, {"run"}}) {
    const auto outcome = bulkhead(arguments);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.err, "");
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(Cli, CheckReadsTheSqlOfAConfiguration) {
  const auto with = [this](const std::string& read) {
    return file("read.yaml", "version: 1\nservers: { m: { hosts: [a], database: d, login: { user: u } } }\n"
                             "tables:\n  public.orders: { read: \"" + read + "\" }\n"
                             "tenants: { acme: { org: 1 } }\nusers: { u: { tenant: acme, password: { plain: x } } }\n");
  };
  EXPECT_EQ(bulkhead({"check", "--config", with("org_id = :org OR id = 0"), "--catalog", catalogue()}).status, 0);
  const auto wrong = bulkhead({"check", "--config", with("org_id = :org OR id = abs(1)")});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("read.yaml:4:26: tables.\"public.orders\".read: found a call, expected now() or none, "
                                   "at character 23 of it\n"));
  EXPECT_EQ(bulkhead({"run", "--config", with("true")}).status, 2) << "a faulty configuration never runs";
  const auto path = with("org_id = :org OR shown");
  EXPECT_EQ(bulkhead({"check", "--config", path}).status, 0) << "without a database nobody knows its columns";
  const auto against = bulkhead({"check", "--config", path, "--catalog", catalogue()});
  EXPECT_EQ(against.status, 2);
  EXPECT_THAT(against.err, HasSubstr("read.yaml:4:26: tables.\"public.orders\".read: the table has no column \"shown\"\n"));
  EXPECT_EQ(bulkhead({"check", "--config", path, "--catalog", "/nowhere"}).status, 2);
}

TEST_F(Cli, CheckFindsFaultsOfEveryKindAtOnce) {
  const auto path = file("faulty.yaml",
                         "version: 1\nlisten: [{ address: \"127.0.0.1:6432\", tls: { mode: require, certificate: none.crt, key: none.key } }]\n"
                         "servers: { m: { hosts: [a], database: d, login: { user: u } } }\n"
                         "tables: { public.b: { read: \"org_id = :org OR now(\" } }\n"
                         "tenants: { t: { org: 1 } }\nusers: { a: { tenant: x, password: { plain: x } } }\n");
  const auto wrong = bulkhead({"check", "--config", path});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("faulty.yaml:4:29: tables.\"public.b\".read: "));
  EXPECT_THAT(wrong.err, HasSubstr("faulty.yaml:6:23: users.a.tenant: "));
  EXPECT_THAT(wrong.err, HasSubstr("none.crt"));
  EXPECT_EQ(bulkhead({"run", "--config", path}).status, 2);
}

TEST_F(Cli, CheckSaysFineOrEveryFinding) {
  const auto good = bulkhead({"check", "--config", config()});
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_EQ(good.out, config() + ": fine, 1 server, 2 tenants, 1 user\n");
  EXPECT_EQ(good.err, "");

  const auto path = file("bad.yaml", "version: 1\nservers: {}\ntenants: []\n");
  const auto bad = bulkhead({"check", "--config", path});
  EXPECT_EQ(bad.status, 2);
  EXPECT_EQ(bad.out, "");
  EXPECT_EQ(bad.err, path + ":1:1: the key \"users\" is missing\n" + path +
                         ":2:10: servers: found an empty mapping, expected a mapping of servers, each under its name\n" + path +
                         ":3:10: tenants: found an empty list, expected a mapping of tenants, each under its name\n");
  EXPECT_EQ(bulkhead({"check", "--config", "/nowhere/at/all"}).err, "/nowhere/at/all:0:0: the file cannot be opened\n");
  EXPECT_EQ(bulkhead({"run", "--config", path}).status, 2) << "a faulty configuration never runs";
}

TEST_F(Cli, ScramPrintsAVerifierOfTheWholeInput) {
  for (const std::string input : {"s3cret", "s3cret\n", "s3cret\r\n"}) {
    const auto outcome = bulkhead({"scram", "--iterations", "5"}, input);
    EXPECT_EQ(outcome.status, 0);
    ASSERT_TRUE(outcome.out.ends_with('\n'));
    const auto verifier = auth::parse_verifier(outcome.out.substr(0, outcome.out.size() - 1));
    ASSERT_TRUE(verifier);
    EXPECT_EQ(*verifier, auth::derive_verifier(Secret("s3cret"), verifier->salt, 5));
  }
  EXPECT_EQ(bulkhead({"scram"}, "").status, 2);
  EXPECT_EQ(bulkhead({"scram"}, "\n").status, 2);
  EXPECT_EQ(bulkhead({"scram"}, std::string("a\0b", 3)).status, 2);
}

TEST_F(Cli, RewriteShowsWhatReachesTheServer) {
  const auto outcome =
      bulkhead({"rewrite", "--config", config(), "--tenant", "globex", "--catalog", catalogue(), "SELECT id FROM orders"});
  EXPECT_EQ(outcome.status, 0) << outcome.err << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("org_id"));
  EXPECT_THAT(outcome.out, HasSubstr("'2'"));
  const auto from_input = bulkhead({"rewrite", "--config", config(), "--tenant", "globex", "--catalog", catalogue()},
                                   "SELECT id FROM orders");
  EXPECT_EQ(from_input.out, outcome.out);
}

TEST_F(Cli, RewriteNamesTheParametersThatBindChecks) {
  const std::vector<std::string> common{"rewrite", "--config", config(), "--tenant", "acme", "--catalog", catalogue()};
  auto arguments = common;
  arguments.push_back("INSERT INTO orders (id, org_id) VALUES ($1, $2)");
  const auto shown = bulkhead(arguments);
  EXPECT_EQ(shown.status, 0) << shown.err << shown.out;
  EXPECT_THAT(shown.out, StartsWith("-- Bind checks that $2, for column \"org_id\" of relation \"public.orders\", is 1\n"));
  arguments.push_back("--json");
  EXPECT_THAT(bulkhead(arguments).out, HasSubstr(R"("guards":[{"parameter":2,"type":"int8","value":"1"}])"));

  arguments = common;  // two statements cannot be prepared, and in a simple query a parameter has no value
  arguments.push_back("INSERT INTO orders (id, org_id) VALUES ($1, $2); SELECT 1");
  EXPECT_EQ(bulkhead(arguments).status, 1);
}

TEST_F(Cli, RewriteRefusesWithOne) {
  const auto outcome = bulkhead({"rewrite", "--config", config(), "--tenant", "acme", "--catalog", catalogue(), "--json",
                                 "SELECT id FROM orders", "SELECT * FROM nowhere"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("\"verdict\":\"rewritten\""));
  EXPECT_THAT(outcome.out, HasSubstr("\"verdict\":\"refused\""));
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 2) << "one object a line";
}

TEST_F(Cli, RewriteInARole) {
  const std::vector<std::string> common{"rewrite", "--config", config(), "--tenant", "acme", "--catalog", catalogue()};
  const auto with = [&](std::vector<std::string> more) {
    auto arguments = common;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return bulkhead(arguments);
  };
  EXPECT_EQ(with({"DELETE FROM orders"}).status, 0);
  EXPECT_EQ(with({"--role", "reader", "SELECT FROM orders"}).status, 0);
  EXPECT_EQ(with({"--role", "reader", "DELETE FROM orders"}).status, 1);
  EXPECT_EQ(with({"--role", "nobody", "SELECT 1"}).status, 2);
}

TEST_F(Cli, RewriteNeedsAKnownTenantAndAReadableCatalogue) {
  EXPECT_EQ(bulkhead({"rewrite", "--config", config(), "--tenant", "x", "--catalog", catalogue(), "SELECT 1"}).status, 2);
  EXPECT_EQ(bulkhead({"rewrite", "--config", config(), "--tenant", "acme", "--catalog", "/nowhere", "SELECT 1"}).status, 2);
  const auto bad = bulkhead(
      {"rewrite", "--config", config(), "--tenant", "acme", "--catalog", file("bad.yaml", "version: x"), "SELECT 1"});
  EXPECT_EQ(bad.status, 2);
  EXPECT_THAT(bad.err, HasSubstr("1:10: version: found \"x\""));
}

}  // namespace
}  // namespace bulkhead::app
