"""Execute runs the statement that the server has under the portal's name: what was judged for another one, which the same name
was to be given and was not, must not be taken for it."""

import pytest
import wire
from harness import PASSWORD
from wire import bind, close, execute, parse, query


@pytest.fixture
def bare(own_proxy, postgres):
    """Without row-level security, and with a table that may be read more widely than it may be written."""
    postgres.psql("CREATE DATABASE shop_portals TEMPLATE shop_norls")
    postgres.psql("SET ROLE app_owner; CREATE TABLE notes (id bigint, org_id bigint, n bigint);"
                  "INSERT INTO notes VALUES (1, 1, 0), (2, 2, 0), (3, 3, 0); GRANT ALL ON notes TO app_rw", "shop_portals")
    yield own_proxy(servers={"main": {"hosts": [f"127.0.0.1:{postgres.port}"], "database": "shop_portals",
                                      "login": {"user": "app_rw", "password": PASSWORD}}},
                    tables={"public.notes": {"read": "org_id = :org OR org_id = 2"}}, pool={"mode": "transaction", "size": 1})
    postgres.psql("DROP DATABASE shop_portals WITH (FORCE)")


def notes(postgres):
    return postgres.psql("SELECT string_agg(id || ':' || org_id || ':' || n, ' ' ORDER BY id) FROM notes", "shop_portals").strip()


UNTOUCHED = "1:1:0 2:2:0 3:3:0"
WRITE = "UPDATE notes SET n = 9 WHERE CURRENT OF c"
FOREIGN = "DECLARE c CURSOR FOR SELECT * FROM notes WHERE org_id = 2"


def test_rows_of_a_copy_are_read_by_its_own_columns(bare, postgres):
    with wire.Wire(bare, dbname="shop_portals") as client:
        client.ask(query("BEGIN"))
        client.ask(parse("COPY notes (org_id, id, n) FROM STDIN", "a"), bind(statement="a", portal="p"), wire.SYNC)
        client.ask(parse("COPY notes (id, n) FROM STDIN", "b"), wire.SYNC)
        client.ask(query("SAVEPOINT s"))
        assert wire.error(client.ask(bind(statement="b", portal="p"), wire.SYNC))["C"] == "42P03"
        client.ask(query("ROLLBACK TO s"))
        client.send(execute("p"), wire.SYNC)
        client.until(b"G")
        refused = client.ask((b"d", b"2\t600\t1\n"), (b"c", b""), wire.SYNC)
        assert wire.error(refused)["C"] == "42501"
        client.ask(query("COMMIT"))
    assert notes(postgres) == UNTOUCHED


OVERWRITTEN = {
    "a Bind that is refused": lambda c: (
        c.ask(query("SAVEPOINT s")), c.ask(parse("SELECT 1"), bind(portal="p"), wire.SYNC), c.ask(query("ROLLBACK TO s"))),
    "a Bind that is thrown away": lambda c: (
        c.ask(query("SAVEPOINT s")), c.ask(parse("SELECT 1", "one"), parse("SELECT nosuch"), bind(statement="one", portal="p"), wire.SYNC),
        c.ask(query("ROLLBACK TO s"))),
    "a Close that is thrown away": lambda c: (
        c.ask(query("SAVEPOINT s")), c.ask(parse("SELECT nosuch"), close(b"P", "p"), wire.SYNC), c.ask(query("ROLLBACK TO s"))),
    "a statement that is answered here": lambda c: c.ask(
        parse("DEALLOCATE nope"), bind(portal="p"), close(b"P", "p"), wire.SYNC),
}


@pytest.mark.parametrize("overwrite", OVERWRITTEN.values(), ids=OVERWRITTEN)
def test_writing_where_a_cursor_stands_is_looked_at_for_the_portal_there_is(bare, postgres, overwrite):
    with wire.Wire(bare, dbname="shop_portals") as client:
        client.ask(query("BEGIN"))
        client.ask(parse(WRITE, "w"), bind(statement="w", portal="p"), wire.SYNC)
        overwrite(client)
        client.ask(query(FOREIGN))
        client.ask(query("FETCH c"))
        assert wire.error(client.ask(execute("p"), wire.SYNC))["C"] in ("0A000", "34000", "25P02")
        client.ask(query("COMMIT"))
    assert notes(postgres) == UNTOUCHED


@pytest.mark.parametrize("end", ["CLOSE p", "ROLLBACK TO s"])
def test_a_cursor_is_what_was_declared_not_what_a_portal_of_its_name_would_have(bare, postgres, end):
    with wire.Wire(bare, dbname="shop_portals") as client:
        client.ask(query("BEGIN; SAVEPOINT s"))
        client.ask(parse("DECLARE c CURSOR FOR SELECT * FROM orders", "own"), bind(statement="own", portal="p"), wire.SYNC)
        client.ask(query(end))
        client.ask(query(FOREIGN))
        client.ask(query("FETCH c"))
        client.ask(query("DECLARE p CURSOR FOR SELECT 1"))
        client.ask(execute("p"), wire.SYNC)
        assert wire.error(client.ask(query(WRITE)))["C"] == "0A000"
        client.ask(query("COMMIT"))
    assert notes(postgres) == UNTOUCHED


def test_a_portal_of_the_next_batch_outlives_the_answer_to_the_one_before(bare, postgres):
    with wire.Wire(bare, dbname="shop_portals") as client:
        client.send(query("SELECT pg_sleep(0.3)"), parse(WRITE, "w"), bind(statement="w", portal="p"), wire.FLUSH)
        client.until(b"Z")
        client.send(parse("SELECT * FROM notes WHERE org_id = 2"), bind(portal="c"), execute("c", 1), wire.FLUSH, execute("p"), wire.SYNC)
        assert wire.error(client.until(b"Z"))["C"] == "0A000"
    assert notes(postgres) == UNTOUCHED


def test_settings_of_another_portal_are_not_left_behind(bare):
    with wire.Wire(bare, dbname="shop_portals") as client, bare.psycopg(dbname="shop_portals") as other:
        client.ask(query("BEGIN"))
        client.ask(parse("SET work_mem = '77MB'", "w"), bind(statement="w", portal="p"), wire.SYNC)
        client.ask(parse("DEALLOCATE nope"), bind(portal="p"), close(b"P", "p"), wire.SYNC)
        client.ask(execute("p"), wire.SYNC)
        client.ask(query("COMMIT"))
        assert other.execute("SHOW work_mem").fetchone()[0] == "4MB"


def test_portals_over_several_batches(target):
    """Fetched in pieces, beside others, closed and opened again, as drivers do."""
    with wire.Wire(target) as client:
        client.ask(query("BEGIN"))
        both = client.ask(parse("SELECT generate_series(1, 5)", "s"), bind(statement="s", portal="a"), execute("a", 2),
                          bind(statement="s", portal="b"), execute("b", 1), wire.SYNC)
        assert wire.kinds(both) == "12DDs2DsZ"
        client.ask(query("SAVEPOINT s"))
        assert wire.kinds(client.ask(execute("a", 2), execute("b", 2), wire.SYNC)) == "DDsDDsZ"
        client.ask(bind(statement="s", portal="d"), wire.SYNC)
        client.ask(query("ROLLBACK TO s"))
        assert wire.kinds(client.ask(execute("a"), wire.SYNC)) == "DCZ"
        assert wire.kinds(client.ask(close(b"P", "b"), bind(statement="s", portal="b"), execute("b", 1), wire.SYNC)) == "32DsZ"
        assert wire.error(client.ask(execute("d"), wire.SYNC))["C"] == "34000"
        client.ask(query("ROLLBACK"))
        assert wire.error(client.ask(execute("a"), wire.SYNC))["C"] == "34000"
        assert wire.error(client.ask(execute(), wire.SYNC))["C"] == "34000"


def test_what_a_failing_query_leaves_as_the_unnamed_portal_is_not_run(proxied, direct):
    """Its text has been freed: Execute of it crashes PostgreSQL 15, and with it everybody's sessions."""
    with direct.psycopg() as witness:
        for failing in ("FETCH nope", "CLOSE nope", "SELECT 1 / 0", "EXECUTE nope"):
            with wire.Wire(proxied) as client:
                client.ask(query("BEGIN"))
                assert wire.kinds(client.ask(parse("SELECT id FROM orders"), bind(), wire.SYNC)) == "12Z"
                assert wire.kinds(client.ask(query(failing)))[-2:] == "EZ"
                client.ask(parse("SELECT 'x' || repeat('y', 1000)", "z"), wire.SYNC)
                for _ in range(2):
                    answer = client.ask(execute(), wire.SYNC)
                    assert wire.kinds(answer) == "EZ" and wire.error(answer)["C"] in ("34000", "25P02")
                client.ask(wire.describe(b"P"), wire.SYNC)
        assert witness.execute("SELECT 1").fetchone() == (1,)
