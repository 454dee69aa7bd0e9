"""What one client or tenant may take up, and that the others keep theirs."""

import contextlib
import select
import socket
import struct
import threading
import time

import pytest

import wire
from harness import wait_until
from wire import SYNC, Wire, bind, execute, parse, query

MEBIBYTE = 1 << 20


def header(kind, length):
    """The beginning of a message with a body of that length."""
    return kind + struct.pack("!i", length + 4)


def long_bind(size):
    return [parse("SELECT length($1::text)"), bind(b"x" * size), execute(), SYNC]


def half_of(message, size):
    """A message that stops in the middle of its body, and what is still to come."""
    kind, body = message
    return header(kind, len(body)) + body[:size], body[size:]


def refused(connection):
    """The error before the connection ends."""
    with pytest.raises((wire.Closed, ConnectionError)):
        while True:
            kind, body = connection.receive()
            if kind == b"E":
                found = wire.fields(body)
    return found


# Clients -------------------------------------------------------------------------------------------------------------------

def test_one_tenant_s_clients_keep_no_other_out(own_proxy):
    target = own_proxy(limits={"clients": 10, "clients_per_tenant": 6},
                       tenants={"acme": {"org": 1}, "globex": {"org": 2, "limits": {"clients": 2}}, "initech": {"org": 3}})
    with contextlib.ExitStack() as stack:
        for tenant, most in (("acme", 6), ("globex", 2)):
            for _ in range(most):
                stack.enter_context(Wire(target, tenant))
            with pytest.raises(wire.LoginRefused) as caught:
                Wire(target, tenant)
            assert caught.value.fields["C"] == "53300" and "clients_per_tenant" in caught.value.fields["H"]
        with target.psycopg("initech") as other:
            assert other.execute("SELECT 1").fetchone() == (1,)
    wait_until(lambda: can_log_in(target, "globex"), 10, "room after the clients have left")


def test_who_is_busy_is_told_to_its_own_clients_only(own_proxy):
    target = own_proxy(limits={"clients_per_tenant": 1})
    with Wire(target):
        with pytest.raises(wire.LoginRefused) as caught:
            Wire(target, password="wrong")
        assert caught.value.fields["C"] == "28P01"


def can_log_in(target, tenant="acme"):
    try:
        Wire(target, tenant).close()
        return True
    except (wire.LoginRefused, wire.Closed):
        return False


def test_half_logins_from_one_address_leave_the_others_theirs(own_proxy):
    """A login that takes its time, from 127.0.0.1, while 127.0.0.2 opens one connection after the other."""
    target = own_proxy(limits={"login_timeout": "1m"})
    port = target.keywords()["port"]
    slow = Wire(target, login=False)
    with contextlib.ExitStack() as stack:
        flood = []
        for _ in range(450):
            flood.append(stack.enter_context(socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0))))
        for half in flood[:240]:  # those beyond the 200 places have been closed, whatever is still in the backlog
            half.settimeout(20)
            assert half.recv(1) == b""
        where = target.keywords()
        slow.start(where["password"], {"user": where["user"], "database": where["dbname"]})
        assert slow.rows("SELECT 1") == [[b"1"]]
    slow.close()


# Long messages ---------------------------------------------------------------------------------------------------------------

def test_half_messages_of_many_clients_are_held_within_a_budget(own_proxy):
    target = own_proxy(limits={"message_memory_per_tenant": "64MiB", "message_size": "60MiB", "queue_timeout": "60s"})
    before = target.bulkhead.rss()
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            connection = stack.enter_context(Wire(target))
            connection.socket.settimeout(0.05)
            first, rest = half_of(bind(b"x" * (20 * MEBIBYTE)), 0)
            with contextlib.suppress(TimeoutError):
                connection.socket.sendall(first + rest[:15 * MEBIBYTE])
        grown = target.bulkhead.rss() - before
        assert grown < 90 * MEBIBYTE, f"{grown} bytes for 50 half messages"
        with target.psycopg() as same, target.psycopg("globex") as other:
            assert same.execute("SELECT 1").fetchone() == other.execute("SELECT 1").fetchone() == (1,)
            assert other.execute("SELECT length(%s)", ["x" * 5 * MEBIBYTE]).fetchone() == (5 * MEBIBYTE,), "another's budget"


def test_long_messages_take_turns(own_proxy):
    """Twelve clients with 3 MiB each through room for one at a time."""
    target = own_proxy(limits={"message_memory_per_tenant": "4MiB", "message_size": "4MiB", "queue_timeout": "60s"})
    answers = []

    def work():
        with Wire(target) as connection:
            for _ in range(3):
                answers.append([wire.row(b) for k, b in connection.ask(*long_bind(3 * MEBIBYTE)) if k == b"D"])

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert answers == [[[str(3 * MEBIBYTE).encode()]]] * 36


def test_who_gets_no_room_is_refused_and_goes_on(own_proxy):
    target = own_proxy(limits={"message_memory_per_tenant": "4MiB", "message_size": "4MiB", "queue_timeout": "1s"})
    with Wire(target) as holder, Wire(target) as waiting:
        first, rest = half_of(bind(b"x" * 3 * MEBIBYTE), 1000)
        holder.send(parse("SELECT length($1::text)"))
        holder.socket.sendall(first)
        answers = waiting.ask(*long_bind(3 * MEBIBYTE))
        while wire.kinds(answers).endswith("CZ"):  # the proxy has not yet come to read of what the holder sent
            answers = waiting.ask(*long_bind(3 * MEBIBYTE))
        assert wire.kinds(answers)[-2:] == "EZ" and wire.error(answers)["C"] == "53200"
        assert waiting.rows("SELECT 1") == [[b"1"]]
        holder.socket.sendall(rest)
        answers = holder.ask(execute(), SYNC)
        assert wire.kinds(answers) == "12DCZ"
        assert wire.kinds(waiting.ask(*long_bind(3 * MEBIBYTE))) == "12DCZ", "and the room is free again"


def test_a_message_that_does_not_go_on_ends_its_connection(own_proxy):
    target = own_proxy(limits={"message_timeout": "1s", "message_memory_per_tenant": "4MiB", "message_size": "4MiB"})
    pieces = [b"Q", header(b"Q", 100), header(b"B", 3 * MEBIBYTE) + b"x" * 100_000]
    with contextlib.ExitStack() as stack:
        halves = [stack.enter_context(Wire(target)) for _ in pieces]
        inside = stack.enter_context(Wire(target))
        inside.ask(query("BEGIN; SELECT * FROM users FOR UPDATE"))
        for half, piece in zip(halves + [inside], pieces + pieces[:1]):
            half.socket.sendall(piece)
        with target.psycopg() as patient:
            for half in halves + [inside]:
                assert refused(half)["C"] == "57P05"
            assert patient.execute("SELECT length(%s)", ["x" * 3 * MEBIBYTE]).fetchone() == (3 * MEBIBYTE,)


def test_a_message_that_drips_is_no_progress(own_proxy):
    target = own_proxy(limits={"message_timeout": "1s"})
    with Wire(target) as dripping:
        dripping.socket.sendall(header(b"Q", 1000))
        began = time.monotonic()
        while not select.select([dripping.socket], [], [], 0.1)[0]:
            dripping.socket.sendall(b"x")
            assert time.monotonic() - began < 10
        assert refused(dripping)["C"] == "57P05"


def test_who_waits_for_a_connection_does_not_run_out_of_time(own_proxy, postgres):
    """The time is the client's: while it waits for a server connection, none of it passes."""
    target = own_proxy(pool={"mode": "transaction", "size": 1}, limits={"message_timeout": "1s", "queue_timeout": "30s"})
    with target.psycopg() as holder, Wire(target) as waiting:
        sleeping = threading.Thread(target=lambda: holder.execute("SELECT pg_sleep(4)"))
        sleeping.start()
        busy = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(4)' AND state = 'active'"
        wait_until(lambda: postgres.psql(busy) == "1", 10, "the pool's one connection to be busy")
        waiting.send(*long_bind(MEBIBYTE))
        assert wire.kinds(waiting.until(b"Z")) == "12DCZ"
        sleeping.join()


@pytest.mark.parametrize("kind", [b"Q", b"P", b"B"])
def test_a_message_too_long_is_refused_by_its_length(own_proxy, kind):
    """Before a byte of it has come, and without holding any of it."""
    target = own_proxy(limits={"statement_size": "64KiB", "message_size": "1MiB"})
    before = target.bulkhead.rss()
    with Wire(target) as connection:
        connection.socket.sendall(header(kind, 60 * MEBIBYTE))
        answer = connection.receive()
        assert wire.error([answer])["C"] == "54000"
        for _ in range(60):
            connection.socket.sendall(b"x" * MEBIBYTE)
        if kind != b"Q":
            connection.send(SYNC)
        connection.until(b"Z")
        assert connection.rows("SELECT 1") == [[b"1"]]
        assert target.bulkhead.rss() - before < 8 * MEBIBYTE


def test_nothing_is_kept_of_a_long_message(own_proxy):
    target = own_proxy()
    with Wire(target) as connection:
        before = target.bulkhead.rss()
        for _ in range(3):
            assert wire.kinds(connection.ask(*long_bind(40 * MEBIBYTE))) == "12DCZ"
        assert target.bulkhead.rss() - before < 10 * MEBIBYTE, "an idle client costs what it did before"
