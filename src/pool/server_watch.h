#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "policy/catalogue.h"
#include "policy/model.h"
#include "pool/server_connection.h"

namespace bulkhead::pool {

/// What is known of a server: its catalogue, or why it cannot be used now. Immutable; shared by all loops.
struct ServerView {
  std::shared_ptr<const policy::Catalogue> catalogue;  ///< null: nothing may run on it
  Error unusable = make_error(sqlstate::cannot_connect_now, "the database server has not been reached yet",
                              "Try again; the proxy's log says what it met.");
};

/// Reads the catalogue over `connection`, and refuses a login that row-level security would not bind (superuser,
/// bypassrls, replication, owner of a table with the tenant column) unless the policy accepts it by name. After an error
/// the connection may be in a transaction: drop it.
boost::asio::awaitable<Result<std::shared_ptr<const policy::Catalogue>>> read_catalogue(ServerConnection& connection,
                                                                                        const policy::Policy& policy,
                                                                                        const policy::Server& server);

/// The same for a command line: opens a connection of its own, blocks, closes it.
Result<std::shared_ptr<const policy::Catalogue>> read_catalogue(std::shared_ptr<const policy::Policy> policy,
                                                                const policy::Server& server);

/// Keeps the view of one server fresh over a control connection, which carries nothing of any client's: at start, on a
/// timer, when asked, and again and again while the server cannot be reached. Lives on one loop (`front`); every new view
/// goes to its audience on that loop; a catalogue like the last one is not new, or every judgement would be made again.
class ServerWatch : public std::enable_shared_from_this<ServerWatch> {
 public:
  /// Who is told. When nobody is left the watch ends by itself.
  class Audience {
   public:
    virtual ~Audience() = default;
    virtual void on_view(std::shared_ptr<const ServerView> view) = 0;
    virtual bool present() const = 0;
  };
  ServerWatch(net::Loop& front, std::shared_ptr<const policy::Policy> policy, const policy::Server& server,
              const ServerTls& tls, HostBook& hosts, std::unique_ptr<Audience> audience);

  void start();
  void stop();
  /// Another policy, in which the server is the same database: what it says of tables and of the login's risks counts from the next
  /// read on, which is asked for. The front loop only.
  void use(std::shared_ptr<const policy::Policy> policy);
  /// Reads the catalogue as soon as RefreshPace lets it; `done` is called on the front loop when a read that began after this call has ended, well
  /// or not. Requests made while one is running share the next. May be called on the front loop only.
  void refresh(std::function<void()> done);

 private:
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<Result<std::shared_ptr<const policy::Catalogue>>> read_once();

  net::Loop& front_;
  std::shared_ptr<const policy::Policy> policy_;
  const std::string name_;  ///< of the server
  const ServerTls& tls_;
  HostBook& hosts_;
  const std::unique_ptr<Audience> audience_;
  boost::asio::steady_timer wake_;
  ServerConnectionPtr connection_;
  std::vector<std::function<void()>> asked_;
  bool stopping_ = false;
};

}  // namespace bulkhead::pool
