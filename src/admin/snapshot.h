#pragma once

// What goes on in the proxy, as its loops have told the console. Plain values.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "pool/counters.h"

namespace bulkhead::admin {

using WallClock = std::chrono::system_clock;

/// One end of a connection that the console lists.
struct Peer {
  std::string user{}, tenant{};  ///< of a server connection the user it has logged in as
  std::string state{};
  std::string peer{}, local{};  ///< addresses as net::Stream has them
  WallClock::time_point connected{}, requested{};
  std::uint64_t wait_us = 0;
  std::string link{};  ///< the name of the one it works with; empty: none
  std::string tls{};   ///< empty: none
  std::string application_name{};
  std::size_t prepared = 0;
  std::uint64_t id = 0;
  std::int32_t remote_pid = 0;
  bool closes = false;  ///< when it comes back
  std::size_t unread = 0, unsent = 0;
};
std::string name_of_client(std::uint64_t id);  ///< for `link` and the column `ptr`
std::string name_of_server(std::uint64_t id);

struct PoolState {
  std::string tenant;
  std::size_t clients = 0, waiting = 0;
  std::size_t open = 0, idle = 0, undoing = 0, leaving = 0, opening = 0, cancelling = 0;
  std::uint64_t longest_wait_us = 0;
};

struct Statistics {
  std::string tenant;
  pool::Counters total;
  pool::Counters recent;      ///< of the last one to two periods,
  std::uint64_t recent_us = 0;  ///< which are so long
};

struct CacheState {
  std::string tenant;
  std::uint64_t by_text = 0, by_shape = 0, judged = 0;
  std::size_t entries = 0, bytes = 0;
};

struct Refused {
  std::string tenant, sqlstate, reason;
  std::uint64_t count = 0;
};

/// A kind of thing that takes memory.
struct Memory {
  std::string name;
  std::size_t size = 0;  ///< of one; 0: they differ
  std::size_t used = 0;  ///< how many
  std::size_t bytes = 0;
};

struct Snapshot {
  std::vector<Peer> clients, servers;
  std::vector<PoolState> pools;
  std::vector<Statistics> statistics;
  std::vector<CacheState> caches;
  std::vector<Refused> refused;
  std::vector<Memory> memory;  ///< of one name those of all loops add up
};
/// What of it is asked for: the rest stays empty.
struct Look {
  bool clients = false, servers = false, pools = false, statistics = false, caches = false, refused = false, memory = false;
};

void append(Snapshot& to, Snapshot from);

}  // namespace bulkhead::admin
