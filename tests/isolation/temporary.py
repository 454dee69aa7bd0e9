"""Temporary tables: made in every way there is, used with the tenant's tables in every kind of statement, and dropped, or not."""

from vocabulary import TABLES, Source

NAMES = ["mine", "heap", '"Temp T"', "t23456789t123456789t123456789t123456789t123456789t123456789t123"]
COLUMNS = {"k": "n", "word": "t", "day": "d"}
DECLARED = ["k bigint{key}, word text{default}, day date", "k int{key}, word varchar(80){default}, day date CHECK (day > '1900-01-01')",
            "k numeric(20,4){key}, word text COLLATE \"C\"{default}, day date, twice numeric GENERATED ALWAYS AS (k * 2) STORED",
            "k bigint{key}, word text{default} CHECK (length(word) < 60), day date DEFAULT '2024-01-01'"]
DATA = {"n": ["1", "7", "\\N", "12"], "t": ["x", "ü€", "\\N", "two\\nlines", ""], "d": ["2024-03-11", "\\N"]}

FEW = " ORDER BY 1, 2, 3 LIMIT 12"  # what is joined with itself has to stay small


class Temporary:
    """Mixed into Generator. What it has made is in `self.temporary`, from where FROM clauses take it."""

    def temporary_tables(self):
        self.use("temporary")
        name = self.pick(NAMES)
        steps, data = [self.anew(lambda: self.make_temporary(name))], []
        if self.chance(0.15):  # made, taken back, and missed
            self.use("temporary-rolled-back")
            self.temporary = {name: dict(COLUMNS)}
            return self.script(["BEGIN", "SAVEPOINT s", *steps, self.anew(lambda: self.temporary_use(name, data)), "ROLLBACK TO s",
                                f"SELECT count(*) FROM {name}", "ROLLBACK", f"SELECT k FROM pg_temp.{name}"], writes=True, data=data)
        for _ in range(self.pick([2, 3, 4])):
            steps.append(self.anew(lambda: self.temporary_use(name, data)))
        if self.chance(0.3):
            self.use("two-temporary")
            other = self.pick([n for n in NAMES if n != name])
            steps += [self.anew(lambda: self.make_temporary(other)), self.anew(lambda: self.temporary_use(other, data))]
        if self.chance(0.5):
            steps += [self.pick([f"DROP TABLE {name}", f"DROP TABLE pg_temp.{name}", f"DROP TABLE IF EXISTS {name} CASCADE", "DISCARD TEMP"]),
                      f"SELECT count(*) FROM {name}"]
        if any("ON COMMIT DROP" in step for step in steps) or self.chance(0.3):
            begin = self.roll.randrange(2) if self.chance(0.2) else 0
            steps = [*steps[:begin], "BEGIN", *steps[begin:], self.pick(["COMMIT", "ROLLBACK"]), f"SELECT count(*) FROM {name}"]
        return self.script(steps, writes=True, data=data)

    def make_temporary(self, name):
        """All have the same columns, so that what uses one needs not know how it was made."""
        word = self.pick(["TEMP", "TEMPORARY", "LOCAL TEMP"])
        made = self.pick([name, name, f"pg_temp.{name}"])
        commit = self.pick(["", "", "", " ON COMMIT PRESERVE ROWS", " ON COMMIT DELETE ROWS", " ON COMMIT DROP"] if self.chance(0.5) else [""])
        how = self.roll.random()
        if how < 0.4:
            columns = self.pick(DECLARED).format(key=self.pick(["", "", " PRIMARY KEY", " UNIQUE", " NOT NULL"]),
                                                 default=self.pick(["", " DEFAULT 'none'", " DEFAULT upper('none')", " NOT NULL DEFAULT 'none'"]))
            text = f"CREATE {word} TABLE {self.pick(['', '', 'IF NOT EXISTS '])}{made} ({columns}){commit}"
        elif how < 0.45:
            self.use("temporary-like")  # a table without a tenant column, for which a private database would have a default
            text = f"CREATE {word} TABLE {made} (LIKE countries{self.pick(['', ' INCLUDING ALL'])}, k int, word text, day date){commit}"
        elif how < 0.8:
            self.use("create-temp-as")
            query = self.with_clause(modifying=False) if self.chance(0.2) else ""
            query += self.select(self.pick([1, 2]), kinds=list(COLUMNS.values()))[0] + FEW
            text = (f"CREATE {word} TABLE {made} ({', '.join(COLUMNS)}){commit} AS {query}"
                    f"{self.pick(['', '', ' WITH DATA', ' WITH NO DATA'])}")
        else:
            self.use("select-into-temp")
            source, sources = self.from_clause(1, None)
            items = ", ".join(f"{self.typed(kind, sources, 1)} AS {column}" for column, kind in COLUMNS.items())
            text = f"SELECT {items} INTO {word} {self.pick(['', 'TABLE '])}{made} FROM {source}{self.where(sources, 1)}{FEW}"
        self.temporary = {**self.temporary, name: dict(COLUMNS)}
        return text

    def temporary_item(self):
        name, alias = self.pick(self.temporary), self.name("t")
        written = self.pick([name, name, f"pg_temp.{name}", f"ONLY {name}"])
        if self.chance(0.2) and name not in self.bare:
            self.bare.add(name)
            return written, [Source(name, dict(self.temporary[name]))]
        sample = self.pick([""] * 5 + [" TABLESAMPLE SYSTEM (100)"])
        return f"{written} {self.pick(['AS ', ''])}{alias}{sample}", [Source(alias, dict(self.temporary[name]))]

    def temporary_use(self, name, data):
        target = Source(name, dict(COLUMNS))
        written = self.pick([name, name, f"pg_temp.{name}"])
        inner_text, inner = self.from_clause(0, None)
        again = self.pick(["customers", "orders"])
        word = "name" if again == "customers" else "note"
        org, own = ("", "") if self.stamped else ("org_id, ", f"{self.org}, ")
        return self.pick([
            lambda: self.query()[0], lambda: self.query()[0], lambda: self.query()[0],
            lambda: f"SELECT t.k, o.status FROM {written} t {self.pick(['JOIN', 'LEFT JOIN', 'FULL JOIN'])} orders o ON o.id = t.k{self.pick(['', ' FOR UPDATE OF o'])}",
            lambda: f"TABLE {written}",
            lambda: f"INSERT INTO {written} (k, word) VALUES ({self.pick('123')}, 'a'), (77, DEFAULT) RETURNING *",
            lambda: f"INSERT INTO {written} (k, day) SELECT {self.any_of(inner, 'n')}, {self.any_of(inner, 'd')} FROM {inner_text}{self.where(inner, 1)} ORDER BY 1, 2 LIMIT 9",
            lambda: f"INSERT INTO {again} ({org}id, {word}) SELECT {own}2000 + row_number() OVER (ORDER BY k, word, day), coalesce(word, 'none') FROM {written}"
                    f"{self.returning(again, dict(TABLES[again]))}",
            lambda: f"UPDATE {written} SET word = {self.scalar('t', [target], 1)}{self.where([target], 1)}",
            lambda: f"UPDATE {written} SET day = o.placed_on FROM orders o WHERE o.id = {name}.k AND {self.condition([Source('o', dict(TABLES['orders']))], 1)}",
            lambda: f"UPDATE {again} SET {word} = 'seen' WHERE id IN (SELECT k FROM {written})",
            lambda: f"DELETE FROM {again} USING {written} AS t WHERE t.k = {again}.id + 90 AND {self.condition([Source('t', dict(COLUMNS))], 1)}",
            lambda: f"DELETE FROM {written}{self.where([target], 1)}",
            lambda: f"WITH gone AS (DELETE FROM {written} RETURNING k) SELECT count(*) FROM gone JOIN orders o ON o.id = gone.k",
            lambda: f"MERGE INTO {written} t USING orders o ON o.id = t.k WHEN MATCHED THEN UPDATE SET word = o.status "
                    f"WHEN NOT MATCHED AND o.id < 4 THEN INSERT (k, word) VALUES (o.id, o.note)",
            lambda: f"MERGE INTO {again} c USING (SELECT DISTINCT k FROM {written}) t ON c.id = t.k WHEN MATCHED THEN UPDATE SET {word} = 'met' "
                    f"WHEN NOT MATCHED AND t.k IS NOT NULL THEN INSERT ({org}id, {word}) VALUES ({own}3000 + t.k, 'new')",
            lambda: f"CREATE {self.pick(['', 'UNIQUE '])}INDEX {self.pick(['', 'IF NOT EXISTS temp_index '])}ON {written} (k, upper(word) DESC) WHERE k > 0",
            lambda: f"ANALYZE {written}{self.pick(['', ' (k)'])}",
            lambda: f"TRUNCATE {self.pick(['', 'TABLE '])}{written}{self.pick(['', ' RESTART IDENTITY', ' CASCADE'])}",
            lambda: f"COPY {written} (k, word) TO STDOUT{self.pick(['', ' (FORMAT csv)', ' (FORMAT binary)'])}",
            lambda: self.copy_into_temporary(written, data),
            lambda: "SELECT relname, relpersistence FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r' ORDER BY 1",
            lambda: self.make_temporary(name)])()

    def copy_into_temporary(self, written, data):
        columns = self.roll.sample(list(COLUMNS), self.pick([1, 2, 3]))
        data.append("".join("\t".join(self.pick(DATA[COLUMNS[c]]) for c in columns) + "\n" for _ in range(self.pick([0, 1, 3]))))
        if self.chance(0.15):
            data[-1] += "\t" * len(columns) + "too many\n"
        return f"COPY {written} ({', '.join(columns)}) FROM STDIN{self.pick(['', ' WHERE true'])}"
