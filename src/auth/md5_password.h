#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace bulkhead::auth {

/// The answer to AuthenticationMD5Password: "md5" and 32 hexadecimal digits (manual, "Message Flow", Start-up).
/// `salt` is the message's four bytes.
Result<std::string> md5_password(const Secret& password, std::string_view user, std::string_view salt);

}  // namespace bulkhead::auth
