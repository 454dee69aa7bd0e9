#include <filesystem>

#include "policy/sections.h"

namespace bulkhead::policy {
namespace {

const std::vector<std::pair<std::string, TlsMode>> kModes{
    {"disable", TlsMode::disable}, {"allow", TlsMode::allow},         {"prefer", TlsMode::prefer},
    {"require", TlsMode::require}, {"verify-ca", TlsMode::verify_ca}, {"verify-full", TlsMode::verify_full}};

/// The names of PostgreSQL's ssl_min_protocol_version; older ones are not spoken.
const std::vector<std::pair<std::string, bool>> kProtocols{{"TLSv1.2", false}, {"TLSv1.3", true}};

bool verifies(TlsMode mode) { return mode == TlsMode::verify_ca || mode == TlsMode::verify_full; }

void read_path(const yaml::Node* node, Loading& loading, std::string& out) {
  std::string path;
  if (node && read_text(*node, loading.report, "the path of a PEM file", path))
    out = (std::filesystem::path(loading.directory) / path).string();
}

/// What listeners and servers have in common. False: there is no mode to hold the rest against.
bool read_common(Fields& fields, Loading& loading, Tls& tls) {
  const auto* mode = fields.require("mode");
  read_path(fields.take("certificate"), loading, tls.certificate);
  read_path(fields.take("key"), loading, tls.key);
  if (const auto* protocol = fields.take("min_protocol"))
    read_choice<bool>(*protocol, loading.report, kProtocols, tls.tls13);
  tls.where = std::to_string(fields.node().line) + ":" + std::to_string(fields.node().column) + ": " + fields.node().path();
  return mode && read_choice<TlsMode>(*mode, loading.report, kModes, tls.mode);
}

}  // namespace

void load_listener_tls(const yaml::Node* node, Loading& loading, Tls& tls) {
  Fields fields(node, loading.report);
  if (!fields) return;
  read_path(fields.take("client_ca"), loading, tls.ca);
  if (!read_common(fields, loading, tls) || tls.mode == TlsMode::disable) return;
  if (!node->find("certificate") || !node->find("key"))
    loading.report.at(*node, "this mode needs certificate and key, the files this side proves itself by");
  if (verifies(tls.mode) && !node->find("client_ca"))
    loading.report.at(*node, "this mode needs client_ca, the file of who signs the clients' certificates");
}

void load_server_tls(const yaml::Node* node, Loading& loading, Tls& tls) {
  Fields fields(node, loading.report);
  if (!fields) return;
  const auto* ca = fields.take("ca");
  const bool system = ca && ca->kind == yaml::Kind::scalar && ca->text == "system";
  tls.system_ca = system;
  if (!system) read_path(ca, loading, tls.ca);
  const auto* negotiation = fields.take("negotiation");
  if (negotiation)
    read_choice<bool>(*negotiation, loading.report, {{"postgres", false}, {"direct", true}}, tls.direct);
  if (!read_common(fields, loading, tls)) return;
  if ((node->find("certificate") == nullptr) != (node->find("key") == nullptr))
    loading.report.at(*node, "certificate and key go together");
  if (verifies(tls.mode) && !ca)
    loading.report.at(*node, "this mode needs ca: the file of who signs the server's certificate, or system");
  // Both as in libpq: anybody can have a certificate that somebody the system trusts has signed, and a server that is
  // not asked first cannot say no.
  if (system && tls.mode != TlsMode::verify_full && tls.mode != TlsMode::disable)
    loading.report.at(*ca, "with ca: system the mode has to be verify-full");
  if (tls.direct && (tls.mode == TlsMode::allow || tls.mode == TlsMode::prefer))
    loading.report.at(*negotiation, "direct needs a mode that insists on TLS: require, verify-ca or verify-full");
}

}  // namespace bulkhead::policy
