#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/loop.h"
#include "net/stream.h"

namespace bulkhead::net {

/// The file of a Unix socket of ours, under whatever name, as long as it is ours. Move-only; destroyed it is removed.
class SocketFile {
 public:
  SocketFile() = default;
  /// It is there; empty: there is none.
  explicit SocketFile(std::string path);
  SocketFile(SocketFile&& other) noexcept : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}
  SocketFile& operator=(SocketFile&&) = delete;
  ~SocketFile() { remove(); }

  explicit operator bool() const { return !path_.empty(); }
  const std::string& path() const { return path_; }
  /// Takes another name, and the place of what has that. False, and errno: it cannot.
  bool rename(const std::string& path);
  /// Another process may have put its own in the place of ours: that stays.
  void remove();

 private:
  bool is_ours() const;

  std::string path_;  ///< empty: there is none
  std::uintmax_t device_ = 0, inode_ = 0;
};

/// What a listener does at a place where somebody listens already.
enum class Occupied {
  refuse,     ///< it is an error
  take_over,  ///< whoever connects from open() on comes here. The other must be of the same user, and a listener of ours
};

/// A listening socket, TCP or Unix. Move-only; destroyed it stops listening and takes its Unix socket file with it, unless another
/// has taken that over. The loop's thread only, once it runs.
class Listener {
 public:
  /// Every address `host` resolves to. Port 0 asks the system for one. Nobody can connect before open().
  static Result<std::vector<Listener>> tcp(Loop& loop, const std::string& host, std::uint16_t port, Occupied occupied = Occupied::refuse);
  /// directory/.s.PGSQL.port, likewise. A socket file nobody listens on any more is replaced.
  static Result<Listener> unix_socket(Loop& loop, const std::string& directory, std::uint16_t port, Occupied occupied = Occupied::refuse);

  Listener(Listener&&) = default;
  Listener& operator=(Listener&&) = delete;

  /// "127.0.0.1:6432" or the path of the socket file.
  const std::string& name() const { return name_; }

  /// From now on clients can connect. Once.
  Result<void> open();
  /// Accepts until close(), and hands each stream to `accepted`. Out of descriptors it waits and goes on.
  /// The listener must live until the coroutine has ended.
  boost::asio::awaitable<void> run(std::function<void(Stream)> accepted);
  /// Nobody can connect any more; whoever has is accepted yet, then run() ends.
  void close();

 private:
  Listener(Loop& loop, int descriptor, int family, std::string name, std::string file, Occupied occupied);

  boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol> acceptor_;
  std::string name_;
  SocketFile file_;  ///< none for TCP
  Occupied occupied_;
  bool closed_ = false;
};

}  // namespace bulkhead::net
