// The text of a stored verifier.
#include "auth/verifier.h"

#include "fuzz.h"

FUZZ(bytes) {
  const auto verifier = bulkhead::auth::parse_verifier(bytes);
  if (!verifier) return;
  must(verifier->iterations > 0 && verifier->stored_key.size() == 32 && verifier->server_key.size() == 32, "whole");
}
