#pragma once

#include <string>
#include <string_view>

#include "auth/crypto.h"
#include "base/result.h"
#include "base/secret.h"

namespace bulkhead::auth {

inline constexpr int kDefaultIterations = 4096;  ///< of PostgreSQL 10 to 18
inline constexpr std::size_t kSaltSize = 16;     ///< SCRAM_DEFAULT_SALT_LEN of PostgreSQL

/// What proves a password without being it: raw bytes, the keys of kSha256Size. A plain value. The server key lets
/// its holder pose as the server, so it is no more for printing than a password.
struct ScramVerifier {
  int iterations = kDefaultIterations;
  std::string salt;
  std::string stored_key;
  std::string server_key;

  bool operator==(const ScramVerifier&) const = default;
};

/// Reads PostgreSQL's form, SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>, the last three in base64
/// (manual, pg_authid.rolpassword). An error never repeats the text.
Result<ScramVerifier> parse_verifier(std::string_view text);

/// The same form. PBKDF2: not on an I/O thread.
std::string make_verifier(const Secret& password, int iterations = kDefaultIterations,
                          const std::string& salt = random_bytes(kSaltSize));

/// The value make_verifier writes down.
ScramVerifier derive_verifier(const Secret& password, std::string_view salt, int iterations);

}  // namespace bulkhead::auth
