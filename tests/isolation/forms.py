"""Writes in forms of their own: TRUNCATE, DEFAULT VALUES, OVERRIDING, INSERT without a list, through a view, on composite keys, MERGE in
all its forms."""

from vocabulary import PARTITIONED, TABLES, VIEWS, WRITABLE, Source, org_of

# Tables that go together without one that refers to them: PostgreSQL refuses others, where Bulkhead deletes.
TRUNCATED = ["order_items", "invoices", "tickets", "visits", "visits_old", "assets", "machines", "ledger", "memberships", "ONLY assets",
             "order_items, invoices", "orders, order_items, invoices", "invoices, public.order_items, ONLY (orders)", "tickets, assets, visits",
             "public.visits, visits_old", "ledger, memberships"]
WHOLE = {"customers": 6, "orders": 6, "products": 5, "tickets": 4, "visits": 4, "assets": 4, "memberships": 4}  # columns a row may give
ITEM = {"product_id": "n", "quantity": "n", "unit_price": "n"}


class Forms:
    """Mixed into Generator."""

    def form(self):
        """`stamped` forms are for who is given the tenant column by others."""
        stamped = [self.truncate, self.default_values] if self.stamped else []
        if "prepare" in self.used:
            stamped = stamped[1:]  # PREPARE is for queries
        return self.pick([*stamped, self.identity, self.identity, self.whole_row, self.item, self.item, self.through_view, self.assignment_form,
                          self.merge_form, self.merge_form, self.merge_form])()

    def with_org(self, name, columns, *rows):
        """A column list and rows for it as texts, with the tenant column where somebody has to name it."""
        if not self.stamped or self.chance(0.2):
            at = self.roll.randrange(len(columns) + 1)
            columns = [*columns[:at], org_of(name), *columns[at:]]
            rows = [[*row[:at], self.own_org(name), *row[at:]] for row in rows]
        return ", ".join(columns), ", ".join(f"({', '.join(row)})" for row in rows)

    def truncate(self):
        self.use("truncate")
        return f"TRUNCATE {self.pick(['', 'TABLE '])}{self.pick(TRUNCATED)}{self.pick(['', '', ' CONTINUE IDENTITY', ' RESTRICT'])}"

    def default_values(self):
        self.use("default-values")
        if self.chance(0.2):
            return f"INSERT INTO {self.pick(['visits', 'tickets', 'organisations'])} DEFAULT VALUES"  # wants more
        self.use("identity")
        if self.chance(0.3):
            self.use("merge")
            return ("MERGE INTO ledger l USING (SELECT id FROM orders WHERE id < 4) o ON l.id = o.id + 50 "
                    f"WHEN NOT MATCHED{self.pick(['', ' AND o.id > 1'])} THEN INSERT DEFAULT VALUES")
        return f"INSERT INTO {self.pick(['ledger', 'public.ledger AS l'])} DEFAULT VALUES{self.pick(['', ' ON CONFLICT DO NOTHING', ' RETURNING *'])}"

    def identity(self):
        """Columns that fill themselves. One row at a time or rows as written: in what order others come to the sequence is open."""
        self.use("identity")
        overriding = self.pick(["", "", " OVERRIDING SYSTEM VALUE", " OVERRIDING USER VALUE"])
        if overriding:
            self.use("overriding")
        name, columns = self.pick([("ledger", ["id"]), ("ledger", ["line", "words"]), ("ledger", ["words", "amount"]), ("ledger", ["id", "line", "amount"]),
                                   ("ledger", ["words", "twice"]), ("users", ["id", "email"]), ("users", ["email", "role"]), ("customers", ["name"])])
        value = lambda c, key: self.pick({"id": [str(key), str(key), "DEFAULT"], "line": [str(key), "DEFAULT"], "twice": ["DEFAULT", "DEFAULT", "5"],  # noqa: E731
                                          "email": [f"'mail{key}'"], "name": ["'new'"], "amount": ["7", "DEFAULT", "NULL"]}.get(c, ["'word'", "DEFAULT"]))
        how = self.roll.random()
        returning = self.returning(name, dict(TABLES[name]))
        if how < 0.2:
            listed, row = self.with_org(name, columns, [value(c, "90 + count(*)").replace("DEFAULT", "NULL") for c in columns])
            return f"INSERT INTO {name} ({listed}){overriding} SELECT {row[1:-1]} FROM orders WHERE {self.own('orders')}id < 3{returning}"
        if how < 0.35:
            self.use("merge")
            listed, row = self.with_org(name, columns, [value(c, 70) for c in columns])
            return (f"MERGE INTO {name} t USING (SELECT max(id) AS id FROM orders) o ON t.id = o.id + 600 "
                    f"WHEN NOT MATCHED THEN INSERT ({listed}){overriding} VALUES {row}")
        listed, rows = self.with_org(name, columns, *([value(c, key) for c in columns] for key in range(80, self.pick([81, 81, 82]))))
        return f"INSERT INTO {name} ({listed}){overriding} VALUES {rows}{self.pick(['', '', ' ON CONFLICT DO NOTHING'])}{returning}"

    def whole_row(self):
        """INSERT without a column list: of values that reach the tenant column, or of rows of the table itself."""
        self.use("no-column-list")
        name = self.pick(WHOLE)
        if self.chance(0.4):
            source = self.pick([f"SELECT * FROM {self.surely(name)} t{self.where([Source('t', dict(TABLES[name]), table=name)], 1)}", f"TABLE {self.surely(name)}"])
            return f"INSERT INTO {name} {source}{self.pick(['', ' ON CONFLICT DO NOTHING'])}"
        columns = list(TABLES[name])[:self.roll.randint(3 if name in (*PARTITIONED, 'customers', 'assets') else WHOLE[name] - 1, WHOLE[name])]
        kinds = {**TABLES[name], **WRITABLE[name]}
        rows = []
        for key in self.roll.sample(range(1, 60), self.pick([1, 2])):
            rows.append("(" + ", ".join(self.own_org(name) if c == org_of(name) else str(key) if c == "id" else self.value(kinds[c]) for c in columns) + ")")
        return f"INSERT INTO {self.surely(name)} VALUES {', '.join(rows)}{self.returning(name, dict(TABLES[name]))}"

    def item(self):
        """order_items, whose key is made of three columns."""
        self.use("composite-key")
        target = Source("order_items", dict(TABLES["order_items"]), table="order_items")
        how = self.roll.random()
        if how < 0.25:
            return f"UPDATE order_items SET quantity = {self.pick(['quantity + 1', 'DEFAULT', 'line_no'])}, unit_price = {self.value('n')}{self.where([target], 1)}"
        if how < 0.4:
            return ("MERGE INTO order_items a USING (SELECT DISTINCT order_id, line_no % 3 + 1 AS line_no FROM order_items WHERE quantity > 3) b "
                    f"ON a.order_id = b.order_id AND a.line_no = b.line_no WHEN MATCHED THEN {self.pick(['DELETE', 'UPDATE SET quantity = 9'])}")
        made = []
        for order, line in self.roll.sample([(o, n) for o in range(1, 19) for n in range(1, 4)], self.pick([1, 2, 3])):
            made.append((str(order), str(line), self.pick(["1", "2", "NULL", "99"]), self.pick(["1", "7", "DEFAULT"]), self.pick(["2.5", "NULL"])))
        org = not self.stamped or self.chance(0.25)
        rows = ", ".join("(" + ", ".join([*row, *([str(self.org)] if org else [])]) + ")" for row in made)
        conflict = self.pick(["", " ON CONFLICT DO NOTHING", " ON CONFLICT (org_id, order_id, line_no) DO NOTHING",
                              " ON CONFLICT (line_no, order_id, org_id) DO UPDATE SET quantity = order_items.quantity + excluded.quantity",
                              " ON CONFLICT ON CONSTRAINT order_items_pkey DO UPDATE SET (quantity, unit_price) = (excluded.quantity, 1) "
                              "WHERE order_items.line_no < 3"])
        returning = self.pick(["", " RETURNING *", " RETURNING order_id, line_no, (SELECT o.status FROM orders o WHERE o.id = order_id)"])
        return (f"INSERT INTO order_items (order_id, line_no, product_id, quantity, unit_price{', org_id' if org else ''}) "
                f"VALUES {rows}{conflict}{returning}")

    def through_view(self):
        """open_orders is simple enough for PostgreSQL to write through."""
        self.use("view-written")
        view = Source("v", dict(VIEWS["open_orders"]), table="open_orders")
        listed, row = self.with_org("orders", ["id", "customer_id"], [str(self.roll.randint(1, 40)), self.value("customer")])
        where, own = self.where([view], 1, 0.9), self.own("open_orders", "v")
        return self.pick([
            f"INSERT INTO open_orders ({listed}) VALUES {row}{self.pick(['', ' ON CONFLICT DO NOTHING', ' RETURNING org_id, id'])}",
            f"UPDATE open_orders v SET customer_id = {self.value('customer')}{where}{self.pick(['', ' RETURNING v.*'])}",
            f"UPDATE open_orders v SET customer_id = c.id FROM customers c WHERE {own}{self.own('customers', 'c')}c.id = v.customer_id AND {self.condition([view], 1)}",
            f"DELETE FROM open_orders v{where}",
            f"DELETE FROM open_orders v USING invoices i WHERE {own}{self.own('invoices', 'i')}i.order_id = v.id AND {self.condition([view], 1)}",
            f"SELECT o.status FROM orders o WHERE {self.own('orders', 'o')}o.id IN (SELECT v.id FROM open_orders v{where}) FOR UPDATE"])

    def assignment_form(self):
        self.use("assignment-form")
        own = f", org_id = '{self.org}'" if self.chance(0.3) else ""
        where = self.where([Source("products", dict(TABLES["products"]), table="products")], 1)
        setting = self.pick(["tags[1] = 'x'", "tags[2:3] = ARRAY['y', 'z']", "attributes['weight'] = '9'", "attributes = DEFAULT", "(name, price) = ('x', 3)",
                             "(name, price) = ROW (upper(name), price + 1)", "(name) = ROW ('one')", "tags = NULL, price = (SELECT count(*) FROM {0})".format(self.rows_of("orders")),
                             "(price, name) = (SELECT coalesce(max(amount), 1), 'most' FROM invoices i WHERE {0}i.id = products.id)".format(self.own("invoices", "i"))])
        return f"UPDATE {self.pick(['', 'ONLY '])}products SET {setting}{own}{where}{self.returning('products', dict(TABLES['products']))}"

    def merge_form(self):
        """Joined on the target's id with a source in which an id comes once."""
        self.use("merge")
        name = self.pick([table for table in WRITABLE if table != "skills"])  # the private database's own policies refuse to match the system's
        target = Source("a", dict(TABLES[name]), table=name)
        using, source = self.merge_source()
        on = self.pick(["a.id = b.id", "b.id = a.id", "(a.id, 1) = (b.id, 1)"])
        free = 0
        if self.chance(0.3):  # what is not matched may be there all the same
            on, free = f"{on} AND {self.condition([target, source], 1)}", 100000
        arms, last = [], set()
        for matched in self.roll.choices([True, False], k=self.pick([1, 2, 2, 3, 4])):
            if matched in last:
                continue  # never reached, which is an error
            extra = f" AND {self.condition([target, source] if matched else [source], 1)}" if self.chance(0.5) else ""
            last |= set() if extra else {matched}
            arms.append(f" WHEN {'' if matched else 'NOT '}MATCHED{extra} THEN {self.merge_update(name, [target, source]) if matched else self.merge_insert(name, free)}")
        into = self.pick([name, f"public.{name}", f"ONLY {name}" if name not in PARTITIONED else name])
        with_clause = f"WITH chosen AS (SELECT id, name FROM customers WHERE id < 5) " if "chosen" in using else ""
        return f"{with_clause}MERGE INTO {into} {self.pick(['AS ', ''])}a USING {using} ON {on}{''.join(arms)}"

    def merge_source(self):
        kind, text = self.pick([
            ({"id": "n", "name": "t"}, "(VALUES (1, 'one'), (7, 'seven'), (70, NULL)) AS b (id, name)"),
            ({"id": "n", "name": "t"}, "chosen b"), ({"id": "n", "name": "t"}, "customers AS b"), ({"id": "n", "note": "t"}, "ONLY orders b"),
            ({"id": "n", "n": "n"}, "(SELECT customer_id + 3 AS id, count(*) AS n FROM orders GROUP BY 1) b"),
            ({"id": "n", "status": "t"}, "(SELECT o.id + 9 AS id, o.status FROM orders o LEFT JOIN customers c ON c.id = o.customer_id) AS b"),
            ({"id": "n", "title": "t"}, "(TABLE tickets) AS b (o, id, title)"), ({"id": "n", "org_id": "n"}, "open_orders b"),
            ({"id": "n", "x": "n"}, "generate_series(1, 20) AS b (id)"), ({"id": "n", "role": "t"}, "memberships b")])
        return text, Source("b", {c: k for c, k in kind.items() if c != "x"})

    def merge_update(self, name, scope):
        return self.pick([lambda: f"UPDATE SET {self.assignments(name, scope)}", lambda: f"UPDATE SET {self.assignments(name, scope)}", lambda: "DELETE",
                          lambda: "DO NOTHING", lambda: f"UPDATE SET {org_of(name)} = '{self.org}', id = a.id",
                          lambda: f"UPDATE SET {org_of(name)} = a.{org_of(name)}"])()

    def merge_insert(self, name, free):
        columns = WRITABLE[name]
        chosen = list(columns) if self.chance(0.7) else self.roll.sample(list(columns), 1)
        listed, row = self.with_org(name, ["id", *chosen], [f"b.id + {free}", *(self.value(columns[c]) for c in chosen)])
        return self.pick([f"INSERT ({listed}) VALUES {row}", f"INSERT ({listed}) VALUES {row}", "DO NOTHING"])
