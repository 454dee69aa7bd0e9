"""TLS towards PostgreSQL: every mode with servers that offer it, demand it, refuse it, and with impostors."""

import contextlib
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import threading

import psycopg
import pytest

import harness
from certificates import Authority, shell_of
from relay import CANCEL_CODE, Relay, Tap

MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
SSL_REQUEST = struct.pack("!ii", 8, 80877103)


@pytest.fixture(scope="module")
def authority(scratch):
    return Authority(scratch.path / "server-tls")


@pytest.fixture(scope="module")
def secure(scratch, authority):
    """A shop whose PostgreSQL offers TLS; `secure.demand(...)` writes its pg_hba.conf."""
    pair = authority.issue("postgres", "/CN=localhost", owner=scratch.owner)
    postgres = harness.Postgres(scratch, "secure", ssl="on", ssl_cert_file=f"'{pair.crt}'", ssl_key_file=f"'{pair.key}'",
                                ssl_ca_file=f"'{authority.crt}'")
    local = f"local all {harness.SUPERUSER} trust\n"

    def demand(*lines):
        (postgres.data / "pg_hba.conf").write_text(local + "".join(f"{line}\n" for line in lines))
        postgres.psql("SELECT pg_reload_conf()")

    postgres.demand, postgres.pair = demand, pair
    with postgres:
        harness.create_shop(postgres)
        yield postgres


ANY, TLS_ONLY, PLAIN_ONLY = ("host all all 127.0.0.1/32 scram-sha-256", "hostssl all all 127.0.0.1/32 scram-sha-256",
                             "hostnossl all all 127.0.0.1/32 scram-sha-256")


def behind(postgres, host="localhost", port=None, **tls):
    """The servers: of a configuration."""
    return {"main": {"hosts": [f"{host}:{port or postgres.port}"], "database": harness.DATABASE, "connect_timeout": "3s",
                     "login": {"user": "app_rw", "password": harness.PASSWORD}, "tls": {k: str(v) for k, v in tls.items()}}}


def under_tls(postgres):
    """Of the proxy's connections: whether each is under TLS."""
    return set(postgres.psql("SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'app_rw' "
                             "AND backend_type = 'client backend'").split())


def works(target):
    with target.psycopg() as connection:
        return connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(1,)]


def refused(target, says):
    """No client gets through; the log says why; the proxy goes on."""
    with pytest.raises(psycopg.OperationalError):
        with target.psycopg() as connection:
            connection.execute("SELECT 1 FROM orders")
    harness.wait_until(lambda: says in target.bulkhead.log(), 10, lambda: f"{says}\n{target.bulkhead.log_tail()}")
    assert target.bulkhead.alive()


TABLE = {  # pg_hba.conf -> what tls.mode disable, allow, prefer, require, verify-ca, verify-full give
    ANY: "pptttt", TLS_ONLY: "-ttttt", PLAIN_ONLY: "ppp---"}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("hba", [ANY, TLS_ONLY, PLAIN_ONLY], ids=["any", "hostssl", "hostnossl"])
def test_every_mode(own_proxy, secure, authority, hba, mode):
    expected = TABLE[hba][MODES.index(mode)]
    secure.demand(hba)
    target = own_proxy(secure, servers=behind(secure, mode=mode, **({"ca": authority.crt} if "verify" in mode else {})))
    if expected == "-":
        return refused(target, "no pg_hba.conf entry")
    assert works(target)
    assert under_tls(secure) == {"t" if expected == "t" else "f"}


@pytest.mark.parametrize("mode", MODES)
def test_a_server_without_tls(own_proxy, postgres, authority, mode):
    target = own_proxy(servers=behind(postgres, mode=mode, **({"ca": authority.crt} if "verify" in mode else {})))
    if mode in ("disable", "allow", "prefer"):
        assert works(target)
    else:
        refused(target, "the server does not offer TLS")


@pytest.mark.parametrize("mode, passes", [("require", False), ("verify-ca", False), ("verify-full", False), ("prefer", True)])
def test_another_authority(own_proxy, secure, scratch, mode, passes):
    """As libpq: an authority that is named counts in mode require, too, and prefer goes on without TLS."""
    secure.demand(ANY)
    other = Authority(scratch.path / "other-authority", "Other CA")
    target = own_proxy(secure, servers=behind(secure, mode=mode, ca=other.crt))
    if passes:
        assert works(target) and under_tls(secure) == {"f"}
    else:
        refused(target, "certificate verify failed")


@pytest.mark.parametrize("san, subject, passes", [
    ("DNS:localhost", "/CN=whatever", True), ("DNS:db.example.com", "/CN=localhost", False), (None, "/CN=localhost", True),
    (None, "/CN=db.example.com", False), ("DNS:*", "/CN=x", False), ("IP:127.0.0.1", "/CN=db.example.com", False)])
def test_the_name_is_checked(own_proxy, secure, authority, scratch, san, subject, passes):
    secure.demand(ANY)
    pair = authority.issue("renamed", subject, san=san)
    with front(scratch, pair, secure.port) as port:
        target = own_proxy(secure, servers=behind(secure, port=port, mode="verify-full", ca=authority.crt))
        if passes:
            assert works(target)
        else:
            refused(target, "the certificate is not for \\\"localhost\\\"")


def test_an_address_is_checked_as_one(own_proxy, secure, authority):
    secure.demand(ANY)
    assert works(own_proxy(secure, servers=behind(secure, host="127.0.0.1", mode="verify-full", ca=authority.crt)))


def test_a_server_certificate_that_has_expired(own_proxy, secure, authority, scratch):
    pair = authority.issue("late", "/CN=localhost", days=-1)
    with front(scratch, pair, secure.port) as port:
        refused(own_proxy(secure, servers=behind(secure, port=port, mode="verify-ca", ca=authority.crt)), "certificate has expired")


def test_a_client_certificate(own_proxy, secure, authority):
    secure.demand("hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-full")
    pair = authority.issue("app_rw", san=None)
    assert works(own_proxy(secure, servers=behind(secure, **pair.tls("verify-full", ca=authority.crt))))
    refused(own_proxy(secure, servers=behind(secure, mode="verify-full", ca=authority.crt)),
            "requires a valid client certificate")


@pytest.mark.parametrize("method", ["password", "md5"])
def test_weaker_passwords_under_verified_tls(own_proxy, secure, authority, method):
    if method == "md5":
        secure.psql(f"SET password_encryption = 'md5'; ALTER ROLE app_rw PASSWORD '{harness.PASSWORD}'")
    try:
        secure.demand(f"hostssl all all 127.0.0.1/32 {method}")
        assert works(own_proxy(secure, servers=behind(secure, mode="verify-full", ca=authority.crt)))
    finally:
        secure.psql(f"SET password_encryption = 'scram-sha-256'; ALTER ROLE app_rw PASSWORD '{harness.PASSWORD}'")


def test_large_results_and_cancel(own_proxy, secure, authority):
    secure.demand(TLS_ONLY)
    with Tap(secure.port) as tap:
        target = own_proxy(secure, servers=behind(secure, port=tap.port, mode="verify-full", ca=authority.crt))
        with target.psycopg() as connection:
            rows = connection.execute("SELECT g, repeat('x', 1000 + g % 7) FROM generate_series(1, 20000) g").fetchall()
            assert rows == [(g, "x" * (1000 + g % 7)) for g in range(1, 20001)]
            value = "z" * 5_000_000
            assert connection.execute("SELECT %s::text", (value,)).fetchone() == (value,)
            timer = threading.Timer(0.3, connection.cancel)
            timer.start()
            with pytest.raises(psycopg.errors.QueryCanceled):
                connection.execute("SELECT pg_sleep(30)")
            timer.join()
    assert tap.beginnings and all(first.startswith(SSL_REQUEST + b"\x16") for first in tap.beginnings), tap.beginnings
    assert not any(CANCEL_CODE in first for first in tap.beginnings)


def test_unix_sockets_stay_plain(own_proxy, secure):
    secure.demand("local all all scram-sha-256", ANY)
    servers = behind(secure, mode="verify-full", ca=secure.pair.crt)
    servers["main"]["hosts"].insert(0, f"{secure.socket_dir}:{secure.port}")
    assert works(own_proxy(secure, servers=servers)) and under_tls(secure) == {"f"}


def test_direct_tls(own_proxy, secure, authority, scratch):
    secure.demand(ANY)
    pair = authority.issue("direct", "/CN=localhost")
    with front(scratch, pair, secure.port, alpn="postgresql", direct=True) as port:
        target = own_proxy(secure, servers=behind(secure, port=port, mode="verify-full", ca=authority.crt, negotiation="direct"))
        assert works(target)
    with front(scratch, pair, secure.port, direct=True) as port:
        refused(own_proxy(secure, servers=behind(secure, port=port, mode="require", negotiation="direct")), "(ALPN)")


def test_a_certificate_authority_is_reloaded(own_proxy, secure, authority, scratch):
    secure.demand(ANY)
    directory = scratch.path / "reloaded"
    directory.mkdir()
    ca = directory / "ca.crt"
    shutil.copy(Authority(scratch.path / "not-yet", "Not yet").crt, ca)
    target = own_proxy(secure, servers=behind(secure, mode="verify-full", ca=ca))
    refused(target, "certificate verify failed")
    shutil.copy(authority.crt, ca)
    target.bulkhead.send_signal(signal.SIGHUP)
    harness.wait_until(lambda: "server is usable" in target.bulkhead.log(), 20, target.bulkhead.log_tail)
    assert works(target)


# Impostors -------------------------------------------------------------------------------------------------------------

class Impostor:
    """Answers every connection's first packet with `answer` and keeps what else comes."""

    def __init__(self, answer):
        self.answer, self.heard = answer, []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(2)
                    self.heard.append(connection.recv(4096))
                    connection.sendall(self.answer)
                    while more := connection.recv(4096):
                        self.heard.append(more)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


OK = b"R\0\0\0\x08\0\0\0\0"
ERROR = b"E\0\0\0\x20SFATAL\0C28000\0MPay me first\0\0"


@pytest.mark.parametrize("mode", ["require", "verify-full"])
@pytest.mark.parametrize("answer, says", [
    (b"S" + OK, "received unencrypted data behind the server's answer"),
    (b"S" + b"\x16\x03\x03", "received unencrypted data behind the server's answer"),
    (b"N" + OK, "received unencrypted data behind the server's answer"),
    (ERROR, "received unencrypted data behind"), (b"E", "error in place of an answer"), (b"R", "error in place of an answer"),
    (b"N", "does not offer TLS")], ids=["S+Ok", "S+record", "N+Ok", "error", "E", "R", "N"])
def test_bytes_around_the_servers_answer(own_proxy, authority, postgres, mode, answer, says):
    """CVE-2021-23222, CVE-2021-43767, CVE-2024-10977: nothing said in plain counts as the server's, nor is shown."""
    with Impostor(answer) as impostor:
        ca = {"ca": authority.crt} if mode == "verify-full" else {}
        target = own_proxy(servers=behind(postgres, port=impostor.port, mode=mode, **ca))
        refused(target, says)
        assert "Pay me" not in target.bulkhead.log()
    assert impostor.heard and all(heard == SSL_REQUEST for heard in impostor.heard), "no startup packet in plain"


def test_garbage_for_a_handshake(own_proxy, postgres):
    with Impostor(b"S") as impostor:
        impostor.answer = b"S"
        target = own_proxy(servers={"main": {**behind(postgres, port=impostor.port, mode="require")["main"],
                                             "connect_timeout": "500ms"}})
        refused(target, "the login took longer than connect_timeout")
    assert all(b"app_rw" not in heard for heard in impostor.heard)


def test_an_impostor_without_the_certificate_gets_no_password(own_proxy, secure, authority, scratch):
    """It asks for the password in clear, under TLS of its own."""
    pair = Authority(scratch.path / "impostor", "Test CA").issue("postgres", "/CN=localhost")
    got = []

    def ask(connection):
        got.append(connection.recv(4096))
        connection.sendall(b"R\0\0\0\x08\0\0\0\x03")
        got.append(connection.recv(4096))

    with front(scratch, pair, None, serve=ask) as port:
        refused(own_proxy(secure, servers=behind(secure, port=port, mode="verify-full", ca=authority.crt)), "certificate verify failed")
    assert not any(got), "nothing was said to it"


# Between the proxy and its server ----------------------------------------------------------------------------------------

@contextlib.contextmanager
def front(_scratch, pair, port, alpn=None, direct=False, serve=None):
    """Ends TLS with a certificate of the test's in front of a PostgreSQL (or of `serve`), and gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.crt, pair.key)
    if alpn:
        context.set_alpn_protocols([alpn])

    class Front(Relay):
        def handle(self, connection):
            connection.settimeout(20)
            if not direct:
                assert connection.recv(8) == SSL_REQUEST
                connection.sendall(b"S")
            with context.wrap_socket(connection, server_side=True) as inside:
                if serve:
                    return serve(inside)
                self._bridge(inside)

        @staticmethod
        def _bridge(inside):
            # One thread for both directions: an SSL object is not for two.
            inside.setblocking(False)
            with socket.create_connection(("127.0.0.1", port)) as server:
                server.setblocking(False)
                import select
                while True:
                    select.select([inside, server], [], [], 5)
                    for source, sink in ((inside, server), (server, inside)):
                        try:
                            data = source.recv(1 << 16)
                        except (BlockingIOError, ssl.SSLWantReadError):
                            continue
                        if not data:
                            return
                        sink.setblocking(True)
                        sink.sendall(data)
                        sink.setblocking(False)

    with Front() as running:
        yield running.port


def test_the_sample_and_the_commands_of_the_manual(scratch, secure):
    """config/tls.yaml with the certificates of docs/operations.md, word by word, on both sides."""
    directory = scratch.directory("sample")
    subprocess.run(["/bin/sh", "-e", "-c", shell_of("Certificates")], cwd=directory, check=True, capture_output=True)
    for name, to in (("server.crt", secure.pair.crt), ("server.key", secure.pair.key)):
        shutil.copyfile(directory / name, to)  # the server's own, too: it is for localhost
    secure.demand(TLS_ONLY)
    (directory / "app_rw.password").write_text(harness.PASSWORD + "\n")
    text = (harness.ROOT / "config" / "tls.yaml").read_text()
    for old, new in (("127.0.0.1:6432", "127.0.0.1:@PORT@"), ("localhost:5432", f"localhost:{secure.port}"),
                     ("database: app\n", f"database: {harness.DATABASE}\n")):
        assert old in text
        text = text.replace(old, new)
    bulkhead = harness.Bulkhead(scratch, text, name="sampled")
    for name in os.listdir(directory):
        shutil.copy2(directory / name, bulkhead.config_path.parent / name)
    with bulkhead:
        connection = psycopg.connect(host="localhost", port=bulkhead.port, user="acme_app", password="acme-secret",
                                     dbname=harness.DATABASE, sslmode="verify-full", sslrootcert=directory / "ca.crt",
                                     channel_binding="require")
        assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(1,)]
        connection.close()
        assert under_tls(secure) == {"t"}
