"""The promise itself, statement by statement: what a private database would answer, and nobody else's rows."""

import psycopg
import pytest

from harness import PASSWORD, TABLES, TENANTS, sqlstate

QUESTIONS = [
    "SELECT * FROM orders ORDER BY id",
    "SELECT count(*), sum(amount) FROM invoices",
    "SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer_id ORDER BY 1",
    "SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.name LIKE '%a%' OR true ORDER BY 1",
    "SELECT c.id, count(o.id) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.id ORDER BY 1",
    "SELECT * FROM customers c FULL JOIN orders o ON o.customer_id = c.id ORDER BY c.id, o.id",
    "SELECT * FROM orders NATURAL LEFT JOIN invoices ORDER BY 1, 2",
    "SELECT id, (SELECT max(unit_price) FROM order_items WHERE order_id = orders.id) FROM orders ORDER BY 1",
    "WITH orders AS (SELECT * FROM orders WHERE status = 'open') SELECT count(*) FROM orders",
    "SELECT name FROM products WHERE id IN (SELECT product_id FROM order_items) ORDER BY name",
    "SELECT name FROM products UNION SELECT name FROM customers ORDER BY 1",
    "TABLE products",
    "SELECT p FROM products p ORDER BY id",
    "SELECT o.status, i.paid, count(*) FROM orders o, invoices i WHERE i.order_id = o.id GROUP BY CUBE (1, 2) ORDER BY 1, 2",
    "SELECT u.email, co.name FROM users u CROSS JOIN countries co ORDER BY 1, 2",
    "SELECT id, row_number() OVER (PARTITION BY status ORDER BY id) FROM orders ORDER BY id",
    "SELECT * FROM orders WHERE id = 3 OR id = 5 ORDER BY id",
    "SELECT * FROM orders WHERE org_id = 2",
    "SELECT * FROM orders WHERE org_id <> current_setting('app.org_id')::bigint",
    "SELECT EXISTS (SELECT FROM orders WHERE note LIKE 'note 2%')",
]


@pytest.mark.parametrize("tenant", TENANTS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_is_the_private_database_s(proxied, direct, tenant, question):
    with proxied.psycopg(tenant) as through, direct.psycopg(tenant) as straight:
        assert through.execute(question).fetchall() == straight.execute(question).fetchall()


def test_identical_statements_have_different_answers(proxied):
    answers = set()
    for tenant, org in TENANTS.items():
        with proxied.psycopg(tenant) as connection:
            rows = connection.execute("SELECT org_id, note FROM orders ORDER BY id").fetchall()
            assert rows and {row[0] for row in rows} == {org}
            answers.add(str(rows))
    assert len(answers) == len(TENANTS)


@pytest.mark.parametrize("statement", [
    "INSERT INTO customers (id, name) VALUES (900, 'new') RETURNING org_id, id, name",
    "INSERT INTO customers (id, name) SELECT 900, 'new' RETURNING org_id, id, name",
    "INSERT INTO customers (org_id, id, name) VALUES (1, 900, 'new') RETURNING org_id, id, name",
    "INSERT INTO customers (id, name, credit) VALUES (900, 'new', DEFAULT), (901, 'x', 1) ON CONFLICT DO NOTHING"
    " RETURNING org_id, id, name",
    "INSERT INTO customers (id, name) VALUES (1, 'new') ON CONFLICT (org_id, id) DO UPDATE SET name = excluded.name"
    " RETURNING org_id, id, name",
    "WITH i AS (INSERT INTO customers (id, name) VALUES (900, 'new') RETURNING *) SELECT org_id, id, name FROM i",
])
def test_an_insert_is_stamped(target, statement):
    with target.psycopg(autocommit=False) as connection:
        rows = connection.execute(statement).fetchall()
        assert rows and {row[0] for row in rows} == {1}
        connection.rollback()


def test_a_stamped_row_is_there_for_its_tenant_only(proxied, postgres):
    with proxied.psycopg("acme") as acme, proxied.psycopg("globex") as globex:
        acme.execute("INSERT INTO products (id, sku, name, price) VALUES (950, 'x-950', 'Trap', 1)")
        try:
            assert acme.execute("SELECT count(*) FROM products WHERE id = 950").fetchone() == (1,)
            assert globex.execute("SELECT count(*) FROM products WHERE id = 950").fetchone() == (0,)
            assert postgres.psql("SELECT org_id FROM products WHERE id = 950", "shop") == "1"
        finally:
            assert acme.execute("DELETE FROM products WHERE id = 950").rowcount == 1


@pytest.mark.parametrize("statement", [
    "INSERT INTO customers (org_id, id, name) VALUES (2, 900, 'theirs')",
    "INSERT INTO customers (id, name, org_id) VALUES (900, 'mine', 1), (901, 'theirs', 2)",
    "UPDATE customers SET org_id = 2",
    "UPDATE customers SET (name, org_id) = ('x', 2)",
    "INSERT INTO customers (id, name) VALUES (1, 'x') ON CONFLICT (org_id, id) DO UPDATE SET org_id = 2",
    "SET app.org_id = '2'",
    "SET LOCAL app.org_id = '2'",
    "SELECT set_config('app.org_id', '2', false)",
    "SELECT pg_catalog.set_config('app' || '.org_id', '2', true)",
    "SELECT * FROM orders WHERE set_config('app.org_id', '2', false) IS NOT NULL",
    "SET SESSION AUTHORIZATION app_owner",
    "SET ROLE app_owner",
    "SET row_security = off",
    "SET search_path = pg_temp, public",
    "SELECT * FROM audit_trail",
    "INSERT INTO audit_trail VALUES (now(), 'x')",
    "INSERT INTO countries VALUES ('XX', 'Nowhere')",
    "SELECT query_to_xml('SELECT * FROM orders', true, true, '')",
    "SELECT usename FROM pg_stat_activity",
    "SELECT * FROM pg_stats",
    "SELECT rolpassword FROM pg_authid",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_terminate_backend(1)",
    "CREATE TABLE mine (id int)",
    "CREATE VIEW mine AS SELECT * FROM orders",
    "DROP TABLE orders",
    "TRUNCATE orders CASCADE",
    "LOCK TABLE orders",
    "DO $$ BEGIN PERFORM 1; END $$",
    "EXPLAIN SELECT * FROM orders",
    "COPY orders TO '/tmp/orders'",
    "COPY orders TO PROGRAM 'cat'",
    "COPY audit_trail TO STDOUT",
    "GRANT SELECT ON orders TO PUBLIC",
])
def test_reaching_across_is_refused_and_the_session_goes_on(proxied, postgres, statement):
    before = everyone_s_rows(postgres)
    with proxied.psycopg() as connection:
        with pytest.raises(psycopg.Error) as caught:
            connection.execute(statement)
        assert sqlstate(caught.value) in ("42501", "0A000"), caught.value
        for other in ("globex", "initech"):
            assert other not in str(caught.value), "a refusal names nobody else"
        assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(1,)]
        assert connection.execute("SELECT current_setting('app.org_id')").fetchall() == [("1",)]
    assert everyone_s_rows(postgres) == before


@pytest.mark.parametrize("statement", [
    "UPDATE customers SET name = 'taken' WHERE org_id = 2",
    "DELETE FROM customers WHERE org_id = 2",
    "UPDATE customers c SET name = o.name FROM organisations o WHERE o.org_id = 2",
    "DELETE FROM orders USING organisations o WHERE o.name = 'globex'",
    "SELECT * FROM orders WHERE org_id = 2 FOR UPDATE",
    "INSERT INTO customers (id, name) SELECT id, name FROM customers WHERE org_id = 2",
])
def test_another_tenant_s_row_does_not_exist(target, postgres, statement):
    before = everyone_s_rows(postgres)
    with target.psycopg() as connection:
        assert connection.execute(statement).rowcount == 0
    assert everyone_s_rows(postgres) == before


def test_a_forgotten_where_stays_inside(proxied, postgres):
    others = everyone_s_rows(postgres, "WHERE org_id <> 1")
    with proxied.psycopg(autocommit=False) as connection:
        mine = connection.execute("SELECT count(*) FROM customers").fetchone()[0]
        assert connection.execute("UPDATE customers SET credit = 0").rowcount == mine
        assert connection.execute("DELETE FROM invoices").rowcount > 0
        connection.rollback()
        kept = connection.execute("SELECT count(*) FROM users").fetchone()
        connection.execute("UPDATE users SET full_name = full_name")
        connection.commit()
        assert connection.execute("SELECT count(*) FROM users").fetchone() == kept
    assert everyone_s_rows(postgres, "WHERE org_id <> 1") == others


def test_the_tenant_survives_every_reset(proxied):
    for statement in ("RESET app.org_id", "RESET ALL", "DISCARD ALL", "ROLLBACK", "SET app.org_id TO DEFAULT"):
        with proxied.psycopg() as connection:
            try:
                connection.execute(statement)
            except psycopg.Error as error:
                assert sqlstate(error) in ("42501", "0A000")  # a refusal is as good
            assert connection.execute("SELECT current_setting('app.org_id'), min(org_id), max(org_id) FROM orders"
                                      ).fetchone() == ("1", 1, 1)


def test_without_policies_the_predicate_alone_holds(postgres, own_proxy):
    """The first barrier by itself: the same answers from a database without row-level security."""
    target = own_proxy(servers={"main": {"hosts": [f"127.0.0.1:{postgres.port}"], "database": "shop_norls",
                                         "login": {"user": "app_rw", "password": PASSWORD}}})
    for tenant, org in TENANTS.items():
        with target.psycopg(tenant, dbname="shop_norls") as connection:
            for table in TABLES:
                assert connection.execute(f"SELECT DISTINCT org_id FROM {table}").fetchall() == [(org,)], table


def everyone_s_rows(postgres, where=""):
    union = " UNION ALL ".join(f"SELECT t::text FROM {table} t {where}" for table in TABLES)
    return postgres.psql(f"SELECT md5(string_agg(t, '|' ORDER BY t)) FROM ({union}) all_rows", "shop")
