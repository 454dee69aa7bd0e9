"""The extended protocol: prepared statements, portals and pipelines, also when the server connection changes hands."""

import struct
import threading

import psycopg
import pytest

import wire
from harness import sqlstate
from wire import SYNC, FLUSH, bind, close, describe, execute, kinds, parse, query, row

INT8, TEXT = 20, 25
BOUND = "INSERT INTO customers (org_id, id, name) VALUES ($1, 960, 'bound') RETURNING org_id"


@pytest.fixture
def narrow(own_proxy):
    """Transaction mode with one server connection per tenant: every statement may meet another's leftovers."""
    return own_proxy(pool={"mode": "transaction", "size": 1})


def rows(messages):
    return [row(body) for kind, body in messages if kind == b"D"]


def test_named_statements_survive_the_change_of_hands(narrow):
    with narrow.psycopg() as one, narrow.psycopg() as other:
        one.prepare_threshold = other.prepare_threshold = 0
        for i in range(30):
            assert one.execute("SELECT id FROM orders WHERE id = %s", [1 + i % 9]).fetchone() == (1 + i % 9,)
            assert other.execute("SELECT sku FROM products WHERE id = %s", [1 + i % 4]).fetchone() == (f"sku-{1 + i % 4}",)
            assert other.execute("SELECT id FROM orders WHERE id = %s", [2]).fetchone() == (2,)


def test_the_same_name_means_another_statement_to_another_client(narrow):
    with wire.Wire(narrow) as one, wire.Wire(narrow) as other:
        one.ask(parse("SELECT 1", "s"), SYNC)
        other.ask(parse("SELECT 2", "s"), SYNC)
        for _ in range(3):
            assert rows(one.ask(bind(statement="s"), execute(), SYNC)) == [[b"1"]]
            assert rows(other.ask(bind(statement="s"), execute(), SYNC)) == [[b"2"]]


def test_the_unnamed_statement_survives_the_change_of_hands(narrow):
    """lib/pq: Parse, Describe, Sync; then Bind, Execute, Sync."""
    with wire.Wire(narrow) as one, wire.Wire(narrow) as other:
        assert kinds(one.ask(parse("SELECT $1::int8 + 1"), describe(b"S"), SYNC)) == "1tTZ"
        assert kinds(other.ask(parse("SELECT 'theirs'"), SYNC)) == "1Z"
        assert rows(one.ask(bind(b"41"), execute(), SYNC)) == [[b"42"]]
        assert rows(other.ask(bind(), execute(), SYNC)) == [[b"theirs"]]


def test_a_describe_answered_on_flush_keeps_its_place(narrow):
    """asyncpg and postgres.js: Parse, Describe, Flush; wait; Bind, Execute, Sync. Somebody else wants the connection."""
    with wire.Wire(narrow) as one, wire.Wire(narrow) as other:
        one.send(parse("SELECT id FROM orders WHERE id = $1", types=[INT8]), describe(b"S"), FLUSH)
        assert kinds(one.until(b"T")) == "1tT"
        other.send(query("SELECT 'queued'"))
        one.send(bind(struct.pack("!q", 3), formats=[1], result_formats=[1]), execute(), SYNC)
        assert rows(one.until(b"Z")) == [[struct.pack("!q", 3)]]
        assert rows(other.until(b"Z")) == [[b"queued"]]


def test_a_portal_is_paged_by_row_limits(target):
    with wire.Wire(target) as connection:
        connection.ask(query("BEGIN"))
        answer = connection.ask(parse("SELECT id FROM orders ORDER BY id"), bind(portal="p"), execute("p", 5), SYNC)
        assert kinds(answer) == "12DDDDDsZ"
        seen = rows(answer)
        while "C" not in kinds(answer):
            answer = connection.ask(execute("p", 5), SYNC)
            seen += rows(answer)
        assert [int(r[0]) for r in seen] == list(range(1, 17))
        assert kinds(connection.ask(close(b"P", "p"), SYNC)) == "3Z"
        assert wire.error(connection.ask(execute("p"), SYNC))["C"] == "34000"
        connection.ask(query("ROLLBACK"))


def test_a_portal_is_paged_with_flush_and_no_transaction(target):
    with wire.Wire(target) as connection:
        connection.send(parse("SELECT g FROM generate_series(1, 7) g"), bind(), execute("", 3), FLUSH)
        assert kinds(connection.until(b"s")) == "12DDDs"
        connection.send(execute("", 3), FLUSH)
        assert kinds(connection.until(b"s")) == "DDDs"
        assert kinds(connection.ask(execute("", 3), SYNC)) == "DCZ"


def test_two_portals_of_one_statement_side_by_side(target):
    with wire.Wire(target) as connection:
        connection.ask(query("BEGIN"))
        connection.ask(parse("SELECT id FROM orders WHERE id > $1::int8 ORDER BY id", "s"), SYNC)
        answer = connection.ask(bind(b"0", statement="s", portal="a"), bind(b"10", statement="s", portal="b"),
                                execute("a", 1), execute("b", 1), execute("a", 1), SYNC)
        assert rows(answer) == [[b"1"], [b"11"], [b"2"]]
        connection.ask(query("COMMIT"))


def test_describe_tells_the_types(target):
    with wire.Wire(target) as connection:
        answer = connection.ask(parse("SELECT name, credit FROM customers WHERE id = $1 AND name = $2", "s"),
                                describe(b"S", "s"), bind(b"1", b"x", statement="s"), describe(b"P"), SYNC)
        assert kinds(answer) == "1tT2TZ"
        parameters = dict((k, b) for k, b in answer)[b"t"]
        assert struct.unpack("!hII", parameters) == (2, INT8, TEXT), "no parameter was added"
        assert kinds(connection.ask(parse("DELETE FROM users WHERE false", "d"), describe(b"S", "d"), SYNC)) == "1tnZ"


def test_an_error_skips_to_sync(target):
    with wire.Wire(target) as connection:
        answer = connection.ask(parse("SELECT nosuch FROM orders"), bind(), describe(b"P"), execute(), SYNC)
        assert kinds(answer) == "EZ" and wire.error(answer)["C"] == "42703"
        answer = connection.ask(parse("SELECT 1 / $1::int", "d"), bind(b"0", statement="d"), execute(), bind(b"1", statement="d"),
                                execute(), SYNC, bind(b"1", statement="d"), execute(), SYNC)
        assert kinds(answer) == "1EZ"
        assert kinds(connection.until(b"Z")) == "2DCZ"


def test_a_refusal_skips_to_sync_too(target):
    with wire.Wire(target) as connection:
        answer = connection.ask(parse("SELECT 1"), bind(), execute(), parse("SELECT * FROM audit_trail"), bind(), execute(),
                                parse("SELECT 2"), bind(), execute(), SYNC)
        assert kinds(answer) in ("12DCEZ", "12DC12EZ", "12DC1EZ") and wire.error(answer)["C"] == "42501"
        assert rows(answer) == [[b"1"]]
        assert rows(connection.ask(parse("SELECT 3"), bind(), execute(), SYNC)) == [[b"3"]]


@pytest.mark.parametrize("messages, code", [
    ([bind(statement="nosuch")], "26000"),
    ([describe(b"S", "nosuch")], "26000"),
    ([execute("nosuch")], "34000"),
    ([describe(b"P", "nosuch")], "34000"),
    ([parse("SELECT 1", "twice"), parse("SELECT 2", "twice")], "42P05"),
    ([parse("SELECT 1; SELECT 2")], "42601"),
    ([parse("SELECT $1::int"), bind()], "08P01"),
    ([parse("SELECT $1::int"), bind(b"x")], "22P02"),
    ([parse("SELECT $1::int"), bind(b"12345", formats=[1])], "22P03"),
    ([parse("SELECT $1::text"), bind(b"a\xffb")], "22021"),
])
def test_misuse_gets_the_server_s_code(target, messages, code):
    with wire.Wire(target) as connection:
        assert wire.error(connection.ask(*messages, SYNC))["C"] == code
        assert rows(connection.ask(query("SELECT 1"))) == [[b"1"]]


def test_names_can_be_used_again_after_close(target):
    with wire.Wire(target) as connection:
        for i in range(5):
            answer = connection.ask(parse(f"SELECT {i}", "again"), bind(statement="again", portal="p"), execute("p"),
                                    close(b"P", "p"), close(b"S", "again"), SYNC)
            assert kinds(answer) == "12DC33Z" and rows(answer) == [[str(i).encode()]]
        assert kinds(connection.ask(close(b"S", "never"), close(b"P", "never"), SYNC)) == "33Z"


def test_the_empty_query(target):
    with wire.Wire(target) as connection:
        assert kinds(connection.ask(query(""))) == "IZ"
        assert kinds(connection.ask(query("  -- nothing\n ;; "))) == "IZ"
        assert kinds(connection.ask(parse(""), describe(b"S"), bind(), describe(b"P"), execute(), SYNC)) == "1tn2nIZ"


def test_many_syncs_in_flight(target):
    with wire.Wire(target) as connection:
        sent = []
        for i in range(200):
            sent += [parse(f"SELECT {i}, id FROM orders WHERE id = 1"), bind(), execute(), SYNC]
        connection.send(*sent)
        for i in range(200):
            answer = connection.until(b"Z")
            assert kinds(answer) == "12DCZ" and rows(answer)[0][0] == str(i).encode()


def test_query_messages_in_flight(target):
    with wire.Wire(target) as connection:
        connection.send(*[query(f"SELECT {i}") for i in range(100)])
        for i in range(100):
            assert rows(connection.until(b"Z")) == [[str(i).encode()]]


def test_a_query_may_follow_unsynced_messages(target):
    with wire.Wire(target) as connection:
        answer = connection.ask(parse("SELECT 1"), bind(), execute(), query("SELECT 2"))
        assert rows(answer) == [[b"1"], [b"2"]]


def test_a_pipeline(target):
    with target.psycopg() as connection:
        with connection.pipeline():
            cursors = [connection.execute("SELECT %s::int, count(*) FROM orders", [i]) for i in range(50)]
            assert [c.fetchone()[0] for c in cursors] == list(range(50))


def test_an_error_in_a_pipeline_aborts_what_follows_up_to_sync(target):
    with target.psycopg() as connection:
        with pytest.raises(psycopg.Error):
            with connection.pipeline() as pipeline:
                first = connection.execute("SELECT 1")
                pipeline.sync()
                bad = connection.execute("SELECT * FROM audit_trail")
                after = connection.execute("SELECT 2")
                pipeline.sync()
                last = connection.execute("SELECT 3")
                pipeline.sync()
                assert first.fetchone() == (1,)
                with pytest.raises(psycopg.Error) as caught:
                    bad.fetchone()
                assert sqlstate(caught.value) == "42501"
                with pytest.raises(psycopg.Error):
                    after.fetchone()
                assert last.fetchone() == (3,)
                raise psycopg.Error("all seen")
        assert connection.execute("SELECT 4").fetchone() == (4,)


@pytest.mark.parametrize("value, formats", [(b"2", []), (struct.pack("!q", 2), [1]), (None, [])])
def test_a_foreign_tenant_cannot_be_bound(proxied, postgres, value, formats):
    with wire.Wire(proxied) as connection:
        connection.ask(query("BEGIN"))
        answer = connection.ask(parse(BOUND, types=[INT8]), bind(value, formats=formats), execute(), SYNC)
        assert wire.error(answer)["C"] in ("42501", "23502") and answer[-1][1] == b"E"
        connection.ask(query("ROLLBACK"))
    assert postgres.psql("SELECT count(*) FROM customers WHERE id = 960", "shop") == "0"


@pytest.mark.parametrize("types", [[INT8], []])
@pytest.mark.parametrize("value, formats", [(b"1", []), (struct.pack("!q", 1), [1])])
def test_the_own_tenant_may_be_bound(target, value, formats, types):
    with wire.Wire(target) as connection:
        connection.ask(query("BEGIN"))
        answer = connection.ask(parse(BOUND, types=types), describe(b"S"), bind(value, formats=formats), execute(), SYNC)
        assert rows(answer) == [[b"1"]]
        assert struct.unpack("!hI", dict(answer)[b"t"]) == (1, INT8)
        connection.ask(query("ROLLBACK"))


@pytest.mark.parametrize("formats, own, foreign", [
    ([], b"1", b"2"), ([1], struct.pack("!q", 1), struct.pack("!q", 2))])
def test_after_a_refused_value_the_session_is_in_step(proxied, formats, own, foreign):
    """Outside a transaction, in a pipeline behind a value that is right, and in a transaction that it aborts."""
    with wire.Wire(proxied) as connection:
        connection.ask(parse(BOUND, "s", types=[INT8]), SYNC)
        answer = connection.ask(bind(foreign, statement="s", formats=formats), execute(), SYNC)
        assert kinds(answer) == "EZ" and answer[-1][1] == b"I" and wire.error(answer)["C"] == "42501"
        assert "can only hold the session's own organisation" in wire.error(answer)["M"]

        answer = connection.ask(bind(own, statement="s", formats=formats), execute(),
                                bind(foreign, statement="s", formats=formats), execute(), SYNC)
        assert kinds(answer) == "2DCEZ" and wire.error(answer)["C"] == "42501"
        assert rows(connection.ask(query("SELECT count(*) FROM customers WHERE id = 960"))) == [[b"0"]], "rolled back"

        connection.ask(query("BEGIN"))
        answer = connection.ask(bind(own, statement="s", formats=formats), execute(), SYNC)
        assert rows(answer) == [[b"1"]] and answer[-1][1] == b"T"
        answer = connection.ask(bind(foreign, statement="s", formats=formats), execute(), SYNC)
        assert kinds(answer) == "EZ" and answer[-1][1] == b"E"
        assert wire.error(connection.ask(query("SELECT 1")))["C"] == "25P02"
        assert kinds(connection.ask(query("ROLLBACK"))) == "CZ"
        assert rows(connection.ask(query("SELECT count(*) FROM customers WHERE id = 960"))) == [[b"0"]]


@pytest.mark.parametrize("assignment", ["org_id = $1", "(name, org_id) = ('u', $1)", "org_id = $1::int4"])
def test_the_own_tenant_may_be_assigned(proxied, assignment):
    with wire.Wire(proxied) as connection:
        statement = parse(f"UPDATE customers SET {assignment} WHERE id = 1 RETURNING org_id")
        connection.ask(query("BEGIN"))
        assert rows(connection.ask(statement, bind(b"1"), execute(), SYNC)) == [[b"1"]]
        assert wire.error(connection.ask(statement, bind(b"2"), execute(), SYNC))["C"] == "42501"
        connection.ask(query("ROLLBACK"))


def test_a_type_inferred_elsewhere_is_not_trusted(proxied):
    """`$1` is a float8 here, in which the bytes of the bigint 1 are no 1: only a declared type says what they are."""
    text = "INSERT INTO customers (id, name, org_id) VALUES (960, $1::float8::text, $1)"
    with wire.Wire(proxied) as connection:
        for value, formats in ((b"1", []), (struct.pack("!q", 1), [1])):
            assert wire.error(connection.ask(parse(text), bind(value, formats=formats), execute(), SYNC))["C"] == "42501"
        connection.ask(query("BEGIN"))
        declared = parse(text.replace("float8::", ""), types=[INT8])
        assert kinds(connection.ask(declared, bind(b"1"), execute(), SYNC)) == "12CZ"
        connection.ask(query("ROLLBACK"))


def test_stamped_inserts_with_parameters(target):
    with wire.Wire(target) as connection:
        connection.ask(query("BEGIN"))
        insert = "INSERT INTO customers (id, name, credit) VALUES ($1, $2, $3), ($4, $2, DEFAULT) RETURNING org_id, id, name"
        answer = connection.ask(parse(insert), describe(b"S"), bind(b"961", b"two", b"7", b"962"), execute(), SYNC)
        assert struct.unpack_from("!h", dict(answer)[b"t"])[0] == 4
        assert rows(answer) == [[b"1", b"961", b"two"], [b"1", b"962", b"two"]]
        connection.ask(query("ROLLBACK"))


def test_hundreds_of_statements(narrow):
    with wire.Wire(narrow) as one, wire.Wire(narrow) as other:
        for client, offset in ((one, 0), (other, 1000)):
            client.ask(*[parse(f"SELECT {offset + i}", f"s{i}") for i in range(400)], SYNC)
        for i in range(0, 400, 7):
            assert rows(one.ask(bind(statement=f"s{i}"), execute(), SYNC)) == [[str(i).encode()]]
            assert rows(other.ask(bind(statement=f"s{i}"), execute(), SYNC)) == [[str(1000 + i).encode()]]


def test_deallocate_all_forgets_the_client_s_own_only(narrow):
    with wire.Wire(narrow) as one, wire.Wire(narrow) as other:
        one.ask(parse("SELECT 1", "s"), SYNC)
        other.ask(parse("SELECT 2", "s"), SYNC)
        assert kinds(one.ask(query("DEALLOCATE ALL"))) == "CZ"
        assert wire.error(one.ask(bind(statement="s"), SYNC))["C"] == "26000"
        assert rows(other.ask(bind(statement="s"), execute(), SYNC)) == [[b"2"]]
        one.ask(parse("SELECT 3", "s"), SYNC)
        assert kinds(one.ask(query("DISCARD ALL"))) == "CZ"
        assert wire.error(one.ask(bind(statement="s"), SYNC))["C"] == "26000"
        assert rows(other.ask(bind(statement="s"), execute(), SYNC)) == [[b"2"]]


def test_clients_in_a_crowd_get_their_own_answers(narrow):
    """Twenty clients, one server connection, every kind of message; a wrong answer would be another client's."""
    failures = []

    def work(number):
        try:
            with narrow.psycopg() as connection:
                connection.prepare_threshold = 2
                for i in range(25):
                    assert connection.execute("SELECT %s::int, %s::int", [number, i]).fetchone() == (number, i)
                    assert connection.execute(f"SELECT {number}").fetchone() == (number,)
                    with connection.transaction():
                        connection.execute("SET LOCAL application_name = %s" % f"'w{number}'")
                        assert connection.execute("SHOW application_name").fetchone() == (f"w{number}",)
        except BaseException as error:  # the thread's failure is the test's
            failures.append((number, repr(error)))

    threads = [threading.Thread(target=work, args=[n]) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failures


@pytest.mark.parametrize("oid", [25, 1043, 23, 20], ids=["text", "varchar", "int4", "int8"])
@pytest.mark.parametrize("value, state", [(b"1", None), (b" 01", None), (b"2", "42501"), (b"1.0", "42501"), (None, "42501")])
def test_a_parameter_of_another_type_that_is_cast_may_feed_the_tenant_column(proxied, oid, value, state):
    """As JDBC's setString and Hibernate have it."""
    with proxied.psycopg(autocommit=True) as connection:
        connection.execute("BEGIN")
        done = connection.pgconn.exec_params(b"INSERT INTO customers (org_id, id, name) VALUES (CAST($1 AS bigint), 997, 'cast')", [value], [oid])
        said = psycopg.errors.Diagnostic(done).sqlstate
        assert said == state
        connection.execute("ROLLBACK")
