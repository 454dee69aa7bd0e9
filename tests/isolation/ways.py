"""How a statement is sent to a server, and what a client sees of the answer; and when two answers count as the same."""

import dataclasses
import datetime
import itertools
import re
import struct

import psycopg
from shrink import statements_of

REFUSALS = {"42501", "0A000", "54000", "54001"}
TIMEOUT = "57014"
MISSING = {"42P01", "3F000"}  # a relation, a schema
NO_TEMPORARY = 'schema "pg_temp" does not exist'

# A script goes out in one string (`simple`) or each of its statements in a message of its own: a Query (`steps`), a Parse, Bind and
# Execute (`each`). Prepared statements have one name space whichever way they are made and run: PREPARE may be a Parse of what it
# prepares (`parse`), EXECUTE with literals a Bind (`bind`).
STEPWISE = ("steps", "each")
PREPARING = ("parse", "bind")
NAME, LITERAL = r'(?P<name>"[^"]*"|\w+)', r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?|\bNULL\b"
PREPARE = re.compile(rf"PREPARE {NAME}(?: \((?P<types>.*?)\))? AS (?P<body>.*)", re.DOTALL)
EXECUTE = re.compile(rf"EXECUTE {NAME}(?: \( (?P<arguments>(?:{LITERAL})(?: , (?:{LITERAL}))*) \))?", re.DOTALL)
OIDS = {"numeric": 1700, "float8": 701, "bigint": 20, "int": 23, "unknown": 0, "text": 25, "varchar": 1043, "character varying": 1043,
        "date": 1082, "timestamptz": 1184, "timestamp": 1114}
MANY = 20_000  # rows: of more than that only the number is compared
BINARY_HEADER = b"PGCOPY\n\377\r\n\0" + bytes(8)


def alike(through, straight, copied):
    """Errors that are the same, or as near as they can be where Bulkhead does a thing by other means."""
    if through == straight:
        return True
    (code, message, position), (expected, private, place) = through, straight
    # A temporary table that is gone is missed by its full name, or with its schema, which is each server connection's own.
    if {code, expected} == MISSING:
        return NO_TEMPORARY in (message, private) and message.endswith(" does not exist") and private.endswith(" does not exist")
    if code == expected == "42P01":
        return message.replace('"pg_temp.', '"') == private.replace('"pg_temp.', '"') and position == place
    # Which of several violated constraints is met first depends on where the rows lie; and rows that are copied by way of a temporary
    # table are all read before the first meets one.
    if code[:2] == expected[:2] == "23":
        return violated(message).startswith(violated(private)) or violated(private).startswith(violated(message))
    return copied and code[:2] == "22" and expected[:2] == "23"


def violated(message):
    """The table, or the constraint, whose name begins with the table's."""
    found = re.search(r'(?:relation|table) "([^"]+)"', message) or re.search(r'constraint "([^"]+)"', message)
    return found[1] if found else message


@dataclasses.dataclass
class Outcome:
    """What a client has seen of one statement; of a script, what it has seen of each."""
    tag: str = ""
    columns: tuple = ()
    rows: list = None
    error: tuple = None  # SQLSTATE, message, position
    parts: list = None

    @classmethod
    def of_script(cls, parts):
        errors = [part.error for part in parts if part.error]
        return cls(rows=[row for part in parts for row in part.rows or []], error=errors[0] if errors else None, parts=parts)

    def slow(self):
        return TIMEOUT in [(outcome.error or [""])[0] for outcome in self.parts or [self]]

    def same_as(self, other, ordered, copied=False):
        if self.error or other.error:
            if not (self.error and other.error):
                return False
            return alike(self.error, other.error, copied)
        if (self.tag, self.columns) != (other.tag, other.columns):
            return False
        return self.rows == other.rows if ordered else sorted(self.rows, key=repr) == sorted(other.rows, key=repr)

    def __str__(self):
        if self.parts is not None:
            return "\n".join(map(str, self.parts))
        if self.error:
            return "error {} at {}: {}".format(self.error[0], self.error[2], self.error[1])
        shown = "\n".join("    " + " | ".join("NULL" if v is None else v.decode(errors="replace") for v in row)
                          for row in self.rows[:12])
        return f"{self.tag}\n{shown}" + ("\n    …" if len(self.rows) > 12 else "")


def difference(through, straight, ordered, copied=False):
    """None, or (kind, through, straight): what is different, and of a script the first two answers that are."""
    if straight.parts is None:
        return _difference(through, straight, ordered, copied)
    if through.error and straight.error and len(through.parts or [0]) == 1:
        # A string is refused as a whole, before PostgreSQL could get to what is wrong with it.
        if through.error[0] in REFUSALS or through.error[0] == straight.error[0] == "42P01":
            return None
    # Of what is not there at all: another number of answers.
    for pair in itertools.zip_longest(through.parts or [through], straight.parts, fillvalue=Outcome("nothing", rows=[])):
        if found := _difference(*pair, ordered, copied or pair[1].tag.startswith("COPY")):
            return found
    return None


def _difference(through, straight, ordered, copied):
    if through.slow() or straight.slow():
        return "slow", through, straight
    if through.same_as(straight, ordered, copied):
        return None
    if through.error and through.error[0] in REFUSALS:
        # What is wrong anyway was judged before PostgreSQL could find out why (s.org_id of a CTE that has no such column).
        return None if straight.error else ("refused", through, straight)
    return "different answer", through, straight


class Way:
    """A connection, and how a text is sent over it. psycopg's libpq level: nothing is added, nothing converted."""

    def __init__(self, keywords):
        self._keywords = keywords
        self._connect()

    def _connect(self):
        self._connection = psycopg.connect(**self._keywords, autocommit=True)
        self._prepared = 0

    def run(self, statement, protocol):
        """Remembers in `sent` the texts that it has sent."""
        text, values = statement.text, statement.values
        self.sent = [text]
        pg = self._connection.pgconn
        if pg.status != psycopg.pq.ConnStatus.OK:
            self._connect()
            pg = self._connection.pgconn
        if statement.script:
            return self._script(pg, text, protocol, list(values))
        if text[:4].upper() == "COPY":
            return self._ask(pg, text, list(values))[-1]
        if protocol == "simple" and not values:
            return self._outcome(pg.exec_(text.encode()))
        if protocol == "binary":
            coded = [binary(*both) for both in zip(values, statement.types)]
            return self._outcome(pg.exec_params(text.encode(), [v for v, _ in coded], None, [f for _, f in coded], 1))
        values = [None if v is None else v.encode() for v in values]
        if protocol == "extended":
            return self._outcome(pg.exec_params(text.encode(), values))
        self._prepared += 1
        name = f"s{self._prepared}".encode()
        prepared = pg.prepare(name, text.encode())
        if prepared.status != psycopg.pq.ExecStatus.COMMAND_OK:
            return self._outcome(prepared)
        if text.startswith("SELECT") and "FOR " not in text:
            pg.exec_prepared(name, values)  # the second time is what counts
        return self._outcome(pg.exec_prepared(name, values))

    def _ask(self, pg, text, data):
        """The answers to a string: an Outcome a statement. COPY … TO STDOUT has its lines as rows, FROM STDIN takes the next of `data`."""
        status = psycopg.pq.ExecStatus
        pg.send_query(text.encode())
        outcomes, lines = [], None
        while (result := pg.get_result()) is not None:
            if result.status == status.COPY_IN:
                feed(pg, data.pop(0).encode("latin-1" if result.binary_tuples else "utf-8"))
            elif result.status == status.COPY_OUT:
                lines = list(lines_of(pg))
            else:
                outcome = self._outcome(result)
                outcomes.append(outcome if lines is None or outcome.error else
                                too_many(len(lines)) if len(lines) > MANY else dataclasses.replace(outcome, rows=lines))
                lines = None
        return outcomes

    def _script(self, pg, text, protocol, data):
        """As one string, which ends with its first error, or step by step to the end. Nothing is left of it."""
        if protocol == "simple":
            outcomes = self._ask(pg, text, data)
        else:
            outcomes, self.sent = [], []
            for step in statements_of(text):
                outcomes += self._step(pg, step, protocol, data)
                if outcomes[-1].slow():
                    break
        if pg.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            pg.exec_(b"ROLLBACK")
        pg.exec_(b"DISCARD ALL")
        heard = [(n.relname, n.extra) for n in iter(pg.notifies, None)]
        return Outcome.of_script(outcomes + ([Outcome("heard", rows=heard)] if heard else []))

    def _step(self, pg, text, protocol, data):
        prepare, execute = PREPARE.fullmatch(text), EXECUTE.fullmatch(text)
        if prepare and protocol == "parse":
            types = [OIDS[name] for name in re.findall(rf"\b({'|'.join(OIDS)})\b", prepare["types"] or "")]
            self.sent.append(prepare["body"])
            return [self._outcome(pg.prepare(prepare["name"].strip('"').encode(), prepare["body"].encode(), types))]
        if execute and protocol == "bind":
            values = [None if value == "NULL" else value.strip("'").replace("''", "'").encode()
                      for value in re.findall(LITERAL, execute["arguments"] or "")]
            return [self._outcome(pg.exec_prepared(execute["name"].strip('"').encode(), values))]
        self.sent.append(text)
        if protocol == "each" and not text.startswith("COPY"):
            return [self._outcome(pg.exec_params(text.encode(), []))]
        return self._ask(pg, text, data)

    @staticmethod
    def _outcome(result):
        status = psycopg.pq.ExecStatus
        if result.status in (status.FATAL_ERROR, status.BAD_RESPONSE):
            field = lambda f: (result.error_field(f) or b"").decode()  # noqa: E731
            codes = psycopg.pq.DiagnosticField
            return Outcome(error=(field(codes.SQLSTATE), field(codes.MESSAGE_PRIMARY), field(codes.STATEMENT_POSITION)))
        if result.ntuples > MANY:
            return too_many(result.ntuples)
        columns = tuple((result.fname(i), type_of(result.ftype(i))) for i in range(result.nfields))
        rows = [tuple(result.get_value(r, c) for c in range(result.nfields)) for r in range(result.ntuples)]
        return Outcome((result.command_status or b"").decode(), columns, rows)

    def close(self):
        self._connection.close()


def too_many(number):
    return Outcome(error=("", f"{number} rows, of which nothing more is looked at", ""))


def feed(pg, data):
    """In pieces that end anywhere."""
    for at in range(0, len(data), 17):
        pg.put_copy_data(data[at:at + 17])
    pg.put_copy_end()


def lines_of(pg):
    """Without the header of the binary format, which comes with whichever row is the first."""
    while (chunk := pg.get_copy_data(0))[0] > 0:
        line = bytes(chunk[1]).removeprefix(BINARY_HEADER)
        if line:
            yield (line,)


def binary(value, kind):
    """A parameter as (bytes, format): what has a simple binary form gets it."""
    if value is None:
        return None, 0
    if kind in ("text", "varchar"):
        return value.encode(), 1
    if kind in ("bigint", "int") and re.fullmatch(r"-?\d+", value):
        return struct.pack("!q" if kind == "bigint" else "!i", int(value)), 1
    if kind == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return struct.pack("!i", (datetime.date.fromisoformat(value) - datetime.date(2000, 1, 1)).days), 1
    return value.encode(), 0


def type_of(oid):
    """A whole-row reference to a table that had to be wrapped is a record, not the table's row type: the same values."""
    return "row" if oid == 2249 or oid >= 16384 else oid
