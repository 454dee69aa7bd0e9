#include "rewrite/system_relations.h"

#include <algorithm>
#include <iterator>

namespace bulkhead::rewrite {
namespace {

constexpr std::string_view kReadable[] = {
    "pg_aggregate",          "pg_am",           "pg_amop",
    "pg_amproc",             "pg_attrdef",      "pg_attribute",
    "pg_auth_members",       "pg_available_extension_versions", "pg_available_extensions",
    "pg_cast",               "pg_class",        "pg_collation",
    "pg_constraint",         "pg_conversion",   "pg_database",
    "pg_default_acl",        "pg_depend",       "pg_description",
    "pg_enum",               "pg_event_trigger", "pg_extension",
    "pg_foreign_data_wrapper", "pg_foreign_server", "pg_foreign_table",
    "pg_group",              "pg_index",        "pg_indexes",
    "pg_inherits",           "pg_init_privs",   "pg_language",
    "pg_matviews",           "pg_namespace",    "pg_opclass",
    "pg_operator",           "pg_opfamily",     "pg_parameter_acl",
    "pg_partitioned_table",  "pg_policies",     "pg_policy",
    "pg_proc",               "pg_publication",  "pg_publication_namespace",
    "pg_publication_rel",    "pg_publication_tables", "pg_range",
    "pg_rewrite",            "pg_roles",        "pg_rules",
    "pg_seclabel",           "pg_seclabels",    "pg_sequence",
    "pg_settings",           "pg_shdepend",     "pg_shdescription",
    "pg_shseclabel",         "pg_statistic_ext", "pg_tables",
    "pg_tablespace",         "pg_timezone_abbrevs", "pg_timezone_names",
    "pg_transform",          "pg_trigger",      "pg_ts_config",
    "pg_ts_config_map",      "pg_ts_dict",      "pg_ts_parser",
    "pg_ts_template",        "pg_type",         "pg_user",
    "pg_views",
};

constexpr std::string_view kRefused[] = {
    "pg_aios",                 "pg_authid",                "pg_backend_memory_contexts",
    "pg_config",               "pg_cursors",               "pg_db_role_setting",
    "pg_dsm_registry_allocations", "pg_file_settings",     "pg_hba_file_rules",
    "pg_ident_file_mappings",  "pg_largeobject",           "pg_largeobject_metadata",
    "pg_locks",                "pg_prepared_statements",   "pg_prepared_xacts",
    "pg_replication_origin",   "pg_replication_origin_status", "pg_replication_slots",
    "pg_sequences",            "pg_shadow",                "pg_shmem_allocations",
    "pg_shmem_allocations_numa", "pg_statistic",           "pg_statistic_ext_data",
    "pg_stats",                "pg_stats_ext",             "pg_stats_ext_exprs",
    "pg_subscription",         "pg_subscription_rel",      "pg_user_mapping",
    "pg_user_mappings",        "pg_wait_events",
};

constexpr std::string_view kInformationSchema[] = {
    "administrable_role_authorizations", "applicable_roles", "attributes",
    "character_sets", "check_constraint_routine_usage", "check_constraints",
    "collation_character_set_applicability", "collations", "column_column_usage",
    "column_domain_usage", "column_options", "column_privileges",
    "column_udt_usage", "columns", "constraint_column_usage",
    "constraint_table_usage", "data_type_privileges", "domain_constraints",
    "domain_udt_usage", "domains", "element_types",
    "enabled_roles", "foreign_data_wrapper_options", "foreign_data_wrappers",
    "foreign_server_options", "foreign_servers", "foreign_table_options",
    "foreign_tables", "information_schema_catalog_name", "key_column_usage",
    "parameters", "referential_constraints", "role_column_grants",
    "role_routine_grants", "role_table_grants", "role_udt_grants",
    "role_usage_grants", "routine_column_usage", "routine_privileges",
    "routine_routine_usage", "routine_sequence_usage", "routine_table_usage",
    "routines", "schemata", "sequences",
    "sql_features", "sql_implementation_info", "sql_parts",
    "sql_sizing", "table_constraints", "table_privileges",
    "tables", "transforms", "triggered_update_columns",
    "triggers", "udt_privileges", "usage_privileges",
    "user_defined_types", "view_column_usage", "view_routine_usage",
    "view_table_usage", "views",
};

template <std::size_t N>
bool contains(const std::string_view (&list)[N], std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

}  // namespace

SystemRelation pg_catalog_relation(std::string_view name) {
  if (contains(kReadable, name)) return SystemRelation::readable;
  // The statistics views are many and grow with every version.
  if (contains(kRefused, name) || name.starts_with("pg_stat_") || name.starts_with("pg_statio_"))
    return SystemRelation::refused;
  return SystemRelation::unknown;
}

SystemRelation information_schema_relation(std::string_view name) {
  if (contains(kInformationSchema, name)) return SystemRelation::readable;
  if (name.starts_with("_pg_") || name.starts_with("user_mapping")) return SystemRelation::refused;
  return SystemRelation::unknown;
}

bool is_pg_class_column(std::string_view name) {
  constexpr std::string_view kColumns[] = {
      "cmax",           "cmin",           "ctid",          "oid",            "relacl",
      "relallfrozen",   "relallvisible",  "relam",         "relchecks",      "relfilenode",
      "relforcerowsecurity", "relfrozenxid", "relhasindex", "relhasrules",   "relhassubclass",
      "relhastriggers", "relispartition", "relispopulated", "relisshared",   "relkind",
      "relminmxid",     "relname",        "relnamespace",  "relnatts",       "reloftype",
      "reloptions",     "relowner",       "relpages",      "relpartbound",   "relpersistence",
      "relreplident",   "relrewrite",     "relrowsecurity", "reltablespace", "reltoastrelid",
      "reltuples",      "reltype",        "tableoid",      "xmax",           "xmin"};
  return contains(kColumns, name);
}

bool is_own_pg_class_column(std::string_view name) {
  constexpr std::string_view kSystem[] = {"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"};
  return is_pg_class_column(name) && !contains(kSystem, name);
}

std::string pg_class_without_counts(int server_version_num) {
  if (server_version_num < 150000 || server_version_num >= 190000) return {};
  return std::string(
             "oid, relname, relnamespace, reltype, reloftype, relowner, relam, relfilenode, reltablespace, 0::pg_catalog.int4 AS "
             "relpages, '-1'::pg_catalog.float4 AS reltuples, 0::pg_catalog.int4 AS relallvisible, ") +
         (server_version_num >= 180000 ? "0::pg_catalog.int4 AS relallfrozen, " : "") +
         "reltoastrelid, relhasindex, relisshared, relpersistence, relkind, relnatts, relchecks, relhasrules, relhastriggers, "
         "relhassubclass, relrowsecurity, relforcerowsecurity, relispopulated, relreplident, relispartition, relrewrite, "
         "relfrozenxid, relminmxid, relacl, reloptions, relpartbound";
}

bool counts_rows(std::string_view pg_class_column) {
  return pg_class_column == "reltuples" || pg_class_column == "relpages" || pg_class_column == "relallvisible" ||
         pg_class_column == "relallfrozen";
}

}  // namespace bulkhead::rewrite
