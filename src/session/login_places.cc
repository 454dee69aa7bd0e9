#include "session/login_places.h"

#include <algorithm>
#include <utility>

namespace bulkhead::session {

LoginPlaces::Place::Place(LoginPlaces& places, const std::string& origin, std::function<void()> evict)
    : places_(&places), number_(++places.newcomers_), evict_(std::move(evict)) {
  if (places.taken_ >= places.places_) places.make_room();
  origin_ = places.by_origin_.try_emplace(origin).first;
  at_ = origin_->second.insert(origin_->second.end(), this);
  ++places.taken_;
}

void LoginPlaces::Place::leave() {
  if (!places_) return;
  origin_->second.erase(at_);
  if (origin_->second.empty()) places_->by_origin_.erase(origin_);
  --std::exchange(places_, nullptr)->taken_;
}

void LoginPlaces::make_room() {
  const auto crowd = std::max_element(by_origin_.begin(), by_origin_.end(), [](const auto& a, const auto& b) {
    if (a.second.size() != b.second.size()) return a.second.size() < b.second.size();
    return a.second.front()->number_ > b.second.front()->number_;
  });
  Place& oldest = *crowd->second.front();
  oldest.leave();
  oldest.evict_();
}

}  // namespace bulkhead::session
