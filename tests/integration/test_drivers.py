"""psycopg2 and psycopg3 in the ways applications use them."""


import psycopg
import psycopg2
import psycopg2.extras
import pytest



def test_psycopg2_with_transactions(target):
    connection = target.psycopg2(autocommit=False)
    with connection, connection.cursor() as cursor:  # commits at the end
        cursor.execute("SELECT id, name FROM customers WHERE id = ANY(%s) ORDER BY id", ([1, 2, 3],))
        assert [row[0] for row in cursor.fetchall()] == [1, 2, 3]
        cursor.execute("INSERT INTO customers (id, name, credit) VALUES (%s, %s, %s)", (980, "O'Hara %", None))
    with pytest.raises(ZeroDivisionError), connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM customers WHERE id = 980")
        raise ZeroDivisionError
    with connection, connection.cursor(cursor_factory=psycopg2.extras.DictCursor) as cursor:
        cursor.execute("SELECT * FROM customers WHERE id = 980")
        assert cursor.fetchone()["name"] == "O'Hara %"
        cursor.execute("DELETE FROM customers WHERE id = 980")
        assert cursor.rowcount == 1
    connection.close()


def test_psycopg2_batches(target):
    connection = target.psycopg2(autocommit=False)
    cursor = connection.cursor()
    values = [(i, f"c{i}") for i in range(2000, 2500)]
    psycopg2.extras.execute_values(cursor, "INSERT INTO customers (id, name) VALUES %s", values, page_size=100)
    cursor.executemany("UPDATE customers SET credit = %s WHERE id = %s", [(1, 2000), (2, 2001)])
    psycopg2.extras.execute_batch(cursor, "UPDATE customers SET credit = %s WHERE id = %s", [(3, i) for i in range(2002, 2100)])
    cursor.execute("SELECT count(*), sum(credit) FROM customers WHERE id >= 2000")
    assert cursor.fetchone() == (500, 3 + 3 * 98)
    connection.rollback()
    connection.close()


def test_psycopg2_levels_and_reset(target):
    connection = target.psycopg2(autocommit=False)
    connection.set_session(isolation_level="SERIALIZABLE", readonly=True)
    cursor = connection.cursor()
    cursor.execute("SHOW transaction_isolation")
    assert cursor.fetchone() == ("serializable",)
    with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        cursor.execute("UPDATE users SET role = role")
    connection.rollback()
    connection.reset()  # ABORT; RESET ALL; SET SESSION AUTHORIZATION DEFAULT
    cursor = connection.cursor()
    cursor.execute("SELECT DISTINCT org_id FROM orders")
    assert cursor.fetchall() == [(1,)]
    connection.close()


def test_psycopg3_prepares_by_itself(target):
    with target.psycopg() as connection:
        for i in range(1, 13):
            assert connection.execute("SELECT id, %s::text FROM orders WHERE id = %s", ["x", i]).fetchone() == (i, "x")


def test_psycopg3_executemany_with_returning(target):
    with target.psycopg(autocommit=False) as connection:
        cursor = connection.cursor()
        cursor.executemany("INSERT INTO customers (id, name) VALUES (%s, %s) RETURNING org_id, id",
                           [(3000 + i, f"c{i}") for i in range(50)], returning=True)
        seen = [cursor.fetchone()]
        while cursor.nextset():
            seen.append(cursor.fetchone())
        assert seen == [(1, 3000 + i) for i in range(50)]
        connection.rollback()


def test_psycopg3_nested_transactions(target):
    with target.psycopg() as connection:
        with connection.transaction(force_rollback=True):
            connection.execute("UPDATE users SET role = 'x' WHERE id = 1")
            with pytest.raises(psycopg.errors.UniqueViolation):
                with connection.transaction():
                    connection.execute("INSERT INTO users (id, email) VALUES (1, 'twice')")
            assert connection.execute("SELECT role FROM users WHERE id = 1").fetchone() == ("x",)


def test_psycopg3_binary_parameters_and_stream(target):
    with target.psycopg() as connection:
        cursor = connection.cursor(binary=True)
        rows = list(cursor.stream("SELECT id, placed_on FROM orders WHERE id > %b ORDER BY id", [4]))
        assert [row[0] for row in rows] == list(range(5, 17))


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_named_cursors(target, driver):
    connection = getattr(target, driver)(autocommit=False)
    with connection.cursor(name="named") as cursor:
        cursor.execute("SELECT id FROM orders ORDER BY id")
        assert [row[0] for row in cursor] == list(range(1, 17))
    connection.rollback()
    cursor = connection.cursor()
    cursor.execute("SELECT 1")
    assert cursor.fetchone() == (1,)
    connection.close()


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("pipeline", [False, True])
def test_psycopg3_that_writes_the_tenant_column(proxied, postgres, binary, pipeline):
    """As a mapper does that knows the column: with its value, in the extended protocol."""
    insert = ("INSERT INTO customers (org_id, id, name) VALUES (%b, %b, %b)" if binary else
              "INSERT INTO customers (org_id, id, name) VALUES (%t, %t, %t)")
    with proxied.psycopg(autocommit=False) as connection:
        connection.prepare_threshold = 2
        for i in range(6):
            connection.execute(insert, [1, 990 + i, "own"])
        connection.execute("INSERT INTO customers (org_id, id, name) VALUES (%(org)s::bigint, 996, %(org)s::text)", {"org": 1})
        assert connection.execute("SELECT count(*) FROM customers WHERE id BETWEEN 990 AND 996").fetchone() == (7,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            if pipeline:
                with connection.pipeline():
                    connection.execute(insert, [1, 997, "own"])
                    connection.execute(insert, [2, 998, "theirs"])
            else:
                connection.execute(insert, [2, 998, "theirs"])
        connection.rollback()
        assert connection.execute("SELECT count(*) FROM customers WHERE id >= 990").fetchone() == (0,)
    assert postgres.psql("SELECT count(*) FROM customers WHERE id >= 990 AND name IN ('own', 'theirs')", "shop") == "0"
