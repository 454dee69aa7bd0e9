"""Legitimate SQL, as ORMs, reporting tools, consoles and people write it: how much of it is refused?

Every statement of corpus/*.sql runs through Bulkhead and on the tenant's private database, in a transaction that is rolled back.
One line is one statement; one that begins with FROM goes on with the line before. Behind a statement may stand:

  --$ ["1", null]   the parameters: the statement then goes by the extended protocol
  --~               the answers differ between any two databases (object ids, names, owners); that there is one is compared
  --! REASON        an accepted refusal, and why

Queries and INSERT, UPDATE, DELETE, MERGE may have no accepted refusal unless they read the system's own statistics.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "isolation"), str(HERE.parent / "integration")]

import harness  # noqa: E402
from oracle import config_for  # noqa: E402
from vocabulary import Statement  # noqa: E402
from ways import REFUSALS, Way  # noqa: E402

TENANT = "acme"
MARK = re.compile(r"\s+--([$~!]) ?((?:(?!\s--[$~!]).)*)$")
ORDINARY = re.compile(r"\s*(\(|SELECT|WITH|VALUES|TABLE|INSERT|UPDATE|DELETE|MERGE)", re.IGNORECASE)
ABOUT_THE_SYSTEM = re.compile(r"\bpg_\w+", re.IGNORECASE)
OUTSIDE = re.compile(r"\s*(DISCARD|BEGIN|START|COMMIT|END|ROLLBACK|VACUUM|SET SESSION CHARACTERISTICS|PREPARE TRANSACTION)", re.IGNORECASE)


@dataclasses.dataclass
class Case:
    where: str
    text: str
    values: tuple = ()
    compared: bool = True
    accepted: str = ""


def read(path):
    cases = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        if cases and line.startswith("FROM "):
            cases[-1].text += "\n" + line
            continue
        case = Case(f"{path.name}:{number}", line)
        while mark := MARK.search(case.text):
            case.text = case.text[:mark.start()]
            if mark[1] == "$":
                case.values = tuple(json.loads(mark[2]))
            elif mark[1] == "~":
                case.compared = False
            else:
                case.accepted = mark[2]
        cases.append(case)
    return cases


def ask(way, case):
    alone = OUTSIDE.match(case.text)
    if not alone:
        way.run(Statement("BEGIN", ""), "simple")
    script = ";" in case.text.rstrip("; ")
    outcome = way.run(Statement(case.text, "", script=script, values=case.values), "extended" if case.values else "simple")
    way.run(Statement("ROLLBACK", ""), "simple")
    return outcome


@dataclasses.dataclass
class Family:
    name: str
    statements: int = 0
    same: int = 0
    refused: list = dataclasses.field(default_factory=list)
    accepted: list = dataclasses.field(default_factory=list)
    different: list = dataclasses.field(default_factory=list)
    errors: list = dataclasses.field(default_factory=list)  # equal ones
    stale: list = dataclasses.field(default_factory=list)


def try_family(path, through, straight):
    family = Family(path.stem)
    for case in read(path):
        family.statements += 1
        wanted, given = ask(straight, case), ask(through, case)
        refusal = given.error and given.error[0] in REFUSALS and given.error != wanted.error
        if refusal and case.accepted:
            family.accepted.append((case, given))
        elif refusal:
            family.refused.append((case, given))
        elif case.accepted:
            family.stale.append(case)
        elif bool(given.error) != bool(wanted.error) or case.compared and not given.same_as(wanted, False):
            family.different.append((case, given, wanted))
        else:
            family.same += 1
            if wanted.error:
                family.errors.append((case, wanted))
    return family


def report(families, everything):
    print(f"{'family':12} {'statements':>10} {'as directly':>11} {'of these errors':>15} {'accepted refusals':>17} {'refused':>8} {'different':>9}")
    for f in families:
        print(f"{f.name:12} {f.statements:10} {f.same:11} {len(f.errors):15} {len(f.accepted):17} {len(f.refused):8} {len(f.different):9}")
    total = sum(f.statements for f in families)
    print(f"{'all':12} {total:10} {sum(f.same for f in families):11} "
          f"{sum(len(f.errors) for f in families):15} {sum(len(f.accepted) for f in families):17} {sum(len(f.refused) for f in families):8} {sum(len(f.different) for f in families):9}")
    for f in families:
        for case, given in f.refused:
            print(f"\n{case.where} is refused: {given.error[1]}\n    {case.text}")
        for case, given, wanted in f.different:
            print(f"\n{case.where} is different:\n    {case.text}\n--- through: {given}\n--- private: {wanted}")
        for case, wanted in f.errors if everything else []:
            print(f"\n{case.where} is an error both ways: {wanted.error}\n    {case.text}")
        for case, given in f.accepted if everything else []:
            print(f"\n{case.where} is refused, as accepted ({case.accepted}): {given.error[1]}\n    {case.text}")
        for case in f.stale:
            print(f"\n{case.where} is no longer refused; its mark can go")


def unacceptable(paths):
    """Marks where none may be."""
    return [case for path in paths for case in read(path)
            if case.accepted and ORDINARY.match(case.text) and not ABOUT_THE_SYSTEM.search(case.text)]


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--everything", action="store_true", help="show the accepted refusals and the equal errors, too")
    parse.add_argument("families", nargs="*", help="only these")
    arguments = parse.parse_args()
    paths = [p for p in sorted((HERE / "corpus").glob("*.sql")) if not arguments.families or p.stem in arguments.families]
    wrong = unacceptable(paths)
    for case in wrong:
        print(f"{case.where}: a refusal of ordinary SQL cannot be accepted")

    harness.exit_on_signals()
    with harness.Scratch() as scratch, harness.Postgres(scratch) as postgres:
        harness.create_shop(postgres)
        postgres.psql("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO app_rw", f"{harness.DATABASE}_{TENANT}")
        with harness.Bulkhead(scratch, config_for(postgres, harness.DATABASE)) as bulkhead:
            through, straight = Way(harness.Proxied(bulkhead).keywords(TENANT)), Way(harness.Direct(postgres).keywords(TENANT))
            families = [try_family(path, through, straight) for path in paths]
            through.close()
            straight.close()
    report(families, arguments.everything)
    return 1 if wrong or any(f.refused or f.different or f.stale for f in families) else 0


if __name__ == "__main__":
    sys.exit(main())
