"""Server connections: how many, whose, and what happens when they or the server go away."""

import resource
import select
import signal
import socket
import threading
import time

import psycopg
import pytest

import harness
import wire
from harness import server_connections, sqlstate, wait_until
from relay import Cut

SIZE = 2


@pytest.fixture
def small(own_proxy):
    return own_proxy(pool={"mode": "transaction", "size": SIZE})


def test_a_tenant_s_clients_share_its_connections(small, postgres):
    before = server_connections(postgres)
    clients = [small.psycopg() for _ in range(12)]
    for _ in range(3):
        for client in clients:
            assert client.execute("SELECT count(*) FROM orders").fetchone() == (16,)
    assert server_connections(postgres) - before <= SIZE + 1, "the pool and at most one control connection"
    for client in clients:
        client.close()


def test_tenants_do_not_share_connections(small):
    pids = {}
    for _ in range(3):
        for tenant in harness.TENANTS:
            with small.psycopg(tenant) as connection:
                pid = connection.execute("SELECT pg_backend_pid()").fetchone()[0]
                assert pids.setdefault(pid, tenant) == tenant


def test_transaction_mode_keeps_a_transaction_together(small):
    with small.psycopg(autocommit=False) as one, small.psycopg(autocommit=False) as two:
        for connection in (one, two):
            connection.execute("SELECT 1")
        pids = [[c.execute("SELECT pg_backend_pid()").fetchone()[0] for _ in range(3)] for c in (one, two)]
        assert len(set(pids[0])) == len(set(pids[1])) == 1 and pids[0] != pids[1]


def test_session_mode_keeps_a_session_together(own_proxy, postgres):
    target = own_proxy(pool={"mode": "session", "size": SIZE}, limits={"queue_timeout": "500ms"})
    with target.psycopg() as one, target.psycopg() as two:
        pids = [{c.execute("SELECT pg_backend_pid()").fetchone()[0] for _ in range(5)} for c in (one, two)]
        assert len(pids[0]) == len(pids[1]) == 1 and pids[0] != pids[1]
        one.execute("SET work_mem = '5MB'")
        assert one.execute("SHOW work_mem").fetchone() == ("5MB",)
        with pytest.raises(psycopg.Error) as caught:
            with target.psycopg() as three:
                three.execute("SELECT 1")
        assert "53300" in (sqlstate(caught.value) or str(caught.value)) or "timeout" in str(caught.value)
    with target.psycopg() as four:
        assert four.execute("SHOW work_mem").fetchone() == ("4MB",), "nothing is left of the session before"


def test_a_full_pool_makes_clients_wait_their_turn(small, postgres):
    results = []

    def work():
        with small.psycopg() as connection:
            connection.execute("SELECT pg_sleep(0.1)")
            results.append(1)

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(results) == 10


def test_the_wait_for_a_connection_ends_with_an_error(own_proxy):
    target = own_proxy(pool={"mode": "transaction", "size": 1}, limits={"queue_timeout": "300ms"})
    with target.psycopg(autocommit=False) as holder, target.psycopg() as waiting:
        holder.execute("SELECT 1")  # and holds its connection: the transaction is open
        began = time.monotonic()
        with pytest.raises(psycopg.Error) as caught:
            waiting.execute("SELECT 1")
        assert sqlstate(caught.value) == "53300" and 0.2 < time.monotonic() - began < 10
        holder.rollback()
        assert waiting.execute("SELECT 2").fetchone() == (2,), "the session goes on"


def test_a_queue_has_an_end(own_proxy):
    target = own_proxy(pool={"mode": "transaction", "size": 1}, limits={"queue": 1, "queue_timeout": "30s"})
    with target.psycopg(autocommit=False) as holder, wire.Wire(target) as one, wire.Wire(target) as other:
        holder.execute("SELECT 1")
        one.send(wire.query("SELECT 'patient'"))
        other.send(wire.query("SELECT 'patient'"))
        refused, queued = (one, other) if select.select([one.socket, other.socket], [], [], 20)[0] == [one.socket] else (other, one)
        assert wire.error(refused.until(b"Z"))["C"] == "53300", "whoever came second"
        holder.rollback()
        assert wire.kinds(queued.until(b"Z")) == "TDCZ"
        assert refused.rows("SELECT 1") == [[b"1"]]


def test_too_many_clients_are_told_so(own_proxy):
    target = own_proxy(limits={"clients": 3})
    clients = [target.psycopg() for _ in range(3)]
    with pytest.raises(psycopg.OperationalError) as caught:
        target.psycopg()
    assert "too many" in str(caught.value)
    clients.pop().close()
    wait_until(lambda: can_connect(target), 10, "room after a client has left")
    for client in clients:
        client.close()


def can_connect(target):
    try:
        target.psycopg().close()
        return True
    except psycopg.OperationalError:
        return False


def test_a_lost_server_connection_is_the_concern_of_one_client(small, postgres):
    with small.psycopg() as victim, small.psycopg() as other:
        victim.execute("BEGIN")
        pid = victim.execute("SELECT pg_backend_pid()").fetchone()[0]
        assert other.execute("SELECT 1").fetchone() == (1,)
        postgres.psql(f"SELECT pg_terminate_backend({pid})")
        with pytest.raises(psycopg.OperationalError) as caught:
            victim.execute("SELECT 1")
        assert sqlstate(caught.value) in ("57P01", "08006", None)
        assert other.execute("SELECT 2").fetchone() == (2,)
    with small.psycopg() as again:
        assert again.execute("SELECT count(*) FROM orders").fetchone() == (16,)


@pytest.mark.parametrize("sql", ["SELECT repeat('a', 200000)", "COPY (SELECT repeat('a', 200000)) TO STDOUT"])
@pytest.mark.parametrize("count", [100_000, 199_950], ids=["far from its end", "close to its end"])
def test_a_server_lost_inside_a_long_row(own_proxy, postgres, sql, count):
    """Between the pieces of a row no message fits: words of the proxy's would be read as the rest of the row."""
    with Cut(postgres.port, mark=b"aaaa", count=count) as relay, wire.Wire(own_proxy(relay)) as client:
        with pytest.raises(wire.Closed):
            client.ask(wire.query(sql))
        assert len(client.buffer) <= 6 + count and client.buffer.endswith(b"a" * 1000)


def test_an_idle_connection_lost_is_nobody_s_concern(small, postgres):
    with small.psycopg() as client:
        pid = client.execute("SELECT pg_backend_pid()").fetchone()[0]
        postgres.psql(f"SELECT pg_terminate_backend({pid})")
        wait_until(lambda: postgres.psql(f"SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}") == "0", 10, "its end")
        assert client.execute("SELECT count(*) FROM orders").fetchone() == (16,)


@pytest.fixture
def own_server(scratch):
    """A PostgreSQL to be mistreated."""
    with harness.Postgres(scratch, name=f"server{len(list(scratch.path.glob('server*')))}") as server:
        harness.create_shop(server)
        yield server


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_the_pool_recovers_from_a_server_restart(own_server, own_proxy, how):
    target = own_proxy(own_server)
    with target.psycopg(autocommit=False) as inside, target.psycopg() as idle:
        inside.execute("SELECT 1")
        idle.execute("SELECT 1")
        own_server.stop(how)
        with pytest.raises(psycopg.OperationalError):
            inside.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            idle.execute("SELECT 1")
        own_server.start()
        wait_until(lambda: can_ask(target), 20, "a working pool after the restart")
    assert target.bulkhead.alive()


def can_ask(target):
    try:
        with target.psycopg(connect_timeout=5) as connection:
            return connection.execute("SELECT count(*) FROM orders").fetchone() == (16,)
    except psycopg.OperationalError:
        return False


def test_a_server_that_is_down_at_the_start(own_server, own_proxy):
    own_server.stop()
    target = own_proxy(own_server)
    with pytest.raises(psycopg.OperationalError) as caught:
        with target.psycopg(connect_timeout=20) as connection:
            connection.execute("SELECT 1")
    assert "correct horse" not in str(caught.value)
    assert "server" in str(caught.value), "a clear message"
    assert target.bulkhead.alive()
    own_server.start()
    wait_until(lambda: can_ask(target), 20, "the first answer once the server is there")


def test_a_server_that_refuses_the_login(own_proxy, postgres):
    server = {"hosts": [f"127.0.0.1:{postgres.port}"], "database": harness.DATABASE,
              "login": {"user": "app_rw", "password": "not the password"}}
    target = own_proxy(servers={"main": server})
    with pytest.raises(psycopg.OperationalError) as caught:
        with target.psycopg(connect_timeout=20) as connection:
            connection.execute("SELECT 1")
    assert "not the password" not in str(caught.value)


def test_nothing_leaks(small, postgres):
    """Clients that come, go, crash and give up at every stage leave no descriptor and no server connection behind."""

    def wave():
        for i in range(25):
            with small.psycopg() as connection:
                connection.execute("SELECT 1")
            half = socket.create_connection(("127.0.0.1", small.bulkhead.port))
            if i % 2:
                half.sendall(b"\0\0\0\x08\x04\xd2\x16/")  # SSLRequest
            half.close()
            abandoned = wire.Wire(small)
            abandoned.send(wire.query("BEGIN; SELECT * FROM orders FOR UPDATE") if i % 2 else wire.parse("SELECT 1"), wire.FLUSH)
            if i % 3:
                abandoned.receive()
            abandoned.close()

    wave()
    settled = lambda: int(postgres.psql(  # noqa: E731
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app_rw' AND state <> 'idle'")) == 0
    wait_until(settled, 20, "abandoned transactions to be rolled back")
    baseline, connections = small.bulkhead.fds(), server_connections(postgres)
    for _ in range(3):
        wave()
    wait_until(settled, 20, "abandoned transactions to be rolled back")
    wait_until(lambda: small.bulkhead.fds() <= baseline + SIZE, 20,
               lambda: f"descriptors back to {baseline}, there are {small.bulkhead.fds()}")
    assert server_connections(postgres) <= connections + SIZE


def test_an_abandoned_query_is_not_left_running(small, postgres):
    client = wire.Wire(small)
    client.send(wire.query("SELECT pg_sleep(100)"))
    active = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(100)%' AND state = 'active' AND usename = 'app_rw'"
    wait_until(lambda: postgres.psql(active) == "1", 10, "the query to run")
    client.close()
    wait_until(lambda: postgres.psql(active) == "0", 20, "the query of a client that has gone to be cancelled")


def test_an_idle_transaction_is_ended(own_proxy, postgres):
    target = own_proxy(limits={"idle_in_transaction": "300ms"})
    with target.psycopg(autocommit=False) as connection:
        connection.execute("SELECT * FROM users FOR UPDATE")
        idle = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND usename = 'app_rw'"
        wait_until(lambda: postgres.psql(idle) == "0", 10, "the idle transaction's end")
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


UNFINISHED = {
    "nothing asked for": [wire.parse("SELECT 1"), wire.bind(), wire.execute()],
    "a write": [wire.parse("UPDATE customers SET credit = 0"), wire.bind(), wire.execute()],
    "in a block": [wire.query("BEGIN"), wire.parse("SELECT 1"), wire.bind(), wire.execute()],
    "flushed": [wire.parse("SELECT 1"), wire.FLUSH],
    "failed": [wire.parse("SELECT 1/0"), wire.bind(), wire.execute()],
    "failed in a block": [wire.query("BEGIN"), wire.parse("SELECT 1/0"), wire.bind(), wire.execute(), wire.FLUSH],
}


@pytest.mark.parametrize("messages", UNFINISHED.values(), ids=UNFINISHED)
def test_an_unfinished_batch_is_ended(own_proxy, messages):
    """The server holds its answers back until a Sync that does not come, which must not look like a statement that runs."""
    target = own_proxy(pool={"mode": "transaction", "size": 1}, limits={"idle_in_transaction": "1s", "queue_timeout": "30s"})
    with wire.Wire(target) as idler, target.psycopg() as other:
        pid = other.execute("SELECT pg_backend_pid()").fetchone()[0]
        credit = other.execute("SELECT sum(credit) FROM customers").fetchone()
        idler.send(*messages)
        began = time.monotonic()
        assert other.execute("SELECT sum(credit) FROM customers").fetchone() == credit, "rolled back, not committed"
        assert time.monotonic() - began > 0.5, "the batch had its time"
        assert other.execute("SELECT pg_backend_pid()").fetchone()[0] == pid, "the connection came back clean"
        with pytest.raises(wire.Closed):
            for _ in range(20):
                last = idler.receive()
        assert wire.fields(last[1])["C"] == "25P03"


def test_a_batch_that_runs_is_not_taken_for_an_idle_one(own_proxy):
    target = own_proxy(pool={"mode": "transaction", "size": 1}, limits={"idle_in_transaction": "1s"})
    with wire.Wire(target) as client:
        client.send(wire.parse("SELECT pg_sleep(4)"), wire.bind(), wire.execute())
        assert client.until(b"C"), "given without a Sync or Flush of the client's"
        assert wire.kinds(client.ask(wire.SYNC)) == "Z"


def test_a_clean_stop(own_proxy, postgres):
    target = own_proxy()
    client = target.psycopg()
    client.execute("SELECT 1")
    client.close()
    assert target.bulkhead.stop(signal.SIGTERM) == 0
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", target.bulkhead.port), timeout=1)


def test_a_fast_stop_does_not_wait_for_clients(own_proxy):
    target = own_proxy()
    with target.psycopg(autocommit=False) as connection:
        connection.execute("SELECT 1")
        assert target.bulkhead.stop(signal.SIGINT, seconds=10) == 0
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


REFUSED = {
    "EXECUTE of nothing": [(wire.parse("EXECUTE nope"), wire.bind(), wire.execute(), wire.SYNC)],
    "a foreign value": [(wire.parse("INSERT INTO customers (org_id, name) VALUES ($1, 'x')", "s"), wire.SYNC),
                        (wire.bind(b"2", statement="s"), wire.execute(), wire.SYNC)],
    "PREPARE twice": [(wire.query("PREPARE p AS SELECT 1"),),
                      (wire.parse("PREPARE p AS SELECT 1"), wire.bind(), wire.execute(), wire.SYNC)],
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_refusal_keeps_no_connection(own_proxy, what):
    target = own_proxy(pool={"mode": "transaction", "size": 1}, limits={"queue_timeout": "5s"})
    with wire.Wire(target) as one, wire.Wire(target) as other:
        for messages in REFUSED[what]:
            one.send(*messages)
            one.until(b"Z")
        assert other.rows("SELECT 1") == [[b"1"]]


def test_those_who_are_refused_give_it_to_one_another_on_no_growing_stack(own_proxy):
    """Each is refused when the connection is there, and gives it back at once: to the next of a queue that no stack could hold."""
    before = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (256 * 1024, before[1]))  # what the proxy's threads get
    try:
        target = own_proxy(pool={"mode": "transaction", "size": 1})
    finally:
        resource.setrlimit(resource.RLIMIT_STACK, before)
    clients = [wire.Wire(target) for _ in range(450)]
    for client in clients:
        client.ask(*REFUSED["a foreign value"][0])
    with target.psycopg(autocommit=False) as holder:
        holder.execute("SELECT 1")
        for client in clients:
            client.send(wire.bind(b"2", statement="s"), wire.SYNC)
        holder.rollback()
        for client in clients:
            assert wire.error(client.until(b"Z"))["C"] == "42501"
            client.close()
    assert target.bulkhead.alive()


def test_a_lock_taken_in_a_copy_is_given_back(own_proxy):
    target = own_proxy(pool={"mode": "transaction", "size": 2})
    with target.psycopg() as one:
        with one.cursor().copy("COPY (SELECT pg_advisory_lock(5)) TO STDOUT") as copy:
            list(copy)
    with target.psycopg() as two:
        wait_until(lambda: two.execute("SELECT pg_try_advisory_lock(5)").fetchone()[0], 10, "the lock")


def test_many_logins_at_once_do_not_pass_the_limit(own_proxy):
    target = own_proxy(limits={"clients": 3})
    start = threading.Barrier(20)
    admitted = []

    def log_in():
        start.wait()
        try:
            admitted.append(target.psycopg())
        except psycopg.OperationalError:
            pass

    threads = [threading.Thread(target=log_in) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(admitted) <= 3
    for client in admitted:
        client.close()


def test_a_queue_of_none_is_for_those_beyond_the_pool(own_proxy):
    target = own_proxy(pool={"mode": "transaction", "size": 2}, limits={"queue": 0})
    with target.psycopg(autocommit=False) as one, target.psycopg(autocommit=False) as two, target.psycopg() as three:
        assert one.execute("SELECT 1").fetchone() == two.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError, match="wait for a server connection"):
            three.execute("SELECT 1")


@pytest.mark.parametrize("message", [wire.parse("SELECT 1", "n" * 64), wire.bind(portal="p" * 64), wire.describe(b"S", "n" * 64),
                                     wire.execute("p" * 64), wire.close(b"P", "p" * 64)])
def test_names_have_an_end(own_proxy, message):
    with wire.Wire(own_proxy()) as client:
        client.send(wire.parse("SELECT 1"), message, wire.SYNC)
        assert wire.error(client.until(b"Z"))["C"] == "42622"
        assert client.rows("SELECT 1") == [[b"1"]]


def test_after_failed_openings_connections_are_opened_for_all_who_wait(own_proxy, postgres):
    target = own_proxy(pool={"mode": "transaction", "size": 5}, limits={"queue_timeout": "25s"})
    with target.psycopg(autocommit=False) as holder:
        holder.execute("SELECT 1")
        postgres.psql("ALTER ROLE app_rw CONNECTION LIMIT 1", "shop")
        try:
            waiting = [wire.Wire(target) for _ in range(4)]
            for client in waiting:
                client.send(wire.query("BEGIN; SELECT 1"))
            wait_until(lambda: "server connection failed" in target.bulkhead.log_tail(), 10, "a refusal")
        finally:
            postgres.psql("ALTER ROLE app_rw CONNECTION LIMIT -1", "shop")
        for client in waiting:  # each keeps what it got
            assert wire.kinds(client.until(b"Z")) == "CTDCZ"
        for client in waiting:
            client.close()


# Reserve, minimum, lifetime --------------------------------------------------------------------------------------------------

def pid_of(client):
    return client.execute("SELECT pg_backend_pid()").fetchone()[0]


def own_connections(postgres, but=()):
    """The process ids of the pools' connections; `but`: those that were there before."""
    found = postgres.psql("SELECT pid FROM pg_stat_activity WHERE usename = 'app_rw' AND datname = 'shop'").split()
    return {int(pid) for pid in found} - set(but)


def test_the_reserve_is_for_those_who_have_waited(own_proxy, postgres):
    before = own_connections(postgres)
    target = own_proxy(pool={"size": 1, "reserve": 1, "reserve_after": "700ms"}, limits={"queue_timeout": "3s"})
    with target.psycopg(autocommit=False) as holder, target.psycopg() as waiting, target.psycopg() as third:
        pid = pid_of(holder)
        began = time.monotonic()
        waiting.execute("BEGIN")
        other = pid_of(waiting)
        assert other != pid and time.monotonic() - began > 0.7
        with pytest.raises(psycopg.Error) as caught:
            third.execute("SELECT 1")
        assert sqlstate(caught.value) == "53300", "there is one in reserve"
        waiting.execute("COMMIT")
        holder.rollback()
        # One of the two goes back to being none: the reserve is for need. The control connection is the second.
        wait_until(lambda: len(own_connections(postgres, before)) == 2, 20, "the reserve to be closed")
        assert third.execute("SELECT 1").fetchone() == (1,)


def test_the_reserve_helps_nobody_who_has_a_place_in_the_pool(own_proxy, postgres):
    before = own_connections(postgres)
    target = own_proxy(pool={"size": 2, "reserve": 5, "reserve_after": "10s"})
    clients = [target.psycopg() for _ in range(8)]
    for client in clients * 3:
        client.execute("SELECT 1")
    assert len(own_connections(postgres, before)) <= 3
    for client in clients:
        client.close()


def test_the_minimum_is_open_while_there_are_clients(own_proxy, postgres):
    before = own_connections(postgres)
    target = own_proxy(pool={"size": 5, "minimum": 3, "idle_timeout": "1s"})
    control = 1
    with target.psycopg() as client:
        wait_until(lambda: len(own_connections(postgres, before)) == control + 3, 20, "the minimum to be opened")
        kept = own_connections(postgres, before)
        until = time.monotonic() + 3
        while time.monotonic() < until:
            assert own_connections(postgres, before) == kept
        victim = pid_of(client)
        postgres.psql(f"SELECT pg_terminate_backend({victim})")
        wait_until(lambda: len(own_connections(postgres, before) - {victim}) == control + 3, 20, "another in its place")
    wait_until(lambda: len(own_connections(postgres, before)) == control, 20, "nothing to be left")


def test_an_old_connection_is_closed_when_it_is_not_used(own_proxy, postgres):
    target = own_proxy(pool={"size": 1, "lifetime": "1s"})
    with target.psycopg(autocommit=False) as client:
        first = pid_of(client)
        client.execute("SELECT pg_sleep(1.5)")
        assert pid_of(client) == first, "not in a transaction"
        client.commit()
        assert pid_of(client) != first
        client.commit()
        wait_until(lambda: not own_connections(postgres) & {first}, 20, "the old one to be gone")
        second = pid_of(client)
        client.commit()
        wait_until(lambda: not own_connections(postgres) & {second}, 20, "an idle one to be closed, too")


def test_a_tenant_has_a_pool_of_its_own_kind(own_proxy, postgres):
    before = own_connections(postgres)
    tenants = {"acme": {"org": 1, "pool": {"size": 2, "minimum": 2}}, "globex": {"org": 2}, "initech": {"org": 3}}
    target = own_proxy(pool={"size": 1}, tenants=tenants)
    with target.psycopg("globex") as other:
        pid_of(other)
        with target.psycopg():
            wait_until(lambda: len(own_connections(postgres, before)) == 1 + 1 + 2, 20, "two of acme's and one of globex'")


def deaf(terms):
    """PostgreSQL looks for cancel requests between rows and between nodes, not in the middle of an expression."""
    return ("SELECT " + " OR ".join(["(x * x) IS NULL"] * terms) +
            " FROM (SELECT repeat('9', 65000 + (id * 0)::int)::numeric AS x FROM orders WHERE id = 1 OFFSET 0) t")


def test_a_query_that_hears_no_cancel_keeps_its_place(own_proxy, postgres):
    target = own_proxy(pool={"mode": "transaction", "size": 1})
    begin = time.monotonic()
    with wire.Wire(target) as client:
        client.rows(deaf(20))
    terms = max(20, int(20 * 9 / (time.monotonic() - begin)))  # for nine seconds: longer than who hangs up is waited for
    active = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app_rw' AND query LIKE '%x * x%' AND state = 'active'"
    client = wire.Wire(target)
    client.send(wire.query(deaf(terms)))
    wait_until(lambda: postgres.psql(active) == "1", 10, "the query to run")
    client.close()
    with wire.Wire(target) as other:
        assert other.rows("SELECT 1") == [[b"1"]]
        assert postgres.psql(active) == "0", "its connection was still one of the pool's"
