"""server_connections: what the tenants of one server have together, and that each gets its part."""

import collections
import threading

import psycopg
import pytest

import harness
import wire
from harness import wait_until

CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app_rw' AND datname = 'shop' AND backend_type = 'client backend'"


@pytest.fixture
def tight(own_proxy):
    def start(places, threads=2, **changes):
        return own_proxy(server_connections=places, threads=threads, pool={"mode": "transaction", "size": 10}, **changes)

    return start


def held(postgres, before):
    """Of the proxy's pools; `before`: everybody else's. Its catalogue connection is one more."""
    return int(postgres.psql(CONNECTIONS)) - before - 1


def test_no_more_than_there_are(tight, postgres):
    before = int(postgres.psql(CONNECTIONS))
    target = tight(4)
    errors, most, stop = [], [0], threading.Event()

    def work(tenant):
        try:
            with target.psycopg(tenant) as connection:
                for _ in range(30):
                    assert connection.execute("SELECT min(org_id) FROM orders, pg_sleep(0.005)").fetchone()[0] == \
                        harness.TENANTS[tenant]
        except Exception as error:  # noqa: BLE001
            errors.append(repr(error))

    def look():
        while not stop.is_set():
            most[0] = max(most[0], held(postgres, before))

    looker = threading.Thread(target=look)
    threads = [threading.Thread(target=work, args=(tenant,)) for tenant in harness.TENANTS for _ in range(6)]
    looker.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    looker.join()
    assert errors == []
    assert 3 <= most[0] <= 4, most


@pytest.fixture
def limited(own_proxy, postgres):
    """The server lets the proxy's login have so many connections and no more, with one for the catalogue."""

    def start(connections, **changes):
        postgres.psql(f"ALTER ROLE limited_rw CONNECTION LIMIT {connections + 1}")
        config = harness.shop_config(postgres)["servers"]
        config["main"]["login"]["user"] = "limited_rw"
        return own_proxy(servers=config, **changes)

    postgres.psql(f"CREATE ROLE limited_rw LOGIN PASSWORD '{harness.PASSWORD}' IN ROLE app_rw")
    yield start
    postgres.psql("DROP ROLE limited_rw")


@pytest.mark.parametrize("changes, connections, tenants", [
    ({"server_connections": 3, "pool": {"mode": "transaction", "size": 10}, "threads": 2}, 3, list(harness.TENANTS)),
    ({"server_connections": 1, "pool": {"mode": "transaction", "size": 10}, "threads": 2}, 1, list(harness.TENANTS)),
    ({"pool": {"mode": "transaction", "size": 1, "lifetime": "20ms"}}, 1, ["acme"]),
    ({"pool": {"mode": "transaction", "size": 2, "lifetime": "20ms"}}, 2, ["acme"]),
], ids=["three places", "one place", "a pool of one", "a pool of two"])
def test_a_place_is_free_when_the_server_says_so(limited, changes, connections, tenants):
    """As many connections as documented are enough: one that the proxy has closed is the server's until it has noticed."""
    target = limited(connections, **changes)
    errors = []

    def work(tenant):
        try:
            for _ in range(10):
                with target.psycopg(tenant) as connection:
                    for _ in range(5):
                        connection.execute("SELECT count(*) FROM orders, pg_sleep(0.002)")
        except Exception as error:  # noqa: BLE001
            errors.append(repr(error))

    threads = [threading.Thread(target=work, args=(tenant,)) for tenant in tenants for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert "server connection failed" not in target.bulkhead.log()


def test_who_waits_goes_on_waiting_while_the_server_has_no_room(limited, postgres):
    """53300 is no server that cannot be reached: somebody else has the place for the moment."""
    target = limited(1, pool={"mode": "transaction", "size": 2}, limits={"queue_timeout": "30s"})
    with psycopg.connect(host="127.0.0.1", port=postgres.port, user="limited_rw", password=harness.PASSWORD, dbname="shop"):
        answers = []
        thread = threading.Thread(target=lambda: answers.append(target.psycopg().execute("SELECT DISTINCT org_id FROM orders").fetchall()))
        thread.start()
        wait_until(lambda: "server connection failed" in target.bulkhead.log(), 10, target.bulkhead.log_tail)
        assert answers == [] and thread.is_alive()
    thread.join(10)
    assert answers == [[(1,)]]


def test_idle_connections_of_others_make_room(tight, postgres):
    target = tight(3)
    clients = [target.psycopg(autocommit=False) for _ in range(3)]
    for client in clients:
        client.execute("SELECT 1")
    for client in clients:
        client.rollback()
    with target.psycopg("globex", autocommit=False) as one, target.psycopg("globex", autocommit=False) as two:
        assert one.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(2,)]
        assert two.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(2,)]
        one.rollback()
        two.rollback()
    for client in clients:
        assert client.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(1,)]
        client.rollback()
        client.close()


def test_a_flood_leaves_the_others_their_part(tight):
    """Twenty clients of one tenant that never rest, two each of the others: in the same time all tenants get about as much done."""
    target = tight(3)
    done, errors, stop = collections.Counter(), [], threading.Event()

    def work(tenant):
        try:
            with target.psycopg(tenant) as connection:
                while not stop.is_set():
                    connection.execute("SELECT count(*) FROM orders, pg_sleep(0.01)")
                    done[tenant] += 1
        except Exception as error:  # noqa: BLE001
            errors.append(repr(error))

    crowd = ["acme"] * 20 + ["globex"] * 2 + ["initech"] * 2
    threads = [threading.Thread(target=work, args=(tenant,)) for tenant in crowd]
    for thread in threads:
        thread.start()
    wait_until(lambda: errors or sum(done.values()) >= 600, 60, lambda: str(done))
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert min(done["globex"], done["initech"]) >= done["acme"] / 4, done


def test_with_fewer_places_than_tenants_everybody_has_a_turn(tight):
    target = tight(1)
    done, errors = collections.Counter(), []

    def work(tenant):
        try:
            with target.psycopg(tenant) as connection:
                for _ in range(20):
                    connection.execute("SELECT count(*) FROM orders")
                    done[tenant] += 1
        except Exception as error:  # noqa: BLE001
            errors.append(repr(error))

    threads = [threading.Thread(target=work, args=(tenant,)) for tenant in harness.TENANTS for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == [] and done == {tenant: 60 for tenant in harness.TENANTS}


def test_who_waits_for_a_place_is_refused_in_time(tight):
    target = tight(1, limits={"queue_timeout": "500ms"})
    with target.psycopg(autocommit=False) as holder:
        holder.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError, match="queue_timeout"):
            with target.psycopg("globex") as waiter:
                waiter.execute("SELECT 1")
        holder.rollback()
    with target.psycopg("globex") as again:
        assert again.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(2,)]


def test_a_place_comes_back_however_its_connection_ends(tight, postgres):
    target = tight(2)
    for _ in range(5):
        with wire.Wire(target) as gone, wire.Wire(target) as killed:
            gone.ask(wire.query("BEGIN"))
            gone.send(wire.query("SELECT pg_sleep(60)"))
            killed.ask(wire.query("BEGIN"))
            gone.socket.shutdown(2)
            pid = [r for r in killed.rows("SELECT pg_backend_pid()")][0][0].decode()
            postgres.psql(f"SELECT pg_terminate_backend({pid})")
        with target.psycopg("globex", autocommit=False) as one, target.psycopg("globex", autocommit=False) as two:
            one.execute("SELECT 1")
            two.execute("SELECT 1")
