#include "auth/crypto.h"

#include <gtest/gtest.h>

#include "auth/md5_password.h"

namespace bulkhead::auth {
namespace {

std::string hex(std::string_view bytes) {
  std::string out;
  for (const unsigned char c : bytes) {
    out.push_back("0123456789abcdef"[c >> 4]);
    out.push_back("0123456789abcdef"[c & 15]);
  }
  return out;
}

TEST(Crypto, Sha256OfFips180) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Crypto, HmacOfRfc4231) {
  EXPECT_EQ(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(hex(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  EXPECT_EQ(hmac_sha256(std::string_view(), "x"), hmac_sha256("", "x")) << "a null key is an empty one";
}

TEST(Crypto, Pbkdf2OfRfc7914) {
  EXPECT_EQ(hex(pbkdf2_sha256("passwd", "salt", 1)),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
  EXPECT_EQ(hex(pbkdf2_sha256("Password", "NaCl", 80000)),
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
}

TEST(Crypto, RandomBytesDiffer) {
  EXPECT_EQ(random_bytes(18).size(), 18u);
  EXPECT_NE(random_bytes(18), random_bytes(18));
  EXPECT_EQ(random_bytes(0), "");
}

TEST(Crypto, Md5) {
  EXPECT_EQ(*md5_hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
  // md5(md5("secret" "alice") salt), as the manual's "Message Flow" spells it out.
  EXPECT_EQ(*md5_password(Secret("secret"), "alice", "\x01\x02\x03\x04"),
            "md5" + *md5_hex(*md5_hex("secretalice") + "\x01\x02\x03\x04"));
}

TEST(Crypto, Base64OfRfc4648) {
  const std::pair<std::string, std::string> cases[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {std::string("\0\xff\xfe", 3), "AP/+"},
  };
  for (const auto& [plain, encoded] : cases) {
    EXPECT_EQ(base64_encode(plain), encoded);
    EXPECT_EQ(base64_decode(encoded), plain);
  }
}

TEST(Crypto, Base64RefusesWhateverIsNotCanonical) {
  for (const std::string text : {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zg==Zg==", "Zg==\n",
                                 "Zm 9", "Zm-_", "Zm9v=", "=Zm9", "Z=9v", "Zm=v", "Zm\xc3\xa9"})
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  EXPECT_EQ(base64_decode(std::string_view("Zm9\0", 4)), std::nullopt);
}

TEST(Crypto, EveryByteSurvivesBase64) {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all.push_back(static_cast<char>(i));
    EXPECT_EQ(base64_decode(base64_encode(all)), all);
  }
}

TEST(Crypto, ConstantTimeEqual) {
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_TRUE(constant_time_equal("abc", "abc"));
  EXPECT_FALSE(constant_time_equal("abc", "abd"));
  EXPECT_FALSE(constant_time_equal("abc", "ab"));
}

TEST(Crypto, ExclusiveOrIsItsOwnInverse) {
  EXPECT_EQ(exclusive_or(exclusive_or("alpha", "omega"), "omega"), "alpha");
  EXPECT_THROW(exclusive_or("a", "ab"), std::logic_error);
}

}  // namespace
}  // namespace bulkhead::auth
