"""Random statements over the shop schema, such that a correct answer is the only possible one.

Whatever PostgreSQL leaves open is kept out: LIMIT comes with a total order, aggregates that depend on order have one, UPDATE …
FROM joins on keys, and nothing is evaluated that could fail for one row and be skipped by another plan. Errors that do not
depend on a plan (constraints, unknown names, wrong types) are welcome. The same random.Random gives the same statement.
"""

import dataclasses
import re

from clauses import Clauses
from copies import Copies
from cursors import Cursors
from forms import Forms
from prepares import Prepares
from sessions import Sessions
from shrink import tokens_of
from temporary import Temporary
from vocabulary import LITERALS, MATERIALISED, ODD, REFERENCES, SHARED, TABLES, VIEWS, Source, Statement
from writes import Writes

# The kinds of statements, and how many in a hundred are of each.
FAMILIES = {"alone": 46, "change": 26, "prepared": 6, "cursor": 4, "write_at_cursor": 2, "copy_out": 3, "copy_in": 3, "settings": 3,
            "transaction": 4, "channels": 1.5, "locks": 1.5, "temporary_tables": 3}
STAMPING = {"copy_in"}  # those that need somebody who adds the tenant column
PARAMETER = re.compile(r"\$(\d+)::(=?)(\w+)")  # $1::date, or $1::=date of what stands in the text without a cast


class Generator(Clauses, Writes, Forms, Prepares, Copies, Cursors, Sessions, Temporary):
    FAMILIES = FAMILIES
    JOINS = ["JOIN", "INNER JOIN", "LEFT JOIN", "LEFT OUTER JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN", "JOIN", "LEFT JOIN"]
    # How often something is.
    NATURAL, JOIN_ALIAS, COLUMN_ALIASES = 0.08, 0.1, 0.08

    def __init__(self, roll, org, stamped=True, parameters=False):
        """`stamped`: the org_id of an INSERT may be left out. `parameters`: some literals become $n."""
        self.roll, self.org, self.stamped, self.parameters = roll, org, stamped, parameters
        self.values, self.used, self.names, self.ctes = [], set(), 0, {}
        self.views = [view for view in VIEWS if stamped or view not in MATERIALISED]  # no policy is for those
        self.temporary = {}  # tables of the script's own, with their columns
        self.bare = set()  # tables without an alias: once per statement, so that names stay unambiguous

    def statement(self):
        families = [family for family in self.FAMILIES if self.stamped or family not in STAMPING]
        return getattr(self, self.roll.choices(families, [self.FAMILIES[family] for family in families])[0])()

    def alone(self):
        text, ordered = self.query()
        return self.finish(text, ordered, writes="modifying" in self.used)

    def change(self):
        return self.finish(self.write(), ordered=False, writes=True)

    def another(self, statement):
        """The same statement with another constant in a comparison: of one shape, judged once, and of another answer."""
        tokens = tokens_of(statement.text)
        places = [i for i in range(1, len(tokens)) if tokens[i - 1] in ("=", "<>", "<", ">=") and tokens[i].isdigit()]
        if not places or statement.values or "noise" in statement.shape:
            return None
        at = self.pick(places)
        tokens[at] = self.pick(["0", "2", "4", "6", "11", "1000000"])
        return dataclasses.replace(statement, text=" ".join(tokens))

    def finish(self, text, ordered, writes, noisy=True):
        """Parameters are numbered as they stand in the text; some were made for parts that were not chosen."""
        numbers, types = {}, []

        def number(match):
            if match[1] not in numbers:
                numbers[match[1]] = len(numbers) + 1
                types.append(match[3])
            return f"${numbers[match[1]]}" + ("" if match[2] else f"::{match[3]}")

        text = PARAMETER.sub(number, text)
        if noisy and self.chance(0.1):
            text = self.noise(text)
        return Statement(text, self.shape(), ordered, writes, values=tuple(self.values[int(n) - 1] for n in numbers), types=tuple(types))

    def noise(self, text):
        """The same statement in an odd hand: line ends, comments, capitals."""
        self.use("noise")
        gaps = [" ", "\n", "\t ", " /* org_id = 2 */ ", " -- 'it''s\n", " /* a /* nested */ $1 \" */ "]
        words = [word.upper() if word.islower() and word.isalpha() and self.chance(0.2) else word for word in tokens_of(text)]
        return "".join(word + (" " if self.chance(0.7) else self.pick(gaps)) for word in words) + self.pick(["", ";", " ; ", "--"])

    # --- helpers ------------------------------------------------------------------------------------------------------

    def chance(self, probability):
        return self.roll.random() < probability

    def pick(self, items):
        return self.roll.choice(list(items))

    def use(self, construct):
        self.used.add(construct)

    def shape(self):
        return " ".join(sorted(self.used))

    def name(self, prefix):
        self.names += 1
        return f"{prefix}{self.names}"

    def columns_of(self, sources, kind):
        return [column for column, k in self.written(sources) if k == kind]

    def any_column(self, sources):
        return self.pick(self.written(sources))

    def written(self, sources):
        """Every column as it can be written there, with its type."""
        bare = len(sources) == 1 and sources[0].alone and self.chance(0.3)
        merged = lambda c: sum(c in s.columns for s in sources if s.alias) == 2  # noqa: E731
        return [(c if bare or not s.alias else f"{s.alias}.{c}", k)
                for s in sources for c, k in s.columns.items() if s.alias or merged(c)]

    # --- what confining.py adds: conditions of the client's own ---------------------------------------------------------

    def where_of(self, sources, condition):
        """WHERE of the query level of the first of `sources`."""
        return f" WHERE {condition}" if condition else ""

    def own(self, table, alias=None):
        """What stands before the condition of a query that reads that table."""
        return ""

    def on_of(self, kind, condition, left, right):
        """The condition of a join."""
        return condition

    def using_of(self, kind, common, left, right):
        """The columns of USING, out of those that both sides have."""
        return self.roll.sample(common, 1 if len(common) == 1 or self.chance(0.5) else 2)

    def rows_of(self, table):
        """What a FROM holds that reads nothing else."""
        return table

    def named(self, columns):
        """The names of a query's columns."""
        return columns

    # --- expressions --------------------------------------------------------------------------------------------------

    def literal(self, kind):
        text = self.pick(LITERALS[kind])
        if self.parameters and kind in "ntd" and "::" not in text and "$" not in text and "E'" not in text and self.chance(0.5):
            self.use("parameter")
            self.values.append(text.removeprefix("date ").strip("'").replace("''", "'"))
            return f"${len(self.values)}::" + {"n": "numeric", "t": "text", "d": "date"}[kind]
        return text

    def scalar(self, kind, sources, depth):
        columns = self.columns_of(sources, kind)
        if depth <= 0 or self.chance(0.45):
            return self.pick(columns) if columns and self.chance(0.85) else self.literal(kind)
        again = lambda k=kind: self.scalar(k, sources, depth - 1)  # noqa: E731
        if self.chance(0.12):
            self.use("case")
            return f"CASE WHEN {self.condition(sources, depth - 1)} THEN {again()} ELSE {again()} END"
        if self.chance(0.1):
            return f"coalesce({again()}, {again()})"
        if self.chance(0.12) and kind in "nt":
            return self.scalar_subquery(kind, sources, depth - 1)
        if kind == "n":
            return self.pick([
                lambda: f"({again()} {self.pick('+-')} {again()})", lambda: f"abs({again()})", lambda: f"length({again('t')})",
                lambda: f"nullif({again()}, 2)", lambda: f"greatest({again()}, {again()})",
                lambda: f"extract(month FROM {again('d')})", lambda: f"({again('j')} ->> 'weight')::int",
                lambda: f"{again()}::numeric(12,2)"])()
        whole = [(s, c) for s in sources if s.whole_row and s.table for c, k in s.columns.items() if k == kind]
        if whole and self.chance(0.05):
            source, column = self.pick(whole)
            self.use("field-of-row")
            return f"({source.alias}).{column}"
        if kind == "t" and self.chance(0.06):
            self.use("array-subquery")
            text, inner = self.from_clause(0, None)
            value = self.any_of(inner, "n")
            return f"array_to_string(ARRAY(SELECT {value} FROM {text}{self.where(inner + sources, 1)} ORDER BY 1), ',')"
        if kind == "t":
            return self.pick([
                lambda: f"({again()} || {again()})", lambda: f"upper({again()})", lambda: f"substr({again()}, 1, 3)",
                lambda: f"substring({again()} FROM 2 FOR 4)", lambda: f"{again('n')}::text", lambda: f"trim(both 'a' from {again()})",
                lambda: f"concat_ws('-', {again()}, {again()})", lambda: f"({again('j')} ->> 'org')",
                lambda: f"slugify({again()})", lambda: f"({again()} COLLATE \"C\")"])()
        if kind == "d":
            return self.pick([lambda: f"({again()} + 3)", lambda: f"({again()} - interval '1 day')::date",
                              lambda: f"least({again()}, {again()})"])()
        if kind == "b":
            return f"({self.condition(sources, depth - 1)})"
        return again()

    def scalar_subquery(self, kind, sources, depth):
        self.use("scalar-subquery")
        text, inner = self.from_clause(depth, sources if self.chance(0.3) else None)
        value = self.pick(self.columns_of(inner, kind) or [self.literal(kind)])
        aggregate = self.pick(["max", "min"] + (["sum", "count", "avg"] if kind == "n" else []))
        return f"(SELECT {aggregate}({value}) FROM {text}{self.where(inner + sources, depth)})"

    def condition(self, sources, depth):
        if depth > 0 and self.chance(0.25):
            return f"({self.condition(sources, depth - 1)} {self.pick(['AND', 'OR', 'OR'])} {self.condition(sources, depth - 1)})"
        if depth > 0 and self.chance(0.08):
            return f"NOT ({self.condition(sources, depth - 1)})"
        if depth > 0 and self.chance(0.22):
            return self.subquery_condition(sources, depth - 1)
        kind = self.pick("nnnttdb")
        left, right = self.scalar(kind, sources, depth - 1), self.scalar(kind, sources, depth - 1)
        if kind == "b":
            return self.pick([left, f"{left} IS NOT TRUE", f"{left} IS DISTINCT FROM {right}"])
        if kind == "t" and self.chance(0.3):
            return f"{left} {self.pick(['LIKE', 'NOT LIKE', 'ILIKE'])} '{self.pick(['%a%', '_o%', 'glob%', '%'])}'"
        return self.pick([
            lambda: f"{left} {self.pick(['=', '<>', '<', '>=', '='])} {right}",
            lambda: f"{left} {self.pick(['IS', 'IS NOT'])} NULL",
            lambda: f"{left} BETWEEN {right} AND {self.scalar(kind, sources, 0)}",
            lambda: f"{left} {self.pick(['IN', 'NOT IN'])} ({right}, {self.literal(kind)}, {self.literal(kind)})",
            lambda: f"({left}, 1) = ({right}, 1)",
            lambda: f"{left} = ANY (ARRAY[{right}, {self.literal(kind)}])"])()

    def subquery_condition(self, sources, depth):
        text, inner = self.from_clause(depth, None)
        where = self.where(inner + sources if self.chance(0.6) else inner, depth)
        if self.chance(0.45):
            self.use("exists")
            if self.chance(0.6):  # correlated by a key, as people write it
                a, b = self.any_of(inner, "n"), self.any_of(sources, "n")
                where = (where + " AND " if where else " WHERE ") + f"{a} = {b}"
            return f"{self.pick(['', 'NOT '])}EXISTS (SELECT {self.pick(['1', '*', ''])} FROM {text}{where})"
        self.use("in-subquery")
        kind = self.pick("nnt")
        left, value = self.scalar(kind, sources, depth), self.any_of(inner, kind)
        compare = self.pick(["IN", "IN", "NOT IN", "= ANY", "<> ALL", ">= ALL", "= SOME"])
        return f"{left} {compare} (SELECT {value} FROM {text}{where})"

    def any_of(self, sources, kind):
        return self.pick(self.columns_of(sources, kind) or [self.literal(kind)])

    def where(self, sources, depth, probability=0.6):
        return self.where_of(sources, self.condition(sources, depth) if self.chance(probability) else "")

    # --- FROM ---------------------------------------------------------------------------------------------------------

    def from_clause(self, depth, outer):
        """The text after FROM and the sources it makes. `outer`: what LATERAL may refer to beyond it."""
        text, sources = self.from_item(depth, [])
        joins = self.pick([0, 0, 1, 1, 1, 2, 2, 3]) if depth > 0 else self.pick([0, 0, 0, 1])
        for _ in range(joins):
            if self.chance(0.12):
                right, more = self.from_item(depth - 1, sources)
                self.use("comma-join")
                text, sources = f"{text}, {right}", sources + more
            else:
                text, sources = self.join(text, sources, depth)
        if joins and self.chance(self.JOIN_ALIAS) and "," not in text:
            text, sources = self.alias_join(text, sources)
        if len(sources) == 1:
            sources = [dataclasses.replace(sources[0], alone=True)]
        return text, sources

    def join(self, left, sources, depth):
        kind = self.pick(self.JOINS)
        if "," in left and self.chance(0.7) and kind not in ("CROSS JOIN",):
            kind = "JOIN"
        right, more = self.from_item(depth - 1, sources if kind in ("JOIN", "LEFT JOIN", "CROSS JOIN") else [])
        self.use(kind.lower().replace(" ", "-").replace("-outer", "").replace("inner-", ""))
        if self.chance(0.12) and depth > 0 and kind != "CROSS JOIN":  # right-deep: a JOIN (b JOIN c ON …) ON …
            right, more = self.join(right, more, 0)
            right = f"({right})"
            self.use("nested-join")
        if any(s.alias.startswith("public.") for s in sources + more):
            # Where a table has to become a subquery (FULL JOIN, USING on the nullable side) schema.table.column is an error.
            kind = self.pick(["JOIN", "LEFT JOIN"])
            return f"{left} {kind} {right} ON {self.on_of(kind, self.key_condition(sources[-1:], more), sources[-1:], more)}", sources + more
        if kind == "CROSS JOIN":
            return f"{left} {kind} {right}", sources + more
        last = [s for s in sources if s.whole_row][-1:] or sources[-1:]
        last = last[0] if "," in left else None  # a comma binds looser than JOIN: only its last item is in reach
        reach = [last] if last else sources
        how = self.roll.random()
        common = self.common_columns(reach, more)
        if how < self.NATURAL and common:
            self.use("natural")
            merged = {c: k for s in reach for c, k in s.columns.items() if c in common}
            return (f"{left} NATURAL {kind.replace('INNER ', '')} {right}",
                    sources + more + ([Source("", merged, False)] if self.chance(0.5) else []))
        if how < 0.3 and common:
            self.use("using")
            names = self.using_of(kind, common, reach, more)
            merged = {c: k for s in reach for c, k in s.columns.items() if c in names}
            alias, using = "", [Source("", merged, False)] if self.chance(0.5) else []
            if self.chance(0.15):
                alias = self.name("u")
                alias, using = f" AS {alias}", [Source(alias, merged, False)]
            return f"{left} {kind} {right} USING ({', '.join(names)}){alias}", sources + more + using
        on = self.key_condition(reach, more)
        if "FULL" not in kind and self.chance(0.4):
            on += f" {self.pick(['AND', 'AND', 'OR'])} {self.condition(reach + more, depth - 1)}"
        return f"{left} {kind} {right} ON {self.on_of(kind, on, reach, more)}", sources + more

    def common_columns(self, left, right):
        """Names that stand once on each side, with the same type; none if one stands twice, which NATURAL minds."""
        a, b = ([(c, k) for s in sources for c, k in s.columns.items()] for sources in (left, right))
        names = lambda side: [c for c, _ in side]  # noqa: E731
        shared = set(names(a)) & set(names(b))
        if any(names(a).count(c) > 1 or names(b).count(c) > 1 or dict(a)[c] != dict(b)[c] for c in shared):
            return []
        return sorted(shared)

    def key_condition(self, left, right):
        if self.chance(0.75):
            for table, column, other in self.roll.sample(REFERENCES, len(REFERENCES)):
                for a, b in ((left, right), (right, left)):
                    child = [s for s in a if column in s.columns and s.table == table]
                    parent = [s for s in b if "id" in s.columns and s.table == other]
                    if child and parent:
                        return f"{child[0].alias}.{column} = {parent[0].alias}.id"
        return f"{self.any_of(left, 'n')} = {self.any_of(right, 'n')}"

    def alias_join(self, text, sources):
        """( … ) AS j hides what is in it; only names that are unique can be used."""
        self.use("join-alias")
        names = [c for s in sources for c in s.columns]
        if "USING" in text or "NATURAL" in text or any(not s.whole_row for s in sources):
            return text, sources
        alias = self.name("j")
        columns = {c: k for s in sources for c, k in s.columns.items() if names.count(c) == 1}
        if not columns:
            return text, sources
        return f"({text}) AS {alias}", [Source(alias, columns, False)]

    def from_item(self, depth, before):
        how = self.roll.random()
        if depth > 0 and how < 0.14:
            outer, prefix = dict(self.ctes), ""
            if self.chance(0.15):
                prefix = self.with_clause(modifying=False)
                self.use("nested-with")
            query, columns = self.set_operation(depth - 1) if self.chance(0.15) else self.select(depth - 1)
            query, self.ctes = prefix + query, outer
            alias = self.name("s")
            self.use("derived-table")
            return f"({query}) {self.pick(['AS ', ''])}{alias}", [Source(alias, columns)]
        if depth > 0 and how < 0.2 and before:
            self.use("lateral")
            inner_text, inner = self.from_clause(0, before)
            alias = self.name("l")
            value = self.any_of(inner, "n")
            where = self.where_of(inner, f"{self.any_of(inner, 'n')} = {self.any_of(before, 'n')}")
            return f"LATERAL (SELECT max({value}) AS top, count(*) AS n FROM {inner_text}{where}) {alias}", [Source(alias, {"top": "n", "n": "n"})]
        if depth > 0 and how < 0.22:
            return self.table_function(before)
        if how < 0.24:
            alias = self.name("v")
            self.use("values")
            return (f"(VALUES (1, 'acme'), (2, 'globex'), (3, NULL)) AS {alias} (id, name)",
                    [Source(alias, {"id": "n", "name": "t"})])
        if how < 0.25:
            alias = self.name("r")
            self.use("rows-from")
            return (f"ROWS FROM (generate_series(1, 3), unnest(ARRAY['acme', 'globex'])) WITH ORDINALITY AS {alias} (id, name, n)",
                    [Source(alias, {"id": "n", "name": "t", "n": "n"})])
        if how < 0.26:
            alias = self.name("g")
            self.use("function-in-from")
            return f"generate_series(1, 3) AS {alias} (id)", [Source(alias, {"id": "n"})]
        if self.ctes and how < 0.5:
            name = self.pick(self.ctes)
            alias = self.name("c")
            self.use("cte-reference")
            return f"{name} AS {alias}", [Source(alias, dict(self.ctes[name]))]
        return self.table_item()

    def table_item(self):
        if self.temporary and self.chance(0.4):
            return self.temporary_item()
        name = self.pick([*TABLES, "orders", "customers", "order_items"])
        if self.chance(0.05):
            self.use("shared")
            alias = self.name("k")
            return f"countries {alias}", [Source(alias, dict(SHARED["countries"]))]
        if name in self.ctes:
            self.use("cte-reference")
            alias = self.name("c")
            return f"{name} {alias}", [Source(alias, dict(self.ctes[name]))]
        columns, sample = dict(TABLES[name]), ""
        if self.chance(0.06):
            self.use("tablesample")
            sample = self.pick([" TABLESAMPLE SYSTEM (100)", " TABLESAMPLE BERNOULLI (100) REPEATABLE (7)", " TABLESAMPLE BERNOULLI (0)"])
        elif self.chance(0.04):
            self.use("view")
            name = self.pick(self.views)
            columns = dict(VIEWS[name])
        quoted, capitals = (name, name) if '"' in name else (f'"{name}"', name.upper())
        written = self.pick([name] * 8 + [f"public.{name}", quoted, f"public.{quoted}", f"ONLY {name}", f"ONLY ({name})", f"{name} *", capitals])
        alias = self.name("t")
        if self.chance(self.COLUMN_ALIASES):
            self.use("column-aliases")
            new = [f"c{i}" for i in range(1, self.pick([2, len(columns), len(columns)]) + 1)]
            if name == "products":
                new = new[:4]  # a column the generator leaves out, tags, stands between the others
            renamed = dict(zip(new + list(columns)[len(new):], columns.values()))
            return f"{written} AS {alias} ({', '.join(new)}){sample}", [Source(alias, renamed)]
        if self.chance(0.15) and name not in self.bare and name in TABLES:
            self.bare.add(name)
            self.use("no-alias")
            bare = self.pick([name, f"public.{name}"])
            if bare != name and self.chance(0.4):
                self.use("three-part-names")
                return bare + sample, [Source(bare, columns, False, name)]
            return bare + sample, [Source(name, columns, table=name)]
        quoted = alias if self.chance(0.9) else f'"T {alias}"'
        return f"{written} {self.pick(['AS ', ''])}{quoted}{sample}", [Source(quoted, columns, table=name)]

    # --- SELECT -------------------------------------------------------------------------------------------------------

    def query(self):
        """A whole statement, and whether its rows are ordered."""
        with_clause = self.with_clause() if self.chance(0.3) else ""
        depth = self.pick([1, 2, 2, 3])
        how = self.roll.random()
        if how < 0.12:
            text, columns = self.set_operation(depth)
        elif how < 0.3:
            text, columns = self.grouped(depth)
        elif how < 0.36 and not with_clause:
            return self.locking(), False
        elif how < 0.4:
            self.use("table-command")
            name = self.pick([t for t in TABLES if t not in self.ctes] or ["users"])
            text, columns = self.whole_table(name), dict(TABLES[name])
        elif how < 0.46:
            return with_clause + self.distinct_on(depth), True
        elif how < 0.49:
            return with_clause + self.with_ties(), False
        elif how < 0.51 and not with_clause:
            return self.seen_order(), True
        elif how < 0.55:
            return with_clause + self.windowed(depth), False
        else:
            text, columns = self.select(depth, star=True)
        ordered = False
        if columns and self.chance(0.4):
            self.use("order-by")
            ordinals = list(range(1, len(columns) + 1))
            self.roll.shuffle(ordinals)
            text += " ORDER BY " + ", ".join(f"{i}{self.pick(['', ' DESC', ' NULLS FIRST', ' ASC NULLS LAST'])}" for i in ordinals)
            ordered = True
            if "grouping-sets" in self.used:
                ordered = False  # PostgreSQL before 18 takes a key that equals a constant for sorted, empty sets or not
            elif self.chance(0.5) and "*" not in text.split(" FROM ")[0]:
                self.use("limit")
                text += self.pick([" LIMIT 3", " LIMIT 5 OFFSET 2", " FETCH FIRST 4 ROWS ONLY", " OFFSET 3",
                                   f" LIMIT (SELECT count(*) FROM {self.rows_of(self.pick(TABLES))})"])
            elif "*" in text.split(" FROM ")[0]:
                ordered = False  # the ordinals do not reach every column
        return with_clause + text, ordered

    def with_clause(self, modifying=True):
        self.use("cte")
        parts = []
        recursive = self.chance(0.25)
        for _ in range(self.pick([1, 1, 2])):
            shadow = self.pick(list(TABLES)) if self.chance(0.4) and not recursive else None
            if shadow in self.ctes:
                continue
            if shadow:
                self.use("shadowing-cte")
            name = shadow or self.name("w")
            if recursive and not parts:
                self.use("recursive")
                if self.chance(0.3):
                    text, self.ctes[name] = self.searched(name)
                    parts.append(text)
                    continue
                parts.append(self.recursive(name))
                self.ctes[name] = {"id": "n", "depth": "n"}
                continue
            if modifying and not recursive and self.chance(0.1):
                self.use("modifying")
                text, columns = self.returning_write()
                parts.append(f"{name} AS ({text})")
                self.ctes[name] = columns
                continue
            kinds = [self.pick("nntd") for _ in range(self.pick([1, 2, 3]))]
            body, _ = self.select(1, kinds=kinds)
            names = self.named([f"x{i}" for i in range(len(kinds))])
            hint = self.pick(["", "", " MATERIALIZED", " NOT MATERIALIZED"])
            parts.append(f"{name} ({', '.join(names)}) AS{hint} ({body})")
            self.ctes[name] = dict(zip(names, kinds))
        return f"WITH {'RECURSIVE ' if recursive else ''}{', '.join(parts)} " if parts else ""

    def recursive(self, name):
        return self.pick([
            f"{name} (id, depth) AS (SELECT min(id), 1 FROM {self.rows_of('orders')} UNION ALL SELECT id + 1, depth + 1 FROM {name} WHERE depth < 6)",
            f"{name} (id, depth) AS (SELECT c.id, 0 FROM customers c WHERE {self.own('customers', 'c')}c.id < 4 UNION "
            f"SELECT o.id, depth + 1 FROM {name} JOIN orders o ON o.customer_id = {name}.id WHERE {self.own('orders', 'o')}depth < 3)",
            f"{name} (id, depth) AS (VALUES (1::bigint, 0) UNION ALL SELECT o.id, r.depth + 1 FROM {name} r, orders o "
            f"WHERE {self.own('orders', 'o')}o.id = r.id + 1 AND r.depth < 5)"])

    def whole_table(self, name):
        return f"TABLE {name}"

    def select(self, depth, kinds=None, star=False):
        """A SELECT and its columns by name; `kinds` asks for so many columns of such types."""
        text, sources = self.from_clause(depth, None)
        tail = self.where(sources, depth)
        if kinds is None and star and self.chance(0.25) and all(s.whole_row for s in sources) and "USING" not in text:
            self.use("star")
            what = self.pick(["*", f"{sources[0].alias}.*", sources[-1].alias, f"count({sources[0].alias})", f"*, {sources[0].alias}"])
            return f"SELECT {what} FROM {text}{tail}", {}
        kinds = kinds or [self.pick("nnnttdbj") for _ in range(self.pick([1, 2, 3, 4]))]
        columns = dict(zip(self.named([self.name("o") for _ in kinds]), kinds))
        items = []
        for name, kind in columns.items():
            if kind == "n" and depth > 0 and self.chance(0.08):
                items.append(f"{self.window(sources)} AS {name}")
            else:
                items.append(f"{self.typed(kind, sources, depth)} {self.pick(['AS ', 'AS '])}{name}")
        distinct = ""
        if self.chance(0.12) and "j" not in kinds:
            self.use("distinct")
            distinct = "DISTINCT "
        return f"SELECT {distinct}{', '.join(items)} FROM {text}{tail}", columns

    def typed(self, kind, sources, depth):
        """A scalar whose type the other arm of a UNION will have, too, and whose equals look the same (2 and 2.0 do not)."""
        value = self.scalar(kind, sources, depth - 1)
        return f"({value})::" + {"n": "numeric(20,4)", "t": "text", "d": "date", "b": "boolean", "j": "jsonb"}[kind]

    def window(self, sources):
        self.use("window")
        order = self.any_of(sources, "n")
        partition = f"PARTITION BY {self.any_column(sources)[0]} " if self.chance(0.6) else ""
        function = self.pick(["rank()", "dense_rank()", "count(*)", f"sum({order})", f"max({self.any_of(sources, 'n')})",
                              f"count(*) FILTER (WHERE {self.condition(sources, 0)})"])
        return f"({function} OVER ({partition}ORDER BY {order}))::numeric(20,4)"

    def grouped(self, depth):
        self.use("group-by")
        text, sources = self.from_clause(depth, None)
        keys = list(dict.fromkeys(self.any_column(sources)[0] for _ in range(self.pick([1, 1, 2, 3]))))
        kinds = {c: k for s in sources for name, k in s.columns.items() for c in (name, f"{s.alias}.{name}")}
        number, words = self.any_of(sources, "n"), self.any_of(sources, "t")
        aggregates = self.roll.sample([
            "count(*)", f"sum({number})", f"count(DISTINCT {words})", f"max({words})", f"avg({number})::numeric(20,6)",
            f"string_agg({words}, ',' ORDER BY {words})", f"array_agg({number} ORDER BY {number})",
            f"bool_or({self.condition(sources, 0)})", f"count(*) FILTER (WHERE {self.condition(sources, 1)})",
            f"percentile_disc(0.5) WITHIN GROUP (ORDER BY {number})"], self.pick([1, 2, 3]))
        group = ", ".join(keys)
        how = self.roll.random()
        if how < 0.25:
            self.use("grouping-sets")
            group = self.pick([f"ROLLUP ({group})", f"CUBE ({group})", f"GROUPING SETS (({group}), ())",
                               f"GROUPING SETS (({keys[0]}), ({group}))"])
            aggregates.append(f"grouping({keys[0]})")
        columns = {}
        for item in keys + aggregates:
            columns[self.name("o")] = kinds.get(item, "n")
        items = ", ".join(f"{item} AS {name}" for item, name in zip(keys + aggregates, columns))
        having = ""
        if self.chance(0.35):
            inner_text, inner = self.from_clause(0, None)
            having = " HAVING " + self.pick([
                "count(*) > 1", f"max({number}) >= 2", f"min({words}) IS NOT NULL",
                f"count(*) <= (SELECT count(*) FROM {inner_text}{self.where(inner, 1)})",
                f"EXISTS (SELECT FROM {inner_text}{self.where_of(inner, self.any_of(inner, 'n') + f' = max({number})')})"])
        return f"SELECT {items} FROM {text}{self.where(sources, depth)} GROUP BY {group}{having}", columns

    def set_operation(self, depth):
        kinds = [self.pick("nntd") for _ in range(self.pick([1, 2, 3]))]
        text, columns = self.select(depth, kinds=kinds)
        for _ in range(self.pick([1, 1, 2])):
            operator = self.pick(["UNION", "UNION ALL", "INTERSECT", "EXCEPT", "EXCEPT ALL", "INTERSECT ALL"])
            self.use(operator.lower().replace(" ", "-"))
            other, _ = self.select(depth - 1, kinds=kinds)
            text = f"{text} {operator} {self.pick([other, f'({other})'])}"
        return text, columns

    def distinct_on(self, depth):
        self.use("distinct-on")
        text, sources = self.from_clause(depth, None)
        items = [self.typed(self.pick("nntd"), sources, 2) for _ in range(3)]
        aliases = [self.name("o") for _ in items]
        listed = ", ".join(f"{i} AS {a}" for i, a in zip(items, aliases))
        return (f"SELECT DISTINCT ON ({aliases[0]}) {listed} FROM {text}{self.where(sources, depth)} "
                f"ORDER BY {', '.join(aliases)}")

    def locking(self):
        self.use("for-update")
        name = self.pick(["orders", "customers", "products", "tickets", "visits", "assets", "skills", "memberships", ODD])
        source = Source("t", dict(TABLES[name]), table=name)
        where = self.where([source], 2)
        if self.chance(0.3):
            return (f"SELECT t.id, i.id FROM {name} t LEFT JOIN invoices i ON {self.own('invoices', 'i')}i.id = t.id{where} "
                    f"FOR {self.pick(['UPDATE', 'SHARE', 'NO KEY UPDATE', 'KEY SHARE'])} OF t")
        return f"SELECT t.* FROM {name} t{where} FOR {self.pick(['UPDATE', 'SHARE', 'UPDATE NOWAIT', 'UPDATE SKIP LOCKED'])}"
