#include "rewrite/verify_temporary.h"

#include <string>
#include <string_view>

#include "rewrite/verify_copy.h"
#include "rewrite/verify_difference.h"
#include "rewrite/verify_domination.h"
#include "rewrite/verify_forms.h"

namespace bulkhead::rewrite::verifier {
namespace {

using ast::ConstrType;
using ast::Kind;
using ast::ListView;
using ast::Node;
namespace f = ast::f;

using Status = Result<void>;

bool is_temporary_target(Node range_var) {
  return range_var.get(f::RangeVar::relpersistence) == 't' || range_var.get(f::RangeVar::schemaname) == "pg_temp";
}

/// The table that a statement makes: in pg_temp, by a name that means nothing else.
Status new_table(Node range_var, const Subject& subject) {
  const std::string_view schema = range_var.get(f::RangeVar::schemaname);
  if (!range_var.is(Kind::RangeVar) || !is_temporary_target(range_var) || range_var.get(f::RangeVar::catalogname).data() ||
      (schema.data() && schema != "pg_temp") || !names_temporary(range_var.get(f::RangeVar::relname), subject))
    return refused("a table that is not temporary, or that takes another one's name");
  return {};
}

Status existing_table(Node range_var, const Subject& subject) {
  BULKHEAD_TRY(const Relation relation, relation_of(range_var, subject));
  return relation.access == Relation::Access::temporary ? Status() : refused("more than temporary tables");
}

/// Nothing that would have to be seen each time it is evaluated.
Status kept(Node expression) {
  BULKHEAD_CHECK(no_query(expression));
  return names_nothing_outside(expression);
}

Status constraint(Node node) {
  if (!node.is(Kind::Constraint)) return refused("a constraint of an unknown form");
  if (!node.get(f::Constraint::options).is_nil() || node.get(f::Constraint::indexname).data() ||
      node.get(f::Constraint::indexspace).data() || node.get(f::Constraint::pktable) || node.get(f::Constraint::where_clause) ||
      !node.get(f::Constraint::exclusions).is_nil())
    return refused("a constraint with more than its columns");
  switch (node.get(f::Constraint::contype)) {
    case ConstrType::CONSTR_EXCLUSION:
    case ConstrType::CONSTR_FOREIGN: return refused("a constraint that refers to more than the table");
    case ConstrType::CONSTR_NULL:
    case ConstrType::CONSTR_NOTNULL:
    case ConstrType::CONSTR_DEFAULT:
    case ConstrType::CONSTR_IDENTITY:
    case ConstrType::CONSTR_GENERATED:
    case ConstrType::CONSTR_CHECK:
    case ConstrType::CONSTR_PRIMARY:
    case ConstrType::CONSTR_UNIQUE:
    case ConstrType::CONSTR_ATTR_DEFERRABLE:
    case ConstrType::CONSTR_ATTR_NOT_DEFERRABLE:
    case ConstrType::CONSTR_ATTR_DEFERRED:
    case ConstrType::CONSTR_ATTR_IMMEDIATE: return kept(node.get(f::Constraint::raw_expr));
  }
  return refused("a constraint of an unknown kind");
}

Status element(Node node, const Subject& subject) {
  if (node.is(Kind::Constraint)) return constraint(node);
  if (node.is(Kind::TableLikeClause)) {
    BULKHEAD_TRY(const Relation relation, relation_of(node.get(f::TableLikeClause::relation), subject));
    return relation.access != Relation::Access::system ? Status() : refused("LIKE a relation of the system's");
  }
  if (!node.is(Kind::ColumnDef) || node.get(f::ColumnDef::raw_default) || node.get(f::ColumnDef::cooked_default) ||
      !node.get(f::ColumnDef::fdwoptions).is_nil())
    return refused("a column of an unknown form");
  BULKHEAD_CHECK(kept(node.get(f::ColumnDef::typeName)));
  BULKHEAD_CHECK(kept(node.get(f::ColumnDef::collClause)));
  for (const Node each : node.get(f::ColumnDef::constraints)) BULKHEAD_CHECK(constraint(each));
  return {};
}

Status create(Node statement, const Subject& subject) {
  BULKHEAD_CHECK(new_table(statement.get(f::CreateStmt::relation), subject));
  if (!statement.get(f::CreateStmt::inhRelations).is_nil() || statement.get(f::CreateStmt::partbound) ||
      statement.get(f::CreateStmt::partspec) || statement.get(f::CreateStmt::ofTypename) ||
      !statement.get(f::CreateStmt::constraints).is_nil() || !statement.get(f::CreateStmt::options).is_nil() ||
      statement.get(f::CreateStmt::tablespacename).data() || statement.get(f::CreateStmt::accessMethod).data())
    return refused("CREATE TABLE with more than columns");
  for (const Node each : statement.get(f::CreateStmt::tableElts)) BULKHEAD_CHECK(element(each, subject));
  return {};
}

Status into(Node clause, const Subject& subject) {
  if (!clause.is(Kind::IntoClause) || !clause.get(f::IntoClause::options).is_nil() || clause.get(f::IntoClause::viewQuery) ||
      clause.get(f::IntoClause::accessMethod).data() || clause.get(f::IntoClause::tableSpaceName).data())
    return refused("INTO with more than a name");
  return new_table(clause.get(f::IntoClause::rel), subject);
}

/// DROP TABLE: the tree has names as lists, [foo] that became [pg_temp, foo].
Status drop(Node old_statement, Node new_statement, const Subject& subject) {
  const auto type = ast::ObjectType::OBJECT_TABLE;
  if (new_statement.get(f::DropStmt::removeType) != type || old_statement.get(f::DropStmt::removeType) != type ||
      new_statement.get(f::DropStmt::behavior) != old_statement.get(f::DropStmt::behavior) ||
      new_statement.get(f::DropStmt::missing_ok) != old_statement.get(f::DropStmt::missing_ok) ||
      new_statement.get(f::DropStmt::concurrent) || old_statement.get(f::DropStmt::concurrent))
    return refused("another DROP");
  const ListView old_objects = old_statement.get(f::DropStmt::objects), new_objects = new_statement.get(f::DropStmt::objects);
  if (old_objects.size() != new_objects.size()) return refused("DROP of more or fewer tables");
  for (std::size_t i = 0; i < new_objects.size(); ++i) {
    if (!old_objects[i].is(Kind::List) || !new_objects[i].is(Kind::List)) return refused("DROP of what has no name");
    const ListView was = old_objects[i].list(), is = new_objects[i].list();
    const std::string_view name = ast::string_of(is.back());
    if (is.size() != 2 || ast::string_of(is.front()) != "pg_temp" || name.empty() || was.empty() ||
        ast::string_of(was.back()) != name || name.starts_with("pg_") || name == "bulkhead_copy")
      return refused("DROP of more than temporary tables");
    const bool same = was.size() == 2 ? ast::string_of(was.front()) == "pg_temp" : was.size() == 1 && names_temporary(name, subject);
    if (!same) return refused("DROP of another table");
  }
  return subject.policy.tenancy.temporary_tables == policy::TemporaryTables::allow ? Status() : refused("DROP TABLE");
}

Status index(Node statement, const Subject& subject) {
  BULKHEAD_CHECK(existing_table(statement.get(f::IndexStmt::relation), subject));
  if (statement.get(f::IndexStmt::concurrent) || statement.get(f::IndexStmt::tableSpace).data() ||
      !statement.get(f::IndexStmt::options).is_nil() || !statement.get(f::IndexStmt::excludeOpNames).is_nil())
    return refused("an index with more than its columns");
  for (const ListView elements : {statement.get(f::IndexStmt::indexParams), statement.get(f::IndexStmt::indexIncludingParams)}) {
    for (const Node each : elements) {
      if (!each.is(Kind::IndexElem) || !each.get(f::IndexElem::opclass).is_nil() || !each.get(f::IndexElem::opclassopts).is_nil())
        return refused("an index element of another form");
      BULKHEAD_CHECK(kept(each.get(f::IndexElem::expr)));
    }
  }
  return kept(statement.get(f::IndexStmt::whereClause));
}

Status analyze(Node statement, const Subject& subject) {
  const ListView relations = statement.get(f::VacuumStmt::rels);
  if (statement.get(f::VacuumStmt::is_vacuumcmd) || relations.empty()) return refused("VACUUM, or ANALYZE of everything");
  for (const Node each : relations) {
    if (!each.is(Kind::VacuumRelation)) return refused("ANALYZE of an unknown form");
    BULKHEAD_CHECK(existing_table(each.get(f::VacuumRelation::relation), subject));
  }
  return {};
}

}  // namespace

bool is_of_temporary(Node statement) {
  return statement.is(Kind::CreateStmt) || statement.is(Kind::DropStmt) || statement.is(Kind::IndexStmt) ||
         statement.is(Kind::VacuumStmt) || statement.is(Kind::TruncateStmt);
}

Status of_temporary(Node old_statement, Node new_statement, const Subject& subject) {
  if (old_statement.kind() != new_statement.kind()) return refused("a statement of another kind");
  if (new_statement.is(Kind::DropStmt)) return drop(old_statement, new_statement, subject);
  BULKHEAD_TRY(const Injected injected, difference(old_statement, new_statement, subject));
  if (!injected.predicates.empty()) return refused("a predicate where there is no query");
  if (new_statement.is(Kind::CreateStmt)) return create(new_statement, subject);
  if (new_statement.is(Kind::IndexStmt)) return index(new_statement, subject);
  if (new_statement.is(Kind::VacuumStmt)) return analyze(new_statement, subject);
  if (!new_statement.is(Kind::TruncateStmt)) return refused("a statement that is not of temporary tables");
  for (const Node each : new_statement.get(f::TruncateStmt::relations)) BULKHEAD_CHECK(existing_table(each, subject));
  return {};
}

bool makes_temporary(Node statement) {
  if (statement.is(Kind::CreateStmt) || statement.is(Kind::CreateTableAsStmt)) return true;
  while (statement.is(Kind::SelectStmt) && statement.get(f::SelectStmt::larg)) statement = statement.get(f::SelectStmt::larg);
  return statement.is(Kind::SelectStmt) && statement.get(f::SelectStmt::intoClause);
}

Status unwrap_create_as(Node& old_statement, Node& new_statement, const Subject& subject) {
  if (!new_statement.is(Kind::CreateTableAsStmt)) return {};
  if (!old_statement.is(Kind::CreateTableAsStmt) ||
      !ast::equal(old_statement.get(f::CreateTableAsStmt::into), new_statement.get(f::CreateTableAsStmt::into)) ||
      old_statement.get(f::CreateTableAsStmt::if_not_exists) != new_statement.get(f::CreateTableAsStmt::if_not_exists) ||
      new_statement.get(f::CreateTableAsStmt::objtype) != ast::ObjectType::OBJECT_TABLE ||
      old_statement.get(f::CreateTableAsStmt::objtype) != ast::ObjectType::OBJECT_TABLE)
    return refused("another table is made of the query");
  BULKHEAD_CHECK(into(new_statement.get(f::CreateTableAsStmt::into), subject));
  old_statement = old_statement.get(f::CreateTableAsStmt::query);
  new_statement = new_statement.get(f::CreateTableAsStmt::query);
  return new_statement.is(Kind::SelectStmt) ? Status() : refused("a table of something else than a query");
}

Result<Node> into_temporary(Node statement, const Subject& subject) {
  while (statement.is(Kind::SelectStmt) && statement.get(f::SelectStmt::larg)) statement = statement.get(f::SelectStmt::larg);
  const Node clause = statement.is(Kind::SelectStmt) ? statement.get(f::SelectStmt::intoClause) : Node();
  if (clause) BULKHEAD_CHECK(into(clause, subject));
  return clause;
}

Status copy_of_temporary(Node old_copy, Node new_copy, const Subject& subject) {
  if (!old_copy.is(Kind::CopyStmt) || !new_copy.is(Kind::CopyStmt)) return refused("COPY became something else");
  BULKHEAD_CHECK(same_copy(old_copy, new_copy));
  const Node was = old_copy.get(f::CopyStmt::relation), is = new_copy.get(f::CopyStmt::relation);
  if (!was || !is || old_copy.get(f::CopyStmt::query) || new_copy.get(f::CopyStmt::query) ||
      !ast::equal(old_copy.get(f::CopyStmt::attlist), new_copy.get(f::CopyStmt::attlist)))
    return refused("COPY of something else than the table");
  BULKHEAD_CHECK(existing_table(is, subject));
  BULKHEAD_TRY([[maybe_unused]] const Injected injected, difference(was, is, subject));
  return {};
}

}  // namespace bulkhead::rewrite::verifier
