#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/loop.h"
#include "net/stream.h"

namespace bulkhead::net {

/// A listening socket, TCP or Unix. Move-only; destroyed it stops listening and takes its Unix socket file with it.
class Listener {
 public:
  /// Every address `host` resolves to. Port 0 asks the system for one.
  static Result<std::vector<Listener>> tcp(Loop& loop, const std::string& host, std::uint16_t port);
  /// directory/.s.PGSQL.port. A socket file nobody listens on any more is replaced, a live one is an error.
  static Result<Listener> unix_socket(Loop& loop, const std::string& directory, std::uint16_t port);

  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  /// "127.0.0.1:6432" or the path of the socket file.
  const std::string& name() const { return name_; }

  /// Accepts until close(), and hands each stream to `accepted`. Out of descriptors it waits and goes on.
  /// The listener must live until the coroutine has ended.
  boost::asio::awaitable<void> run(std::function<void(Stream)> accepted);
  void close();

 private:
  Listener(Loop& loop, int descriptor, int family, std::string name, std::string path);

  boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol> acceptor_;
  std::string name_;
  std::string path_;  ///< of the socket file; empty for TCP
};

}  // namespace bulkhead::net
