#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

namespace bulkhead::session {

/// A client that has logged in, counted in all and for its tenant until this is dropped. Move-only; any thread.
class Seat {
 public:
  using Counter = std::shared_ptr<std::atomic<int>>;
  Seat(Counter all, Counter tenants) : all_(std::move(all)), tenants_(std::move(tenants)) {
    ++*all_;
    ++*tenants_;
  }
  Seat(Seat&&) = default;
  Seat& operator=(Seat&&) = delete;
  ~Seat() {
    if (!all_) return;
    --*tenants_;
    --*all_;
  }

 private:
  Counter all_, tenants_;
};

/// How many clients there are, in all and of each tenant. One thread, but for all().
class Seats {
 public:
  int all() const { return *all_; }
  int of(const std::string& tenant) const {
    const auto at = tenants_.find(tenant);
    return at == tenants_.end() ? 0 : at->second->load();
  }
  Seat take(const std::string& tenant) {
    auto& counter = tenants_[tenant];
    if (!counter) counter = std::make_shared<std::atomic<int>>(0);
    return {all_, counter};
  }

 private:
  const Seat::Counter all_ = std::make_shared<std::atomic<int>>(0);
  std::map<std::string, Seat::Counter> tenants_;
};

}  // namespace bulkhead::session
