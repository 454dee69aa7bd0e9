#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "session/judge.h"

namespace bulkhead::session {

/// Which answer a message of the extended or simple protocol is owed. PostgreSQL manual, "Message Flow".
enum class Expect : std::uint8_t {
  query,               ///< anything a simple query answers, up to ReadyForQuery
  parse,               ///< ParseComplete
  bind,                ///< BindComplete
  describe_statement,  ///< ParameterDescription, then RowDescription or NoData
  describe_portal,     ///< RowDescription or NoData
  execute,             ///< rows, then CommandComplete, EmptyQueryResponse or PortalSuspended
  close,               ///< CloseComplete
  sync,                ///< ReadyForQuery
};

/// One message and its answer to come. What the message changes is applied when it is sent, so that the messages behind
/// it see it, and is undone if the server discards it: after an error everything up to the next Sync never happened.
struct PlanEntry {
  explicit PlanEntry(Expect e) : expect(e) {}

  Expect expect;
  bool hidden = false;     ///< ours: the client sees no answer
  bool synthetic = false;  ///< nothing was sent: `answer` is given when its turn comes
  bool copying = false;    ///< between the server's CopyOutResponse and its CopyDone
  std::uint32_t completed = 0;     ///< statements of a Query that have completed
  JudgementPtr judgement;          ///< of the text behind it, if there is one
  std::unique_ptr<Error> refusal;  ///< the server was made to fail here: the client gets this error instead
  std::string answer;              ///< if something was sent: what the client gets in place of the server's answer
  int place = 0;                   ///< characters of the client's text before `judgement`'s, which is a part of it
  std::uint64_t called = 0;        ///< the prepared statement of this id has, for the client, the name `calls`
  std::string calls;
  bool as_simple = false;          ///< of a simple query that is run by the extended protocol: no NoData

  // What sending it has changed; see Conversation::undo().
  // `binds` and `unbinds` are no changes before the answer is there: the server may refuse a Bind and keep the portal.
  enum Change : std::uint8_t { nothing, names, forgets, prepares, evicts, replaces_unnamed, binds, unbinds };
  std::uint8_t changes = 0;         ///< a set of 1 << Change
  std::string name;                 ///< the client's statement name, for names and forgets; the portal, for binds and unbinds
  std::uint64_t id = 0;             ///< for prepares and evicts
  std::uint64_t batch = 0;          ///< for prepares: that it was sent in
  JudgementPtr previous;            ///< for forgets and replaces_unnamed
  bool asks_ties = false;           ///< a hidden Query of ours: Ties::kQuestion
  bool ties_left = false;           ///< and its answer
  std::vector<std::string> shows;   ///< of a hidden Query of ours: the settings its SHOW statements ask for

  bool has(Change change) const { return (changes >> change) & 1; }
  void replaces(JudgementPtr unnamed) {
    add(replaces_unnamed);
    previous = std::move(unnamed);
  }
  void add(Change change) { changes = static_cast<std::uint8_t>(changes | (1 << change)); }
};

/// Answers owed that are looked through for what a message refers to; behind more of them it waits for the first.
inline constexpr std::size_t kPlanLookedAt = 1'000;

/// The answers owed, oldest first. A queue that holds no memory while it is empty.
class ResponsePlan {
 public:
  bool empty() const { return head_ == entries_.size(); }
  std::size_t size() const { return entries_.size() - head_; }
  PlanEntry& head() { return entries_[head_]; }
  PlanEntry& operator[](std::size_t i) { return entries_[head_ + i]; }
  const PlanEntry& operator[](std::size_t i) const { return entries_[head_ + i]; }
  /// How many ReadyForQuery are owed: none means that everything owed is of one batch, which is not over.
  std::size_t readies() const { return readies_; }
  PlanEntry& push(PlanEntry entry) {
    readies_ += ends_in_ready(entry);
    entries_.push_back(std::move(entry));
    return entries_.back();
  }
  /// Portals with names that are owed BindComplete. Counted when their entry is pushed.
  std::size_t named_binds() const { return named_binds_; }
  void count_named_bind() { ++named_binds_; }
  void pop() {
    readies_ -= ends_in_ready(head());
    named_binds_ -= head().has(PlanEntry::binds) && !head().name.empty();
    entries_[head_] = PlanEntry(Expect::sync);
    if (++head_ < entries_.size()) {
      if (head_ > 64 && head_ > entries_.size() / 2) {
        entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(head_));
        head_ = 0;
      }
      return;
    }
    head_ = 0;
    entries_.clear();
    if (entries_.capacity() > 16) std::vector<PlanEntry>().swap(entries_);
  }

 private:
  static bool ends_in_ready(const PlanEntry& entry) { return entry.expect == Expect::sync || entry.expect == Expect::query; }

  std::vector<PlanEntry> entries_;
  std::size_t head_ = 0;
  std::size_t readies_ = 0;
  std::size_t named_binds_ = 0;
};

}  // namespace bulkhead::session
