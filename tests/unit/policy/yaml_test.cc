#include "policy/yaml.h"

#include <gmock/gmock.h>

namespace bulkhead::policy::yaml {
namespace {

using testing::HasSubstr;

TEST(Yaml, KnowsWhereEverythingIs) {
  const auto document = parse("a: 1\nb:\n  - x\n  - {c: \"d\"}\n");
  ASSERT_TRUE(document.findings().empty());
  const auto& root = *document.root();
  EXPECT_EQ(root.kind, Kind::map);
  const auto& a = *root.find("a");
  EXPECT_EQ(std::tuple(a.line, a.column, a.key_line, a.key_column), std::tuple(1, 4, 1, 1));
  const auto& c = *root.find("b")->children[1]->find("c");
  EXPECT_EQ(std::tuple(c.line, c.column, c.key_line, c.key_column), std::tuple(4, 9, 4, 6));
  EXPECT_EQ(c.path(), "b[1].c");
  EXPECT_TRUE(c.quoted);
  EXPECT_FALSE(a.quoted);
  EXPECT_EQ(root.find("z"), nullptr);
}

TEST(Yaml, QuotesOddKeysInPaths) {
  const auto document = parse("tables: { public.t: { column: x } }");
  EXPECT_EQ(document.root()->find("tables")->find("public.t")->find("column")->path(), "tables.\"public.t\".column");
}

TEST(Yaml, EveryDuplicateKeyIsAFinding) {
  const auto document = parse("a: 1\nb: {c: 1, c: 2}\na: 2\n");
  ASSERT_EQ(document.findings().size(), 2u);
  EXPECT_EQ(describe("f", document.findings()), "f:2:11: the key \"c\" is here twice\nf:3:1: the key \"a\" is here twice\n");
}

TEST(Yaml, QuoteEscapesAndShortens) {
  EXPECT_EQ(quote("a\"\\\n\x01"), "\"a\\\"\\\\\\n\\x01\"");
  EXPECT_EQ(quote(std::string(59, 'x') + "é…"), "\"" + std::string(59, 'x') + "…\"") << "no half characters";
}

struct Refusal {
  const char* name;
  std::string text;
  std::string expected;  ///< "LINE:COLUMN: part of the message"
};

class YamlRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(YamlRefuses, WithOneFinding) {
  const auto document = parse(GetParam().text);
  EXPECT_EQ(document.root(), nullptr);
  ASSERT_EQ(document.findings().size(), 1u);
  EXPECT_THAT(describe("", document.findings()), HasSubstr(GetParam().expected));
}

std::string repeat(std::string_view piece, std::size_t count) {
  std::string text;
  text.reserve(piece.size() * count);
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

INSTANTIATE_TEST_SUITE_P(
    Hostile, YamlRefuses,
    testing::Values(
        Refusal{"alias", "a: &x 1\nb: *x\n", ":1:4: anchors, aliases"},
        Refusal{"billion_laughs", "a: &a [l, l]\nb: &b [*a, *a]\nc: [*b, *b]\n", ":1:4: anchors, aliases"},
        Refusal{"merge_key", "a: {b: 1}\nc:\n  <<: {d: 1}\n", ":3:3: anchors, aliases"},
        Refusal{"tag", "a: !!binary eA==\n", ":1:4: tags are not allowed"},
        Refusal{"second_document", "a: 1\n---\nb: 1\n", ":3:1: a second document"},
        Refusal{"hidden_document", "a: 1\n...\nb: 1\n", ":3:1: a second document"},
        Refusal{"directive", "a: 1\n...\n%b: 1\n", ":3:1: directives"},
        Refusal{"nul", std::string("a: 1\0b", 6), ":1:5: control characters"},
        Refusal{"escaped_nul", "a: \"\\0\"", ":1:4: a NUL character"},
        Refusal{"end_of_transmission", "a: 1\n\x04 b: 1\n", ":2:1: control characters"},
        Refusal{"invalid_utf8", "a: 1\nb: \xff", ":2:4: the text is not valid UTF-8"},
        Refusal{"overlong_utf8", "a: \xc0\xaf", ":1:4: the text is not valid UTF-8"},
        Refusal{"surrogate", "a: \xed\xa0\x80", ":1:4: the text is not valid UTF-8"},
        Refusal{"cut_utf8", "a: \xe2\x82", ":1:4: the text is not valid UTF-8"},
        Refusal{"utf16", std::string("\xff\xfe" "a\0", 4), ":1:1: the text is not valid UTF-8"},
        Refusal{"escaped_surrogate", "a: \"\\ud800\"", ":1:11: not valid YAML"},
        Refusal{"tab_indent", "a:\n\tb: 1\n", ":2:3: not valid YAML"},
        Refusal{"unclosed", "a: [b\nc: 1\n", "not valid YAML"},
        Refusal{"list_as_key", "? [a]\n: 1\n", ":1:3: found a list or mapping as a key"},
        Refusal{"no_key", ": 1\n", ":1:1: a key is missing"},
        Refusal{"long_key", std::string(1025, 'k') + ": 1", "not valid YAML"},
        Refusal{"long_explicit_key", "? " + std::string(1025, 'k') + "\n: 1", ":1:3: a key is longer"},
        Refusal{"deep_flow", "a: " + repeat("[", 40) + repeat("]", 40), ":1:35: nested deeper than 32"},
        Refusal{"deep_block", repeat("- ", 100'000), ":1:65: nested deeper than 32"},
        Refusal{"deep_unclosed", repeat("{a: ", 100'000), ":1:"},
        Refusal{"many_values", "[" + repeat("a,", 600'000) + "]", "more than 500000 values"},
        Refusal{"huge", std::string(kMaxText + 1, 'a'), ":1:1: the text is larger than 8 MiB"}),
    [](const auto& chosen) { return chosen.param.name; });

TEST(Yaml, AcceptsWhatIsHarmless) {
  for (const std::string text : {"", "~", "---\na: 1\n", "\xef\xbb\xbf" "a: 1", "a: 1\r\nb: 2\r\n", "a: |\n  two\n  lines\n",
                                 "# only a comment\n"}) {
    const auto document = parse(text);
    EXPECT_NE(document.root(), nullptr) << text;
    EXPECT_TRUE(document.findings().empty()) << text << describe("", document.findings());
  }
}

}  // namespace
}  // namespace bulkhead::policy::yaml
