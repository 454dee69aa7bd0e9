#include "rewrite/verify_copy.h"

#include <algorithm>
#include <string>
#include <vector>

#include "rewrite/pg_parse.h"
#include "rewrite/verify_domination.h"
#include "rewrite/verify_forms.h"
#include "rewrite/verify_names.h"
#include "rewrite/verify_reads.h"
#include "rewrite/verify_temporary.h"

namespace bulkhead::rewrite::verifier {
namespace {

using ast::Kind;
using ast::ListView;
using ast::Node;
namespace f = ast::f;

/// The same options in the same order, but that FREEZE may be gone or false.
Result<void> same_options(ListView old_options, ListView new_options) {
  const auto kept = [](ListView options) {
    std::vector<Node> out;
    for (const Node option : options)
      if (option.get(f::DefElem::defname) != "freeze") out.push_back(option);
    return out;
  };
  for (const Node option : new_options)
    if (option.get(f::DefElem::defname) == "freeze" && ast::string_of(option.get(f::DefElem::arg)) != "false")
      return refused("COPY with FREEZE");
  const auto same = [](Node a, Node b) { return ast::equal(a, b); };
  const auto old_kept = kept(old_options), new_kept = kept(new_options);
  if (!std::equal(old_kept.begin(), old_kept.end(), new_kept.begin(), new_kept.end(), same))
    return refused("the options of COPY differ");
  return {};
}

/// The relation a name as the client wrote it stands for; null if the catalogue has none.
const policy::Relation* meant_by(Node range_var, const Subject& subject) {
  const std::string_view schema = range_var.get(f::RangeVar::schemaname), name = range_var.get(f::RangeVar::relname);
  return schema.data() ? subject.catalogue.find(schema, name)
                       : subject.catalogue.find_in_path(subject.policy.tenancy.search_path, name);
}

/// A target that is "name" and nothing more.
bool is_column(Node target, std::string_view name) {
  if (!target.is(Kind::ResTarget) || target.get(f::ResTarget::name).data() || !target.get(f::ResTarget::indirection).is_nil())
    return false;
  const Node value = target.get(f::ResTarget::val);
  if (!value.is(Kind::ColumnRef)) return false;
  const ListView parts = value.get(f::ColumnRef::fields);
  return parts.size() == 1 && ast::string_of(parts.front()) == name;
}

bool nothing_but_select_from_where(Node select) {
  for (const ast::FieldInfo& field : ast::fields_of(Kind::SelectStmt)) {
    const std::string_view name = field.name;
    if (name == "targetList" || name == "fromClause" || name == "whereClause") continue;
    const auto bytes = static_cast<const unsigned char*>(select.id()) + field.offset;
    if (std::any_of(bytes, bytes + field.size, [](unsigned char byte) { return byte != 0; })) return false;
  }
  return true;
}

/// The columns a COPY without a list has are those that can be written.
Result<void> same_columns(ListView names, ListView targets, const policy::Relation& relation) {
  std::size_t at = 0;
  const auto next_is = [&](std::string_view name) { return at < targets.size() && is_column(targets[at++], name); };
  if (names.is_nil()) {
    for (const auto& column : relation.columns)
      if (!column.generated && !next_is(column.name)) return refused("COPY gives other columns than the relation's");
  } else {
    for (const Node name : names)
      if (!next_is(ast::string_of(name)) || !relation.find_column(ast::string_of(name)))
        return refused("COPY gives other columns than its list");
  }
  return at == targets.size() ? Result<void>() : refused("COPY gives more columns");
}

}  // namespace

Result<void> names_nothing_outside(Node node) {
  if (!node) return {};
  if (node.is(Kind::FuncCall) && !naming_function(node).empty()) return refused("a shared name in the condition of a COPY");
  return ast::for_each_child(node, names_nothing_outside);
}

Result<void> same_copy(Node old_copy, Node new_copy) {
  for (const Node copy : {old_copy, new_copy})
    if (copy.get(f::CopyStmt::is_program) || copy.get(f::CopyStmt::filename).data())
      return refused("a COPY of a file or program");
  if (old_copy.get(f::CopyStmt::is_from) != new_copy.get(f::CopyStmt::is_from)) return refused("a COPY of another direction");
  const Node old_where = old_copy.get(f::CopyStmt::whereClause), new_where = new_copy.get(f::CopyStmt::whereClause);
  if (static_cast<bool>(old_where) != static_cast<bool>(new_where) || (old_where && !ast::equal(old_where, new_where)))
    return refused("a COPY with another WHERE");
  if (new_where && !new_copy.get(f::CopyStmt::is_from)) return refused("COPY TO with WHERE");
  BULKHEAD_CHECK(no_query(new_where));
  BULKHEAD_CHECK(names_nothing_outside(new_where));
  return same_options(old_copy.get(f::CopyStmt::options), new_copy.get(f::CopyStmt::options));
}

Result<void> copy_out(Node& old_statement, Node& new_statement, const Subject& subject) {
  if (!old_statement.is(Kind::CopyStmt)) return refused("a COPY that was none");
  const Node old_copy = old_statement, new_copy = new_statement;
  if (new_copy.get(f::CopyStmt::is_from)) return refused("COPY FROM");
  if (const Node relation = new_copy.get(f::CopyStmt::relation); relation.get(f::RangeVar::schemaname) == "pg_temp") {
    old_statement = new_statement = Node();
    return copy_of_temporary(old_copy, new_copy, subject);
  }
  BULKHEAD_CHECK(same_copy(old_copy, new_copy));
  const Node select = new_copy.get(f::CopyStmt::query), range_var = old_copy.get(f::CopyStmt::relation);
  if (!select || new_copy.get(f::CopyStmt::relation) || !new_copy.get(f::CopyStmt::attlist).is_nil())
    return refused("COPY of a relation");
  if (!range_var) {
    old_statement = old_copy.get(f::CopyStmt::query);
    new_statement = select;
    return {};
  }
  old_statement = new_statement = Node();
  if (!select.is(Kind::SelectStmt) || !nothing_but_select_from_where(select))
    return refused("COPY of more than SELECT … FROM … WHERE …");
  const ListView from = select.get(f::SelectStmt::fromClause);
  if (from.size() != 1 || !from.front().is(Kind::RangeVar)) return refused("COPY of something else than the relation");
  const Node source = from.front();
  if (source.get(f::RangeVar::inh) || source.get(f::RangeVar::alias) ||
      source.get(f::RangeVar::relname) != range_var.get(f::RangeVar::relname))
    return refused("COPY of another relation");
  BULKHEAD_TRY(const Relation relation, relation_of(source, subject));
  if (!relation.relation) return refused("COPY of the system catalogue");
  if (meant_by(range_var, subject) != relation.relation) return refused("COPY of a relation of another schema");
  BULKHEAD_CHECK(same_columns(old_copy.get(f::CopyStmt::attlist), select.get(f::SelectStmt::targetList), *relation.relation));
  const Node where = select.get(f::SelectStmt::whereClause);
  if (relation.access != Relation::Access::tenant) return where ? refused("COPY with a condition") : Result<void>();
  const bool wider = !relation.read.empty();
  const auto predicate = !where ? std::nullopt
                         : wider ? WiderReads(select, subject).injected_as(where, subject.tenant)
                                 : as_predicate(where, subject.tenant);
  if (!predicate || predicate->alias != source.get(f::RangeVar::relname) || predicate->read != relation.read ||
      (!wider && predicate->column != relation.column->name) || relation.column->type_schema != "pg_catalog" ||
      predicate->type != relation.column->type_name)
    return refused("no predicate confines the relation that is copied");
  return {};
}

namespace {

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

/// COPY of that relation with exactly these columns.
bool copies_into(Node copy, std::string_view schema, std::string_view name, const std::vector<std::string>& columns) {
  const Node target = copy.get(f::CopyStmt::relation);
  const ListView list = copy.get(f::CopyStmt::attlist);
  if (!target || copy.get(f::CopyStmt::query) || target.get(f::RangeVar::catalogname).data() ||
      target.get(f::RangeVar::schemaname) != schema || target.get(f::RangeVar::relname) != name || list.size() != columns.size())
    return false;
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (ast::string_of(list[i]) != columns[i]) return false;
  return true;
}

/// An option's value as text; the empty text for one without.
std::string value_of(Node option) {
  const Node value = option.get(f::DefElem::arg);
  if (value.is(Kind::String)) return std::string(value.get(f::String::sval));
  if (value.is(Kind::Integer)) return std::to_string(value.get(f::Integer::ival));
  if (value.is(Kind::Boolean)) return value.get(f::Boolean::boolval) ? "true" : "false";
  return {};
}

/// The session reads the rows as the server will.
bool same_format(ListView options, const copy::Format& format, std::string_view tenant_column) {
  const auto option = [&](std::string_view name) {
    for (const Node node : options)
      if (node.get(f::DefElem::defname) == name) return node;
    return Node();
  };
  const auto given = [&](std::string_view name, std::string otherwise) {
    const Node node = option(name);
    return node ? value_of(node) : otherwise;
  };
  const auto letter = [](char c) { return std::string(1, c); };
  const std::string kind = given("format", "text");
  const bool csv = kind == "csv";
  if (format.kind != (csv ? copy::Kind::csv : kind == "binary" ? copy::Kind::binary : copy::Kind::text)) return false;
  if (!csv && kind != "text" && kind != "binary") return false;
  if (given("delimiter", csv ? "," : "\t") != letter(format.delimiter)) return false;
  if (given("null", csv ? "" : "\\N") != format.null) return false;
  if (csv && given("quote", "\"") != letter(format.quote)) return false;
  if (csv && given("escape", letter(format.quote)) != letter(format.escape)) return false;
  // Characters by which the session and the server could come apart: see the parsers of copyfromparse.c.
  const std::string_view everywhere = "\\\r\n", in_text = "\\\r\nABCDEF";
  if ((csv ? everywhere : in_text).find(format.delimiter) != std::string_view::npos && kind != "binary") return false;
  if (csv && (everywhere.find(format.quote) != std::string_view::npos || format.escape == '\r' || format.escape == '\n')) return false;
  std::string header = option("header") ? given("header", "") : "false";
  for (char& c : header) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  const bool none = header == "false" || header == "off" || header == "0", match = header == "match";
  if (format.header != (none ? copy::Header::none : match ? copy::Header::match : copy::Header::line)) return false;
  for (const std::string_view name : {"force_null", "force_not_null"}) {
    const Node columns = option(name).get(f::DefElem::arg);
    if (columns && !columns.is(Kind::List)) return false;
    if (columns)
      for (const Node column : columns.list())
        if (ast::string_of(column) == tenant_column) return false;
  }
  return true;
}

}  // namespace

Result<std::size_t> copy_in(Node old_copy, std::span<const Node> rewritten, const CopyRows& rows, const Subject& subject) {
  const Node range_var = old_copy.get(f::CopyStmt::relation);
  if (!range_var || range_var.get(f::RangeVar::catalogname).data()) return refused("COPY FROM into no relation");
  const policy::Relation* meant = meant_by(range_var, subject);
  if (!meant) return refused("COPY FROM into an unknown relation");
  BULKHEAD_TRY(const Relation relation, relation_as_listed(*meant, subject));
  if (relation.access != Relation::Access::tenant || relation.column->type_schema != "pg_catalog")
    return refused("COPY FROM into a relation that is not the tenant's");

  // What the server's list must be, and what the session must know of it.
  std::vector<std::string> columns;
  const ListView names = old_copy.get(f::CopyStmt::attlist);
  for (const Node name : names) columns.emplace_back(ast::string_of(name));
  if (names.is_nil())
    for (const auto& column : meant->columns)
      if (!column.generated) columns.push_back(column.name);
  for (const auto& column : columns)
    if (std::count(columns.begin(), columns.end(), column) != 1) return refused("COPY FROM with a column twice");
  auto client = names.is_nil() ? copy::Shape::Tenant::either : copy::Shape::Tenant::supplied;
  if (std::find(columns.begin(), columns.end(), relation.column->name) == columns.end()) {
    columns.push_back(relation.column->name);
    client = copy::Shape::Tenant::missing;
  }
  const auto place = static_cast<std::size_t>(std::find(columns.begin(), columns.end(), relation.column->name) - columns.begin());
  if (rows.shape.columns != columns || rows.shape.tenant != place || rows.shape.client != client)
    return refused("the rows of COPY FROM are not of the shape the server expects");
  if (rows.guard.value != subject.tenant.org || rows.guard.type != relation.column->type_name || !rows.guard.sole)
    return refused("the rows of COPY FROM are not stamped with the session's organisation");

  const bool direct = !rewritten.empty() && rewritten.front().is(Kind::CopyStmt);
  const std::size_t needed = direct ? 1 : 4;
  if (rewritten.size() < needed) return refused("COPY FROM lacks a statement");
  const Node new_copy = rewritten[direct ? 0 : 1];
  if (!new_copy.is(Kind::CopyStmt)) return refused("COPY FROM became something else");
  BULKHEAD_CHECK(same_copy(old_copy, new_copy));
  if (!same_format(new_copy.get(f::CopyStmt::options), rows.shape.format, relation.column->name))
    return refused("the rows of COPY FROM are read in another format");
  if (direct) {
    if (!copies_into(new_copy, meant->name.schema, meant->name.name, columns)) return refused("COPY FROM into something else");
    return needed;
  }

  // By way of a temporary table: the text there is only one of, but for the COPY itself.
  if (!copies_into(new_copy, "pg_temp", "bulkhead_copy", columns)) return refused("COPY FROM into something else");
  std::string list, values;
  for (const auto& column : columns) {
    list += (list.empty() ? "" : ",") + quoted(column);
    std::string value = quoted(column);
    if (column == relation.column->name) {
      value = "'";
      for (const char c : subject.tenant.org) value += c == '\'' ? std::string("''") : std::string(1, c);
      value += "'::pg_catalog." + relation.column->type_name;
    }
    values += (values.empty() ? "" : ",") + value;
  }
  const std::string table = quoted(meant->name.schema) + "." + quoted(meant->name.name);
  BULKHEAD_TRY(const ParseTree only, parse("CREATE TEMP TABLE bulkhead_copy AS SELECT " + list + " FROM " + table + " WITH NO DATA;" +
                                           "INSERT INTO " + table + "(" + list + ") OVERRIDING SYSTEM VALUE SELECT " + values +
                                           " FROM pg_temp.bulkhead_copy; DROP TABLE pg_temp.bulkhead_copy"));
  const auto& wanted = only.statements();
  if (wanted.size() != 3 || !ast::equal(wanted[0].node, rewritten[0]) || !ast::equal(wanted[1].node, rewritten[2]) ||
      !ast::equal(wanted[2].node, rewritten[3]))
    return refused("COPY FROM by way of another table or statement");
  return needed;
}

}  // namespace bulkhead::rewrite::verifier
