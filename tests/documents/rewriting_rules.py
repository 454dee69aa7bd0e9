"""Holds the examples of docs/rewriting-rules.md against `bulkhead rewrite`: BULKHEAD=… rewriting_rules.py [--update]

A block of sql is followed by a block of text, which is what the program prints for it. Every golden file has to be named.
"""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "rewriting-rules.md"
GOLDEN = ROOT / "tests" / "golden"
EXAMPLE = re.compile(r"```sql\n(.*?)\n```\n```text\n(.*?)```", re.DOTALL)


def rewrite(sql):
    done = subprocess.run([os.environ["BULKHEAD"], "rewrite", "--config", GOLDEN / "policy.yaml", "--catalog", GOLDEN / "catalogue.yaml",
                           "--tenant", "acme", sql], capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"})
    assert done.returncode in (0, 1), done.stderr
    return done.stdout + done.stderr


def main():
    page = PAGE.read_text()
    true = EXAMPLE.sub(lambda m: f"```sql\n{m[1]}\n```\n```text\n{rewrite(m[1]).rstrip()}\n```", page)
    if "--update" in sys.argv:
        PAGE.write_text(true)
        return 0
    wrong = [f"no longer true:\n{old[0]}" for old, new in zip(EXAMPLE.findall(page), EXAMPLE.findall(true)) if old != new]
    wrong += [f"no explanation of an edit:\n{sql}" for sql, text in EXAMPLE.findall(true) if not re.match("-- |ERROR:", text)]
    named = set(re.findall(r"^Golden file: (\S+)$", page, re.MULTILINE))
    there = {path.name for path in (GOLDEN / "rewrite").glob("*.test")}
    wrong += [f"{name} is named, but is not there" for name in sorted(named - there)]
    wrong += [f"{name} is nowhere named" for name in sorted(there - named)]
    print("\n".join(wrong + ["write it anew with tests/documents/rewriting_rules.py --update, and read the difference"] if wrong else ["true"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
