"""A CancelRequest stops the query it was meant for, and no other."""

import threading
import time

import psycopg2
import pytest

import wire
from harness import wait_until
from relay import CancelGate

SLEEP = "SELECT pg_sleep(60)"


def sleeping(postgres, count=1):
    """Waits until that many sleeps run on the server."""
    wait_until(lambda: int(postgres.psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")) == count, 20,
               f"{count} queries asleep")


def test_a_driver_s_cancel(target, postgres):
    connection = target.psycopg2()
    caught = []

    def run():
        with pytest.raises(psycopg2.errors.QueryCanceled) as error:
            connection.cursor().execute(SLEEP)
        caught.append(error.value)

    thread = threading.Thread(target=run)
    thread.start()
    sleeping(postgres)
    connection.cancel()
    thread.join(20)
    assert caught and caught[0].pgcode == "57014"
    cursor = connection.cursor()
    cursor.execute("SELECT 1")
    assert cursor.fetchone() == (1,)
    connection.close()


def test_a_wrong_secret_cancels_nothing(proxied, postgres):
    with wire.Wire(proxied) as connection:
        connection.send(wire.query("SELECT 'slept', pg_sleep(1.5)"))
        sleeping(postgres)
        process, secret = connection.key
        for key in ((process, secret ^ 1), (process + 1, secret), (0, 0), (-1, -1)):
            wire.cancel(proxied, key)
        assert wire.kinds(connection.until(b"Z")) == "TDCZ"


def test_an_idle_client_s_cancel_does_not_hit_who_has_its_connection_now(own_proxy, postgres):
    target = own_proxy(pool={"mode": "transaction", "size": 1})
    with wire.Wire(target) as idle, wire.Wire(target) as busy:
        assert idle.rows("SELECT 1") == [[b"1"]]  # on the one connection there is
        busy.send(wire.query("SELECT 'slept', pg_sleep(2)"))
        sleeping(postgres)
        for _ in range(10):
            wire.cancel(target, idle.key)
        assert wire.kinds(busy.until(b"Z")) == "TDCZ"


def test_only_the_query_meant_is_cancelled(proxied, postgres):
    with wire.Wire(proxied) as one, wire.Wire(proxied) as same_tenant, wire.Wire(proxied, "globex") as other_tenant:
        one.send(wire.query(SLEEP))
        for connection in (same_tenant, other_tenant):
            connection.send(wire.query("SELECT 'slept', pg_sleep(2)"))
        sleeping(postgres, 3)
        wire.cancel(proxied, one.key)
        assert wire.error(one.until(b"Z"))["C"] == "57014"
        for connection in (same_tenant, other_tenant):
            assert wire.kinds(connection.until(b"Z")) == "TDCZ"


def test_a_client_waiting_in_the_queue_can_be_cancelled(own_proxy, postgres):
    target = own_proxy(pool={"mode": "transaction", "size": 1})
    with wire.Wire(target) as busy, wire.Wire(target) as queued:
        busy.send(wire.query("SELECT 'slept', pg_sleep(3)"))
        sleeping(postgres)
        queued.send(wire.query("SELECT 'too late'"))
        began = time.monotonic()
        answered = []

        def listen():
            answered.extend(queued.until(b"Z"))

        thread = threading.Thread(target=listen)
        thread.start()
        while thread.is_alive() and time.monotonic() - began < 2:
            wire.cancel(target, queued.key)  # the first may come before the query is in the queue
            thread.join(0.05)
        assert answered and wire.error(answered)["C"] == "57014"
        assert wire.kinds(busy.until(b"Z")) == "TDCZ"
        assert queued.rows("SELECT 1") == [[b"1"]]


def test_a_storm_of_cancels_hits_nobody_else(own_proxy):
    """One server connection, a victim that cancels all the time, and a bystander who must never see 57014."""
    target = own_proxy(pool={"mode": "transaction", "size": 1})
    with wire.Wire(target) as victim, wire.Wire(target) as bystander:
        stop = threading.Event()

        def storm():
            while not stop.is_set():
                wire.cancel(target, victim.key)

        def suffer():
            while not stop.is_set():
                victim.ask(wire.query("SELECT pg_sleep(0.002)"))

        threads = [threading.Thread(target=storm), threading.Thread(target=suffer)]
        for thread in threads:
            thread.start()
        try:
            for i in range(300):
                assert bystander.rows(f"SELECT {i}, pg_sleep(0.001) IS NULL")[0][0] == str(i).encode()
        finally:
            stop.set()
            for thread in threads:
                thread.join(20)


def test_a_flood_of_cancels_is_one_for_the_server(own_proxy, postgres):
    with CancelGate(postgres.port) as gate, wire.Wire(target := own_proxy(gate)) as client:
        client.send(wire.query(SLEEP))
        sleeping(postgres)
        for _ in range(200):
            wire.cancel(target, client.key)
        gate.open()
        assert wire.error(client.until(b"Z"))["C"] == "57014"
        assert client.rows("SELECT 1") == [[b"1"]]
        assert gate.cancels <= 2, "one, and one more for those that came while it was under way"


def test_a_cancel_asked_for_again_is_sent_again(own_proxy, postgres):
    """The first may have come to nothing; a statement may have caught it."""
    with CancelGate(postgres.port, lost=1) as gate, wire.Wire(target := own_proxy(gate)) as client:
        client.send(wire.query(SLEEP))
        sleeping(postgres)
        for _ in range(2):
            wire.cancel(target, client.key)
        gate.open()
        assert wire.error(client.until(b"Z"))["C"] == "57014"


def test_a_cancel_that_is_late_meets_nothing_of_what_follows(own_proxy, postgres):
    """The client stays on its connection, and its next statement waits until the signal has gone out."""
    with CancelGate(postgres.port) as gate, wire.Wire(target := own_proxy(gate)) as client:
        client.rows("BEGIN")
        client.send(wire.query("SELECT pg_sleep(1)"))
        sleeping(postgres)
        wire.cancel(target, client.key)
        wait_until(lambda: gate.cancels == 1, 20, "the request")
        assert wire.kinds(client.until(b"Z")) == "TDCZ"
        client.send(wire.query("SELECT 'slept', pg_sleep(1)"))
        gate.open()
        assert wire.kinds(client.until(b"Z")) == "TDCZ"


def test_cancels_beside_hidden_settings_end_no_session(own_proxy):
    """One server connection for two clients with settings of their own: each statement comes behind a SET of the proxy's."""
    target = own_proxy(pool={"mode": "transaction", "size": 1})
    with wire.Wire(target, timezone="Asia/Tokyo") as victim, wire.Wire(target, timezone="Europe/Berlin") as bystander:
        stop = threading.Event()
        cancelled = []

        def storm():
            while not stop.is_set():
                wire.cancel(target, victim.key)

        def suffer():
            while not stop.is_set():
                for sql in ("BEGIN; SET work_mem = '2MB'", "SELECT pg_sleep(0.002)", "ROLLBACK", "SELECT pg_advisory_lock(5)",
                            "RESET timezone", "SELECT pg_advisory_unlock_all()"):
                    cancelled.extend(wire.fields(body) for kind, body in victim.ask(wire.query(sql)) if kind == b"E")

        threads = [threading.Thread(target=work) for work in (storm, storm, suffer)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(150):
                assert bystander.rows("SHOW timezone") == [[b"Europe/Berlin"]]
            wait_until(lambda: len(cancelled) > 20 or not threads[2].is_alive(), 30, "some to be cancelled")
            assert threads[2].is_alive(), "the victim's session goes on"
        finally:
            stop.set()
            for thread in threads:
                thread.join(20)
        assert all(error["S"] == "ERROR" for error in cancelled)
        assert {error["C"] for error in cancelled} <= {"57014", "25P02"}
        victim.ask(wire.query("ROLLBACK"))
        assert victim.rows("SHOW timezone") == [[b"Asia/Tokyo"]]
