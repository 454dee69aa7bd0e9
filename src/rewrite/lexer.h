#pragma once

// PostgreSQL's lexical rules (manual, "Lexical Structure"; src/backend/parser/scan.l) with standard_conforming_strings on,
// in linear time and bounded memory: what stands between a client's bytes and the parser.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulkhead::rewrite {

enum class TokenKind : std::uint8_t {
  word,         ///< unquoted identifier or key word
  quoted_word,  ///< "…" or U&"…"
  string,       ///< '…', E'…', B'…', X'…', U&'…', $tag$…$tag$, with its continuation lines (N'…' is a word and a string)
  number,
  parameter,    ///< $1
  symbol,       ///< an operator, or one of ( ) [ ] , ; . .. : :: :=
};

/// Bytes [begin, end) of the text.
struct Token {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  TokenKind kind = TokenKind::symbol;
};

struct Lexed {
  /// The text with every comment blanked to as many spaces (libpg_query reads comments as tokens and refuses some valid
  /// statements with them, and takes seconds for others). Same length: every offset is one of the client's text.
  std::string text;
  std::vector<Token> tokens;  ///< in order, without blanks and comments
};

/// What no real statement exceeds; beyond them the parser or a walker could be made to overflow. (Tokens are at most as many
/// as bytes.)
inline constexpr int kMaxNesting = 200;        ///< open ( and [
inline constexpr std::size_t kMaxName = 63;    ///< bytes of an identifier or operator: NAMEDATALEN - 1
inline constexpr int kMaxOpenings = 10;        ///< "/*" in one run of operator characters: PostgreSQL reads it anew at each

/// Errors carry PostgreSQL's SQLSTATE and wording where it has one, and the position.
Result<Lexed> lex(std::string_view sql, std::size_t max_bytes, int max_nesting = kMaxNesting);

/// The place of byte `offset` in characters from 1, as ErrorResponse field P counts. `text` is UTF-8.
int character_position(std::string_view text, std::size_t offset);

/// The offset of the first byte that is not well-formed UTF-8 as PostgreSQL accepts it; npos if there is none.
std::size_t invalid_utf8(std::string_view text);

}  // namespace bulkhead::rewrite
