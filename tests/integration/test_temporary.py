"""Temporary tables, where tenancy.temporary_tables allows them: the client's own, gone before anybody else gets the connection."""

import psycopg
import pytest

import harness

TENANCY = {"column": "org_id", "session_variable": "app.org_id", "without_row_security": "accept", "lock_secret": "of the integration tests",
           "temporary_tables": "allow"}


@pytest.fixture(params=["transaction", "session"])
def temporary(request, own_proxy):
    return own_proxy(tenancy=TENANCY, pool={"mode": request.param, "size": 1})


@pytest.fixture
def small(own_proxy):
    """One server connection for each tenant, which a client that waits for it gets within a second or not at all."""
    return own_proxy(tenancy=TENANCY, pool={"mode": "transaction", "size": 1}, limits={"queue_timeout": "1s"})


SCRIPT = [
    "CREATE TEMP TABLE line (id int PRIMARY KEY, name text NOT NULL DEFAULT upper('x'), twice int GENERATED ALWAYS AS (id * 2) STORED, CHECK (id < 1000))",
    "INSERT INTO line (id, name) SELECT id, name FROM customers",
    "INSERT INTO line (id) VALUES (900), (901) RETURNING *",
    "INSERT INTO line (id) VALUES (900) ON CONFLICT (id) DO UPDATE SET name = 'again' WHERE line.id > 1 RETURNING id, name",
    "INSERT INTO line (id) VALUES (1000)",
    "CREATE INDEX line_name ON line (lower(name)) WHERE id > 1",
    "ANALYZE line",
    "SELECT * FROM line ORDER BY id",
    "SELECT l.id, c.name, o.status FROM line l LEFT JOIN customers c ON c.id = l.id FULL JOIN orders o USING (id) ORDER BY 1, 3",
    "SELECT count(*) FROM line l WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = l.id)",
    "SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() ORDER BY 1",
    "UPDATE line SET name = c.name || '!' FROM customers c WHERE c.id = line.id AND c.id < 4 RETURNING line.*",
    "UPDATE orders SET note = l.name FROM line l WHERE l.id = orders.customer_id RETURNING orders.id, note",
    "WITH gone AS (DELETE FROM line WHERE id > 6 RETURNING id) SELECT count(*) FROM gone JOIN line USING (id)",
    "MERGE INTO line USING customers c ON c.id = line.id WHEN MATCHED AND c.id = 1 THEN DELETE WHEN MATCHED THEN UPDATE SET name = c.name "
    "WHEN NOT MATCHED THEN INSERT (id, name) VALUES (c.id, c.name)",
    "SELECT id, name FROM line ORDER BY id FOR UPDATE",
    "CREATE TEMP TABLE few (a, b) AS SELECT id, status FROM orders WHERE id < 4 ORDER BY id WITH DATA",
    "SELECT * FROM few ORDER BY a",
    "TABLE few",
    "INSERT INTO orders (id, status) SELECT a + 500, b FROM few RETURNING id, org_id, status",
    "SELECT id, amount INTO TEMP dear FROM invoices WHERE amount > 10",
    "SELECT count(*), sum(amount) FROM dear",
    "SELECT * FROM nothing",
    "CREATE TEMP TABLE staged (LIKE products INCLUDING DEFAULTS INCLUDING INDEXES)",
    "INSERT INTO staged SELECT * FROM products WHERE id < 3",
    "SELECT id, sku FROM staged ORDER BY 1",
    "CREATE TEMP TABLE empty AS SELECT * FROM orders WITH NO DATA",
    "SELECT * FROM empty",
    "CREATE TEMP TABLE line (id int)",
    "CREATE TEMP TABLE IF NOT EXISTS line (id int)",
    "TRUNCATE few, line",
    "SELECT (SELECT count(*) FROM few), (SELECT count(*) FROM line)",
    "DROP TABLE few, pg_temp.dear",
    "DROP TABLE IF EXISTS few",
    "SELECT org_id, id, status FROM orders ORDER BY id",
]


def said(connection, statement):
    """The answer, as far as the two have to be alike."""
    try:
        cursor = connection.execute(statement)
    except psycopg.Error as error:
        return error.sqlstate, error.diag.message_primary
    rows = cursor.fetchall() if cursor.description else None
    return (sorted(map(repr, rows)) if rows is not None else None), cursor.statusmessage


@pytest.mark.parametrize("prepare", [False, True])
def test_as_in_a_private_database(temporary, direct, prepare):
    with temporary.psycopg(autocommit=False) as here, direct.psycopg(autocommit=False) as there:
        for connection in (here, there):
            connection.prepare_threshold = 0 if prepare else None
        for statement in SCRIPT:
            answers = []
            for connection in (here, there):
                connection.execute("SAVEPOINT s")
                answer = said(connection, statement)
                connection.execute("ROLLBACK TO s" if isinstance(answer[0], str) else "RELEASE s")
                answers.append(answer)
            assert answers[0] == answers[1], statement
        here.rollback(), there.rollback()


def test_copy_both_ways(temporary):
    with temporary.psycopg() as connection:
        connection.execute("CREATE TEMP TABLE loaded (id int, name text)")
        with connection.cursor().copy("COPY loaded (id, name) FROM STDIN") as copy:
            for row in [(1, "one"), (2, None), (3, "th\tree")]:
                copy.write_row(row)
        with connection.cursor().copy("COPY loaded TO STDOUT (FORMAT csv)") as copy:
            assert b"".join(copy) == b"1,one\n2,\n3,th\tree\n"
        with pytest.raises(psycopg.errors.InvalidTextRepresentation) as caught:
            with connection.cursor().copy("COPY loaded FROM STDIN") as copy:
                copy.write("4\tfour\nfive\tx\n")
        assert caught.value.diag.context.startswith("COPY loaded, line 2, column id")
        with pytest.raises(psycopg.errors.QueryCanceled), connection.cursor().copy("COPY loaded FROM STDIN (FORMAT binary)"):
            raise ZeroDivisionError
        assert connection.execute("SELECT count(*) FROM loaded").fetchone() == (3,)
        connection.execute("INSERT INTO customers (id, name) SELECT id + 700, name FROM loaded WHERE name IS NOT NULL")
        assert connection.execute("DELETE FROM customers WHERE id > 700 RETURNING org_id, id").fetchall() == [(1, 701), (1, 703)]


def test_in_one_text_and_in_one_batch(temporary):
    with temporary.psycopg() as connection:
        many = connection.execute("DROP TABLE IF EXISTS one; CREATE TEMP TABLE one AS SELECT 1 AS a; INSERT INTO one VALUES (2); SELECT sum(a) FROM one; DROP TABLE one")
        sums = []
        while True:
            if many.description:
                sums += many.fetchall()
            if not many.nextset():
                break
        assert sums == [(3,)]
        with connection.pipeline():
            connection.execute("CREATE TEMP TABLE two (a int)")
            connection.execute("INSERT INTO two VALUES (%s)", [5])
            answer = connection.execute("SELECT a FROM two")
        assert answer.fetchall() == [(5,)]


def test_nobody_else_sees_it_and_its_connection_is_closed(small, postgres):
    with small.psycopg() as one:
        one.execute("CREATE TEMP TABLE mine AS SELECT id FROM orders")
        pid = one.execute("SELECT pg_backend_pid()").fetchone()[0]
        assert {one.execute("SELECT pg_backend_pid()").fetchone()[0] for _ in range(3)} == {pid}
        with small.psycopg() as two, pytest.raises(psycopg.OperationalError):  # the one connection is taken
            two.execute("SELECT 1")
        with small.psycopg("globex") as other, pytest.raises(psycopg.errors.UndefinedTable):
            other.execute("SELECT * FROM mine")
    with small.psycopg() as two:
        assert two.execute("SELECT pg_backend_pid()").fetchone()[0] != pid
        with pytest.raises(psycopg.errors.UndefinedTable):
            two.execute("SELECT * FROM mine")
        with pytest.raises(psycopg.errors.UndefinedTable):
            two.execute("SELECT * FROM pg_temp.mine")


@pytest.mark.parametrize("statements", [
    ["CREATE TEMP TABLE mine (a int)", "DROP TABLE mine"],
    ["CREATE TEMP TABLE mine (a int)", "CREATE TEMP TABLE more (a int)", "DROP TABLE more, mine"],
    ["BEGIN", "CREATE TEMP TABLE mine (a int)", "ROLLBACK"],
    ["BEGIN", "CREATE TEMP TABLE mine (a int) ON COMMIT DROP", "INSERT INTO mine VALUES (1)", "COMMIT"],
    ["CREATE TEMP TABLE mine ON COMMIT DROP AS SELECT 1 AS a"],
    ["CREATE TEMP TABLE mine (a int)", "DISCARD TEMP"],
    ["CREATE TEMP TABLE mine (a int)", "DISCARD ALL"]])
def test_once_it_is_gone_the_client_is_free_of_its_connection(small, statements):
    with small.psycopg() as one:
        for statement in statements:
            one.execute(statement)
        with small.psycopg() as two:
            assert two.execute("SELECT count(DISTINCT org_id) FROM orders").fetchone() == (1,)
        with pytest.raises(psycopg.errors.UndefinedTable) as caught:
            one.execute("SELECT * FROM mine")
        assert caught.value.diag.message_primary == 'relation "mine" does not exist' and caught.value.diag.statement_position == "15"


def test_one_that_is_left_keeps_it(small):
    with small.psycopg() as one:
        one.execute("CREATE TEMP TABLE mine (a int)")
        one.execute("CREATE TEMP TABLE more (a int)")
        one.execute("DROP TABLE more")
        with small.psycopg() as two, pytest.raises(psycopg.OperationalError):
            two.execute("SELECT 1")
        assert one.execute("SELECT count(*) FROM mine").fetchone() == (0,)


def test_names_that_are_not_there(small):
    with small.psycopg() as one:
        for made in (False, True):
            if made:
                one.execute("CREATE TEMP TABLE mine (a int)")
            with pytest.raises(psycopg.errors.UndefinedTable):
                one.execute("SELECT * FROM nothing")
            with pytest.raises(psycopg.errors.UndefinedTable) as caught:
                one.execute("DROP TABLE nothing")
            assert made or caught.value.diag.message_primary == 'table "nothing" does not exist'
            one.execute("DROP TABLE IF EXISTS nothing")


def test_a_table_made_later_takes_no_judged_name(small, postgres):
    """A statement that was judged with a temporary table in mind never becomes one about a table of the database."""
    with small.psycopg() as one:
        one.prepare_threshold = 0
        one.execute("CREATE TEMP TABLE later AS SELECT 0 AS org_id, 'mine' AS a")
        read = lambda: one.execute("SELECT a FROM later").fetchall()  # noqa: E731
        assert read() == [("mine",)]
        postgres.psql("SET ROLE app_owner; CREATE TABLE later AS SELECT 1::bigint AS org_id, 'acme' AS a UNION ALL SELECT 2, 'globex';"
                      "GRANT SELECT ON later TO app_rw", harness.DATABASE)
        try:
            assert read() in ([("mine",)], [("acme",)])
            one.execute("DROP TABLE pg_temp.later")
            for _ in range(3):
                try:
                    assert read() == [("acme",)]
                except psycopg.errors.UndefinedTable:
                    pass
            with small.psycopg("globex") as other:  # has none: the catalogue is asked
                assert other.execute("SELECT a FROM later").fetchall() == [("globex",)]
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                one.execute("CREATE TEMP TABLE later (a int)")
        finally:
            postgres.psql("DROP TABLE later", harness.DATABASE)


def test_refused_unless_it_is_allowed(proxied):
    with proxied.psycopg() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
        connection.execute("CREATE TEMP TABLE t (a int)")
    assert "temporary_tables: allow" in caught.value.diag.message_hint
