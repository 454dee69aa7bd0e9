#include "pool/pool_rules.h"

#include <algorithm>

namespace bulkhead::pool {
namespace {
std::size_t count(int number) { return static_cast<std::size_t>(number); }
}  // namespace

bool opens_another(const policy::PoolBounds& bounds, const Census& census, bool overdue) {
  if (census.opening >= census.waiting) return false;
  const std::size_t places = count(bounds.size) + (overdue ? count(bounds.reserve) : 0);
  return census.open + census.opening < places;
}

std::size_t missing(const policy::PoolBounds& bounds, const Census& census) {
  const std::size_t there = census.open + census.opening;
  return census.has_clients && there < count(bounds.minimum) ? count(bounds.minimum) - there : 0;
}

bool closes_idle(const policy::PoolBounds& bounds, const Census& census, Duration unused, bool too_old) {
  if (too_old) return true;
  if (census.open > count(bounds.size) && unused > bounds.reserve_after) return true;
  if (census.has_clients && census.open <= count(bounds.minimum)) return false;
  return bounds.idle_timeout.count() > 0 && unused > bounds.idle_timeout;
}

Duration time_to_live(Duration lifetime, double fraction) {
  constexpr Duration::rep kTenth = 10;
  const auto less = static_cast<double>(lifetime.count() / kTenth) * std::clamp(fraction, 0.0, 1.0);
  return lifetime - Duration(static_cast<Duration::rep>(less));
}

}  // namespace bulkhead::pool
