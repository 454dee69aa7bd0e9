#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "base/clock.h"
#include "net/channel.h"
#include "policy/model.h"
#include "pool/backend.h"
#include "pool/frame_splitter.h"
#include "pool/host_book.h"
#include "pool/server_login.h"
#include "pool/server_tls.h"

namespace bulkhead::pool {

/// Where a cancel request for one connection goes, and what proves it.
struct CancelTarget {
  net::Address address;  ///< the connection's own: the host's name may stand for another by now
  std::string host;      ///< as the configuration names it, for TLS
  std::int32_t process_id;
  std::string key;
  std::shared_ptr<const net::TlsContext> tls;  ///< as the connection itself: null: without TLS
  bool direct = false;
};

/// One connection to PostgreSQL that has logged in. It belongs to one tenant for life (the control connection to none).
/// Owned by a pool, a lease, or whoever opened it; dropped, it closes. The loop's thread only.
class ServerConnection {
 public:
  /// `direct`: as the server's tls.direct.
  ServerConnection(net::Loop& loop, net::Stream stream, LoggedIn login, bool direct);
  ~ServerConnection();
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;

  net::Channel& channel() { return *channel_; }
  Backend& backend() { return backend_; }
  const Backend& backend() const { return backend_; }
  const LoggedIn& login() const { return login_; }
  const policy::HostPort& host() const { return host_; }
  void set_host(policy::HostPort host, net::Address address) {
    host_ = std::move(host);
    address_ = std::move(address);
  }
  /// What a cancel request for this connection needs; a value that may outlive it.
  CancelTarget cancel_target() const;
  void set_tls(std::shared_ptr<const net::TlsContext> tls) { tls_ = std::move(tls); }

  /// Counts the connections of this process.
  std::uint64_t id() const { return id_; }
  std::chrono::system_clock::time_point opened() const { return opened_; }
  /// Of the pool's, when it began to be opened: another one is in force when it is to be replaced.
  std::uint64_t generation() const { return generation_; }
  void set_generation(std::uint64_t generation) { generation_ = generation; }

  /// From then on it is too old to be used again.
  TimePoint expires() const { return expires_; }
  void set_expiry(TimePoint when) { expires_ = when; }

  /// Says Terminate, if it is time for a message, and nothing after it. The server closes its side when it gets there.
  void say_goodbye();

  /// A cancel request was sent for it: its signal may still be under way, so no other client may ever get it.
  void taint() { tainted_ = true; }
  /// No other client may get it, for that reason or because it is spent.
  bool tainted() const { return tainted_ || backend_.spent; }

  enum class Received { something, nothing, closed };
  /// Reads once and gives whole messages and pieces to the sink, see FrameSplitter. An Error is the sink's or a breach of
  /// protocol: the connection is of no further use.
  template <class Sink>
  Result<Received> receive(Sink& sink) {
    const auto space = channel_->loop().scratch();
    const auto got = channel_->read_some(space);
    if (got.state == net::IoResult::State::would_block) return Received::nothing;
    if (got.state == net::IoResult::State::closed) return Received::closed;
    std::string_view bytes(space.data(), got.bytes);
    if (!partial_.empty()) {
      partial_.append(bytes);
      bytes = partial_;
    }
    BULKHEAD_TRY(const auto used, splitter_.feed(bytes, sink));
    if (used == bytes.size())
      std::string().swap(partial_);
    else if (partial_.empty())
      partial_.assign(bytes.substr(used));
    else
      partial_.erase(0, used);
    return Received::something;
  }
  bool inside_message() const { return splitter_.inside_message(); }
  bool has_partial() const { return !partial_.empty() || splitter_.inside_message(); }

 private:
  std::shared_ptr<net::Channel> channel_;
  LoggedIn login_;
  Backend backend_;
  FrameSplitter splitter_;
  std::string partial_;
  policy::HostPort host_;
  net::Address address_;
  std::shared_ptr<const net::TlsContext> tls_;  ///< null: the connection is plain
  const bool direct_;
  const std::uint64_t id_;
  const std::chrono::system_clock::time_point opened_ = std::chrono::system_clock::now();
  std::uint64_t generation_ = 0;
  TimePoint expires_ = TimePoint::max();
  bool tainted_ = false;
  bool parting_ = false;
};

using ServerConnectionPtr = std::unique_ptr<ServerConnection>;

/// Opens a connection and logs in as the policy says, for `tenant` or as the control connection (null): to the first of the server's
/// hosts, and of the addresses its name stands for now, that fits the target, in the order of `hosts`, each within the server's
/// connect_timeout. Everything referred to is kept alive by `policy`. `tls`: as make_server_tls() made it.
boost::asio::awaitable<Result<ServerConnectionPtr>> open_connection(net::Loop& loop,
                                                                    std::shared_ptr<const policy::Policy> policy,
                                                                    const policy::Server& server,
                                                                    std::shared_ptr<const net::TlsContext> tls,
                                                                    HostBook& hosts,
                                                                    const policy::Tenant* tenant);

/// Sends a CancelRequest on a connection of its own and waits until the server has closed it, which it does after the
/// signal went out (postmaster.c, processCancelRequest). If the connection it is about is under TLS so is this, or it is
/// not sent: the key is worth as much as the connection. Errors are of no consequence and swallowed.
boost::asio::awaitable<void> send_cancel(net::Loop& loop, CancelTarget target, Duration timeout);

}  // namespace bulkhead::pool
