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


@pytest.mark.parametrize("statement", ["TRUNCATE order_items", "TRUNCATE order_items, invoices", "DELETE FROM order_items"])
@pytest.mark.parametrize("prepare", [False, True])
def test_what_a_read_only_transaction_cannot_do_has_its_own_name(proxied, direct, statement, prepare):
    said = []
    for way in (proxied, direct):
        with way.psycopg() as connection, connection.transaction(force_rollback=True):
            connection.execute("SET TRANSACTION READ ONLY")
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction) as caught:
                connection.execute(statement, prepare=prepare)
            said.append(caught.value.diag.message_primary)
    assert said[0] == said[1]


ARCHIVED = [
    "WITH moved AS (DELETE FROM order_items WHERE order_id = 1 RETURNING *) INSERT INTO order_items SELECT * FROM moved",
    "WITH moved AS (DELETE FROM order_items i USING orders o WHERE o.id = i.order_id RETURNING i.*) INSERT INTO order_items TABLE moved",
    "INSERT INTO order_items SELECT (i).* FROM order_items i WHERE false",
]


@pytest.mark.parametrize("statement", ARCHIVED)
def test_rows_are_moved_as_in_a_private_database(proxied, direct, postgres, statement):
    others = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM order_items t WHERE org_id <> 1"
    before = postgres.psql(others, "shop")
    seen = []
    for way in (proxied, direct):
        with way.psycopg(autocommit=False) as connection:
            try:
                seen.append(connection.execute(statement).statusmessage)
            except psycopg.Error as error:
                seen.append(sqlstate(error))
            connection.rollback()
    assert seen[0] == seen[1]
    assert postgres.psql(others, "shop") == before


MERGES = {
    "update and insert": "MERGE INTO products p USING (VALUES (1, 'Crate'), (990, 'Fan')) v (id, name) ON p.id = v.id"
    " WHEN MATCHED THEN UPDATE SET name = v.name WHEN NOT MATCHED THEN INSERT (id, sku, name, price) VALUES (v.id, 'm', v.name, 2)",
    "from a table": "MERGE INTO invoices i USING orders o ON i.id = o.id + 4 AND i.order_id IS NOT NULL"
    " WHEN MATCHED AND o.status = 'open' THEN DELETE WHEN MATCHED THEN UPDATE SET amount = o.id"
    " WHEN NOT MATCHED AND o.id > 10 THEN INSERT (order_id, id, amount) VALUES (o.id, 900 + o.id, 1) WHEN NOT MATCHED THEN DO NOTHING",
    "a join": "MERGE INTO customers c USING orders o LEFT JOIN users u ON u.id = o.id ON c.id = o.id"
    " WHEN MATCHED THEN UPDATE SET (name, manager_id) = (SELECT coalesce(u.email, 'none'), max(id) FROM users)"
    " WHEN NOT MATCHED THEN INSERT (id, name) VALUES (1000 + o.id, coalesce(u.email, o.note, 'x'))",
    "with": "WITH o AS (SELECT id FROM orders WHERE status = 'open') MERGE INTO orders t USING o ON t.id = o.id"
    " WHEN MATCHED THEN UPDATE SET note = CASE WHEN t.id > 3 THEN 'late' ELSE 'early' END",
    "an own organisation": "MERGE INTO users u USING customers c ON u.id = c.id + 2 WHEN NOT MATCHED THEN"
    " INSERT (org_id, id, email) VALUES (c.org_id, c.id + 2, c.name || c.id)",
}


@pytest.mark.parametrize("merge", MERGES)
def test_merge_does_what_it_does_in_a_private_database(proxied, direct, postgres, merge):
    table = MERGES[merge].split("INTO ")[1].split()[0]
    others = f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t WHERE org_id <> 1"
    before = postgres.psql(others, "shop")
    seen = []
    for way in (proxied, direct):
        with way.psycopg(autocommit=False) as connection:
            try:
                tag = connection.execute(MERGES[merge]).statusmessage
                seen.append((tag, connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()))
            except psycopg.Error as error:
                seen.append((sqlstate(error), error.diag.message_primary))
            assert postgres.psql(others, "shop") == before
            connection.rollback()
    assert seen[0] == seen[1]
    assert seen[0][0].startswith("MERGE") and not seen[0][0].endswith(" 0"), seen[0]


def test_another_tenant_s_row_is_not_matched(proxied, postgres):
    """Ids of the organisations collide: with the foreign rows matched, this would insert nothing."""
    with proxied.psycopg(autocommit=False) as connection:
        connection.execute("DELETE FROM invoices WHERE id = 1")
        done = connection.execute("MERGE INTO invoices i USING (SELECT 1 AS id) s ON i.id = s.id"
                                  " WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id, amount) VALUES (s.id, 3)")
        assert done.statusmessage == "MERGE 1"
        assert connection.execute("SELECT org_id, amount FROM invoices WHERE id = 1").fetchall() == [(1, 3)]
        connection.rollback()


@pytest.mark.parametrize("own, state", [(1, None), (2, "42501")])
def test_a_parameter_merged_into_the_tenant_column_is_checked(proxied, own, state):
    with proxied.psycopg(autocommit=False) as connection:
        try:
            connection.execute("MERGE INTO orders o USING (SELECT 777 AS id) s ON o.id = s.id"
                               " WHEN NOT MATCHED THEN INSERT (id, org_id) VALUES (s.id, %s)", (own,))
            assert state is None
        except psycopg.Error as error:
            assert sqlstate(error) == state
        connection.rollback()


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
