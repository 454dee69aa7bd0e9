"""The drivers there is a program for: how it is built and run. What they need is in tools/drivers.txt, the quick ones' in
tools/packages.txt; those for Node.js come by tests/drivers/node/package-lock.json."""

import dataclasses
import pathlib
import subprocess
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


def version_of(package):
    """Debian's, for drivers that do not tell their own."""
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=False)
    return done.stdout or "?"


def go(name, package):
    # Debian's packages for Go are sources in a GOPATH.
    program = str(PLACE / "go" / name)
    environment = {"GOPATH": "/usr/share/gocode", "GO111MODULE": "off", "GOCACHE": str(PLACE / "go" / "cache"), "GOFLAGS": "-p=2"}
    build = ["env", *(f"{k}={v}" for k, v in environment.items()), "go", "build", "-o", program, str(HERE / "go" / f"{name}.go")]
    return Driver([program, version_of(package)], [build])


def rust():
    # Debian's packages for Rust are sources in a directory that stands in for the registry.
    place = str(PLACE / "rust")
    debian = ["--config", "source.crates-io.replace-with='debian'", "--config", "source.debian.directory='/usr/share/cargo/registry'"]
    build = [["mkdir", "-p", place], ["cp", "-R", *(str(HERE / "rust" / name) for name in ("Cargo.toml", "src")), place],
             ["env", "-C", place, "RUSTC=/usr/bin/rustc", f"CARGO_HOME={place}/home", "/usr/bin/cargo", *debian, "build", "--offline", "--quiet"]]
    return Driver([f"{place}/target/debug/tokio-postgres-program", version_of("librust-tokio-postgres-dev")], build)


JAR = "/usr/share/java/postgresql.jar"
JAVA = str(PLACE / "java")

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
    "pgjdbc": Driver(["java", "-XX:TieredStopAtLevel=1", "-cp", f"{JAR}:{JAVA}", "Program"],
                     [["javac", "-encoding", "UTF-8", "-cp", JAR, "-d", JAVA, str(HERE / "java" / "Program.java")]]),
    "pq": go("pq", "golang-github-lib-pq-dev"),
    "pgx": go("pgx", "golang-github-jackc-pgx-v4-dev"),
    "dbd-pg": Driver(["perl", str(HERE / "perl" / "dbd_pg.pl")]),
    "php": Driver(["php", "-d", "display_errors=stderr", str(HERE / "php" / "pdo.php")]),
    "ruby-pg": Driver(["ruby", str(HERE / "ruby" / "pg.rb")]),
    "activerecord": Driver(["ruby", str(HERE / "ruby" / "activerecord.rb")]),
    "tokio-postgres": rust(),
}
