#include "net/listener.h"

#include <linux/filter.h>
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

/// A descriptor that is bound to the address, or -1 with errno.
int bind_to(const sockaddr* address, socklen_t length, bool shared) {
  const int descriptor = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  const int on = 1;
  if (address->sa_family != AF_UNIX) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address->sa_family == AF_INET6) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if ((!shared || ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0) && ::bind(descriptor, address, length) == 0)
    return descriptor;
  const int code = errno;
  ::close(descriptor);
  errno = code;
  return -1;
}

/// socket(7): SO_REUSEPORT has to be set on the first socket, too, before it is bound. So every one of ours has it, and one that is to
/// have the port for itself finds out first whether anybody has it, by a socket without.
int bind_to_port(const sockaddr* address, socklen_t length, Occupied occupied) {
  if (occupied == Occupied::refuse) {
    const int probe = bind_to(address, length, false);
    if (probe < 0) return -1;
    ::close(probe);
  }
  return bind_to(address, length, true);
}

/// The kernel would divide those who connect among the sockets of a port, and reset whoever waits in the queue of one that closes. So
/// whoever begins to connect from now on goes to the second socket of the port's group, and who came before has long been accepted when
/// the first one closes. Then there is no second one, which is for the kernel to find as without this, until the next take-over.
/// Without it (an error is of no consequence) few connections are lost, not none.
void send_newcomers_to_the_second(int descriptor) {
  sock_filter second = BPF_STMT(BPF_RET | BPF_K, 1);
  const sock_fprog program{1, &second};
  ::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program);
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

SocketFile::SocketFile(std::string path) : path_(std::move(path)) {
  struct stat at {};
  if (::lstat(path_.c_str(), &at) != 0) path_.clear();
  device_ = at.st_dev;
  inode_ = at.st_ino;
}

/// No other file has its numbers while its socket is open.
bool SocketFile::is_ours() const {
  struct stat at {};
  return ::lstat(path_.c_str(), &at) == 0 && at.st_dev == device_ && at.st_ino == inode_;
}

bool SocketFile::rename(const std::string& path) {
  if (!is_ours()) {
    errno = ENOENT;
    return false;
  }
  if (::rename(path_.c_str(), path.c_str()) != 0) return false;
  path_ = path;
  return true;
}

void SocketFile::remove() {
  if (!path_.empty() && is_ours()) ::unlink(path_.c_str());
  path_.clear();
}

Result<std::vector<Listener>> Listener::tcp(Loop& loop, const std::string& host, std::uint16_t port, Occupied occupied) {
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
    const int descriptor = bind_to_port(a->ai_addr, a->ai_addrlen, occupied);
    if (descriptor < 0) return cannot_listen(name, errno);
    listeners.push_back(Listener(loop, descriptor, a->ai_family, name_of(descriptor, name), {}, occupied));
  }
  return listeners;
}

/// Bound to a name that clients do not know, which open() changes: one that finds the file can connect.
Result<Listener> Listener::unix_socket(Loop& loop, const std::string& directory, std::uint16_t port, Occupied occupied) {
  const std::string path = directory + "/.s.PGSQL." + std::to_string(port);
  const std::string at_first = directory + "/.s.NEW." + std::to_string(port);  // the shorter: paths end at 107 bytes
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return cannot_listen(path, ENAMETOOLONG);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  struct stat existing {};
  if (::lstat(path.c_str(), &existing) == 0) {
    const bool may_go = occupied == Occupied::take_over ? existing.st_uid == ::geteuid() : !somebody_listens(address);
    if (!S_ISSOCK(existing.st_mode) || !may_go) return cannot_listen(path, EADDRINUSE);
  }
  ::unlink(at_first.c_str());
  std::memcpy(address.sun_path, at_first.c_str(), at_first.size() + 1);
  const int descriptor = bind_to(reinterpret_cast<const sockaddr*>(&address), sizeof address, false);
  if (descriptor < 0) return cannot_listen(path, errno);
  return Listener(loop, descriptor, AF_UNIX, path, at_first, occupied);
}

Listener::Listener(Loop& loop, int descriptor, int family, std::string name, std::string file, Occupied occupied)
    : acceptor_(loop.context(), asio::generic::stream_protocol(family, family == AF_UNIX ? 0 : IPPROTO_TCP), descriptor),
      name_(std::move(name)),
      file_(std::move(file)),
      occupied_(occupied) {}

Result<void> Listener::open() {
  const int descriptor = acceptor_.native_handle();
  if (::listen(descriptor, kBacklog) != 0) return cannot_listen(name_, errno);
  if (file_) {
    ::chmod(file_.path().c_str(), 0777);  // who may log in is decided by the login, as PostgreSQL's unix_socket_permissions
    if (!file_.rename(name_)) return cannot_listen(name_, errno);
  } else if (occupied_ == Occupied::take_over) {
    send_newcomers_to_the_second(descriptor);
  }
  return {};
}

void Listener::close() {
  closed_ = true;
  file_.remove();
  boost::system::error_code ignored;
  acceptor_.cancel(ignored);
}

asio::awaitable<void> Listener::run(std::function<void(Stream)> accepted) {
  asio::steady_timer pause(co_await asio::this_coro::executor);
  boost::system::error_code ec;
  while (!closed_) {
    auto [failed, socket] = co_await acceptor_.async_accept(kAwait);
    if (!failed) {
      accepted(Stream(std::move(socket)));
    } else if (!closed_) {
      // Mostly EMFILE: accepting again at once would spin, leaving would end the service.
      log::warning("accept failed", {{"listener", name_}, {"error", failed.message()}});
      pause.expires_after(kAcceptBackOff);
      co_await pause.async_wait(kAwait);
    }
  }
  // To those in the queue the connection is there: they would see it reset.
  acceptor_.non_blocking(true, ec);
  for (;;) {
    Stream::Socket socket(co_await asio::this_coro::executor);
    acceptor_.accept(socket, ec);
    if (ec) break;
    accepted(Stream(std::move(socket)));
  }
  acceptor_.close(ec);
}

}  // namespace bulkhead::net
