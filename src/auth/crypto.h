#pragma once

// The door to OpenSSL's EVP, beside base/digest.h: strings of bytes in, strings of bytes out. Pure but for random_bytes; any thread.
// A failure of the library itself (out of memory, no such digest) throws std::runtime_error: no input can cause one.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"

namespace bulkhead::auth {

using bulkhead::hmac_sha256;
using bulkhead::kSha256Size;
using bulkhead::sha256;

/// SaltedPassword of RFC 5802 §3, 32 bytes. Milliseconds for 4096 iterations: never on an I/O thread.
std::string pbkdf2_sha256(std::string_view password, std::string_view salt, int iterations);

/// From the operating system's generator; throws if it has none to give.
std::string random_bytes(std::size_t count);

/// 32 lower-case hexadecimal digits. An error where the machine forbids MD5 (FIPS).
Result<std::string> md5_hex(std::string_view data);

std::string base64_encode(std::string_view data);
/// RFC 4648 §4 exactly: padded, no white space, unused bits zero. Anything else is nullopt.
std::optional<std::string> base64_decode(std::string_view text);

/// Byte by byte; both of the same length.
std::string exclusive_or(std::string_view a, std::string_view b);

/// In time that depends on the lengths only.
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace bulkhead::auth
