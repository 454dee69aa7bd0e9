#pragma once

#include <cstddef>

#include "policy/model.h"

namespace bulkhead::pool {

/// How many server connections a pool has and how many clients wait for one. A plain value.
struct Census {
  std::size_t open = 0;     ///< logged in: idle, leased or being recycled
  std::size_t opening = 0;
  std::size_t waiting = 0;  ///< clients in the queue
  bool has_clients = false;
};

// What a pool does with its numbers. Pure.

/// Whether one more is to be opened: somebody waits for whom none is on its way, and there is a place for it. The reserve's
/// places are for the time when `overdue`: the first of those has waited for reserve_after.
bool opens_another(const policy::PoolBounds& bounds, const Census& census, bool overdue);

/// How many are to be opened for nobody in particular, so that pool.minimum are there.
std::size_t missing(const policy::PoolBounds& bounds, const Census& census);

/// Whether one that nobody uses is to be closed: it is too old, or has not been used for too long. What is there beyond `size`
/// goes when it has not been used for reserve_after: the reserve is for need.
bool closes_idle(const policy::PoolBounds& bounds, const Census& census, Duration unused, bool too_old);

/// The time one connection of several may live: of `lifetime` the last tenth times `fraction` (0 to 1) less, so that those which
/// were opened together are not closed together. 0: for ever.
Duration time_to_live(Duration lifetime, double fraction);

}  // namespace bulkhead::pool
