#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <string>
#include <vector>

#include "policy/catalogue.h"
#include "pool/server_connection.h"

namespace bulkhead::pool {

/// SQL of our own: a literal of the source, checked at compile time to be one, or a query of the catalogue contract.
/// Nothing of a client's can be in it.
class OwnSql {
 public:
  consteval OwnSql(const char* text) : text_(text) {}
  explicit OwnSql(policy::CatalogueQuery query) : text_(policy::sql_of(query)) {}
  constexpr const char* text() const { return text_; }

 private:
  const char* text_;
};

/// One simple query of ours and its answer, on a connection nobody else talks on meanwhile; or a Sync and its answer. Lives
/// in the coroutine that runs it.
class Exchange final : private net::Channel::Owner {
 public:
  using Row = std::vector<std::optional<std::string>>;

  Exchange(ServerConnection& connection, OwnSql sql);
  explicit Exchange(ServerConnection& connection);  ///< Sync
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// The rows, or the server's error, or what broke the connection. Once.
  boost::asio::awaitable<Result<std::vector<Row>>> run(Duration timeout);

  // The sink of FrameSplitter.
  Result<void> frame(proto::FrameHeader header, std::string_view whole);
  Result<void> piece(std::string_view bytes);

 private:
  void on_readable(net::Channel& channel) override;
  void on_drained(net::Channel&) override {}
  void end(std::optional<Error> error);

  ServerConnection& connection_;
  std::optional<OwnSql> sql_;  ///< none: Sync
  boost::asio::steady_timer done_;  ///< cancelled when the answer is complete
  std::vector<Row> rows_;
  std::optional<Error> error_;
  bool ended_ = false;
};

}  // namespace bulkhead::pool
