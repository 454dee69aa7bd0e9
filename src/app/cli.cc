#include "app/cli.h"

#include <CLI/CLI.hpp>

#include "app/command_check.h"
#include "app/command_observed.h"
#include "app/command_rewrite.h"
#include "app/command_scram.h"
#include "app/run.h"
#include "auth/verifier.h"

namespace bulkhead::app {
namespace {

CLI::App& add_command(CLI::App& app, const std::string& name, const std::string& what) {
  return *app.add_subcommand(name, what);
}

void add_config(CLI::App& command, std::string& config) {
  command.add_option("--config", config, "the configuration file")->required()->type_name("FILE");
}

}  // namespace

int run_command_line(int argc, const char* const* argv, Io io) {
  CLI::App app{"Bulkhead, a PostgreSQL proxy that keeps tenants apart.", "bulkhead"};
  app.set_version_flag("--version", "bulkhead " BULKHEAD_VERSION);
  app.require_subcommand(1);
  app.footer("Exit status: 0 fine, 1 the answer is no, 2 usage or configuration error.");

  std::string config;
  auto& run_command = add_command(app, "run", "Runs the proxy in the foreground. SIGHUP reads the configuration anew, "
                                              "SIGTERM drains, SIGINT stops at once.");
  RunOptions run_options;
  add_config(run_command, run_options.config);
  run_command.add_flag("--watch", run_options.watch, "read the configuration anew when its file has changed, too");
  run_command.add_flag("--take-over", run_options.take_over,
                       "listen where a process of the same user does: new clients come here, its own stay until it has drained");
  run_command.add_option("--observed", run_options.observed, "where mode observe writes what it has seen, each minute and at the end")
      ->type_name("FILE");

  auto& check_command = add_command(app, "check", "Validates a configuration: every fault as FILE:LINE:COLUMN: MESSAGE.");
  add_config(check_command, config);
  std::string relations;
  check_command.add_option("--catalog", relations, "the database's relations, to hold it against")->type_name("FILE");

  RewriteOptions rewrite_options;
  auto& rewrite_command = add_command(
      app, "rewrite", "Shows what would reach the server for each statement, or why it is refused (exit status 1).");
  add_config(rewrite_command, rewrite_options.config);
  rewrite_command.add_option("--tenant", rewrite_options.tenant, "on whose behalf")->required()->type_name("NAME");
  rewrite_command.add_option("--role", rewrite_options.role, "in which role; default: that of users without one")
      ->type_name("NAME");
  rewrite_command
      .add_option("--catalog", rewrite_options.catalogue, "the database's relations; default: read from the tenant's server")
      ->type_name("FILE");
  rewrite_command.add_flag("--json", rewrite_options.json, "one JSON object a line, for machines");
  rewrite_command.add_option("SQL", rewrite_options.texts, "texts to judge; default: standard input, as one text")
      ->type_name("");

  std::string observed_file;
  bool as_policy = false;
  auto& observed_command = add_command(app, "observed", "Reports what `run --observed` has written.");
  observed_command.add_option("FILE", observed_file, "that file")->required()->type_name("");
  observed_command.add_flag("--policy", as_policy, "the lines of a configuration to start with, instead");

  int iterations = auth::kDefaultIterations;
  auto& scram_command =
      add_command(app, "scram", "Reads a password from standard input and prints its SCRAM-SHA-256 verifier.");
  scram_command.add_option("--iterations", iterations, "of PBKDF2")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000'000))
      ->type_name("N");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, io.out, io.err) == 0 ? kFine : kWrong;
  }
  if (check_command.parsed()) return check(config, relations, io);
  if (rewrite_command.parsed()) return rewrite(rewrite_options, io);
  if (scram_command.parsed()) return scram(iterations, io);
  if (observed_command.parsed()) return report_observed(observed_file, as_policy, io);
  return run(run_options, io);
}

}  // namespace bulkhead::app
