#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "net/loop.h"

namespace bulkhead::net {

/// What became of one read or write that did not block.
struct IoResult {
  enum class State {
    ok,           ///< `bytes` were moved, at least one
    would_block,  ///< nothing now: wait and try again
    closed,       ///< the peer is gone, or the stream is broken
  };
  State state;
  std::size_t bytes = 0;
};

/// A connected stream socket (TCP or Unix), non-blocking, on one loop. Move-only; closing is destruction or close().
/// Waits are one-shot and end with an error when the stream is closed. The loop's thread only.
class Stream {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;

  explicit Stream(Socket socket);
  Stream(Loop& loop, int descriptor, int family);

  bool is_open() const { return socket_.is_open(); }
  void close();
  /// Gives the descriptor up, for a stream on another loop to take over. {descriptor, address family}.
  std::pair<int, int> release();

  IoResult read_some(std::span<char> into);
  IoResult write_some(std::string_view bytes);

  /// `handler(bool ok)` once the stream is readable (writable); ok is false when it was closed meanwhile.
  template <class Handler>
  void when_readable(Handler handler) {
    socket_.async_wait(Socket::wait_read, [handler = std::move(handler)](const boost::system::error_code& ec) mutable {
      handler(!ec);
    });
  }
  template <class Handler>
  void when_writable(Handler handler) {
    socket_.async_wait(Socket::wait_write, [handler = std::move(handler)](const boost::system::error_code& ec) mutable {
      handler(!ec);
    });
  }

  /// For dialogues (login), not for the hot path. An error means the stream is of no further use.
  boost::asio::awaitable<Result<void>> write_all(std::string_view bytes);
  /// Appends what there is to `buffer`, at least one byte.
  boost::asio::awaitable<Result<void>> read_more(std::string& buffer);

  /// The peer's address as text: "192.0.2.1:5432", "[::1]:5432" or "unix".
  std::string peer() const;
  /// What of it one party cannot change at will: an IPv4 address, an IPv6 network of 64 bits, or "unix".
  std::string origin() const;

 private:
  void set_options();
  Socket socket_;
};

/// Connects to host:port, or to the Unix socket host/.s.PGSQL.port if `host` begins with '/'. Every address the name
/// resolves to is tried within `timeout`.
boost::asio::awaitable<Result<Stream>> connect(Loop& loop, std::string host, std::uint16_t port, Duration timeout);

}  // namespace bulkhead::net
