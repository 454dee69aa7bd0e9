#include "rewrite/read_expression.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "rewrite/ast.h"
#include "rewrite/lexer.h"
#include "rewrite/pg_parse.h"
#include "rewrite/splice.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::ListView;
using ast::Node;
namespace f = ast::f;

namespace {

constexpr std::string_view kBefore = "SELECT WHERE (";  // all of it ASCII: bytes are characters
constexpr std::string_view kOperators[] = {"=", "<>", "<", "<=", ">", ">="};

std::string_view test_of(ast::BoolTestType type) {
  switch (type) {
    case ast::BoolTestType::IS_TRUE: return " IS TRUE";
    case ast::BoolTestType::IS_NOT_TRUE: return " IS NOT TRUE";
    case ast::BoolTestType::IS_FALSE: return " IS FALSE";
    case ast::BoolTestType::IS_NOT_FALSE: return " IS NOT FALSE";
    case ast::BoolTestType::IS_UNKNOWN: return " IS UNKNOWN";
    case ast::BoolTestType::IS_NOT_UNKNOWN: return " IS NOT UNKNOWN";
  }
  return {};
}

/// The symbol of an operator that is PostgreSQL's own by its name; empty for any other.
std::string_view own_operator(ListView name) {
  const bool own = name.size() == 1 || (name.size() == 2 && ast::string_of(name[0]) == "pg_catalog");
  return own ? ast::string_of(name.back()) : std::string_view();
}

std::string_view column_of(Node node) {
  if (!node.is(Kind::ColumnRef)) return {};
  const ListView fields = node.get(f::ColumnRef::fields);
  return fields.size() == 1 ? ast::string_of(fields.front()) : std::string_view();
}

bool is_or(Node node) {
  return node.is(Kind::BoolExpr) && node.get(f::BoolExpr::boolop) == ast::BoolExprType::OR_EXPR;
}
bool is_in(Node node) {
  return node.is(Kind::A_Expr) && node.get(f::A_Expr::kind) == ast::A_Expr_Kind::AEXPR_IN;
}

/// Every row with `column` = :org passes.
bool holds_own_rows(Node node, std::string_view column) {
  if (is_or(node)) {
    const ListView arms = node.get(f::BoolExpr::args);
    return std::any_of(arms.begin(), arms.end(), [&](Node arm) { return holds_own_rows(arm, column); });
  }
  if (!node.is(Kind::A_Expr) || own_operator(node.get(f::A_Expr::name)) != "=") return false;
  const Node left = node.get(f::A_Expr::lexpr), right = node.get(f::A_Expr::rexpr);
  if (is_in(node)) {
    const ListView members = right.is(Kind::List) ? right.list() : ListView();
    return column_of(left) == column &&
           std::any_of(members.begin(), members.end(), [](Node member) { return member.is(Kind::ParamRef); });
  }
  if (node.get(f::A_Expr::kind) != ast::A_Expr_Kind::AEXPR_OP) return false;
  return (column_of(left) == column && right.is(Kind::ParamRef)) || (column_of(right) == column && left.is(Kind::ParamRef));
}

/// A statement with WHERE and nothing else.
bool is_condition_alone(const ParseTree& tree) {
  if (tree.statements().size() != 1) return false;
  const Node select = tree.statements()[0].node;
  if (!select.is(Kind::SelectStmt)) return false;
  for (const ast::FieldInfo& field : ast::fields_of(Kind::SelectStmt)) {
    if (std::string_view(field.name) == "whereClause") continue;
    const auto bytes = static_cast<const unsigned char*>(select.id()) + field.offset;
    if (std::any_of(bytes, bytes + field.size, [](unsigned char byte) { return byte != 0; })) return false;
  }
  return static_cast<bool>(select.get(f::SelectStmt::whereClause));
}

}  // namespace

/// Prints the tree of an expression in parts.
class ReadPrinter {
 public:
  using Status = Result<void>;
  using Part = ReadExpression::Part;

  ReadPrinter(std::string_view text, ReadExpression& out) : text_(text), out_(out) {}

  Error wrong(std::string message, Node near) const {
    Error error = make_error(sqlstate::config_file_error, std::move(message));
    const int location = near ? ast::leftmost(near) : -1;
    if (location >= static_cast<int>(kBefore.size()))
      error.position = character_position(text_, static_cast<std::size_t>(location) - kBefore.size());
    return error;
  }

  Status condition(Node node) {
    if (node.is(Kind::BoolExpr)) return junction(node);
    if (is_in(node)) return membership(node);
    if (node.is(Kind::A_Expr)) return comparison(node);
    if (node.is(Kind::NullTest)) {
      BULKHEAD_CHECK(column(node.get(f::NullTest::arg)));
      text(node.get(f::NullTest::nulltesttype) == ast::NullTestType::IS_NULL ? " IS NULL" : " IS NOT NULL");
      return {};
    }
    if (node.is(Kind::BooleanTest)) {
      BULKHEAD_CHECK(column(node.get(f::BooleanTest::arg)));
      text(test_of(node.get(f::BooleanTest::booltesttype)));
      return {};
    }
    if (node.is(Kind::ColumnRef)) return column(node);
    return not_understood(node);
  }

 private:
  void text(std::string_view text) {
    auto& parts = out_.parts_;
    if (parts.empty() || parts.back().kind != Part::Kind::text) parts.push_back({Part::Kind::text, {}});
    parts.back().text += text;
  }

  Status not_understood(Node node) const {
    if (node.is(Kind::SubLink)) return wrong("found a subquery, expected a condition on the row itself", node);
    if (node.is(Kind::FuncCall)) return wrong("found a call, expected now() or none", node);
    if (node.is(Kind::TypeCast))
      return wrong("found a cast: a constant takes the type of what it is compared with, and a cast of a column can fail", node);
    return wrong("expected comparisons (= <> < <= > >=, IN, IS NULL, IS TRUE) of columns with constants and :org, AND, OR, NOT",
                 node);
  }

  Status junction(Node node) {
    const ListView members = node.get(f::BoolExpr::args);
    if (node.get(f::BoolExpr::boolop) == ast::BoolExprType::NOT_EXPR) {
      text("(NOT (");
      BULKHEAD_CHECK(condition(members.front()));
      text("))");
      return {};
    }
    const bool all = node.get(f::BoolExpr::boolop) == ast::BoolExprType::AND_EXPR;
    for (std::size_t i = 0; i < members.size(); ++i) {
      text(i == 0 ? "(" : all ? " AND " : " OR ");
      BULKHEAD_CHECK(condition(members[i]));
    }
    text(")");
    return {};
  }

  Status comparison(Node node) {
    const std::string_view symbol = own_operator(node.get(f::A_Expr::name));
    if (node.get(f::A_Expr::kind) != ast::A_Expr_Kind::AEXPR_OP || !node.get(f::A_Expr::lexpr) ||
        std::find(std::begin(kOperators), std::end(kOperators), symbol) == std::end(kOperators))
      return wrong("found an operator that is not one of = <> < <= > >=", node);
    const Node left = node.get(f::A_Expr::lexpr), right = node.get(f::A_Expr::rexpr);
    BULKHEAD_CHECK(operand(left));
    operator_sign(symbol);
    BULKHEAD_CHECK(operand(right));
    if (!left.is(Kind::ColumnRef) && !right.is(Kind::ColumnRef))
      return wrong("found a comparison without a column", node);
    return {};
  }

  /// x IN (a, b): written out, for IN itself looks its operator up in the search path.
  Status membership(Node node) {
    const Node left = node.get(f::A_Expr::lexpr), right = node.get(f::A_Expr::rexpr);
    const std::string_view symbol = own_operator(node.get(f::A_Expr::name));
    if (!right.is(Kind::List) || (symbol != "=" && symbol != "<>")) return not_understood(node);
    const ListView members = right.list();
    for (std::size_t i = 0; i < members.size(); ++i) {
      text(i == 0 ? "(" : symbol == "=" ? " OR " : " AND ");
      BULKHEAD_CHECK(column(left));
      operator_sign(symbol);
      BULKHEAD_CHECK(operand(members[i]));
    }
    text(")");
    return {};
  }

  void operator_sign(std::string_view symbol) {
    text(" OPERATOR(pg_catalog.");
    text(symbol);
    text(") ");
  }

  Status column(Node node) {
    const std::string_view name = column_of(node);
    if (name.empty()) return wrong("expected the name of a column of the table by itself", node);
    out_.parts_.push_back({Part::Kind::column, std::string(name)});
    if (std::find(out_.columns_.begin(), out_.columns_.end(), name) == out_.columns_.end()) out_.columns_.emplace_back(name);
    return {};
  }

  Status operand(Node node) {
    if (node.is(Kind::ColumnRef)) return column(node);
    if (node.is(Kind::A_Const)) return constant(node);
    if (node.is(Kind::ParamRef)) {
      out_.parts_.push_back({Part::Kind::organisation, {}});
      return {};
    }
    if (node.is(Kind::FuncCall) && own_operator(node.get(f::FuncCall::funcname)) == "now" &&
        node.get(f::FuncCall::args).empty() && node.get(f::FuncCall::agg_order).empty() &&
        !node.get(f::FuncCall::over) && !node.get(f::FuncCall::agg_filter) && !node.get(f::FuncCall::agg_star)) {
      text("pg_catalog.now()");
      return {};
    }
    return not_understood(node);
  }

  Status constant(Node node) {
    const Node value = node.get(f::A_Const::val);
    std::string number;
    if (value.is(Kind::String)) {
      text(quote_literal(value.get(f::String::sval)));
      return {};
    }
    if (value.is(Kind::Boolean)) {
      text(value.get(f::Boolean::boolval) ? "true" : "false");
      return {};
    }
    if (value.is(Kind::Integer)) number = std::to_string(value.get(f::Integer::ival));
    if (value.is(Kind::Float)) number = value.get(f::Float::fval);
    if (number.empty()) return wrong("found a constant that is no string, number, true or false; NULL is compared by IS NULL", node);
    text(number.front() == '-' ? "(" + number + ")" : number);
    return {};
  }

  std::string_view text_;
  ReadExpression& out_;
};

Result<ReadExpression> ReadExpression::parse(std::string_view text, std::string_view tenant_column) {
  const ast::ConstantsRead of_the_policy;  // not of a client's text
  const auto in_words = [](const Error& error, int before) {
    Error out = make_error(sqlstate::config_file_error, error.message);
    out.position = std::max(error.position - before, 0);
    return out;
  };
  const auto lexed = lex(text, kMaxReadExpression, kMaxReadNesting);
  if (!lexed) return in_words(lexed.error(), 0);
  std::string sql = lexed->text;
  int open = 0;
  for (std::size_t i = 0; i < lexed->tokens.size(); ++i) {
    const Token& token = lexed->tokens[i];
    const std::string_view word(lexed->text.data() + token.begin, token.end - token.begin);
    if (token.kind == TokenKind::symbol) open += word == "(" ? 1 : word == ")" ? -1 : 0;
    if (token.kind == TokenKind::parameter || open < 0) {
      Error error = make_error(sqlstate::config_file_error, open < 0 ? std::string("found a \")\" that closes nothing")
                                                                     : "found " + std::string(word) + ", expected :org");
      error.position = character_position(text, token.begin);
      return error;
    }
    if (token.kind == TokenKind::word && word == "org" && i > 0 && lexed->tokens[i - 1].end == token.begin &&
        lexed->text.substr(lexed->tokens[i - 1].begin, token.begin - lexed->tokens[i - 1].begin) == ":")
      sql.replace(lexed->tokens[i - 1].begin, 4, "$1  ");
  }
  const auto tree = rewrite::parse(std::string(kBefore) + sql + ")", kMaxReadNesting);
  if (!tree) return in_words(tree.error(), static_cast<int>(kBefore.size()));
  ReadExpression out;
  ReadPrinter printer(text, out);
  if (!is_condition_alone(*tree)) return printer.wrong("expected one condition and nothing else", Node());
  const Node condition = tree->statements()[0].node.get(f::SelectStmt::whereClause);
  BULKHEAD_CHECK(printer.condition(condition));
  const bool wider = is_or(condition) || (is_in(condition) && condition.get(f::A_Expr::rexpr).list().size() > 1);
  if (!wider || !holds_own_rows(condition, tenant_column))
    return printer.wrong("expected " + quote_name(tenant_column) + " = :org OR …: the organisation's own rows and others", Node());
  return out;
}

std::string ReadExpression::condition(std::string_view alias, std::string_view organisation) const {
  std::string out;
  for (const Part& part : parts_) {
    switch (part.kind) {
      case Part::Kind::text: out += part.text; break;
      case Part::Kind::column: out += quote_name(alias) + "." + quote_name(part.text); break;
      case Part::Kind::organisation: out += organisation; break;
    }
  }
  return out;
}

}  // namespace bulkhead::rewrite
