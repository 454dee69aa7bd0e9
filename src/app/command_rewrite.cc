#include "app/command_rewrite.h"

#include <ostream>

#include "app/verdict_text.h"
#include "policy/catalogue.h"
#include "pool/server_watch.h"
#include "rewrite/rewriter.h"

namespace bulkhead::app {
namespace {

using CataloguePtr = std::shared_ptr<const policy::Catalogue>;

/// The one step of this command that needs a database.
Result<CataloguePtr> read_live_catalogue(std::shared_ptr<const policy::Policy> policy, const policy::Tenant& tenant) {
  return pool::read_catalogue(policy, policy->servers.at(tenant.server));
}

/// Null and false: there is no such role. Null and true: everything but ddl.
std::pair<const policy::Role*, bool> find_role(const policy::Policy& policy, const std::string& name) {
  const auto role = policy.roles.find(name.empty() ? "owner" : name);
  if (role != policy.roles.end()) return {&role->second, true};
  return {nullptr, name.empty()};
}

int complain(const Error& error, Io io) {
  io.err << "bulkhead rewrite: " << error.message << '\n';
  if (!error.detail.empty()) io.err << "DETAIL: " << error.detail << '\n';
  if (!error.hint.empty()) io.err << "HINT: " << error.hint << '\n';
  return kWrong;
}

}  // namespace

int rewrite(const RewriteOptions& options, Io io) {
  const auto policy = load_configuration(options.config, io);
  if (!policy) return kWrong;
  const auto tenant = policy->tenants.find(options.tenant);
  if (tenant == policy->tenants.end()) {
    io.err << options.config << ": there is no tenant \"" << options.tenant << "\" under tenants\n";
    return kWrong;
  }
  const auto [role, role_known] = find_role(*policy, options.role);
  if (!role_known) {
    io.err << options.config << ": there is no role \"" << options.role << "\" under roles\n";
    return kWrong;
  }
  if (const auto test = rewrite::self_test(); !test) return complain(test.error(), io);
  const auto catalogue = options.catalogue.empty() ? read_live_catalogue(policy, *tenant->second)
                                                   : read_catalogue_file(options.catalogue);
  if (!catalogue) return complain(catalogue.error(), io);

  const rewrite::Rewriter rewriter;
  const rewrite::Subject subject{*policy, **catalogue, *tenant->second, role};
  int status = kFine;
  const auto texts = options.texts.empty() ? std::vector{read_all(io.in)} : options.texts;
  for (const auto& text : texts) {
    auto verdict = rewriter.judge(text, subject, rewrite::Protocol::simple);
    if (std::holds_alternative<rewrite::Rejected>(verdict)) {  // it may be one to prepare: with parameters to be bound
      auto prepared = rewriter.judge(text, subject, rewrite::Protocol::extended);
      if (std::holds_alternative<rewrite::Rewritten>(prepared)) verdict = std::move(prepared);
    }
    io.out << (options.json ? verdict_as_json(text, verdict) : verdict_as_text(text, verdict)) << '\n';
    if (std::holds_alternative<rewrite::Rejected>(verdict)) status = kNo;
  }
  return status;
}

}  // namespace bulkhead::app
