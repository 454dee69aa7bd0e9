#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "rewrite/observation.h"
#include "session/server_frames.h"

namespace bulkhead::session {

/// Texts of one shape that were judged alike.
struct ObservedShape {
  std::string shape;
  std::string verdict;  ///< unchanged, rewritten, refused, unparsable
  std::string becomes;  ///< of rewritten: what the first text would have become, without its literals
  std::string sqlstate, reason, hint;  ///< of refused and unparsable
  std::uint64_t count = 0;
  std::map<std::string, std::uint64_t> tenants;
  std::set<std::string> users;  ///< the first ones
  std::set<std::string> roles;  ///< of users that have one
  bool default_role = false;    ///< and some that have none
  rewrite::Observation names;
};

/// What mode observe has seen, of all tenants; bounded. There is one only under a policy of that mode. Any thread.
class Observed {
 public:
  struct Who {
    std::string_view tenant, user;
  };
  static constexpr std::size_t kShapesOfTenant = 1000;  ///< that it was the first to send; the rest is counted together
  static constexpr std::size_t kShapes = 10'000;
  static constexpr std::size_t kUsers = 20;

  struct Seen {
    std::map<std::string, ObservedShape> shapes;
    std::map<std::string, std::uint64_t> other;  ///< by tenant: there was no place for their shapes
  };

  /// Null but in mode observe.
  static std::unique_ptr<Observed> under(const policy::Policy& policy);

  void saw(Who who, std::string_view text, const rewrite::Subject& subject, const rewrite::Rewritten& rewritten);
  void saw(Who who, std::string_view text, const rewrite::Subject& subject, const rewrite::Rejected& rejected);
  Seen seen() const;

  /// For ServerFrames::pass.
  Unconfined permit() const { return {}; }

 private:
  Observed() = default;
  void count(Who who, std::string_view text, const rewrite::Subject& subject, ObservedShape shape);

  mutable std::mutex mutex_;
  Seen seen_;
  std::map<std::string, std::size_t, std::less<>> shapes_of_;  ///< by the tenant that was the first to send them
};

}  // namespace bulkhead::session
