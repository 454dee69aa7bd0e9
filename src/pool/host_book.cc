#include "pool/host_book.h"

#include <algorithm>
#include <random>

namespace bulkhead::pool {
namespace {

constexpr Duration kFirstPause{500};
constexpr Duration kLongestPause{30'000};

/// 0 to 1, any of them. Not a secret.
double any_fraction() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

}  // namespace

Duration host_pause(int failures, double fraction) {
  constexpr Duration::rep kFifth = 5;
  Duration pause = kFirstPause;
  for (int i = 1; i < failures && pause < kLongestPause; ++i) pause *= 2;
  pause = std::min(pause, kLongestPause);
  return pause - Duration(static_cast<Duration::rep>(static_cast<double>(pause.count() / kFifth) * std::clamp(fraction, 0.0, 1.0)));
}

void HostBook::begin_pause(Record& record, TimePoint now) { record.until = now + host_pause(record.failures, any_fraction()); }

std::vector<policy::HostPort> HostBook::order(const policy::Server& server, TimePoint now) {
  const std::lock_guard lock(mutex_);
  std::vector<policy::HostPort> first, last;
  for (const auto& host : server.hosts) {
    const auto record = records_.find({server.name, host});
    if (record != records_.end() && now < record->second.until) {
      last.push_back(host);
      continue;
    }
    first.push_back(host);
    if (record == records_.end()) continue;
    ++record->second.failures;  // as if it had failed again, until it has worked
    begin_pause(record->second, now);
  }
  first.insert(first.end(), last.begin(), last.end());
  return first;
}

/// Many may have tried it at a time: that it has failed them all is one failure, which the pause is there for.
void HostBook::failed(const policy::Server& server, const policy::HostPort& host, TimePoint now) {
  const std::lock_guard lock(mutex_);
  auto& record = records_[{server.name, host}];
  if (now < record.until) return;
  ++record.failures;
  begin_pause(record, now);
}

void HostBook::worked(const policy::Server& server, const policy::HostPort& host) {
  const std::lock_guard lock(mutex_);
  records_.erase({server.name, host});
}

}  // namespace bulkhead::pool
