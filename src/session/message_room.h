#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

namespace bulkhead::session {

class MessageRoom;

/// Bytes that all long messages under way in this process may take, see MessageRoom. Any thread.
class SharedRoom {
 public:
  explicit SharedRoom(std::size_t limit) : limit_(limit) {}
  bool take(std::size_t bytes);
  void give(std::size_t bytes) { used_ -= bytes; }
  std::size_t used() const { return used_; }
  /// For what is taken from now on.
  void set_limit(std::size_t limit) { limit_ = limit; }

 private:
  std::atomic<std::size_t> limit_;
  std::atomic<std::size_t> used_{0};
};

/// The right to hold one long message, until it is released or dropped. Must not outlive its room. Move-only.
class Reservation {
 public:
  Reservation() = default;
  Reservation(Reservation&& other) noexcept
      : room_(std::exchange(other.room_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation() { release(); }

  explicit operator bool() const { return room_ != nullptr; }
  std::size_t bytes() const { return bytes_; }
  void release();

 private:
  friend class MessageRoom;
  Reservation(MessageRoom& room, std::size_t bytes) : room_(&room), bytes_(bytes) {}
  MessageRoom* room_ = nullptr;
  std::size_t bytes_ = 0;
};

/// Room for the long messages of one tenant: a message is held whole before it is judged, so its whole length is
/// reserved before it is read, or its client is not read meanwhile. Who waits holds nothing of what others wait for, so
/// every message that has its room can arrive. First come, first served. Knows no clock and no socket; lives on its
/// tenant's loop.
class MessageRoom {
 public:
  class Guest {
   public:
    virtual void on_room(Reservation reservation) = 0;

   protected:
    ~Guest() = default;
  };

  /// `wake` asks for a serve() soon, but not at once: sessions call from places of their own.
  MessageRoom(SharedRoom& shared, std::size_t limit, std::function<void()> wake)
      : shared_(shared), limit_(limit), wake_(std::move(wake)) {}
  MessageRoom(const MessageRoom&) = delete;
  MessageRoom& operator=(const MessageRoom&) = delete;

  /// An empty one: the guest waits, and is told by on_room(). More than the limit (it may have been set lower meanwhile) finds room
  /// when nobody else holds anything.
  Reservation reserve(std::size_t bytes, Guest& guest);
  void leave(Guest& guest);
  /// Gives out what has become free, be it here or, so it is to be called now and then, in the rooms of other tenants.
  void serve();

  std::size_t used() const { return used_; }
  void set_limit(std::size_t limit) { limit_ = limit; }

 private:
  friend class Reservation;
  bool take(std::size_t bytes);
  void give(std::size_t bytes);

  struct Waiting {
    Guest* guest;
    std::size_t bytes;
  };
  SharedRoom& shared_;
  std::size_t limit_;
  std::function<void()> wake_;
  std::size_t used_ = 0;
  std::deque<Waiting> waiting_;
};

}  // namespace bulkhead::session
