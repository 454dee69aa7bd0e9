#pragma once

// For the verifier alone: what the policy lets be read of a table beyond the organisation's own rows, parsed from the
// policy by the verifier itself, and held against conditions node by node.

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "rewrite/ast.h"
#include "rewrite/pg_parse.h"
#include "rewrite/rewriter.h"
#include "rewrite/verify_forms.h"

namespace bulkhead::rewrite::verifier {

class WiderRead {
 public:
  /// `text`: of the policy, which must outlive this. Nothing if it does not parse.
  static std::optional<WiderRead> parse(std::string_view text);

  /// The node is this expression as it is injected: each column "alias".column of one alias, each operator and function
  /// pg_catalog's, IN written out, and for :org the tenant's constant, of one type. Nothing for any other.
  std::optional<Predicate> injected_as(ast::Node node, const policy::Tenant& tenant) const;

  /// A client's condition on `relation` that says the same in words of its own: names by themselves or qualified, IN or comparisons.
  /// Where a column's type is not PostgreSQL's own, the operator has to be said to be: OPERATOR(pg_catalog.=).
  /// `is_column`: this column of the table is meant by that node. What stands for :org, for the caller to look at; nothing if
  /// it says something else.
  using IsColumn = std::function<bool(ast::Node node, std::string_view column)>;
  std::optional<std::vector<ast::Node>> said_by(ast::Node node, const policy::Relation& relation, const IsColumn& is_column) const;

 private:
  WiderRead(std::string_view text, ParseTree tree) : text_(text), tree_(std::move(tree)) {}
  ast::Node condition() const;

  std::string_view text_;
  ParseTree tree_;
};

/// Those of the relations that are named in a statement.
class WiderReads {
 public:
  WiderReads(ast::Node statement, const Subject& subject);
  /// As one of them is injected.
  std::optional<Predicate> injected_as(ast::Node node, const policy::Tenant& tenant) const;

 private:
  std::vector<WiderRead> reads_;
};

}  // namespace bulkhead::rewrite::verifier
