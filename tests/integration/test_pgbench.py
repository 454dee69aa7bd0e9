"""pgbench's built-in scripts, unchanged, on tables that have got a tenant column."""

import re
import subprocess

import pytest

import harness
from harness import PASSWORD, TENANTS

SCRIPTS = harness.ROOT / "bench" / "pgbench"
DATABASE = "pgbench"


@pytest.fixture(scope="module")
def bank(postgres):
    postgres.psql(f"CREATE DATABASE {DATABASE}")
    postgres.psql((SCRIPTS / "schema.sql").read_text(), DATABASE)
    for org in TENANTS.values():
        postgres.psql((SCRIPTS / "tenant.sql").read_text(), DATABASE, "-v", f"org={org}")
    postgres.psql("VACUUM ANALYZE", DATABASE)
    return postgres


@pytest.fixture(scope="module")
def teller(bank, scratch):
    server = {"hosts": [f"127.0.0.1:{bank.port}"], "database": DATABASE, "login": {"user": "app_rw", "password": PASSWORD}}
    with harness.Bulkhead(scratch, harness.shop_config(bank, servers={"main": server}, tables=None, functions=None),
                          name="teller") as running:
        yield harness.Proxied(running)


def pgbench(target, tenant, *options):
    """Clients outnumber the pool. Those of one thread would wait for each other: pgbench prepares with blocking calls."""
    return subprocess.Popen([harness.server_program("pgbench"), "-n", *options], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, env=target.environment(tenant, dbname=DATABASE))


def finish(process):
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert re.search(r"number of failed transactions: 0 ", out) or "failed" not in out, out
    assert "ERROR" not in err and "aborted" not in err, err
    return int(re.search(r"number of transactions actually processed: (\d+)", out)[1])


def balances(postgres, org):
    """Sum and number of what was moved, and where it must have arrived."""
    sums = postgres.psql(f"""SELECT (SELECT coalesce(sum(delta), 0) FROM pgbench_history WHERE org_id = {org}),
        (SELECT sum(abalance) FROM pgbench_accounts WHERE org_id = {org}),
        (SELECT sum(tbalance) FROM pgbench_tellers WHERE org_id = {org}),
        (SELECT sum(bbalance) FROM pgbench_branches WHERE org_id = {org}),
        (SELECT count(*) FROM pgbench_history WHERE org_id = {org})""", DATABASE)
    return [int(n) for n in sums.split("|")]


@pytest.mark.parametrize("mode", ["simple", "extended", "prepared"])
def test_two_tenants_at_once_with_exact_balances(bank, teller, mode):
    before = {org: balances(bank, org) for org in TENANTS.values()}
    running = [(TENANTS[tenant], pgbench(teller, tenant, "-M", mode, "-c", "8", "-j", "8", "-t", "60"))
               for tenant in ("acme", "globex")]
    done = {org: finish(process) for org, process in running}
    for org, transactions in done.items():
        history, accounts, tellers, branches, count = balances(bank, org)
        assert history == accounts == tellers == branches
        assert transactions == 8 * 60 == count - before[org][4]
    bystander = TENANTS["initech"]
    assert balances(bank, bystander) == before[bystander]


@pytest.mark.parametrize("mode", ["simple", "extended", "prepared"])
def test_select_only(bank, teller, mode):
    assert finish(pgbench(teller, "acme", "-S", "-M", mode, "-c", "10", "-j", "10", "-t", "200")) == 2000


def test_every_statement_found_its_row(bank, teller):
    """`-S` does not look at what it gets; this script does, for both tenants with the same ids."""
    script = "\\set aid random(1, 1000)\nSELECT count(*) AS n, min(org_id) AS org FROM pgbench_accounts WHERE aid = :aid \\gset\n" \
             "SELECT 1 / (CASE WHEN :n = 1 AND :org = {org} THEN 1 ELSE 0 END);\n"
    running = []
    for tenant in ("acme", "globex"):
        path = teller.bulkhead.config_path.with_name(f"{tenant}.pgbench")
        path.write_text(script.format(org=TENANTS[tenant]))
        running.append(pgbench(teller, tenant, "-f", str(path), "-c", "6", "-j", "6", "-t", "100"))
    assert [finish(process) for process in running] == [600, 600]


def test_pipelines(bank, teller):
    path = teller.bulkhead.config_path.with_name("pipeline.pgbench")
    path.write_text("\\set aid random(1, 1000)\n\\startpipeline\n" +
                    "SELECT abalance FROM pgbench_accounts WHERE aid = :aid;\n" * 5 + "\\endpipeline\n")
    for mode in ("extended", "prepared"):
        assert finish(pgbench(teller, "acme", "-M", mode, "-f", str(path), "-c", "4", "-j", "4", "-t", "50")) == 200
