// Temporary tables, where tenancy.temporary_tables lets a client make them. Their rows are those that the client could read or
// had itself, and nobody else sees them, so they are neither confined nor stamped; what is read into them and what they keep,
// defaults and conditions that PostgreSQL evaluates later, is judged like everything else.
//
// The path ends in pg_temp, so a temporary table never takes a relation's place; it may not have one's name either, for without
// Bulkhead it would. Its own name is always written with its schema: a table that is made later, or the temporary one's end,
// cannot give a judged text another meaning.

#include <algorithm>

#include "rewrite/analysis.h"
#include "rewrite/functions.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

namespace {

bool makes_temporary(Node range_var) {
  constexpr char kTemporary = 't';  // RELPERSISTENCE_TEMP
  return range_var.get(f::RangeVar::relpersistence) == kTemporary || range_var.get(f::RangeVar::schemaname) == kTemporarySchema;
}

Node leftmost_arm(Node select) {
  while (const Node left = select.get(f::SelectStmt::larg)) select = left;
  return select;
}

/// A call that would do in an expression by itself what Bulkhead has to see each time.
bool acts(Node node) {
  if (!node.is(Kind::FuncCall)) return false;
  const auto names = strings(node.get(f::FuncCall::funcname));
  return !names.empty() && (names_of_tenant(names.back()) || names.back() == "set_config" || names.back() == "pg_advisory_unlock_all");
}

}  // namespace

Error Analysis::not_for_temporary(std::string_view what, int location) const {
  return refuse(sqlstate::feature_not_supported, std::string(what) + " is not supported for temporary tables through Bulkhead",
                "No configuration allows it yet.", location);
}

Result<bool> Analysis::temporary(Node statement) {
  bool creates = statement.is(Kind::CreateStmt) && makes_temporary(statement.get(f::CreateStmt::relation));
  if (statement.is(Kind::CreateTableAsStmt))
    creates = statement.get(f::CreateTableAsStmt::objtype) == ast::ObjectType::OBJECT_TABLE &&
              makes_temporary(statement.get(f::CreateTableAsStmt::into).get(f::IntoClause::rel));
  if (creates && !allows_temporary())
    return refuse(sqlstate::insufficient_privilege, opening_words() + " is not allowed through Bulkhead",
                  "tenancy: { temporary_tables: allow } would allow it.", -1);
  if (!allows_temporary()) return false;
  const auto judged = [](Status status) -> Result<bool> {
    if (!status) return std::move(status).error();
    return true;
  };
  if (creates) return judged(statement.is(Kind::CreateStmt) ? create_temporary(statement) : create_temporary_as(statement));

  // Of tables of the database these are administration: all they name has to be temporary.
  const auto is_temporary = [this](Node range_var) {
    const auto schema = range_var.get(f::RangeVar::schemaname);
    return !range_var.get(f::RangeVar::catalogname).data() &&
           (schema.data() ? schema == kTemporarySchema : may_be_temporary(range_var.get(f::RangeVar::relname), subject_));
  };
  if (statement.is(Kind::DropStmt) && statement.get(f::DropStmt::removeType) == ast::ObjectType::OBJECT_TABLE) {
    for (const Node object : statement.get(f::DropStmt::objects)) {
      const auto names = object.is(Kind::List) ? strings(object.list()) : std::vector<std::string_view>();
      const bool own = names.size() == 2 ? names[0] == kTemporarySchema
                                         : names.size() == 1 && may_be_temporary(names[0], subject_);
      if (!own) return false;
    }
    return judged(drop_temporary(statement));
  }
  if (statement.is(Kind::IndexStmt) && is_temporary(statement.get(f::IndexStmt::relation))) return judged(index_temporary(statement));
  if (statement.is(Kind::VacuumStmt) && !statement.get(f::VacuumStmt::is_vacuumcmd)) {
    const auto relations = statement.get(f::VacuumStmt::rels);
    const bool all = std::all_of(relations.begin(), relations.end(),
                                 [&](Node each) { return is_temporary(each.get(f::VacuumRelation::relation)); });
    if (!relations.empty() && all) return judged(analyze_temporary(statement));
  }
  return false;
}

Analysis::Status Analysis::new_temporary(Node range_var, ast::OnCommitAction on_commit) {
  const auto schema = range_var.get(f::RangeVar::schemaname), name = range_var.get(f::RangeVar::relname);
  const int location = range_var.get(f::RangeVar::location);
  if (range_var.get(f::RangeVar::catalogname).data() || (schema.data() && schema != kTemporarySchema))
    return refuse(sqlstate::invalid_table_definition, "cannot create temporary relation in non-temporary schema", {}, location);
  if (!may_be_temporary(name, subject_))
    return refuse(sqlstate::insufficient_privilege,
                  "a temporary table called \"" + std::string(name) + "\" is not allowed through Bulkhead: the name is taken in "
                  "the database",
                  "Choose another name.", location);
  effects_->pins = effects_->makes_temporary = true;
  effects_->loosens = on_commit == ast::OnCommitAction::ONCOMMIT_DROP;
  made_.emplace(name);
  notes.push_back("the temporary table " + std::string(name) + " is the client's own; its server connection is closed after it");
  return {};
}

Analysis::Status Analysis::create_temporary(Node statement) {
  const Node name = statement.get(f::CreateStmt::relation);
  const int location = name.get(f::RangeVar::location);
  BULKHEAD_CHECK(new_temporary(name, statement.get(f::CreateStmt::oncommit)));
  if (!statement.get(f::CreateStmt::inhRelations).empty() || statement.get(f::CreateStmt::partbound))
    return not_for_temporary("INHERITS or PARTITION OF", location);
  if (statement.get(f::CreateStmt::partspec)) return not_for_temporary("PARTITION BY", location);
  if (statement.get(f::CreateStmt::ofTypename)) return not_for_temporary("OF a type", location);
  if (!statement.get(f::CreateStmt::options).empty() || statement.get(f::CreateStmt::accessMethod).data() ||
      statement.get(f::CreateStmt::tablespacename).data())
    return not_for_temporary("USING, WITH (…) or TABLESPACE", location);
  for (const Node element : statement.get(f::CreateStmt::tableElts)) {
    if (element.is(Kind::ColumnDef)) {
      BULKHEAD_CHECK(column_definition(element));
    } else if (element.is(Kind::Constraint)) {
      BULKHEAD_CHECK(constraint(element));
    } else if (element.is(Kind::TableLikeClause)) {
      BULKHEAD_CHECK(like(element));
    } else {
      return no_place(name);
    }
  }
  return {};
}

Analysis::Status Analysis::column_definition(Node column) {
  Level level(nullptr);
  BULKHEAD_CHECK(expression(column.get(f::ColumnDef::typeName), level));
  BULKHEAD_CHECK(expression(column.get(f::ColumnDef::collClause), level));
  for (const Node each : column.get(f::ColumnDef::constraints)) BULKHEAD_CHECK(constraint(each));
  const bool plain = column.get(f::ColumnDef::fdwoptions).empty() && !column.get(f::ColumnDef::raw_default);
  return plain ? Status() : Status(not_for_temporary("OPTIONS", column.get(f::ColumnDef::location)));
}

Analysis::Status Analysis::constraint(Node node) {
  if (!node.is(Kind::Constraint)) return no_place(Node());
  const int location = node.get(f::Constraint::location);
  const Node expression = node.get(f::Constraint::raw_expr);
  switch (node.get(f::Constraint::contype)) {
    case ast::ConstrType::CONSTR_NULL:
    case ast::ConstrType::CONSTR_NOTNULL:
    case ast::ConstrType::CONSTR_ATTR_DEFERRABLE:
    case ast::ConstrType::CONSTR_ATTR_NOT_DEFERRABLE:
    case ast::ConstrType::CONSTR_ATTR_DEFERRED:
    case ast::ConstrType::CONSTR_ATTR_IMMEDIATE: return {};
    case ast::ConstrType::CONSTR_DEFAULT: return kept_expression(expression, "DEFAULT expression");
    case ast::ConstrType::CONSTR_GENERATED: return kept_expression(expression, "column generation expression");
    case ast::ConstrType::CONSTR_CHECK: return kept_expression(expression, "check constraint");
    case ast::ConstrType::CONSTR_IDENTITY:
      if (node.get(f::Constraint::options).empty()) return {};
      return not_for_temporary("an identity column with options", location);
    case ast::ConstrType::CONSTR_PRIMARY:
    case ast::ConstrType::CONSTR_UNIQUE:
      if (node.get(f::Constraint::options).empty() && !node.get(f::Constraint::indexname).data() &&
          !node.get(f::Constraint::indexspace).data())
        return {};
      return not_for_temporary("a key with options of its index", location);
    case ast::ConstrType::CONSTR_EXCLUSION: return not_for_temporary("EXCLUDE", location);
    case ast::ConstrType::CONSTR_FOREIGN: return not_for_temporary("a foreign key", location);
  }
  return no_place(node);
}

/// The columns of a relation that may be read, its defaults and conditions: the database's own code, as in an INSERT into it.
Analysis::Status Analysis::like(Node clause) {
  const Node range_var = clause.get(f::TableLikeClause::relation);
  ResolvedRelation relation;
  BULKHEAD_CHECK(resolve(range_var, relation));
  BULKHEAD_CHECK(require(range_var, relation, policy::Action::select));
  if (relation.access == RelationClass::system)
    return not_for_temporary("LIKE a relation of the system catalogue", range_var.get(f::RangeVar::location));
  if (relation.limit)
    return column_denied("LIKE names columns that this role may not use", range_var.get(f::RangeVar::location));
  return qualify(range_var, relation);
}

Analysis::Status Analysis::kept_expression(Node kept, const char* where) {
  if (const Node inner = ast::find_first(kept, [](Node node) { return node.is(Kind::SubLink); }))
    return refuse(sqlstate::feature_not_supported, std::string("cannot use subquery in ") + where, {}, ast::leftmost(inner));
  if (const Node call = ast::find_first(kept, acts))
    return refuse(sqlstate::insufficient_privilege,
                  std::string("this function is not allowed in a ") + where + " through Bulkhead: it would run unseen",
                  "No configuration allows it.", call.get(f::FuncCall::location));
  Level level(nullptr);
  return expression(kept, level);
}

Analysis::Status Analysis::into(Node clause) {
  const Node name = clause.get(f::IntoClause::rel);
  BULKHEAD_CHECK(new_temporary(name, clause.get(f::IntoClause::onCommit)));
  const bool plain = clause.get(f::IntoClause::options).empty() && !clause.get(f::IntoClause::accessMethod).data() &&
                     !clause.get(f::IntoClause::tableSpaceName).data() && !clause.get(f::IntoClause::viewQuery);
  return plain ? Status() : Status(not_for_temporary("USING, WITH (…) or TABLESPACE", name.get(f::RangeVar::location)));
}

Analysis::Status Analysis::create_temporary_as(Node statement) {
  const Node query = statement.get(f::CreateTableAsStmt::query), clause = statement.get(f::CreateTableAsStmt::into);
  BULKHEAD_CHECK(into(clause));
  if (!query.is(Kind::SelectStmt))
    return not_for_temporary("CREATE TABLE AS EXECUTE", clause.get(f::IntoClause::rel).get(f::RangeVar::location));
  // WITH [NO] DATA follows the query without being of it.
  std::size_t end = first_token();
  while (end < clauses_.size() && !clauses_.symbol(end, ";")) ++end;
  if (end > 3 && clauses_.key_word(end - 1, "data")) {
    const std::size_t with = clauses_.key_word(end - 2, "no") ? end - 3 : end - 2;
    if (clauses_.key_word(with, "with")) limit_ = with;
  }
  const Level outside(nullptr);
  return this->query(query, &outside);
}

Analysis::Status Analysis::select_into(Node statement) {
  const Node clause = leftmost_arm(statement).get(f::SelectStmt::intoClause);
  if (!clause) return {};
  const int location = clause.get(f::IntoClause::rel).get(f::RangeVar::location);
  if (!makes_temporary(clause.get(f::IntoClause::rel)))
    return refuse(sqlstate::insufficient_privilege, "SELECT INTO is not allowed through Bulkhead: it is administration, not data",
                  allows_temporary() ? "SELECT … INTO TEMPORARY is; no configuration allows others."
                                     : "Connect to PostgreSQL directly for it; no configuration allows it.",
                  location);
  if (!allows_temporary())
    return refuse(sqlstate::insufficient_privilege, "SELECT INTO TEMPORARY is not allowed through Bulkhead",
                  "tenancy: { temporary_tables: allow } would allow it.", location);
  into_ = clause;
  return into(clause);
}

/// The names stand in the text one behind the other; the tree has no places of them.
Analysis::Status Analysis::drop_temporary(Node statement) {
  const bool if_exists = statement.get(f::DropStmt::missing_ok);
  std::size_t at = first_token() + 2;  // DROP TABLE
  if (if_exists) at += 2;
  for (const Node object : statement.get(f::DropStmt::objects)) {
    const auto names = strings(object.list());
    if (at >= clauses_.size()) return no_place(Node());
    if (names.size() == 1) {
      if (!validating()) edits.insert(clauses_[at].begin, std::string(kTemporarySchema) + ".");
      if (!if_exists && !without_temporary && !made_.contains(names[0]))
        without_temporary = make_error(sqlstate::undefined_table, "table \"" + std::string(names[0]) + "\" does not exist");
    }
    at += 2 * names.size();  // its parts, the dots between them, and the comma
    if (object != statement.get(f::DropStmt::objects).back() && !clauses_.symbol(at - 1, ",")) return no_place(Node());
  }
  effects_->loosens = true;
  return {};
}

Analysis::Status Analysis::index_temporary(Node statement) {
  const Node range_var = statement.get(f::IndexStmt::relation);
  const int location = range_var.get(f::RangeVar::location);
  ResolvedRelation relation;
  BULKHEAD_CHECK(resolve(range_var, relation, false));
  if (statement.get(f::IndexStmt::concurrent)) return not_for_temporary("CREATE INDEX CONCURRENTLY", location);
  if (!statement.get(f::IndexStmt::options).empty() || statement.get(f::IndexStmt::tableSpace).data())
    return not_for_temporary("WITH (…) or TABLESPACE", location);
  const auto including = statement.get(f::IndexStmt::indexIncludingParams);
  for (const auto elements : {statement.get(f::IndexStmt::indexParams), including}) {
    for (const Node element : elements) {
      if (!element.get(f::IndexElem::opclass).empty() || !element.get(f::IndexElem::opclassopts).empty())
        return not_for_temporary("an operator class", location);
      BULKHEAD_CHECK(kept_expression(element.get(f::IndexElem::expr), "index expression"));
    }
  }
  BULKHEAD_CHECK(kept_expression(statement.get(f::IndexStmt::whereClause), "index predicate"));
  return qualify(range_var, relation);
}

Analysis::Status Analysis::analyze_temporary(Node statement) {
  for (const Node each : statement.get(f::VacuumStmt::rels)) {
    const Node range_var = each.get(f::VacuumRelation::relation);
    ResolvedRelation relation;
    BULKHEAD_CHECK(resolve(range_var, relation, false));
    BULKHEAD_CHECK(qualify(range_var, relation));
  }
  return {};
}

}  // namespace bulkhead::rewrite
