"""Random INSERT, UPDATE, DELETE and MERGE: the part of the generator that changes rows."""

from vocabulary import ODD, REFERENCES, TABLES, TEXT_ORG, WITHOUT_KEY, WRITABLE, Source, org_of


class Writes:
    """Mixed into Generator, whose expressions and FROM clauses it uses."""

    def write(self):
        if self.chance(0.25):
            return self.form()
        if self.chance(0.05):
            return self.moved()
        with_clause = self.with_clause(modifying=False) if self.chance(0.2) else ""
        return with_clause + self.pick([self.insert, self.insert, self.insert_select, self.update, self.update, self.update_from,
                                        self.delete, self.delete_using, self.merge])()

    @staticmethod
    def surely(table):
        """The table, whatever WITH calls so: what a CTE has for org_id cannot be proved to be the own."""
        return f"public.{table}"

    def moved(self):
        """Rows that go from a table into itself or another of the same columns, without a list."""
        self.use("moved")
        name = self.pick(["customers", "orders", "invoices", "products", "order_items"])
        target = Source(name, dict(TABLES[name]), table=name)
        if self.chance(0.2):
            return f"INSERT INTO {name} SELECT (s).* FROM {name} s{self.pick([' WHERE false', ' ON CONFLICT DO NOTHING'])}"
        if self.chance(0.2):
            return f"INSERT INTO {name} {self.pick(['TABLE', 'TABLE ONLY', 'SELECT * FROM'])} {name}{self.pick([' LIMIT 0', ' ON CONFLICT DO NOTHING'])}"
        if self.chance(0.7):
            body, conflict = f"DELETE FROM {name}{self.where([target], 1, 0.8)} RETURNING {self.pick(['*', name + '.*'])}", ""
        else:
            body, conflict = f"SELECT * FROM {name}{self.where([target], 1, 0.8)}", " ON CONFLICT DO NOTHING"
        source = self.pick(["SELECT * FROM gone", "TABLE gone", "SELECT g.* FROM gone AS g"])
        return (f"WITH gone AS ({body}) INSERT INTO {name} {source}{conflict}"
                f"{self.returning(name, dict(TABLES[name]))}")

    def own_org(self, name):
        """The tenant's id as a value of that table's column."""
        return f"'{self.org}'" if name in TEXT_ORG else self.pick([str(self.org), str(self.org), f"'{self.org}'", f"{self.org}::bigint"])

    def returning_write(self):
        """A write with RETURNING for use as a CTE, and its columns."""
        name = self.pick(["customers", "orders", "invoices"])
        target = Source(name, dict(TABLES[name]), table=name)
        text = self.pick([
            lambda: f"UPDATE {name} SET {self.assignments(name, [target])}{self.where([target], 1)}",
            lambda: f"DELETE FROM {name}{self.where([target], 1, 0.9)}",
            lambda: self.plain_insert(name)])()
        return f"{text} RETURNING {name}.org_id AS a, {name}.id AS b", {"a": "n", "b": "n"}

    def plain_insert(self, name):
        listed = ["id", *WRITABLE[name]] + ([] if self.stamped else ["org_id"])
        one = {"id": str(self.roll.randint(1, 60)), "org_id": self.own_org(name), **{c: self.value(k) for c, k in WRITABLE[name].items()}}
        return f"INSERT INTO {name} ({', '.join(listed)}) VALUES ({', '.join(one[c] for c in listed)})"

    def returning(self, alias, columns):
        if not self.chance(0.5):
            return ""
        self.use("returning")
        source = Source(alias, columns)
        org = next(c for c in columns if c in ("organisation", '"Org Id"', "org_id"))
        return " RETURNING " + self.pick(["*", f"{alias}.*" if alias else "*", self.scalar("n", [source], 1),
                                          f"{alias}.{org}, {alias}.id AS key"])

    def value(self, kind, table_key=True):
        if kind in ("user", "customer", "order"):
            return self.pick(["1", "2", "3", "4", "NULL", "99"] if table_key else ["1", "NULL"])
        if kind == "country":
            return self.pick(["'DE'", "'JP'", "NULL", "'ZZ'", "DEFAULT"])
        if kind == "n":
            return self.pick(["0", "1", "12.5", "7", "999", "-3", f"(SELECT count(*) FROM {self.rows_of(self.pick(TABLES))})"])
        if kind == "t":
            return self.pick([f"(SELECT min({self.pick(['email', 'role'])}) FROM {self.rows_of('users')})", "'x'", "'globex'", "'ü€'", "'O''Hara'",
                              f"'unique {self.roll.randint(1, 10**6)}'", "'sku-3'"])
        return self.literal(kind)

    def insert(self):
        self.use("insert")
        name = self.pick(WRITABLE)
        columns = WRITABLE[name]
        rows = self.pick([1, 1, 2, 3])
        ids = self.roll.sample(range(1, 60), rows)
        with_org = not self.stamped or self.chance(0.25)
        if with_org:
            self.use("own-org-id")
        listed = ["id", *columns]
        self.roll.shuffle(listed)
        if with_org:
            listed.insert(self.roll.randrange(len(listed) + 1), org_of(name))
        made = []
        for key in ids:
            one = {"id": str(key), org_of(name): self.own_org(name), **{c: self.value(k) for c, k in columns.items()}}
            made.append("(" + ", ".join(one[c] for c in listed) + ")")
        alias, conflict = name, ""
        into = f"INSERT INTO {self.pick([name, name, f'public.{name}'])}"
        if self.chance(0.2):
            alias = "target"
            into += " AS target"
        if self.chance(0.4) and name not in WITHOUT_KEY:
            conflict = self.conflict(name, alias)
        return f"{into} ({', '.join(listed)}) VALUES {', '.join(made)}{conflict}{self.returning(alias, dict(TABLES[name]))}"

    def conflict(self, name, alias):
        self.use("on-conflict")
        org = org_of(name)
        if self.chance(0.4):
            return self.pick([" ON CONFLICT DO NOTHING", f" ON CONFLICT ({org}, id) DO NOTHING"])
        column, kind = self.pick([(c, k) for c, k in WRITABLE[name].items() if k in "ntdb"])
        existing = Source(alias, dict(TABLES[name]), table=name)
        where = self.where_of([existing], f"{alias}.id {self.pick(['<', '>='])} 4" if self.chance(0.4) else "")
        value = self.pick([f"excluded.{column}", self.literal(kind), f"coalesce(excluded.{column}, {alias}.{column})",
                           self.scalar_subquery(kind, [existing], 0) if kind != "b" else "true"])
        if kind == "n":
            value = f"least(abs({value}), 1000)"
        key = self.pick([f"({org}, id)", f"(id, {org})", "ON CONSTRAINT odd_pkey" if name.startswith('"') else f"ON CONSTRAINT {name}_pkey"])
        return f" ON CONFLICT {key} DO UPDATE SET {column} = {value}{where}"

    def insert_select(self):
        self.use("insert-select")
        name = self.pick(["customers", "orders", "invoices"])
        source, alias = self.pick(["customers", "orders", "products"]), "s"
        columns = TABLES[source]
        plain = {"customers": ("name", "t"), "orders": ("note", "t"), "invoices": ("amount", "n")}[name]
        inner = Source(alias, dict(columns), table=source)
        value = self.scalar(plain[1], [inner], 1)
        if plain[0] != "note":
            value = f"coalesce({value}, {'0' if plain[1] == 'n' else chr(39) * 2})"
        if plain[1] == "n":
            value = f"least(abs({value}), 1000)"
        org, org_value = ("org_id, ", f"{alias}.org_id, ") if not self.stamped or self.chance(0.15) else ("", "")
        conflict = self.conflict(name, name) if self.chance(0.3) else ""
        return (f"INSERT INTO {name} ({org}id, {plain[0]}) SELECT {org_value}{alias}.id + {self.pick([0, 5, 100])}, {value} "
                f"FROM {self.surely(source) if org else source} {alias}{self.where([inner], 2)}{conflict}{self.returning(name, dict(TABLES[name]))}")

    def assignments(self, name, sources):
        chosen = self.roll.sample(sorted(WRITABLE[name].items()), self.pick([1, 1, 2]))
        out = []
        for column, kind in chosen:
            if kind in "ntdb" and self.chance(0.7):
                value = self.scalar(kind, sources, 2)
                # Numbers are kept inside their columns, so that no row fails that another plan would not have met.
                value = f"least(abs({value}), 1000)" if kind == "n" else value
                out.append(f"{column} = {value}")
            else:
                out.append(f"{column} = {self.value(kind)}")
        return ", ".join(out)

    def update(self):
        self.use("update")
        name = self.pick(WRITABLE)
        alias = self.pick([name, "u"])
        target = Source(alias, dict(TABLES[name]), table=name, alone=True)
        written = name if alias == name else f"{name} {self.pick(['AS ', ''])}{alias}"
        if self.chance(0.12):
            self.use("multi-assignment")
            inner_text, inner = self.from_clause(0, None)
            columns = [c for c, k in WRITABLE[name].items() if k == "t"][:2] or ["amount"]
            kind = "t" if columns != ["amount"] else "n"
            picks = ", ".join(f"coalesce(max({self.any_of(inner, kind)}), {chr(39) * 2 if kind == 't' else '0'})" for _ in columns)
            left = f"({', '.join(columns)})" if len(columns) > 1 else f"({columns[0]})"
            setting = f"{left} = (SELECT {picks} FROM {inner_text}{self.where_of(inner, '')})"
        else:
            setting = self.assignments(name, [target])
        return f"UPDATE {written} SET {setting}{self.where([target], 2, 0.85)}{self.returning(alias, dict(TABLES[name]))}"

    def update_from(self):
        """Joined on the parent's key: one match at most, so one answer."""
        self.use("update-from")
        name, column, other = self.pick([r for r in REFERENCES if r[0] in WRITABLE])
        target, source = Source("a", dict(TABLES[name]), table=name), Source("b", dict(TABLES[other]), table=other)
        extra = f" AND {self.condition([target, source], 1)}" if self.chance(0.6) else ""
        return (f"UPDATE {name} a SET {self.assignments(name, [target, source])} FROM {other} b{self.where_of([target, source], f'a.{column} = b.id{extra}')}"
                f"{self.returning('a', dict(TABLES[name]))}")

    def merge(self):
        """Joined on the parent's key: each row of the target meets one of the source at most."""
        self.use("merge")
        name, column, other = self.pick([r for r in REFERENCES if r[0] in WRITABLE])
        target = Source("a", dict(TABLES[name]), table=name)
        source = Source("b", dict(TABLES[other]), table=other, whole_row=False)
        arms, deletes, using = [], False, other
        for matched in self.pick([[True], [True, False], [False, True], [True, True, False], [False]]):
            scope = [target, source] if matched else [source]
            extra = f" AND {self.condition(scope, 1)}" if self.chance(0.4) else ""
            if matched:
                action = self.pick([f"UPDATE SET {self.assignments(name, scope)}", "DELETE", "DO NOTHING"])
                deletes = deletes or action == "DELETE"
            else:
                org, value = "", ""
                if not self.stamped or self.chance(0.2):
                    org, value = "org_id, ", self.pick(["b.org_id, ", f"{self.own_org(name)}, "])
                    using = self.surely(other)
                fixed = {**{c: self.value(k) for c, k in WRITABLE[name].items()}, "id": f"b.id + {self.pick([0, 7, 300])}"}
                action = (f"INSERT ({org}{', '.join(fixed)}) VALUES ({value}{', '.join(fixed.values())})"
                          if self.chance(0.8) else "DO NOTHING")
            arms.append(f" WHEN {'' if matched else 'NOT '}MATCHED{extra} THEN {action}")
        if deletes:  # whether a key that is deleted is free already depends on which row comes first
            arms = [arm.replace("b.id + ", "100000 + b.id + ") for arm in arms]
        more = f" AND {self.condition([target, source], 1)}" if self.chance(0.4) else ""
        return f"MERGE INTO {name} {self.pick(['AS ', ''])}a USING {using} b ON a.{column} = b.id{more}{''.join(arms)}"

    def delete(self):
        self.use("delete")
        name = self.pick(["order_items", "invoices", "orders", "customers", "users", "products", "tickets", "visits", "visits_old",
                          "assets", "machines", "skills", "memberships", ODD])
        target = Source(name, dict(TABLES[name]), table=name)
        columns = dict(TABLES[name])
        returning = self.returning(name, columns) if "id" in columns else ""
        return f"DELETE FROM {self.pick(['', 'ONLY '])}{name}{self.where([target], 2, 0.9)}{returning}"

    def delete_using(self):
        self.use("delete-using")
        name, column, other = self.pick(REFERENCES)
        target = Source("a", dict(TABLES[name]), table=name)
        text, sources = self.from_clause(0, None)
        more = f", {text}" if self.chance(0.3) else ""
        source = Source("b", dict(TABLES[other]), table=other)
        scope = [target, source] + (sources if more else [])
        return f"DELETE FROM {name} AS a USING {other} b{more}{self.where_of(scope, f'a.{column} = b.id AND {self.condition(scope, 1)}')}"
