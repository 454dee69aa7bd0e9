"""The administration console: who gets in, what it says, what it does, by psql and drivers, with traffic beside it."""

import os
import socket
import subprocess

import psycopg
import psycopg2
import pytest

import harness
from harness import sqlstate

ADMIN = {"users": {"dba": {"password": {"plain": "of the dba"}, "may": "all"},
                   "monitor": {"password": {"plain": "of the monitor"}, "may": "show"}}}
COMMANDS_THAT_LOOK = ["HELP", "VERSION", "CONFIG", "POLICY", "PEERS", "PEER_POOLS", "DNS_HOSTS", "DNS_ZONES"]


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


CHANGES = ["SET log_level = debug", "SUSPEND", "SHOW FDS"]


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
