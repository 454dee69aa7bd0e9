"""Protected relations that no row-level security policy confines: refused by default, with the line that would accept them."""

import psycopg
import pytest

import harness

BARE = f"{harness.DATABASE}_norls"
TENANCY = {"column": "org_id", "session_variable": "app.org_id"}
TABLES = {"public.countries": {"access": "shared"}, "public.open_orders": {"access": "tenant"}}


@pytest.fixture(scope="module")
def bare(postgres):
    """The shop without policies."""
    return {"main": {"hosts": [f"127.0.0.1:{postgres.port}"], "database": BARE,
                     "login": {"user": "app_rw", "password": harness.PASSWORD}}}


def refusal(connection, sql):
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
        connection.execute(sql)
    return caught.value.diag


@pytest.mark.parametrize("sql, name", [
    ("SELECT 1 FROM orders", "public.orders"), ("INSERT INTO orders (status) VALUES ('x')", "public.orders"),
    ("UPDATE customers SET name = 'x'", "public.customers"), ("DELETE FROM orders USING users", "public.orders"),
    ("SELECT (SELECT count(*) FROM orders)", "public.orders"), ("COPY invoices TO STDOUT", "public.invoices"),
    ("MERGE INTO orders USING countries c ON false WHEN MATCHED THEN DELETE", "public.orders"),
    ("SELECT * FROM open_orders", "public.open_orders")])
def test_refused_with_the_line_that_accepts(own_proxy, bare, sql, name):
    target = own_proxy(servers=bare, tenancy=TENANCY, tables=TABLES)
    with target.psycopg(dbname=BARE) as connection:
        said = refusal(connection, sql)
        assert name in said.message_primary and f"{name}: {{ without_row_security: accept }}" in said.message_hint
        assert connection.execute("SELECT count(*) FROM countries").fetchone() == (5,), "what is shared has no policy to miss"


def test_the_log_names_the_tables(own_proxy, bare):
    target = own_proxy(servers=bare, tenancy=TENANCY, tables={"public.users": {"without_row_security": "accept"}})
    with target.psycopg(dbname=BARE) as connection:
        connection.execute("SELECT 1")
    log = target.bulkhead.log_tail(100)
    assert "statements that name it are refused" in log and "table=public.orders" in log
    named = [line for line in log.splitlines() if "table=public.users" in line]
    assert len(named) == 1 and "refused" not in named[0]


def test_accepted_for_one_relation(own_proxy, bare):
    tables = {**TABLES, "public.orders": {"without_row_security": "accept"},
              "public.open_orders": {"access": "tenant", "without_row_security": "accept"}}
    target = own_proxy(servers=bare, tenancy=TENANCY, tables=tables)
    with target.psycopg(dbname=BARE) as connection:
        assert connection.execute("SELECT min(org_id), max(org_id) FROM orders").fetchone() == (1, 1)
        assert connection.execute("SELECT min(org_id), max(org_id) FROM open_orders").fetchone() == (1, 1)
        assert "public.customers" in refusal(connection, "SELECT 1 FROM orders, customers").message_primary


def test_a_policy_made_meanwhile_counts(own_proxy, bare, postgres):
    target = own_proxy(servers=bare, tenancy=TENANCY)
    with target.psycopg(dbname=BARE) as connection:
        refusal(connection, "SELECT 1 FROM orders")
        postgres.psql(harness.rls(["orders"]), BARE)
        try:
            assert connection.execute("SELECT min(org_id), max(org_id) FROM orders").fetchone() == (1, 1)
        finally:
            postgres.psql("DROP POLICY tenant ON orders; ALTER TABLE orders DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;",
                          BARE)


def test_a_login_no_policy_binds(own_proxy, postgres):
    """An owner, accepted by name, of tables whose policies are not forced."""
    name = f"{harness.DATABASE}_owned"
    postgres.psql(f"CREATE DATABASE {name} TEMPLATE {BARE}")
    postgres.psql(harness.rls(["orders", "users"], force=False) + "ALTER TABLE users FORCE ROW LEVEL SECURITY;"
                  "ALTER TABLE orders OWNER TO app_rw;"
                  "ALTER TABLE users OWNER TO app_rw; GRANT ALL ON SCHEMA public TO app_rw;", name)
    server = {"main": {"hosts": [f"127.0.0.1:{postgres.port}"], "database": name, "accept": ["owner"],
                       "login": {"user": "app_rw", "password": harness.PASSWORD}}}
    target = own_proxy(servers=server, tenancy=TENANCY)
    with target.psycopg(dbname=name) as connection:
        assert "FORCE" in refusal(connection, "SELECT 1 FROM orders").message_hint
        assert connection.execute("SELECT min(org_id), max(org_id) FROM users").fetchone() == (1, 1)
