#include "session/report_filter.h"

#include <algorithm>

namespace bulkhead::session {
namespace {

/// exclusion_violation: check_exclusion_or_unique_constraint (execIndexing.c) prints the conflicting row's key.
/// deadlock_detected: DeadLockReport (deadlock.c) prints processes, locks and relations of everybody in the cycle.
bool detail_tells_of_others(std::string_view sqlstate) { return sqlstate == "23P01" || sqlstate == "40P01"; }

/// "while inserting index tuple (0,23) in relation …": XactLockTableWaitErrorCb (lmgr.c).
bool tells_a_place(std::string_view context) {
  return context.starts_with("while ") && context.find("tuple (") != std::string_view::npos;
}

}  // namespace

bool withhold_foreign(proto::Report& report) {
  const bool detail = detail_tells_of_others(report.sqlstate());
  return std::erase_if(report.fields, [&](const proto::Report::Field& field) {
           return (field.code == 'D' && detail) || (field.code == 'W' && tells_a_place(field.value));
         }) > 0;
}

}  // namespace bulkhead::session
