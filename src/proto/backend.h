#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "proto/startup.h"

// What a server sends. Names and fields as in the PostgreSQL manual, "Message Formats"; NegotiateProtocolVersion is
// in startup.h. The server's bytes are foreign bytes: decode_X consumes its whole body or gives an error (08P01).
// Views point into the body. encode appends a whole frame; see frame_writer.h for what it throws.

namespace bulkhead::proto {

struct AuthenticationOk {};
struct AuthenticationCleartextPassword {};
struct AuthenticationMD5Password {
  std::array<char, 4> salt{};
};
struct AuthenticationSASL {
  std::vector<std::string_view> mechanisms;
};
struct AuthenticationSASLContinue {
  std::string_view data;
};
struct AuthenticationSASLFinal {
  std::string_view data;
};
/// A method that is not spoken here (GSS, SSPI, Kerberos…). There is no encoder.
struct AuthenticationUnsupported {
  std::int32_t code = 0;
};
using Authentication =
    std::variant<AuthenticationOk, AuthenticationCleartextPassword, AuthenticationMD5Password, AuthenticationSASL,
                 AuthenticationSASLContinue, AuthenticationSASLFinal, AuthenticationUnsupported>;

struct BackendKeyData {
  static constexpr char kType = 'K';
  std::int32_t process_id = 0;
  std::string_view key;  ///< 4 bytes; in protocol 3.2 4 to 256
};
struct ParameterStatus {
  static constexpr char kType = 'S';
  std::string_view name;
  std::string_view value;
};
struct ReadyForQuery {
  static constexpr char kType = 'Z';
  char status = 'I';  ///< 'I'dle, in a 'T'ransaction, in a failed one: 'E'
};

/// What ErrorResponse and NoticeResponse have in common: fields by their one-letter code, in the order they came.
/// Which ones are there is the server's choice: every accessor has an answer without its field.
struct Report {
  struct Field {
    char code;
    std::string_view value;
    bool operator==(const Field&) const = default;
  };
  std::vector<Field> fields;

  std::optional<std::string_view> find(char code) const;
  std::string_view severity() const;  ///< untranslated (V) if there, else S, else empty
  std::string_view sqlstate() const;  ///< XX000 unless there are five characters
  std::string_view message() const;   ///< empty if missing
  int position() const;               ///< 0 if missing or no number
};
struct ErrorResponse : Report {
  static constexpr char kType = 'E';
};
struct NoticeResponse : Report {
  static constexpr char kType = 'N';
};

struct RowDescription {
  static constexpr char kType = 'T';
  struct Field {
    std::string_view name;
    std::uint32_t table = 0;
    std::int16_t attribute = 0;
    std::uint32_t type = 0;
    std::int16_t type_size = -1;
    std::int32_t type_modifier = -1;
    std::int16_t format = 0;
    bool operator==(const Field&) const = default;
  };
  std::vector<Field> fields;
};
struct DataRow {
  static constexpr char kType = 'D';
  std::vector<std::optional<std::string_view>> values;
};
struct CommandComplete {
  static constexpr char kType = 'C';
  std::string_view tag;
};
struct EmptyQueryResponse {
  static constexpr char kType = 'I';
};
struct ParseComplete {
  static constexpr char kType = '1';
};
struct BindComplete {
  static constexpr char kType = '2';
};
struct CloseComplete {
  static constexpr char kType = '3';
};
struct NoData {
  static constexpr char kType = 'n';
};
struct PortalSuspended {
  static constexpr char kType = 's';
};
struct ParameterDescription {
  static constexpr char kType = 't';
  std::vector<std::uint32_t> types;
};
/// Common to the three answers that begin a COPY.
struct CopyFormats {
  std::uint8_t overall = 0;  ///< 0 text, 1 binary
  std::vector<std::int16_t> columns;
};
struct CopyInResponse : CopyFormats {
  static constexpr char kType = 'G';
};
struct CopyOutResponse : CopyFormats {
  static constexpr char kType = 'H';
};
struct CopyBothResponse : CopyFormats {
  static constexpr char kType = 'W';
};
struct NotificationResponse {
  static constexpr char kType = 'A';
  std::int32_t process_id = 0;
  std::string_view channel;
  std::string_view payload;
};
struct FunctionCallResponse {
  static constexpr char kType = 'V';
  std::optional<std::string_view> value;
};

Result<Authentication> decode_authentication(std::string_view body);
Result<BackendKeyData> decode_backend_key_data(std::string_view body);
Result<ParameterStatus> decode_parameter_status(std::string_view body);
Result<ReadyForQuery> decode_ready_for_query(std::string_view body);
Result<ErrorResponse> decode_error_response(std::string_view body);
Result<NoticeResponse> decode_notice_response(std::string_view body);
Result<RowDescription> decode_row_description(std::string_view body);
Result<DataRow> decode_data_row(std::string_view body);
Result<CommandComplete> decode_command_complete(std::string_view body);
Result<EmptyQueryResponse> decode_empty_query_response(std::string_view body);
Result<ParseComplete> decode_parse_complete(std::string_view body);
Result<BindComplete> decode_bind_complete(std::string_view body);
Result<CloseComplete> decode_close_complete(std::string_view body);
Result<NoData> decode_no_data(std::string_view body);
Result<PortalSuspended> decode_portal_suspended(std::string_view body);
Result<ParameterDescription> decode_parameter_description(std::string_view body);
Result<CopyInResponse> decode_copy_in_response(std::string_view body);
Result<CopyOutResponse> decode_copy_out_response(std::string_view body);
Result<CopyBothResponse> decode_copy_both_response(std::string_view body);
Result<NotificationResponse> decode_notification_response(std::string_view body);
Result<FunctionCallResponse> decode_function_call_response(std::string_view body);

void encode(const AuthenticationOk& message, std::string& out);
void encode(const AuthenticationCleartextPassword& message, std::string& out);
void encode(const AuthenticationMD5Password& message, std::string& out);
void encode(const AuthenticationSASL& message, std::string& out);
void encode(const AuthenticationSASLContinue& message, std::string& out);
void encode(const AuthenticationSASLFinal& message, std::string& out);
void encode(const BackendKeyData& message, std::string& out);
void encode(const ParameterStatus& message, std::string& out);
void encode(const ReadyForQuery& message, std::string& out);
void encode(const ErrorResponse& message, std::string& out);
void encode(const NoticeResponse& message, std::string& out);
void encode(const RowDescription& message, std::string& out);
void encode(const DataRow& message, std::string& out);
void encode(const CommandComplete& message, std::string& out);
void encode(const EmptyQueryResponse& message, std::string& out);
void encode(const ParseComplete& message, std::string& out);
void encode(const BindComplete& message, std::string& out);
void encode(const CloseComplete& message, std::string& out);
void encode(const NoData& message, std::string& out);
void encode(const PortalSuspended& message, std::string& out);
void encode(const ParameterDescription& message, std::string& out);
void encode(const CopyInResponse& message, std::string& out);
void encode(const CopyOutResponse& message, std::string& out);
void encode(const CopyBothResponse& message, std::string& out);
void encode(const NotificationResponse& message, std::string& out);
void encode(const FunctionCallResponse& message, std::string& out);

/// The message's frame by itself.
template <class Message>
std::string encoded(const Message& message) {
  std::string out;
  encode(message, out);
  return out;
}

/// An error of ours as an ErrorResponse: S V C M, and D H P W where there are any. `severity` is ERROR (the session
/// goes on) or FATAL (it ends). A NUL inside a text ends it there.
void encode_error(const Error& error, std::string_view severity, std::string& out);

}  // namespace bulkhead::proto
