#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace bulkhead::net {
namespace {

Error wrong(std::string message, std::string hint = {}) {
  return make_error(sqlstate::config_file_error, std::move(message), std::move(hint));
}

std::string quoted(const std::string& path) { return "\"" + path + "\""; }

/// OpenSSL only says "no such file" or "PEM: no start line" somewhere in a stack: what the system says comes first.
Result<void> check_readable(const char* what, const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0 || ::access(path.c_str(), R_OK) != 0)
    return wrong(std::string(what) + " file " + quoted(path) + " cannot be read: " + std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return wrong(std::string(what) + " file " + quoted(path) + " is not a regular file");
  return {};
}

/// As PostgreSQL's and libpq's (be-secure-common.c, fe-secure-openssl.c): ours and nobody else's, or root's and readable by
/// our group at most.
Result<void> check_key_permissions(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0)
    return wrong("the key file " + quoted(path) + " cannot be read: " + std::strerror(errno));
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return wrong("the key file " + quoted(path) + " belongs to another user",
                 "It must be owned by the user Bulkhead runs as, or by root.");
  const mode_t others = status.st_uid == 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
  if ((status.st_mode & others) != 0)
    return wrong("the key file " + quoted(path) + " is open to group or world",
                 "chmod 0600 if it is owned by the user Bulkhead runs as, 0640 or less if it is owned by root.");
  return {};
}

/// A passphrase would be asked for on the terminal of a service. `asked` tells that one would have been needed.
int no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

std::string date_of(const ASN1_TIME* time) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  if (!out || ASN1_TIME_print(out.get(), time) != 1) return "an unknown time";
  char* text = nullptr;
  const long length = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<std::size_t>(length));
}

/// A server's choice among the names its client offers: ours, or the end (RFC 7301 §3.2).
int select_alpn(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* offered,
                unsigned offered_length, void* wire) {
  const auto& ours = *static_cast<const std::string*>(wire);
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, reinterpret_cast<const unsigned char*>(ours.data()),
                            static_cast<unsigned>(ours.size()), offered, offered_length) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

std::string openssl_complaint() {
  const auto code = ERR_get_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  if (reason) return reason;
  return code != 0 ? "OpenSSL error " + std::to_string(code) : "the connection was closed";
}

std::string end_point_of(const x509_st* certificate) {
  int digest = NID_undef;
  if (!certificate || X509_get_signature_info(const_cast<X509*>(certificate), &digest, nullptr, nullptr, nullptr) != 1)
    digest = NID_undef;
  ERR_clear_error();
  if (digest == NID_undef) return {};
  if (digest == NID_md5 || digest == NID_sha1 || digest == NID_md5_sha1) digest = NID_sha256;
  const EVP_MD* kind = EVP_get_digestbynid(digest);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (!kind || X509_digest(certificate, kind, hash.data(), &size) != 1) return {};
  return {reinterpret_cast<const char*>(hash.data()), size};
}

TlsContext::TlsContext(const TlsOptions& options, ssl_ctx_st* context)
    : options_(options), alpn_(static_cast<char>(options.alpn.size()) + options.alpn), context_(context) {}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Result<std::shared_ptr<const TlsContext>> TlsContext::for_server(const TlsOptions& options) {
  std::shared_ptr<TlsContext> made(new TlsContext(options, SSL_CTX_new(TLS_server_method())));
  BULKHEAD_CHECK(made->set_up(true));
  return std::shared_ptr<const TlsContext>(std::move(made));
}

Result<std::shared_ptr<const TlsContext>> TlsContext::for_client(const TlsOptions& options) {
  std::shared_ptr<TlsContext> made(new TlsContext(options, SSL_CTX_new(TLS_client_method())));
  BULKHEAD_CHECK(made->set_up(false));
  return std::shared_ptr<const TlsContext>(std::move(made));
}

Result<void> TlsContext::set_up(bool server) {
  if (!context_) return wrong("OpenSSL gives no TLS context: " + openssl_complaint());
  ERR_clear_error();
  SSL_CTX_set_min_proto_version(context_, options_.min_protocol == TlsVersion::tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  // Resumption would let a session live on certificates that have been replaced, and keeps state for each client.
  SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(context_, 0);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context_, 1);  // a record in one receive, not its header first
  if (server) {
    SSL_CTX_set_alpn_select_cb(context_, select_alpn, const_cast<std::string*>(&alpn_));
    // Without an id OpenSSL fails handshakes of clients that show a certificate and offer a session to resume.
    static constexpr std::string_view kId = "bulkhead";
    SSL_CTX_set_session_id_context(context_, reinterpret_cast<const unsigned char*>(kId.data()), kId.size());
  } else {
    SSL_CTX_set_alpn_protos(context_, reinterpret_cast<const unsigned char*>(alpn_.data()),
                            static_cast<unsigned>(alpn_.size()));
  }
  if (!options_.certificate.empty()) BULKHEAD_CHECK(load_own_certificate());
  if (!options_.ca.empty() || options_.system_ca) BULKHEAD_CHECK(load_ca(server));
  return {};
}

Result<void> TlsContext::load_own_certificate() {
  const auto& certificate = options_.certificate;
  BULKHEAD_CHECK(check_readable("the certificate", certificate));
  if (SSL_CTX_use_certificate_chain_file(context_, certificate.c_str()) != 1)
    return wrong("the certificate file " + quoted(certificate) + " cannot be used: " + openssl_complaint(),
                 "PEM is expected: the certificate itself first, then those between it and the root.");
  BULKHEAD_CHECK(check_readable("the key", options_.key));
  BULKHEAD_CHECK(check_key_permissions(options_.key));
  bool passphrase = false;
  SSL_CTX_set_default_passwd_cb(context_, no_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(context_, &passphrase);
  const bool loaded = SSL_CTX_use_PrivateKey_file(context_, options_.key.c_str(), SSL_FILETYPE_PEM) == 1;
  SSL_CTX_set_default_passwd_cb_userdata(context_, nullptr);
  SSL_CTX_set_default_passwd_cb(context_, nullptr);
  if (passphrase)
    return wrong("the key file " + quoted(options_.key) + " is protected by a passphrase, which is not supported",
                 "openssl pkey -in KEY -out KEY.plain takes it off; protect the file by its permissions.");
  if (!loaded && ERR_GET_REASON(ERR_peek_last_error()) != X509_R_KEY_VALUES_MISMATCH &&
      ERR_GET_REASON(ERR_peek_last_error()) != X509_R_KEY_TYPE_MISMATCH)
    return wrong("the key file " + quoted(options_.key) + " cannot be used: " + openssl_complaint());
  ERR_clear_error();
  if (!loaded || SSL_CTX_check_private_key(context_) != 1) {
    ERR_clear_error();
    return wrong("the key " + quoted(options_.key) + " does not belong to the certificate " + quoted(certificate));
  }
  const X509* own = SSL_CTX_get0_certificate(context_);
  end_point_ = end_point_of(own);
  if (X509_cmp_current_time(X509_get0_notAfter(own)) < 0)
    warnings_.push_back("the certificate " + quoted(certificate) + " has expired on " + date_of(X509_get0_notAfter(own)));
  if (X509_cmp_current_time(X509_get0_notBefore(own)) > 0)
    warnings_.push_back("the certificate " + quoted(certificate) + " is not valid before " +
                        date_of(X509_get0_notBefore(own)));
  return {};
}

Result<void> TlsContext::load_ca(bool server) {
  if (options_.system_ca) {
    if (SSL_CTX_set_default_verify_paths(context_) != 1)
      return wrong("the system's certificate authorities cannot be read: " + openssl_complaint());
  } else {
    BULKHEAD_CHECK(check_readable("the certificate authority", options_.ca));
    if (SSL_CTX_load_verify_file(context_, options_.ca.c_str()) != 1)
      return wrong("the certificate authority file " + quoted(options_.ca) + " cannot be used: " + openssl_complaint());
    if (server) {  // tells clients which of their certificates to show
      auto* names = SSL_load_client_CA_file(options_.ca.c_str());
      if (!names) return wrong("the certificate authority file " + quoted(options_.ca) + " cannot be used: " + openssl_complaint());
      SSL_CTX_set_client_CA_list(context_, names);
    }
  }
  // Without SSL_VERIFY_FAIL_IF_NO_PEER_CERT: a client that shows none gets a better answer than an alert, from whoever
  // demands one. SSL_VERIFY_PEER alone makes a client insist on its server's.
  if (options_.check != PeerCheck::none) SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, nullptr);
  return {};
}

}  // namespace bulkhead::net
