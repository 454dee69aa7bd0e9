"""126–141: the wire itself."""

import socket
import struct

from attack import refused, shown_by, wire
from wire import Closed, LoginRefused, bind, close, describe, execute, parse, query

SYNC = (b"S", b"")
SECRETS = "SELECT secret FROM account"


@wire(126, "every function there is, by the fast path")
def fast_path(scene):
    client = scene.login()
    for oid in (59, 715, 952, 957, 964, 2078, 2096, 2171, 2624, 2923, 3036, 3577):
        scene.refuses(client, (b"F", scene.function_call(oid, b"1")))
    assert scene.texts(client.ask(query(SECRETS))) == scene.own("secret")


@wire(127, "replication in the startup packet")
def replication(scene):
    for value in ("true", "database", "on", "1", "yes"):
        try:
            scene.login(replication=value).ask(query("IDENTIFY_SYSTEM"))
        except LoginRefused:
            continue
        raise AssertionError(value)


@wire(129, "lengths that wrap, and messages within messages")
def lengths(scene):
    for header in (b"Q\xff\xff\xff\xff", b"Q\x7f\xff\xff\xff", b"Q\x80\0\0\0", b"Q\0\0\0\3", b"Q\0\0\0\0", b"B\xff\xff\xff\xff"):
        client = scene.login()
        client.socket.sendall(header + b"Q\0\0\0\x29SELECT secret FROM account WHERE 2=2;\0")
        scene.closes(client)


@wire(129, "a parameter whose length reaches beyond its message")
def parameter_length(scene):
    client = scene.login()
    client.ask(parse("SELECT $1::text", "s"), SYNC)
    inner = b"Q\0\0\0\x10SET a=b\0"
    body = b"\0s\0\0\0\0\1" + struct.pack("!i", 0x7FFFFFFF) + inner
    try:
        assert "E" in scene.kinds(client.ask((b"B", body), SYNC))
    except Closed:
        pass


@wire(132, "NUL in a text, bytes behind it, counts below zero")
def malformed(scene):
    for message in ((b"Q", b"SELECT 1\0; SELECT 2\0"), (b"Q", b"SELECT 1"), (b"P", b"s\0SELECT 1\0\xff\xff"), (b"P", b"s\0SELECT 1\0\0\0x"),
                    (b"B", b"\0\0\0\2\0\0\0\1\0\0\0\0"), (b"B", b"\0\0\xff\xff\0\0\0\0"), (b"E", b"\0\0\0\0\0x"), (b"D", b"X\0"), (b"C", b"P")):
        client = scene.login()
        try:
            assert "E" in scene.kinds(client.ask(message, SYNC)), message
        except Closed:
            pass


@wire(133, "a Query that is swallowed until Sync: nobody else's is")
def swallowed(scene):
    client = scene.login()
    client.send(parse("SELECT nonsense("), query("SELECT 'swallowed'"), SYNC)
    client.close()
    for _ in range(6):
        assert scene.texts(scene.login().ask(query(SECRETS))) == scene.own("secret")


@wire(134, "a portal left open, a name of another client's, a text exchanged in a pipeline")
def names(scene):
    one, two = scene.login(), scene.login("globex")
    two.ask(parse("SELECT secret FROM account", "theirs"), SYNC)
    assert "E" in scene.kinds(one.ask(bind(statement="theirs"), execute(), SYNC))
    for guess in ("bulkhead_1", "s1", "S_1", "P_0", "1", "b1"):
        assert "E" in scene.kinds(one.ask(describe(b"S", guess), SYNC)), guess
    two.ask(query("BEGIN"))
    two.ask(bind(statement="theirs", portal="open"), execute("open", 1), SYNC)
    assert "E" in scene.kinds(one.ask(execute("open"), SYNC))
    assert "E" in scene.kinds(one.ask(parse(SECRETS, "a"), bind(statement="a"), close(b"S", "a"), bind(statement="a"), execute(), SYNC))
    two.ask(query("ROLLBACK"))


@wire(135, "DEALLOCATE ALL, DISCARD PLANS: of one's own")
def deallocated(scene):
    one, two = scene.login(), scene.login()
    two.ask(parse(SECRETS, "kept"), SYNC)
    for text in ("DEALLOCATE ALL", "DISCARD PLANS", "DEALLOCATE kept", "DISCARD ALL"):
        one.ask(query(text))
        assert scene.texts(two.ask(bind(statement="kept"), execute(), SYNC)) == scene.own("secret"), text


@wire(136, "spellings of a bound number, and a type that says otherwise")
def bound_values(scene):
    client = scene.login()
    for types in ((), (20,), (23,), (1700,), (25,), (705,)):
        for value in (b"2", b" 2 ", b"+2", b"02", b"0x2", b"2e0", b"1_0"):
            answer = client.ask(parse("SELECT secret FROM account WHERE org_id = $1", types=types), bind(value), execute(), SYNC)
            assert scene.texts(answer) == [], (types, value)


@wire(136, "a parameter declared of a type whose code would run")
def declared_types(scene):
    for name, value in (("wish", b"(2)"), ("_wish", b"{(2)}"), ("nosy", b"2"), ("_nosy", b"{2}")):
        (oid,), = scene.world.ask(scene.setup, f"SELECT '{name}'::regtype::oid::int8")
        for text in ("SELECT $1", "SELECT $1::text", "SELECT secret FROM account WHERE secret = $1::text"):
            client = scene.login()
            answer = client.ask(parse(text, types=(oid,)), bind(value), execute(), SYNC)
            assert scene.kinds(answer) == "EZ", (name, text, answer)
            assert scene.texts(client.ask(query("SELECT count(*)::text FROM account"))) == ["5"]
            assert scene.texts(client.ask(query("SHOW app.org_id"))) in ([], ["1"])


@wire(137, "messages inside a COPY, and what looks like them in its data")
def copying(scene):
    client = scene.login()
    client.send(query("COPY item (id, body) FROM STDIN"))
    if scene.until(client, b"ZG")[-1][0] == b"G":
        client.send((b"d", b"60\tQ\0\0\0\4\n"), query("SET app.org_id = '2'"), (b"f", b"enough\0"))
        scene.until(client, b"Z")
    client.send((b"d", b"Q\0\0\0\4"), (b"c", b""), (b"f", b"x\0"))  # outside a COPY they are nothing
    assert scene.texts(client.ask(query(SECRETS))) == scene.own("secret")


@wire(139, "names and keys the server made do not pass")
def startup_answers(scene):
    mine, theirs = scene.login(), scene.login("globex")
    pids = {pid for (pid,) in scene.world.ask(scene.setup, "SELECT pid FROM pg_stat_activity WHERE usename = 'app_rw'")}
    assert mine.key != theirs.key and mine.key[0] not in pids
    assert mine.parameters["session_authorization"] in ("acme_app", "app_rw") and mine.parameters["is_superuser"] == "off"


@wire(140, "a string whose transaction ends in the middle")
def transactions(scene):
    client = scene.login()
    for text in ("BEGIN; COMMIT AND CHAIN; SELECT secret FROM account", "BEGIN; SELECT 1; ROLLBACK; SELECT secret FROM account; BEGIN",
                 "ROLLBACK AND CHAIN; SELECT secret FROM account", "SAVEPOINT s; SELECT secret FROM account; COMMIT",
                 "COMMIT; BEGIN; SAVEPOINT a; ROLLBACK TO a; SELECT secret FROM account; COMMIT AND CHAIN"):
        for secret in scene.texts(client.ask(query(text))):
            assert secret in (*scene.own("secret"), "1"), (text, secret)
    client.close()
    assert scene.login().ask(query("SELECT 1"))[-1] == (b"Z", b"I")


@wire(141, "a proof for another, a mechanism that was not offered")
def login(scene):
    for body in (b"SCRAM-SHA-256-PLUS\0\0\0\0\0", b"PLAIN\0\0\0\0\0", b"md5 0123456789abcdef\0"):
        with socket.create_connection(("127.0.0.1", scene.port)) as raw:
            packet = b"user\0acme_app\0database\0bank\0\0"
            raw.sendall(struct.pack("!ii", len(packet) + 8, 196608) + packet)
            raw.recv(4096)
            raw.sendall(b"p" + struct.pack("!i", len(body) + 4) + body + b"Q\0\0\0\rSELECT 1\0")
            raw.settimeout(20)
            everything = b"".join(iter(lambda: raw.recv(4096), b""))
            assert b"R\0\0\0\x08\0\0\0\0" not in everything and b"D\0\0\0" not in everything, body


ATTACKS = [
    fast_path,
    replication,
    refused(128, "START_REPLICATION", "START_REPLICATION SLOT s LOGICAL 0/0", states=("42601",)),
    refused(128, "BASE_BACKUP", "BASE_BACKUP", states=("42601",)),
    refused(128, "the functions of it", "SELECT pg_logical_slot_get_changes('s', NULL, NULL)"),
    lengths,
    parameter_length,
    shown_by(130, "a second startup packet", "integration/test_bad_input.py:test_a_second_startup_packet_between_the_two_scram_messages"),
    shown_by(130, "empty names, long lengths, odd nonces", "integration/test_bad_input.py:test_what_is_not_due_during_scram_ends_the_login",
             "integration/test_bad_input.py:test_declared_lengths_cost_nothing_until_the_bytes_come",
             "integration/test_bad_input.py:test_a_broken_startup_packet_is_refused_in_postgres_words"),
    shown_by(130, "unknown users and wrong passwords", "integration/test_login.py:test_every_refusal_reads_the_same"),
    shown_by(131, "bytes behind an encryption request", "integration/test_bad_input.py:test_bytes_behind_an_encryption_request_end_the_connection",
             "integration/test_bad_input.py:test_encryption_is_asked_for_once"),
    malformed,
    swallowed,
    names,
    deallocated,
    bound_values,
    declared_types,
    copying,
    shown_by(138, "cancel requests", "integration/test_cancel.py:test_only_the_query_meant_is_cancelled",
             "integration/test_cancel.py:test_an_idle_client_s_cancel_does_not_hit_who_has_its_connection_now"),
    startup_answers,
    transactions,
    login,
]
