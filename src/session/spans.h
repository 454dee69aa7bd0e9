#pragma once

#include "base/clock.h"
#include "pool/counters.h"

namespace bulkhead::session {

/// How long one client's statements and transactions take on a server. Told the time when something is sent and when nothing is owed
/// any more: two looks at the clock for an exchange. A plain value.
class Spans {
 public:
  bool running() const { return running_; }
  TimePoint last_begin() const { return statement_since_; }  ///< of something that was sent; the epoch: nothing was

  /// Something is sent, while nothing is running.
  void begin(TimePoint now) {
    running_ = true;
    statement_since_ = now;
    if (!in_transaction_) transaction_since_ = now;
    in_transaction_ = true;
  }
  /// Nothing is owed any more. `open`: a transaction, or a batch, goes on.
  void end(TimePoint now, bool open, pool::Counters& counters) {
    if (running_) counters.statement_us += pool::microseconds(now - statement_since_);
    if (in_transaction_ && !open) counters.transaction_us += pool::microseconds(now - transaction_since_);
    running_ = false;
    in_transaction_ = in_transaction_ && open;
  }

 private:
  TimePoint statement_since_{}, transaction_since_{};
  bool running_ = false, in_transaction_ = false;
};

}  // namespace bulkhead::session
