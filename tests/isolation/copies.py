"""COPY in both directions, in text, CSV and binary, and the data for it."""

import datetime
import decimal
import struct

from psycopg.types.numeric import DecimalBinaryDumper
from vocabulary import PARTITIONED, TABLES, TEXT_ORG, WRITABLE, Statement, org_of
from ways import BINARY_HEADER

REFERRING = ("user", "customer", "order")
BINARY = ["(FORMAT binary)", "WITH (FORMAT 'binary')", "WITH BINARY"]


def binary_field(value, kind, table):
    """As PostgreSQL's receive functions want it, with its length before it."""
    if value is None:
        return struct.pack("!i", -1)
    if kind == "org" and table in PARTITIONED:
        data = struct.pack("!i", int(value))
    elif kind in ("id", *REFERRING) or (kind == "org" and table not in TEXT_ORG) or (kind == "n" and table == "memberships"):
        data = struct.pack("!q", int(value))
    elif kind == "n":
        data = bytes(DecimalBinaryDumper(decimal.Decimal).dump(decimal.Decimal(value)))
    elif kind == "d":
        data = struct.pack("!i", (datetime.date.fromisoformat(value.strip()) - datetime.date(2000, 1, 1)).days)
    elif kind == "b":
        data = struct.pack("!?", value == "t")
    else:
        data = value.encode()
    return struct.pack("!i", len(data)) + data


class Copies:
    """Mixed into Generator."""

    def copy_out(self):
        self.use("copy")
        self.parameters = False
        how = self.pick(["", "", " WITH (FORMAT csv, HEADER)", " (DELIMITER '|', NULL '-')", " CSV QUOTE '\"' FORCE QUOTE *",
                         f" {self.pick(BINARY)}"])
        if "BINARY" in how.upper():
            self.use("copy-binary")
        if self.chance(0.4):
            name = self.pick([t for t in TABLES if t not in PARTITIONED])  # a partitioned table has no COPY TO
            # Where PostgreSQL makes a query of it for row-level security, a generated column is among those that are not listed.
            listed = self.chance(0.5) or (name == "ledger" and not self.stamped)
            columns = self.roll.sample(list(TABLES[name]), self.pick([1, 2])) if listed else []
            text = f"COPY {self.pick([name, f'public.{name}'])}{' (' + ', '.join(columns) + ')' if columns else ''} TO STDOUT{how}"
            return self.finish(text, ordered=False, writes=False)
        if self.chance(0.15):
            text, ordered = self.returning_write()[0], False
            self.use("modifying")
        else:
            text, ordered = self.query()
        return self.finish(f"COPY ({text}) TO STDOUT{how}", ordered, writes="modifying" in self.used)

    def copy_in(self):
        """COPY FROM STDIN and its data. Either every row can be read, or none breaks a constraint: where the rows go by way of
        a temporary table all are read before the first is inserted. Not into skills, which row-level security covers in the
        private database, too."""
        self.use("copy-from")
        name = self.pick([table for table in WRITABLE if table != "skills"])
        kinds = {"id": "id", **WRITABLE[name], **({org_of(name): "org"} if self.chance(0.3) else {})}
        listed = self.roll.sample(list(kinds), len(kinds))
        broken = self.chance(0.2)
        raw = {"org": [str(self.org)], "n": ["0", "12.5", "999", "-3"], "b": ["t", "false"], "d": ["2024-03-11", "2023-01-01 "],
               "t": ["x", "", "ü€", "a\\b", 'say "it"', "two\nlines", "tab\there", "\\.", "NULL", "'", f"unique {self.roll.randint(1, 10**6)}"],
               "user": ["1", "2"], "customer": ["1", "3"], "order": ["1"], "country": ["DE", "JP"]}
        if not broken:
            raw = {k: v if k == "org" else [*v, *v, None, *(["99"] if k in REFERRING else [])] for k, v in raw.items()}
        if name == "memberships":  # its numbers are whole
            raw["n"] = ["0", "1", "2", "3"]
        keys = self.roll.sample(range(1000, 2000) if broken else range(1, 60), self.pick([0, 1, 2, 3]))
        rows = [[str(key) if c == "id" else self.pick(raw[kinds[c]]) for c in listed] for key in keys]
        form = self.pick([self.binary_data, self.csv_data, self.text_data])
        options, data = form(listed, [kinds[c] for c in listed], rows, broken, name)
        where = self.pick(["", "", "", " WHERE id > 20", " WHERE id % 2 = 0 OR id IS NULL"])
        text = f"COPY {self.pick([name, f'public.{name}'])} ({', '.join(listed)}) FROM STDIN {options}{where}"
        return Statement(text, self.shape(), writes=True, values=(data,))

    def binary_data(self, listed, kinds, rows, broken, table):
        """A byte a character, as a statement's values are text."""
        self.use("copy-binary")
        out = [struct.pack("!h", len(row)) + b"".join(binary_field(v, k, table) for v, k in zip(row, kinds)) for row in rows]
        if broken and rows:
            out[-1] = self.pick([out[-1][:-1], struct.pack("!h", len(listed) + 1) + out[-1][2:] + struct.pack("!i", -1),
                                 struct.pack("!h", len(listed) - 1) + out[-1][2:]])
        end = struct.pack("!h", -1) if self.chance(0.9) else b""
        return self.pick(BINARY), (BINARY_HEADER + b"".join(out) + end).decode("latin-1")

    def csv_data(self, listed, _kinds, rows, broken, _table):
        delimiter, null, options = self.pick(
            [(",", "", "(FORMAT csv)"), (";", "nix", "(FORMAT csv, DELIMITER ';', NULL 'nix')"), (",", "", "CSV HEADER")])

        def field(value):
            if value is None:
                return null
            plain = self.chance(0.5) and value not in ("", "nix", "\\.") and not set(value) & set('",;\n\r')
            return value if plain else '"' + value.replace('"', '""') + '"'

        lines = [delimiter.join(map(field, row)) for row in rows]
        return options, self.lines(listed, lines, delimiter, '"', "HEADER" in options, broken)

    def text_data(self, listed, _kinds, rows, broken, _table):
        delimiter, null, options = self.pick([("\t", "\\N", ""), ("|", "", "(DELIMITER '|', NULL '')"), ("\t", "\\N", "(HEADER match)")])

        def field(value):
            if value is None:
                return null
            return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("|", "\\x7c")

        lines = [delimiter.join(map(field, row)) for row in rows]
        return options, self.lines(listed, lines, delimiter, "\\.x", "HEADER" in options, broken)

    def lines(self, listed, lines, delimiter, wrong, header, broken):
        """With a header, with line ends and an end of any kind, and with a last row that is broken."""
        if broken and lines:
            lines[-1] = self.pick([lines[-1] + delimiter + "x", lines[-1].rpartition(delimiter)[0], lines[-1] + wrong])
        lines = [delimiter.join(listed), *lines] if header else lines
        line_end = self.pick(["\n", "\n", "\r\n", "\r"])
        # An empty line has an org_id that is nobody's: that is said before PostgreSQL could say that it is no number.
        data = line_end.join(lines) + (line_end if self.chance(0.7) and (lines or "org_id" not in listed) else "")
        if data.endswith(line_end) and self.chance(0.2):
            data += f"\\.{line_end}nothing of this"
        return data
