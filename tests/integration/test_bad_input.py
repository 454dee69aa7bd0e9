"""Bytes no driver sends. PostgreSQL's answer where it gives one; that connection ends or goes on as PostgreSQL's would; nobody
else notices. Tests with `target` run against PostgreSQL itself, too, so what they expect is what PostgreSQL does."""

import contextlib
import random
import socket
import struct
import time

import pytest

import harness
import wire
from wire import Wire, bind, cstring, describe, error, execute, fields, kinds, parse, query, SYNC

MEBIBYTE = 1 << 20
CANCEL, SSL, GSS = 80877102, 80877103, 80877104


def packet(code, rest=b""):
    return struct.pack("!iI", len(rest) + 8, code) + rest


def frame(kind, body, length=None):
    """A message, with a length that may be a lie."""
    return kind + struct.pack("!I", len(body) + 4 if length is None else length & 0xffffffff) + body


def startup(**parameters):
    return packet(196608, b"".join(cstring(k) + cstring(v) for k, v in parameters.items()) + b"\0")


def rest(connection):
    """What still comes until the other side closes, as messages; a reset after an unread rest of ours is a close, too."""
    data = bytes(connection.buffer)
    with contextlib.suppress(ConnectionResetError):
        while chunk := connection.socket.recv(1 << 16):
            data += chunk
    connection.buffer[:] = data
    messages = []
    while connection.buffer:
        messages.append(connection.receive())
    return messages


def push(connection, data):
    """Sends as much as the other side takes: it may have closed already."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.socket.sendall(data)


def parting(connection):
    """The fields of the FATAL error a connection ends with; None if it ends without a word."""
    messages = rest(connection)
    errors = [fields(body) for kind, body in messages if kind == b"E"]
    assert not errors or (messages[-1][0] == b"E" and errors[-1]["S"] == "FATAL"), messages
    return errors[-1] if errors else None


@pytest.fixture
def bystander(proxied):
    """Another tenant's session in the middle of a transaction: afterwards it is still there, and so is the way in."""
    with proxied.psycopg("globex", autocommit=False) as connection:
        connection.execute("UPDATE customers SET name = 'bystander' WHERE id = 1")
        yield connection
        assert connection.execute("SELECT name FROM customers WHERE id = 1").fetchone() == ("bystander",)
        connection.rollback()
    with proxied.psycopg() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


# Before the login ------------------------------------------------------------------------------------------------------

SILENTLY_CLOSED = {
    "length 0": struct.pack("!i", 0) + b"x" * 20,
    "length 7": struct.pack("!i", 7) + b"xxx",
    "length beyond the limit": struct.pack("!ii", 10005, 196608) + bytes(9997),
    "length 2 GiB - 1": struct.pack("!ii", 2**31 - 1, 196608),
    "negative length": struct.pack("!ii", -8, 196608),
    "HTTP": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "TLS without asking": bytes.fromhex("16030100f8010000f40303") + bytes(300),
    "zeros": bytes(1000),
    "noise": random.Random(1).randbytes(4000),
    "cancel of nobody": packet(CANCEL, struct.pack("!ii", 2**31 - 1, 12345)),
}


@pytest.mark.parametrize("data", SILENTLY_CLOSED.values(), ids=SILENTLY_CLOSED)
def test_what_is_no_startup_packet_is_closed_without_a_word(target, bystander, data):
    with Wire(target, login=False) as connection:
        push(connection, data)
        assert rest(connection) == []


def test_a_cancel_request_without_a_key_ends_there(target, bystander):
    with Wire(target, login=False) as connection:
        push(connection, packet(CANCEL, struct.pack("!i", 1)))
        said = parting(connection)  # PostgreSQL tells its log alone; the proxy may tell the client
        assert said is None or said["C"] == "08P01"


def test_a_startup_packet_may_be_as_long_as_postgres_takes(target, bystander):
    with Wire(target, login=False) as connection:
        where = target.keywords()
        named = cstring("user") + cstring(where["user"]) + cstring("application_name")
        connection.socket.sendall(packet(196608, named + b"x" * (10004 - 8 - len(named) - 2) + b"\0\0"))
        assert connection.receive()[0] == b"R"


USER = cstring("user") + cstring("acme_app")
REFUSED = {
    "no terminator": (packet(196608, USER), "08P01"),
    "no terminator at all": (packet(196608, b"user"), "08P01"),
    "a name without a value": (packet(196608, USER + cstring("database") + b"\0"), "08P01"),
    "bytes behind the terminator": (packet(196608, USER + b"\0x"), "08P01"),
    "nothing": (packet(196608), "08P01"),
    "no user": (packet(196608, cstring("database") + cstring("shop") + b"\0"), "28000"),
    "an empty user": (packet(196608, cstring("user") + cstring("") + b"\0"), "28000"),
    "protocol 4.0": (packet(4 << 16, USER + b"\0"), "0A000"),
    "protocol 1.0": (packet(1 << 16, USER + b"\0"), "0A000"),
    "an unknown request": (packet(1234 << 16 | 5681), "0A000"),
}


@pytest.mark.parametrize("data, state", REFUSED.values(), ids=REFUSED)
def test_a_broken_startup_packet_is_refused_in_postgres_words(target, bystander, data, state):
    with Wire(target, login=False) as connection:
        push(connection, data)
        if data[4:6] == b"\0\1":  # PostgreSQL answers protocol 1 and 2 in the form of protocol 2
            assert connection.socket.recv(1) == b"E"
            return
        assert parting(connection)["C"] == state


@pytest.mark.parametrize("minor, options, answer", [
    (1, {}, None),
    (9999, {}, (3 << 16 | 2, [])),
    (0, {"_pq_.nosuch": "1"}, (3 << 16, ["_pq_.nosuch"])),
    (9999, {"_pq_.test_protocol_negotiation": ""}, (3 << 16 | 2, ["_pq_.test_protocol_negotiation"])),
])
def test_newer_protocols_are_negotiated_once_before_anything_else(proxied, minor, options, answer):
    body = b"".join(cstring(k) + cstring(v) for k, v in {"user": "acme_app", **options}.items()) + b"\0"
    with Wire(proxied, login=False) as connection:
        connection.socket.sendall(packet(3 << 16 | minor, body))
        kind, body = connection.receive()
        if answer:
            version, count = struct.unpack_from("!ii", body)
            names = [name.decode() for name in body[8:].split(b"\0")[:-1]]
            assert (kind, version, names) == (b"v", *answer) and count == len(names)
            kind, body = connection.receive()
        assert kind == b"R" and body[:4] == struct.pack("!i", 10)


def test_encryption_is_declined_and_the_session_goes_on_in_plain(target, bystander):
    with Wire(target, login=False) as connection:
        connection.socket.sendall(packet(SSL))
        assert connection._take(1) == b"N"
        where = target.keywords()
        connection.start(where["password"], {"user": where["user"], "database": where["dbname"]})
        assert connection.rows("SELECT 7") == [[b"7"]]


@pytest.mark.parametrize("first", [SSL, GSS])
def test_bytes_behind_an_encryption_request_end_the_connection(proxied, bystander, first):
    with Wire(proxied, login=False) as connection:
        push(connection, packet(first) + startup(user="acme_app", database="shop"))
        assert parting(connection)["C"] == "08P01"


def test_encryption_is_asked_for_once(proxied, bystander):
    with Wire(proxied, login=False) as connection:
        for code in (SSL, GSS):
            connection.socket.sendall(packet(code))
            assert connection._take(1) == b"N"
        push(connection, packet(SSL))
        assert parting(connection)["C"] == "08P01"


# During the login ------------------------------------------------------------------------------------------------------

OUT_OF_TURN = {
    "a second startup packet": startup(user="globex_app", database="shop"),
    "a query": frame(b"Q", cstring("SELECT 1")),
    "Terminate": frame(b"X", b""),
    "an unknown mechanism": frame(b"p", cstring("PLAIN") + struct.pack("!i", 3) + b"x=y"),
    "a plain password": frame(b"p", cstring(harness.PASSWORD)),
    "a response longer than the message": frame(b"p", cstring("SCRAM-SHA-256") + struct.pack("!i", 999) + b"n,,"),
    "a negative length": frame(b"p", cstring("SCRAM-SHA-256") + struct.pack("!i", -2) + b"n,,"),
    "length 3": frame(b"p", b"", 3),
    "length 0": frame(b"p", b"", 0),
    "length 65536": frame(b"p", bytes(65532)),
    "length 4 GiB - 1": frame(b"p", bytes(100), -1),
    "no user name": frame(b"p", cstring("SCRAM-SHA-256") + struct.pack("!i", 6) + b"n,,r=x"),
    "an empty message": frame(b"p", cstring("SCRAM-SHA-256") + struct.pack("!i", 0)),
    "noise": frame(b"p", cstring("SCRAM-SHA-256") + struct.pack("!i", 900) + random.Random(2).randbytes(900)),
}


@pytest.mark.parametrize("data", OUT_OF_TURN.values(), ids=OUT_OF_TURN)
def test_what_is_not_due_during_scram_ends_the_login(target, bystander, data):
    where = target.keywords()
    with Wire(target, login=False) as connection:
        connection.socket.sendall(startup(user=where["user"], database=where["dbname"]))
        assert connection.receive()[0] == b"R"
        push(connection, data)
        refusal = parting(connection)
        assert refusal is None or refusal["C"] in ("08P01", "28P01", "28000", "0A000")


def test_a_second_startup_packet_between_the_two_scram_messages(target, bystander):
    where = target.keywords()
    with Wire(target, login=False) as connection:
        connection.socket.sendall(startup(user=where["user"], database=where["dbname"]))
        connection.receive()
        first = b"n,,n=,r=rOprNGfwEbeRWgbNEkqO"
        connection.send((b"p", cstring("SCRAM-SHA-256") + struct.pack("!i", len(first)) + first))
        assert connection.receive()[1][:4] == struct.pack("!i", 11)
        push(connection, startup(user="globex_app", database="shop"))
        assert parting(connection)["C"] == "08P01"


@pytest.mark.parametrize("value", ["true", "database", "1", "false"])
def test_replication_is_refused(proxied, bystander, value):
    with pytest.raises(wire.LoginRefused) as refused:
        Wire(proxied, replication=value)
    assert refused.value.fields["S"] == "FATAL" and refused.value.fields["C"] in ("0A000", "08P01")


def test_a_client_may_come_byte_by_byte(target, bystander):
    class Trickle:
        """A socket that sends bytes singly."""

        def __init__(self, inner):
            self._inner = inner

        def sendall(self, data):
            for i in range(len(data)):
                self._inner.sendall(data[i:i + 1])

        def __getattr__(self, name):
            return getattr(self._inner, name)

    where = target.keywords()
    with Wire(target, login=False) as connection:
        connection.socket = Trickle(connection.socket)
        connection.start(where["password"], {"user": where["user"], "database": where["dbname"],
                                             "options": where.get("options", "")})
        assert connection.rows("SELECT count(*) > 0 FROM customers") == [[b"t"]]
        answers = connection.ask(parse("SELECT $1::int + 1"), bind(b"41"), describe(b"P"), execute(), SYNC)
        assert kinds(answers) == "12TDCZ"


@pytest.mark.parametrize("trickle", [False, True])
def test_a_login_takes_no_longer_than_it_may(own_proxy, trickle):
    target = own_proxy(limits={"login_timeout": "1s"})
    with Wire(target, login=False) as connection:
        began = time.monotonic()
        connection.socket.settimeout(0.05)
        data = iter(startup(user="acme_app", database="shop" * 1000))
        while time.monotonic() - began < 10:
            try:
                if trickle:
                    connection.socket.sendall(bytes([next(data)]))
                while connection.socket.recv(1 << 16):
                    pass
                break
            except TimeoutError:
                continue
            except (ConnectionResetError, BrokenPipeError):
                break
        assert 0.5 < time.monotonic() - began < 8


# After the login -------------------------------------------------------------------------------------------------------

FATAL = {
    "unknown message": (frame(b"y", b""), "invalid frontend message type 121"),
    "unknown message, first byte only": (b"y", "invalid frontend message type 121"),
    "a second startup packet": (startup(user="globex_app", database="shop"), "invalid frontend message type 0"),
    "a password": (frame(b"p", cstring("x")), "invalid frontend message type 112"),
    "a message of the server's": (frame(b"Z", b"I"), "invalid frontend message type 90"),
    "length 0": (frame(b"Q", b"", 0), None),
    "length 3": (frame(b"Q", b"", 3), None),
    "negative length": (frame(b"Q", b"", -1), None),
    "length beyond any": (frame(b"Q", b"", 0x3fffffff), None),
    "Sync beyond its limit": (frame(b"S", b"", 10001), None),
    "Describe beyond its limit": (frame(b"D", b"", 10001), None),
}


@pytest.mark.parametrize("data, message", FATAL.values(), ids=FATAL)
def test_a_broken_frame_ends_the_session(target, bystander, data, message):
    with Wire(target) as connection:
        push(connection, data)
        said = parting(connection)
        if message:  # about a length PostgreSQL tells its log alone; the proxy may tell the client
            assert (said["S"], said["C"], said["M"]) == ("FATAL", "08P01", message)
        else:
            assert said is None or said["C"] == "08P01"


RECOVERABLE = {
    "Sync with a body": [(b"S", b"x")],
    "Sync with a body behind an error": [execute("nosuch"), parse("SELECT 1"), (b"S", b"x")],
    "Sync with a body behind an error of the server's": [parse("SELECT 1/0"), bind(), execute(), wire.FLUSH, (b"S", b"x")],
    "Sync with a body behind a batch": [parse("SELECT 1"), bind(), execute(), (b"S", b"x")],
    "Query without NUL": [(b"Q", b"SELECT 1")],
    "Query with bytes behind the NUL": [(b"Q", b"SELECT 1\0SELECT 2\0")],
    "empty Query body": [(b"Q", b"")],
    "Parse without types": [(b"P", b"\0SELECT 1\0"), SYNC],
    "Parse with more types than bytes": [(b"P", b"\0SELECT 1\0\xff\xff"), SYNC],
    "Parse without NUL": [(b"P", b"SELECT 1"), SYNC],
    "Parse with bytes behind": [(b"P", parse("SELECT 1")[1] + b"x"), SYNC],
    "Bind without anything": [parse("SELECT 1"), (b"B", b""), SYNC],
    "Bind with a value longer than the message": [parse("SELECT $1::int"), (b"B", b"\0\0\0\0\0\1\x7f\xff\xff\xff\0\0"), SYNC],
    "Bind with a negative length": [parse("SELECT $1::int"), (b"B", b"\0\0\0\0\0\1\xff\xff\xff\xfe\0\0"), SYNC],
    "Bind with more formats than parameters":
        [parse("SELECT $1::int"), bind(b"1", formats=(0, 0)), SYNC],
    "Bind with bytes behind": [parse("SELECT 1"), (b"B", bind()[1] + b"x"), SYNC],
    "Bind of an unknown statement": [bind(statement="nosuch"), SYNC],
    "Bind without Parse, then Execute": [bind(), execute(), SYNC],
    "Execute of an unknown portal": [execute("nosuch"), SYNC],
    "Execute cut short": [(b"E", b"\0\0\0"), SYNC],
    "Describe of an unknown kind": [(b"D", b"X\0"), SYNC],
    "Describe of an unknown statement": [describe(b"S", "nosuch"), SYNC],
    "Describe of an unknown portal": [describe(b"P", "nosuch"), SYNC],
    "Close of an unknown kind": [(b"C", b"X\0"), SYNC],
    "Close without a body": [(b"C", b""), SYNC],
    "Describe without a body": [(b"D", b""), SYNC],
    "Describe without NUL": [(b"D", b"Sx"), SYNC],
    "Flush with a body": [(b"H", b"x"), SYNC],
    "the rest of a batch behind an error": [(b"D", b"X\0"), parse("SELECT 1"), bind(), execute(), SYNC],
    "a good batch behind a bad one": [(b"E", b""), SYNC, parse("SELECT 1"), bind(), execute(), SYNC],
    "COPY data out of turn": [(b"d", b"1\n"), (b"c", b""), (b"f", b"no\0"), query("SELECT 1")],
    "no UTF-8": [(b"Q", b"SELECT '\xff'\0")],
}


@pytest.mark.parametrize("messages", RECOVERABLE.values(), ids=RECOVERABLE)
def test_a_malformed_message_costs_its_batch_and_no_more(proxied, direct, bystander, messages):
    answers = []
    for target in (direct, proxied):
        with Wire(target) as connection:
            connection.send(*messages)
            said = []
            for _ in range(max(1, sum(m == SYNC for m in messages))):
                said += connection.until(b"Z")
            answers.append([(kind, {k: fields(body)[k] for k in "SCM"} if kind == b"E" else body)
                            for kind, body in said if kind not in b"SN"])
            assert connection.rows("SELECT 'still here'") == [[b"still here"]]
    assert answers[1] == answers[0]


def test_a_function_call_is_refused_and_the_session_goes_on(proxied, bystander):
    with Wire(proxied) as connection:
        call = (b"F", struct.pack("!IhhiiiH", 1, 0, 1, 4, 0, 0, 0))
        answers = connection.ask(call)
        assert kinds(answers) == "EZ" and error(answers)["S"] == "ERROR" and error(answers)["C"] in ("0A000", "42501")
        assert connection.rows("SELECT 1") == [[b"1"]]


def test_a_wrong_key_cancels_nothing(proxied, bystander):
    with Wire(proxied) as connection:
        pid, key = connection.key
        connection.send(query("SELECT pg_sleep(0.5), 'done'"))
        for guess in ((pid, key ^ 1), (pid ^ 1, key), (0, 0), (-1, -1)):
            wire.cancel(proxied, guess)
        assert kinds(connection.until(b"Z")) == "TDCZ"


# Resources -------------------------------------------------------------------------------------------------------------

def test_declared_lengths_cost_nothing_until_the_bytes_come(proxied, bystander):
    before = proxied.bulkhead.rss()
    with contextlib.ExitStack() as stack:
        for kind in (b"Q", b"P", b"B", b"d") * 10:
            connection = stack.enter_context(Wire(proxied))
            connection.socket.sendall(frame(kind, b"x" * 1000, 0x3ffffff0))
        for _ in range(40):
            connection = stack.enter_context(Wire(proxied, login=False))
            connection.socket.sendall(struct.pack("!ii", 10000, 196608) + b"x" * 5000)
        assert proxied.bulkhead.rss() - before < 32 * MEBIBYTE


@pytest.mark.parametrize("kind", [b"Q", b"P", b"B", b"F"])
def test_one_session_cannot_make_the_proxy_hold_everything_it_sends(proxied, bystander, kind):
    before = proxied.bulkhead.rss()
    with Wire(proxied) as connection:
        connection.socket.settimeout(5)
        chunk = b"x" * MEBIBYTE
        try:
            connection.socket.sendall(frame(kind, b"", 0x3ffffff0))
            for _ in range(200):
                connection.socket.sendall(chunk)
        except (TimeoutError, BrokenPipeError, ConnectionResetError):
            pass
        assert proxied.bulkhead.rss() - before < 160 * MEBIBYTE


def test_a_statement_too_long_is_refused_by_name_of_the_limit(own_proxy):
    target = own_proxy(limits={"statement_size": "64KiB"})
    with target.psycopg() as connection:
        with pytest.raises(Exception) as refused:
            connection.execute("SELECT '" + "x" * 70_000 + "'")
        assert harness.sqlstate(refused.value) in ("54000", "54001", "53400"), refused.value


def test_abandoned_connections_leave_nothing(proxied, bystander):
    before = proxied.bulkhead.fds()
    pieces = [b"", b"\0", packet(SSL), startup(user="acme_app", database="shop"), frame(b"Q", b"SELECT"), b"\0\0\0"]
    for _ in range(20):
        for piece in pieces:
            with Wire(proxied, login=False) as connection:
                push(connection, piece)
        with Wire(proxied) as connection:
            connection.send(query("SELECT count(*) FROM orders, orders o"))
        with Wire(proxied) as connection:
            connection.send(query("BEGIN"), parse("SELECT 1"), bind())
    harness.wait_until(lambda: proxied.bulkhead.fds() <= before + 5, 20, "descriptors go back")


def test_conversations_with_one_place_changed(proxied, bystander):
    seed = random.randrange(2**32)
    print("seed", seed)
    roll = random.Random(seed)
    good = b"".join(frame(kind, body) for kind, body in [
        query("BEGIN"), parse("SELECT id FROM orders WHERE id = $1::int8", "s"), bind(b"1", statement="s"),
        describe(b"P"), execute(limit=1), SYNC, query("SELECT count(*) FROM customers; COMMIT"),
        parse("INSERT INTO products (id, sku, name, price) VALUES ($1::int8, 'x', 'y', 1)"), bind(b"1"), execute(), SYNC])
    for _ in range(150):
        data = bytearray(good)
        for _ in range(roll.randint(1, 3)):
            at = roll.randrange(len(data))
            how = roll.randrange(4)
            if how == 0:
                data[at] = roll.randrange(256)
            elif how == 1:
                del data[at:at + roll.randint(1, 8)]
            elif how == 2:
                data[at:at] = roll.randbytes(roll.randint(1, 8))
            else:
                data[at:at] = data[at:at + roll.randint(1, 40)]
        with Wire(proxied) as connection:
            push(connection, bytes(data) + frame(b"X", b""))
            with contextlib.suppress(OSError):
                connection.socket.shutdown(socket.SHUT_WR)
            connection.socket.settimeout(20)
            with contextlib.suppress(ConnectionResetError, wire.Closed):
                while connection.socket.recv(1 << 16):
                    pass
