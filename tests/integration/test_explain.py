"""EXPLAIN: refused, or, where tenancy.explain says so, the shape of a plan: nothing in it counts anybody's rows."""

import json
import re

import psycopg
import pytest

from harness import PASSWORD, TENANTS, sqlstate

TENANCY = {"column": "org_id", "session_variable": "app.org_id", "lock_secret": "of the integration tests", "explain": "shape"}
COUNTS = re.compile(r"cost|\brows\b|width|actual|planning|execution|buffers|loops", re.IGNORECASE)


@pytest.fixture
def explaining(own_proxy):
    users = {"acme_app": {"tenant": "acme", "password": {"plain": PASSWORD}},
             "reader": {"tenant": "acme", "role": "reader", "password": {"plain": PASSWORD}}}
    return own_proxy(tenancy=TENANCY, users=users, roles={"reader": {"allow": ["select"]}})


def plan_of(connection, text, values=None):
    return "\n".join(row[0] for row in connection.execute(text, values).fetchall())


@pytest.mark.parametrize("statement", [
    "SELECT * FROM orders WHERE status = 'open' OR note IS NULL",
    "SELECT c.name, count(*) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.name ORDER BY 2 DESC LIMIT 3",
    "WITH o AS (SELECT * FROM orders) SELECT * FROM o FULL JOIN invoices i ON i.order_id = o.id",
    "(SELECT id FROM orders) UNION (SELECT id FROM invoices)",
    "UPDATE orders SET note = c.name FROM customers c WHERE c.id = customer_id",
    "DELETE FROM invoices",
    "INSERT INTO customers (id, name) SELECT id + 500, name FROM customers ON CONFLICT DO NOTHING",
    "MERGE INTO orders o USING invoices i ON i.order_id = o.id WHEN MATCHED THEN DELETE",
])
def test_a_plan_shows_no_counts(explaining, postgres, statement):
    before = postgres.psql("SELECT count(*), sum(xmin::text::bigint) FROM orders", "shop")
    with explaining.psycopg() as connection:
        for options in ("", "VERBOSE", "(COSTS, BUFFERS, SUMMARY)", "(VERBOSE, ANALYZE OFF)", "(COSTS OFF)"):
            plan = plan_of(connection, f"EXPLAIN {options} {statement}")
            assert "Scan" in plan and not COUNTS.search(plan), plan
            constants = set(re.findall(r"org_id = '(\d+)'", plan))
            assert constants <= {str(TENANTS["acme"])}, plan
        (document,) = connection.execute(f"EXPLAIN (FORMAT JSON) {statement}").fetchone()
        keys = set(re.findall(r'"([^"]+)": ', json.dumps(document)))
        assert "Node Type" in keys and not [key for key in keys if COUNTS.search(key)], keys
        for form, word in (("XML", "Node-Type"), ("YAML", "Node Type")):
            plan = str(plan_of(connection, f"EXPLAIN (FORMAT {form}) {statement}"))
            assert word in plan and not COUNTS.search(plan), plan
    assert postgres.psql("SELECT count(*), sum(xmin::text::bigint) FROM orders", "shop") == before, "nothing has run"


def test_with_parameters(explaining):
    with explaining.psycopg() as connection:
        assert "Scan" in plan_of(connection, "EXPLAIN SELECT * FROM orders WHERE id = %s", (1,))
        connection.prepare_threshold = 0
        for _ in range(3):
            assert "Insert" in plan_of(connection, "EXPLAIN INSERT INTO orders (org_id, id) VALUES (%s::bigint, 700)", (1,))
        with pytest.raises(psycopg.Error) as caught:
            connection.execute("EXPLAIN INSERT INTO orders (org_id, id) VALUES (%s::bigint, 700)", (2,))
        assert sqlstate(caught.value) == "42501"


def test_what_shows_more_is_refused(explaining, postgres):
    orders = postgres.psql("SELECT count(*) FROM orders", "shop")
    with explaining.psycopg() as connection:
        for statement in ("EXPLAIN ANALYZE DELETE FROM orders", "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT * FROM orders",
                          "EXPLAIN SELECT pg_advisory_lock(1)", "EXPLAIN VERBOSE SELECT pg_notify('jobs', 'x') FROM orders",
                          "EXPLAIN SELECT * FROM audit_trail", "EXPLAIN (GENERIC_PLAN) SELECT 1"):
            with pytest.raises(psycopg.Error) as caught:
                connection.execute(statement)
            assert sqlstate(caught.value) in ("42501", "0A000"), statement
    assert postgres.psql("SELECT count(*) FROM orders", "shop") == orders


def test_a_role_needs_the_action(explaining):
    with explaining.psycopg(user="reader") as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone()[0] > 0
        with pytest.raises(psycopg.Error) as caught:
            connection.execute("EXPLAIN SELECT * FROM orders")
        assert sqlstate(caught.value) == "42501" and "explain" in str(caught.value)


def test_without_the_line_there_is_none(proxied):
    with proxied.psycopg() as connection, pytest.raises(psycopg.Error) as caught:
        connection.execute("EXPLAIN SELECT 1")
    assert sqlstate(caught.value) == "42501" and "tenancy: { explain: shape }" in str(caught.value)
