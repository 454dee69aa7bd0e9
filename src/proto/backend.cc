#include "proto/backend.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "proto/empty_message.h"
#include "proto/frame_writer.h"
#include "proto/limits.h"

namespace bulkhead::proto {
namespace {

Error malformed() { return make_error(sqlstate::protocol_violation, "invalid message format"); }

// AUTH_REQ_* of pqcomm.h.
enum AuthenticationCode : std::int32_t {
  ok = 0,
  cleartext = 3,
  md5 = 5,
  sasl = 10,
  sasl_continue = 11,
  sasl_final = 12
};

/// A list's count, believed only if `size` bytes for each entry are there.
Result<std::uint16_t> count_of(ByteReader& reader, std::size_t size) {
  BULKHEAD_TRY(const auto count, reader.integer<std::uint16_t>());
  if (count * size > reader.remaining())
    return make_error(sqlstate::protocol_violation, "insufficient data left in message");
  return count;
}

Result<std::optional<std::string_view>> decode_value(ByteReader& reader) {
  BULKHEAD_TRY(const std::int32_t length, reader.i32());
  if (length == -1) return std::optional<std::string_view>{};
  if (length < 0) return malformed();
  BULKHEAD_TRY(const auto value, reader.bytes(static_cast<std::size_t>(length)));
  return std::optional<std::string_view>{value};
}

template <class Message>
Result<Message> decode_report(std::string_view body) {
  ByteReader reader(body);
  Message message;
  for (;;) {
    BULKHEAD_TRY(const std::uint8_t code, reader.u8());
    if (code == 0) break;
    BULKHEAD_TRY(const auto value, reader.cstring());
    message.fields.push_back({static_cast<char>(code), value});
  }
  BULKHEAD_CHECK(reader.finished());
  return message;
}

void encode_report(const Report& report, char type, std::string& out) {
  FrameWriter writer(type, out);
  for (const auto& field : report.fields) writer.integer(static_cast<std::uint8_t>(field.code)).cstring(field.value);
  writer.integer(std::uint8_t{0}).finish();
}

template <class Message>
Result<Message> decode_copy(std::string_view body) {
  ByteReader reader(body);
  Message message;
  BULKHEAD_TRY(message.overall, reader.u8());
  BULKHEAD_TRY(const auto count, count_of(reader, 2));
  message.columns.reserve(count);
  for (std::uint16_t i = 0; i < count; ++i) {
    BULKHEAD_TRY(const auto format, reader.i16());
    message.columns.push_back(format);
  }
  BULKHEAD_CHECK(reader.finished());
  return message;
}

void encode_copy(const CopyFormats& formats, char type, std::string& out) {
  FrameWriter writer(type, out);
  writer.integer(formats.overall).count(formats.columns.size());
  for (const auto format : formats.columns) writer.integer(format);
  writer.finish();
}

FrameWriter authentication(AuthenticationCode code, std::string& out) {
  FrameWriter writer('R', out);
  writer.integer(static_cast<std::int32_t>(code));
  return writer;
}

Result<AuthenticationSASL> decode_mechanisms(ByteReader& reader) {
  AuthenticationSASL message;
  for (;;) {
    BULKHEAD_TRY(const auto name, reader.cstring());
    if (name.empty()) return message;
    message.mechanisms.push_back(name);
  }
}

Result<Authentication> decode_authentication_rest(std::int32_t code, ByteReader& reader) {
  switch (code) {
    case ok:
      return Authentication{AuthenticationOk{}};
    case cleartext:
      return Authentication{AuthenticationCleartextPassword{}};
    case md5: {
      BULKHEAD_TRY(const auto salt, reader.bytes(4));
      AuthenticationMD5Password message;
      std::copy(salt.begin(), salt.end(), message.salt.begin());
      return Authentication{message};
    }
    case sasl: {
      BULKHEAD_TRY(auto message, decode_mechanisms(reader));
      return Authentication{std::move(message)};
    }
    case sasl_continue:
      return Authentication{AuthenticationSASLContinue{reader.rest()}};
    case sasl_final:
      return Authentication{AuthenticationSASLFinal{reader.rest()}};
  }
  reader.rest();
  return Authentication{AuthenticationUnsupported{code}};
}

std::string_view until_nul(std::string_view text) { return text.substr(0, text.find('\0')); }

}  // namespace

std::optional<std::string_view> Report::find(char code) const {
  for (const auto& field : fields)
    if (field.code == code) return field.value;
  return std::nullopt;
}

std::string_view Report::severity() const {
  if (const auto untranslated = find('V')) return *untranslated;
  return find('S').value_or("");
}

std::string_view Report::sqlstate() const {
  const auto code = find('C');
  return code && code->size() == 5 ? *code : sqlstate::internal_error.text();
}

std::string_view Report::message() const { return find('M').value_or(""); }

int Report::position() const {
  const auto text = find('P').value_or("");
  int position = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position);
  return error == std::errc{} && end == text.data() + text.size() && position > 0 ? position : 0;
}

Result<Authentication> decode_authentication(std::string_view body) {
  ByteReader reader(body);
  BULKHEAD_TRY(const std::int32_t code, reader.i32());
  BULKHEAD_TRY(auto message, decode_authentication_rest(code, reader));
  BULKHEAD_CHECK(reader.finished());
  return message;
}

Result<BackendKeyData> decode_backend_key_data(std::string_view body) {
  ByteReader reader(body);
  BULKHEAD_TRY(const std::int32_t process_id, reader.i32());
  const auto key = reader.rest();
  if (key.size() < kMinCancelKey || key.size() > kMaxCancelKey) return malformed();
  return BackendKeyData{process_id, key};
}

Result<ParameterStatus> decode_parameter_status(std::string_view body) {
  ByteReader reader(body);
  ParameterStatus message;
  BULKHEAD_TRY(message.name, reader.cstring());
  BULKHEAD_TRY(message.value, reader.cstring());
  BULKHEAD_CHECK(reader.finished());
  return message;
}

Result<ReadyForQuery> decode_ready_for_query(std::string_view body) {
  if (body != "I" && body != "T" && body != "E") return malformed();
  return ReadyForQuery{body[0]};
}

Result<ErrorResponse> decode_error_response(std::string_view body) { return decode_report<ErrorResponse>(body); }
Result<NoticeResponse> decode_notice_response(std::string_view body) { return decode_report<NoticeResponse>(body); }

Result<RowDescription> decode_row_description(std::string_view body) {
  ByteReader reader(body);
  BULKHEAD_TRY(const auto count, count_of(reader, 19));
  RowDescription message;
  message.fields.resize(count);
  for (auto& field : message.fields) {
    BULKHEAD_TRY(field.name, reader.cstring());
    BULKHEAD_TRY(field.table, reader.u32());
    BULKHEAD_TRY(field.attribute, reader.i16());
    BULKHEAD_TRY(field.type, reader.u32());
    BULKHEAD_TRY(field.type_size, reader.i16());
    BULKHEAD_TRY(field.type_modifier, reader.i32());
    BULKHEAD_TRY(field.format, reader.i16());
  }
  BULKHEAD_CHECK(reader.finished());
  return message;
}

Result<DataRow> decode_data_row(std::string_view body) {
  ByteReader reader(body);
  BULKHEAD_TRY(const auto count, count_of(reader, 4));
  DataRow message;
  message.values.reserve(count);
  for (std::uint16_t i = 0; i < count; ++i) {
    BULKHEAD_TRY(const auto value, decode_value(reader));
    message.values.push_back(value);
  }
  BULKHEAD_CHECK(reader.finished());
  return message;
}

Result<CommandComplete> decode_command_complete(std::string_view body) {
  ByteReader reader(body);
  BULKHEAD_TRY(const auto tag, reader.cstring());
  BULKHEAD_CHECK(reader.finished());
  return CommandComplete{tag};
}

Result<EmptyQueryResponse> decode_empty_query_response(std::string_view body) {
  return decode_empty<EmptyQueryResponse>(body);
}
Result<ParseComplete> decode_parse_complete(std::string_view body) { return decode_empty<ParseComplete>(body); }
Result<BindComplete> decode_bind_complete(std::string_view body) { return decode_empty<BindComplete>(body); }
Result<CloseComplete> decode_close_complete(std::string_view body) { return decode_empty<CloseComplete>(body); }
Result<NoData> decode_no_data(std::string_view body) { return decode_empty<NoData>(body); }
Result<PortalSuspended> decode_portal_suspended(std::string_view body) { return decode_empty<PortalSuspended>(body); }

Result<ParameterDescription> decode_parameter_description(std::string_view body) {
  ByteReader reader(body);
  BULKHEAD_TRY(const auto count, count_of(reader, 4));
  ParameterDescription message;
  message.types.resize(count);
  for (auto& type : message.types) {
    BULKHEAD_TRY(type, reader.u32());
  }
  BULKHEAD_CHECK(reader.finished());
  return message;
}

Result<CopyInResponse> decode_copy_in_response(std::string_view body) { return decode_copy<CopyInResponse>(body); }
Result<CopyOutResponse> decode_copy_out_response(std::string_view body) { return decode_copy<CopyOutResponse>(body); }
Result<CopyBothResponse> decode_copy_both_response(std::string_view body) {
  return decode_copy<CopyBothResponse>(body);
}

Result<NotificationResponse> decode_notification_response(std::string_view body) {
  ByteReader reader(body);
  NotificationResponse message;
  BULKHEAD_TRY(message.process_id, reader.i32());
  BULKHEAD_TRY(message.channel, reader.cstring());
  BULKHEAD_TRY(message.payload, reader.cstring());
  BULKHEAD_CHECK(reader.finished());
  return message;
}

Result<FunctionCallResponse> decode_function_call_response(std::string_view body) {
  ByteReader reader(body);
  BULKHEAD_TRY(const auto value, decode_value(reader));
  BULKHEAD_CHECK(reader.finished());
  return FunctionCallResponse{value};
}

void encode(const AuthenticationOk&, std::string& out) { authentication(ok, out).finish(); }
void encode(const AuthenticationCleartextPassword&, std::string& out) { authentication(cleartext, out).finish(); }

void encode(const AuthenticationMD5Password& message, std::string& out) {
  authentication(md5, out).bytes({message.salt.data(), message.salt.size()}).finish();
}

void encode(const AuthenticationSASL& message, std::string& out) {
  auto writer = authentication(sasl, out);
  for (const auto name : message.mechanisms) writer.cstring(name);
  writer.cstring("").finish();
}

void encode(const AuthenticationSASLContinue& message, std::string& out) {
  authentication(sasl_continue, out).bytes(message.data).finish();
}

void encode(const AuthenticationSASLFinal& message, std::string& out) {
  authentication(sasl_final, out).bytes(message.data).finish();
}

void encode(const BackendKeyData& message, std::string& out) {
  FrameWriter(BackendKeyData::kType, out).integer(message.process_id).bytes(message.key).finish();
}

void encode(const ParameterStatus& message, std::string& out) {
  FrameWriter(ParameterStatus::kType, out).cstring(message.name).cstring(message.value).finish();
}

void encode(const ReadyForQuery& message, std::string& out) {
  FrameWriter(ReadyForQuery::kType, out).integer(static_cast<std::uint8_t>(message.status)).finish();
}

void encode(const ErrorResponse& message, std::string& out) { encode_report(message, ErrorResponse::kType, out); }
void encode(const NoticeResponse& message, std::string& out) { encode_report(message, NoticeResponse::kType, out); }

void encode(const RowDescription& message, std::string& out) {
  FrameWriter writer(RowDescription::kType, out);
  writer.count(message.fields.size());
  for (const auto& field : message.fields)
    writer.cstring(field.name)
        .integer(field.table)
        .integer(field.attribute)
        .integer(field.type)
        .integer(field.type_size)
        .integer(field.type_modifier)
        .integer(field.format);
  writer.finish();
}

void encode(const DataRow& message, std::string& out) {
  FrameWriter writer(DataRow::kType, out);
  writer.count(message.values.size());
  for (const auto& value : message.values) writer.value(value);
  writer.finish();
}

void encode(const CommandComplete& message, std::string& out) {
  FrameWriter(CommandComplete::kType, out).cstring(message.tag).finish();
}

void encode(const EmptyQueryResponse&, std::string& out) { encode_empty<EmptyQueryResponse>(out); }
void encode(const ParseComplete&, std::string& out) { encode_empty<ParseComplete>(out); }
void encode(const BindComplete&, std::string& out) { encode_empty<BindComplete>(out); }
void encode(const CloseComplete&, std::string& out) { encode_empty<CloseComplete>(out); }
void encode(const NoData&, std::string& out) { encode_empty<NoData>(out); }
void encode(const PortalSuspended&, std::string& out) { encode_empty<PortalSuspended>(out); }

void encode(const ParameterDescription& message, std::string& out) {
  FrameWriter writer(ParameterDescription::kType, out);
  writer.count(message.types.size());
  for (const auto type : message.types) writer.integer(type);
  writer.finish();
}

void encode(const CopyInResponse& message, std::string& out) { encode_copy(message, CopyInResponse::kType, out); }
void encode(const CopyOutResponse& message, std::string& out) { encode_copy(message, CopyOutResponse::kType, out); }
void encode(const CopyBothResponse& message, std::string& out) { encode_copy(message, CopyBothResponse::kType, out); }

void encode(const NotificationResponse& message, std::string& out) {
  FrameWriter(NotificationResponse::kType, out)
      .integer(message.process_id)
      .cstring(message.channel)
      .cstring(message.payload)
      .finish();
}

void encode(const FunctionCallResponse& message, std::string& out) {
  FrameWriter(FunctionCallResponse::kType, out).value(message.value).finish();
}

void encode_error(const Error& error, std::string_view severity, std::string& out) {
  const std::string position = std::to_string(error.position);
  ErrorResponse message;
  message.fields = {{'S', severity}, {'V', severity}, {'C', error.state.text()}, {'M', until_nul(error.message)}};
  if (!error.detail.empty()) message.fields.push_back({'D', until_nul(error.detail)});
  if (!error.hint.empty()) message.fields.push_back({'H', until_nul(error.hint)});
  if (error.position > 0) message.fields.push_back({'P', position});
  if (!error.context.empty()) message.fields.push_back({'W', until_nul(error.context)});
  encode(message, out);
}

}  // namespace bulkhead::proto
