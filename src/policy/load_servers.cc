#include <algorithm>
#include <tuple>

#include "policy/sections.h"

namespace bulkhead::policy {
namespace {

constexpr std::uint16_t kListenPort = 6432;
constexpr std::uint16_t kServerPort = 5432;
constexpr const char* kUnixSocketTls = "Unix sockets do not use TLS: their bytes do not leave the machine";

bool read_port(const yaml::Node& node, Report& report, std::uint16_t& port) {
  long number = 0;
  if (!read_integer(node, report, 1, 65535, number)) return false;
  port = static_cast<std::uint16_t>(number);
  return true;
}

bool read_listen_address(const yaml::Node& node, Loading& loading, ListenAddress& out) {
  Report& report = loading.report;
  Fields fields(&node, report);
  if (!fields) return false;
  const auto* address = fields.take("address");
  const auto* directory = fields.take("unix");
  const auto* port = fields.take("port");
  const auto* tls = fields.take("tls");
  load_listener_tls(tls, loading, out.tls);
  if ((address != nullptr) == (directory != nullptr)) {
    report.at(node, "expected either address: HOST:PORT or unix: DIRECTORY");
    return false;
  }
  out.port = kListenPort;
  if (address) {
    if (port) report.at_key(*port, "the port of an address is written into it: HOST:PORT");
    const auto parsed = address->kind == yaml::Kind::scalar ? parse_host_port(address->text, kListenPort) : std::nullopt;
    if (!parsed) {
      report.expected(*address, "HOST:PORT or [IPV6]:PORT, the port from 1 to 65535");
      return false;
    }
    std::tie(out.host, out.port) = *parsed;
    return true;
  }
  if (directory->kind != yaml::Kind::scalar || !fits_socket_directory(directory->text)) {
    report.expected(*directory, "the absolute path of a directory, at most 92 bytes");
    return false;
  }
  out.unix_directory = directory->text;
  if (out.tls.mode != TlsMode::disable) report.at(*tls, kUnixSocketTls);
  return !port || read_port(*port, report, out.port);
}

/// "/directory" or "/directory:port".
std::optional<HostPort> parse_socket(std::string_view text) {
  const auto colon = text.rfind(':');
  const auto directory = text.substr(0, colon);
  if (!fits_socket_directory(directory)) return std::nullopt;
  if (colon == std::string_view::npos) return HostPort{std::string(directory), kServerPort};
  std::uint16_t port = 0;
  return parse_port(text.substr(colon + 1), port) ? std::optional(HostPort{std::string(directory), port}) : std::nullopt;
}

std::optional<HostPort> parse_host(const yaml::Node& node) {
  if (node.kind != yaml::Kind::scalar) return std::nullopt;
  if (node.text.starts_with('/')) return parse_socket(node.text);
  const auto parsed = parse_host_port(node.text, kServerPort);
  return parsed ? std::optional(HostPort{parsed->first, parsed->second}) : std::nullopt;
}

void load_hosts(const yaml::Node& node, Report& report, Server& server) {
  std::set<HostPort> seen;
  for (const auto* item : read_list(node, report, "hosts")) {
    const auto host = parse_host(*item);
    if (!host) {
      report.expected(*item, "HOST:PORT, [IPV6]:PORT or the absolute path of a socket directory");
    } else if (!seen.insert(*host).second) {
      report.at(*item, "this host is in the list already");
    } else {
      server.hosts.push_back(*host);
    }
  }
}

void load_target(const yaml::Node& node, Report& report, Target& target) {
  static const std::vector<std::pair<std::string, Target>> kTargets{
      {"any", Target::any},
      {"primary", Target::primary},
      {"standby", Target::standby},
      {"prefer-standby", Target::prefer_standby},
      {"read-write", Target::read_write},
      {"read-only", Target::read_only}};
  read_choice(node, report, kTargets, target);
}

void load_login(const yaml::Node& node, Loading& loading, Server& server) {
  Fields fields(&node, loading.report);
  if (const auto* user = fields.require("user")) {
    if (user->kind == yaml::Kind::scalar && user->text.find('{') != std::string::npos)
      loading.report.not_available(*user, "a login per tenant");
    else
      read_name(*user, loading.report, "the name of a database role", server.user);
  }
  if (const auto* password = fields.take("password"))
    read_secret(*password, loading.report, loading.directory, server.password);
}

void load_accept(const yaml::Node& node, Report& report, Server& server) {
  static const std::vector<std::pair<std::string, LoginRisk>> kRisks{
      {"superuser", LoginRisk::superuser},     {"bypassrls", LoginRisk::bypassrls}, {"owner", LoginRisk::owner},
      {"replication", LoginRisk::replication}, {"member", LoginRisk::member},       {"version", LoginRisk::version}};
  for (const auto* item : read_list(node, report, "risks")) {
    LoginRisk risk{};
    if (read_choice(*item, report, kRisks, risk) && !server.accept.insert(risk).second)
      report.at(*item, "this is in the list already");
  }
}

Server read_server(const yaml::Node& node, Loading& loading) {
  Server server;
  server.name = node.key;
  check_name(node, loading.report, "a name for a server");
  Fields fields(&node, loading.report);
  if (const auto* hosts = fields.require("hosts")) load_hosts(*hosts, loading.report, server);
  if (const auto* target = fields.take("target")) load_target(*target, loading.report, server.target);
  if (const auto* database = fields.require("database"))
    read_name(*database, loading.report, "the name of a database", server.database);
  if (const auto* login = fields.require("login")) load_login(*login, loading, server);
  if (const auto* accept = fields.take("accept")) load_accept(*accept, loading.report, server);
  const auto* tls = fields.take("tls");
  load_server_tls(tls, loading, server.tls);
  const auto is_socket = [](const HostPort& host) { return host.host.starts_with('/'); };
  if (server.tls.mode != TlsMode::disable && !server.hosts.empty() &&
      std::all_of(server.hosts.begin(), server.hosts.end(), is_socket))
    loading.report.at(*tls, kUnixSocketTls);
  if (const auto* timeout = fields.take("connect_timeout"))
    read_duration(*timeout, loading.report, Duration(1), server.connect_timeout);
  return server;
}

}  // namespace

void load_listen(const yaml::Node* node, Loading& loading) {
  auto& listen = loading.policy.listen;
  if (!node) {
    listen.push_back({"127.0.0.1", kListenPort, {}, {}});
    return;
  }
  for (const auto* item : read_list(*node, loading.report, "addresses")) {
    ListenAddress address;
    if (!read_listen_address(*item, loading, address)) continue;
    const auto same = [&](const ListenAddress& other) {
      return other.host == address.host && other.port == address.port && other.unix_directory == address.unix_directory;
    };
    if (std::any_of(listen.begin(), listen.end(), same)) loading.report.at(*item, "this address is in the list already");
    listen.push_back(std::move(address));
  }
}

void load_servers(const yaml::Node* node, Loading& loading) {
  if (!node) return;
  for (const auto* child : read_map(*node, loading.report, "servers, each under its name"))
    loading.policy.servers.emplace(child->key, read_server(*child, loading));
}

}  // namespace bulkhead::policy
