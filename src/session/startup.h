#pragma once

#include <string>

#include "base/result.h"
#include "policy/model.h"
#include "pool/backend.h"
#include "proto/startup.h"

namespace bulkhead::session {

/// What a StartupMessage asks for, after it has been judged.
struct StartupRequest {
  std::string user;
  std::string database;      ///< empty: none was named
  pool::Settings settings;   ///< run-time parameters, names folded; those that are pinned are checked and left out
};

/// Takes a StartupMessage apart: `options` is split as PostgreSQL does, every setting must be one a client may change,
/// replication connections and other encodings than UTF-8 are refused. Pure.
Result<StartupRequest> judge_startup(const proto::StartupMessage& message, const policy::Tenancy& tenancy);

/// True if these settings change no ParameterStatus but application_name, and that one to exactly its value: a session
/// can be welcomed without asking the server.
bool known_in_advance(const pool::Settings& settings);

}  // namespace bulkhead::session
