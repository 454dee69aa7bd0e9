#include "auth/verifier.h"

#include <gtest/gtest.h>

namespace bulkhead::auth {
namespace {

// What PostgreSQL 15 wrote into pg_authid for CREATE ROLE … PASSWORD 'tr0ub4dor, sämtlich'.
const std::string kOfPostgresql =
    "SCRAM-SHA-256$4096:fjEaSHi0a/xf3X0HxQu5lw==$tzK9H2o4pUCOX8jUJH3ieJwwYJ64R+GDXLl4muxLoa8=:"
    "w9pGjwFafEGa+G7A+s5iwq/LMY4dNDCzp5ttJ+AkXe0=";

TEST(Verifier, IsTheOnePostgresqlMakes) {
  const auto salt = *base64_decode("fjEaSHi0a/xf3X0HxQu5lw==");
  EXPECT_EQ(make_verifier(Secret("tr0ub4dor, s\u00e4mtlich"), 4096, salt), kOfPostgresql);
}

TEST(Verifier, ComesBackFromItsText) {
  const auto parsed = parse_verifier(kOfPostgresql);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->iterations, 4096);
  EXPECT_EQ(parsed->salt.size(), 16u);
  EXPECT_EQ(*parsed, derive_verifier(Secret("tr0ub4dor, s\u00e4mtlich"), parsed->salt, 4096));
}

TEST(Verifier, HasASaltOfItsOwnEachTime) { EXPECT_NE(make_verifier(Secret("x"), 1), make_verifier(Secret("x"), 1)); }

TEST(Verifier, RefusesEverythingElse) {
  const std::string key = base64_encode(std::string(32, 'k')), salt = base64_encode(std::string(16, 's'));
  const auto text = [&](const std::string& iterations, const std::string& s, const std::string& stored,
                        const std::string& server) {
    return "SCRAM-SHA-256$" + iterations + ":" + s + "$" + stored + ":" + server;
  };
  ASSERT_TRUE(parse_verifier(text("1", salt, key, key)));
  ASSERT_TRUE(parse_verifier(text("2147483647", salt, key, key)));
  const std::string bad[] = {
      "",
      "secret",
      "md5" + std::string(32, 'a'),
      "SCRAM-SHA-256",
      "SCRAM-SHA-256$",
      "SCRAM-SHA-256$4096",
      "SCRAM-SHA-256$4096:" + salt,
      "SCRAM-SHA-256$4096:" + salt + "$" + key,
      "SCRAM-SHA-1$4096:" + salt + "$" + key + ":" + key,
      "scram-sha-256$4096:" + salt + "$" + key + ":" + key,
      " " + text("4096", salt, key, key),
      text("4096", salt, key, key) + "\n",
      text("4096", salt, key, key) + ":" + key,
      text("", salt, key, key),
      text("0", salt, key, key),
      text("-1", salt, key, key),
      text("+1", salt, key, key),
      text("4096x", salt, key, key),
      text(" 4096", salt, key, key),
      text("2147483648", salt, key, key),
      text("4096", "", key, key),
      text("4096", "!!!!", key, key),
      text("4096", base64_encode(std::string(257, 's')), key, key),
      text("4096", salt, base64_encode(std::string(31, 'k')), key),
      text("4096", salt, key, base64_encode(std::string(33, 'k'))),
      text("4096", salt, "", key),
      text("4096", salt, key, ""),
  };
  for (const auto& verifier : bad) {
    const auto parsed = parse_verifier(verifier);
    ASSERT_FALSE(parsed) << verifier;
    EXPECT_EQ(parsed.error().state, sqlstate::config_file_error);
    EXPECT_EQ((parsed.error().message + parsed.error().detail).find(key), std::string::npos) << "not to be repeated";
  }
}

}  // namespace
}  // namespace bulkhead::auth
