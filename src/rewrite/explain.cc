#include "rewrite/explain.h"

namespace bulkhead::rewrite {
namespace {

std::string describe(const CopyRows& rows) {
  const auto& [format, columns, tenant, client] = rows.shape;
  std::string out = " copies in rows of " + std::to_string(columns.size()) + " fields, ";
  switch (client) {
    case copy::Shape::Tenant::missing: out += "stamped"; break;
    case copy::Shape::Tenant::supplied: out += "checked"; break;
    case copy::Shape::Tenant::either: out += "stamped or checked"; break;
  }
  return out + " at " + std::to_string(tenant + 1);
}

std::string describe(const Statement& statement) {
  std::string out = statement.kind;
  const Effects& effects = statement.effects;
  for (const SettingChange& change : effects.settings)
    out += change.value ? " sets " + change.name + "=" + *change.value : " resets " + change.name;
  if (effects.reset_all) out += " resets all";
  if (effects.discard_all) out += " discards all";
  if (effects.deallocate_all) out += " deallocates all";
  if (effects.deallocate) out += " deallocates " + *effects.deallocate;
  if (effects.begins_transaction) out += " begins";
  if (effects.keeps_transaction) out += " keeps transaction";
  if (effects.pins) out += " pins";
  for (const std::string& cursor : effects.stands_on) out += " writes where " + cursor + " stands";
  if (effects.loosens) out += " loosens";
  if (effects.listens) out += " listens to " + effects.listens->name;
  if (!effects.tag.empty()) out += " completes with " + effects.tag;
  if (statement.prepare) out += " prepares " + statement.prepare->name;
  if (statement.execute) out += " executes " + statement.execute->name;
  if (statement.copy == CopyDirection::out) out += " copies out";
  if (statement.answer == Answer::hidden) out += " hidden";
  if (statement.answer == Answer::copied) out += " told as COPY";
  if (statement.rows) out += describe(*statement.rows);
  return out + "\n";
}

std::string describe(const Rewritten& rewritten) {
  if (rewritten.statements.empty()) return "passed\nempty\n";
  std::string out = rewritten.edits.empty() ? "passed\n" : "rewritten\n";
  if (!rewritten.edits.empty()) out.append("sql: ").append(rewritten.sql.text()).append("\n");
  for (const Statement& statement : rewritten.statements) out += describe(statement);
  for (const std::string& note : rewritten.notes) out += "note: " + note + "\n";
  for (const ParameterGuard& guard : rewritten.guards)
    out += "guard: $" + std::to_string(guard.parameter) + " is " + guard.value + " as " + guard.type +
           (guard.cast ? ", cast" : "") + (guard.sole ? "\n" : ", its type declared\n");
  return out;
}

std::string describe(const Rejected& rejected) {
  const Error& error = rejected.error;
  std::string out = "rejected " + std::string(error.state.text());
  if (error.position > 0) out += " at " + std::to_string(error.position);
  out += "\nerror: " + error.message + "\n";
  if (!error.detail.empty()) out += "detail: " + error.detail + "\n";
  if (!error.hint.empty()) out += "hint: " + error.hint + "\n";
  if (rejected.perhaps_stale) out += "perhaps stale\n";
  return out;
}

}  // namespace

std::string explain(const Verdict& verdict) {
  return std::visit([](const auto& kind) { return describe(kind); }, verdict);
}

}  // namespace bulkhead::rewrite
