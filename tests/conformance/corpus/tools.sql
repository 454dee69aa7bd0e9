# pgAdmin, DBeaver, JDBC metadata and migration tools reading the catalogue.
SELECT version()
SHOW server_version_num
SELECT current_database(), current_schema(), current_user, session_user --~
SELECT table_catalog, table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY table_schema, table_name --~
SELECT column_name, data_type, is_nullable, column_default, character_maximum_length, numeric_precision, udt_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'orders' ORDER BY ordinal_position --~
SELECT tc.constraint_name, tc.table_name, kcu.column_name, ccu.table_name AS foreign_table, ccu.column_name AS foreign_column FROM information_schema.table_constraints tc JOIN information_schema.key_column_usage kcu ON tc.constraint_name = kcu.constraint_name AND tc.table_schema = kcu.table_schema JOIN information_schema.constraint_column_usage ccu ON ccu.constraint_name = tc.constraint_name WHERE tc.constraint_type = 'FOREIGN KEY' --~
SELECT schema_name FROM information_schema.schemata ORDER BY 1 --~
SELECT routine_name, routine_type FROM information_schema.routines WHERE routine_schema = 'public' --~
SELECT sequence_name, data_type FROM information_schema.sequences WHERE sequence_schema = 'public' --~
SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = 'public' --~
SELECT grantee, privilege_type FROM information_schema.table_privileges WHERE table_name = 'orders' --~
SELECT n.nspname AS TABLE_SCHEM, c.relname AS TABLE_NAME, CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'v' THEN 'VIEW' END AS TABLE_TYPE, d.description AS REMARKS FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_description d ON (c.oid = d.objoid AND d.objsubid = 0 and d.classoid = 'pg_class'::regclass) WHERE c.relnamespace = n.oid AND c.relname LIKE 'order%' AND n.nspname = 'public' ORDER BY TABLE_TYPE, TABLE_SCHEM, TABLE_NAME --~
SELECT a.attname, a.atttypid, a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) AS attnotnull, a.atttypmod, a.attlen, t.typtypmod, row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS attnum, nullif(a.attidentity, '') as attidentity, pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS adsrc FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON (a.atttypid = t.oid) JOIN pg_catalog.pg_class c ON a.attrelid = c.oid LEFT JOIN pg_catalog.pg_attrdef def ON (a.attrelid = def.adrelid AND a.attnum = def.adnum) WHERE c.relname = 'orders' AND a.attnum > 0 AND NOT a.attisdropped --~
SELECT result.TABLE_NAME, result.COLUMN_NAME, result.KEY_SEQ FROM (SELECT ct.relname AS TABLE_NAME, a.attname AS COLUMN_NAME, (information_schema._pg_expandarray(i.indkey)).n AS KEY_SEQ, information_schema._pg_expandarray(i.indkey) AS KEYS, a.attnum AS A_ATTNUM FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_attribute a ON (ct.oid = a.attrelid) JOIN pg_catalog.pg_index i ON (a.attrelid = i.indrelid) WHERE ct.relname = 'orders' AND i.indisprimary) result WHERE result.A_ATTNUM = (result.KEYS).x --~
SELECT i.relname AS index_name, ix.indisunique, array_agg(a.attname ORDER BY array_position(ix.indkey, a.attnum)) FROM pg_class t JOIN pg_index ix ON t.oid = ix.indrelid JOIN pg_class i ON i.oid = ix.indexrelid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (ix.indkey) WHERE t.relname = 'orders' GROUP BY 1, 2 --~
SELECT oid, typname, typtype, typelem, typarray FROM pg_type WHERE typname = ANY (ARRAY['int4', 'text', 'jsonb']) --~
SELECT t.typname, e.enumlabel FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid ORDER BY 1, e.enumsortorder --~
SELECT db.oid, db.datname, db.datallowconn, pg_catalog.has_database_privilege(db.datname, 'CREATE') AS cancreate FROM pg_catalog.pg_database db WHERE db.datname = current_database() --~
SELECT has_table_privilege('orders', 'SELECT'), has_schema_privilege('public', 'USAGE') --~
SELECT pg_get_serial_sequence('orders', 'id') --~
SELECT obj_description('orders'::regclass, 'pg_class'), col_description('orders'::regclass, 1) --~
SELECT to_regclass('public.orders'), 'orders'::regclass::text --~
SELECT rolname, rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user --~
SELECT name, setting, unit, short_desc FROM pg_settings WHERE category LIKE 'Client%' ORDER BY name LIMIT 5 --~
SELECT conname, contype, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'orders'::regclass ORDER BY 1 --~
SELECT schemaname, tablename, tableowner, hasindexes FROM pg_tables WHERE schemaname = 'public' --~
SELECT schemaname, viewname FROM pg_views WHERE schemaname = 'public' --~
SELECT schemaname, indexname, indexdef FROM pg_indexes WHERE tablename = 'orders' --~
SELECT extname, extversion FROM pg_extension --~
SELECT collname FROM pg_collation WHERE collname = 'C' --~
SELECT tgname FROM pg_trigger WHERE NOT tgisinternal --~
SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0 --~
SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database() --~
SELECT abbrev FROM pg_timezone_names WHERE name = 'UTC' --~
SELECT pg_backend_pid() --~
SELECT c.oid,c.*,d.description,pg_catalog.pg_get_expr(c.relpartbound, c.oid) as partition_expr, pg_catalog.pg_get_partkeydef(c.oid) as partition_key FROM pg_catalog.pg_class c LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=c.oid AND d.objsubid=0 AND d.classoid='pg_class'::regclass WHERE c.relnamespace='public'::regnamespace AND c.relkind not in ('i','I','c') --~
SELECT * FROM pg_class WHERE relname = 'orders' --~
SELECT row_to_json(c) FROM pg_class c WHERE c.relname = 'orders' --~
SELECT a.*, t.* FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE a.attrelid = 'orders'::regclass --~
SELECT n.oid, n.*, d.description FROM pg_catalog.pg_namespace n LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = n.oid ORDER BY nspname --~
SELECT count(*) FROM pg_stat_activity --! it shows every organisation's statements
SELECT reltuples FROM pg_class WHERE relname = 'orders' --! it counts the rows of every organisation
SELECT * FROM pg_locks --! it shows every organisation's locks
SELECT pg_relation_size('orders') --! sizes tell of the rows of every organisation
COPY orders (id, customer_id, note) FROM STDIN --$ ["901\t1\timported\n902\t\\N\t\\N\n"]
COPY public.orders (id, customer_id, note) FROM STDIN WITH (FORMAT csv, HEADER) --$ ["id,customer_id,note\n901,1,\"two\nlines\"\n902,2,\n"]
COPY customers (org_id, id, name) FROM stdin; --$ ["1\t901\tfrom a dump\n\\.\n"]
COPY customers (name, id) FROM STDIN WITH DELIMITER AS '|' NULL AS '' CSV QUOTE AS '#' --$ ["#O''Hara|#|901\n"]
COPY orders (id, note) FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL (note), ENCODING 'UTF8') WHERE id > 901 --$ ["901,x\n902,\n"]
COPY orders (id, note) FROM STDIN --$ ["nine\tx\n"]
