"""Does anything leak? pgbench from many clients of several tenants for minutes, some of them connecting anew for every
transaction, some dying in the middle; memory, descriptors and server connections of the proxy are watched, and at the end
everything has to be given back and every tenant's balances have to be exact.
"""

import argparse
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools" / "lib"))
sys.path.insert(0, str(HERE.parent / "tests" / "integration"))

import harness  # noqa: E402
from harness import PASSWORD  # noqa: E402

SQL = HERE / "pgbench"
DATABASE = "soak"
MODES = ("simple", "extended", "prepared")


def sample(bulkhead, postgres):
    return (bulkhead.rss() // 1024, bulkhead.fds(), harness.server_connections(postgres, DATABASE))


def one(postgres, sql):
    return int(postgres.psql(sql, DATABASE))


def main():
    arguments = argparse.ArgumentParser(prog="tools/dev soak", description=__doc__)
    arguments.add_argument("--minutes", type=float, default=10)
    arguments.add_argument("--clients", type=int, default=50, help="over all tenants")
    arguments.add_argument("--tenants", type=int, default=5)
    options = arguments.parse_args()
    tenants = {f"t{i}": i for i in range(1, options.tenants + 1)}
    per_tenant = max(2, options.clients // options.tenants)

    harness.exit_on_signals()
    with harness.Scratch() as scratch, harness.Postgres(scratch) as postgres:
        postgres.psql("CREATE ROLE app_rw LOGIN PASSWORD '%s'" % PASSWORD)
        postgres.psql(f"CREATE DATABASE {DATABASE}")
        postgres.psql((SQL / "schema.sql").read_text(), DATABASE)
        for org in tenants.values():
            postgres.psql((SQL / "tenant.sql").read_text(), DATABASE, "-v", f"org={org}")
        config = harness.shop_config(
            postgres, tables=None, functions=None, tenants={name: {"org": org} for name, org in tenants.items()},
            users={f"{name}_app": {"tenant": name, "password": {"plain": PASSWORD}} for name in tenants},
            servers={"main": {"hosts": [f"127.0.0.1:{postgres.port}"], "database": DATABASE,
                              "login": {"user": "app_rw", "password": PASSWORD}}}, log={"level": "warning"})
        with harness.Bulkhead(scratch, config, name="soak") as bulkhead:
            target = harness.Proxied(bulkhead)
            at_start, samples = bulkhead.fds(), []

            def pgbench(tenant, clients, *more):
                return subprocess.Popen(
                    [harness.server_program("pgbench"), "-n", "-c", str(clients), "-j", str(min(clients, 4)),
                     "-T", str(round(options.minutes * 60)), *more],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                    env=target.environment(tenant, dbname=DATABASE))

            running = []
            for number, tenant in enumerate(tenants):
                mode = MODES[number % len(MODES)]
                running.append(pgbench(tenant, per_tenant - 1, "-M", mode))
                running.append(pgbench(tenant, 1, "-M", mode, "-S", "-C"))  # a new connection for every transaction
            print("minute  RSS KiB  descriptors  server connections", flush=True)
            begin = time.monotonic()
            while any(process.poll() is None for process in running):
                # A client that dies in a transaction with an answer under way.
                victim = subprocess.Popen([harness.server_program("psql"), "-c", "BEGIN", "-c", "SELECT pg_sleep(60)"],
                                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                          env=target.environment("t1", dbname=DATABASE))
                try:
                    running[0].wait(timeout=min(15, options.minutes * 15))
                except subprocess.TimeoutExpired:
                    pass
                victim.kill()
                victim.wait()
                samples.append(sample(bulkhead, postgres))
                print("%6.1f  %7d  %11d  %18d" % ((time.monotonic() - begin) / 60, *samples[-1]), flush=True)
            wrong = 0
            for process in running:
                out, err = process.communicate()
                if process.returncode != 0 or "ERROR" in err or "aborted" in err:
                    wrong += 1
                    print(err[-2000:])
            for name, org in tenants.items():
                sums = [one(postgres, f"SELECT coalesce(sum({column}), 0) FROM pgbench_{table} WHERE org_id = {org}")
                        for table, column in (("history", "delta"), ("accounts", "abalance"), ("tellers", "tbalance"),
                                              ("branches", "bbalance"))]
                count = one(postgres, f"SELECT count(*) FROM pgbench_history WHERE org_id = {org}")
                print(f"{name}: {count} transactions, balances {'exact' if len(set(sums)) == 1 else sums}")
                wrong += len(set(sums)) != 1
            pools = len(tenants) * 5
            harness.wait_until(lambda: harness.server_connections(postgres, DATABASE) <= pools + 1, 30, "pools within bounds")
            # Caches are full after a quarter of the time; what grows from then on is lost. Idle, a descriptor is a server connection's.
            settled, last = samples[len(samples) // 4], samples[-1]
            if last[0] > settled[0] + 4096:
                wrong += 1
                print(f"memory has grown from {settled[0]} to {last[0]} KiB since a quarter of the time was over")
            expected = at_start + pools + 1
            harness.wait_until(lambda: bulkhead.fds() <= expected, 30,
                               lambda: f"descriptors back to {expected}, there are {bulkhead.fds()}")
            print("idle    %7d  %11d  %18d" % sample(bulkhead, postgres))
    print("everything held" if not wrong else f"{wrong} things did NOT hold")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
