"""COPY: what a tenant copies is what a private database would have copied."""

import io
import subprocess

import psycopg
import pytest

from harness import TABLES, sqlstate
from wire import SYNC, Wire, bind, describe, error, execute, kinds, parse, query

OPTIONS = [
    "", "(FORMAT text, HEADER)", "(DELIMITER '|', NULL '(none)')", "(FORMAT csv)", "(FORMAT csv, HEADER true)",
    "(FORMAT csv, DELIMITER ';', QUOTE '''', ESCAPE '\\', NULL 'x', FORCE_QUOTE *)", "(FORMAT binary)", "(ENCODING 'UTF8')",
    "WITH BINARY", "WITH DELIMITER AS ',' NULL AS ''", "WITH CSV HEADER FORCE QUOTE org_id",
]


def copied_out(connection, statement):
    with connection.cursor().copy(statement) as copy:
        return b"".join(bytes(part) for part in copy)


def lines(data):
    return sorted(data.splitlines())


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("tenant", ["acme", "globex"])
def test_copy_to_gives_what_a_private_database_gives(proxied, direct, tenant, options):
    with proxied.psycopg(tenant) as shared, direct.psycopg(tenant) as private:
        statements = [f"COPY {table} TO STDOUT {options}" for table in TABLES] + [f"COPY orders (note, org_id) TO STDOUT {options}"]
        for statement in statements:
            assert lines(copied_out(shared, statement)) == lines(copied_out(private, statement)), statement


@pytest.mark.parametrize("statement", [
    "COPY (SELECT id, note FROM orders ORDER BY id) TO STDOUT (FORMAT csv, HEADER)",
    "COPY (SELECT c.name, count(*) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY 1 ORDER BY 1) TO STDOUT",
    "COPY (WITH x AS (SELECT id FROM orders) SELECT count(*), sum(id) FROM x) TO STDOUT",
    "COPY (UPDATE orders SET note = 'n' WHERE id = 3 RETURNING id, note) TO STDOUT",
    "COPY (SELECT repeat('x', 100000), id FROM orders ORDER BY id) TO STDOUT (FORMAT binary)",
    "COPY countries TO STDOUT",
])
def test_copy_of_a_query_gives_what_a_private_database_gives(proxied, direct, statement):
    with proxied.psycopg(autocommit=False) as shared, direct.psycopg(autocommit=False) as private:
        assert copied_out(shared, statement) == copied_out(private, statement)
        shared.rollback()
        private.rollback()


def test_errors_of_copy_to_are_the_servers_own(target):
    with target.psycopg() as connection:
        for statement, state, message in [
                ("COPY orders (id, nope) TO STDOUT", "42703", 'column "nope" of relation "orders" does not exist'),
                ("COPY orders (id, id) TO STDOUT", "42701", 'column "id" specified more than once'),
                ("COPY open_orders TO STDOUT", "42809", 'cannot copy from view "open_orders"'),
                ("COPY orders TO STDOUT (DELIMITER '||')", "0A000", "single one-byte character"),
                ("COPY orders TO STDOUT (QUOTE ';')", "0A000", "COPY quote available only in CSV mode"),
                ("COPY (SELECT 1 / (id - 5) FROM orders) TO STDOUT", "22012", "division by zero")]:
            with pytest.raises(psycopg.Error) as caught:
                copied_out(connection, statement)
            assert sqlstate(caught.value) == state and message in str(caught.value), statement
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_copy_out_in_every_protocol(target):
    """In a string with other statements, in the extended protocol, in a pipeline, and broken off in the middle."""
    copy = "COPY (SELECT id FROM orders ORDER BY id LIMIT 2) TO STDOUT"
    with Wire(target) as wire:
        assert kinds(wire.ask(query(f"SELECT 1; {copy}; SELECT 2"))) == "TDCHddcCTDCZ"
        assert kinds(wire.ask(parse(copy), bind(), describe(b"P"), execute(), SYNC)) == "12nHddcCZ"
        assert kinds(wire.ask(parse("SELECT 1"), bind(), execute(), parse(copy), bind(), execute(), parse("SELECT 2"), bind(),
                              execute(), SYNC)) == "12DC12HddcC12DCZ"
        broken = wire.ask(query("COPY (SELECT 1 / (3 - id) FROM orders ORDER BY id) TO STDOUT; SELECT 1"))
        assert kinds(broken) in ("HddEZ", "HEZ") and error(broken)["C"] == "22012"
        broken = wire.ask(parse("COPY (SELECT 1 / (3 - id) FROM orders ORDER BY id) TO STDOUT"), bind(), execute(),
                          parse("SELECT 1"), SYNC)
        assert kinds(broken) in ("12HddEZ", "12HEZ")
        assert kinds(wire.ask(query("SELECT 1"))) == "TDCZ"


def test_psql_copies_out(proxied, direct, tmp_path):
    """Both \\copy and COPY, into a file of the client."""
    got = []
    for target in (proxied, direct):
        into = tmp_path / "out.csv"
        done = subprocess.run(["psql", "-X", "-c", f"\\copy customers to '{into}' csv header",
                               "-c", "COPY (SELECT id FROM orders ORDER BY id) TO STDOUT"],
                              capture_output=True, text=True, timeout=60, check=True, env=target.environment())
        got.append((sorted(into.read_text().splitlines()), done.stdout))
    assert got[0] == got[1] and "COPY 8" in got[0][1]


def test_psycopg2_copies_out(target):
    connection = target.psycopg2()
    cursor, out = connection.cursor(), io.StringIO()
    cursor.copy_expert("COPY (SELECT id FROM orders ORDER BY id) TO STDOUT", out)
    assert out.getvalue() == "".join(f"{i}\n" for i in range(1, 17))
    out = io.StringIO()
    cursor.copy_to(out, "countries", columns=("code",))
    assert "DE" in out.getvalue().split()
    connection.close()


@pytest.mark.parametrize("form", ["text", "binary"])
def test_psycopg_reads_rows_of_a_copy(target, form):
    with target.psycopg() as connection:
        with connection.cursor().copy(f"COPY (SELECT id, org_id FROM orders ORDER BY id) TO STDOUT (FORMAT {form})") as copy:
            copy.set_types(["int8", "int8"])
            assert list(copy.rows()) == [(i, 1) for i in range(1, 17)]


def test_large_copies_pass_in_bounded_memory(proxied):
    """200 MB, and single rows of 30 MB."""
    with proxied.psycopg() as connection:
        before = proxied.bulkhead.rss()
        total = 0
        with connection.cursor().copy("COPY (SELECT repeat('y', 1000000) FROM generate_series(1, 200)) TO STDOUT") as copy:
            for part in copy:
                total += len(part)
        assert total == 200 * 1000001
        with connection.cursor().copy("COPY (SELECT repeat('y', 30000000) FROM generate_series(1, 3)) TO STDOUT") as copy:
            assert sum(len(part) for part in copy) == 3 * 30000001
        assert proxied.bulkhead.rss() - before < 20_000_000


def test_a_role_without_copy_may_not(own_proxy):
    target = own_proxy(roles={"owner": {"allow": "all"}, "reader": {"allow": ["select"]}},
                       users={"acme_app": {"tenant": "acme", "role": "reader", "password": {"plain": "correct horse"}}})
    with target.psycopg() as connection:
        for statement in ("COPY orders TO STDOUT", "COPY (SELECT 1) TO STDOUT"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
                copied_out(connection, statement)
            assert "reader" in caught.value.diag.message_hint


# --- COPY FROM STDIN ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tables(postgres):
    """Tables of many types, with row-level security and without, in the shared database and in acme's own."""
    columns = """(id bigint GENERATED BY DEFAULT AS IDENTITY, org_id bigint NOT NULL {org}, n int, t text, v varchar(5), c char(3),
                  d numeric(6,2), b boolean, at timestamptz, tags text[], j jsonb, raw bytea, mood text DEFAULT 'fine',
                  twice int GENERATED ALWAYS AS (n * 2) STORED, PRIMARY KEY (org_id, id), CHECK (n < 1000))"""
    for database, org in (("shop", ""), ("shop_acme", "DEFAULT 1 CHECK (org_id = 1)")):
        for table in ("guarded", "plain"):
            postgres.psql(f"CREATE TABLE {table} {columns.format(org=org)}; GRANT ALL ON {table} TO app_rw;"
                          f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1000);"
                          f"INSERT INTO {table} (id, org_id, t) VALUES (1, 1, 'here')"
                          + (", (1, 2, 'theirs'), (77, 2, 'theirs')" if database == "shop" else ""), database)
        postgres.psql("ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; ALTER TABLE guarded FORCE ROW LEVEL SECURITY;"
                      "CREATE POLICY tenant ON guarded USING (org_id = current_setting('app.org_id')::bigint)", database)
    postgres.psql("ALTER TABLE guarded DISABLE ROW LEVEL SECURITY", "shop_acme")  # the yardstick copies natively
    return "guarded", "plain"


@pytest.fixture
def copying(tables, own_proxy):
    return own_proxy()


def copied_in(connection, statement, *parts):
    cursor = connection.cursor()
    with cursor.copy(statement) as copy:
        for part in parts:
            copy.write(part)
    return cursor.rowcount


def everything(connection, table):
    return connection.execute(f"SELECT * FROM {table} ORDER BY id, t").fetchall()


def theirs(postgres, table):
    return postgres.psql(f"SELECT * FROM {table} WHERE org_id <> 1 ORDER BY id", "shop")


ROWS = [
    ("(id, n, t)", "", "5\t6\tseven\n8\t\\N\t\\tx\\\\\\n\n9\t-1\tüñ€\n"),
    ("(id, n, t)", "", "5\t6\tseven\r\n8\t\\N\tx\r\n\\.\r\nwhatever"),
    ("(id, org_id, t)", "", "5\t1\tmine\n6\t 01\tmine\n"),
    ("(id, v, c, d, b)", "", "5\tabcde\tab\t1.005\tt\n6\t\t \t\\N\tno\n"),
    ("(id, tags, j, raw, at)", "", '5\t{a,"b c",NULL}\t{"k": [1, 2]}\t\\\\xdeadbeef\t2024-01-01 00:00+00\n'),
    ("(t, id)", "(FORMAT csv)", '"a,""b""\nc",5\n,6\n"",7\n'),
    ("(t, id)", "(FORMAT csv, HEADER, DELIMITER ';', QUOTE '''', ESCAPE '\\', NULL 'nix')", "T;I\n'x\\'y;z';5\nnix;6\n'nix';7\n"),
    ("(t, id)", "(FORMAT csv, HEADER match, FORCE_NOT_NULL (t))", "t,id\n,5\nx,6\n"),
    ("(t, id)", "(FORMAT csv, FORCE_NULL (t))", '"",5\nx,6\n'),
    ("(id, t)", "(DELIMITER '|', NULL '1')", "5|1\n6|x\n"),
    ("", "(FORMAT csv, HEADER)", "h\n5,1,6,t,v,c,1,t,,,,,m\n"),
    ("(id, n)", "", ""),
    ("(id)", "", "5\n6"),
    ("(n, t)", "WITH CSV", "1,defaults\n2,defaults\n"),
]


@pytest.mark.parametrize("table", ["guarded", "plain"])
@pytest.mark.parametrize("columns, options, data", ROWS)
def test_copy_from_does_what_it_does_in_a_private_database(copying, direct, postgres, table, columns, options, data):
    before = theirs(postgres, table)
    got = []
    for target in (copying, direct):
        for cut in (None, 1, 7):
            with target.psycopg(autocommit=False) as connection:
                parts = [data] if cut is None else [data[i:i + cut] for i in range(0, len(data), cut)]
                count = copied_in(connection, f"COPY {table} {columns} FROM STDIN {options}", *parts)
                rows = connection.execute(f"SELECT org_id, n, t, v, c, d, b, at, tags, j, raw, mood, twice FROM {table} ORDER BY id, t"
                                          ).fetchall()
                got.append((count, rows))
                connection.rollback()
    assert all(one == got[0] for one in got), got
    assert theirs(postgres, table) == before


@pytest.mark.parametrize("table", ["guarded", "plain"])
def test_an_application_that_knows_nothing_of_the_tenant_column(copying, postgres, table):
    """Without a list and without the column; and what pgbench sends."""
    before = theirs(postgres, table)
    with copying.psycopg(autocommit=False) as connection:
        row = "50\t6\tseven\tv\tc\t1\tt\t\\N\t\\N\t\\N\t\\N\tm\n"
        assert copied_in(connection, f"copy {table} from stdin with (freeze on)", row) == 1
        assert connection.execute(f"SELECT org_id, n, t FROM {table} WHERE id = 50").fetchall() == [(1, 6, "seven")]
        connection.rollback()
    assert theirs(postgres, table) == before


@pytest.mark.parametrize("table", ["guarded", "plain"])
def test_binary_rows(copying, direct, postgres, table):
    got = []
    for target in (copying, direct):
        with target.psycopg(autocommit=False) as connection:
            with connection.cursor().copy(f"COPY {table} (id, n, t) FROM STDIN (FORMAT binary)") as copy:
                copy.set_types(["int8", "int4", "text"])
                for i in range(100, 200):
                    copy.write_row((i, None if i % 3 else i, "x" * i))
            with connection.cursor().copy(f"COPY {table} (org_id, id) FROM STDIN (FORMAT binary)") as copy:
                copy.set_types(["int8", "int8"])
                copy.write_row((1, 300))
            got.append(everything(connection, table))
            connection.rollback()
    assert got[0] == got[1]


@pytest.mark.parametrize("table", ["guarded", "plain"])
@pytest.mark.parametrize("statement, data, line", [
    ("COPY {} (id, org_id) FROM STDIN", "5\t1\n6\t2\n", 2),
    ("COPY {} (id, org_id) FROM STDIN", "5\t\\N\n", 1),
    ("COPY {} (id, org_id) FROM STDIN", "5\t\\x32\n", 1),
    ("COPY {} (org_id, id) FROM STDIN (FORMAT csv)", '"2",6\n', 1),
    ("COPY {} (org_id, id) FROM STDIN (FORMAT csv)", ",6\n", 1),
    ("COPY {} FROM STDIN (FORMAT csv, HEADER)", "h\n5,2,6,t,v,c,1,t,,,,,m\n", 2),
    ("COPY {} (id, org_id) FROM STDIN (NULL '2')", "5\t2\n", 1),
    ("COPY {} (id, org_id) FROM STDIN", "5\t2\\.\n", 1),
    # An escape counts only for the byte behind it; what looked like the end may hold a delimiter.
    ("COPY {} (t, org_id, id) FROM STDIN (FORMAT csv, ESCAPE '\\')", '"\\x",2,",1,"\n', 1),
    ("COPY {} (t, org_id) FROM STDIN (FORMAT csv, DELIMITER '.')", "\\.2", 1),
])
def test_a_foreign_organisation_fails_the_whole_copy(copying, postgres, table, statement, data, line):
    before = postgres.psql(f"SELECT * FROM {table}", "shop")
    with copying.psycopg() as connection:
        for cut in (len(data), 1):
            with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
                copied_in(connection, statement.format(table), *[data[i:i + cut] for i in range(0, len(data), cut)])
            assert caught.value.diag.context == f"COPY {table}, line {line}", caught.value
            assert "own organisation" in str(caught.value)
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert postgres.psql(f"SELECT * FROM {table}", "shop") == before


@pytest.mark.parametrize("table", ["guarded", "plain"])
@pytest.mark.parametrize("statement, data, state, context", [
    ("COPY {} (id, n) FROM STDIN", "5\t6\n6\tx\n", "22P02", 'COPY {}, line 2, column n: "x"'),
    ("COPY {} (id, v) FROM STDIN", "5\tabcdef\n", "22001", 'COPY {}, line 1, column v: "abcdef"'),
    ("COPY {} (id, n) FROM STDIN", "5\n", "22P04", 'COPY {}, line 1: "5"'),
    ("COPY {} (id, n) FROM STDIN", "5\t6\t7\n", "22P04", None),
    ("COPY {} (id, n) FROM STDIN", "5\t6\nx\t6\r\n", "22P04", None),
    ("COPY {} (id, t) FROM STDIN (FORMAT csv)", '5,"x\n', "22P04", None),
    ("COPY {} (id, n) FROM STDIN", "5\t2000\n", "23514", None),
    ("COPY {} (id, n) FROM STDIN", "1\t6\n", "23505", None),
    ("COPY {} (id, nope) FROM STDIN", "", "42703", None),
    ("COPY {} (id, id) FROM STDIN", "", "42701", None),
    ("COPY {} (id, twice) FROM STDIN", "", "42P10", None),
    ("COPY {} (id, t) FROM STDIN (FORMAT csv, HEADER match)", "id,x\n", "22P04", None),
    ("COPY {} (id) FROM STDIN (QUOTE 'x')", "", "0A000", None),
    ("COPY {} (id) FROM STDIN (FORMAT binary)", b"x" * 30, "22P04", None),
])
def test_errors_of_copy_from_are_the_servers_own(copying, direct, postgres, table, statement, data, state, context):
    before = postgres.psql(f"SELECT * FROM {table}", "shop")
    for target in (copying, direct):
        with target.psycopg() as connection:
            with pytest.raises(psycopg.Error) as caught:
                copied_in(connection, statement.format(table), data)
            assert sqlstate(caught.value) == state, caught.value
            if context:
                assert caught.value.diag.context == context.format(table)
            assert "bulkhead_copy" not in str(caught.value)
            assert connection.execute("SELECT 1").fetchone() == (1,)
    assert postgres.psql(f"SELECT * FROM {table}", "shop") == before


@pytest.mark.parametrize("table", ["guarded", "plain"])
@pytest.mark.parametrize("options", ["(DELIMITER 'A')", "(FORMAT csv, QUOTE E'\\n')", "(FORMAT csv, DELIMITER '\\')"])
def test_characters_that_would_mean_two_things_are_refused(copying, table, options):
    with copying.psycopg() as connection:
        with pytest.raises(psycopg.errors.FeatureNotSupported) as caught:
            copied_in(connection, f"COPY {table} (t, org_id, id) FROM STDIN {options}", "\\x4A1A2A5\n")
        assert "DELIMITER, QUOTE or ESCAPE" in str(caught.value)


@pytest.mark.parametrize("table", ["guarded", "plain"])
def test_rows_that_where_leaves_out(copying, direct, table):
    got = []
    for target in (copying, direct):
        with target.psycopg(autocommit=False) as connection:
            count = copied_in(connection, f"COPY {table} (id, t) FROM STDIN WHERE id > 5 AND lower(t) <> 'x'", "5\ta\n6\tX\n7\tb\n")
            got.append((count, connection.execute(f"SELECT id, t FROM {table} ORDER BY id").fetchall()))
            connection.rollback()
    assert got[0] == got[1] == (1, [(1, "here"), (7, "b")])


def test_temporary_buffers_are_nobody_elses(copying, tables):
    """After a COPY by way of a temporary table the session is as if there had been none; after one without it stays."""
    with copying.psycopg() as connection:
        backend = lambda: connection.execute("SELECT pg_backend_pid()").fetchone()  # noqa: E731
        first = backend()
        copied_in(connection, "COPY plain (id) FROM STDIN WHERE false", "500\n")
        assert backend() == first
        copied_in(connection, "COPY guarded (id) FROM STDIN WHERE false", "500\n")
        assert backend() != first
        connection.execute("SET temp_buffers = '4MB'")
        second = backend()
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            copied_in(connection, "COPY guarded (id) FROM STDIN", "x\n")
        assert backend() != second
        connection.execute("SET temp_buffers = '2MB'")
        assert connection.execute("SHOW temp_buffers").fetchone() == ("2MB",)


D, DONE = (lambda data: (b"d", data)), (b"c", b"")


@pytest.mark.parametrize("table", ["guarded", "plain"])
def test_copy_in_in_every_conversation(copying, direct, table):
    """Alone, in strings, in transactions, with CopyFail, with errors before, in and after it."""
    copy = f"COPY {table} (id, n) FROM STDIN"
    for target in (copying, direct):
        with Wire(target) as wire:
            def run(text, *messages):
                wire.send(query(text))
                first = wire.until(b"G")
                wire.send(*messages)
                return kinds(first) + kinds(wire.until(b"Z"))

            assert run(f"BEGIN; {copy}; SELECT count(*) FROM {table}; ROLLBACK", D(b"9\t1\n"), DONE) == "CGCTDCCZ"
            assert run(f"SELECT 1; {copy}; SELECT 1 / (count(*) - count(*)) FROM {table}", D(b"9\t1\n"), DONE) in ("TDCGCTEZ", "TDCGCEZ")
            failed = wire.ask(query(copy), (b"f", b"no more\0"))
            assert kinds(failed) == "GEZ" and error(failed)["C"] == "57014" and "no more" in error(failed)["M"]
            assert kinds(wire.ask(query("BEGIN; SAVEPOINT s"))) == "CCZ"
            broken = wire.ask(query(copy), D(b"x\t1\n"), DONE)
            assert kinds(broken) == "GEZ" and broken[-1][1] == b"E"
            assert kinds(wire.ask(query("ROLLBACK TO s"))) == "CZ"
            done = wire.ask(query(copy), D(b"9"), D(b"\t"), D(b"1\n8\t2"), DONE)
            assert kinds(done) == "GCZ" and b"COPY 2\0" in [body for kind, body in done] and done[-1][1] == b"T"
            assert wire.rows(f"SELECT count(*) FROM {table}") == [[b"3"]]
            assert kinds(wire.ask(query("ROLLBACK"))) == "CZ"
            assert wire.rows(f"SELECT count(*) FROM {table}") == [[b"1"]]
            assert kinds(wire.ask(query(f"{copy}; {copy}"), D(b"9\t1\n"), DONE, D(b"1\t1\n"), DONE)) == "GCGEZ", "atomic"
            assert wire.rows(f"SELECT count(*) FROM {table}") == [[b"1"]]
            wire.send(D(b"late"), DONE, (b"f", b"x\0"))
            assert kinds(wire.ask(query("SELECT 1"))) == "TDCZ"
            # What looks like messages is data; refused rows leave the session in step.
            assert kinds(wire.ask(query(f"COPY {table} (id, t) FROM STDIN"), D(b"9\tQ\0\0\0\x04\n"), DONE)) == "GEZ"
            assert kinds(wire.ask(query(f"COPY {table} (id, org_id) FROM STDIN"), D(b"9\t2\n"), D(b"10\t2\n"), DONE)) == "GEZ"
            assert kinds(wire.ask(query("SELECT 1"))) == "TDCZ"


@pytest.mark.parametrize("table", ["guarded", "plain"])
def test_a_message_sent_ahead_is_the_end_of_a_copy(copying, postgres, table):
    """The server reads it as one inside the COPY, never answers it and closes the connection. Were it passed on and its answer
    waited for, the rows of the third COPY could be read by the columns of the second."""
    with Wire(copying) as wire:
        first = f"COPY {table} (id, n) FROM STDIN"
        wire.send(query(first), query("COPY plain (n) FROM STDIN"))
        ended = wire.until(b"Z")
        assert kinds(ended) == "GEZ" and error(ended)["C"] == "08P01" and "0x51" in error(ended)["M"]
        wire.send(query("COPY plain (org_id, id) FROM STDIN"))
        wire.until(b"G")
        assert kinds(wire.ask(D(b"2\t600\n"), DONE)) == "EZ"
        wire.send(query(first), SYNC)
        wire.until(b"G")
        assert kinds(wire.ask(D(b"x\t1\n"), DONE)) == "EZ"
        assert kinds(wire.ask(query("SELECT 1"))) == "TDCZ"
        if table == "plain":
            wire.send(parse(first), bind(), execute(), parse("SELECT 1"), SYNC)
            ended = wire.until(b"Z")
            assert kinds(ended) == "12GEZ" and "0x50" in error(ended)["M"]
            assert kinds(wire.ask(query("SELECT 1"))) == "TDCZ"
    assert postgres.psql("SELECT count(*) FROM plain WHERE id = 600", "shop").strip() == "0"


def test_copy_in_in_the_extended_protocol(copying, direct):
    for target in (copying, direct):
        with Wire(target) as wire:
            copy = "COPY plain (id, n) FROM STDIN"
            assert kinds(wire.ask(query("BEGIN"))) == "CZ"
            wire.send(parse(copy), bind(), execute(), SYNC)
            assert kinds(wire.until(b"G")) == "12G"
            assert kinds(wire.ask(D(b"9\t1\n"), DONE, SYNC)) == "CZ"
            wire.send(parse(copy), bind(), execute(), SYNC)
            wire.until(b"G")
            assert kinds(wire.ask(D(b"x\t1\n"), DONE, SYNC)) == "EZ"
            assert kinds(wire.ask(query("ROLLBACK"))) == "CZ"


def test_a_copy_that_fails_before_it_reads(copying, direct, postgres):
    """The Sync of the batch, which the server would have ignored inside the COPY, then ends the batch."""
    for database in ("shop", "shop_acme"):
        postgres.psql("CREATE TABLE watched (org_id bigint, id bigint); GRANT ALL ON watched TO app_rw;"
                      "CREATE FUNCTION closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'closed'; END $$;"
                      "CREATE TRIGGER closed BEFORE INSERT ON watched FOR EACH STATEMENT EXECUTE FUNCTION closed()", database)
    for target in (copying, direct):
        with Wire(target) as wire:
            wire.send(parse("COPY watched (org_id, id) FROM STDIN"), bind(), execute(), SYNC)
            assert kinds(wire.until(b"Z")) == "12GEZ"
            assert kinds(wire.ask(D(b"1\t2\n"), DONE, query("SELECT 1"))) == "TDCZ"
            wire.send(query("COPY watched (org_id, id) FROM STDIN"))
            assert kinds(wire.until(b"Z")) == "GEZ"
            assert kinds(wire.ask(D(b"1\t2\n"), DONE, query("SELECT 1"))) == "TDCZ"


def test_a_client_that_goes_in_the_middle_leaves_nothing(copying, postgres):
    for table in ("guarded", "plain"):
        wire = Wire(copying)
        wire.send(query(f"COPY {table} (id, n) FROM STDIN"))
        wire.until(b"G")
        wire.send(D(b"9\t1\n"))
        wire.close()
        with copying.psycopg() as connection:
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)


@pytest.mark.parametrize("table", ["guarded", "plain"])
def test_gigabytes_pass_in_bounded_memory(copying, table):
    """60 MB in messages of every size, one of them 40 MB long."""
    with copying.psycopg(autocommit=False) as connection:
        before = copying.bulkhead.rss()
        row = "7\t" + "x" * 990 + "\n"
        parts = [row * 10] * 2000 + [row * 40000]
        numbered = (part.replace("7\t", "7\t", 1) for part in parts)
        with pytest.raises(psycopg.errors.UniqueViolation):
            copied_in(connection, f"COPY {table} (id, t) FROM STDIN", *numbered)
        assert copying.bulkhead.rss() - before < 30_000_000
        connection.rollback()


def test_psql_copies_in(copying, direct, tmp_path):
    got = []
    (tmp_path / "in.csv").write_text("id,t\n5,x\n6,\"y\nz\"\n")
    for target in (copying, direct):
        done = subprocess.run(["psql", "-X", "-v", "ON_ERROR_STOP=1", "-c", "BEGIN",
                               "-c", f"\\copy guarded (id, t) from '{tmp_path}/in.csv' csv header",
                               "-c", "SELECT org_id, id, t FROM guarded ORDER BY id", "-c", "ROLLBACK"],
                              capture_output=True, text=True, timeout=60, check=True, env=target.environment())
        got.append(done.stdout)
    assert got[0] == got[1] and "COPY 2" in got[0]


def test_psycopg2_copies_in(copying):
    connection = copying.psycopg2(autocommit=False)
    for table in ("guarded", "plain"):
        cursor = connection.cursor()
        cursor.copy_expert(f"COPY {table} (id, t) FROM STDIN (FORMAT csv)", io.StringIO("5,x\n6,y\n"))
        assert cursor.rowcount == 2
        cursor.copy_from(io.StringIO("7\tz\n"), table, columns=("id", "t"))
        cursor.execute(f"SELECT id, org_id FROM {table} ORDER BY id")
        assert cursor.fetchall() == [(1, 1), (5, 1), (6, 1), (7, 1)]
    connection.rollback()
    connection.close()
