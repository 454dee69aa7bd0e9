#include "auth/md5_password.h"

#include "auth/crypto.h"

namespace bulkhead::auth {

Result<std::string> md5_password(const Secret& password, std::string_view user, std::string_view salt) {
  const Secret salted_with_user(std::string(password.reveal()).append(user));
  BULKHEAD_TRY(const auto stored, md5_hex(salted_with_user.reveal()));
  BULKHEAD_TRY(const auto answer, md5_hex(stored + std::string(salt)));
  return "md5" + answer;
}

}  // namespace bulkhead::auth
