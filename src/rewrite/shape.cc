#include "rewrite/shape.h"

#include <xxhash.h>

#include <array>
#include <cstring>
#include <random>

#include "rewrite/lexer.h"

namespace bulkhead::rewrite {
namespace {

/// Stand for a literal in the skeleton. Bytes below the blank stand nowhere else in a text read() accepts.
enum : char { kInteger = 1, kNumber, kString, kBlockComment, kLineComment };

constexpr std::size_t kShortInteger = 9;  ///< digits that fit int4 whatever they are: ICONST in scan.l
constexpr std::size_t kLongInteger = 11;  ///< digits, the first not 0, that never do: FCONST

/// What a byte outside literals can begin.
enum class Byte : std::uint8_t { other, name, digit, single_quote, double_quote, dollar, dot, minus, slash, control };

constexpr std::array<Byte, 256> kBytes = [] {
  std::array<Byte, 256> bytes{};
  for (int c = 0; c < 256; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
    bytes[static_cast<std::size_t>(c)] = letter                  ? Byte::name
                                         : c >= '0' && c <= '9'  ? Byte::digit
                                         : c == '\''             ? Byte::single_quote
                                         : c == '"'              ? Byte::double_quote
                                         : c == '$'              ? Byte::dollar
                                         : c == '.'              ? Byte::dot
                                         : c == '-'              ? Byte::minus
                                         : c == '/'              ? Byte::slash
                                         : c == 127 || (c < ' ' && !blank) ? Byte::control
                                                                 : Byte::other;
  }
  return bytes;
}();

Byte byte_of(char c) { return kBytes[static_cast<unsigned char>(c)]; }
bool is_digit(char c) { return byte_of(c) == Byte::digit; }
bool in_name(char c) { return byte_of(c) == Byte::name || is_digit(c) || c == '$'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

/// Reads one text from left to right. at_ is what has been looked at; a step that returns false gives up.
class Reader {
 public:
  Reader(std::string_view sql, std::string& skeleton, std::vector<Literal>& literals)
      : sql_(sql), skeleton_(skeleton), literals_(literals) {}

  bool run() {
    while (at_ < sql_.size())
      if (!step()) return false;
    skeleton_.append(sql_.substr(kept_));
    return true;
  }

 private:
  /// 0 behind the end: no byte of an accepted text.
  char peek(std::size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }

  bool step() {
    switch (byte_of(sql_[at_])) {
      case Byte::other: ++at_; return true;
      case Byte::name: return name();
      case Byte::digit: return number();
      case Byte::single_quote: return string();
      case Byte::double_quote: return quoted_name();
      case Byte::dollar: return parameter();
      case Byte::dot: return ++at_, !is_digit(peek());  // .5
      case Byte::minus: return peek(1) == '-' ? line_comment() : (++at_, true);
      case Byte::slash: return peek(1) == '*' ? block_comment() : (++at_, true);
      case Byte::control: return false;
    }
    return false;
  }

  bool name() {
    while (at_ < sql_.size() && in_name(sql_[at_])) ++at_;
    return peek() != '\'' && peek() != '&';  // E'…', X'…', U&'…'; a&b is not worth the difference
  }

  bool number() {
    const std::size_t begin = at_;
    while (is_digit(peek())) ++at_;
    const std::size_t digits = at_ - begin;
    bool integer = true;
    if (peek() == '.') {
      integer = false;
      for (++at_; is_digit(peek());) ++at_;
    }
    // An exponent, junk behind the number, 1..10, 1.2.3: rare, and not always a number everywhere.
    if (in_name(peek()) || peek() == '.' || peek() == '\'' || peek() == '"') return false;
    if (!integer) return literal(begin, kNumber);
    if (digits <= kShortInteger) return literal(begin, kInteger);
    return digits >= kLongInteger && sql_[begin] != '0' && literal(begin, kNumber);
  }

  bool string() {
    const std::size_t begin = at_;
    do {  // '' is a quote inside
      const void* quote = std::memchr(sql_.data() + at_ + 1, '\'', sql_.size() - at_ - 1);
      if (!quote) return false;
      at_ = static_cast<std::size_t>(static_cast<const char*>(quote) - sql_.data()) + 1;
    } while (peek() == '\'');
    literal(begin, kString);
    // Behind a newline the literal may go on; what stands between depends on the comments there.
    while (is_blank(peek())) ++at_;
    return peek() != '\'' && !(peek() == '-' && peek(1) == '-') && !(peek() == '/' && peek(1) == '*');
  }

  bool quoted_name() {
    do {
      const std::size_t quote = sql_.find('"', at_ + 1);
      if (quote == std::string_view::npos) return false;
      at_ = quote + 1;
    } while (peek() == '"');
    return true;
  }

  /// $1; a dollar quote gives up.
  bool parameter() {
    for (++at_; is_digit(peek());) ++at_;
    return is_digit(sql_[at_ - 1]) && !in_name(peek());
  }

  bool line_comment() {
    const std::size_t begin = at_;
    while (at_ < sql_.size() && sql_[at_] != '\n' && sql_[at_] != '\r') ++at_;
    return literal(begin, kLineComment);
  }

  bool block_comment() {
    const std::size_t begin = at_;
    const std::size_t end = sql_.find("*/", at_ + 2);
    if (end == std::string_view::npos) return false;
    at_ = end + 2;
    // Whether comments in one run of operator characters are too many depends on what is in them (lexer.cc, opening()).
    const auto between = sql_.substr(commented_, begin - commented_);
    if (commented_ > 0 && between.find_first_not_of("~!@#^&|`?+-*/%<>=") == std::string_view::npos) return false;
    commented_ = at_;
    // A comment inside begins with the first of the two to come, even if it takes its * from what looks like the end: /*/*/
    // has not ended. Whoever took it for a comment would put edits into a longer one.
    return sql_.substr(begin + 2, end + 1 - (begin + 2)).find("/*") == std::string_view::npos && literal(begin, kBlockComment);
  }

  bool literal(std::size_t begin, char kind) {
    skeleton_.append(sql_.substr(kept_, begin - kept_)).push_back(kind);
    kept_ = at_;
    literals_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)});
    return true;
  }

  std::string_view sql_;
  std::string& skeleton_;
  std::vector<Literal>& literals_;
  std::size_t at_ = 0;
  std::size_t kept_ = 0;  ///< what stands before is in the skeleton
  std::size_t commented_ = 0;  ///< the end of the last comment; 0: there was none
};

bool is_ascii(std::string_view text) {
  unsigned char seen = 0;
  for (const char c : text) seen |= static_cast<unsigned char>(c);
  return seen < 0x80;
}

using Secret = std::array<unsigned char, 192>;

Secret make_secret() {
  std::random_device random;
  Secret secret;
  for (auto& byte : secret) byte = static_cast<unsigned char>(random());
  return secret;
}

}  // namespace

bool Shape::read(std::string_view sql) {
  skeleton_.clear();
  literals_.clear();
  if (sql.size() > 0x7fffffffu || sql.find('\0') != std::string_view::npos) return false;
  if (!Reader(sql, skeleton_, literals_).run()) return false;
  return is_ascii(sql) || invalid_utf8(sql) == std::string_view::npos;
}

std::uint64_t Shape::hash() const {
  static const Secret secret = make_secret();
  return XXH3_64bits_withSecret(skeleton_.data(), skeleton_.size(), secret.data(), secret.size());
}

std::string stand_in(std::string_view literal, std::size_t salt) {
  const std::string number = std::to_string(salt);
  if (literal.starts_with("--")) return "-- stand-in " + number;
  if (literal.starts_with("/*")) return "/* stand-in " + number + " */";
  if (literal.starts_with('\'')) return "'stand-in " + number + "'";
  if (literal.find('.') != std::string_view::npos) return number + ".125";
  return literal.size() <= kShortInteger ? number : "98765432109" + number;
}

}  // namespace bulkhead::rewrite
