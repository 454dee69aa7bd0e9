#include "base/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace bulkhead {
namespace {

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

void require(bool worked, const char* what) {
  if (!worked) throw std::runtime_error(std::string("OpenSSL failed: ") + what);
}

// Fetched once: looking a digest up by name costs more than hashing a short message with it.
const EVP_MD* fetched(const char* name) {
  const EVP_MD* digest = EVP_MD_fetch(nullptr, name, nullptr);
  require(digest != nullptr, name);
  return digest;
}

std::string digest(const EVP_MD* kind, std::size_t size, std::string_view data) {
  std::string out(size, '\0');
  require(EVP_Digest(data.data(), data.size(), bytes(out), nullptr, kind, nullptr) == 1, "EVP_Digest");
  return out;
}

struct FreeMac {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

}  // namespace

std::string sha224(std::string_view data) {
  static const EVP_MD* const kind = fetched("SHA224");
  return digest(kind, 28, data);
}

std::string sha256(std::string_view data) {
  static const EVP_MD* const kind = fetched("SHA256");
  return digest(kind, kSha256Size, data);
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
  static EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  require(hmac != nullptr, "HMAC");
  const std::unique_ptr<EVP_MAC_CTX, FreeMac> context(EVP_MAC_CTX_new(hmac));
  std::array<char, 7> name{'S', 'H', 'A', '2', '5', '6', '\0'};
  const std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                                             OSSL_PARAM_construct_end()};
  std::string out(kSha256Size, '\0');
  std::size_t length = 0;
  // An empty key needs a pointer all the same: a null one means "keep the key there is".
  require(context &&
              EVP_MAC_init(context.get(), bytes(key.empty() ? std::string_view("") : key), key.size(),
                           parameters.data()) == 1 &&
              EVP_MAC_update(context.get(), bytes(data), data.size()) == 1 &&
              EVP_MAC_final(context.get(), bytes(out), &length, out.size()) == 1 && length == out.size(),
          "hmac_sha256");
  return out;
}

std::string hex(std::string_view data) {
  std::string out;
  for (const unsigned char byte : data) {
    out.push_back("0123456789abcdef"[byte >> 4]);
    out.push_back("0123456789abcdef"[byte & 15]);
  }
  return out;
}

}  // namespace bulkhead
