// Every decoder of what servers send, by its type byte.
#include "proto/backend.h"

#include "exact.h"

using namespace bulkhead::proto;

namespace {

void authentication(std::string_view body) {
  const auto message = decode_authentication(body);
  if (!message) return;
  std::visit(
      [&](const auto& m) {
        using Message = std::decay_t<decltype(m)>;
        if constexpr (!std::is_same_v<Message, AuthenticationUnsupported>) exact(bulkhead::Result<Message>(m), body);
      },
      *message);
}

void report(std::string_view body) {
  const auto error = decode_error_response(body);
  if (!error) return;
  must(error->sqlstate().size() == 5 && error->position() >= 0, "there is an answer for every field");
  std::string out;
  encode(*error, out);
  must(out.substr(5) == body, "a report is written as it was read");
}

}  // namespace

FUZZ(bytes) {
  if (bytes.empty()) return;
  const auto body = bytes.substr(1);
  switch (bytes[0]) {
    case 'R':
      return authentication(body);
    case 'K':
      return exact(decode_backend_key_data(body), body);
    case 'S':
      return exact(decode_parameter_status(body), body);
    case 'Z':
      return exact(decode_ready_for_query(body), body);
    case 'E':
      report(body);
      return exact(decode_error_response(body), body);
    case 'N':
      return exact(decode_notice_response(body), body);
    case 'T':
      return exact(decode_row_description(body), body);
    case 'D':
      return exact(decode_data_row(body), body);
    case 'C':
      return exact(decode_command_complete(body), body);
    case 'I':
      return exact(decode_empty_query_response(body), body);
    case '1':
      return exact(decode_parse_complete(body), body);
    case '2':
      return exact(decode_bind_complete(body), body);
    case '3':
      return exact(decode_close_complete(body), body);
    case 'n':
      return exact(decode_no_data(body), body);
    case 's':
      return exact(decode_portal_suspended(body), body);
    case 't':
      return exact(decode_parameter_description(body), body);
    case 'G':
      return exact(decode_copy_in_response(body), body);
    case 'H':
      return exact(decode_copy_out_response(body), body);
    case 'W':
      return exact(decode_copy_both_response(body), body);
    case 'A':
      return exact(decode_notification_response(body), body);
    case 'V':
      return exact(decode_function_call_response(body), body);
    case 'v':
      return exact(decode_negotiate_protocol_version(body), body);
  }
}
