// A hostile client against the server's side of SCRAM: two messages, split at the first NUL. Nothing but knowledge of
// the password may prove it.
#include "auth/scram_server.h"

#include "fuzz.h"

using namespace bulkhead::auth;

FUZZ(bytes) {
  static const ScramVerifier verifier{4096, "salt", std::string(32, 's'), std::string(32, 'k')};
  const auto split = bytes.find('\0');
  ScramServer server(verifier, [] { return std::string("3rfcNHYJY1ZVvWVs7j"); });
  const auto first = server.on_first(bytes.substr(0, split));
  if (!first || split == std::string_view::npos) return;
  const auto outcome = server.on_final(bytes.substr(split + 1));
  must(!outcome || !outcome->proven, "nobody proves a password that does not exist");
  must(!server.on_first("n,,n=,r=x"), "an exchange cannot begin again");
}
