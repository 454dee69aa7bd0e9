#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "rewrite/verdict.h"
#include "session/judge.h"

namespace bulkhead::session {

/// The cursors of the transaction that is open, portals of the protocol included, in the order they were opened, with the
/// savepoints between them: going back to one closes what was opened behind it. WHERE CURRENT OF has no other condition, so
/// it may only name a cursor of which it is known that it stands on the tenant's own rows; one that is not in here, a
/// function may have opened. Follows the server's answers, not what was sent: a name means here what it means there. Owned by
/// a conversation.
class Cursors {
 public:
  void ran(const rewrite::Effects& effects);
  /// `bound`: the statement of a portal of the protocol's; null: made by DECLARE.
  void opened(std::string name, bool own_rows, JudgementPtr bound = nullptr);
  void closed(std::string_view name);
  /// The statement bound to the portal of that name, null if DECLARE made it; nothing: there is no such portal.
  std::optional<JudgementPtr> bound_to(std::string_view name) const;
  std::unordered_set<std::uint64_t> executed() const;  ///< the statements of which a portal runs an EXECUTE, by id
  std::size_t open() const;  ///< without the savepoints
  /// The transaction is over. (A cursor WITH HOLD goes on, but not for WHERE CURRENT OF.)
  void clear() { *this = {}; }

  /// Why the statements of a text, run one by one from here, may not run; nothing if they may.
  std::optional<Error> refusal(const std::vector<rewrite::Statement>& statements) const;
  /// The same of one statement.
  std::optional<Error> refusal(const rewrite::Effects& effects) const;

 private:
  struct Entry {
    enum class Kind : std::uint8_t { savepoint, own_rows, other_rows };
    Kind kind;
    std::string name;
    JudgementPtr bound{};
    std::size_t times = 1;  ///< of a savepoint: set again with nothing between
  };

  void push(Entry entry);
  /// The last savepoint of that name; nothing: there is none, and the server will say so.
  std::optional<std::size_t> savepoint(std::string_view name) const;

  std::vector<Entry> entries_;
  bool lost_ = false;  ///< there were too many: nothing is known of this transaction's cursors
};

/// Whether one of the statements is to write where a cursor stands.
bool writes_at_cursor(const std::vector<rewrite::Statement>& statements);

}  // namespace bulkhead::session
