"""PREPARE, EXECUTE and DEALLOCATE in SQL: the part of the generator that prepares what the rest of it writes."""

from vocabulary import Statement

# What may be declared where the statement says $n::TYPE: values that are written for the one are read as the other, or fail the same.
DECLARED = {"numeric": ["numeric", "numeric(30, 6)", "pg_catalog.numeric", "float8", "int", "bigint", "unknown"],
            "text": ["text", "varchar", "varchar(40)", "character varying", '"text"', "unknown"],
            "date": ["date", "timestamp", "timestamptz", "unknown"]}
TWICE = '"Twice"'  # a name that needs its quotes


class Prepares:
    """Mixed into Generator, whose queries and writes it prepares."""

    def prepared(self):
        """A script that prepares a statement and executes it; how it is sent is Way's affair. In one go every script has the
        names to itself: what it leaves is deallocated behind it."""
        self.use("prepare")
        self.parameters = True
        writes, name = self.chance(0.35), self.pick(["p", "p", "q", TWICE, "orders"])
        body, ordered = (self.write(), False) if writes else self.query()
        body = self.finish(body, ordered, writes, noisy=False)
        types = body.types
        declared = f" ({', '.join(self.declared(types))})" if types and self.chance(0.6) else ""
        steps = [f"PREPARE {name}{declared} AS {body.text}"]
        once = "merge" in self.used  # another time it may insert a key that it deletes, in either order
        for _ in range(1 if once else self.pick([1, 1, 2, 2, 3, 7])):  # from the sixth time on a plan may be one for any values
            steps.append(self.execute(name, types, body.values))
        steps = [*steps, f"DEALLOCATE {name}"] if once else self.around(steps, name)
        return Statement("; ".join(steps), self.shape(), ordered, body.writes or "modifying" in self.used, script=True)

    def declared(self, types):
        """All of them or the first few; the server finds out about the others."""
        return [self.pick(DECLARED[kind]) for kind in types[:self.pick([len(types), len(types), 1])]]

    def execute(self, name, types, values):
        arguments = [self.argument(kind, value) for kind, value in zip(types, values)]
        if arguments and self.chance(0.04):
            self.use("wrong-number-of-arguments")
            arguments = self.pick([arguments[1:], arguments + ["1"]])
        return f"EXECUTE {name}" + (f" ({', '.join(arguments)})" if arguments else "")

    def argument(self, kind, value):
        """The value, another one, or an expression; all of them constant."""
        if self.chance(0.05):
            return "NULL"
        if self.chance(0.02):
            self.use("query-as-argument")  # refused by PostgreSQL, too
            return "(SELECT 1)"
        if self.chance(0.02):
            self.use("parameter-as-argument")  # and so is this: EXECUTE has no parameters
            return "$1"
        quoted = "'" + value.replace("'", "''") + "'"
        if kind == "numeric":
            return self.pick([value, value, quoted, f"{quoted}::numeric", "3", "1 + 1", f"abs({value})", "length('abc')", "CASE WHEN 2 > 1 THEN 2 ELSE 0 END"])
        if kind == "text":
            return self.pick([quoted, quoted, f"{quoted}::text", f"({quoted} || '')", f"upper({quoted})", "'open'", f"coalesce(NULL, {quoted})"])
        return self.pick([quoted, quoted, f"{quoted}::date", f"({quoted}::date + 1)", f"date {quoted}"])

    def around(self, steps, name):
        """What else there is to do with a prepared statement."""
        how = self.roll.random()
        if how < 0.12:
            self.use("deallocate")
            return [*steps, self.pick([f"DEALLOCATE {name}", f"DEALLOCATE PREPARE {name}", "DEALLOCATE ALL"]), f"EXECUTE {name}"]
        if how < 0.2:
            self.use("deallocate")
            return [*steps, f"DEALLOCATE {name}", f"PREPARE {name} AS SELECT count(*) FROM {self.rows_of('orders')}", f"EXECUTE {name}"]
        if how < 0.3:
            self.use("two-prepared")
            return ["PREPARE other (int) AS SELECT id, status FROM orders WHERE {}id <= $1 ORDER BY id".format(self.own("orders")), *steps, "EXECUTE other (3)",
                    "DEALLOCATE other"]
        if how < 0.36:
            self.use("prepared-twice")
            return [*steps, steps[0]]
        if how < 0.42:
            self.use("create-table-as-execute")  # nobody may: PostgreSQL because the login has no right to
            return [*steps, f"CREATE TABLE public.kept AS EXECUTE {name}"]
        if how < 0.55:
            self.use("prepared-in-transaction")
            begin = self.roll.randrange(len(steps))
            return [*steps[:begin], "BEGIN", *steps[begin:], self.pick(["COMMIT", "ROLLBACK"]), self.pick([f"EXECUTE {name}", f"DEALLOCATE {name}"])]
        return steps
