#include <gmock/gmock.h>

#include "policy/reader.h"
#include "policy/scram_syntax.h"

namespace bulkhead::policy {
namespace {

/// What reading `text` as the only value of a document gives: the value, or its finding.
template <class T, class Read>
std::pair<std::optional<T>, std::string> read(const std::string& text, Read read_value) {
  const auto document = yaml::parse("k: " + text);
  Report report;
  T value{};
  const bool good = read_value(*document.root()->find("k"), report, value);
  EXPECT_NE(good, !report.empty()) << text;
  return {good ? std::optional(value) : std::nullopt, describe("", report.take())};
}

TEST(Scalars, Durations) {
  const auto duration = [](const std::string& text, Duration least = Duration(0)) {
    return read<Duration>(text, [=](auto& node, auto& report, auto& out) {
             return read_duration(node, report, least, out);
           }).first;
  };
  EXPECT_EQ(duration("500ms"), Duration(500));
  EXPECT_EQ(duration("30s"), Duration(30'000));
  EXPECT_EQ(duration("5m"), Duration(300'000));
  EXPECT_EQ(duration("1h"), Duration(3'600'000));
  EXPECT_EQ(duration("0"), Duration(0));
  EXPECT_EQ(duration("0s"), Duration(0));
  for (const auto* bad : {"5", "-5s", "5 s", "s", "", "1.5s", "5S", "1d", "99999999999999999999s", "18446744073709551615h",
                          "1001h", "[5s]", "{a: 5s}", "~"})
    EXPECT_EQ(duration(bad), std::nullopt) << bad;
  EXPECT_EQ(duration("0", Duration(1)), std::nullopt);
}

TEST(Scalars, Sizes) {
  const auto size = [](const std::string& text) {
    return read<std::size_t>(text, [](auto& node, auto& report, auto& out) {
             return read_size(node, report, 1, 1u << 30, out);
           }).first;
  };
  EXPECT_EQ(size("64KiB"), 65536u);
  EXPECT_EQ(size("16MiB"), 16u << 20);
  EXPECT_EQ(size("1GiB"), 1u << 30);
  EXPECT_EQ(size("100"), 100u);
  for (const auto* bad : {"0", "2GiB", "5MB", "5kb", "-1", "KiB", "1.5MiB", "18446744073709551616", "17179869185GiB"})
    EXPECT_EQ(size(bad), std::nullopt) << bad;
}

TEST(Scalars, IntegersAndBooleansAreNotQuoted) {
  const auto integer = [](const std::string& text) {
    return read<long>(text, [](auto& node, auto& report, auto& out) { return read_integer(node, report, 1, 10, out); })
        .first;
  };
  EXPECT_EQ(integer("10"), 10);
  for (const auto* bad : {"0", "11", "\"5\"", "5.0", "0x5", "+5", "five", "[5]"}) EXPECT_EQ(integer(bad), std::nullopt);
  const auto boolean = [](const std::string& text) {
    return read<bool>(text, [](auto& node, auto& report, auto& out) { return read_boolean(node, report, out); }).first;
  };
  EXPECT_EQ(boolean("true"), true);
  EXPECT_EQ(boolean("false"), false);
  for (const auto* bad : {"yes", "True", "\"true\"", "1"}) EXPECT_EQ(boolean(bad), std::nullopt);
}

TEST(Scalars, QualifiedNames) {
  const auto name = [](std::string_view text) { return parse_qualified_name(text); };
  EXPECT_EQ(name("public.t"), (QualifiedName{"public", "t"}));
  EXPECT_EQ(name("public.\"Or\"\"der.s\""), (QualifiedName{"public", "Or\"der.s"}));
  EXPECT_EQ(name("\"a b\".größe_1$"), (QualifiedName{"a b", "größe_1$"}));
  for (const std::string bad :
       {"t", "a.b.c", "public.Orders", "public.", ".t", "", "\"a.t", "a.\"\"", "a. t", "a.1t", "\"a\"b.t"})
    EXPECT_EQ(name(bad), std::nullopt) << bad;
  EXPECT_NE(name("a." + std::string(63, 'x')), std::nullopt);
  EXPECT_EQ(name("a." + std::string(64, 'x')), std::nullopt);
}

TEST(Scalars, HostsAndPorts) {
  using Pair = std::pair<std::string, std::uint16_t>;
  EXPECT_EQ(parse_host_port("db.example:1", 5), Pair("db.example", 1));
  EXPECT_EQ(parse_host_port("127.0.0.1", 5), Pair("127.0.0.1", 5));
  EXPECT_EQ(parse_host_port("[::1]:65535", 5), Pair("::1", 65535));
  EXPECT_EQ(parse_host_port("[fe80::1]", 5), Pair("fe80::1", 5));
  for (const auto* bad : {"", ":1", "a:", "a:0", "a:65536", "a:x", "a:-1", "a: 1", "::1", "[::1", "[::1]x", "[a]:1", "a b",
                          "*:1", "a:1:2", "[]:1", "http://a"})
    EXPECT_EQ(parse_host_port(bad, 5), std::nullopt) << bad;
}

TEST(Scalars, NearestKnowsSwapsAndKeepsItsDistance) {
  const std::vector<std::string> known{"listen", "limits", "log", "pool"};
  EXPECT_EQ(nearest("lisetn", known), "listen");
  EXPECT_EQ(nearest("limit", known), "limits");
  EXPECT_EQ(nearest("lgo", known), "log");
  EXPECT_EQ(nearest("tables", known), std::nullopt);
  EXPECT_EQ(nearest(std::string(1'000'000, 'l'), known), std::nullopt);
}

TEST(Scalars, ScramVerifierSyntax) {
  const std::string salt = "W22ZaJ0SNY7soEsUEjb6gQ==", key = "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=",
                    other = "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
  const auto verifier = [](const std::string& a, const std::string& b, const std::string& c, const std::string& d) {
    return "SCRAM-SHA-256$" + a + ":" + b + "$" + c + ":" + d;
  };
  EXPECT_TRUE(is_scram_verifier(verifier("4096", salt, key, other)));
  EXPECT_TRUE(is_scram_verifier(verifier("1", "AA==", key, other)));
  EXPECT_FALSE(is_scram_verifier(verifier("0", salt, key, other)));
  EXPECT_FALSE(is_scram_verifier(verifier("", salt, key, other)));
  EXPECT_FALSE(is_scram_verifier(verifier("-1", salt, key, other)));
  EXPECT_FALSE(is_scram_verifier(verifier("04096", salt, key, other)));
  EXPECT_FALSE(is_scram_verifier(verifier("2147483648", salt, key, other)));
  EXPECT_FALSE(is_scram_verifier(verifier("4096", "", key, other)));
  EXPECT_FALSE(is_scram_verifier(verifier("4096", "AB==", key, other))) << "bits beyond the last byte";
  EXPECT_FALSE(is_scram_verifier(verifier("4096", "A===", key, other)));
  EXPECT_FALSE(is_scram_verifier(verifier("4096", "A=A=", key, other)));
  EXPECT_FALSE(is_scram_verifier(verifier("4096", salt, salt, other))) << "16 bytes are no key";
  EXPECT_FALSE(is_scram_verifier(verifier("4096", salt, key, other + "AAAA")));
  EXPECT_FALSE(is_scram_verifier(verifier("4096", salt, key, other) + "\n"));
  EXPECT_FALSE(is_scram_verifier("SCRAM-SHA-1" + verifier("4096", salt, key, other).substr(13)));
  EXPECT_FALSE(is_scram_verifier("md53175bce1d3201d16594cebf9d7eb3f9d"));
  EXPECT_FALSE(is_scram_verifier(""));
}

}  // namespace
}  // namespace bulkhead::policy
