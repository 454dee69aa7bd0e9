#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// What a client sends after its StartupMessage. Names and fields as in the PostgreSQL manual, "Message Formats".
//
// decode_X takes a body (body_of a whole frame) and consumes all of it or gives an error, mostly 08P01, in
// PostgreSQL's words. With PostgreSQL such an error is of severity ERROR, and the session goes on. Views point into
// the body. encode appends a whole frame; see frame_writer.h for what it throws.

namespace bulkhead::proto {

struct Query {
  static constexpr char kType = 'Q';
  std::string_view sql;
};
struct Parse {
  static constexpr char kType = 'P';
  std::string_view statement;
  std::string_view query;
  std::vector<std::uint32_t> parameter_types;  ///< OIDs; 0 or too few: the server infers
};
struct Bind {
  static constexpr char kType = 'B';
  std::string_view portal;
  std::string_view statement;
  std::vector<std::int16_t> formats;  ///< none: text; one: for all; else one each
  std::vector<std::optional<std::string_view>> parameters;
  std::vector<std::int16_t> result_formats;
};
struct Describe {
  static constexpr char kType = 'D';
  char kind = 'S';  ///< 'S'tatement or 'P'ortal
  std::string_view name;
};
struct Close {
  static constexpr char kType = 'C';
  char kind = 'S';
  std::string_view name;
};
struct Execute {
  static constexpr char kType = 'E';
  std::string_view portal;
  std::int32_t max_rows = 0;  ///< 0 or less: all
};
struct Sync {
  static constexpr char kType = 'S';
};
struct Flush {
  static constexpr char kType = 'H';
};
struct Terminate {
  static constexpr char kType = 'X';
};
/// The three meanings of 'p' during login; which one is due follows from the request before it.
struct PasswordMessage {
  static constexpr char kType = 'p';
  std::string_view password;
};
struct SASLInitialResponse {
  static constexpr char kType = 'p';
  std::string_view mechanism;
  std::optional<std::string_view> response;
};
struct SASLResponse {
  static constexpr char kType = 'p';
  std::string_view data;
};
struct CopyData {
  static constexpr char kType = 'd';
  std::string_view data;
};
struct CopyDone {
  static constexpr char kType = 'c';
};
struct CopyFail {
  static constexpr char kType = 'f';
  std::string_view message;
};
/// Only enough to refuse it: a call by OID passes no text that could be judged. There is no encoder.
struct FunctionCall {
  static constexpr char kType = 'F';
  std::uint32_t function = 0;
};

Result<Query> decode_query(std::string_view body);
Result<Parse> decode_parse(std::string_view body);
Result<Bind> decode_bind(std::string_view body);
Result<Describe> decode_describe(std::string_view body);
Result<Close> decode_close(std::string_view body);
Result<Execute> decode_execute(std::string_view body);
Result<Sync> decode_sync(std::string_view body);
Result<Flush> decode_flush(std::string_view body);
Result<Terminate> decode_terminate(std::string_view body);
Result<PasswordMessage> decode_password(std::string_view body);
Result<SASLInitialResponse> decode_sasl_initial_response(std::string_view body);
Result<SASLResponse> decode_sasl_response(std::string_view body);
Result<CopyData> decode_copy_data(std::string_view body);
Result<CopyDone> decode_copy_done(std::string_view body);
Result<CopyFail> decode_copy_fail(std::string_view body);
Result<FunctionCall> decode_function_call(std::string_view body);

void encode(const Query& message, std::string& out);
void encode(const Parse& message, std::string& out);
void encode(const Bind& message, std::string& out);
void encode(const Describe& message, std::string& out);
void encode(const Close& message, std::string& out);
void encode(const Execute& message, std::string& out);
void encode(const Sync& message, std::string& out);
void encode(const Flush& message, std::string& out);
void encode(const Terminate& message, std::string& out);
void encode(const PasswordMessage& message, std::string& out);
void encode(const SASLInitialResponse& message, std::string& out);
void encode(const SASLResponse& message, std::string& out);
void encode(const CopyData& message, std::string& out);
void encode(const CopyDone& message, std::string& out);
void encode(const CopyFail& message, std::string& out);

/// Parse and Bind for the hot path: the whole body is validated exactly as by decode_parse and decode_bind, nothing
/// is allocated, and what follows the names stays bytes that can be sent on.
struct ParseHead {
  std::string_view statement;
  std::string_view query;
  std::string_view types_rest;  ///< count and OIDs
  std::uint16_t type_count = 0;
};
struct BindHead {
  std::string_view portal;
  std::string_view statement;
  std::string_view rest;  ///< everything after the names
  std::uint16_t parameter_count = 0;
};
Result<ParseHead> decode_parse_head(std::string_view body);
Result<BindHead> decode_bind_head(std::string_view body);

/// The same message under other names. `types_rest` and `rest` are of a head that was decoded.
void encode_parse_renamed(std::string_view statement, std::string_view query, std::string_view types_rest,
                          std::string& out);
void encode_bind_renamed(std::string_view portal, std::string_view statement, std::string_view rest,
                         std::string& out);

}  // namespace bulkhead::proto
