"""Who gets in, and how little those learn who do not."""

import psycopg
import psycopg2
import pytest

import wire
from harness import DATABASE


def refusal(target, **changes):
    with pytest.raises(wire.LoginRefused) as caught:
        wire.Wire(target, **changes)
    fields = caught.value.fields
    user = changes.get("user", "acme_app")
    return {code: text.replace(user, "USER") for code, text in fields.items()}


def test_the_right_password_gets_in(target):
    with target.psycopg() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    connection = target.psycopg2()
    cursor = connection.cursor()
    cursor.execute("SELECT 1")
    assert cursor.fetchone() == (1,)
    connection.close()


def test_every_refusal_reads_the_same(proxied):
    wrong = refusal(proxied, password="wrong")
    assert wrong["C"] == "28P01" and wrong["S"] == "FATAL"
    assert wrong["M"] == 'password authentication failed for user "USER"'
    assert refusal(proxied, user="nobody_here") == wrong
    assert refusal(proxied, user="nobody_here", password="") == wrong
    assert refusal(proxied, dbname="no_such_database") == wrong
    assert refusal(proxied, dbname="no_such_database", password="wrong") == wrong
    assert refusal(proxied, dbname="globex") == wrong, "another tenant's name is not a hint either"


def test_an_unknown_user_is_asked_like_a_known_one(proxied):
    """Same mechanism, same iterations, and a salt that does not change from try to try."""

    def challenge(user):
        connection = wire.Wire(proxied, login=False)
        with pytest.raises(wire.LoginRefused):
            connection.start("wrong", {"user": user, "database": DATABASE})
        return dict(part.split("=", 1) for part in connection.server_first.split(","))

    known, unknown = challenge("acme_app"), challenge("nobody_here")
    assert known["i"] == unknown["i"] and len(known["s"]) == len(unknown["s"])
    assert unknown["s"] == challenge("nobody_here")["s"] != challenge("somebody_else")["s"]


def test_the_database_may_be_named_after_the_tenant(proxied):
    with proxied.psycopg(dbname="acme") as connection:
        assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(1,)]


def test_a_user_of_several_tenants_has_to_say_which(own_proxy):
    users = {"consultant": {"tenants": ["acme", "globex"], "password": {"plain": "correct horse"}}}
    target = own_proxy(users=users)
    for tenant, org in (("acme", 1), ("globex", 2)):
        with target.psycopg(user="consultant", dbname=tenant) as connection:
            assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(org,)]
    for database in (DATABASE, "initech"):
        with pytest.raises(psycopg.OperationalError):
            target.psycopg(user="consultant", dbname=database)


def test_the_server_parameters_are_the_real_ones(proxied, direct):
    with wire.Wire(proxied) as through, wire.Wire(direct) as straight:
        assert through.key is not None
        for name in ("server_version", "server_encoding", "client_encoding", "standard_conforming_strings", "DateStyle",
                     "integer_datetimes", "TimeZone", "IntervalStyle", "is_superuser"):
            assert through.parameters[name] == straight.parameters[name], name


def test_nothing_runs_before_the_login(proxied):
    connection = wire.Wire(proxied, login=False)
    connection.send(wire.query("SELECT 1"))
    with pytest.raises((wire.Closed, ConnectionError, AssertionError)):
        for kind, _ in iter(connection.receive, None):
            assert kind == b"E"


def test_a_replication_connection_is_refused(proxied):
    with pytest.raises(wire.LoginRefused):
        wire.Wire(proxied, replication="database")
    with pytest.raises(psycopg2.OperationalError):
        proxied.psycopg2(options="-c app.org_id=2")
