"""Measures the rules on labelled utterances: recall with its interval, false alarms, every miss by name.

The policy: `emergency` rows must escalate; `urgent` rows and rows whose note says "acceptable" count neither way;
everything else must not raise an emergency, and rows noted as hard negatives are also counted on their own.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import sqrt

from calls.dialogue.safety.find import find
from calls.dialogue.safety.rule_file import LANGUAGES
from calls.dialogue.safety.variants import Variant, truncated
from calls.dialogue.types import ESCALATES_NOW, FindingKind, Verdict
from clinics.words import gettext

LABELS = frozenset(
    {
        *("emergency", "crisis", "urgent", "distress", "routine_medical", "medical_advice", "test_result", "refill"),
        *("human_request", "callback", "appointment", "cancel_appointment", "billing", "general", "other"),
    }
)
_MUST_ESCALATE = frozenset({"emergency", "crisis"})
_CONFIDENT = 1.96


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled utterance."""

    id: str
    text: str
    lang: str
    label: str
    note: str = ""

    @property
    def must_escalate(self) -> bool:
        return self.label in _MUST_ESCALATE

    @property
    def counts(self) -> bool:
        return self.must_escalate or (self.label != FindingKind.URGENT and "acceptable" not in self.note)

    @property
    def hard(self) -> bool:
        return self.counts and not self.must_escalate and "hard negative" in self.note


class BadRows(ValueError):
    """A labelled file with lines that cannot be read: the number of each and what is wrong with it."""

    def __init__(self, wrong: Sequence[tuple[int, str]]) -> None:
        super().__init__("; ".join(f"line {number}: {problem}" for number, problem in wrong))
        self.wrong = tuple(wrong)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    of: int

    @property
    def rate(self) -> float:
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval: honest for small numbers and near 0 and 1."""
        if not self.of:
            return 0.0, 1.0
        square = _CONFIDENT**2
        middle = self.rate + square / (2 * self.of)
        spread = _CONFIDENT * sqrt(self.rate * (1 - self.rate) / self.of + square / (4 * self.of**2))
        whole = 1 + square / self.of
        return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)

    def __str__(self) -> str:
        low, high = self.interval
        between = gettext("%(low)s to %(high)s") % {"low": f"{low:.1%}", "high": f"{high:.1%}"}
        return f"{self.hits}/{self.of} = {self.rate:.1%} ({between})"


@dataclass
class Measured:
    """What the rules made of one language's rows."""

    lang: str
    caught: int = 0
    asked: int = 0
    """Emergencies that are not caught by these words, and about which the caller is asked at once."""
    passed_on: int = 0
    """Those that reach a person the same day or are offered one: urgent, or in distress."""
    again: int = 0
    """Those that say nothing of danger, and after which the caller is asked to say it again."""
    emergencies: int = 0
    missed: list[Row] = field(default_factory=list)
    others: int = 0
    alarms: list[tuple[Row, str]] = field(default_factory=list)
    hard: int = 0
    by_label: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def recall(self) -> Share:
        return Share(self.caught, self.emergencies)

    @property
    def asked_about(self) -> Share:
        return Share(self.asked, self.emergencies)

    @property
    def elsewhere(self) -> Share:
        """The emergencies of which nobody asks or hears: they are taken for something else."""
        left = self.emergencies - self.caught - self.asked - self.passed_on - self.again
        return Share(left, self.emergencies)

    @property
    def urgent(self) -> Share:
        return Share(self.passed_on, self.emergencies)

    @property
    def said_again(self) -> Share:
        return Share(self.again, self.emergencies)

    @property
    def false_alarms(self) -> Share:
        return Share(len(self.alarms), self.others)

    @property
    def hard_negatives(self) -> Share:
        return Share(sum(row.hard for row, _ in self.alarms), self.hard)


def read_rows(lines: Iterable[str]) -> list[Row]:
    """The labelled rows of a JSON Lines file. Raises `BadRows` with every line that is none, by its number."""
    rows: list[Row] = []
    seen: dict[str, int] = {}
    wrong: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row = _row(line.removeprefix("\ufeff"))
        if isinstance(row, Row) and row.id in seen:
            row = f"the id {row.id} stands on line {seen[row.id]} already"
        if isinstance(row, str):
            wrong.append((number, row))
            continue
        seen[row.id] = number
        rows.append(row)
    if wrong:
        raise BadRows(wrong)
    return rows


def _row(line: str) -> Row | str:
    """The row of a line, or what is wrong with it."""
    try:
        one = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"
    if not isinstance(one, dict):
        return 'not an object with "id", "text", "lang" and "label"'
    missing = [name for name in ("id", "text", "lang", "label") if not isinstance(one.get(name), str | int)]
    if missing:
        return f"without {' and '.join(missing)}"
    if one["lang"] not in LANGUAGES:
        return f"the language {one['lang']!r} is not one of {', '.join(LANGUAGES)}"
    if one["label"] not in LABELS:
        return f"the label {one['label']!r} is not one of {', '.join(sorted(LABELS))}"
    return Row(str(one["id"]), str(one["text"]), one["lang"], one["label"], str(one.get("note") or ""))


Judge = Callable[[str, str], Verdict]
"""A verdict, given the words and the language."""


AsksAgain = Callable[[str, str, Verdict], bool]
"""Whether who says these words is asked to say it again, given the language and the verdict."""


def in_one_turn(text: str, lang: str) -> Verdict:
    return find(text, lang=lang)


def in_two_turns(text: str, lang: str, *, judge: Judge = in_one_turn) -> Verdict:
    """The worse verdict of a sentence that the recogniser cut in two: the second part knows the first."""
    said = truncated(text, lang)
    first = judge(said, lang)
    return first if first.has(*ESCALATES_NOW) else find(text[len(said) :], lang=lang, earlier=[said])


def measure(
    rows: Sequence[Row],
    change: Variant | None = None,
    judge: Judge = in_one_turn,
    asks_again: AsksAgain = lambda said, lang, verdict: False,
) -> dict[str, Measured]:
    """The figures of each language, with every sentence changed by `change` first."""
    figures: dict[str, Measured] = {}
    for row in rows:
        said = change(row.text, row.lang) if change else row.text
        verdict = judge(said, row.lang)
        measured = figures.setdefault(row.lang, Measured(row.lang))
        measured.by_label[row.label][verdict.worst.kind.value if verdict.worst else "none"] += 1
        _count(measured, row, verdict, partial(asks_again, said, row.lang, verdict))
    return figures


def _count(measured: Measured, row: Row, verdict: Verdict, asks_again: Callable[[], bool]) -> None:
    if not row.counts:
        return
    escalates = verdict.has(*ESCALATES_NOW)
    if row.must_escalate:
        measured.emergencies += 1
        measured.caught += escalates
        if not escalates:
            _count_missed(measured, verdict, asks_again)
            measured.missed.append(row)
        return
    measured.others += 1
    measured.hard += row.hard
    if escalates:
        measured.alarms.append((row, verdict.worst.rule if verdict.worst else ""))


def _count_missed(measured: Measured, verdict: Verdict, asks_again: Callable[[], bool]) -> None:
    """What becomes of an emergency that these words do not tell; if nothing of it, it is taken for something else."""
    if verdict.ask:
        measured.asked += 1
    elif verdict.has(FindingKind.URGENT, FindingKind.DISTRESS):
        measured.passed_on += 1
    else:
        measured.again += asks_again()
