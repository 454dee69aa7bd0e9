"""What an error says of a row: nothing where the row is another organisation's, or has columns that the role may not see."""

import psycopg
import pytest

from harness import PASSWORD, TENANTS

DATABASE = "reports"
# Keys without the tenant column: docs/threat-model.md says that rows of others change with those they refer to, not that they are shown.
TABLES = """
CREATE TABLE account (org_id bigint NOT NULL, id bigint PRIMARY KEY, code bigint UNIQUE DEFAULT 0, secret text);
CREATE TABLE item (
  org_id bigint NOT NULL, id bigint PRIMARY KEY, secret text, CHECK (kept IS NOT NULL OR kind <> 'check'), kind text,
  kept bigint REFERENCES account ON DELETE SET NULL,
  code bigint UNIQUE REFERENCES account (code) ON UPDATE CASCADE CHECK (code < 1000));
CREATE TABLE owned (org_id bigint NOT NULL, id bigint PRIMARY KEY, account bigint REFERENCES account ON DELETE CASCADE);
CREATE TABLE part (org_id bigint NOT NULL, id bigint PRIMARY KEY, owned bigint REFERENCES owned);
CREATE TABLE strict (org_id bigint NOT NULL, id bigint PRIMARY KEY, secret text, account bigint NOT NULL REFERENCES account ON DELETE SET NULL);
GRANT ALL ON ALL TABLES IN SCHEMA public TO app_rw;
INSERT INTO account VALUES (1, 1, 1, 'acme'), (1, 2, 2, 'acme'), (1, 3, 3, 'acme'), (1, 4, 4, 'acme'), (1, 5, 5, 'acme'), (2, 9, 9, 'gl0bex');
INSERT INTO owned VALUES (2, 50987, 5);
INSERT INTO part VALUES (2, 1, 50987);
INSERT INTO strict VALUES (2, 10987, 'gl0bex', 1);
INSERT INTO item VALUES (2, 20987, 'gl0bex', 'check', 2, NULL), (2, 30987, 'gl0bex', 'x', NULL, 3);
"""
FORCED = "".join(f"ALTER TABLE {t} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
                 f"CREATE POLICY tenant ON {t} USING (org_id = current_setting('app.org_id')::bigint);"
                 for t in ("account", "item", "owned", "part", "strict"))


@pytest.fixture(scope="module")
def databases(postgres):
    for name, more in ((DATABASE, ""), (f"{DATABASE}_rls", FORCED)):
        postgres.psql(f"CREATE DATABASE {name} OWNER app_owner")
        postgres.psql("GRANT ALL ON SCHEMA public TO app_owner; GRANT USAGE ON SCHEMA public TO app_rw; SET ROLE app_owner;" + TABLES + more, name)


@pytest.fixture(params=[DATABASE, f"{DATABASE}_rls"])
def through(request, postgres, databases, own_proxy):
    def start(**changes):
        target = own_proxy(servers={"main": {"hosts": [f"127.0.0.1:{postgres.port}"], "database": request.param,
                                             "login": {"user": "app_rw", "password": PASSWORD}}}, **changes)
        return target.psycopg(dbname=request.param)
    start.database = request.param
    return start


@pytest.mark.parametrize("statement, state", [
    ("DELETE FROM account WHERE id = 1", "23502"), ("DELETE FROM account WHERE id = 2", "23514"),
    ("UPDATE account SET code = 1003 WHERE id = 3", "23514"), ("DELETE FROM account WHERE id = 5", "23503")])
def test_a_row_of_others_that_a_foreign_key_changes_is_not_shown(through, postgres, statement, state):
    with through() as connection:
        with pytest.raises(psycopg.Error) as caught:
            connection.execute(statement)
    said = caught.value.diag
    assert said.sqlstate == state and said.message_primary
    shown = " ".join(str(getattr(said, name)) for name in dir(said) if not name.startswith("_"))
    assert "gl0bex" not in shown and "0987" not in shown and said.message_detail is None, shown


@pytest.mark.parametrize("statement, state", [
    ("INSERT INTO account (id) VALUES (1)", "23505"), ("INSERT INTO account (id) VALUES (NULL)", "23502"),
    ("INSERT INTO item (id, code) VALUES (50, 5000)", "23514"), ("INSERT INTO item (id, kept) VALUES (50, 99)", "23503")])
def test_details_of_the_client_s_own_row_stay_where_every_column_may_be_seen(through, statement, state):
    columns = {"public.account": {"allow": ["select", "insert"], "columns": ["id"]}}
    for role, users in ((None, None), ({"narrow": {"allow": ["select", "insert"], "tables": columns}}, "narrow")):
        users = {"acme_app": {"tenant": "acme", "password": {"plain": PASSWORD}, **({"role": users} if users else {})}}
        with through(roles=role, users=users) as connection, pytest.raises(psycopg.Error) as caught:
            connection.execute(statement)
        said = caught.value.diag
        assert said.sqlstate == state
        if role:
            assert said.message_detail is None
        elif through.database == DATABASE:  # with row-level security PostgreSQL prints no rows
            assert said.message_detail
