"""Names that PostgreSQL keeps outside tables: channels and advisory locks work, and tenants never meet in them."""

import itertools
import subprocess
import threading

import psycopg
import pytest
import wire
from harness import sqlstate, wait_until


def heard(connection, count=1):
    """The next notifications, once they have come."""
    return [(n.channel, n.payload) for n in itertools.islice(connection.notifies(), count)]


LONG = "a23456789b123456789c123456789d123456789e123456789f123456789g123"  # 63 bytes


@pytest.mark.parametrize("channel", ["jobs", "Jobs Ω", LONG, 'with "quotes"'])
def test_a_listener_hears_every_way_to_notify(target, channel):
    quoted = '"' + channel.replace('"', '""') + '"'
    with target.psycopg() as listener, target.psycopg() as speaker:
        listener.execute(f"LISTEN {quoted}")
        speaker.execute(f"NOTIFY {quoted}, 'one'")
        speaker.execute("SELECT pg_notify(%s, %s)", (channel, "two"))
        speaker.execute(f"SELECT pg_catalog.pg_notify({psycopg.sql.quote(channel)}, 'three')")
        speaker.execute("SELECT pg_notify(left(c, 3) || substr(c, 4), 'four') FROM (VALUES (%s::varchar)) v (c)", (channel,))
        assert heard(listener, count=4) == [(channel, word) for word in ("one", "two", "three", "four")]


def test_tenants_do_not_hear_each_other(proxied, postgres):
    with proxied.psycopg() as acme, proxied.psycopg("globex") as globex, proxied.psycopg("globex") as other:
        acme.execute("LISTEN jobs")
        globex.execute("LISTEN jobs")
        other.execute("NOTIFY jobs, 'for globex'")
        other.execute("SELECT pg_notify('jobs', 'again')")
        # Nor the database's own, and not by knowing the name on the server.
        postgres.psql("NOTIFY jobs, 'from outside'", "shop")
        on_server = postgres.psql("SELECT encode(sha224('bulkhead channel 1:1:jobs'), 'hex')")
        other.execute(f'NOTIFY "{on_server}", \'disguised\'')
        other.execute("SELECT pg_notify(%s, 'disguised')", (on_server,))
        assert heard(globex, count=2) == [("jobs", "for globex"), ("jobs", "again")]
        with proxied.psycopg() as another:
            another.execute("NOTIFY jobs, 'the last'")
        assert heard(acme) == [("jobs", "the last")]


def test_the_administrator_can_notify_a_tenant(proxied, postgres):
    """The formula of docs/policy.md, as a trigger would use it."""
    with proxied.psycopg() as listener:
        listener.execute("LISTEN jobs")
        postgres.psql("SELECT pg_notify(encode(sha224(convert_to('bulkhead channel 1:1:' || 'jobs', 'UTF8')), 'hex'), 'hello')",
                      "shop")
        assert heard(listener) == [("jobs", "hello")]


def test_a_notification_reaches_an_idle_client_at_once(target):
    with wire.Wire(target) as listener, wire.Wire(target) as speaker:
        listener.ask(wire.query("LISTEN jobs"))
        speaker.ask(wire.query("NOTIFY jobs, 'x'"))
        kind, body = listener.receive()  # nothing was asked
        assert kind == b"A" and body[4:] == b"jobs\0x\0"


def test_a_client_knows_its_own_notifications(target):
    with wire.Wire(target) as one:
        messages = one.ask(wire.query("LISTEN jobs; NOTIFY jobs"))
        own = [body for kind, body in messages if kind == b"A"]
        assert int.from_bytes(own[0][:4], "big", signed=True) == one.key[0]


def test_unlisten_gives_the_connection_back(own_proxy):
    target = own_proxy(pool={"mode": "transaction", "size": 1})
    with target.psycopg() as listener, target.psycopg() as other:
        listener.execute("LISTEN jobs")
        listener.execute("LISTEN more")
        listener.execute("UNLISTEN jobs")
        with pytest.raises(psycopg.errors.OperationalError):
            with target.psycopg(connect_timeout=2) as third:
                threading.Timer(1, third.cancel).start()
                third.execute("SELECT 1")
                pytest.fail("the only connection is the listener's")
        listener.execute("UNLISTEN *")
        assert other.execute("SELECT 1").fetchone() == (1,)
        with listener.transaction():
            listener.execute("LISTEN again")
            raise psycopg.Rollback()
        assert other.execute("SELECT 1").fetchone() == (1,)


def test_a_listener_that_leaves_leaves_nothing(own_proxy, postgres):
    target = own_proxy(pool={"mode": "transaction", "size": 1})
    with target.psycopg() as listener:
        listener.execute("LISTEN jobs")
    with target.psycopg() as other:
        got = []
        other.add_notify_handler(got.append)
        other.execute("NOTIFY jobs")
        other.execute("LISTEN elsewhere")
        other.execute("NOTIFY elsewhere")
        assert [n.channel for n in got] == ["elsewhere"]


def test_psql_shows_notifications(target):
    done = subprocess.run(["psql", "-XqAt"], input="LISTEN jobs;\nNOTIFY jobs, 'hello';\nSELECT 'done';\n", text=True,
                          capture_output=True, env=target.environment(), timeout=60)
    assert done.returncode == 0, done.stderr
    assert 'Asynchronous notification "jobs" with payload "hello" received' in done.stdout and "done" in done.stdout


@pytest.mark.parametrize("name", ["", "x" * 64])
def test_names_that_are_none(target, name):
    with target.psycopg() as connection, pytest.raises(psycopg.errors.InvalidParameterValue):
        connection.execute(f"SELECT pg_notify('{name}', 'x')")


# --- Advisory locks -----------------------------------------------------------------------------------------------------

KEYS = ["42", "-1::bigint", "1, 2", "hashtext('nightly')", "hashtextextended('x', 0)", "(SELECT min(id) FROM orders)",
        "1, hashtext('a,b')", "'7'", "9223372036854775807", "-9223372036854775808", "-2147483648, 2147483647"]


@pytest.mark.parametrize("key", KEYS)
def test_clients_of_a_tenant_meet_in_a_lock(target, key):
    with target.psycopg() as one, target.psycopg() as two:
        ask = lambda who, what: who.execute(f"SELECT {what}({key})").fetchone()[0]  # noqa: E731
        assert ask(one, "pg_try_advisory_lock") is True
        assert ask(two, "pg_try_advisory_lock") is False
        assert ask(two, "pg_try_advisory_xact_lock_shared") is False
        assert ask(one, "pg_advisory_unlock") is True
        assert ask(one, "pg_advisory_unlock") is False
        assert ask(two, "pg_try_advisory_lock_shared") is True
        assert ask(one, "pg_try_advisory_lock_shared") is True
        assert ask(one, "pg_advisory_unlock_shared") is True
        assert ask(two, "pg_advisory_unlock_shared") is True


@pytest.mark.parametrize("key", KEYS)
def test_tenants_do_not_meet_in_a_lock(proxied, postgres, key):
    with proxied.psycopg() as acme, proxied.psycopg("globex") as globex:
        assert acme.execute(f"SELECT pg_try_advisory_lock({key})").fetchone() == (True,)
        assert globex.execute(f"SELECT pg_try_advisory_lock({key})").fetchone() == (True,)
        if "SELECT" not in key:
            assert postgres.psql(f"SELECT pg_try_advisory_lock({key})", "shop") == "t"


def test_the_two_key_spaces_are_apart(target):
    with target.psycopg() as one, target.psycopg() as two:
        one.execute("SELECT pg_advisory_lock(1, 2)")
        assert two.execute(f"SELECT pg_try_advisory_lock({(1 << 32) + 2})").fetchone() == (True,)


def test_bound_keys(target):
    with target.psycopg() as one, target.psycopg() as two:
        one.execute("SELECT pg_advisory_lock(%b)", (42,), prepare=True)
        assert two.execute("SELECT pg_try_advisory_lock(%s)", (42,)).fetchone() == (False,)
        assert two.execute("SELECT pg_try_advisory_lock(%s, %s)", (4, 2), prepare=True).fetchone() == (True,)


def test_a_job_queue_hands_out_each_job_once(target):
    taken, lock = [], threading.Lock()

    def work():
        with target.psycopg(autocommit=False) as worker:
            for _ in range(4):
                row = worker.execute("SELECT id FROM orders WHERE pg_try_advisory_xact_lock(id) LIMIT 1").fetchone()
                with lock:
                    taken.append(row and row[0])
            barrier.wait(30)  # everybody holds what it has taken
            worker.commit()

    barrier = threading.Barrier(3)
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    held = {job for job in taken if job}
    assert len(taken) == 12 and len(held) >= 3


def test_a_session_lock_stays_with_its_client(own_proxy, postgres):
    """Two server connections, several clients in between: the lock is never somebody else's."""
    target = own_proxy(pool={"mode": "transaction", "size": 3})
    with target.psycopg() as holder, target.psycopg() as one, target.psycopg() as two:
        with pytest.raises(psycopg.errors.DivisionByZero):
            holder.execute("SELECT pg_advisory_lock(1), 1 / (1 - count(*)) FROM (VALUES (1)) v")  # taken all the same
        for other in (one, two, one, two):
            assert other.execute("SELECT pg_advisory_unlock(1)").fetchone() == (False,)
            assert other.execute("SELECT pg_try_advisory_lock(1)").fetchone() == (False,)
        assert holder.execute("SELECT pg_advisory_unlock(1)").fetchone() == (True,)
        assert one.execute("SELECT pg_try_advisory_lock(1)").fetchone() == (True,)
    with target.psycopg() as another:  # who leaves gives back
        wait_until(lambda: another.execute("SELECT pg_try_advisory_lock(1)").fetchone() == (True,), 10, "the lock is free")


def test_a_lock_given_back_gives_the_connection_back(own_proxy):
    target = own_proxy(pool={"mode": "transaction", "size": 1})
    with target.psycopg() as one, target.psycopg() as two:
        for _ in range(3):
            one.execute("SELECT pg_advisory_lock(1), pg_advisory_lock(1)")
            one.execute("SELECT pg_advisory_unlock(1)")
            one.execute("SELECT pg_advisory_unlock(1)")
            two.execute("SELECT pg_advisory_lock(2)")
            two.execute("SELECT pg_advisory_unlock_all()")


def test_a_cursor_closed_gives_the_connection_back(own_proxy):
    target = own_proxy(pool={"mode": "transaction", "size": 1})
    with target.psycopg() as one, target.psycopg() as two:
        one.execute("DECLARE c CURSOR WITH HOLD FOR SELECT id FROM orders")
        assert one.execute("FETCH c").fetchone()
        one.execute("CLOSE c")
        assert two.execute("SELECT 1").fetchone() == (1,)


def test_without_a_secret_locks_are_refused(own_proxy):
    target = own_proxy(tenancy={"column": "org_id", "session_variable": "app.org_id"})
    with target.psycopg() as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as refused:
            connection.execute("SELECT pg_advisory_xact_lock(1)")
        assert "lock_secret" in refused.value.diag.message_hint


@pytest.mark.parametrize("sql", [
    "SELECT (42).pg_advisory_lock", "SELECT current_query()", "SELECT * FROM pg_locks", "SELECT * FROM pg_cursors",
    "SELECT pg_listening_channels()", "SELECT pg_notification_queue_usage()",
    "SELECT pg_advisory_lock(VARIADIC ARRAY[1, 2])", "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'NOTIFY jobs'",
    "DO $$ BEGIN PERFORM pg_notify('jobs', 'x'); END $$",
    "SELECT public.pg_advisory_lock(1)"])
def test_ways_around(proxied, sql):
    with proxied.psycopg() as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute(sql)
    assert sqlstate(refused.value) in ("42501", "0A000", "42883")
