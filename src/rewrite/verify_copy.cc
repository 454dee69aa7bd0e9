#include "rewrite/verify_copy.h"

#include <algorithm>

#include "rewrite/verify_forms.h"
#include "rewrite/verify_reads.h"

namespace bulkhead::rewrite::verifier {
namespace {

using ast::Kind;
using ast::ListView;
using ast::Node;
namespace f = ast::f;

/// Rows come from or go to the client, and nothing but `except` differs.
Result<void> same_copy(Node old_copy, Node new_copy) {
  for (const Node copy : {old_copy, new_copy})
    if (copy.get(f::CopyStmt::is_program) || copy.get(f::CopyStmt::filename).data())
      return refused("a COPY of a file or program");
  if (old_copy.get(f::CopyStmt::is_from) != new_copy.get(f::CopyStmt::is_from)) return refused("a COPY of another direction");
  if (old_copy.get(f::CopyStmt::whereClause) || new_copy.get(f::CopyStmt::whereClause)) return refused("a COPY with WHERE");
  if (!ast::equal(old_copy.get(f::CopyStmt::options), new_copy.get(f::CopyStmt::options)))
    return refused("the options of COPY differ");
  return {};
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

Result<void> copy_out(Node& old_statement, Node& new_statement, const Subject& subject) {
  if (!old_statement.is(Kind::CopyStmt)) return refused("a COPY that was none");
  const Node old_copy = old_statement, new_copy = new_statement;
  BULKHEAD_CHECK(same_copy(old_copy, new_copy));
  if (new_copy.get(f::CopyStmt::is_from)) return refused("COPY FROM");
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
  const std::string_view schema = range_var.get(f::RangeVar::schemaname);
  const policy::Relation* meant =
      schema.data() ? subject.catalogue.find(schema, range_var.get(f::RangeVar::relname))
                    : subject.catalogue.find_in_path(subject.policy.tenancy.search_path, range_var.get(f::RangeVar::relname));
  if (meant != relation.relation) return refused("COPY of a relation of another schema");
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

}  // namespace bulkhead::rewrite::verifier
