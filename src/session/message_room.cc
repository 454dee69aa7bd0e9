#include "session/message_room.h"

namespace bulkhead::session {

namespace {
bool fits(std::size_t bytes, std::size_t used, std::size_t limit) {
  return used == 0 || (used <= limit && bytes <= limit - used);
}
}  // namespace

bool SharedRoom::take(std::size_t bytes) {
  std::size_t used = used_;
  do {
    if (!fits(bytes, used, limit_)) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes));
  return true;
}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this != &other) {
    release();
    room_ = std::exchange(other.room_, nullptr);
    bytes_ = std::exchange(other.bytes_, 0);
  }
  return *this;
}

void Reservation::release() {
  if (room_) std::exchange(room_, nullptr)->give(std::exchange(bytes_, 0));
}

Reservation MessageRoom::reserve(std::size_t bytes, Guest& guest) {
  if (waiting_.empty() && take(bytes)) return Reservation(*this, bytes);
  waiting_.push_back({&guest, bytes});
  return {};
}

void MessageRoom::leave(Guest& guest) {
  if (std::erase_if(waiting_, [&](const Waiting& w) { return w.guest == &guest; }) > 0 && !waiting_.empty()) wake_();
}

void MessageRoom::serve() {
  while (!waiting_.empty() && take(waiting_.front().bytes)) {
    const auto next = waiting_.front();
    waiting_.pop_front();
    next.guest->on_room(Reservation(*this, next.bytes));
  }
}

bool MessageRoom::take(std::size_t bytes) {
  if (!fits(bytes, used_, limit_) || !shared_.take(bytes)) return false;
  used_ += bytes;
  return true;
}

void MessageRoom::give(std::size_t bytes) {
  used_ -= bytes;
  shared_.give(bytes);
  if (!waiting_.empty()) wake_();
}

}  // namespace bulkhead::session
