"""The private-database oracle: the promise, tried with random statements.

Every statement runs twice: through Bulkhead on the database that three tenants share, and directly on a private database that
holds only this tenant's rows. Rows, tags, errors and their places must be the same, the tenant's rows must be the same
afterwards, and nobody else's may have changed. Every statement starts from the same rows, so that each can be repeated alone:
what is printed with a failure is enough (`--seed S --only N`). A failure is made smaller and, with --keep, remembered in
regressions.sql, whose statements come before the random ones in every run.

In four configurations: `predicate`, a database without row-level security, shows that the rewriter holds alone; `both` is
how Bulkhead is meant to be run; `rls` goes to the shared database without Bulkhead, with the variable set, and is the control:
it shows that the second barrier holds alone, and that the statements, the rows and the comparison are right, since PostgreSQL
cannot be at fault. `validate` is mode validate without row-level security: statements name the organisation themselves, rightly or
wrongly (confining.py); what is accepted reaches the server as it was sent, which its log shows, and enough has to be.

An oracle that cannot fail proves nothing: --canaries puts rewriters that do nothing, and that drop one edit, in Bulkhead's
place, and judges of mode validate that are blind on one eye, and demands that they are caught.
"""

import argparse
import collections
import dataclasses
import pathlib
import random
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

import extras  # noqa: E402
import harness  # noqa: E402
import psycopg  # noqa: E402
import regressions  # noqa: E402
from confining import Confining  # noqa: E402
from generator import Generator  # noqa: E402
from harness import DATABASE, PASSWORD, TENANTS  # noqa: E402
from shrink import shrink  # noqa: E402
from vocabulary import org_of  # noqa: E402
from ways import PREPARING, REFUSALS, STEPWISE, Outcome, Way, difference  # noqa: E402

TABLES = (*harness.TABLES, *extras.TABLES)
ACCEPTED = 0.3  # so large a part of what mode validate is asked at least
EVERYBODY = [(tenant, role) for tenant in TENANTS for role in ("", *extras.ROLES)]


class BrokenRewriter:
    """The real rewriter with one of its edits dropped (broken_rewriter.cc), then straight to the server."""

    def __init__(self, program, config, catalogue, tenant, way):
        self._process = subprocess.Popen([program, config, catalogue, tenant], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._way = way

    def run(self, statement, protocol):
        answer = self.judge(statement.text)
        if answer[:1] == "!":
            return Outcome(error=("42501", answer[1:], ""))
        return self._way.run(dataclasses.replace(statement, text=answer[1:]), protocol)

    def judge(self, text):
        self._process.stdin.write(text.encode() + b"\0")
        self._process.stdin.flush()
        answer = bytearray()
        while not answer.endswith(b"\0"):
            byte = self._process.stdout.read(1)
            if not byte:
                raise harness.Failure("broken_rewriter has ended")
            answer += byte
        return answer[:-1].decode()

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._way.close()


class BlindJudge(BrokenRewriter):
    """Of mode validate: accepts a statement if the real one would accept what it has taken it for. It looks at no Bind: if that is not what
    it is blind to, it refuses parameters."""

    def __init__(self, *arguments, sees):
        super().__init__(*arguments)
        self._sees = sees

    def run(self, statement, protocol):
        seen = statement.text
        for what, taken_for in self._sees:
            seen = re.sub(what, taken_for, seen)
        answer = self.judge(seen) if not self._sees or not statement.values else "!"
        return self._way.run(statement, protocol) if answer[:1] == "=" else Outcome(error=("42501", answer[1:], ""))


# By what is not seen: patterns and what they are taken for.
BLINDNESSES = {
    "what is bound": [],
    "that OR is no AND": [(r"\bOR\b", "AND")],
    "the NOT before a condition": [(r"\bNOT \(", "(")],
    "which side of a join may be missing": [(r"\b(LEFT|RIGHT|FULL)( OUTER)? JOIN\b", "JOIN")],
    "which organisation it is": [(rf"(?<== )'?[123]'?(?![\w.:])", "{org}")],
    "which operator it is": [(r"<>|>=", "=")],
    "that a list has more than one member": [(r"(?<!NOT )\bIN \(\d+, \d+\)", "IN ({org})")],
}


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
        where = lambda t: "" if tenant is None else f"WHERE {org_of(t)}::text {'<>' if others else '='} '{TENANTS[tenant]}'"  # noqa: E731
        parts = [f"SELECT tableoid::regclass || t::text AS row FROM {t} t {where(t)}" for t in (*TABLES, "ONLY machines")]
        if others:
            parts += ["SELECT c::text FROM countries c", "SELECT a::text FROM audit_trail a"]
        return self._databases[database].execute(
            f"SELECT md5(string_agg(row, '|' ORDER BY row)) FROM ({' UNION ALL '.join(parts)}) r").fetchone()[0]

    def reset(self, tenant, everybody=False):
        for database, tenants in ((self.shared, TENANTS if everybody else [tenant]), (f"{DATABASE}_{tenant}", [tenant])):
            sql = b"BEGIN; SET LOCAL session_replication_role = replica;"  # rows that fit need no checks
            for name in tenants:
                sql += "".join(f"DELETE FROM {t} WHERE {org_of(t)} = '{TENANTS[name]}';" for t in reversed(TABLES)).encode()
                sql += self._fill[TENANTS[name]]
            if everybody and database == self.shared:
                sql += f"DELETE FROM skills WHERE org_id = 0; {extras.SYSTEM}".encode()
            self._databases[database].pgconn.exec_(sql + b"COMMIT").status

    def close(self):
        for connection in self._databases.values():
            connection.close()


class ServerLog:
    """What PostgreSQL says that it was asked in a database. It has written it when it answers."""

    def __init__(self, postgres, database):
        postgres.psql(f"ALTER ROLE app_rw IN DATABASE {database} SET log_statement = 'all'")
        self._file = open(postgres.log_path, "rb")
        self._file.seek(0, 2)

    def new(self):
        return self._file.read().decode(errors="replace")

    @staticmethod
    def has(log, text):
        """As one whole message, by the simple protocol or the extended one."""
        return re.search(r"LOG:  (statement|execute [^:\n]*): " + re.escape(text.replace("\n", "\n\t")) + r"(\n|\Z)", log) is not None


class Oracle:
    def __init__(self, world, ways, straight, seed, stamped=True, validate=False, honest=0.65, log=None):
        """`ways` and `straight`: per tenant and role, the way under test and the one to its private database. `validate`: of statements
        that confine themselves, `honest` of them rightly, some are accepted, unchanged as `log` tells."""
        self.world, self.ways, self.straight, self.seed, self.stamped = world, ways, straight, seed, stamped
        self.validate, self.honest, self.log = validate, honest, log
        self.counts, self.shapes = collections.Counter(), collections.Counter()
        self.refusals, self.differences = collections.Counter(), []
        self.refused_examples = {}

    def statement(self, number):
        roll = random.Random(f"{self.seed}:{number}")
        tenant = roll.choice(list(TENANTS))
        protocol = roll.choice(["simple", "simple", "simple", "extended", "prepared", "binary"])
        org, parameters = TENANTS[tenant], protocol != "simple"
        if self.validate:
            generator = Confining(roll, org, [other for other in TENANTS.values() if other != org], parameters, self.honest)
        else:
            generator = Generator(roll, org, self.stamped, parameters)
        statement = generator.statement()
        if statement.script:
            protocol = roll.choice(["simple", *STEPWISE, *(PREPARING if "prepare" in statement.shape.split() else ())])
        if roll.random() < 0.1:
            role = roll.choice(list(extras.ROLES))
            if (tenant, role) in self.ways:
                statement = dataclasses.replace(statement, role=role, shape=f"{statement.shape} role")
        # Of every third the shape comes twice, with another constant: what was judged for one must hold for the other.
        return tenant, protocol, statement, generator.another(statement) if roll.random() < 0.3 else None

    def try_number(self, number):
        tenant, protocol, statement, another = self.statement(number)
        if self.try_one(number, tenant, protocol, statement) != "slow" and another:
            self.try_one(number, tenant, protocol, another)

    def try_one(self, number, tenant, protocol, statement):
        verdict = self.compare(tenant, protocol, statement)
        self.counts["statements"] += 1
        self.shapes.update(statement.shape.split())
        if verdict is None:
            return None
        kind, through, straight = verdict
        if kind == "refused" and statement.role and through.error[1].startswith("permission denied"):
            # PostgreSQL looks at what a role may do in what it executes: not in a PREPARE, nor in a CTE or subquery the plan has no use
            # for. Bulkhead judges the text. Whether that is the cause is not looked into, so their number is shown.
            self.counts["stricter"] += 1
        elif kind == "refused":
            self.refusals[f"{through.error[1]}"] += 1
            self.refused_examples.setdefault(through.error[1], (number, tenant, statement))
        elif kind != "slow":
            self.differences.append((number, tenant, protocol, statement, kind, through, straight))
        return kind

    def compare(self, tenant, protocol, statement):
        """None, or what is different: (kind, through, straight)."""
        straight, way = self.straight[tenant, statement.role].run(statement, protocol), self.ways[tenant, statement.role]
        through = straight if straight.slow() else way.run(statement, protocol)
        verdict = difference(through, straight, statement.ordered, copied=statement.text.startswith("COPY"))
        if not straight.slow() and (through.error or [""])[0] not in REFUSALS:
            self.counts["accepted"] += 1
        if self.log:
            heard = self.log.new()
            # What PREPARE prepares is prepared as the protocol does.
            accepted = through is not straight and not through.error and "prepare" not in statement.shape.split()
            if accepted and not all(self.log.has(heard, text) for text in way.sent):
                verdict = "changed on its way", through, straight
        if verdict is None:
            same = through.error if self.validate else straight.error
            self.counts["errors" if same else "rows" if straight.rows else "empty"] += 1
            if through.error and through.error[0] in REFUSALS and through.error[0] != straight.error[0]:
                self.counts["wrong anyway"] += 1
        elif verdict[0] == "slow":
            self.counts["slow"] += 1
        if statement.writes:
            verdict = self.after_write(tenant, verdict, through, straight, counted="identity" in statement.shape.split())
        return verdict

    def after_write(self, tenant, verdict, through, straight, counted):
        """`counted`: sequences have moved, with or without a row to show for it."""
        self.counts["writes"] += 1
        everybody = False
        if self.world.checksum(self.world.shared, tenant, others=True) != self.untouched(tenant):
            verdict, everybody = ("another tenant's rows have changed", through, straight), True
        mine = self.world.checksum(self.world.shared, tenant)
        refused = (through.error or [""])[0] in REFUSALS  # of a string that has an error, too, perhaps behind a COMMIT
        if verdict is None and not refused and mine != self.world.checksum(f"{DATABASE}_{tenant}", tenant):
            verdict = ("different rows afterwards", through, straight)
        if everybody or verdict or counted or refused or mine != self.own_start(tenant):
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
        print(f"\n--- {kind}: --seed {self.seed} --only {number} (tenant {tenant}, {protocol} protocol{statement.role and f', as {statement.role}'})\n"
              f"{statement.text}" + (f"\nvalues: {statement.values}" if statement.values else "") +
              f"\n--- smallest that still differs:\n{small}\n--- through:  {through}\n--- private:  {straight}", flush=True)
        case = regressions.block(tenant, protocol, dataclasses.replace(statement, text=small))
        print(f"--- for regressions.sql:{case}", flush=True)
        if keep:
            regressions.keep(case)

    def accepted(self):
        return self.counts["accepted"] / max(self.counts["statements"], 1)

    def report(self, label, seconds):
        c = self.counts
        print(f"{label}: {c['statements']} statements in {seconds:.0f} s, seed {self.seed}: {c['rows']} with rows, {c['empty']} "
              f"without, {c['errors']} equal errors, {c['writes']} writes, {c['slow']} too slow to compare, "
              f"{c['stricter']} refused to a role alone, {c['wrong anyway']} refused that were wrong anyway, {sum(self.refusals.values())} refused, {len(self.differences)} different"
              + (f"; accepted {self.accepted():.0%}" if self.validate else ""), flush=True)
        print("  of " + ", ".join(f"{count} {shape}" for shape, count in self.shapes.most_common()), flush=True)
        for message, count in self.refusals.most_common(15):
            number, _, statement = self.refused_examples[message]
            print(f"  refused {count} ×: {message}\n    --only {number}: {statement.text[:300]}", flush=True)


def direct_ways(postgres, database, with_tenant=True):
    return {(name, role): Way({"host": "127.0.0.1", "port": postgres.port, "user": f"app_{role or 'rw'}", "password": PASSWORD,
                               "dbname": database, "options": f"-c app.org_id={TENANTS[name]}" if with_tenant else ""})
            for name, role in EVERYBODY}


def config_for(postgres, database, mode="inject"):
    shop = harness.shop_config(postgres)
    return harness.shop_config(
        postgres, tenancy={**shop["tenancy"], "temporary_tables": "allow", "mode": mode}, tables={**shop["tables"], **extras.LINES},
        roles={"owner": {"allow": "all"}, **extras.ROLES},
        users={f"{tenant}_{role or 'app'}": {"tenant": tenant, "role": role or "owner", "password": {"plain": PASSWORD}} for tenant, role in EVERYBODY},
        servers={"main": {"hosts": [f"127.0.0.1:{postgres.port}"], "database": database,
                          "login": {"user": "app_rw", "password": PASSWORD}}})


def write_catalogue(postgres, path):
    """The shared database as `bulkhead rewrite --catalog` and broken_rewriter read it."""
    rows = postgres.psql(
        "SELECT quote_ident(c.relname), c.relkind, a.attname, coalesce(b.typname, t.typname) FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped JOIN pg_type t ON t.oid = a.atttypid "
        "LEFT JOIN pg_type b ON b.oid = t.typbasetype WHERE c.relnamespace = 'public'::regnamespace AND relkind IN "
        "('r', 'p', 'v', 'm') ORDER BY c.relname, attnum", DATABASE)
    parents = dict(line.split("|") for line in postgres.psql("SELECT inhrelid::regclass, inhparent::regclass FROM pg_inherits i "
                                                             "JOIN pg_class c ON c.oid = inhrelid AND relkind = 'r'",
                                                             DATABASE).splitlines())
    kinds = {"r": "table", "p": "partitioned", "v": "view", "m": "materialised_view"}
    relations = {}
    for name, kind, column, type_name in (line.split("|") for line in rows.splitlines()):
        relation = relations.setdefault(f"public.{name}", {"kind": kinds[kind], "columns": {}})
        relation["columns"][column] = type_name
        if kind == "v":
            relation["security_invoker"] = name == "open_orders"
        if name in parents:
            relation["parents"] = [f"public.{parents[name]}"]
    path.write_text(harness.to_yaml({"version": 150000, "relations": relations, "functions": ["public.slugify", "public.chatty"]}))


def run(oracle, label, limit, seconds, keep_going=10):
    """Until `limit` statements or `seconds` have passed, or too much is different to be worth more."""
    began = time.monotonic()
    oracle.prepare()
    for tenant, protocol, statement in regressions.load(oracle.validate):
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
    if oracle.validate and oracle.accepted() < ACCEPTED:
        print(f"too little is accepted to prove anything: {oracle.accepted():.0%}, and {ACCEPTED:.0%} were wanted", flush=True)
        return False
    return not oracle.differences and (allow_refusals or oracle.validate or not oracle.refusals)


def canary(oracle, label, statements, enough=10**9):
    """A rewriter that is broken must not pass. It stands in for Bulkhead; nothing is explained."""
    oracle.prepare()
    began, number = time.monotonic(), 0
    while number < statements and len(oracle.differences) < enough:
        oracle.try_number(number)
        number += 1
    caught = len(oracle.differences)
    print(f"canary, {label}: caught {caught} times in {number} statements ({time.monotonic() - began:.0f} s)", flush=True)
    return caught


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--statements", type=int, help="how many in each configuration (3000 unless --minutes is given)")
    parse.add_argument("--minutes", type=float, help="how long in each configuration")
    parse.add_argument("--seed", type=int, help="the same seed makes the same statements; random unless given")
    parse.add_argument("--only", type=int, metavar="N", help="run statement N of the seed alone and show it")
    parse.add_argument("--configuration", choices=["predicate", "both", "validate", "rls", "all"], default="all",
                       help="predicate: no row-level security in the database; both; validate: mode validate; rls: the control, without Bulkhead; all four")
    parse.add_argument("--keep", action="store_true", help="append failures, made smaller, to regressions.sql")
    parse.add_argument("--allow-refusals", action="store_true", help="list refusals, but do not fail because of them")
    parse.add_argument("--canaries", metavar="BROKEN_REWRITER", help="only prove that broken rewriters are caught")
    arguments = parse.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(10**6)
    seconds = arguments.minutes * 60 if arguments.minutes else 10**9
    limit = arguments.statements or (10**12 if arguments.minutes else 3000)

    harness.exit_on_signals()
    with harness.Scratch() as scratch, harness.Postgres(scratch) as postgres:
        extras.prepare(postgres)
        harness.create_shop(postgres)
        extras.create(postgres)
        straight = {(name, role): Way({**harness.Direct(postgres).keywords(name), "user": f"app_{role or 'rw'}"}) for name, role in EVERYBODY}
        if arguments.canaries:
            return canaries(arguments.canaries, scratch, postgres, straight, seed, arguments.statements or 300)
        good = True
        everything = ["predicate", "both", "validate", "rls"]
        for configuration in everything if arguments.configuration == "all" else [arguments.configuration]:
            database = f"{DATABASE}_norls" if configuration in ("predicate", "validate") else DATABASE
            validate = configuration == "validate"
            world = World(postgres, database)
            if configuration == "rls":
                oracle = Oracle(world, direct_ways(postgres, database), straight, seed, stamped=False)
                good &= one_configuration(oracle, arguments, configuration, limit, seconds)
                continue
            log = ServerLog(postgres, database) if validate else None
            with harness.Bulkhead(scratch, config_for(postgres, database, "validate" if validate else "inject"), name=configuration) as bulkhead:
                through = {(n, role): Way({**harness.Proxied(bulkhead).keywords(n), "dbname": database, "user": f"{n}_{role or 'app'}"})
                           for n, role in EVERYBODY}
                oracle = Oracle(world, through, straight, seed, validate=validate, log=log)
                good &= one_configuration(oracle, arguments, configuration, limit, seconds)
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
        print(f"{label}, tenant {tenant}, {protocol} protocol{statement.role and f', as {statement.role}'}:\n{statement.text}\n{statement.values or ''}")
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
    dropping = {(name, role): BrokenRewriter(program, str(config), str(catalogue), name, way)
                for (name, role), way in direct_ways(postgres, world.shared).items() if not role}
    caught_dropping = canary(Oracle(world, dropping, straight, seed), "drops one edit", statements)
    for way in dropping.values():
        way.close()
    good = caught_nothing > statements // 4 and caught_dropping > statements // 20

    config.write_text(harness.to_yaml({"version": 1, **config_for(postgres, world.shared, "validate")}))
    caught = canary(Oracle(world, nothing, straight, seed, validate=True), "accepts everything", statements)
    good &= caught > statements // 20
    for what, sees in BLINDNESSES.items():
        blind = {(name, role): BlindJudge(program, str(config), str(catalogue), name, way,
                                          sees=[(pattern, by.format(org=TENANTS[name])) for pattern, by in sees])
                 for (name, role), way in direct_ways(postgres, world.shared).items() if not role}
        good &= canary(Oracle(world, blind, straight, seed, validate=True, honest=0), f"does not see {what}", 15 * statements, enough=3) == 3
        for way in blind.values():
            way.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
