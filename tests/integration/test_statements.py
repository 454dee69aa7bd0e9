"""Statements that become others on their way to the server: what they do, and that the client cannot tell."""

import psycopg
import pytest

from harness import TENANTS, sqlstate


@pytest.fixture(scope="module", autouse=True)
def may_truncate(postgres):
    for tenant in TENANTS:  # the private databases' own TRUNCATE; through Bulkhead it takes DELETE
        postgres.psql("GRANT TRUNCATE ON order_items, invoices TO app_rw", f"shop_{tenant}")


def counts(connection, tables=("order_items", "invoices")):
    return [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


@pytest.mark.parametrize("statement, left", [
    ("TRUNCATE order_items", [False, True]),
    ("TRUNCATE TABLE ONLY invoices CONTINUE IDENTITY RESTRICT", [True, False]),
    ("TRUNCATE order_items, public.invoices", [False, False]),
])
@pytest.mark.parametrize("prepare", [False, True])
def test_truncate_removes_the_own_rows(target, postgres, statement, left, prepare):
    others = "SELECT count(*) FROM (SELECT org_id FROM order_items UNION ALL SELECT org_id FROM invoices) r WHERE org_id <> 1"
    before = postgres.psql(others, "shop")
    with target.psycopg(autocommit=False) as connection:
        done = connection.execute(statement, prepare=prepare)
        assert done.statusmessage == "TRUNCATE TABLE"
        assert [count > 0 for count in counts(connection)] == left
        assert postgres.psql(others, "shop") == before
        connection.rollback()
        assert all(counts(connection))


def test_truncate_in_a_string_of_statements(target):
    with target.psycopg(autocommit=False) as connection:
        cursor = connection.execute("SELECT 1; TRUNCATE invoices; SELECT count(*) FROM invoices")
        tags = [cursor.statusmessage]
        while cursor.nextset():
            tags.append(cursor.statusmessage)
        assert tags == ["SELECT 1", "TRUNCATE TABLE", "SELECT 1"]
        assert cursor.fetchone() == (0,)
        connection.rollback()


@pytest.mark.parametrize("statement", ["TRUNCATE invoices RESTART IDENTITY", "TRUNCATE orders CASCADE", "TRUNCATE open_orders"])
def test_truncate_that_would_do_more_is_refused(proxied, statement):
    with proxied.psycopg() as connection:
        with pytest.raises(psycopg.Error) as caught:
            connection.execute(statement)
        assert sqlstate(caught.value) in ("0A000", "42809")
        assert all(counts(connection))
