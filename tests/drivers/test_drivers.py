"""Programs of many drivers, direct and through Bulkhead in transaction mode, while other clients take the connections."""

import os
import subprocess

import pytest

from drivers import DRIVERS, PLACE
from library import Library, Postgres, Scratch, exit_on_signals

CHOSEN = os.environ.get("DRIVERS", "quick").split(",")
NAMES = [n for n, d in DRIVERS.items() if n in CHOSEN or "all" in CHOSEN or ("quick" in CHOSEN and d.quick)]


@pytest.fixture(scope="module")
def library():
    exit_on_signals()
    with Scratch() as scratch, Postgres(scratch, log_statement="all") as postgres:
        yield Library(scratch, postgres)


def test_every_name_is_a_driver():
    unknown = set(CHOSEN) - {*DRIVERS, "all", "quick"}
    assert not unknown, f"no such driver: {', '.join(unknown)}. There are {', '.join(DRIVERS)}"


def test_a_difference_is_seen(library):
    wrong, _ = library.run(["sh", "-c", """echo '{"step": "driver", "value": "'$PGPORT'"}'"""])
    assert any("line 0" in line for line in wrong) and any("nothing is proven" in line for line in wrong)


@pytest.mark.parametrize("name", NAMES)
def test_driver(library, name):
    driver = DRIVERS[name]
    for command in driver.build:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    wrong, done = library.run(driver.command, driver.environment, PLACE / "transcripts" / name)
    print(f"\n{name} {done}", end=" ")
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)
