#include "net/stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

#include "net/deadline.h"

namespace bulkhead::net {
namespace asio = boost::asio;

namespace {
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr int kVanished = 20;  // seconds
}  // namespace

Stream::Stream(Socket socket) : socket_(std::move(socket)) { set_options(); }

Stream::Stream(Loop& loop, int descriptor, int family)
    : socket_(loop.context(), boost::asio::generic::stream_protocol(family, family == AF_UNIX ? 0 : IPPROTO_TCP), descriptor) {
  set_options();
}

Stream::Stream(Loop& loop, Released released) : Stream(loop, released.descriptor, released.family) {
  tls_ = std::move(released.tls);
}

Stream& Stream::operator=(Stream&& other) noexcept {
  if (this != &other) {
    close();
    socket_ = std::move(other.socket_);
    tls_ = std::move(other.tls_);
  }
  return *this;
}

Error Stream::gone() const {
  const bool told = tls_ && !tls_->complaint().empty();
  return make_error(sqlstate::connection_failure, told ? "TLS: " + tls_->complaint() : "connection closed by peer");
}

void Stream::set_options() {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  // Without TCP_NODELAY a driver's pipeline waits for delayed acknowledgements; keepalive finds peers that vanished.
  // Both fail harmlessly on a Unix socket.
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
}

void Stream::close() {
  if (tls_) tls_->close();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Stream::finish_writing() {
  boost::system::error_code ignored;
  // What is waited for now is the peer's end, and of one that has vanished the kernel is to say so in seconds, not hours: tcp(7). Fails
  // harmlessly on a Unix socket.
  for (const auto& [option, value] : {std::pair{TCP_USER_TIMEOUT, kVanished * 1000}, {TCP_KEEPIDLE, kVanished}, {TCP_KEEPINTVL, kVanished / 2}})
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
  socket_.shutdown(Socket::shutdown_send, ignored);
}

Stream::Released Stream::release() {
  boost::system::error_code ec;
  const auto endpoint = socket_.local_endpoint(ec);
  const int family = ec ? AF_UNIX : endpoint.protocol().family();
  return {socket_.release(), family, std::move(tls_)};
}

bool Stream::hung_up() const {
  pollfd descriptor{const_cast<Socket&>(socket_).native_handle(), POLLRDHUP, 0};
  return ::poll(&descriptor, 1, 0) == 1 && (descriptor.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

IoResult Stream::read_plain(std::span<char> into) {
  for (;;) {
    const auto n = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
    if (n > 0) return {IoResult::State::ok, static_cast<std::size_t>(n)};
    if (n == 0) return {IoResult::State::closed};
    if (errno == EINTR) continue;
    return {errno == EAGAIN || errno == EWOULDBLOCK ? IoResult::State::would_block : IoResult::State::closed};
  }
}

IoResult Stream::write_plain(std::string_view bytes) {
  for (;;) {
    const auto n = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0) return {IoResult::State::ok, static_cast<std::size_t>(n)};
    if (errno == EINTR) continue;
    return {errno == EAGAIN || errno == EWOULDBLOCK ? IoResult::State::would_block : IoResult::State::closed};
  }
}

asio::awaitable<Result<void>> Stream::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = write_some(bytes);
    if (written.state == IoResult::State::closed) co_return gone();
    bytes.remove_prefix(written.bytes);
    if (bytes.empty()) break;
    auto [ec] = co_await socket_.async_wait(Socket::wait_write, kAwait);
    if (ec) co_return gone();
  }
  co_return Result<void>();
}

asio::awaitable<Result<void>> Stream::read_more(std::string& buffer) {
  char bytes[4096];
  for (;;) {
    const auto got = read_some(bytes);
    if (got.state == IoResult::State::closed) co_return gone();
    if (got.state == IoResult::State::ok) {
      buffer.append(bytes, got.bytes);
      co_return Result<void>();
    }
    auto [ec] = co_await socket_.async_wait(Socket::wait_read, kAwait);
    if (ec) co_return gone();
  }
}

asio::awaitable<Result<char>> Stream::peek() {
  for (;;) {
    char byte = 0;
    const auto n = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK);
    if (n > 0) co_return byte;
    if (n == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)) co_return gone();
    if (errno == EINTR) continue;
    auto [ec] = co_await socket_.async_wait(Socket::wait_read, kAwait);
    if (ec) co_return gone();
  }
}

asio::awaitable<Result<void>> Stream::accept_tls(std::shared_ptr<const TlsContext> context) {
  tls_ = std::make_unique<TlsSession>(std::move(context), socket_.native_handle());
  co_return co_await shake_hands();
}

asio::awaitable<Result<void>> Stream::connect_tls(std::shared_ptr<const TlsContext> context, std::string host) {
  tls_ = std::make_unique<TlsSession>(std::move(context), socket_.native_handle(), host);
  co_return co_await shake_hands();
}

asio::awaitable<Result<void>> Stream::shake_hands() {
  for (;;) {
    const auto step = tls_->handshake();
    if (step == TlsSession::Step::done) co_return Result<void>();
    if (step == TlsSession::Step::failed)
      co_return make_error(sqlstate::connection_failure, "TLS handshake failed: " + tls_->complaint());
    auto [ec] = co_await socket_.async_wait(
        step == TlsSession::Step::wants_read ? Socket::wait_read : Socket::wait_write, kAwait);
    if (ec) co_return gone();
  }
}

namespace {

/// What `of_tcp` makes of a TCP address; "unix", or "unknown" if there is none any more.
template <class OfTcp>
std::string describe(const Stream::Socket::endpoint_type& address, const boost::system::error_code& ec, OfTcp of_tcp) {
  if (ec) return "unknown";
  if (address.protocol().family() != AF_INET && address.protocol().family() != AF_INET6) return "unix";
  asio::ip::tcp::endpoint endpoint;
  std::memcpy(endpoint.data(), address.data(), std::min(address.size(), endpoint.capacity()));
  endpoint.resize(address.size());
  return of_tcp(endpoint);
}

std::string with_port(const asio::ip::tcp::endpoint& endpoint) {
  const auto address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

}  // namespace

std::string Stream::peer() const {
  boost::system::error_code ec;
  const auto peer = socket_.remote_endpoint(ec);
  return describe(peer, ec, with_port);
}

std::string Stream::local() const {
  boost::system::error_code ec;
  const auto local = socket_.local_endpoint(ec);
  return describe(local, ec, with_port);
}

std::string Stream::origin() const {
  boost::system::error_code ec;
  const auto address = socket_.remote_endpoint(ec);
  return describe(address, ec, [](const asio::ip::tcp::endpoint& peer) {
    if (peer.address().is_v4()) return peer.address().to_string();
    auto bytes = peer.address().to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return asio::ip::address_v6(bytes).to_string() + "/64";
  });
}

asio::awaitable<Result<std::vector<Address>>> resolve(Loop& loop, std::string host, std::uint16_t port, Duration timeout) {
  std::vector<Address> found;
  if (host.starts_with('/')) {
    const std::string path = host + "/.s.PGSQL." + std::to_string(port);
    try {
      found.push_back({asio::local::stream_protocol::endpoint(path), path});
    } catch (const boost::system::system_error& e) {  // the path is too long for a socket address
      co_return make_error(sqlstate::connection_failure, "could not connect to " + path + ": " + e.code().message());
    }
    co_return found;
  }
  asio::ip::tcp::resolver resolver(loop.context());
  const Deadline resolving(loop, timeout, [&resolver] { resolver.cancel(); });
  auto [failure, addresses] = co_await resolver.async_resolve(host, std::to_string(port), kAwait);
  if (failure)
    co_return make_error(sqlstate::connection_failure,
                         "could not resolve " + host + ":" + std::to_string(port) + ": " + failure.message());
  for (const auto& address : addresses) found.push_back({address.endpoint(), with_port(address.endpoint())});
  co_return found;
}

asio::awaitable<Result<Stream>> connect(Loop& loop, Address address, Duration timeout) {
  Stream::Socket socket(loop.context());
  bool late = false;
  const Deadline connecting(loop, timeout, [&socket, &late] {
    late = true;
    boost::system::error_code ignored;
    socket.close(ignored);
  });
  auto [failure] = co_await socket.async_connect(address.endpoint, kAwait);
  if (!failure) co_return Stream(std::move(socket));
  const boost::system::error_code why = late ? asio::error::timed_out : failure;
  co_return make_error(sqlstate::connection_failure, "could not connect to " + address.text + ": " + why.message());
}

}  // namespace bulkhead::net
