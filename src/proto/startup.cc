#include "proto/startup.h"

#include <algorithm>

#include "base/bytes.h"
#include "proto/frame_writer.h"
#include "proto/limits.h"

namespace bulkhead::proto {
namespace {

// Versions nobody will ever have stand for the requests (pqcomm.h).
constexpr std::int32_t kCancelRequestCode = protocol_version(1234, 5678);
constexpr std::int32_t kNegotiateSslCode = protocol_version(1234, 5679);
constexpr std::int32_t kNegotiateGssCode = protocol_version(1234, 5680);
constexpr std::string_view kExtensionPrefix = "_pq_.";

Error violation(std::string message) { return make_error(sqlstate::protocol_violation, std::move(message)); }
Error invalid_length() { return violation("invalid length of startup packet"); }

int major_of(std::int32_t protocol) { return static_cast<int>(static_cast<std::uint32_t>(protocol) >> 16); }
int minor_of(std::int32_t protocol) { return protocol & 0xffff; }

Result<CancelRequest> decode_cancel(ByteReader reader) {
  BULKHEAD_TRY(const std::int32_t process_id, reader.i32());
  const std::string_view key = reader.rest();
  if (key.size() < kMinCancelKey || key.size() > kMaxCancelKey) return invalid_length();
  return CancelRequest{process_id, key};
}

void set_last(Parameters& parameters, std::string_view name, std::string_view value) {
  const auto same =
      std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.first == name; });
  if (same != parameters.end()) parameters.erase(same);
  parameters.emplace_back(name, value);
}

/// Names and values up to the empty name, which must be the packet's last byte. A name without a value, or a string
/// without an end, leaves the terminator elsewhere and is the same error, as in ProcessStartupPacket.
Result<Parameters> decode_parameters(ByteReader reader) {
  Parameters parameters;
  while (reader.remaining() > 0) {
    const auto name = reader.cstring();
    if (!name) break;
    if (name->empty()) {
      if (reader.remaining() > 0) break;
      return parameters;
    }
    const auto value = reader.cstring();
    if (!value) break;
    set_last(parameters, *name, *value);
  }
  return violation("invalid startup packet layout: expected terminator as last byte");
}

template <class Write>
Result<void> write_packet(std::string& out, Write&& write) {
  const std::size_t begin = out.size();
  ByteWriter writer(out);
  writer.i32(0);
  write(writer);
  const std::size_t length = out.size() - begin;
  if (length > kMaxStartupLength) {
    out.resize(begin);
    return make_error(sqlstate::program_limit_exceeded, "startup packet too long");
  }
  writer.patch_i32(begin, static_cast<std::int32_t>(length));
  return {};
}

}  // namespace

const std::string* StartupMessage::find(std::string_view name) const {
  for (const auto& [key, value] : parameters)
    if (key == name) return &value;
  return nullptr;
}

Result<std::optional<std::size_t>> peek_startup(std::string_view bytes) {
  if (bytes.size() < 4) return std::optional<std::size_t>{};
  BULKHEAD_TRY(const std::uint32_t length, ByteReader(bytes).u32());
  // MAX_STARTUP_PACKET_LENGTH does not count the length field.
  if (length < 8 || length - 4 > kMaxStartupLength) return invalid_length();
  return std::optional<std::size_t>{length};
}

Result<StartupPacket> decode_startup(std::string_view packet) {
  BULKHEAD_TRY(const auto length, peek_startup(packet));
  if (!length || *length != packet.size()) return invalid_length();
  ByteReader reader(packet.substr(4));
  BULKHEAD_TRY(const std::int32_t protocol, reader.i32());

  if (protocol == kCancelRequestCode) {
    BULKHEAD_TRY(auto cancel, decode_cancel(reader));
    return StartupPacket{cancel};
  }
  if (protocol == kNegotiateSslCode || protocol == kNegotiateGssCode) {
    if (reader.remaining() > 0) return invalid_length();
    return protocol == kNegotiateSslCode ? StartupPacket{SSLRequest{}} : StartupPacket{GSSENCRequest{}};
  }
  if (major_of(protocol) != 3)
    return make_error(sqlstate::feature_not_supported,
                      "unsupported frontend protocol " + std::to_string(major_of(protocol)) + "." +
                          std::to_string(minor_of(protocol)) + ": server supports 3.0 to 3.2");

  BULKHEAD_TRY(auto parameters, decode_parameters(reader));
  StartupMessage message{protocol, std::move(parameters)};
  const std::string* user = message.find("user");
  if (user == nullptr || user->empty())
    return make_error(sqlstate::invalid_authorization_specification,
                      "no PostgreSQL user name specified in startup packet");
  return StartupPacket{std::move(message)};
}

Result<void> encode_startup(const Parameters& parameters, std::string& out, std::int32_t protocol) {
  for (const auto& [name, value] : parameters)
    if (name.empty() || name.find('\0') != std::string::npos || value.find('\0') != std::string::npos)
      return make_error(sqlstate::invalid_parameter_value, "startup parameter with an empty name or a NUL");
  return write_packet(out, [&](ByteWriter& writer) {
    writer.i32(protocol);
    for (const auto& [name, value] : parameters) {
      writer.cstring(name);
      writer.cstring(value);
    }
    writer.u8(0);
  });
}

Result<void> encode_cancel_request(std::int32_t process_id, std::string_view key, std::string& out) {
  if (key.size() < kMinCancelKey || key.size() > kMaxCancelKey)
    return make_error(sqlstate::invalid_parameter_value, "cancel keys have 4 to 256 bytes");
  return write_packet(out, [&](ByteWriter& writer) {
    writer.i32(kCancelRequestCode);
    writer.i32(process_id);
    writer.bytes(key);
  });
}

void encode_ssl_request(std::string& out) {
  ByteWriter writer(out);
  writer.i32(8);
  writer.i32(kNegotiateSslCode);
}

std::int32_t negotiated_protocol(const StartupMessage& message) { return std::min(message.protocol, kProtocol32); }

std::optional<NegotiateProtocolVersion> negotiate(const StartupMessage& message) {
  NegotiateProtocolVersion answer{negotiated_protocol(message), {}};
  for (const auto& [name, value] : message.parameters)
    if (name.starts_with(kExtensionPrefix)) answer.unsupported_options.push_back(name);
  if (message.protocol <= kProtocol32 && answer.unsupported_options.empty()) return std::nullopt;
  return answer;
}

Result<NegotiateProtocolVersion> decode_negotiate_protocol_version(std::string_view body) {
  ByteReader reader(body);
  NegotiateProtocolVersion message;
  BULKHEAD_TRY(message.protocol, reader.i32());
  BULKHEAD_TRY(const std::int32_t count, reader.i32());
  if (count < 0 || static_cast<std::size_t>(count) > reader.remaining()) return violation("invalid message format");
  message.unsupported_options.reserve(static_cast<std::size_t>(count));
  for (std::int32_t i = 0; i < count; ++i) {
    BULKHEAD_TRY(const auto name, reader.cstring());
    message.unsupported_options.emplace_back(name);
  }
  BULKHEAD_CHECK(reader.finished());
  return message;
}

void encode(const NegotiateProtocolVersion& message, std::string& out) {
  FrameWriter writer('v', out);
  writer.integer(message.protocol).integer(static_cast<std::int32_t>(message.unsupported_options.size()));
  for (const auto& name : message.unsupported_options) writer.cstring(name);
  writer.finish();
}

}  // namespace bulkhead::proto
