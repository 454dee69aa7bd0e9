#include "pool/fair_shares.h"

namespace bulkhead::pool {
namespace {

/// For so long a member without any place waits before another one's last is taken from it.
constexpr Duration kPatience{100};

/// a / weight_a < b / weight_b
bool less(std::size_t a, int weight_a, std::size_t b, int weight_b) {
  return a * static_cast<std::size_t>(weight_b) < b * static_cast<std::size_t>(weight_a);
}

}  // namespace

FairShares::Place FairShares::join(int weight) {
  members_.emplace_back();
  members_.back().weight_ = weight;
  return std::prev(members_.end());
}

void FairShares::leave(Place member) {
  withdraw(member);
  held_ -= member->held_;
  members_.erase(member);
}

bool FairShares::take(Place member, TimePoint now, bool waits) {
  if (places_ == 0 || (held_ < places_ && waiting_ == 0)) {
    ++member->held_;
    ++held_;
    return true;
  }
  if (waits && !member->since_) {
    member->since_ = now;
    ++waiting_;
  }
  return false;
}

void FairShares::withdraw(Place member) {
  if (!member->since_) return;
  member->since_.reset();
  --waiting_;
}

void FairShares::give(Place member, std::size_t places) {
  member->held_ -= places;
  held_ -= places;
}

FairShares::Place FairShares::grant() {
  if (waiting_ == 0 || (places_ > 0 && held_ >= places_)) return end();
  auto best = end();
  for (auto at = members_.begin(); at != members_.end(); ++at) {
    if (!at->since_) continue;
    const bool better = best == end() || less(at->held_, at->weight_, best->held_, best->weight_) ||
                        (!less(best->held_, best->weight_, at->held_, at->weight_) && *at->since_ < *best->since_);
    if (better) best = at;
  }
  withdraw(best);
  ++best->held_;
  ++held_;
  return best;
}

bool FairShares::yields(const Member& member, TimePoint now) const {
  if (waiting_ == 0) return false;
  for (const Member& other : members_) {
    if (!other.since_ || &other == &member) continue;
    if (less(other.held_ + 1, other.weight_, member.held_, member.weight_)) return true;
    if (other.held_ == 0 && now - *other.since_ >= kPatience) return true;
  }
  return false;
}

}  // namespace bulkhead::pool
