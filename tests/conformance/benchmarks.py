"""The published benchmarks' queries (TPC-H, TPC-DS, Join Order Benchmark), each answered as on a private database.

Their texts are not part of this repository: BENCHMARK_QUERIES, or ../shared/data/benchmarks beside it, has NAME.sql with a query
behind each `-- @ ID` line, and NAME-schema.sql with the tables. Every table gets an org_id, and a few rows for each of two tenants
made of the words and numbers that the queries themselves compare with, so that joins and conditions meet. Exit status 77: no texts.
"""

import argparse
import decimal
import os
import pathlib
import random
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "isolation"), str(HERE.parent / "integration")]

import harness  # noqa: E402
import psycopg  # noqa: E402

SKIPPED = 77
ROWS = 25
TENANTS = {"acme": 1, "globex": 2}


def queries(path):
    """[(id, text)]"""
    parts = re.split(r"^-- @ (\S+).*$", path.read_text(), flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2]))


def words(text):
    """What the queries compare with, by kind."""
    strings = re.findall(r"'((?:[^']|'')*)'", text)
    plain = [s.replace("''", "'").replace("%", "") for s in strings]
    return {"text": sorted(set(plain)), "date": sorted({s for s in plain if re.fullmatch(r"\d{4}-\d\d-\d\d", s)}) or ["1998-01-01"],
            "number": sorted({int(n) for n in re.findall(r"(?<![\w.'-])\d{1,4}(?![\w.'-])", text)})}


def columns(postgres, database):
    """{table: [(column, type, length, whether it is a key)]}"""
    rows = postgres.psql(
        "SELECT table_name, column_name, data_type, coalesce(character_maximum_length, 100), column_name ~ '(_sk|key|id)$' "
        "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position", database)
    tables = {}
    for table, name, kind, length, key in (line.split("|") for line in rows.splitlines()):
        tables.setdefault(table, []).append((name, kind, int(length), key == "t"))
    return tables


def value(roll, pool, kind, length, key, row):
    if kind.startswith("character") or kind == "text":
        return roll.choice(pool["text"])[:length] if roll.random() < 0.9 else f"{row}"[:length]
    if kind == "date":
        return roll.choice(pool["date"])
    if kind.startswith("time"):
        return "12:00:00" if kind == "time without time zone" else "2000-01-01 12:00"
    if key:
        return row if roll.random() < 0.5 else roll.randint(1, 5)
    number = roll.choice(pool["number"]) if roll.random() < 0.7 else roll.randint(0, 50)
    return number % 100 if kind == "numeric" else number


def rows_of(table, described, pool, org):
    roll = random.Random(f"{table} {org}")
    rows = [", ".join("'" + str(value(roll, pool, *column[1:], row)).replace("'", "''") + "'" for column in described)
            for row in range(1, ROWS + 1)]
    return f'INSERT INTO "{table}" ({", ".join(c[0] for c in described)}, org_id) VALUES\n' + ",\n".join(f"({r}, {org})" for r in rows) + ";\n"


def create(postgres, name, schema, pool):
    """NAME with both tenants' rows and NAME_acme with acme's alone."""
    for database, orgs in ((name, TENANTS.values()), (f"{name}_acme", [TENANTS["acme"]])):
        postgres.psql(f"CREATE DATABASE {database}")
        postgres.psql(schema, database)
        keys = postgres.psql("SELECT format('ALTER TABLE %s DROP CONSTRAINT %I;', conrelid::regclass, conname) FROM pg_constraint "
                             "WHERE contype IN ('f', 'p') AND connamespace = 'public'::regnamespace ORDER BY contype", database)
        tables = columns(postgres, database)
        own = "".join(f'ALTER TABLE "{table}" ADD org_id bigint NOT NULL;\n' for table in tables)
        rows = "".join(rows_of(table, described, pool, org) for table, described in tables.items() for org in orgs)
        postgres.psql(keys + own + rows + "GRANT SELECT ON ALL TABLES IN SCHEMA public TO app_rw; ANALYZE", database)


def plain(item):
    return f"{float(item):.9g}" if isinstance(item, (decimal.Decimal, float)) else str(item)


def answer(connection, text):
    """(rows in any order, what went wrong)"""
    try:
        rows = connection.execute(text).fetchall()
    except psycopg.Error as error:
        return None, (error.sqlstate, str(error).splitlines()[0])
    return sorted(tuple(plain(item) for item in row) for row in rows), None


def compare(name, path, through, straight):
    refused = different = full = errors = 0
    cases = queries(path)
    for number, text in cases:
        given, wanted = answer(through, text), answer(straight, text)
        full += bool(wanted[0])
        errors += bool(wanted[1])
        if given[1] and given[1] != wanted[1]:
            refused += 1
            print(f"{name} {number} is refused: {given[1]}")
        # Which of equal rows LIMIT keeps is up to the plan.
        elif given != wanted and not (given[0] and re.search(r"\blimit\b", text, re.IGNORECASE) and len(given[0]) == len(wanted[0])):
            different += 1
            print(f"{name} {number} is different:\n--- through: {given}\n--- private: {wanted}")
    print(f"{name}: {len(cases)} queries, {len(cases) - refused - different} as directly (of these {errors} errors, {full} with rows), "
          f"{refused} refused, {different} different")
    return refused + different


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("benchmarks", nargs="*", default=["tpch", "tpcds", "job"])
    arguments = parse.parse_args()
    folder = pathlib.Path(os.environ.get("BENCHMARK_QUERIES", HERE.parents[2] / "shared" / "data" / "benchmarks"))
    if not folder.is_dir():
        print(f"skipped: the texts are not there ({folder}); BENCHMARK_QUERIES names another folder")
        return SKIPPED
    harness.exit_on_signals()
    wrong = 0
    with harness.Scratch() as scratch, harness.Postgres(scratch) as postgres:
        postgres.psql(f"CREATE ROLE app_rw LOGIN PASSWORD '{harness.PASSWORD}' NOSUPERUSER NOBYPASSRLS")
        for name in arguments.benchmarks:
            path = folder / f"{name}.sql"
            create(postgres, name, (folder / f"{name}-schema.sql").read_text(), words(path.read_text()))
            config = harness.shop_config(
                postgres, tables=None, functions=None, tenants={t: {"org": org} for t, org in TENANTS.items()},
                users={"acme_app": {"tenant": "acme", "password": {"plain": harness.PASSWORD}}},
                servers={"main": {"hosts": [f"127.0.0.1:{postgres.port}"], "database": name,
                                  "login": {"user": "app_rw", "password": harness.PASSWORD}}})
            with harness.Bulkhead(scratch, config, name=f"for_{name}") as bulkhead:
                login = {"host": "127.0.0.1", "password": harness.PASSWORD, "autocommit": True}
                with psycopg.connect(port=bulkhead.port, user="acme_app", dbname=name, **login) as through, \
                        psycopg.connect(port=postgres.port, user="app_rw", dbname=f"{name}_acme", **login) as straight:
                    wrong += compare(name, path, through, straight)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
