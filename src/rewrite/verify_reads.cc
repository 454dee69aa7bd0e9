#include "rewrite/verify_reads.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "rewrite/lexer.h"

namespace bulkhead::rewrite::verifier {
namespace {

using ast::Kind;
using ast::ListView;
using ast::Node;
namespace f = ast::f;

/// A condition in one form, however it is written: nested ORs are one, and so are nested ANDs; IN is an OR of comparisons, NOT
/// IN an AND. Three-valued logic knows no difference.
struct Term {
  enum class Form { any, all, negation, comparison, null_test, boolean_test, column } form = Form::column;
  std::vector<Term> members;  ///< of the first three
  Node node;                  ///< of the last three: itself
  std::string_view symbol;    ///< of a comparison, and its sides
  Node left, right;
  bool qualified = false;     ///< its operator is said to be pg_catalog's
};

/// The last part of a name in pg_catalog, which has to be said if `qualified`; empty for any other name.
std::string_view own_name(ListView name, bool qualified) {
  if (name.size() == 2) return ast::string_of(name[0]) == "pg_catalog" ? ast::string_of(name[1]) : std::string_view();
  return name.size() == 1 && !qualified ? ast::string_of(name[0]) : std::string_view();
}

std::optional<Term> term_of(Node node, bool injected);

std::optional<Term> junction(ListView nodes, Term::Form form, bool injected) {
  Term out{form, {}, {}, {}, {}, {}};
  for (const Node node : nodes) {
    auto member = term_of(node, injected);
    if (!member) return std::nullopt;
    if (member->form == form)
      std::move(member->members.begin(), member->members.end(), std::back_inserter(out.members));
    else
      out.members.push_back(std::move(*member));
  }
  return out;
}

std::optional<Term> comparison(Node left, std::string_view symbol, Node right, bool qualified) {
  constexpr std::array<std::string_view, 6> kSymbols{"=", "<>", "<", ">", "<=", ">="};
  if (!left || !right || std::find(kSymbols.begin(), kSymbols.end(), symbol) == kSymbols.end()) return std::nullopt;
  return Term{Term::Form::comparison, {}, {}, symbol, left, right, qualified};
}

/// x IN (a, b) or x NOT IN (a, b).
std::optional<Term> membership(Node node) {
  const std::string_view symbol = own_name(node.get(f::A_Expr::name), false);
  if (!node.get(f::A_Expr::rexpr).is(Kind::List)) return std::nullopt;
  Term out{symbol == "=" ? Term::Form::any : Term::Form::all, {}, {}, {}, {}, {}};
  for (const Node value : node.get(f::A_Expr::rexpr).list()) {
    auto member = comparison(node.get(f::A_Expr::lexpr), symbol, value, false);
    if (!member) return std::nullopt;
    out.members.push_back(std::move(*member));
  }
  return out.members.size() == 1 ? out.members.front() : out;
}

/// Nothing for what is no part of the language. `injected`: operators with their schema, and no IN.
std::optional<Term> term_of(Node node, bool injected) {
  if (node.is(Kind::BoolExpr)) {
    const ListView members = node.get(f::BoolExpr::args);
    switch (node.get(f::BoolExpr::boolop)) {
      case ast::BoolExprType::OR_EXPR: return junction(members, Term::Form::any, injected);
      case ast::BoolExprType::AND_EXPR: return junction(members, Term::Form::all, injected);
      case ast::BoolExprType::NOT_EXPR: {
        auto member = term_of(members.front(), injected);
        if (!member) return std::nullopt;
        Term out{Term::Form::negation, {}, {}, {}, {}, {}};
        out.members.push_back(std::move(*member));
        return out;
      }
    }
  }
  if (node.is(Kind::A_Expr)) {
    const auto kind = node.get(f::A_Expr::kind);
    if (kind == ast::A_Expr_Kind::AEXPR_IN && !injected) return membership(node);
    if (kind != ast::A_Expr_Kind::AEXPR_OP) return std::nullopt;
    const ListView name = node.get(f::A_Expr::name);
    return comparison(node.get(f::A_Expr::lexpr), own_name(name, injected), node.get(f::A_Expr::rexpr), name.size() == 2);
  }
  if (node.is(Kind::NullTest)) return Term{Term::Form::null_test, {}, node, {}, {}, {}};
  if (node.is(Kind::BooleanTest)) return Term{Term::Form::boolean_test, {}, node, {}, {}, {}};
  if (node.is(Kind::ColumnRef)) return Term{Term::Form::column, {}, node, {}, {}, {}};
  return std::nullopt;
}

bool is_now(Node node, bool qualified) {
  return node.is(Kind::FuncCall) && own_name(node.get(f::FuncCall::funcname), qualified) == "now" &&
         node.get(f::FuncCall::args).is_nil() && node.get(f::FuncCall::agg_order).is_nil() &&
         !node.get(f::FuncCall::agg_filter) && !node.get(f::FuncCall::over) && !node.get(f::FuncCall::agg_star);
}

/// A term of the policy's against one of a statement.
class Sameness {
 public:
  using IsOrganisation = std::function<bool(Node)>;
  /// `relation` of a statement that is not injected: null otherwise.
  Sameness(const policy::Relation* relation, const WiderRead::IsColumn& is_column, IsOrganisation is_organisation)
      : relation_(relation), is_column_(is_column), is_organisation_(std::move(is_organisation)) {}

  bool of(const Term& policy, const Term& statement) const {
    if (policy.form != statement.form || policy.members.size() != statement.members.size() ||
        policy.symbol != statement.symbol)
      return false;
    switch (policy.form) {
      case Term::Form::any:
      case Term::Form::all:
      case Term::Form::negation:
        return std::equal(policy.members.begin(), policy.members.end(), statement.members.begin(),
                          [this](const Term& a, const Term& b) { return of(a, b); });
      case Term::Form::comparison:
        return (statement.qualified || (is_plain(policy.left) && is_plain(policy.right))) && operand(policy.left, statement.left) &&
               operand(policy.right, statement.right);
      case Term::Form::null_test:
        return policy.node.get(f::NullTest::nulltesttype) == statement.node.get(f::NullTest::nulltesttype) &&
               column(policy.node.get(f::NullTest::arg), statement.node.get(f::NullTest::arg));
      case Term::Form::boolean_test:
        return policy.node.get(f::BooleanTest::booltesttype) == statement.node.get(f::BooleanTest::booltesttype) &&
               column(policy.node.get(f::BooleanTest::arg), statement.node.get(f::BooleanTest::arg));
      case Term::Form::column: return column(policy.node, statement.node);
    }
    return false;
  }

 private:
  bool column(Node policy, Node statement) const {
    if (!policy.is(Kind::ColumnRef) || !statement.is(Kind::ColumnRef)) return false;
    const ListView names = policy.get(f::ColumnRef::fields);
    return names.size() == 1 && names.front().is(Kind::String) && is_column_(statement, ast::string_of(names.front()));
  }
  bool operand(Node policy, Node statement) const {
    if (policy.is(Kind::ParamRef)) return is_organisation_(statement);
    if (policy.is(Kind::ColumnRef)) return column(policy, statement);
    if (policy.is(Kind::A_Const) && statement.is(Kind::A_Const)) {
      const Node ours = ast::unread_value(policy), theirs = statement.get(f::A_Const::val);  // ours is no text of a client's
      return ours && theirs && ast::equal(ours, theirs);
    }
    return is_now(policy, false) && is_now(statement, !relation_);
  }
  /// No column, or one whose operators are pg_catalog's by their bare names: an extension's type may have brought others, which
  /// come before them (binary_oper_exact, parse_oper.c): to citext's = 'System' is 'system'.
  bool is_plain(Node policy) const {
    if (!policy.is(Kind::ColumnRef)) return true;
    const policy::Column* column = relation_ ? relation_->find_column(ast::string_of(policy.get(f::ColumnRef::fields).back())) : nullptr;
    return column && column->type_schema == "pg_catalog";
  }

  const policy::Relation* relation_;
  const WiderRead::IsColumn& is_column_;
  IsOrganisation is_organisation_;
};

/// "alias".column: its parts, or nothing.
std::optional<std::pair<std::string_view, std::string_view>> qualified(Node column) {
  const ListView fields = column.get(f::ColumnRef::fields);
  if (fields.size() != 2 || !fields[0].is(Kind::String) || !fields[1].is(Kind::String)) return std::nullopt;
  return std::pair(ast::string_of(fields[0]), ast::string_of(fields[1]));
}

void collect_reads(Node node, const Subject& subject, std::set<std::string_view>& reads) {
  if (node.is(Kind::RangeVar)) {
    const auto relation = relation_of(node, subject);
    if (relation && !relation->read.empty()) reads.insert(relation->read);
    return;
  }
  if (node.is(Kind::MultiAssignRef) && node.get(f::MultiAssignRef::colno) > 1) return;  // the source is shared
  ast::for_each_child(node, [&](Node child) { collect_reads(child, subject, reads); });
}

}  // namespace

std::optional<WiderRead> WiderRead::parse(std::string_view text) {
  constexpr std::size_t kLongest = 10'000;
  auto lexed = lex(text, kLongest);
  if (!lexed) return std::nullopt;
  std::string sql = "SELECT WHERE ";
  std::size_t copied = 0;
  for (std::size_t i = 0; i + 1 < lexed->tokens.size(); ++i) {
    const Token &colon = lexed->tokens[i], &word = lexed->tokens[i + 1];
    if (lexed->text.substr(colon.begin, word.end - colon.begin) != ":org" || word.kind != TokenKind::word) continue;
    sql += lexed->text.substr(copied, colon.begin - copied) + "$1";
    copied = word.end;
  }
  auto tree = rewrite::parse(sql + lexed->text.substr(copied));
  if (!tree || tree->statements().size() != 1 || !tree->statements()[0].node.is(Kind::SelectStmt)) return std::nullopt;
  return WiderRead(text, std::move(*tree));
}

Node WiderRead::condition() const { return tree_.statements()[0].node.get(f::SelectStmt::whereClause); }

std::optional<Predicate> WiderRead::injected_as(Node node, const policy::Tenant& tenant) const {
  if (!node.is(Kind::BoolExpr) || node.get(f::BoolExpr::boolop) != ast::BoolExprType::OR_EXPR) return std::nullopt;
  const auto statement = term_of(node, true), policy = term_of(condition(), false);
  if (!statement || !policy) return std::nullopt;
  Predicate out{{}, {}, {}, text_};
  const IsColumn is_column = [&out](Node column, std::string_view name) {
    const auto parts = qualified(column);
    if (!parts || parts->second != name || (out.alias.data() && out.alias != parts->first)) return false;
    out.alias = parts->first;
    return true;
  };
  const auto is_organisation = [&](Node constant) {
    const std::string_view type = type_of_compared(constant, tenant);
    if (type.empty() || (!out.type.empty() && out.type != type)) return false;
    out.type = type;
    return true;
  };
  return Sameness(nullptr, is_column, is_organisation).of(*policy, *statement) ? std::optional(out) : std::nullopt;
}

std::optional<std::vector<Node>> WiderRead::said_by(Node node, const policy::Relation& relation, const IsColumn& is_column) const {
  const auto statement = term_of(node, false), policy = term_of(condition(), false);
  if (!statement || !policy) return std::nullopt;
  std::vector<Node> organisations;
  const auto is_organisation = [&organisations](Node value) {
    organisations.push_back(value);
    return true;
  };
  if (!Sameness(&relation, is_column, is_organisation).of(*policy, *statement)) return std::nullopt;
  return organisations;
}

WiderReads::WiderReads(Node statement, const Subject& subject) {
  std::set<std::string_view> texts;
  collect_reads(statement, subject, texts);
  for (const std::string_view text : texts)
    if (auto read = WiderRead::parse(text)) reads_.push_back(std::move(*read));
}

std::optional<Predicate> WiderReads::injected_as(Node node, const policy::Tenant& tenant) const {
  for (const WiderRead& read : reads_)
    if (const auto predicate = read.injected_as(node, tenant)) return predicate;
  return std::nullopt;
}

}  // namespace bulkhead::rewrite::verifier
