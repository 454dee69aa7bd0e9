#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/token_bucket.h"

namespace bulkhead::session {

/// Where sessions of one tenant wait for what there is only so much of. First come, first served; who waits holds nothing of it.
/// Gates know no socket, and no clock but what they are told; they live on their tenant's loop.
class Gate {
 public:
  class Guest {
   public:
    /// It may go on, through this gate. Told once for each time it was made to wait, unless it leaves.
    virtual void on_pass(Gate& gate) = 0;

   protected:
    ~Guest() = default;
  };

  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  void leave(Guest& guest) { std::erase(line_, &guest); }
  std::size_t waiting() const { return line_.size(); }

 protected:
  Gate() = default;
  ~Gate() = default;
  void wait(Guest& guest) { line_.push_back(&guest); }
  Guest& next() {
    Guest* first = line_.front();
    line_.pop_front();
    return *first;
  }

 private:
  std::deque<Guest*> line_;
};

/// Lets through so many a second.
class RateGate final : public Gate {
 public:
  /// `toll`: what passing costs. 0 for what is only known afterwards, see spend().
  RateGate(std::size_t per_second, std::size_t toll) : bucket_(per_second), toll_(toll) {}

  /// True: it is through. False: it waits, and is told.
  bool enter(Guest& guest, TimePoint now) {
    if (waiting() == 0 && pays(now)) return true;
    wait(guest);
    return false;
  }
  void spend(std::size_t units) { bucket_.spend(units); }
  void set_rate(std::size_t per_second) { bucket_.set_rate(per_second); }
  /// False with a rate of 0: everybody passes.
  bool limited() const { return bucket_.limited(); }
  /// Tells those who may go on by now.
  void serve(TimePoint now) {
    while (waiting() > 0 && pays(now)) next().on_pass(*this);
  }
  bool rested(TimePoint now) { return waiting() == 0 && bucket_.rested(now); }
  /// When serve() will have something to do; nothing while nobody waits.
  std::optional<TimePoint> due(TimePoint now) {
    return waiting() > 0 ? std::optional(bucket_.opens_at(now)) : std::nullopt;
  }

 private:
  bool pays(TimePoint now) {
    if (!bucket_.open(now)) return false;
    bucket_.spend(toll_);
    return true;
  }

  TokenBucket bucket_;
  const std::size_t toll_;
};

/// Lets so many be inside at once; with 0 places, everybody.
class PlaceGate final : public Gate {
 public:
  /// `wake` asks for a serve() soon, but not at once: sessions call from places of their own.
  PlaceGate(std::size_t places, std::function<void()> wake) : places_(places), wake_(std::move(wake)) {}

  /// True: it is inside, until give_back(). False: it waits, and is told when it is.
  bool enter(Guest& guest) {
    if (waiting() == 0 && has_place()) {
      ++taken_;
      return true;
    }
    wait(guest);
    return false;
  }
  /// Inside, whether there is a place or not.
  void enter_anyway() { ++taken_; }
  void give_back() {
    --taken_;
    if (waiting() > 0 && has_place()) wake_();
  }
  void set_places(std::size_t places) {
    places_ = places;
    if (waiting() > 0 && has_place()) wake_();
  }
  void serve() {
    while (waiting() > 0 && has_place()) {
      ++taken_;
      next().on_pass(*this);
    }
  }
  std::size_t taken() const { return taken_; }
  bool limited() const { return places_ > 0; }

 private:
  bool has_place() const { return !limited() || taken_ < places_; }

  std::size_t places_;
  const std::function<void()> wake_;
  std::size_t taken_ = 0;
};

}  // namespace bulkhead::session
