"""A table of which every organisation may read the system's rows besides its own, and write its own only.

The yardstick is a private database that holds the organisation's rows and the system's, where PostgreSQL's own policies say
the same: SELECT wider, writes strict. Through Bulkhead the database has these policies (`both`), or none (`predicate`).
"""

import psycopg
import pytest

from harness import PASSWORD, TENANTS, sqlstate

TABLES = """
CREATE TABLE skills (org_id bigint NOT NULL, id bigint NOT NULL, name text, scope text DEFAULT 'org', PRIMARY KEY (org_id, id));
CREATE TABLE uses (org_id bigint NOT NULL, id bigint NOT NULL, skill_id bigint, PRIMARY KEY (org_id, id));
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app_rw;
INSERT INTO skills VALUES (0, 1, 'system one', 'system'), (0, 2, 'system two', 'system'), (0, 9, 'hidden', 'draft'), (0, 10, 'nothing', NULL);
"""
POLICIES = """
ALTER TABLE skills ENABLE ROW LEVEL SECURITY; ALTER TABLE skills FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON skills USING (org_id = current_setting('app.org_id')::bigint);
CREATE POLICY system ON skills FOR SELECT USING (scope = 'system');
ALTER TABLE uses ENABLE ROW LEVEL SECURITY; ALTER TABLE uses FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON uses USING (org_id = current_setting('app.org_id')::bigint);
"""
READ = "org_id = :org OR scope = 'system'"


def rows_of(org):
    return (f"INSERT INTO skills VALUES ({org}, 1, 'own {org}.1', 'org'), ({org}, 3, NULL, NULL);"
            f"INSERT INTO uses VALUES ({org}, 1, 1), ({org}, 2, 2), ({org}, 3, 99);")


@pytest.fixture(scope="module")
def databases(postgres):
    names = {"both": "wider", "predicate": "wider_norls", **{tenant: f"wider_{tenant}" for tenant in TENANTS}}
    for key, name in names.items():
        postgres.psql(f"CREATE DATABASE {name} OWNER app_owner")
        rows = "".join(rows_of(org) for tenant, org in TENANTS.items() if key in ("both", "predicate", tenant))
        own = f"ALTER TABLE skills ALTER org_id SET DEFAULT {TENANTS[key]};" if key in TENANTS else ""
        make = "GRANT ALL ON SCHEMA public TO app_owner; GRANT USAGE ON SCHEMA public TO app_rw; SET ROLE app_owner;"
        postgres.psql(make + TABLES + rows + own + ("" if key == "predicate" else POLICIES), name)
    return names


@pytest.fixture(params=["both", "predicate"])
def through(request, postgres, databases, own_proxy):
    target = own_proxy(tables={"public.skills": {"read": READ}}, servers={"main": {
        "hosts": [f"127.0.0.1:{postgres.port}"], "database": databases[request.param],
        "login": {"user": "app_rw", "password": PASSWORD}}})
    target.database = databases[request.param]
    return target


def straight(direct, tenant):
    return direct.psycopg(tenant, autocommit=False, dbname=f"wider_{tenant}")


QUESTIONS = [
    "SELECT * FROM skills ORDER BY org_id, id",
    "SELECT count(*), count(scope) FROM skills",
    "SELECT name FROM skills WHERE scope IS NULL OR name LIKE '%o%' ORDER BY name",
    "TABLE skills ORDER BY org_id, id",
    "SELECT u.id, s.name FROM uses u LEFT JOIN skills s ON s.id = u.skill_id ORDER BY 1, 2",
    "SELECT u.id, s.name FROM uses u FULL JOIN skills s ON s.id = u.skill_id ORDER BY 1, 2",
    "SELECT * FROM uses NATURAL LEFT JOIN skills ORDER BY 1, 2",
    "SELECT id FROM uses WHERE skill_id IN (SELECT id FROM skills WHERE scope = 'system') ORDER BY id",
    "WITH s AS (SELECT * FROM skills) SELECT count(*) FROM s, skills",
    "SELECT a, b FROM skills AS s (a, b) ORDER BY 1, 2",
    "SELECT * FROM skills WHERE org_id = 2 OR org_id = 3",
    "SELECT * FROM skills WHERE org_id = 0 ORDER BY id",
    "SELECT * FROM skills WHERE scope = 'draft'",
    # Rows to be locked are own rows, as PostgreSQL's policies have it.
    "SELECT * FROM skills ORDER BY org_id, id FOR UPDATE",
    "SELECT s.id, t.org_id FROM skills s JOIN skills t ON s.id = t.id ORDER BY 1, 2 FOR SHARE OF s",
    # Writes reach own rows only, and may read the others.
    "UPDATE skills SET name = 'mine' RETURNING *",
    "UPDATE skills SET name = t.name FROM skills t WHERE t.id = 2 RETURNING skills.*",
    "DELETE FROM skills RETURNING *",
    "DELETE FROM skills USING skills t WHERE t.id = 2 RETURNING skills.*",
    "INSERT INTO skills (id, name) SELECT id + 100, name FROM skills WHERE scope = 'system' ORDER BY id RETURNING *",
    "INSERT INTO skills (id, name) VALUES (1, 'again') ON CONFLICT (org_id, id) DO UPDATE SET name = excluded.name RETURNING *",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_is_the_private_database_s(through, direct, postgres, question):
    before = postgres.psql("SELECT md5(string_agg(s::text, '|' ORDER BY s::text)) FROM skills s", through.database)
    for tenant in TENANTS:
        with through.psycopg(tenant, autocommit=False, dbname=through.database) as one, straight(direct, tenant) as other:
            assert one.execute(question).fetchall() == other.execute(question).fetchall(), tenant
            others = f"SELECT count(*), min(name), max(name) FROM skills WHERE org_id <> {TENANTS[tenant]}"
            assert one.execute(others).fetchall() == other.execute(others).fetchall() == [(2, "system one", "system two")]
            one.rollback()
            other.rollback()
    assert postgres.psql("SELECT md5(string_agg(s::text, '|' ORDER BY s::text)) FROM skills s", through.database) == before


def test_no_setting_moves_what_may_be_read(own_proxy, postgres, databases):
    """SET timezone TO 'XXX-167' makes the clock of columns without a time zone a week early."""
    name = databases["predicate"]
    postgres.psql("CREATE TABLE IF NOT EXISTS news (org_id bigint, id int, at timestamptz DEFAULT now() + '1 hour', wall timestamp DEFAULT now() + '1 hour',"
                  " day date DEFAULT '2024-02-01'); GRANT SELECT ON news TO app_rw; DELETE FROM news; INSERT INTO news VALUES (2, 1)", name)
    servers = {"main": {"hosts": [f"127.0.0.1:{postgres.port}"], "database": name, "login": {"user": "app_rw", "password": PASSWORD}}}
    for condition, refused in (("at <= now()", False), ("wall <= now()", True), ("day <= '2024-01-02'", False), ("day <= '02/01/2024'", True)):
        through = own_proxy(tables={"public.news": {"read": f"org_id = :org OR {condition}"}}, servers=servers)
        with through.psycopg(dbname=name) as connection:
            for setting in ("timezone TO 'UTC'", "timezone TO 'XXX-167'", "datestyle TO 'ISO, DMY'", "datestyle TO 'ISO, MDY'"):
                connection.execute("SET " + setting)
                if refused:
                    with pytest.raises(psycopg.errors.FeatureNotSupported, match="is not known"):
                        connection.execute("SELECT * FROM news")
                else:
                    assert connection.execute("SELECT count(*) FROM news").fetchone() == (0,), (condition, setting)


def test_nobody_else_s_row_is_written(through, postgres):
    with through.psycopg("acme", dbname=through.database) as acme:
        assert acme.execute("UPDATE skills SET name = 'taken' WHERE scope = 'system'").rowcount == 0
        assert acme.execute("DELETE FROM skills WHERE org_id = 0").rowcount == 0
        assert acme.execute("MERGE INTO skills t USING uses u ON t.id = u.skill_id AND t.org_id = 0"
                            " WHEN MATCHED THEN DELETE").rowcount == 0
        for statement in ("INSERT INTO skills SELECT * FROM skills", "INSERT INTO uses (org_id, id) SELECT org_id, id + 50 FROM skills",
                          "INSERT INTO skills (org_id, id) VALUES (0, 77)", "UPDATE skills SET org_id = 0",
                          "UPDATE skills SET org_id = t.org_id FROM skills t WHERE t.scope = 'system'",
                          "MERGE INTO uses u USING skills s ON false WHEN NOT MATCHED THEN INSERT (org_id, id) VALUES (s.org_id, 60)"):
            with pytest.raises(psycopg.Error) as caught:
                acme.execute(statement)
            assert sqlstate(caught.value) == "42501", statement
    assert postgres.psql("SELECT count(*) FROM skills WHERE org_id = 0 AND name <> 'taken'", through.database) == "4"


def test_a_cursor_on_somebody_else_s_row_writes_nothing(through, postgres):
    """Beside WHERE CURRENT OF there is no room for a predicate: whatever lets a write stand on a cursor has to see to this."""
    for write in ("DELETE FROM skills WHERE CURRENT OF c", "UPDATE skills SET name = 'taken' WHERE CURRENT OF c"):
        for cursor in ("SELECT * FROM skills WHERE scope = 'system'", "SELECT s.* FROM skills s JOIN uses u ON s.id = u.skill_id AND s.org_id = 0"):
            with through.psycopg(autocommit=False, dbname=through.database) as connection:
                connection.execute(f"DECLARE c CURSOR FOR {cursor}")
                assert connection.execute("FETCH 1 FROM c").fetchone()[0] == 0
                with pytest.raises(psycopg.Error):
                    connection.execute(write)
                connection.rollback()
    assert postgres.psql("SELECT count(*) FROM skills WHERE org_id = 0 AND name <> 'taken'", through.database) == "4"


def test_copy_reads_what_select_reads(through, direct):
    with through.psycopg(dbname=through.database) as one, straight(direct, "acme") as other:
        def copied(connection, text):
            with connection.cursor().copy(text) as copy:
                return sorted(b"".join(copy).splitlines())
        assert copied(one, "COPY skills TO STDOUT") == copied(other, "COPY (SELECT * FROM skills) TO STDOUT")
        assert len(copied(one, "COPY (SELECT id FROM skills) TO STDOUT")) == 4


def test_shapes_with_other_constants_have_other_answers(through):
    with through.psycopg(dbname=through.database) as connection:
        for _ in range(3):
            for name, count in (("system one", 1), ("system", 0), ("own 1.1", 1), ("own 2.1", 0)):
                found = connection.execute(f"SELECT count(*) FROM skills WHERE name = '{name}'").fetchone()
                assert found == (count,), name


@pytest.mark.parametrize("mode", ["inject", "validate"])
def test_an_extension_s_equals_is_not_the_policy_s(own_proxy, postgres, mode):
    """To citext's own = 'SYSTEM' is 'system', and it comes before PostgreSQL's where a client says = alone."""
    database = f"wider_citext_{mode}"
    postgres.psql(f"CREATE DATABASE {database}")
    postgres.psql("""CREATE EXTENSION citext;
        CREATE TABLE skills (org_id bigint NOT NULL, id bigint NOT NULL, scope citext);
        INSERT INTO skills VALUES (1, 1, 'own'), (2, 2, 'system'), (2, 3, 'SYSTEM'), (2, 4, 'own');
        GRANT SELECT ON skills TO app_rw""", database)
    target = own_proxy(tables={"public.skills": {"read": READ, "without_row_security": "accept"}}, servers={"main": {
        "hosts": [f"127.0.0.1:{postgres.port}"], "database": database, "login": {"user": "app_rw", "password": PASSWORD}}},
        tenancy={"column": "org_id", "session_variable": "app.org_id", "mode": mode})
    with target.psycopg("acme", dbname=database) as client:
        for condition in ("org_id = 1 OR scope = 'system'", "org_id = 1 OR scope OPERATOR(pg_catalog.=) 'system'"):
            ask = f"SELECT id FROM skills WHERE {condition} ORDER BY id"
            if mode == "validate" and "OPERATOR" not in condition:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    client.execute(ask)
            else:
                assert [i for i, in client.execute(ask)] == [1, 2]
