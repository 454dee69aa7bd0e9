#include "auth/scram_server.h"

#include <utility>

#include "auth/crypto.h"
#include "auth/scram_messages.h"

namespace bulkhead::auth {
namespace {

Error out_of_order() { return make_error(sqlstate::protocol_violation, "unexpected SCRAM message"); }

}  // namespace

ScramServer::ScramServer(ScramVerifier verifier, const NonceSource& nonce, std::string end_point)
    : verifier_(std::move(verifier)), server_nonce_(nonce()), end_point_(std::move(end_point)) {}

Result<std::string> ScramServer::on_first(std::string_view client_first, bool plus) {
  const bool expected = state_ == State::expects_first;
  state_ = State::finished;  // unless this message is in order
  if (!expected) return out_of_order();
  BULKHEAD_TRY(const auto first, parse_client_first(client_first));
  // The three cases of PostgreSQL's read_client_first_message (auth-scram.c).
  if (plus && first.binding != 'p')
    return make_error(sqlstate::protocol_violation,
                      "the client chose SCRAM-SHA-256-PLUS, but its message binds to no channel");
  if (!plus && first.binding == 'p')
    return make_error(sqlstate::protocol_violation, "the client requires channel binding, which this mechanism has not",
                      "Connect over TLS, or with channel_binding=prefer.");
  if (first.binding == 'y' && !end_point_.empty())
    return make_error(sqlstate::invalid_authorization_specification, "SCRAM channel binding negotiation error", {},
                      "The client supports channel binding but thinks that it was not offered, and it was: somebody in "
                      "between may have changed the offer.");
  gs2_header_ = first.gs2_header;
  client_first_bare_ = first.bare;
  nonce_ = std::string(first.nonce) + server_nonce_;
  server_first_ =
      "r=" + nonce_ + ",s=" + base64_encode(verifier_.salt) + ",i=" + std::to_string(verifier_.iterations);
  state_ = State::expects_final;
  return server_first_;
}

Result<ScramServer::Outcome> ScramServer::on_final(std::string_view client_final) {
  const bool expected = state_ == State::expects_final;
  state_ = State::finished;
  if (!expected) return out_of_order();
  BULKHEAD_TRY(const auto last, parse_client_final(client_final));
  const bool bound = gs2_header_.starts_with('p');
  if (last.binding != (bound ? gs2_header_ + end_point_ : gs2_header_))
    return bound ? make_error(sqlstate::invalid_authorization_specification, "SCRAM channel binding check failed", {},
                              "The client talks TLS with somebody else's certificate.")
                 : make_error(sqlstate::protocol_violation, "SCRAM channel binding does not match the first message");
  if (last.nonce != nonce_) return make_error(sqlstate::protocol_violation, "SCRAM nonce does not match");

  const auto message = auth_message(client_first_bare_, server_first_, last.without_proof);
  const Secret client_key(exclusive_or(last.proof, hmac_sha256(verifier_.stored_key, message)));
  const bool proven = constant_time_equal(sha256(client_key.reveal()), verifier_.stored_key);
  auto server_final = "v=" + base64_encode(hmac_sha256(verifier_.server_key, message));
  if (!proven) server_final.clear();  // nobody else may learn our signature
  return Outcome{proven, std::move(server_final)};
}

}  // namespace bulkhead::auth
