#include "rewrite/clauses.h"

#include <algorithm>
#include <iterator>

namespace bulkhead::rewrite {
namespace {

bool same_word(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b;
  });
}

}  // namespace

Clauses::Clauses(const Lexed& lexed) : text_(lexed.text), tokens_(lexed.tokens), partner_(tokens_.size(), npos) {
  std::vector<std::size_t> open;
  for (std::size_t index = 0; index < tokens_.size(); ++index) {
    if (opens(index)) open.push_back(index);
    if (!closes(index) || open.empty()) continue;
    partner_[index] = open.back();
    partner_[open.back()] = index;
    open.pop_back();
  }
}

std::size_t Clauses::at(int offset) const {
  if (offset < 0) return npos;
  const auto wanted = static_cast<std::uint32_t>(offset);
  const auto found = std::lower_bound(tokens_.begin(), tokens_.end(), wanted,
                                      [](const Token& token, std::uint32_t value) { return token.begin < value; });
  if (found == tokens_.end() || found->begin != wanted) return npos;
  return static_cast<std::size_t>(found - tokens_.begin());
}

std::string_view Clauses::text(std::size_t index) const {
  if (index >= tokens_.size()) return {};
  return text_.substr(tokens_[index].begin, tokens_[index].end - tokens_[index].begin);
}

bool Clauses::symbol(std::size_t index, std::string_view symbol) const {
  return index < tokens_.size() && tokens_[index].kind == TokenKind::symbol && text(index) == symbol;
}

bool Clauses::word(std::size_t index, std::string_view word) const {
  return index < tokens_.size() && tokens_[index].kind == TokenKind::word && same_word(text(index), word);
}

bool Clauses::key_word(std::size_t index, std::string_view word) const {
  if (!this->word(index, word)) return false;
  // `as` may be a label, too: FROM is none in SELECT t.as AS as FROM t.
  std::size_t first = index;
  while (first > 0 && this->word(first - 1, "as")) --first;
  const bool dotted = first > 0 && symbol(first - 1, ".");
  return ((index - first) % 2 == 0) != dotted;
}

bool Clauses::ends_level(std::size_t index) const {
  // All of them reserved, and names only behind a dot or AS (AS_LABEL in kwlist.h).
  for (const std::string_view word : {"where", "having", "window", "union", "intersect", "except", "order", "limit",
                                      "offset", "fetch", "returning"})
    if (key_word(index, word)) return true;
  if (key_word(index, "group")) return key_word(index + 1, "by");  // WITHIN GROUP (…); but `within` may be an alias
  if (key_word(index, "for")) return !key_word(index - 1, "collation");
  return false;
}

bool Clauses::ends(std::size_t index, Ends ends) const {
  if (ends_level(index)) return true;
  switch (ends) {
    case Ends::clause:
      return false;
    case Ends::condition:
      if (symbol(index, ",") || key_word(index, "join") || key_word(index, "on") || key_word(index, "using")) return true;
      if (key_word(index, "inner") || key_word(index, "cross")) return key_word(index + 1, "join");
      if (key_word(index, "left") || key_word(index, "right") || key_word(index, "full"))
        return key_word(index + 1, "join") || key_word(index + 1, "outer");
      return key_word(index, "natural");
    case Ends::target_list:
      if (key_word(index, "into")) return true;
      return key_word(index, "from") &&
             !(key_word(index - 1, "distinct") && (key_word(index - 2, "is") || key_word(index - 2, "not")));
  }
  return true;
}

std::size_t Clauses::end_of(std::size_t index, Ends what, std::size_t limit) const {
  const std::size_t stop = std::min(limit, tokens_.size());
  for (; index < stop; ++index) {
    if (closes(index) || symbol(index, ";") || ends(index, what)) return index;
    if (opens(index)) index = std::min(closing(index), stop - 1);
  }
  return stop;
}

std::size_t Clauses::forward(std::size_t index, std::string_view word) const {
  for (; index < tokens_.size(); ++index) {
    if (closes(index) || symbol(index, ";")) return npos;
    if (key_word(index, word)) return index;
    if (opens(index)) index = std::min(closing(index), tokens_.size() - 1);
  }
  return npos;
}

std::size_t Clauses::past_case(std::size_t index, std::string_view word) const {
  int cases = 0;
  while (++index < tokens_.size()) {
    if (closes(index) || symbol(index, ";")) return npos;
    if (opens(index)) index = std::min(closing(index), tokens_.size() - 1);
    if (key_word(index, "case")) ++cases;
    if (key_word(index, "end")) --cases;
    if (cases == 0 && key_word(index, word)) return index;
  }
  return npos;
}

std::size_t Clauses::back(std::size_t index, std::string_view word, bool rows_from) const {
  while (index-- > 0) {
    if (closes(index)) {
      index = partner_[index];
      if (index == npos) return npos;
    } else if (key_word(index, word)) {
      if (index == 0 || word != "from") return index;
      if (key_word(index - 1, "distinct") && (key_word(index - 2, "is") || key_word(index - 2, "not"))) continue;
      if (rows_from && key_word(index - 1, "rows") && symbol(index + 1, "(")) continue;
      return index;
    }
  }
  return npos;
}

std::size_t Clauses::comma(std::size_t open) const {
  const std::size_t close = closing(open);
  for (std::size_t index = open + 1; close != npos && index < close; ++index) {
    if (symbol(index, ",")) return index;
    if (opens(index) && closing(index) != npos) index = closing(index);
  }
  return npos;
}

Clauses::Relation Clauses::relation(int location, int parts, bool has_alias, bool alias_columns) const {
  Relation relation;
  relation.name = at(location);
  if (relation.name == npos) return relation;
  relation.begin = relation.name;
  relation.end = relation.name + static_cast<std::size_t>(2 * parts - 1);
  if (symbol(relation.end, "*")) ++relation.end;
  if (relation.begin > 0 && key_word(relation.begin - 1, "only")) {
    --relation.begin;
  } else if (relation.begin > 1 && symbol(relation.begin - 1, "(") && key_word(relation.begin - 2, "only")) {
    relation.begin -= 2;
    ++relation.end;
  }
  relation.alias_end = relation.end;
  if (has_alias) {
    relation.alias = relation.end;
    std::size_t name = relation.end;
    if (tokens_.size() > name && tokens_[name].kind == TokenKind::word && same_word(text(name), "as")) ++name;
    relation.alias_end = name + 1;
    if (alias_columns && symbol(relation.alias_end, "(")) {
      const std::size_t close = closing(relation.alias_end);
      if (close != npos) relation.alias_end = close + 1;
    }
  }
  relation.sample_end = relation.alias_end;
  if (key_word(relation.sample_end, "tablesample")) {
    std::size_t open = relation.sample_end;
    while (open < tokens_.size() && !symbol(open, "(")) ++open;
    std::size_t close = closing(open);
    if (close != npos && key_word(close + 1, "repeatable")) close = closing(close + 2);
    if (close != npos) relation.sample_end = close + 1;
  }
  return relation;
}

}  // namespace bulkhead::rewrite
