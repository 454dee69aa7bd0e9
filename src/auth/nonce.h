#pragma once

#include <functional>
#include <string>

namespace bulkhead::auth {

/// Gives the printable nonce of one exchange, without commas (RFC 5802 §5.1). Injected, so that recorded exchanges
/// can be replayed; production code uses random_nonce.
using NonceSource = std::function<std::string()>;

/// 18 random bytes as 24 characters of base64. Any thread.
std::string random_nonce();

}  // namespace bulkhead::auth
