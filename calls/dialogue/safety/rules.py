"""The shapes of a compiled rule file: concepts, patterns, rules and clarifying questions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from calls.dialogue.types import FindingKind

DANGER = frozenset({FindingKind.EMERGENCY, FindingKind.CRISIS, FindingKind.URGENT})


class Lasting(StrEnum):
    """How long after the event a rule still means danger."""

    NOW = "now"
    """A symptom: earlier today or coming and going is urgent, years ago is history."""
    TODAY = "today"
    """An event whose danger lasts (poison, a head injury): only the far past is history."""
    ALWAYS = "always"
    """Never history (a suicidal thought): the far past is still urgent."""


@dataclass(frozen=True, slots=True)
class Step:
    """One concept of a sequence, and how many other words may stand between it and the step before."""

    concept: int
    gap: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """Sequences of concepts that must stand near one another, in any order.

    `alone` patterns count only when hardly anything else was said ("heart attack!"), `unfinished` ones only when the
    caller stopped on them ("she is having chest").
    """

    parts: tuple[tuple[Step, ...], ...]
    needs: frozenset[int]
    near: int
    text: str
    alone: bool = False
    unfinished: bool = False
    across: int = 1
    """How many sentence ends may lie between two parts; past the first only a rule that says so."""
    between: int = 0
    """How many words that are not its own may lie between its first and its last, at most."""
    steps: int = 1
    """How many concepts are said, all parts together."""


def body_of(pattern: str) -> str:
    """A pattern as written, without the word that says where it counts: "only", "ends"."""
    return pattern.removeprefix("only ").removeprefix("ends ")


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence written into the rule file, with the kind it must lead to ("" for nothing of this rule)."""

    text: str
    fires: bool


WEIGHED_BY = ("weighs", "excused_from", "doubted_from", "stated_from", "spoken_of_from")
"""The weights that a rule file gives the rule that has no patterns."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One named thing that callers say, what it means for them, and the public page that claim rests on.

    `kind` is None for a rule that only asks its clarifying question.
    """

    id: str
    kind: FindingKind | None
    reason: str
    source: str
    patterns: tuple[Pattern, ...]
    unless: frozenset[int] = frozenset()
    unless_across: frozenset[int] = frozenset()
    """Exceptions that count although somebody is spoken of anew between them and the danger."""
    lasting: Lasting = Lasting.NOW
    heeds: frozenset[str] = frozenset()
    """Which surroundings of the words take the danger out of them: see `scope.Doubt`."""
    ask: str = ""
    examples: tuple[Example, ...] = ()
    weighs: float = 0.0
    """Of the rule that has no patterns: how much the words must weigh together, see `weighing.Scale`."""
    excused_from: float = 0.0
    """Of that rule too: the weight from which no exception takes away what another rule sees."""
    doubted_from: float = 0.0
    """The weight from which a "not", an if or people at large takes nothing away either."""
    stated_from: float = 0.0
    """The weight from which they do not where the danger has a verb of its own: "is bleeding out"."""
    spoken_of_from: float = 0.0
    """The weight from which it is heard although an if, people at large or an animal was spoken of."""
    own: bool = False
    """Whether a clinic added the rule or raised its level."""


@dataclass(frozen=True, slots=True)
class Question:
    """A clarifying question that can be answered with yes or no, and what a yes means."""

    id: str
    text: str
    kind: FindingKind
    reason: str
    source: str
