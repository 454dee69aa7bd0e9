"""The doors: TCP and Unix sockets, and what is asked at them before a login."""

import os
import struct
import subprocess

import psycopg
import pytest

import harness
import wire

SSL_REQUEST, GSS_REQUEST = 80877103, 80877104


def test_a_unix_socket(proxied):
    where = {"host": str(proxied.bulkhead.socket_dir)}
    with proxied.psycopg(**where) as connection:
        assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(1,)]
    with pytest.raises(psycopg.OperationalError):
        proxied.psycopg(**where, password="wrong")


def test_the_socket_file_goes_with_the_proxy(own_proxy):
    target = own_proxy()
    path = target.bulkhead.socket_dir / f".s.PGSQL.{target.bulkhead.port}"
    assert path.is_socket()
    target.bulkhead.stop()
    assert not path.exists()


@pytest.mark.parametrize("code", [SSL_REQUEST, GSS_REQUEST])
def test_encryption_requests_are_declined(proxied, code):
    connection = wire.Wire(proxied, login=False)
    connection.socket.sendall(struct.pack("!ii", 8, code))
    assert connection.socket.recv(10) == b"N"
    where = proxied.keywords()
    connection.start(where["password"], {"user": where["user"], "database": where["dbname"]})
    assert connection.rows("SELECT 1") == [[b"1"]]


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
def test_modes_that_can_do_without_tls(proxied, mode):
    with proxied.psycopg(sslmode=mode) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("mode", ["require", "verify-full"])
def test_modes_that_cannot(proxied, mode):
    done = subprocess.run(["psql", "-X", "-c", "SELECT 1"], env=proxied.environment(sslmode=mode), capture_output=True,
                          text=True, check=False)
    assert done.returncode == 2 and ("does not support SSL" in done.stderr or "root certificate" in done.stderr), done.stderr


def test_a_taken_port_is_an_error_that_says_so(proxied, scratch, postgres):
    config = harness.shop_config(postgres, listen=[{"address": f"127.0.0.1:{proxied.bulkhead.port}"}])
    path = scratch.path / "taken.yaml"
    path.write_text(harness.to_yaml({"version": 1, **config}))
    done = subprocess.run([proxied.bulkhead.binary, "run", "--config", str(path)], capture_output=True, text=True,
                          timeout=20, check=False, env=os.environ)
    assert done.returncode not in (0, None) and str(proxied.bulkhead.port) in done.stdout + done.stderr
