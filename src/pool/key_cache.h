#pragma once

#include <boost/asio/awaitable.hpp>

#include "auth/scram_client.h"

namespace bulkhead::pool {

/// The SCRAM keys of a password for a server's salt and iterations: from the cache, or derived on a thread of their own
/// so that PBKDF2's milliseconds stop no event loop. Resumes on the caller's executor. Any thread.
boost::asio::awaitable<auth::ScramKeys> derive_keys(Secret password, auth::NeedKeys need);

/// Waits until no derivation is under way, and lets none begin. Their completions hold on to the loop that waits for them:
/// to be called when the loops have stopped and before they are destroyed.
void end_key_derivation();

}  // namespace bulkhead::pool
