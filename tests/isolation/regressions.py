"""Statements that have once been different, kept so that they are tried first in every run.

A block of regressions.sql is a comment, `-- TENANT PROTOCOL [ordered] [writes] [script] [inject] [role=R] [types=T,…] [values=JSON]`,
and the statement up to the next empty line. `inject`: not for mode validate, which takes no name for a temporary table's.
"""

import json
import pathlib

from vocabulary import Statement

FILE = pathlib.Path(__file__).resolve().parent / "regressions.sql"


def load(validate):
    """[(tenant, protocol, Statement)]"""
    cases = []
    for block in FILE.read_text().split("\n\n"):
        lines = block.strip().splitlines()
        if len(lines) < 2 or not lines[0].startswith("-- "):
            continue
        head, _, values = lines[0][3:].partition(" values=")
        tenant, protocol, *words = head.split()
        if validate and "inject" in words:
            continue
        after = lambda key: "".join(w.removeprefix(key) for w in words if w.startswith(key))  # noqa: E731
        cases.append((tenant, protocol, Statement("\n".join(lines[1:]), "regression", "ordered" in words, "writes" in words, script="script" in words,
                                                  role=after("role="), values=tuple(json.loads(values or "[]")), types=tuple(filter(None, after("types=").split(","))))))
    return cases


def block(tenant, protocol, statement):
    """What a new failure looks like there."""
    words = [w for w in ("ordered", "writes", "script") if getattr(statement, w)]
    words += [f"role={statement.role}"] if statement.role else []
    words += [f"types={','.join(statement.types)}"] if statement.types else []
    words += ["values=" + json.dumps(statement.values, separators=(",", ":"))] if statement.values else []
    return f"\n-- {' '.join([tenant, protocol, *words])}\n" + statement.text.replace("\n\n", "\n") + "\n"


def keep(text):
    with FILE.open("a") as file:
        file.write(text)
