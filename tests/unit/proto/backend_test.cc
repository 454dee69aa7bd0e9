#include "proto/backend.h"

#include "unit/proto/support.h"

namespace bulkhead::proto {
namespace {

std::string again_authentication(std::string_view body) {
  const auto message = decode_authentication(body);
  if (!message) return "error: " + message.error().message;
  std::string out;
  std::visit(
      [&](const auto& m) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(m)>, AuthenticationUnsupported>)
          encode(m, out);
        else
          out = "unsupported " + std::to_string(m.code);
      },
      *message);
  return out;
}

class Backend : public testing::TestWithParam<Sample> {};
TEST_P(Backend, DecodesExactlyItsBody) { expect_exact(GetParam()); }

#define SAMPLE(name, type, body, decode)                                   \
  Sample {                                                                 \
#name, type, body, [](std::string_view b) { return again(decode(b)); } \
  }

INSTANTIATE_TEST_SUITE_P(
    Messages, Backend,
    testing::Values(Sample{"AuthenticationOk", 'R', "\0\0\0\0"_bytes, again_authentication},
                    Sample{"AuthenticationCleartextPassword", 'R', "\0\0\0\x03"_bytes, again_authentication},
                    Sample{"AuthenticationMD5Password", 'R', "\0\0\0\x05salt"_bytes, again_authentication},
                    Sample{"AuthenticationSASL", 'R', "\0\0\0\x0aSCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"_bytes,
                           again_authentication},
                    SAMPLE(ParameterStatus, 'S',
                           "server_version\0"
                           "15.1\0"_bytes,
                           decode_parameter_status),
                    SAMPLE(ReadyForQuery, 'Z', "T", decode_ready_for_query),
                    SAMPLE(ErrorResponse, 'E', "SERROR\0C42601\0Mno\0P7\0?new\0\0"_bytes, decode_error_response),
                    SAMPLE(ErrorResponseEmpty, 'E', "\0"_bytes, decode_error_response),
                    SAMPLE(NoticeResponse, 'N', "SNOTICE\0C00000\0Mhm\0\0"_bytes, decode_notice_response),
                    SAMPLE(RowDescription, 'T',
                           "\0\x02id\0\0\0\x40\0\0\x01\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0"
                           "\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\x01"_bytes,
                           decode_row_description),
                    SAMPLE(RowDescriptionEmpty, 'T', "\0\0"_bytes, decode_row_description),
                    SAMPLE(DataRow, 'D',
                           "\0\x03\0\0\0\x02"
                           "ab\xff\xff\xff\xff\0\0\0\0"_bytes,
                           decode_data_row),
                    SAMPLE(CommandComplete, 'C', "SELECT 1\0"_bytes, decode_command_complete),
                    SAMPLE(EmptyQueryResponse, 'I', "", decode_empty_query_response),
                    SAMPLE(ParseComplete, '1', "", decode_parse_complete),
                    SAMPLE(BindComplete, '2', "", decode_bind_complete),
                    SAMPLE(CloseComplete, '3', "", decode_close_complete), SAMPLE(NoData, 'n', "", decode_no_data),
                    SAMPLE(PortalSuspended, 's', "", decode_portal_suspended),
                    SAMPLE(ParameterDescription, 't', "\0\x02\0\0\0\x17\0\0\0\x19"_bytes,
                           decode_parameter_description),
                    SAMPLE(CopyInResponse, 'G', "\0\0\x02\0\0\0\0"_bytes, decode_copy_in_response),
                    SAMPLE(CopyOutResponse, 'H', "\x01\0\x01\0\x01"_bytes, decode_copy_out_response),
                    SAMPLE(CopyBothResponse, 'W', "\0\0\0"_bytes, decode_copy_both_response),
                    SAMPLE(NotificationResponse, 'A',
                           "\0\0\0\x07"
                           "channel\0payload\0"_bytes,
                           decode_notification_response),
                    SAMPLE(FunctionCallResponse, 'V', "\0\0\0\x01x"_bytes, decode_function_call_response),
                    SAMPLE(FunctionCallResponseNull, 'V', "\xff\xff\xff\xff"_bytes, decode_function_call_response)),
    name_of);

TEST(BackendKeyDataMessage, HasAKeyOf4To256Bytes) {
  for (const std::size_t size : {0u, 3u, 4u, 32u, 256u, 257u}) {
    const std::string body = "\0\0\0\x07"_bytes + std::string(size, 'k');
    const bool good = size >= 4 && size <= 256;
    EXPECT_EQ(again(decode_backend_key_data(body)) == frame('K', body), good) << size;
    EXPECT_EQ(bool(decode_backend_key_data(body)), good) << size;
  }
  EXPECT_FALSE(decode_backend_key_data("\0\0\0"_bytes));
}

TEST(AuthenticationMessage, ContinueAndFinalCarryTheirData) {
  const std::string body = "\0\0\0\x0br=nonce"_bytes;
  EXPECT_EQ(again_authentication(body), frame('R', body));
  EXPECT_EQ(std::get<AuthenticationSASLContinue>(*decode_authentication(body)).data, "r=nonce");
  EXPECT_EQ(again_authentication("\0\0\0\x0cv=proof"_bytes), frame('R', "\0\0\0\x0cv=proof"_bytes));
}

TEST(AuthenticationMessage, NamesWhatItDoesNotSpeak) {
  for (const char code : {'\1', '\2', '\4', '\6', '\7', '\x08', '\x09', '\x0d', '\x7f'})
    EXPECT_EQ(again_authentication("\0\0\0"_bytes + code + "anything"), "unsupported " + std::to_string(code));
}

TEST(BackendFields, AreWhatTheManualSays) {
  const std::string sasl = "\0\0\0\x0aSCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"_bytes;
  EXPECT_EQ(std::get<AuthenticationSASL>(*decode_authentication(sasl)).mechanisms,
            (std::vector<std::string_view>{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}));
  const std::string columns = "\0\x01id\0\0\0\x40\0\0\x01\0\0\0\x17\0\x04\xff\xff\xff\xff\0\x01"_bytes;
  EXPECT_EQ(decode_row_description(columns)->fields,
            (std::vector<RowDescription::Field>{{"id", 16384, 1, 23, 4, -1, 1}}));
  const std::string row = "\0\x02\0\0\0\x01x\xff\xff\xff\xff"_bytes;
  EXPECT_EQ(decode_data_row(row)->values, (std::vector<std::optional<std::string_view>>{"x", std::nullopt}));
  EXPECT_EQ(decode_notification_response("\0\0\0\x07_\0p\0"_bytes)->process_id, 7);
  EXPECT_EQ(decode_copy_out_response("\x01\0\x01\0\x01"_bytes)->overall, 1);
}

TEST(BackendErrors, HostileCountsLengthsAndStates) {
  EXPECT_FALSE(decode_row_description("\xff\xff"_bytes));
  EXPECT_FALSE(decode_data_row("\xff\xff\0\0\0\0"_bytes));
  EXPECT_FALSE(decode_data_row("\0\x01\xff\xff\xff\xfe"_bytes));
  EXPECT_FALSE(decode_data_row("\0\x01\x7f\xff\xff\xff"_bytes));
  EXPECT_FALSE(decode_parameter_description("\xff\xff\0\0\0\0"_bytes));
  EXPECT_FALSE(decode_copy_in_response("\0\xff\xff"_bytes));
  for (const char status : {'\0', 'i', 'X'}) EXPECT_FALSE(decode_ready_for_query({&status, 1}));
}

TEST(ReportAccessors, ReadWhatIsThere) {
  const std::string body = "SFEHLER\0VERROR\0C42601\0Mno such\0P12\0\0"_bytes;
  const auto error = decode_error_response(body);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->severity(), "ERROR");
  EXPECT_EQ(error->sqlstate(), "42601");
  EXPECT_EQ(error->message(), "no such");
  EXPECT_EQ(error->position(), 12);
  EXPECT_EQ(error->find('D'), std::nullopt);
}

// PgBouncer's CVE-2026-6666: an ErrorResponse without a SQLSTATE was a null pointer.
TEST(ReportAccessors, HaveAnAnswerForWhatIsMissing) {
  const auto nothing = decode_error_response({"", 1});
  ASSERT_TRUE(nothing);
  EXPECT_EQ(nothing->severity(), "");
  EXPECT_EQ(nothing->sqlstate(), "XX000");
  EXPECT_EQ(nothing->message(), "");
  EXPECT_EQ(nothing->position(), 0);
  const std::string short_code = "SFATAL\0C1\0\0"_bytes;
  EXPECT_EQ(decode_error_response(short_code)->severity(), "FATAL");
  EXPECT_EQ(decode_error_response(short_code)->sqlstate(), "XX000");
  for (const std::string_view bad : {"", "x", "7x", "-1", "0", "99999999999", " 7"}) {
    const std::string body = "P" + std::string(bad) + "\0\0"_bytes;
    EXPECT_EQ(decode_error_response(body)->position(), 0) << bad;
  }
}

TEST(EncodeError, WritesTheFieldsThatHaveSomethingToSay) {
  std::string out = "before";
  encode_error(make_error(sqlstate::insufficient_privilege, "no"), "ERROR", out);
  EXPECT_EQ(out, "before" + frame('E', "SERROR\0VERROR\0C42501\0Mno\0\0"_bytes));

  out.clear();
  Error error = make_error(sqlstate::syntax_error, "what", "hint", "detail");
  error.position = 15;
  encode_error(error, "FATAL", out);
  EXPECT_EQ(out, frame('E', "SFATAL\0VFATAL\0C42601\0Mwhat\0Ddetail\0Hhint\0P15\0\0"_bytes));
}

TEST(EncodeError, ANulInsideATextEndsIt) {
  std::string out;
  encode_error(make_error(sqlstate::syntax_error, "near \"a\0b\""_bytes), "ERROR", out);
  EXPECT_EQ(out, frame('E', "SERROR\0VERROR\0C42601\0Mnear \"a\0\0"_bytes));
}

}  // namespace
}  // namespace bulkhead::proto
