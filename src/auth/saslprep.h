#pragma once

#include "base/secret.h"

namespace bulkhead::auth {

/// The password as PostgreSQL hashes it for SCRAM: ASCII untouched, otherwise SASLprep (RFC 4013). A password that is
/// not valid UTF-8, holds a character SASLprep prohibits or does not know, or would become empty is used as it is
/// (PostgreSQL, pg_be_scram_build_secret). The one door to libidn; any thread.
Secret saslprep(const Secret& password);

}  // namespace bulkhead::auth
