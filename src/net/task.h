#pragma once

#include <boost/asio/awaitable.hpp>

#include "net/loop.h"

namespace bulkhead::net {

/// Starts a coroutine on the loop. The one place where a task is let go: an exception that leaves it is a broken
/// invariant and is logged with `name`; it ends that task and nothing else.
void start(Loop& loop, const char* name, boost::asio::awaitable<void> task);

}  // namespace bulkhead::net
