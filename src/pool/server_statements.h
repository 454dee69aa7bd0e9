#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <unordered_map>

namespace bulkhead::pool {

/// The prepared statements of one server connection, by the ids of their texts (session/judge.h), in the order of their use. A
/// statement is there for certain; or its Parse was sent in a batch and is not answered yet; or nobody knows; or it is being closed.
/// Pure data, kept beside the socket and changed by the session that has the lease. Batches count from 1.
class ServerStatements {
 public:
  ServerStatements() = default;
  ServerStatements(ServerStatements&&) = default;
  ServerStatements& operator=(ServerStatements&&) = default;
  ServerStatements(const ServerStatements&) = delete;
  ServerStatements& operator=(const ServerStatements&) = delete;

  /// There, or there by the time the server gets to what this batch sends next: an error before it would discard that, too.
  bool usable(std::uint64_t id, std::uint64_t batch) const {
    const auto at = known_.find(id);
    return at != known_.end() && (at->second.state == State::there || (at->second.state == State::sent && at->second.batch == batch));
  }
  /// It may be there, usable or not: to be closed before it is prepared again.
  bool contains(std::uint64_t id) const { return known_.contains(id); }
  std::size_t size() const { return known_.size(); }

  void used(std::uint64_t id);                      ///< usable
  void sent(std::uint64_t id, std::uint64_t batch); ///< its Parse
  void arrived(std::uint64_t id);                   ///< ParseComplete
  /// Its Parse or Close was thrown away, or failed, or it fails for good.
  void doubt(std::uint64_t id);
  /// The same of a Parse that was sent in `batch`, if none has been sent since.
  void doubt_sent(std::uint64_t id, std::uint64_t batch);
  /// The same of a Close, if it has been sent.
  void doubt_closing(std::uint64_t id);
  void closed(std::uint64_t id);                    ///< CloseComplete, if it has been sent
  void clear();

  /// Makes room for one more: the longest unused one that is not `kept`, which is marked as being closed. Nothing: there is room, or
  /// none can go.
  std::optional<std::uint64_t> evict(std::size_t most, const std::function<bool(std::uint64_t)>& kept);
  /// None can go before answers come.
  bool crowded(std::size_t most) const { return known_.size() - closing_ >= most && settled_ == 0; }

 private:
  enum class State : std::uint8_t { there, sent, doubtful, closing };
  struct Known {
    std::list<std::uint64_t>::iterator place;
    std::uint64_t batch = 0;
    State state = State::sent;
  };
  void set(Known& known, State state);
  void to_front(Known& known) { by_use_.splice(by_use_.begin(), by_use_, known.place); }

  std::list<std::uint64_t> by_use_;  ///< the latest first
  std::unordered_map<std::uint64_t, Known> known_;
  std::size_t settled_ = 0;  ///< there or doubtful: they may go
  std::size_t closing_ = 0;
};

}  // namespace bulkhead::pool
