"""Nobody makes the proxy hold what nobody reads, and nobody keeps a connection he does not use."""

import socket

import pytest

from wire import Wire, parse, query, SYNC

MEBIBYTE = 1 << 20


def send_until_stuck(connection, message, limit):
    """Sends without ever reading, until neither side takes any more. How many bytes went."""
    kind, body = message
    frame = kind + (len(body) + 4).to_bytes(4, "big") + body
    chunk = frame * max(1, 65536 // len(frame))
    connection.socket.settimeout(3)
    sent = 0
    try:
        while sent < limit:
            connection.socket.sendall(chunk)
            sent += len(chunk)
    except socket.timeout:
        pass
    return sent


@pytest.mark.parametrize("message", [query("LOCK TABLE customers"), parse("LOCK TABLE customers"), query("SELECT"),
                                     query("SELECT repeat('x', 100000)")],
                         ids=["refused", "refused-parse", "empty-rows", "wide-rows"])
def test_a_client_that_never_reads_stops_being_read(proxied, message):
    before = proxied.bulkhead.rss()
    with Wire(proxied) as connection:
        send_until_stuck(connection, message, 64 * MEBIBYTE)
        grown = proxied.bulkhead.rss() - before
    assert grown < 24 * MEBIBYTE, f"{grown} bytes more for answers nobody reads"


def test_a_client_that_only_logged_in_holds_no_connection(own_proxy):
    """The first client of a pool, and one with settings of its own, are welcomed with the help of a server connection."""
    target = own_proxy(pool={"mode": "transaction", "size": 1}, limits={"queue_timeout": "5s"})
    with target.psycopg(options="-c timezone=Europe/Paris") as first, target.psycopg(options="-c timezone=UTC") as second:
        with target.psycopg() as third:
            assert third.execute("SHOW timezone").fetchone()[0] not in ("Europe/Paris",)
        assert first.execute("SHOW timezone").fetchone() == ("Europe/Paris",)
        assert second.execute("SHOW timezone").fetchone() == ("UTC",)


def test_a_waiting_pipeline_does_not_stop_its_neighbours(own_proxy):
    target = own_proxy(pool={"mode": "transaction", "size": 1}, limits={"queue_timeout": "20s"})
    with target.psycopg(autocommit=False) as holder, Wire(target) as waiting, target.psycopg("globex") as other:
        holder.execute("SELECT 1")
        waiting.send(*[query("SELECT 1")] * 1000)
        assert other.execute("SELECT 1").fetchone() == (1,)
        holder.rollback()
        for _ in range(1000):
            waiting.until(b"Z")


def test_sync_alone_needs_no_server(own_proxy):
    target = own_proxy(pool={"mode": "transaction", "size": 1}, limits={"queue_timeout": "1s"})
    with target.psycopg(autocommit=False) as holder, Wire(target) as other:
        holder.execute("SELECT 1")
        other.send(SYNC)
        assert other.until(b"Z")
