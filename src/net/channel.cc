#include "net/channel.h"

namespace bulkhead::net {

void Channel::want_readable() {
  if (waiting_) return;
  waiting_ = true;
  stream_.when_readable([self = shared_from_this()](bool ok) {
    self->waiting_ = false;
    if (ok && self->owner_) self->owner_->on_readable(*self);
  });
}

void Channel::send(std::string_view bytes) {
  if (broken_ || bytes.empty()) return;
  if (unsent() > 0) {
    kept_.append(bytes);
    return;
  }
  const auto result = stream_.write_some(bytes);
  if (result.state == IoResult::State::closed) {
    broken_ = true;
    return;
  }
  if (result.bytes == bytes.size()) return;
  kept_.assign(bytes.substr(result.bytes));
  written_ = 0;
  stream_.when_writable([self = shared_from_this()](bool ok) {
    if (ok) self->flush();
  });
}

void Channel::flush() {
  const auto result = stream_.write_some(std::string_view(kept_).substr(written_));
  if (result.state == IoResult::State::closed) broken_ = true;
  written_ += result.bytes;
  if (!broken_ && unsent() > 0) {
    stream_.when_writable([self = shared_from_this()](bool ok) {
      if (ok) self->flush();
    });
    return;
  }
  std::string().swap(kept_);
  written_ = 0;
  if (owner_) owner_->on_drained(*this);
}

}  // namespace bulkhead::net
