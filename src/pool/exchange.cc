#include "pool/exchange.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "proto/backend.h"
#include "proto/frontend.h"

namespace bulkhead::pool {
namespace asio = boost::asio;

Exchange::Exchange(ServerConnection& connection, OwnSql sql)
    : connection_(connection), sql_(sql), done_(connection.channel().loop().context()) {
  connection_.channel().set_owner(this);
}

Exchange::Exchange(ServerConnection& connection)
    : connection_(connection), done_(connection.channel().loop().context()) {
  connection_.channel().set_owner(this);
}

Exchange::~Exchange() { connection_.channel().set_owner(nullptr); }

asio::awaitable<Result<std::vector<Exchange::Row>>> Exchange::run(Duration timeout) {
  std::string out;
  if (sql_) {
    proto::encode(proto::Query{sql_->text()}, out);
    connection_.backend().unnamed = 0;  // a simple query destroys the unnamed statement
  } else {
    proto::encode(proto::Sync{}, out);
  }
  connection_.channel().send(out);
  connection_.channel().want_readable();
  done_.expires_after(timeout);
  if (!ended_) co_await done_.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!ended_) co_return make_error(sqlstate::connection_failure, "the server did not answer in time");
  if (error_) co_return *error_;
  co_return std::move(rows_);
}

void Exchange::on_readable(net::Channel& channel) {
  const auto received = connection_.receive(*this);
  if (!received)
    end(received.error());
  else if (*received == ServerConnection::Received::closed)
    end(make_error(sqlstate::connection_failure, "the server closed the connection"));
  else if (!ended_)
    channel.want_readable();
}

Result<void> Exchange::frame(proto::FrameHeader header, std::string_view whole) {
  const auto body = proto::body_of(whole);
  switch (header.type) {
    case 'D': {
      BULKHEAD_TRY(const auto row, proto::decode_data_row(body));
      Row values;
      for (const auto& value : row.values)
        values.push_back(value ? std::optional<std::string>(std::string(*value)) : std::nullopt);
      rows_.push_back(std::move(values));
      return {};
    }
    case 'E': {
      BULKHEAD_TRY(const auto report, proto::decode_error_response(body));
      error_ = make_error(sqlstate::internal_error, "the server refused a statement of Bulkhead's own (" +
                                                        std::string(report.sqlstate()) +
                                                        "): " + std::string(report.message()));
      if (report.severity() == "FATAL" || report.severity() == "PANIC") end(error_);
      return {};
    }
    case 'Z': {
      BULKHEAD_TRY(const auto ready, proto::decode_ready_for_query(body));
      connection_.backend().status = ready.status;
      end(std::move(error_));
      return {};
    }
    case 'S': {
      BULKHEAD_TRY(const auto status, proto::decode_parameter_status(body));
      connection_.backend().reported.note(status.name, status.value);
      if (keeps_pins(status.name, status.value)) return {};
      return make_error(sqlstate::connection_failure, "the server changed " + std::string(status.name));
    }
    case 'T':
    case 'C':
    case 'N':
    case 'A':
    case 'I': return {};
    default: return make_error(sqlstate::protocol_violation, "unexpected message from the server");
  }
}

Result<void> Exchange::piece(std::string_view) {
  return make_error(sqlstate::protocol_violation, "a row of the catalogue is too long");
}

void Exchange::end(std::optional<Error> error) {
  if (ended_) return;
  ended_ = true;
  error_ = std::move(error);
  done_.cancel();
}

}  // namespace bulkhead::pool
