#include "pool/server_login.h"

#include "auth/md5_password.h"
#include "proto/backend.h"
#include "proto/frontend.h"

namespace bulkhead::pool {
namespace {

std::string quoted_identifier(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

Error unexpected(char type) {
  return make_error(sqlstate::protocol_violation,
                    "the server sent an unexpected message of type " + std::to_string(static_cast<unsigned char>(type)) +
                        " during login");
}

Error server_says(std::string_view body) {
  const auto report = proto::decode_error_response(body);
  if (!report) return make_error(sqlstate::connection_failure, "the server refused the login with a malformed error");
  // The SQLSTATE of the server's own refusal (28P01 and so on) is about our login, not about the client's; but that it has no room
  // passes.
  const bool full = report->sqlstate() == sqlstate::too_many_connections.text();
  return make_error(full ? sqlstate::too_many_connections : sqlstate::connection_failure, "the server refused the login: " + std::string(report->message()),
                    {}, "SQLSTATE " + std::string(report->sqlstate()));
}

}  // namespace

proto::Parameters startup_parameters(const policy::Policy& policy, const policy::Server& server,
                                     const policy::Tenant* tenant) {
  std::string path;
  for (const auto& schema : policy.tenancy.search_path) path += quoted_identifier(schema) + ", ";
  path += "pg_temp";
  proto::Parameters parameters{
      {"user", server.user},
      {"database", server.database},
      {"client_encoding", "UTF8"},
      {"standard_conforming_strings", "on"},
      {"row_security", "on"},
      {"search_path", path},
  };
  if (tenant) parameters.emplace_back(policy.tenancy.session_variable, tenant->org);
  return parameters;
}

bool keeps_pins(std::string_view name, std::string_view value) {
  if (name == "standard_conforming_strings") return value == "on";
  if (name == "client_encoding") return value == "UTF8";
  return true;
}

ServerLogin::ServerLogin(std::string user, Secret password, auth::ClientChannel channel, const auth::NonceSource& nonce)
    : user_(std::move(user)), password_(std::move(password)), channel_(std::move(channel)), scram_(nonce, channel_) {}

Result<ServerLogin::Step> ServerLogin::on_frame(char type, std::string_view body) {
  switch (type) {
    case 'R': return on_authentication(body);
    case 'E': refused_ = true; return server_says(body);
    case 'N': return Step(Continue{});
    case 'v': return Step(Continue{});  // we asked for 3.0 and no option: there is nothing to negotiate down
    case 'S': {
      if (!authenticated_) return unexpected(type);
      BULKHEAD_TRY(const auto status, proto::decode_parameter_status(body));
      if (!keeps_pins(status.name, status.value))
        return make_error(sqlstate::connection_failure,
                          "the server insists on " + std::string(status.name) + " = " + std::string(status.value));
      result_.parameters.note(status.name, status.value);
      return Step(Continue{});
    }
    case 'K': {
      if (!authenticated_) return unexpected(type);
      BULKHEAD_TRY(const auto key, proto::decode_backend_key_data(body));
      result_.process_id = key.process_id;
      result_.cancel_key = std::string(key.key);
      return Step(Continue{});
    }
    case 'Z': {
      if (!authenticated_) return unexpected(type);
      BULKHEAD_TRY(const auto ready, proto::decode_ready_for_query(body));
      if (ready.status != 'I') return unexpected(type);
      BULKHEAD_CHECK(check_encoding());
      return Step(std::move(result_));
    }
    default: return unexpected(type);
  }
}

/// Of a single-byte encoding the server folds letters beyond ASCII in unquoted names by its locale (downcase_identifier, scansup.c),
/// and of any but UTF-8 it cuts long names elsewhere: its names would not be those that statements were judged by.
Result<void> ServerLogin::check_encoding() const {
  const auto encoding = result_.parameters.find("server_encoding");
  if (encoding == "UTF8") return {};
  return make_error(sqlstate::connection_failure,
                    "the database's encoding is " +
                        std::string(encoding.value_or("not known")) +
                        ", not UTF8: it would read names in statements otherwise than Bulkhead",
                    "Move the data into a database with ENCODING 'UTF8'; no configuration allows others.");
}

Result<ServerLogin::Step> ServerLogin::on_authentication(std::string_view body) {
  BULKHEAD_TRY(const auto request, proto::decode_authentication(body));
  if (authenticated_) return unexpected('R');
  if (std::holds_alternative<proto::AuthenticationOk>(request)) {
    // A server that skips the proof of its own knowledge of the password may be somebody else.
    if (scram_started_ && !scram_.finished())
      return make_error(sqlstate::connection_failure, "the server ended the SCRAM exchange without proving its identity");
    authenticated_ = true;
    return Step(Continue{});
  }
  std::string send;
  if (const auto* sasl = std::get_if<proto::AuthenticationSASL>(&request)) {
    if (asked_) return unexpected('R');
    asked_ = scram_started_ = true;
    BULKHEAD_TRY(const auto mechanism, auth::choose_mechanism({sasl->mechanisms.begin(), sasl->mechanisms.end()}, channel_));
    BULKHEAD_TRY(const auto first, scram_.first(mechanism));
    proto::encode(proto::SASLInitialResponse{mechanism, first}, send);
    return Step(Continue{std::move(send)});
  }
  if (const auto* more = std::get_if<proto::AuthenticationSASLContinue>(&request)) {
    if (!scram_started_) return unexpected('R');
    BULKHEAD_TRY(auto need, scram_.on_server_first(more->data));
    return Step(DeriveKeys{std::move(need)});
  }
  if (const auto* last = std::get_if<proto::AuthenticationSASLFinal>(&request)) {
    if (!scram_started_) return unexpected('R');
    BULKHEAD_CHECK(scram_.on_server_final(last->data));
    return Step(Continue{});
  }
  if (asked_) return unexpected('R');
  asked_ = true;
  if (const auto* md5 = std::get_if<proto::AuthenticationMD5Password>(&request)) {
    BULKHEAD_TRY(const auto answer, auth::md5_password(password_, user_, {md5->salt.data(), md5->salt.size()}));
    proto::encode(proto::PasswordMessage{answer}, send);
    return Step(Continue{std::move(send)});
  }
  if (std::holds_alternative<proto::AuthenticationCleartextPassword>(request)) {
    proto::encode(proto::PasswordMessage{password_.reveal()}, send);
    return Step(Continue{std::move(send)});
  }
  return make_error(sqlstate::connection_failure, "the server asks for an authentication method that is not spoken here");
}

Result<ServerLogin::Step> ServerLogin::on_keys(const auth::ScramKeys& keys) {
  BULKHEAD_TRY(const auto final, scram_.final(keys));
  std::string send;
  proto::encode(proto::SASLResponse{final}, send);
  return Step(Continue{std::move(send)});
}

}  // namespace bulkhead::pool
