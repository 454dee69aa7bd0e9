#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "admin/dialogue.h"
#include "admin/snapshot.h"
#include "auth/credentials.h"
#include "auth/identity.h"
#include "net/loop.h"
#include "net/stream.h"
#include "session/client_session.h"

namespace bulkhead::session {

class Administration;
struct Patience;

/// One administrator at the console: carries bytes between a socket and an admin::Dialogue, and has its commands run one after the
/// other. The front loop's.
class ConsoleSession {
 public:
  ConsoleSession(Administration& administration, net::Loop& front, net::Stream stream, auth::Administrator administrator,
                 std::string application_name, CancelKey key);
  ~ConsoleSession();

  /// Until the administrator goes or is sent away.
  boost::asio::awaitable<void> run();

  /// Another configuration: what the administrator may do now, or the end.
  void follow(const auth::Credentials& credentials);
  /// Says why, and closes.
  void end(const Error& error);

  /// A CancelRequest with this session's key has come: what it waits for goes on without it.
  void cancel();
  admin::Peer shown() const;

  const CancelKey& key() const { return key_; }

 private:
  boost::asio::awaitable<bool> flush();
  void welcome();

  Administration& administration_;
  net::Stream stream_;
  auth::Administrator administrator_;
  const std::string application_name_;
  const CancelKey key_;
  admin::Dialogue dialogue_;
  const std::shared_ptr<Patience> patience_;
  const std::chrono::system_clock::time_point connected_ = std::chrono::system_clock::now();
  std::string out_;       ///< under way to the client
  bool writing_ = false;  ///< some of it has gone, perhaps
};

}  // namespace bulkhead::session
