#include "session/cursors.h"

#include <algorithm>

#include "base/sqlstate.h"

namespace bulkhead::session {
namespace {

/// Savepoints and cursors of one transaction.
constexpr std::size_t kMost = 10'000;

}  // namespace

void Cursors::ran(const rewrite::Effects& effects) {
  if (effects.discard_all) return clear();
  if (!effects.cursor) return;
  const std::string& name = effects.cursor->name;
  switch (effects.cursor->what) {
    case rewrite::CursorChange::What::opens: return opened(name, effects.own_rows);
    case rewrite::CursorChange::What::closes: return closed(name);
    case rewrite::CursorChange::What::closes_all:
      std::erase_if(entries_, [](const Entry& entry) { return entry.kind != Entry::Kind::savepoint; });
      return;
    case rewrite::CursorChange::What::savepoint:
      // Drivers set the same one before every statement and release none.
      if (!entries_.empty() && entries_.back().kind == Entry::Kind::savepoint && entries_.back().name == name)
        ++entries_.back().times;
      else
        push({Entry::Kind::savepoint, name});
      return;
    case rewrite::CursorChange::What::releases:  // what was opened behind it belongs to the transaction around it now
      if (const auto at = savepoint(name)) {
        const bool last = --entries_[*at].times == 0;
        const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(*at + (last ? 0 : 1));
        entries_.erase(std::remove_if(begin, entries_.end(),
                                      [](const Entry& entry) { return entry.kind == Entry::Kind::savepoint; }),
                       entries_.end());
      }
      return;
    case rewrite::CursorChange::What::returns_to:
      if (const auto at = savepoint(name)) entries_.resize(*at + 1);
      return;
    case rewrite::CursorChange::What::ends: return clear();
  }
}

void Cursors::opened(std::string name, bool own_rows, JudgementPtr bound) {
  closed(name);
  push({own_rows ? Entry::Kind::own_rows : Entry::Kind::other_rows, std::move(name), std::move(bound)});
}

std::optional<JudgementPtr> Cursors::bound_to(std::string_view name) const {
  for (const Entry& entry : entries_)
    if (entry.kind != Entry::Kind::savepoint && entry.name == name) return entry.bound;
  return std::nullopt;
}

std::unordered_set<std::uint64_t> Cursors::executed() const {
  std::unordered_set<std::uint64_t> ids;
  for (const Entry& entry : entries_)
    if (entry.bound && entry.bound->executes) ids.insert(entry.bound->executes);
  return ids;
}

std::size_t Cursors::open() const {
  return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), [](const Entry& entry) {
    return entry.kind != Entry::Kind::savepoint;
  }));
}

void Cursors::closed(std::string_view name) {
  std::erase_if(entries_, [name](const Entry& entry) { return entry.kind != Entry::Kind::savepoint && entry.name == name; });
}

void Cursors::push(Entry entry) {
  if (entries_.size() >= kMost) {
    entries_.clear();
    lost_ = true;
  }
  if (!lost_) entries_.push_back(std::move(entry));
}

std::optional<std::size_t> Cursors::savepoint(std::string_view name) const {
  for (std::size_t i = entries_.size(); i-- > 0;)
    if (entries_[i].kind == Entry::Kind::savepoint && entries_[i].name == name) return i;
  return std::nullopt;
}

std::optional<Error> Cursors::refusal(const std::vector<rewrite::Statement>& statements) const {
  if (statements.size() == 1) return refusal(statements.front().effects);
  Cursors then = *this;
  for (const rewrite::Statement& statement : statements) {
    if (auto error = then.refusal(statement.effects)) return error;
    then.ran(statement.effects);
  }
  return std::nullopt;
}

std::optional<Error> Cursors::refusal(const rewrite::Effects& effects) const {
  for (const std::string& name : effects.stands_on) {
    const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.kind != Entry::Kind::savepoint && entry.name == name;
    });
    if (at == entries_.end())
      return make_error(sqlstate::invalid_cursor_name, "cursor \"" + name + "\" does not exist",
                        "WHERE CURRENT OF needs a cursor that this transaction has opened by DECLARE or as a portal.");
    if (at->kind == Entry::Kind::other_rows)
      return make_error(sqlstate::feature_not_supported,
                        "WHERE CURRENT OF is not supported through Bulkhead for the cursor \"" + name +
                            "\": it may stand on rows of other organisations",
                        "Let its query name tables only, no views and no functions of the database's own; or name the row by "
                        "its key.");
  }
  return std::nullopt;
}

bool writes_at_cursor(const std::vector<rewrite::Statement>& statements) {
  return std::any_of(statements.begin(), statements.end(),
                     [](const rewrite::Statement& s) { return !s.effects.stands_on.empty(); });
}

}  // namespace bulkhead::session
