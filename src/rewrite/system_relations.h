#pragma once

// Which relations of pg_catalog and information_schema a statement may read. Nothing of them is written.

#include <cstdint>
#include <string>
#include <string_view>

namespace bulkhead::rewrite {

enum class SystemRelation : std::uint8_t {
  readable,
  refused,  ///< shows counts, samples, sessions, secrets or state of others
  unknown,  ///< PostgreSQL 15-18 has no such name
};

SystemRelation pg_catalog_relation(std::string_view name);
SystemRelation information_schema_relation(std::string_view name);

/// Columns of the readable pg_class that count the rows of all tenants together: reltuples, relpages, …
bool counts_rows(std::string_view pg_class_column);

/// Of any version from 15 to 18, system columns too.
bool is_pg_class_column(std::string_view name);
/// The same without the system columns.
bool is_own_pg_class_column(std::string_view name);

/// A target list of pg_class in its own order, with what they are before anything is counted in place of the counts. Empty for a
/// version whose columns are not known.
std::string pg_class_without_counts(int server_version_num);

}  // namespace bulkhead::rewrite
