// COPY: of a relation to the client as COPY of a query that reads the tenant's rows, of a query like any other.

#include <algorithm>
#include <set>

#include "rewrite/analysis.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

namespace {

/// What COPY reads no rows of, in the words of BeginCopyTo (copyto.c); empty: a table.
std::string_view kind_without_rows(policy::RelationKind kind) {
  switch (kind) {
    case policy::RelationKind::table: return {};
    case policy::RelationKind::partitioned: return "partitioned table";
    case policy::RelationKind::view: return "view";
    case policy::RelationKind::materialised_view: return "materialized view";
    case policy::RelationKind::foreign_table: return "foreign table";
    case policy::RelationKind::sequence: return "sequence";
    case policy::RelationKind::composite: return "non-table relation";
  }
  return "non-table relation";
}

}  // namespace

Analysis::Status Analysis::copy(Node statement, Statement& out) {
  if (statement.get(f::CopyStmt::is_program) || statement.get(f::CopyStmt::filename).data())
    return refuse(sqlstate::insufficient_privilege,
                  "COPY to or from a file or program of the server is not allowed through Bulkhead",
                  "COPY … TO STDOUT and FROM STDIN (in psql: \\copy) read and write files of the client. No configuration "
                  "allows this.",
                  -1);
  const bool from = statement.get(f::CopyStmt::is_from);
  auto read = read_copy_options(statement.get(f::CopyStmt::options), from);
  if (const auto* wrong = std::get_if<CopyOptionError>(&read))
    return refuse(wrong->error.state, wrong->error.message, wrong->error.hint, wrong->location);

  if (subject_.role && !subject_.role->allow.contains(policy::Action::copy))
    return refuse(sqlstate::insufficient_privilege, "permission denied for COPY",
                  "roles: { " + subject_.role->name + ": { allow: […, copy] } } would allow it.", -1);
  copies_ = true;  // from now on every relation needs the action, too: see require()
  if (from) return refused_statement(statement);
  out.copy = CopyDirection::out;
  if (const Node query = statement.get(f::CopyStmt::query)) {
    const Level outside(nullptr);
    return this->query(query, &outside);
  }
  return copy_to(statement);
}

/// The columns of a COPY of a relation: those of the list, or all that can be written.
Result<std::vector<const policy::Column*>> Analysis::copied_columns(Node statement, const policy::Relation& relation) {
  std::vector<const policy::Column*> columns;
  const auto names = statement.get(f::CopyStmt::attlist);
  if (names.empty()) {
    for (const auto& column : relation.columns)
      if (!column.generated) columns.push_back(&column);
    return columns;
  }
  const auto wrong = [&](SqlState state, std::string_view name, const std::string& what) {
    return refuse(state, "column \"" + std::string(name) + "\" " + what, {}, -1);
  };
  for (const Node node : names) {  // PostgreSQL's own errors: CopyGetAttnums, copy.c
    const auto name = ast::string_of(node);
    const policy::Column* column = relation.find_column(name);
    if (!column) {
      unknown_name = true;
      return wrong(sqlstate::undefined_column, name, "of relation \"" + relation.name.name + "\" does not exist");
    }
    if (column->generated) return wrong(sqlstate::invalid_column_reference, name, "is a generated column");
    if (std::find(columns.begin(), columns.end(), column) != columns.end())
      return wrong(sqlstate::duplicate_column, name, "specified more than once");
    columns.push_back(column);
  }
  return columns;
}

Analysis::Status Analysis::copy_to(Node statement) {
  const Node range_var = statement.get(f::CopyStmt::relation);
  ResolvedRelation relation;
  BULKHEAD_CHECK(resolve(range_var, relation));
  const int location = range_var.get(f::RangeVar::location);
  if (relation.access == RelationClass::system)
    return refuse(sqlstate::feature_not_supported, "COPY of a relation of the system catalogue is not supported through Bulkhead",
                  "Write COPY (SELECT …) TO STDOUT.", location);
  BULKHEAD_CHECK(require(range_var, relation, policy::Action::select));
  if (const auto kind = kind_without_rows(relation.relation->kind); !kind.empty())
    return refuse(sqlstate::wrong_object_type, "cannot copy from " + std::string(kind) + " \"" + relation.relation->name.name + "\"",
                  "Try the COPY (SELECT ...) TO variant.", -1);
  BULKHEAD_TRY(const auto columns, copied_columns(statement, *relation.relation));

  const Clauses::Relation tokens = tokens_of(range_var);
  if (tokens.name == Clauses::npos || tokens.name == 0) return no_place(range_var);
  std::size_t end = tokens.end;
  if (!statement.get(f::CopyStmt::attlist).empty()) {
    if (!clauses_.symbol(end, "(")) return no_place(range_var);
    end = clauses_.closing(end);
    if (end == Clauses::npos) return no_place(range_var);
    ++end;
  }
  // Forms of before 7.3, which the grammar has for relations alone.
  if (clauses_.key_word(tokens.name - 1, "binary") || clauses_.key_word(end + 2, "using") ||
      clauses_.key_word(end + 2, "delimiters"))
    return refuse(sqlstate::feature_not_supported, "this syntax of COPY is not supported through Bulkhead",
                  "Write COPY … TO STDOUT WITH (FORMAT …, DELIMITER …).", location);
  std::string list;
  for (const auto* column : columns) list += (list.empty() ? "" : ", ") + quote_name(column->name);
  const auto& name = relation.relation->name;
  std::string query = "(SELECT " + list + " FROM ONLY " + quote_name(name.schema) + "." + quote_name(name.name);
  if (relation.is_tenant()) {
    query += " WHERE " + read_predicate(name.name, relation);
    notes.push_back("COPY confines " + name.text() + (relation.read ? " (read wider)" : ""));
  } else {
    notes.push_back("COPY reads " + name.text() + " by a query");
  }
  edits.replace(clauses_[tokens.name].begin, clauses_[end - 1].end - clauses_[tokens.name].begin, query + ")");
  return {};
}

}  // namespace bulkhead::rewrite
