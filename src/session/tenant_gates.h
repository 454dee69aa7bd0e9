#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "net/deadline.h"
#include "net/loop.h"
#include "policy/model.h"
#include "session/gates.h"

namespace bulkhead::session {

/// A RateGate with a clock, which opens by itself. The loop's thread only.
class TimedGate {
 public:
  TimedGate(net::Loop& loop, std::size_t toll) : loop_(loop), gate_(0, toll) {}

  bool enter(Gate::Guest& guest);
  void spend(std::size_t units) { gate_.spend(units); }
  void leave(Gate::Guest& guest) { gate_.leave(guest); }
  bool limited() const { return gate_.limited(); }
  void set_rate(std::size_t per_second);
  bool is(const Gate& gate) const { return &gate == &gate_; }
  /// Nothing would be forgotten with it.
  bool rested(TimePoint now) { return gate_.rested(now); }

 private:
  void watch(TimePoint now);
  net::Loop& loop_;
  RateGate gate_;
  std::optional<net::Deadline> due_;
};

/// What the sessions of one tenant share by its limits: rates, and statements that run at once. Made with the tenant's first session;
/// may go after its last, but not before it has rested: who connects anew owes what was owed. The tenant's loop's thread only.
class TenantGates {
 public:
  TenantGates(net::Loop& loop, const policy::TenantLimits& limits);
  TenantGates(const TenantGates&) = delete;
  TenantGates& operator=(const TenantGates&) = delete;

  /// These are in force from now on, also for those who wait.
  void use(const policy::TenantLimits& limits);
  void use(const policy::User& user) { of(user).statements.set_rate(static_cast<std::size_t>(user.limits.statements_per_second)); }

  bool rested(TimePoint now);

  TimedGate& statements() { return statements_; }
  TimedGate& bytes() { return bytes_; }  ///< of results
  PlaceGate& running() { return *running_; }

  /// What the sessions of one user share here.
  struct OfUser {
    explicit OfUser(net::Loop& loop) : statements(loop, 1) {}
    int clients = 0;
    TimedGate statements;
  };
  OfUser& of(const policy::User& user) { return users_.try_emplace(user.name, loop_).first->second; }

 private:
  net::Loop& loop_;
  TimedGate statements_, bytes_;
  std::shared_ptr<PlaceGate> running_;
  std::map<std::string, OfUser> users_;  ///< by name: those that have been here
};

}  // namespace bulkhead::session
