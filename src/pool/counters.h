#pragma once

#include <cstdint>

#include "base/clock.h"

namespace bulkhead::pool {

/// What has happened for one tenant: plain integers that grow, on its loop. Times are in microseconds.
struct Counters {
  std::uint64_t assignments = 0;     ///< connections given to a client
  std::uint64_t transactions = 0;
  std::uint64_t statements = 0;      ///< that have ended on a server, well or not
  std::uint64_t received = 0;        ///< bytes from clients
  std::uint64_t sent = 0;            ///< bytes to clients
  std::uint64_t transaction_us = 0;
  std::uint64_t statement_us = 0;    ///< in which clients waited for answers of a server
  std::uint64_t wait_us = 0;         ///< in which they waited for a connection
  std::uint64_t client_parses = 0;   ///< statements that clients have prepared
  std::uint64_t server_parses = 0;   ///< Parse messages to servers
  std::uint64_t binds = 0;
  std::uint64_t logins = 0;

  static constexpr std::uint64_t Counters::*kAll[] = {
      &Counters::assignments, &Counters::transactions, &Counters::statements, &Counters::received, &Counters::sent, &Counters::transaction_us,
      &Counters::statement_us, &Counters::wait_us, &Counters::client_parses, &Counters::server_parses, &Counters::binds, &Counters::logins};

  Counters& operator+=(const Counters& other) {
    for (const auto member : kAll) this->*member += other.*member;
    return *this;
  }
  Counters operator-(const Counters& before) const {
    Counters difference;
    for (const auto member : kAll) difference.*member = this->*member - before.*member;
    return difference;
  }
};

inline std::uint64_t microseconds(TimePoint::duration duration) {
  return duration.count() > 0 ? static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(duration).count()) : 0;
}

/// The counters of one tenant since the process has begun, and as they were when the last and the last but one period began.
struct Ledger {
  Counters now, newer, older;
  void turn() {
    older = newer;
    newer = now;
  }
};

}  // namespace bulkhead::pool
