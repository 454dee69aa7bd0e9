#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <string>

namespace bulkhead::session {

/// The places of those who have not proved anything yet. Nobody is kept out: a newcomer takes the place of the one who
/// has been there longest, among those of the origin that has the most. So silent strangers keep nobody out, and a flood
/// from one address costs that address's own logins. Knows no socket; one loop's thread.
class LoginPlaces {
 public:
  explicit LoginPlaces(std::size_t places) : places_(places) {}

  /// A login under way; ends with the object, which must not outlive the places.
  class Place {
   public:
    Place(LoginPlaces& places, const std::string& origin, std::function<void()> evict);
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { leave(); }

   private:
    friend class LoginPlaces;
    void leave();
    LoginPlaces* places_;  ///< null: not there any more
    std::map<std::string, std::list<Place*>>::iterator origin_;
    std::list<Place*>::iterator at_;
    std::uint64_t number_;  ///< counts newcomers
    std::function<void()> evict_;
  };

  std::size_t taken() const { return taken_; }

 private:
  void make_room();

  const std::size_t places_;
  std::size_t taken_ = 0;
  std::uint64_t newcomers_ = 0;
  std::map<std::string, std::list<Place*>> by_origin_;  ///< the oldest first; no empty ones
};

}  // namespace bulkhead::session
