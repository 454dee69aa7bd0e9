#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/stream.h"

namespace bulkhead::net {

/// A stream in its talking phase: reads without blocking, and writes that keep what the peer does not take yet. Always
/// held by shared_ptr, because a wait that is under way keeps it alive; its owner may come and go. The loop's thread
/// only. An idle channel holds no buffers.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  /// Whom readiness is told. The owner must take itself off (set_owner(nullptr)) before it dies.
  class Owner {
   public:
    virtual void on_readable(Channel& channel) = 0;  ///< asked for by want_readable(); also when the peer has gone
    virtual void on_drained(Channel& channel) = 0;   ///< all that was kept back has been written, or never will be

   protected:
    ~Owner() = default;
  };

  Channel(Loop& loop, Stream stream) : loop_(loop), stream_(std::move(stream)) {}

  Loop& loop() { return loop_; }
  void set_owner(Owner* owner) { owner_ = owner; }

  /// One on_readable() when there is something to read. Asking again before it came changes nothing.
  void want_readable();
  bool waits_to_read() const { return waiting_; }
  IoResult read_some(std::span<char> into) { return stream_.read_some(into); }

  /// Writes what the peer takes now and keeps the rest in order; once the rest is out, on_drained(). Never blocks. What
  /// is kept is bounded by the caller, who stops producing while unsent() > 0.
  void send(std::string_view bytes);
  std::size_t unsent() const { return kept_.size() - written_; }
  /// A write failed: nothing more will reach the peer.
  bool broken() const { return broken_; }

  /// Nothing more is sent, not even what has been kept back: the peer reads the end behind what it has got. Reading goes on.
  void finish();
  /// Bytes the peer's side of the connection has taken so far.
  std::uint64_t sent() const { return sent_; }

  void close() { stream_.close(); }
  bool is_open() const { return stream_.is_open(); }
  std::string peer() const { return stream_.peer(); }
  std::string local() const { return stream_.local(); }
  const TlsSession* tls() const { return stream_.tls(); }
  /// The peer will send nothing more, whatever there is still to be read of it.
  bool hung_up() const { return stream_.hung_up(); }

 private:
  void flush();
  void readable(bool ok);

  Loop& loop_;
  Stream stream_;
  Owner* owner_ = nullptr;
  std::string kept_;
  std::size_t written_ = 0;  ///< of kept_
  std::uint64_t sent_ = 0;
  bool waiting_ = false;
  bool broken_ = false;
};

}  // namespace bulkhead::net
