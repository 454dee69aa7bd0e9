#pragma once

// What a relation's name means for one session: which relation it is, and what may be done with it.

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "rewrite/read_expression.h"
#include "rewrite/rewriter.h"

namespace bulkhead::rewrite {

/// A relation as a statement writes it; empty parts were not written.
struct WrittenName {
  std::string_view database;
  std::string_view schema;
  std::string_view name;
};

enum class RelationClass {
  tenant,  ///< protected
  shared,  ///< read only
  system,  ///< pg_catalog or information_schema: read only
  temporary,  ///< a temporary table of the client's own: nobody else sees it, and no catalogue has its columns
};

/// The columns of a relation that a role may name.
using ColumnLimit = std::set<std::string>;

/// A relation a statement may name. Views into catalogue and policy.
struct ResolvedRelation {
  RelationClass access = RelationClass::system;
  const policy::Relation* relation = nullptr;  ///< null for system and temporary relations
  const policy::Column* tenant_column = nullptr;  ///< of protected relations
  std::string_view system_name;                ///< of pg_catalog; empty otherwise
  std::shared_ptr<const ColumnLimit> limit;    ///< null: the session's role may name every column
  std::shared_ptr<const ReadExpression> read;  ///< of protected relations: what may be read; null: the tenant's own rows

  bool is_tenant() const { return access == RelationClass::tenant; }
  bool is_temporary() const { return access == RelationClass::temporary; }
  /// Whatever is read of it is the tenant's own.
  bool gives_own_rows() const { return is_tenant() && !read; }
};

/// Why a name was refused.
struct RefusedRelation {
  Error error;
  bool perhaps_stale = false;  ///< not in the catalogue, or not as it may be by now: one read anew may know better
};

/// `out` or the refusal. CTE names have been looked up before.
std::optional<RefusedRelation> resolve_relation(const WrittenName& written, const Subject& subject,
                                                ResolvedRelation& out);

/// Where PostgreSQL looks for a session's temporary tables, whatever the schema is really called.
inline constexpr std::string_view kTemporarySchema = "pg_temp";
/// A client may give this name to a temporary table: it is neither a relation's of the search path, whose place it would take
/// without Bulkhead and not with it, nor the system's, nor Bulkhead's own.
bool may_be_temporary(std::string_view name, const Subject& subject);
/// "relation … does not exist", as PostgreSQL says it.
RefusedRelation not_found(const WrittenName& written);

/// The tenant's constant in SQL, typed as the column: '1'::pg_catalog.int8. For a comparison text-like types get
/// COLLATE "C", so that no nondeterministic collation can equate two organisations. Nothing for a type whose equality
/// Bulkhead does not know.
std::optional<std::string> tenant_constant(const policy::Column& column, const policy::Tenant& tenant, bool compared);

/// May the session's role do this to the relation? What a role may do to a table binds it for its partitions and
/// children, too.
bool role_allows(const Subject& subject, const policy::Relation& relation, policy::Action action);

/// The columns the session's role may name: those that the lines for the relation and its ancestors have in common. Null if
/// none of them lists columns.
std::shared_ptr<const ColumnLimit> column_limit(const Subject& subject, const policy::Relation& relation);

}  // namespace bulkhead::rewrite
