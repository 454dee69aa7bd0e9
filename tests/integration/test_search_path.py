"""What a name without a schema means: never more for the server than it did when the statement was judged."""

import psycopg
import pytest

import harness

DATABASE = "shop_paths"


@pytest.fixture(scope="module")
def paths(postgres):
    postgres.psql(f"CREATE DATABASE {DATABASE}")
    postgres.psql("""
        CREATE SCHEMA first; CREATE SCHEMA hidden; GRANT USAGE ON SCHEMA first TO app_rw;
        CREATE TABLE public.country (code text); INSERT INTO public.country VALUES ('shared');
        CREATE TABLE hidden.note (id int); INSERT INTO hidden.note VALUES (1);
        CREATE TABLE public.note (org_id bigint, secret text); INSERT INTO public.note VALUES (1, 'acme'), (2, 'globex');
        GRANT SELECT ON ALL TABLES IN SCHEMA public, hidden TO app_rw""", DATABASE)
    return {"main": {"hosts": [f"127.0.0.1:{postgres.port}"], "database": DATABASE,
                     "login": {"user": "app_rw", "password": harness.PASSWORD}}}


def behind(own_proxy, paths, path):
    return own_proxy(servers=paths, functions=None,
                     tenancy={"column": "org_id", "session_variable": "app.org_id", "without_row_security": "accept", "search_path": path},
                     tables={"public.country": {"access": "shared"}, "hidden.note": {"access": "shared"}})


def test_a_schema_that_the_login_may_not_use_is_passed_over(own_proxy, paths):
    """As PostgreSQL does (namespace.c, recomputeNamespacePath): the name is the protected table's, not the shared one's before it."""
    with behind(own_proxy, paths, ["hidden", "public"]).psycopg(dbname=DATABASE) as connection:
        assert connection.execute("SELECT secret FROM note").fetchall() == [("acme",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for schema hidden"):
            connection.execute("SELECT * FROM hidden.note")


def test_a_table_made_earlier_on_the_path_does_not_take_a_shared_one_s_place(own_proxy, paths, postgres):
    with behind(own_proxy, paths, ["first", "public"]).psycopg(dbname=DATABASE) as connection:
        assert connection.execute("SELECT * FROM country").fetchall() == [("shared",)]
        postgres.psql("CREATE TABLE first.country AS SELECT 1::bigint AS org_id, 'acme' AS code UNION ALL SELECT 2, 'globex';"
                      "GRANT SELECT ON first.country TO app_rw", DATABASE)
        try:
            for statement in ("SELECT code FROM country", "TABLE country", "SELECT code FROM country LEFT JOIN note ON true",
                              "WITH c AS (SELECT * FROM country) SELECT * FROM c"):
                assert {row[0] for row in connection.execute(statement).fetchall()} == {"shared"}, statement
        finally:
            postgres.psql("DROP TABLE first.country", DATABASE)


def test_a_database_of_another_encoding_is_not_used(own_proxy, postgres):
    """Where a single-byte server folds letters that the judge does not, "É" and É would be two names here and one there."""
    postgres.psql("CREATE DATABASE shop_latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    servers = {"main": {"hosts": [f"127.0.0.1:{postgres.port}"], "database": "shop_latin",
                        "login": {"user": "app_rw", "password": harness.PASSWORD}}}
    target = own_proxy(servers=servers)
    with pytest.raises(psycopg.OperationalError):
        target.psycopg(dbname="shop_latin")
    assert "the database's encoding is LATIN1, not UTF8" in target.bulkhead.log_tail(100)


def test_what_an_extension_adds_to_a_function_of_postgresql_s_is_no_reason_to_refuse_it(own_proxy, paths, postgres):
    postgres.psql("CREATE EXTENSION citext SCHEMA public", DATABASE)
    with behind(own_proxy, paths, ["public"]).psycopg(dbname=DATABASE) as connection:
        assert connection.execute("SELECT max(secret), min(secret), replace(max(secret), 'a', 'b'), max('X'::citext) FROM note").fetchone() == \
            ("acme", "acme", "bcme", "X")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="citext_eq"):
            connection.execute("SELECT citext_eq('a', 'A')")
