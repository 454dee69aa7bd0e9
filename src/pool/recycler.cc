#include "pool/recycler.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/as_tuple.hpp>

#include "pool/exchange.h"

namespace bulkhead::pool {

boost::asio::awaitable<bool> recycle(ServerConnection& connection, Undo undo, Duration timeout) {
  // Only where the batch has failed: a Sync would commit any other one that its client has left unfinished.
  if (undo.skipping) {
    Exchange sync(connection);
    if (!co_await sync.run(timeout)) co_return false;
  }
  // DISCARD ALL cannot run inside a transaction block, so the two are exchanges of their own.
  if (undo.transaction) {
    Exchange rollback(connection, OwnSql("ROLLBACK"));
    if (!co_await rollback.run(timeout)) co_return false;
  }
  if (undo.session) {
    Exchange discard(connection, OwnSql("DISCARD ALL"));
    if (!co_await discard.run(timeout)) co_return false;
    connection.backend() = Backend{};
    connection.backend().process_id = connection.login().process_id;
  }
  co_return connection.backend().status == 'I';
}

}  // namespace bulkhead::pool
