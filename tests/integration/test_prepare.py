"""PREPARE, EXECUTE and DEALLOCATE in SQL, as directly; and nobody else's statements under them."""

import psycopg
import pytest
import wire
from harness import sqlstate
from wire import bind, execute, parse, query

SELECT = "SELECT name FROM customers WHERE id = $1"


def texts(messages):
    return [wire.row(body)[0] for kind, body in messages if kind == b"D"]


def test_prepare_execute_deallocate(target):
    with target.psycopg() as connection:
        connection.execute("PREPARE p (bigint) AS SELECT count(*), min(org_id), max(org_id) FROM customers WHERE id < $1")
        assert connection.execute("EXECUTE p(1000)").fetchone() == (8, 1, 1)
        assert connection.execute("EXECUTE p(1 + 2)").fetchone() == (2, 1, 1)
        connection.execute("DEALLOCATE p")
        with pytest.raises(psycopg.errors.InvalidSqlStatementName):
            connection.execute("EXECUTE p(1)")
        with pytest.raises(psycopg.errors.InvalidSqlStatementName):
            connection.execute("DEALLOCATE p")


def test_writes(target):
    with target.psycopg(autocommit=False) as connection:
        connection.execute("PREPARE i AS INSERT INTO customers (id, name) VALUES ($1, $2) RETURNING org_id, name")
        assert connection.execute("EXECUTE i(900, 'new')").fetchone() == (1, "new")
        connection.execute("PREPARE u AS UPDATE customers SET name = $1 WHERE id >= $2")
        assert connection.execute("EXECUTE u('newer', 900)").rowcount == 1
        connection.execute("PREPARE d (int) AS DELETE FROM customers WHERE id >= $1")
        assert connection.execute("EXECUTE d(900)").rowcount == 1
        connection.rollback()


def test_in_one_string(target):
    with wire.Wire(target) as one:
        assert wire.kinds(one.ask(query("PREPARE a AS SELECT 1; EXECUTE a; EXECUTE a"))) == "CTDCTDCZ"
        assert wire.kinds(one.ask(query("EXECUTE a"))) == "TDCZ"


def test_a_statement_outlives_an_error_and_a_rollback(target):
    with wire.Wire(target) as one:
        one.ask(query("BEGIN; PREPARE a AS SELECT 'a'"))
        one.ask(query("SELECT 1/0"))
        assert wire.error(one.ask(query("EXECUTE a")))["C"] == "25P02"
        one.ask(query("ROLLBACK"))
        one.ask(query("PREPARE b AS SELECT 'b'; SELECT 1/0"))
        assert texts(one.ask(query("EXECUTE a; EXECUTE b"))) == [b"a", b"b"]
        assert wire.error(one.ask(query("PREPARE a AS SELECT 2")))["C"] == "42P05"
        assert texts(one.ask(query("EXECUTE a"))) == [b"a"]


def test_deallocate_all_takes_both_kinds(target):
    with wire.Wire(target) as one:
        one.ask(query("PREPARE a AS SELECT 'a'"))
        one.ask(parse("SELECT 'b'", "b"), wire.SYNC)
        assert texts(one.ask(bind(statement="b"), execute(), wire.SYNC)) == [b"b"]
        assert wire.kinds(one.ask(query("DEALLOCATE ALL"))) == "CZ"
        assert wire.error(one.ask(query("EXECUTE a")))["C"] == "26000"
        assert wire.error(one.ask(bind(statement="b"), execute(), wire.SYNC))["C"] == "26000"
        one.ask(parse("SELECT 'again'", "b"), wire.SYNC)
        assert texts(one.ask(bind(statement="b"), execute(), wire.SYNC)) == [b"again"]


def test_discard_all(target):
    with wire.Wire(target) as one:
        one.ask(query("PREPARE a AS SELECT 1"))
        one.ask(query("DISCARD ALL"))
        assert wire.error(one.ask(query("EXECUTE a")))["C"] == "26000"


def test_in_the_extended_protocol(target):
    with wire.Wire(target) as one:
        one.ask(parse("PREPARE p (bigint) AS " + SELECT), bind(), execute(), wire.SYNC)
        first = texts(one.ask(parse("EXECUTE p(1)"), bind(), execute(), wire.SYNC))
        assert first and first == texts(one.ask(query("EXECUTE p(1)")))


def test_clients_have_statements_of_their_own(own_proxy):
    """One name, two clients, and the connections go round."""
    target = own_proxy(pool={"mode": "transaction", "size": 3})
    with target.psycopg() as one, target.psycopg() as two, target.psycopg() as three:
        one.execute("PREPARE p AS SELECT 'one'")
        two.execute("PREPARE p AS SELECT 'two'")
        for _ in range(3):
            assert one.execute("EXECUTE p").fetchone() == ("one",)
            assert two.execute("EXECUTE p").fetchone() == ("two",)
            with pytest.raises(psycopg.errors.InvalidSqlStatementName):
                three.execute("EXECUTE p")


def test_deallocate_gives_the_connection_back(own_proxy):
    target = own_proxy(pool={"mode": "transaction", "size": 1})
    with target.psycopg() as one, target.psycopg() as two:
        for statement in ("DEALLOCATE p", "DEALLOCATE PREPARE p", "DEALLOCATE ALL", "DISCARD ALL"):
            one.execute("PREPARE p AS SELECT 1")
            one.execute("EXECUTE p")
            one.execute(statement)
            two.execute("PREPARE p AS SELECT 2")
            assert two.execute("EXECUTE p").fetchone() == (2,)
            two.execute("DEALLOCATE p")
    with target.psycopg() as one:
        one.execute("PREPARE p AS SELECT 1")
    with target.psycopg() as two, pytest.raises(psycopg.errors.InvalidSqlStatementName):
        two.execute("EXECUTE p")


@pytest.mark.parametrize("name", ["_b1", '"_b1"', '"_b2"', 'U&"_!0062\x31" UESCAPE \'!\''])
def test_statements_of_the_protocol_are_out_of_reach(own_proxy, name):
    """They belong to whoever of the tenant prepared them, with another role perhaps."""
    target = own_proxy(pool={"mode": "transaction", "size": 1})
    with wire.Wire(target) as one, wire.Wire(target) as two:
        one.ask(parse("SELECT 'secret'", "s"), bind(statement="s"), execute(), wire.SYNC)
        one.ask(parse("SELECT 'secret 2'", "t"), bind(statement="t"), execute(), wire.SYNC)
        assert wire.error(two.ask(query(f"EXECUTE {name}")))["C"] in ("26000", "0A000")
        two.ask(query("PREPARE mine AS SELECT 1"))
        assert wire.error(two.ask(query(f"EXECUTE {name}")))["C"] in ("26000", "0A000")
        assert wire.error(two.ask(query(f"DEALLOCATE {name}")))["C"] in ("26000", "0A000")
        assert wire.error(two.ask(query(f"PREPARE {name} AS SELECT 1")))["C"] in ("42939", "0A000")
        two.ask(query("DEALLOCATE ALL"))
        assert texts(one.ask(bind(statement="s"), execute(), wire.SYNC)) == [b"secret"]


@pytest.mark.parametrize("sql, state", [
    ("PREPARE p AS INSERT INTO customers (id, org_id, name) VALUES ($1, $2, 'x')", "42501"),
    ("PREPARE p AS SELECT set_config('work_mem', '64MB', false)", "42501"),
    ("PREPARE p AS SELECT * FROM audit_trail", "42501"),
    ("EXECUTE p((SELECT 1))", "0A000"),
    ("EXPLAIN EXECUTE p", "0A000"),
    ("SELECT * FROM pg_prepared_statements", "42501")])
def test_refused(proxied, sql, state):
    with proxied.psycopg() as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute(sql)
    assert sqlstate(refused.value) == state


def test_a_guard_of_the_outer_statement_does_not_vouch_for_the_inner(proxied):
    """PREPARE through Parse, with a Bind that would satisfy a guard on $2, and EXECUTE with another organisation."""
    with wire.Wire(proxied) as one:
        got = one.ask(parse("PREPARE p AS INSERT INTO customers (id, org_id, name) VALUES ($1, $2, 'x')"),
                      bind(b"1", b"1"), execute(), wire.SYNC)
        assert wire.error(got)["C"] == "42501"
        assert wire.error(one.ask(query("EXECUTE p(901, 2)")))["C"] == "26000"
