#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "net/loop.h"

namespace bulkhead::net {

/// Calls `expired` on the loop after `timeout` unless it is destroyed or disarmed first; a timeout of 0 never expires.
/// Boost 1.81 has no cancel_after. The loop's thread only.
class Deadline {
 public:
  template <class Expired>
  Deadline(Loop& loop, Duration timeout, Expired expired) : timer_(loop.context()) {
    if (timeout <= Duration::zero()) return;
    alive_ = std::make_shared<bool>(true);
    timer_.expires_after(timeout);
    timer_.async_wait([expired = std::move(expired), alive = alive_](const boost::system::error_code& ec) mutable {
      // A timer that has expired cannot be cancelled any more while its handler waits to run: hence the flag.
      if (!ec && *alive) expired();
    });
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() { disarm(); }

  void disarm() {
    if (alive_) *alive_ = false;
    timer_.cancel();
  }

 private:
  boost::asio::steady_timer timer_;
  std::shared_ptr<bool> alive_;
};

}  // namespace bulkhead::net
