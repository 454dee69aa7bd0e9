#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/io_result.h"
#include "net/loop.h"
#include "net/tls_session.h"

namespace bulkhead::net {

/// A connected stream socket (TCP or Unix), non-blocking, on one loop; plain, until it becomes TLS. Move-only; closing is
/// destruction or close(). Waits are one-shot and end with an error when the stream is closed. The loop's thread only.
class Stream {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;

  explicit Stream(Socket socket);
  Stream(Loop& loop, int descriptor, int family);
  Stream(Stream&&) = default;
  Stream& operator=(Stream&& other) noexcept;
  ~Stream() { close(); }

  bool is_open() const { return socket_.is_open(); }
  void close();

  /// Nothing more will be written: the peer reads what has been, and then the end. Reading goes on.
  void finish_writing();

  /// What remains of a stream between two loops.
  struct Released {
    int descriptor;
    int family;  ///< of its address
    std::unique_ptr<TlsSession> tls;
  };
  /// Gives the connection up, for a stream on another loop to take over.
  Released release();
  Stream(Loop& loop, Released released);

  /// Becomes TLS, as the server or as the client of `host`. Nothing may have been read that the peer sent behind its last
  /// plain byte. An error says why the handshake failed; the stream is of no further use then.
  boost::asio::awaitable<Result<void>> accept_tls(std::shared_ptr<const TlsContext> context);
  boost::asio::awaitable<Result<void>> connect_tls(std::shared_ptr<const TlsContext> context, std::string host);
  /// Null: it is plain.
  const TlsSession* tls() const { return tls_.get(); }

  IoResult read_some(std::span<char> into) { return tls_ ? tls_->read(into) : read_plain(into); }
  IoResult write_some(std::string_view bytes) { return tls_ ? tls_->write(bytes) : write_plain(bytes); }
  /// There is something to read that no wait would tell of.
  bool has_unread() const { return tls_ && tls_->has_unread(); }

  /// `handler(bool ok)` once the socket is readable (writable); ok is false when it was closed meanwhile.
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
  /// The first byte there is, which stays to be read. Only of a plain stream.
  boost::asio::awaitable<Result<char>> peek();

  /// The peer has closed its side, whatever of it is still to be read.
  bool hung_up() const;

  /// The peer's address as text: "192.0.2.1:5432", "[::1]:5432" or "unix".
  std::string peer() const;
  /// Our own end of it, likewise.
  std::string local() const;
  /// What of it one party cannot change at will: an IPv4 address, an IPv6 network of 64 bits, or "unix".
  std::string origin() const;

 private:
  void set_options();
  Error gone() const;
  IoResult read_plain(std::span<char> into);
  IoResult write_plain(std::string_view bytes);
  boost::asio::awaitable<Result<void>> shake_hands();

  Socket socket_;
  std::unique_ptr<TlsSession> tls_;
};

/// Where a server listens. A value.
struct Address {
  Stream::Socket::endpoint_type endpoint;
  std::string text;  ///< "192.0.2.1:5432", "[::1]:5432" or the path of a Unix socket
};

/// Every address host:port stands for now, at least one; or the Unix socket host/.s.PGSQL.port if `host` begins with '/'.
boost::asio::awaitable<Result<std::vector<Address>>> resolve(Loop& loop, std::string host, std::uint16_t port, Duration timeout);

boost::asio::awaitable<Result<Stream>> connect(Loop& loop, Address address, Duration timeout);

}  // namespace bulkhead::net
