// The tables of functions, settings and system relations: a sample of each decision, and what must never be allowed.

#include <gtest/gtest.h>

#include "rewrite/functions.h"
#include "rewrite/settings.h"
#include "rewrite/system_relations.h"

namespace bulkhead::rewrite {
namespace {

TEST(Functions, TheDangerousAreRefused) {
  for (const char* name :
       {"set_config", "query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema", "cursor_to_xml", "table_to_xml",
        "schema_to_xml", "database_to_xml", "ts_stat", "ts_rewrite", "lo_import", "lo_export", "lo_open", "lo_get",
        "loread", "lowrite", "pg_notify", "pg_advisory_lock", "pg_try_advisory_xact_lock", "pg_cancel_backend",
        "pg_terminate_backend", "pg_export_snapshot", "pg_logical_emit_message", "pg_logical_slot_get_changes",
        "pg_database_size", "pg_relation_size", "pg_table_size", "pg_total_relation_size", "pg_indexes_size",
        "pg_tablespace_size", "pg_sequence_last_value", "pg_lock_status", "pg_prepared_xact", "currtid2",
        "pg_xact_commit_timestamp", "pg_read_file", "pg_read_binary_file", "pg_ls_dir", "pg_stat_file", "pg_reload_conf",
        "pg_stat_reset", "pg_stat_get_activity", "pg_show_all_settings", "txid_current", "pg_current_xact_id",
        "pg_current_snapshot", "pg_current_wal_lsn", "setval", "pg_nextoid", "binary_upgrade_set_next_pg_enum_oid",
        "pg_replication_slot_advance", "pg_create_logical_replication_slot", "pg_rotate_logfile", "pg_switch_wal",
        "pg_hba_file_rules", "fmgr_sql_validator", "plpgsql_call_handler", "textin", "int4eq", "pg_restore_relation_stats"})
    EXPECT_EQ(builtin_function(name), BuiltinFunction::refused) << name;
}

TEST(Functions, TheHarmlessAreAllowed) {
  for (const char* name : {"count", "sum", "now", "lower", "coalesce_is_no_function", "jsonb_agg", "generate_series",
                           "nextval", "currval", "lastval", "pg_get_viewdef", "format_type", "to_tsvector", "unnest",
                           "array_agg", "row_number", "gen_random_uuid", "uuidv7", "any_value", "current_setting",
                           "pg_typeof", "obj_description", "pg_table_is_visible", "extract", "timezone", "overlay"})
    EXPECT_EQ(builtin_function(name),
              std::string_view(name) == "coalesce_is_no_function" ? BuiltinFunction::unknown : BuiltinFunction::allowed)
        << name;
}

TEST(Functions, ByShape) {
  EXPECT_TRUE(harmless_variant("ts_rewrite", 3));
  EXPECT_FALSE(harmless_variant("ts_rewrite", 2));
  EXPECT_FALSE(harmless_variant("ts_stat", 3));
}

TEST(SystemRelations, Decisions) {
  EXPECT_EQ(pg_catalog_relation("pg_class"), SystemRelation::readable);
  EXPECT_EQ(pg_catalog_relation("pg_authid"), SystemRelation::refused);
  EXPECT_EQ(pg_catalog_relation("pg_stat_anything"), SystemRelation::refused);
  EXPECT_EQ(pg_catalog_relation("pg_statistic"), SystemRelation::refused);
  EXPECT_EQ(pg_catalog_relation("pg_statistic_ext"), SystemRelation::readable);
  EXPECT_EQ(pg_catalog_relation("pg_whatever"), SystemRelation::unknown);
  EXPECT_EQ(pg_catalog_relation("orders"), SystemRelation::unknown);
  EXPECT_EQ(information_schema_relation("tables"), SystemRelation::readable);
  EXPECT_EQ(information_schema_relation("_pg_user_mappings"), SystemRelation::refused);
  EXPECT_TRUE(counts_rows("reltuples"));
}

TEST(Settings, TenantVariableComesFirst) {
  policy::Tenancy tenancy;
  tenancy.session_variable = "TimeZone";  // whatever it is called
  EXPECT_FALSE(judge_setting("timezone", "UTC", tenancy));
  EXPECT_FALSE(judge_setting("timezone", std::nullopt, tenancy));
}

TEST(Settings, PathIsPinned) {
  policy::Tenancy tenancy;
  tenancy.search_path = {"app", "public"};
  EXPECT_TRUE(judge_setting("search_path", "app, public", tenancy));
  EXPECT_TRUE(judge_setting("search_path", "app, public, pg_temp", tenancy));
  EXPECT_TRUE(judge_setting("search_path", "\"app\" ,Public", tenancy));
  EXPECT_TRUE(judge_setting("search_path", std::nullopt, tenancy));
  for (const char* path : {"", "public", "public, app", "pg_temp, app, public", "\"app, public\"", "\"APP\", public", "app public"})
    EXPECT_FALSE(judge_setting("search_path", path, tenancy)) << path;
}

TEST(Settings, ListsAreWrittenNameByName) {
  EXPECT_EQ(quoted_list("public, pg_temp"), R"("public", "pg_temp")");
  EXPECT_EQ(quoted_list(R"( "A""b" ,C)"), R"("A""b", "c")");
  EXPECT_EQ(quoted_list("a; DROP TABLE t"), std::nullopt);
  EXPECT_EQ(quoted_list(""), std::nullopt);
  EXPECT_EQ(list_element("pg_temp"), "pg_temp");
  EXPECT_EQ(list_element("a\"b"), R"("a""b")");
  EXPECT_EQ(list_element("1a"), R"("1a")");
  EXPECT_EQ(list_element(""), R"("")");
}

TEST(Settings, ReachAndRefusal) {
  const policy::Tenancy tenancy;
  EXPECT_EQ(*judge_setting("timezone", "UTC", tenancy), SettingReach::session);
  EXPECT_EQ(*judge_setting("transaction_read_only", "on", tenancy), SettingReach::transaction);
  EXPECT_EQ(*judge_setting("client_encoding", "UTF8", tenancy), SettingReach::none);
  for (const char* name : {"role", "session_authorization", "log_statement", "debug_print_plan", "local_preload_libraries",
                           "session_preload_libraries", "dynamic_library_path", "lo_compat_privileges", "app.other",
                           "is_superuser", "temp_tablespaces", "default_table_access_method", "allow_system_table_mods",
                           "zero_damaged_pages", "track_activities", "exit_on_error", "", "tenancy"})
    EXPECT_FALSE(judge_setting(name, "x", tenancy)) << name;
  EXPECT_EQ(fold_setting("App.ORG_Id"), "app.org_id");
}

TEST(Settings, ThatWouldReachOthersOrHaveNoEnd) {
  const policy::Tenancy tenancy;
  EXPECT_FALSE(judge_setting("idle_session_timeout", "1", tenancy)) << "it ends a connection that somebody else has got";
  EXPECT_TRUE(judge_setting("idle_session_timeout", "0", tenancy));
  EXPECT_TRUE(judge_setting("application_name", std::string(4096, 'x'), tenancy));
  EXPECT_FALSE(judge_setting("application_name", std::string(4097, 'x'), tenancy));
}

}  // namespace
}  // namespace bulkhead::rewrite
