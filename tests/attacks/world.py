"""The database the attacks are made on: two organisations, everything granted that should not be, and traps in every corner.

Databases stand side by side: `bank` with forced row-level security, `bank_norls` and `bank_validate` without, the latter behind mode
validate, and `bank_acme`, which holds acme's rows alone and says what acme may see. Whatever belongs to globex has the marker in it; it is in nothing else, so
that one byte of it in anything acme receives is a leak.
"""

import contextlib

import psycopg

import harness

MARKER = b"gl0bex"
PASSWORD = "correct horse"
SETUPS = {"rls": "bank", "norls": "bank_norls", "validate": "bank_validate"}
PRIVATE = "bank_acme"
TENANTS = {"acme": 1, "globex": 2}
CHILDREN = ("child", "draft_template", "by_both")
TABLES = ("account", "item", "event", "parent", "draft", "by_org", "named", *CHILDREN)

SCHEMA = """
CREATE EXTENSION tablefunc;
CREATE TABLE country (code text PRIMARY KEY, name text);
CREATE TABLE unlisted (id int, secret text);
CREATE TABLE account (
  org_id bigint NOT NULL, id bigint NOT NULL, email text NOT NULL, secret text, amount int NOT NULL DEFAULT 0 CHECK (amount < 10000),
  PRIMARY KEY (org_id, id), UNIQUE (org_id, email));
CREATE TABLE item (
  org_id bigint NOT NULL, id bigint NOT NULL, account_id bigint, body text,
  PRIMARY KEY (org_id, id), FOREIGN KEY (org_id, account_id) REFERENCES account ON DELETE CASCADE);
CREATE TABLE event (org_id bigint NOT NULL, id bigint NOT NULL, at date NOT NULL, body text) PARTITION BY RANGE (at);
CREATE TABLE event_2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE parent (org_id bigint NOT NULL, id bigint NOT NULL, body text);
CREATE TABLE child (more text) INHERITS (parent);
CREATE TABLE template (id bigint, body text);
CREATE TABLE draft (org_id bigint NOT NULL, id bigint, body text);
CREATE TABLE draft_template (extra text) INHERITS (template, draft);
CREATE TABLE by_account (account_id bigint, body text);
CREATE TABLE by_org (org_id bigint, id bigint, body text);
CREATE TABLE by_both () INHERITS (by_account, by_org);
CREATE TABLE ledger (org_id bigint, account_id bigint, at date) PARTITION BY RANGE (at);
CREATE TABLE ledger_2024 PARTITION OF ledger FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TYPE pair AS (a bigint, b bigint);
CREATE COLLATION shouting (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE named (org_id text COLLATE shouting NOT NULL, id bigint NOT NULL, body text);

CREATE VIEW account_as_owner AS SELECT * FROM account;
CREATE VIEW account_as_invoker WITH (security_invoker) AS SELECT * FROM account;
CREATE VIEW account_in_country AS SELECT a.*, c.name FROM account a CROSS JOIN country c;
CREATE MATERIALIZED VIEW account_stored AS SELECT * FROM account WITH NO DATA;
CREATE FUNCTION everything() RETURNS SETOF account LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM account';
CREATE FUNCTION become(t text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT set_config('app.org_id', t, false) IS NOT NULL $$;
CREATE FUNCTION tell(t text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS
  $$ BEGIN RAISE NOTICE 'saw %', t; RETURN true; END $$;
CREATE FUNCTION always(bigint, bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE SCHEMA evil;  -- in public it would be refused wherever it stands without a schema, which is everywhere
CREATE OPERATOR evil.= (leftarg = bigint, rightarg = bigint, procedure = always);
CREATE FUNCTION becomes(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT set_config($1, $2, false) IS NOT NULL';
CREATE OPERATOR =>> (leftarg = text, rightarg = text, procedure = becomes);
CREATE AGGREGATE become_all(text) (sfunc = textcat, stype = text, finalfunc = become);
CREATE TYPE wish AS (t text);
CREATE FUNCTION wish_to_text(wish) RETURNS text LANGUAGE sql AS $$ SELECT set_config('app.org_id', $1.t, false) $$;
CREATE CAST (wish AS text) WITH FUNCTION wish_to_text(wish);
CREATE DOMAIN nosy AS text CHECK (become(VALUE));
GRANT ALL ON ALL TABLES IN SCHEMA public TO app_rw;
GRANT ALL ON SCHEMA public, evil TO app_rw;
INSERT INTO country VALUES ('DE', 'Germany'), ('PE', 'Peru');
"""


def rows_of(org):
    """Two organisations' rows have the same ids; globex has a few more."""
    name = {1: "acme", 2: MARKER.decode()}[org]
    out = ""
    for i in range(1, 9 if org == 2 else 6):
        out += f"INSERT INTO account VALUES ({org}, {i}, '{name}{i}@x', '{name} secret {i}', {i * org});"
        out += f"INSERT INTO item VALUES ({org}, {i}, {i}, '{name} item {i}');"
        out += f"INSERT INTO event VALUES ({org}, {i}, '2024-03-0{i}', '{name} event {i}');"
        out += f"INSERT INTO parent VALUES ({org}, {i}, '{name} parent {i}');"
        out += f"INSERT INTO child VALUES ({org}, {i + 10}, '{name} child {i}', 'more');"
    out += f"INSERT INTO draft_template VALUES (1, '{name} draft', {org}, 'more');"
    out += f"INSERT INTO by_both VALUES ({org}, '{name} both', {org}, 1);"
    # As a collation sees them, or a char(n): '1' is the only id that is acme's.
    for key in {1: ["1"], 2: ["2", "1 ", "01"]}[org]:
        out += f"INSERT INTO named VALUES ('{key}', 1, '{name} named');"
    return out


def policies():
    out = ""
    for table in ("account", "item", "event", "event_2024", "parent", "child", "draft", "draft_template", "by_org", "by_both", "ledger",
                  "ledger_2024"):
        out += (f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
                f"CREATE POLICY tenant ON {table} USING (org_id = current_setting('app.org_id')::bigint);")
    return out + ("ALTER TABLE named ENABLE ROW LEVEL SECURITY; ALTER TABLE named FORCE ROW LEVEL SECURITY;"
                  "CREATE POLICY tenant ON named USING (org_id COLLATE \"C\" = current_setting('app.org_id'));")


def create(postgres):
    postgres.psql(f"""
        CREATE ROLE bank_owner NOLOGIN;
        CREATE ROLE app_rw LOGIN PASSWORD '{PASSWORD}' NOSUPERUSER NOBYPASSRLS;
        CREATE DATABASE bank; GRANT ALL ON DATABASE bank TO app_rw;""")
    postgres.psql(SCHEMA, "bank")
    for database in {PRIVATE, *SETUPS.values()} - {"bank"}:
        postgres.psql(f"CREATE DATABASE {database} TEMPLATE bank; GRANT ALL ON DATABASE {database} TO app_rw;")
    for database in SETUPS.values():
        postgres.psql(rows_of(1) + rows_of(2) + f"INSERT INTO unlisted VALUES (1, '{MARKER.decode()}');"
                      "REFRESH MATERIALIZED VIEW account_stored; ANALYZE;", database)
    postgres.psql(policies(), "bank")
    own = "".join(f"ALTER TABLE {t} ALTER org_id SET DEFAULT 1;" for t in TABLES)
    postgres.psql(rows_of(1) + own + "REVOKE ALL ON unlisted FROM app_rw; ANALYZE;",
                  PRIVATE)


def config_for(postgres, setup):
    return {
        "servers": {"main": {"hosts": [f"127.0.0.1:{postgres.port}"], "database": SETUPS[setup],
                             "login": {"user": "app_rw", "password": PASSWORD}}},
        "tenancy": {"column": "org_id", "session_variable": "app.org_id", "mode": "validate" if setup == "validate" else "inject",
                    "without_row_security": "refuse" if setup == "rls" else "accept"},
        "tables": {"public.country": {"access": "shared"},
                   "public.template": {"access": "shared"},
                   "public.by_account": {"column": "account_id", "without_row_security": "accept"},
                   "public.ledger_2024": {"column": "account_id"},
                   "public.account_in_country": {"access": "tenant", "without_row_security": "accept"},
                   "public.account_as_invoker": {"access": "tenant", "without_row_security": "accept"}},
        "tenants": {name: {"org": org} for name, org in TENANTS.items()},
        "users": {f"{name}_app": {"tenant": name, "password": {"plain": PASSWORD}} for name in TENANTS},
        "pool": {"mode": "transaction", "size": 4}, "log": {"level": "info"},
    }


class World:
    """Looks at all three databases as the superuser, and puts back what an attack has changed."""

    def __init__(self, postgres):
        self._postgres = postgres
        self._admin = {name: self._connect(name) for name in (*SETUPS.values(), PRIVATE)}
        self._start = {(d, o): self._digest(d, o) for d in self._admin for o in (True, False)}

    def _connect(self, database):
        return psycopg.connect(host=str(self._postgres.socket_dir), port=self._postgres.port, user=harness.SUPERUSER,
                               dbname=database, autocommit=True)

    def _digest(self, database, others):
        where = "<> '1'" if others else "= '1'"
        parts = [f"SELECT '{t}' || t::text AS row FROM ONLY {t} t WHERE org_id::text COLLATE \"C\" {where}"
                 for t in (*TABLES, "event_2024")]
        if others:
            parts += ["SELECT c::text FROM country c", "SELECT u::text FROM unlisted u",
                      "SELECT relname || coalesce(relacl::text, '') FROM pg_class WHERE relnamespace = 'public'::regnamespace",
                      "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
                      "SELECT rolname || coalesce(rolpassword, '') || coalesce(s.setconfig::text, '') FROM pg_authid a "
                      "LEFT JOIN pg_db_role_setting s ON s.setrole = a.oid",
                      "SELECT oid::text FROM pg_largeobject_metadata", "SELECT gid FROM pg_prepared_xacts",
                      "SELECT tgname FROM pg_trigger"]
        return self._admin[database].execute(
            f"SELECT md5(string_agg(row, '|' ORDER BY row)) FROM ({' UNION ALL '.join(parts)}) r").fetchone()[0]

    def others_are_untouched(self, setup):
        return self._digest(SETUPS[setup], True) == self._start[SETUPS[setup], True]

    def own_rows_are_the_same(self, setup):
        return self._digest(SETUPS[setup], False) == self._digest(PRIVATE, False)

    def restore(self, setup):
        for database in (SETUPS[setup], PRIVATE):
            if self._digest(database, False) != self._start[database, False]:
                self._admin[database].execute(
                    "BEGIN; SET LOCAL session_replication_role = replica;" +
                    "".join(f"DELETE FROM {t} WHERE org_id::text COLLATE \"C\" = '1';" for t in TABLES if t not in CHILDREN) +
                    rows_of(1) + "COMMIT")

    def ask(self, setup, sql):
        return self._admin[SETUPS[setup]].execute(sql).fetchall()

    def close(self):
        for connection in self._admin.values():
            connection.close()


@contextlib.contextmanager
def running(scratch):
    """Everything an attack needs: (world, PostgreSQL, {set-up: Bulkhead})."""
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(harness.Postgres(scratch, max_prepared_transactions=4))
        create(postgres)
        world = World(postgres)
        stack.callback(world.close)
        proxies = {s: stack.enter_context(harness.Bulkhead(scratch, config_for(postgres, s), name=s)) for s in SETUPS}
        yield world, postgres, proxies
