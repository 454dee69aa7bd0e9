# Everything comes from Debian packages; nothing is downloaded. tools/packages.txt lists them.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_path(IDN_INCLUDE_DIR stringprep.h REQUIRED)
find_library(IDN_LIBRARY idn REQUIRED)
add_library(Idn::idn UNKNOWN IMPORTED)
set_target_properties(Idn::idn PROPERTIES IMPORTED_LOCATION ${IDN_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES "${IDN_INCLUDE_DIR}")
find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)
find_library(XXHASH_LIBRARY xxhash REQUIRED)
add_library(XxHash::xxhash UNKNOWN IMPORTED)
set_target_properties(XxHash::xxhash PROPERTIES IMPORTED_LOCATION ${XXHASH_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES "${XXHASH_INCLUDE_DIR}")
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 2 REQUIRED)
find_package(nlohmann_json 3 REQUIRED)

# libpg_query 15 parses; the struct definitions of its trees come from the server headers of the same major version.
# Another version of either would be read with the wrong layout, so it is refused here
# (and rewrite/pg_parse.cc checks again with static_asserts and a start-up self-test).
find_path(PG_QUERY_INCLUDE_DIR pg_query.h REQUIRED)
find_library(PG_QUERY_LIBRARY pg_query REQUIRED)
file(STRINGS ${PG_QUERY_INCLUDE_DIR}/pg_query.h pg_query_version REGEX "define PG_MAJORVERSION")
if(NOT pg_query_version MATCHES "\"15\"")
  message(FATAL_ERROR "libpg_query for PostgreSQL 15 is required (Debian: libpg-query-dev 15-4.0.0), found: ${pg_query_version}")
endif()
find_path(PG_SERVER_INCLUDE_DIR postgres.h REQUIRED HINTS /usr/include/postgresql/15/server)
file(STRINGS ${PG_SERVER_INCLUDE_DIR}/pg_config.h pg_server_version REGEX "define PG_MAJORVERSION ")
if(NOT pg_server_version MATCHES "\"15\"")
  message(FATAL_ERROR "PostgreSQL 15 server headers are required (Debian: postgresql-server-dev-15), found: ${pg_server_version}")
endif()
add_library(PgQuery::pg_query UNKNOWN IMPORTED)
set_target_properties(PgQuery::pg_query PROPERTIES IMPORTED_LOCATION ${PG_QUERY_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES "${PG_QUERY_INCLUDE_DIR};${PG_SERVER_INCLUDE_DIR}")
