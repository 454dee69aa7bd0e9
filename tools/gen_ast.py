#!/usr/bin/env python3
"""Writes src/rewrite/generated/ from the PostgreSQL 15 server headers.

usage: gen_ast.py [--check] [--headers DIR]

Every node kind a raw parse can produce, every field of each and every enum they use. pg_parse.cc expands the result
against the real headers (static_asserts for types, offsets and values), so a mistake here does not compile; --check
compares the committed files with what the headers give now and exits 1 if they differ.
"""
import argparse
import pathlib
import re
import sys

# Of primnodes.h only what gram.y itself makes.
RAW_PRIMNODES = """Alias RangeVar IntoClause GroupingFunc NamedArgExpr BoolExpr SubLink CaseExpr CaseWhen RowExpr
CoalesceExpr MinMaxExpr SQLValueFunction XmlExpr NullTest BooleanTest SetToDefault CurrentOfExpr JoinExpr""".split()
# Of parsenodes.h everything but what parse analysis, the rewriter or PL/pgSQL makes.
ANALYSED = """Query RangeTblEntry RangeTblFunction TableSampleClause WithCheckOption SortGroupClause WindowClause
RowMarkClause MergeAction InlineCodeBlock CallContext SetOperationStmt PLAssignStmt""".split()
# In the headers of 15.20, not in those of 15.18 (Debian 12 without its security updates) nor in the library's structs.
LATER = {("CreateStatsStmt", "owner")}
# The library numbers this one its own way (it wants 0 to mean "no LIMIT").
OWN_NUMBERING = {"LimitOption": ["LIMIT_OPTION_DEFAULT", "LIMIT_OPTION_COUNT", "LIMIT_OPTION_WITH_TIES"]}
# Offsets into and lengths of the text: meaningless to equality.
LOCATIONS = {"location", "stmt_location", "stmt_len"}

SCALARS = {
    "int": ("integer", "int"), "int32": ("integer", "int"), "int16": ("int16", "std::int16_t"),
    "long": ("int64", "std::int64_t"), "bool": ("boolean", "bool"), "char": ("character", "char"),
    "Oid": ("oid", "std::uint32_t"), "AclMode": ("bits", "std::uint32_t"), "bits32": ("bits", "std::uint32_t"),
    "Index": ("bits", "std::uint32_t"), "uint32": ("bits", "std::uint32_t"), "SubTransactionId": ("bits", "std::uint32_t"),
}
BANNER = "// Written by tools/gen_ast.py from the PostgreSQL 15 server headers. Do not edit.\n"


def read(directory, name):
    text = (directory / "nodes" / name).read_text()
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    return re.sub(r"^[ \t]*#.*$", "", text, flags=re.M)


def value_of(text, known):
    """of an enumerator: a number, a character or an | of known enumerators (a shift counts as a number)"""
    def one(word):
        word = word.strip()
        if word in known:
            return known[word]
        if re.fullmatch(r"'.'", word):
            return ord(word[1])
        base, _, shift = word.partition("<<")
        return int(base, 0) << int(shift or "0", 0)
    total = 0
    for word in text.strip("()").split("|"):
        total |= one(word)
    return total


def enums_of(text):
    found = {}
    for body, name in re.findall(r"typedef\s+enum\s*\w*\s*\{([^}]*)\}\s*(\w+)\s*;", text):
        values, last = [], -1
        for item in filter(None, (i.strip() for i in body.split(","))):
            label, _, value = (p.strip() for p in item.partition("="))
            try:
                last = value_of(value, dict(values)) if value else last + 1
            except ValueError:  # a macro; none of the enums a raw tree uses has one
                break
            values.append((label, last))
        else:
            found[name] = values
    return found


def structs_of(text):
    """name -> [(type, pointer, member)], in order, the tag left out."""
    found = {}
    for name, body in re.findall(r"(?:typedef\s+)?struct\s+(\w+)\s*\{((?:[^{}]|\{[^{}]*\})*)\}", text):
        if name == "A_Const":
            body = re.sub(r"union\s+ValUnion\s*\{[^}]*\}\s*val;", "ValUnion val;", body)
        members = []
        for line in filter(None, (l.strip() for l in body.split(";"))):
            match = re.fullmatch(r"(?:const\s+)?(?:struct\s+)?(\w+)\s+(\*?)\s*(\w+)", line)
            if not match:
                members = None
                break
            members.append(match.groups())
        if members:
            found[name] = members
    return found


class Headers:
    def __init__(self, directory):
        names = ["nodes.h", "lockoptions.h", "primnodes.h", "parsenodes.h", "value.h"]
        texts = {n: read(directory, n) for n in names}
        self.enums = enums_of("".join(texts.values()))
        self.tags = {label[2:] for label, _ in self.enums["NodeTag"]}
        structs = {n: structs_of(t) for n, t in texts.items()}
        self.structs = {k: v for s in structs.values() for k, v in s.items()}
        kinds = [k for k in structs["value.h"] if k in self.tags]
        kinds += [k for k in structs["primnodes.h"] if k in RAW_PRIMNODES]
        kinds += [k for k in structs["parsenodes.h"] if k in self.tags and k not in ANALYSED]
        missing = set(RAW_PRIMNODES) - set(kinds)
        named = set(re.findall(r"struct\s+(\w+)\s*\{", texts["parsenodes.h"])) & self.tags
        missing |= named - set(kinds) - set(ANALYSED)
        if missing:
            sys.exit(f"gen_ast: cannot read struct {sorted(missing)}")
        self.kinds = kinds

    def fields(self, kind, prefix=""):
        """(member path, name, class, C++ type of the handle)"""
        for ctype, pointer, member in self.structs[kind]:
            path = prefix + member
            if ctype in ("NodeTag", "Expr") and not pointer:
                continue
            if ctype == "CreateStmt" and not pointer:
                for inner, name, cls, handle in self.fields(ctype, path + "."):
                    yield inner, "base_" + name, cls, handle
            elif (kind, member) in LATER:
                continue
            elif ctype == "ValUnion":
                yield path, member, "value", "Value"
            elif pointer and ctype == "List":
                yield path, member, "list", "ListView"
            elif pointer and ctype == "char":
                yield path, member, "cstring", "std::string_view"
            elif pointer and (ctype in ("Node", "Expr", "FuncExpr") or ctype in self.kinds):
                yield path, member, "node", "Node"
            elif not pointer and member in LOCATIONS and ctype == "int":
                yield path, member, "location", "int"
            elif not pointer and ctype in SCALARS:
                yield path, member, *SCALARS[ctype]
            elif not pointer and ctype in self.enums:
                yield path, member, "enumeration", ctype
            else:
                sys.exit(f"gen_ast: {kind}.{member}: no class for type {ctype}{pointer}")


def generate(headers):
    layout, handles, used = [], [], set()
    number = 0
    for kind in headers.kinds:
        layout.append(f"BULKHEAD_NODE({kind})")
        lines = []
        for path, name, cls, ctype in headers.fields(kind):
            layout.append(f"BULKHEAD_FIELD({kind}, {path}, {name}, {cls})")
            if cls == "enumeration":
                used.add(ctype)
            lines.append(f"  static constexpr Field<{ctype}> {name}{{Kind::{kind}, {number}}};")
            number += 1
        handles.append("\n".join([f"struct {kind} {{", *lines, "};"]) if lines else f"struct {kind} {{}};")
    mirrored, checks = [], []
    for enum in sorted(used):
        values = headers.enums[enum]
        own = OWN_NUMBERING.get(enum)
        if own:
            assert sorted(own) == sorted(label for label, _ in values)
            values = list(zip(own, range(len(own))))
        body = "\n".join(f"  {label} = {value}," for label, value in values)
        mirrored.append(f"enum class {enum} : int {{\n{body}\n}};")
        checks.append(f"BULKHEAD_ENUM({enum})")
        if not own:
            checks += [f"BULKHEAD_ENUMERATOR({enum}, {label})" for label, _ in values]
        else:
            checks += [f"BULKHEAD_OWN_ENUMERATOR({enum}, {label})" for label, _ in values]
    kinds = [f"BULKHEAD_KIND({k})" for k in [*headers.kinds, "List"]]
    return {
        "kinds.inc": BANNER + "\n".join(kinds) + "\n",
        "layout.inc": BANNER + "\n".join(layout) + "\n",
        "enumerators.inc": BANNER + "\n".join(checks) + "\n",
        "enums.h": BANNER + "#pragma once\n\nnamespace bulkhead::rewrite::ast {\n\n" + "\n\n".join(mirrored)
                   + "\n\n}  // namespace bulkhead::rewrite::ast\n",
        "fields.h": BANNER + "// Part of ast.h, which includes it; not to be included alone.\n#pragma once\n\n"
                    "namespace bulkhead::rewrite::ast::f {\n\n" + "\n\n".join(handles)
                    + "\n\n}  // namespace bulkhead::rewrite::ast::f\n",
    }


def main():
    parser = argparse.ArgumentParser(description="generate src/rewrite/generated/")
    parser.add_argument("--check", action="store_true", help="compare only")
    parser.add_argument("--headers", default="/usr/include/postgresql/15/server", type=pathlib.Path)
    arguments = parser.parse_args()
    target = pathlib.Path(__file__).resolve().parent.parent / "src" / "rewrite" / "generated"
    stale = []
    for name, text in generate(Headers(arguments.headers)).items():
        path = target / name
        if arguments.check:
            if not path.exists() or path.read_text() != text:
                stale.append(name)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    if stale:
        sys.exit(f"gen_ast: {', '.join(stale)} do not match the headers; run tools/gen_ast.py and review the change")


main()
