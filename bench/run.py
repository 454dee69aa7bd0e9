"""pgbench side by side: directly, through PgBouncer and through Bulkhead, round by round in one run.

The figure that means something on a small shared machine is the proxy's own CPU time per transaction (user and system, all its
threads), from /proc. Throughput is mostly pgbench and PostgreSQL competing for the same cores: read it as a ratio.

All three work on the same tables as one tenant: pgbench's own with an org_id column, row-level security on. Directly and
through PgBouncer the tenant comes from a setting of the connection, which is what an application without Bulkhead would do;
through Bulkhead with full enforcement. PgBouncer is Debian's, or the binary named by the environment variable PGBOUNCER, in
transaction mode with the same pool size.
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools" / "lib"))

from throwaway import (  # noqa: E402
    Bulkhead, Failure, Postgres, Scratch, accepts, exit_on_signals, free_port, process_cpu_seconds, server_program, wait_until)

PASSWORD = "bench"
SCRIPTS = {"select": ["-b", "select-only"], "tpcb": ["-b", "tpcb-like"]}


class PgBouncer:
    name = "PgBouncer"

    def __init__(self, scratch, postgres, pool_size):
        self.binary = os.environ.get("PGBOUNCER") or "/usr/sbin/pgbouncer"
        said = subprocess.run([self.binary, "--version"], capture_output=True, text=True, check=False).stdout
        self.version = re.search(r"(\d+)\.(\d+)", said)
        if not self.version:
            raise Failure(f"{self.binary} does not say its version")
        self.version = tuple(int(n) for n in self.version.groups())
        self._scratch, self.port = scratch, free_port()
        self.prepares = self.version >= (1, 21)
        directory = scratch.directory("pgbouncer")
        (directory / "users.txt").write_text(f'"app_rw" "{PASSWORD}"\n')
        self._log = directory / "pgbouncer.log"
        prepared = "max_prepared_statements = 200\n" if self.prepares else ""
        (directory / "pgbouncer.ini").write_text(f"""[databases]
bench = host={postgres.socket_dir} port={postgres.port} dbname=bench connect_query='SET app.org_id = 1'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {directory}/users.txt
pool_mode = transaction
default_pool_size = {pool_size}
max_client_conn = 1000
log_connections = 0
log_disconnections = 0
{prepared}""")
        for path in directory.iterdir():
            path.chmod(0o644)
        owner = scratch.owner
        as_user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen([self.binary, str(directory / "pgbouncer.ini")], stdout=log, stderr=log,
                                             stdin=subprocess.DEVNULL, start_new_session=True, **as_user)
        scratch.note_pid("pgbouncer", self._process.pid)
        wait_until(lambda: accepts(self.port) or self._process.poll() is not None, 20, "PgBouncer to listen")
        if self._process.poll() is not None:
            raise Failure(f"PgBouncer did not start:\n{self._log.read_text()}")

    def environment(self):
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "app_rw"}

    def cpu_seconds(self):
        return process_cpu_seconds(self._process.pid)

    def label(self):
        return f"PgBouncer {self.version[0]}.{self.version[1]}"

    def can(self, mode):
        return mode != "prepared" or self.prepares


class Direct:
    name = "direct"

    def __init__(self, postgres):
        self._postgres = postgres

    def environment(self):
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self._postgres.port), "PGUSER": "app_rw", "PGOPTIONS": "-c app.org_id=1"}

    def cpu_seconds(self):
        return 0.0

    def label(self):
        return "direct"

    def can(self, _mode):
        return True


class Proxy:
    name = "Bulkhead"

    def __init__(self, bulkhead):
        self._bulkhead = bulkhead

    def environment(self):
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self._bulkhead.port), "PGUSER": "acme_app"}

    def cpu_seconds(self):
        return self._bulkhead.cpu_seconds()

    def label(self):
        return "Bulkhead"

    def can(self, _mode):
        return True


def configuration(postgres, pool_size, threads):
    return {
        "servers": {"main": {"hosts": [f"{postgres.socket_dir}:{postgres.port}"], "database": "bench",
                             "login": {"user": "app_rw", "password": PASSWORD}}},
        "tenants": {"acme": {"org": 1}, "globex": {"org": 2}},
        "users": {"acme_app": {"tenant": "acme", "password": {"plain": PASSWORD}}},
        "pool": {"mode": "transaction", "size": pool_size},
        "log": {"level": "warning"},
        **({"threads": threads} if threads else {}),
    }


def measure(side, script, mode, arguments):
    """One round: transactions per second and the proxy's CPU µs per transaction."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    before = side.cpu_seconds()
    done = subprocess.run(
        [server_program("pgbench"), "-n", "-M", mode, "-c", str(arguments.clients), "-j", "2", "-T", str(arguments.seconds),
         *SCRIPTS[script]], env={**clean, "PGDATABASE": "bench", "PGPASSWORD": PASSWORD, **side.environment()},
        capture_output=True, text=True, check=False)
    spent = side.cpu_seconds() - before
    count = re.search(r"number of transactions actually processed: (\d+)", done.stdout)
    failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
    if done.returncode or not count or not int(count[1]) or (failed and int(failed[1])):
        raise Failure(f"pgbench through {side.label()} failed:\n{done.stdout}{done.stderr}")
    tps = float(re.search(r"tps = ([\d.]+)", done.stdout)[1])
    return {"tps": tps, "cpu_us": spent / int(count[1]) * 1e6, "transactions": int(count[1])}


def median(rounds, key):
    return statistics.median(r[key] for r in rounds)


def table(results, sides):
    """A Markdown table, ready for docs/benchmarks.md."""
    labels = [s.label() for s in sides]
    out = [f"| script, mode | {' | '.join(f'{name} TPS' for name in labels)} | "
           f"{' | '.join(f'{name} CPU µs/tx' for name in labels[1:])} | Bulkhead / PgBouncer CPU |",
           "| --- |" + " ---: |" * (2 * len(labels))]
    for (script, mode), by_side in results.items():
        cell = lambda name, key, form: form.format(median(by_side[name], key)) if by_side.get(name) else "–"  # noqa: E731
        cpu = {s.name: median(by_side[s.name], "cpu_us") if by_side.get(s.name) else None for s in sides}
        ratio = f"{cpu['Bulkhead'] / cpu['PgBouncer']:.2f}" if cpu.get("PgBouncer") and cpu.get("Bulkhead") else "–"
        out.append(f"| {script}, {mode} | {' | '.join(cell(s.name, 'tps', '{:.0f}') for s in sides)} | "
                   f"{' | '.join(cell(s.name, 'cpu_us', '{:.1f}') for s in sides[1:])} | {ratio} |")
    return "\n".join(out)


def main():
    parse = argparse.ArgumentParser(prog="tools/dev bench", description=__doc__,
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--seconds", type=int, default=5, help="of one round of one side (5)")
    parse.add_argument("--rounds", type=int, default=3, help="the median counts (3)")
    parse.add_argument("--clients", type=int, default=8)
    parse.add_argument("--pool", type=int, default=0, help="server connections, the same for both proxies (as many as clients)")
    parse.add_argument("--threads", type=int, default=1, help="Bulkhead's event loops; PgBouncer has one (1; 0: one per core)")
    parse.add_argument("--modes", default="simple,extended,prepared")
    parse.add_argument("--scripts", default="select,tpcb", help="select: select-only; tpcb: TPC-B-like")
    parse.add_argument("--json", metavar="FILE", help="every round's figures")
    arguments = parse.parse_args()
    pool = arguments.pool or arguments.clients

    exit_on_signals()
    results = {}
    with Scratch("bulkhead-bench-") as scratch, Postgres(scratch, max_connections=300, shared_buffers="256MB") as postgres:
        postgres.psql(f"CREATE ROLE app_rw LOGIN PASSWORD '{PASSWORD}'; CREATE DATABASE bench")
        postgres.psql((HERE / "pgbench" / "schema.sql").read_text(), "bench")
        for org in (1, 2):
            postgres.psql((HERE / "pgbench" / "tenant.sql").read_text(), "bench", "-v", f"org={org}")
        postgres.psql("VACUUM ANALYZE", "bench")
        bouncer = PgBouncer(scratch, postgres, pool)
        with Bulkhead(scratch, configuration(postgres, pool, arguments.threads)) as bulkhead:
            sides = [Direct(postgres), bouncer, Proxy(bulkhead)]
            print(f"{arguments.clients} clients, pool of {pool}, {arguments.rounds} rounds of {arguments.seconds} s, "
                  f"{os.cpu_count()} cores; medians\n", flush=True)
            if not bouncer.prepares and "prepared" in arguments.modes:
                print(f"{bouncer.label()} has no prepared statements in transaction mode (1.21 has): its column stays empty there; "
                      "name a newer one by PGBOUNCER\n", flush=True)
            for script in arguments.scripts.split(","):
                for mode in arguments.modes.split(","):
                    by_side = results.setdefault((script, mode), {})
                    for _ in range(arguments.rounds):
                        for side in sides:
                            if side.can(mode):
                                by_side.setdefault(side.name, []).append(measure(side, script, mode, arguments))
                    print(f"{script}, {mode}: " + ", ".join(
                        f"{s.label()} {median(by_side[s.name], 'tps'):.0f} TPS" +
                        (f" {median(by_side[s.name], 'cpu_us'):.1f} µs" if s.name != "direct" else "")
                        for s in sides if by_side.get(s.name)), file=sys.stderr, flush=True)
            print(table(results, sides))
    if arguments.json:
        flat = [{"script": s, "mode": m, "side": side, "rounds": rounds}
                for (s, m), by_side in results.items() for side, rounds in by_side.items()]
        pathlib.Path(arguments.json).write_text(json.dumps({"options": vars(arguments), "results": flat}, indent=2))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        sys.exit(2)
