"""WHERE CURRENT OF: as directly for the cursors of one's own queries, and never where a cursor may stand on foreign rows."""

import psycopg
import pytest
import wire
from harness import PASSWORD, sqlstate
from wire import bind, close, execute, parse, query

OWN = "SELECT id, name FROM customers WHERE id BETWEEN 2 AND 4 ORDER BY id FOR UPDATE"
UPDATE = "UPDATE customers SET name = 'here' WHERE CURRENT OF c"


def here(connection):
    return [row[0] for row in connection.execute("SELECT id FROM customers WHERE name = 'here' ORDER BY id")]


@pytest.fixture
def transaction(target):
    with target.psycopg(autocommit=False) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("select", [
    OWN, "SELECT * FROM customers WHERE id BETWEEN 2 AND 4",
    "SELECT c.id FROM customers c JOIN countries k ON k.code = 'DE' WHERE c.id BETWEEN 2 AND 4 ORDER BY c.id FOR UPDATE OF c",
    "SELECT c.id FROM customers c LEFT JOIN orders o ON o.id = c.id WHERE c.id BETWEEN 2 AND 4 ORDER BY c.id FOR UPDATE OF c",
    "SELECT * FROM (SELECT id FROM customers WHERE id BETWEEN 2 AND 4 ORDER BY id) s FOR UPDATE",
    "SELECT id, upper(name) FROM customers WHERE id = ANY ('{2,3,4}') ORDER BY id FOR NO KEY UPDATE"])
def test_writes_where_the_cursor_stands(transaction, select):
    transaction.execute(f"DECLARE c CURSOR FOR {select}")
    transaction.execute("FETCH 2 FROM c")
    assert transaction.execute(UPDATE).rowcount == 1
    assert here(transaction) == [3]
    transaction.execute("FETCH c")
    assert transaction.execute("DELETE FROM customers AS x WHERE CURRENT OF c RETURNING x.id, x.org_id").fetchall() == [(4, 1)]
    transaction.execute("FETCH c")
    with pytest.raises(psycopg.errors.InvalidCursorState):  # it is behind the last row
        transaction.execute(UPDATE)


def test_with_from_and_in_a_cte(transaction):
    transaction.execute(f"DECLARE c CURSOR FOR {OWN}")
    transaction.execute("FETCH c")
    wanted = "UPDATE customers SET name = o.name FROM organisations o WHERE CURRENT OF c RETURNING o.org_id, customers.id"
    assert transaction.execute(wanted).fetchall() == [(1, 2)]
    transaction.execute("FETCH c")
    wanted = "WITH d AS (DELETE FROM customers WHERE CURRENT OF c RETURNING *) SELECT id, org_id FROM d"
    assert transaction.execute(wanted).fetchall() == [(3, 1)]


def test_named_cursors_of_psycopg2(target):
    connection = target.psycopg2(autocommit=False)
    try:
        with connection.cursor("c") as named, connection.cursor() as plain:
            named.execute(OWN)
            while row := named.fetchone():
                plain.execute("UPDATE customers SET name = %s WHERE CURRENT OF c", (f"number {row[0]}",))
                assert plain.rowcount == 1
            plain.execute("SELECT array_agg(id::text ORDER BY id) FROM customers WHERE name = 'number ' || id")
            assert plain.fetchone() == (["2", "3", "4"],)
    finally:
        connection.rollback()
        connection.close()


def test_in_one_string(target):
    with wire.Wire(target) as one:
        got = one.ask(query(f"BEGIN; DECLARE c CURSOR FOR {OWN}; FETCH c; {UPDATE} RETURNING id; CLOSE c; ROLLBACK"))
        assert [wire.row(body)[0] for kind, body in got if kind == b"D"] == [b"2", b"2"]
        assert wire.error(one.ask(query(f"BEGIN; DECLARE c CURSOR FOR {OWN}; CLOSE c; {UPDATE}; COMMIT")))["C"] == "34000"
        one.ask(query("ROLLBACK"))


def test_portals_are_cursors(target):
    """What a driver with a row limit does: rows in pieces, and a write at the last one."""
    with wire.Wire(target) as one:
        one.ask(query("BEGIN"))
        one.ask(parse(OWN, "s"), bind(statement="s", portal="c"), execute("c", 2), wire.SYNC)
        got = one.ask(parse(UPDATE + " RETURNING id", "u"), bind(statement="u"), execute(), wire.SYNC)
        assert [wire.row(body)[0] for kind, body in got if kind == b"D"] == [b"3"]
        got = one.ask(execute("c", 1), bind(statement="u"), execute(), close(b"P", "c"), wire.SYNC)  # all in one batch
        assert [wire.row(body)[0] for kind, body in got if kind == b"D"] == [b"4", b"4"]
        assert wire.error(one.ask(bind(statement="u"), execute(), wire.SYNC))["C"] == "34000"
        one.ask(query("ROLLBACK"))
        assert wire.error(one.ask(bind(statement="u"), execute(), wire.SYNC))["C"] == "34000"


def test_savepoints(transaction):
    transaction.execute(f"SAVEPOINT a; DECLARE kept CURSOR FOR {OWN}; SAVEPOINT b; DECLARE c CURSOR FOR {OWN}")
    transaction.execute("FETCH kept; FETCH c")
    with pytest.raises(psycopg.errors.DivisionByZero):
        transaction.execute("SELECT 1/0")
    transaction.execute("ROLLBACK TO b")
    transaction.execute("SAVEPOINT d")
    with pytest.raises(psycopg.errors.InvalidCursorName):
        transaction.execute(UPDATE)
    transaction.execute("ROLLBACK TO d")
    transaction.execute("RELEASE a")
    assert transaction.execute(UPDATE.replace("OF c", "OF kept")).rowcount == 1
    assert here(transaction) == [2]


@pytest.mark.parametrize("before, state", [
    ((), "34000"),
    (("DECLARE c CURSOR FOR SELECT 1", "FETCH c"), "24000"),
    (("DECLARE c CURSOR FOR SELECT id FROM orders", "FETCH c"), "24000"),
    (("DECLARE c CURSOR FOR SELECT c.id FROM customers c, orders o", "FETCH c"), "24000"),
    (("DECLARE c CURSOR FOR SELECT * FROM customers",), "24000"),
    (("DECLARE c CURSOR FOR SELECT * FROM customers", "FETCH c", "CLOSE c"), "34000"),
    (("DECLARE c CURSOR FOR SELECT * FROM customers", "CLOSE ALL"), "34000"),
    (("DECLARE c CURSOR FOR SELECT * FROM customers", "COMMIT"), "34000"),
    (("DECLARE c CURSOR FOR SELECT * FROM customers", "COMMIT AND CHAIN"), "34000")])
def test_what_postgresql_says(transaction, before, state):
    for statement in before:
        transaction.execute(statement)
    with pytest.raises(psycopg.Error) as refused:
        transaction.execute(UPDATE)
    assert sqlstate(refused.value) == state


OTHERS = """
CREATE VIEW everybody AS SELECT id, name FROM customers;
CREATE VIEW scoped WITH (security_invoker) AS SELECT o.org_id, c.id FROM customers c, organisations o;
CREATE FUNCTION all_customers() RETURNS SETOF customers LANGUAGE sql STABLE AS 'SELECT * FROM customers';
CREATE FUNCTION open_all(c refcursor) RETURNS refcursor LANGUAGE plpgsql AS
  'BEGIN OPEN c FOR SELECT * FROM customers WHERE org_id = 2; RETURN c; END';
GRANT SELECT, UPDATE ON everybody, scoped TO app_rw;
"""


@pytest.fixture(scope="module")
def others(postgres):
    """Where nothing but the statement confines: no row-level security, views and functions over everybody's rows."""
    postgres.psql("CREATE DATABASE shop_cursors TEMPLATE shop_norls")
    postgres.psql(OTHERS, "shop_cursors")
    return postgres


@pytest.fixture
def reckless(others, own_proxy):
    """A configuration that trusts them all to be read."""
    return own_proxy(
        servers={"main": {"hosts": [f"127.0.0.1:{others.port}"], "database": "shop_cursors",
                          "login": {"user": "app_rw", "password": PASSWORD}}},
        tables={"public.countries": {"access": "shared"}, "public.everybody": {"access": "shared"},
                "public.scoped": {"access": "tenant"}},
        functions={"allow": ["public.all_customers", "public.open_all"]})


def foreign(postgres):
    return postgres.psql("SELECT md5(string_agg(c::text, ',' ORDER BY org_id, id)) FROM customers c WHERE org_id <> 1", "shop_cursors")


@pytest.mark.parametrize("select", ["SELECT * FROM everybody", "SELECT * FROM scoped WHERE id = 2",
                                    "SELECT * FROM all_customers() WHERE org_id = 2",
                                    "SELECT * FROM customers UNION ALL SELECT * FROM all_customers()",
                                    "WITH a AS (SELECT * FROM all_customers()) SELECT * FROM a"])
def test_a_cursor_that_may_stand_on_foreign_rows(reckless, postgres, select):
    before = foreign(postgres)
    for statement in (UPDATE, "DELETE FROM customers WHERE CURRENT OF c", UPDATE + " RETURNING *"):
        with reckless.psycopg(autocommit=False, dbname="shop_cursors") as connection:
            connection.execute(f"DECLARE c CURSOR FOR {select}")
            connection.execute("FETCH c")
            with pytest.raises(psycopg.errors.FeatureNotSupported):
                connection.execute(statement)
        with wire.Wire(reckless, dbname="shop_cursors") as one:
            one.ask(query("BEGIN"))
            one.ask(parse(select), bind(portal="c"), execute("c", 1), wire.SYNC)
            assert wire.error(one.ask(parse(statement), bind(), execute(), wire.SYNC))["C"] == "0A000"
    assert foreign(postgres) == before


@pytest.mark.parametrize("before", [
    (), (f"DECLARE c CURSOR FOR {OWN}", "CLOSE c"), ("SAVEPOINT s", f"DECLARE c CURSOR FOR {OWN}", "ROLLBACK TO s"),
    (f"DECLARE c CURSOR FOR {OWN}", "CLOSE ALL"), (f"DECLARE c CURSOR FOR {OWN}", "COMMIT AND CHAIN"),
    (f"DECLARE c CURSOR FOR {OWN}", "ROLLBACK AND CHAIN")])
def test_a_function_opens_a_cursor_of_that_name(reckless, postgres, before):
    untouched = foreign(postgres)
    with reckless.psycopg(autocommit=False, dbname="shop_cursors") as connection:
        for statement in before:
            connection.execute(statement)
        connection.execute("SELECT open_all('c')")
        assert connection.execute("FETCH c").fetchone()[0] == 2, "the test is about a foreign row"
        with pytest.raises(psycopg.errors.InvalidCursorName):
            connection.execute("DELETE FROM customers WHERE CURRENT OF c")
    with wire.Wire(reckless, dbname="shop_cursors") as one:  # a Bind that fails has opened nothing
        one.ask(query("BEGIN; SELECT open_all('c'); SAVEPOINT s"))
        assert wire.error(one.ask(parse(OWN), bind(portal="c"), execute("c", 1), wire.SYNC))["C"] == "42P03"
        one.ask(query("ROLLBACK TO s; FETCH c"))
        assert wire.error(one.ask(query("DELETE FROM customers WHERE CURRENT OF c")))["C"] == "34000"
    assert foreign(postgres) == untouched
