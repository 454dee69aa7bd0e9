#include <algorithm>
#include <optional>
#include <utility>

#include "admin/command.h"
#include "base/utf8.h"

namespace bulkhead::admin {
namespace {

struct Token {
  enum class Kind : std::uint8_t { word, name, string, symbol, end };
  Kind kind = Kind::end;
  std::string text;  ///< of a name and a string what stands between the quotes
  std::size_t at = 0;
};

/// Places in errors count characters from 1.
Error syntax(std::string_view text, std::size_t at, std::string message, std::string hint = "SHOW HELP lists what can be said here.") {
  Error error = make_error(sqlstate::syntax_error, std::move(message), std::move(hint));
  const auto is_head = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  error.position = 1 + static_cast<int>(std::count_if(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), is_head));
  return error;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool in_word(char c) {
  const char letter = static_cast<char>(c | 0x20);
  return (letter >= 'a' && letter <= 'z') || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}
bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<Token> next() {
    BULKHEAD_CHECK(skip());
    Token token;
    token.at = at_;
    if (at_ == text_.size()) return token;
    const char c = text_[at_];
    if (c == '"' || c == '\'') {
      token.kind = c == '"' ? Token::Kind::name : Token::Kind::string;
      BULKHEAD_TRY(token.text, quoted(c));
      if (c == '"' && token.text.empty()) return syntax(text_, token.at, "zero-length delimited identifier");
      return token;
    }
    if (c == '$') return syntax(text_, at_, "the console takes no parameters", "Write the value itself.");
    if (in_word(c)) {
      token.kind = Token::Kind::word;
      while (at_ < text_.size() && in_word(text_[at_]) && !begins("--")) token.text += text_[at_++];
      return token;
    }
    if (std::string_view("=,;()*").find(c) == std::string_view::npos)
      return syntax(text_, at_, std::string("syntax error at or near \"") + c + '"');
    token.kind = Token::Kind::symbol;
    token.text = c;
    ++at_;
    return token;
  }

 private:
  bool begins(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

  /// Blanks and comments; those between slashes nest.
  Result<void> skip() {
    while (at_ < text_.size()) {
      if (is_blank(text_[at_])) {
        ++at_;
      } else if (begins("--")) {
        at_ = std::min(text_.find_first_of("\n\r", at_), text_.size());
      } else if (begins("/*")) {
        const std::size_t begin = at_;
        int depth = 0;
        do {
          if (begins("/*")) {
            ++depth;
            at_ += 2;
          } else if (begins("*/")) {
            --depth;
            at_ += 2;
          } else if (at_ >= text_.size()) {
            return syntax(text_, begin, "unterminated /* comment");
          } else {
            ++at_;
          }
        } while (depth > 0);
      } else {
        break;
      }
    }
    return {};
  }

  Result<std::string> quoted(char quote) {
    const std::size_t begin = at_++;
    std::string out;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] != quote) {
        out += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
        out += quote;
        ++at_;
      } else {
        ++at_;
        return out;
      }
    }
    return syntax(text_, begin, quote == '"' ? "unterminated quoted identifier" : "unterminated quoted string");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// The tokens of one command, and the text they are of.
class Line {
 public:
  Line(std::string_view text, std::vector<Token> tokens, std::size_t end) : text_(text), tokens_(std::move(tokens)), end_(end) {}

  Result<Command> command() const {
    std::optional<Command> best;
    std::size_t longest = 0;
    std::optional<Error> fault;  // why the one that went furthest is not meant
    for (const Entry& entry : commands()) {
      const auto words = matching(entry.words);
      if (words == 0) continue;
      auto taken = take(entry, words);
      if (taken && words > longest) {
        longest = words;
        best = std::move(*taken);
      } else if (!taken && (!fault || taken.error().position > fault->position)) {
        fault = taken.error();
      }
    }
    if (best) return *best;
    if (fault) return *fault;
    return wrong(0);
  }

 private:
  /// How many tokens the words are, if the command begins with them; else 0.
  std::size_t matching(std::string_view words) const {
    std::size_t n = 0;
    while (!words.empty()) {
      const auto word = words.substr(0, words.find(' '));
      words.remove_prefix(std::min(words.size(), word.size() + 1));
      const bool fits = n < tokens_.size() && (tokens_[n].kind == Token::Kind::word || tokens_[n].kind == Token::Kind::symbol) &&
                        same_word(tokens_[n].text, word);
      if (!fits) return 0;
      ++n;
    }
    return n;
  }

  Error wrong(std::size_t index) const {
    if (index >= tokens_.size()) return syntax(text_, end_, "syntax error at end of command");
    return syntax(text_, tokens_[index].at, "syntax error at or near \"" + tokens_[index].text + '"');
  }
  bool is_word(std::size_t index, std::string_view word) const {
    return index < tokens_.size() && tokens_[index].kind == Token::Kind::word && same_word(tokens_[index].text, word);
  }
  bool is_symbol(std::size_t index, std::string_view symbol) const {
    return index < tokens_.size() && tokens_[index].kind == Token::Kind::symbol && tokens_[index].text == symbol;
  }
  bool is_name(std::size_t index) const {
    return index < tokens_.size() && (tokens_[index].kind == Token::Kind::word || tokens_[index].kind == Token::Kind::name);
  }

  Result<Command> take(const Entry& entry, std::size_t from) const {
    Command command{&entry};
    switch (entry.takes) {
      case Takes::nothing:
        if (entry.action == Action::show_setting) command.argument = "transaction_isolation";
        break;
      case Takes::anything:
        if (entry.action == Action::set_for_session && entry.words == "SET") return set_for_session(std::move(command), from);
        return command;
      case Takes::tenant_if_any:
        if (from == tokens_.size()) break;
        [[fallthrough]];
      case Takes::tenant:
        if (!is_name(from)) return wrong(from);
        command.argument = tokens_[from++].text;
        break;
      case Takes::client:
        if (!is_name(from) || tokens_[from].kind != Token::Kind::word || tokens_[from].text.size() > 9 ||
            !std::all_of(tokens_[from].text.begin(), tokens_[from].text.end(), is_digit))
          return wrong(from);
        command.argument = tokens_[from++].text;
        break;
      case Takes::setting:
        if (!is_name(from)) return wrong(from);
        command.argument = lower(tokens_[from].text);
        if (!session_setting(command.argument)) return wrong(from);
        ++from;
        break;
      case Takes::assignment:
        if (!is_name(from)) return wrong(from);
        command.argument = lower(tokens_[from].text);
        if (!is_symbol(from + 1, "=") && !is_word(from + 1, "to")) return wrong(from + 1);
        if (from + 2 >= tokens_.size() || tokens_[from + 2].kind == Token::Kind::symbol) return wrong(from + 2);
        command.value = tokens_[from + 2].text;
        from += 3;
        break;
    }
    if (from < tokens_.size()) return wrong(from);
    return command;
  }

  /// What drivers set, in whatever form: nothing comes of it.
  Result<Command> set_for_session(Command command, std::size_t from) const {
    if (is_word(from, "session") && is_word(from + 1, "characteristics")) return command;
    if (is_word(from, "session") || is_word(from, "local")) ++from;
    if (is_word(from, "transaction") || (is_word(from, "time") && is_word(from + 1, "zone"))) return command;
    if (!is_name(from) || !session_setting(lower(tokens_[from].text))) return wrong(from);
    if (!is_symbol(from + 1, "=") && !is_word(from + 1, "to")) return wrong(from + 1);
    return command;
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t end_;
};

}  // namespace

Result<std::vector<Command>> parse(std::string_view text) {
  if (find_invalid_utf8(text) != std::string_view::npos)
    return make_error(sqlstate::character_not_in_repertoire, "invalid byte sequence for encoding \"UTF8\"");
  std::vector<Command> out;
  std::vector<Token> tokens;
  Lexer lexer(text);
  for (;;) {
    BULKHEAD_TRY(auto token, lexer.next());
    const bool last = token.kind == Token::Kind::end;
    if (!last && !(token.kind == Token::Kind::symbol && token.text == ";")) {
      tokens.push_back(std::move(token));
      continue;
    }
    if (!tokens.empty()) {
      BULKHEAD_TRY(auto command, Line(text, std::exchange(tokens, {}), token.at).command());
      out.push_back(std::move(command));
    }
    if (last) return out;
  }
}

}  // namespace bulkhead::admin
