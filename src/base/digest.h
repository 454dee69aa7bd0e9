#pragma once

// Digests for rooms that have no business with the rest of auth/crypto.h. Strings of bytes in and out; pure, any thread. A
// failure of OpenSSL itself throws std::runtime_error: no input can cause one.

#include <cstddef>
#include <string>
#include <string_view>

namespace bulkhead {

inline constexpr std::size_t kSha256Size = 32;

std::string sha224(std::string_view data);  ///< 28 bytes
std::string sha256(std::string_view data);
std::string hmac_sha256(std::string_view key, std::string_view data);

/// Lower-case hexadecimal digits.
std::string hex(std::string_view bytes);

}  // namespace bulkhead
