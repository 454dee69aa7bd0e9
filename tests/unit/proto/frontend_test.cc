#include "proto/frontend.h"

#include "unit/proto/support.h"

namespace bulkhead::proto {
namespace {

const std::string kParse = "s1\0select $1\0\0\x02\0\0\0\x17\xff\xff\xff\xff"_bytes;
// One parameter of each kind: text "ab", NULL, empty.
const std::string kBindRest =
    "\0\x03\0\0\0\x01\0\0\0\x03\0\0\0\x02"
    "ab\xff\xff\xff\xff\0\0\0\0\0\x01\0\x01"_bytes;

const std::string kBind = "p\0s\0"_bytes + kBindRest;

std::string renamed_parse(std::string_view body) {
  const auto head = decode_parse_head(body);
  if (!head) return "error: " + head.error().message;
  std::string out;
  encode_parse_renamed(head->statement, head->query, head->types_rest, out);
  return out;
}

std::string renamed_bind(std::string_view body) {
  const auto head = decode_bind_head(body);
  if (!head) return "error: " + head.error().message;
  std::string out;
  encode_bind_renamed(head->portal, head->statement, head->rest, out);
  return out;
}

class Frontend : public testing::TestWithParam<Sample> {};
TEST_P(Frontend, DecodesExactlyItsBody) { expect_exact(GetParam()); }

#define SAMPLE(name, type, body, decode)                                   \
  Sample {                                                                 \
#name, type, body, [](std::string_view b) { return again(decode(b)); } \
  }

INSTANTIATE_TEST_SUITE_P(
    Messages, Frontend,
    testing::Values(
        SAMPLE(Query, 'Q', "select 1\0"_bytes, decode_query),  //
        SAMPLE(QueryEmpty, 'Q', "\0"_bytes, decode_query), SAMPLE(Parse, 'P', kParse, decode_parse),
        SAMPLE(ParseUnnamed, 'P', "\0\0\0\0"_bytes, decode_parse),
        Sample{"ParseHead", 'P', "s1\0select $1\0\0\x01\0\0\0\x17"_bytes, renamed_parse},
        SAMPLE(Bind, 'B', kBind, decode_bind), SAMPLE(BindBare, 'B', "\0\0\0\0\0\0\0\0"_bytes, decode_bind),
        Sample{"BindHead", 'B', kBind, renamed_bind}, SAMPLE(DescribeStatement, 'D', "Ss1\0"_bytes, decode_describe),
        SAMPLE(DescribePortal, 'D', "P\0"_bytes, decode_describe),  //
        SAMPLE(Close, 'C', "Pp1\0"_bytes, decode_close), SAMPLE(Execute, 'E', "p1\0\0\0\0\x05"_bytes, decode_execute),
        SAMPLE(ExecuteNegative, 'E', "\0\xff\xff\xff\xff"_bytes, decode_execute),  //
        SAMPLE(Sync, 'S', "", decode_sync), SAMPLE(Flush, 'H', "", decode_flush),
        SAMPLE(Terminate, 'X', "", decode_terminate),  //
        SAMPLE(CopyDone, 'c', "", decode_copy_done), SAMPLE(CopyFail, 'f', "why\0"_bytes, decode_copy_fail),
        SAMPLE(PasswordMessage, 'p', "secret\0"_bytes, decode_password),
        SAMPLE(SASLInitialResponse, 'p', "SCRAM-SHA-256\0\0\0\0\x03n,,"_bytes, decode_sasl_initial_response),
        SAMPLE(SASLInitialResponseBare, 'p', "X\0\xff\xff\xff\xff"_bytes, decode_sasl_initial_response)),
    name_of);

TEST(FrontendFields, AreWhatTheManualSays) {
  const auto parse = decode_parse(kParse);
  ASSERT_TRUE(parse);
  EXPECT_EQ(parse->statement, "s1");
  EXPECT_EQ(parse->query, "select $1");
  EXPECT_EQ(parse->parameter_types, (std::vector<std::uint32_t>{23, 0xffffffff}));

  const auto bind = decode_bind(kBind);
  ASSERT_TRUE(bind);
  EXPECT_EQ(bind->portal, "p");
  EXPECT_EQ(bind->statement, "s");
  EXPECT_EQ(bind->formats, (std::vector<std::int16_t>{0, 1, 0}));
  EXPECT_EQ(bind->parameters, (std::vector<std::optional<std::string_view>>{"ab", std::nullopt, ""}));
  EXPECT_EQ(bind->result_formats, (std::vector<std::int16_t>{1}));
  EXPECT_EQ(decode_bind_head(kBind)->parameter_count, 3);

  EXPECT_EQ(decode_execute("p1\0\0\0\0\x05"_bytes)->max_rows, 5);
  EXPECT_EQ(decode_describe("Pp1\0"_bytes)->kind, 'P');
  EXPECT_EQ(decode_function_call("\0\0\x01\x02whatever"_bytes)->function, 258u);
  const std::string initial = "M\0\0\0\0\x01x"_bytes;
  EXPECT_EQ(*decode_sasl_initial_response(initial)->response, "x");
}

std::string error_of(const auto& decoded) {
  return decoded ? "" : std::string(decoded.error().state.text()) + " " + decoded.error().message;
}

TEST(FrontendErrors, AreInPostgresWords) {
  EXPECT_EQ(error_of(decode_query("select 1")), "08P01 invalid string in message");
  EXPECT_EQ(error_of(decode_query("select 1\0select 2\0"_bytes)), "08P01 invalid message format");
  EXPECT_EQ(error_of(decode_sync("x")), "08P01 invalid message format");
  EXPECT_EQ(error_of(decode_execute("p\0\0"_bytes)), "08P01 insufficient data left in message");
  EXPECT_EQ(error_of(decode_describe("")), "08P01 no data left in message");
  EXPECT_EQ(error_of(decode_describe("Xs\0"_bytes)), "08P01 invalid DESCRIBE message subtype 88");
  EXPECT_EQ(error_of(decode_close("Xs\0"_bytes)), "08P01 invalid CLOSE message subtype 88");
  EXPECT_EQ(error_of(decode_password("secret")), "08P01 invalid password packet size");
  EXPECT_EQ(error_of(decode_password("a\0b\0"_bytes)), "08P01 invalid password packet size");
  EXPECT_EQ(error_of(decode_password("\0"_bytes)), "28P01 empty password returned by client");
}

TEST(FrontendErrors, BindWithHostileCountsAndLengths) {
  for (const auto& [rest, message] : std::vector<std::pair<std::string, std::string>>{
           {"\xff\xff\0\0\0\0"_bytes, "insufficient data left in message"},
           {"\0\0\xff\xff\0\0"_bytes, "insufficient data left in message"},
           {"\0\0\0\x01\x7f\xff\xff\xff\0\0"_bytes, "insufficient data left in message"},
           {"\0\0\0\x01\xff\xff\xff\xfe\0\0"_bytes, "insufficient data left in message"},
           {"\0\0\0\x01\x80\0\0\0\0\0"_bytes, "insufficient data left in message"},
           {"\0\0\0\0\xff\xff"_bytes, "insufficient data left in message"},
           {"\0\x02\0\0\0\0\0\x01\xff\xff\xff\xff\0\0"_bytes,
            "bind message has 2 parameter formats but 1 parameters"},
           {"\0\0\0\0\0\0\0"_bytes, "invalid message format"}}) {
    EXPECT_EQ(error_of(decode_bind("\0\0"_bytes + rest)), "08P01 " + message);
    EXPECT_EQ(error_of(decode_bind_head("\0\0"_bytes + rest)), "08P01 " + message);
  }
}

TEST(FrontendErrors, ParseWithMoreTypesThanBytes) {
  EXPECT_FALSE(decode_parse("\0\0\xff\xff\0\0\0\x17"_bytes));
  EXPECT_FALSE(decode_parse_head("\0\0\xff\xff\0\0\0\x17"_bytes));
}

TEST(FrontendErrors, SaslMessagesHavePostgresLimit) {
  EXPECT_TRUE(decode_sasl_response(std::string(1020, 'x')));
  EXPECT_FALSE(decode_sasl_response(std::string(1021, 'x')));
  EXPECT_FALSE(decode_sasl_initial_response("M\0\0\0\x04\0"_bytes + std::string(1024, 'x')));
}

TEST(FrontendBytes, PassWhole) {
  const std::string any = "\0any\xff\n"_bytes;
  EXPECT_EQ(again(decode_copy_data(any)), frame('d', any));
  EXPECT_EQ(again(decode_sasl_response(any)), frame('p', any));
  EXPECT_EQ(again(decode_copy_data("")), frame('d', ""));
}

TEST(Renaming, ChangesTheNamesAndNothingElse) {
  std::string out = "before";
  const auto bind = decode_bind_head(kBind);
  ASSERT_TRUE(bind);
  encode_bind_renamed(bind->portal, "_p17", bind->rest, out);
  EXPECT_EQ(out, "before" + frame('B', "p\0_p17\0"_bytes + kBindRest));

  out.clear();
  const std::string body = "s\0select $1\0\0\x01\0\0\0\x17"_bytes;
  const auto parse = decode_parse_head(body);
  ASSERT_TRUE(parse);
  EXPECT_EQ(parse->type_count, 1);
  encode_parse_renamed("_p17", "select $1 + 0", parse->types_rest, out);
  EXPECT_EQ(out, frame('P', "_p17\0select $1 + 0\0\0\x01\0\0\0\x17"_bytes));
}

TEST(Renaming, ANameCannotSmuggleFields) {
  std::string out;
  EXPECT_THROW(encode_parse_renamed("", "select 1\0\0\x01"_bytes, "\0\0"_bytes, out), std::logic_error);
  EXPECT_THROW(encode(Query{"select 1\0; drop table t"_bytes}, out), std::logic_error);
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace bulkhead::proto
