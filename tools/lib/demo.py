"""The tour of `tools/dev demo`: an application that knows nothing of tenants, two organisations, one database.

Everything it says is checked; the exit status is 0 only if every claim held.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time

from throwaway import ROOT, Bulkhead, Failure, Postgres, Scratch, exit_on_signals

HERE = pathlib.Path(__file__).resolve().parent
COLOUR = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
ORGS = {"acme": 1, "globex": 2}
PAINT = {"acme": "33", "globex": "36", "good": "32", "bad": "1;31", "title": "1", "dim": "2"}


def paint(style, text):
    return f"\033[{PAINT[style]}m{text}\033[0m" if COLOUR else text


def say(text=""):
    print(text, flush=True)


class Tour:
    def __init__(self, postgres, bulkhead):
        self.postgres, self.bulkhead = postgres, bulkhead
        self.held = self.failed = self.step = 0
        self.typed = []

    def title(self, text):
        self.step += 1
        say("\n" + paint("title", f"{self.step}. {text}"))

    def environment(self, tenant):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        return {**clean, "PGHOST": "127.0.0.1", "PGPORT": str(self.bulkhead.port), "PGUSER": f"{tenant}_app",
                "PGPASSWORD": f"{tenant}-secret", "PGDATABASE": "shop", "PGCLIENTENCODING": "UTF8", "LC_ALL": "C.UTF-8"}

    def run(self, tenant, sql):
        """Shows and runs it with psql as that organisation's application; what psql has printed, both streams."""
        self.typed.append(sql)
        say(f"   {paint(tenant, tenant.rjust(6) + '=>')} {sql}")
        done = subprocess.run(["psql", "-X", "-P", "footer=off", "-c", sql], env=self.environment(tenant), text=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        for line in done.stdout.strip("\n").splitlines():
            say(f"            {paint('bad', line) if line.startswith('ERROR') else line}")
        return done.stdout

    def ask(self, tenant, sql):
        """Quietly: the bare values, as rows of text."""
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-c", sql], env=self.environment(tenant), text=True, timeout=60,
                              capture_output=True, check=False)
        return done.stdout.strip() or done.stderr.strip()

    def truth(self, sql):
        """Behind Bulkhead's back, as the database's superuser."""
        return self.postgres.psql(sql, "shop")

    def check(self, holds, claim):
        if holds:
            self.held += 1
        else:
            self.failed += 1
        say(f"   {paint('good', '✓ ' + claim) if holds else paint('bad', '✗ ' + claim)}")

    # --- the steps ----------------------------------------------------------------------------------------------------

    def take(self):
        say(paint("dim", "   One PostgreSQL, one table `invoices`, two organisations in it: acme (org_id 1) has 3 rows, globex (2) "
                         "has 2.\n   The application's SQL below never mentions org_id unless it tries to cheat."))
        self.reading()
        self.forgotten_where()
        self.stamping()
        self.reaching_across()
        self.what_reached_the_server()

    def reading(self):
        self.title("The same statement, two organisations")
        sql = "SELECT c.name, i.amount, i.paid FROM invoices i JOIN customers c ON c.id = i.customer_id ORDER BY i.amount"
        acme, globex = self.run("acme", sql), self.run("globex", sql)
        self.check("Coyote" in acme and "Scorpio" not in acme and acme.count("\n") == 2 + 3 + 1, "acme sees its 3 invoices only")
        self.check("Scorpio" in globex and "Coyote" not in globex and globex.count("\n") == 2 + 2 + 1,
                   "globex sees its 2, and its own customer 1, who has the same id as acme's")

    def forgotten_where(self):
        self.title("A forgotten WHERE")
        out = self.run("acme", "UPDATE invoices SET paid = true")
        self.check(out.strip() == "UPDATE 3" and self.truth("SELECT count(*) FROM invoices WHERE org_id = 2 AND paid") == "0",
                   "it touched acme's 3 rows and none of globex's")

    def stamping(self):
        self.title("An INSERT that knows nothing of org_id")
        out = self.run("globex", "INSERT INTO invoices (customer_id, amount) VALUES (2, 7.50) RETURNING org_id, amount")
        self.check("2 |   7.50" in out and self.truth("SELECT org_id FROM invoices WHERE amount = 7.50") == "2",
                   "the row was stamped with globex's org_id")

    def reaching_across(self):
        self.title("Reaching across")
        before = self.truth("SELECT md5(string_agg(i::text, '|' ORDER BY id)) FROM invoices i WHERE org_id = 2")
        out = self.run("acme", "SELECT * FROM invoices WHERE org_id = 2 OR true")
        self.check(out.count("\n") == 2 + 3 + 1 and "99000" not in out, "OR true reads no more than its own rows")
        out = self.run("acme", "DELETE FROM invoices WHERE org_id = 2")
        self.check(out.strip() == "DELETE 0", "globex's rows do not exist for acme: no error, no hint, nothing deleted")
        for sql, claim in (
                ("INSERT INTO invoices (org_id, customer_id, amount) VALUES (2, 1, 1)", "writing into globex is refused"),
                ("UPDATE invoices SET org_id = 2", "moving rows to globex is refused"),
                ("SET app.org_id = 2", "becoming globex by SET is refused"),
                ("SELECT count(*) FROM invoices WHERE set_config('app.org_id', '2', false) = '2'",
                 "becoming globex in the middle of a query is refused, too"),
                ("SELECT query FROM pg_stat_activity", "looking over globex's shoulder is refused")):
            out = self.run("acme", sql)
            self.check("ERROR" in out and "globex" not in out, claim)
        self.check(self.ask("acme", "SELECT DISTINCT org_id FROM invoices") == "1"
                   and self.ask("globex", "SELECT DISTINCT org_id FROM invoices") == "2"
                   and self.truth("SELECT md5(string_agg(i::text, '|' ORDER BY id)) FROM invoices i WHERE org_id = 2") == before,
                   "after all that globex's rows are what they were, and both sessions still see their own")

    def what_reached_the_server(self):
        self.title("What PostgreSQL really got (from its log)")
        marker, statements = "LOG:  statement: ", []
        for line in self.postgres.log_path.read_text(errors="replace").splitlines():
            if "app_rw@shop" in line and marker in line and "invoices" in line.partition(marker)[2]:
                statements.append(line.partition(marker)[2])
        shown = [s for s in statements if s.startswith(("SELECT c.name", "UPDATE", "INSERT"))][:4]
        for statement in shown:
            say(f"            {statement}")
        self.check(len(shown) == 4 and all("org_id" in s and s not in self.typed for s in shown),
                   "every statement carried its organisation as a constant; row-level security stood behind it")
        self.check(not any("99000" in s or "app.org_id = 2" in s or "set_config" in s for s in statements),
                   "nothing that was refused has reached the server")

    def summary(self):
        if self.failed:
            say("\n" + paint("bad", f"{self.failed} of {self.held + self.failed} claims did NOT hold"))
        else:
            say("\n" + paint("good", f"All {self.held} claims held."))
        return self.failed == 0


def stay(postgres, bulkhead):
    """Until somebody presses Ctrl-C, or the proxy has gone."""
    say("\n" + paint("title", "Try it yourself; this stays up until you press Ctrl-C."))
    for tenant in ORGS:
        say(f"   PGPASSWORD={tenant}-secret psql -h 127.0.0.1 -p {bulkhead.port} -U {tenant}_app shop")
    say(paint("dim", f"   configuration {bulkhead.config_path}, proxy log {bulkhead.log_path}, PostgreSQL log {postgres.log_path}"))
    try:
        while bulkhead.alive():
            time.sleep(0.2)
        raise Failure(f"bulkhead has ended:\n{bulkhead.log_tail()}")
    except KeyboardInterrupt:
        say("\n" + paint("dim", "removing everything"))


def main():
    parse = argparse.ArgumentParser(prog="tools/dev demo", description=__doc__)
    parse.add_argument("--once", action="store_true", help="leave after the tour")
    arguments = parse.parse_args()
    exit_on_signals()
    with Scratch("bulkhead-demo-") as scratch, Postgres(scratch, log_statement="all") as postgres:
        postgres.psql((HERE / "demo.sql").read_text())
        config = (ROOT / "config" / "demo.yaml").read_text().replace("@SERVER_PORT@", str(postgres.port))
        with Bulkhead(scratch, config, env={"APP_RW_PASSWORD": "server-side-secret"}) as bulkhead:
            say(paint("title", "Bulkhead: organisations that share one PostgreSQL, kept apart"))
            tour = Tour(postgres, bulkhead)
            tour.take()
            good = tour.summary()
            if not arguments.once:
                stay(postgres, bulkhead)
            return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print(f"demo: {failure}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
