#include "session/certificates.h"

namespace bulkhead::session {
namespace {

Result<std::shared_ptr<const net::TlsContext>> make_listener_tls(const policy::Tls& tls) {
  if (tls.mode == policy::TlsMode::disable) return std::shared_ptr<const net::TlsContext>();
  return net::TlsContext::for_server({.certificate = tls.certificate,
                                      .key = tls.key,
                                      .ca = tls.ca,
                                      .check = tls.ca.empty() ? net::PeerCheck::none : net::PeerCheck::chain,
                                      .min_protocol = tls.tls13 ? net::TlsVersion::tls13 : net::TlsVersion::tls12,
                                      .alpn = pool::kAlpn});
}

}  // namespace

Certificates Certificates::read(const policy::Policy& policy) {
  Certificates all;
  const auto take = [&](const policy::Tls& tls, Result<std::shared_ptr<const net::TlsContext>> made) {
    const std::string place = policy.source + ":" + tls.where + ": ";
    if (!made) {
      const auto& error = made.error();
      all.faults.push_back(place + error.message + (error.hint.empty() ? "" : ". " + error.hint));
      return std::shared_ptr<const net::TlsContext>();
    }
    if (*made)
      for (const auto& warning : (*made)->warnings()) all.warnings.push_back(place + warning);
    return *made;
  };
  for (const auto& address : policy.listen) all.listeners.push_back(take(address.tls, make_listener_tls(address.tls)));
  for (const auto& [name, server] : policy.servers) all.servers[name] = take(server.tls, pool::make_server_tls(server));
  return all;
}

}  // namespace bulkhead::session
