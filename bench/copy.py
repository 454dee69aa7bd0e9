"""COPY … FROM STDIN: the same rows directly and through Bulkhead, into a table without row-level security and into one with it.

PostgreSQL refuses COPY FROM under row-level security, so directly there is only the first, and the second is compared with it.
Each load is one transaction that is rolled back. What is printed: rows and megabytes per second, the proxy's own CPU
nanoseconds per row (user and system, from /proc), and the ratio to direct; medians over the rounds.
"""

import argparse
import pathlib
import statistics
import sys
import time

import psycopg

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools" / "lib"))
sys.path.insert(0, str(HERE))

from run import PASSWORD, configuration  # noqa: E402
from throwaway import Bulkhead, Failure, Postgres, Scratch, exit_on_signals  # noqa: E402

FORMATS = {
    "text": ("", lambda i: f"{i}\t{i % 977}\tthe note of row {i}, of an ordinary length\n"),
    "csv": ("(FORMAT csv)", lambda i: f'{i},{i % 977},"the note of row {i}, of an ordinary length"\n'),
}
SCHEMA = "".join(
    f"CREATE TABLE {t} (id bigint NOT NULL, org_id bigint NOT NULL DEFAULT 1, n int, note text); GRANT ALL ON {t} TO app_rw;"
    for t in ("plain", "guarded")) + """
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; ALTER TABLE guarded FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON guarded USING (org_id = current_setting('app.org_id')::bigint);"""


def load(connection, table, options, pieces):
    """Seconds of one COPY."""
    started = time.monotonic()
    with connection.cursor().copy(f"COPY {table} (id, n, note) FROM STDIN {options}") as copy:
        for piece in pieces:
            copy.write(piece)
    seconds = time.monotonic() - started
    connection.rollback()
    return seconds


def main():
    parse = argparse.ArgumentParser(prog="tools/dev bench copy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--rows", type=int, default=500_000)
    parse.add_argument("--rounds", type=int, default=3)
    arguments = parse.parse_args()
    exit_on_signals()
    with Scratch("bulkhead-bench-") as scratch, Postgres(scratch, max_connections=50, shared_buffers="256MB") as postgres:
        postgres.psql(f"CREATE ROLE app_rw LOGIN PASSWORD '{PASSWORD}'; CREATE DATABASE bench")
        postgres.psql(SCHEMA, "bench")
        accepting = {**configuration(postgres, 4, 1), "tables": {"public.plain": {"without_row_security": "accept"}}}
        with Bulkhead(scratch, accepting) as bulkhead:
            common = {"host": "127.0.0.1", "dbname": "bench", "password": PASSWORD}
            sides = [("direct", "plain", {"port": postgres.port, "user": "app_rw"}),
                     ("Bulkhead", "plain", {"port": bulkhead.port, "user": "acme_app"}),
                     ("Bulkhead, row-level security", "guarded", {"port": bulkhead.port, "user": "acme_app"})]
            print("| format | way | rows/s | MB/s | of direct | CPU ns/row |\n| --- | --- | ---: | ---: | ---: | ---: |")
            for name, (options, row) in FORMATS.items():
                rows = "".join(map(row, range(arguments.rows))).encode()
                pieces = [rows[at:at + 65536] for at in range(0, len(rows), 65536)]
                took, cpu = {}, {}
                for _ in range(arguments.rounds):
                    for label, table, where in sides:
                        with psycopg.connect(**common, **where) as connection:
                            before = bulkhead.cpu_seconds()
                            took.setdefault(label, []).append(load(connection, table, options, pieces))
                            cpu.setdefault(label, []).append(bulkhead.cpu_seconds() - before)
                direct = statistics.median(took["direct"])
                for label, _, _ in sides:
                    seconds, spent = statistics.median(took[label]), statistics.median(cpu[label])
                    own = "–" if label == "direct" else f"{spent / arguments.rows * 1e9:.0f}"
                    print(f"| {name} | {label} | {arguments.rows / seconds:.0f} | {len(rows) / seconds / 1e6:.0f} | "
                          f"{direct / seconds:.2f} | {own} |", flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        sys.exit(2)
