#include "pool/recycler.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/as_tuple.hpp>
#include <charconv>
#include <string_view>
#include <utility>

#include "pool/exchange.h"

namespace bulkhead::pool {
namespace {

constexpr std::chrono::duration<double, std::milli> kShort{100};

/// "250", "250ms", "0.25 s" (manual, "Setting Parameters": numbers with units). What is not understood counts as short.
bool is_short(std::string_view value) {
  static constexpr std::pair<std::string_view, double> kUnits[] = {
      {"", 1}, {"us", 0.001}, {"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc()) return true;
  auto unit = value.substr(static_cast<std::size_t>(end - value.data()));
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  const auto at = std::find_if(std::begin(kUnits), std::end(kUnits), [&](const auto& known) { return known.first == unit; });
  if (at == std::end(kUnits)) return true;
  return number != 0 && std::chrono::duration<double, std::milli>(number * at->second) < kShort;
}

struct TimeLimit {
  std::string_view name;
  OwnSql reset;
};
constexpr TimeLimit kTimeLimits[] = {{"statement_timeout", "RESET statement_timeout"},
                                     {"transaction_timeout", "RESET transaction_timeout"}};

}  // namespace

bool hurried(const Settings& settings) {
  if (settings.empty()) return false;
  return std::any_of(std::begin(kTimeLimits), std::end(kTimeLimits), [&](const TimeLimit& limit) {
    const auto at = settings.find(limit.name);
    return at != settings.end() && is_short(at->second);
  });
}

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
    auto& backend = connection.backend();
    Backend fresh;
    fresh.reported = std::move(backend.reported);
    fresh.process_id = backend.process_id;
    backend = std::move(fresh);
  } else if (undo.timeouts) {
    for (const auto& [name, reset] : kTimeLimits) {
      const auto at = connection.backend().settings.find(name);
      if (at == connection.backend().settings.end()) continue;
      Exchange exchange(connection, reset);
      if (!co_await exchange.run(timeout)) co_return false;
      connection.backend().settings.erase(at);
    }
  }
  co_return connection.backend().status == 'I';
}

}  // namespace bulkhead::pool
