"""What a client has said before it goes is done, as PostgreSQL does it: Terminate waits for its turn, and so does a hang-up for a while."""

import select
import socket
import time

import pytest
import wire
from harness import wait_until

INSERT = "INSERT INTO customers (id, name) VALUES ({}, 'leaving')"


@pytest.fixture(params=["transaction", "session"])
def way(request, own_proxy):
    return own_proxy(pool={"mode": request.param, "size": 2})


def written(postgres, identifier):
    return postgres.psql(f"SELECT count(*) FROM customers WHERE org_id = 1 AND id = {identifier}", "shop") == "1"


WAYS = {
    "a query": lambda i: [(wire.query(INSERT.format(i)), wire.TERMINATE)],
    "a query, and then": lambda i: [(wire.query(INSERT.format(i)),), (wire.TERMINATE,)],
    "a slow one": lambda i: [(wire.query(f"INSERT INTO customers (id, name) SELECT {i}, 'leaving' FROM pg_sleep(0.3)"), wire.TERMINATE)],
    "a batch": lambda i: [(wire.parse(INSERT.format(i)), wire.bind(), wire.execute(), wire.SYNC, wire.TERMINATE)],
    "many": lambda i: [(*[wire.query("SELECT 1")] * 50, wire.query(INSERT.format(i)), wire.TERMINATE)],
}


@pytest.mark.parametrize("what", WAYS)
def test_terminate_comes_after_what_was_said_before_it(way, postgres, what):
    for number, warm in enumerate((False, True)):
        identifier = 5000 + 10 * list(WAYS).index(what) + number
        client = wire.Wire(way)
        if warm:
            client.rows("SELECT 1")
        for messages in WAYS[what](identifier):
            client.send(*messages)
        client.close()
        wait_until(lambda i=identifier: written(postgres, i), 10, "the row")
    postgres.psql("DELETE FROM customers WHERE name = 'leaving'", "shop")


def test_a_commit_just_before_the_end_is_one(way, postgres):
    client = wire.Wire(way)
    for statement in ("BEGIN", INSERT.format(5900)):
        client.send(wire.query(statement))
        client.until(b"Z")
    client.send(wire.query("COMMIT"), wire.TERMINATE)
    client.close()
    wait_until(lambda: written(postgres, 5900), 10, "the row")
    postgres.psql("DELETE FROM customers WHERE name = 'leaving'", "shop")


def test_a_batch_without_its_end_is_undone(way, postgres):
    client = wire.Wire(way)
    client.send(wire.parse(INSERT.format(5910)), wire.bind(), wire.execute(), wire.TERMINATE)
    client.close()
    with wire.Wire(way) as other:
        other.rows("SELECT 1")
    assert not written(postgres, 5910)


def test_who_says_no_more_still_hears(way, postgres):
    client = wire.Wire(way)
    client.send(wire.query(INSERT.format(5920) + "; SELECT 'heard'"))
    client.socket.shutdown(socket.SHUT_WR)
    assert wire.kinds(client.until(b"Z")) == "CTDCZ"
    assert written(postgres, 5920)
    postgres.psql("DELETE FROM customers WHERE name = 'leaving'", "shop")


def test_terminate_instead_of_rows(way):
    client = wire.Wire(way)
    client.send(wire.query("COPY customers (id, name) FROM STDIN"))
    client.until(b"G")
    client.send(wire.TERMINATE)
    client.close()
    with wire.Wire(way) as other:
        assert other.rows("SELECT count(*) FROM customers WHERE id > 5000") == [[b"0"]]


def is_queued(client):
    """Rather than told that the queue is full: its query waits, and goes on waiting."""
    client.send(wire.query("SELECT 1"))
    client.socket.settimeout(0.2)
    try:
        assert wire.error(client.until(b"Z"))["C"] == "53300"
        return False
    except TimeoutError:
        return True
    finally:
        client.socket.settimeout(30)


def test_who_has_gone_from_the_queue_takes_no_place_in_it(own_proxy, postgres):
    target = own_proxy(pool={"mode": "transaction", "size": 1}, limits={"queue": 3})
    with target.psycopg(autocommit=False) as holder, wire.Wire(target) as alive:
        holder.execute("SELECT 1")
        for number in range(3):
            dead = wire.Wire(target)
            dead.send(wire.query(INSERT.format(5930 + number)))
            dead.close()

        wait_until(lambda: is_queued(alive), 20, "a place in the queue")
        holder.rollback()
        alive.until(b"Z")
    assert postgres.psql("SELECT count(*) FROM customers WHERE name = 'leaving'", "shop") == "0"


REFUSED = "SELECT pg_read_file('/etc/passwd')"


@pytest.mark.parametrize("text, kinds", [("SELECT 'heard'", "TDCZ"), (REFUSED, "EZ"), ("SELECT 'heard' FROM pg_sleep(0.2)", "TDCZ"),
                                         ("SELECT repeat('x', 3000) FROM generate_series(1, 5000)", None)])
def test_answers_to_what_stands_before_terminate_are_given(way, text, kinds):
    for warm in (False, True):
        client = wire.Wire(way)
        if warm:
            client.rows("SELECT 1")
        client.send(wire.query(text), wire.TERMINATE)
        heard = client.until(b"Z")
        assert wire.kinds(heard) == kinds if kinds else len(heard) == 5003
        assert client.socket.recv(1) == b"", "and then the end"


def test_who_is_gone_before_the_answers_are_is_no_burden(own_proxy, postgres):
    """Rows beyond what the sockets hold, which nobody takes: the statement is done all the same, and the connection is free."""
    way = own_proxy(pool={"mode": "transaction", "size": 1})
    client = wire.Wire(way)
    client.send(wire.query("SELECT repeat('x', 3000) FROM generate_series(1, 20000); " + INSERT.format(5950)), wire.TERMINATE)
    with wire.Wire(way) as other:
        assert other.rows("SELECT count(*) FROM customers WHERE id = 5950") == [[b"1"]]
    client.close()
    postgres.psql("DELETE FROM customers WHERE name = 'leaving'", "shop")


def test_who_says_no_more_hears_that_its_place_is_gone(own_proxy):
    way = own_proxy(pool={"mode": "transaction", "size": 1})
    with way.psycopg(autocommit=False) as holder:
        holder.execute("SELECT 1")
        client = wire.Wire(way)
        client.send(wire.query("SELECT 1"))
        client.socket.shutdown(socket.SHUT_WR)
        kind, body = client.receive()
        assert kind == b"E" and wire.fields(body)["C"] == "08006"


def test_who_has_gone_before_its_welcome_takes_no_place(own_proxy):
    way = own_proxy(pool={"mode": "transaction", "size": 1}, limits={"queue": 1})
    with way.psycopg(autocommit=False) as holder:
        holder.execute("SELECT 1")
        # Settings that the server has to look at need a connection before the welcome.
        dead = wire.Wire(way, login=False)
        where = way.keywords("acme")
        with pytest.raises(TimeoutError):
            dead.socket.settimeout(1)
            dead.start(where["password"], {"user": where["user"], "database": where["dbname"], "options": "-c work_mem=1MB"})
        dead.close()

        with wire.Wire(way) as alive:
            wait_until(lambda: is_queued(alive), 20, "a place in the queue")


def test_who_has_closed_one_side_and_reads_gets_everything(own_proxy):
    """However long it takes: bytes that are taken are a sign of life."""
    client = wire.Wire(own_proxy())
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    client.send(wire.query("SELECT repeat('x', 1000000) FROM generate_series(1, 60)"))
    client.socket.shutdown(socket.SHUT_WR)
    count, begin = 0, time.monotonic()
    for kind, _ in iter(client.receive, None):
        count += kind == b"D"
        if kind == b"Z":
            break
        # Ten seconds in all, and bytes in every one of them.
        while time.monotonic() - begin < count / 6:
            select.select([], [], [], 0.01)
    assert count == 60


def test_who_has_closed_one_side_and_waits_is_told_why_no_answer_comes(own_proxy):
    client = wire.Wire(own_proxy())
    client.send(wire.query("SELECT pg_sleep(60)"))
    client.socket.shutdown(socket.SHUT_WR)
    kind, body = client.receive()
    assert kind == b"E" and wire.fields(body)["S"] == "FATAL" and "closed its side" in wire.fields(body)["M"]
