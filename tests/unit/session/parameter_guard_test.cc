#include "session/parameter_guard.h"

#include <gtest/gtest.h>

#include <string>

using namespace std::string_literals;

namespace bulkhead::session {
namespace {

constexpr std::uint32_t kInt2 = 21, kInt4 = 23, kInt8 = 20, kText = 25, kUnknown = 705, kBpchar = 1042, kVarchar = 1043,
                        kNumeric = 1700, kUuid = 2950, kFloat8 = 701, kName = 19, kChar = 18, kOid = 26;

rewrite::ParameterGuard guard(std::string type, std::string value, bool sole = true, bool cast = false) {
  return {1, std::move(type), std::move(value), "column \"org_id\" of relation \"public.t\"", sole, cast};
}
const rewrite::ParameterGuard kNumber = guard("int8", "4711"), kNegative = guard("int8", "-5"), kBig = guard("int8", "9223372036854775807"),
                              kWord = guard("text", "acme"), kKey = guard("uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
// $1::int8, $1::uuid, $1::text
const rewrite::ParameterGuard kCastNumber = guard("int8", "4711", false, true), kCastWord = guard("text", "acme", true, true),
                              kCastKey = guard("uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", true, true);
const std::string kKeyBytes = "\x6b\xa7\xb8\x10\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8"s;

struct Case {
  const rewrite::ParameterGuard& guard;
  std::uint32_t type;
  std::int16_t format;
  std::optional<std::string> value;
  Bound expected;
};

TEST(ParameterGuard, Values) {
  const Case cases[] = {
      // Numbers as text, declared or not.
      {kNumber, 0, 0, "4711", Bound::own},
      {kNumber, kUnknown, 0, "4711", Bound::own},
      {kNumber, kInt2, 0, "4711", Bound::own},
      {kNumber, kInt4, 0, "4711", Bound::own},
      {kNumber, kInt8, 0, " \t+0004711\n", Bound::own},
      {kNumber, kNumeric, 0, "4711", Bound::own},
      {kNumber, 0, 0, "4712", Bound::foreign},
      {kNumber, 0, 0, "-4711", Bound::foreign},
      {kNumber, 0, 0, "", Bound::foreign},
      {kNumber, 0, 0, " ", Bound::foreign},
      {kNumber, 0, 0, "+", Bound::foreign},
      {kNumber, 0, 0, "+ 4711", Bound::foreign},
      {kNumber, 0, 0, "++4711", Bound::foreign},
      {kNumber, 0, 0, "4711.0", Bound::foreign},
      {kNumber, 0, 0, "4711e0", Bound::foreign},
      {kNumber, 0, 0, "0x1267", Bound::foreign},
      {kNumber, 0, 0, "4_711", Bound::foreign},
      {kNumber, 0, 0, "4711\0"s, Bound::foreign},
      {kNumber, 0, 0, "4711\0002"s, Bound::foreign},
      {kNumber, 0, 0, "\xc2\xa0" "4711", Bound::foreign},
      {kNumber, 0, 0, std::string(100'000, '0') + "4711", Bound::own},
      {kNumber, 0, 0, "18446744073709556327", Bound::foreign},  // 4711 + 2^64
      {kNegative, 0, 0, "-05", Bound::own},
      {kNegative, 0, 0, "5", Bound::foreign},
      {kBig, 0, 0, "9223372036854775807", Bound::own},
      {guard("int8", "0"), 0, 0, "-0", Bound::own},
      {guard("numeric", "4711"), 0, 0, "4711", Bound::own},
      // Numbers in binary: of the declared type, else of the guard's.
      {kNumber, kInt2, 1, "\x12\x67"s, Bound::own},
      {kNumber, kInt4, 1, "\0\0\x12\x67"s, Bound::own},
      {kNumber, kInt8, 1, "\0\0\0\0\0\0\x12\x67"s, Bound::own},
      {kNumber, 0, 1, "\0\0\0\0\0\0\x12\x67"s, Bound::own},
      {kNegative, kInt2, 1, "\xff\xfb"s, Bound::own},
      {kNumber, kInt8, 1, "\0\0\0\0\0\0\x12\x68"s, Bound::foreign},
      {kNumber, kInt8, 1, "\0\0\x12\x67"s, Bound::foreign},
      {kNumber, kInt4, 1, "\0\0\0\0\0\0\x12\x67"s, Bound::foreign},
      {kNumber, kInt4, 1, "4711", Bound::foreign},
      {kNumber, 0, 1, "", Bound::foreign},
      {guard("int4", "4711"), 0, 1, "\0\0\x12\x67"s, Bound::own},
      {guard("numeric", "4711"), 0, 1, "\0\1\0\0\0\0\0\0\x12\x67"s, Bound::unproven},
      // Texts, to the byte.
      {kWord, 0, 0, "acme", Bound::own},
      {kWord, kText, 0, "acme", Bound::own},
      {kWord, kVarchar, 1, "acme", Bound::own},
      {kWord, kBpchar, 0, "acme", Bound::own},
      {kWord, kUnknown, 1, "acme", Bound::own},
      {kWord, 0, 0, "Acme", Bound::foreign},
      {kWord, 0, 0, "acme ", Bound::foreign},
      {kWord, 0, 0, "acme\0"s, Bound::foreign},
      {kWord, 0, 0, "acm", Bound::foreign},
      {kWord, 0, 0, "", Bound::foreign},
      {guard("text", "1"), 0, 0, "01", Bound::foreign},
      // UUIDs, in every form uuid_in takes.
      {kKey, kUuid, 0, "6ba7b810-9dad-11d1-80b4-00c04fd430c8", Bound::own},
      {kKey, 0, 0, "{6BA7B810-9dad-11d1-80b4-00C04FD430C8}", Bound::own},
      {kKey, 0, 0, "6ba7b8109dad11d180b400c04fd430c8", Bound::own},
      {kKey, 0, 0, "6ba7-b810-9dad-11d1-80b4-00c0-4fd4-30c8", Bound::own},
      {kKey, 0, 1, kKeyBytes, Bound::own},
      {guard("varchar", "acme"), kVarchar, 0, "acme", Bound::own},
      {guard("varchar", "acme"), kText, 0, "acme", Bound::own},
      {guard("varchar", "acme"), kBpchar, 0, "acme", Bound::unproven},  // compared as bpchar, 'acme ' is the same
      {kKey, kUuid, 1, kKeyBytes, Bound::own},
      {kKey, kUuid, 0, "7ba7b810-9dad-11d1-80b4-00c04fd430c8", Bound::foreign},
      {kKey, kUuid, 0, "{6ba7b810-9dad-11d1-80b4-00c04fd430c8", Bound::foreign},
      {kKey, kUuid, 0, "6ba7b810-9dad-11d1-80b4-00c04fd430c8}", Bound::foreign},
      {kKey, kUuid, 0, "6b-a7b8109dad11d180b400c04fd430c8", Bound::foreign},
      {kKey, kUuid, 0, "6ba7--b8109dad11d180b400c04fd430c8", Bound::foreign},
      {kKey, kUuid, 0, "6ba7b8109dad11d180b400c04fd430c8-", Bound::foreign},
      {kKey, kUuid, 0, "6ba7b8109dad11d180b400c04fd430", Bound::foreign},
      {kKey, kUuid, 0, " 6ba7b8109dad11d180b400c04fd430c8", Bound::foreign},
      {kKey, kUuid, 0, "{", Bound::foreign},
      {kKey, kUuid, 0, "{}", Bound::foreign},
      {kKey, kUuid, 1, kKeyBytes.substr(1), Bound::foreign},
      {kKey, kUuid, 1, "6ba7b810-9dad-11d1-80b4-00c04fd430c8", Bound::foreign},
      {guard("uuid", "no uuid"), kUuid, 0, "no uuid", Bound::foreign},
      // Types that read the same bytes as something else, and types that are not known.
      {kNumber, kFloat8, 1, "\0\0\0\0\0\0\x12\x67"s, Bound::unproven},
      {kNumber, kFloat8, 0, "4711", Bound::unproven},
      {kNumber, kText, 0, "4711", Bound::unproven},
      {kNumber, kOid, 0, "4711", Bound::unproven},
      {kWord, kChar, 0, "acme", Bound::unproven},
      {kWord, kName, 0, "acme", Bound::unproven},
      {kWord, kInt4, 0, "acme", Bound::unproven},
      {kKey, kText, 0, "6ba7b810-9dad-11d1-80b4-00c04fd430c8", Bound::unproven},
      {guard("bytea", "x"), 0, 0, "x", Bound::unproven},
      // A text that is cast in so many words is what the type's input function reads, in whatever format it came.
      {kCastNumber, kText, 0, "4711", Bound::own},
      {kCastNumber, kVarchar, 0, " +04711 ", Bound::own},
      {kCastNumber, kVarchar, 1, "4711", Bound::own},
      {kCastNumber, kInt4, 0, "4711", Bound::own},
      {kCastNumber, kInt4, 1, "\0\0\x12\x67"s, Bound::own},
      {kCastNumber, kText, 1, "\0\0\0\0\0\0\x12\x67"s, Bound::foreign},
      {kCastNumber, kText, 0, "4712", Bound::foreign},
      {kCastNumber, kText, 0, "4711.0", Bound::foreign},
      {kCastNumber, kText, 0, std::nullopt, Bound::foreign},
      {kCastNumber, kText, 2, "4711", Bound::unproven},
      {kCastNumber, kBpchar, 0, "4711", Bound::unproven},
      {kCastNumber, kName, 0, "4711", Bound::unproven},
      {kCastNumber, kChar, 0, "4", Bound::unproven},
      {kCastNumber, kFloat8, 0, "4711", Bound::unproven},
      {kCastNumber, kUuid, 0, "4711", Bound::unproven},
      {kCastNumber, 0, 0, "4711", Bound::unproven},
      {kCastKey, kVarchar, 0, "{6BA7B8109DAD11D180B400C04FD430C8}", Bound::own},
      {kCastKey, kText, 1, "6ba7b810-9dad-11d1-80b4-00c04fd430c8", Bound::own},
      {kCastKey, kText, 1, kKeyBytes, Bound::foreign},
      {kCastKey, kText, 0, "6ba7b810-9dad-11d1-80b4-00c04fd430c9", Bound::foreign},
      {kCastKey, kUuid, 1, kKeyBytes, Bound::own},
      {kCastKey, kInt8, 0, "6ba7b810-9dad-11d1-80b4-00c04fd430c8", Bound::unproven},
      {kCastWord, kText, 0, "acme", Bound::own},
      {kCastWord, kInt8, 0, "acme", Bound::unproven},
      // Elsewhere the parameter may have been given another type, unless Parse declares one.
      {guard("text", "acme", false), 0, 0, "acme", Bound::unproven},
      {guard("text", "acme", false), kUnknown, 0, "acme", Bound::unproven},
      {guard("text", "acme", false), kVarchar, 0, "acme", Bound::own},
      // NULL, and formats there are not.
      {kNumber, kInt8, 0, std::nullopt, Bound::foreign},
      {kWord, 0, 1, std::nullopt, Bound::foreign},
      {kNumber, kInt8, 2, "4711", Bound::unproven},
      {kNumber, kInt8, -1, "4711", Bound::unproven},
  };
  for (const Case& c : cases)
    EXPECT_EQ(c.expected, compare(c.guard, c.type, c.format, c.value))
        << c.guard.type << " " << c.guard.value << ", " << c.type << ", " << c.format << ": "
        << c.value.value_or("NULL").substr(0, 80);
}

/// The SQLSTATE and the beginning of the message; empty if the guards hold.
std::string refusal(const std::vector<rewrite::ParameterGuard>& guards, std::string_view types, const proto::Bind& bind) {
  const auto result = check_guards(guards, types, bind);
  return result ? "" : std::string(result.error().state.text()) + " " + result.error().message;
}

TEST(ParameterGuard, FormatsAndTypesBelongToTheirParameter) {
  auto second = kNumber;
  second.parameter = 2;
  const std::string binary = "\0\0\x12\x67"s;
  const std::string types = "\0\2\0\0\0\x19\0\0\0\x17"s;  // text, int4
  const std::string foreign =
      "42501 column \"org_id\" of relation \"public.t\" can only hold the session's own organisation";

  EXPECT_EQ(refusal({second}, types, {"", "", {}, {"x", "4711"}, {}}), "");
  EXPECT_EQ(refusal({second}, types, {"", "", {0}, {"x", "4711"}, {}}), "");
  EXPECT_EQ(refusal({second}, types, {"", "", {1}, {"x", binary}, {}}), "");
  EXPECT_EQ(refusal({second}, types, {"", "", {0, 1}, {"x", binary}, {}}), "");
  EXPECT_EQ(refusal({second}, types, {"", "", {1, 0}, {"x", "4711"}, {}}), "");
  EXPECT_EQ(refusal({second}, "\0\0"s, {"", "", {}, {"x", "4711"}, {}}), "");
  EXPECT_EQ(refusal({}, types, {"", "", {}, {}, {}}), "");

  EXPECT_EQ(refusal({second}, types, {"", "", {1, 0}, {"x", binary}, {}}), foreign);
  EXPECT_EQ(refusal({second}, types, {"", "", {}, {"4711", "x"}, {}}), foreign);
  EXPECT_EQ(refusal({second}, types, {"", "", {}, {"4711"}, {}}), foreign) << "no such parameter";
  EXPECT_EQ(refusal({second}, types, {"", "", {}, {"x", std::nullopt}, {}}), foreign);
  EXPECT_EQ(refusal({kWord, second}, "\0\0"s, {"", "", {}, {"acme", "4712"}, {}}), foreign) << "every guard counts";
  EXPECT_EQ(refusal({kNumber}, types, {"", "", {}, {"4711", "4711"}, {}}),
            "42501 it cannot be proved that column \"org_id\" of relation \"public.t\" gets the session's own organisation");
  // Two formats for three parameters: the server's own error, but nothing must be taken for text meanwhile.
  auto third = second;
  third.parameter = 3;
  EXPECT_NE(refusal({third}, "\0\0"s, {"", "", {0, 0}, {"x", "x", "4711"}, {}}), "");
}

TEST(ParameterGuard, ArgumentsOfExecute) {
  struct Given {
    const rewrite::ParameterGuard& guard;
    std::string types;
    rewrite::Argument argument;
    bool own;
  };
  const std::string text("\0\1\0\0\0\x19", 6);
  const std::string inferred("\0\0", 2), int4("\0\1\0\0\0\x17", 6), float8("\0\1\0\0\2\xbd", 6);
  const Given cases[] = {
      {kNumber, inferred, {"4711", ""}, true},       {kNumber, int4, {" 04711", ""}, true},
      {kNumber, inferred, {"4711", "int4"}, true},   {kNumber, inferred, {"4711", "int8"}, true},
      {kNumber, inferred, {"4712", ""}, false},      {kNumber, inferred, {"4712", "int8"}, false},
      {kNumber, inferred, {"4711", "float8"}, false}, {kNumber, inferred, {"4711", "text"}, false},
      {kNumber, inferred, {"4711.4", ""}, false},    {kNumber, float8, {"4711", ""}, false},
      {kNumber, inferred, {std::nullopt, ""}, false}, {kWord, inferred, {"acme", ""}, true},
      {kWord, inferred, {"acme", "text"}, true},     {kWord, inferred, {"acme ", "bpchar"}, false},
      {kWord, inferred, {"acme", "name"}, false},    {guard("int8", "4711", false), inferred, {"4711", ""}, false},
      {kKey, inferred, {"{6BA7B8109DAD11D180B400C04FD430C8}", "uuid"}, true},
      {kCastKey, text, {"{6BA7B8109DAD11D180B400C04FD430C8}", ""}, true}, {kKey, text, {"{6BA7B8109DAD11D180B400C04FD430C8}", ""}, false},
      {kCastNumber, text, {"4711", ""}, true},       {kCastNumber, text, {"4712", "int4"}, false},
  };
  for (const Given& given : cases) {
    EXPECT_EQ(bool(check_guards({given.guard}, given.types, std::vector<rewrite::Argument>{given.argument})), given.own)
        << given.guard.type << " " << given.argument.value.value_or("?") << " " << given.argument.type;
  }
  EXPECT_FALSE(check_guards({kNumber}, inferred, std::vector<rewrite::Argument>{}));
}

}  // namespace
}  // namespace bulkhead::session
