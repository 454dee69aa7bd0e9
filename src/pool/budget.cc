#include "pool/budget.h"

#include <utility>

namespace bulkhead::pool {
namespace {
TimePoint now() { return std::chrono::steady_clock::now(); }
}  // namespace

Budget::Share::Share(std::shared_ptr<Budget> budget, int weight, std::function<void()> granted)
    : budget_(std::move(budget)), granted_(std::move(granted)) {
  const std::lock_guard lock(budget_->mutex_);
  place_ = budget_->shares_.join(weight);
  budget_->share_of_.emplace(&*place_, this);
}

Budget::Share::~Share() {
  const std::lock_guard lock(budget_->mutex_);
  budget_->share_of_.erase(&*place_);
  budget_->shares_.leave(place_);
  budget_->grant();
}

bool Budget::Share::take() {
  std::vector<std::function<void()>> reclaimers;
  {
    const std::lock_guard lock(budget_->mutex_);
    if (budget_->shares_.take(place_, now())) return true;
    budget_->waiting_ = budget_->shares_.waiting();
    reclaimers = budget_->reclaimers_;
  }
  for (const auto& reclaim : reclaimers) reclaim();
  return false;
}

bool Budget::Share::try_take() {
  const std::lock_guard lock(budget_->mutex_);
  return budget_->shares_.take(place_, now(), false);
}

void Budget::Share::withdraw() {
  const std::lock_guard lock(budget_->mutex_);
  budget_->shares_.withdraw(place_);
  budget_->grant();
}

void Budget::Share::give(std::size_t places) {
  if (places == 0) return;
  const std::lock_guard lock(budget_->mutex_);
  budget_->shares_.give(place_, places);
  budget_->grant();
}

void Budget::Share::set_weight(int weight) {
  const std::lock_guard lock(budget_->mutex_);
  budget_->shares_.set_weight(place_, weight);
}

bool Budget::Share::yields() const {
  const std::lock_guard lock(budget_->mutex_);
  return budget_->shares_.yields(*place_, now());
}

void Budget::set_places(std::size_t places) {
  const std::lock_guard lock(mutex_);
  shares_.set_places(places);
  grant();
}

void Budget::add_reclaimer(std::function<void()> reclaim) {
  const std::lock_guard lock(mutex_);
  reclaimers_.push_back(std::move(reclaim));
}

void Budget::grant() {
  for (auto next = shares_.grant(); next != shares_.end(); next = shares_.grant()) share_of_.at(&*next)->granted_();
  waiting_ = shares_.waiting();
}

void Budgets::set_places(std::size_t places) {
  const std::lock_guard lock(mutex_);
  places_ = places;
  for (const auto& [server, budget] : budgets_) budget->set_places(places);
}

std::shared_ptr<Budget> Budgets::of(const std::string& server) {
  const std::lock_guard lock(mutex_);
  auto& budget = budgets_[server];
  if (budget) return budget;
  budget = std::make_shared<Budget>();
  budget->set_places(places_);
  for (const auto& reclaim : reclaimers_) budget->add_reclaimer([reclaim, server] { reclaim(server); });
  return budget;
}

void Budgets::add_reclaimer(std::function<void(const std::string& server)> reclaim) {
  const std::lock_guard lock(mutex_);
  for (const auto& [server, budget] : budgets_) budget->add_reclaimer([reclaim, server = server] { reclaim(server); });
  reclaimers_.push_back(std::move(reclaim));
}

}  // namespace bulkhead::pool
