#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "policy/sections.h"
#include "base/utf8.h"

namespace bulkhead::policy {
namespace {

/// The console's database names: a tenant called so could not be reached.
bool is_reserved(std::string_view name) { return name == "bulkhead" || name == "pgbouncer"; }

/// The number that numeric_in (numeric.c) reads, as its digits without zeros around them and the power of ten they count; integers
/// among them. Nothing for what is no number.
std::optional<std::string> canonical_number(const std::string& org) {
  const auto lower = [](std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
  };
  const bool negative = org.starts_with('-');
  std::string_view rest = std::string_view(org).substr(negative || org.starts_with('+') ? 1 : 0);
  if (const std::string word = lower(rest); word == "nan" || word == "inf" || word == "infinity")
    return (negative ? "-" : "") + word.substr(0, 3);
  const bool based = rest.size() > 2 && rest[0] == '0' && std::string_view("xXoObB").find(rest[1]) != std::string_view::npos;
  std::string digits;
  std::int64_t power = 0;
  if (based) {  // PostgreSQL 16: 0x1f; counted in decimal digits, little end first
    const char base = static_cast<char>(std::tolower(static_cast<unsigned char>(rest[1])));
    const int radix = base == 'x' ? 16 : base == 'o' ? 8 : 2;
    rest.remove_prefix(2);
    for (const char c : rest) {
      if (c == '_') continue;
      const bool letter = std::isxdigit(static_cast<unsigned char>(c)) && !std::isdigit(static_cast<unsigned char>(c));
      int carry = letter ? std::tolower(static_cast<unsigned char>(c)) - 'a' + 10 : c - '0';
      if (carry < 0 || carry >= radix) return std::nullopt;
      for (char& digit : digits) {
        carry += (digit - '0') * radix;
        digit = static_cast<char>('0' + carry % 10);
        carry /= 10;
      }
      for (; carry > 0; carry /= 10) digits += static_cast<char>('0' + carry % 10);
    }
    std::reverse(digits.begin(), digits.end());
  } else {
    const std::size_t exponent = rest.find_first_of("eE");
    bool any = false, point = false;
    for (const char c : rest.substr(0, exponent)) {
      if (c == '_') continue;  // 1_000: PostgreSQL 16
      if (c == '.' && !std::exchange(point, true)) continue;
      if (c < '0' || c > '9') return std::nullopt;
      any = true;
      digits += c;
      power -= point ? 1 : 0;
    }
    if (!any) return std::nullopt;
    if (exponent != std::string_view::npos) {
      std::string_view of_ten = rest.substr(exponent + 1);
      if (of_ten.starts_with('+')) of_ten.remove_prefix(1);
      std::int64_t shift = 0;
      const auto [end, error] = std::from_chars(of_ten.data(), of_ten.data() + of_ten.size(), shift);
      constexpr std::int64_t kLargest = 1'000'000'000;  // beyond, numeric has no such value
      if (error != std::errc{} || end != of_ten.data() + of_ten.size() || std::abs(shift) > kLargest) return std::nullopt;
      power += shift;
    }
  }
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty()) return "0";
  const std::size_t zeros = digits.size() - 1 - digits.find_last_not_of('0');
  digits.resize(digits.size() - zeros);
  return (negative ? "-" : "") + digits + "e" + std::to_string(power + static_cast<std::int64_t>(zeros));
}

/// 32 digits in lower case, as uuid_in reads them; nothing for what is no UUID.
std::optional<std::string> canonical_uuid(const std::string& org) {
  std::string hex;
  for (const char c : org) {
    if (c == '-' || c == '{' || c == '}') continue;
    if (!std::isxdigit(static_cast<unsigned char>(c))) return std::nullopt;
    hex += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return hex.size() == 32 ? std::optional(hex) : std::nullopt;
}

/// What the tenant columns of whatever type may take the organisation for: its text, the number and the UUID that it is a spelling of.
std::vector<std::string> readings_of(const std::string& org) {
  std::vector<std::string> out{"text " + org};
  if (const auto number = canonical_number(org)) out.push_back("number " + *number);
  if (const auto uuid = canonical_uuid(org)) out.push_back("uuid " + *uuid);
  return out;
}

void read_org(const yaml::Node& node, Report& report, std::string& org) {
  constexpr std::size_t kMaxOrg = 1024;
  const bool fits = node.kind == yaml::Kind::scalar && !node.text.empty() && node.text.size() <= kMaxOrg &&
                    std::none_of(node.text.begin(), node.text.end(), is_control) && node.text.front() != ' ' &&
                    node.text.back() != ' ';
  if (fits)
    org = node.text;
  else
    report.expected(node, "the organisation's id as the tenant column holds it, no spaces around it");
}

void load_tenant_server(const yaml::Node* value, const yaml::Node& tenant_node, Loading& loading, Tenant& tenant) {
  const auto& servers = loading.policy.servers;
  if (!value) {
    if (servers.size() == 1)
      tenant.server = servers.begin()->first;
    else if (servers.size() > 1)
      loading.report.at(tenant_node, "there are several servers: the key \"server\" says which one is this tenant's");
    return;
  }
  if (!read_text(*value, loading.report, "the name of a server", tenant.server) || servers.empty()) return;
  if (!servers.count(tenant.server))
    loading.report.at(*value, "there is no server " + yaml::quote(tenant.server) + " under servers" +
                                  did_you_mean(tenant.server, servers, loading.report));
}

std::shared_ptr<Tenant> read_tenant(const yaml::Node& node, Loading& loading) {
  auto tenant = std::make_shared<Tenant>();
  tenant->name = node.key;
  tenant->pool = loading.policy.pool.each;
  tenant->limits = loading.policy.limits.each;
  if (check_name(node, loading.report, "a name for a tenant") && is_reserved(node.key))
    loading.report.at_key(node, "this name is the console's, call the tenant otherwise");
  Fields fields(&node, loading.report);
  if (!fields) return tenant;
  if (const auto* org = fields.require("org")) read_org(*org, loading.report, tenant->org);
  load_tenant_server(fields.take("server"), node, loading, *tenant);
  load_pool_of_tenant(fields.take("pool"), loading, tenant->pool);
  load_limits_of_tenant(fields.take("limits"), loading.report, loading.policy.limits, tenant->limits);
  return tenant;
}

/// Two tenants with one organisation in one database would see each other's rows, whatever the servers are called.
class Organisations {
 public:
  void add(const yaml::Node& node, const Tenant& tenant, Loading& loading) {
    const auto server = loading.policy.servers.find(tenant.server);
    const auto* org = node.find("org");
    if (tenant.org.empty() || server == loading.policy.servers.end() || !org) return;
    for (const auto& host : server->second.hosts) {
      for (const std::string& reading : readings_of(tenant.org)) {
        const auto [at, fresh] = seen_.emplace(std::tuple(host, server->second.database, reading), &node);
        if (fresh || at->second == &node) continue;
        loading.report.at(*org, "found " + org->found() + ", which is the organisation of tenant " +
                                    yaml::quote(at->second->key) + " (line " + std::to_string(at->second->key_line) +
                                    ") in the same database" + (reading.starts_with("number ") ? ": to a column of numbers both are one" : ""));
        return;
      }
    }
  }

 private:
  std::map<std::tuple<HostPort, std::string, std::string>, const yaml::Node*> seen_;
};

void add_tenant_of_user(const yaml::Node& node, Loading& loading, User& user) {
  const auto& tenants = loading.policy.tenants;
  std::string name;
  if (!read_text(node, loading.report, "the name of a tenant", name)) return;
  if (std::find(user.tenants.begin(), user.tenants.end(), name) != user.tenants.end())
    return loading.report.at(node, "this tenant is in the list already");
  if (!tenants.empty() && !tenants.count(name))
    loading.report.at(node, "there is no tenant " + yaml::quote(name) + " under tenants" +
                                did_you_mean(name, tenants, loading.report));
  user.tenants.push_back(std::move(name));
}

void load_tenants_of_user(const yaml::Node* one, const yaml::Node* several, const yaml::Node& user_node,
                          Loading& loading, User& user) {
  if ((one != nullptr) == (several != nullptr))
    return loading.report.at(user_node, "expected either tenant: NAME or tenants: [NAME, …]");
  if (one) return add_tenant_of_user(*one, loading, user);
  for (const auto* item : read_list(*several, loading.report, "tenants")) add_tenant_of_user(*item, loading, user);
}

void load_role_of_user(const yaml::Node* node, Loading& loading, User& user) {
  const auto& roles = loading.policy.roles;
  if (!node) {
    if (roles.count("owner")) user.role = "owner";
    return;
  }
  if (!read_text(*node, loading.report, "the name of a role", user.role) || roles.count(user.role)) return;
  loading.report.at(*node, "there is no role " + yaml::quote(user.role) + " under roles" +
                               did_you_mean(user.role, roles, loading.report));
}

User read_user(const yaml::Node& node, Loading& loading) {
  User user;
  user.name = node.key;
  check_name(node, loading.report, "a name for a user");
  Fields fields(&node, loading.report);
  if (!fields) return user;
  const auto* tenant = fields.take("tenant");
  load_tenants_of_user(tenant, fields.take("tenants"), node, loading, user);
  load_role_of_user(fields.take("role"), loading, user);
  if (const auto* password = fields.require("password")) load_password(*password, loading, user.verifier, user.plain_password);
  load_limits_of_user(fields.take("limits"), loading.report, user.limits);
  return user;
}

}  // namespace

void load_tenants(const yaml::Node* node, Loading& loading) {
  if (!node) return;
  Organisations organisations;
  for (const auto* child : read_map(*node, loading.report, "tenants, each under its name")) {
    auto tenant = read_tenant(*child, loading);
    organisations.add(*child, *tenant, loading);
    loading.policy.tenants.emplace(child->key, std::move(tenant));
  }
}

void load_users(const yaml::Node* node, Loading& loading) {
  if (!node) return;
  for (const auto* child : read_map(*node, loading.report, "users, each under its name"))
    loading.policy.users.emplace(child->key, read_user(*child, loading));
}

void load_authentication(const yaml::Node* node, Loading& loading) {
  if (!node) return;
  bool seen = false;
  for (const auto* item : read_list(*node, loading.report, "methods")) {
    Fields fields(item, loading.report);
    const auto* method = fields.require("method");
    fields.later({"map", "issuer", "keys", "tenant_claim", "role_claim"});
    if (!method) continue;
    bool scram = false;
    if (!read_choice<bool>(*method, loading.report, {{"scram", true}, {"cert", false}, {"jwt", false}}, scram)) continue;
    if (!scram) loading.report.not_available(*method, "method: " + method->text);
    if (scram && seen) loading.report.at(*item, "this method is in the list already");
    seen = seen || scram;
  }
}

}  // namespace bulkhead::policy
