"""Errors as without the proxy: code, text, and the place in the text the client wrote."""

import psycopg
import pytest

from harness import sqlstate

BROKEN = [
    "SELECT nosuch FROM orders",
    "SELECT 'äöü€😀', nosuch FROM orders",
    "SELECT '€' AS \"größe\", o.id FROM orders o JOIN customers c ON c.id = o.customer_id WHERE 'ü' = c.nosuch",
    "SELECT * FROM orders o LEFT JOIN customers c USING (id) WHERE c.nosuch = 1",
    "SELECT 1 / 0 FROM orders",
    "SELECT /* ünïcode */ abs('€'), 'x'::int FROM orders",
    "SELECT count(*) FROM orders GROUP BY nosuch",
    "SELECT id FROM orders WHERE id = ANY (SELECT sku FROM products)",
    "INSERT INTO customers (id, nosuch) VALUES (1, 'ß')",
    "INSERT INTO customers (id, name) VALUES (901, 'ß', 3)",
    "INSERT INTO customers (id, name) VALUES ('ü', 'ß')",
    "INSERT INTO customers (id, name) VALUES (1, 'there already')",
    "INSERT INTO customers (id, name, country) VALUES (902, 'nowhere', 'ZZ')",
    "INSERT INTO products (id, sku, name, price) VALUES (903, 's', 'n', -1)",
    "UPDATE customers SET nosuch = 1 WHERE name = 'ä'",
    "UPDATE orders SET customer_id = 999 WHERE id = (SELECT min(id) FROM orders)",
    "DELETE FROM customers WHERE nosuch",
    "SELECT * FROM nosuch_table",
    "SELECT 'ü' FROM public.nosuch_table",
    "COPY nosuch_table TO STDOUT",
    "COPY nosuch_table (id) FROM STDIN",
    "COPY (SELECT 'ü' FROM nosuch_table) TO STDOUT",
    "TRUNCATE nosuch_table",
    "INSERT INTO customers (id, name) SELECT id, note FROM orders ORDER BY 1, 3",
    "SELEC 'ü'",
    "SELECT 'ü' FRO orders WHERE",
    "SELECT 'unterminated",
    "SELECT $1::int + 'x'",
    "",
]


@pytest.mark.parametrize("statement", BROKEN)
@pytest.mark.parametrize("protocol", ["simple", "extended"])
def test_an_error_is_the_server_s_own(proxied, direct, statement, protocol):
    assert complaint(proxied, statement, protocol) == complaint(direct, statement, protocol)


def complaint(target, statement, protocol):
    with target.psycopg() as connection:
        if protocol == "simple":
            result = connection.pgconn.exec_(statement.encode())
        else:
            result = connection.pgconn.exec_params(statement.encode(), [b"1"] if "$1" in statement else [])
        fields = psycopg.errors.Diagnostic(result)
        said = {name: getattr(fields, name) for name in
                ("severity", "sqlstate", "message_primary", "message_hint", "statement_position", "constraint_name")}
        assert connection.execute("SELECT 1").fetchone() == (1,)
        return said


def test_the_second_statement_s_place_counts_from_the_first_s_beginning(proxied, direct):
    text = "SELECT 'ü' FROM orders; SELECT '€' FROM customers WHERE nosuch"
    assert complaint(proxied, text, "simple") == complaint(direct, text, "simple")


@pytest.mark.parametrize("before", ["SELECT * FROM ", "SELECT 'äö€😀' FROM orders, ", "SELECT 1; SELECT 'ü' FROM "])
def test_a_refusal_says_where_and_what_would_allow_it(proxied, before):
    with proxied.psycopg2() as connection, connection.cursor() as cursor:
        connection.autocommit = True
        with pytest.raises(Exception) as caught:
            cursor.execute(before + "audit_trail")
        said = caught.value.diag
        assert said.sqlstate == "42501" and said.severity == "ERROR"
        assert "audit_trail" in said.message_primary
        assert "tables" in said.message_hint, "the configuration key that would allow it"
        assert int(said.statement_position) == len(before) + 1


def test_nobody_is_told_how_the_statement_was_rewritten(proxied):
    """Not even in DETAIL, CONTEXT or an internal query."""
    with proxied.psycopg() as connection:
        for statement in BROKEN:
            try:
                connection.execute(statement)
            except psycopg.Error as error:
                said = " ".join(str(getattr(error.diag, name)) for name in
                                ("message_primary", "message_hint", "context", "internal_query"))
                assert "org_id OPERATOR" not in said and "pg_catalog.int8" not in said, said
                assert sqlstate(error)
