"""Statements for mode validate: what they read and write they confine themselves, most of them rightly.

Of an honest statement each protected relation gets a condition that holds for the organisation's rows and for nobody else's, where it
filters it; of any other one some get none, or one that looks like it, or one in the wrong place. Which of them Bulkhead accepts is its
own affair: what it accepts has to answer as in the private database.
"""

import dataclasses

from generator import Generator
from vocabulary import ORG_TYPES, TABLES, TEXT_ORG, TENANT_COLUMNS, VIEWS, Source, org_of

READ = "{0}org_id = {1} OR {0}scope = 'system'"  # what extras.LINES lets be read of skills
# {0}: the tenant column, {1}: the own organisation, {2}: the column's type.
NUMBERS = ["{0} = {1}", "{0} = {1}", "{1} = {0}", "{0} = '{1}'", "{0} = {1}::{2}", "{0} = CAST({1} AS {2})", "{0} IN ({1})", "{0} IN ({1}, '{1}')",
           "{0} = ('{1}')", "{0} OPERATOR(pg_catalog.=) {1}", "{0} = '{1}'::{2}", "({0} = {1} AND {0} = '{1}')"]
TEXTS = ["{0} = '{1}'", "{0} = '{1}'", "'{1}' = {0}", "{0} = '{1}'::{2}", "{0} IN ('{1}')", "{0} = '{1}' COLLATE \"C\"", "{0} COLLATE \"C\" = '{1}'"]
# Of each sort as many. {3}: another organisation, {4}: any condition.
WRONG = [["{0} = {3}", "{0} = '{3}'", "{0} IN ({3})"],
         ["({0} = {1} OR {4})", "({4} OR {0} = {1})", "({0} = {3} OR {0} = {1})"],
         ["NOT ({0} = {1})", "NOT ({0} = {1} AND {4})", "NOT ({0} = {3})"],
         ["{0} <> {1}", "{0} >= {1}", "{0} <> {3}"],
         ["{0} IN ({1}, {3})", "{0} IN ({1}, {3})", "{0} IN ({3}, {1})"],
         ["{0} NOT IN ({1})", "{0} = ANY (ARRAY[{1}, {3}])", "{0} BETWEEN {1} AND {3}", "{0} IN (SELECT {3})", "{0} = (SELECT {3})"],
         ["coalesce({0} = {1}, true)", "CASE WHEN {0} = {1} THEN true ELSE {4} END", "({0} = {1}) IS NOT NULL", "({0} = {1}) IN (true, false)",
          "({0} = {1}) = ({4})", "{0} = {1} IS NOT NULL", "({0}, 1) = ({3}, 1)", "({0}, {1}) IN (({3}, {1}))"],
         ["{0} = {0}", "{0} IS NOT NULL", "{0} - {0} = 0", "{0} IS DISTINCT FROM {1}", "{0}::text LIKE '%'", "{0} & 1 = {1} & 1", "{4}", "true"],
         ["{0} + 0 = {3}", "{0} = greatest({1}, {3})", "{0} = {1} - 1 + 1", "{0} = {1}::float8", "{0} = 1.0", "{0} = ({1})::numeric(3,1)"]]
WRONG_TEXTS = [["{0} = '{3}'"], ["({0} = '{1}' OR {4})"], ["NOT ({0} = '{1}')"], ["{0} <> '{1}'", "{0} >= '{1}'"],
               ["{0} LIKE '%'", "{0} SIMILAR TO '_'", "{0} ~ '{1}|{3}'", "lower({0}) = '{1}'", "length({0}) = 1", "left({0}, 1) = left('{1}', 1)", "{0} || '' = '{3}'"],
               ["{0} = '{1} '", "{0}::char(12) = '{1} '", "{0} = '{1}'::char(2)", "{0} IN ('{1}', '{3}')", "coalesce({0} = '{1}', {4})", "{4}", "true"]]


class Confining(Generator):
    FAMILIES = {"alone": 52, "change": 35, "prepared": 6, "cursor": 4, "copy_out": 3}
    JOINS = ["JOIN", "INNER JOIN", "LEFT JOIN", "LEFT OUTER JOIN", "RIGHT JOIN", "CROSS JOIN", "JOIN", "LEFT JOIN"]
    NATURAL, JOIN_ALIAS, COLUMN_ALIASES = 0.02, 0.02, 0.01

    def __init__(self, roll, org, others, parameters=False, honest=0.65):
        """`others`: other organisations; `honest`: so many statements are."""
        super().__init__(roll, org, stamped=False, parameters=parameters)
        self.others, self.views = others, list(VIEWS)
        self.honest = self.chance(honest)
        self.wrongs = 0 if self.honest else self.pick([1, 1, 1, 2, 100])  # conditions that may yet be wrong
        self.reuses_names = self.chance(0.1)
        self.levels, self.confined = [], []  # FROM clauses that are whole; sources that have their condition
        self.taken = []  # names of the FROM clauses that are being written
        self.own_types = {}  # of values that conditions are compared with
        self.use("honest" if self.honest else "dishonest")
        if not self.honest:
            self.JOINS, self.JOIN_ALIAS, self.NATURAL = [*self.JOINS, "FULL JOIN"], 0.1, 0.05

    # --- conditions ---------------------------------------------------------------------------------------------------

    def where_of(self, sources, condition):
        level = self.level_of(sources[0])
        here = [s for s in sources if self.level_of(s) is level]
        around = [s for s in sources if self.level_of(s) is not level]
        parts = [*([condition] if condition else []), *self.conditions(here, around, here)]
        self.roll.shuffle(parts)
        return f" WHERE {' AND '.join(parts)}" if parts else ""

    def on_of(self, kind, condition, left, right):
        may_be_missing = right if "LEFT" in kind else left if "RIGHT" in kind else []
        due = may_be_missing or [s for s in left + right if self.chance(0.4)]
        if "FULL" in kind or (may_be_missing and self.goes_wrong(0.5)):
            due = self.pick([left + right, left + right, []])  # in the wrong place
        own = self.conditions(due, [], left + right, qualified=True)
        if not own:
            return condition
        parts = [f"({condition})", *own]
        self.roll.shuffle(parts)
        return " AND ".join(parts)

    def using_of(self, kind, common, left, right):
        names = super().using_of(kind, common, left, right)
        outer = kind not in ("JOIN", "INNER JOIN")
        if "org_id" in common and self.chance(0.8 if outer else 0.3):
            names = ["org_id"]
        if "org_id" in names and "FULL" not in kind and (outer or self.chance(0.5)):
            self.confined += [s for s in (left if "RIGHT" in kind else right) if s.table and org_of(s.table) == "org_id"]
        return names

    def own(self, table, alias=None):
        conditions = self.conditions([Source(alias or table, dict(TENANT_COLUMNS[table]), table=table)], [], [], qualified=True)
        return "".join(f"{condition} AND " for condition in conditions)

    def rows_of(self, table):
        return table + self.where_of([Source(table, dict(TABLES[table]), table=table, alone=True)], "")

    def whole_table(self, name):
        return super().whole_table(name) if self.chance(0.1) else f"SELECT * FROM {self.rows_of(name)}"

    def conditions(self, due, around, scope, qualified=False):
        """Of those of `due` that have none. `around`: what a query around reads; `scope`: what else is in the FROM."""
        due = [s for s in due if s.table in TENANT_COLUMNS and not any(s is other for other in self.confined)]
        self.confined += due
        out, bases = [], []
        for source in due:
            if self.goes_wrong(0.4):
                out += self.wrong(source, scope + around)
                continue
            others = [s for s in bases + around if s.table in TENANT_COLUMNS and self.kind_of(s) == self.kind_of(source)]
            if others and self.chance(0.3):
                self.use("confined-through")
                other = self.pick(others)
                pair = [self.column(source, True), self.column(other, True)]
                self.roll.shuffle(pair)
                out.append(" = ".join(pair))
            else:
                alone = not qualified and all(s is source or org_of(source.table) not in s.columns for s in scope)
                out.append(self.right(source, alone))
                bases.append(source)
        return out

    def goes_wrong(self, probability):
        if self.wrongs <= 0 or not self.chance(probability):
            return False
        self.wrongs -= 1
        return True

    def right(self, source, alone):
        column = self.column(source, not alone or self.chance(0.5))
        if source.table == "skills" and self.chance(0.4):
            self.use("read-expression")
            return f"({READ.format(column.removesuffix('org_id'), self.org)})"
        if self.parameters and "prepare" not in self.used and self.chance(0.5):
            return f"{column} = {self.own_parameter(source.table, str(self.org))}"
        return self.pick(self.forms(source, NUMBERS, TEXTS)).format(column, self.org, ORG_TYPES.get(source.table, "bigint"))

    def wrong(self, source, scope):
        """None, or what only looks like one."""
        self.use("wrong-condition")
        column = self.column(source, self.chance(0.7))
        strangers = [f"{column} = {s.alias}.{c}" for s in scope if s is not source and s.alias
                     for c in s.columns if c in ("org_id", "id", "organisation", '"Org Id"')]
        if self.parameters and "prepare" not in self.used and self.chance(0.3):
            other = str(self.pick(self.others))
            value = self.pick([other, other, other, f"0{self.org}", f" {self.org}", f"+{self.org}", f"{self.org}.0", "", None])
            return [f"{column} = {self.own_parameter(source.table, value)}"]
        if strangers and self.chance(0.3):
            return [self.pick(strangers)]
        if self.chance(0.1):
            return []
        return [self.pick(self.pick(self.forms(source, WRONG, WRONG_TEXTS))).format(column, self.org, "bigint", self.pick(self.others), self.condition(scope, 0))]

    @staticmethod
    def forms(source, numbers, texts):
        return texts if source.table in TEXT_ORG else numbers

    @staticmethod
    def kind_of(source):
        return "t" if source.table in TEXT_ORG else "n"

    @staticmethod
    def column(source, qualified):
        return f"{source.alias}.{org_of(source.table)}" if qualified and source.alias else org_of(source.table)

    def own_parameter(self, table, value):
        """One of its own, or the one that another relation is compared with."""
        self.use("own-parameter")
        kind = ORG_TYPES.get(table, "bigint")
        same = [i for i, v in enumerate(self.values) if v == value and self.own_types.get(i) == kind]
        at = self.pick(same) if same and self.chance(0.5) else len(self.values)
        if at == len(self.values):
            self.values.append(value)
            self.own_types[at] = kind
        return f"${at + 1}::{'=' if self.chance(0.7) else ''}{kind}"

    # --- what else is different ---------------------------------------------------------------------------------------

    def from_clause(self, depth, outer):
        self.taken.append(set())
        text, sources = super().from_clause(depth, outer)
        self.taken.pop()
        self.levels.append(sources)
        return text, sources

    def level_of(self, source):
        return next((level for level in self.levels if any(source is one for one in level)), None)

    def name(self, prefix):
        """Seldom one that there is elsewhere, too, which hides that; never twice in one FROM."""
        free = sorted({"o", "p", "q"} - self.taken[-1]) if self.taken else []
        if prefix == "o" or not free or not self.reuses_names or not self.chance(0.3):
            return super().name(prefix)
        self.use("reused-name")
        self.taken[-1].add(chosen := self.pick(free))
        return chosen

    def named(self, columns):
        if self.chance(0.85):
            return columns
        self.use("column-called-org-id")
        at = self.roll.randrange(len(columns))
        return [*columns[:at], "org_id", *columns[at + 1:]]

    def own_org(self, name):
        if self.goes_wrong(0.4):
            other = self.pick(self.others)
            return self.pick([f"'{other}'", f"{self.org} + 0", "NULL", "DEFAULT", f"(SELECT {other})", f"greatest({self.org}, {other})", f"'{self.org} '"])
        if self.parameters and "prepare" not in self.used and self.chance(0.3):
            return self.own_parameter(name, str(self.org))
        return super().own_org(name)

    def merge(self):
        """Mode validate has none."""
        return super().merge() if self.chance(0.1) else self.update()

    def merge_form(self):
        return super().merge_form() if self.chance(0.1) else self.delete()

    def whole_row(self):
        return super().whole_row() if self.chance(0.1) else self.insert()

    def moved(self):
        return super().moved() if self.chance(0.1) else self.insert_select()

    def another(self, statement):
        """Of such a statement the own condition's constant, too: one shape, another organisation."""
        made = super().another(statement)
        return made and dataclasses.replace(made, shape=made.shape + " another")
