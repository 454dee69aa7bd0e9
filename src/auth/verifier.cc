#include "auth/verifier.h"

#include <charconv>
#include <utility>

#include "auth/saslprep.h"

namespace bulkhead::auth {
namespace {

constexpr std::size_t kMaximumSalt = 256;  // a server-first-message has to hold it

/// Cuts what stands before `separator` off `rest`; nullopt if there is none.
std::optional<std::string_view> cut(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  if (end == std::string_view::npos) return std::nullopt;
  const auto head = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return head;
}

Error unreadable(const char* detail) {
  return make_error(sqlstate::config_file_error, "not a SCRAM-SHA-256 verifier",
                    "`bulkhead scram` makes one of a password; PostgreSQL keeps its own in pg_authid.rolpassword.",
                    detail);
}

}  // namespace

Result<ScramVerifier> parse_verifier(std::string_view text) {
  const auto scheme = cut(text, '$');
  if (scheme != "SCRAM-SHA-256") return unreadable("it does not begin with SCRAM-SHA-256$");
  const auto iterations = cut(text, ':');
  const auto salt = cut(text, '$');
  const auto stored_key = cut(text, ':');
  if (!iterations || !salt || !stored_key)
    return unreadable("expected SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>");

  ScramVerifier verifier;
  const auto* end = iterations->data() + iterations->size();
  const auto [stop, problem] = std::from_chars(iterations->data(), end, verifier.iterations);
  if (problem != std::errc() || stop != end || verifier.iterations < 1)
    return unreadable("the iteration count is not a positive number");

  auto decoded_salt = base64_decode(*salt);
  if (!decoded_salt || decoded_salt->empty() || decoded_salt->size() > kMaximumSalt)
    return unreadable("the salt is not base64 of 1 to 256 bytes");
  auto decoded_stored = base64_decode(*stored_key);
  auto decoded_server = base64_decode(text);
  if (!decoded_stored || decoded_stored->size() != kSha256Size || !decoded_server ||
      decoded_server->size() != kSha256Size)
    return unreadable("StoredKey and ServerKey must be base64 of 32 bytes each");
  verifier.salt = std::move(*decoded_salt);
  verifier.stored_key = std::move(*decoded_stored);
  verifier.server_key = std::move(*decoded_server);
  return verifier;
}

ScramVerifier derive_verifier(const Secret& password, std::string_view salt, int iterations) {
  const Secret salted(pbkdf2_sha256(saslprep(password).reveal(), salt, iterations));
  const Secret client_key(hmac_sha256(salted.reveal(), "Client Key"));
  return {iterations, std::string(salt), sha256(client_key.reveal()), hmac_sha256(salted.reveal(), "Server Key")};
}

std::string make_verifier(const Secret& password, int iterations, const std::string& salt) {
  const auto v = derive_verifier(password, salt, iterations);
  return "SCRAM-SHA-256$" + std::to_string(v.iterations) + ":" + base64_encode(v.salt) + "$" +
         base64_encode(v.stored_key) + ":" + base64_encode(v.server_key);
}

}  // namespace bulkhead::auth
