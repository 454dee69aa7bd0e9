#include "auth/saslprep.h"

#include <gtest/gtest.h>

namespace bulkhead::auth {
namespace {

struct Case {
  std::string password, prepared, why;
};

// Every line has been held against the verifier PostgreSQL 15 makes of the password.
TEST(Saslprep, AsPostgresql) {
  const Case cases[] = {
      {"", "", "empty"},
      {"user", "user", "ASCII"},
      {"a\x01\x7f b", "a\x01\x7f b", "ASCII is not looked at, not even for control characters"},
      {"I\u00adX", "IX", "soft hyphen mapped to nothing (RFC 4013)"},
      {"\u00aa", "a", "NFKC (RFC 4013)"},
      {"\u2168", "IX", "NFKC (RFC 4013)"},
      {"a\u0300", "\u00e0", "composed"},
      {"\u00e0", "\u00e0", "composed already"},
      {"a\u00a0b", "a b", "a non-ASCII space becomes a space"},
      {"\u00ad", "\u00ad", "would become empty: as it is"},
      {"\u00e4\u0007", "\u00e4\u0007", "a prohibited control character"},
      {"a\u0340", "a\u0340", "prohibited, though its normal form would not be"},
      {"\u0221", "\u0221", "not assigned in Unicode 3.2"},
      {"\U0001f600", "\U0001f600", "not assigned in Unicode 3.2"},
      {"\u0627\u0031", "\u0627\u0031", "right to left, but does not end so (RFC 4013)"},
      {"\u0627\u0031\u0628", "\u0627\u0031\u0628", "right to left"},
      {"\u05d0a\u05d0\u00aa", "\u05d0a\u05d0\u00aa", "both directions"},
      {"\U0002f868", "\u36fc", "Corrigendum 4"},
      {"\U0002f91f\U0002f874\U0002f95f\U0002f9bf", "\U000243ab\u5f53\u7aee\u45d7", "Corrigendum 4"},
      {"\xff\xfe", "\xff\xfe", "not UTF-8"},
      {"\xc2\xaa\xc2", "\xc2\xaa\xc2", "truncated UTF-8"},
      {"\xc0\xaa", "\xc0\xaa", "overlong UTF-8"},
      {"\xed\xa0\x80\xc2\xaa", "\xed\xa0\x80\xc2\xaa", "a surrogate"},
      {"\xf4\x90\x80\x80\xc2\xaa", "\xf4\x90\x80\x80\xc2\xaa", "beyond Unicode"},
  };
  for (const auto& [password, prepared, why] : cases) EXPECT_EQ(saslprep(Secret(password)).reveal(), prepared) << why;
}

TEST(Saslprep, LongPasswords) {
  std::string many, composed;
  for (int i = 0; i < 5000; ++i) {
    many += "a\u0300";
    composed += "\u00e0";
  }
  EXPECT_EQ(saslprep(Secret(many)).reveal(), composed);
}

}  // namespace
}  // namespace bulkhead::auth
