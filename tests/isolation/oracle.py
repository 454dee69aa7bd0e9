"""The private-database oracle: the promise, tried with random statements.

Every statement runs twice: through Bulkhead on the database that three tenants share, and directly on a private database that
holds only this tenant's rows. Rows, tags, errors and their places must be the same, the tenant's rows must be the same
afterwards, and nobody else's may have changed. Every statement starts from the same rows, so that each can be repeated alone:
what is printed with a failure is enough (`--seed S --only N`). A failure is made smaller and, with --keep, remembered in
regressions.sql, whose statements come before the random ones in every run.

In three configurations: `predicate`, a database without row-level security, shows that the rewriter holds alone; `both` is
how Bulkhead is meant to be run; `rls` goes to the shared database without Bulkhead, with the variable set, and is the control:
it shows that the second barrier holds alone, and that the statements, the rows and the comparison are right, since PostgreSQL
cannot be at fault.

An oracle that cannot fail proves nothing: --canaries puts rewriters that do nothing, and that drop one edit, in Bulkhead's
place, and demands that they are caught.
"""

import argparse
import collections
import dataclasses
import datetime
import pathlib
import random
import re
import struct
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

import extras  # noqa: E402
import harness  # noqa: E402
import psycopg  # noqa: E402
import regressions  # noqa: E402
from generator import Generator  # noqa: E402
from harness import DATABASE, PASSWORD, TENANTS  # noqa: E402
from shrink import shrink, statements_of  # noqa: E402

TABLES = (*harness.TABLES, *extras.TABLES)
REFUSALS = {"42501", "0A000", "54000", "54001"}
TIMEOUT = "57014"

# Prepared statements have one name space, whichever way they are made and run: a script of them is sent in one string (`simple`),
# each of its statements in a message of its own, PREPARE as a Parse, or EXECUTE (with literals) as a Bind.
STEPWISE = ("steps", "parse", "bind")
NAME, LITERAL = r'(?P<name>"[^"]*"|\w+)', r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?|\bNULL\b"
PREPARE = re.compile(rf"PREPARE {NAME}(?: \((?P<types>.*?)\))? AS (?P<body>.*)", re.DOTALL)
EXECUTE = re.compile(rf"EXECUTE {NAME}(?: \( (?P<arguments>(?:{LITERAL})(?: , (?:{LITERAL}))*) \))?", re.DOTALL)
OIDS = {"numeric": 1700, "float8": 701, "bigint": 20, "int": 23, "unknown": 0, "text": 25, "varchar": 1043, "character varying": 1043,
        "date": 1082, "timestamptz": 1184, "timestamp": 1114}


@dataclasses.dataclass
class Outcome:
    """What a client has seen of one statement."""
    tag: str = ""
    columns: tuple = ()
    rows: list = None
    error: tuple = None  # SQLSTATE, message, position

    def same_as(self, other, ordered, copied=False):
        if self.error or other.error:
            if not (self.error and other.error):
                return False
            # Which of several violated constraints is met first depends on where the rows lie; and rows that are copied by way of a
            # temporary table are all read before the first meets one.
            classes = {self.error[0][:2], other.error[0][:2]}
            return classes <= ({"22", "23"} if copied else {"23"}) or self.error == other.error
        if (self.tag, self.columns) != (other.tag, other.columns):
            return False
        return self.rows == other.rows if ordered else sorted(self.rows, key=repr) == sorted(other.rows, key=repr)

    def __str__(self):
        if self.error:
            return "error {} at {}: {}".format(self.error[0], self.error[2], self.error[1])
        shown = "\n".join("    " + " | ".join("NULL" if v is None else v.decode(errors="replace") for v in row)
                          for row in self.rows[:12])
        return f"{self.tag}\n{shown}" + ("\n    …" if len(self.rows) > 12 else "")


class Way:
    """A connection, and how a text is sent over it. psycopg's libpq level: nothing is added, nothing converted."""

    def __init__(self, keywords):
        self._keywords = keywords
        self._connect()

    def _connect(self):
        self._connection = psycopg.connect(**self._keywords, autocommit=True)
        self._connection.execute("SET statement_timeout = '15s'")
        self._prepared = 0

    def run(self, text, values=(), protocol="simple", script=False):
        pg = self._connection.pgconn
        if pg.status != psycopg.pq.ConnStatus.OK:
            self._connect()
            pg = self._connection.pgconn
        if script:
            return self._script(pg, text, protocol)
        if text[:4].upper() == "COPY":
            return self._copy(pg, text, *values)
        if protocol == "simple" and not values:
            return self._outcome(pg.exec_(text.encode()))
        if protocol == "binary":
            coded = [binary(*both) for both in zip(values, re.findall(r"\$\d+::(\w+)", text))]
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

    def _copy(self, pg, text, data=""):
        """COPY … TO STDOUT: its lines as rows. COPY … FROM STDIN: with `data`, in pieces."""
        pg.send_query(text.encode())
        result = pg.get_result()
        if result.status == psycopg.pq.ExecStatus.COPY_IN:
            data = data.encode()
            for at in range(0, len(data), 17):
                pg.put_copy_data(data[at:at + 17])
            pg.put_copy_end()
            result = pg.get_result()
            pg.get_result()
            return self._outcome(result)
        if result.status != psycopg.pq.ExecStatus.COPY_OUT:
            pg.get_result()
            return self._outcome(result)
        lines = []
        while (chunk := pg.get_copy_data(0))[0] > 0:
            lines.append((bytes(chunk[1]),))
        outcome = self._outcome(pg.get_result())
        pg.get_result()
        return dataclasses.replace(outcome, rows=lines)

    def _script(self, pg, text, protocol):
        """All answers as one; the first error ends it. As one string, or step by step; nothing stays prepared."""
        outcomes = []
        if protocol in STEPWISE:
            for step in statements_of(text):
                outcomes.append(self._step(pg, step, protocol))
                if outcomes[-1].error:
                    break
        else:
            pg.send_query(text.encode())
            while (result := pg.get_result()) is not None:
                outcomes.append(self._outcome(result))
        if pg.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            pg.exec_(b"ROLLBACK")
        if "PREPARE" in text:
            pg.exec_(b"DEALLOCATE ALL")
        failed = [o.error for o in outcomes if o.error]
        return Outcome(" ".join(o.tag for o in outcomes), tuple(o.columns for o in outcomes if o.columns),
                       [row for o in outcomes for row in o.rows or []], failed[0] if failed else None)

    def _step(self, pg, text, protocol):
        prepare, execute = PREPARE.fullmatch(text), EXECUTE.fullmatch(text)
        if prepare and protocol == "parse":
            types = [OIDS[name] for name in re.findall(rf"\b({'|'.join(OIDS)})\b", prepare["types"] or "")]
            return self._outcome(pg.prepare(prepare["name"].strip('"').encode(), prepare["body"].encode(), types))
        if execute and protocol == "bind":
            values = [None if value == "NULL" else value.strip("'").replace("''", "'").encode()
                      for value in re.findall(LITERAL, execute["arguments"] or "")]
            return self._outcome(pg.exec_prepared(execute["name"].strip('"').encode(), values))
        return self._outcome(pg.exec_(text.encode()))

    @staticmethod
    def _outcome(result):
        status = psycopg.pq.ExecStatus
        if result.status in (status.FATAL_ERROR, status.BAD_RESPONSE):
            field = lambda f: (result.error_field(f) or b"").decode()  # noqa: E731
            codes = psycopg.pq.DiagnosticField
            return Outcome(error=(field(codes.SQLSTATE), field(codes.MESSAGE_PRIMARY), field(codes.STATEMENT_POSITION)))
        columns = tuple((result.fname(i), type_of(result.ftype(i))) for i in range(result.nfields))
        rows = [tuple(result.get_value(r, c) for c in range(result.nfields)) for r in range(result.ntuples)]
        return Outcome((result.command_status or b"").decode(), columns, rows)

    def close(self):
        self._connection.close()


def binary(value, kind):
    """A parameter as (bytes, format): what has a simple binary form gets it."""
    if kind == "text":
        return value.encode(), 1
    if kind == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return struct.pack("!i", (datetime.date.fromisoformat(value) - datetime.date(2000, 1, 1)).days), 1
    return value.encode(), 0


def type_of(oid):
    """A whole-row reference to a table that had to be wrapped is a record, not the table's row type: the same values."""
    return "row" if oid == 2249 or oid >= 16384 else oid


class BrokenRewriter:
    """The real rewriter with one of its edits dropped (broken_rewriter.cc), then straight to the server."""

    def __init__(self, program, config, catalogue, tenant, way):
        self._process = subprocess.Popen([program, config, catalogue, tenant], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._way = way

    def run(self, text, values=(), protocol="simple", script=False):
        self._process.stdin.write(text.encode() + b"\0")
        self._process.stdin.flush()
        answer = bytearray()
        while not answer.endswith(b"\0"):
            byte = self._process.stdout.read(1)
            if not byte:
                raise harness.Failure("broken_rewriter has ended")
            answer += byte
        if answer[:1] == b"!":
            return Outcome(error=("42501", answer[1:-1].decode(), ""))
        return self._way.run(answer[1:-1].decode(), values, protocol, script)

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._way.close()


class World:
    """The databases, and how to bring a tenant's rows back to where every statement starts."""

    def __init__(self, postgres, shared):
        self.postgres, self.shared = postgres, shared
        self._databases = {name: self._admin(name) for name in (shared, *(f"{DATABASE}_{t}" for t in TENANTS))}
        self._fill = {org: (harness.fill(org) + extras.fill(org)).encode() for org in TENANTS.values()}

    def _admin(self, database):
        return psycopg.connect(host=str(self.postgres.socket_dir), port=self.postgres.port, user=harness.SUPERUSER,
                               dbname=database, autocommit=True)

    def checksum(self, database, tenant=None, others=False):
        """Of everybody's rows, of one tenant's, or of all but one tenant's."""
        where = "" if tenant is None else f"WHERE org_id::text {'<>' if others else '='} '{TENANTS[tenant]}'"
        parts = [f"SELECT tableoid::regclass || t::text AS row FROM {t} t {where}" for t in (*TABLES, "ONLY machines")]
        if others:
            parts += ["SELECT c::text FROM countries c", "SELECT a::text FROM audit_trail a"]
        return self._databases[database].execute(
            f"SELECT md5(string_agg(row, '|' ORDER BY row)) FROM ({' UNION ALL '.join(parts)}) r").fetchone()[0]

    def reset(self, tenant, everybody=False):
        for database, tenants in ((self.shared, TENANTS if everybody else [tenant]), (f"{DATABASE}_{tenant}", [tenant])):
            sql = b"BEGIN; SET LOCAL session_replication_role = replica;"  # rows that fit need no checks
            for name in tenants:
                sql += b"".join(b"DELETE FROM %s WHERE org_id = '%d';" % (t.encode(), TENANTS[name]) for t in reversed(TABLES))
                sql += self._fill[TENANTS[name]]
            if everybody and database == self.shared:
                sql += f"DELETE FROM skills WHERE org_id = 0; {extras.SYSTEM}".encode()
            self._databases[database].pgconn.exec_(sql + b"COMMIT").status

    def close(self):
        for connection in self._databases.values():
            connection.close()


class Oracle:
    def __init__(self, world, ways, straight, seed, stamped=True):
        """`ways` and `straight`: per tenant, the way under test and the one to its private database."""
        self.world, self.ways, self.straight, self.seed, self.stamped = world, ways, straight, seed, stamped
        self.counts, self.shapes = collections.Counter(), collections.Counter()
        self.refusals, self.differences = collections.Counter(), []
        self.refused_examples = {}

    def statement(self, number):
        roll = random.Random(f"{self.seed}:{number}")
        tenant = roll.choice(list(TENANTS))
        protocol = roll.choice(["simple", "simple", "simple", "extended", "prepared", "binary"])
        generator = Generator(roll, TENANTS[tenant], self.stamped, parameters=protocol != "simple")
        statement = generator.statement()
        if "prepare" in statement.shape.split():
            protocol = roll.choice(["simple", *STEPWISE])
        # Of every third the shape comes twice, with another constant: what was judged for one must hold for the other.
        return tenant, protocol, statement, generator.another(statement) if roll.random() < 0.3 else None

    def try_number(self, number):
        tenant, protocol, statement, another = self.statement(number)
        self.try_one(number, tenant, protocol, statement)
        if another:
            self.try_one(number, tenant, protocol, another)

    def try_one(self, number, tenant, protocol, statement):
        verdict = self.compare(tenant, protocol, statement)
        self.counts["statements"] += 1
        self.shapes.update(statement.shape.split())
        if verdict is None:
            return None
        kind, through, straight = verdict
        if kind == "refused":
            self.refusals[f"{through.error[1]}"] += 1
            self.refused_examples.setdefault(through.error[1], (number, tenant, statement))
        elif kind != "slow":
            self.differences.append((number, tenant, protocol, statement, kind, through, straight))
        return kind

    def compare(self, tenant, protocol, statement):
        """None, or what is different: (kind, through, straight)."""
        straight = self.straight[tenant].run(statement.text, statement.values, protocol, statement.script)
        through = self.ways[tenant].run(statement.text, statement.values, protocol, statement.script)
        if TIMEOUT in ((straight.error or [""])[0], (through.error or [""])[0]):
            self.counts["slow"] += 1
            verdict = ("slow", through, straight)
        elif through.same_as(straight, statement.ordered, copied=statement.text.startswith("COPY")):
            verdict = None
            self.counts["errors" if straight.error else "rows" if straight.rows else "empty"] += 1
        elif through.error and through.error[0] in REFUSALS and straight.error:
            verdict = None  # wrong anyway: judged before PostgreSQL could find out why (s.org_id of a CTE that has no such column)
            self.counts["errors"] += 1
        elif through.error and through.error[0] in REFUSALS:
            verdict = ("refused", through, straight)
        else:
            verdict = ("different answer", through, straight)
        if statement.writes:
            verdict = self.after_write(tenant, verdict, through, straight)
        return verdict

    def after_write(self, tenant, verdict, through, straight):
        self.counts["writes"] += 1
        everybody = False
        if self.world.checksum(self.world.shared, tenant, others=True) != self.untouched(tenant):
            verdict, everybody = ("another tenant's rows have changed", through, straight), True
        mine = self.world.checksum(self.world.shared, tenant)
        if verdict is None and mine != self.world.checksum(f"{DATABASE}_{tenant}", tenant):
            verdict = ("different rows afterwards", through, straight)
        if everybody or verdict or mine != self.own_start(tenant):
            self.world.reset(tenant, everybody)
        return verdict

    def untouched(self, tenant):
        return self._remember(("others", tenant), lambda: self.world.checksum(self.world.shared, tenant, others=True))

    def own_start(self, tenant):
        return self._remember(("own", tenant), lambda: self.world.checksum(self.world.shared, tenant))

    def _remember(self, key, ask):
        """First asked before anything has been written: prepare() does."""
        if not hasattr(self, "_known"):
            self._known = {}
        if key not in self._known:
            self._known[key] = ask()
        return self._known[key]

    def prepare(self):
        for tenant in TENANTS:
            self.untouched(tenant)
            self.own_start(tenant)

    def explain(self, number, tenant, protocol, statement, kind, through, straight, keep=False):
        def still(text):
            smaller = dataclasses.replace(statement, text=text)
            found = self.compare(tenant, protocol, smaller)
            return bool(found) and found[0] == kind and all(
                (now.error or [None])[0] == (before.error or [None])[0] for now, before in zip(found[1:], (through, straight)))

        small = shrink(statement.text, still, seconds=20) if not statement.values else statement.text
        again = self.compare(tenant, protocol, dataclasses.replace(statement, text=small))
        if again:
            _, through, straight = again
        print(f"\n--- {kind}: --seed {self.seed} --only {number} (tenant {tenant}, {protocol} protocol)\n"
              f"{statement.text}" + (f"\nvalues: {statement.values}" if statement.values else "") +
              f"\n--- smallest that still differs:\n{small}\n--- through:  {through}\n--- private:  {straight}", flush=True)
        case = regressions.block(tenant, protocol, dataclasses.replace(statement, text=small))
        print(f"--- for regressions.sql:{case}", flush=True)
        if keep:
            regressions.keep(case)

    def report(self, label, seconds):
        c = self.counts
        print(f"{label}: {c['statements']} statements in {seconds:.0f} s, seed {self.seed}: {c['rows']} with rows, {c['empty']} "
              f"without, {c['errors']} equal errors, {c['writes']} writes, {c['slow']} too slow to compare, "
              f"{sum(self.refusals.values())} refused, {len(self.differences)} different", flush=True)
        print("  of " + ", ".join(f"{count} {shape}" for shape, count in self.shapes.most_common()), flush=True)
        for message, count in self.refusals.most_common(15):
            number, _, statement = self.refused_examples[message]
            print(f"  refused {count} ×: {message}\n    --only {number}: {statement.text[:300]}", flush=True)


def direct_ways(postgres, database, with_tenant=True):
    return {name: Way({"host": "127.0.0.1", "port": postgres.port, "user": "app_rw", "password": PASSWORD, "dbname": database,
                       "options": f"-c app.org_id={org}" if with_tenant else ""}) for name, org in TENANTS.items()}


def config_for(postgres, database):
    return harness.shop_config(
        postgres, tables={"public.countries": {"access": "shared"}, "public.open_orders": {"access": "tenant"}, **extras.READ},
        servers={"main": {"hosts": [f"127.0.0.1:{postgres.port}"], "database": database,
                          "login": {"user": "app_rw", "password": PASSWORD}}})


def write_catalogue(postgres, path):
    """The shared database as `bulkhead rewrite --catalog` and broken_rewriter read it."""
    rows = postgres.psql(
        "SELECT c.relname, c.relkind, a.attname, t.typname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND attnum > 0 "
        "AND NOT attisdropped JOIN pg_type t ON t.oid = a.atttypid WHERE c.relnamespace = 'public'::regnamespace AND relkind IN "
        "('r', 'p', 'v') ORDER BY c.relname, attnum", DATABASE)
    parents = dict(line.split("|") for line in postgres.psql("SELECT inhrelid::regclass, inhparent::regclass FROM pg_inherits i "
                                                             "JOIN pg_class c ON c.oid = inhrelid AND relkind = 'r'",
                                                             DATABASE).splitlines())
    kinds = {"r": "table", "p": "partitioned", "v": "view"}
    relations = {}
    for name, kind, column, type_name in (line.split("|") for line in rows.splitlines()):
        relation = relations.setdefault(f"public.{name}", {"kind": kinds[kind], "columns": {}})
        relation["columns"][column] = type_name
        if kind == "v":
            relation["security_invoker"] = True
        if name in parents:
            relation["parents"] = [f"public.{parents[name]}"]
    path.write_text(harness.to_yaml({"version": 150000, "relations": relations, "functions": ["public.slugify", "public.chatty"]}))


def run(oracle, label, limit, seconds, keep_going=10):
    """Until `limit` statements or `seconds` have passed, or too much is different to be worth more."""
    began = time.monotonic()
    oracle.prepare()
    for tenant, protocol, statement in regressions.load():
        oracle.try_one("regression", tenant, protocol, statement)
    number = 0
    while number < limit and time.monotonic() - began < seconds and len(oracle.differences) < keep_going:
        oracle.try_number(number)
        number += 1
    oracle.report(label, time.monotonic() - began)
    return oracle


def verdict(oracle, allow_refusals, keep):
    for difference in oracle.differences[:5]:
        oracle.explain(*difference, keep)
    return not oracle.differences and (allow_refusals or not oracle.refusals)


def canary(oracle, label, statements):
    """A rewriter that is broken must not pass. It stands in for Bulkhead; nothing is explained."""
    oracle.prepare()
    began = time.monotonic()
    for number in range(statements):
        oracle.try_number(number)
    caught = len(oracle.differences)
    print(f"canary, {label}: caught {caught} times in {statements} statements ({time.monotonic() - began:.0f} s)", flush=True)
    return caught


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--statements", type=int, help="how many in each configuration (3000 unless --minutes is given)")
    parse.add_argument("--minutes", type=float, help="how long in each configuration")
    parse.add_argument("--seed", type=int, help="the same seed makes the same statements; random unless given")
    parse.add_argument("--only", type=int, metavar="N", help="run statement N of the seed alone and show it")
    parse.add_argument("--configuration", choices=["predicate", "both", "rls", "all"], default="all",
                       help="predicate: no row-level security in the database; both; rls: the control, without Bulkhead; all three")
    parse.add_argument("--keep", action="store_true", help="append failures, made smaller, to regressions.sql")
    parse.add_argument("--allow-refusals", action="store_true", help="list refusals, but do not fail because of them")
    parse.add_argument("--canaries", metavar="BROKEN_REWRITER", help="only prove that broken rewriters are caught")
    arguments = parse.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(10**6)
    seconds = arguments.minutes * 60 if arguments.minutes else 10**9
    limit = arguments.statements or (10**12 if arguments.minutes else 3000)

    harness.exit_on_signals()
    with harness.Scratch() as scratch, harness.Postgres(scratch) as postgres:
        harness.create_shop(postgres)
        extras.create(postgres)
        straight = {name: Way(harness.Direct(postgres).keywords(name)) for name in TENANTS}
        if arguments.canaries:
            return canaries(arguments.canaries, scratch, postgres, straight, seed, arguments.statements or 300)
        good = True
        everything = ["predicate", "both", "rls"]
        for configuration in everything if arguments.configuration == "all" else [arguments.configuration]:
            database = f"{DATABASE}_norls" if configuration == "predicate" else DATABASE
            world = World(postgres, database)
            if configuration == "rls":
                oracle = Oracle(world, direct_ways(postgres, database), straight, seed, stamped=False)
                good &= one_configuration(oracle, arguments, configuration, limit, seconds)
                continue
            with harness.Bulkhead(scratch, config_for(postgres, database), name=configuration) as bulkhead:
                through = {n: Way({**harness.Proxied(bulkhead).keywords(n), "dbname": database}) for n in TENANTS}
                good &= one_configuration(Oracle(world, through, straight, seed), arguments, configuration, limit, seconds)
                for way in through.values():
                    way.close()
            world.close()
        return 0 if good else 1


def one_configuration(oracle, arguments, label, limit, seconds):
    if arguments.only is None:
        return verdict(run(oracle, label, limit, seconds), arguments.allow_refusals, arguments.keep)
    oracle.prepare()
    tenant, protocol, *both = oracle.statement(arguments.only)
    good = True
    for statement in filter(None, both):
        print(f"{label}, tenant {tenant}, {protocol} protocol:\n{statement.text}\n{statement.values or ''}")
        found = oracle.compare(tenant, protocol, statement)
        if found:
            print(f"--- {found[0]}\n--- through:  {found[1]}\n--- private:  {found[2]}")
            good = False
    return good


def canaries(program, scratch, postgres, straight, seed, statements):
    world = World(postgres, f"{DATABASE}_norls")
    nothing = direct_ways(postgres, world.shared, with_tenant=True)
    caught_nothing = canary(Oracle(world, nothing, straight, seed, stamped=False), "rewrites nothing", statements)

    config, catalogue = scratch.path / "canary.yaml", scratch.path / "catalogue.yaml"
    config.write_text(harness.to_yaml({"version": 1, **config_for(postgres, world.shared)}))
    write_catalogue(postgres, catalogue)
    dropping = {name: BrokenRewriter(program, str(config), str(catalogue), name, way)
                for name, way in direct_ways(postgres, world.shared).items()}
    caught_dropping = canary(Oracle(world, dropping, straight, seed), "drops one edit", statements)
    for way in dropping.values():
        way.close()
    return 0 if caught_nothing > statements // 4 and caught_dropping > statements // 20 else 1


if __name__ == "__main__":
    sys.exit(main())
