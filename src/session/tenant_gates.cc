#include "session/tenant_gates.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>

namespace bulkhead::session {
namespace {

TimePoint now() { return std::chrono::steady_clock::now(); }

/// Those who may go on soon are told together.
constexpr Duration kBetweenLooks{1};

std::size_t number(int limit) { return static_cast<std::size_t>(limit); }

}  // namespace

bool TimedGate::enter(Gate::Guest& guest) {
  if (!limited()) return true;
  const auto at = now();
  if (gate_.enter(guest, at)) return true;
  if (gate_.waiting() == 1) watch(at);
  return false;
}

void TimedGate::set_rate(std::size_t per_second) {
  gate_.set_rate(per_second);
  watch(now());
}

void TimedGate::watch(TimePoint at) {
  const auto due = gate_.due(at);
  if (!due) return;
  due_.emplace(loop_, std::max(std::chrono::ceil<Duration>(*due - at), kBetweenLooks), [this] {
    const auto then = now();
    gate_.serve(then);
    watch(then);
  });
}

TenantGates::TenantGates(net::Loop& loop, const policy::TenantLimits& limits)
    : loop_(loop), statements_(loop, 1), bytes_(loop, 0) {
  running_ = std::make_shared<PlaceGate>(0, [this] {
    boost::asio::post(loop_.context(), [weak = std::weak_ptr(running_)] {
      if (const auto gate = weak.lock()) gate->serve();
    });
  });
  use(limits);
}

void TenantGates::use(const policy::TenantLimits& limits) {
  statements_.set_rate(number(limits.statements_per_second));
  bytes_.set_rate(limits.bytes_per_second);
  running_->set_places(number(limits.statements));
}

bool TenantGates::rested(TimePoint now) {
  return statements_.rested(now) && bytes_.rested(now) &&
         std::all_of(users_.begin(), users_.end(), [&](auto& user) { return user.second.statements.rested(now); });
}

}  // namespace bulkhead::session
