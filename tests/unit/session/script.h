#pragma once

// A conversation as a script: what the client says, what reaches the server, what the server answers, what reaches the
// client. Lines are messages in the form of proto::trace without direction and length:
//
//   script.client(query("SELECT 1")).to_server({"Query\t \"SELECT 1\""}).server({row(), complete("SELECT 1"), ready('I')})
//
// The rewriter, the catalogue and the policy are the real ones.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "auth/credentials.h"
#include "auth/scram_client.h"
#include "auth/server_side_login.h"
#include "policy/catalogue.h"
#include "policy/load.h"
#include "proto/backend.h"
#include "proto/frontend.h"
#include "proto/trace.h"
#include "session/conversation.h"

namespace bulkhead::session::test {

inline const char* const kPolicy = R"(
version: 1
listen: [{ address: 127.0.0.1:6432 }]
servers: { main: { hosts: [127.0.0.1:5432], database: app, login: { user: app_rw, password: x } } }
tenants: { acme: { org: 1 } }
users: { u: { tenant: acme, password: { plain: x } } }
tenancy: { lock_secret: of the session tests, temporary_tables: allow }
limits: { statement_size: 4KiB }
)";
inline const char* const kCatalogue = R"(
version: 150020
relations:
  public.t: { kind: table, columns: { id: int8, org_id: int8 } }
)";
/// What `SELECT id FROM t` becomes for acme.
inline const std::string kRewritten =
    R"(SELECT id FROM "public".t WHERE "t"."org_id" OPERATOR(pg_catalog.=) '1'::pg_catalog.int8)";

/// A completed login: the only way to an Identity.
inline auth::Identity identity_of(const std::shared_ptr<const policy::Policy>& policy) {
  auto mock = auth::MockSecret::random();
  auto credentials = auth::Credentials::from(policy, mock).value();
  auth::ServerSideLogin login(credentials, "u", "app");
  auth::ScramClient client(auth::random_nonce);
  auto challenge = login.on_sasl_initial("SCRAM-SHA-256", client.first("SCRAM-SHA-256").value()).value();
  auto need = client.on_server_first(challenge).value();
  auto answer = client.final(auth::derive_keys(Secret("x"), need.salt, need.iterations)).value();
  return std::get<auth::Identity>(login.on_sasl_response(answer).value().who);
}

template <class Message>
std::string bytes(const Message& message) {
  std::string out;
  proto::encode(message, out);
  return out;
}

inline std::string query(std::string_view sql) { return bytes(proto::Query{sql}); }
inline std::string parse(std::string_view name, std::string_view sql) { return bytes(proto::Parse{name, sql, {}}); }
inline std::string bind(std::string_view portal, std::string_view statement) {
  return bytes(proto::Bind{portal, statement, {}, {}, {}});
}
inline std::string execute(std::string_view portal = "") { return bytes(proto::Execute{portal, 0}); }
inline std::string describe(char kind, std::string_view name) { return bytes(proto::Describe{kind, name}); }
inline std::string close(char kind, std::string_view name) { return bytes(proto::Close{kind, name}); }
inline std::string sync() { return bytes(proto::Sync{}); }
inline std::string flush() { return bytes(proto::Flush{}); }

inline std::string parsed() { return bytes(proto::ParseComplete{}); }
inline std::string bound() { return bytes(proto::BindComplete{}); }
inline std::string closed() { return bytes(proto::CloseComplete{}); }
inline std::string complete(std::string_view tag) { return bytes(proto::CommandComplete{tag}); }
inline std::string row() { return bytes(proto::DataRow{{"1"}}); }
inline std::string ready(char status) { return bytes(proto::ReadyForQuery{status}); }
inline std::string notified(std::int32_t process_id, std::string_view channel, std::string_view payload) {
  return bytes(proto::NotificationResponse{process_id, channel, payload});
}
inline std::string suspended() { return bytes(proto::PortalSuspended{}); }
inline std::string status(std::string_view name, std::string_view value) {
  return bytes(proto::ParameterStatus{name, value});
}
inline std::string error(SqlState state, std::string message, int position = 0) {
  std::string out;
  Error e = make_error(state, std::move(message));
  e.position = position;
  proto::encode_error(e, "ERROR", out);
  return out;
}

/// "Query "SELECT 1"", "ErrorResponse 42501 message": short enough to compare.
inline std::vector<std::string> lines_of(std::string_view frames, proto::Direction direction) {
  std::vector<std::string> lines;
  while (!frames.empty()) {
    const auto header = proto::peek_frame(frames, direction);
    if (!header || !*header || (*header)->frame_length() > frames.size()) {
      lines.push_back("GARBAGE");
      break;
    }
    const auto frame = frames.substr(0, (*header)->frame_length());
    frames.remove_prefix(frame.size());
    if ((*header)->type == 'E' && direction == proto::Direction::backend) {
      const auto report = proto::decode_error_response(proto::body_of(frame)).value();
      lines.push_back("ErrorResponse " + std::string(report.sqlstate()) + " " + std::string(report.message()) +
                      (report.position() ? " @" + std::to_string(report.position()) : ""));
      continue;
    }
    const auto line = proto::trace(frame, direction);
    lines.push_back(line.substr(line.find('\t', line.find('\t') + 1) + 1));
  }
  return lines;
}

class Script {
 public:
  using Lines = std::vector<std::string>;
  explicit Script(bool keeps_server = false, pool::Settings startup = {})
      : conversation(judge, identity.tenant().limits, keeps_server, std::move(startup), kProcessId) {
    backend.process_id = 4711;
  }
  static constexpr std::int32_t kProcessId = 99;

  /// Gives the client's messages to the conversation, attaching the backend where one is needed.
  Script& client(const std::string& frames) {
    std::string_view rest = frames;
    while (!rest.empty()) {
      const auto header = proto::peek_frame(rest, proto::Direction::frontend).value().value();
      const auto frame = rest.substr(0, header.frame_length());
      need = conversation.on_client(header, frame);
      if (need == Conversation::Need::server) {
        conversation.attach(backend);
        continue;
      }
      if (need != Conversation::Need::nothing) break;
      rest.remove_prefix(frame.size());
    }
    return *this;
  }
  Script& to_server(const Lines& expected) {
    EXPECT_EQ(lines_of(conversation.take_to_server(), proto::Direction::frontend), expected);
    return *this;
  }
  Script& server(const std::vector<std::string>& frames) {
    for (const auto& frame : frames) {
      const auto header = proto::peek_frame(frame, proto::Direction::backend).value().value();
      outcome = conversation.on_server(header, frame);
      if (!outcome) break;
    }
    return *this;
  }
  Script& to_client(const Lines& expected) {
    EXPECT_EQ(lines_of(conversation.take_to_client(), proto::Direction::backend), expected);
    return *this;
  }
  Script& releases() {
    EXPECT_TRUE(conversation.releasable());
    conversation.detach();
    return *this;
  }
  Script& keeps() {
    EXPECT_FALSE(conversation.releasable());
    return *this;
  }
  /// The login, to whose settings the server says `frames`.
  Script& begins(const std::vector<std::string>& frames) {
    conversation.attach(backend);
    conversation.begin();
    server(frames);
    EXPECT_TRUE(conversation.idle());
    conversation.introduce({});
    conversation.take_to_server();
    return *this;
  }
  /// The next statement finds another connection.
  Script& other_server() {
    backend = pool::Backend{};
    return *this;
  }

  std::shared_ptr<const policy::Policy> policy = policy::load(kPolicy, "policy", ".").policy;
  auth::Identity identity = identity_of(policy);
  JudgementCache cache;
  std::shared_ptr<const pool::ServerView> view = [] {
    auto v = std::make_shared<pool::ServerView>();
    v->catalogue = policy::load_catalogue(kCatalogue).value();
    return v;
  }();
  Judge judge{identity, cache, view};
  pool::Backend backend;
  Conversation conversation;
  Conversation::Need need = Conversation::Need::nothing;
  Result<void> outcome;
};

}  // namespace bulkhead::session::test
