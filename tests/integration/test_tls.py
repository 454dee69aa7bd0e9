"""TLS towards clients: every mode with every sslmode, what real clients do over it, and what attackers try around it."""

import base64
import contextlib
import hashlib
import os
import random
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import time

import psycopg
import pytest

import harness
import wire
from certificates import Authority, openssl
from wire import Wire, query

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def request(code):
    return struct.pack("!ii", 8, code)


def startup(**parameters):
    body = b"".join(wire.cstring(k) + wire.cstring(v) for k, v in parameters.items()) + b"\0"
    return struct.pack("!ii", len(body) + 8, 196608) + body


@pytest.fixture(scope="module")
def authority(scratch):
    return Authority(scratch.path / "tls")


@pytest.fixture(scope="module")
def server_pair(authority):
    return authority.issue("server", "/CN=localhost")


@pytest.fixture(scope="module")
def client_pair(authority):
    return authority.issue("acme_app", san=None)


@pytest.fixture(scope="module")
def doors(scratch, postgres, authority, server_pair):
    """One proxy with a door for each mode: {mode: port}."""
    ports = {mode: harness.free_port() for mode in MODES}
    listen = [{"address": f"127.0.0.1:{port}", "tls": server_pair.tls(mode, client_ca=authority.crt)}
              for mode, port in ports.items()]
    listen.append({"address": "127.0.0.1:@PORT@", "tls": server_pair.tls("require")})
    listen.append({"unix": "@SOCKET@"})
    config = harness.to_yaml({"version": 1, "listen": listen, **harness.shop_config(postgres)})
    with harness.Bulkhead(scratch, config, name="doors") as running:
        running.doors = ports
        yield running


@pytest.fixture
def tls(doors, authority):
    """The door in mode require, as a target whose clients verify it in full. The proxy must survive every test."""

    class Target(harness.Proxied):
        def keywords(self, tenant="acme", **changes):
            return super().keywords(tenant, **{"host": "localhost", "sslmode": "verify-full", "sslrootcert": str(authority.crt),
                                               **changes})

    yield Target(doors)
    assert doors.alive(), doors.log_tail()


def python_context(authority, alpn=None, version=None):
    context = ssl.create_default_context(cafile=authority.crt)
    if alpn:
        context.set_alpn_protocols(alpn)
    if version:
        context.minimum_version = context.maximum_version = version
    return context


@contextlib.contextmanager
def raw(port):
    """A bare connection, as a Wire that has not said anything yet."""
    class Where:
        @staticmethod
        def keywords(_tenant="acme"):
            return {"host": "127.0.0.1", "port": port, "user": "acme_app", "password": harness.PASSWORD, "dbname": "shop"}
    with Wire(Where, login=False, timeout=20) as connection:
        yield connection


def ask_tls(connection):
    connection.socket.sendall(request(SSL_REQUEST))
    return connection._take(1)


def wrap(connection, context, **keywords):
    connection.socket = context.wrap_socket(connection.socket, server_hostname="localhost", **keywords)
    return connection.socket


def log_in(connection, user="acme_app"):
    connection.start(harness.PASSWORD, {"user": user, "database": "shop"})


def parting(connection):
    """The FATAL error before the end, or None."""
    said = None
    with contextlib.suppress(wire.Closed, ConnectionResetError, BrokenPipeError, ssl.SSLError):
        while True:
            kind, body = connection.receive()
            if kind == b"E":
                said = wire.fields(body)
    return said


# Every mode with every sslmode -----------------------------------------------------------------------------------------

TABLE = {  # listener -> what sslmode disable, allow, prefer, require, verify-ca, verify-full give; p: plain, t: TLS, -: refused
    "disable": "ppp---",
    "allow": "pptttt",
    "prefer": "pptttt",
    "require": "-ttttt",
    "verify-ca": "-ttttt",
    "verify-full": "-ttttt",
}


@pytest.mark.parametrize("sslmode", MODES)
@pytest.mark.parametrize("mode", MODES)
def test_every_mode_with_every_sslmode(doors, authority, client_pair, mode, sslmode):
    expected = TABLE[mode][MODES.index(sslmode)]
    where = {"host": "localhost", "port": doors.doors[mode], "user": "acme_app", "password": harness.PASSWORD, "dbname": "shop",
             "sslmode": sslmode, "sslrootcert": authority.crt, "sslcert": client_pair.crt, "sslkey": client_pair.key}
    if expected == "-":
        with pytest.raises(psycopg.OperationalError) as refused:
            psycopg.connect(**where)
        assert ("server does not support SSL" if mode == "disable" else "logins are taken over TLS only") in str(refused.value)
        return
    with psycopg.connect(**where) as connection:
        assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(1,)]
        assert connection.pgconn.ssl_in_use == (expected == "t")


def test_plain_logins_are_refused_with_28000(doors):
    with raw(doors.doors["require"]) as connection:
        with pytest.raises(wire.LoginRefused) as refused:
            log_in(connection)
    said = refused.value.fields
    assert (said["S"], said["C"]) == ("FATAL", "28000") and "sslmode=require" in said["H"]


# Client certificates ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_without_a_certificate(doors, authority, mode):
    with raw(doors.doors[mode]) as connection:
        assert ask_tls(connection) == b"S"
        wrap(connection, python_context(authority))
        with pytest.raises(wire.LoginRefused) as refused:
            log_in(connection)
        assert refused.value.fields["C"] == "28000" and "valid client certificate" in refused.value.fields["M"]


def certificate_of(authority, scratch, kind):
    if kind == "another authority's":
        return Authority(scratch.path / "others", "Other CA").issue("acme_app", san=None)
    if kind == "expired":
        return authority.issue("expired", "/CN=acme_app", san=None, days=-1)
    if kind == "for servers only":
        directory = authority.directory
        (directory / "purpose.cnf").write_text("extendedKeyUsage = serverAuth\n")
        pair = authority.issue("purpose", "/CN=acme_app", san=None)
        openssl("x509", "-req", "-in", directory / "purpose.csr", "-CA", authority.crt, "-CAkey", directory / "ca.key",
                "-CAcreateserial", "-days", 3, "-extfile", directory / "purpose.cnf", "-out", pair.crt)
        return pair
    raise ValueError(kind)


@pytest.mark.parametrize("kind", ["another authority's", "expired", "for servers only"])
@pytest.mark.parametrize("mode", ["require", "verify-ca"])
def test_a_certificate_that_does_not_pass(doors, authority, scratch, mode, kind):
    """Refused wherever there is a client_ca, also where none is demanded, as PostgreSQL does."""
    pair = certificate_of(authority, scratch, kind)
    context = python_context(authority)
    context.load_cert_chain(pair.crt, pair.key)
    with raw(doors.doors[mode]) as connection:
        assert ask_tls(connection) == b"S"
        with pytest.raises((ssl.SSLError, ConnectionResetError, wire.Closed)):
            wrap(connection, context)
            log_in(connection)
    harness.wait_until(lambda: "certificate verify failed" in doors.log(), 10, "the log says so")


@pytest.mark.parametrize("subject, passes", [
    ("/CN=acme_app", True), ("/CN=globex_app", False), ("/CN=ACME_APP", False), ("/O=acme_app", False),
    ("/CN=acme_app/CN=globex_app", False), ("/CN=globex_app/CN=acme_app", False), ("/CN=acme_app ", False)])
def test_verify_full_wants_the_users_own_name(doors, authority, subject, passes):
    pair = authority.issue("named", subject, san=None)
    context = python_context(authority)
    context.load_cert_chain(pair.crt, pair.key)
    with raw(doors.doors["verify-full"]) as connection:
        assert ask_tls(connection) == b"S"
        wrap(connection, context)
        if passes:
            log_in(connection)
            assert connection.rows("SELECT 1") == [[b"1"]]
        else:
            with pytest.raises(wire.LoginRefused) as refused:
                log_in(connection)
            assert refused.value.fields["C"] == "28000"


def test_a_certificate_is_no_password(doors, authority, client_pair):
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect(host="localhost", port=doors.doors["verify-full"], user="acme_app", password="wrong", dbname="shop",
                        sslmode="require", sslcert=client_pair.crt, sslkey=client_pair.key)
    assert "password authentication failed" in str(refused.value)


# Real clients ----------------------------------------------------------------------------------------------------------

def test_psql_tells_of_tls(tls):
    done = subprocess.run(["psql", "-X", "-c", "\\conninfo"], env=tls.environment(channel_binding="require"),
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "TLSv1.3" in done.stdout, done.stdout + done.stderr


def test_psql_refuses_a_name_that_is_not_the_certificates(tls, authority):
    done = subprocess.run(["psql", "-X", "-c", "SELECT 1"], env=tls.environment(host="127.0.0.2"), capture_output=True,
                          text=True, check=False)
    assert done.returncode == 2


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
@pytest.mark.parametrize("binding", ["require", "prefer", "disable"])
def test_drivers_with_channel_binding(tls, driver, binding):
    connection = getattr(tls, driver)(channel_binding=binding)
    cursor = connection.cursor()
    cursor.execute("SELECT count(DISTINCT org_id) FROM orders")
    assert cursor.fetchall() == [(1,)]
    connection.close()


def test_channel_binding_cannot_be_had_in_plain(doors):
    with pytest.raises(psycopg.OperationalError, match="channel binding"):
        psycopg.connect(host="localhost", port=doors.doors["prefer"], user="acme_app", password=harness.PASSWORD, dbname="shop",
                        sslmode="disable", channel_binding="require")


@pytest.mark.parametrize("key", [("-newkey", "rsa:2048", "-nodes"), ("-newkey", "ed25519", "-nodes")], ids=["rsa", "ed25519"])
def test_other_kinds_of_keys(own_proxy, authority, key):
    """The binding's hash is that of the signature on the certificate, which here is the authority's."""
    pair = authority.issue("kind", "/CN=localhost", key=key)
    target = own_proxy(listen=[{"address": "127.0.0.1:@PORT@", "tls": pair.tls("require")}])
    with target.psycopg(sslmode="require", channel_binding="require") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_certificate_without_a_hash_binds_nothing(own_proxy, scratch):
    """Ed25519 signatures have none: SCRAM-SHA-256-PLUS is not offered then, and clients that could bind go on without."""
    crt, key = scratch.path / "ed.crt", scratch.path / "ed.key"
    openssl("req", "-new", "-x509", "-newkey", "ed25519", "-nodes", "-days", 3, "-subj", "/CN=localhost", "-keyout", key, "-out", crt)
    key.chmod(0o600)
    target = own_proxy(listen=[{"address": "127.0.0.1:@PORT@",
                                "tls": {"mode": "require", "certificate": str(crt), "key": str(key)}}])
    context = ssl._create_unverified_context()
    with raw(target.bulkhead.port) as connection:
        assert ask_tls(connection) == b"S"
        wrap(connection, context)
        connection.socket.sendall(startup(user="acme_app", database="shop"))
        assert connection.receive() == (b"R", struct.pack("!i", 10) + b"SCRAM-SHA-256\0\0")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions(doors, authority, version):
    with raw(doors.port) as connection:
        assert ask_tls(connection) == b"S"
        assert wrap(connection, python_context(authority, version=version)).version() == version.name.replace("_", ".")
        log_in(connection)
        assert connection.rows("SELECT 1") == [[b"1"]]


def test_a_minimum_version(own_proxy, server_pair, authority):
    target = own_proxy(listen=[{"address": "127.0.0.1:@PORT@", "tls": server_pair.tls("require", min_protocol="TLSv1.3")}])
    with raw(target.bulkhead.port) as connection:
        assert ask_tls(connection) == b"S"
        with pytest.raises(ssl.SSLError, match="(?i)protocol.version"):
            wrap(connection, python_context(authority, version=ssl.TLSVersion.TLSv1_2))
    with target.psycopg(sslmode="require") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_nothing_is_resumed(doors, authority):
    """A session would outlive the certificates it was made with."""
    context = python_context(authority, version=ssl.TLSVersion.TLSv1_2)
    with raw(doors.port) as connection:
        ask_tls(connection)
        session = wrap(connection, context).session
    with raw(doors.port) as connection:
        ask_tls(connection)
        assert not wrap(connection, context, session=session).session_reused
    context = python_context(authority)
    with raw(doors.port) as connection:
        ask_tls(connection)
        wrap(connection, context)
        log_in(connection)
        assert not connection.socket.session.has_ticket


# What goes through -----------------------------------------------------------------------------------------------------

def test_large_results_and_pipelines(tls, direct):
    statement = "SELECT g, repeat('x', 1000 + g % 7), (SELECT count(*) FROM orders) FROM generate_series(1, 20000) g"
    with tls.psycopg() as through, direct.psycopg() as yardstick:
        assert through.execute(statement).fetchall() == yardstick.execute(statement).fetchall()
        assert through.execute("SELECT repeat('y', 30000000)").fetchone() == ("y" * 30_000_000,)


def test_large_statements_and_values(tls):
    with tls.psycopg() as connection:
        value = "z" * 20_000_000
        assert connection.execute("SELECT length(%s::text), %s::text", (value, value)).fetchone() == (len(value), value)
        text = "SELECT '" + "s" * 900_000 + "'"
        assert len(connection.execute(text).fetchone()[0]) == 900_000


def test_copy(tls, direct):
    out = []
    for target in (tls, direct):
        with target.psycopg() as connection, connection.cursor() as cursor:
            with cursor.copy("COPY (SELECT id, note, g FROM orders, generate_series(1, 5000) g ORDER BY id, g) TO STDOUT") as copy:
                out.append(b"".join(copy))
    assert out[0] == out[1] and len(out[0]) > 500_000


def test_a_client_that_reads_late_gets_everything(tls, authority):
    with raw(tls.bulkhead.port) as connection:
        ask_tls(connection)
        wrap(connection, python_context(authority))
        log_in(connection)
        connection.send(query("SELECT repeat('x', 100000) FROM generate_series(1, 200)"), query("SELECT 'after'"))
        with tls.psycopg("globex") as other:
            assert other.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(2,)]
        first = connection.until(b"Z")
        assert sum(len(body) for kind, body in first if kind == b"D") == 200 * 100_006
        assert [wire.row(body) for kind, body in connection.until(b"Z") if kind == b"D"] == [[b"after"]]


def test_many_messages_in_one_write(tls, authority):
    """More than one read of the proxy's takes: what stays inside TLS must not be forgotten."""
    with raw(tls.bulkhead.port) as connection:
        ask_tls(connection)
        wrap(connection, python_context(authority))
        log_in(connection)
        for size in (1, 1000, 16_384, 65_536, 100_000):
            text = "/*" + "c" * size + "*/ SELECT 1"
            count = 3_000_000 // (size + 2000)
            connection.send(*[query(text)] * count)
            for _ in range(count):
                assert wire.kinds(connection.until(b"Z")) == "TDCZ"


def test_bytes_and_records_of_every_cut(tls, authority):
    seed = random.randrange(2**32)
    print("seed", seed)
    roll = random.Random(seed)
    with raw(tls.bulkhead.port) as connection:
        ask_tls(connection)
        inner = connection.socket
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = python_context(authority).wrap_bio(incoming, outgoing, server_hostname="localhost")

        class Cut:
            """A TLS socket whose records are cut anywhere, on the wire as well."""

            def _flush(self):
                data = outgoing.read()
                while data:
                    size = roll.randint(1, max(1, len(data) // 2))
                    inner.sendall(data[:size])
                    data = data[size:]

            def _step(self, call, *arguments):
                while True:
                    try:
                        value = call(*arguments)
                        self._flush()
                        return value
                    except ssl.SSLWantReadError:
                        self._flush()
                        incoming.write(inner.recv(roll.randint(1, 5000)))

            def sendall(self, data):
                while data:
                    size = roll.randint(1, 300)
                    self._step(session.write, data[:size])
                    data = data[size:]

            def recv(self, size):
                return self._step(session.read, size)

            def close(self):
                inner.close()

        cut = Cut()
        cut._step(session.do_handshake)
        connection.socket = cut
        log_in(connection)
        for _ in range(40):
            size = roll.randint(0, 40_000)
            connection.send(query(f"SELECT '{'v' * (size % 900)}', repeat('w', {size})"))
            assert [wire.row(b) for k, b in connection.until(b"Z") if k == b"D"] == [[b"v" * (size % 900), b"w" * size]]


def test_cancel_from_within_tls_and_from_outside(doors, authority, postgres):
    for mode, inside in (("require", True), ("require", False), ("verify-full", True)):
        port = doors.port if mode == "require" else doors.doors[mode]
        with raw(doors.port) as connection:
            ask_tls(connection)
            wrap(connection, python_context(authority))
            log_in(connection)
            connection.send(query("SELECT pg_sleep(30)"))
            asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
            harness.wait_until(lambda: postgres.psql(asleep) == "1", 20, "a query to cancel")
            with raw(port) as second:
                if inside:  # without a certificate: the key is proof enough, as with PostgreSQL
                    assert ask_tls(second) == b"S"
                    wrap(second, python_context(authority))
                second.socket.sendall(struct.pack("!iiii", 16, CANCEL_REQUEST, *connection.key))
                assert second.socket.recv(1) == b""
            assert wire.error(connection.until(b"Z"))["C"] == "57014"


# Direct TLS ------------------------------------------------------------------------------------------------------------

def test_tls_from_the_first_byte(doors, authority):
    for mode in ("allow", "prefer", "require"):
        with raw(doors.doors[mode]) as connection:
            assert wrap(connection, python_context(authority, ["http/1.1", "postgresql"])).selected_alpn_protocol() == "postgresql"
            log_in(connection)
            assert connection.rows("SELECT DISTINCT org_id FROM orders") == [[b"1"]]


def test_direct_tls_needs_alpn(doors, authority):
    with raw(doors.port) as connection:
        wrap(connection, python_context(authority))
        said = parting(connection)
        assert said["C"] == "08P01" and "ALPN" in said["M"]
    with raw(doors.port) as connection:
        with pytest.raises(ssl.SSLError, match="(?i)no.application.protocol"):
            wrap(connection, python_context(authority, ["http/1.1"]))


def test_alpn_may_be_offered_after_a_request_as_well(doors, authority):
    with raw(doors.port) as connection:
        ask_tls(connection)
        assert wrap(connection, python_context(authority, ["postgresql"])).selected_alpn_protocol() == "postgresql"
        log_in(connection)


def test_direct_tls_where_there_is_none(doors, authority):
    with raw(doors.doors["disable"]) as connection:
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            wrap(connection, python_context(authority, ["postgresql"]))


# Attacks around the handshake --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("code", [SSL_REQUEST, GSS_REQUEST])
@pytest.mark.parametrize("behind", [startup(user="acme_app", database="shop"), b"x", b"\x16\x03\x01"], ids=["startup", "byte", "hello"])
def test_bytes_stuffed_behind_a_request(tls, code, behind):
    """CVE-2021-23214, CVE-2021-3935, CVE-2021-43766: they would count as said under TLS."""
    with raw(tls.bulkhead.port) as connection:
        connection.socket.sendall(request(code) + behind)
        said = parting(connection)
        assert said["C"] == "08P01" and "unencrypted data" in said["M"]


def test_bytes_stuffed_before_the_handshake_but_after_the_answer(tls, authority):
    """Too late to be taken for the client's: the handshake reads them, and fails."""
    with raw(tls.bulkhead.port) as connection:
        assert ask_tls(connection) == b"S"
        connection.socket.sendall(startup(user="acme_app", database="shop"))
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            wrap(connection, python_context(authority))


@pytest.mark.parametrize("code", [SSL_REQUEST, GSS_REQUEST])
@pytest.mark.parametrize("direct", [False, True])
def test_no_second_request_inside_tls(tls, authority, code, direct):
    with raw(tls.bulkhead.port) as connection:
        if not direct:
            ask_tls(connection)
        wrap(connection, python_context(authority, ["postgresql"]))
        connection.socket.sendall(request(code))
        said = parting(connection)
        assert said["C"] == "08P01" and "second encryption request" in said["M"]


def test_gssapi_first_then_tls(tls, authority):
    with raw(tls.bulkhead.port) as connection:
        connection.socket.sendall(request(GSS_REQUEST))
        assert connection._take(1) == b"N"
        assert ask_tls(connection) == b"S"
        wrap(connection, python_context(authority))
        log_in(connection)


def test_requests_are_not_repeated(tls):
    with raw(tls.bulkhead.port) as connection:
        for _ in range(2):
            connection.socket.sendall(request(GSS_REQUEST))
            answer = connection.socket.recv(1)
        assert answer == b"E" or answer == b""


def test_a_startup_packet_under_tls_is_read_once(tls, authority):
    """CVE-2026-107350: a second one during SCRAM."""
    with raw(tls.bulkhead.port) as connection:
        ask_tls(connection)
        wrap(connection, python_context(authority))
        connection.socket.sendall(startup(user="acme_app", database="shop") + startup(user="globex_app", database="shop"))
        assert parting(connection)["C"] == "08P01"


NOISE = random.Random(7).randbytes(4000)
GARBAGE = {
    "zeros": bytes(500), "noise": NOISE, "a record of noise": b"\x16\x03\x03\x0f\x00" + NOISE[:3840],
    "a huge record": b"\x16\x03\x03\xff\xff" + NOISE, "an alert": b"\x15\x03\x03\x00\x02\x02\x28",
    "application data": b"\x17\x03\x03\x00\x05hello", "half a hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "SSLv2": b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(40), "http": b"GET / HTTP/1.1\r\n\r\n", "nothing": b"",
    "a startup packet": startup(user="acme_app"),
}


@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE)
def test_garbage_in_place_of_a_handshake(tls, data):
    with raw(tls.bulkhead.port) as connection:
        assert ask_tls(connection) == b"S"
        connection.socket.sendall(data)
        connection.socket.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            while answer := connection.socket.recv(1 << 16):
                assert answer[:1] == b"\x15", "nothing but an alert"
    with tls.psycopg() as other:
        assert other.execute("SELECT 1").fetchone() == (1,)


def test_hellos_with_bits_changed(tls, authority):
    seed = random.randrange(2**32)
    print("seed", seed)
    roll = random.Random(seed)
    outgoing = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        python_context(authority, ["postgresql"]).wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost").do_handshake()
    hello = outgoing.read()
    for direct in (False, True):
        for _ in range(60):
            data = bytearray(hello)
            for _ in range(roll.randint(1, 4)):
                data[roll.randrange(1 if direct else 0, len(data))] = roll.randrange(256)
            with raw(tls.bulkhead.port) as connection:
                if not direct:
                    ask_tls(connection)
                connection.socket.sendall(data)
                connection.socket.shutdown(socket.SHUT_WR)
                with contextlib.suppress(ConnectionResetError):
                    while connection.socket.recv(1 << 16):
                        pass


def test_garbage_after_the_handshake(tls, authority):
    with raw(tls.bulkhead.port) as connection:
        ask_tls(connection)
        plain = socket.socket(fileno=os.dup(connection.socket.fileno()))
        wrap(connection, python_context(authority))
        log_in(connection)
        with plain:
            plain.sendall(b"\x17\x03\x03\x00\x20" + NOISE[:32])
            assert parting(connection) is None


def test_a_connection_cut_without_goodbye_is_rolled_back(tls, authority, postgres):
    """Truncation: what was not said whole has not been said."""
    with raw(tls.bulkhead.port) as connection:
        ask_tls(connection)
        plain = socket.socket(fileno=os.dup(connection.socket.fileno()))
        wrap(connection, python_context(authority))
        log_in(connection)
        connection.ask(query("BEGIN; UPDATE orders SET note = 'cut' WHERE id = 1"))
        connection.socket.sendall(b"Q\0\0\0\x0bCOMM")
        with plain:
            plain.shutdown(socket.SHUT_RDWR)
    harness.wait_until(lambda: postgres.psql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'app_rw' "
                                             "AND state LIKE 'idle in transaction%'") == "0", 10, "the transaction ends")
    assert postgres.psql("SELECT count(*) FROM orders WHERE note = 'cut'", harness.DATABASE) == "0"


@pytest.mark.parametrize("goodbye", [True, False])
def test_half_closed(tls, authority, goodbye):
    """The sending side ends; what was asked before that is still answered or the session just ends, and nothing hangs."""
    with raw(tls.bulkhead.port) as connection:
        ask_tls(connection)
        plain = socket.socket(fileno=os.dup(connection.socket.fileno()))
        wrap(connection, python_context(authority))
        log_in(connection)
        with plain:
            if goodbye:
                with contextlib.suppress(OSError, ssl.SSLError):
                    connection.socket.settimeout(5)
                    connection.socket.unwrap()
            else:
                plain.shutdown(socket.SHUT_WR)
                assert parting(connection) is None
    with tls.psycopg() as other:
        assert other.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("trickle", [False, True])
def test_a_handshake_takes_no_longer_than_a_login_may(own_proxy, server_pair, trickle):
    target = own_proxy(listen=[{"address": "127.0.0.1:@PORT@", "tls": server_pair.tls("require")}],
                       limits={"login_timeout": "1s"})
    with raw(target.bulkhead.port) as connection:
        ask_tls(connection)
        began = time.monotonic()
        connection.socket.settimeout(0.05)
        data = iter(b"\x16\x03\x01\x3f\xff\x01\x00\x3f\xfb\x03\x03" + bytes(9000))
        while time.monotonic() - began < 10:
            try:
                if trickle:
                    connection.socket.sendall(bytes([next(data)]))
                if not connection.socket.recv(1 << 16):
                    break
            except TimeoutError:
                continue
            except (ConnectionResetError, BrokenPipeError):
                break
        assert 0.5 < time.monotonic() - began < 8


def test_half_handshakes_keep_nobody_out(tls, authority):
    """More of them than there are places for logins: they count there, and only push out one another."""
    before = tls.bulkhead.rss()
    with tls.psycopg("globex") as established, contextlib.ExitStack() as stack:
        for _ in range(300):
            connection = stack.enter_context(raw(tls.bulkhead.port))
            connection.socket.sendall(request(SSL_REQUEST))
            with contextlib.suppress(wire.Closed, ConnectionResetError):
                connection._take(1)
                connection.socket.sendall(b"\x16\x03\x01\x3f\xff\x01\x00\x3f\xfb\x03\x03" + bytes(9000))
        assert established.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(2,)]
        with tls.psycopg() as other:
            assert other.execute("SELECT 1").fetchone() == (1,)
        assert tls.bulkhead.rss() - before < 64 << 20


# Channel binding -------------------------------------------------------------------------------------------------------

class Binding(Wire):
    """SCRAM with a header and binding of the test's choice."""

    def scram(self, mechanism, header, binding, password=harness.PASSWORD):
        import hmac
        nonce = base64.b64encode(os.urandom(18)).decode()
        first = f"n=,r={nonce}"
        message = header + first
        self.send((b"p", wire.cstring(mechanism) + struct.pack("!i", len(message)) + message.encode()))
        server_first = self._authentication(11).decode()
        said = dict(part.split("=", 1) for part in server_first.split(","))
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(said["s"]), int(said["i"]))
        sign = lambda key, text: hmac.new(key, text.encode(), "sha256").digest()  # noqa: E731
        client_key = sign(salted, "Client Key")
        bare = f"c={base64.b64encode(header.encode() + binding).decode()},r={said['r']}"
        proof = bytes(a ^ b for a, b in zip(client_key, sign(hashlib.sha256(client_key).digest(),
                                                             f"{first},{server_first},{bare}")))
        self.send((b"p", f"{bare},p={base64.b64encode(proof).decode()}".encode()))
        return self._authentication(12)


PLUS, SCRAM, END_POINT = "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "p=tls-server-end-point,,"


@pytest.mark.parametrize("mechanism, header, binding, state", [
    (PLUS, END_POINT, "right", None),
    (SCRAM, "n,,", "none", None),
    (SCRAM, "y,,", "none", "28000"),          # somebody took the offer away
    (PLUS, END_POINT, "another's", "28000"),  # somebody in between has a certificate of their own
    (PLUS, END_POINT, "none", "28000"),
    (PLUS, "n,,", "none", "08P01"),
    (PLUS, "y,,", "none", "08P01"),
    (SCRAM, END_POINT, "right", "08P01"),
    (PLUS, "p=tls-unique,,", "right", "08P01"),
    (PLUS, "p=tls-server-end-point,a=globex_app,", "right", "0A000"),
])
def test_scram_headers(doors, authority, mechanism, header, binding, state):
    with raw(doors.port) as connection:
        connection.__class__ = Binding
        ask_tls(connection)
        shown = hashlib.sha256(wrap(connection, python_context(authority)).getpeercert(True)).digest()
        connection.socket.sendall(startup(user="acme_app", database="shop"))
        assert connection.receive() == (b"R", struct.pack("!i", 10) + f"{PLUS}\0{SCRAM}\0\0".encode())
        data = {"right": shown, "another's": hashlib.sha256(b"x").digest(), "none": b""}[binding]
        if state is None:
            assert connection.scram(mechanism, header, data).startswith(b"v=")
        else:
            with pytest.raises(wire.LoginRefused) as refused:
                connection.scram(mechanism, header, data)
            assert refused.value.fields["C"] == state, refused.value.fields


def test_plus_is_offered_under_tls_only(doors):
    with raw(doors.doors["prefer"]) as connection:
        connection.socket.sendall(startup(user="acme_app", database="shop"))
        assert connection.receive() == (b"R", struct.pack("!i", 10) + b"SCRAM-SHA-256\0\0")
        connection.__class__ = Binding
        with pytest.raises(wire.LoginRefused) as refused:
            connection.scram(PLUS, END_POINT, b"x" * 32)
        assert refused.value.fields["C"] == "08P01"


def test_unix_sockets_have_no_tls(doors):
    where = {"host": str(doors.socket_dir), "port": 6432, "user": "acme_app", "password": harness.PASSWORD, "dbname": "shop"}
    with psycopg.connect(**where, sslmode="prefer") as connection:
        assert not connection.pgconn.ssl_in_use


# Reload ----------------------------------------------------------------------------------------------------------------

def fingerprint(port, authority):
    with raw(port) as connection:
        assert ask_tls(connection) == b"S"
        context = ssl._create_unverified_context()
        return hashlib.sha256(wrap(connection, context).getpeercert(True)).hexdigest()


def test_certificates_are_reloaded_without_dropping_sessions(own_proxy, authority):
    pair = authority.issue("rolling", "/CN=localhost")
    target = own_proxy(listen=[{"address": "127.0.0.1:@PORT@", "tls": pair.tls("require")}])
    bulkhead = target.bulkhead

    def reload(says):
        begin = len(bulkhead.log())
        bulkhead.send_signal(signal.SIGHUP)
        harness.wait_until(lambda: says in bulkhead.log()[begin:], 10, lambda: f"{says}\n{bulkhead.log_tail()}")

    with target.psycopg(sslmode="require") as connection:
        connection.execute("BEGIN")
        old = fingerprint(bulkhead.port, authority)
        authority.issue("rolling", "/CN=localhost")
        assert fingerprint(bulkhead.port, authority) == old, "not before it is told"
        reload("reloaded")
        new = fingerprint(bulkhead.port, authority)
        assert new != old
        pair.key.write_text("no key\n")
        reload("not reloaded")
        assert fingerprint(bulkhead.port, authority) == new, "the good one stays"
        shutil.copy(authority.crt, pair.crt)
        reload("not reloaded")
        pair.crt.unlink()
        reload("not reloaded")
        assert fingerprint(bulkhead.port, authority) == new
        assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(1,)]
        connection.execute("COMMIT")


# What check says -------------------------------------------------------------------------------------------------------

def broken_files(authority, kind):
    pair = authority.issue("broken", "/CN=localhost", days=-1 if kind == "expired" else 3)
    if kind == "no certificate":
        pair.crt.unlink()
    elif kind == "no key":
        pair.key.unlink()
    elif kind == "garbage":
        pair.crt.write_text("garbage\n")
    elif kind == "garbage for a key":
        pair.key.write_text("garbage\n")
    elif kind == "another's key":
        shutil.copy(authority.issue("another").key, pair.key)
    elif kind == "another kind of key":
        shutil.copy(authority.issue("another", key=("-newkey", "rsa:2048", "-nodes")).key, pair.key)
    elif kind == "open to the world":
        pair.key.chmod(0o644)
    elif kind == "a passphrase":
        openssl("pkey", "-in", pair.key, "-aes256", "-passout", "pass:secret", "-out", str(pair.key) + ".new")
        os.replace(str(pair.key) + ".new", pair.key)
        pair.key.chmod(0o600)
    elif kind == "a directory":
        pair.key.unlink()
        pair.key.mkdir()
    return pair


@pytest.mark.parametrize("kind, says", {
    "no certificate": "the certificate file \"{crt}\" cannot be read: No such file or directory",
    "no key": "the key file \"{key}\" cannot be read: No such file or directory",
    "garbage": "the certificate file \"{crt}\" cannot be used: no start line",
    "garbage for a key": "the key file \"{key}\" cannot be used",
    "another's key": "the key \"{key}\" does not belong to the certificate \"{crt}\"",
    "another kind of key": "the key \"{key}\" does not belong to the certificate \"{crt}\"",
    "open to the world": "the key file \"{key}\" is open to group or world",
    "a passphrase": "the key file \"{key}\" is protected by a passphrase",
    "a directory": "the key file \"{key}\" is not a regular file",
    "no authority": "the certificate authority file \"nowhere.crt\" cannot be read",
    "expired": "the certificate \"{crt}\" has expired on",
}.items())
def test_check_names_file_and_reason(scratch, postgres, authority, kind, says):
    pair = broken_files(authority, kind)
    tls = pair.tls("require", **({"client_ca": "/nowhere.crt"} if kind == "no authority" else {}))
    config = harness.to_yaml({"version": 1, "listen": [{"address": "127.0.0.1:1", "tls": tls}], **harness.shop_config(postgres)})
    path = scratch.path / "broken.yaml"
    path.write_text(config)
    done = subprocess.run([harness.find_bulkhead(), "check", "--config", path], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=30, check=False)
    expected = says.format(crt=pair.crt, key=pair.key).replace("\"nowhere", "\"/nowhere")
    assert expected in done.stderr and f"{path}:" in done.stderr and "listen[0].tls" in done.stderr, done.stderr
    assert done.returncode == (0 if kind == "expired" else 2)
    if kind == "a directory":
        pair.key.rmdir()
