#include "rewrite/observation.h"

#include <algorithm>

#include "rewrite/lexer.h"
#include "rewrite/pg_parse.h"
#include "rewrite/scope.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

namespace {

constexpr std::size_t kShown = 2000;  ///< bytes of a shape; longer ones that begin alike count as one
constexpr std::size_t kReadable = 1u << 20;

void replace_all(std::string& in, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = in.find(what, at)) != std::string::npos; at += by.size()) in.replace(at, what.size(), by);
}

class Names {
 public:
  explicit Names(const Subject& subject) : subject_(subject) {}

  void statement(Node node) {
    static constexpr std::string_view kDdl[] = {"Create", "Alter", "Drop", "Grant", "Index", "Rename", "Comment", "View", "Rule"};
    const std::string_view kind = node.kind_name();
    if (std::any_of(std::begin(kDdl), std::end(kDdl), [&](std::string_view word) { return kind.starts_with(word); })) {
      observation_.ddl = true;
      return;
    }
    ctes(node);
    walk(node);
  }
  Observation take() { return std::move(observation_); }

 private:
  void ctes(Node node) {
    if (node.is(Kind::CommonTableExpr)) ctes_.insert(std::string(node.get(f::CommonTableExpr::ctename)));
    ast::for_each_child(node, [this](Node child) { ctes(child); });
  }

  void walk(Node node) {
    Node target;
    if (node.is(Kind::InsertStmt)) {
      relation(target = node.get(f::InsertStmt::relation), "insert");
    } else if (node.is(Kind::UpdateStmt)) {
      relation(target = node.get(f::UpdateStmt::relation), "update");
    } else if (node.is(Kind::DeleteStmt)) {
      relation(target = node.get(f::DeleteStmt::relation), "delete");
    } else if (node.is(Kind::CopyStmt)) {
      copies_ = true;
      target = node.get(f::CopyStmt::relation);
      if (target) relation(target, node.get(f::CopyStmt::is_from) ? "insert" : "select");
    } else if (node.is(Kind::ExplainStmt)) {
      explains_ = true;
    } else if (node.is(Kind::TruncateStmt)) {
      for (const Node each : node.get(f::TruncateStmt::relations)) relation(each, "truncate");
      return;
    } else if (node.is(Kind::RangeVar)) {
      relation(node, "select");
    } else if (node.is(Kind::FuncCall)) {
      function(strings(node.get(f::FuncCall::funcname)));
    }
    ast::for_each_child(node, [&](Node child) {
      if (child != target) walk(child);
    });
  }

  void relation(Node range_var, const char* action) {
    const auto schema = range_var.get(f::RangeVar::schemaname);
    const auto name = range_var.get(f::RangeVar::relname);
    if (schema.empty() && ctes_.contains(std::string(name))) return;
    const auto* found = schema.empty() ? subject_.catalogue.find_in_path(subject_.policy.tenancy.search_path, name)
                                       : subject_.catalogue.find(schema, name);
    if (!found || found->name.schema == "pg_catalog" || found->name.schema == "information_schema") return;
    Named& named = observation_.relations[found->name];
    const auto line = subject_.policy.tables.find(found->name);
    named.listed = line != subject_.policy.tables.end();
    const std::string& column = named.listed && !line->second.column.empty() ? line->second.column : subject_.policy.tenancy.column;
    if (found->find_column(column)) named.column = column;
    named.view = found->kind == policy::RelationKind::view || found->kind == policy::RelationKind::materialised_view;
    named.secured = found->row_security || subject_.policy.without_row_security(named.listed ? &line->second : nullptr) ==
                                               policy::WithoutRowSecurity::accept;
    named.actions.insert(action);
    if (copies_) named.actions.insert("copy");
    if (explains_) named.actions.insert("explain");
  }

  void function(const std::vector<std::string_view>& names) {
    const auto note = [this](std::string_view schema, std::string_view name) {
      policy::QualifiedName function{std::string(schema), std::string(name)};
      if (!subject_.catalogue.has_function(schema, name)) return false;
      if (!subject_.policy.functions.contains(function)) observation_.functions.insert(std::move(function));
      return true;
    };
    if (names.size() == 2) note(names[0], names[1]);
    if (names.size() != 1) return;
    for (const auto& schema : subject_.policy.tenancy.search_path)
      if (note(schema, names[0])) return;
  }

  const Subject& subject_;
  Observation observation_;
  std::set<std::string> ctes_;
  bool copies_ = false;
  bool explains_ = false;
};

}  // namespace

std::string masked(std::string_view sql) {
  const auto lexed = lex(sql, kReadable);
  if (!lexed) return "(cannot be read as SQL)";
  std::string out;
  std::size_t before = 0;
  for (const Token& token : lexed->tokens) {
    if (token.begin > before && !out.empty()) out += ' ';
    before = token.end;
    const bool literal = token.kind == TokenKind::string || token.kind == TokenKind::number;
    out += literal ? "?" : lexed->text.substr(token.begin, token.end - token.begin);
    if (out.size() <= kShown) continue;
    std::size_t end = kShown;  // not within a character
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;
    out.resize(end);
    return out + " …";
  }
  return out;
}

Error masked(Error error, std::string_view sql) {
  error.detail.clear();
  error.context.clear();
  if (error.state == sqlstate::syntax_error) {  // quotes the text, and perhaps where a literal was not closed
    error.message = error.message.substr(0, error.message.find(" at or near "));
    if (!error.message.starts_with("syntax error")) error.message = "not valid SQL";
    return error;
  }
  const auto lexed = lex(sql, kReadable);
  if (!lexed) {
    error.message = "cannot be read as SQL";
    return error;
  }
  for (const Token& token : lexed->tokens) {
    if (token.kind != TokenKind::string) continue;
    std::string text = lexed->text.substr(token.begin, token.end - token.begin);
    const auto open = text.find('\''), close = text.rfind('\'');
    if (open == std::string::npos || close <= open + 1) continue;
    text = text.substr(open + 1, close - open - 1);
    for (std::string* words : {&error.message, &error.hint}) {
      replace_all(*words, '"' + text + '"', "\"?\"");
      replace_all(*words, '\'' + text + '\'', "'?'");
    }
  }
  return error;
}

Observation names_in(std::string_view sql, const Subject& subject) {
  const auto lexed = lex(sql, kReadable);
  if (!lexed) return {};
  const auto tree = parse(lexed->text);
  if (!tree) return {};
  Names names(subject);
  for (const ParsedStatement& statement : tree->statements()) names.statement(statement.node);
  return names.take();
}

}  // namespace bulkhead::rewrite
