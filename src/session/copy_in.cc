#include "session/copy_in.h"

#include <charconv>

#include "base/bytes.h"
#include "session/parameter_guard.h"

namespace bulkhead::session {
namespace {

/// The value as the send function of the column's type gives it; empty: not known here, and the rewriter has refused binary.
std::string binary_of(const std::string& type, const std::string& value) {
  std::string out;
  ByteWriter writer(out);
  std::int64_t number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  if (type == "int2") writer.i16(static_cast<std::int16_t>(number));
  if (type == "int4") writer.i32(static_cast<std::int32_t>(number));
  if (type == "int8") writer.integer(number);
  if (type == "text" || type == "varchar" || type == "bpchar") writer.bytes(value);
  if (type == "uuid") {
    int high = -1;
    for (const char c : value) {
      const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (digit < 0) continue;
      if (high >= 0) {
        out.push_back(static_cast<char>(high * 16 + digit));
        high = -1;
      } else {
        high = digit;
      }
    }
  }
  return out;
}

}  // namespace

std::unique_ptr<copy::Stamper> stamper_for(const rewrite::CopyRows& rows) {
  const auto& guard = rows.guard;
  const std::int16_t format = rows.shape.format.kind == copy::Kind::binary ? 1 : 0;
  return copy::make_stamper(rows.shape, {guard.value, binary_of(guard.type, guard.value),
                                         [guard, format](std::optional<std::string_view> field) {
                                           return compare(guard, 0, format, field) == Bound::own;
                                         }});
}

const rewrite::Statement* statement_of(const PlanEntry& entry) {
  if (!entry.judgement || (entry.expect != Expect::query && entry.expect != Expect::execute)) return nullptr;
  const auto& statements = entry.judgement->rewritten.statements;
  return entry.completed < statements.size() ? &statements[entry.completed] : nullptr;
}

bool came_first(const PlanEntry& entry, const proto::Report& report) {
  const auto* statement = statement_of(entry);
  return statement && statement->copy == rewrite::CopyDirection::in && !report.message().ends_with(kCopyRefused);
}

bool name_clients_table(const PlanEntry& entry, proto::Report& report, std::string& text) {
  const auto* statement = statement_of(entry);
  if (!statement || !statement->rows || statement->answer != rewrite::Answer::hidden) return false;
  const std::string ours = "COPY " + std::string(rewrite::kCopyTable);
  for (auto& field : report.fields) {
    if (field.code != 'W') continue;
    text = field.value;
    for (std::size_t at = 0; (at = text.find(ours, at)) != std::string::npos;)
      if (at == 0 || text[at - 1] == '\n')
        text.replace(at, ours.size(), "COPY " + statement->rows->relation);
      else
        at += ours.size();
    field.value = text;
    return true;
  }
  return false;
}

Error in_copy(const rewrite::CopyRows& rows, std::uint64_t line, Error error) {
  if (error.state == sqlstate::insufficient_privilege)
    error.message = rows.guard.column + " can only hold the session's own organisation";
  error.context = "COPY " + rows.relation + ", line " + std::to_string(line);
  return error;
}

}  // namespace bulkhead::session
