#include "auth/nonce.h"

#include "auth/crypto.h"

namespace bulkhead::auth {

std::string random_nonce() { return base64_encode(random_bytes(18)); }

}  // namespace bulkhead::auth
