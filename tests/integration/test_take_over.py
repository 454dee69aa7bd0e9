"""A new process takes the places of one that is running: `bulkhead run --take-over`. No client notices."""

import contextlib
import itertools
import os
import pathlib
import signal
import socket
import subprocess
import threading

import psycopg
import pytest

import harness
import wire
from harness import wait_until
from relay import Relay, pump


class Successor(harness.Bulkhead):
    """The process that comes after `before`: the same configuration, unless it is given another one."""

    def __init__(self, scratch, before, name, config=None):
        text = before.config_path.read_text() if config is None else harness.to_yaml(
            {"version": 1, "listen": [{"address": f"127.0.0.1:{before.port}"}, {"unix": str(before.socket_dir), "port": before.port}], **config})
        super().__init__(scratch, text, name=name, arguments=("--take-over",))
        self.port, self.socket_dir = before.port, before.socket_dir

    def start(self, listens=True):
        super().start()  # who answers may be the one before
        if listens:
            wait_until(lambda: self.log().count(" listening ") == 2, 20, self.log_tail)
        return self


@pytest.fixture
def after(scratch):
    """after(BEFORE) is its successor, running, and ended at the end."""
    started = []

    def start(before, config=None, **how):
        started.append(Successor(scratch, before, f"after{harness_number(scratch)}", config))
        return started[-1].start(**how)

    yield start
    statuses = [(b.stop(signal.SIGINT), b.log_tail()) for b in started]
    assert all(status == 0 for status, _ in statuses), statuses


def harness_number(scratch):
    scratch.takeovers = getattr(scratch, "takeovers", 0) + 1
    return scratch.takeovers


def socket_file(bulkhead):
    return bulkhead.socket_dir / f".s.PGSQL.{bulkhead.port}"


def logins(bulkhead):
    return bulkhead.log().count(" login ")


def test_no_client_notices(own_proxy, after):
    """Clients come and go by TCP and by the Unix socket, and others are within a transaction, while one process after another
    takes over."""
    target = own_proxy(pool={"mode": "transaction", "size": 8})
    now = target.bulkhead
    stop, errors, count = threading.Event(), [], itertools.count()

    def work(keywords):
        while not stop.is_set():
            try:
                with psycopg.connect(**keywords) as connection:
                    assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(1,)]
                    connection.execute("UPDATE orders SET note = note WHERE id = 1")
                next(count)
            except Exception as error:  # noqa: BLE001
                errors.append(repr(error))
                return

    def knock(address):
        """No login, only that whoever has connected is answered: many more of these fit into the moment that matters."""
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        while not stop.is_set():
            try:
                with socket.socket(family) as client:
                    client.connect(address)
                    client.sendall(bytes([0, 0, 0, 8, 4, 210, 22, 47]))
                    assert client.recv(1) == b"N"
                next(count)
            except Exception as error:  # noqa: BLE001
                errors.append(repr(error))
                return

    places = [target.keywords(), target.keywords(host=str(now.socket_dir))]
    threads = [threading.Thread(target=work, args=(place,)) for place in places]
    threads += [threading.Thread(target=knock, args=(at,)) for at in (("127.0.0.1", now.port), str(socket_file(now)))]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            with contextlib.ExitStack() as stack:
                inside = [stack.enter_context(psycopg.connect(**place)) for place in places]
                for connection in inside:
                    connection.execute("SELECT count(*) FROM orders")
                successor = after(now)
                now.send_signal(signal.SIGTERM)
                wait_until(lambda: " draining " in now.log(), 10, now.log_tail)
                so_far = next(count)
                wait_until(lambda: next(count) > so_far + 50 or errors, 20, lambda: f"{errors}")
                for connection in inside:
                    assert now.alive()
                    assert connection.execute("SELECT count(*) FROM orders").fetchone() == (16,)
            assert now.stop() == 0
            wait_until(lambda: logins(successor) > 0 or errors, 20, successor.log_tail)
            assert not errors
            now = successor
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
    assert not errors


def test_from_the_first_moment_on_clients_come_to_the_new_one(own_proxy, after):
    before = own_proxy().bulkhead
    successor = after(before)
    had = logins(before)
    for host in ("127.0.0.1", str(before.socket_dir)):
        for _ in range(20):
            with harness.Proxied(before).psycopg(host=host) as connection:
                connection.execute("SELECT 1")
    assert (logins(before), logins(successor)) == (had, 40)


def test_the_socket_file_stays_with_the_new_one(own_proxy, after):
    before = own_proxy().bulkhead
    wait_until(socket_file(before).exists, 10, before.log_tail)
    first = os.stat(socket_file(before)).st_ino
    successor = after(before)
    second = os.stat(socket_file(before))
    assert second.st_ino != first and second.st_mode & 0o777 == 0o777
    assert before.stop() == 0
    assert os.stat(socket_file(before)).st_ino == second.st_ino
    with harness.Proxied(successor).psycopg(host=str(before.socket_dir)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert successor.stop() == 0
    assert list(pathlib.Path(before.socket_dir).iterdir()) == []


@pytest.mark.parametrize("place", ["address", "unix"])
def test_without_being_told_nobody_takes_over(own_proxy, scratch, postgres, place):
    before = own_proxy().bulkhead
    listen = {"address": f"127.0.0.1:{before.port}"} if place == "address" else {"unix": str(before.socket_dir), "port": before.port}
    path = scratch.path / f"{place}-again.yaml"
    path.write_text(harness.to_yaml({"version": 1, "listen": [listen], **harness.shop_config(postgres)}))
    done = subprocess.run([before.binary, "run", "--config", str(path)], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2 and "already in use" in done.stderr
    with harness.Proxied(before).psycopg(host="127.0.0.1" if place == "address" else str(before.socket_dir)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_port_that_is_not_shared_cannot_be_taken_over(own_proxy, scratch, postgres):
    with socket.create_server(("127.0.0.1", 0)) as other:
        path = scratch.path / "stranger.yaml"
        path.write_text(harness.to_yaml({"version": 1, "listen": [{"address": f"127.0.0.1:{other.getsockname()[1]}"}],
                                         **harness.shop_config(postgres)}))
        done = subprocess.run([harness.find_bulkhead(), "run", "--take-over", "--config", str(path)], capture_output=True,
                              text=True, timeout=20, check=False)
    assert done.returncode == 2 and "already in use" in done.stderr


class Closed(Relay):
    """Lets nobody through to PostgreSQL before open()."""

    def __init__(self, port):
        super().__init__()
        self._to, self._opened, self.seen = port, threading.Event(), threading.Event()

    def open(self):
        self._opened.set()

    def handle(self, connection):
        self.seen.set()
        self._opened.wait(20)
        with socket.create_connection(("127.0.0.1", self._to)) as server:
            there = threading.Thread(target=pump, args=(connection, server))
            there.start()
            pump(server, connection)
            there.join(10)


def test_it_takes_over_when_it_has_looked_at_its_servers(own_proxy, after, postgres):
    """Before that it would refuse statements that the one before serves."""
    before = own_proxy().bulkhead
    with Closed(postgres.port) as gate:
        config = harness.shop_config(postgres)
        config["servers"]["main"]["hosts"] = [f"127.0.0.1:{gate.port}"]
        config["servers"]["main"]["connect_timeout"] = "20s"
        successor = after(before, config, listens=False)
        assert gate.seen.wait(20)
        successor.send_signal(signal.SIGHUP)
        wait_until(lambda: "has not taken over yet" in successor.log(), 10, successor.log_tail)
        with harness.Proxied(before).psycopg() as connection:
            assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(1,)]
        assert logins(successor) == 0 and " listening " not in successor.log()
        gate.open()
        wait_until(lambda: successor.log().count(" listening ") == 2, 20, successor.log_tail)
        with harness.Proxied(before).psycopg() as connection:
            assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(1,)]
        assert logins(successor) == 1
        assert successor.stop(signal.SIGINT) == 0


def test_who_is_logging_in_when_the_old_one_drains_gets_in(own_proxy, after):
    target = own_proxy()
    before = target.bulkhead
    late = wire.Wire(target, login=False)
    late.socket.sendall(bytes([0, 0, 0, 8, 4, 210, 22, 47]))
    assert late.socket.recv(1) == b"N"
    after(before)
    before.send_signal(signal.SIGTERM)
    wait_until(lambda: " draining " in before.log(), 10, before.log_tail)
    where = target.keywords()
    late.start(where["password"], {"user": where["user"], "database": where["dbname"]})
    assert late.rows("SELECT 1") == [[b"1"]]
    assert before.alive()
    late.socket.close()
    assert before.stop() == 0
