"""What an attack is, and the ways in which one can be held.

Attacks are numbered as in the catalogue they come from: 1–24 the tenant variable, 25–58 names and scopes, 59–66 SQL in strings,
67–87 writes, 88–114 inference, 115–125 disturbance, 126–141 the wire, 142–152 text. Whatever holds one, no attack may put a byte
of another organisation on acme's wire, change a row or an object that is not acme's, or keep anybody else from working: the
runner sees to that for every row of the table.
"""

import dataclasses
import typing


@dataclasses.dataclass(frozen=True)
class Refused:
    """Bulkhead says no to one of the statements at least, in its own words."""
    states: tuple = ("42501", "0A000")


@dataclasses.dataclass(frozen=True)
class Same:
    """Every answer is the private database's, and so are the rows afterwards."""


@dataclasses.dataclass(frozen=True)
class Either:
    """The one or the other: no foreign byte is what matters here, what is supported is another test's business."""


@dataclasses.dataclass(frozen=True)
class Harmless:
    """The answer is PostgreSQL's own and tells nothing, though a private database would word it differently. Why?"""
    why: str


@dataclasses.dataclass(frozen=True)
class Wire:
    """A conversation: `talk(scene)` makes it and asserts how it ends."""
    talk: typing.Callable


@dataclasses.dataclass(frozen=True)
class Documented:
    """Held by another layer, or not promised: docs/threat-model.md says so under this phrase."""
    phrase: str
    why: str


@dataclasses.dataclass(frozen=True)
class ShownBy:
    """Other tests show it: FILE:NAME."""
    tests: tuple


@dataclasses.dataclass(frozen=True)
class Attack:
    number: int
    title: str
    hold: object
    statements: tuple = ()  # each a Query of its own; the extended protocol takes those it can


def refused(number, title, *statements, states=("42501", "0A000")):
    return Attack(number, title, Refused(states), statements)


def same(number, title, *statements):
    return Attack(number, title, Same(), statements)


def either(number, title, *statements):
    return Attack(number, title, Either(), statements)


def harmless(number, title, why, *statements):
    return Attack(number, title, Harmless(why), statements)


def wire(number, title):
    """Decorates the conversation."""
    return lambda talk: Attack(number, title, Wire(talk))


def documented(number, title, phrase, why):
    return Attack(number, title, Documented(phrase, why))


def shown_by(number, title, *tests):
    return Attack(number, title, ShownBy(tests))
