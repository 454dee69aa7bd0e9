"""Random conversations: whatever order messages come in, the answers are those of PostgreSQL itself.

Few names for many statements, portals, cursors, savepoints and settings, so that they collide, go and come again; batches with
several Syncs, with none, with Flush, with simple queries in the middle. Each conversation is held twice, with the private database
and through the proxy, and compared message by message; and between transactions a neighbour looks whether anything is left on the
connection. BULKHEAD_SEED repeats a run, BULKHEAD_CONVERSATIONS sets their number.
"""

import os
import random
import time

import pytest

from wire import FLUSH, SYNC, Closed, LoginRefused, Wire, bind, close, describe, execute, fields, kinds, parse, query

NAMES = ["", "", "a", "b"]
QUERIES = [  # texts and their parameters' number
    ("SELECT id, name FROM customers ORDER BY id", 0), ("SELECT id FROM orders WHERE id > $1::int ORDER BY id", 1),
    ("SELECT 1 / (id - $1::int) FROM orders WHERE id = 1", 1), ("UPDATE customers SET credit = 7 WHERE id = 2", 0),
    ("UPDATE customers SET credit = $1::int WHERE id = 3", 1), ("SELECT credit FROM customers WHERE id IN (2, 3) ORDER BY id", 0),
    ("INSERT INTO customers (id, name) VALUES (1, 'taken')", 0), ("SELECT nope FROM orders", 0), ("SELEC", 0),
    ("DELETE FROM order_items WHERE order_id = $1::bigint", 1),
]
COMMANDS = [
    "BEGIN", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT s", "SAVEPOINT r", "ROLLBACK TO s", "ROLLBACK TO r", "RELEASE s",
    "DECLARE a CURSOR FOR SELECT id FROM orders ORDER BY id", "DECLARE b CURSOR FOR SELECT name FROM customers ORDER BY id", "FETCH a",
    "FETCH 2 FROM b", "MOVE 1 IN a", "CLOSE a", "CLOSE b", "UPDATE orders SET note = 'seen' WHERE CURRENT OF a", "SELECT 1 / (id - 1) FROM orders",
    "PREPARE a AS SELECT id FROM customers ORDER BY id LIMIT 2", "PREPARE b (int) AS SELECT $1 + 1", "EXECUTE a", "EXECUTE b (1)",
    "EXECUTE b (5)", "DEALLOCATE a", "DEALLOCATE b", "DEALLOCATE ALL", "SET application_name = 'x'", "SET LOCAL application_name = 'y'",
    "RESET application_name", "SHOW application_name", "SET LOCAL application_name TO DEFAULT", "SET application_name TO DEFAULT",
    "SET datestyle TO 'SQL, DMY'", "RESET datestyle", "SET LOCAL datestyle TO DEFAULT", "SELECT date '2020-12-31', '1/2/2020'::date",
    "SET statement_timeout TO '20s'", "RESET statement_timeout", "SHOW statement_timeout", "RESET ALL", "SELECT count(*) FROM orders", "SET TRANSACTION READ ONLY", "DISCARD ALL",
]
# By the protocol EXECUTE finds out that its statement is not there, or takes other values, when it is bound, in PostgreSQL when it is
# run; and portals of PREPARE and DEALLOCATE, which no server sees, can be run twice.
PARSED = [c for c in COMMANDS if not c.startswith(("EXECUTE", "PREPARE", "DEALLOCATE"))]
# Half of the conversations are of little else.
OF_SETTINGS = [c for c in COMMANDS if c.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT s", "RESET", "SHOW", "SELECT date", "DISCARD")) or
               c.startswith("SET ") and " TRANSACTION" not in c]
STARTS = [{}, {}, {"application_name": "born"}, {"datestyle": "German, DMY"}, {"options": "-c statement_timeout=15s -c datestyle=SQL,MDY"},
          {"application_name": "it's me", "options": "-c statement_timeout=15s"}]
# All that a client can be told of its settings by ParameterStatus here.
TOLD = ("application_name", "DateStyle")
CRASHED = object()
OF_NAMES = {"42P05", "34000", "26000"}
# What PostgreSQL does and the proxy says it does not.
REFUSED = {"0A000", "42501"}


class Talk:
    def __init__(self, seed):
        self.roll = random.Random(seed)
        self.start = self.roll.choice(STARTS)
        # For clients whose startup message has set something, docs/operations.md has what is otherwise about RESET ALL and DISCARD ALL:
        # in a batch, and behind SET LOCAL ... TO DEFAULT.
        of_settings = self.roll.random() < 0.5
        self.commands, self.queries = (OF_SETTINGS, QUERIES[:2]) if of_settings else (COMMANDS, QUERIES)
        self.parsed = [c for c in self.commands if c in PARSED]
        if self.start:
            apart = self.roll.choice(["RESET ALL", "SET LOCAL"])
            self.commands = [c for c in self.commands if not (c.startswith(apart) and c.endswith(("ALL", "DEFAULT")))]
            self.parsed = [c for c in self.parsed if c in self.commands and c not in ("RESET ALL", "DISCARD ALL")]

    def message(self):
        """One or a few that belong together."""
        roll, name, portal = self.roll.random(), self.roll.choice(NAMES), self.roll.choice(NAMES)
        if roll < 0.22:
            return [self.parse(name)[0]]
        if roll < 0.36:
            return [bind(*self.values(self.roll.choice([0, 0, 1])), statement=name, portal=portal)]
        if roll < 0.5:
            return [execute(portal, self.roll.choice([0, 0, 1, 2]))]
        if roll < 0.56:
            return [describe(*self.roll.choice([(b"S", name), (b"P", portal)]))]
        if roll < 0.62:
            return [close(*self.roll.choice([(b"S", name), (b"P", portal)]))]
        if roll < 0.72:
            return [query(self.text())]
        if roll < 0.92:  # what drivers send
            made, count = self.parse(name)
            return [made, bind(*self.values(count), statement=name, portal=portal), *self.pick([describe(b"P", portal)]),
                    execute(portal, self.roll.choice([0, 1])), *self.pick([SYNC])]
        return [self.roll.choice([SYNC, SYNC, FLUSH])]

    def pick(self, messages):
        return messages if self.roll.random() < 0.5 else []

    def parse(self, name):
        text, count = self.roll.choice(self.queries) if self.roll.random() < len(self.queries) / 16 else (self.roll.choice(self.parsed), 0)
        return parse(text, name), count

    def values(self, count):
        return [self.roll.choice([b"0", b"1", b"5", b"x", None])] * count

    def text(self):
        queries = [q for q, n in self.queries if n == 0]
        texts = [self.roll.choice(queries if self.roll.random() < len(queries) / 14 else self.commands)
                 for _ in range(self.roll.choice([1, 1, 1, 2, 3]))]
        # A string is refused as a whole: what PostgreSQL has answered before it comes to the cursor, the proxy has not.
        return texts[0] if any("CURRENT OF" in text for text in texts) else "; ".join(texts)

    def batch(self):
        return [m for _ in range(self.roll.choice([1, 2, 3, 6])) for m in self.message()]


def said(messages):
    """What a client can tell one answer by. Where a table's columns come from is an object id, another in each database."""
    out = []
    for kind, body in messages:
        if kind == b"E":
            found = fields(body)
            out.append(("E", found["C"], found["M"], found.get("P")))
        elif kind == b"T":
            names = [column.split(b"\0")[0] for column in columns(body)]
            out.append(("T", names))
        elif kind not in b"SN":
            out.append((kind.decode(), body))
    # An error of EXECUTE in a simple query comes before the columns are told, through the proxy behind them: no rows in either case.
    return [part for part, then in zip(out, [*out[1:], ("",)]) if (part[0], then[0]) != ("T", "E")]


def columns(body):
    at, out = 2, []
    while at < len(body):
        end = body.index(b"\0", at) + 19
        out.append(body[at:end])
        at = end
    return out


def answers(wire, messages):
    """Everything up to the answer of an empty query, which is one in a failed transaction, too."""
    wire.send(*messages, SYNC, query(""))
    heard = wire.until(b"I") + wire.until(b"Z")
    for kind, body in heard:
        if kind == b"S":
            name, value = body.decode().split("\0")[:2]
            wire.parameters[name] = value
    return said(heard)


def told(wire):
    return {name: wire.parameters[name] for name in TOLD}


def same(expected, got):
    """That a name is taken, or no statement or cursor has it, the proxy says of a message as a whole, before the server can find
    something else wrong with it or with a statement before: an error is then another one, but an error."""
    return len(expected) == len(got) and all(
        a == b or (a[0] == b[0] == "E" and b[1] in OF_NAMES) for a, b in zip(expected, got))


def left_behind(neighbour):
    """What another client of the tenant finds on the connection, which is his next where there is one alone."""
    try:
        settings = [neighbour.rows(f"SHOW {name}") for name in ("application_name", "datestyle", "statement_timeout")]
        if settings != [[[b"neighbour"]], [[b"ISO, MDY"]], [[b"0"]]]:
            return f"a setting {settings}"
        return "a cursor" if "E" not in kinds(neighbour.ask(query("FETCH a"))) else None
    except OSError as what:
        return repr(what)


def wait_for(*targets):
    for target in targets:
        until = time.monotonic() + 60
        while True:
            try:
                with Wire(target) as wire:
                    assert wire.rows("SELECT 1")
                break
            except (OSError, Closed, LoginRefused, AssertionError):
                assert time.monotonic() < until, "the server does not come back"


def conversation(seed, one, other):
    """None, or what differed."""
    talk = Talk(seed)
    with Wire(one, **talk.start) as left, Wire(other, **talk.start) as right, Wire(one, application_name="neighbour") as neighbour:
        for wire in (left, right):
            wire.ask(query("UPDATE customers SET credit = 0; UPDATE orders SET note = ''; DELETE FROM order_items"))
        for turn in range(12):
            messages = talk.batch()
            try:
                expected = answers(right, messages)
            except (OSError, Closed):  # PostgreSQL 15 may crash of what a failing query has left as the unnamed portal
                return CRASHED
            try:
                got = answers(left, messages)
            except (OSError, Closed) as what:
                return f"seed {seed}, turn {turn}: {what!r}\n  sent      {messages}"
            if any(part[0] == "E" and part[1] in REFUSED for part in got) and not same(expected, got):
                return None
            if ("E", "34000", 'portal "" does not exist', None) in got and got[-1] == ("Z", b"E"):
                return None  # what a failing query may have left under that name is not run: session/server_messages.cc says why
            ends = [part[0] for part in expected]
            if ends.count("Z") < 2 or ends[-2] != "I":
                return None  # a portal that could not be planned is an empty query to PostgreSQL, which was taken for the end
            if not same(expected, got):
                return f"seed {seed}, {talk.start}, turn {turn}:\n  sent      {messages}\n  expected  {expected}\n  got       {got}"
            if told(left) != told(right):
                return f"seed {seed}, {talk.start}, turn {turn}: told\n  sent      {messages}\n  expected  {told(right)}\n  got       {told(left)}"
            if got[-1] == ("Z", b"I") and (found := left_behind(neighbour)):
                return f"seed {seed}, turn {turn}: {found} left behind\n  sent      {messages}"
    return None


@pytest.fixture(scope="module")
def first_seed():
    seed = int(os.environ.get("BULKHEAD_SEED", random.SystemRandom().randrange(10**6)))
    print(f"BULKHEAD_SEED={seed}")
    return seed


@pytest.mark.parametrize("mode, size", [("transaction", 1), ("session", 2)])
def test_random_conversations(own_proxy, direct, first_seed, mode, size):
    target = own_proxy(pool={"mode": mode, "size": size})
    count = int(os.environ.get("BULKHEAD_CONVERSATIONS", "200"))
    for seed in range(first_seed, first_seed + count):
        difference = conversation(seed, target, direct)
        if difference is CRASHED:
            wait_for(target, direct)
        else:
            assert difference is None, difference
