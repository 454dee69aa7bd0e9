"""Clauses with a grammar of their own: windows with names and frames, XMLTABLE and kin, WITH … SEARCH and CYCLE, rows WITH TIES."""

from vocabulary import Source

EXCLUDE = ["", "", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES", " EXCLUDE NO OTHERS"]
BOUNDS = [("UNBOUNDED PRECEDING", "CURRENT ROW"), ("2 PRECEDING", "1 FOLLOWING"), ("CURRENT ROW", "UNBOUNDED FOLLOWING"),
          ("1 FOLLOWING", "3 FOLLOWING"), ("UNBOUNDED PRECEDING", "UNBOUNDED FOLLOWING"), ("3 PRECEDING", "1 PRECEDING")]
# What depends on which of several equals comes first, and what does not.
OF_ROWS = ["row_number()", "lag({n}, 1)", "lead({t}, 2, 'none')", "first_value({n})", "last_value({t})", "nth_value({n}, 2)", "ntile(3)"]
OF_PEERS = ["sum({n})", "count(*)", "max({t})", "min({n})", "var_pop({n})", "count({t}) FILTER (WHERE {n} > 2)", "rank()",
            "dense_rank()", "cume_dist()", "percent_rank()"]


class Clauses:
    """Mixed into Generator."""

    def windowed(self, depth):
        """A SELECT with a WINDOW clause. Frames of rows have an order over every column, so that equals are the same."""
        self.use("named-window")
        text, sources = self.from_clause(depth, None)
        number, words = self.any_of(sources, "n"), self.any_of(sources, "t")
        self.roll.shuffle(whole := [column for column, _ in self.written(sources)] or ["1"])
        partition = f"PARTITION BY {', '.join(self.any_column(sources)[0] for _ in range(self.pick([1, 1, 2])))} " if self.chance(0.6) else ""
        start, end = self.pick(BOUNDS)
        by_rows = self.chance(0.5)
        if by_rows:
            order, mode = ", ".join(whole), "ROWS"
        else:
            order, mode = number + self.pick(["", " DESC", " NULLS FIRST"]), self.pick(["RANGE", "GROUPS"])
        frame = self.pick(["", f" {mode} BETWEEN {start} AND {end}{self.pick(EXCLUDE)}", f" {mode} UNBOUNDED PRECEDING{self.pick(EXCLUDE)}"])
        if "EXCLUDE" in frame:
            self.use("window-exclude")
        functions = self.roll.sample(OF_PEERS + (OF_ROWS if by_rows else []), self.pick([1, 2, 3]))
        windows = {"w": f"({partition}ORDER BY {order}{frame})"}
        over = "w"
        if self.chance(0.4):  # one made of another, which then has no frame of its own
            self.use("window-of-window")
            windows = {"v": f"({partition.strip()})", "w": f"(v ORDER BY {order})", "x": f"(w{frame or f' {mode} CURRENT ROW'})"}
            over = self.pick(["w", "x", f"(w{frame})"])
        items = [f"{f.format(n=number, t=words)} OVER {over}" for f in functions] + [f"{self.any_column(sources)[0]}"]
        listed = ", ".join(f"{item} AS {self.name('o')}" for item in items)
        clause = ", ".join(f"{name} AS {window}" for name, window in windows.items())
        return f"SELECT {listed} FROM {text}{self.where(sources, depth)} WINDOW {clause}"

    def with_ties(self):
        """A limit that ends with all the equals of the last row: one answer, though not in one order."""
        self.use("with-ties")
        text, _ = self.select(self.pick([1, 2]))
        return f"{text} ORDER BY 1{self.pick(['', ' DESC', ' NULLS FIRST'])}{self.pick(['', ' OFFSET 0 ROWS'])} FETCH FIRST {self.pick([1, 2, 5])} ROWS WITH TIES"

    def table_function(self, before):
        """Rows made of a value that a query has made, and a source of them; `before` is what it may refer to."""
        alias = self.name("x")
        text, inner = self.from_clause(0, None)
        number, words = self.any_of(inner, "n"), self.any_of(inner, "t")
        where = self.where(inner + before, 1)
        columns = [Source(alias, {"id": "n", "word": "t"})]
        if self.chance(0.5):
            self.use("xmltable")
            document = (f"(SELECT xmlelement(name rows, xmlagg(xmlelement(name row, xmlattributes({number} AS id), {words}))) FROM {text}{where})")
            space = self.pick(["", "XMLNAMESPACES ('http://x.example' AS x), "])
            return (f"{self.pick(['', 'LATERAL '])}XMLTABLE({space}'/rows/row' PASSING {self.pick(['', 'BY REF '])}{document} COLUMNS id numeric PATH '@id' "
                    f"DEFAULT 0, word text PATH 'string(.)' NOT NULL, missing text PATH 'missing') AS {alias}", columns)
        self.use("json-rows")
        document = f"(SELECT jsonb_agg(jsonb_build_object('id', {number}, 'word', {words})) FROM {text}{where})"
        return self.pick([f"jsonb_to_recordset({document}) AS {alias} (id numeric, word text)",
                          f"ROWS FROM (jsonb_to_recordset({document}) AS (id numeric, word text)) AS {alias}",
                          f"LATERAL (SELECT (e ->> 'id')::numeric AS id, e ->> 'word' AS word FROM jsonb_array_elements({document}) e) {alias}"]), columns

    def searched(self, name):
        """A recursive CTE with SEARCH and CYCLE, and the columns these make."""
        self.use("search-cycle")
        # Bounded by <=, whose constant another() leaves alone: what is walked in circles has to end.
        first, step = self.pick([
            (f"SELECT c.id, 0 FROM customers c WHERE {self.own('customers', 'c')}c.id < 4",
             f"SELECT o.id, w.depth + 1 FROM {name} w JOIN orders o ON o.customer_id = w.id WHERE {self.own('orders', 'o')}w.depth <= 2"),
            (f"SELECT min(id), 1 FROM {self.rows_of('orders')}",
             f"SELECT o.id % 5 + 1, w.depth + 1 FROM {name} w, orders o WHERE {self.own('orders', 'o')}o.id = w.id AND w.depth <= 6")])
        columns, clauses = {"id": "n", "depth": "n"}, ""
        if self.chance(0.7):
            self.use("search")
            clauses += f" SEARCH {self.pick(['DEPTH', 'BREADTH'])} FIRST BY {self.pick(['id', 'id, depth'])} SET walked"
        if self.chance(0.6):
            self.use("cycle")
            mark = self.pick(["", " TO 'Y' DEFAULT 'N'"])
            clauses += f" CYCLE id SET again{mark} USING path"
            columns |= {"again": "t" if mark else "b"}
        return f"{name} (id, depth) AS ({first} UNION ALL {step}){clauses}", columns

    def seen_order(self):
        """A query that shows what SEARCH and CYCLE have recorded, in that order."""
        self.ctes = {}
        name = self.name("w")
        text, _ = self.searched(name)
        walked = ["walked"] if "walked" in text else []
        path = ["path::text"] if "path" in text else []
        shown = ", ".join(["id", "depth", *(f"{w}::text" for w in walked), *path])
        return f"WITH RECURSIVE {text} SELECT {shown} FROM {name} ORDER BY {', '.join([*walked, 'id', 'depth', *path])}"
