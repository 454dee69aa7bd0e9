#include "proto/frontend.h"

#include "base/bytes.h"
#include "proto/empty_message.h"
#include "proto/frame_writer.h"
#include "proto/limits.h"

namespace bulkhead::proto {
namespace {

Error violation(std::string message) { return make_error(sqlstate::protocol_violation, std::move(message)); }

/// Describe and Close: a kind and a name. `verb` as PostgreSQL spells it in the message.
template <class Message>
Result<Message> decode_target(std::string_view body, const char* verb) {
  if (body.empty()) return violation("no data left in message");  // pq_getmsgbyte, pqformat.c
  ByteReader reader(body);
  BULKHEAD_TRY(const std::uint8_t kind, reader.u8());
  BULKHEAD_TRY(const auto name, reader.cstring());
  BULKHEAD_CHECK(reader.finished());
  if (kind != 'S' && kind != 'P')
    return violation("invalid " + std::string(verb) + " message subtype " + std::to_string(kind));
  return Message{static_cast<char>(kind), name};
}

template <class Message>
void encode_target(const Message& message, std::string& out) {
  FrameWriter writer(Message::kType, out);
  writer.integer(static_cast<std::uint8_t>(message.kind)).cstring(message.name).finish();
}

Result<std::uint16_t> count_of(ByteReader& reader) { return reader.integer<std::uint16_t>(); }

Result<std::string_view> integers(ByteReader& reader, std::size_t count, std::size_t size) {
  return reader.bytes(count * size);
}

Result<std::vector<std::int16_t>> decode_formats(ByteReader& reader) {
  BULKHEAD_TRY(const auto count, count_of(reader));
  BULKHEAD_TRY(const auto bytes, integers(reader, count, 2));
  std::vector<std::int16_t> formats(count);
  ByteReader codes(bytes);
  for (auto& format : formats) format = *codes.i16();
  return formats;
}

Result<std::optional<std::string_view>> decode_value(ByteReader& reader) {
  BULKHEAD_TRY(const std::int32_t length, reader.i32());
  if (length == -1) return std::optional<std::string_view>{};
  if (length < 0) return violation("insufficient data left in message");
  BULKHEAD_TRY(const auto value, reader.bytes(static_cast<std::size_t>(length)));
  return std::optional<std::string_view>{value};
}

Error format_mismatch(std::size_t formats, std::size_t parameters) {
  return violation("bind message has " + std::to_string(formats) + " parameter formats but " +
                   std::to_string(parameters) + " parameters");
}

/// The end of Bind, as exec_bind_message reads it, kept nowhere. Gives the number of parameters.
Result<std::uint16_t> check_bind_rest(std::string_view rest) {
  ByteReader reader(rest);
  BULKHEAD_TRY(const auto formats, count_of(reader));
  BULKHEAD_CHECK(integers(reader, formats, 2));
  BULKHEAD_TRY(const auto parameters, count_of(reader));
  if (formats > 1 && formats != parameters) return format_mismatch(formats, parameters);
  for (std::uint16_t i = 0; i < parameters; ++i) BULKHEAD_CHECK(decode_value(reader));
  BULKHEAD_TRY(const auto results, count_of(reader));
  BULKHEAD_CHECK(integers(reader, results, 2));
  BULKHEAD_CHECK(reader.finished());
  return parameters;
}

void write_formats(FrameWriter& writer, const std::vector<std::int16_t>& formats) {
  writer.count(formats.size());
  for (const auto format : formats) writer.integer(format);
}

}  // namespace

Result<Query> decode_query(std::string_view body) {
  ByteReader reader(body);
  BULKHEAD_TRY(const auto sql, reader.cstring());
  BULKHEAD_CHECK(reader.finished());
  return Query{sql};
}

Result<ParseHead> decode_parse_head(std::string_view body) {
  ByteReader reader(body);
  ParseHead head;
  BULKHEAD_TRY(head.statement, reader.cstring());
  BULKHEAD_TRY(head.query, reader.cstring());
  head.types_rest = body.substr(body.size() - reader.remaining());
  BULKHEAD_TRY(head.type_count, count_of(reader));
  BULKHEAD_CHECK(integers(reader, head.type_count, 4));
  BULKHEAD_CHECK(reader.finished());
  return head;
}

Result<Parse> decode_parse(std::string_view body) {
  BULKHEAD_TRY(const auto head, decode_parse_head(body));
  Parse message{head.statement, head.query, std::vector<std::uint32_t>(head.type_count)};
  ByteReader types(head.types_rest.substr(2));
  for (auto& type : message.parameter_types) type = *types.u32();
  return message;
}

Result<BindHead> decode_bind_head(std::string_view body) {
  ByteReader reader(body);
  BindHead head;
  BULKHEAD_TRY(head.portal, reader.cstring());
  BULKHEAD_TRY(head.statement, reader.cstring());
  head.rest = reader.rest();
  BULKHEAD_TRY(head.parameter_count, check_bind_rest(head.rest));
  return head;
}

Result<Bind> decode_bind(std::string_view body) {
  BULKHEAD_TRY(const auto head, decode_bind_head(body));
  Bind message{head.portal, head.statement, {}, {}, {}};
  ByteReader reader(head.rest);
  BULKHEAD_TRY(message.formats, decode_formats(reader));
  BULKHEAD_TRY(const auto count, count_of(reader));
  message.parameters.reserve(count);
  for (std::uint16_t i = 0; i < count; ++i) {
    BULKHEAD_TRY(const auto value, decode_value(reader));
    message.parameters.push_back(value);
  }
  BULKHEAD_TRY(message.result_formats, decode_formats(reader));
  BULKHEAD_CHECK(reader.finished());
  return message;
}

Result<Describe> decode_describe(std::string_view body) { return decode_target<Describe>(body, "DESCRIBE"); }
Result<Close> decode_close(std::string_view body) { return decode_target<Close>(body, "CLOSE"); }

Result<Execute> decode_execute(std::string_view body) {
  ByteReader reader(body);
  Execute message;
  BULKHEAD_TRY(message.portal, reader.cstring());
  BULKHEAD_TRY(message.max_rows, reader.i32());
  BULKHEAD_CHECK(reader.finished());
  return message;
}

Result<Sync> decode_sync(std::string_view body) { return decode_empty<Sync>(body); }
Result<Flush> decode_flush(std::string_view body) { return decode_empty<Flush>(body); }
Result<Terminate> decode_terminate(std::string_view body) { return decode_empty<Terminate>(body); }
Result<CopyDone> decode_copy_done(std::string_view body) { return decode_empty<CopyDone>(body); }

/// recv_password_packet, auth.c.
Result<PasswordMessage> decode_password(std::string_view body) {
  if (body.empty() || body.find('\0') != body.size() - 1) return violation("invalid password packet size");
  if (body.size() == 1) return make_error(sqlstate::invalid_password, "empty password returned by client");
  return PasswordMessage{body.substr(0, body.size() - 1)};
}

Result<SASLInitialResponse> decode_sasl_initial_response(std::string_view body) {
  if (body.size() + 4 > kMaxSaslLength) return violation("invalid message length");
  ByteReader reader(body);
  SASLInitialResponse message;
  BULKHEAD_TRY(message.mechanism, reader.cstring());
  BULKHEAD_TRY(message.response, decode_value(reader));
  BULKHEAD_CHECK(reader.finished());
  return message;
}

Result<SASLResponse> decode_sasl_response(std::string_view body) {
  if (body.size() + 4 > kMaxSaslLength) return violation("invalid message length");
  return SASLResponse{body};
}

Result<CopyData> decode_copy_data(std::string_view body) { return CopyData{body}; }

Result<CopyFail> decode_copy_fail(std::string_view body) {
  ByteReader reader(body);
  BULKHEAD_TRY(const auto message, reader.cstring());
  BULKHEAD_CHECK(reader.finished());
  return CopyFail{message};
}

Result<FunctionCall> decode_function_call(std::string_view body) {
  ByteReader reader(body);
  BULKHEAD_TRY(const std::uint32_t function, reader.u32());
  return FunctionCall{function};
}

void encode(const Query& message, std::string& out) { FrameWriter(Query::kType, out).cstring(message.sql).finish(); }

void encode(const Parse& message, std::string& out) {
  FrameWriter writer(Parse::kType, out);
  writer.cstring(message.statement).cstring(message.query).count(message.parameter_types.size());
  for (const auto type : message.parameter_types) writer.integer(type);
  writer.finish();
}

void encode(const Bind& message, std::string& out) {
  FrameWriter writer(Bind::kType, out);
  writer.cstring(message.portal).cstring(message.statement);
  write_formats(writer, message.formats);
  writer.count(message.parameters.size());
  for (const auto& parameter : message.parameters) writer.value(parameter);
  write_formats(writer, message.result_formats);
  writer.finish();
}

void encode(const Describe& message, std::string& out) { encode_target(message, out); }
void encode(const Close& message, std::string& out) { encode_target(message, out); }

void encode(const Execute& message, std::string& out) {
  FrameWriter(Execute::kType, out).cstring(message.portal).integer(message.max_rows).finish();
}

void encode(const Sync&, std::string& out) { encode_empty<Sync>(out); }
void encode(const Flush&, std::string& out) { encode_empty<Flush>(out); }
void encode(const Terminate&, std::string& out) { encode_empty<Terminate>(out); }
void encode(const CopyDone&, std::string& out) { encode_empty<CopyDone>(out); }

void encode(const PasswordMessage& message, std::string& out) {
  FrameWriter(PasswordMessage::kType, out).cstring(message.password).finish();
}

void encode(const SASLInitialResponse& message, std::string& out) {
  FrameWriter(SASLInitialResponse::kType, out).cstring(message.mechanism).value(message.response).finish();
}

void encode(const SASLResponse& message, std::string& out) {
  FrameWriter(SASLResponse::kType, out).bytes(message.data).finish();
}

void encode(const CopyData& message, std::string& out) {
  FrameWriter(CopyData::kType, out).bytes(message.data).finish();
}

void encode(const CopyFail& message, std::string& out) {
  FrameWriter(CopyFail::kType, out).cstring(message.message).finish();
}

void encode_parse_renamed(std::string_view statement, std::string_view query, std::string_view types_rest,
                          std::string& out) {
  FrameWriter(Parse::kType, out).cstring(statement).cstring(query).bytes(types_rest).finish();
}

void encode_bind_renamed(std::string_view portal, std::string_view statement, std::string_view rest,
                         std::string& out) {
  FrameWriter(Bind::kType, out).cstring(portal).cstring(statement).bytes(rest).finish();
}

}  // namespace bulkhead::proto
