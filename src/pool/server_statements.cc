#include "pool/server_statements.h"

namespace bulkhead::pool {

void ServerStatements::set(Known& known, State state) {
  const auto may_go = [](State s) { return s == State::there || s == State::doubtful; };
  settled_ += may_go(state);
  settled_ -= may_go(known.state);
  closing_ += state == State::closing;
  closing_ -= known.state == State::closing;
  known.state = state;
}

void ServerStatements::used(std::uint64_t id) { to_front(known_.at(id)); }

void ServerStatements::sent(std::uint64_t id, std::uint64_t batch) {
  const auto [at, fresh] = known_.try_emplace(id);
  if (fresh) at->second.place = by_use_.insert(by_use_.begin(), id);
  to_front(at->second);
  at->second.batch = batch;
  set(at->second, State::sent);
}

void ServerStatements::arrived(std::uint64_t id) {
  if (const auto at = known_.find(id); at != known_.end()) set(at->second, State::there);
}

void ServerStatements::doubt(std::uint64_t id) {
  if (const auto at = known_.find(id); at != known_.end()) set(at->second, State::doubtful);
}

void ServerStatements::doubt_sent(std::uint64_t id, std::uint64_t batch) {
  if (const auto at = known_.find(id); at != known_.end() && at->second.state == State::sent && at->second.batch == batch)
    set(at->second, State::doubtful);
}

void ServerStatements::doubt_closing(std::uint64_t id) {
  if (const auto at = known_.find(id); at != known_.end() && at->second.state == State::closing) set(at->second, State::doubtful);
}

void ServerStatements::closed(std::uint64_t id) {
  const auto at = known_.find(id);
  if (at == known_.end() || at->second.state != State::closing) return;
  set(at->second, State::sent);  // which counts nowhere
  by_use_.erase(at->second.place);
  known_.erase(at);
}

void ServerStatements::clear() {
  known_.clear();
  by_use_.clear();
  settled_ = closing_ = 0;
}

std::optional<std::uint64_t> ServerStatements::evict(std::size_t most, const std::function<bool(std::uint64_t)>& kept) {
  if (known_.size() - closing_ < most || settled_ == 0) return std::nullopt;
  for (auto id = by_use_.rbegin(); id != by_use_.rend(); ++id) {
    Known& known = known_.at(*id);
    if ((known.state != State::there && known.state != State::doubtful) || kept(*id)) continue;
    const std::uint64_t found = *id;
    set(known, State::closing);
    to_front(known);  // out of the way of the next search
    return found;
  }
  return std::nullopt;
}

}  // namespace bulkhead::pool
