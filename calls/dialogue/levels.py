"""How much of the telephone works: four levels, what each needs from outside, and who takes over for what. Pure.

The rules, the tasks and the alarm are the house's own and work at every level.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from clinics.words import gettext, gettext_noop


class Level(StrEnum):
    FULL = "full"
    RULES = "rules"
    KEYPAD = "keypad"
    RECORD = "record"

    @property
    def label(self) -> str:
        return gettext(LABELS[self])


LABELS: dict[Level, str] = {
    Level.FULL: gettext_noop("Full: model, rules and speech"),
    Level.RULES: gettext_noop("Rules and speech"),
    Level.KEYPAD: gettext_noop("Keypad menu"),
    Level.RECORD: gettext_noop("Recorded message and a task"),
}

NEEDS: dict[Level, frozenset[str]] = {
    Level.FULL: frozenset({"model", "recognition"}),
    Level.RULES: frozenset({"recognition"}),
    Level.KEYPAD: frozenset({"menu"}),
    Level.RECORD: frozenset(),
}
"""What each level needs, best first: capabilities of the table of providers, and the house's own menu."""

FALLBACKS: dict[str, tuple[str, ...]] = {
    "model": ("the next model that the clinic signed with", "the rules alone"),
    "speech": ("the next voice that the clinic signed with", "the telephone network's own voice"),
    "recognition": ("the keypad menu", "a recorded message and a task"),
    "sms": ("the portal and e-mail", "a task for the front desk"),
    "store": ("the telephone network's own voice",),
}
"""Of each thing outside what stands in for it, in this order. What a caller is promised is the same in each."""


def level_of(able: Iterable[str]) -> Level:
    """The best level whose needs are met."""
    able = frozenset(able)
    return next(level for level, needs in NEEDS.items() if needs <= able)


def worse(one: Level, other: Level) -> Level:
    """The lower of two levels: the one a call is remembered by."""
    order = list(Level)
    return max(one, other, key=order.index)
