#include "admin/dialogue.h"

#include <algorithm>

#include "proto/backend.h"
#include "proto/frontend.h"

namespace bulkhead::admin {
namespace {

constexpr std::size_t kStatements = 1'000;  ///< and portals, of one session
constexpr SqlState kDuplicateCursor{"42P03"};

Error takes_no_parameters() {
  return make_error(sqlstate::feature_not_supported, "the console takes no parameters", "Write the value into the command itself.");
}

Error too_many(const char* what) {
  return make_error(sqlstate::configuration_limit_exceeded, std::string("too many ") + what, "Close those no longer used.");
}

Result<Formats> checked(const std::vector<std::int16_t>& formats, std::size_t columns) {
  if (formats.size() > 1 && formats.size() != columns)
    return make_error(sqlstate::protocol_violation, "bind message has " + std::to_string(formats.size()) + " result formats but query has " +
                                                        std::to_string(columns) + " columns");
  for (const auto format : formats)
    if (format != 0 && format != 1)
      return make_error(sqlstate::invalid_parameter_value, "unsupported format code: " + std::to_string(format));
  return formats;
}

}  // namespace

void Dialogue::on_frame(proto::FrameHeader header, std::string_view frame) {
  const auto body = proto::body_of(frame);
  if (header.type == proto::Terminate::kType) {
    ended_ = true;
    return;
  }
  if (header.type == proto::Sync::kType) {
    skipping_ = false;
    portals_.clear();  // they end with their transaction
    ready();
    return;
  }
  if (skipping_) return;
  simple_ = header.type == proto::Query::kType || header.type == proto::FunctionCall::kType;
  switch (header.type) {
    case proto::Query::kType: return on_query(body);
    case proto::Parse::kType: return on_parse(body);
    case proto::Bind::kType: return on_bind(body);
    case proto::Describe::kType: return on_describe(body);
    case proto::Execute::kType: return on_execute(body);
    case proto::Close::kType: return on_close(body);
    case proto::FunctionCall::kType: return fail(make_error(sqlstate::feature_not_supported, "the console has no functions to call"));
    default: return;  // Flush, and what is left of a COPY that nobody has asked for
  }
}

// --- Simple ------------------------------------------------------------------------------------------------------------

void Dialogue::on_query(std::string_view body) {
  statements_.erase(std::string());
  portals_.clear();
  const auto query = proto::decode_query(body);
  if (!query) return fail(query.error());
  auto commands = parse(query->sql);
  if (!commands) return fail(commands.error());
  if (commands->empty()) {
    proto::encode(proto::EmptyQueryResponse{}, out_);
    return ready();
  }
  queue_.assign(std::make_move_iterator(commands->begin()), std::make_move_iterator(commands->end()));
  next();
}

void Dialogue::next() {
  if (queue_.empty()) return ready();
  Command command = std::move(queue_.front());
  queue_.pop_front();
  run(std::move(command));
}

/// Here alone a command becomes due.
void Dialogue::run(Command command) {
  if (!command.allowed_to(may_))
    return fail(make_error(sqlstate::insufficient_privilege, "permission denied: this administrator may only look",
                           "admin.users.NAME.may: all allows " + std::string(command.entry->words) + "."));
  due_ = std::move(command);
}

void Dialogue::answer(Result<Answer> answer) {
  const Command command = *std::exchange(due_, std::nullopt);
  if (!answer) return fail(answer.error());
  if (!simple_) {
    Portal& portal = portals_.find(executing_)->second;
    portal.ran = true;
    portal.answer = std::move(*answer);
    return give(portal);
  }
  Portal portal{.command = command, .formats = {}, .ran = true, .answer = std::move(*answer)};
  max_rows_ = 0;
  if (!command.columns().empty()) describe(command.columns(), {}, out_);
  give(portal);
  next();
}

/// As many rows as were asked for.
void Dialogue::give(Portal& portal) {
  Answer& answer = portal.answer;
  if (!answer.notice.empty()) {
    proto::NoticeResponse notice;
    notice.fields = {{'S', "NOTICE"}, {'V', "NOTICE"}, {'C', "00000"}, {'M', answer.notice}};
    proto::encode(notice, out_);
    answer.notice.clear();
  }
  const auto left = answer.rows.size() - portal.given;
  const auto most = max_rows_ > 0 ? std::min(static_cast<std::size_t>(max_rows_), left) : left;
  for (const auto end = portal.given + most; portal.given < end; ++portal.given)
    encode_row(portal.command->columns(), answer.rows[portal.given], portal.formats, out_);
  // That there are no more is found out by the next Execute (PortalRunSelect, pquery.c).
  if (max_rows_ > 0 && most == static_cast<std::size_t>(max_rows_)) return proto::encode(proto::PortalSuspended{}, out_);
  proto::encode(proto::CommandComplete{answer.tag}, out_);
}

void Dialogue::fail(const Error& error) {
  proto::encode_error(error, "ERROR", out_);
  queue_.clear();
  if (simple_)
    ready();
  else
    skipping_ = true;
}

void Dialogue::ready() { proto::encode(proto::ReadyForQuery{'I'}, out_); }

// --- Extended ----------------------------------------------------------------------------------------------------------

void Dialogue::on_parse(std::string_view body) {
  const auto message = proto::decode_parse(body);
  if (!message) return fail(message.error());
  if (!message->statement.empty() && statements_.contains(message->statement))
    return fail(make_error(sqlstate::duplicate_prepared_statement, "prepared statement \"" + std::string(message->statement) + "\" already exists"));
  if (!message->parameter_types.empty()) return fail(takes_no_parameters());
  auto commands = parse(message->query);
  if (!commands) return fail(commands.error());
  if (commands->size() > 1) return fail(make_error(sqlstate::syntax_error, "cannot insert multiple commands into a prepared statement"));
  if (statements_.size() >= kStatements) return fail(too_many("prepared statements"));
  statements_.insert_or_assign(std::string(message->statement),
                               commands->empty() ? std::nullopt : std::optional<Command>(std::move(commands->front())));
  proto::encode(proto::ParseComplete{}, out_);
}

void Dialogue::on_bind(std::string_view body) {
  const auto message = proto::decode_bind(body);
  if (!message) return fail(message.error());
  const auto statement = statements_.find(message->statement);
  if (statement == statements_.end())
    return fail(make_error(sqlstate::invalid_sql_statement_name, "prepared statement \"" + std::string(message->statement) + "\" does not exist"));
  if (!message->parameters.empty()) return fail(takes_no_parameters());
  auto formats = checked(message->result_formats, statement->second ? statement->second->columns().size() : 0);
  if (!formats) return fail(formats.error());
  if (!message->portal.empty() && portals_.contains(message->portal))
    return fail(make_error(kDuplicateCursor, "cursor \"" + std::string(message->portal) + "\" already exists"));
  if (portals_.size() >= kStatements) return fail(too_many("portals"));
  portals_.insert_or_assign(std::string(message->portal), Portal{.command = statement->second, .formats = std::move(*formats)});
  proto::encode(proto::BindComplete{}, out_);
}

void Dialogue::on_describe(std::string_view body) {
  const auto message = proto::decode_describe(body);
  if (!message) return fail(message.error());
  const std::optional<Command>* command = nullptr;
  Formats formats;
  if (message->kind == 'S') {
    const auto at = statements_.find(message->name);
    if (at == statements_.end())
      return fail(make_error(sqlstate::invalid_sql_statement_name, "prepared statement \"" + std::string(message->name) + "\" does not exist"));
    command = &at->second;
    proto::encode(proto::ParameterDescription{}, out_);
  } else {
    const auto at = portals_.find(message->name);
    if (at == portals_.end())
      return fail(make_error(sqlstate::invalid_cursor_name, "portal \"" + std::string(message->name) + "\" does not exist"));
    command = &at->second.command;
    formats = at->second.formats;
  }
  if (*command && !(*command)->columns().empty())
    describe((*command)->columns(), formats, out_);
  else
    proto::encode(proto::NoData{}, out_);
}

void Dialogue::on_execute(std::string_view body) {
  const auto message = proto::decode_execute(body);
  if (!message) return fail(message.error());
  const auto at = portals_.find(message->portal);
  if (at == portals_.end())
    return fail(make_error(sqlstate::invalid_cursor_name, "portal \"" + std::string(message->portal) + "\" does not exist"));
  if (!at->second.command) return proto::encode(proto::EmptyQueryResponse{}, out_);
  max_rows_ = message->max_rows;
  executing_ = message->portal;
  if (at->second.ran)
    give(at->second);
  else
    run(*at->second.command);
}

void Dialogue::on_close(std::string_view body) {
  const auto message = proto::decode_close(body);
  if (!message) return fail(message.error());
  if (message->kind == 'S') {
    if (const auto at = statements_.find(message->name); at != statements_.end()) statements_.erase(at);
  } else if (const auto at = portals_.find(message->name); at != portals_.end()) {
    portals_.erase(at);
  }
  proto::encode(proto::CloseComplete{}, out_);
}

}  // namespace bulkhead::admin
