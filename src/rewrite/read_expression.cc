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
    compared(left, right);
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
      compared(left, members[i]);
    }
    text(")");
    return {};
  }

  void compared(Node left, Node right) {
    using With = ReadExpression::Comparison::With;
    if (!left.is(Kind::ColumnRef)) std::swap(left, right);
    const std::string column(column_of(left));
    if (right.is(Kind::ColumnRef)) out_.comparisons_.push_back({With::column, column, std::string(column_of(right))});
    if (right.is(Kind::FuncCall)) out_.comparisons_.push_back({With::now, column, {}});
    if (!right.is(Kind::A_Const)) return;
    if (const Node value = right.get(f::A_Const::val); value.is(Kind::String))
      out_.comparisons_.push_back({With::string, column, std::string(value.get(f::String::sval))});
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

namespace {

std::string type_of(const policy::Column& column) {
  return column.type_schema == "pg_catalog" ? column.type_name : column.type_schema + "." + column.type_name;
}

/// `text` has the form of `pattern`, in which 0 is a digit.
bool has_form(std::string_view text, std::string_view pattern) {
  return std::equal(text.begin(), text.end(), pattern.begin(), pattern.end(),
                    [](char c, char p) { return p == '0' ? c >= '0' && c <= '9' : c == p; });
}

/// The date of `text` and what is behind it; a date that begins with its year is read in one way (DecodeDate, datetime.c).
bool take_date(std::string_view& text) {
  if (!has_form(text.substr(0, 10), "0000-00-00")) return false;
  text.remove_prefix(10);
  return true;
}

/// [T ]HH:MM[:SS[.f]].
bool take_time(std::string_view& text) {
  if (!has_form(text.substr(0, 6), " 00:00") && !has_form(text.substr(0, 6), "T00:00")) return false;
  text.remove_prefix(6);
  if (!has_form(text.substr(0, 3), ":00")) return true;
  text.remove_prefix(3);
  if (!text.starts_with('.')) return true;
  const auto end = std::min(text.find_first_not_of("0123456789", 1), text.size());
  text.remove_prefix(end);
  return end > 1;
}

/// How a constant of that type has to be written; empty: as `text` is.
std::string_view wanted_form(std::string_view type, std::string_view text) {
  if (type == "date") return take_date(text) && text.empty() ? "" : "YYYY-MM-DD";
  if (type == "timestamp") return take_date(text) && (text.empty() || (take_time(text) && text.empty())) ? "" : "YYYY-MM-DD HH:MM:SS";
  if (!take_date(text) || !take_time(text)) return "YYYY-MM-DD HH:MM:SS+00";
  const bool offset = text == "Z" || has_form(text, "+00") || has_form(text, "-00") || has_form(text, "+00:00") || has_form(text, "-00:00");
  return offset ? "" : "YYYY-MM-DD HH:MM:SS+00";
}

/// What the type of the column reads a string as, whatever the settings. Of types that are not PostgreSQL's own enums are such.
std::string string_fault(const policy::Column& column, std::string_view text) {
  constexpr std::string_view kSteady[] = {"int2", "int4", "int8", "numeric", "float4", "float8", "text", "varchar", "bpchar", "name", "char",
                                          "bool", "uuid"};
  const std::string type = type_of(column), what = "column " + quote_name(column.name) + " is of type " + type;
  if (type == "date" || type == "timestamp" || type == "timestamptz") {
    const auto form = wanted_form(type, text);
    return form.empty() ? std::string()
                        : what + ": the client's settings may give " + quote_literal(text) + " another meaning; write it as '" + std::string(form) + "'";
  }
  const bool steady = column.type_schema == "pg_catalog" ? std::find(std::begin(kSteady), std::end(kSteady), type) != std::end(kSteady)
                                                         : text.find_first_of("([{,\"") == std::string_view::npos;
  return steady ? std::string() : what + ", whose constants the client's settings may give another meaning";
}

/// Values of these are moments by the session's time zone where they meet one of the others.
bool is_zoned(const policy::Column& column) {
  return column.type_schema == "pg_catalog" && (column.type_name == "timestamptz" || column.type_name == "timetz");
}

}  // namespace

std::string ReadExpression::fault_for(const policy::Relation& relation) const {
  for (const std::string& name : columns_)
    if (!relation.find_column(name)) return "the table has no column " + quote_name(name);
  for (const Comparison& comparison : comparisons_) {
    const policy::Column& column = *relation.find_column(comparison.column);
    if (comparison.with == Comparison::With::now && type_of(column) != "timestamptz")
      return "now() is compared with timestamptz columns only: column " + quote_name(column.name) + " is of type " + type_of(column) +
             ", and the client's time zone would move the limit";
    if (comparison.with == Comparison::With::string)
      if (auto fault = string_fault(column, comparison.other); !fault.empty()) return fault;
    if (comparison.with != Comparison::With::column) continue;
    const policy::Column& other = *relation.find_column(comparison.other);
    if (is_zoned(column) != is_zoned(other))
      return "columns " + quote_name(column.name) + " (" + type_of(column) + ") and " + quote_name(other.name) + " (" + type_of(other) +
             ") would be compared by the client's time zone";
  }
  return {};
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
