#include "net/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

#include "base/log.h"

namespace bulkhead::net {
namespace asio = boost::asio;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr int kBacklog = 1024;
constexpr auto kAcceptBackOff = std::chrono::milliseconds(100);

Error cannot_listen(const std::string& name, int code) {
  return make_error(sqlstate::config_file_error, "could not listen on " + name + ": " + std::strerror(code));
}

/// A descriptor that listens at the address, or -1 with errno.
int listen_at(const sockaddr* address, socklen_t length) {
  const int descriptor = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  const int on = 1;
  if (address->sa_family != AF_UNIX) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address->sa_family == AF_INET6) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(descriptor, address, length) == 0 && ::listen(descriptor, kBacklog) == 0) return descriptor;
  const int code = errno;
  ::close(descriptor);
  errno = code;
  return -1;
}

bool somebody_listens(const sockaddr_un& address) {
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return true;
  const bool answered = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(descriptor);
  return answered;
}

std::string name_of(int descriptor, const std::string& fallback) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  char host[NI_MAXHOST];
  char service[NI_MAXSERV];
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0 ||
      ::getnameinfo(reinterpret_cast<sockaddr*>(&address), length, host, sizeof host, service, sizeof service,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return fallback;
  const bool v6 = address.ss_family == AF_INET6;
  return (v6 ? "[" : "") + std::string(host) + (v6 ? "]:" : ":") + service;
}

}  // namespace

Result<std::vector<Listener>> Listener::tcp(Loop& loop, const std::string& host, std::uint16_t port) {
  const std::string name = host + ":" + std::to_string(port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); code != 0)
    return make_error(sqlstate::config_file_error, "could not listen on " + name + ": " + ::gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::vector<Listener> listeners;
  for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
    const int descriptor = listen_at(a->ai_addr, a->ai_addrlen);
    if (descriptor < 0) return cannot_listen(name, errno);
    listeners.push_back(Listener(loop, descriptor, a->ai_family, name_of(descriptor, name), {}));
  }
  return listeners;
}

Result<Listener> Listener::unix_socket(Loop& loop, const std::string& directory, std::uint16_t port) {
  const std::string path = directory + "/.s.PGSQL." + std::to_string(port);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return cannot_listen(path, ENAMETOOLONG);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  struct stat existing;
  if (::lstat(path.c_str(), &existing) == 0) {
    if (!S_ISSOCK(existing.st_mode) || somebody_listens(address)) return cannot_listen(path, EADDRINUSE);
    ::unlink(path.c_str());
  }
  const int descriptor = listen_at(reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (descriptor < 0) return cannot_listen(path, errno);
  ::chmod(path.c_str(), 0777);  // who may log in is decided by the login, as PostgreSQL's unix_socket_permissions
  return Listener(loop, descriptor, AF_UNIX, path, path);
}

Listener::Listener(Loop& loop, int descriptor, int family, std::string name, std::string path)
    : acceptor_(loop.context(), asio::generic::stream_protocol(family, family == AF_UNIX ? 0 : IPPROTO_TCP), descriptor),
      name_(std::move(name)),
      path_(std::move(path)) {}

Listener::Listener(Listener&& other) noexcept
    : acceptor_(std::move(other.acceptor_)), name_(std::move(other.name_)), path_(std::exchange(other.path_, {})) {}

Listener::~Listener() { close(); }

void Listener::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  if (!path_.empty()) ::unlink(path_.c_str());
  path_.clear();
}

asio::awaitable<void> Listener::run(std::function<void(Stream)> accepted) {
  asio::steady_timer pause(co_await asio::this_coro::executor);
  while (acceptor_.is_open()) {
    auto [ec, socket] = co_await acceptor_.async_accept(kAwait);
    if (!ec) {
      accepted(Stream(std::move(socket)));
    } else if (ec == asio::error::operation_aborted) {
      break;
    } else {
      // Mostly EMFILE: accepting again at once would spin, leaving would end the service.
      log::warning("accept failed", {{"listener", name_}, {"error", ec.message()}});
      pause.expires_after(kAcceptBackOff);
      co_await pause.async_wait(kAwait);
    }
  }
}

}  // namespace bulkhead::net
