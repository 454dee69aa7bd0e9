"""Makes a failing statement smaller: leaves out stretches of tokens for as long as it still fails."""

import re
import time

TOKEN = re.compile(r"""
    \s* ( E?'(?:[^'\\]|''|\\.)*' | \$q\$.*?\$q\$ | "(?:[^"]|"")*" | [A-Za-z_][A-Za-z_0-9$]* | \$\d+ | \d+(?:\.\d+)?
        | ::|->>|->|<>|>=|<=|\|\| | . )""", re.VERBOSE | re.DOTALL)


def tokens_of(text):
    return [token for token in TOKEN.findall(text) if token.strip()]


def shrink(text, still_fails, seconds=20):
    """`still_fails(text)` runs a candidate. What it is called with last is not what is returned."""
    deadline = time.monotonic() + seconds
    tokens = tokens_of(text)
    if not still_fails(join(tokens)):
        return text  # it does not fail when repeated, or not in this spelling
    size = max(len(tokens) // 2, 1)
    while True:
        smaller = False
        at = 0
        while at < len(tokens):
            if time.monotonic() > deadline:
                return join(tokens)
            candidate = tokens[:at] + tokens[at + size:]
            if balanced(tokens[at:at + size]) and candidate and still_fails(join(candidate)):
                tokens, smaller = candidate, True
            else:
                at += 1
        if size == 1 and not smaller:
            return join(tokens)
        size = max(size // 2, 1) if not smaller or size > 1 else 1


def balanced(tokens):
    depth = 0
    for token in tokens:
        depth += (token == "(") - (token == ")")
        if depth < 0:
            return False
    return depth == 0


def statements_of(text):
    """Of a script; what comes behind the last semicolon belongs to nothing."""
    out, tokens = [], tokens_of(text)
    while tokens:
        end = tokens.index(";") if ";" in tokens else len(tokens)
        out.append(join(tokens[:end]))
        tokens = tokens[end + 1:]
    return [text for text in out if text]


def join(tokens):
    return re.sub(r" ?(\.|::) ?", r"\1", " ".join(tokens))
