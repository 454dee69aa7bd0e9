// Conversation, COPY: rows that pass from the server to the client, and from the client through a copy::Stamper to the
// server.

#include "proto/backend.h"
#include "proto/frontend.h"
#include "session/conversation.h"
#include "session/copy_in.h"

namespace bulkhead::session {
namespace {

Error out_of_step(char type) {
  return make_error(sqlstate::protocol_violation, "the database server sent a message out of turn (type " +
                                                      std::to_string(static_cast<unsigned char>(type)) + ")");
}

std::string hex(char type) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(type);
  return {kDigits[byte >> 4], kDigits[byte & 15]};
}

}  // namespace

/// CopyOutResponse, CopyData, CopyDone: what a COPY gives the client is passed on as it is.
Result<void> Conversation::on_copy_out(char type, std::string_view frame) {
  PlanEntry& head = plan_.head();
  if (type == 'H') {
    const auto* statement = statement_of(head);
    if (head.copying || !statement || statement->copy != rewrite::CopyDirection::out) return out_of_step(type);
    head.copying = true;
  } else if (type == 'c') {
    head.copying = false;
  } else if (type != 'd') {
    return out_of_step(type);
  }
  forward(frame);
  return {};
}

/// CopyInResponse: the client may send its rows now.
Result<void> Conversation::on_copy_in(std::string_view frame) {
  PlanEntry& head = plan_.head();
  const auto* statement = statement_of(head);
  if (stamper_ || !statement || statement->copy != rewrite::CopyDirection::in || (!statement->rows && !statement->rows_pass))
    return out_of_step('G');
  if (!statement->rows) {
    forward(frame);
    stamper_ = copy::make_passage();
    ignored_sync_ = false;
    return {};
  }
  BULKHEAD_TRY(auto response, proto::decode_copy_in_response(proto::body_of(frame)));
  if (statement->rows->shape.client == copy::Shape::Tenant::missing && !response.columns.empty()) response.columns.pop_back();
  proto::encode(response, to_client_);
  stamper_ = stamper_for(*statement->rows);
  ignored_sync_ = false;
  if (statement->answer == rewrite::Answer::hidden) backend_->spent = true;  // the rows go into a temporary table
  return {};
}

/// A COPY FROM has been sent and is not over. It is the last thing that has been: see on_client.
bool Conversation::copy_in_due() const {
  if (plan_.empty()) return false;
  const PlanEntry& entry = plan_[plan_.size() - 1];
  if (!entry.judgement || entry.refusal || (entry.expect != Expect::query && entry.expect != Expect::execute)) return false;
  const auto& statements = entry.judgement->rewritten.statements;
  for (std::size_t at = entry.completed; at < statements.size(); ++at)
    if (statements[at].copy == rewrite::CopyDirection::in) return true;
  return false;
}

Conversation::Need Conversation::on_copy_data(std::string_view piece) {
  if (!stamper_) return copy_in_due() ? drain() : Need::nothing;
  std::string out;
  ignored_sync_ = false;
  auto stamped = stamper_->feed(piece, out);
  if (!out.empty()) to_server_.copy_data(out);
  if (!stamped) fail_copy(stamped.error());
  return Need::nothing;
}

/// Any message while the client's rows are expected. The server ignores Sync and Flush then (CopyGetData); but if the COPY fails
/// before it has read anything (a trigger FOR EACH STATEMENT), it meets the Sync of the batch afterwards, and answers it.
void Conversation::on_copy_message(proto::FrameHeader header, std::string_view body) {
  switch (header.type) {
    case proto::CopyData::kType: on_copy_data(body); return;
    case proto::Sync::kType: ignored_sync_ = plan_.head().expect == Expect::execute; return;
    case proto::Flush::kType: return;
    case proto::CopyDone::kType: {
      if (const auto done = proto::decode_copy_done(body); !done) return fail_copy(done.error());
      std::string out;
      auto finished = stamper_->finish(out);
      if (!out.empty()) to_server_.copy_data(out);
      if (!finished) return fail_copy(finished.error());
      to_server_.copy_done();
      stamper_ = nullptr;
      return;
    }
    case proto::CopyFail::kType: {
      const auto fail = proto::decode_copy_fail(body);
      if (!fail) return fail_copy(fail.error());
      to_server_.copy_fail(fail->message);
      stamper_ = nullptr;
      return;
    }
    default:
      fail_copy(make_error(sqlstate::protocol_violation,
                           "unexpected message type 0x" + hex(header.type) + " during COPY from stdin"));
  }
}

/// The COPY ends with this error of ours, at the place where the server reports that it was broken off.
void Conversation::fail_copy(Error error) {
  PlanEntry& head = plan_.head();
  const auto& rows = statement_of(head)->rows;
  head.refusal = std::make_unique<Error>(rows ? in_copy(*rows, stamper_->line(), std::move(error)) : std::move(error));
  to_server_.copy_fail(kCopyRefused);
  stamper_ = nullptr;
}

}  // namespace bulkhead::session
