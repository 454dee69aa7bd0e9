#include <set>

#include "rewrite/analysis.h"

namespace bulkhead::rewrite {

using ast::Node;
namespace f = ast::f;

namespace {

const char* verb(policy::Action action) {
  switch (action) {
    case policy::Action::select: return "select";
    case policy::Action::insert: return "insert";
    case policy::Action::update: return "update";
    case policy::Action::delete_: return "delete";
    case policy::Action::copy: return "copy";
    case policy::Action::truncate: return "truncate";
    case policy::Action::explain: return "explain";
    case policy::Action::ddl: return "ddl";
  }
  return "do this";
}

/// The narrower lines for the relation and its ancestors that lack the action.
void collect_narrower(policy::Action action, const policy::Role& role, const policy::Relation& relation,
                      const Subject& subject, std::set<policy::QualifiedName>& seen, std::string& out) {
  if (!seen.insert(relation.name).second) return;
  if (const auto line = role.tables.find(relation.name); line != role.tables.end() && !line->second.allow.contains(action))
    out += (out.empty() ? "" : ", ") + relation.name.text() + ": […, " + verb(action) + "]";
  for (const auto& name : relation.parents)
    if (const auto* parent = subject.catalogue.find(name.schema, name.name))
      collect_narrower(action, role, *parent, subject, seen, out);
}

/// What to add to the role. Its `allow` comes first: a table's line can only narrow it.
std::string lines_that_lack(policy::Action action, const policy::Role& role, const policy::Relation& relation,
                            const Subject& subject) {
  std::set<policy::QualifiedName> seen;
  std::string tables;
  collect_narrower(action, role, relation, subject, seen, tables);
  std::string lines;
  if (!role.allow.contains(action)) lines = std::string("allow: […, ") + verb(action) + "]";
  if (!tables.empty()) lines += (lines.empty() ? "tables: { " : ", tables: { ") + tables + " }";
  return "roles: { " + role.name + ": { " + lines + " } } would allow it.";
}

}  // namespace

Error Analysis::refuse(SqlState state, std::string message, std::string hint, int location) const {
  Error error = make_error(state, std::move(message), std::move(hint));
  if (location >= 0) error.position = character_position(sql_, static_cast<std::size_t>(location));
  return error;
}

Error Analysis::no_place(Node near) const {
  return refuse(sqlstate::feature_not_supported, "this form of statement cannot be confined to the organisation yet",
                "Write the statement in a simpler form.", near ? ast::leftmost(near) : -1);
}

std::string_view Analysis::alias_of(Node range_var) {
  const Node alias = range_var.get(f::RangeVar::alias);
  return alias ? alias.get(f::Alias::aliasname) : range_var.get(f::RangeVar::relname);
}

Source Analysis::target_source(std::string_view alias, Node range_var, const ResolvedRelation& relation) {
  Source source;
  source.alias = alias;
  source.relation = relation;
  source.is_relation = true;
  if (relation.relation && !role_allows(subject_, *relation.relation, policy::Action::select)) {
    if (const auto denied = require(range_var, relation, policy::Action::select); !denied) without_select_ = denied.error();
    source.relation.limit = std::make_shared<const ColumnLimit>();
  }
  return source;
}

Analysis::Status Analysis::resolve(Node range_var, ResolvedRelation& out, bool placed) {
  const WrittenName written{range_var.get(f::RangeVar::catalogname), range_var.get(f::RangeVar::schemaname),
                            range_var.get(f::RangeVar::relname)};
  const auto positioned = [&](Error error) {
    const int location = range_var.get(f::RangeVar::location);
    if (location >= 0 && (placed || error.state != sqlstate::undefined_table)) error.position = character_position(sql_, static_cast<std::size_t>(location));
    return error;
  };
  const auto known = written.database.empty() ? resolved_.find({written.schema, written.name}) : resolved_.end();
  if (known != resolved_.end()) {
    out = known->second;
  } else {
    if (auto refused = resolve_relation(written, subject_, out)) {
      perhaps_stale = refused->perhaps_stale;
      return positioned(std::move(refused->error));
    }
    resolved_[{written.schema, written.name}] = out;
  }
  if (out.system_name == "pg_class") {
    reads_pg_class_ = true;
    pg_classes_.push_back(range_var);
  }
  if (!out.is_temporary() || made_.contains(written.name)) return {};
  if (!first_temporary_) first_temporary_ = positioned(not_found(written).error);
  if (written.schema.empty() && !without_temporary) {
    without_temporary = first_temporary_;
    notes.push_back("the catalogue has no " + std::string(written.name) + ": it is taken for a temporary table of the client's own");
  }
  return {};
}

Analysis::Status Analysis::require(Node range_var, const ResolvedRelation& relation, policy::Action action) {
  if ((copies_ || action == policy::Action::copy) && relation.limit)
    return column_denied("COPY names columns that this role may not use", range_var.get(f::RangeVar::location));
  if (copies_ && action != policy::Action::copy) BULKHEAD_CHECK(require(range_var, relation, policy::Action::copy));
  if (explains_ && action != policy::Action::explain) BULKHEAD_CHECK(require(range_var, relation, policy::Action::explain));
  if (!relation.relation || role_allows(subject_, *relation.relation, action)) return {};
  const std::string name = relation.relation->name.text();
  return refuse(sqlstate::insufficient_privilege, "permission denied for relation \"" + name + "\"",
                subject_.role ? lines_that_lack(action, *subject_.role, *relation.relation, subject_) : std::string(),
                range_var.get(f::RangeVar::location));
}

Analysis::Status Analysis::resolve_target(Node range_var, policy::Action action, ResolvedRelation& out, bool placed) {
  BULKHEAD_CHECK(resolve(range_var, out, placed));
  const int location = range_var.get(f::RangeVar::location);
  if (out.access == RelationClass::system)
    return refuse(sqlstate::insufficient_privilege, "the system catalogue cannot be written through Bulkhead",
                  "No configuration allows it.", location);
  if (out.is_temporary()) return require(range_var, out, action);
  const std::string name = out.relation->name.text();
  if (out.access == RelationClass::shared)
    return refuse(sqlstate::insufficient_privilege, "relation \"" + name + "\" is shared and cannot be written",
                  "tables: { " + name + ": { access: shared } } says so; a table that tenants write to needs a tenant column.", location);
  return require(range_var, out, action);
}

Clauses::Relation Analysis::tokens_of(Node range_var) const {
  const int parts = range_var.get(f::RangeVar::catalogname).data()  ? 3
                    : range_var.get(f::RangeVar::schemaname).data() ? 2
                                                                    : 1;
  const Node alias = range_var.get(f::RangeVar::alias);
  return clauses_.relation(range_var.get(f::RangeVar::location), parts, static_cast<bool>(alias),
                           !alias.get(f::Alias::colnames).empty());
}

Analysis::Status Analysis::qualify(Node range_var, const ResolvedRelation& relation) {
  if (validating() || range_var.get(f::RangeVar::schemaname).data()) return {};
  const std::size_t name = clauses_.at(range_var.get(f::RangeVar::location));
  if (name == Clauses::npos) return no_place(range_var);
  edits.insert(clauses_[name].begin, (relation.is_temporary() ? std::string(kTemporarySchema)
                                                              : quote_name(relation.relation->name.schema)) + ".");
  return {};
}

std::string Analysis::predicate(std::string_view alias, const ResolvedRelation& relation) const {
  return quote_name(alias) + "." + quote_name(relation.tenant_column->name) + " OPERATOR(pg_catalog.=) " +
         *tenant_constant(*relation.tenant_column, subject_.tenant, true);
}

std::string Analysis::read_predicate(std::string_view alias, const ResolvedRelation& relation) const {
  if (!relation.read) return predicate(alias, relation);
  return relation.read->condition(alias, *tenant_constant(*relation.tenant_column, subject_.tenant, true));
}

std::string Analysis::predicate(const Pending& pending) const {
  const std::string_view alias = alias_of(pending.range_var);
  return pending.locked ? predicate(alias, pending.relation) : read_predicate(alias, pending.relation);
}

std::string Analysis::confined(const Pending& pending) {
  return pending.relation.relation->name.text() + (pending.relation.read && !pending.locked ? " (read wider)" : "");
}

}  // namespace bulkhead::rewrite
