#include "policy/load.h"

#include <atomic>
#include <filesystem>
#include <fstream>

#include "policy/sections.h"

namespace bulkhead::policy {
namespace {

std::uint64_t next_epoch() {
  static std::atomic<std::uint64_t> epoch{0};
  return ++epoch;
}

void load_version(const yaml::Node* node, Report& report) {
  if (node && (node->kind != yaml::Kind::scalar || node->text != "1")) report.expected(*node, "1");
}

void load_root(const yaml::Node* root, Loading& loading) {
  Fields fields(root, loading.report);
  if (!fields) return;
  load_version(fields.require("version"), loading.report);
  load_listen(fields.take("listen"), loading);
  load_servers(fields.require("servers"), loading);
  load_tenancy(fields.take("tenancy"), loading);
  load_tables(fields.take("tables"), loading);
  load_functions(fields.take("functions"), loading);
  load_roles(fields.take("roles"), loading);
  load_pool(fields.take("pool"), loading);
  load_limits(fields.take("limits"), loading);
  load_tenants(fields.require("tenants"), loading);
  load_users(fields.require("users"), loading);
  load_authentication(fields.take("authentication"), loading);
  load_admin(fields.take("admin"), loading);
  load_log(fields.take("log"), loading);
  if (const auto* node = fields.take("server_connections")) {
    long connections = 0;
    if (read_integer(*node, loading.report, 1, 1'000'000, connections))
      loading.policy.server_connections = static_cast<std::size_t>(connections);
  }
  if (const auto* node = fields.take("threads")) {
    long threads = 0;
    if (read_integer(*node, loading.report, 0, 1024, threads)) loading.policy.threads = static_cast<int>(threads);
  }
  fields.later({"tenants_from", "metrics", "audit"});
}

void outline(const yaml::Node& node, const std::string& path, const Report& report, std::map<std::string, Line>& out) {
  if (const Secret* secret = report.secret_at(node)) {
    out.insert_or_assign(path, Line{"a secret", *secret});
    return;
  }
  if (node.children.empty()) out.insert_or_assign(path, Line{node.found(), Secret(node.found() + node.text)});
  for (const auto* child : node.children) {
    const bool item = node.kind == yaml::Kind::sequence;
    outline(*child, item ? path + child->key : (path.empty() ? "" : path + ".") + child->key, report, out);
  }
}

}  // namespace

Loaded load(std::string_view yaml, const std::string& source, const std::string& directory) {
  const auto document = yaml::parse(yaml);
  Report report;
  for (const auto& finding : document.findings()) report.add(finding);

  auto policy = std::make_shared<Policy>();
  policy->epoch = next_epoch();
  policy->source = source;
  if (document.root()) {
    Loading loading{*policy, report, directory};
    load_root(document.root(), loading);
    outline(*document.root(), "", report, policy->outline);
  }
  if (!report.empty()) return {nullptr, report.take(), std::move(policy)};
  return {std::move(policy), {}, nullptr};
}

Loaded load_file(const std::string& path) {
  const auto unreadable = [](std::string why) { return Loaded{nullptr, {{0, 0, std::move(why)}}, nullptr}; };
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return unreadable("this is a directory, expected a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable("the file cannot be opened");
  std::string text(yaml::kMaxText + 1, '\0');  // one more than allowed: parse() sees that it is too long
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof())) return unreadable("the file cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  return load(text, path, std::filesystem::path(path).parent_path().string());
}

std::string describe(const std::string& source, const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings)
    text += source + ":" + std::to_string(finding.line) + ":" + std::to_string(finding.column) + ": " +
            finding.message + "\n";
  return text;
}

}  // namespace bulkhead::policy
