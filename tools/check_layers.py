#!/usr/bin/env python3
"""Holds every #include of src/ against cmake/layers.txt.

Prints one line for each include that no edge or door allows, for each that names no file, and for each cycle, between
files or between rooms; exits 1 if there is one. Before that it plants each kind of violation in a tree of its own and
makes sure that it is found.
"""

import pathlib
import re
import sys
import tempfile

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
SOURCES = {".h", ".cc", ".inc"}


class Layers:
    """layers.txt: `ROOM : ROOM…`, `door PREFIX : FILE-OR-FOLDER/…`, `system : PREFIX…`; # begins a comment."""

    def __init__(self, text):
        self.rooms, self.doors, self.system = {}, {}, []
        for line in text.splitlines():
            head, colon, rest = line.partition("#")[0].partition(":")
            if not head.strip():
                continue
            if not colon:
                raise SystemExit(f"layers.txt: no colon in: {line}")
            words = head.split()
            if words[0] == "door" and len(words) == 2:
                self.doors[words[1]] = rest.split()
            elif words == ["system"]:
                self.system = rest.split()
            elif len(words) == 1:
                self.rooms[words[0]] = set(rest.split())
            else:
                raise SystemExit(f"layers.txt: not understood: {line}")

    def door_for(self, header):
        """The files of the longest prefix that fits, or None."""
        fitting = [prefix for prefix in self.doors if header.startswith(prefix)]
        return self.doors[max(fitting, key=len)] if fitting else None

    def foreign(self, header, file, quoted):
        """What is wrong with `file` including a header that is not ours, or None."""
        files = self.door_for(header)
        if files is not None:
            through = any(file == f or (f.endswith("/") and file.startswith(f)) for f in files)
            return None if through else f"<{header}> has its door in {', '.join(files)}"
        if quoted:
            return f"there is no src/{header}, nor a door for it"
        standard = "." not in header and "/" not in header
        if standard or any(header.startswith(prefix) for prefix in self.system):
            return None
        return f"<{header}> has no door in layers.txt"


def room_of(path):
    """src/ROOM/… -> ROOM; a file in src/ itself belongs to `main`."""
    return path.parts[1] if len(path.parts) > 2 else "main"


def find_cycle(graph):
    """One cycle of a {node: set of nodes}, as a list that ends where it begins, or None."""
    done, path = set(), []

    def visit(node):
        if node in path:
            return path[path.index(node):] + [node]
        if node in done:
            return None
        path.append(node)
        for following in sorted(graph.get(node, ())):
            cycle = visit(following)
            if cycle:
                return cycle
        path.pop()
        done.add(node)
        return None

    for node in sorted(graph):
        cycle = visit(node)
        if cycle:
            return cycle
    return None


def check(root):
    """Every violation under `root`, in words."""
    layers = Layers((root / "cmake/layers.txt").read_text())
    found, graph = [], {}
    for room, uses in sorted(layers.rooms.items()):
        found += [f"layers.txt: {room} uses {other}, which has no line" for other in sorted(uses - layers.rooms.keys())]
    cycle = find_cycle(layers.rooms)
    if cycle:
        found.append("layers.txt: rooms in a circle: " + " -> ".join(cycle))

    for absolute in sorted(p for p in (root / "src").rglob("*") if p.suffix in SOURCES):
        path = absolute.relative_to(root)
        room, text = room_of(path), absolute.read_text()
        graph[str(path)] = set()
        if room not in layers.rooms:
            found.append(f"{path}: room {room} has no line in layers.txt")
            continue
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start(2)) + 1
            quoted, header = match[1] == '"', match[2]
            own = root / "src" / header
            if quoted and own.is_file():
                target = own.relative_to(root)
                graph[str(path)].add(str(target))
                if room_of(target) not in layers.rooms[room] | {room}:
                    found.append(f"{path}:{line}: {room} may not use {room_of(target)} ({header})")
            else:
                wrong = layers.foreign(header, str(path), quoted)
                if wrong:
                    found.append(f"{path}:{line}: {wrong}")
    cycle = find_cycle(graph)
    if cycle:
        found.append("files in a circle: " + " -> ".join(cycle))
    return found


# Each entry: the files of a small tree, and a word of the one complaint it has to cause (None: there is none).
RULES = "base :\nproto : base\nmain : proto\ndoor ssl/ : src/base/tls.cc\ndoor asio : src/proto/\nsystem : sys/\n"
PLANTED = [
    ({"src/proto/a.h": '#include "base/b.h"\n#include <vector>\n#include <asio.hpp>\n#include <sys/un.h>\n',
      "src/base/b.h": "", "src/main.cc": '#include "proto/a.h"\n', "src/base/tls.cc": "#include <ssl/ssl.h>\n"}, None),
    ({"src/base/b.h": '#include "proto/a.h"\n', "src/proto/a.h": ""}, "base may not use proto"),
    ({"src/main.cc": '#include "base/b.h"\n', "src/base/b.h": ""}, "main may not use base"),
    ({"src/base/other.cc": "int x;\n  #  include <ssl/ssl.h>\n"}, "src/base/other.cc:2: <ssl/ssl.h> has its door"),
    ({"src/base/other.cc": '#include "ssl/ssl.h"\n'}, "has its door"),
    ({"src/base/tls.cc.h": "#include <ssl/ssl.h>\n"}, "has its door"),
    ({"src/base/b.cc": "#include <zlib.h>\n"}, "has no door"),
    ({"src/base/b.cc": '#include "b.h"\n', "src/base/b.h": ""}, "there is no src/b.h"),
    ({"src/wild/b.cc": ""}, "room wild has no line"),
    ({"src/base/b.h": '#include "base/c.h"\n', "src/base/c.h": '#include "base/b.h"\n'}, "files in a circle"),
    ({"cmake/layers.txt": "base : proto\nproto : base\n"}, "rooms in a circle"),
    ({"cmake/layers.txt": "base : prto\n"}, "which has no line"),
]


def self_test():
    for files, complaint in PLANTED:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {"cmake/layers.txt": RULES, "src/base/empty.h": "", **files}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            found = check(root)
            right = len(found) == 1 and complaint in found[0] if complaint else not found
            if not right:
                raise SystemExit(f"self-test: {files} should give {complaint!r} and gave {found}")


if __name__ == "__main__":
    self_test()
    violations = check(pathlib.Path(__file__).resolve().parent.parent)
    print("\n".join(violations) or "every include is allowed")
    sys.exit(1 if violations else 0)
