#include "rewrite/verify_difference.h"

#include <algorithm>
#include <set>
#include <utility>

#include "rewrite/verify_names.h"
#include "rewrite/verify_pg_class.h"
#include "rewrite/verify_reads.h"

namespace bulkhead::rewrite::verifier {
namespace {

using ast::FieldClass;
using ast::FieldInfo;
using ast::Kind;
using ast::ListView;
using ast::Node;
namespace f = ast::f;

using Status = Result<void>;
using FieldNames = std::initializer_list<std::string_view>;

Status differ(Node near, std::string_view what) {
  return refused("the rewritten tree differs in a " + std::string(near.kind_name()) + ": " + std::string(what));
}

class Difference {
 public:
  Difference(const Subject& subject, Node new_statement) : subject_(subject), new_statement_(new_statement) {}

  Status nodes(Node old_node, Node new_node) {
    if (!old_node || !new_node) {
      if (!old_node && !new_node) return {};
      return differ(old_node ? old_node : new_node, "it is missing on one side");
    }
    if (old_node.is(Kind::TruncateStmt) && !new_node.is(Kind::TruncateStmt)) return truncate(old_node, new_node);
    if (old_node.kind() != new_node.kind()) return differ(new_node, "it is of another kind");
    if (old_node.is(Kind::List)) return lists(old_node.list(), new_node.list());
    if (old_node.is(Kind::RangeVar)) return range_var(old_node, new_node);
    if (old_node.is(Kind::LockingClause))  // names aliases, not relations: nothing to add
      return ast::equal(old_node, new_node) ? Status() : differ(new_node, "FOR UPDATE");
    if (old_node.is(Kind::MultiAssignRef)) {  // several share one source
      const auto source = f::MultiAssignRef::source;
      if (!sources_.insert({old_node.get(source).id(), new_node.get(source).id()}).second)
        return fields(old_node, new_node, {"source"});
      return fields(old_node, new_node, {});
    }
    if (old_node.is(Kind::JoinExpr)) {
      BULKHEAD_CHECK(condition(old_node.get(f::JoinExpr::quals), new_node.get(f::JoinExpr::quals), new_node));
      BULKHEAD_CHECK(from_item(old_node.get(f::JoinExpr::larg), new_node.get(f::JoinExpr::larg)));
      BULKHEAD_CHECK(from_item(old_node.get(f::JoinExpr::rarg), new_node.get(f::JoinExpr::rarg)));
      return fields(old_node, new_node, {"quals", "larg", "rarg"});
    }
    if (old_node.is(Kind::SelectStmt))
      return level(old_node, new_node, f::SelectStmt::whereClause, f::SelectStmt::fromClause);
    if (old_node.is(Kind::UpdateStmt))
      return level(old_node, new_node, f::UpdateStmt::whereClause, f::UpdateStmt::fromClause);
    if (old_node.is(Kind::DeleteStmt))
      return level(old_node, new_node, f::DeleteStmt::whereClause, f::DeleteStmt::usingClause);
    if (old_node.is(Kind::InsertStmt)) return insert(old_node, new_node);
    if (old_node.is(Kind::MergeStmt)) return merge(old_node, new_node);
    if (old_node.is(Kind::FuncCall) && !naming_function(old_node).empty()) return naming_call(old_node, new_node);
    if (old_node.is(Kind::OnConflictClause)) {
      const auto where = f::OnConflictClause::whereClause;
      BULKHEAD_CHECK(condition(old_node.get(where), new_node.get(where), new_node));
      return fields(old_node, new_node, {"whereClause"});
    }
    return fields(old_node, new_node, {});  // every other kind is the same on both sides
  }

  Injected injected;

 private:
  /// A query level: its WHERE, its FROM, and the rest but `except`.
  Status level(Node old_node, Node new_node, ast::Field<Node> where, ast::Field<ListView> from,
               std::string_view except = {}) {
    BULKHEAD_CHECK(condition(old_node.get(where), new_node.get(where), new_node));
    BULKHEAD_CHECK(from_list(old_node.get(from), new_node.get(from)));
    return fields(old_node, new_node, {"whereClause", "fromClause", "usingClause", except});
  }

  Status lists(ListView old_list, ListView new_list) {
    if (old_list.is_nil() != new_list.is_nil() || old_list.size() != new_list.size())
      return refused("the rewritten tree has a list of another length");
    for (std::size_t i = 0; i < old_list.size(); ++i) BULKHEAD_CHECK(nodes(old_list[i], new_list[i]));
    return {};
  }

  /// A call whose arguments are salted, and whose name has its schema; all else is the same.
  Status naming_call(Node old_call, Node new_call) {
    const std::string_view name = naming_function(old_call);
    const ListView old_arguments = old_call.get(f::FuncCall::args), new_arguments = new_call.get(f::FuncCall::args);
    if (naming_function(new_call) != name || new_call.get(f::FuncCall::funcname).size() != 2 ||
        old_arguments.empty() || old_arguments.size() != new_arguments.size())
      return differ(new_call, "another function or number of arguments");
    for (std::size_t i = 0; i < old_arguments.size(); ++i) {
      const Node part = salted_part(name, old_arguments.size(), i, new_arguments[i], subject_);
      if (!part) return differ(new_call, "an argument without the tenant's salt");
      BULKHEAD_CHECK(nodes(old_arguments[i], part));
    }
    return fields(old_call, new_call, {"funcname", "args"});
  }

  /// All fields but `except`, which the caller compares its own way.
  Status fields(Node old_node, Node new_node, FieldNames except) {
    for (const FieldInfo& field : ast::fields_of(old_node.kind()))
      if (std::find(except.begin(), except.end(), field.name) == except.end())
        BULKHEAD_CHECK(this->field(old_node, new_node, field));
    return {};
  }

  Status field(Node old_node, Node new_node, const FieldInfo& field) {
    const auto pointer = [&field](Node node) { return ast::detail::read<const void*>(node.id(), field.offset); };
    switch (field.field_class) {
      case FieldClass::node: return nodes(ast::Raw::node(pointer(old_node)), ast::Raw::node(pointer(new_node)));
      case FieldClass::list: return lists(ListView(pointer(old_node)), ListView(pointer(new_node)));
      case FieldClass::value: return nodes(ast::unread_value(old_node), ast::unread_value(new_node));
      case FieldClass::cstring: {
        const auto old_text = static_cast<const char*>(pointer(old_node));
        const auto new_text = static_cast<const char*>(pointer(new_node));
        if (old_text == nullptr || new_text == nullptr) {
          if (old_text == new_text) return {};
        } else if (std::string_view(old_text) == new_text) {
          return {};
        }
        return differ(new_node, field.name);
      }
      case FieldClass::integer:
      case FieldClass::int16:
      case FieldClass::int64:
      case FieldClass::boolean:
      case FieldClass::character:
      case FieldClass::oid:
      case FieldClass::bits:
      case FieldClass::enumeration:
        if (std::memcmp(static_cast<const char*>(old_node.id()) + field.offset,
                        static_cast<const char*>(new_node.id()) + field.offset, field.size) == 0)
          return {};
        return differ(new_node, field.name);
      case FieldClass::location: return {};
    }
    return differ(new_node, field.name);
  }

  Status range_var(Node old_node, Node new_node, std::string_view except = {}) {
    const std::string_view old_schema = old_node.get(f::RangeVar::schemaname);
    const std::string_view new_schema = new_node.get(f::RangeVar::schemaname);
    if (!old_schema.data() && new_schema.data()) {
      if (new_schema == "pg_temp") {
        if (!names_temporary(old_node.get(f::RangeVar::relname), subject_))
          return differ(new_node, "a name became a temporary table's");
        injected.qualified.insert(new_node.id());
        return fields(old_node, new_node, {"schemaname", except});
      }
      const policy::Relation* meant =
          subject_.catalogue.find_in_path(subject_.policy.tenancy.search_path, old_node.get(f::RangeVar::relname));
      if (!meant || meant->name.schema != new_schema) return differ(new_node, "the schema added is not the search path's");
      injected.qualified.insert(new_node.id());
      return fields(old_node, new_node, {"schemaname", except});
    }
    return fields(old_node, new_node, {except});
  }

  // Conditions.

  /// A predicate of the tenant's, or what the policy lets be read of a relation that the statement names.
  std::optional<Predicate> injected_as(Node node) {
    if (const auto predicate = as_predicate(node, subject_.tenant)) return predicate;
    if (!node.is(Kind::BoolExpr)) return std::nullopt;
    if (!reads_) reads_.emplace(new_statement_, subject_);
    return reads_->injected_as(node, subject_.tenant);
  }

  /// How many ANDs with leading predicates are nested in each other's last member. Injection adds exactly one.
  int wrapped(Node condition) {
    int depth = 0;
    while (condition.is(Kind::BoolExpr) && condition.get(f::BoolExpr::boolop) == ast::BoolExprType::AND_EXPR) {
      const ListView members = condition.get(f::BoolExpr::args);
      for (std::size_t i = 0; i + 1 < members.size(); ++i)
        if (!injected_as(members[i])) return depth;
      condition = members.back();
      ++depth;
    }
    return depth;
  }

  Status take_predicate(Node node, Node holder) {
    const auto predicate = injected_as(node);
    if (!predicate) return differ(holder, "a condition that is no predicate of the tenant's was added");
    injected.predicates[holder.id()].insert(*predicate);
    return {};
  }

  Status condition(Node old_condition, Node new_condition, Node holder) {
    if (!new_condition) return old_condition ? differ(holder, "its condition is gone") : Status();
    const bool conjunction =
        new_condition.is(Kind::BoolExpr) && new_condition.get(f::BoolExpr::boolop) == ast::BoolExprType::AND_EXPR;
    if (!old_condition) {
      if (!conjunction) return take_predicate(new_condition, holder);
      for (const Node member : new_condition.get(f::BoolExpr::args)) BULKHEAD_CHECK(take_predicate(member, holder));
      return {};
    }
    const int added = wrapped(new_condition) - wrapped(old_condition);
    if (added == 0) return nodes(old_condition, new_condition);
    if (added != 1) return differ(holder, "its condition has another form");
    const ListView members = new_condition.get(f::BoolExpr::args);
    for (std::size_t i = 0; i + 1 < members.size(); ++i) BULKHEAD_CHECK(take_predicate(members[i], holder));
    return nodes(old_condition, members.back());
  }

  // FROM.

  Status from_list(ListView old_items, ListView new_items) {
    if (old_items.size() != new_items.size()) return refused("FROM has another number of members");
    for (std::size_t i = 0; i < old_items.size(); ++i) BULKHEAD_CHECK(from_item(old_items[i], new_items[i]));
    return {};
  }

  Status from_item(Node old_item, Node new_item) {
    const bool relation = old_item.is(Kind::RangeVar) || old_item.is(Kind::RangeTableSample);
    if (relation && new_item.is(Kind::RangeSubselect)) return wrap(old_item, new_item);
    return nodes(old_item, new_item);
  }

  /// old_item: name AS alias (columns) [TABLESAMPLE …]; new_item: (SELECT * FROM schema.name [TABLESAMPLE …] WHERE
  /// predicate) AS alias (columns).
  Status wrap(Node old_item, Node new_item) {
    const bool sampled = old_item.is(Kind::RangeTableSample);
    const Node old_relation = sampled ? old_item.get(f::RangeTableSample::relation) : old_item;
    const Node select = new_item.get(f::RangeSubselect::subquery);
    if (new_item.get(f::RangeSubselect::lateral) || !select.is(Kind::SelectStmt) || !old_relation.is(Kind::RangeVar))
      return differ(new_item, "it is no wrap of a relation");
    if (!sampled && is_pg_class(old_relation)) return without_counts(old_relation, new_item, select);
    const ListView targets = select.get(f::SelectStmt::targetList), from = select.get(f::SelectStmt::fromClause);
    if (targets.size() != 1 || from.size() != 1 || !is_star(targets.front()) || 
        !nothing_but(select, {"targetList", "fromClause", "whereClause"}))
      return differ(new_item, "the wrap is more than SELECT * FROM … WHERE …");

    const Node new_member = from.front();
    if (sampled != new_member.is(Kind::RangeTableSample)) return differ(new_item, "TABLESAMPLE");
    if (sampled) BULKHEAD_CHECK(fields(old_item, new_member, {"relation"}));
    const Node new_relation = sampled ? new_member.get(f::RangeTableSample::relation) : new_member;
    if (!new_relation.is(Kind::RangeVar) || new_relation.get(f::RangeVar::alias))
      return differ(new_item, "the wrap is not of a relation by its name");
    BULKHEAD_CHECK(range_var(old_relation, new_relation, "alias"));

    const Node old_alias = old_relation.get(f::RangeVar::alias), new_alias = new_item.get(f::RangeSubselect::alias);
    if (new_alias.get(f::Alias::aliasname) != reference_name(old_relation) ||
        !ast::equal(old_alias.get(f::Alias::colnames), new_alias.get(f::Alias::colnames)))
      return differ(new_item, "the wrap has another alias");
    if (!select.get(f::SelectStmt::whereClause)) return differ(new_item, "the wrap has no predicate");
    return condition(Node(), select.get(f::SelectStmt::whereClause), select);
  }

  /// old_relation: pg_class AS alias; new_item: (SELECT columns and constants FROM pg_catalog.pg_class) AS alias.
  Status without_counts(Node old_relation, Node new_item, Node select) {
    const ListView from = select.get(f::SelectStmt::fromClause);
    if (!is_pg_class_without_counts(select) || !nothing_but(select, {"targetList", "fromClause"}) ||
        !nothing_but(from.front(), {"schemaname", "relname", "inh", "relpersistence"}))
      return differ(new_item, "it is more than pg_class without its counts");
    const Node old_alias = old_relation.get(f::RangeVar::alias), new_alias = new_item.get(f::RangeSubselect::alias);
    if (new_alias.get(f::Alias::aliasname) != reference_name(old_relation) ||
        !old_alias.get(f::Alias::colnames).is_nil() || !new_alias.get(f::Alias::colnames).is_nil())
      return differ(new_item, "pg_class has another alias");
    return {};
  }

  static bool is_star(Node target) {
    if (!target.is(Kind::ResTarget) || target.get(f::ResTarget::name).data() ||
        !target.get(f::ResTarget::indirection).is_nil())
      return false;
    const Node value = target.get(f::ResTarget::val);
    if (!value.is(Kind::ColumnRef)) return false;
    const ListView parts = value.get(f::ColumnRef::fields);
    return parts.size() == 1 && parts.front().is(Kind::A_Star);
  }

  /// Every field of the node but `except` is empty, zero or false.
  static bool nothing_but(Node node, FieldNames except) {
    for (const FieldInfo& field : ast::fields_of(node.kind())) {
      if (field.field_class == FieldClass::location ||
          std::find(except.begin(), except.end(), field.name) != except.end())
        continue;
      const auto bytes = static_cast<const unsigned char*>(node.id()) + field.offset;
      if (std::any_of(bytes, bytes + field.size, [](unsigned char byte) { return byte != 0; })) return false;
    }
    return true;
  }

  // TRUNCATE.

  /// TRUNCATE a, b, c became WITH … AS (DELETE FROM a WHERE predicate), … AS (DELETE FROM b WHERE predicate) DELETE FROM c
  /// WHERE predicate. The names of the members do not matter: nothing refers to them.
  Status truncate(Node old_node, Node new_node) {
    const ListView tables = old_node.get(f::TruncateStmt::relations);
    if (old_node.get(f::TruncateStmt::restart_seqs) ||
        old_node.get(f::TruncateStmt::behavior) != ast::DropBehavior::DROP_RESTRICT || tables.empty())
      return refused("TRUNCATE that does more than remove rows");
    if (!new_node.is(Kind::DeleteStmt)) return differ(new_node, "TRUNCATE became something else than a DELETE");
    const Node with = new_node.get(f::DeleteStmt::withClause);
    const ListView members = with.get(f::WithClause::ctes);
    if (members.size() + 1 != tables.size() || with.get(f::WithClause::recursive))
      return differ(new_node, "another number of tables");
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (!nothing_but(members[i], {"ctename", "ctequery"})) return differ(members[i], "it is more than a DELETE");
      BULKHEAD_CHECK(deletes(tables[i], members[i].get(f::CommonTableExpr::ctequery), {"relation", "whereClause"}));
    }
    return deletes(tables.back(), new_node, {"relation", "whereClause", "withClause"});
  }

  /// DELETE FROM table WHERE predicate, and nothing else.
  Status deletes(Node table, Node statement, FieldNames parts) {
    if (!statement.is(Kind::DeleteStmt) || !nothing_but(statement, parts)) return refused("TRUNCATE became more than a DELETE");
    const Node relation = statement.get(f::DeleteStmt::relation);
    if (!relation.is(Kind::RangeVar)) return refused("TRUNCATE became a DELETE of nothing");
    BULKHEAD_CHECK(range_var(table, relation));
    const Node where = statement.get(f::DeleteStmt::whereClause);
    return where ? condition(Node(), where, statement) : refused("TRUNCATE became a DELETE of everybody's rows");
  }

  // INSERT.

  struct Target {
    const policy::Relation& relation;
    const policy::Column& column;
    bool appended;         ///< the tenant column and its stamp were added at the end
    std::size_t position;  ///< of the tenant column in the list
  };

  Status insert(Node old_node, Node new_node) {
    const ListView old_columns = old_node.get(f::InsertStmt::cols), new_columns = new_node.get(f::InsertStmt::cols);
    const Node old_source = old_node.get(f::InsertStmt::selectStmt), new_source = new_node.get(f::InsertStmt::selectStmt);
    BULKHEAD_CHECK(fields(old_node, new_node, {"cols", "selectStmt"}));
    BULKHEAD_TRY(const Relation relation, relation_of(new_node.get(f::InsertStmt::relation), subject_));
    if (relation.access == Relation::Access::temporary) {
      BULKHEAD_CHECK(lists(old_columns, new_columns));
      return nodes(old_source, new_source);
    }
    if (relation.access != Relation::Access::tenant) return refused("INSERT into a relation that is not the tenant's");
    const policy::Column& column = *relation.column;
    if (!old_source) return default_values(new_columns, new_source, column);

    std::size_t position = 0;
    while (position < new_columns.size() && !names_column(new_columns[position], column.name)) ++position;
    const Target target{*relation.relation, column, width(new_source) == width(old_source) + 1, position};
    BULKHEAD_CHECK(columns(old_columns, new_columns, target));
    // Without a list the columns written are the relation's first ones, as many as there are values.
    if (old_columns.is_nil() && has_values(old_source) &&
        new_columns.size() - (target.appended ? 1 : 0) != std::min(width(old_source), relation.relation->columns.size()))
      return refused("the column list of INSERT has another length than the rows");
    return source(old_source, new_source, target);
  }

  static Node first_arm(Node source) {
    while (source.is(Kind::SelectStmt) && source.get(f::SelectStmt::op) != ast::SetOperation::SETOP_NONE)
      source = source.get(f::SelectStmt::larg);
    return source.is(Kind::SelectStmt) ? source : Node();
  }
  static bool has_values(Node source) { return !first_arm(source).get(f::SelectStmt::valuesLists).empty(); }
  /// Expressions in the first row of the first arm.
  static std::size_t width(Node source) {
    source = first_arm(source);
    if (!source) return 0;
    const ListView rows = source.get(f::SelectStmt::valuesLists);
    if (rows.empty()) return source.get(f::SelectStmt::targetList).size();
    return rows.front().is(Kind::List) ? rows.front().list().size() : 0;
  }

  static bool names_column(Node target, std::string_view name) {
    return target.is(Kind::ResTarget) && target.get(f::ResTarget::name) == name &&
           target.get(f::ResTarget::indirection).is_nil() && !target.get(f::ResTarget::val);
  }

  /// The old list, or the relation's first columns where there was none, and the tenant column if its stamp is appended.
  Status columns(ListView old_columns, ListView new_columns, const Target& target) {
    if (new_columns.is_nil()) return refused("INSERT without a column list");
    if (target.appended && !names_column(new_columns.back(), target.column.name))
      return refused("the column added to INSERT is not the tenant's");
    const std::size_t kept = new_columns.size() - (target.appended ? 1 : 0);
    if (old_columns.is_nil() ? kept > target.relation.columns.size() : kept != old_columns.size())
      return refused("the column list of INSERT has another length");
    for (std::size_t i = 0; i < kept; ++i) {
      if (!old_columns.is_nil()) {
        BULKHEAD_CHECK(nodes(old_columns[i], new_columns[i]));
      } else if (!names_column(new_columns[i], target.relation.columns[i].name)) {
        return refused("the column list of INSERT is not the catalogue's");
      }
    }
    return {};
  }

  Status default_values(ListView columns, Node source, const policy::Column& column) {
    if (columns.size() != 1 || !names_column(columns.front(), column.name) || !source.is(Kind::SelectStmt) ||
        !nothing_but(source, {"valuesLists"}))
      return refused("DEFAULT VALUES became more than one row of VALUES");
    const ListView rows = source.get(f::SelectStmt::valuesLists);
    if (rows.size() != 1 || !rows.front().is(Kind::List) || rows.front().list().size() != 1 ||
        !is_stamp(rows.front().list().front(), column, subject_.tenant))
      return refused("DEFAULT VALUES became another row");
    return {};
  }

  /// The rows of an INSERT, arm by arm.
  Status source(Node old_arm, Node new_arm, const Target& target) {
    if (!old_arm.is(Kind::SelectStmt) || !new_arm.is(Kind::SelectStmt)) return differ(new_arm, "source of INSERT");
    if (old_arm.get(f::SelectStmt::op) != ast::SetOperation::SETOP_NONE) {
      if (new_arm.get(f::SelectStmt::op) == ast::SetOperation::SETOP_NONE) return differ(new_arm, "op");
      BULKHEAD_CHECK(fields(old_arm, new_arm, {"larg", "rarg"}));
      BULKHEAD_CHECK(source(old_arm.get(f::SelectStmt::larg), new_arm.get(f::SelectStmt::larg), target));
      return source(old_arm.get(f::SelectStmt::rarg), new_arm.get(f::SelectStmt::rarg), target);
    }
    const ListView old_rows = old_arm.get(f::SelectStmt::valuesLists), new_rows = new_arm.get(f::SelectStmt::valuesLists);
    if (!old_rows.is_nil()) {
      if (old_rows.size() != new_rows.size()) return differ(new_arm, "the number of rows");
      for (std::size_t i = 0; i < old_rows.size(); ++i) {
        if (!old_rows[i].is(Kind::List) || !new_rows[i].is(Kind::List)) return differ(new_arm, "a row");
        BULKHEAD_CHECK(row(old_rows[i].list(), new_rows[i].list(), target));
      }
      return fields(old_arm, new_arm, {"valuesLists"});
    }
    const ListView old_targets = old_arm.get(f::SelectStmt::targetList), new_targets = new_arm.get(f::SelectStmt::targetList);
    if (new_targets.size() != old_targets.size() + (target.appended ? 1 : 0)) return differ(new_arm, "the number of targets");
    for (std::size_t i = 0; i < old_targets.size(); ++i) BULKHEAD_CHECK(nodes(old_targets[i], new_targets[i]));
    if (target.appended) {
      const Node added = new_targets.back();
      if (!added.is(Kind::ResTarget) || added.get(f::ResTarget::name).data() ||
          !added.get(f::ResTarget::indirection).is_nil() ||
          !is_stamp(added.get(f::ResTarget::val), target.column, subject_.tenant))
        return differ(new_arm, "the added target is not the stamp");
    }
    return level(old_arm, new_arm, f::SelectStmt::whereClause, f::SelectStmt::fromClause, "targetList");
  }

  Status row(ListView old_row, ListView new_row, const Target& target) {
    if (new_row.size() != old_row.size() + (target.appended ? 1 : 0)) return refused("a row of VALUES has another length");
    for (std::size_t i = 0; i < old_row.size(); ++i) {
      const bool default_stamped = i == target.position && old_row[i].is(Kind::SetToDefault) &&
                                   is_stamp(new_row[i], target.column, subject_.tenant);
      if (!default_stamped) BULKHEAD_CHECK(nodes(old_row[i], new_row[i]));
    }
    if (target.appended && !is_stamp(new_row.back(), target.column, subject_.tenant))
      return refused("the value added to a row of VALUES is not the stamp");
    return {};
  }

  // MERGE.

  Status merge(Node old_node, Node new_node) {
    const auto on = f::MergeStmt::joinCondition;
    BULKHEAD_CHECK(condition(old_node.get(on), new_node.get(on), new_node));
    BULKHEAD_CHECK(from_item(old_node.get(f::MergeStmt::sourceRelation), new_node.get(f::MergeStmt::sourceRelation)));
    BULKHEAD_CHECK(fields(old_node, new_node, {"joinCondition", "sourceRelation", "mergeWhenClauses"}));
    BULKHEAD_TRY(const Relation relation, relation_of(new_node.get(f::MergeStmt::relation), subject_));
    const ListView old_arms = old_node.get(f::MergeStmt::mergeWhenClauses);
    const ListView new_arms = new_node.get(f::MergeStmt::mergeWhenClauses);
    if (relation.access == Relation::Access::temporary) return lists(old_arms, new_arms);
    if (relation.access != Relation::Access::tenant) return refused("MERGE into a relation that is not the tenant's");
    if (old_arms.size() != new_arms.size()) return differ(new_node, "the number of WHEN clauses");
    for (std::size_t i = 0; i < old_arms.size(); ++i) {
      const bool inserts = old_arms[i].get(f::MergeWhenClause::commandType) == ast::CmdType::CMD_INSERT;
      BULKHEAD_CHECK(inserts ? merge_insert(old_arms[i], new_arms[i], relation) : nodes(old_arms[i], new_arms[i]));
    }
    return {};
  }

  Status merge_insert(Node old_arm, Node new_arm, const Relation& relation) {
    BULKHEAD_CHECK(fields(old_arm, new_arm, {"targetList", "values"}));
    const ListView old_columns = old_arm.get(f::MergeWhenClause::targetList), old_values = old_arm.get(f::MergeWhenClause::values);
    const ListView new_columns = new_arm.get(f::MergeWhenClause::targetList), new_values = new_arm.get(f::MergeWhenClause::values);
    const policy::Column& column = *relation.column;
    if (old_values.is_nil()) {
      const bool stamped = old_columns.is_nil() && new_columns.size() == 1 && names_column(new_columns.front(), column.name) &&
                           new_values.size() == 1 && is_stamp(new_values.front(), column, subject_.tenant);
      return stamped ? Status() : differ(new_arm, "DEFAULT VALUES became another row");
    }
    std::size_t position = 0;
    while (position < new_columns.size() && !names_column(new_columns[position], column.name)) ++position;
    const Target target{*relation.relation, column, new_values.size() == old_values.size() + 1, position};
    BULKHEAD_CHECK(columns(old_columns, new_columns, target));
    if (old_columns.is_nil() && new_columns.size() - (target.appended ? 1 : 0) !=
                                    std::min(old_values.size(), relation.relation->columns.size()))
      return differ(new_arm, "the column list has another length than the row");
    return row(old_values, new_values, target);
  }

  const Subject& subject_;
  Node new_statement_;
  std::optional<WiderReads> reads_;  ///< looked for when there is a condition they could be
  std::set<std::pair<const void*, const void*>> sources_;
};

}  // namespace

Result<Injected> difference(Node old_statement, Node new_statement, const Subject& subject) {
  if (old_statement == new_statement) return Injected{};
  Difference comparison(subject, new_statement);
  BULKHEAD_CHECK(comparison.nodes(old_statement, new_statement));
  return std::move(comparison.injected);
}

}  // namespace bulkhead::rewrite::verifier
