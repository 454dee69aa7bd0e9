#pragma once

#include "proto/backend.h"

namespace bulkhead::session {

/// Takes out of an error or notice what it says of rows that may be another tenant's: the DETAIL of an exclusion
/// constraint (the existing row's key) and of a deadlock (other sessions), the DETAIL of a constraint that a statement inside the
/// client's has met (a foreign key may change anybody's rows), and the CONTEXT that tells where in a table somebody else's row
/// lies. What an error says of the client's own values stays; but where a role `hides_columns`, no DETAIL prints the values of a
/// row. True if anything was taken. Pure.
bool withhold_foreign(proto::Report& report, bool hides_columns);

}  // namespace bulkhead::session
