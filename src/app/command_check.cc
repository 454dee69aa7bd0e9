#include "app/command_check.h"

#include <ostream>

#include "auth/credentials.h"
#include "policy/load.h"
#include "rewrite/check.h"
#include "session/certificates.h"

namespace bulkhead::app {
namespace {

std::string count(std::size_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

}  // namespace

int check(const std::string& config, const std::string& catalogue, Io io) {
  const auto policy = load_configuration(config, io);
  if (!policy) {  // the files it names may be wrong as well
    if (const auto partial = policy::load_file(config).partial)
      for (const auto& fault : session::Certificates::read(*partial).faults) io.err << fault << '\n';
    return kWrong;
  }
  if (const auto credentials = auth::Credentials::from(policy, auth::MockSecret::random()); !credentials) {
    io.err << config << ": " << credentials.error().message << '\n';
    return kWrong;
  }
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
  const auto certificates = session::Certificates::read(*policy);
  for (const auto& warning : certificates.warnings) io.err << warning << " (a warning)\n";
  for (const auto& fault : certificates.faults) io.err << fault << '\n';
  if (!certificates.faults.empty()) return kWrong;
  if (policy->tenancy.mode == policy::Mode::observe)
    io.err << config << ": tenancy.mode: observe isolates nobody: every statement passes unchanged (a warning)\n";
  io.out << config << ": fine, " << count(policy->servers.size(), "server") << ", "
         << count(policy->tenants.size(), "tenant") << ", " << count(policy->users.size(), "user") << '\n';
  return kFine;
}

}  // namespace bulkhead::app
