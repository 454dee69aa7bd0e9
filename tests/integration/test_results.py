"""What comes back: several results, notices, big values and many rows in bounded memory."""

import re

import pytest

import wire
from harness import wait_until

MIB = 1 << 20


def test_several_statements_several_results(target):
    with wire.Wire(target) as connection:
        answer = connection.ask(wire.query("SELECT 1; SELECT 2, 'b'; UPDATE users SET role = role WHERE id = 1; SELECT id FROM "
                                           "orders WHERE id < 3 ORDER BY id;"))
        assert wire.kinds(answer) == "TDCTDCCTDDCZ"


def test_a_notice_arrives_with_its_statement(target):
    with wire.Wire(target) as connection:
        answer = connection.ask(wire.query("SELECT 1; SELECT chatty('wörld'); SELECT 2"))
        notices = [wire.fields(body) for kind, body in answer if kind == b"N"]
        assert [n["M"] for n in notices] == ["hello wörld"] and notices[0]["S"] == "NOTICE"
        assert [kind for kind, _ in answer].index(b"N") == 3 + 1  # T D C T N D C
        assert wire.kinds(answer) == "TDCTDCTDCZ"


def test_values_of_many_types(target):
    with target.psycopg() as connection:
        statement = """SELECT NULL, true, 1.5::float8, 'ß€😀', '\\x00ff'::bytea, ARRAY[1, NULL], now() IS NULL,
                       '{"a": [1, 2]}'::jsonb, interval '1 day', date '2024-02-29', repeat('x', 100000)"""
        text = connection.execute(statement).fetchone()
        binary = connection.execute(statement, binary=True).fetchone()
        assert text == binary and text[3] == "ß€😀" and text[4] == b"\x00\xff"


@pytest.fixture
def fresh(own_proxy):
    target = own_proxy()
    with target.psycopg() as connection:  # pools and catalogue exist before anything is measured
        connection.execute("SELECT count(*) FROM orders")
    return target


def peak(bulkhead):
    return int(re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{bulkhead.pid}/status", encoding="ascii").read())[1]) * 1024


def test_one_value_of_fifty_megabytes(fresh):
    before = peak(fresh.bulkhead)
    with wire.Wire(fresh, timeout=120) as connection:
        value = connection.rows("SELECT repeat('0123456789', 5 * 1024 * 1024)")[0][0]
        assert len(value) == 50 * MIB and value[-10:] == b"0123456789"
        assert connection.rows("SELECT 1") == [[b"1"]]
    assert peak(fresh.bulkhead) - before < 8 * MIB


def test_a_million_rows(fresh):
    before = peak(fresh.bulkhead)
    with wire.Wire(fresh, timeout=120) as connection:
        connection.send(wire.query("SELECT g, 'row ' || g FROM generate_series(1, 1000000) g"))
        count = total = 0
        for kind, body in iter(connection.receive, None):
            if kind == b"D":
                count += 1
                total += int(wire.row(body)[0])
            if kind == b"Z":
                break
        assert (count, total) == (1000000, 500000500000)
    assert peak(fresh.bulkhead) - before < 8 * MIB


def test_a_client_that_does_not_read_is_waited_for(fresh, postgres):
    """Back-pressure reaches the server; nothing piles up in between, and nobody else waits."""
    before = peak(fresh.bulkhead)
    with wire.Wire(fresh, timeout=120) as lazy:
        lazy.send(wire.query("SELECT repeat('x', 1000) FROM generate_series(1, 100000)"))
        lazy.receive()
        wait_until(lambda: postgres.psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'ClientWrite'") != "0",
                   20, "the server waiting for its client")
        assert peak(fresh.bulkhead) - before < 8 * MIB
        with fresh.psycopg() as other:
            assert other.execute("SELECT 1").fetchone() == (1,)
        assert sum(kind == b"D" for kind, _ in lazy.until(b"Z")) == 100000


def test_a_large_statement_and_a_large_parameter(target):
    with target.psycopg() as connection:
        big = "x" * (900 * 1024)
        assert connection.execute(f"SELECT length('{big}')").fetchone() == (len(big),)
        value = "y" * (20 * MIB)
        assert connection.execute("SELECT length(%s)", [value]).fetchone() == (len(value),)
