#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/tls_context.h"
#include "policy/model.h"
#include "pool/server_tls.h"

namespace bulkhead::session {

/// Everything the tls: lines of a policy name, read from its files and checked. Made at start and anew on SIGHUP; what has
/// faults replaces nothing.
struct Certificates {
  std::vector<std::shared_ptr<const net::TlsContext>> listeners;  ///< for each of Policy::listen; null: no TLS
  pool::ServerTls::Contexts servers;
  std::vector<std::string> faults;    ///< "FILE:LINE:COLUMN: …"; empty: all is well
  std::vector<std::string> warnings;  ///< likewise: files in order, but of no use to the other side

  static Certificates read(const policy::Policy& policy);
};

}  // namespace bulkhead::session
