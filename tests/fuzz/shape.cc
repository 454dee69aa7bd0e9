// The lexer of shapes against the real one: where it does not give up, the literals are the real ones, comments are comments,
// and other literals of the same classes give a text of the same shape with the same tokens.
#include "rewrite/shape.h"

#include "fuzz.h"
#include "rewrite/lexer.h"
#include "rewrite/splice.h"

using namespace bulkhead::rewrite;

namespace {

bool is_literal(const Token& token) { return token.kind == TokenKind::number || token.kind == TokenKind::string; }

}  // namespace

FUZZ(bytes) {
  Shape shape;
  if (!shape.read(bytes)) return;
  const auto lexed = lex(bytes, 1 << 20);
  if (!lexed) return;
  auto token = lexed->tokens.begin();
  std::vector<Edit> edits;
  for (const Literal& literal : shape.literals()) {
    edits.push_back({literal.begin, literal.end - literal.begin, stand_in(bytes.substr(literal.begin, literal.end - literal.begin), 5)});
    if (lexed->text[literal.begin] == ' ') continue;  // a comment, blanked
    while (token != lexed->tokens.end() && !is_literal(*token)) ++token;
    must(token != lexed->tokens.end() && token->begin == literal.begin && token->end == literal.end, "a literal of the lexer's");
    ++token;
  }
  while (token != lexed->tokens.end() && !is_literal(*token)) ++token;
  must(token == lexed->tokens.end(), "no literal of the lexer's is left out");

  const std::string other = splice(bytes, edits);
  Shape of_other;
  must(of_other.read(other) && of_other.skeleton() == shape.skeleton(), "other literals, the same shape");
  const auto other_lexed = lex(other, 1 << 20);
  must(other_lexed && other_lexed->tokens.size() == lexed->tokens.size(), "the same tokens");
  for (std::size_t i = 0; i < lexed->tokens.size(); ++i)
    must(lexed->tokens[i].kind == other_lexed->tokens[i].kind, "of the same kinds");
}
