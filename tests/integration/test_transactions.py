"""Transactions, and what a refusal does to one: the same as an error of the server's."""

import psycopg2
import pytest

import wire
from harness import sqlstate

REFUSED = "SELECT * FROM audit_trail"  # by the proxy; in a private database by the server


def state_after(connection, statement):
    """ReadyForQuery's transaction status."""
    return connection.ask(wire.query(statement))[-1][1]


def tag(messages):
    return [body.rstrip(b"\0").decode() for kind, body in messages if kind == b"C"]


def test_commit_and_rollback(target):
    with target.psycopg(autocommit=False) as one, target.psycopg() as other:
        one.execute("UPDATE users SET full_name = 'renamed' WHERE id = 1")
        assert other.execute("SELECT full_name FROM users WHERE id = 1").fetchone() != ("renamed",)
        one.rollback()
        old = one.execute("SELECT full_name FROM users WHERE id = 1").fetchone()
        one.execute("UPDATE users SET full_name = 'renamed' WHERE id = 1")
        one.commit()
        assert other.execute("SELECT full_name FROM users WHERE id = 1").fetchone() == ("renamed",)
        other.execute("UPDATE users SET full_name = %s WHERE id = 1", old)


def test_a_refusal_aborts_the_transaction(target):
    with wire.Wire(target) as connection:
        assert state_after(connection, "BEGIN") == b"T"
        answer = connection.ask(wire.query(REFUSED))
        assert wire.error(answer)["C"] == "42501" and answer[-1][1] == b"E"
        assert wire.error(connection.ask(wire.query("SELECT 1")))["C"] == "25P02"
        assert wire.error(connection.ask(wire.parse("SELECT 1"), wire.SYNC))["C"] == "25P02"
        answer = connection.ask(wire.query("COMMIT"))
        assert tag(answer) == ["ROLLBACK"] and answer[-1][1] == b"I"
        assert connection.rows("SELECT 1") == [[b"1"]]


def test_a_refusal_in_the_extended_protocol_aborts_it_too(target):
    with wire.Wire(target) as connection:
        connection.ask(wire.query("BEGIN"))
        answer = connection.ask(wire.parse(REFUSED), wire.bind(), wire.execute(), wire.SYNC)
        assert wire.kinds(answer).endswith("EZ") and answer[-1][1] == b"E"
        assert wire.error(connection.ask(wire.parse("SELECT 1"), wire.bind(), wire.execute(), wire.SYNC))["C"] == "25P02"
        answer = connection.ask(wire.parse("COMMIT"), wire.bind(), wire.execute(), wire.SYNC)
        assert tag(answer) == ["ROLLBACK"] and answer[-1][1] == b"I"


def test_work_done_before_a_refusal_is_gone(target, postgres):
    connection = target.psycopg2(autocommit=False)
    cursor = connection.cursor()
    cursor.execute("INSERT INTO customers (id, name) VALUES (940, 'ghost')")
    with pytest.raises(psycopg2.Error):
        cursor.execute(REFUSED)
    with pytest.raises(psycopg2.errors.InFailedSqlTransaction):
        cursor.execute("SELECT 1")
    connection.commit()
    cursor.execute("SELECT count(*) FROM customers WHERE id = 940")
    assert cursor.fetchone() == (0,)
    connection.close()


def test_a_savepoint_saves_from_a_refusal(target):
    with target.psycopg(autocommit=False) as connection:
        connection.execute("UPDATE users SET full_name = 'kept' WHERE id = 2")
        with pytest.raises(Exception) as caught:
            with connection.transaction():
                connection.execute(REFUSED)
        assert sqlstate(caught.value) == "42501"
        assert connection.execute("SELECT full_name FROM users WHERE id = 2").fetchone() == ("kept",)
        connection.rollback()


def test_a_refused_string_runs_nothing(target):
    """A Query message is judged whole. PostgreSQL would run the first part and roll it back."""
    with wire.Wire(target) as connection:
        answer = connection.ask(wire.query("INSERT INTO customers (id, name) VALUES (941, 'ghost'); " + REFUSED))
        assert wire.error(answer)["C"] == "42501" and answer[-1][1] == b"I"
        assert connection.rows("SELECT count(*) FROM customers WHERE id = 941") == [[b"0"]]


def test_several_statements_are_one_transaction(target):
    with wire.Wire(target) as connection:
        answer = connection.ask(wire.query("INSERT INTO customers (id, name) VALUES (942, 'x'); SELECT 1 / 0; SELECT 2"))
        assert wire.kinds(answer) == "CEZ" and answer[-1][1] == b"I"
        assert connection.rows("SELECT count(*) FROM customers WHERE id = 942") == [[b"0"]]


def test_transaction_control_inside_a_string(target):
    with wire.Wire(target) as connection:
        answer = connection.ask(wire.query("BEGIN; SELECT 1; COMMIT; SELECT 2; BEGIN"))
        assert tag(answer) == ["BEGIN", "SELECT 1", "COMMIT", "SELECT 1", "BEGIN"] and answer[-1][1] == b"T"
        assert state_after(connection, "ROLLBACK") == b"I"


@pytest.mark.parametrize("begin", ["BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE",
                                   "START TRANSACTION ISOLATION LEVEL REPEATABLE READ", "BEGIN READ WRITE"])
def test_isolation_levels(target, begin):
    with target.psycopg() as connection:
        connection.execute(begin)
        level = connection.execute("SHOW transaction_isolation").fetchone()[0]
        assert level.upper() in begin or "ISOLATION" not in begin
        connection.execute("SET TRANSACTION READ ONLY") if "WRITE" in begin else None
        connection.execute("COMMIT AND CHAIN")
        connection.execute("ABORT")


def test_a_serialisation_failure_reaches_the_one_it_happened_to(target):
    with target.psycopg() as one, target.psycopg() as other:
        for connection in (one, other):
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            connection.execute("SELECT * FROM users WHERE id = 3")
        one.execute("UPDATE users SET role = role WHERE id = 3")
        one.execute("COMMIT")
        with pytest.raises(Exception) as caught:
            other.execute("UPDATE users SET role = role WHERE id = 3")
        assert sqlstate(caught.value) == "40001"
        other.execute("ROLLBACK")


@pytest.mark.parametrize("statement, state", [
    ("SELECT * FROM nothing", "25P02"), ("SELECT pg_read_file('x')", "25P02"), ("SELECT customers.nothing FROM customers", "25P02"),
    ("CREATE TABLE t (a int)", "25P02"), ("SELECT FROM WHERE", "42601"), ("ROLLBACK", None)])
@pytest.mark.parametrize("extended", [False, True])
def test_a_failed_transaction_looks_at_nothing_any_more(target, statement, state, extended):
    with wire.Wire(target) as client:
        for text in ("BEGIN", "SELECT 1/0"):
            client.send(wire.query(text))
            client.until(b"Z")
        client.send(*([wire.parse(statement), wire.bind(), wire.execute(), wire.SYNC] if extended else [wire.query(statement)]))
        heard = client.until(b"Z")
        assert [wire.fields(body)["C"] for kind, body in heard if kind == b"E"] == ([state] if state else [])
        assert heard[-1][1] == (b"E" if state else b"I")
