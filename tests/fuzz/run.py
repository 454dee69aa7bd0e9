#!/usr/bin/python3
"""Runs fuzz targets of a build of the preset `fuzz`, each from its seeds and from what earlier runs have found.

    cmake --preset fuzz && cmake --build build/fuzz --target fuzzers
    tests/fuzz/run.py [--tree build/fuzz] [--seconds 5] [--seed N] [NAME…]

Without names all targets that are built. Seed 0 is another one every time. A crash ends with status 1 and prints the line for
seeds.csv that keeps it found.
"""

import argparse
import csv
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
READS_SQL = ("lexer", "rewriter")


def seeds(target):
    with open(HERE / "seeds.csv", newline="") as file:
        return {row["name"]: bytes.fromhex(row["hex"]) for row in csv.DictReader(file) if row["target"] == target}


def prepare(corpus, target):
    """The seeds as files beside what libFuzzer has added to the directory."""
    corpus.mkdir(parents=True, exist_ok=True)
    for name, data in seeds(target).items():
        (corpus / f"seed-{name}").write_bytes(data)


def run(tree, target, seconds, seed):
    program = tree / "tests" / "fuzz" / f"fuzz_{target}"
    corpus, crashes = tree / "corpus" / target, tree / "crashes" / target
    prepare(corpus, target)
    crashes.mkdir(parents=True, exist_ok=True)
    before = set(crashes.iterdir())
    dictionary = [f"-dict={HERE / 'sql.dict'}"] if target in READS_SQL else []
    done = subprocess.run(
        [program, f"-max_total_time={seconds}", f"-seed={seed}", f"-artifact_prefix={crashes}/", "-timeout=10", "-rss_limit_mb=1024",
         "-print_final_stats=1", *dictionary, corpus],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if done.returncode == 0:
        runs = [line.split()[-1] for line in done.stdout.splitlines() if "number_of_executed_units" in line]
        print(f"{target}: {runs[-1] if runs else '?'} inputs in {seconds} s, no crash")
        return True
    print("\n".join(done.stdout.splitlines()[-60:]))
    for path in sorted(set(crashes.iterdir()) - before):
        print(f"{target},NAME-IT,{path.read_bytes().hex()}")
    print(f"{target}: CRASHED, the line above belongs in tests/fuzz/seeds.csv")
    return False


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--tree", type=pathlib.Path, default=ROOT / "build" / "fuzz")
    arguments.add_argument("--seconds", type=int, default=5)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("targets", nargs="*", metavar="NAME")
    options = arguments.parse_args()
    built = sorted(path.name.removeprefix("fuzz_") for path in (options.tree / "tests" / "fuzz").glob("fuzz_*"))
    unknown = set(options.targets) - set(built)
    if unknown or not built:
        sys.exit(f"not built in {options.tree}: {', '.join(sorted(unknown)) or 'anything'}")
    results = [run(options.tree, target, options.seconds, options.seed) for target in options.targets or built]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
