#include "policy/scram_syntax.h"
#include "policy/sections.h"

namespace bulkhead::policy {
namespace {

Administrator read_administrator(const yaml::Node& node, Loading& loading) {
  Administrator administrator;
  administrator.name = node.key;
  check_name(node, loading.report, "a name for an administrator");
  Fields fields(&node, loading.report);
  if (!fields) return administrator;
  if (const auto* password = fields.require("password"))
    load_password(*password, loading, administrator.verifier, administrator.plain_password);
  if (const auto* may = fields.require("may"))
    read_choice<May>(*may, loading.report, {{"show", May::show}, {"all", May::all}}, administrator.may);
  return administrator;
}

}  // namespace

void load_admin(const yaml::Node* node, Loading& loading) {
  Fields fields(node, loading.report);
  if (!fields) return;
  const auto* users = fields.require("users");
  if (!users) return;
  for (const auto* child : read_map(*users, loading.report, "administrators, each under its name"))
    loading.policy.admin.users.emplace(child->key, read_administrator(*child, loading));
}

void load_password(const yaml::Node& node, Loading& loading, Secret& verifier, Secret& plain) {
  if (node.kind == yaml::Kind::map && node.find("plain")) {
    Fields fields(&node, loading.report);
    read_secret(*fields.take("plain"), loading.report, loading.directory, plain);
    return;
  }
  if (!read_secret(node, loading.report, loading.directory, verifier)) return;
  if (!is_scram_verifier(verifier.reveal()))
    loading.report.at(node, "expected a verifier, SCRAM-SHA-256$…, as `bulkhead scram` prints it; or {plain: PASSWORD}");
}

}  // namespace bulkhead::policy
