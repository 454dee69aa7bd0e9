#include "net/tls_session.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <new>

namespace bulkhead::net {
namespace {

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL and keeps a descriptor that may have been closed, and opened again
// as somebody else's, since. This one asks the session.

int descriptor_of(BIO* bio) { return static_cast<TlsSession*>(BIO_get_data(bio))->descriptor(); }

template <class Call>
int transfer(BIO* bio, int retry, Call call) {
  BIO_clear_retry_flags(bio);
  for (;;) {
    const auto n = call(descriptor_of(bio));
    if (n >= 0) return static_cast<int>(n);
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
    return -1;
  }
}

int bio_read(BIO* bio, char* into, int size) {
  return transfer(bio, BIO_FLAGS_READ, [&](int fd) { return ::recv(fd, into, static_cast<std::size_t>(size), 0); });
}

int bio_write(BIO* bio, const char* from, int size) {
  return transfer(bio, BIO_FLAGS_WRITE,
                  [&](int fd) { return ::send(fd, from, static_cast<std::size_t>(size), MSG_NOSIGNAL); });
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

int bio_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

BIO* bio_for(TlsSession& session) {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "session's socket");
    if (!made) throw std::bad_alloc();
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    BIO_meth_set_create(made, bio_create);
    return made;
  }();
  BIO* bio = BIO_new(method);
  if (!bio) throw std::bad_alloc();
  BIO_set_data(bio, &session);
  return bio;
}

/// Reads in a row that bring no data. A record comes in some dozen pieces at worst.
constexpr int kVainReads = 1000;

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context, int descriptor, bool server)
    : context_(std::move(context)), descriptor_(descriptor), ssl_(SSL_new(context_->context_)) {
  if (!ssl_) throw std::bad_alloc();
  // A read gives way when what the socket gave at once has been used up, also where it held no data: a peer can send KeyUpdates
  // (RFC 8446, 4.6.3) as fast as they are read.
  SSL_clear_mode(ssl_, SSL_MODE_AUTO_RETRY);
  BIO* bio = bio_for(*this);
  SSL_set_bio(ssl_, bio, bio);
  if (server)
    SSL_set_accept_state(ssl_);
  else
    SSL_set_connect_state(ssl_);
}

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context, int descriptor)
    : TlsSession(std::move(context), descriptor, true) {}

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context, int descriptor, const std::string& host)
    : TlsSession(std::move(context), descriptor, false) {
  host_ = host;
  // As libpq: the server's name (SNI) is sent unless it is an address (RFC 6066 §3).
  if (!is_address(host)) SSL_set_tlsext_host_name(ssl_, host.c_str());
  if (context_->options_.check != PeerCheck::name) return;
  SSL_set_hostflags(ssl_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool set = is_address(host) ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), host.c_str()) == 1
                                    : SSL_set1_host(ssl_, host.c_str()) == 1;
  if (set) return;
  broken_ = true;  // a name that cannot be checked is not passed over
  complaint_ = "\"" + host + "\" is no host name";
}

TlsSession::~TlsSession() { SSL_free(ssl_); }

TlsSession::Step TlsSession::handshake() {
  if (broken_) return Step::failed;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) {
    established_ = true;
    unread_ = SSL_has_pending(ssl_) == 1;
    return Step::done;
  }
  const int why = SSL_get_error(ssl_, result);
  if (why == SSL_ERROR_WANT_READ) return Step::wants_read;
  if (why == SSL_ERROR_WANT_WRITE) return Step::wants_write;
  broken_ = true;
  const long verified = SSL_get_verify_result(ssl_);
  complaint_ = openssl_complaint();
  if (verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH)
    complaint_ = "the certificate is not for \"" + host_ + "\"";
  else if (verified != X509_V_OK && context_->options_.check != PeerCheck::none)
    complaint_ += std::string(": ") + X509_verify_cert_error_string(verified);
  return Step::failed;
}

IoResult::State TlsSession::judge(int result, int awaited) {
  const int why = SSL_get_error(ssl_, result);
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
    // A write that waits for the peer's bytes (a post-handshake message cut in two) would be tried in a circle: nobody
    // has to split one there.
    if (why == awaited || awaited == SSL_ERROR_WANT_READ) return IoResult::State::would_block;
  }
  if (why == SSL_ERROR_ZERO_RETURN) return IoResult::State::closed;  // close_notify: we may still write, and say goodbye
  broken_ = true;
  if (why == SSL_ERROR_SSL) complaint_ = openssl_complaint();
  return IoResult::State::closed;
}

IoResult TlsSession::read(std::span<char> into) {
  std::size_t taken = 0;
  unread_ = false;
  if (broken_) return {IoResult::State::closed};
  ERR_clear_error();
  // A record is 16 KiB at most: what has come with it is taken along, but the socket is not asked in vain at the end.
  do {
    const int n = SSL_read(ssl_, into.data() + taken, static_cast<int>(into.size() - taken));
    if (n <= 0) {
      auto state = judge(n, SSL_ERROR_WANT_READ);
      if (state == IoResult::State::would_block && ++vain_reads_ > kVainReads) {
        broken_ = true;
        complaint_ = "too many messages without data";
        state = IoResult::State::closed;
      }
      if (taken == 0) return {state};
      unread_ = state == IoResult::State::closed;  // told by the next read, behind the bytes before it
      break;
    }
    taken += static_cast<std::size_t>(n);
    vain_reads_ = 0;
    unread_ = SSL_has_pending(ssl_) == 1;
  } while (unread_ && taken < into.size());
  return {IoResult::State::ok, taken};
}

IoResult TlsSession::write(std::string_view bytes) {
  std::size_t written = 0;
  if (broken_) return {IoResult::State::closed};
  ERR_clear_error();
  while (written < bytes.size()) {
    const auto rest = bytes.substr(written);
    const int n = SSL_write(ssl_, rest.data(), static_cast<int>(std::min<std::size_t>(rest.size(), 1u << 30)));
    if (n > 0) {
      written += static_cast<std::size_t>(n);
      continue;
    }
    const auto state = judge(n, SSL_ERROR_WANT_WRITE);
    if (state == IoResult::State::closed || written == 0) return {state};
    break;
  }
  return {IoResult::State::ok, written};
}

void TlsSession::close() {
  if (established_ && !broken_ && descriptor_ >= 0) {
    ERR_clear_error();
    SSL_shutdown(ssl_);
    ERR_clear_error();
  }
  broken_ = true;
  unread_ = false;
  descriptor_ = -1;
}

std::string TlsSession::version() const { return SSL_get_version(ssl_); }

std::string TlsSession::alpn() const {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl_, &name, &length);
  return length == 0 ? std::string() : std::string(reinterpret_cast<const char*>(name), length);
}

bool TlsSession::peer_has_certificate() const {
  return SSL_get0_peer_certificate(ssl_) != nullptr && SSL_get_verify_result(ssl_) == X509_V_OK;
}

std::string TlsSession::peer_common_name() const {
  const X509* certificate = SSL_get0_peer_certificate(ssl_);
  if (!certificate) return {};
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) return {};
  unsigned char* text = nullptr;
  const int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (length < 0) {
    ERR_clear_error();
    return {};
  }
  std::string name(reinterpret_cast<const char*>(text), static_cast<std::size_t>(length));
  OPENSSL_free(text);
  return name.find('\0') == std::string::npos ? name : std::string();
}

std::string TlsSession::peer_end_point() const { return end_point_of(SSL_get0_peer_certificate(ssl_)); }

}  // namespace bulkhead::net
