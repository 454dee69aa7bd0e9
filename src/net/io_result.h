#pragma once

#include <cstddef>

namespace bulkhead::net {

/// What became of one read or write that did not block.
struct IoResult {
  enum class State {
    ok,           ///< `bytes` were moved, at least one
    would_block,  ///< nothing now: wait and try again
    closed,       ///< the peer is gone, or the stream is broken
  };
  State state;
  std::size_t bytes = 0;
};

}  // namespace bulkhead::net
