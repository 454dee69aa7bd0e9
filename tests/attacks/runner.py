"""Makes one attack and looks at everything it could have reached."""

import re
import struct

import wire
import world as worlds
from attack import Either, Harmless, Refused, Same, Wire

SYNC = (b"S", b"")
WRITES = re.compile("INSERT|UPDATE|DELETE|MERGE|TRUNCATE|COPY|EXECUTE|CALL|DO ", re.IGNORECASE)
REFUSALS = ("42501", "0A000", "54000", "54001")


class Tap(wire.Wire):
    """A client that keeps what it has heard."""

    def __init__(self, *arguments, **keywords):
        self.heard = bytearray()
        super().__init__(*arguments, **keywords)

    def receive(self):
        kind, body = super().receive()
        self.heard += body + b"\n"
        return kind, body


class Through:
    def __init__(self, port, setup):
        self._port, self._database = port, worlds.SETUPS[setup]

    def keywords(self, tenant="acme"):
        return {"host": "127.0.0.1", "port": self._port, "user": f"{tenant}_app", "password": worlds.PASSWORD, "dbname": self._database}


class Straight:
    def __init__(self, port):
        self._port = port

    def keywords(self, _tenant):
        return {"host": "127.0.0.1", "port": self._port, "user": "app_rw", "password": worlds.PASSWORD, "dbname": worlds.PRIVATE,
                "options": "-c app.org_id=1"}


class Scene:
    """What a conversation gets: clients of either organisation, and words for what they hear."""

    def __init__(self, stage, setup):
        self.world, self.setup, self.port = stage.world, setup, stage.proxies[setup].port
        self._through, self._clients = Through(self.port, setup), []

    def login(self, tenant="acme", **startup):
        client = Tap(self._through, tenant, **startup)
        self._clients.append((tenant, client))
        return client

    def heard_by_acme(self):
        return b"".join(bytes(c.heard + c.buffer) for tenant, c in self._clients if tenant == "acme")

    def close(self):
        for _, client in self._clients:
            client.close()

    @staticmethod
    def own(_column):
        return [f"acme secret {i}" for i in range(1, 6)]

    @staticmethod
    def kinds(messages):
        return wire.kinds(messages)

    @staticmethod
    def texts(messages):
        """The first column of every row, sorted."""
        return sorted((wire.row(body)[0] or b"").decode() for kind, body in messages if kind == b"D")

    @staticmethod
    def refuses(client, *messages):
        problems = [wire.fields(body) for kind, body in client.ask(*messages) if kind == b"E"]
        assert problems and problems[0]["C"] in REFUSALS, (messages, problems)

    @staticmethod
    def until(client, ends):
        messages = [client.receive()]
        while messages[-1][0] not in [bytes([b]) for b in ends]:
            messages.append(client.receive())
        return messages

    @staticmethod
    def closes(client):
        """However many messages are still to come."""
        try:
            while True:
                client.receive()
        except (wire.Closed, ConnectionError):
            pass

    @staticmethod
    def function_call(oid, *arguments):
        return (struct.pack("!IhH", oid, 0, len(arguments)) + b"".join(struct.pack("!i", len(a)) + a for a in arguments) +
                struct.pack("!h", 0))


def run(stage, setup, attack):
    scene = Scene(stage, setup)
    try:
        if isinstance(attack.hold, Wire):
            attack.hold.talk(scene)
            nobody_else_noticed(scene, attack)
            return
        for protocol in (simply, extended):
            make(scene, stage, protocol, attack)
            nobody_else_noticed(scene, attack)
            restore(stage, setup, attack)
    finally:
        scene.close()
        restore(stage, setup, attack)


def restore(stage, setup, attack):
    if isinstance(attack.hold, Wire) or WRITES.search(" ".join(attack.statements)):
        stage.world.restore(setup)


def make(scene, stage, protocol, attack):
    client = scene.login()
    given = [protocol(client, text) for text in attack.statements]
    neighbours_work(scene, stage)
    if client.ask(wire.query("ROLLBACK"))[-1][1] == b"I":
        assert scene.texts(client.ask(wire.query("SHOW app.org_id"))) == ["1"]
    refusal = first_refusal(given, getattr(attack.hold, "states", REFUSALS))
    match attack.hold:
        case Refused():  # not tried on the private database: there it may work, and reach further than that database
            assert refusal, [answer_of(g) for g in given]
        case _ if refusal and scene.setup == "validate":
            pass  # what confines itself is another test's business
        case Either() if refusal:
            pass
        case Same() | Either():
            is_the_same(scene, stage, protocol, attack, given)
        case Harmless():
            pass


def is_the_same(scene, stage, protocol, attack, given):
    straight = Tap(Straight(stage.postgres.port), "acme")
    for text, through in zip(attack.statements, given):
        assert answer_of(through) == answer_of(protocol(straight, text)), text
    straight.ask(wire.query("ROLLBACK"))
    straight.close()
    assert scene.world.own_rows_are_the_same(scene.setup), "other rows afterwards"


def simply(client, text):
    return client.ask(wire.query(text))


def extended(client, text):
    return client.ask(wire.parse(text), wire.bind(), wire.describe(b"P"), wire.execute(), SYNC)


def first_refusal(answers, states):
    """Of Bulkhead's own: it names itself, or what to write in the configuration, which PostgreSQL's "permission denied" does
    not. What the lexer and the parser refuse has PostgreSQL's."""
    for messages in answers:
        for kind, body in messages:
            if kind == b"E":
                problem = wire.fields(body)
                ours = "Bulkhead" in problem["M"] or "H" in problem or problem["C"] in ("42601", "42622")
                if problem["C"] in states and ours:
                    return problem
    return None


def answer_of(messages):
    """What a client can tell two answers apart by, without what depends on a plan: the order of rows that have none."""
    out, rows = [], []
    for kind, body in messages:
        if kind == b"D":
            rows.append(body)
            continue
        out += [("row", row) for row in sorted(rows)]
        rows = []
        if kind in b"EN":
            problem = wire.fields(body)
            out.append((kind, problem["C"], problem["M"], problem.get("P")))
        elif kind == b"T":
            out.append((kind, columns_of(body)))
        elif kind != b"S":
            out.append((kind, body))
    return out


def columns_of(body):
    """Names and types. The row type of a table that had to become a subquery is `record`."""
    count, at, columns = struct.unpack_from("!h", body)[0], 2, []
    for _ in range(count):
        end = body.index(b"\0", at)
        oid = struct.unpack_from("!I", body, end + 7)[0]
        columns.append((body[at:end], "row" if oid == 2249 or oid >= 16384 else oid))
        at = end + 19
    return columns


def neighbours_work(scene, stage):
    """No lock, no lost connection: globex, who has been there all the time, can read and write all of its own."""
    neighbour = stage.neighbours.get(scene.setup)
    if not neighbour:
        neighbour = stage.neighbours[scene.setup] = wire.Wire(Through(scene.port, scene.setup), "globex", statement_timeout="10s")
    try:
        assert len(scene.texts(neighbour.ask(wire.query("SELECT secret FROM account WHERE org_id = 2 FOR UPDATE")))) == 8
    except (AssertionError, wire.Closed, OSError):
        del stage.neighbours[scene.setup]
        raise


def nobody_else_noticed(scene, attack):
    heard = scene.heard_by_acme()
    at = heard.find(worlds.MARKER)
    assert at < 0, f"a foreign byte reached acme: {heard[max(0, at - 200):at + 200]!r}"
    assert scene.world.others_are_untouched(scene.setup), f"not acme's alone has changed: {attack.title}"
