"""Texts and messages as large as they come: a verdict or a clear refusal, and the session goes on."""

import struct

import pytest

import wire

MIB = 1 << 20


def test_ten_megabytes_of_rows(own_proxy):
    target = own_proxy(limits={"statement_size": "16MiB"})
    rows = 10 * MIB // 258
    values = ",".join("('%s')" % ("x" * 250) for _ in range(rows))
    with target.psycopg() as connection:
        connection.execute("BEGIN")
        assert connection.execute("INSERT INTO customers (name) VALUES " + values).rowcount == rows
        assert connection.execute("SELECT count(*) FROM customers WHERE name = repeat('x', 250)").fetchone() == (rows,)
        connection.execute("ROLLBACK")
    assert target.bulkhead.rss() < 600 * MIB


def test_as_many_short_rows_as_a_statement_holds(proxied):
    with proxied.psycopg() as connection:
        rows = 100_000
        connection.execute("BEGIN")
        assert connection.execute("INSERT INTO customers (name) VALUES " + ",".join(["(1)"] * rows)).rowcount == rows
        connection.execute("ROLLBACK")


def test_a_hundred_megabytes_are_refused_by_their_size_alone(proxied):
    before = proxied.bulkhead.rss()
    with wire.Wire(proxied) as connection:
        text = b"INSERT INTO customers (name) VALUES " + b"('x')," * (100 * MIB // 6)
        answer = connection.ask((b"Q", text + b"\0"))
        assert wire.kinds(answer) == "EZ" and wire.fields(answer[0][1])["C"] == "54000"
        assert wire.kinds(connection.ask(wire.query("SELECT 1"))) == "TDCZ"
    assert proxied.bulkhead.rss() - before < 64 * MIB


def test_every_parameter_there_can_be(target):
    text = "SELECT 1 WHERE 7::text IN (%s)" % ",".join("$%d" % i for i in range(1, 65536))
    with wire.Wire(target) as connection:
        values = struct.pack("!i", 1) + b"7"
        bind = (b"B", b"\0\0" + struct.pack("!hH", 0, 65535) + values * 65535 + struct.pack("!h", 0))
        assert wire.kinds(connection.ask(wire.parse(text), bind, wire.execute(), wire.SYNC)) == "12DCZ"


@pytest.mark.parametrize("columns", [1600, 1664, 1665])
def test_as_many_columns_as_a_row_holds(target, columns):
    with wire.Wire(target) as connection:
        answer = connection.ask(wire.query("SELECT " + ",".join("%d AS c%d" % (i, i) for i in range(columns))))
        if columns <= 1664:
            assert wire.kinds(answer) == "TDCZ"
        else:
            assert wire.fields(answer[0][1])["C"] == "54011"


@pytest.mark.parametrize("text", [
    "SELECT 1 " + "/* " * 20_000 + "*/ " * 20_000,
    "SELECT " + "(" * 150 + "1" + ")" * 150,
    "SELECT 1 WHERE " + " AND ".join(["1 = 1"] * 5_000),
    "SELECT 1 WHERE " + " OR ".join(["1 = 1"] * 5_000),
    "SELECT 1 WHERE 1 IN (" + ",".join(map(str, range(5_000))) + ")",
    "WITH " + ", ".join("c%d AS (SELECT %d)" % (i, i) for i in range(5_000)) + " SELECT 1",
    " UNION ALL ".join(["SELECT 1"] * 200),
])
def test_large_statements_that_run(target, text):
    with wire.Wire(target) as connection:
        assert wire.kinds(connection.ask(wire.query(text))).endswith("CZ")


@pytest.mark.parametrize("text", [
    "SELECT 1 " + "/*" * 20_000 + "*/" * 20_000,
    "SELECT 1 " + "/**/" * 20_000,
    "SELECT " + "+" * MIB + "1",
    "SELECT " + "+".join(["1"] * 5_000),
    "SELECT " + "(" * 20_000 + "1" + ")" * 20_000,
    "SELECT 1 FROM " + ",".join("orders o%d" % i for i in range(50_000)),
    " UNION ALL ".join(["SELECT 1"] * 90_000),
])
def test_larger_ones_are_refused_with_the_limit(proxied, text):
    with wire.Wire(proxied) as connection:
        answer = connection.ask(wire.query(text))
        assert wire.kinds(answer) == "EZ"
        assert wire.fields(answer[0][1])["C"] in ("54001", "54000", "42622"), wire.fields(answer[0][1])
        assert wire.kinds(connection.ask(wire.query("SELECT 1"))) == "TDCZ"
