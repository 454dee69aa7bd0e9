#include "app/command_check.h"

#include <ostream>

#include "app/configuration.h"
#include "rewrite/check.h"

namespace bulkhead::app {
namespace {

std::string count(std::size_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

}  // namespace

int check(const std::string& config, const std::string& catalogue, Io io) {
  const auto configuration = read_configuration(config, auth::MockSecret::random());
  for (const auto& warning : configuration.warnings) io.err << warning << " (a warning)\n";
  for (const auto& fault : configuration.faults) io.err << fault << '\n';
  const auto& policy = configuration.policy;
  if (!policy) return kWrong;
  if (!catalogue.empty()) {
    const auto relations = read_catalogue_file(catalogue);
    if (!relations) {
      io.err << "bulkhead check: " << relations.error().message << '\n';
      return kWrong;
    }
    if (const auto findings = rewrite::check_policy(*policy, relations->get()); !findings.empty()) {
      io.err << policy::describe(config, findings);
      return kWrong;
    }
  }
  if (policy->tenancy.mode == policy::Mode::observe)
    io.err << config << ": tenancy.mode: observe isolates nobody: every statement passes unchanged (a warning)\n";
  io.out << config << ": fine, " << count(policy->servers.size(), "server") << ", "
         << count(policy->tenants.size(), "tenant") << ", " << count(policy->users.size(), "user") << '\n';
  return kFine;
}

}  // namespace bulkhead::app
