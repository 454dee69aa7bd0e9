// A hostile server against the client's side of SCRAM: two messages, split at the first NUL.
#include "auth/scram_client.h"

#include "fuzz.h"

using namespace bulkhead;
using namespace bulkhead::auth;

FUZZ(bytes) {
  const ScramKeys keys{Secret(std::string(32, 'c')), Secret(std::string(32, 's'))};
  const auto split = bytes.find('\0');
  ScramClient client([] { return std::string("rOprNGfwEbeRWgbNEkqO"); });
  must(bool(client.first("SCRAM-SHA-256")), "the first message needs nobody");
  const auto need = client.on_server_first(bytes.substr(0, split));
  if (!need) return;
  must(need->iterations >= kMinimumIterations && need->iterations <= kMaximumIterations, "bounded work");
  if (split == std::string_view::npos || !client.final(keys)) return;
  const auto accepted = client.on_server_final(bytes.substr(split + 1));
  must(!accepted && !client.finished(), "a server without the key is not believed");
}
