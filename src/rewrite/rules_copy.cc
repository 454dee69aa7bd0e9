// COPY: of a relation to the client as COPY of a query that reads the tenant's rows, of a query like any other; from the
// client with the tenant column in the list.

#include <algorithm>
#include <set>

#include "copy/stamper.h"
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

Analysis::Status Analysis::copy(Node statement, std::vector<Statement>& judged) {
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
  if (from) return copy_from(statement, std::get<CopyOptions>(read), judged);
  judged.emplace_back();
  judged.back().kind = statement.kind_name();
  judged.back().copy = CopyDirection::out;
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
      perhaps_stale = true;
      return wrong(sqlstate::undefined_column, name, "of relation \"" + relation.name.name + "\" does not exist");
    }
    if (column->generated) return wrong(sqlstate::invalid_column_reference, name, "is a generated column");
    if (std::find(columns.begin(), columns.end(), column) != columns.end())
      return wrong(sqlstate::duplicate_column, name, "specified more than once");
    columns.push_back(column);
  }
  return columns;
}

Result<std::pair<std::size_t, std::size_t>> Analysis::copied_relation(Node statement) const {
  const Node range_var = statement.get(f::CopyStmt::relation);
  const Clauses::Relation tokens = tokens_of(range_var);
  if (tokens.name == Clauses::npos || tokens.name == 0) return no_place(range_var);
  if (statement.get(f::CopyStmt::attlist).empty()) return std::pair(tokens.name, tokens.end);
  const std::size_t close = clauses_.symbol(tokens.end, "(") ? clauses_.closing(tokens.end) : Clauses::npos;
  if (close == Clauses::npos) return no_place(range_var);
  return std::pair(tokens.name, close + 1);
}

Analysis::Status Analysis::copy_to(Node statement) {
  const Node range_var = statement.get(f::CopyStmt::relation);
  ResolvedRelation relation;
  BULKHEAD_CHECK(resolve(range_var, relation, false));
  const int location = range_var.get(f::RangeVar::location);
  if (relation.access == RelationClass::system)
    return refuse(sqlstate::feature_not_supported, "COPY of a relation of the system catalogue is not supported through Bulkhead",
                  "Write COPY (SELECT …) TO STDOUT.", location);
  if (relation.is_temporary()) return qualify(range_var, relation);
  BULKHEAD_CHECK(require(range_var, relation, policy::Action::select));
  if (const auto kind = kind_without_rows(relation.relation->kind); !kind.empty())
    return refuse(sqlstate::wrong_object_type, "cannot copy from " + std::string(kind) + " \"" + relation.relation->name.name + "\"",
                  "Try the COPY (SELECT ...) TO variant.", -1);
  BULKHEAD_TRY(const auto columns, copied_columns(statement, *relation.relation));

  BULKHEAD_TRY(const auto tokens, copied_relation(statement));
  const auto [first, end] = tokens;
  // Forms of before 7.3, which the grammar has for relations alone.
  if (clauses_.key_word(first - 1, "binary") || clauses_.key_word(end + 2, "using") ||
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
  edits.replace(clauses_[first].begin, clauses_[end - 1].end - clauses_[first].begin, query + ")");
  return {};
}

namespace {

/// What COPY writes no rows to, in the words of CopyFrom (copyfrom.c); empty: a table.
std::string_view kind_without_copy_from(policy::RelationKind kind) {
  switch (kind) {
    case policy::RelationKind::table:
    case policy::RelationKind::partitioned:
    case policy::RelationKind::foreign_table: return {};
    case policy::RelationKind::view: return "view";
    case policy::RelationKind::materialised_view: return "materialized view";
    case policy::RelationKind::sequence: return "sequence";
    case policy::RelationKind::composite: return "non-table relation";
  }
  return "non-table relation";
}

Node first_subquery(Node condition) {
  return ast::find_first(condition, [](Node node) { return node.is(Kind::SubLink); });
}

/// The first column that a temporary table of `columns` does not have under this name.
Node first_not_copied(Node condition, const std::vector<std::string>& columns) {
  return ast::find_first(condition, [&columns](Node node) {
    if (!node.is(Kind::ColumnRef)) return false;
    const auto fields = node.get(f::ColumnRef::fields);
    return fields.size() != 1 || std::find(columns.begin(), columns.end(), ast::string_of(fields.front())) == columns.end();
  });
}

std::string name_list(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + quote_name(name);
  return list;
}

}  // namespace

/// The rows are the client's, and stay its own.
Analysis::Status Analysis::copy_into_temporary(Node statement, const ResolvedRelation& relation, std::vector<Statement>& judged) {
  BULKHEAD_CHECK(kept_expression(statement.get(f::CopyStmt::whereClause), "COPY FROM WHERE conditions"));
  judged.emplace_back();
  judged.back().kind = statement.kind_name();
  judged.back().copy = CopyDirection::in;
  judged.back().rows_pass = true;
  return qualify(statement.get(f::CopyStmt::relation), relation);
}

/// COPY t FROM STDIN: the server's column list always has the tenant column, and the session sees to its value in each row
/// (copy/stamper.h). Where row-level security is active PostgreSQL refuses COPY FROM: there the rows go into a temporary
/// table of the same columns and are inserted from it, in the same implicit or explicit transaction and with all of COPY's
/// conversions. The stamp is then part of the INSERT as well.
Analysis::Status Analysis::copy_from(Node statement, const CopyOptions& options, std::vector<Statement>& judged) {
  const Node range_var = statement.get(f::CopyStmt::relation);
  const int location = range_var.get(f::RangeVar::location);
  ResolvedRelation relation;
  BULKHEAD_CHECK(resolve_target(range_var, policy::Action::insert, relation, false));
  if (relation.is_temporary()) {
    if (options.freeze >= 0) BULKHEAD_CHECK(leave_freeze_out(options.freeze));
    return copy_into_temporary(statement, relation, judged);
  }
  const policy::Relation& table = *relation.relation;
  if (const auto kind = kind_without_copy_from(table.kind); !kind.empty())
    return refuse(sqlstate::wrong_object_type, "cannot copy to " + std::string(kind) + " \"" + table.name.name + "\"", {}, -1);

  const bool listed = !statement.get(f::CopyStmt::attlist).empty();
  BULKHEAD_TRY(const auto columns, copied_columns(statement, table));
  const policy::Column& tenant = *relation.tenant_column;
  CopyRows rows;
  rows.shape.format = options.format;
  rows.shape.client = listed ? copy::Shape::Tenant::supplied : copy::Shape::Tenant::either;
  for (const auto* column : columns) rows.shape.columns.push_back(column->name);
  rows.shape.tenant = static_cast<std::size_t>(std::find(columns.begin(), columns.end(), &tenant) - columns.begin());
  if (rows.shape.tenant == columns.size()) {
    rows.shape.client = copy::Shape::Tenant::missing;
    rows.shape.columns.push_back(tenant.name);
  }
  const std::string column = "column \"" + tenant.name + "\" of relation \"" + table.name.text() + "\"";
  rows.relation = table.name.name;
  rows.guard = {0, tenant.type_name, subject_.tenant.org, column, true};

  if (std::find(options.force_null.begin(), options.force_null.end(), tenant.name) != options.force_null.end())
    return refuse(sqlstate::feature_not_supported, "FORCE_NULL and FORCE_NOT_NULL of the tenant column are not supported",
                  "Leave " + tenant.name + " out of the list.", location);
  const auto& format = options.format;
  if (!copy::readable(format))
    return refuse(sqlstate::feature_not_supported, "this DELIMITER, QUOTE or ESCAPE of COPY is not supported through Bulkhead",
                  "In CSV a backslash (but as ESCAPE) and line ends, in text the letters A to F would mean two things at once. "
                  "Use another character.", location);
  if (format.kind == copy::Kind::binary && tenant.type_name == "numeric")
    return refuse(sqlstate::feature_not_supported, "binary COPY FROM is not supported where " + column + " is numeric",
                  "Use text or CSV.", location);
  if (table.row_security && protocol_ == Protocol::extended)
    return refuse(sqlstate::feature_not_supported,
                  "COPY FROM into a table with row-level security is not supported in the extended protocol through Bulkhead",
                  "Send it as a simple query, as drivers do.", location);

  if (const Node where = statement.get(f::CopyStmt::whereClause)) {
    if (const Node inner = first_subquery(where))
      return refuse(sqlstate::feature_not_supported, "cannot use subquery in COPY FROM WHERE conditions", {}, ast::leftmost(inner));
    if (const Node other = table.row_security ? first_not_copied(where, rows.shape.columns) : Node())
      return refuse(sqlstate::feature_not_supported,
                    "WHERE of a COPY into a table with row-level security can only name columns that are copied, by their "
                    "names alone, through Bulkhead", "Put the column in the list.", ast::leftmost(other));
    Level level(nullptr);
    level.add(target_source(table.name.name, statement.get(f::CopyStmt::relation), relation));
    BULKHEAD_CHECK(expression(where, level));
  }

  BULKHEAD_TRY(const auto tokens, copied_relation(statement));
  if (options.freeze >= 0) BULKHEAD_CHECK(leave_freeze_out(options.freeze));
  const std::string list = " (" + name_list(rows.shape.columns) + ")";
  const std::string name = quote_name(table.name.schema) + "." + quote_name(table.name.name);
  const auto begin = clauses_[tokens.first].begin, length = clauses_[tokens.second - 1].end - begin;
  Statement copied;
  copied.kind = statement.kind_name();
  copied.copy = CopyDirection::in;
  copied.rows = rows;
  notes.push_back("COPY stamps " + table.name.text());
  if (!table.row_security) {
    edits.replace(begin, length, name + list);
    judged.push_back(std::move(copied));
    return {};
  }

  notes.push_back("row-level security: the rows are copied into a temporary table and inserted from there");
  const std::string temporary = "pg_temp." + std::string(kCopyTable);
  std::size_t verb = tokens.first - 1, last = tokens.second;  // the relation may be called copy
  while (verb > 0 && !clauses_.key_word(verb, "copy")) --verb;
  while (last < clauses_.size() && !clauses_.symbol(last, ";")) ++last;
  std::string values;
  for (std::size_t i = 0; i < rows.shape.columns.size(); ++i)
    values += (i ? ", " : "") + (i == rows.shape.tenant ? *tenant_constant(tenant, subject_.tenant, false)
                                                        : quote_name(rows.shape.columns[i]));
  edits.insert(clauses_[verb].begin, "CREATE TEMPORARY TABLE " + std::string(kCopyTable) + " AS SELECT " +
                                         name_list(rows.shape.columns) + " FROM " + name + " WITH NO DATA; ");
  edits.replace(begin, length, temporary + list);
  edits.insert(clauses_[last - 1].end, "; INSERT INTO " + name + list + " OVERRIDING SYSTEM VALUE SELECT " + values + " FROM " +
                                           temporary + "; DROP TABLE " + temporary);
  copied.answer = Answer::hidden;
  const auto add = [&judged](const char* kind, Answer answer) {
    judged.emplace_back();
    judged.back().kind = kind;
    judged.back().answer = answer;
  };
  add("CreateTableAsStmt", Answer::hidden);
  judged.push_back(std::move(copied));
  add("InsertStmt", Answer::copied);
  add("DropStmt", Answer::hidden);
  return {};
}

/// FREEZE writes rows that everybody sees at once, and only into a table made or truncated in the same transaction: an
/// optimisation, and no more.
Analysis::Status Analysis::leave_freeze_out(int location) {
  const std::size_t word = clauses_.at(location);
  if (word == Clauses::npos || word == 0) return no_place(Node());
  const bool in_parentheses = clauses_.symbol(word - 1, "(") || clauses_.symbol(word - 1, ",");
  std::size_t last = word;
  if (in_parentheses && !clauses_.symbol(word + 1, ",") && !clauses_.symbol(word + 1, ")")) ++last;
  edits.replace(clauses_[word].begin, clauses_[last].end - clauses_[word].begin, in_parentheses ? "FREEZE false" : "");
  return {};
}

}  // namespace bulkhead::rewrite
