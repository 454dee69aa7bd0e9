"""What one client or tenant may take up, and that the others keep theirs."""

import contextlib
import itertools
import select
import socket
import struct
import threading
import time

import psycopg
import pytest

import wire
from harness import PASSWORD, shop_config, sqlstate, wait_until
from relay import CancelGate
from wire import FLUSH, SYNC, Wire, bind, execute, parse, query

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


# Time: statements ------------------------------------------------------------------------------------------------------------

SLEEP = "SELECT pg_sleep(60)"


def users(**limits):
    """The shop's users, acme's with limits of its own."""
    made = {f"{name}_app": {"tenant": name, "password": {"plain": PASSWORD}} for name in ("acme", "globex", "initech")}
    made["acme_app"]["limits"] = limits
    return made


def out_of_time(messages):
    found = wire.error(messages)
    return found["S"], found["C"], found["M"]


STATEMENT_TIMEOUT = ("ERROR", "57014", "canceling statement due to statement timeout")


def asleep(postgres, count=1):
    wait_until(lambda: int(postgres.psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")) == count, 20,
               f"{count} queries asleep")


@pytest.mark.parametrize("where", ["limits", "tenant", "user"])
def test_a_statement_that_runs_too_long_is_cancelled_and_the_session_goes_on(own_proxy, where):
    limits = {"statement_timeout": "300ms"}
    changes = {"limits": {"limits": limits},
               "tenant": {"limits": {"statement_timeout": "60s"},
                          "tenants": {"acme": {"org": 1, "limits": limits}, "globex": {"org": 2}, "initech": {"org": 3}}},
               "user": {"users": users(**limits), "limits": {"statement_timeout": "60s"}}}[where]
    with Wire(own_proxy(**changes)) as client:
        for _ in range(2):
            began = time.monotonic()
            messages = client.ask(query(SLEEP))
            assert out_of_time(messages) == STATEMENT_TIMEOUT and time.monotonic() - began >= 0.3
            assert wire.error(messages)["H"] == "limits.statement_timeout" + (" of the user" if where == "user" else "") + " sets the time."
            assert client.rows("SELECT 1") == [[b"1"]]
        for _ in range(20):
            assert wire.kinds(client.ask(query("SELECT 'slept', pg_sleep(0.05)"))) == "TDCZ", "each for itself"


def test_a_statement_s_time_does_not_pass_while_it_waits_for_a_connection(own_proxy, postgres):
    target = own_proxy(pool={"size": 1}, limits={"statement_timeout": "700ms"})
    with Wire(target) as holder, Wire(target) as waiting:
        holder.ask(query("BEGIN"))
        waiting.send(query("SELECT 'patient'"))
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            assert wire.kinds(holder.ask(query("SELECT pg_sleep(0.1)"))) == "TDCZ"
        holder.ask(query("COMMIT"))
        assert wire.kinds(waiting.until(b"Z")) == "TDCZ"


def test_out_of_time_in_a_transaction(own_proxy):
    with Wire(own_proxy(limits={"statement_timeout": "300ms"})) as client:
        client.ask(query("BEGIN; INSERT INTO customers (name) VALUES ('gone')"))
        messages = client.ask(query(SLEEP))
        assert out_of_time(messages) == STATEMENT_TIMEOUT and messages[-1] == (b"Z", b"E")
        assert wire.error(client.ask(query("SELECT 1")))["C"] == "25P02"
        assert client.ask(query("ROLLBACK"))[-1] == (b"Z", b"I")
        assert client.rows("SELECT count(*) FROM customers WHERE name = 'gone'") == [[b"0"]]


def test_out_of_time_in_a_pipeline(own_proxy):
    """The batch fails as a whole, what was sent behind its Sync is another one and runs."""
    with Wire(own_proxy(limits={"statement_timeout": "300ms"})) as client:
        client.send(parse("INSERT INTO customers (name) VALUES ('gone')"), bind(), execute(), parse(SLEEP), bind(), execute(),
                    parse("SELECT 'never'"), bind(), execute(), SYNC,
                    parse("SELECT 'next'"), bind(), execute(), SYNC, query("SELECT 'last'"))
        assert out_of_time(client.until(b"Z")) == STATEMENT_TIMEOUT
        assert wire.kinds(client.until(b"Z")) == "12DCZ"
        assert wire.kinds(client.until(b"Z")) == "TDCZ"
        assert client.rows("SELECT count(*) FROM customers WHERE name = 'gone'") == [[b"0"]]


def test_a_batch_without_a_sync_has_no_statement_that_runs(own_proxy):
    with Wire(own_proxy(limits={"statement_timeout": "300ms"})) as client:
        client.send(parse("SELECT 'done', pg_sleep(0.1)"), bind(), execute())
        assert wire.kinds(client.until(b"C")) == "12DC", "a Flush of the proxy's brings them"
        until = time.monotonic() + 1
        while time.monotonic() < until:
            assert not select.select([client.socket], [], [], 0.1)[0]
        assert wire.kinds(client.ask(SYNC)) == "Z"


def test_out_of_time_in_a_copy_to_the_client(own_proxy):
    with Wire(own_proxy(limits={"statement_timeout": "300ms"})) as client:
        messages = client.ask(query("COPY (SELECT n, pg_sleep(0.05) FROM generate_series(1, 10000) n) TO STDOUT"))
        assert out_of_time(messages) == STATEMENT_TIMEOUT and wire.kinds(messages).startswith("H")
        assert client.rows("SELECT 1") == [[b"1"]]


@pytest.mark.parametrize("extended", [False, True])
def test_out_of_time_in_a_copy_from_the_client(own_proxy, postgres, extended):
    """Where row-level security is active, and in the extended protocol where it is not."""
    servers, database = shop_config(postgres)["servers"], "shop_norls" if extended else "shop"
    servers["main"]["database"] = database
    with Wire(own_proxy(limits={"statement_timeout": "500ms"}, servers=servers), dbname=database) as client:
        copy = "COPY customers (name) FROM STDIN"
        client.send(*([parse(copy), bind(), execute(), SYNC] if extended else [query(copy)]))
        client.until(b"G")
        client.send((b"d", b"one\ntwo\nhal"))
        messages = client.until(b"E")
        assert out_of_time(messages) == STATEMENT_TIMEOUT
        client.send((b"d", b"f\n"), (b"c", b""), *([SYNC] if extended else []))
        client.until(b"Z")
        assert client.rows("SELECT count(*) FROM customers WHERE name IN ('one', 'two', 'half')") == [[b"0"]]


def test_out_of_time_in_the_middle_of_a_message_of_rows(own_proxy):
    with Wire(own_proxy(limits={"statement_timeout": "500ms"})) as client:
        client.send(query("COPY customers (name) FROM STDIN"))
        client.until(b"G")
        client.socket.sendall(header(b"d", 1000) + b"first\nsecond\n")
        assert out_of_time(client.until(b"E")) == STATEMENT_TIMEOUT
        client.socket.sendall(b"x" * (1000 - len(b"first\nsecond\n")))
        client.send((b"c", b""))
        client.until(b"Z")
        assert client.rows("SELECT count(*) FROM customers WHERE name = 'first'") == [[b"0"]]


def test_a_timeout_s_late_cancel_meets_nothing_of_what_follows(own_proxy, postgres):
    """The request is held up until the statement has ended by itself; what was sent ahead, in a pipeline, waits for it."""
    with CancelGate(postgres.port) as gate, Wire(target := own_proxy(gate, limits={"statement_timeout": "500ms"})) as client, \
            Wire(target) as other:
        client.send(query("SELECT pg_sleep(1.5)"), query("SELECT 'slept', pg_sleep(0.3)"),
                    parse("SELECT 'slept', pg_sleep(0.3)"), bind(), execute(), SYNC)
        wait_until(lambda: gate.cancels == 1, 20, "the request")
        assert wire.kinds(client.until(b"Z")) == "TDCZ", "it was faster"
        assert other.rows("SELECT 1") == [[b"1"]]
        gate.open()
        assert wire.kinds(client.until(b"Z")) == "TDCZ"
        assert wire.kinds(client.until(b"Z")) == "12DCZ"
        assert gate.cancels == 1


def test_timeouts_by_the_hundred_hit_nobody_else(own_proxy):
    """One server connection; statements that end about when their time does, and a bystander whose never take long."""
    target = own_proxy(pool={"size": 1}, limits={"statement_timeout": "100ms"})
    stop = threading.Event()
    outcomes = []

    def suffer(tenant):
        with Wire(target, tenant) as client:
            for i in itertools.count():
                if stop.is_set():
                    return
                messages = client.ask(query(f"SELECT {i}, pg_sleep({0.095 + i % 7 * 0.01})"))
                outcomes.append([wire.fields(body)["M"] for kind, body in messages if kind == b"E"])
                assert client.rows(f"SELECT {i}") == [[str(i).encode()]], "the statement behind it"

    threads = [threading.Thread(target=suffer, args=("acme",)) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        with Wire(target) as bystander, Wire(target, "globex") as elsewhere:
            for i in itertools.count():
                for each in (bystander, elsewhere):
                    assert each.rows(f"SELECT {i}, pg_sleep(0.001) IS NULL")[0][0] == str(i).encode()
                if i >= 60 and len(outcomes) > 20 or not all(thread.is_alive() for thread in threads):
                    break
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    assert {m for messages in outcomes for m in messages} == {STATEMENT_TIMEOUT[2]} and len(outcomes) > 20


def test_limits_hold_in_mode_observe(own_proxy, postgres):
    """The error is the server's there, for nothing is changed; and COPY goes on, whose rows come behind a message that is answered later."""
    tenancy = {**shop_config(postgres)["tenancy"], "mode": "observe"}
    target = own_proxy(tenancy=tenancy, limits={"statement_timeout": "1s", "statements": 5, "statements_per_second": 20, "bytes_per_second": "1MiB"})
    with Wire(target) as client:
        for _ in range(2):
            assert wire.error(client.ask(query(SLEEP)))["C"] == "57014"
            assert client.rows("SELECT 1") == [[b"1"]]
        client.send(query("BEGIN; CREATE TEMPORARY TABLE own (n int)"))
        client.until(b"Z")
        client.send(query("COPY own FROM STDIN"), (b"d", b"1\n2\n"), (b"c", b""), query("SELECT count(*) FROM own"))
        client.until(b"Z")
        assert [wire.row(body) for kind, body in client.until(b"Z") if kind == b"D"] == [[b"2"]]
        began = time.monotonic()
        for _ in range(40):
            client.rows("SELECT 1")
        assert time.monotonic() - began > 0.9


def test_out_of_time_in_session_mode(own_proxy):
    with Wire(own_proxy(pool={"mode": "session", "size": 2}, limits={"statement_timeout": "300ms"})) as client:
        client.ask(query("SET work_mem = '5MB'"))
        assert out_of_time(client.ask(query(SLEEP))) == STATEMENT_TIMEOUT
        assert client.rows("SHOW work_mem") == [[b"5MB"]], "its connection is its own for as long as it stays"


# Time: transactions and clients ------------------------------------------------------------------------------------------------

def test_a_transaction_that_takes_too_long_ends_its_session(own_proxy):
    target = own_proxy(pool={"size": 1}, limits={"transaction_timeout": "800ms"})
    with Wire(target) as client, Wire(target) as other:
        client.ask(query("BEGIN; INSERT INTO customers (name) VALUES ('gone')"))
        with pytest.raises((wire.Closed, ConnectionError)):
            while True:
                messages = client.ask(query("SELECT pg_sleep(0.05)"))
        with Wire(target) as third:
            third.ask(query("BEGIN"))
            found = refused(third)
        assert (found["S"], found["C"]) == ("FATAL", "25P04") and found["H"] == "limits.transaction_timeout sets the time."
        with Wire(target) as fourth:
            fourth.send(query(SLEEP))
            assert refused(fourth)["C"] == "25P04", "a statement is a transaction, too"
        assert other.rows("SELECT count(*) FROM customers WHERE name = 'gone'") == [[b"0"]]
    assert wire.kinds(messages) == "TDCZ"


def test_short_transactions_have_their_own_time_each(own_proxy):
    with Wire(own_proxy(limits={"transaction_timeout": "500ms"})) as client:
        until = time.monotonic() + 2
        while time.monotonic() < until:
            client.ask(query("BEGIN"))
            client.ask(query("SELECT pg_sleep(0.05)"))
            assert client.ask(query("COMMIT"))[-1] == (b"Z", b"I")


def test_a_failed_transaction_has_an_end_too(own_proxy):
    with Wire(own_proxy(limits={"transaction_timeout": "500ms"})) as client:
        client.ask(query("BEGIN"))
        client.ask(query("SELECT 1/0"))
        assert refused(client)["C"] == "25P04"


def test_a_client_that_says_nothing_is_sent_away(own_proxy):
    target = own_proxy(users=users(client_idle="1s"))
    with Wire(target) as idle, Wire(target) as listening, Wire(target) as inside, Wire(target, "globex") as other:
        listening.ask(query("LISTEN news"))
        inside.ask(query("BEGIN"))
        for client in (idle, listening):
            found = refused(client)
            assert (found["S"], found["C"], found["H"]) == ("FATAL", "57P05", "limits.client_idle of the user sets the time.")
        assert inside.rows("SELECT 1") == [[b"1"]], "it is not idle"
        assert other.rows("SELECT 1") == [[b"1"]]


def test_the_stricter_of_user_and_tenant_holds(own_proxy):
    limits = {"idle_in_transaction": "60s", "queue_timeout": "300ms"}
    target = own_proxy(pool={"size": 1}, limits=limits, users=users(idle_in_transaction="1s", queue_timeout="60s"))
    with Wire(target) as holder, Wire(target) as waiting:
        holder.ask(query("BEGIN"))
        assert wire.error(waiting.ask(query("SELECT 1")))["C"] == "53300", "the tenant's"
        found = refused(holder)
        assert found["C"] == "25P03" and found["H"] == "limits.idle_in_transaction of the user sets the time."


# Rates -------------------------------------------------------------------------------------------------------------------------

def seconds_for(client, count, text="SELECT 1"):
    began = time.monotonic()
    for _ in range(count):
        assert wire.kinds(client.ask(query(text))) == "TDCZ"
    return time.monotonic() - began


def test_statements_beyond_the_rate_wait_and_another_tenant_s_do_not(own_proxy):
    limits = {"statements_per_second": 5}
    target = own_proxy(tenants={"acme": {"org": 1, "limits": limits}, "globex": {"org": 2}, "initech": {"org": 3}})
    with Wire(target) as one, Wire(target) as two, Wire(target, "globex") as other:
        took, others = [], 0
        threads = [threading.Thread(target=lambda c=client: took.append(seconds_for(c, 9))) for client in (one, two)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        while threads[0].is_alive() or threads[1].is_alive():
            assert other.rows("SELECT 1") == [[b"1"]]
            others += 1
        assert max(took) > 2.5, "eighteen in all, of which five were saved up"
        assert others > 5 + 5 * (time.monotonic() - began), "more than that rate lets through"


def test_statements_are_counted_however_they_are_sent(own_proxy):
    target = own_proxy(limits={"statements_per_second": 20})
    with Wire(target) as client:
        began = time.monotonic()
        client.send(*[m for _ in range(40) for m in (parse("SELECT 1"), bind(), execute())], SYNC)
        assert wire.kinds(client.until(b"Z")).count("C") == 40 and time.monotonic() - began > 0.9
    with Wire(target, "globex") as client:
        client.ask(query("SELECT 1;" * 40))
        assert seconds_for(client, 1) > 0.9, "a string of forty is paid for afterwards"


@pytest.mark.parametrize("whose", ["tenant", "user"])
def test_who_connects_anew_owes_what_was_owed(own_proxy, whose):
    target = own_proxy(**({"limits": {"statements_per_second": 5}} if whose == "tenant" else {"users": users(statements_per_second=5)}))
    began = time.monotonic()
    for _ in range(12):
        with Wire(target) as client:
            assert wire.kinds(client.ask(query("SELECT 1"))) == "TDCZ"
    assert time.monotonic() - began > 1.2, "twelve, of which five were saved up"


def test_who_waits_too_long_for_the_rate_is_refused_and_goes_on(own_proxy):
    target = own_proxy(limits={"statements_per_second": 1, "queue_timeout": "1s"})
    with Wire(target) as client:
        client.ask(query("SELECT 1;" * 8))
        messages = client.ask(query("SELECT 2"))
        found = wire.error(messages)
        assert (found["S"], found["C"]) == ("ERROR", "53400") and messages[-1] == (b"Z", b"I")
        assert found["H"] == "limits.statements_per_second and limits.queue_timeout set the numbers."
        client.send(parse("SELECT 3"), bind(), execute(), SYNC)
        assert wire.error(client.until(b"Z"))["C"] == "53400"
        wait_until(lambda: wire.kinds(client.ask(query("SELECT 4"))) == "TDCZ", 20, "what is owed to be paid off")


def test_a_user_s_rate_is_its_own(own_proxy):
    both = {**users(statements_per_second=10), "second": {"tenant": "acme", "password": {"plain": PASSWORD}}}
    target = own_proxy(users=both)
    with Wire(target) as slow, Wire(target, user="second") as quick:
        slow.ask(query("SELECT 1;" * 30))
        slow.send(query("SELECT 'late'"))
        for _ in range(30):
            assert quick.rows("SELECT 1") == [[b"1"]]
            assert not select.select([slow.socket], [], [], 0)[0], "who has 1.9 seconds to wait comes last"
        assert wire.kinds(slow.until(b"Z")) == "TDCZ"


def test_a_client_that_waits_for_its_turn_can_be_cancelled(own_proxy):
    target = own_proxy(limits={"statements_per_second": 1})
    with Wire(target) as client:
        client.ask(query("SELECT 1;" * 20))
        client.send(query("SELECT 2"))
        while not select.select([client.socket], [], [], 0.05)[0]:
            wire.cancel(target, client.key)
        assert wire.error(client.until(b"Z"))["C"] == "57014"


def test_results_beyond_the_rate_wait_and_another_tenant_s_do_not(own_proxy):
    limits = {"bytes_per_second": "1MiB"}
    target = own_proxy(tenants={"acme": {"org": 1, "limits": limits}, "globex": {"org": 2}, "initech": {"org": 3}})
    text = "SELECT repeat('x', 1000) FROM generate_series(1, 3000)"
    with Wire(target) as slow, Wire(target, "globex") as quick:
        took = []

        def work():
            began = time.monotonic()
            took.append((len(slow.rows(text)), time.monotonic() - began))

        thread = threading.Thread(target=work)
        thread.start()
        others = 0
        while thread.is_alive():
            assert len(quick.rows(text)) == 3000
            others += 1
        assert took[0][0] == 3000 and took[0][1] > 1.5, "3 MB, of which one was saved up"
        assert others > 1, "who has no limit gets as much in less time"
        assert slow.rows("SELECT 1") == [[b"1"]]


def test_time_in_which_the_rate_holds_results_back_is_not_the_statement_s(own_proxy):
    target = own_proxy(limits={"bytes_per_second": "500KiB", "statement_timeout": "800ms"})
    with Wire(target) as client:
        assert len(client.rows("SELECT repeat('x', 1000) FROM generate_series(1, 2500)")) == 2500


def test_a_client_that_leaves_while_its_results_are_held_back(own_proxy, postgres):
    target = own_proxy(pool={"size": 1}, limits={"bytes_per_second": "10KiB"})
    with Wire(target) as client:
        client.send(query("SELECT repeat('x', 1000) FROM generate_series(1, 100000)"))
        client.receive()
    with Wire(target, "globex") as other:
        assert other.rows("SELECT 1") == [[b"1"]]
    running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%generate_series(1, 100000)%' AND pid <> pg_backend_pid()"
    wait_until(lambda: postgres.psql(running) == "0", 20, "the statement to be stopped")


# Statements at once --------------------------------------------------------------------------------------------------------------

def test_statements_at_once_have_a_limit(own_proxy, postgres):
    target = own_proxy(pool={"size": 5}, limits={"statements": 2})
    done = []

    def work():
        with Wire(target) as client:
            for _ in range(3):
                done.append(wire.kinds(client.ask(query("SELECT pg_sleep(0.3)"))))

    threads = [threading.Thread(target=work) for _ in range(5)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    most = 0
    while any(thread.is_alive() for thread in threads):
        most = max(most, int(postgres.psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")))
    assert most == 2 and time.monotonic() - began > 15 * 0.3 / 2 - 0.1
    assert done == ["TDCZ"] * 15


def test_who_gets_no_place_in_time_is_refused(own_proxy, postgres):
    target = own_proxy(limits={"statements": 1, "queue_timeout": "1s"})
    with Wire(target) as busy, Wire(target) as waiting, Wire(target, "globex") as other:
        busy.send(query("SELECT 'slept', pg_sleep(4)"))
        asleep(postgres)
        assert other.rows("SELECT 1") == [[b"1"]]
        found = wire.error(waiting.ask(query("SELECT 1")))
        assert found["C"] == "53400" and found["H"] == "limits.statements and limits.queue_timeout set the numbers."
        assert wire.kinds(busy.until(b"Z")) == "TDCZ"
        assert waiting.rows("SELECT 1") == [[b"1"]]


def test_who_holds_locks_goes_on_whoever_runs(own_proxy, postgres):
    """The one that runs waits for the lock of a transaction that is idle: that may go on, or neither could."""
    target = own_proxy(limits={"statements": 1, "queue_timeout": "60s"})
    with Wire(target) as holder, Wire(target) as blocked:
        holder.ask(query("BEGIN; SELECT pg_advisory_xact_lock(7)"))
        blocked.send(query("SELECT pg_advisory_xact_lock(7)"))
        wait_until(lambda: postgres.psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == "1", 20, "a lock")
        assert holder.rows("SELECT 1") == [[b"1"]]
        holder.ask(query("COMMIT"))
        assert wire.kinds(blocked.until(b"Z")) == "TDCZ"


def test_places_come_back_however_statements_end(own_proxy, postgres):
    target = own_proxy(pool={"size": 2}, limits={"statements": 1, "statement_timeout": "300ms"})
    for _ in range(3):
        with Wire(target) as client:
            client.ask(query("SELECT nonsense"))
            client.ask(query(SLEEP))
            client.ask(parse("SELECT 1"), SYNC)
            client.send(parse("SELECT 1"), bind(), execute(), FLUSH)
            client.until(b"C")
            client.ask(SYNC)
            client.ask(query("COPY customers TO STDOUT"))
            client.send(query(SLEEP))  # and leaves
    with Wire(target) as client:
        assert client.rows("SELECT 1") == [[b"1"]]


# Clients of one user ---------------------------------------------------------------------------------------------------------------

def test_one_user_s_clients_have_a_limit(own_proxy):
    both = {**users(clients=2), "second": {"tenant": "acme", "password": {"plain": PASSWORD}}}
    target = own_proxy(users=both)
    with Wire(target), Wire(target):
        with pytest.raises(wire.LoginRefused) as caught:
            Wire(target)
        assert caught.value.fields["C"] == "53300" and caught.value.fields["H"] == "limits.clients of the user sets the number."
        with Wire(target, user="second") as other:
            assert other.rows("SELECT 1") == [[b"1"]]
    wait_until(lambda: can_log_in(target), 10, "room after the clients have left")


def test_drivers_see_the_timeouts_as_postgresql_s(own_proxy):
    target = own_proxy(limits={"statement_timeout": "300ms"})
    with target.psycopg(autocommit=False) as connection:
        with pytest.raises(psycopg.errors.QueryCanceled) as caught:
            connection.execute(SLEEP)
        assert sqlstate(caught.value) == "57014" and caught.value.diag.message_hint
        connection.rollback()
        assert connection.execute("SELECT 1").fetchone() == (1,)
