#pragma once

#include <boost/asio/awaitable.hpp>

#include "auth/scram_client.h"

namespace bulkhead::pool {

/// The SCRAM keys of a password for a server's salt and iterations: from the cache, or derived on a thread of their own
/// so that PBKDF2's milliseconds stop no event loop. Resumes on the caller's executor. Any thread.
boost::asio::awaitable<auth::ScramKeys> derive_keys(Secret password, auth::NeedKeys need);

}  // namespace bulkhead::pool
