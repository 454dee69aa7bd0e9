#pragma once

#include <string_view>

namespace bulkhead::policy {

/// Whether `text` is a verifier in PostgreSQL's form (manual, pg_authid.rolpassword):
/// SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>, the brackets in base64. Syntax only: the loader has no
/// business with cryptography.
bool is_scram_verifier(std::string_view text);

}  // namespace bulkhead::policy
