"""Several hosts: which of them a server's connections go to, and what becomes of them when one fails or changes its part."""

import contextlib
import shutil
import signal
import socket
import subprocess
import threading
import time

import psycopg
import pytest

import harness
from harness import sqlstate, wait_until
from relay import Relay, Tap
from throwaway import Standby


@pytest.fixture(scope="module")
def pair(postgres, scratch):
    """(primary, standby), streaming; the tests leave them as they were."""
    with Standby(postgres, scratch, name="standby") as standby:
        standby.catch_up()
        yield postgres, standby


@pytest.fixture
def own_pair(scratch):
    """Of the test's own, to do with as it likes."""
    number = harness_number(scratch)
    with harness.Postgres(scratch, name=f"primary{number}") as primary:
        harness.create_shop(primary)
        with Standby(primary, scratch, name=f"standby{number}") as standby:
            standby.catch_up()
            yield primary, standby


def harness_number(scratch):
    scratch.pairs = getattr(scratch, "pairs", 0) + 1
    return scratch.pairs


def servers(hosts, **changes):
    """The configuration's servers: hosts are ports of 127.0.0.1, or texts."""
    named = [host if isinstance(host, str) else f"127.0.0.1:{host}" for host in hosts]
    login = {"user": "app_rw", "password": harness.PASSWORD}
    return {"main": {"hosts": named, "database": harness.DATABASE, "login": login, "connect_timeout": "2s", **changes}}


def port_of(connection):
    return connection.execute("SELECT inet_server_port()").fetchone()[0]


def ask(target, what="SELECT inet_server_port()"):
    with target.psycopg() as connection:
        return connection.execute(what).fetchone()[0]


def eventually(target, port, seconds=20):
    """Statements get to that port; they may fail until they do."""

    def there():
        with contextlib.suppress(psycopg.Error):
            return ask(target) == port
        return False

    wait_until(there, seconds, lambda: f"statements at port {port}\n{target.bulkhead.log_tail()}")


@pytest.mark.parametrize("standby_first", [False, True])
@pytest.mark.parametrize("wanted, goes_to", [("any", "first"), ("primary", "primary"), ("standby", "standby"),
                                             ("prefer-standby", "standby"), ("read-write", "primary"), ("read-only", "standby")])
def test_the_target(own_proxy, pair, standby_first, wanted, goes_to):
    primary, standby = pair
    hosts = [primary.port, standby.port][::-1 if standby_first else 1]
    target = own_proxy(servers=servers(hosts, target=wanted))
    port = {"first": hosts[0], "primary": primary.port, "standby": standby.port}[goes_to]
    eventually(target, port)
    clients = [target.psycopg(autocommit=False) for _ in range(3)]
    assert {port_of(client) for client in clients} == {port}
    for client in clients:
        client.close()


@pytest.mark.parametrize("wanted, lacks", [("primary", "is a standby, and the target is the primary"),
                                           ("read-write", "is read-only, and the target is read-write")])
def test_no_host_will_do(own_proxy, pair, wanted, lacks):
    target = own_proxy(servers=servers([pair[1].port], target=wanted))
    with pytest.raises(psycopg.OperationalError, match="cannot be reached"):
        ask(target)
    assert lacks in target.bulkhead.log()


@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_a_standby_is_read_through_bulkhead(own_proxy, pair, mode):
    target = own_proxy(servers=servers([pair[1].port], target="standby"), pool={"mode": mode, "size": 2})
    eventually(target, pair[1].port)
    for _ in range(3):
        with target.psycopg() as connection:
            connection.execute("SET timezone = 'Europe/Paris'")
            assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(1,)]
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                connection.execute("UPDATE orders SET note = note WHERE id = 1")
    with target.psycopg("globex") as connection:
        assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(2,)]


def test_prefer_standby_takes_the_primary_for_want_of_one(own_proxy, pair, scratch):
    nobody = harness.free_port()
    target = own_proxy(servers=servers([nobody, pair[0].port], target="prefer-standby"))
    eventually(target, pair[0].port)


def test_what_is_not_the_target_any_more_is_closed_when_it_is_given_back(own_proxy, pair):
    """A primary whose configuration makes it read-only, as it is done before a switch-over."""
    primary, standby = pair
    target = own_proxy(servers=servers([primary.port, standby.port], target="read-write"))
    eventually(target, primary.port)
    inside, *others = [target.psycopg(autocommit=False) for _ in range(4)]
    assert {port_of(client) for client in (inside, *others)} == {primary.port}
    for client in others:
        client.commit()
    outside = others[0]
    outside.autocommit = True
    assert pools_of(primary) == 4
    try:
        primary.psql("ALTER SYSTEM SET default_transaction_read_only = on; SELECT pg_reload_conf()")
        # A server process reads its configuration with the next message, so which statement is the first to tell is open.
        wait_until(lambda: port_of_any(outside) != primary.port, 20, target.bulkhead.log_tail)
        wait_until(lambda: pools_of(primary) == 1, 20, lambda: f"only the one in a transaction is left\n{target.bulkhead.log_tail()}")
        assert port_of(inside) == primary.port
        inside.commit()
        wait_until(lambda: pools_of(primary) == 0, 20, lambda: f"nothing is left\n{target.bulkhead.log_tail()}")
    finally:
        primary.psql("ALTER SYSTEM RESET default_transaction_read_only; SELECT pg_reload_conf()")
    eventually(target, primary.port)
    for client in (inside, *others):
        client.close()


def port_of_any(connection):
    """None: of no host."""
    with contextlib.suppress(psycopg.Error):
        return port_of(connection)
    return None


def pools_of(postgres):
    """Connections of pools: the one that reads the catalogue asks nobody's rows."""
    return int(postgres.psql(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app_rw' AND query NOT LIKE '%pg_has_role%'"))


def test_a_client_s_own_default_does_not_close_the_connection(own_proxy, pair):
    target = own_proxy(servers=servers([pair[0].port], target="read-write"), pool={"mode": "transaction", "size": 1})
    eventually(target, pair[0].port)
    with target.psycopg() as connection:
        pid = connection.execute("SELECT pg_backend_pid()").fetchone()
        connection.execute("SET default_transaction_read_only = on")
        assert connection.execute("SELECT pg_backend_pid()").fetchone() == pid
    with target.psycopg() as connection:
        assert connection.execute("SELECT pg_backend_pid()").fetchone() == pid
        connection.execute("UPDATE orders SET note = note WHERE id = 1")


def test_failover(own_proxy, own_pair):
    """The primary dies and the standby is promoted; what was a standby's connection is closed by then, for the target is another."""
    primary, standby = own_pair
    hosts = [primary.port, standby.port]
    target = own_proxy(servers=servers(hosts, target="primary"))
    reader = own_proxy(servers=servers(hosts, target="standby"))
    eventually(target, primary.port)
    eventually(reader, standby.port)
    open_ = reader.psycopg(autocommit=False)
    assert port_of(open_) == standby.port
    primary.stop(signal.SIGQUIT)
    with pytest.raises(psycopg.Error):
        ask(target)
    standby.promote()
    eventually(target, standby.port)
    with target.psycopg() as connection:
        connection.execute("UPDATE orders SET note = note WHERE id = 1")
    assert port_of(open_) == standby.port, "a transaction ends where it has begun"
    open_.commit()
    with pytest.raises(psycopg.Error) as caught:
        open_.execute("SELECT 1 FROM orders")
    assert sqlstate(caught.value) == "57P03"
    open_.close()


def test_a_host_that_fails_gives_way_to_the_next_and_comes_back(own_proxy, own_pair):
    primary, standby = own_pair
    target = own_proxy(servers=servers([primary.port, standby.port], target="any"))
    eventually(target, primary.port)
    primary.stop(signal.SIGQUIT)
    eventually(target, standby.port)
    primary.start()
    standby.stop()
    eventually(target, primary.port)


class Silent(Relay):
    """Takes connections and says nothing, as a host does that is not there any more."""

    def __init__(self):
        super().__init__()
        self.count, self._over = 0, threading.Event()

    def handle(self, connection):
        self.count += 1
        self._over.wait(60)

    def __exit__(self, *what):
        self._over.set()
        super().__exit__(*what)


def test_a_host_that_does_not_answer_is_not_waited_for_each_time(own_proxy, postgres):
    """Whoever opened a connection would wait for connect_timeout before the next host; so one does now and then."""
    with Silent() as silent:
        target = own_proxy(servers=servers([silent.port, postgres.port], connect_timeout="2s"), pool={"mode": "transaction", "size": 30})
        eventually(target, postgres.port)
        before, began = silent.count, time.monotonic()
        clients = [target.psycopg(autocommit=False) for _ in range(20)]
        assert {port_of(client) for client in clients} == {postgres.port}
        took = time.monotonic() - began
        for client in clients:
            client.close()
        # Pauses of half a second and longer, none of which a client's connection has to wait for with others at hand.
        assert silent.count - before <= 1 + took / 0.4, (silent.count - before, took)
        assert silent.count - before < 10


NAMESPACE = ["unshare", "--mount", "--propagation", "private"]


@pytest.fixture
def hosts_file(scratch):
    """An /etc/hosts for one process alone, to write to; what runs it is in `.wrapper`."""
    program = [*NAMESPACE, "true"]
    if not shutil.which("unshare") or subprocess.run(program, capture_output=True, check=False).returncode:
        pytest.skip("needs a mount namespace")
    path = scratch.path / "hosts"
    path.write_text("")

    class Hosts:
        wrapper = scratch.path / "with-hosts"

        @staticmethod
        def say(*addresses):
            path.write_text("127.0.0.1 localhost\n" + "".join(f"{address} db.bulkhead.test\n" for address in addresses))

    Hosts.wrapper.write_text(
        f"#!/bin/sh\nexec {' '.join(NAMESPACE)} sh -c 'mount --bind {path} /etc/hosts && exec \"$@\"' sh {harness.find_bulkhead()} \"$@\"\n")
    Hosts.wrapper.chmod(0o755)
    return Hosts


def relay_at(address, port, to):
    """Like a Tap, but at an address of its own."""
    tap = Tap(to)
    tap._listener.close()
    tap._listener = socket.create_server((address, port))
    tap.port = tap._listener.getsockname()[1]
    return tap


def test_a_name_is_resolved_for_each_connection(scratch, postgres, hosts_file):
    """The addresses are relays to one PostgreSQL, which tell who was connected to."""
    with relay_at("127.0.0.2", 0, postgres.port) as old, relay_at("127.0.0.3", old.port, postgres.port) as new:
        hosts_file.say("127.0.0.2")
        config = harness.shop_config(postgres, servers=servers([f"db.bulkhead.test:{old.port}"]))
        with harness.Bulkhead(scratch, config, name="resolving", binary=str(hosts_file.wrapper)) as bulkhead:
            target = harness.Proxied(bulkhead)
            assert ask(target, "SELECT DISTINCT org_id FROM orders") == 1
            assert len(old.beginnings) == 2 and not new.beginnings  # the catalogue's, and one of the pool
            hosts_file.say("127.0.0.3")
            with target.psycopg(autocommit=False) as first, target.psycopg(autocommit=False) as second:
                first.execute("SELECT 1 FROM orders")
                second.execute("SELECT 1 FROM orders")
                assert (len(old.beginnings), len(new.beginnings)) == (2, 1), "the connection there is stays"


def test_each_address_of_a_name_is_tried(scratch, pair, hosts_file):
    """One name for all hosts, as many set it up; the target picks among its addresses."""
    primary, standby = pair
    with relay_at("127.0.0.2", 0, standby.port) as first, relay_at("127.0.0.3", first.port, primary.port) as second:
        hosts_file.say("127.0.0.2", "127.0.0.3")
        for wanted, port in (("primary", primary.port), ("standby", standby.port)):
            config = harness.shop_config(primary, servers=servers([f"db.bulkhead.test:{second.port}"], target=wanted))
            with harness.Bulkhead(scratch, config, name=f"addresses-{wanted}", binary=str(hosts_file.wrapper)) as bulkhead:
                assert ask(harness.Proxied(bulkhead)) == port


def test_a_host_without_room_is_waited_for_though_another_is_not_the_target(own_proxy, own_pair):
    primary, standby = own_pair
    target = own_proxy(servers=servers([primary.port, standby.port], target="primary"))
    eventually(target, primary.port)
    with target.psycopg("globex") as waits, target.psycopg(autocommit=False) as open_:
        open_.execute("SELECT 1 FROM orders")
        pid = waits.execute("SELECT pg_backend_pid()").fetchone()[0]
        primary.psql(f"ALTER ROLE app_rw CONNECTION LIMIT 2; SELECT pg_terminate_backend({pid})")
        wait_until(lambda: "idle server connection lost" in target.bulkhead.log(), 10, target.bulkhead.log_tail)
        got = []
        thread = threading.Thread(target=lambda: got.append(port_of(waits)))
        thread.start()
        wait_until(lambda: "too many connections" in target.bulkhead.log(), 10, target.bulkhead.log_tail)
        primary.psql("ALTER ROLE app_rw CONNECTION LIMIT -1")
        thread.join(20)
        assert got == [primary.port], target.bulkhead.log_tail()
