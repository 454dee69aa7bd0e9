#pragma once

// For the verifier alone: what a tenant's predicate and stamp look like in a tree, and which relations they are due to.

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "rewrite/ast.h"
#include "rewrite/rewriter.h"

namespace bulkhead::rewrite::verifier {

/// The verifier's one kind of error: `doubt` is for the log, the client learns that the statement was not understood.
Error refused(std::string doubt);

/// "alias".column OPERATOR(pg_catalog.=) 'org'::pg_catalog.type [COLLATE "C"], with the session's org. Views into the
/// tree.
struct Predicate {
  std::string_view alias;
  std::string_view column;
  std::string_view type;  ///< name in pg_catalog
  std::string_view read{};  ///< not this comparison, but what the policy lets be read: its expression, and no column
  auto operator<=>(const Predicate&) const = default;
};
/// The type's name of the constant a predicate compares with, 'org'::pg_catalog.type [COLLATE "C"]; empty for anything else.
std::string_view type_of_compared(ast::Node node, const policy::Tenant& tenant);
/// The node read as one; nullopt if it has any other shape or constant. COLLATE "C" is there exactly if the type is
/// text-like.
std::optional<Predicate> as_predicate(ast::Node node, const policy::Tenant& tenant);

/// The stamp of a written row: 'org'::pg_catalog.type, of the column's type.
bool is_stamp(ast::Node node, const policy::Column& column, const policy::Tenant& tenant);
/// The stamp, or a literal of the client's, cast to the column's type or not, that is the organisation id to the letter
/// (a uuid in any of its spellings).
bool is_own_value(ast::Node node, const policy::Column& column, const policy::Tenant& tenant);

/// What a relation's name stands for.
struct Relation {
  enum class Access { tenant, shared, system, temporary } access;
  const policy::Relation* relation = nullptr;  ///< null for system and temporary
  const policy::Column* column = nullptr;      ///< the tenant column of a `tenant` one
  std::string_view read{};  ///< of a `tenant` one: what the policy lets be read; empty: own rows alone

  /// What is read of it has this tenant column, and it is the own organisation's.
  bool gives_own(std::string_view name) const { return column && read.empty() && column->name == name; }
};
/// Of a relation of the catalogue, by what the configuration says of it.
Result<Relation> relation_as_listed(const policy::Relation& relation, const Subject& subject);
/// Of a RangeVar that is no CTE. A relation of the database whose name is not qualified is an error, but in mode validate.
Result<Relation> relation_of(ast::Node range_var, const Subject& subject);

/// A name that is a temporary table's if it is anything: clients may make them, and neither the search path nor Bulkhead has it.
bool names_temporary(std::string_view name, const Subject& subject);

/// The name a FROM item goes by in its query: its alias, or the relation's own name.
std::string_view reference_name(ast::Node range_var);

/// What was added to the original: collected by the comparison of the two trees, used up by the proof. Keys are
/// Node::id()s of the rewritten tree.
struct Injected {
  /// By the node that holds the condition: SelectStmt, UpdateStmt, DeleteStmt, JoinExpr, OnConflictClause.
  std::map<const void*, std::multiset<Predicate>> predicates;
  /// RangeVars that were given a schema.
  std::set<const void*> qualified;
};

}  // namespace bulkhead::rewrite::verifier
