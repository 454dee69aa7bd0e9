"""Tables the shop has not: a tenant column of text, of int4 on a partitioned table, a table with a child, and one of which
everybody may read the system's rows besides the own ones, and write own ones only. A private database holds those rows, too; that
nobody writes them is PostgreSQL's own doing there, by policies.

They are the oracle's alone, so that the integration tests' shop stays as small as it is.
"""

import random

from harness import DATABASE, TENANTS

TABLES = ("tickets", "visits", "assets", "skills")  # their children's rows are theirs
SCHEMA = """
CREATE TABLE tickets (org_id text NOT NULL, id bigint, title text, opened date, PRIMARY KEY (org_id, id));
CREATE TABLE visits (org_id int NOT NULL, id bigint NOT NULL, at date NOT NULL, page text) PARTITION BY RANGE (at);
CREATE TABLE visits_old PARTITION OF visits FOR VALUES FROM (MINVALUE) TO ('2024-06-01');
CREATE TABLE visits_new PARTITION OF visits FOR VALUES FROM ('2024-06-01') TO (MAXVALUE);
CREATE TABLE assets (org_id bigint NOT NULL, id bigint NOT NULL, label text, worth numeric(10,2));
CREATE TABLE machines (serial text) INHERITS (assets);
CREATE TABLE skills (org_id bigint NOT NULL, id bigint, name text, level numeric(10,2), scope text DEFAULT 'org', PRIMARY KEY (org_id, id));
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app_rw;
"""
ALL = {"tickets": "text", "visits": "int", "visits_old": "int", "visits_new": "int", "assets": "bigint", "machines": "bigint",
       "skills": "bigint"}
READ = {"public.skills": {"read": "org_id = :org OR scope = 'system'"}}
SYSTEM = "".join(f"INSERT INTO skills VALUES (0, {i}, 'skill {i % 3}', {i * 7}, 'system');" for i in range(1, 6))


def policies(table):
    text = (f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
            f"CREATE POLICY tenant ON {table} USING (org_id = current_setting('app.org_id')::{ALL[table]});")
    return text + ("CREATE POLICY system ON skills FOR SELECT USING (scope = 'system');" if table == "skills" else "")


def fill(org):
    """Ids collide, values differ. Of every tenant's text id another one's is a beginning."""
    roll = random.Random(org * 104729)
    maybe = lambda value: value if roll.random() < 0.8 else "NULL"  # noqa: E731
    out = ""
    for i in range(1, 5):
        out += f"INSERT INTO skills VALUES ({org}, {i + 2}, {maybe(repr(f'skill {org}.{i % 2}'))}, {roll.randint(1, 40)}, {maybe(repr('org'))});"
    for i in range(1, 9):
        day = f"'2024-0{roll.randint(1, 9)}-1{roll.randint(0, 9)}'"
        out += (f"INSERT INTO tickets VALUES ('{org}', {i}, {maybe(repr(f'ticket {org}-{i % 3}'))}, {maybe(day)});"
                f"INSERT INTO visits VALUES ({org}, {i}, {day}, {maybe(repr(f'page {org}.{i % 4}'))});"
                f"INSERT INTO {roll.choice(['assets', 'machines'])} VALUES ({org}, {i}, {maybe(repr(f'asset {org}'))}, {roll.randint(1, 90)});")
    return out


def create(postgres):
    """In every database create_shop has made."""
    for database in (DATABASE, f"{DATABASE}_norls", *(f"{DATABASE}_{t}" for t in TENANTS)):
        postgres.psql("SET ROLE app_owner;" + SCHEMA, database)
    for database in (DATABASE, f"{DATABASE}_norls"):
        postgres.psql("".join(fill(org) for org in TENANTS.values()) + SYSTEM + "ANALYZE;", database)
    postgres.psql("".join(policies(t) for t in ALL), DATABASE)
    for name, org in TENANTS.items():
        own = "".join(f"ALTER TABLE {t} ALTER org_id SET DEFAULT '{org}';" for t in ALL)
        checks = "".join(f"ALTER TABLE {t} ADD CONSTRAINT {t}_own CHECK (org_id = '{org}');" for t in TABLES if t != "skills")
        postgres.psql(fill(org) + SYSTEM + own + checks + policies("skills"), f"{DATABASE}_{name}")
