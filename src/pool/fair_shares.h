#pragma once

#include <cstddef>
#include <list>
#include <optional>

#include "base/clock.h"

namespace bulkhead::pool {

/// How a number of places is divided among members that want more of them than there are. Pure; times are given.
///
/// Whoever wants a place and there is none stands in line; one that becomes free goes to whom has the fewest for its weight, of
/// those to whom has waited longest. Whoever has more than another could have with one more gives a place up when it can
/// (yields()). With fewer places than members in need the last one of a member goes round, too, but not at once: it costs a new connection.
class FairShares {
 public:
  class Member {
   public:
    std::size_t held() const { return held_; }
    bool waits() const { return since_.has_value(); }

   private:
    friend class FairShares;
    int weight_ = 1;
    std::size_t held_ = 0;
    std::optional<TimePoint> since_;  ///< it waits for a place
  };
  using Place = std::list<Member>::iterator;

  /// 0: as many as anybody likes.
  void set_places(std::size_t places) { places_ = places; }
  std::size_t held() const { return held_; }
  std::size_t waiting() const { return waiting_; }

  Place join(int weight);
  /// With all it holds.
  void leave(Place member);
  void set_weight(Place member, int weight) { member->weight_ = weight; }

  /// A place at once, and it is held; or the member waits, unless it only tries.
  bool take(Place member, TimePoint now, bool waits = true);
  /// It waits no longer.
  void withdraw(Place member);
  void give(Place member, std::size_t places);
  /// Who gets the next place: it is held by them now, and they wait no longer. end(): nobody.
  Place grant();
  Place end() { return members_.end(); }

  /// Whether the member should give up a place that it has a use for.
  bool yields(const Member& member, TimePoint now) const;

 private:
  std::size_t places_ = 0;
  std::size_t held_ = 0;
  std::size_t waiting_ = 0;
  std::list<Member> members_;
};

}  // namespace bulkhead::pool
