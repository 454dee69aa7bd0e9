#include "rewrite/lexer.h"

#include <algorithm>

namespace bulkhead::rewrite {
namespace {

constexpr SqlState kNameTooLong{"42622"};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool is_name(char c) { return is_name_start(c) || is_digit(c) || c == '$'; }
/// Not the vertical tab: PostgreSQL 15 takes it for an unexpected character, 16 for a blank.
constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
constexpr bool is_line_end(char c) { return c == '\n' || c == '\r'; }
constexpr bool is_operator(char c) { return std::string_view("~!@#^&|`?+-*/%<>=").find(c) != std::string_view::npos; }
/// Operators with one of these may end in + or -.
constexpr bool is_odd_operator(char c) { return std::string_view("~!@#^&|`?%").find(c) != std::string_view::npos; }

class Lexer {
 public:
  Lexer(std::string_view sql, int max_nesting) : sql_(sql), max_nesting_(max_nesting) {
    out_.text.assign(sql);
    out_.tokens.reserve(sql.size() / 4 + 16);
  }

  Result<Lexed> run() {
    while (at_ < sql_.size()) BULKHEAD_CHECK(step());
    return std::move(out_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }
  bool starts(std::string_view word) const { return sql_.substr(at_).starts_with(word); }

  Error fail(SqlState state, std::string message, std::size_t offset) const {
    Error error = make_error(state, std::move(message));
    error.position = character_position(sql_, offset);
    return error;
  }
  /// As scanner_yyerror(): `… at or near "the token"`, which goes to the end of the text if it is not terminated.
  Error near(const char* what, std::size_t offset, std::size_t end = std::string_view::npos) const {
    return fail(sqlstate::syntax_error, std::string(what) + " at or near \"" + std::string(sql_.substr(offset, end - offset)) + '"',
                offset);
  }
  /// scan.l, integer_junk and its like: the name that begins where a number ended is part of the token.
  Error junk(const char* what, std::size_t begin) const {
    std::size_t end = at_;
    while (end < sql_.size() && is_name(sql_[end])) ++end;
    return near(what, begin, end);
  }

  Result<void> emit(TokenKind kind, std::size_t begin) {
    out_.tokens.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_), kind});
    return {};
  }

  Result<void> step() {
    const char c = peek();
    if (is_blank(c)) {
      ++at_;
      return {};
    }
    if (starts("--")) {
      line_comment();
      return {};
    }
    if (starts("/*")) return block_comment();
    if (is_name_start(c)) return name_or_prefixed_string();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (c == '\'') return quoted(at_, Quoting::plain);
    if (c == '"') return quoted_name(at_);
    if (c == '$') return dollar();
    return symbol();
  }

  void blank(std::size_t begin, std::size_t end) { std::fill(&out_.text[begin], &out_.text[0] + end, ' '); }

  void line_comment() {
    const std::size_t begin = at_;
    while (at_ < sql_.size() && !is_line_end(sql_[at_])) ++at_;
    blank(begin, at_);
  }

  /// Behind the /* … */ that begins at `at`; npos if it does not end.
  std::size_t block_end(std::size_t at) const {
    for (int depth = 0; at < sql_.size();) {
      const std::string_view here = sql_.substr(at, 2);
      at += here == "/*" || here == "*/" ? 2 : 1;
      if (here == "/*") ++depth;
      if (here == "*/" && --depth == 0) return at;
    }
    return std::string_view::npos;
  }

  /// A "/*". The server's scanner looks at each as far as operator characters go on behind it, inside comments and out (scan.l,
  /// xcstart): what is made of nothing else takes it time in the square of its length, which no statement_timeout ends.
  Result<void> opening(std::size_t at) {
    const auto between = sql_.substr(opened_, at - opened_);
    openings_ = std::all_of(between.begin(), between.end(), is_operator) ? openings_ + 1 : 1;
    opened_ = at;
    if (openings_ <= kMaxOpenings) return {};
    return fail(sqlstate::program_limit_exceeded,
                "more than " + std::to_string(kMaxOpenings) + " comments begin in one run of operator characters", at);
  }

  Result<void> block_comment() {
    const std::size_t end = block_end(at_);
    if (end == std::string_view::npos) return near("unterminated /* comment", at_);
    for (std::size_t i = at_; i < end; ++i) {
      const std::string_view here = sql_.substr(i, 2);
      if (here == "/*") BULKHEAD_CHECK(opening(i));
      if (here == "/*" || here == "*/") ++i;
    }
    blank(at_, end);
    at_ = end;
    return {};
  }

  Result<void> name_or_prefixed_string() {
    const std::size_t begin = at_;
    const char lower = static_cast<char>(peek() | 0x20);
    if (peek(1) == '\'' && (lower == 'b' || lower == 'x' || lower == 'e')) {
      ++at_;
      return quoted(begin, lower == 'e' ? Quoting::escapes : Quoting::bits);
    }
    if (lower == 'u' && peek(1) == '&' && (peek(2) == '\'' || peek(2) == '"')) {
      at_ += 2;
      return peek() == '"' ? quoted_name(begin) : quoted(begin, Quoting::plain);
    }
    while (at_ < sql_.size() && is_name(sql_[at_])) ++at_;
    if (at_ - begin > kMaxName) return too_long("identifier", begin);
    return emit(TokenKind::word, begin);
  }

  Error too_long(const char* what, std::size_t begin) const {
    return fail(kNameTooLong, std::string(what) + " is longer than 63 bytes", begin);
  }

  /// What may stand for a quote: '' in plain ones, also \' in E'…', nothing in B'…' and X'…'.
  enum class Quoting { plain, escapes, bits };

  /// at_ stands on the opening quote; the token begins at `begin`.
  Result<void> quoted(std::size_t begin, Quoting quoting) {
    for (;;) {
      ++at_;
      for (;; ++at_) {
        if (at_ >= sql_.size()) return near("unterminated quoted string", begin);
        if (quoting == Quoting::escapes && sql_[at_] == '\\') {
          ++at_;
        } else if (sql_[at_] == '\'') {
          if (peek(1) != '\'' || quoting == Quoting::bits) break;
          ++at_;
        }
      }
      ++at_;
      if (!continued()) return emit(TokenKind::string, begin);
    }
  }

  /// A literal goes on behind blanks and -- comments that hold a newline (scan.l, quotecontinue). Moves to its quote if so.
  bool continued() {
    bool newline = false, block = false;
    std::size_t i = at_;
    while (i < sql_.size()) {
      const std::string_view here = sql_.substr(i, 2);
      if (here == "/*") {
        block = true;
        i = std::min(block_end(i), sql_.size());
      } else if (here == "--") {
        while (i < sql_.size() && !is_line_end(sql_[i])) ++i;
      } else if (is_blank(sql_[i])) {
        newline = newline || is_line_end(sql_[i]);
        ++i;
      } else {
        break;
      }
    }
    if (!newline || i >= sql_.size() || sql_[i] != '\'') return false;
    // With the newline left in, the blanked text would continue where the server sees a second literal.
    for (std::size_t k = at_; k < i; ++k)
      if (block || !is_blank(sql_[k])) out_.text[k] = ' ';
    if (block) return false;
    at_ = i;
    return true;
  }

  Result<void> quoted_name(std::size_t begin) {
    std::size_t length = 0;
    for (++at_;; ++at_, ++length) {
      if (at_ >= sql_.size()) return near("unterminated quoted identifier", begin);
      if (sql_[at_] != '"') continue;
      if (peek(1) != '"') break;
      ++at_;
    }
    ++at_;
    if (length == 0) return near("zero-length delimited identifier", begin);
    // A Unicode escape is longer than what it stands for: only the plain form can be measured here.
    if (sql_[begin] == '"' && length > kMaxName) return too_long("identifier", begin);
    return emit(TokenKind::quoted_word, begin);
  }

  Result<void> dollar() {
    const std::size_t begin = at_;
    if (is_digit(peek(1))) {
      for (++at_; is_digit(peek());) ++at_;
      if (is_name_start(peek())) return junk("trailing junk after parameter", begin);
      return emit(TokenKind::parameter, begin);
    }
    std::size_t end = at_ + 1;
    if (end < sql_.size() && is_name_start(sql_[end]))
      while (end < sql_.size() && is_name(sql_[end]) && sql_[end] != '$') ++end;
    if (end >= sql_.size() || sql_[end] != '$') return near("syntax error", begin, begin + 1);
    const std::string_view delimiter = sql_.substr(begin, end + 1 - begin);
    const std::size_t close = sql_.find(delimiter, end + 1);
    if (close == std::string_view::npos) return near("unterminated dollar-quoted string", begin);
    at_ = close + delimiter.size();
    return emit(TokenKind::string, begin);
  }

  Result<void> number() {
    const std::size_t begin = at_;
    while (is_digit(peek())) ++at_;
    if (peek() == '.' && peek(1) != '.')
      for (++at_; is_digit(peek());) ++at_;
    if ((peek() | 0x20) == 'e') {
      const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
      if (!is_digit(peek(sign))) {  // realfail: 1e+
        if (sign == 2) at_ += 2;
        return sign == 2 ? near("trailing junk after numeric literal", begin, at_) : junk("trailing junk after numeric literal", begin);
      }
      for (at_ += sign; is_digit(peek());) ++at_;
    }
    if (is_name_start(peek())) return junk("trailing junk after numeric literal", begin);
    return emit(TokenKind::number, begin);
  }

  Result<void> symbol() {
    const std::size_t begin = at_;
    const char c = peek();
    if (is_operator(c)) return operator_run();
    if (c == '(' || c == '[') {
      if (++nesting_ > max_nesting_)
        return fail(sqlstate::statement_too_complex,
                    "statement is nested more than " + std::to_string(max_nesting_) + " levels deep", begin);
    } else if (c == ')' || c == ']') {
      --nesting_;
    } else if (starts("::") || starts(":=") || starts("..")) {
      ++at_;
    } else if (c != ',' && c != ';' && c != '.' && c != ':') {
      return near("syntax error", begin, begin + 1);
    }
    ++at_;
    return emit(TokenKind::symbol, begin);
  }

  /// scan.l: the longest run, cut at a comment; a longer one does not end in + or - unless an odd character is in it.
  Result<void> operator_run() {
    const std::size_t begin = at_;
    std::size_t end = at_;
    bool odd = false;
    for (; end < sql_.size() && is_operator(sql_[end]); ++end) {
      const std::string_view here = sql_.substr(end, 2);
      if (end > begin && (here == "--" || here == "/*")) break;
      if (end - begin == kMaxName) return too_long("operator", begin);
      odd = odd || is_odd_operator(sql_[end]);
    }
    while (!odd && end - begin > 1 && (sql_[end - 1] == '+' || sql_[end - 1] == '-')) --end;
    at_ = end;
    return emit(TokenKind::symbol, begin);
  }

  std::string_view sql_;
  int max_nesting_;
  std::size_t at_ = 0;
  int nesting_ = 0;
  std::size_t opened_ = 0;  ///< the last "/*"
  int openings_ = 0;        ///< as many in one run
  Lexed out_;
};

}  // namespace

Result<Lexed> lex(std::string_view sql, std::size_t max_bytes, int max_nesting) {
  if (sql.size() > max_bytes || sql.size() > 0x7fffffffu)
    return make_error(sqlstate::program_limit_exceeded,
                      "statement of " + std::to_string(sql.size()) + " bytes is longer than the limit of " +
                          std::to_string(max_bytes),
                      "limits: { statement_size: … } sets the limit.");
  if (const auto nul = sql.find('\0'); nul != std::string_view::npos)
    return make_error(sqlstate::protocol_violation, "invalid message format", {}, "The statement holds a NUL byte.");
  if (const auto bad = invalid_utf8(sql); bad != std::string_view::npos) {
    constexpr char kHex[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(sql[bad]);
    return make_error(sqlstate::character_not_in_repertoire,
                      std::string("invalid byte sequence for encoding \"UTF8\": 0x") + kHex[byte >> 4] + kHex[byte & 15]);
  }
  return Lexer(sql, max_nesting).run();
}

int character_position(std::string_view text, std::size_t offset) {
  int position = 1;
  for (const char c : text.substr(0, std::min(offset, text.size())))
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++position;
  return position;
}

std::size_t invalid_utf8(std::string_view text) {
  const auto byte = [&text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned first = byte(i);
    if (first < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : 4;
    if (first < 0xc2 || first > 0xf4) return i;
    const unsigned second = byte(i + 1);  // the shortest form only, no surrogates, nothing above U+10FFFF
    const unsigned low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return i;
    for (std::size_t k = 2; k < length; ++k)
      if ((byte(i + k) & 0xc0) != 0x80) return i;
    i += length;
  }
  return std::string_view::npos;
}

}  // namespace bulkhead::rewrite
