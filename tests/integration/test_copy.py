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
