// The lexer: blanks comments and nothing else; tokens are in order, inside the text, and cover all that is not blank.
#include "rewrite/lexer.h"

#include "fuzz.h"

using namespace bulkhead::rewrite;

namespace {

bool blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

FUZZ(bytes) {
  const auto lexed = lex(bytes, 1 << 20);
  if (!lexed) return;
  must(lexed->text.size() == bytes.size(), "every offset stays");
  std::size_t end = 0;
  for (const auto& token : lexed->tokens) {
    must(token.begin >= end && token.begin < token.end && token.end <= bytes.size(), "tokens in order");
    for (; end < token.begin; ++end) must(blank(lexed->text[end]), "between tokens there is only white space");
    must(lexed->text[token.begin] == bytes[token.begin], "a token is not blanked");
    end = token.end;
  }
  for (; end < bytes.size(); ++end) must(blank(lexed->text[end]), "behind the last token too");
  const auto again = lex(lexed->text, 1 << 20);
  must(again && again->text == lexed->text && again->tokens.size() == lexed->tokens.size(), "lexing settles");
}
