#include "proto/frame.h"

#include <string>

namespace bulkhead::proto::detail {
namespace {

constexpr LengthLimits limits(std::string_view few_bytes, std::uint32_t few, std::string_view many_bytes,
                              std::uint32_t many) {
  LengthLimits table{};
  for (const char type : few_bytes) table[static_cast<unsigned char>(type)] = few;
  for (const char type : many_bytes) table[static_cast<unsigned char>(type)] = many;
  return table;
}

}  // namespace

// Frontend: SocketBackend, postgres.c. Backend: the messages of the manual, the long ones as VALID_LONG_MESSAGE_TYPE
// of fe-protocol3.c has them, and ParameterDescription, which 65535 parameters make longer than that.
const std::array<LengthLimits, 3> kLengthLimits{
    limits("", 0, "p", kMaxPasswordLength),
    limits("CDEHSXcf", kSmallMessageLimit, "QPBFd", kLargeMessageLimit),
    limits("RKSZC123nsIGHWcv", kShortBackendLimit, "TDdVENAt", kLongBackendLimit),
};

Error unknown_type(unsigned char type, Direction direction) {
  const std::string number = std::to_string(type);
  switch (direction) {
    case Direction::login:
      return make_error(sqlstate::protocol_violation, "expected password response, got message type " + number);
    case Direction::frontend:
      return make_error(sqlstate::protocol_violation, "invalid frontend message type " + number);
    case Direction::backend:
      return make_error(sqlstate::protocol_violation, "invalid backend message type " + number);
  }
  return make_error(sqlstate::protocol_violation, "invalid message type " + number);
}

Error invalid_length() { return make_error(sqlstate::protocol_violation, "invalid message length"); }

}  // namespace bulkhead::proto::detail
