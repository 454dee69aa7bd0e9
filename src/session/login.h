#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "auth/credentials.h"
#include "auth/identity.h"
#include "net/stream.h"
#include "pool/backend.h"
#include "session/first_packet.h"

namespace bulkhead::session {

/// A client that has proved who it is. AuthenticationOk has been sent, nothing else is outstanding.
struct Admitted {
  auth::Identity identity;
  pool::Settings settings;
};
/// The same, of the console.
struct AdmittedAdministrator {
  auth::Administrator administrator;
  std::string application_name;
};
/// The connection has ended, with whatever answer was due.
struct Dismissed {};
using LoginOutcome = std::variant<Admitted, AdmittedAdministrator, CancelAsked, Dismissed>;

/// Whether there are too many clients already.
struct Capacity {
  std::function<bool()> full;  ///< in all: asked after the startup message, which is where PostgreSQL says so; not of administrators
  std::function<bool(const policy::Tenant&)> full_for;  ///< of one tenant: asked after the proof, for it tells who is busy
  std::function<bool(const policy::Tenant&)> closed_for;  ///< DISABLE, at the console
  std::function<bool()> console_full;  ///< of administrators, after the proof: there are places for them when all others are taken
};

/// The dialogue from the first byte to AuthenticationOk. PostgreSQL manual, "Message Flow", "Start-up". Holds at most
/// kLoginBuffer bytes of the client's; no server connection is touched. The caller sets the deadline and closes.
boost::asio::awaitable<LoginOutcome> log_in(net::Stream& client, std::shared_ptr<const auth::Credentials> credentials,
                                            Entrance entrance, Capacity capacity);

inline constexpr std::size_t kLoginBuffer = 16384;

}  // namespace bulkhead::session
