"""Every attack of the catalogue, on a database with row-level security and on one without, in both protocols; and those that are made
of statements in mode validate, too, where they have to be refused or answered as elsewhere."""

import pathlib
import re
import types

import pytest

import conversation
import copying
import disturbance
import harness
import inference
import names
import runner
import strings
import text
import variable
import world as worlds
import writes
from attack import Documented, ShownBy, Wire

HERE = pathlib.Path(__file__).resolve().parent
ATTACKS = [a for part in (variable, names, strings, writes, copying, inference, disturbance, conversation, text) for a in part.ATTACKS]
TRIED = [a for a in ATTACKS if not isinstance(a.hold, (Documented, ShownBy))]
LAST = 152


@pytest.fixture(scope="session")
def stage():
    harness.exit_on_signals()
    with harness.Scratch() as scratch, worlds.running(scratch) as (world, postgres, proxies):
        yield types.SimpleNamespace(world=world, postgres=postgres, proxies=proxies, neighbours={})


@pytest.mark.parametrize("setup, attack", [pytest.param(s, a, id=f"{s}-{a.number}-{a.title}") for a in TRIED for s in worlds.SETUPS
                                           if s != "validate" or not isinstance(a.hold, Wire)])
def test_it_is_held(stage, setup, attack):
    runner.run(stage, setup, attack)
    assert stage.proxies[setup].alive(), stage.proxies[setup].log_tail()


def test_every_number_has_a_row():
    assert sorted({a.number for a in ATTACKS}) == list(range(1, LAST + 1))


@pytest.mark.parametrize("attack", [a for a in ATTACKS if isinstance(a.hold, Documented)], ids=lambda a: f"{a.number}-{a.title}")
def test_what_is_not_held_here_is_in_the_threat_model(attack):
    page = re.sub(r"\s+", " ", (HERE.parents[1] / "docs" / "threat-model.md").read_text())
    assert attack.hold.phrase in page and attack.hold.why


@pytest.mark.parametrize("attack", [a for a in ATTACKS if isinstance(a.hold, ShownBy)], ids=lambda a: f"{a.number}-{a.title}")
def test_the_test_that_shows_it_exists(attack):
    for test in attack.hold.tests:
        file, _, name = test.partition(":")
        assert re.search(rf"\b{name}\b", (HERE.parent / file).read_text()), test
