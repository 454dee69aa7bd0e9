#include "session/report_filter.h"

#include <algorithm>

namespace bulkhead::session {
namespace {

/// exclusion_violation: check_exclusion_or_unique_constraint (execIndexing.c) prints the conflicting row's key.
/// deadlock_detected: DeadLockReport (deadlock.c) prints processes, locks and relations of everybody in the cycle.
bool detail_tells_of_others(std::string_view sqlstate) { return sqlstate == "23P01" || sqlstate == "40P01"; }

/// foreign_key_violation of a row that is referred to: the row may be one that ON DELETE CASCADE has reached, and the check runs
/// behind the client's statement, not inside the trigger's (RI_PerformCheck: fire_triggers = false). That of a row that refers
/// prints what it refers to, which the client has said, or a default.
bool tells_of_a_row_referred_to(std::string_view sqlstate, std::string_view message) {
  return sqlstate == "23503" && !message.starts_with("insert or update on table ");
}

/// Class 23 prints a row or a key of it (ExecConstraints, execMain.c; ri_ReportViolation, ri_triggers.c), and so does
/// with_check_option_violation.
bool detail_prints_a_row(std::string_view sqlstate) { return sqlstate.starts_with("23") || sqlstate == "44000"; }

/// Raised by a statement that a trigger or function has run. Only COPY has a context of its own; its other words are in the
/// server's language.
bool from_inside(std::string_view context) { return !context.starts_with("COPY "); }

/// "while inserting index tuple (0,23) in relation …": XactLockTableWaitErrorCb (lmgr.c).
bool tells_a_place(std::string_view context) {
  return context.starts_with("while ") && context.find("tuple (") != std::string_view::npos;
}

}  // namespace

bool withhold_foreign(proto::Report& report, bool hides_columns) {
  const auto state = report.sqlstate();
  const bool inside = std::any_of(report.fields.begin(), report.fields.end(),
                                  [](const auto& field) { return field.code == 'W' && from_inside(field.value); });
  const auto said = std::find_if(report.fields.begin(), report.fields.end(), [](const auto& field) { return field.code == 'M'; });
  const std::string_view message = said == report.fields.end() ? std::string_view() : said->value;
  const bool detail = detail_tells_of_others(state) || tells_of_a_row_referred_to(state, message) ||
                      (detail_prints_a_row(state) && (inside || hides_columns));
  return std::erase_if(report.fields, [&](const proto::Report::Field& field) {
           return (field.code == 'D' && detail) || (field.code == 'W' && tells_a_place(field.value));
         }) > 0;
}

}  // namespace bulkhead::session
