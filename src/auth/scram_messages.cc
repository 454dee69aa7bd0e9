#include "auth/scram_messages.h"

#include <algorithm>
#include <charconv>

#include "auth/crypto.h"

namespace bulkhead::auth {
namespace {

Error malformed(const char* detail) {
  return make_error(sqlstate::protocol_violation, "malformed SCRAM message", {}, detail);
}

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

/// Printable ASCII without comma (RFC 5802 §7); the comma has been cut away before.
Result<std::string_view> nonce(std::string_view text) {
  if (text.empty()) return malformed("the nonce is empty");
  if (!printable(text) || text.find(' ') != std::string_view::npos) return malformed("the nonce is not printable");
  return text;
}

Result<void> bounded(std::string_view message) {
  if (message.empty()) return malformed("the message is empty");
  if (message.size() > kMaximumMessage) return malformed("the message is too long");
  if (message.find('\0') != std::string_view::npos) return malformed("the message holds a zero byte");
  return {};
}

struct Attribute {
  char name = 0;
  std::string_view value;
};

/// Reads `x=value` pairs between commas, in the order the caller expects them.
class Attributes {
 public:
  explicit Attributes(std::string_view message) : message_(message) {}

  bool more() const { return position_ <= message_.size(); }
  /// Where the next attribute begins.
  std::size_t position() const { return position_; }

  Result<Attribute> any() {
    if (!more()) return malformed("an attribute is missing");
    const auto end = std::min(message_.find(',', position_), message_.size());
    const auto text = message_.substr(position_, end - position_);
    position_ = end + 1;
    const bool letter = !text.empty() && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z'));
    if (!letter || text.size() < 2 || text[1] != '=') return malformed("expected an attribute");
    if (text[0] == 'm')
      return make_error(sqlstate::feature_not_supported,
                        "the SCRAM exchange requires an extension that is not supported");
    return Attribute{text[0], text.substr(2)};
  }

  Result<std::string_view> named(char name) {
    BULKHEAD_TRY(const auto attribute, any());
    if (attribute.name != name) return malformed("the attributes are not those expected, or out of order");
    return attribute.value;
  }

  /// Extensions that are not mandatory are ignored (RFC 5802 §5.1).
  Result<void> only_extensions_left() {
    while (more()) BULKHEAD_CHECK(any());
    return {};
  }

 private:
  std::string_view message_;
  std::size_t position_ = 0;
};

}  // namespace

Result<ClientFirst> parse_client_first(std::string_view message) {
  BULKHEAD_CHECK(bounded(message));
  ClientFirst first;
  first.binding = message[0];
  if (first.binding != 'n' && first.binding != 'y' && first.binding != 'p')
    return malformed("unknown channel binding flag");
  if (first.binding == 'p' && !message.starts_with(std::string(kEndPointBinding) + ","))
    return make_error(sqlstate::protocol_violation, "unsupported SCRAM channel-binding type");
  const std::size_t flag = first.binding == 'p' ? kEndPointBinding.size() : 1;
  if (message.size() < flag + 2 || message[flag] != ',')
    return malformed("expected a comma behind the channel binding flag");
  if (message[flag + 1] == 'a')
    return make_error(sqlstate::feature_not_supported,
                      "the client asks to act as another user, which is not supported");
  if (message[flag + 1] != ',') return malformed("unexpected attribute in the header");
  first.gs2_header = message.substr(0, flag + 2);
  first.bare = message.substr(flag + 2);

  Attributes attributes(first.bare);
  BULKHEAD_CHECK(attributes.named('n'));
  BULKHEAD_TRY(const auto text, attributes.named('r'));
  BULKHEAD_TRY(first.nonce, nonce(text));
  BULKHEAD_CHECK(attributes.only_extensions_left());
  return first;
}

Result<ServerFirst> parse_server_first(std::string_view message) {
  BULKHEAD_CHECK(bounded(message));
  Attributes attributes(message);
  ServerFirst first;
  BULKHEAD_TRY(const auto text, attributes.named('r'));
  BULKHEAD_TRY(first.nonce, nonce(text));
  BULKHEAD_TRY(const auto encoded_salt, attributes.named('s'));
  auto salt = base64_decode(encoded_salt);
  if (!salt || salt->empty()) return malformed("the salt is not base64");
  first.salt = std::move(*salt);
  BULKHEAD_TRY(const auto iterations, attributes.named('i'));
  const auto* end = iterations.data() + iterations.size();
  const auto [stop, problem] = std::from_chars(iterations.data(), end, first.iterations);
  if (problem != std::errc() || stop != end || first.iterations < 1)
    return malformed("the iteration count is not a positive number");
  BULKHEAD_CHECK(attributes.only_extensions_left());
  return first;
}

Result<ClientFinal> parse_client_final(std::string_view message) {
  BULKHEAD_CHECK(bounded(message));
  Attributes attributes(message);
  ClientFinal last;
  BULKHEAD_TRY(const auto encoded_binding, attributes.named('c'));
  auto binding = base64_decode(encoded_binding);
  if (!binding) return malformed("the channel binding is not base64");
  last.binding = std::move(*binding);
  BULKHEAD_TRY(const auto text, attributes.named('r'));
  BULKHEAD_TRY(last.nonce, nonce(text));
  while (true) {
    const auto begin = attributes.position();
    BULKHEAD_TRY(const auto attribute, attributes.any());
    if (attribute.name != 'p') continue;
    auto proof = base64_decode(attribute.value);
    if (!proof || proof->size() != kSha256Size) return malformed("the proof is not base64 of 32 bytes");
    if (attributes.more()) return malformed("something follows the proof");
    last.proof = std::move(*proof);
    last.without_proof = message.substr(0, begin - 1);
    return last;
  }
}

Result<std::string> parse_server_final(std::string_view message) {
  BULKHEAD_CHECK(bounded(message));
  Attributes attributes(message);
  BULKHEAD_TRY(const auto attribute, attributes.any());
  BULKHEAD_CHECK(attributes.only_extensions_left());
  if (attribute.name == 'e')
    return make_error(sqlstate::invalid_password, "the server refused the SCRAM proof", {},
                      printable(attribute.value) ? std::string(attribute.value) : std::string());
  if (attribute.name != 'v') return malformed("expected the server's signature or an error");
  auto signature = base64_decode(attribute.value);
  if (!signature || signature->size() != kSha256Size) return malformed("the signature is not base64 of 32 bytes");
  return std::move(*signature);
}

std::string auth_message(std::string_view client_first_bare, std::string_view server_first,
                         std::string_view client_final_without_proof) {
  std::string message;
  message.reserve(client_first_bare.size() + server_first.size() + client_final_without_proof.size() + 2);
  message.append(client_first_bare).append(",").append(server_first).append(",").append(client_final_without_proof);
  return message;
}

}  // namespace bulkhead::auth
