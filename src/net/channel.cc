#include "net/channel.h"

#include <boost/asio/post.hpp>

namespace bulkhead::net {

void Channel::want_readable() {
  if (waiting_) return;
  waiting_ = true;
  if (stream_.has_unread()) [[unlikely]]  // as if the socket had told of it: not on the caller's stack
    boost::asio::post(loop_.context(), [self = shared_from_this()] { self->readable(self->stream_.is_open()); });
  else
    stream_.when_readable([self = shared_from_this()](bool ok) { self->readable(ok); });
}

void Channel::readable(bool ok) {
  waiting_ = false;
  if (ok && owner_) owner_->on_readable(*this);
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
  sent_ += result.bytes;
  if (result.bytes == bytes.size()) return;
  kept_.assign(bytes.substr(result.bytes));
  written_ = 0;
  stream_.when_writable([self = shared_from_this()](bool ok) {
    if (ok) self->flush();
  });
}

void Channel::finish() {
  std::string().swap(kept_);
  written_ = 0;
  stream_.finish_writing();
}

void Channel::flush() {
  if (kept_.empty()) return;
  const auto result = stream_.write_some(std::string_view(kept_).substr(written_));
  if (result.state == IoResult::State::closed) broken_ = true;
  written_ += result.bytes;
  sent_ += result.bytes;
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
