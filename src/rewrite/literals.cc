#include "rewrite/literals.h"

#include <algorithm>
#include <cstddef>
#include <unordered_set>

namespace bulkhead::rewrite {
namespace {

/// What is known of each token, by its index.
class Tokens {
 public:
  explicit Tokens(const Lexed& lexed) : lexed_(lexed), states_(lexed.tokens.size(), State::unknown) {}

  void constant(int location) {
    if (State* state = literal_at(location); state && *state == State::unknown) *state = State::constant;
  }
  void read(int location) {
    if (State* state = literal_at(location)) *state = State::read;
  }

  std::vector<Literal> free() const {
    std::vector<Literal> out;
    for (std::size_t i = 0; i < states_.size(); ++i)
      if (states_[i] == State::constant) out.push_back({lexed_.tokens[i].begin, lexed_.tokens[i].end});
    return out;
  }

 private:
  enum class State : std::uint8_t { unknown, constant, read };

  /// The literal of the constant at `location`. The grammar folds a sign into a number and moves its location to the sign
  /// (gram.y, doNegate).
  State* literal_at(int location) {
    if (location < 0) return nullptr;
    const auto& tokens = lexed_.tokens;
    auto at = std::lower_bound(tokens.begin(), tokens.end(), static_cast<std::uint32_t>(location),
                               [](const Token& token, std::uint32_t offset) { return token.begin < offset; });
    if (at == tokens.end() || at->begin != static_cast<std::uint32_t>(location)) return nullptr;
    const bool negated = at->kind == TokenKind::symbol && at->end - at->begin == 1 && lexed_.text[at->begin] == '-';
    if (negated && (++at == tokens.end() || at->kind != TokenKind::number)) return nullptr;
    if (at->kind != TokenKind::number && at->kind != TokenKind::string) return nullptr;
    return &states_[static_cast<std::size_t>(at - tokens.begin())];
  }

  const Lexed& lexed_;
  std::vector<State> states_;
};

class Constants {
 public:
  explicit Constants(Tokens& tokens) : tokens_(tokens) {}

  void visit(ast::Node node) {
    if (node.is(ast::Kind::A_Const)) return tokens_.constant(node.get(ast::f::A_Const::location));
    if (node.is(ast::Kind::MultiAssignRef) && !sources_.insert(node.get(ast::f::MultiAssignRef::source).id()).second)
      return;  // shared, and visited already
    ast::for_each_child(node, [this](ast::Node child) { visit(child); });
  }

 private:
  Tokens& tokens_;
  std::unordered_set<const void*> sources_;
};

/// For each place in the text the edits make, its place in the client's text, unless they inserted it.
std::vector<int> to_client(std::vector<int> places, const std::vector<Edit>& edits) {
  std::sort(places.begin(), places.end());
  std::vector<int> out;
  auto edit = edits.begin();
  std::int64_t shift = 0;  // from the client's text to the other, behind the edits passed so far
  for (const int place : places) {
    const auto end = [&] { return edit->offset + shift + static_cast<std::int64_t>(edit->text.size()); };
    for (; edit != edits.end() && end() <= place; ++edit)
      shift += static_cast<std::int64_t>(edit->text.size()) - edit->length;
    if (edit == edits.end() || place < edit->offset + shift) out.push_back(static_cast<int>(place - shift));
  }
  return out;
}

}  // namespace

std::vector<Literal> free_literals(const Lexed& lexed, const ParseTree& tree, const std::vector<Edit>& edits,
                                   const std::vector<int>& by_rules, const std::vector<int>& by_verifier) {
  Tokens tokens(lexed);
  Constants constants(tokens);
  for (const ParsedStatement& statement : tree.statements()) constants.visit(statement.node);
  for (const int location : by_rules) tokens.read(location);
  // A location of the verifier's is one of either text. Whichever is meant, the other is a literal too many at most.
  for (const int location : by_verifier) tokens.read(location);
  for (const int location : to_client(by_verifier, edits)) tokens.read(location);
  return tokens.free();
}

}  // namespace bulkhead::rewrite
