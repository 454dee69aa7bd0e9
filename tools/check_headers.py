#!/usr/bin/env python3
"""Compiles each header of src/ alone: a contract has to be readable without knowing what to include before it.

usage: check_headers.py [--compiler CXX] [--jobs N] [--work FOLDER] [HEADER…]

Exits 1 if a header does not stand alone. What lies in a folder `generated` is a fragment and not looked at. With ccache
and a work folder that stays, a second run costs next to nothing.
"""

import argparse
import concurrent.futures
import pathlib
import shutil
import subprocess
import sys
import tempfile


FLAGS = ["-std=c++20", "-Wall", "-Wextra"]


def compile_alone(compiler, source, header, work):
    """The compiler's complaint about `header` (relative to `source`), or an empty string."""
    unit = work / (header.replace("/", "_") + ".cc")
    unit.write_text(f'#include "{header}"\n#include "{header}"\n')
    launcher = [shutil.which("ccache")] if shutil.which("ccache") else []
    command = [*launcher, compiler, *FLAGS, "-I", str(source), "-c", str(unit), "-o", str(unit.with_suffix(".o"))]
    done = subprocess.run(command, text=True, capture_output=True)
    return done.stderr if done.returncode or done.stderr else ""


def check(compiler, source, headers, jobs, work):
    """{header: complaint} of those that do not compile."""
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        complaints = pool.map(lambda header: compile_alone(compiler, source, header, work), headers)
        return {header: text for header, text in zip(headers, complaints) if text}


def self_test(compiler):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder)
        (source / "whole.h").write_text("#pragma once\n#include <string>\nstruct Whole { std::string text; };\n")
        (source / "needy.h").write_text("#pragma once\nstruct Needy { std::string text; };\n")
        (source / "twice.h").write_text("struct Twice {};\n")
        found = check(compiler, source, ["whole.h", "needy.h", "twice.h"], 2, source)
        if set(found) != {"needy.h", "twice.h"}:
            raise SystemExit(f"self-test: expected complaints about needy.h and twice.h, got {found}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("headers", nargs="*")
    options = parser.parse_args()
    source = pathlib.Path(__file__).resolve().parent.parent / "src"
    headers = options.headers or sorted(str(h.relative_to(source)) for h in source.rglob("*.h")
                                         if "generated" not in h.parts)
    self_test(options.compiler)
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or pathlib.Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        found = check(options.compiler, source, headers, options.jobs, work)
    for header, complaint in found.items():
        print(f"src/{header} does not compile alone:\n" + "\n".join(complaint.splitlines()[:12]))
    print(f"{len(headers) - len(found)} of {len(headers)} headers compile alone")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
