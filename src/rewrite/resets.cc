// RESET for clients with startup values: the client's text, judged before, with SET in place of RESET, and read again.

#include <algorithm>
#include <iterator>

#include "rewrite/lexer.h"
#include "rewrite/pg_parse.h"
#include "rewrite/rewriter.h"
#include "rewrite/settings.h"
#include "rewrite/splice.h"

namespace bulkhead::rewrite {
namespace {

namespace f = ast::f;

/// What may be added to a text. RESET is short, a value need not be, and a text holds many of them.
constexpr std::size_t kMostAdded = 64u << 10;

std::string set(std::string_view name, std::string_view value, bool local) {
  return (local ? "SET LOCAL " : "SET ") + quote_name(name) + " TO " + quote_literal(value);
}

bool is_set(ast::Node node, std::string_view name, std::string_view value, bool local) {
  if (!node.is(ast::Kind::VariableSetStmt) || node.get(f::VariableSetStmt::kind) != ast::VariableSetKind::VAR_SET_VALUE) return false;
  const ast::ListView args = node.get(f::VariableSetStmt::args);
  if (args.size() != 1 || !args.front().is(ast::Kind::A_Const)) return false;
  const ast::Node constant = args.front().get(f::A_Const::val);
  return node.get(f::VariableSetStmt::name) == name && node.get(f::VariableSetStmt::is_local) == local &&
         constant.is(ast::Kind::String) && constant.get(f::String::sval) == value;
}

Statement hidden_set(const std::string& name, const std::string& value) {
  Statement out;
  out.kind = "VariableSetStmt";
  out.answer = Answer::hidden;
  out.effects.settings.push_back({name, value});
  return out;
}

/// Where the words of a statement stand.
Literal extent(const std::vector<Token>& tokens, const ParsedStatement& statement) {
  const auto first = std::partition_point(tokens.begin(), tokens.end(), [&](const Token& t) { return t.begin < statement.offset; });
  const auto behind = std::partition_point(first, tokens.end(), [&](const Token& t) {
    return statement.length == 0 || t.begin < statement.offset + statement.length;
  });
  return {first->begin, std::prev(behind)->end};
}

/// The edits of the text before, and those of what came of it, as edits of the text before: they do not touch.
std::vector<Edit> together(const std::vector<Edit>& first, std::vector<Edit> second) {
  std::vector<Edit> out;
  std::int64_t longer = 0;  // by so much, up to here, is what came of it
  auto next = first.begin();
  for (Edit& edit : second) {
    while (next != first.end() && next->offset + longer < edit.offset) {
      longer += static_cast<std::int64_t>(next->text.size()) - next->length;
      out.push_back(*next++);
    }
    edit.offset = static_cast<std::uint32_t>(edit.offset - longer);
    out.push_back(std::move(edit));
  }
  out.insert(out.end(), next, first.end());
  return out;
}

}  // namespace

bool resets_any(const Statement& statement, Protocol protocol, const StartupValues& startup) {
  const Effects& effects = statement.effects;
  return (effects.resets && startup.contains(effects.resets->name)) ||
         (effects.reset_all && protocol == Protocol::simple && !startup.empty());
}

std::optional<Rewritten> Rewriter::resetting(const Rewritten& resets, Protocol protocol, const StartupValues& startup) const {
  const std::string_view old = resets.sql.text();
  auto old_lexed = lex(old, old.size());
  if (!old_lexed) return std::nullopt;
  auto before = parse(old_lexed->text);
  if (!before || before->statements().size() != resets.statements.size()) return std::nullopt;

  EditList edits;
  std::vector<Statement> statements;
  std::size_t added = 0;
  for (std::size_t i = 0; i < resets.statements.size() && added <= kMostAdded; ++i) {
    statements.push_back(resets.statements[i]);
    Effects& effects = statements.back().effects;
    if (!resets_any(resets.statements[i], protocol, startup)) continue;
    const Literal place = extent(old_lexed->tokens, before->statements()[i]);
    if (effects.reset_all) {
      std::string sets;
      for (const auto& [name, value] : startup) {
        sets += "; " + set(name, value, false);
        statements.push_back(hidden_set(name, value));
      }
      added += sets.size();
      edits.insert(place.end, std::move(sets));
      continue;
    }
    const Reset reset = *effects.resets;
    const std::string& value = startup.find(reset.name)->second;
    std::string text = set(reset.name, value, reset.local);
    added += text.size();
    edits.replace(place.begin, place.end - place.begin, std::move(text));
    for (SettingChange& change : effects.settings) change.value = value;
    if (before->statements()[i].node.get(f::VariableSetStmt::kind) == ast::VariableSetKind::VAR_RESET) effects.tag = "RESET";
    effects.resets = std::nullopt;
  }
  if (edits.empty() || added > kMostAdded) return std::nullopt;
  std::vector<Edit> made = edits.take(old);
  std::string text = splice(old, made);

  auto lexed = lex(text, text.size());
  if (!lexed) return std::nullopt;
  const auto after = parse(lexed->text);
  if (!after || after->statements().size() != statements.size()) return std::nullopt;
  std::size_t at = 0;
  for (std::size_t i = 0; i < resets.statements.size(); ++i, ++at) {
    const ast::Node was = before->statements()[i].node, is = after->statements()[at].node;
    const auto& reset = resets.statements[i].effects.resets;
    if (reset && startup.contains(reset->name)) {
      if (!is_set(is, reset->name, startup.find(reset->name)->second, reset->local)) return std::nullopt;
      continue;
    }
    if (!ast::equal(was, is)) return std::nullopt;
    if (!resets_any(resets.statements[i], protocol, startup)) continue;
    for (const auto& [name, value] : startup)
      if (!is_set(after->statements()[++at].node, name, value, false)) return std::nullopt;
  }
  return Rewritten{RewrittenSql(std::move(text)), together(resets.edits, std::move(made)), std::move(statements), resets.notes,
                   resets.guards, {}, {}, resets.without_temporary};
}

}  // namespace bulkhead::rewrite
