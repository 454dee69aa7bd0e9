#pragma once

// What one server's database holds, as far as judging a statement needs to know: an immutable snapshot with an epoch,
// shared as shared_ptr<const Catalogue>. Built by a CatalogueBuilder from the rows of the queries below (pool runs them
// on a control connection) or from a file (`bulkhead rewrite --catalog`). Any thread may read.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "policy/model.h"

namespace bulkhead::policy {

/// pg_class.relkind, as far as a statement can name one.
enum class RelationKind : char {
  table = 'r',
  partitioned = 'p',
  view = 'v',
  materialised_view = 'm',
  foreign_table = 'f',
  sequence = 'S',
  composite = 'c',
};

struct Column {
  std::string name;
  std::string type_schema;  ///< of the type, domains resolved to their base type: "pg_catalog"
  std::string type_name;    ///< pg_type.typname of it: "int8", "text", "uuid"
  bool generated = false;   ///< GENERATED ALWAYS AS (…) STORED: cannot be written
  bool identity_always = false;
  bool nondeterministic = false;  ///< its collation is: = holds of texts that differ
  bool operator==(const Column&) const = default;
};

struct Relation {
  QualifiedName name;
  RelationKind kind = RelationKind::table;
  bool security_invoker = false;  ///< of a view (PostgreSQL 15+)
  /// PostgreSQL evaluates row-level security policies on it for the server login (row_security_active).
  bool row_security = false;
  /// The server login has USAGE on its schema: else PostgreSQL passes it over when it looks a name up in search_path.
  bool reachable = true;
  std::vector<Column> columns;    ///< in attnum order, dropped ones left out
  std::vector<QualifiedName> parents;  ///< pg_inherits: partition or inheritance parents
  std::vector<QualifiedName> children;         ///< those that have it among their parents
  std::vector<std::uint16_t> columns_by_name;  ///< places in `columns`, in the order of the names

  const Column* find_column(std::string_view name) const;
  bool operator==(const Relation&) const = default;
};

/// One function name of the database outside pg_catalog and information_schema.
struct Function {
  QualifiedName name;
  bool security_definer = false;
};

class Catalogue {
 public:
  /// Differs for every snapshot a process builds; part of every cache key.
  std::uint64_t epoch() const { return epoch_; }
  int server_version_num() const { return server_version_num_; }
  /// Null if there is no such relation. The pointer lives as long as the catalogue.
  const Relation* find(std::string_view schema, std::string_view name) const;
  /// The first reachable relation of that name along `search_path`; null if there is none.
  const Relation* find_in_path(const std::vector<std::string>& search_path, std::string_view name) const;
  /// Whether that schema, other than pg_catalog and information_schema, has a function, procedure or aggregate so named.
  bool has_function(std::string_view schema, std::string_view name) const;
  /// Whether all of that name in that schema came with extensions, and there is one.
  bool has_extension_function(std::string_view schema, std::string_view name) const;
  /// Whether that schema, other than those two, has an operator so named that no extension brought along.
  bool has_operator(std::string_view schema, std::string_view symbol) const;
  /// Whether all operators of that name in that schema came with extensions, and there is one.
  bool has_extension_operator(std::string_view schema, std::string_view symbol) const;
  /// The types whose code runs when a value becomes or stops being of that type: a domain with a CHECK, a type with a cast
  /// or input function of the database's own; the type itself or parts of it. Null if there is none.
  const std::set<QualifiedName>* code_of_type(std::string_view schema, std::string_view name) const;
  /// A type that did not come with PostgreSQL, by its OID. Null if there is none, and for those of temporary tables.
  const QualifiedName* type_of(std::uint32_t oid) const;
  const std::map<QualifiedName, Relation>& relations() const { return relations_; }
  /// Nothing a statement can see differs: judgements under one hold under the other.
  bool same_content(const Catalogue& other) const {
    return server_version_num_ == other.server_version_num_ && relations_ == other.relations_ &&
           functions_ == other.functions_ && types_ == other.types_ && operators_ == other.operators_ &&
           type_oids_ == other.type_oids_;
  }

 private:
  friend class CatalogueBuilder;
  std::uint64_t epoch_ = 0;
  int server_version_num_ = 0;
  std::map<QualifiedName, Relation> relations_;
  std::map<QualifiedName, bool> functions_;  ///< true: an extension's
  std::map<QualifiedName, std::set<QualifiedName>> types_;
  std::map<QualifiedName, bool> operators_;  ///< true: an extension's
  std::map<std::uint32_t, QualifiedName> type_oids_;
};

/// OIDs below are given out at initdb (FirstNormalObjectId, access/transam.h): types that came with PostgreSQL.
inline constexpr std::uint32_t kFirstNormalObjectId = 16384;

/// The queries of the control connection, fully qualified so that no search_path matters, and what to do with their rows.
/// Run them in one REPEATABLE READ transaction: a row about a relation the snapshot does not have is an error.
enum class CatalogueQuery { version, relations, columns, inheritance, functions, types, operators, type_oids };
inline constexpr std::array kCatalogueQueries{CatalogueQuery::version, CatalogueQuery::relations,
                                              CatalogueQuery::columns, CatalogueQuery::inheritance,
                                              CatalogueQuery::functions, CatalogueQuery::types,
                                              CatalogueQuery::operators, CatalogueQuery::type_oids};
const char* sql_of(CatalogueQuery query);

/// Collects rows (text format; nullopt is NULL) in the order of kCatalogueQueries. One use: add rows, then build().
class CatalogueBuilder {
 public:
  using Row = std::vector<std::optional<std::string>>;
  /// An error if the row does not have the shape the query promises: the server's bytes are foreign bytes.
  Result<void> add(CatalogueQuery query, const Row& row);
  std::shared_ptr<const Catalogue> build();

 private:
  Catalogue catalogue_;
};

/// A catalogue from a YAML file, for `bulkhead rewrite --catalog` and the golden tests:
///   version: 150000
///   relations:
///     public.orders: { kind: table, columns: { id: int8, org_id: int8, total: numeric } }
///     public.legacy: { kind: table, row_security: false, columns: { id: int8 } }
///     public.orders_2024: { kind: table, parents: [public.orders], columns: {...} }
///     public.open_orders: { kind: view, security_invoker: true, columns: {...} }
///   functions: [public.slugify]
///   extension_functions: [public.max]
///   types: [public.checked]                     those that run code of the database's own
///   operators: ['public."%%"']
///   extension_operators: ['public."<=>"']
/// row_security is true of tables where the file does not say otherwise; `usage: false` is of a relation in a schema that the login
/// may not use. A column may be { type: int8, generated: true, identity_always: true, nondeterministic: true }; a type outside pg_catalog is schema.name.
/// The error holds every finding, a line each, as "catalogue:LINE:COLUMN: …".
Result<std::shared_ptr<const Catalogue>> load_catalogue(std::string_view yaml);

}  // namespace bulkhead::policy
