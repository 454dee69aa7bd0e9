#pragma once

#include <boost/asio/awaitable.hpp>

#include "pool/server_connection.h"

namespace bulkhead::pool {

/// What a session leaves behind on a connection that somebody else is to use.
struct Undo {
  bool skipping = false;     ///< a batch has failed and nothing is listened to before its Sync
  bool transaction = false;  ///< a block is open: ROLLBACK
  bool session = false;      ///< settings, cursors, temporary objects…: DISCARD ALL
  bool timeouts = false;     ///< settings of it are hurried(): RESET
  bool any() const { return skipping || transaction || session || timeouts; }
};

/// Has a limit on the time of statements that is so short that the SET and RESET we send before the next client's statement might
/// not be done in it, and would fail for somebody who has not asked for it.
bool hurried(const Settings& settings);

/// Runs what `undo` asks for and reads the answers. True: the connection is idle and as fresh as after login. The
/// connection must be silent: nothing outstanding, nothing half read.
boost::asio::awaitable<bool> recycle(ServerConnection& connection, Undo undo, Duration timeout);

}  // namespace bulkhead::pool
