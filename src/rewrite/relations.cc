#include "rewrite/relations.h"

#include <algorithm>
#include <array>

#include "rewrite/lineage.h"
#include "rewrite/splice.h"
#include "rewrite/system_relations.h"

namespace bulkhead::rewrite {
namespace {

using policy::Relation;
using policy::RelationKind;

RefusedRelation refuse(SqlState state, std::string message, std::string hint = {}) {
  return {make_error(state, std::move(message), std::move(hint)), false};
}

std::string quoted(std::string_view name) { return '"' + std::string(name) + '"'; }

/// pg_temp.NAME: only what a client has made there itself.
std::optional<RefusedRelation> temporary_relation(const WrittenName& written, const Subject& subject, ResolvedRelation& out) {
  if (subject.policy.tenancy.temporary_tables == policy::TemporaryTables::refuse)
    return refuse(sqlstate::insufficient_privilege, "schema " + quoted(kTemporarySchema) + " is not accessible through Bulkhead",
                  "tenancy: { temporary_tables: allow } would allow it.");
  if (written.name.starts_with("pg_") || written.name == kCopyTable)
    return refuse(sqlstate::insufficient_privilege,
                  "no temporary table can be called " + quoted(written.name) + " through Bulkhead", "Choose another name.");
  out = {};
  out.access = RelationClass::temporary;
  return std::nullopt;
}

std::optional<RefusedRelation> system_relation(SystemRelation decision, const WrittenName& written,
                                               std::string_view schema, ResolvedRelation& out) {
  switch (decision) {
    case SystemRelation::readable:
      out = {};
      if (schema == "pg_catalog") out.system_name = written.name;
      return std::nullopt;
    case SystemRelation::refused:
      return refuse(sqlstate::insufficient_privilege,
                    "relation " + quoted(std::string(schema) + "." + std::string(written.name)) +
                        " cannot be read through Bulkhead: it shows the state or the data of every organisation",
                    "No configuration allows it.");
    case SystemRelation::unknown:
      return not_found(written);
  }
  return not_found(written);
}

bool listed(const Relation& relation, const Subject& subject) { return subject.policy.tables.contains(relation.name); }

/// Kinds that can only be read safely when somebody who knows them has said so. Empty: this one can.
std::string_view needs_listing(const Relation& relation) {
  switch (relation.kind) {
    case RelationKind::table:
    case RelationKind::partitioned:
      return {};
    case RelationKind::view:
      return relation.security_invoker ? "a view, whose conditions Bulkhead does not see"
                                       : "a view that reads with its owner's rights";
    case RelationKind::materialised_view:
      return "a materialised view, a copy that row-level security does not cover";
    case RelationKind::foreign_table:
      return "a foreign table, which row-level security does not cover";
    case RelationKind::sequence:
      return "a sequence, which counts for every organisation";
    case RelationKind::composite:
      return "a type";
  }
  return "of an unknown kind";
}

std::optional<RefusedRelation> wider_read(const Claim& claim, ResolvedRelation& out) {
  const auto cannot = [&](const std::string& why) {
    return refuse(sqlstate::feature_not_supported, "which rows of relation " + quoted(out.relation->name.text()) +
                                                       " may be read is not known: " + why,
                  "tables: { " + claim.of->name.text() + ": { read: … } } says it; bulkhead check finds what is wrong with it.");
  };
  auto expression = ReadExpression::parse(claim.read, out.tenant_column->name);
  if (!expression) return cannot(expression.error().message);
  if (const auto fault = expression->fault_for(*out.relation); !fault.empty()) return cannot(fault);
  out.read = std::make_shared<const ReadExpression>(std::move(*expression));
  return std::nullopt;
}

/// Why the tenant's predicate may not stand alone on the relation.
std::optional<RefusedRelation> require_row_security(const Relation& relation, const Claim& claim) {
  if (relation.row_security || claim.without_row_security == policy::WithoutRowSecurity::accept) return std::nullopt;
  const std::string name = relation.name.text();
  const bool table = relation.kind == RelationKind::table || relation.kind == RelationKind::partitioned;
  return RefusedRelation{
      make_error(sqlstate::insufficient_privilege,
                 "no row-level security policy confines the server login on relation " + quoted(name) +
                     ": a hostile condition could look at other organisations' rows",
                 std::string(table ? "Give it one (docs/policy.md shows how), and FORCE it where the login owns the table; or, where "
                                   : "PostgreSQL has policies for tables only. Where ") +
                     "clients are trusted not to try, tables: { " + name + ": { without_row_security: accept } } allows it."),
      table};
}

std::optional<RefusedRelation> classify(const Relation& relation, const Subject& subject, ResolvedRelation& out) {
  const std::string name = relation.name.text();
  const std::string line = "tables: { " + name + ": … } says what it is.";
  if (relation.kind == RelationKind::sequence || relation.kind == RelationKind::composite)
    return refuse(sqlstate::insufficient_privilege,
                  "relation " + quoted(name) + " is " + std::string(needs_listing(relation)), "No configuration allows it.");
  Lineage lineage(subject.policy, subject.catalogue);
  if (const auto contradiction = lineage.contradiction(relation))
    return refuse(sqlstate::insufficient_privilege, contradiction->message,
                  contradiction->lines + " A row of a child is read through its parents, too.");
  const Claim claim = lineage.claim(relation);
  if (claim.kind == Claim::Kind::none)
    return refuse(sqlstate::insufficient_privilege, "relation " + quoted(name) + " is not accessible",
                  "tables: { " + name + ": { access: none } } says so.");
  if (const auto why = needs_listing(relation); !why.empty() && !listed(relation, subject))
    return refuse(sqlstate::insufficient_privilege, "relation " + quoted(name) + " is " + std::string(why),
                  relation.kind == RelationKind::view
                      ? "tables: { " + name + ": { access: tenant } } would allow it: only if each of its rows is made of rows of "
                        "the one organisation that its tenant column names."
                      : line);
  if (claim.kind == Claim::Kind::shared) {
    out = {RelationClass::shared, &relation, nullptr, {}, column_limit(subject, relation), nullptr};
    return std::nullopt;
  }
  const std::string_view wanted = claim.kind == Claim::Kind::tenant ? claim.column : std::string_view(subject.policy.tenancy.column);
  const policy::Column* column = relation.find_column(wanted);
  if (!column) {
    return refuse(sqlstate::insufficient_privilege,
                  "relation " + quoted(name) + " has no tenant column " + quoted(wanted) + " and is not listed as shared",
                  "tables: { " + name + ": { access: shared } } makes it readable for every organisation.");
  }
  if (!tenant_constant(*column, subject.tenant, true))
    return refuse(sqlstate::feature_not_supported,
                  "tenant column " + quoted(column->name) + " of relation " + quoted(name) + " has the type " +
                      column->type_schema + "." + column->type_name + ", which Bulkhead cannot compare safely",
                  "Use an integer, uuid, text or varchar column.");
  if (auto refused = require_row_security(relation, claim)) return refused;
  out = {RelationClass::tenant, &relation, column, {}, column_limit(subject, relation), nullptr};
  return claim.read.empty() ? std::nullopt : wider_read(claim, out);
}

bool narrower_ancestors_allow(const policy::Role& role, const Relation& relation, const Subject& subject,
                              policy::Action action, int depth = 0) {
  if (depth > 32) return false;
  for (const auto& parent_name : relation.parents) {
    if (const auto narrower = role.tables.find(parent_name);
        narrower != role.tables.end() && !narrower->second.allow.contains(action))
      return false;
    const Relation* parent = subject.catalogue.find(parent_name.schema, parent_name.name);
    if (parent && !narrower_ancestors_allow(role, *parent, subject, action, depth + 1)) return false;
  }
  return true;
}

}  // namespace

RefusedRelation not_found(const WrittenName& written) {
  std::string name(written.name);
  if (!written.schema.empty()) name = std::string(written.schema) + "." + name;
  return {make_error(sqlstate::undefined_table, "relation " + quoted(name) + " does not exist"), true};
}

bool may_be_temporary(std::string_view name, const Subject& subject) {
  return !name.starts_with("pg_") && name != kCopyTable &&
         !subject.catalogue.find_in_path(subject.policy.tenancy.search_path, name);
}

std::optional<RefusedRelation> resolve_relation(const WrittenName& written, const Subject& subject,
                                                ResolvedRelation& out) {
  if (!written.database.empty())
    return refuse(sqlstate::feature_not_supported,
                  "relation names with a database are not supported through Bulkhead: " +
                      quoted(std::string(written.database) + "." + std::string(written.schema) + "." +
                             std::string(written.name)),
                  "Leave the database out.");
  if (written.schema == "pg_catalog")
    return system_relation(pg_catalog_relation(written.name), written, "pg_catalog", out);
  if (written.schema == "information_schema")
    return system_relation(information_schema_relation(written.name), written, "information_schema", out);
  if (written.schema == kTemporarySchema) return temporary_relation(written, subject, out);
  if (written.schema.starts_with("pg_"))
    return refuse(sqlstate::insufficient_privilege,
                  "schema " + quoted(written.schema) + " is not accessible through Bulkhead", "No configuration allows it.");
  const Relation* relation = nullptr;
  if (!written.schema.empty()) {
    relation = subject.catalogue.find(written.schema, written.name);
  } else {
    // pg_catalog comes before the search path. Its relations, also those of newer versions, begin with pg_.
    if (written.name.starts_with("pg_"))
      return system_relation(pg_catalog_relation(written.name), written, "pg_catalog", out);
    relation = subject.catalogue.find_in_path(subject.policy.tenancy.search_path, written.name);
  }
  // In mode validate nothing is changed: a name without its schema would become a table's that is made later.
  if (!relation && written.schema.empty() && subject.policy.tenancy.mode != policy::Mode::validate &&
      subject.policy.tenancy.temporary_tables == policy::TemporaryTables::allow && may_be_temporary(written.name, subject))
    return temporary_relation(written, subject, out);
  if (!relation) return not_found(written);
  return classify(*relation, subject, out);
}

std::optional<std::string> tenant_constant(const policy::Column& column, const policy::Tenant& tenant, bool compared) {
  constexpr std::array<std::string_view, 5> kPlain{"int2", "int4", "int8", "uuid", "numeric"};
  constexpr std::array<std::string_view, 3> kText{"text", "varchar", "bpchar"};
  if (column.type_schema != "pg_catalog") return std::nullopt;
  const bool plain = std::find(kPlain.begin(), kPlain.end(), column.type_name) != kPlain.end();
  const bool text = std::find(kText.begin(), kText.end(), column.type_name) != kText.end();
  if (!plain && !text) return std::nullopt;
  std::string constant = quote_literal(tenant.org) + "::pg_catalog." + column.type_name;
  if (text && compared) constant += " COLLATE \"C\"";
  return constant;
}

std::shared_ptr<const ColumnLimit> column_limit(const Subject& subject, const policy::Relation& relation) {
  if (!subject.role) return nullptr;
  std::shared_ptr<ColumnLimit> limit;
  std::set<policy::QualifiedName> seen;
  std::vector<const Relation*> open{&relation};
  while (!open.empty()) {
    const Relation* next = open.back();
    open.pop_back();
    if (!seen.insert(next->name).second) continue;
    if (const auto line = subject.role->tables.find(next->name);
        line != subject.role->tables.end() && !line->second.columns.empty()) {
      if (!limit) limit = std::make_shared<ColumnLimit>(line->second.columns);
      std::erase_if(*limit, [&](const std::string& column) { return !line->second.columns.contains(column); });
    }
    for (const auto& name : next->parents)
      if (const Relation* parent = subject.catalogue.find(name.schema, name.name)) open.push_back(parent);
  }
  return limit;
}

bool role_allows(const Subject& subject, const policy::Relation& relation, policy::Action action) {
  const policy::Role* role = subject.role;
  if (!role) return action != policy::Action::ddl;
  const auto narrower = role->tables.find(relation.name);
  if (!(narrower != role->tables.end() ? narrower->second.allow : role->allow).contains(action)) return false;
  return narrower_ancestors_allow(*role, relation, subject, action);
}

}  // namespace bulkhead::rewrite
