#include "policy/catalogue.h"

#include <algorithm>
#include <atomic>
#include <charconv>

namespace bulkhead::policy {
namespace {

std::uint64_t next_epoch() {
  static std::atomic<std::uint64_t> epoch{0};
  return ++epoch;
}

/// Every operator is qualified and no IN, BETWEEN or DISTINCT stands here: those look their operator up in search_path.
/// Temporary and TOAST relations are nobody's business; relations of pg_catalog are, it is always searched.
constexpr const char* kVersion = "SELECT pg_catalog.current_setting('server_version_num')";

constexpr const char* kRelations = R"(
SELECT n.nspname::pg_catalog.text, c.relname::pg_catalog.text, c.relkind::pg_catalog.text,
       COALESCE((SELECT o.option_value::pg_catalog.bool
                   FROM pg_catalog.pg_options_to_table(c.reloptions) AS o
                  WHERE o.option_name OPERATOR(pg_catalog.=) 'security_invoker'), false),
       pg_catalog.row_security_active(c.oid), pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
 WHERE c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f,c,S}'::pg_catalog."char"[])
   AND c.relpersistence OPERATOR(pg_catalog.<>) 't'::pg_catalog."char"
   AND n.nspname::pg_catalog.text OPERATOR(pg_catalog.!~) '^pg_(toast|temp_|toast_temp_)')";

/// A domain may be over a domain: each is followed down to the type that is none.
constexpr const char* kColumns = R"(
WITH RECURSIVE resolved(oid, base) AS (
  SELECT t.oid, t.oid FROM pg_catalog.pg_type AS t
   WHERE t.typtype OPERATOR(pg_catalog.<>) 'd'::pg_catalog."char"
  UNION ALL
  SELECT d.oid, r.base FROM resolved AS r
    JOIN pg_catalog.pg_type AS d ON d.typbasetype OPERATOR(pg_catalog.=) r.oid
     AND d.typtype OPERATOR(pg_catalog.=) 'd'::pg_catalog."char")
SELECT n.nspname::pg_catalog.text, c.relname::pg_catalog.text, a.attname::pg_catalog.text,
       tn.nspname::pg_catalog.text, t.typname::pg_catalog.text,
       a.attgenerated OPERATOR(pg_catalog.<>) ''::pg_catalog."char",
       a.attidentity OPERATOR(pg_catalog.=) 'a'::pg_catalog."char",
       COALESCE((SELECT NOT l.collisdeterministic FROM pg_catalog.pg_collation AS l
                  WHERE l.oid OPERATOR(pg_catalog.=) a.attcollation), false)
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) a.attrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  JOIN resolved AS r ON r.oid OPERATOR(pg_catalog.=) a.atttypid
  JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) r.base
  JOIN pg_catalog.pg_namespace AS tn ON tn.oid OPERATOR(pg_catalog.=) t.typnamespace
 WHERE a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
   AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f,c,S}'::pg_catalog."char"[])
   AND c.relpersistence OPERATOR(pg_catalog.<>) 't'::pg_catalog."char"
   AND n.nspname::pg_catalog.text OPERATOR(pg_catalog.!~) '^pg_(toast|temp_|toast_temp_)'
 ORDER BY c.oid, a.attnum)";

/// Indexes inherit, too: only relations a statement can name.
constexpr const char* kInheritance = R"(
SELECT n.nspname::pg_catalog.text, c.relname::pg_catalog.text,
       pn.nspname::pg_catalog.text, p.relname::pg_catalog.text
  FROM pg_catalog.pg_inherits AS i
  JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.inhrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  JOIN pg_catalog.pg_class AS p ON p.oid OPERATOR(pg_catalog.=) i.inhparent
  JOIN pg_catalog.pg_namespace AS pn ON pn.oid OPERATOR(pg_catalog.=) p.relnamespace
 WHERE c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,f}'::pg_catalog."char"[])
   AND c.relpersistence OPERATOR(pg_catalog.<>) 't'::pg_catalog."char"
   AND n.nspname::pg_catalog.text OPERATOR(pg_catalog.!~) '^pg_(toast|temp_|toast_temp_)'
 ORDER BY i.inhrelid, i.inhseqno)";

constexpr const char* kFunctions = R"(
SELECT n.nspname::pg_catalog.text, p.proname::pg_catalog.text,
       pg_catalog.bool_and(EXISTS (
         SELECT FROM pg_catalog.pg_depend AS d
          WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass
            AND d.objid OPERATOR(pg_catalog.=) p.oid AND d.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog."char"))
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
 WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.<>)
       ALL ('{pg_catalog,information_schema}'::pg_catalog.text[])
 GROUP BY n.nspname, p.proname)";

/// What came with an extension is its maker's and the administrator's word. A row names a type and one that brings the code,
/// the type itself or what it is made of: element, attribute, base of a domain, bound of a range. Every range has a cast to
/// its multirange by a function in C (`internal`).
constexpr const char* kTypes = R"(
WITH RECURSIVE coded(oid, culprit) AS (
  SELECT t.oid, t.oid
    FROM pg_catalog.pg_type AS t
    JOIN pg_catalog.pg_proc AS i ON i.oid OPERATOR(pg_catalog.=) t.typinput
   WHERE t.typnamespace OPERATOR(pg_catalog.<>)
         ALL (ARRAY['pg_catalog'::pg_catalog.regnamespace::pg_catalog.oid,
                    'information_schema'::pg_catalog.regnamespace::pg_catalog.oid])
     AND NOT EXISTS (
         SELECT FROM pg_catalog.pg_depend AS d
          WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass
            AND d.objid OPERATOR(pg_catalog.=) t.oid AND d.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog."char")
     AND (i.pronamespace OPERATOR(pg_catalog.<>) 'pg_catalog'::pg_catalog.regnamespace::pg_catalog.oid
          OR EXISTS (
             SELECT FROM pg_catalog.pg_constraint AS k
              WHERE k.contypid OPERATOR(pg_catalog.=) t.oid AND k.contype OPERATOR(pg_catalog.=) 'c'::pg_catalog."char")
          OR EXISTS (
             SELECT FROM pg_catalog.pg_range AS r
               JOIN pg_catalog.pg_opclass AS o ON o.oid OPERATOR(pg_catalog.=) r.rngsubopc
               LEFT JOIN pg_catalog.pg_proc AS p ON p.oid OPERATOR(pg_catalog.=) r.rngcanonical::pg_catalog.oid
              WHERE r.rngtypid OPERATOR(pg_catalog.=) t.oid
                AND (o.opcnamespace OPERATOR(pg_catalog.<>) 'pg_catalog'::pg_catalog.regnamespace::pg_catalog.oid
                     OR p.pronamespace OPERATOR(pg_catalog.<>) 'pg_catalog'::pg_catalog.regnamespace::pg_catalog.oid))
          OR EXISTS (
             SELECT FROM pg_catalog.pg_cast AS c
               JOIN pg_catalog.pg_proc AS p ON p.oid OPERATOR(pg_catalog.=) c.castfunc
               JOIN pg_catalog.pg_language AS l ON l.oid OPERATOR(pg_catalog.=) p.prolang
              WHERE (c.castsource OPERATOR(pg_catalog.=) t.oid OR c.casttarget OPERATOR(pg_catalog.=) t.oid)
                AND p.pronamespace OPERATOR(pg_catalog.<>) 'pg_catalog'::pg_catalog.regnamespace::pg_catalog.oid
                AND l.lanname OPERATOR(pg_catalog.<>) 'internal'::pg_catalog.name
                AND NOT EXISTS (
                    SELECT FROM pg_catalog.pg_depend AS d
                     WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_cast'::pg_catalog.regclass
                       AND d.objid OPERATOR(pg_catalog.=) c.oid
                       AND d.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog."char")))
  UNION
  SELECT w.oid, c.culprit
    FROM coded AS c
    JOIN (SELECT t.oid, t.typelem FROM pg_catalog.pg_type AS t
          UNION ALL
          SELECT t.oid, t.typbasetype FROM pg_catalog.pg_type AS t
          UNION ALL
          SELECT r.rngtypid, r.rngsubtype FROM pg_catalog.pg_range AS r
          UNION ALL
          SELECT r.rngmultitypid, r.rngtypid FROM pg_catalog.pg_range AS r
          UNION ALL
          SELECT l.reltype, a.atttypid
            FROM pg_catalog.pg_attribute AS a
            JOIN pg_catalog.pg_class AS l ON l.oid OPERATOR(pg_catalog.=) a.attrelid
           WHERE a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped) AS w(oid, part)
      ON w.part OPERATOR(pg_catalog.=) c.oid AND w.oid OPERATOR(pg_catalog.<>) 0::pg_catalog.oid)
SELECT n.nspname::pg_catalog.text, t.typname::pg_catalog.text, cn.nspname::pg_catalog.text, ct.typname::pg_catalog.text
  FROM coded AS c
  JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) c.oid
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace
  JOIN pg_catalog.pg_type AS ct ON ct.oid OPERATOR(pg_catalog.=) c.culprit
  JOIN pg_catalog.pg_namespace AS cn ON cn.oid OPERATOR(pg_catalog.=) ct.typnamespace
 WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.!~) '^pg_(toast|temp_|toast_temp_)')";

constexpr const char* kOperators = R"(
SELECT n.nspname::pg_catalog.text, o.oprname::pg_catalog.text,
       pg_catalog.bool_and(EXISTS (
         SELECT FROM pg_catalog.pg_depend AS d
          WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_operator'::pg_catalog.regclass
            AND d.objid OPERATOR(pg_catalog.=) o.oid AND d.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog."char"))
  FROM pg_catalog.pg_operator AS o
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) o.oprnamespace
 WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.<>)
       ALL ('{pg_catalog,information_schema}'::pg_catalog.text[])
 GROUP BY n.nspname, o.oprname)";

/// Parse names the types of its parameters by OID.
constexpr const char* kTypeOids = R"(
SELECT n.nspname::pg_catalog.text, t.typname::pg_catalog.text, t.oid::pg_catalog.text
  FROM pg_catalog.pg_type AS t
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace
 WHERE t.oid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid
   AND n.nspname::pg_catalog.text OPERATOR(pg_catalog.!~) '^pg_(toast|temp_|toast_temp_)')";

constexpr std::size_t kMaxColumns = 1664;  // MaxTupleAttributeNumber

std::size_t width_of(CatalogueQuery query) {
  switch (query) {
    case CatalogueQuery::version: return 1;
    case CatalogueQuery::relations: return 6;
    case CatalogueQuery::columns: return 8;
    case CatalogueQuery::inheritance: return 4;
    case CatalogueQuery::functions: return 3;
    case CatalogueQuery::types: return 4;
    case CatalogueQuery::operators: return 3;
    case CatalogueQuery::type_oids: return 3;
  }
  return 0;
}

Error malformed(const std::string& what) {
  return make_error(sqlstate::internal_error, "the server's catalogue is not as expected: " + what);
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

Result<bool> parse_flag(const std::string& text) {
  if (text == "t") return true;
  if (text == "f") return false;
  return malformed("found a truth value that is neither t nor f");
}

Result<RelationKind> parse_kind(const std::string& text) {
  constexpr std::string_view kKinds = "rpvmfSc";
  if (text.size() != 1 || kKinds.find(text[0]) == std::string_view::npos) return malformed("unknown kind of relation");
  return static_cast<RelationKind>(text[0]);
}

}  // namespace

const Column* Relation::find_column(std::string_view column) const {
  const auto at = std::partition_point(columns_by_name.begin(), columns_by_name.end(),
                                       [&](std::uint16_t place) { return columns[place].name < column; });
  return at == columns_by_name.end() || columns[*at].name != column ? nullptr : &columns[*at];
}

const Relation* Catalogue::find(std::string_view schema, std::string_view name) const {
  const auto at = relations_.find(QualifiedName{std::string(schema), std::string(name)});
  return at == relations_.end() ? nullptr : &at->second;
}

const Relation* Catalogue::find_in_path(const std::vector<std::string>& search_path, std::string_view name) const {
  for (const auto& schema : search_path)
    if (const auto* relation = find(schema, name); relation && relation->reachable) return relation;
  return nullptr;
}

bool Catalogue::has_function(std::string_view schema, std::string_view name) const {
  return functions_.count(QualifiedName{std::string(schema), std::string(name)}) != 0;
}

bool Catalogue::has_extension_function(std::string_view schema, std::string_view name) const {
  const auto at = functions_.find(QualifiedName{std::string(schema), std::string(name)});
  return at != functions_.end() && at->second;
}

bool Catalogue::has_operator(std::string_view schema, std::string_view symbol) const {
  const auto at = operators_.find(QualifiedName{std::string(schema), std::string(symbol)});
  return at != operators_.end() && !at->second;
}

bool Catalogue::has_extension_operator(std::string_view schema, std::string_view symbol) const {
  const auto at = operators_.find(QualifiedName{std::string(schema), std::string(symbol)});
  return at != operators_.end() && at->second;
}

const std::set<QualifiedName>* Catalogue::code_of_type(std::string_view schema, std::string_view name) const {
  const auto at = types_.find(QualifiedName{std::string(schema), std::string(name)});
  return at == types_.end() ? nullptr : &at->second;
}

const QualifiedName* Catalogue::type_of(std::uint32_t oid) const {
  const auto at = type_oids_.find(oid);
  return at == type_oids_.end() ? nullptr : &at->second;
}

const char* sql_of(CatalogueQuery query) {
  switch (query) {
    case CatalogueQuery::version: return kVersion;
    case CatalogueQuery::relations: return kRelations;
    case CatalogueQuery::columns: return kColumns;
    case CatalogueQuery::inheritance: return kInheritance;
    case CatalogueQuery::functions: return kFunctions;
    case CatalogueQuery::types: return kTypes;
    case CatalogueQuery::operators: return kOperators;
    case CatalogueQuery::type_oids: return kTypeOids;
  }
  return nullptr;
}

Result<void> CatalogueBuilder::add(CatalogueQuery query, const Row& row) {
  if (row.size() != width_of(query)) return malformed("a row has the wrong number of columns");
  for (const auto& value : row)
    if (!value || value->empty()) return malformed("a value is missing");
  const auto text = [&row](std::size_t at) -> const std::string& { return *row[at]; };

  if (query == CatalogueQuery::version) {
    const auto version = number<int>(text(0));
    if (!version || *version < 10'00'00) return malformed("the version is no number");
    catalogue_.server_version_num_ = *version;
    return {};
  }
  QualifiedName name{text(0), text(1)};
  if (query == CatalogueQuery::functions) {
    BULKHEAD_TRY(const bool of_extension, parse_flag(text(2)));
    const auto [at, fresh] = catalogue_.functions_.emplace(std::move(name), of_extension);
    return fresh ? Result<void>() : Result<void>(malformed("a function is there twice: " + at->first.text()));
  }
  if (query == CatalogueQuery::types) {
    catalogue_.types_[std::move(name)].insert({text(2), text(3)});
    return {};
  }
  if (query == CatalogueQuery::type_oids) {
    const auto oid = number<std::uint32_t>(text(2));
    if (!oid || !catalogue_.type_oids_.emplace(*oid, std::move(name)).second) return malformed("a type has no OID of its own");
    return {};
  }
  if (query == CatalogueQuery::operators) {
    BULKHEAD_TRY(const bool of_extension, parse_flag(text(2)));
    const auto [at, fresh] = catalogue_.operators_.emplace(std::move(name), of_extension);
    return fresh ? Result<void>() : Result<void>(malformed("an operator is there twice: " + at->first.text()));
  }
  if (query == CatalogueQuery::relations) {
    BULKHEAD_TRY(const auto kind, parse_kind(text(2)));
    BULKHEAD_TRY(const bool security_invoker, parse_flag(text(3)));
    BULKHEAD_TRY(const bool row_security, parse_flag(text(4)));
    BULKHEAD_TRY(const bool reachable, parse_flag(text(5)));
    const auto [at, fresh] =
        catalogue_.relations_.emplace(name, Relation{name, kind, security_invoker, row_security, reachable, {}, {}, {}, {}});
    if (!fresh) return malformed("a relation is there twice: " + name.text());
    return {};
  }
  const auto relation = catalogue_.relations_.find(name);
  if (relation == catalogue_.relations_.end()) return malformed("a row is about an unknown relation: " + name.text());
  if (query == CatalogueQuery::columns) {
    BULKHEAD_TRY(const bool generated, parse_flag(text(5)));
    BULKHEAD_TRY(const bool identity_always, parse_flag(text(6)));
    BULKHEAD_TRY(const bool nondeterministic, parse_flag(text(7)));
    auto& columns = relation->second.columns;
    auto& by_name = relation->second.columns_by_name;
    if (columns.size() >= kMaxColumns) return malformed("too many columns: " + name.text());
    if (relation->second.find_column(text(2))) return malformed("a column is there twice: " + name.text());
    by_name.insert(std::partition_point(by_name.begin(), by_name.end(),
                                        [&](std::uint16_t place) { return columns[place].name < text(2); }),
                   static_cast<std::uint16_t>(columns.size()));
    columns.push_back({text(2), text(3), text(4), generated, identity_always, nondeterministic});
    return {};
  }
  const auto parent = catalogue_.relations_.find({text(2), text(3)});
  if (parent == catalogue_.relations_.end())
    return malformed("an unknown relation is a parent: " + QualifiedName{text(2), text(3)}.text());
  relation->second.parents.push_back(parent->first);
  parent->second.children.push_back(std::move(name));
  return {};
}

std::shared_ptr<const Catalogue> CatalogueBuilder::build() {
  catalogue_.epoch_ = next_epoch();
  return std::make_shared<const Catalogue>(std::move(catalogue_));
}

}  // namespace bulkhead::policy
