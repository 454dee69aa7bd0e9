#include "auth/scram_client.h"

#include <algorithm>
#include <utility>

#include "auth/crypto.h"
#include "auth/saslprep.h"
#include "auth/scram_messages.h"

namespace bulkhead::auth {
ScramKeys derive_keys(const Secret& password, std::string_view salt, int iterations) {
  const Secret salted(pbkdf2_sha256(saslprep(password).reveal(), salt, iterations));
  return {Secret(hmac_sha256(salted.reveal(), "Client Key")), Secret(hmac_sha256(salted.reveal(), "Server Key"))};
}

Result<std::string> choose_mechanism(const std::vector<std::string>& offered, const ClientChannel& channel) {
  const auto offers = [&](std::string_view name) { return std::find(offered.begin(), offered.end(), name) != offered.end(); };
  if (offers(kScramSha256Plus) && !channel.tls)
    return make_error(sqlstate::connection_failure, "the server offers SCRAM-SHA-256-PLUS over a connection without TLS",
                      "Somebody between may have taken TLS away.");
  if (offers(kScramSha256Plus) && !channel.end_point.empty()) return std::string(kScramSha256Plus);
  if (offers(kScramSha256)) return std::string(kScramSha256);
  return make_error(sqlstate::feature_not_supported, "the server offers no SASL mechanism that is supported",
                    "Let the server's pg_hba.conf ask this login for scram-sha-256.");
}

ScramClient::ScramClient(const NonceSource& nonce, ClientChannel channel)
    : channel_(std::move(channel)), client_nonce_(nonce()) {}

Result<void> ScramClient::enter(State expected) {
  if (std::exchange(state_, State::failed) == expected) return {};
  return make_error(sqlstate::protocol_violation, "unexpected SASL message from the server");
}

Result<std::string> ScramClient::first(std::string_view mechanism) {
  BULKHEAD_CHECK(enter(State::expects_start));
  // 'y': we could, and were not offered it. A server that did offer it then knows that the offer was changed.
  const std::string could = channel_.end_point.empty() ? "n" : "y";
  gs2_header_ = (mechanism == kScramSha256Plus ? std::string(kEndPointBinding) : could) + ",,";
  first_bare_ = "n=,r=" + client_nonce_;
  state_ = State::expects_server_first;
  return gs2_header_ + first_bare_;
}

Result<NeedKeys> ScramClient::on_server_first(std::string_view data) {
  BULKHEAD_CHECK(enter(State::expects_server_first));
  BULKHEAD_TRY(auto first, parse_server_first(data));
  // The server has to add something of its own, or an old exchange could be played to us again.
  if (!first.nonce.starts_with(client_nonce_) || first.nonce.size() == client_nonce_.size())
    return make_error(sqlstate::protocol_violation, "the server's SCRAM nonce does not continue ours");
  if (first.iterations < kMinimumIterations || first.iterations > kMaximumIterations)
    return make_error(sqlstate::invalid_authorization_specification,
                      "the server asks for " + std::to_string(first.iterations) + " SCRAM iterations; " +
                          std::to_string(kMinimumIterations) + " to " + std::to_string(kMaximumIterations) +
                          " are accepted",
                      "Set the password of this login again with PostgreSQL's default of 4096.");
  server_first_ = data;
  nonce_ = first.nonce;
  state_ = State::expects_keys;
  return NeedKeys{std::move(first.salt), first.iterations};
}

Result<std::string> ScramClient::final(const ScramKeys& keys) {
  BULKHEAD_CHECK(enter(State::expects_keys));
  const bool bound = gs2_header_.starts_with('p');
  const std::string without_proof = "c=" + base64_encode(bound ? gs2_header_ + channel_.end_point : gs2_header_) + ",r=" + nonce_;
  const auto message = auth_message(first_bare_, server_first_, without_proof);
  server_signature_ = hmac_sha256(keys.server_key.reveal(), message);
  const auto client_signature = hmac_sha256(sha256(keys.client_key.reveal()), message);
  state_ = State::expects_server_final;
  return without_proof + ",p=" + base64_encode(exclusive_or(keys.client_key.reveal(), client_signature));
}

Result<void> ScramClient::on_server_final(std::string_view data) {
  BULKHEAD_CHECK(enter(State::expects_server_final));
  BULKHEAD_TRY(const auto signature, parse_server_final(data));
  if (!constant_time_equal(signature, server_signature_))
    return make_error(sqlstate::connection_failure, "the server does not know the password of this login",
                      "Somebody may be posing as the server.");
  state_ = State::finished;
  return {};
}

}  // namespace bulkhead::auth
