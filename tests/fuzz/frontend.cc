// Every decoder of what clients send. The first byte picks it.
#include "proto/frontend.h"

#include "exact.h"

using namespace bulkhead::proto;

namespace {

void heads(std::string_view body) {
  const auto parse = decode_parse_head(body);
  must(bool(parse) == bool(decode_parse(body)), "both forms of Parse accept the same");
  if (parse) {
    std::string out;
    encode_parse_renamed(parse->statement, parse->query, parse->types_rest, out);
    must(out.substr(5) == body, "Parse under its own name is itself");
  }
  const auto bind = decode_bind_head(body);
  must(bool(bind) == bool(decode_bind(body)), "both forms of Bind accept the same");
  if (bind) {
    std::string out;
    encode_bind_renamed(bind->portal, bind->statement, bind->rest, out);
    must(out.substr(5) == body, "Bind under its own name is itself");
  }
}

}  // namespace

FUZZ(bytes) {
  if (bytes.empty()) return;
  const auto body = bytes.substr(1);
  heads(body);
  switch (bytes[0]) {
    case 'Q':
      return exact(decode_query(body), body);
    case 'P':
      return exact(decode_parse(body), body);
    case 'B':
      return exact(decode_bind(body), body);
    case 'D':
      return exact(decode_describe(body), body);
    case 'C':
      return exact(decode_close(body), body);
    case 'E':
      return exact(decode_execute(body), body);
    case 'S':
      return exact(decode_sync(body), body);
    case 'H':
      return exact(decode_flush(body), body);
    case 'X':
      return exact(decode_terminate(body), body);
    case 'd':
      return exact(decode_copy_data(body), body);
    case 'c':
      return exact(decode_copy_done(body), body);
    case 'f':
      return exact(decode_copy_fail(body), body);
    case 'F':
      decode_function_call(body);
      return;
    case 'p':
      return exact(decode_password(body), body);
    case 'i':
      return exact(decode_sasl_initial_response(body), body);
    case 'r':
      return exact(decode_sasl_response(body), body);
  }
}
