#include "proto/trace.h"

#include <type_traits>

#include "base/bytes.h"
#include "proto/backend.h"
#include "proto/frontend.h"
#include "proto/startup.h"

namespace bulkhead::proto {
namespace {

constexpr std::string_view kHidden = " ***";

/// The fields of one line, each after a space, as fe-trace.c writes them.
class Line {
 public:
  Line& number(std::int64_t n) {
    text_ += " " + std::to_string(n);
    return *this;
  }
  Line& quoted(std::string_view s) { return escaped(s, '"'); }
  Line& bytes(std::string_view s) { return escaped(s, '\''); }
  Line& character(char c) { return bytes({&c, 1}); }
  /// A letter that says what follows; as a peer writes it, it may be any byte.
  Line& code(char c) { return c > 0x20 && c < 0x7f ? raw(" ").raw({&c, 1}) : character(c); }
  Line& raw(std::string_view s) {
    text_ += s;
    return *this;
  }
  template <class Optional>
  Line& value(const Optional& v) {
    return v ? number(static_cast<std::int64_t>(v->size())).bytes(*v) : number(-1);
  }
  template <class Numbers>
  Line& numbers(const Numbers& list) {
    number(static_cast<std::int64_t>(list.size()));
    for (const auto n : list) number(n);
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  Line& escaped(std::string_view s, char quote) {
    static constexpr char kHex[] = "0123456789abcdef";
    text_ += {' ', quote};
    for (const char c : s) {
      const auto u = static_cast<unsigned char>(c);
      if (u < 0x20 || u > 0x7e || c == '\\')
        text_ += {'\\', 'x', kHex[u >> 4], kHex[u & 15]};
      else
        text_.push_back(c);
    }
    text_.push_back(quote);
    return *this;
  }
  std::string text_;
};

void show(Line& line, const Query& m) { line.quoted(m.sql); }
void show(Line& line, const Parse& m) { line.quoted(m.statement).quoted(m.query).numbers(m.parameter_types); }
void show(Line& line, const Bind& m) {
  line.quoted(m.portal).quoted(m.statement).numbers(m.formats).number(static_cast<std::int64_t>(m.parameters.size()));
  for (const auto& parameter : m.parameters) line.value(parameter);
  line.numbers(m.result_formats);
}
void show(Line& line, const Describe& m) { line.code(m.kind).quoted(m.name); }
void show(Line& line, const Close& m) { line.code(m.kind).quoted(m.name); }
void show(Line& line, const Execute& m) { line.quoted(m.portal).number(m.max_rows); }
void show(Line& line, const CopyData& m) { line.bytes(m.data); }
void show(Line& line, const CopyFail& m) { line.quoted(m.message); }
void show(Line& line, const FunctionCall& m) { line.number(m.function); }

void show(Line& line, const Authentication& m) {
  struct Visitor {
    Line& line;
    void operator()(const AuthenticationOk&) { line.raw("Ok"); }
    void operator()(const AuthenticationCleartextPassword&) { line.raw("CleartextPassword"); }
    void operator()(const AuthenticationMD5Password&) { line.raw("MD5Password").raw(kHidden); }
    void operator()(const AuthenticationSASL& sasl) {
      line.raw("SASL");
      for (const auto name : sasl.mechanisms) line.quoted(name);
    }
    void operator()(const AuthenticationSASLContinue&) { line.raw("SASLContinue").raw(kHidden); }
    void operator()(const AuthenticationSASLFinal&) { line.raw("SASLFinal").raw(kHidden); }
    void operator()(const AuthenticationUnsupported& other) { line.raw("Unsupported").number(other.code); }
  };
  std::visit(Visitor{line}, m);
}
void show(Line& line, const BackendKeyData& m) { line.number(m.process_id).raw(kHidden); }
void show(Line& line, const ParameterStatus& m) { line.quoted(m.name).quoted(m.value); }
void show(Line& line, const ReadyForQuery& m) { line.code(m.status); }
void show(Line& line, const Report& m) {
  for (const auto& field : m.fields) line.code(field.code).quoted(field.value);
}
void show(Line& line, const RowDescription& m) {
  line.number(static_cast<std::int64_t>(m.fields.size()));
  for (const auto& f : m.fields)
    line.quoted(f.name)
        .number(f.table)
        .number(f.attribute)
        .number(f.type)
        .number(f.type_size)
        .number(f.type_modifier)
        .number(f.format);
}
void show(Line& line, const DataRow& m) {
  line.number(static_cast<std::int64_t>(m.values.size()));
  for (const auto& v : m.values) line.value(v);
}
void show(Line& line, const CommandComplete& m) { line.quoted(m.tag); }
void show(Line& line, const ParameterDescription& m) { line.numbers(m.types); }
void show(Line& line, const CopyFormats& m) { line.number(m.overall).numbers(m.columns); }
void show(Line& line, const NotificationResponse& m) {
  line.number(m.process_id).quoted(m.channel).quoted(m.payload);
}
void show(Line& line, const FunctionCallResponse& m) { line.value(m.value); }
void show(Line& line, const NegotiateProtocolVersion& m) {
  line.number(m.protocol).number(static_cast<std::int64_t>(m.unsupported_options.size()));
  for (const auto& name : m.unsupported_options) line.quoted(name);
}

template <class Message>
void decoded(Line& line, const char* name, const Result<Message>& message) {
  line.raw(name);
  if (!message)
    line.raw(" invalid: ").raw(message.error().message);
  else if constexpr (!std::is_empty_v<Message>)
    show(line, *message);
}

void frontend(Line& line, char type, std::string_view body) {
  switch (type) {
    case 'Q':
      return decoded(line, "Query\t", decode_query(body));
    case 'P':
      return decoded(line, "Parse\t", decode_parse(body));
    case 'B':
      return decoded(line, "Bind\t", decode_bind(body));
    case 'D':
      return decoded(line, "Describe\t", decode_describe(body));
    case 'C':
      return decoded(line, "Close\t", decode_close(body));
    case 'E':
      return decoded(line, "Execute\t", decode_execute(body));
    case 'S':
      return decoded(line, "Sync", decode_sync(body));
    case 'H':
      return decoded(line, "Flush", decode_flush(body));
    case 'X':
      return decoded(line, "Terminate", decode_terminate(body));
    case 'd':
      return decoded(line, "CopyData\t", decode_copy_data(body));
    case 'c':
      return decoded(line, "CopyDone", decode_copy_done(body));
    case 'f':
      return decoded(line, "CopyFail\t", decode_copy_fail(body));
    case 'F':
      return decoded(line, "FunctionCall\t", decode_function_call(body));
  }
}

void backend(Line& line, char type, std::string_view body) {
  switch (type) {
    case 'R':
      return decoded(line, "Authentication", decode_authentication(body));
    case 'K':
      return decoded(line, "BackendKeyData\t", decode_backend_key_data(body));
    case 'S':
      return decoded(line, "ParameterStatus\t", decode_parameter_status(body));
    case 'Z':
      return decoded(line, "ReadyForQuery\t", decode_ready_for_query(body));
    case 'E':
      return decoded(line, "ErrorResponse\t", decode_error_response(body));
    case 'N':
      return decoded(line, "NoticeResponse\t", decode_notice_response(body));
    case 'T':
      return decoded(line, "RowDescription\t", decode_row_description(body));
    case 'D':
      return decoded(line, "DataRow\t", decode_data_row(body));
    case 'C':
      return decoded(line, "CommandComplete\t", decode_command_complete(body));
    case 'I':
      return decoded(line, "EmptyQueryResponse", decode_empty_query_response(body));
    case '1':
      return decoded(line, "ParseComplete", decode_parse_complete(body));
    case '2':
      return decoded(line, "BindComplete", decode_bind_complete(body));
    case '3':
      return decoded(line, "CloseComplete", decode_close_complete(body));
    case 'n':
      return decoded(line, "NoData", decode_no_data(body));
    case 's':
      return decoded(line, "PortalSuspended", decode_portal_suspended(body));
    case 't':
      return decoded(line, "ParameterDescription\t", decode_parameter_description(body));
    case 'G':
      return decoded(line, "CopyInResponse\t", decode_copy_in_response(body));
    case 'H':
      return decoded(line, "CopyOutResponse\t", decode_copy_out_response(body));
    case 'W':
      return decoded(line, "CopyBothResponse\t", decode_copy_both_response(body));
    case 'd':
      return decoded(line, "CopyData\t", decode_copy_data(body));
    case 'c':
      return decoded(line, "CopyDone", decode_copy_done(body));
    case 'A':
      return decoded(line, "NotificationResponse\t", decode_notification_response(body));
    case 'V':
      return decoded(line, "FunctionCallResponse\t", decode_function_call_response(body));
    case 'v':
      return decoded(line, "NegotiateProtocolVersion\t", decode_negotiate_protocol_version(body));
  }
}

void startup(Line& line, const StartupPacket& packet) {
  struct Visitor {
    Line& line;
    void operator()(const StartupMessage& m) {
      line.raw("StartupMessage\t").number(m.protocol >> 16).number(m.protocol & 0xffff);
      for (const auto& [name, value] : m.parameters) line.quoted(name).quoted(value);
    }
    void operator()(const SSLRequest&) { line.raw("SSLRequest"); }
    void operator()(const GSSENCRequest&) { line.raw("GSSENCRequest"); }
    void operator()(const CancelRequest& m) { line.raw("CancelRequest\t").number(m.process_id).raw(kHidden); }
  };
  std::visit(Visitor{line}, packet);
}

}  // namespace

std::string trace(std::string_view frame, Direction direction) {
  Line line;
  line.raw(direction == Direction::backend ? "B\t" : "F\t");
  const auto header = peek_frame(frame, direction);
  if (!header) return line.raw("invalid: ").raw(header.error().message).take();
  if (!*header || (*header)->frame_length() != frame.size()) return line.raw("invalid: not one whole frame").take();
  line.raw(std::to_string((*header)->body_length + 4)).raw("\t");
  switch (direction) {
    case Direction::login:
      line.raw("AuthenticationResponse\t").raw(kHidden);
      break;
    case Direction::frontend:
      frontend(line, frame[0], body_of(frame));
      break;
    case Direction::backend:
      backend(line, frame[0], body_of(frame));
      break;
  }
  return line.take();
}

std::string trace_startup(std::string_view packet) {
  Line line;
  line.raw("F\t").raw(std::to_string(packet.size())).raw("\t");
  const auto decoded_packet = decode_startup(packet);
  if (decoded_packet)
    startup(line, *decoded_packet);
  else
    line.raw("invalid: ").raw(decoded_packet.error().message);
  return line.take();
}

}  // namespace bulkhead::proto
