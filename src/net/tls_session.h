#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/io_result.h"
#include "net/tls_context.h"

struct ssl_st;

namespace bulkhead::net {

/// TLS on one non-blocking socket, which it does not own: the engine beneath a Stream. May move between threads, used by
/// one at a time.
class TlsSession {
 public:
  /// As the server.
  TlsSession(std::shared_ptr<const TlsContext> context, int descriptor);
  /// As the client of `host`, which is held against the server's certificate if the context checks names.
  TlsSession(std::shared_ptr<const TlsContext> context, int descriptor, const std::string& host);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession();

  enum class Step { done, wants_read, wants_write, failed };
  /// Goes on with the handshake; after `failed` the session is of no further use.
  Step handshake();
  /// Why it failed, then or later; empty: the connection just ended, or still stands.
  const std::string& complaint() const { return complaint_; }

  IoResult read(std::span<char> into);
  /// After less than all was written the rest, with or without more behind it, must be what is written next.
  IoResult write(std::string_view bytes);
  /// Bytes have come that the socket no longer shows: reading again gives them, or finds that they are not whole.
  bool has_unread() const { return unread_; }

  /// Says goodbye (close_notify), so that the peer can tell the end from a cut; the descriptor is not touched again.
  void close();

  std::string version() const;  ///< "TLSv1.3"
  std::string alpn() const;     ///< what both agreed on; empty: nothing
  bool peer_has_certificate() const;  ///< and it has passed the check
  /// The one common name of its subject; empty if it has none, several, or one with a NUL inside (CVE-2009-4034).
  std::string peer_common_name() const;
  std::string peer_end_point() const;  ///< see end_point_of()

  int descriptor() const { return descriptor_; }

 private:
  TlsSession(std::shared_ptr<const TlsContext> context, int descriptor, bool server);
  /// What a result below 1 of OpenSSL's means to a read or write.
  IoResult::State judge(int result, int awaited);

  std::shared_ptr<const TlsContext> context_;
  int descriptor_;  ///< -1: closed
  ssl_st* ssl_;
  std::string complaint_;
  std::string host_;
  bool unread_ = false;
  int vain_reads_ = 0;
  bool broken_ = false;       ///< OpenSSL forbids any use of a session that has failed
  bool established_ = false;
};

}  // namespace bulkhead::net
