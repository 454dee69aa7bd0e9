"""PREPARE, EXECUTE and DEALLOCATE in SQL, as directly and in one name space with the protocol's; and nobody else's statements
under them."""

import struct

import psycopg
import pytest
import wire
from harness import sqlstate
from wire import bind, close, describe, execute, parse, query

SELECT = "SELECT name FROM customers WHERE id = $1"


def texts(messages):
    return [wire.row(body)[0] for kind, body in messages if kind == b"D"]


def test_prepare_execute_deallocate(target):
    with target.psycopg() as connection:
        connection.execute("PREPARE p (bigint) AS SELECT count(*), min(org_id), max(org_id) FROM customers WHERE id < $1")
        assert connection.execute("EXECUTE p(1000)").fetchone() == (8, 1, 1)
        assert connection.execute("EXECUTE p(1 + 2)").fetchone() == (2, 1, 1)
        connection.execute("DEALLOCATE p")
        with pytest.raises(psycopg.errors.InvalidSqlStatementName):
            connection.execute("EXECUTE p(1)")
        with pytest.raises(psycopg.errors.InvalidSqlStatementName):
            connection.execute("DEALLOCATE p")


def test_writes(target):
    with target.psycopg(autocommit=False) as connection:
        connection.execute("PREPARE i AS INSERT INTO customers (id, name) VALUES ($1, $2) RETURNING org_id, name")
        assert connection.execute("EXECUTE i(900, 'new')").fetchone() == (1, "new")
        connection.execute("PREPARE u AS UPDATE customers SET name = $1 WHERE id >= $2")
        assert connection.execute("EXECUTE u('newer', 900)").rowcount == 1
        connection.execute("PREPARE d (int) AS DELETE FROM customers WHERE id >= $1")
        assert connection.execute("EXECUTE d(900)").rowcount == 1
        connection.rollback()


def test_in_one_string(target):
    with wire.Wire(target) as one:
        assert wire.kinds(one.ask(query("PREPARE a AS SELECT 1; EXECUTE a; EXECUTE a"))) == "CTDCTDCZ"
        assert wire.kinds(one.ask(query("EXECUTE a"))) == "TDCZ"


def test_a_statement_outlives_an_error_and_a_rollback(target):
    with wire.Wire(target) as one:
        one.ask(query("BEGIN; PREPARE a AS SELECT 'a'"))
        one.ask(query("SELECT 1/0"))
        assert wire.error(one.ask(query("EXECUTE a")))["C"] == "25P02"
        one.ask(query("ROLLBACK"))
        one.ask(query("PREPARE b AS SELECT 'b'; SELECT 1/0"))
        assert texts(one.ask(query("EXECUTE a; EXECUTE b"))) == [b"a", b"b"]
        assert wire.error(one.ask(query("PREPARE a AS SELECT 2")))["C"] == "42P05"
        assert texts(one.ask(query("EXECUTE a"))) == [b"a"]


def test_deallocate_all_takes_both_kinds(target):
    with wire.Wire(target) as one:
        one.ask(query("PREPARE a AS SELECT 'a'"))
        one.ask(parse("SELECT 'b'", "b"), wire.SYNC)
        assert texts(one.ask(bind(statement="b"), execute(), wire.SYNC)) == [b"b"]
        assert wire.kinds(one.ask(query("DEALLOCATE ALL"))) == "CZ"
        assert wire.error(one.ask(query("EXECUTE a")))["C"] == "26000"
        assert wire.error(one.ask(bind(statement="b"), execute(), wire.SYNC))["C"] == "26000"
        one.ask(parse("SELECT 'again'", "b"), wire.SYNC)
        assert texts(one.ask(bind(statement="b"), execute(), wire.SYNC)) == [b"again"]


def test_discard_all(target):
    with wire.Wire(target) as one:
        one.ask(query("PREPARE a AS SELECT 1"))
        one.ask(query("DISCARD ALL"))
        assert wire.error(one.ask(query("EXECUTE a")))["C"] == "26000"


def test_in_the_extended_protocol(target):
    with wire.Wire(target) as one:
        one.ask(parse("PREPARE p (bigint) AS " + SELECT), bind(), execute(), wire.SYNC)
        first = texts(one.ask(parse("EXECUTE p(1)"), bind(), execute(), wire.SYNC))
        assert first and first == texts(one.ask(query("EXECUTE p(1)")))


def test_clients_have_statements_of_their_own(own_proxy):
    """One name, two clients, and the connections go round."""
    target = own_proxy(pool={"mode": "transaction", "size": 3})
    with target.psycopg() as one, target.psycopg() as two, target.psycopg() as three:
        one.execute("PREPARE p AS SELECT 'one'")
        two.execute("PREPARE p AS SELECT 'two'")
        for _ in range(3):
            assert one.execute("EXECUTE p").fetchone() == ("one",)
            assert two.execute("EXECUTE p").fetchone() == ("two",)
            with pytest.raises(psycopg.errors.InvalidSqlStatementName):
                three.execute("EXECUTE p")


def test_deallocate_gives_the_connection_back(own_proxy):
    target = own_proxy(pool={"mode": "transaction", "size": 1})
    with target.psycopg() as one, target.psycopg() as two:
        for statement in ("DEALLOCATE p", "DEALLOCATE PREPARE p", "DEALLOCATE ALL", "DISCARD ALL"):
            one.execute("PREPARE p AS SELECT 1")
            one.execute("EXECUTE p")
            one.execute(statement)
            two.execute("PREPARE p AS SELECT 2")
            assert two.execute("EXECUTE p").fetchone() == (2,)
            two.execute("DEALLOCATE p")
    with target.psycopg() as one:
        one.execute("PREPARE p AS SELECT 1")
    with target.psycopg() as two, pytest.raises(psycopg.errors.InvalidSqlStatementName):
        two.execute("EXECUTE p")


@pytest.mark.parametrize("name", ["_b1", '"_b1"', '"_b2"', 'U&"_!0062\x31" UESCAPE \'!\''])
def test_statements_of_the_protocol_are_out_of_reach(own_proxy, name):
    """They belong to whoever of the tenant prepared them, with another role perhaps."""
    target = own_proxy(pool={"mode": "transaction", "size": 1})
    with wire.Wire(target) as one, wire.Wire(target) as two:
        one.ask(parse("SELECT 'secret'", "s"), bind(statement="s"), execute(), wire.SYNC)
        one.ask(parse("SELECT 'secret 2'", "t"), bind(statement="t"), execute(), wire.SYNC)
        assert wire.error(two.ask(query(f"EXECUTE {name}")))["C"] in ("26000", "0A000")
        two.ask(query("PREPARE mine AS SELECT 1"))
        assert wire.error(two.ask(query(f"EXECUTE {name}")))["C"] in ("26000", "0A000")
        assert wire.error(two.ask(query(f"DEALLOCATE {name}")))["C"] in ("26000", "0A000")
        assert wire.error(two.ask(query(f"PREPARE {name} AS SELECT 1")))["C"] in ("42939", "0A000")
        two.ask(query("DEALLOCATE ALL"))
        assert texts(one.ask(bind(statement="s"), execute(), wire.SYNC)) == [b"secret"]


@pytest.mark.parametrize("sql, state", [
    ("PREPARE p (customers) AS SELECT $1", "0A000"),
    ("PREPARE p AS SELECT 1; LISTEN x; EXECUTE p", "0A000"),
    ("PREPARE p AS SELECT set_config('work_mem', '64MB', false)", "42501"),
    ("PREPARE p AS SELECT * FROM audit_trail", "42501"),
    ("EXECUTE p((SELECT 1))", "0A000"),
    ("EXPLAIN EXECUTE p", "42501"),
    ("SELECT * FROM pg_prepared_statements", "42501")])
def test_refused(proxied, sql, state):
    with proxied.psycopg() as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute(sql)
    assert sqlstate(refused.value) == state


@pytest.mark.parametrize("types", ["", "(int, bigint)", "(int, numeric)"])
def test_the_organisation_as_an_argument(target, types):
    """What EXECUTE gives to the tenant column is looked at, as what Bind gives is."""
    with target.psycopg(autocommit=False) as connection:
        connection.execute(f"PREPARE p {types} AS INSERT INTO customers (id, org_id, name) VALUES ($1, $2, 'x') RETURNING org_id")
        for number, own in enumerate(["1", "'1'", "1::int", "'1'::bigint", "' 01'"]):
            assert connection.execute(f"EXECUTE p({900 + number}, {own})").fetchone() == (1,)
        connection.rollback()


@pytest.mark.parametrize("value", ["2", "'2'", "2::bigint", "1 + 1", "(SELECT 2)", "1.6", "NULL", "-1", "'2'::text", "0x2",
                                   "CASE WHEN true THEN 2 END", "length('ab')", "'1'::text::bigint + 1"])
def test_no_other_organisation_as_an_argument(proxied, postgres, value):
    count = lambda: postgres.psql("SELECT count(*) FROM customers", "shop")  # noqa: E731
    before = count()
    with proxied.psycopg() as connection:
        connection.execute("PREPARE p AS INSERT INTO customers (id, org_id, name) VALUES ($1, $2, 'x')")
        with pytest.raises(psycopg.Error) as refused:
            connection.execute(f"EXECUTE p(901, {value})")
        assert sqlstate(refused.value) in ("42501", "0A000", "42601")
    with wire.Wire(proxied) as one:
        one.ask(parse("INSERT INTO customers (id, org_id, name) VALUES ($1, $2, 'x')", "p"), wire.SYNC)
        assert wire.error(one.ask(query(f"EXECUTE p(901, {value})")))["C"] in ("42501", "0A000", "42601")
        assert wire.error(one.ask(parse(f"EXECUTE p(901, {value})"), bind(), execute(), wire.SYNC))["C"] in ("42501", "0A000", "42601")
    assert count() == before


def test_a_guard_of_the_outer_statement_does_not_vouch_for_the_inner(proxied):
    """PREPARE through Parse, with a Bind that would satisfy a guard on $2, and EXECUTE with another organisation."""
    with wire.Wire(proxied) as one:
        one.ask(parse("PREPARE p AS INSERT INTO customers (id, org_id, name) VALUES ($1, $2, 'x')"),
                bind(b"1", b"1"), execute(), wire.SYNC)
        assert wire.error(one.ask(query("EXECUTE p(901, 2)")))["C"] in ("42501", "26000")


def test_one_name_space(target):
    with wire.Wire(target) as one:
        one.ask(parse("SELECT $1::text || 'x'", "s1"), wire.SYNC)
        assert texts(one.ask(query("EXECUTE s1('a')"))) == [b"ax"]
        assert texts(one.ask(parse("EXECUTE s1('b')"), bind(), execute(), wire.SYNC)) == [b"bx"]
        assert wire.error(one.ask(query("PREPARE s1 AS SELECT 1")))["C"] == "42P05"
        assert wire.error(one.ask(parse("SELECT 1", "s1"), wire.SYNC))["C"] == "42P05"
        assert wire.kinds(one.ask(query("DEALLOCATE s1"))) == "CZ"
        assert wire.error(one.ask(bind(b"a", statement="s1"), execute(), wire.SYNC))["C"] == "26000"

        assert wire.kinds(one.ask(query("PREPARE s2 (int, text) AS SELECT $1 + 1, $2"))) == "CZ"
        got = one.ask(describe(b"S", "s2"), wire.SYNC)
        assert dict(got)[b"t"] == b"\0\2\0\0\0\x17\0\0\0\x19"
        got = one.ask(bind(b"1", b"z", statement="s2"), execute(), wire.SYNC)
        assert [wire.row(body) for kind, body in got if kind == b"D"] == [[b"2", b"z"]]
        assert wire.error(one.ask(parse("SELECT 1", "s2"), wire.SYNC))["C"] == "42P05"
        one.ask(close(b"S", "s2"), wire.SYNC)
        for text in ("EXECUTE s2(1, 'a')", "DEALLOCATE s2"):
            error = wire.error(one.ask(query(text)))
            assert (error["C"], error["M"]) == ("26000", 'prepared statement "s2" does not exist')


def test_names_in_messages(target):
    with wire.Wire(target) as one:
        one.ask(parse("SELECT $1::int", "s1"), wire.SYNC)
        assert wire.error(one.ask(query("EXECUTE s1")))["M"] == 'wrong number of parameters for prepared statement "s1"'
        assert wire.error(one.ask(parse("EXECUTE s1(1, 2)"), bind(), execute(), wire.SYNC))["M"] == \
            'wrong number of parameters for prepared statement "s1"'
        assert 'prepared statement "s1" requires 1' in wire.error(one.ask(bind(statement="s1"), execute(), wire.SYNC))["M"]


def test_positions(target):
    """In the text of the client's, whatever was made of it."""
    with wire.Wire(target) as one:
        one.ask(query("PREPARE p (int) AS SELECT id FROM customers WHERE id = $1"))
        for text in ("PREPARE q AS SELECT id FROM customers WHERE nothing = 1", "/* ü */ EXECUTE p('ü'::int)", "EXECUTE p ( 'x' )",
                     "SELECT 'ü'; PREPARE r AS SELECT nothing FROM customers", "EXECUTE p(1); SELECT nothing FROM customers"):
            error = wire.error(one.ask(query(text)))
            assert (text, error["C"], error.get("P")) == (text, *{
                "PREPARE q AS SELECT id FROM customers WHERE nothing = 1": ("42703", "45"),
                "/* ü */ EXECUTE p('ü'::int)": ("22P02", "19"),
                "EXECUTE p ( 'x' )": ("22P02", "13"),
                "SELECT 'ü'; PREPARE r AS SELECT nothing FROM customers": ("42703", "33"),
                "EXECUTE p(1); SELECT nothing FROM customers": ("42703", "22")}[text])


def test_strings_of_several_statements(target):
    with wire.Wire(target) as one:
        got = one.ask(query("PREPARE a (int) AS SELECT $1; EXECUTE a(1); SELECT 'between'; EXECUTE a(2); DEALLOCATE a; PREPARE a AS "
                            "INSERT INTO customers (id, name) VALUES (950, 'x') RETURNING org_id; EXECUTE a; SELECT 1/0; EXECUTE a"))
        assert wire.kinds(got) == "CTDCTDCTDCCCTDCEZ" or wire.kinds(got) == "CTDCTDCTDCCCTDCTEZ"
        assert texts(got) == [b"1", b"between", b"2", b"1"]
        assert texts(one.ask(query("SELECT count(*) FROM customers WHERE id = 950"))) == [b"0"], "one transaction"
        got = one.ask(query("EXECUTE a; ; DEALLOCATE missing; SELECT 1"))
        assert texts(got) == [b"1"] and wire.error(got)["C"] == "26000"
        assert texts(one.ask(query("SELECT count(*) FROM customers WHERE id = 950"))) == [b"0"]


def test_strings_with_transactions_and_settings(target):
    with wire.Wire(target) as one:
        got = one.ask(query("PREPARE a AS INSERT INTO customers (id, name) VALUES (951, current_setting('work_mem')) RETURNING name; BEGIN; "
                            "SET work_mem = '5MB'; EXECUTE a; SHOW work_mem"))
        assert wire.kinds(got) == "CCCTDCTDCZ" and texts(got) == [b"5MB", b"5MB"]
        assert got[-1] == (b"Z", b"T")
        assert wire.error(one.ask(query("SELECT 1/0")))["C"] == "22012"
        got = one.ask(query("ROLLBACK; SHOW work_mem; EXECUTE a"))
        assert texts(got)[1:] == [texts(got)[0]] and texts(got)[0] != b"5MB" and got[-1] == (b"Z", b"I")
        got = one.ask(query("BEGIN; DELETE FROM customers WHERE id = 951; EXECUTE a; ROLLBACK; DELETE FROM customers WHERE id = 951; DEALLOCATE a"))
        assert wire.kinds(got) == "CCTDCCCCZ"
        assert texts(one.ask(query("SELECT count(*) FROM customers WHERE id = 951"))) == [b"0"]


def test_what_an_executed_statement_does_is_followed(target):
    with wire.Wire(target) as one:
        one.ask(query("BEGIN; DECLARE c CURSOR FOR SELECT id FROM customers WHERE id < 4 ORDER BY id FOR UPDATE; FETCH c"))
        one.ask(query("PREPARE u AS UPDATE customers SET name = $1 WHERE CURRENT OF c RETURNING id"))
        assert texts(one.ask(query("EXECUTE u('a')"))) == [b"1"]
        assert texts(one.ask(bind(b"b", statement="u"), execute(), wire.SYNC)) == [b"1"]
        assert texts(one.ask(parse("EXECUTE u('c')"), bind(), execute(), wire.SYNC)) == [b"1"]
        one.ask(query("CLOSE c"))
        assert wire.error(one.ask(query("EXECUTE u('d')")))["C"] == "34000"
        one.ask(query("ROLLBACK"))
        assert wire.error(one.ask(query("EXECUTE u('d')")))["C"] == "34000"


def test_nothing_is_tied_to_its_connection(own_proxy):
    """Two clients on one connection, statement by statement; and one client on one connection after another."""
    target = own_proxy(pool={"mode": "transaction", "size": 2})
    with wire.Wire(target) as one, wire.Wire(target) as two, wire.Wire(target) as three, target.psycopg() as four:
        one.ask(query("PREPARE p AS SELECT 'one'"))
        two.ask(query("PREPARE p AS SELECT 'two'"))
        used = four.execute("SELECT pg_backend_pid()").fetchone()
        three.ask(query("BEGIN; SELECT 1"))  # from here on there is another connection for the others
        for _ in range(2):
            assert texts(one.ask(query("EXECUTE p"))) == [b"one"]
            assert texts(two.ask(parse("EXECUTE p"), bind(), execute(), wire.SYNC)) == [b"two"]
            assert texts(two.ask(bind(statement="p"), execute(), wire.SYNC)) == [b"two"]
        assert four.execute("SELECT pg_backend_pid()").fetchone() != used, "the test is about another connection"


def test_session_mode(own_proxy):
    target = own_proxy(pool={"mode": "session", "size": 2})
    with target.psycopg() as connection:
        connection.execute("PREPARE p (int) AS SELECT id FROM customers WHERE id = $1")
        assert connection.execute("EXECUTE p(2)").fetchone() == (2,)
        connection.execute("DISCARD ALL")
        with pytest.raises(psycopg.errors.InvalidSqlStatementName):
            connection.execute("EXECUTE p(2)")


def test_executing_what_is_no_query(proxied):
    with wire.Wire(proxied) as one:
        one.ask(parse("BEGIN", "b"), parse("EXECUTE b", "e"), parse("PREPARE p AS SELECT 1", "p"), wire.SYNC)
        for name in ("b", "e", "p"):
            assert wire.error(one.ask(query(f"EXECUTE {name}")))["C"] == "0A000"


def test_in_a_failed_transaction(target):
    with wire.Wire(target) as one:
        one.ask(query("PREPARE a AS SELECT 1"))
        one.ask(query("BEGIN"))
        one.ask(query("SELECT 1/0"))
        for text in ("EXECUTE a", "PREPARE a2 AS SELECT 1", "DEALLOCATE a", "EXECUTE a; EXECUTE a"):
            assert wire.error(one.ask(query(text)))["C"] == "25P02"
        one.ask(query("ROLLBACK"))
        assert texts(one.ask(query("EXECUTE a"))) == [b"1"]
        one.ask(query("BEGIN; SAVEPOINT s"))
        assert wire.error(one.ask(query("EXECUTE missing")))["C"] == "26000"
        assert wire.error(one.ask(query("SELECT 1")))["C"] == "25P02"
        one.ask(query("ROLLBACK TO s"))
        assert texts(one.ask(query("EXECUTE a"))) == [b"1"]
        one.ask(query("COMMIT"))


def test_a_batch_that_fails_leaves_what_the_next_one_has_prepared(own_proxy):
    """Both in one write, the same text in both: what is undone of the first is not the second's."""
    target = own_proxy(pool={"mode": "transaction", "size": 1})
    for broken in ("SELECT 1/0", "SELECT * FROM audit_trail"):
        text = f"SELECT 4711, '{broken}'".replace("'", "$$")
        with wire.Wire(target) as one, wire.Wire(target) as other:
            one.send(wire.parse(broken), wire.bind(), wire.execute(), wire.parse(text, "s1"), wire.SYNC, wire.parse(text, "s2"), wire.SYNC)
            one.until(b"Z")
            assert wire.kinds(one.until(b"Z")) == "1Z"
            for client in (one, other):
                assert wire.kinds(client.ask(wire.parse(text, "x"), wire.bind(statement="x"), wire.execute(), wire.SYNC)) == "12DCZ"
            assert wire.kinds(one.ask(wire.bind(statement="s2"), wire.execute(), wire.SYNC)) == "2DCZ"


def test_what_was_to_make_room_and_did_not_is_still_there(own_proxy):
    target = own_proxy(pool={"mode": "transaction", "size": 1})
    with wire.Wire(target) as client:
        for number in range(505):
            client.ask(wire.parse(f"SELECT {number} + 800000", f"e{number}"), wire.SYNC)
        client.send(wire.parse("SELECT 1/0"), wire.bind(), wire.execute(), *[wire.bind(statement=f"e{n}") for n in range(5)], wire.SYNC,
                    *[wire.bind(statement=f"e{n}") for n in range(10)], wire.SYNC)
        client.until(b"Z")
        assert wire.kinds(client.until(b"Z")) == "2" * 10 + "Z"
        for number in range(505):
            assert wire.kinds(client.ask(wire.bind(statement=f"e{number}"), wire.execute(), wire.SYNC)) == "2DCZ", number


# What a constant comes to when a text is parsed depends on the settings of whoever parses it.
READ_BY_SETTINGS = [
    ("SELECT extract(epoch FROM timestamptz '2024-01-01 00:00')::int::text", "timezone", "Asia/Tokyo"),
    ("SELECT to_char('01/02/2024'::date, 'YYYY-MM-DD')", "datestyle", "ISO, DMY"),
    ("SELECT (('{NULL,a}'::text[])[1] IS NULL)::text", "array_nulls", "off"),
    ("SELECT ('-1 2:03:04'::interval = '-1 day +2:03:04')::text", "intervalstyle", "sql_standard"),
    (r"SELECT '\x41'::bytea::text", "bytea_output", "escape"),
]
HOW = {
    "SET": lambda name, value: [wire.query(f"SET {name} = '{value}'")],
    "in one write": lambda name, value: [wire.parse(f"SET {name} = '{value}'"), wire.bind(), wire.execute(), wire.SYNC],
    "SET LOCAL": lambda name, value: [wire.query("BEGIN"), wire.query(f"SET LOCAL {name} = '{value}'")],
    "set_config": lambda name, value: [wire.query("BEGIN"), wire.query(f"SELECT set_config('{name}', '{value}', true)")],
    "undone": lambda name, value: [wire.query("BEGIN"), wire.query("SAVEPOINT s"), wire.query(f"SET {name} = '{value}'"),
                                   wire.query("ROLLBACK TO s")],
}


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("text, name, value", READ_BY_SETTINGS)
def test_what_one_client_s_constants_mean_is_nothing_to_another(own_proxy, direct, text, name, value, how):
    way = own_proxy(pool={"mode": "transaction", "size": 1})

    def ask(client, before=()):
        client.send(*before, wire.parse(text, "s"), wire.bind(statement="s"), wire.execute(), wire.SYNC)
        for _ in before[:len(before) if before and before[0][0] == b"Q" else 1]:
            client.until(b"Z")
        heard = client.until(b"Z")
        rows = [wire.row(body)[0] for kind, body in heard if kind == b"D"]
        client.send(wire.close(b"S", "s"), wire.query("ROLLBACK"))
        client.until(b"Z")
        return rows

    answers = []
    for target in (direct, way):
        with wire.Wire(target) as one, wire.Wire(target) as two:
            answers.append([ask(one, HOW[how](name, value)), ask(two), ask(one)])
    assert answers[1] == answers[0]


def test_now_is_when_the_client_parses_it(own_proxy):
    way = own_proxy(pool={"mode": "transaction", "size": 1})
    for text in ("SELECT 'now'::timestamptz::text", "SELECT $$ NOW $$::timestamptz::text", r"SELECT E'\x6eow'::timestamptz::text"):
        seen = set()
        with wire.Wire(way) as one, wire.Wire(way) as two:
            for client in (one, two, one):
                client.send(wire.parse(text, "s"), wire.bind(statement="s"), wire.execute(), wire.close(b"S", "s"), wire.SYNC)
                seen |= {wire.row(body)[0] for kind, body in client.until(b"Z") if kind == b"D"}
        assert len(seen) == 3


def test_a_table_that_changes_does_not_take_the_text_with_it(own_proxy, postgres):
    """"cached plan must not change result type" is the server's of what has been prepared before: a new Parse has to help."""
    way = own_proxy(pool={"mode": "transaction", "size": 1})
    text = "SELECT * FROM customers WHERE id = 0"

    def columns(client, name):
        client.send(wire.parse(text, name), wire.describe(b"S", name), wire.bind(statement=name), wire.execute(), wire.SYNC)
        heard = client.until(b"Z")
        return [struct.unpack_from("!h", body)[0] for kind, body in heard if kind == b"T"], "E" in wire.kinds(heard)

    with wire.Wire(way) as old, wire.Wire(way) as new:
        before, _ = columns(old, "one")
        postgres.psql("ALTER TABLE customers ADD COLUMN later int", "shop")
        try:
            columns(new, "one")  # the first may meet what is there
            assert columns(new, "two") == ([before[0] + 1], False)
            assert columns(old, "two") == ([before[0] + 1], False)
            with wire.Wire(way) as fresh:
                assert columns(fresh, "one") == ([before[0] + 1], False)
        finally:
            postgres.psql("ALTER TABLE customers DROP COLUMN later", "shop")


def test_more_statements_in_a_batch_than_a_connection_holds(own_proxy):
    way = own_proxy(pool={"mode": "transaction", "size": 1})
    with wire.Wire(way) as client:
        client.send(wire.parse("SELECT pg_sleep(0.3)"), wire.bind(), wire.execute(),
                    *[wire.parse(f"SELECT {number}", f"s{number}") for number in range(2000)], wire.SYNC)
        assert wire.kinds(client.until(b"Z")).count("1") == 2001
        client.send(wire.bind(statement="s0"), wire.execute(), wire.bind(statement="s1999"), wire.execute(), wire.SYNC)
        assert [wire.row(body) for kind, body in client.until(b"Z") if kind == b"D"] == [[b"0"], [b"1999"]]


ZONED = "SELECT '2024-01-01 04:00'::timestamptz::text"
FAILS = "SELECT 1/(id-3) FROM generate_series(1,5) id"


def run(text):
    return [wire.parse(text), wire.bind(), wire.execute()]


UNDONE = {
    "by an error in the batch": lambda: ([run("SET timezone='Asia/Tokyo'") + [wire.FLUSH]],
                                         run("SELECT pg_sleep(0.1)") + run(FAILS) + [wire.SYNC, wire.parse(ZONED, "y"), wire.SYNC], 2),
    "by a query behind the batch": lambda: ([run("SET timezone='Asia/Tokyo'") + [wire.FLUSH]],
                                            [wire.query(FAILS), wire.parse(ZONED, "y"), wire.SYNC], 2),
    "by ROLLBACK in a string": lambda: ([[wire.query("BEGIN")], [wire.query("SET timezone='Asia/Tokyo'")]],
                                        [wire.query(f"ROLLBACK; PREPARE y AS {ZONED}; EXECUTE y")], 1),
}


@pytest.mark.parametrize("how", UNDONE)
def test_formats_that_are_undone_are_nobody_s(own_proxy, direct, how):
    answers = []
    for way in (direct, own_proxy(pool={"mode": "transaction", "size": 1})):
        with wire.Wire(way) as one, wire.Wire(way) as two:
            before, then, readies = UNDONE[how]()
            for messages in before:
                one.send(*messages)
                one.until(b"C")  # of the statement
                if messages[-1] != wire.FLUSH:
                    one.until(b"Z")
            one.send(*then)
            for _ in range(readies):
                one.until(b"Z")
            two.rows("SET timezone='Asia/Tokyo'")
            two.send(wire.parse(ZONED, "y"), wire.bind(statement="y"), wire.execute(), wire.SYNC)
            answers.append([wire.row(body) for kind, body in two.until(b"Z") if kind == b"D"])
    assert answers[1] == answers[0]


@pytest.mark.parametrize("first", [wire.close(b"S", "zz"), wire.close(b"P", "zz"), wire.parse("DEALLOCATE zz", "qq")])
def test_a_refused_bind_does_not_leave_the_neighbour_s_settings(own_proxy, first):
    way = own_proxy(pool={"mode": "transaction", "size": 1})
    text = f"SELECT current_setting('timezone'), ({ZONED})"
    with wire.Wire(way) as one, wire.Wire(way) as two, wire.Wire(way) as three:
        two.send(wire.parse("INSERT INTO customers (org_id, id, name) VALUES ($1, 41001, 'q')", "i"), wire.SYNC)
        two.until(b"Z")
        expected = three.rows(text)
        one.rows("SET timezone='Asia/Tokyo'")
        two.send(wire.bind(b"2", statement="i"), wire.execute(), wire.SYNC, first, wire.parse(text, "y"),
                 wire.bind(statement="y"), wire.execute(), wire.SYNC)
        assert wire.error(two.until(b"Z"))["C"] == "42501"
        assert [wire.row(body) for kind, body in two.until(b"Z") if kind == b"D"] == expected
        three.send(wire.parse(text, "y"), wire.bind(statement="y"), wire.execute(), wire.SYNC)
        assert [wire.row(body) for kind, body in three.until(b"Z") if kind == b"D"] == expected


def test_a_parameter_that_has_become_wider_is_known_after_one_error(own_proxy, postgres):
    way = own_proxy(pool={"mode": "transaction", "size": 1})
    postgres.psql("CREATE TABLE narrow (org_id bigint, id int); GRANT SELECT ON narrow TO app_rw", "shop")
    text = "SELECT id FROM narrow WHERE id = $1"

    try:
        with wire.Wire(way) as old:
            old.ask(wire.parse(text, "p"), wire.bind(b"3", statement="p"), wire.execute(), wire.SYNC)
        postgres.psql("ALTER TABLE narrow ALTER id TYPE bigint", "shop")
        states = []
        for _ in range(2):
            with wire.Wire(way) as client:
                heard = client.ask(wire.parse(text, "p"), wire.bind(b"3000000000", statement="p"), wire.execute(), wire.SYNC)
                states.append("E" in wire.kinds(heard))
        assert states[1] is False, "the first may meet what is there"
    finally:
        postgres.psql("DROP TABLE narrow", "shop")


def test_a_portal_keeps_the_statement_that_it_executes(own_proxy):
    way = own_proxy(pool={"mode": "transaction", "size": 1})
    with wire.Wire(way) as client:
        client.ask(query("PREPARE a AS SELECT count(*) FROM customers"))
        client.ask(query("BEGIN"))
        client.ask(parse("EXECUTE a", "e"), bind(statement="e", portal="p1"), wire.SYNC)
        for number in range(600):
            client.ask(parse(f"SELECT {number} + id FROM customers", f"s{number}"), wire.SYNC)
        heard = client.ask(execute("p1"), wire.SYNC)
        assert texts(heard) == [b"8"], wire.kinds(heard)


def test_many_executes_behind_many_savepoints(own_proxy):
    """Each piece of a string was held against a copy of all that the transaction has: seconds, for everybody on the loop."""
    way = own_proxy()
    with wire.Wire(way) as client:
        client.ask(query("PREPARE q AS SELECT 1"))
        client.ask(query("BEGIN"))
        for _ in range(10):
            client.ask(query("; ".join(f"SAVEPOINT s{'ab'[i % 2]}" for i in range(900))))
        heard = client.ask(query("EXECUTE q; " * 900))
        assert texts(heard) == [b"1"] * 900
