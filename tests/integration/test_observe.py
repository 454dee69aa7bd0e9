"""Mode observe: nothing is changed, everything is counted, and what was seen makes a policy."""

import json
import os
import signal
import subprocess

import psycopg
import pytest

import harness
import wire

OPEN = {"tables": None, "functions": None,
        "tenancy": {"column": "org_id", "session_variable": "app.org_id", "without_row_security": "accept"}}
ORDERS = "SELECT   count(*) /* as written */ FROM orders WHERE org_id = 1 AND status <> 'secret-1'"


class Observing(harness.Bulkhead):
    """Writes what it has seen when it ends."""

    def __init__(self, postgres, scratch, name):
        tenancy = {**OPEN["tenancy"], "mode": "observe"}
        super().__init__(scratch, harness.shop_config(postgres, **{**OPEN, "tenancy": tenancy}), name=name)
        self.file = scratch.path / f"{name}.json"
        self.wrapper = scratch.path / f"{name}.sh"
        self.wrapper.write_text(f'#!/bin/sh\nexec "{self.binary}" "$@" --observed "{self.file}"\n')
        self.wrapper.chmod(0o755)
        self.real, self.binary = self.binary, str(self.wrapper)

    def seen(self):
        assert self.stop(signal.SIGINT) == 0, self.log_tail()
        return json.loads(self.file.read_text())

    def report(self, *arguments):
        return subprocess.run([self.real, "observed", *arguments, str(self.file)], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def observing(postgres, scratch, request):
    bulkhead = Observing(postgres, scratch, request.node.name[:40])
    bulkhead.start()
    yield bulkhead
    if bulkhead.alive():
        bulkhead.stop(signal.SIGINT)


def test_what_is_written_is_what_the_server_reads(observing):
    way = harness.Proxied(observing)
    text = "SELECT  /* mine */ query FROM pg_stat_activity WHERE pid = pg_backend_pid() -- to the end"
    with way.psycopg() as c:
        assert c.execute(text).fetchone()[0] == text
        assert c.execute(text, prepare=True).fetchone()[0] == text
    with way.psycopg2() as c, c.cursor() as cursor:
        cursor.execute(text)
        assert cursor.fetchone()[0] == text


def test_nothing_is_refused_and_nothing_confined(observing, postgres):
    way = harness.Proxied(observing)
    with way.psycopg() as c:
        c.execute("DO $$ BEGIN PERFORM 1; END $$")
        c.execute("CREATE TEMP TABLE mine (x int)")
        with c.cursor().copy("COPY mine FROM STDIN") as copy:
            copy.write("1\n2\n")
        assert c.execute("SELECT sum(x) FROM mine").fetchone() == (3,)
        assert c.execute("SELECT current_setting('app.org_id')").fetchone() == ("1",)
        c.execute("SET app.org_id = '2'")  # the application's own: row-level security believes it
        assert c.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(2,)]
        with pytest.raises(psycopg.errors.SyntaxError):
            c.execute("SELEC 1")
        assert c.execute("SELECT 1").fetchone() == (1,)
    assert "MODE OBSERVE" in observing.log()


def test_no_connection_is_handed_over(observing):
    way = harness.Proxied(observing)
    pids = set()
    for _ in range(4):
        with way.psycopg() as c:
            assert c.execute("SELECT current_setting('app.org_id'), to_regclass('pg_temp.mine')").fetchone() == ("1", None)
            c.execute("DO $$ BEGIN SET app.org_id = '3'; CREATE TEMP TABLE mine (); END $$")
            pids.add(c.execute("SELECT pg_backend_pid()").fetchone()[0])
    assert len(pids) == 4


def test_settings_of_the_startup_message_hold(observing):
    with harness.Proxied(observing).psycopg(options="-c work_mem=5MB", application_name="legacy") as c:
        assert c.execute("SHOW work_mem").fetchone() == ("5MB",)
        assert c.execute("SHOW application_name").fetchone() == ("legacy",)


def test_a_running_statement_can_be_cancelled(observing, postgres):
    way = harness.Proxied(observing)
    with wire.Wire(way) as client:
        client.send(wire.query("SELECT pg_sleep(300)"))
        while not int(postgres.psql("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(300)' AND state = 'active'")):
            pass
        wire.cancel(way, client.key)
        assert wire.error(client.until(b"Z"))["C"] == "57014"
        assert client.rows("SELECT 1") == [[b"1"]]


def test_messages_of_every_kind_pass(observing):
    with wire.Wire(harness.Proxied(observing)) as client:
        made = [wire.parse("SELECT $1::int", "a"), wire.bind(b"7", statement="a", portal="p"), wire.describe(b"P", "p"),
                wire.execute("p"), wire.SYNC]
        assert wire.kinds(client.ask(*made)) == "12TDCZ"
        client.send(*made[1:], *made[1:], wire.parse("SELEC"), wire.parse("SELECT 1"), wire.SYNC)
        assert wire.kinds(client.until(b"Z") + client.until(b"Z") + client.until(b"Z")) == "2TDCZ2TDCZEZ"
        long = b"x" * 3_000_000
        assert client.rows("SELECT repeat('x', 3000000)") == [[long]]
        client.send(wire.query("COPY countries FROM STDIN"))
        client.until(b"G")
        assert wire.kinds(client.ask((b"d", b"XX\tNowhere\n"), (b"f", wire.cstring("no")))) == "EZ"


def test_shapes_are_counted_without_literals(observing):
    way = harness.Proxied(observing)
    for tenant in ("acme", "acme", "globex"):
        with way.psycopg(tenant) as c:
            c.execute(ORDERS.replace("secret-1", f"secret-{tenant}"))
    with way.psycopg() as c:
        c.execute("DO $$ BEGIN PERFORM 'secret-do'; END $$")
        for text in ("SELEC 'secret-x'", "SELECT 'secret-open"):
            with pytest.raises(psycopg.errors.SyntaxError):
                c.execute(text)
    seen = observing.seen()
    shapes = {shape["statement"]: shape for shape in seen["shapes"]}
    orders = shapes["SELECT count(*) FROM orders WHERE org_id = ? AND status <> ?"]
    assert (orders["count"], orders["verdict"]) == (3, "rewritten")
    assert orders["tenants"] == {"acme": 2, "globex": 1}
    assert orders["users"] == ["acme_app", "globex_app"]
    assert "org_id" in orders["becomes"]
    assert shapes["DO ?"]["verdict"] == "refused"
    assert shapes["SELEC ?"]["verdict"] == "unparsable"
    for where in (observing.file.read_text(), observing.log(), observing.report()):
        assert "secret" not in where
    assert os.stat(observing.file).st_mode & 0o077 == 0
    assert observing.report().splitlines()[0] == "6 statements of 4 shapes"


WORK = [ORDERS, "SELECT code FROM countries ORDER BY code", "SELECT slugify(name) FROM customers ORDER BY id",
        "UPDATE orders SET note = 'x' WHERE id = 1 AND org_id = 1", "SELECT id FROM open_orders ORDER BY id"]


def test_what_was_seen_makes_a_policy(observing, postgres, scratch):
    with harness.Proxied(observing).psycopg() as c:
        for text in WORK:
            c.execute(text)
    observing.seen()
    policy = observing.report("--policy")
    assert "\n  public.orders: { access: tenant }" in policy

    def configuration(name, lines):
        config = harness.shop_config(postgres, **OPEN)
        made = harness.Bulkhead(scratch, config, name=name)
        made.config_path.write_text(made.config_path.read_text() + "\n" + lines)
        checked = subprocess.run([made.binary, "check", "--config", str(made.config_path)], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr + made.config_path.read_text()
        return made

    # As it is, it opens nothing that was closed; with every question answered yes the application runs.
    closed = configuration("closed", policy)
    with closed:
        with harness.Proxied(closed).psycopg() as c:
            c.execute(WORK[0])
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                c.execute(WORK[1])
    opened = configuration("opened", policy.replace("#?", ""))
    with opened:
        with harness.Proxied(opened).psycopg() as c:
            for text in WORK:
                c.execute(text)


def test_observing_a_file_needs_the_mode(postgres, scratch):
    made = harness.Bulkhead(scratch, harness.shop_config(postgres), name="notobserving")
    ended = subprocess.run([made.binary, "run", "--config", str(made.config_path), "--observed", "x"], capture_output=True, text=True)
    assert ended.returncode == 2 and "mode: observe" in ended.stderr
