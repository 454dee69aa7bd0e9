#pragma once

#include "policy/model.h"
#include "pool/reported.h"

namespace bulkhead::pool {

/// Whether a server will do for a target.
enum class Fit {
  yes,
  if_need_be,  ///< if no other host does better
  no,
};

/// By what the server has said of itself at the login or since: in_hot_standby and default_transaction_read_only, which PostgreSQL
/// reports from version 14 on. As libpq's target_session_attrs (PQconnectPoll, fe-connect.c). What it has not said is taken for what
/// a target must not be: only `any` and `primary` do with a server that says neither. Pure.
Fit fit(policy::Target target, const Reported& said);

}  // namespace bulkhead::pool
