#include "rewrite/verify.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "rewrite/lexer.h"
#include "rewrite/pg_parse.h"
#include "rewrite/verify_calls.h"
#include "rewrite/verify_copy.h"
#include "rewrite/verify_cursors.h"
#include "rewrite/verify_difference.h"
#include "rewrite/verify_domination.h"
#include "rewrite/verify_explain.h"
#include "rewrite/verify_names.h"
#include "rewrite/verify_parameters.h"
#include "rewrite/verify_pg_class.h"
#include "rewrite/verify_references.h"
#include "rewrite/verify_supplied.h"
#include "rewrite/verify_temporary.h"

namespace bulkhead::rewrite {
namespace {

using ast::Kind;
using ast::Node;

enum class Decision { rewritten, allowed, walked, refused };

Decision decision_on(Kind kind) {
  using enum Decision;
  switch (kind) {
    case Kind::none: return refused;
#define BULKHEAD_STATEMENT(name, decision) \
  case Kind::name: return decision;
#define BULKHEAD_PART(name, decision) \
  case Kind::name: return refused;
#include "rewrite/nodes.inc"
  }
  return refused;
}

/// What injection can add to a text the client may have written: around what is in one pair of parentheses another one and an
/// AND, or a wrap's SELECT, and inside of all the operator's own parentheses
/// or what the policy lets be read (read_expression.h: at most 20 levels, with parentheses of their own).
constexpr int kOfPolicy = 50;
constexpr int kNesting = 2 * kMaxNesting + 1 + kOfPolicy;
constexpr int kDepth = 2 * ast::kMaxDepth + kOfPolicy;

/// The tree of a text, comments and all.
Result<ParseTree> tree_of(std::string_view sql, std::string_view which) {
  const auto doubt = [&](const Error& error) {
    return verifier::refused(std::string(which) + " text: " + error.message);
  };
  auto lexed = lex(sql, sql.size(), kNesting);
  if (!lexed) return doubt(lexed.error());
  auto tree = parse(lexed->text, kDepth);
  if (!tree) return doubt(tree.error());
  return tree;
}

/// pg_class counts everybody's rows in columns of these names, whatever they are read as.
Result<void> counts_nothing(Node statement) {
  namespace f = ast::f;
  const auto is_pg_class = [](Node node) { return node.is(Kind::RangeVar) && node.get(f::RangeVar::relname) == "pg_class"; };
  const auto is_count = [](Node node) {
    const std::string_view name = ast::string_of(node);
    return name == "reltuples" || name == "relpages" || name == "relallvisible" || name == "relallfrozen";
  };
  const bool counts = ast::find_first(statement, is_pg_class) && ast::find_first(statement, is_count);
  return counts ? verifier::refused("a count of pg_class's") : Result<void>();
}

/// A statement of the protocol's, which others may have prepared on the connection (session/prepared_statements.cc).
bool is_of_protocol(std::string_view name) { return name.substr(0, 2) == "_b"; }

/// The body of PREPARE stands for the statement, if all else is the same.
Result<void> unwrap_prepare(Node& old_statement, Node& new_statement) {
  namespace f = ast::f;
  if (!new_statement.is(Kind::PrepareStmt)) return {};
  const auto name = new_statement.get(f::PrepareStmt::name);
  if (!old_statement.is(Kind::PrepareStmt) || old_statement.get(f::PrepareStmt::name) != name || is_of_protocol(name) ||
      !ast::equal(old_statement.get(f::PrepareStmt::argtypes), new_statement.get(f::PrepareStmt::argtypes)))
    return verifier::refused("another prepared statement");
  old_statement = old_statement.get(f::PrepareStmt::query);
  new_statement = new_statement.get(f::PrepareStmt::query);
  if (new_statement.is(Kind::SelectStmt) || new_statement.is(Kind::InsertStmt) || new_statement.is(Kind::UpdateStmt) ||
      new_statement.is(Kind::DeleteStmt) || new_statement.is(Kind::MergeStmt))
    return {};
  return verifier::refused("a prepared statement that is no query");
}

/// Arguments of EXECUTE are expressions without a query, so there is nothing to confine in them.
Result<void> execute(Node old_statement, Node new_statement, const Subject& subject) {
  namespace f = ast::f;
  const auto name = new_statement.get(f::ExecuteStmt::name);
  if (!old_statement.is(Kind::ExecuteStmt) || old_statement.get(f::ExecuteStmt::name) != name || is_of_protocol(name))
    return verifier::refused("EXECUTE of another statement");
  const Node old_arguments = old_statement.get(f::ExecuteStmt::params).node();
  const Node new_arguments = new_statement.get(f::ExecuteStmt::params).node();
  BULKHEAD_TRY(const verifier::Injected injected, verifier::difference(old_arguments, new_arguments, subject));
  if (!injected.predicates.empty() || !injected.qualified.empty()) return verifier::refused("EXECUTE with a predicate");
  return verifier::no_query(new_arguments);
}

/// The query of DECLARE CURSOR stands for the statement, if all else is the same.
Result<void> unwrap_cursor(Node& old_statement, Node& new_statement) {
  namespace f = ast::f;
  if (!new_statement.is(Kind::DeclareCursorStmt)) return {};
  if (!old_statement.is(Kind::DeclareCursorStmt) ||
      old_statement.get(f::DeclareCursorStmt::portalname) != new_statement.get(f::DeclareCursorStmt::portalname) ||
      old_statement.get(f::DeclareCursorStmt::options) != new_statement.get(f::DeclareCursorStmt::options))
    return verifier::refused("another cursor");
  old_statement = old_statement.get(f::DeclareCursorStmt::query);
  new_statement = new_statement.get(f::DeclareCursorStmt::query);
  if (!new_statement.is(Kind::SelectStmt)) return verifier::refused("a cursor for something else than a query");
  return {};
}

}  // namespace

Result<void> verify(std::string_view original, std::string_view rewritten, const Subject& subject,
                    const std::vector<ParameterGuard>& guards, const std::vector<Statement>& claims) {
  BULKHEAD_TRY(const ParseTree old_tree, tree_of(original, "original"));
  return verify(original, old_tree, rewritten, subject, guards, claims);
}

Result<void> verify(std::string_view original, const ParseTree& old_tree, std::string_view rewritten,
                    const Subject& subject, const std::vector<ParameterGuard>& guards,
                    const std::vector<Statement>& claims) {
  const bool validating = subject.policy.tenancy.mode == policy::Mode::validate;
  if (validating && original != rewritten) return verifier::refused("the text was changed in mode validate");
  std::optional<ParseTree> parsed;
  if (rewritten != original) {
    BULKHEAD_TRY(parsed, tree_of(rewritten, "rewritten"));
  }
  const ParseTree& new_tree = parsed ? *parsed : old_tree;
  verifier::Bound bound(guards, subject.tenant);
  std::vector<Node> statements;
  for (const ParsedStatement& statement : new_tree.statements()) statements.push_back(statement.node);
  std::size_t at = 0, copies = 0;
  for (const ParsedStatement& old_parsed : old_tree.statements()) {
    if (at == statements.size()) return verifier::refused("the rewritten text has fewer statements");
    Node old_statement = old_parsed.node, new_statement = statements[at];
    BULKHEAD_CHECK(verifier::calls(old_statement, subject));
    if (old_statement.is(Kind::CopyStmt) && old_statement.get(ast::f::CopyStmt::is_from)) {
      std::size_t copying = at;  // behind the temporary table, if there is one
      while (copying < statements.size() && !statements[copying].is(Kind::CopyStmt)) ++copying;
      if (copying == at && copying < claims.size() && claims[copying].rows_pass && !claims[copying].rows) {
        BULKHEAD_CHECK(verifier::copy_of_temporary(old_statement, new_statement, subject));
        ++at;
        continue;
      }
      if (copying >= claims.size() || !claims[copying].rows)
        return verifier::refused("nobody would see to the rows of COPY FROM");
      const auto from_here = std::span<const Node>(statements).subspan(at);
      BULKHEAD_TRY(const std::size_t own, verifier::copy_in(old_statement, from_here, *claims[copying].rows, subject));
      at += own;
      ++copies;
      continue;
    }
    BULKHEAD_CHECK(counts_nothing(new_statement));
    BULKHEAD_CHECK(verifier::lists(new_statement, subject));
    const bool at_cursors = at < claims.size() && !claims[at].effects.stands_on.empty();
    const bool kept = at < claims.size() && claims[at].effects.makes_temporary && claims[at].effects.pins;
    ++at;
    if (verifier::makes_temporary(new_statement) && !kept) return verifier::refused("a temporary table that nobody knows of");
    if (verifier::is_of_temporary(new_statement)) {
      BULKHEAD_CHECK(verifier::of_temporary(old_statement, new_statement, subject));
      continue;
    }
    BULKHEAD_TRY(const Node into, verifier::into_temporary(new_statement, subject));
    BULKHEAD_CHECK(verifier::unwrap_create_as(old_statement, new_statement, subject));
    BULKHEAD_CHECK(unwrap_cursor(old_statement, new_statement));
    BULKHEAD_CHECK(verifier::unwrap_explain(old_statement, new_statement, subject));
    if (new_statement.is(Kind::CopyStmt)) {
      BULKHEAD_CHECK(verifier::copy_out(old_statement, new_statement, subject));
      if (!new_statement) continue;
    }
    BULKHEAD_CHECK(unwrap_prepare(old_statement, new_statement));
    if (decision_on(new_statement.kind()) == Decision::rewritten) {
      BULKHEAD_TRY(verifier::Injected injected, verifier::difference(old_statement, new_statement, subject));
      if (validating) {
        const auto accept = [&bound](Node parameter, const verifier::Relation& relation) {
          return bound.accepts(parameter, *relation.column);
        };
        injected = verifier::supplied(new_statement, subject, accept);
      }
      BULKHEAD_CHECK(verifier::no_whole_pg_class(new_statement));
      BULKHEAD_CHECK(verifier::dominated(new_statement, std::move(injected), subject, bound, at_cursors, into));
    } else if (new_statement.is(Kind::ExecuteStmt)) {
      BULKHEAD_CHECK(execute(old_statement, new_statement, subject));
    } else if (verifier::is_channel_statement(new_statement)) {
      BULKHEAD_CHECK(verifier::channel_statement(old_statement, new_statement, subject));
    } else if (decision_on(new_statement.kind()) != Decision::allowed || !ast::equal(old_statement, new_statement)) {
      return verifier::refused(std::string("a statement that is a ") + new_statement.kind_name());
    }
  }
  if (at != statements.size()) return verifier::refused("the rewritten text has more statements");
  const auto expects_rows = [](const Statement& claim) { return claim.rows.has_value(); };
  if (copies != static_cast<std::size_t>(std::count_if(claims.begin(), claims.end(), expects_rows)))
    return verifier::refused("rows are expected that no COPY FROM has");
  BULKHEAD_CHECK(verifier::cursors(statements, claims, subject));
  return bound.settle(statements);
}

}  // namespace bulkhead::rewrite
