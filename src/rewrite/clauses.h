#pragma once

// Where the clauses of a statement stand in its text. The tree says what a statement means but not where its key words
// are; this finds them among the tokens. A wrong answer cannot do harm: the verifier refuses what was spliced wrongly.
// A search steps over what is in parentheses, however much that is: those of all query levels together look at each token
// a few times.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rewrite/lexer.h"

namespace bulkhead::rewrite {

/// Token indices; npos is "not there".
class Clauses {
 public:
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

  explicit Clauses(const Lexed& lexed);

  std::size_t size() const { return tokens_.size(); }
  const Token& operator[](std::size_t index) const { return tokens_[index]; }
  /// The token that begins at byte `offset`.
  std::size_t at(int offset) const;
  /// Token `index` is this key word (lower case), unquoted, and not a name behind a dot or AS.
  bool key_word(std::size_t index, std::string_view word) const;
  /// The same where no name can stand, such as behind the AS of CREATE TABLE.
  bool word(std::size_t index, std::string_view word) const;
  bool symbol(std::size_t index, std::string_view symbol) const;
  std::string_view text(std::size_t index) const;

  /// What ends a clause, besides a closing parenthesis, a semicolon and the end of the text.
  enum class Ends : std::uint8_t {
    clause,       ///< WHERE, GROUP BY, HAVING, …, RETURNING: the next clause of the query level
    condition,    ///< these, and JOIN words, ON, USING, a comma: an ON condition
    target_list,  ///< these, and FROM, INTO
  };
  /// The first token from `index` on, outside nested parentheses, that ends the clause, or `limit`.
  std::size_t end_of(std::size_t index, Ends ends, std::size_t limit = npos) const;
  /// The first such token that is `word`, unless the query level ends before; npos then.
  std::size_t forward(std::size_t index, std::string_view word) const;
  /// The first such token behind `index` that is no part of a CASE expression, unless the statement ends before; npos then.
  std::size_t past_case(std::size_t index, std::string_view word) const;
  /// The nearest `word` before `index` in the same parentheses or in those around. `rows_from`: the level has a ROWS FROM.
  std::size_t back(std::size_t index, std::string_view word, bool rows_from = false) const;
  /// The parenthesis that closes the one at `open`.
  std::size_t closing(std::size_t open) const { return opens(open) ? partner_[open] : npos; }
  /// The first comma directly inside the parenthesis at `open`.
  std::size_t comma(std::size_t open) const;

  /// Tokens of a relation as FROM, UPDATE, DELETE and INSERT write it.
  struct Relation {
    std::size_t begin = 0;        ///< ONLY or the name
    std::size_t name = 0;         ///< the first part of the name
    std::size_t end = 0;          ///< behind the name, its `*` or the `)` of ONLY ( )
    std::size_t alias = npos;     ///< AS or the alias; npos: none
    std::size_t alias_end = 0;    ///< behind the alias and its column list; `end` if there is none
    std::size_t sample_end = 0;   ///< behind TABLESAMPLE …; alias_end if there is none
  };
  /// `parts`: 1 for t, 2 for schema.t, 3 for database.schema.t; `alias_columns`: the alias has a column list.
  Relation relation(int location, int parts, bool has_alias, bool alias_columns) const;

 private:
  bool opens(std::size_t index) const { return symbol(index, "(") || symbol(index, "["); }
  bool closes(std::size_t index) const { return symbol(index, ")") || symbol(index, "]"); }
  bool ends_level(std::size_t index) const;
  bool ends(std::size_t index, Ends ends) const;

  std::string_view text_;
  const std::vector<Token>& tokens_;
  std::vector<std::size_t> partner_;  ///< of each parenthesis; npos of those without one
};

}  // namespace bulkhead::rewrite
