"""88–114: learning without reading: from errors, plans, statistics, keys, locks and counters."""

import json

from attack import documented, either, harmless, refused, same, shown_by, wire
from wire import fields, query

KEYS = "Unique constraints, sequences and identity columns that span tenants"
TIMING = "Timing and resource channels"


@wire(101, "a violated key tells no value that was not the client's own")
def unique_violation(scene):
    client = scene.login()
    for text in ("INSERT INTO account (id, email) VALUES (1, 'x')", "INSERT INTO account (id, email) VALUES (90, 'acme1@x')",
                 "UPDATE account SET id = 2 WHERE id = 1"):
        problem = fields(next(body for kind, body in client.ask(query(text)) if kind == b"E"))
        assert problem["C"] == "23505" and "2, " not in problem.get("D", ""), problem


@wire(108, "a notification of another organisation's")
def notifications(scene):
    mine, theirs = scene.login(), scene.login("globex")
    mine.ask(query("LISTEN jobs"))
    mine.ask(query('LISTEN "2:jobs"'))
    theirs.ask(query("NOTIFY jobs, 'gl0bex payload'"))
    theirs.ask(query("SELECT pg_notify('jobs', 'gl0bex payload')"))
    for _ in range(4):
        assert "A" not in scene.kinds(mine.ask(query("SELECT 1")))


@wire(107, "an advisory lock of another organisation's is not met")
def advisory_locks(scene):
    mine, theirs = scene.login(), scene.login("globex")
    theirs.ask(query("SELECT pg_advisory_lock(42)"))
    answer = mine.ask(query("SELECT pg_try_advisory_lock(42)"))
    assert "E" in scene.kinds(answer) or scene.texts(answer) == ["t"]


@wire(103, "a row that another organisation has not committed yet keeps nobody waiting")
def uncommitted_key(scene):
    theirs, mine = scene.login("globex"), scene.login()
    theirs.ask(query("BEGIN"))
    theirs.ask(query("INSERT INTO account (id, email) VALUES (77, 'new@x')"))
    mine.ask(query("SET lock_timeout = '2s'"))
    mine.ask(query("BEGIN"))
    assert "E" not in scene.kinds(mine.ask(query("INSERT INTO account (id, email) VALUES (77, 'new@x')")))
    mine.ask(query("ROLLBACK"))
    theirs.ask(query("ROLLBACK"))


@wire(97, "pg_class as a whole counts nobody's rows")
def whole_pg_class(scene):
    client = scene.login()
    for text in ("SELECT row_to_json(c) FROM pg_class c", "SELECT row_to_json(s) FROM (SELECT * FROM pg_class) s",
                 "SELECT (SELECT to_json(c)) FROM pg_catalog.pg_class c", "WITH p AS (TABLE pg_class) SELECT row_to_json(p) FROM p"):
        rows = [json.loads(row) for row in scene.texts(client.ask(query(text)))]
        assert len(rows) > 100 and {(row["relpages"], row["reltuples"], row["relallvisible"]) for row in rows} == {(0, -1, 0)}, text


ATTACKS = [
    refused(88, "a cheap function that tells what it sees", "SELECT * FROM account WHERE tell(secret)"),
    refused(88, "such a function made by oneself", "CREATE FUNCTION f(text) RETURNS bool COST 0.0001 LANGUAGE plpgsql AS 'BEGIN RETURN true; END'"),
    same(89, "a cast whose error would print the value", "SELECT count(*) FROM account WHERE org_id = 2 AND secret::int = 1"),
    either(89, "the same for every row that is not one's own", "SELECT count(*) FROM account WHERE CASE WHEN org_id = 2 THEN secret::int = 1 END"),
    either(89, "a division by zero", "SELECT count(*) FROM account WHERE org_id <> 1 AND 1 / (org_id - 2) = 0"),
    either(89, "in a join's condition", "SELECT count(*) FROM account a JOIN item i ON CASE WHEN i.org_id = 2 THEN i.body::int = 1 END"),
    documented(90, "a view without security_barrier", "**Views** are judged by their tenant column alone",
               "a view's own conditions are its maker's; whoever lists it vouches for it"),
    refused(91, "EXPLAIN ANALYZE", "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM account"),
    either(92, "EXPLAIN's estimates", "EXPLAIN SELECT * FROM account WHERE secret LIKE 'gl0bex%'"),
    either(92, "of a range", "EXPLAIN (FORMAT json) SELECT * FROM account WHERE amount > 12"),
    refused(93, "debug output of plans", "SET debug_print_plan = on"),
    refused(93, "auto_explain", "LOAD 'auto_explain'"),
    refused(93, "its settings", "SET auto_explain.log_min_duration = 0"),
    refused(93, "log_statement_stats", "SET log_statement_stats = on"),
    refused(93, "messages as low as debug", "SET client_min_messages = debug5"),
    refused(94, "pg_stats", "SELECT most_common_vals FROM pg_stats WHERE tablename = 'account'"),
    refused(94, "of a partition", "SELECT * FROM pg_stats WHERE tablename = 'event_2024'"),
    refused(95, "pg_statistic", "SELECT * FROM pg_statistic"),
    refused(95, "pg_stats_ext", "SELECT * FROM pg_stats_ext"),
    refused(95, "pg_stats_ext_exprs", "SELECT * FROM pg_stats_ext_exprs"),
    refused(95, "pg_statistic_ext_data", "SELECT * FROM pg_statistic_ext_data"),
    refused(96, "an operator of one's own for the planner to try on statistics",
            "CREATE OPERATOR <<< (leftarg = text, rightarg = text, procedure = becomes, restrict = eqsel)"),
    refused(96, "an operator of the database's own", "SELECT * FROM account WHERE secret OPERATOR(public.=>>) 'x'"),
    refused(97, "pg_class.reltuples", "SELECT reltuples FROM pg_class WHERE relname = 'account'"),
    refused(97, "pg_class under other names", "SELECT * FROM pg_class AS p (a, b, c, d, e, f, g, h, i, j, k, l)"),
    refused(97, "a count out of a row of pg_class", "SELECT row_to_json(c) ->> 'oid', (c).reltuples FROM pg_class c"),
    whole_pg_class,
    refused(97, "pg_stat_user_tables", "SELECT n_live_tup FROM pg_stat_user_tables"),
    refused(97, "pg_statio_user_tables", "SELECT * FROM pg_statio_user_tables"),
    refused(97, "pg_sequences", "SELECT * FROM pg_sequences"),
    refused(97, "pg_stat_database", "SELECT * FROM pg_stat_database"),
    refused(98, "pg_stat_activity", "SELECT query FROM pg_stat_activity"),
    refused(98, "its function", "SELECT * FROM pg_stat_get_activity(NULL)"),
    refused(98, "pg_stat_get_backend_activity", "SELECT pg_stat_get_backend_activity(1)"),
    refused(99, "pg_stat_statements", "SELECT query FROM pg_stat_statements"),
    refused(99, "its function", "SELECT * FROM pg_stat_statements(true)"),
    refused(100, "pg_locks", "SELECT * FROM pg_locks"),
    refused(100, "pg_prepared_xacts", "SELECT * FROM pg_prepared_xacts"),
    refused(100, "pg_stat_progress_vacuum", "SELECT * FROM pg_stat_progress_vacuum"),
    either(100, "pg_cursors", "SELECT * FROM pg_cursors"),
    either(100, "pg_prepared_statements", "SELECT statement FROM pg_prepared_statements"),
    unique_violation,
    documented(101, "a key without the tenant column", KEYS, "its violation tells that the value is taken, though not whose it is"),
    same(102, "a reference to a row that is another's", "UPDATE item SET account_id = 8 WHERE id = 1"),
    refused(102, "a table of one's own that refers to it", "CREATE TABLE probe (o bigint, a bigint, FOREIGN KEY (o, a) REFERENCES account)"),
    refused(102, "a temporary one", "CREATE TEMP TABLE probe (o bigint, a bigint REFERENCES account)"),
    uncommitted_key,
    same(104, "a failing CHECK", "INSERT INTO account (id, email, amount) VALUES (90, 'x', 99999)"),
    same(104, "of an UPDATE that would reach everybody", "UPDATE account SET amount = 10000"),
    same(104, "a NULL where none may be", "UPDATE account SET email = NULL"),
    refused(105, "pg_current_wal_lsn", "SELECT pg_current_wal_lsn()"),
    refused(105, "pg_current_snapshot", "SELECT pg_current_snapshot()"),
    refused(105, "txid_current", "SELECT txid_current()"),
    refused(105, "pg_xact_status", "SELECT pg_xact_status('1')"),
    refused(105, "pg_snapshot_xmax", "SELECT pg_snapshot_xmax(pg_current_snapshot())"),
    documented(105, "xmin and ctid of one's own rows", "What PostgreSQL counts for everybody", "transaction ids and places are common"),
    documented(106, "timing", TIMING, "one PostgreSQL serves all"),
    refused(107, "pg_locks shows them", "SELECT objid FROM pg_locks WHERE locktype = 'advisory'"),
    advisory_locks,
    notifications,
    either(108, "the queue's fill", "SELECT pg_notification_queue_usage()"),
    either(108, "whose channels", "SELECT pg_listening_channels()"),
    refused(109, "pg_export_snapshot", "SELECT pg_export_snapshot()"),
    refused(109, "SET TRANSACTION SNAPSHOT", "BEGIN ISOLATION LEVEL REPEATABLE READ", "SET TRANSACTION SNAPSHOT '00000003-1'"),
    documented(109, "conflicts of SERIALIZABLE transactions", TIMING, "predicate locks may be coarser than a row"),
    documented(110, "gaps of a sequence", "**Sequences** are common to all tenants", "whoever minds uses UUIDs"),
    same(110, "lastval of another session", "SELECT lastval()"),
    documented(111, "a view that aggregates", "**Views** are judged by their tenant column alone", "it is refused until somebody lists it"),
    refused(112, "ts_stat", "SELECT * FROM ts_stat('SELECT to_tsvector(secret) FROM account')"),
    documented(112, "recall of an approximate index", TIMING, "what a common index leaves out depends on everybody's rows"),
    shown_by(113, "caches and prepared statements are a tenant's own", "integration/test_pool.py:test_tenants_do_not_share_connections",
             "integration/test_isolation.py:test_identical_statements_have_different_answers"),
    either(114, "the roles", "SELECT rolname FROM pg_roles"),
    either(114, "the databases", "SELECT datname FROM pg_database"),
    harmless(114, "who one is", "the login is common, and its name is no secret", "SELECT current_user, session_user, inet_server_addr() IS NULL"),
]
