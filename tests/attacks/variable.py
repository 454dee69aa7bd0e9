"""1–24: moving the variable that row-level security reads, and other settings isolation stands on."""

from attack import either, harmless, refused, same, shown_by, wire
from wire import LoginRefused, bind, execute, parse, query

SET_IT = "set_config('app.org_id', '2', false)"
STEAL = "SELECT secret FROM account"


@wire(11, "a failed Parse before a Sync: what follows is skipped, the variable stays")
def skipped_until_sync(scene):
    client = scene.login()
    client.ask(parse("SELECT nonsense("), parse(STEAL), bind(), execute(), (b"S", b""))
    assert scene.texts(client.ask(parse(STEAL), bind(), execute(), (b"S", b""))) == scene.own("secret")


@wire(12, "the variable, or options that set it, in the startup packet")
def startup(scene):
    for asked in ({"app.org_id": "2"}, {"options": "-c app.org_id=2"}, {"options": "-c app.org_id=2 -c standard_conforming_strings=off"},
                  {"options": "--app.org_id=2"}, {"APP.Org_Id": "2"}, {"role": "bank_owner"}, {"session_authorization": "bank_owner"},
                  {"row_security": "off"}, {"search_path": "pg_temp, public"}, {"client_encoding": "SJIS"}):
        try:
            client = scene.login(**asked)
        except LoginRefused:
            continue
        shown = scene.texts(client.ask(query("SHOW app.org_id")))
        assert shown == ["1"] and scene.texts(client.ask(query(STEAL))) == scene.own("secret"), (asked, shown)


@wire(22, "the fast path calls set_config (oid 2078) and query_to_xml (2929)")
def fast_path(scene):
    client = scene.login()
    for oid in (2078, 2923, 2930, 1, 0, 0xFFFFFFFF):
        body = scene.function_call(oid, b"app.org_id", b"2", b"f")
        scene.refuses(client, (b"F", body))
    assert scene.texts(client.ask(query(STEAL))) == scene.own("secret")


ATTACKS = [
    refused(1, "SET of the variable", "SET app.org_id = '2'"),
    refused(1, "SET LOCAL, in a transaction", "BEGIN", "SET LOCAL app.org_id TO 2", STEAL),
    refused(1, "SET SESSION", "SET SESSION app.org_id = '2'"),
    refused(2, "one quoted identifier with a dot", "SET \"app.org_id\" = '2'"),
    refused(2, "Unicode escapes", 'SET U&"\\0061pp".U&"org\\005fid" = \'2\''),
    refused(2, "other case", "SET aPP.oRG_ID = '2'"),
    refused(3, "set_config in WHERE", f"SELECT * FROM account WHERE {SET_IT} IS NOT NULL"),
    refused(3, "set_config by qualified and quoted name", f"SELECT * FROM account WHERE pg_catalog.\"set_config\"('app.org_id','2',false) > ''"),
    refused(3, "a name put together", "SELECT set_config('app.' || 'org_id', '2', false), * FROM account"),
    *(refused(4, f"set_config in {where}", text) for where, text in {
        "a materialised CTE": f"WITH w AS MATERIALIZED (SELECT {SET_IT}) SELECT secret FROM account, w",
        "LIMIT": f"SELECT secret FROM account LIMIT (SELECT length({SET_IT}) + 100)",
        "an arm of UNION": f"SELECT {SET_IT} UNION ALL SELECT secret FROM account",
        "the target list": f"SELECT {SET_IT}, secret FROM account",
        "RETURNING": f"UPDATE account SET amount = 1 RETURNING {SET_IT}",
        "ORDER BY": f"SELECT secret FROM account ORDER BY {SET_IT}",
        "EXPLAIN ANALYZE": f"EXPLAIN ANALYZE SELECT {SET_IT}",
        "VALUES": f"VALUES ({SET_IT})",
        "INSERT": f"INSERT INTO account (id, email) VALUES (99, {SET_IT})",
        "ON CONFLICT": f"INSERT INTO account (id, email) VALUES (1, 'x') ON CONFLICT (org_id, id) DO UPDATE SET email = {SET_IT}",
        "FROM": f"SELECT * FROM {SET_IT} AS s, account",
        "ROWS FROM": f"SELECT * FROM ROWS FROM ({SET_IT}) AS s, account",
        "FILTER": f"SELECT count(*) FILTER (WHERE {SET_IT} > '') FROM account",
        "a window": f"SELECT count(*) OVER (PARTITION BY {SET_IT}) FROM account",
        "GROUP BY": f"SELECT count(*) FROM account GROUP BY {SET_IT}",
        "HAVING": f"SELECT count(*) FROM account HAVING {SET_IT} > ''",
        "a join": f"SELECT * FROM account a JOIN item i ON {SET_IT} > ''",
        "CASE": f"SELECT CASE WHEN {SET_IT} > '' THEN secret END FROM account",
        "a cursor": f"DECLARE c CURSOR WITH HOLD FOR SELECT {SET_IT}, secret FROM account",
        "an argument": f"SELECT secret FROM account WHERE coalesce({SET_IT}, '') > ''"}.items()),
    refused(5, "EXPLAIN of a function falsely IMMUTABLE", "EXPLAIN SELECT become('2')"),
    refused(5, "the function itself", "SELECT become('2'), secret FROM account"),
    refused(6, "UPDATE of pg_settings", "UPDATE pg_settings SET setting = 'off' WHERE name = 'standard_conforming_strings'"),
    refused(6, "the same, qualified", "UPDATE pg_catalog.pg_settings SET setting = '2' WHERE name = 'app.org_id'"),
    either(7, "RESET of the variable", "RESET app.org_id", STEAL),
    either(7, "SET TO DEFAULT", "SET app.org_id TO DEFAULT", STEAL),
    same(7, "RESET ALL", "RESET ALL", STEAL, "SHOW app.org_id"),
    same(7, "DISCARD ALL", "DISCARD ALL", STEAL, "SHOW app.org_id"),
    refused(8, "SET LOCAL, then COMMIT", "BEGIN", "SET LOCAL app.org_id = '2'", "COMMIT", STEAL),
    same(9, "ROLLBACK undoes nothing of ours", "BEGIN", "SELECT 1", "ROLLBACK", STEAL, "SHOW app.org_id"),
    same(9, "ROLLBACK TO", "BEGIN", "SAVEPOINT s", "SELECT 1/0", "ROLLBACK TO s", STEAL, "COMMIT"),
    same(10, "an error later in the string", "SELECT 1; SELECT 1/0", STEAL),
    skipped_until_sync,
    startup,
    refused(13, "DO", "DO $$ BEGIN EXECUTE 'set app.org_id = 2'; END $$", STEAL),
    refused(13, "CREATE FUNCTION", "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'SET app.org_id = 2'"),
    refused(13, "CREATE PROCEDURE", "CREATE PROCEDURE f() LANGUAGE sql AS 'SET app.org_id = 2'"),
    refused(13, "CALL", "CALL become('2')"),
    refused(14, "PREPARE of it", "PREPARE p AS SELECT set_config($1, $2, false)", "EXECUTE p('app.org_id', '2')"),
    refused(15, "SQL in a string", f"SELECT query_to_xml($q$SELECT {SET_IT}$q$, true, true, '')"),
    refused(16, "an operator that calls it", "SELECT 'app.org_id' OPERATOR(public.=>>) '2', secret FROM account"),
    refused(16, "the operator without its schema", "SELECT secret FROM account WHERE 'app.org_id'::text =>> '2'"),
    refused(16, "an aggregate that ends in it", "SELECT become_all('2')"),
    refused(16, "a cast that calls it", "SELECT CAST(ROW('2')::wish AS text)"),
    refused(16, "CREATE OPERATOR", "CREATE OPERATOR == (leftarg = text, rightarg = text, procedure = becomes)"),
    refused(16, "CREATE AGGREGATE", "CREATE AGGREGATE a (text) (sfunc = textcat, stype = text, finalfunc = become)"),
    refused(16, "CREATE CAST", "CREATE CAST (text AS wish) WITH FUNCTION become(text)"),
    refused(17, "the default of a temporary table's column",
            f"CREATE TEMP TABLE t (a text DEFAULT {SET_IT})", "INSERT INTO t DEFAULT VALUES", STEAL),
    refused(18, "ALTER ROLE SET", "ALTER ROLE app_rw SET search_path = pg_temp, public"),
    refused(18, "ALTER ROLE SET of the variable", "ALTER ROLE app_rw SET app.org_id = '2'"),
    refused(18, "ALTER DATABASE SET", "ALTER DATABASE bank SET app.org_id = '2'"),
    refused(18, "ALTER SYSTEM", "ALTER SYSTEM SET row_security = off"),
    refused(19, "SET ROLE", "SET ROLE bank_owner"),
    refused(19, "SET SESSION AUTHORIZATION", "SET SESSION AUTHORIZATION bank_owner"),
    refused(19, "role as a setting", "SET \"role\" = 'bank_owner'"),
    refused(19, "set_config of role", "SELECT set_config('role', 'bank_owner', false)"),
    either(19, "RESET ROLE", "RESET ROLE", "RESET SESSION AUTHORIZATION", STEAL),
    refused(20, "row_security off", "SET row_security = off"),
    refused(21, "PREPARE TRANSACTION", "BEGIN", "UPDATE account SET amount = 5", "PREPARE TRANSACTION 'x'"),
    fast_path,
    refused(23, "search_path for whoever comes next", "SET search_path = pg_temp, public"),
    refused(23, "client_encoding", "SET client_encoding = 'SJIS'"),
    refused(23, "client_encoding by SET NAMES", "SET NAMES 'BIG5'"),
    shown_by(23, "what may be set stays with its client", "integration/test_settings.py:test_everyone_keeps_their_own"),
    either(24, "check_function_bodies", "SET check_function_bodies = off"),
    refused(24, "local_preload_libraries", "SET local_preload_libraries = 'x'"),
    either(24, "transform_null_equals", "SET transform_null_equals = on", "SELECT * FROM account WHERE org_id = NULL"),
    either(24, "default_tablespace", "SET default_tablespace = 'x'"),
    either(24, "SESSION CHARACTERISTICS", "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", STEAL),
    harmless(24, "a placeholder of one's own", "it is nobody's", "SET my.thing = '2'", "SHOW my.thing", STEAL),
]
