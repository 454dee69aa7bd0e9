"""The administration console: who gets in, what it says, what it does, by psql and drivers, with traffic beside it."""

import os
import socket
import subprocess
import threading

import psycopg
import psycopg2
import pytest

import harness
import wire
from harness import sqlstate

ADMIN = {"users": {"dba": {"password": {"plain": "of the dba"}, "may": "all"},
                   "monitor": {"password": {"plain": "of the monitor"}, "may": "show"}}}
COMMANDS_THAT_LOOK = ["HELP", "VERSION", "CONFIG", "POLICY", "PEERS", "PEER_POOLS", "DNS_HOSTS", "DNS_ZONES", "STATE", "TENANTS",
                      "DATABASES", "POOLS", "CLIENTS", "SERVERS", "SOCKETS", "ACTIVE_SOCKETS", "USERS", "STATS", "STATS_TOTALS",
                      "STATS_AVERAGES", "TOTALS", "LISTS", "MEM", "REFUSALS", "CACHE"]


class Console:
    """The ways to the console of one proxy."""

    def __init__(self, target):
        self.target, self.bulkhead = target, target.bulkhead

    def keywords(self, user="dba", **changes):
        return self.target.keywords(**{"user": user, "password": f"of the {user}", "dbname": "bulkhead", **changes})

    def connect(self, user="dba", **changes):
        return psycopg.connect(**self.keywords(user, **changes), autocommit=True)

    def rows(self, command, user="dba"):
        """As mappings from column to value."""
        with self.connect(user) as connection:
            cursor = connection.execute(command)
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]

    def row(self, command, **wanted):
        """The one that has these values."""
        found = [row for row in self.rows(command) if all(row[column] == value for column, value in wanted.items())]
        assert len(found) == 1, (command, wanted, found)
        return found[0]

    def psql(self, *commands, user="dba", check=True, **changes):
        keywords = self.keywords(user, **changes)
        environment = self.target.environment(user=keywords["user"], password=keywords["password"], dbname=keywords["dbname"])
        arguments = [argument for command in commands for argument in ("-c", command)]
        done = subprocess.run(["psql", "-XAt", "-v", "ON_ERROR_STOP=1", *arguments], env=environment, capture_output=True, text=True,
                              timeout=60)
        if check:
            assert done.returncode == 0, done.stderr
        return done


@pytest.fixture
def console(own_proxy):
    return Console(own_proxy(admin=ADMIN))


def refused(console, command, user="dba"):
    with pytest.raises(psycopg.Error) as caught, console.connect(user) as connection:
        connection.execute(command)
    return caught.value


# --- Who gets in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("database", ["bulkhead", "pgbouncer"])
def test_administrators_get_in_and_nobody_else(console, database):
    assert console.psql("SHOW VERSION", dbname=database).stdout == "Bulkhead 0.1.0\n"
    assert console.psql("SHOW VERSION", user="monitor", dbname=database).stdout == "Bulkhead 0.1.0\n"
    answers = set()
    for user, password in (("dba", "wrong"), ("nobody", "of the dba"), ("acme_app", harness.PASSWORD), ("monitor", "of the dba")):
        with pytest.raises(psycopg.OperationalError) as caught:
            console.connect(user=user, password=password, dbname=database)
        answers.add(str(caught.value).split("FATAL:")[1].replace(user, "U").strip())
    assert answers == {'password authentication failed for user "U"'}


def test_an_administrator_gets_no_tenant(console):
    for database in (harness.DATABASE, "acme", "dba"):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            console.connect(dbname=database)


def test_without_administrators_nobody_gets_in(proxied):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        Console(proxied).connect()


def test_administrators_get_in_when_there_is_no_place_left_for_clients(own_proxy):
    console = Console(own_proxy(admin=ADMIN, limits={"clients": 1}))
    with console.target.psycopg():
        with pytest.raises(psycopg.OperationalError, match="too many clients"):
            console.target.psycopg("globex")
        assert console.psql("SHOW VERSION").stdout == "Bulkhead 0.1.0\n"


# --- How it is spoken to -----------------------------------------------------------------------------------------------


def test_psql(console):
    done = console.psql("show version;", "  Show  /* which */ VERSION ; -- one\n", "SHOW VERSION; SELECT 1;;")
    assert done.stdout == "Bulkhead 0.1.0\nBulkhead 0.1.0\nBulkhead 0.1.0\n1\n"
    assert done.stderr == ""
    wrong = console.psql("SHOW VERSION; SHOW NONSENSE", check=False)
    assert wrong.stdout == "" and 'syntax error at or near "NONSENSE"' in wrong.stderr, "nothing of it is run"
    assert "SHOW HELP" in wrong.stderr
    assert "takes no parameters" in console.psql("SHOW $1", check=False).stderr


def test_the_session_goes_on_after_an_error(console):
    with console.connect() as connection:
        for wrong in ("SELECT * FROM orders", "SHOW", "DROP TABLE orders", 'SHOW "', "SHOW VERSION VERSION", "\x01"):
            with pytest.raises(psycopg.Error) as caught:
                connection.execute(wrong)
            assert sqlstate(caught.value) == "42601", wrong
            assert connection.execute("SHOW VERSION").fetchone() == ("Bulkhead 0.1.0",)


@pytest.mark.parametrize("command", COMMANDS_THAT_LOOK)
@pytest.mark.parametrize("user", ["dba", "monitor"])
def test_what_can_be_seen_is_the_same_in_each_protocol(console, command, user):
    with console.connect(user) as connection:
        simple = connection.pgconn.exec_(f"SHOW {command}".encode())
        described = [(simple.fname(i), simple.ftype(i)) for i in range(simple.nfields)]
        extended = connection.pgconn.exec_params(f"SHOW {command}".encode(), [])
        assert described == [(extended.fname(i), extended.ftype(i)) for i in range(extended.nfields)]
        assert simple.ntuples == extended.ntuples
        assert extended.command_status == simple.command_status == b"SHOW"
        connection.execute(f"SHOW {command}", binary=True).fetchall()
        connection.execute(f"SHOW {command}", prepare=True).fetchall()
        with connection.pipeline():
            cursors = [connection.execute(f"SHOW {command}") for _ in range(3)]
        assert all(len(cursor.fetchall()) == simple.ntuples for cursor in cursors)


def test_extended_protocol(console):
    with console.connect() as connection:
        assert connection.execute("SELECT 1", binary=True).fetchone() == (1,)
        for way in (lambda: connection.execute("SHOW VERSION", [1], prepare=False), lambda: connection.execute("SHOW %s", ["VERSION"])):
            with pytest.raises(psycopg.Error):
                way()
        with pytest.raises(psycopg.Error, match="multiple commands"):
            connection.execute("SHOW VERSION; SHOW VERSION", prepare=True)
        with connection.cursor() as cursor:
            cursor.execute("SHOW VERSION", prepare=True)
            assert cursor.fetchall() == [("Bulkhead 0.1.0",)]


def test_what_drivers_say_by_themselves(console):
    with psycopg.connect(**console.keywords()) as connection:  # not autocommit: BEGIN before the first
        assert connection.execute("SHOW VERSION").fetchone() == ("Bulkhead 0.1.0",)
        connection.commit()
    connection = psycopg2.connect(**console.keywords())
    with connection, connection.cursor() as cursor:
        cursor.execute("SHOW VERSION")
        assert cursor.fetchone() == ("Bulkhead 0.1.0",)
    connection.close()
    with console.connect("monitor") as connection:
        for said in ("SET client_encoding TO 'UTF8'", "SET extra_float_digits = 3", "SET datestyle = 'ISO'", "RESET ALL", "DISCARD ALL",
                     "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "SET application_name = 'x'", "", "-- ping",
                     "BEGIN; SHOW VERSION; COMMIT"):
            connection.execute(said)
        assert connection.execute("SELECT version()").fetchone() == ("Bulkhead 0.1.0",)
        assert connection.execute("SHOW client_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SHOW transaction_read_only").fetchone() == ("off",)
        assert connection.execute("SELECT current_user").fetchone() == ("monitor",)


@pytest.mark.parametrize("bytes_", [b"Q\x00\x00\x00\x03", b"\x00" * 9, b"Q\x7f\xff\xff\xff", b"Q\x00\x02\x00\x00"])
def test_garbage_ends_the_session_and_nothing_else(console, bytes_):
    with console.connect() as connection:
        with socket.socket(fileno=os.dup(connection.fileno())) as raw:
            raw.settimeout(10)
            raw.sendall(bytes_)
            while raw.recv(65536):
                pass
    assert console.psql("SHOW VERSION").stdout == "Bulkhead 0.1.0\n"


# --- What it says ------------------------------------------------------------------------------------------------------


def test_config(console):
    config = {row["key"]: row for row in console.rows("SHOW CONFIG")}
    assert config["pool.size"] == {"key": "pool.size", "value": "5", "default": "20", "changeable": "yes"}
    assert config["default_pool_size"]["value"] == "5"
    assert config["threads"]["changeable"] == "no"
    assert config["max_client_conn"]["value"] == "1000"
    assert harness.PASSWORD not in str(config) and "of the" not in str(config), "no secrets"


def test_help_lists_who_may_what(console):
    commands = {row["command"]: row["needs"] for row in console.rows("SHOW HELP", user="monitor")}
    assert commands["SHOW VERSION"] == "show"
    assert all(needs == "show" for command, needs in commands.items() if command.startswith("SHOW "))
    assert all(needs == "all" for command, needs in commands.items() if not command.startswith("SHOW "))


def test_numbers_of_traffic(console):
    """In transaction mode, one client of acme: what it does can be counted."""
    with console.target.psycopg(application_name="count me") as connection:
        connection.execute("SELECT 1")
        before = console.row("SHOW STATS", database="acme")
        connection.execute("SELECT count(*) FROM orders")
        with connection.transaction():
            connection.execute("SELECT 1; SELECT 2")
            connection.execute("UPDATE orders SET note = note WHERE id = 1")
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1/0")
        before_prepared = console.row("SHOW STATS", database="acme")
        for _ in range(3):
            connection.execute("SELECT count(*) FROM orders WHERE id > %s", [0], prepare=True)
        after = console.row("SHOW STATS", database="acme")
        parsed = [after[f"total_{what}_count"] - before_prepared[f"total_{what}_count"] for what in ("client_parse", "server_parse", "bind")]
        assert parsed == [1, 1, 3]
        grown = {name: after[name] - before[name] for name in after if name.startswith("total_")}
        assert grown["total_xact_count"] == 1 + 1 + 1 + 1 + 3, "the Parse has a Sync of its own"
        assert grown["total_query_count"] == 1 + (1 + 2 + 1 + 1) + 1 + 3
        assert grown["total_server_assignment_count"] == grown["total_xact_count"]
        assert grown["total_client_login_count"] == 0
        assert grown["total_received"] > 200 and grown["total_sent"] > 200
        assert 0 < grown["total_query_time"] <= grown["total_xact_time"]
        totals = console.row("SHOW STATS_TOTALS", database="acme")
        assert totals["query_count"] == after["total_query_count"] and totals["client_login_count"] == 1
        assert {row["name"]: row["value"] for row in console.rows("SHOW TOTALS")}["total_query_count"] == after["total_query_count"]
        assert console.row("SHOW TENANTS", tenant="acme")["statements"] == after["total_query_count"]


def test_time_of_statements_transactions_and_waiting(own_proxy):
    console = Console(own_proxy(admin=ADMIN, pool={"mode": "transaction", "size": 1}))
    with console.target.psycopg(autocommit=False) as holder, console.target.psycopg() as waiter:
        holder.execute("SELECT pg_sleep(0.2)")
        thread = threading.Thread(target=lambda: waiter.execute("SELECT 1"))
        thread.start()
        harness.wait_until(lambda: console.row("SHOW POOLS", database="acme")["cl_waiting"] == 1, 10, "nobody waits")
        pool = console.row("SHOW POOLS", database="acme")
        assert (pool["sv_active"], pool["sv_idle"], pool["cl_active"], pool["user"]) == (1, 0, 1, "app_rw")
        states = {row["state"] for row in console.rows("SHOW CLIENTS") if row["database"] == "acme"}
        assert states == {"active", "waiting"}
        holder.execute("SELECT pg_sleep(0.2)")
        holder.rollback()
        thread.join(10)
        stats = console.row("SHOW STATS", database="acme")
        assert stats["total_query_time"] >= 400_000
        assert stats["total_xact_time"] >= stats["total_query_time"]
        assert 200_000 <= stats["total_wait_time"] <= stats["total_xact_time"] + 5_000_000


def test_clients_and_servers_name_each_other(console):
    with console.target.psycopg(application_name="someone", autocommit=False) as connection, console.target.psycopg("globex"):
        pid = connection.execute("SELECT pg_backend_pid()").fetchone()[0]
        client = console.row("SHOW CLIENTS", application_name="someone")
        server = console.row("SHOW SERVERS", link=client["ptr"])
        assert client["link"] == server["ptr"]
        assert client["id"] == connection.info.backend_pid
        assert (client["type"], client["user"], client["database"], client["state"]) == ("C", "acme_app", "acme", "active")
        assert client["addr"] == "127.0.0.1" and client["port"] > 0 and client["local_port"] == console.bulkhead.port
        assert (server["type"], server["user"], server["database"], server["state"]) == ("S", "app_rw", "acme", "active")
        assert server["remote_pid"] == pid
        assert server["application_name"] == "someone"
        idle = console.row("SHOW CLIENTS", user="globex_app")
        assert (idle["state"], idle["link"]) == ("idle", "")
        me = console.row("SHOW CLIENTS", user="dba")
        assert me["database"] == "bulkhead"
        assert len(console.rows("SHOW SOCKETS")) >= 5
        assert {row["state"] for row in console.rows("SHOW ACTIVE_SOCKETS")} == {"cl_active", "sv_active"}
        users = {row["name"]: row for row in console.rows("SHOW USERS")}
        assert (users["acme_app"]["current_client_connections"], users["acme_app"]["current_connections"]) == (1, 1)
        lists = {row["list"]: row["items"] for row in console.rows("SHOW LISTS")}
        assert (lists["databases"], lists["users"], lists["used_clients"]) == (3, 3, 2)


def test_databases_are_the_tenants(console, postgres):
    database = console.row("SHOW DATABASES", name="globex")
    assert (database["host"], database["port"], database["database"]) == ("127.0.0.1", postgres.port, harness.DATABASE)
    assert (database["pool_size"], database["force_user"], database["paused"]) == (5, "app_rw", 0)


def test_refusals_are_counted_without_literals(console):
    with console.target.psycopg() as connection:
        for text in ("SELECT * FROM audit_trail", "SELECT * FROM audit_trail WHERE what = 'hush hush'", "DROP TABLE orders",
                     "SET app.org_id = 'hush hush'"):
            with pytest.raises(psycopg.Error):
                connection.execute(text)
    refusals = [row for row in console.rows("SHOW REFUSALS") if row["tenant"] == "acme"]
    assert sum(row["count"] for row in refusals) == 4 == console.row("SHOW TENANTS", tenant="acme")["refusals"]
    assert {row["count"] for row in refusals if "audit_trail" in row["reason"]} == {2}
    assert "hush" not in str(refusals)


def test_cache(console):
    """Also for who connects anew for each statement."""
    console.target.psycopg().close()

    def grown(work):
        before = console.row("SHOW CACHE", tenant="acme")
        for number in range(4):
            with wire.Wire(console.target) as client:
                assert "E" not in wire.kinds(client.ask(*work(number)))
        after = console.row("SHOW CACHE", tenant="acme")
        assert console.row("SHOW MEM", name="judgement_cache")["memtotal"] >= after["bytes"] > 0
        return {what: after[what] - before[what] for what in ("hits", "hits_by_shape", "misses")}

    assert grown(lambda number: [wire.query(f"SELECT count(*) AS by_shape FROM orders WHERE id > {number}")]) == \
        {"hits": 0, "hits_by_shape": 2, "misses": 2}, "a shape is learnt when it is seen again"
    assert grown(lambda _: [wire.parse("SELECT count(*) AS by_text FROM orders WHERE id > $1"), wire.SYNC]) == \
        {"hits": 3, "hits_by_shape": 0, "misses": 1}


def test_policy_has_the_faults_of_a_reload(console):
    before = {row["key"]: row["value"] for row in console.rows("SHOW POLICY")}
    text = console.bulkhead.config_path.read_text()
    console.bulkhead.config_path.write_text(text.replace('"size": 5', '"size": 0').replace("size: 5", "size: 0"))
    error = refused(console, "RELOAD")
    assert sqlstate(error) == "F0000" and "pool.size: found" in str(error) and f"{console.bulkhead.config_path}:" in str(error)
    rows = console.rows("SHOW POLICY")
    assert any(row["key"] == "fault" and "pool.size" in row["value"] for row in rows)
    assert {row["key"]: row["value"] for row in rows}["epoch"] == before["epoch"]
    console.bulkhead.config_path.write_text(text.replace('"size": 5', '"size": 4').replace("size: 5", "size: 4"))
    done = console.psql("RELOAD")
    assert "1 change" in done.stderr
    after = {row["key"]: row["value"] for row in console.rows("SHOW POLICY")}
    assert after["epoch"] != before["epoch"] and "fault" not in after
    assert console.row("SHOW DATABASES", name="acme")["pool_size"] == 4


# --- What it does ------------------------------------------------------------------------------------------------------


def test_set_log_level(console):
    with console.connect() as connection:
        connection.execute("SET log_level = debug")
    assert {row["key"]: row["value"] for row in console.rows("SHOW CONFIG")}["log.level"] == "debug"
    with console.target.psycopg() as connection:
        connection.execute("SELECT 1")
    assert "server connection opened" in console.bulkhead.log()
    console.psql("SET log_level TO 'info'")
    assert sqlstate(refused(console, "SET log_level = loud")) == "22023"
    error = refused(console, 'SET "pool.size" = 7')
    assert sqlstate(error) == "0A000" and "RELOAD" in str(error)
    assert sqlstate(refused(console, "SET nonsense = 7")) == "22023"


CHANGES = ["SET log_level = debug", "SUSPEND", "SHOW FDS", "RELOAD", "PAUSE", "PAUSE acme", "RESUME", "RECONNECT", "WAIT_CLOSE", "KILL acme",
           "KILL_CLIENT 1048577", "DISABLE acme", "ENABLE acme", "SHUTDOWN", "SHUTDOWN WAIT_FOR_CLIENTS", "SHUTDOWN WAIT_FOR_SERVERS"]


@pytest.mark.parametrize("command", CHANGES)
@pytest.mark.parametrize("how", ["simple", "extended", "second", "prepared"])
def test_who_may_only_look_changes_nothing(console, command, how):
    with console.connect("monitor") as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
            if how == "simple":
                connection.execute(command)
            elif how == "second":
                connection.execute(f"SHOW VERSION; {command}")
            else:
                connection.execute(command, prepare=how == "prepared", binary=True)
        assert "may: all" in str(caught.value)
        assert connection.execute("SHOW VERSION").fetchone() == ("Bulkhead 0.1.0",)
    assert {row["key"]: row["value"] for row in console.rows("SHOW CONFIG")}["log.level"] == "info"
    assert all((row["paused"], row["disabled"]) == ("no", "no") for row in console.rows("SHOW TENANTS"))
    with console.target.psycopg() as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (16,)


class Load:
    """Clients of several tenants that work without end, and what they have met."""

    def __init__(self, console, tenants=("acme", "acme", "globex")):
        self.console, self.stop = console, threading.Event()
        self.done, self.errors = [0] * len(tenants), [[] for _ in tenants]
        self.threads = [threading.Thread(target=self.work, args=(n, tenant)) for n, tenant in enumerate(tenants)]

    def work(self, number, tenant):
        org = harness.TENANTS[tenant]
        while not self.stop.is_set():
            try:
                with self.console.target.psycopg(tenant) as connection:
                    while not self.stop.is_set():
                        with connection.transaction():
                            assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(org,)]
                            connection.execute("UPDATE orders SET note = note WHERE id = 1")
                        self.done[number] += 1
            except Exception as error:  # noqa: BLE001
                self.errors[number].append(error)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        self.goes_on()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join(30)

    def goes_on(self, *numbers):
        """Each of these does something more."""
        numbers = numbers or range(len(self.done))
        before = list(self.done)
        harness.wait_until(lambda: all(self.done[n] > before[n] + 2 for n in numbers), 20, lambda: f"{before} {self.done} {self.errors}")


def test_pause_and_resume_under_load(console, postgres):
    before = harness.server_connections(postgres)  # what reads the catalogue
    with Load(console) as load:
        console.psql("PAUSE acme")
        assert console.row("SHOW DATABASES", name="acme")["current_connections"] == 0
        stood = load.done[:2]
        load.goes_on(2)
        assert load.done[:2] == stood, "nobody of acme does anything"
        assert console.row("SHOW POOLS", database="acme")["cl_waiting"] == 2
        assert console.row("SHOW TENANTS", tenant="acme")["paused"] == "yes"
        assert sqlstate(refused(console, "PAUSE acme")) == "25000"
        console.psql("RESUME acme")
        load.goes_on()
        console.psql("PAUSE")
        assert [row["current_connections"] for row in console.rows("SHOW DATABASES")] == [0, 0, 0]
        harness.wait_until(lambda: harness.server_connections(postgres) <= before, 10, "more than before")
        assert {row["key"]: row["value"] for row in console.rows("SHOW STATE")}["paused"] == "yes"
        console.psql("RESUME")
        load.goes_on()
        assert load.errors == [[], [], []]
    assert sqlstate(refused(console, "RESUME")) == "25000"
    assert sqlstate(refused(console, "PAUSE nobody")) == "3D000"


def test_pause_waits_for_transactions_and_time_stands_still(own_proxy):
    console = Console(own_proxy(admin=ADMIN, limits={"queue_timeout": "2s"}))
    with console.target.psycopg(autocommit=False) as holder, console.target.psycopg() as waiter, console.connect() as administrator:
        holder.execute("SELECT 1")
        answers = []
        pause = threading.Thread(target=lambda: answers.append(administrator.execute("PAUSE acme").statusmessage))
        pause.start()
        harness.wait_until(lambda: console.row("SHOW TENANTS", tenant="acme")["paused"] == "yes", 10, "not paused")
        waits = threading.Thread(target=lambda: answers.append(waiter.execute("SELECT count(*) FROM orders").fetchone()))
        waits.start()
        harness.wait_until(lambda: console.row("SHOW POOLS", database="acme")["cl_waiting"] == 1, 10, "nobody waits")
        assert answers == []
        assert console.row("SHOW SERVERS", state="active")["close_needed"] == 1
        holder.execute("SELECT 1")
        holder.commit()
        pause.join(10)
        assert answers == ["PAUSE"]
        harness.wait_until(lambda: console.row("SHOW POOLS", database="acme")["maxwait"] >= 3, 10, "longer than queue_timeout")
        assert answers == ["PAUSE"]
        console.psql("RESUME acme")
        waits.join(10)
        assert answers == ["PAUSE", (16,)]


def test_a_pause_that_waits_can_be_left_and_ended(console):
    with console.target.psycopg(autocommit=False) as holder, console.connect() as administrator:
        holder.execute("SELECT 1")
        for how in ("cancel", "resume"):
            errors = []

            def pause():
                try:
                    administrator.execute("PAUSE")
                except psycopg.Error as error:
                    errors.append(error)

            thread = threading.Thread(target=pause)
            thread.start()
            harness.wait_until(lambda: {row["key"]: row["value"] for row in console.rows("SHOW STATE")}["paused"] == "yes", 10, "not paused")
            if how == "cancel":
                administrator.cancel()
                thread.join(10)
                console.psql("RESUME")
            else:
                console.psql("RESUME")
                thread.join(10)
            assert [sqlstate(error) for error in errors] == ["57014"], how
        holder.execute("SELECT 1")


def test_new_clients_of_a_paused_tenant_wait(console):
    console.psql("PAUSE globex")
    rows = []

    def connect():
        with console.target.psycopg("globex") as connection:
            rows.append(connection.execute("SELECT DISTINCT org_id FROM orders").fetchone())

    thread = threading.Thread(target=connect)
    thread.start()
    harness.wait_until(lambda: any(row["cl_waiting"] for row in console.rows("SHOW POOLS")), 10, "nobody waits")
    assert rows == []
    console.psql("RESUME globex")
    thread.join(10)
    assert rows == [(2,)]


def test_reconnect_and_wait_close_under_load(console):
    with Load(console) as load, console.target.psycopg(autocommit=False) as holder:
        holder.execute("SELECT 1")
        before = {row["ptr"] for row in console.rows("SHOW SERVERS")}
        console.psql("RECONNECT")
        assert console.row("SHOW SERVERS", link=console.row("SHOW CLIENTS", id=holder.info.backend_pid)["ptr"])["close_needed"] == 1
        closed = threading.Thread(target=lambda: console.psql("WAIT_CLOSE"))
        closed.start()
        load.goes_on()
        assert closed.is_alive(), "one connection is in a transaction"
        holder.commit()
        closed.join(20)
        assert not closed.is_alive()
        assert not before & {row["ptr"] for row in console.rows("SHOW SERVERS")}
        load.goes_on()
        assert load.errors == [[], [], []]


def test_kill(console):
    with Load(console) as load:
        console.psql("KILL acme")
        harness.wait_until(lambda: load.errors[0] and load.errors[1], 10, lambda: str(load.errors))
        for error in load.errors[0] + load.errors[1]:
            assert "terminating connection due to administrator command" in str(error)
        harness.wait_until(lambda: console.row("SHOW DATABASES", name="acme")["current_connections"] == 0, 10, "connections")
        load.goes_on(2)
        assert load.errors[2] == []
        console.psql("RESUME acme")
        load.goes_on()


def test_kill_client(console):
    with console.target.psycopg() as one, console.target.psycopg() as other:
        console.psql(f"KILL_CLIENT {one.info.backend_pid}")
        with pytest.raises(psycopg.OperationalError):
            one.execute("SELECT 1")
        other.execute("SELECT 1")
    assert sqlstate(refused(console, "KILL_CLIENT 2097151")) == "22023"
    with console.connect() as other:
        console.psql(f"KILL_CLIENT {other.info.backend_pid}")
        with pytest.raises(psycopg.OperationalError):
            other.execute("SHOW VERSION")


def test_disable_and_enable(console):
    with console.target.psycopg() as connection:
        console.psql("DISABLE acme")
        with pytest.raises(psycopg.OperationalError, match="takes no new clients"):
            console.target.psycopg()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            console.target.psycopg(password="wrong")
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (16,), "those that are there stay"
        assert console.row("SHOW DATABASES", name="acme")["disabled"] == 1
        console.target.psycopg("globex").close()
        console.psql("ENABLE acme")
        console.target.psycopg().close()


def test_a_reload_keeps_pauses_and_ends_who_has_gone(console):
    console.psql("PAUSE acme", "DISABLE globex")
    text = console.bulkhead.config_path.read_text()
    with console.connect("monitor") as monitor, console.connect() as dba:
        assert "monitor" in text
        console.bulkhead.config_path.write_text(text.replace('"monitor"', '"watcher"').replace("monitor:", "watcher:")
                                                .replace('"all"', '"show"').replace("may: all", "may: show"))
        dba.execute("RELOAD")
        with pytest.raises(psycopg.Error):
            monitor.execute("SHOW VERSION")
        assert dba.execute("SHOW VERSION").fetchone() == ("Bulkhead 0.1.0",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            dba.execute("RESUME acme")
    assert console.row("SHOW TENANTS", tenant="acme")["paused"] == "yes"
    assert console.row("SHOW TENANTS", tenant="globex")["disabled"] == "yes"


def test_console_during_many_reloads_and_commands(console):
    """Everything at once: nobody hangs, nobody gets a wrong answer."""
    with Load(console) as load:
        for round_ in range(5):
            console.psql("PAUSE globex", "RELOAD", "RESUME globex", "RECONNECT", "SHOW CLIENTS", "SHOW SERVERS", "SHOW STATS")
            load.goes_on()
        assert load.errors == [[], [], []]


@pytest.mark.parametrize("how", ["SHUTDOWN", "SHUTDOWN WAIT_FOR_CLIENTS", "SHUTDOWN WAIT_FOR_SERVERS"])
def test_shutdown(postgres, scratch, how):
    bulkhead = harness.Bulkhead(scratch, harness.shop_config(postgres, admin=ADMIN), name=how.split("_")[-1].lower())
    with bulkhead:
        console = Console(harness.Proxied(bulkhead))
        client = console.target.psycopg(autocommit=False)
        client.execute("SELECT 1")
        with console.connect() as administrator:
            assert administrator.execute(how).statusmessage == "SHUTDOWN"
            if how != "SHUTDOWN":
                harness.wait_until(lambda: not accepts(bulkhead.port), 10, "still listening")
                assert bulkhead.alive()
                assert client.execute("SELECT count(*) FROM orders").fetchone() == (16,)
                client.commit()
                if how.endswith("CLIENTS"):
                    assert bulkhead.alive()
                    client.close()
        harness.wait_until(lambda: not bulkhead.alive(), 10, "still running")


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
