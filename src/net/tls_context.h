#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

struct ssl_ctx_st;
struct x509_st;

namespace bulkhead::net {

enum class TlsVersion : std::uint8_t { tls12, tls13 };

/// What of the peer is held against `ca`.
enum class PeerCheck : std::uint8_t {
  none,   ///< nothing: the peer may be anybody
  chain,  ///< its certificate is signed by one of them. A server asks its clients, who may have none
  name,   ///< clients only: that, and it is for the host that was meant
};

struct TlsOptions {
  std::string certificate{};  ///< PEM file: our own, then those between it and the root. Servers need one
  std::string key{};          ///< PEM file
  std::string ca{};           ///< PEM file: who may sign the peer's
  bool system_ca = false;   ///< instead: whom the system trusts
  PeerCheck check = PeerCheck::none;
  TlsVersion min_protocol = TlsVersion::tls12;
  std::string alpn{};         ///< the application protocol's name
};

/// Keys, certificates and settings of one side, read once from their files and checked: immutable and shared by its
/// sessions, which keep it alive. No renegotiation, compression or resumption: each session shows its certificates anew.
/// Any thread.
class TlsContext {
 public:
  /// An error names the file and what is wrong with it. Blocks.
  static Result<std::shared_ptr<const TlsContext>> for_server(const TlsOptions& options);
  static Result<std::shared_ptr<const TlsContext>> for_client(const TlsOptions& options);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  /// What will stop peers though the files are in order: a certificate that has expired.
  const std::vector<std::string>& warnings() const { return warnings_; }
  /// tls-server-end-point of our own certificate: see end_point_of().
  const std::string& end_point() const { return end_point_; }

 private:
  friend class TlsSession;
  TlsContext(const TlsOptions& options, ssl_ctx_st* context);
  Result<void> set_up(bool server);
  Result<void> load_own_certificate();
  Result<void> load_ca(bool server);

  const TlsOptions options_;
  const std::string alpn_;  ///< as on the wire: behind its length
  ssl_ctx_st* const context_;
  std::vector<std::string> warnings_;
  std::string end_point_;
};

/// The channel binding of a certificate (RFC 5929 §4.1): its hash by its signature's algorithm, SHA-256 at least. Empty
/// if that algorithm has no hash (Ed25519): then there is none.
std::string end_point_of(const x509_st* certificate);

/// The oldest of OpenSSL's pending complaints in words; none is pending afterwards.
std::string openssl_complaint();

}  // namespace bulkhead::net
