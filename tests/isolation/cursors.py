"""Cursors: what is read in pieces, in any direction, in its transaction and after it, and what is written at one."""

from vocabulary import TABLES, VIEWS, Source

# In an order that leaves nothing open.
WALKS = ["FETCH 2 FROM walk", "MOVE 1 IN walk", "FETCH NEXT FROM walk", "FETCH ABSOLUTE 3 FROM walk", "FETCH BACKWARD 2 FROM walk",
         "MOVE LAST IN walk", "FETCH PRIOR IN walk", "FETCH FIRST walk", "FETCH RELATIVE 2 FROM walk", "FETCH RELATIVE -1 FROM walk",
         "FETCH ABSOLUTE -2 FROM walk", "FETCH FORWARD ALL FROM walk", "FETCH BACKWARD ALL IN walk", "MOVE BACKWARD ALL IN walk",
         "MOVE ABSOLUTE 2 FROM walk", "MOVE FORWARD 3 walk", "FETCH 0 FROM walk", "FETCH LAST walk"]


class Cursors:
    """Mixed into Generator."""

    def cursor(self):
        """A query read in pieces. Only an order that leaves nothing open can be walked; any other is fetched whole."""
        self.use("cursor")
        text, ordered = self.anew(self.query)
        steps = self.roll.sample(WALKS, self.pick([3, 3, 5])) if ordered else ["FETCH ALL FROM walk"]
        how = "SCROLL CURSOR" if ordered else self.pick(["CURSOR", "NO SCROLL CURSOR", "INSENSITIVE CURSOR"])
        if ordered and self.chance(0.1):
            self.use("binary-cursor")
            how = "BINARY SCROLL CURSOR"
        end = self.pick([["CLOSE walk", "COMMIT"], ["COMMIT"], ["CLOSE ALL", "COMMIT"], ["COMMIT", "FETCH NEXT FROM walk"]])
        declare = f"DECLARE walk {how}{self.pick(['', ' WITHOUT HOLD'])} FOR {text}"
        script = ["BEGIN", declare, *steps, *end]
        if self.chance(0.35):
            self.use("cursor-with-hold")
            declare = f"DECLARE walk {how} WITH HOLD FOR {text}"
            cut = self.roll.randrange(len(steps) + 1)  # what is read in the transaction, and what behind it
            script = self.pick([[declare, *steps], ["BEGIN", declare, *steps[:cut], self.pick(["COMMIT", "COMMIT", "ROLLBACK"]), *steps[cut:]]])
            script += self.pick([["CLOSE walk"], ["CLOSE ALL", "FETCH NEXT FROM walk"], []])
        return self.script(script, ordered, writes="modifying" in self.used)

    def write_at_cursor(self):
        """Rows walked one by one, and some of them written: WHERE CURRENT OF. Without a lock the plan decides whether it may."""
        self.use("current-of")
        self.parameters = False
        name = self.pick(["customers", "orders", "invoices"])
        target = Source(name, dict(TABLES[name]), table=name)
        where = self.where([target], 1)
        # A wider read, or a view's: no cursor over it is known to stand on own rows.
        while any(name in where.lower() for name in ("skills", *VIEWS)):
            where = self.where([target], 1)
        query = f"SELECT * FROM {name}{where} ORDER BY {name}.id{self.pick([' FOR UPDATE', ' FOR NO KEY UPDATE'])}"
        steps = ["BEGIN", f"DECLARE walk CURSOR FOR {query}"]
        for _ in range(self.pick([1, 2, 3])):
            steps.append(self.pick(["FETCH walk", "FETCH 2 FROM walk", "MOVE 1 IN walk"]))
            write = self.pick([f"UPDATE {name} SET {self.assignments(name, [target])}", f"DELETE FROM {name}"])
            steps.append(f"{write} WHERE CURRENT OF walk{self.returning(name, dict(TABLES[name]))}")
        return self.script([*steps, "COMMIT"], writes=True)
