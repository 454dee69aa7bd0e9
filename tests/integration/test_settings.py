"""Run-time settings belong to the client that made them, whichever server connection it meets next."""

import time

import psycopg
import pytest

import wire
from harness import sqlstate


@pytest.fixture(params=["direct", "narrow"])
def way(request, direct, own_proxy):
    """Directly, and in transaction mode with a single server connection that all clients take turns on."""
    return direct if request.param == "direct" else own_proxy(pool={"mode": "transaction", "size": 1})


def show(connection, name):
    return connection.execute(f"SHOW {name}").fetchone()[0]


SETTINGS = [("TimeZone", "Asia/Tokyo", "Europe/Paris"), ("application_name", "one", "two"), ("work_mem", "5MB", "6MB"),
            ("statement_timeout", "10s", "20s"), ("DateStyle", "SQL, DMY", "German, DMY"), ("extra_float_digits", "0", "3"),
            ("client_min_messages", "warning", "error"), ("IntervalStyle", "iso_8601", "sql_standard"),
            ("default_transaction_read_only", "on", "off"), ("bytea_output", "escape", "hex")]


@pytest.mark.parametrize("name, a, b", SETTINGS)
def test_everyone_keeps_their_own(way, name, a, b):
    with way.psycopg() as one, way.psycopg() as two, way.psycopg() as three:
        one.execute(f"SET {name} = '{a}'" if "," not in a else f"SET {name} = {a}")
        two.execute(f"SET {name} TO '{b}'" if "," not in b else f"SET {name} TO {b}")
        for _ in range(3):
            assert show(one, name) == a
            assert show(two, name) == b
        if "." not in name:
            assert show(three, name) not in (a, b) or (name, show(three, name)) in (
                ("extra_float_digits", "1"), ("default_transaction_read_only", "off"), ("bytea_output", "hex"))


def test_reset_brings_back_what_the_session_started_with(way):
    with way.psycopg(application_name="born") as one, way.psycopg() as two:
        one.prepare_threshold = None  # psycopg 3.1 does not notice that DISCARD ALL drops what it has prepared
        assert show(one, "application_name") == "born"
        for statement in ("RESET application_name", "RESET ALL", "SET application_name TO DEFAULT", "DISCARD ALL"):
            one.execute("SET application_name = 'grown'")
            assert show(two, "application_name") != "grown"
            assert show(one, "application_name") == "grown"
            one.execute(statement)
            two.execute("SELECT 1")
            assert show(one, "application_name") == "born", statement


def test_startup_parameters_are_settings(way):
    with way.psycopg(application_name="startup", options="-c statement_timeout=12345 -c DateStyle=German") as one, \
            way.psycopg() as two:
        for _ in range(2):
            assert show(one, "application_name") == "startup"
            assert show(one, "statement_timeout") == "12345ms"
            assert show(one, "DateStyle").startswith("German")
            assert show(two, "application_name") != "startup" and show(two, "statement_timeout") == "0"
    with wire.Wire(way, TimeZone="Asia/Tokyo", user=way.keywords()["user"]) as connection:
        assert connection.rows("SHOW TimeZone") == [[b"Asia/Tokyo"]]
        assert connection.parameters["TimeZone"] == "Asia/Tokyo"


def test_a_startup_parameter_s_bad_value_is_the_server_s_error(way):
    with pytest.raises(psycopg.OperationalError) as caught:
        with way.psycopg(options="-c DateStyle=nonsense") as connection:
            connection.execute("SELECT 1")
    assert "DateStyle" in str(caught.value)


def test_set_local_ends_with_its_transaction(way):
    with way.psycopg() as one, way.psycopg() as two:
        one.execute("SET work_mem = '5MB'")
        with one.transaction():
            one.execute("SET LOCAL work_mem = '7MB'")
            assert show(one, "work_mem") == "7MB"
        assert show(two, "work_mem") == "4MB"
        assert show(one, "work_mem") == "5MB"


def test_a_setting_made_in_a_transaction_shares_its_fate(way):
    with way.psycopg() as one, way.psycopg() as two:
        one.execute("BEGIN")
        one.execute("SET work_mem = '5MB'")
        one.execute("COMMIT")
        assert show(two, "work_mem") == "4MB" and show(one, "work_mem") == "5MB"
        one.execute("BEGIN")
        one.execute("SET work_mem = '6MB'")
        one.execute("ROLLBACK")
        assert show(two, "work_mem") == "4MB" and show(one, "work_mem") == "5MB"
        one.execute("BEGIN")
        one.execute("SAVEPOINT s")
        one.execute("SET work_mem = '8MB'")
        one.execute("ROLLBACK TO s")
        one.execute("COMMIT")
        assert show(two, "work_mem") == "4MB" and show(one, "work_mem") == "5MB"


def test_a_failed_set_changes_nothing(way):
    with way.psycopg() as one, way.psycopg() as two:
        with pytest.raises(psycopg.Error) as caught:
            one.execute("SET work_mem = 'nonsense'")
        assert sqlstate(caught.value) == "22023"
        assert show(two, "work_mem") == show(one, "work_mem") == "4MB"


def test_a_statement_timeout_is_the_client_s_own(way):
    with way.psycopg() as hasty, way.psycopg() as patient:
        hasty.execute("SET statement_timeout = 100")
        patient.execute("SELECT pg_sleep(0.3)")
        with pytest.raises(psycopg.errors.QueryCanceled):
            hasty.execute("SELECT pg_sleep(5)")
        patient.execute("SELECT pg_sleep(0.3)")


def test_changes_are_reported(way):
    """ParameterStatus follows SET, as drivers rely on."""
    with wire.Wire(way) as connection:
        answer = connection.ask(wire.query("SET TimeZone = 'Asia/Tokyo'"))
        assert (b"S", b"TimeZone\0Asia/Tokyo\0") in answer
        answer = connection.ask(wire.query("SET application_name = 'reported'"))
        assert (b"S", b"application_name\0reported\0") in answer


@pytest.mark.parametrize("statement", [
    "SET client_encoding = 'SJIS'", "SET NAMES 'BIG5'", "SET standard_conforming_strings = off", "SET search_path = 'x'",
    "SET role = 'app_owner'", "SET row_security = off", "SET SESSION AUTHORIZATION 'app_owner'",
    "SET app.org_id = 2", 'SET "app"."org_id" = 2', "SET LOCAL app.org_id TO 2",
])
def test_what_isolation_stands_on_cannot_be_set(proxied, statement):
    with proxied.psycopg() as connection:
        with pytest.raises(psycopg.Error) as caught:
            connection.execute(statement)
        assert sqlstate(caught.value) in ("42501", "0A000")
        assert show(connection, "standard_conforming_strings") == "on"
        assert show(connection, "client_encoding") == "UTF8"


@pytest.mark.parametrize("startup", [
    {"client_encoding": "SJIS"}, {"standard_conforming_strings": "off"}, {"search_path": "x"}, {"role": "app_owner"},
    {"app.org_id": "2"}, {"options": "-c app.org_id=2"}, {"options": "--app.org_id=2"}, {"options": "-capp.org_id=2"},
    {"options": "-c row_security=off"}, {"options": "-c session_replication_role=replica"}, {"replication": "true"},
])
def test_nor_asked_for_at_the_start(proxied, startup):
    with pytest.raises(wire.LoginRefused) as caught:
        with wire.Wire(proxied, **startup) as connection:
            connection.rows("SELECT 1")
    assert caught.value.fields["C"] in ("42501", "0A000", "22023", "28000", "08P01")


def test_the_encoding_may_be_named_as_it_is(proxied):
    for name in ("UTF8", "utf-8", "unicode"):
        with proxied.psycopg(client_encoding=name) as connection:
            assert connection.execute("SELECT 'ü'").fetchone() == ("ü",)


# Each sends Query messages or, where a list stands, a batch; the neighbour must find nothing of it.
EVIL = "SET application_name = 'evil'"
LEFT = {
    "RESET ALL that fails with its string": [EVIL, "RESET ALL; SELECT 1/0"],
    "RESET ALL rolled back in a string": [EVIL, "BEGIN; RESET ALL; ROLLBACK"],
    "RESET ALL in a batch that fails": [EVIL, ["RESET ALL", "SELECT 1/0"]],
    "RESET ALL in a transaction that is left": [EVIL, "BEGIN", "RESET ALL"],
    "RESET ALL passes over a default for the moment": [EVIL, "BEGIN", "SET LOCAL application_name TO DEFAULT", "RESET ALL", "COMMIT"],
    "the same in a string": [EVIL, "BEGIN; SET LOCAL application_name TO DEFAULT; RESET ALL; COMMIT"],
    "the same in a string that is a transaction": [f"{EVIL}; SET LOCAL application_name TO DEFAULT; RESET ALL"],
    "the same in a batch": [EVIL, ["BEGIN", "SET LOCAL application_name TO DEFAULT", "RESET ALL", "COMMIT"]],
    "the same behind a savepoint": [EVIL, "BEGIN; SAVEPOINT s; SET LOCAL application_name TO DEFAULT; RESET ALL; ROLLBACK TO s; RESET ALL; COMMIT"],
    "the same in SET and RESET": [EVIL, "BEGIN; SET LOCAL application_name = DEFAULT; RESET application_name; RESET ALL; COMMIT"],
    "a savepoint in a string": [f"BEGIN; {EVIL}; SAVEPOINT s; ROLLBACK TO s; COMMIT"],
    "COMMIT before ROLLBACK": [f"BEGIN; {EVIL}; COMMIT; BEGIN; ROLLBACK"],
    "COMMIT of a string before ROLLBACK": [f"{EVIL}; COMMIT; ROLLBACK"],
    "an empty transaction between": [f"{EVIL}; BEGIN; COMMIT; SET application_name = 'x'; ROLLBACK"],
    "a chain": [f"BEGIN; {EVIL}; COMMIT AND CHAIN; ROLLBACK"],
    "a chain, message by message": ["BEGIN", EVIL, "COMMIT AND CHAIN", "ROLLBACK"],
    "a chain that is left": ["BEGIN", EVIL, "COMMIT AND CHAIN"],
    "a batch that commits, then ROLLBACK": [[EVIL, "COMMIT"], "ROLLBACK"],
    "a string that fails behind COMMIT": [f"{EVIL}; COMMIT; SELECT 1/0"],
    "rolled back by a chain": ["BEGIN", EVIL, "ROLLBACK AND CHAIN"],
    "two values": [f"BEGIN; SET application_name = 'x'; {EVIL}; SAVEPOINT s; SET application_name = 'y'; ROLLBACK TO s; COMMIT"],
}


@pytest.mark.parametrize("synced", [True, False])
@pytest.mark.parametrize("what", LEFT)
def test_nothing_is_left_for_the_neighbour(own_proxy, what, synced):
    target = own_proxy(pool={"mode": "transaction", "size": 1})
    with wire.Wire(target) as evil, wire.Wire(target) as neighbour:
        said = LEFT[what]
        for number, step in enumerate(said):
            if isinstance(step, str):
                evil.send(wire.query(step))
                evil.until(b"Z")
                continue
            messages = [m for sql in step for m in (wire.parse(sql), wire.bind(), wire.execute())]
            if synced or number + 1 < len(said):
                evil.send(*messages, wire.SYNC)
                evil.until(b"Z")
            else:  # left in the middle
                evil.send(*messages, wire.FLUSH)
                while evil.receive()[0] not in (b"C", b"E"):
                    pass
        if not synced:
            evil.close()
        else:
            evil.send(wire.query("ROLLBACK"))
            evil.until(b"Z")
        assert neighbour.rows("SHOW application_name") == [[b""]]


def test_a_setting_has_an_end(own_proxy):
    target = own_proxy()
    with target.psycopg() as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="longer than 4096 bytes"):
            connection.execute(f"SET application_name = '{'x' * 5000}'")


def test_half_a_datestyle_is_completed_by_nobody_else(way):
    with way.psycopg() as one, way.psycopg() as two:
        one.execute("SET datestyle = 'ISO, DMY'")
        two.execute("SET datestyle = 'SQL'")
        for _ in range(2):
            assert show(one, "datestyle") == "ISO, DMY"
            assert show(two, "datestyle") == "SQL, MDY"
        two.execute("SET datestyle = 'YMD'")
        assert (show(one, "datestyle"), show(two, "datestyle")) == ("ISO, DMY", "SQL, YMD")


MONTH = "SELECT extract(month from '01/02/2020'::date)"


@pytest.mark.parametrize("before", ["ISO, DMY", "SQL, DMY", "German", "YMD"])
@pytest.mark.parametrize("half", ["ISO", "DMY", "sql", "german", "default"])
def test_nor_one_of_the_connection_string(own_proxy, direct, before, half):
    answers = []
    for way in (direct, own_proxy(pool={"mode": "transaction", "size": 1})):
        with wire.Wire(way) as other:
            other.rows(f"SET datestyle = '{before}'")
            with wire.Wire(way, datestyle=half) as one:
                heard = [one.parameters["DateStyle"], one.rows("SHOW datestyle"), one.rows(MONTH), one.rows("SELECT date '2020-12-31'")]
                heard += [other.rows("SHOW datestyle"), one.rows("SHOW datestyle"), one.rows("RESET datestyle"), one.rows("SHOW datestyle")]
                answers.append(heard)
    assert answers[1] == answers[0]


def test_statements_of_half_a_datestyle_are_not_shared(way):
    def month(client):
        return [wire.row(b) for k, b in client.ask(wire.parse(MONTH, "s"), wire.bind(statement="s"), wire.execute(), wire.SYNC) if k == b"D"]

    with wire.Wire(way) as one, wire.Wire(way) as two:
        one.rows("SET datestyle = 'ISO, DMY'")
        for client, expected in ((one, b"2"), (two, b"1")):
            client.rows("BEGIN")
            client.rows("SET datestyle = 'SQL'")
            assert month(client) == [[expected]]
            client.rows("COMMIT")
    with wire.Wire(way) as one, wire.Wire(way, datestyle="ISO") as two, wire.Wire(way, datestyle="ISO") as three:
        one.rows("SET datestyle = 'ISO, DMY'")
        two.rows("SET datestyle = 'DMY'")
        assert (month(two), month(three), month(one)) == ([[b"2"]], [[b"1"]], [[b"2"]])


STARTS = ({"timezone": "Asia/Tokyo"}, {"datestyle": "German, DMY"}, {"application_name": "x", "timezone": "Asia/Tokyo"},
          {"options": "-c timezone=Asia/Tokyo -c IntervalStyle=iso_8601"}, {"default_transaction_read_only": "on"}, {})
TOLD = ("TimeZone", "DateStyle", "IntervalStyle", "application_name", "default_transaction_read_only")


def told(client, messages):
    for kind, body in messages:
        if kind == b"S":
            name, value = body.split(b"\0")[:2]
            client.parameters[name.decode()] = value.decode()
    return messages


def holds_what_is_told(client):
    for name in TOLD:
        found = [wire.row(body)[0].decode() for kind, body in told(client, client.ask(wire.query(f"SHOW {name}"))) if kind == b"D"]
        assert found == [client.parameters[name]], name


@pytest.mark.parametrize("start", STARTS, ids=str)
def test_at_login_a_client_is_told_what_holds(way, start):
    for _ in range(3):
        with wire.Wire(way, **start) as client:
            before = dict(client.parameters)
            holds_what_is_told(client)
            assert client.parameters == before, "and nothing more behind it"


@pytest.mark.parametrize("reset", ["RESET timezone", "SET timezone TO DEFAULT", "RESET ALL", "DISCARD ALL"])
@pytest.mark.parametrize("left", ["Asia/Tokyo", "UTC"])
def test_and_after_a_reset(way, reset, left):
    with wire.Wire(way, timezone="Asia/Tokyo", application_name="me") as one, wire.Wire(way, timezone=left) as two:
        told(one, one.ask(wire.query("SET timezone = 'America/Lima'")))
        assert one.parameters["TimeZone"] == "America/Lima"
        told(one, one.ask(wire.query(reset)))
        assert one.parameters["TimeZone"] == "Asia/Tokyo"
        two.rows("SELECT 1")  # in transaction mode it leaves its zone on the connection
        heard = one.ask(wire.query("SELECT 1"))
        assert [kind for kind, _ in heard if kind == b"S"] == [], "it knows"
        holds_what_is_told(one)


def test_a_configuration_that_is_read_anew(way, postgres):
    with wire.Wire(way) as one:
        one.rows("SELECT 1")
        postgres.psql("ALTER SYSTEM SET timezone = 'Asia/Tokyo'")
        try:
            postgres.psql("SELECT pg_reload_conf()")
            until = time.monotonic() + 30
            while told(one, one.ask(wire.query("SELECT 1"))) and one.parameters["TimeZone"] != "Asia/Tokyo":
                assert time.monotonic() < until, "the server's new value is told"
            for start in ({}, {"application_name": "x"}, {"work_mem": "5MB"}):
                with wire.Wire(way, **start) as two:
                    assert two.parameters["TimeZone"] == "Asia/Tokyo"
                    holds_what_is_told(two)
        finally:
            postgres.psql("ALTER SYSTEM RESET timezone")
            postgres.psql("SELECT pg_reload_conf()")


RESETS = ("RESET datestyle", "RESET ALL", "DISCARD ALL")
DATE = "SELECT date '2026-12-31'"


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("how", ["apart", "in one write", "extended, in one write"])
def test_what_follows_a_reset_finds_the_startup_message_s_value(way, reset, how):
    def say(client, text):
        return [wire.parse(text), wire.bind(), wire.execute(), wire.SYNC] if how.startswith("extended") else [wire.query(text)]

    with wire.Wire(way, options="-c DateStyle=German") as client:
        statements = ["SET datestyle TO 'SQL, DMY'", reset, DATE]
        if how == "apart":
            for text in statements:
                client.send(*say(client, text))
                heard = client.until(b"Z")
        else:
            client.send(*[message for text in statements for message in say(client, text)])
            heard = [message for _ in statements for message in client.until(b"Z")]
        assert [wire.row(body) for kind, body in heard if kind == b"D"] == [[b"31.12.2026"]]


@pytest.mark.parametrize("reset", RESETS[:2])
@pytest.mark.parametrize("end, value", [("COMMIT", b"31.12.2026"), ("ROLLBACK", b"31/12/2026"), ("ROLLBACK TO s", b"31/12/2026")])
@pytest.mark.parametrize("at_once", [False, True])
def test_a_reset_in_a_transaction_too(way, reset, end, value, at_once):
    with wire.Wire(way, options="-c DateStyle=German") as client:
        client.rows("SET datestyle TO 'SQL, DMY'")
        texts = ["BEGIN", "SAVEPOINT s", reset, DATE, end, DATE] + (["COMMIT", DATE] if end.endswith("s") else [])
        if at_once:
            client.send(*[wire.query(text) for text in texts])
        rows, said = [], []
        for text in texts:
            if not at_once:
                client.send(wire.query(text))
            heard = client.until(b"Z")
            assert "E" not in wire.kinds(heard), text
            rows += [wire.row(body)[0] for kind, body in heard if kind == b"D"]
            said += [body.split(b"\0")[1] for kind, body in heard if kind == b"S"]
        assert rows[0] == b"31.12.2026" and set(rows[1:]) == {value}
        assert said[-1:] in ([b"German, DMY"], [b"SQL, DMY"]), "the driver is told of what holds"
        assert (said[-1] == b"German, DMY") == (value == b"31.12.2026")


STARTUP = {"options": "-c work_mem=5MB -c DateStyle=German", "application_name": "it's me"}
LINES = {  # each a Query message, or a batch where a list stands
    "RESET in a string": ["SET work_mem TO '9MB'; RESET work_mem; SHOW work_mem"],
    "RESET ALL in a string": ["SET work_mem TO '9MB'; SET datestyle TO 'ISO'; RESET ALL; SHOW work_mem; SHOW datestyle; SHOW application_name"],
    "RESET in a batch": ["SET application_name TO 'x'", ["RESET application_name", "SHOW application_name"]],
    "DEFAULT in a batch": ["SET work_mem TO '9MB'", ["SET work_mem TO DEFAULT", "SHOW work_mem"]],
    "SET LOCAL TO DEFAULT": ["SET work_mem TO '9MB'", "BEGIN", "SET LOCAL work_mem TO DEFAULT", "SHOW work_mem", "COMMIT"],
    "SET LOCAL TO DEFAULT in a string": ["SET work_mem TO '9MB'; BEGIN; SET LOCAL work_mem TO DEFAULT; SHOW work_mem; COMMIT; SHOW work_mem"],
    "SET LOCAL of a format": ["SET datestyle TO 'ISO, DMY'", "BEGIN; SET LOCAL datestyle TO DEFAULT; SHOW datestyle", DATE, "COMMIT", DATE],
    "in a batch of a transaction": ["BEGIN", "SET work_mem TO '9MB'", ["SET LOCAL work_mem TO DEFAULT", "SHOW work_mem"], "COMMIT"],
    "RESET undone": ["SET work_mem TO '9MB'", "BEGIN; RESET work_mem; SHOW work_mem; ROLLBACK"],
    "RESET undone by a savepoint": ["SET work_mem TO '9MB'", "BEGIN; SAVEPOINT s; RESET ALL; SHOW work_mem; ROLLBACK TO s; SHOW work_mem; COMMIT"],
    "RESET that fails with its string": ["SET work_mem TO '9MB'", "RESET work_mem; SELECT 1/0"],
    "RESET beside EXECUTE": ["PREPARE p AS SELECT 1", "SET work_mem TO '9MB'; RESET work_mem; EXECUTE p; SHOW work_mem"],
    "an error behind RESET": ["RESET work_mem; SELECT nope", "RESET ALL; SELECT nope"],
    "of what was not said at the start": ["SET geqo_threshold TO 5; RESET geqo_threshold; SHOW geqo_threshold"],
    "and RESET ALL behind a default for the moment": ["SET geqo_threshold TO 5", "BEGIN", "SET LOCAL geqo_threshold TO DEFAULT", "RESET ALL",
                                                      "SHOW geqo_threshold", "COMMIT", "SHOW geqo_threshold"],
    "and of what is reported": ["SET intervalstyle TO 'iso_8601'", "BEGIN; SET LOCAL intervalstyle TO DEFAULT; RESET ALL; COMMIT"],
}


def heard(client, step):
    """Tags, rows and errors, and what the driver is told."""
    if isinstance(step, str):
        sent = [wire.query(step)]
    else:
        sent = [message for sql in step for message in (wire.parse(sql), wire.bind(), wire.execute())] + [wire.SYNC]
    out = []
    for kind, body in told(client, client.ask(*sent)):
        if kind == b"E":
            found = wire.fields(body)
            out.append((found["C"], found["M"], found.get("P")))
        elif kind in (b"C", b"D", b"Z"):
            out.append((kind, body))
    return out + [{name: client.parameters[name] for name in TOLD}]


SHOWN = [f"SHOW {name}" for name in ("work_mem", "datestyle", "application_name", "geqo_threshold", "intervalstyle")]


@pytest.mark.parametrize("what", LINES)
def test_a_reset_gives_what_the_startup_message_said_at_once(own_proxy, direct, what):
    answers = []
    for way in (direct, own_proxy(pool={"mode": "transaction", "size": 1})):
        with wire.Wire(way, **STARTUP) as client, wire.Wire(way) as neighbour:
            answers.append([(step, heard(client, step)) for step in LINES[what] + SHOWN])
            assert neighbour.rows("SHOW work_mem") == [[b"4MB"]] and neighbour.rows("SHOW geqo_threshold") == [[b"12"]]
            assert neighbour.rows("SHOW application_name") == [[b""]] and neighbour.rows("SHOW datestyle") == [[b"ISO, MDY"]]
            answers[-1] += [(step, heard(client, step)) for step in SHOWN]
    for expected, got in zip(*answers, strict=True):
        assert got == expected


def test_a_short_time_for_statements_ends_with_the_turn(own_proxy):
    """Our own SET and RESET before the next client's statement must not run out of time."""
    way = own_proxy(pool={"mode": "transaction", "size": 1})
    with wire.Wire(way, "acme") as one, wire.Wire(way, "acme") as two:
        one.rows("SET statement_timeout TO '1ms'")
        for number in range(200):
            one.send(wire.query("SELECT 1"))
            one.until(b"Z")  # whether it was done in time is one's own affair
            assert two.rows(f"SELECT {number}, current_setting('statement_timeout')") == [[str(number).encode(), b"0"]]
        one.send(wire.query("SELECT pg_sleep(1)"))
        assert wire.error(one.until(b"Z"))["C"] == "57014"
        assert one.rows("SHOW statement_timeout") == [[b"1ms"]]


@pytest.mark.parametrize("offset", ["+05:30", "-3:00", "00:00"])
def test_a_zone_by_an_interval_as_sequelize_sets_it(own_proxy, direct, offset):
    answers = []
    for way in (direct, own_proxy(pool={"mode": "transaction", "size": 1})):
        with wire.Wire(way) as one, wire.Wire(way) as two:
            rows = [one.rows(f"SET TIME ZONE INTERVAL '{offset}' HOUR TO MINUTE")]
            for client in (two, one, two):
                rows.append(client.rows("SELECT current_setting('timezone'), '2024-01-01 00:00+00'::timestamptz::text"))
            rows += [one.rows("RESET timezone"), one.rows("SHOW timezone")]
            answers.append(rows)
    assert answers[1] == answers[0]
