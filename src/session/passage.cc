// Conversation in mode observe: whatever the client sends reaches the server as it was written, whatever the server sends the
// client; beside that each text is judged and the verdict counted. What a statement nobody understood leaves behind is not
// known, so the connection serves this client alone and is closed when the client has gone: as if it had been connected directly.

#include "proto/backend.h"
#include "proto/frontend.h"
#include "session/conversation.h"
#include "session/observed.h"

namespace bulkhead::session {

Conversation::Need Conversation::pass(proto::FrameHeader header, std::string_view frame) {
  if (!backend_) return Need::server;
  if (!backend_->spent) {  // nothing has passed yet: the settings of the startup message come first
    reconcile();
    backend_->spent = true;
  }
  if (!plan_.empty()) return Need::drain;
  const auto body = proto::body_of(frame);
  bool judged = true;
  if (header.type == proto::Query::kType) {
    if (const auto query = proto::decode_query(body))
      judged = judge_.observe(query->sql, {}, rewrite::Protocol::simple, catalogue_renewed_, *observed_);
  } else if (header.type == proto::Parse::kType) {
    if (const auto parse = proto::decode_parse_head(body))
      judged = judge_.observe(parse->query, parse->types_rest, rewrite::Protocol::extended, catalogue_renewed_, *observed_);
  }
  if (!judged) return Need::catalogue;
  catalogue_renewed_ = false;
  if (header.type == proto::Query::kType || header.type == proto::Sync::kType || header.type == proto::FunctionCall::kType)
    ++passed_;  // each is answered by one ReadyForQuery; a Sync within a COPY is not, which only makes a cancel too many
  to_server_.pass(observed_->permit(), frame);
  return Need::nothing;
}

Result<void> Conversation::on_passed(proto::FrameHeader header, std::string_view frame) {
  to_client_.append(frame);
  if (header.type == 'Z') {
    BULKHEAD_TRY(const auto ready, proto::decode_ready_for_query(proto::body_of(frame)));
    backend_->status = ready.status;
    if (passed_ > 0) --passed_;
    ++statements_ended_;
    if (ready.status == 'I') {
      ++transactions_ended_;
      ++tally_.transactions;
    }
  } else if (header.type == 'C') {
    ++tally_.statements;
  } else if (header.type == 'E') {
    ++tally_.statements;
    BULKHEAD_TRY(const auto report, proto::decode_error_response(proto::body_of(frame)));
    if (report.severity() == "FATAL" || report.severity() == "PANIC") return make_error(sqlstate::connection_failure, {});
  }
  return {};
}

}  // namespace bulkhead::session
