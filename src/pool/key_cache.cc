#include "pool/key_cache.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <mutex>
#include <optional>

namespace bulkhead::pool {
namespace asio = boost::asio;
namespace {

/// As many as there are server logins in practice; the oldest goes first.
constexpr std::size_t kCapacity = 256;

class KeyCache {
 public:
  std::optional<auth::ScramKeys> find(const Secret& password, const auth::NeedKeys& need) {
    const std::lock_guard lock(mutex_);
    for (const auto& entry : entries_)
      if (entry.need == need && entry.password == password) return entry.keys;
    return std::nullopt;
  }
  void add(Secret password, auth::NeedKeys need, auth::ScramKeys keys) {
    const std::lock_guard lock(mutex_);
    entries_.push_front({std::move(password), std::move(need), std::move(keys)});
    if (entries_.size() > kCapacity) entries_.pop_back();
  }

 private:
  struct Entry {
    Secret password;
    auth::NeedKeys need;
    auth::ScramKeys keys;
  };
  std::mutex mutex_;
  std::list<Entry> entries_;
};

KeyCache& cache() {
  static KeyCache instance;
  return instance;
}

asio::thread_pool& hashing_thread() {
  static asio::thread_pool instance(1);
  return instance;
}

asio::awaitable<auth::ScramKeys> derive(Secret password, auth::NeedKeys need) {
  // Many logins of one pool wait here together; the first has filled the cache when the others get their turn.
  if (auto known = cache().find(password, need)) co_return std::move(*known);
  auth::ScramKeys keys = auth::derive_keys(password, need.salt, need.iterations);
  cache().add(password, need, keys);
  co_return keys;
}

}  // namespace

asio::awaitable<auth::ScramKeys> derive_keys(Secret password, auth::NeedKeys need) {
  if (auto known = cache().find(password, need)) co_return std::move(*known);
  co_return co_await asio::co_spawn(hashing_thread(), derive(std::move(password), std::move(need)), asio::use_awaitable);
}

void end_key_derivation() {
  hashing_thread().join();
}

}  // namespace bulkhead::pool
