"""59–66: SQL inside strings, and built-in functions that reach where they should not."""

from attack import refused, same, wire


@wire(59, "query_to_xml by the fast path")
def fast_path(scene):
    client = scene.login()
    scene.refuses(client, (b"F", scene.function_call(2923, b"SELECT secret FROM account", b"t", b"t", b"")))


ATTACKS = [
    refused(59, "query_to_xml", "SELECT query_to_xml('SELECT secret FROM account WHERE org_id = 2', true, true, '')"),
    refused(59, "query_to_xmlschema", "SELECT query_to_xmlschema('SELECT secret FROM account', true, true, '')"),
    refused(59, "query_to_xml_and_xmlschema", "SELECT query_to_xml_and_xmlschema('SELECT 1', true, true, '')"),
    fast_path,
    refused(60, "table_to_xml", "SELECT table_to_xml('account', true, true, '')"),
    refused(60, "schema_to_xml", "SELECT schema_to_xml('public', true, true, '')"),
    refused(60, "database_to_xml", "SELECT database_to_xml(true, true, '')"),
    refused(60, "cursor_to_xml", "SELECT cursor_to_xml('c', 1, true, true, '')"),
    refused(61, "ts_stat", "SELECT word FROM ts_stat('SELECT to_tsvector(secret) FROM account')"),
    refused(61, "ts_rewrite of a query", "SELECT ts_rewrite('a'::tsquery, 'SELECT secret::tsquery, secret::tsquery FROM account')"),
    refused(62, "crosstab", "SELECT * FROM crosstab('SELECT secret, secret, secret FROM account') AS c (a text, b text)"),
    refused(62, "connectby", "SELECT * FROM connectby('account', 'secret', 'email', '1', 0) AS c (a text, b text, d int)"),
    refused(62, "xpath_table", "SELECT * FROM xpath_table('id', 'secret', 'account', '/', 'true') AS t (id int)"),
    refused(63, "pg_relation_size", "SELECT pg_relation_size('account')"),
    refused(63, "pg_total_relation_size of an oid", "SELECT pg_total_relation_size('account'::regclass::oid)"),
    refused(63, "pg_stat_get_live_tuples", "SELECT pg_stat_get_live_tuples('account'::regclass)"),
    refused(64, "pgrowlocks", "SELECT * FROM pgrowlocks('account')"),
    refused(64, "pgstattuple", "SELECT * FROM pgstattuple('account')"),
    refused(65, "attribute notation of a function", "SELECT ('2'::text).become"),
    refused(65, "of a function over a row", "SELECT (w).wish_to_text FROM (SELECT ROW('2')::wish AS w) s"),
    refused(65, "capitals in quotes do not hide it", "SELECT \"pg_catalog\".\"query_to_xml\"('SELECT 1', true, true, '')"),
    refused(65, "VARIADIC", "SELECT query_to_xml(VARIADIC ARRAY['SELECT 1'])"),
    refused(65, "in FROM", "SELECT * FROM query_to_xml('SELECT 1', true, true, '')"),
    refused(65, "by Unicode escapes", 'SELECT U&"query\\005fto_xml"(\'SELECT 1\', true, true, \'\')'),
    refused(66, "EXECUTE of a string", "DO $$ BEGIN EXECUTE format('DELETE FROM %I', 'account'); END $$"),
    same(66, r"\gexec: what format() made comes back as a statement like any other", "SELECT format('SELECT secret FROM %I', 'account')",
         "SELECT secret FROM account"),
]
