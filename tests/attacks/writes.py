"""67–87: writing where, or what, is not one's own."""

from attack import documented, either, harmless, refused, same, shown_by, wire
from wire import bind, execute, parse, query


@wire(67, "the tenant column bound, as text and binary")
def bound(scene):
    client = scene.login()
    insert = parse("INSERT INTO item (org_id, id, body) VALUES ($1, 70, 'x')")
    for value, formats in ((b"2", ()), (b" 2", ()), (b"\0\0\0\0\0\0\0\2", (1,)), (b"\0\0\0\2", (1,)), (b"", ()), (None, ())):
        answer = client.ask(insert, bind(value, formats=formats), execute(), (b"S", b""))
        assert "E" in scene.kinds(answer), (value, answer)


@wire(68, "the tenant column assigned a bound value")
def assigned(scene):
    client = scene.login()
    for text in ("UPDATE account SET org_id = $1", "UPDATE account SET (amount, org_id) = (1, $1)",
                 "INSERT INTO account (id, email) VALUES (1, 'x') ON CONFLICT (org_id, id) DO UPDATE SET org_id = $1"):
        assert "E" in scene.kinds(client.ask(parse(text), bind(b"2"), execute(), (b"S", b""))), text


@wire(87, "what one client leaves is not there for the next, of the same organisation or another")
def leftovers(scene):
    first = scene.login()
    for text in ("SET statement_timeout = '7s'", "DECLARE c CURSOR WITH HOLD FOR SELECT secret FROM account", "LISTEN x",
                 "CREATE TEMP TABLE left_over (a int)", "BEGIN", "SAVEPOINT s"):
        first.ask(query(text))
    first.ask(parse("SELECT 1", "named"), (b"S", b""))
    first.close()
    for tenant in ("acme", "globex"):
        for _ in range(6):  # as many as the pool has connections, and more
            second = scene.login(tenant)
            assert scene.texts(second.ask(query("SHOW statement_timeout"))) == ["0"]
            assert "E" in scene.kinds(second.ask(query("FETCH ALL FROM c")))
            assert "E" in scene.kinds(second.ask(query("SELECT * FROM left_over")))
            assert "E" in scene.kinds(second.ask(bind(statement="named"), execute(), (b"S", b"")))
            assert second.ask(query("SELECT 1"))[-1] == (b"Z", b"I")


CONFLICT = "INSERT INTO account (id, email, amount) VALUES (8, 'x', 1) ON CONFLICT"
ATTACKS = [
    refused(67, "another's organisation in VALUES", "INSERT INTO item (org_id, id) VALUES (2, 60)"),
    refused(67, "in one row of many", "INSERT INTO item (org_id, id) VALUES (1, 60), (2, 61)"),
    refused(67, "as an expression", "INSERT INTO item (org_id, id) VALUES (1 + 1, 60)"),
    refused(67, "without a column list", "INSERT INTO item VALUES (2, 60, NULL, 'x')"),
    either(67, "by SELECT", "INSERT INTO item (org_id, id) SELECT 2, 60"),
    either(67, "by SELECT of a query", "INSERT INTO item (id, org_id, body) SELECT i.id + 60, x.o, 'x' FROM item i, (VALUES (2::bigint)) x (o)"),
    either(67, "by TABLE", "INSERT INTO account TABLE account"),
    either(67, "DEFAULT VALUES", "INSERT INTO item DEFAULT VALUES"),
    either(67, "OVERRIDING", "INSERT INTO item (org_id, id) OVERRIDING USER VALUE VALUES (2, 60)"),
    same(67, "DEFAULT is one's own", "INSERT INTO item (org_id, id) VALUES (DEFAULT, 60) RETURNING *"),
    same(67, "left out it is one's own", "INSERT INTO item (id, body) VALUES (60, 'x') RETURNING *"),
    refused(67, "through a partition", "INSERT INTO event_2024 (org_id, id, at) VALUES (2, 60, '2024-05-05')"),
    refused(67, "through a view", "INSERT INTO account_as_invoker (org_id, id, email) VALUES (2, 60, 'x')"),
    refused(67, "where another's tenant column is another one: a child of two tables",
            "INSERT INTO by_both (id, org_id, body) VALUES (1, 2, 'planted')"),
    refused(67, "where another's tenant column is another one: a partition", "INSERT INTO ledger_2024 (org_id, at) VALUES (2, '2024-05-05')"),
    refused(67, "where another's tenant column is another one: its parent", "INSERT INTO ledger (account_id, at) VALUES (2, '2024-05-05')"),
    refused(67, "by the star of a row", "INSERT INTO item (org_id, id) VALUES ((ROW(2, 60)::pair).*)"),
    refused(67, "behind the star of a row", "INSERT INTO item (id, account_id, org_id) VALUES ((ROW(60, 2)::pair).*, 1)"),
    refused(67, "in a CTE", "WITH i AS (INSERT INTO item (org_id, id) VALUES (2, 60) RETURNING *) SELECT * FROM i"),
    bound,
    refused(68, "a row given away", "UPDATE account SET org_id = 2 WHERE id = 1"),
    refused(68, "among others", "UPDATE account SET (amount, org_id) = (1, 2)"),
    refused(68, "from a subquery", "UPDATE account SET (amount, org_id) = (SELECT 1, 2)"),
    refused(68, "from a ROW", "UPDATE account SET (amount, org_id) = ROW (1, 2)"),
    refused(68, "from itself, plus one", "UPDATE account SET org_id = org_id + 1"),
    refused(68, "from itself", "UPDATE account SET org_id = org_id"),
    refused(68, "the default", "UPDATE account SET org_id = DEFAULT"),
    refused(68, "from itself, in a list", "UPDATE account SET (amount, org_id) = (1, org_id)"),
    same(68, "in a conflict, to what was to be inserted", "INSERT INTO account (id, email) VALUES (1, 'x') ON CONFLICT (org_id, id) "
                                                          "DO UPDATE SET org_id = excluded.org_id RETURNING *"),
    refused(68, "as a quoted name", 'UPDATE account SET "org_id" = 2'),
    refused(68, "through a view", "UPDATE account_as_invoker SET org_id = 2"),
    refused(68, "in a CTE", "WITH u AS (UPDATE account SET org_id = 2 RETURNING *) SELECT * FROM u"),
    assigned,
    same(69, "a key that only another organisation has", f"{CONFLICT} (org_id, id) DO UPDATE SET amount = 777 RETURNING *"),
    same(69, "by the constraint's name", f"{CONFLICT} ON CONSTRAINT account_pkey DO UPDATE SET amount = 777 RETURNING *"),
    same(69, "without a condition", f"{CONFLICT} (org_id, email) DO UPDATE SET amount = 777 WHERE true RETURNING *"),
    refused(69, "with another organisation", f"{CONFLICT} (org_id, id) DO UPDATE SET org_id = 2"),
    same(70, "DO NOTHING tells of one's own rows only", f"{CONFLICT} DO NOTHING"),
    documented(70, "a unique key without the tenant column", "Unique constraints, sequences and identity columns that span tenants",
               "the database has to have the tenant column in its keys"),
    either(71, "MERGE that updates", "MERGE INTO account a USING (VALUES (2::bigint, 3::bigint)) v (o, i) ON a.org_id = v.o AND a.id = v.i "
                                     "WHEN MATCHED THEN UPDATE SET amount = 777"),
    either(71, "MERGE that deletes", "MERGE INTO account a USING item i ON a.id = i.id WHEN MATCHED THEN DELETE"),
    either(71, "MERGE that tells by inserting", "MERGE INTO account a USING (VALUES (8::bigint)) v (i) ON a.id = v.i WHEN NOT MATCHED THEN "
                                                "INSERT (id, email) VALUES (v.i, 'x')"),
    refused(71, "MERGE with another organisation", "MERGE INTO item t USING (VALUES (60)) v (i) ON t.id = v.i WHEN NOT MATCHED THEN "
                                                   "INSERT (org_id, id) VALUES (2, v.i)"),
    refused(71, "MERGE that gives a row away", "MERGE INTO item t USING item v ON t.id = v.id WHEN MATCHED THEN UPDATE SET org_id = 2"),
    either(71, "BY SOURCE", "MERGE INTO item t USING (VALUES (1)) v (i) ON t.id = v.i WHEN NOT MATCHED BY SOURCE THEN DELETE"),
    same(72, "UPDATE FROM", "UPDATE account a SET secret = i.body FROM item i WHERE i.org_id <> a.org_id"),
    same(72, "DELETE USING", "DELETE FROM item USING account WHERE account.org_id = 2"),
    same(72, "UPDATE FROM a join", "UPDATE item t SET body = a.secret FROM account a LEFT JOIN item i ON i.org_id <> a.org_id WHERE t.id = a.id"),
    same(73, "a reference to a row that only another organisation has", "INSERT INTO item (id, account_id) VALUES (60, 8)"),
    documented(73, "a foreign key without the tenant column", "Unique constraints, sequences and identity columns that span tenants",
               "the database has to have the tenant column in its keys"),
    same(74, "ON DELETE CASCADE stays inside", "DELETE FROM account"),
    either(75, "TRUNCATE", "TRUNCATE item"),
    either(75, "TRUNCATE with everything that refers to it", "TRUNCATE account CASCADE"),
    either(75, "TRUNCATE of a partition", "TRUNCATE ONLY event_2024"),
    either(75, "TRUNCATE that restarts sequences", "TRUNCATE parent, child RESTART IDENTITY"),
    refused(76, "COPY from a file", "COPY item FROM '/etc/passwd'"),
    refused(76, "COPY from a program", "COPY item FROM PROGRAM 'cat'"),
    # 76, COPY FROM STDIN: copying.py
    refused(77, "LOCK TABLE", "BEGIN", "LOCK TABLE account IN ACCESS EXCLUSIVE MODE"),
    refused(78, "CREATE TRIGGER", "CREATE TRIGGER t AFTER INSERT ON account EXECUTE FUNCTION tell('x')"),
    refused(78, "CREATE EVENT TRIGGER", "CREATE EVENT TRIGGER t ON ddl_command_start EXECUTE FUNCTION tell()"),
    refused(79, "CREATE RULE", "CREATE RULE r AS ON SELECT TO account DO INSTEAD SELECT * FROM item"),
    refused(79, "CREATE POLICY", "CREATE POLICY p ON account USING (true)"),
    refused(79, "ALTER POLICY", "ALTER POLICY tenant ON account USING (true)"),
    refused(79, "DROP POLICY", "DROP POLICY tenant ON account"),
    refused(79, "row-level security switched off", "ALTER TABLE account DISABLE ROW LEVEL SECURITY"),
    refused(79, "a column added", "ALTER TABLE account ADD COLUMN x int DEFAULT 1"),
    refused(80, "DROP OWNED", "DROP OWNED BY app_rw"),
    refused(80, "REASSIGN OWNED", "REASSIGN OWNED BY app_rw TO bank_owner"),
    refused(81, "GRANT", "GRANT SELECT ON account TO PUBLIC"),
    refused(81, "REVOKE", "REVOKE ALL ON account FROM app_rw"),
    refused(81, "ALTER DEFAULT PRIVILEGES", "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC"),
    refused(81, "COMMENT", "COMMENT ON TABLE account IS 'mine'"),
    refused(81, "SECURITY LABEL", "SECURITY LABEL ON TABLE account IS 'x'"),
    refused(82, "ALTER ROLE PASSWORD", "ALTER ROLE app_rw PASSWORD 'x'"),
    refused(82, "ALTER USER", "ALTER USER CURRENT_USER WITH PASSWORD 'x'"),
    refused(82, "CREATE ROLE", "CREATE ROLE mine LOGIN"),
    *(refused(83, f"large objects: {name}", f"SELECT {call}") for name, call in {
        "lo_create": "lo_create(0)", "lo_get": "lo_get(1)", "lo_open": "lo_open(1, 131072)", "loread": "loread(0, 10)",
        "lo_unlink": "lo_unlink(1)", "lo_from_bytea": "lo_from_bytea(0, 'x')", "lo_put": "lo_put(1, 0, 'x')",
        "lo_export": "lo_export(1, '/tmp/x')", "lo_import": "lo_import('/etc/passwd')"}.items()),
    refused(83, "their catalogue", "SELECT * FROM pg_largeobject"),
    refused(84, "setval", "SELECT setval('s', 1)"),
    documented(84, "nextval drains", "**Sequences** are common to all tenants", "USAGE is what an INSERT needs"),
    same(85, "FOR UPDATE", "SELECT secret FROM account WHERE org_id = 2 FOR UPDATE"),
    same(85, "SKIP LOCKED", "SELECT secret FROM account FOR UPDATE SKIP LOCKED"),
    same(85, "FOR SHARE OF a join", "SELECT a.secret FROM account a JOIN item i USING (id) FOR NO KEY UPDATE OF a"),
    refused(85, "rows of a shared table through a view", "SELECT name FROM account_in_country FOR UPDATE"),
    refused(85, "the same from around it", "SELECT * FROM (SELECT name FROM account_in_country) v FOR SHARE SKIP LOCKED"),
    refused(86, "pg_logical_emit_message", "SELECT pg_logical_emit_message(false, 'x', 'y')"),
    leftovers,
    same(87, "DISCARD ALL is one's own", "DISCARD ALL", "SELECT secret FROM account"),
    harmless(87, "a lock in a transaction that is left open ends with it", "its connection is closed or rolled back",
             "BEGIN", "UPDATE account SET amount = 6", "ROLLBACK"),
]
