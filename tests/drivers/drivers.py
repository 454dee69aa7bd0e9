"""The drivers there is a program for: how it is built and run. What they need is in tools/drivers.txt, the quick ones' in
tools/packages.txt; those for Node.js come by tests/drivers/node/package-lock.json."""

import dataclasses
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
PLACE = HERE.parents[1] / "build" / "drivers"


@dataclasses.dataclass(frozen=True)
class Driver:
    command: list
    build: list = dataclasses.field(default_factory=list)  # commands, in order
    environment: dict = dataclasses.field(default_factory=dict)
    quick: bool = False  # part of tools/dev test


def python(name, **more):
    return Driver([sys.executable, str(HERE / "python" / f"{name}.py")], **more)


def node(name, **more):
    # Node.js looks for packages from where the program lies.
    copies = ["cp", *map(str, sorted((HERE / "node").glob("*.mjs"))), str(PLACE / "node")]
    return Driver(["node", str(PLACE / "node" / f"{name}.mjs")], [copies], **more)


DRIVERS = {
    "asyncpg": python("asyncpg_program", quick=True),
    "sqlalchemy": python("sqlalchemy_program", quick=True),
    "psycopg": python("psycopg_program", quick=True),
    "django": python("django_program"),
    "node-postgres": node("pg", quick=True),
    "postgres.js": node("postgres"),
    "knex": node("knex"),
    "sequelize": node("sequelize"),
    "typeorm": node("typeorm"),
    "drizzle": node("drizzle"),
    "kysely": node("kysely"),
}
