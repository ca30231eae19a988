"""Measures the rules on labelled utterances: recall with its interval, false alarms, every miss by name.

The policy: `emergency` rows must escalate; `urgent` rows and rows whose note says "acceptable" count neither way;
everything else must not raise an emergency, and rows noted as hard negatives are also counted on their own.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt
from random import Random

from calls.dialogue.safety.find import RULES_VERSION, find
from calls.dialogue.safety.variants import Variant, misheard, plain, truncated, with_fillers
from calls.dialogue.types import ESCALATES_NOW, FindingKind, Verdict

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
        return f"{self.hits}/{self.of} = {self.rate:.1%} ({low:.1%} to {high:.1%})"


@dataclass
class Measured:
    """What the rules made of one language's rows."""

    lang: str
    caught: int = 0
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
    def false_alarms(self) -> Share:
        return Share(len(self.alarms), self.others)

    @property
    def hard_negatives(self) -> Share:
        return Share(sum(row.hard for row, _ in self.alarms), self.hard)


def read_rows(lines: Iterable[str]) -> list[Row]:
    """The labelled rows of a JSON Lines file."""
    rows = [json.loads(line) for line in lines if line.strip()]
    return [Row(str(one["id"]), one["text"], one["lang"], one["label"], one.get("note") or "") for one in rows]


Judge = Callable[[str, str], Verdict]
"""A verdict, given the words and the language."""


def in_one_turn(text: str, lang: str) -> Verdict:
    return find(text, lang=lang)


def in_two_turns(text: str, lang: str) -> Verdict:
    """The worse verdict of a sentence that the recogniser cut in two: the second part knows the first."""
    said = truncated(text, lang)
    first, second = find(said, lang=lang), find(text[len(said) :], lang=lang, earlier=[said])
    return first if first.has(*ESCALATES_NOW) else second


def measure(rows: Sequence[Row], change: Variant | None = None, judge: Judge = in_one_turn) -> dict[str, Measured]:
    """The figures of each language, with every sentence changed by `change` first."""
    figures: dict[str, Measured] = {}
    for row in rows:
        verdict = judge(change(row.text, row.lang) if change else row.text, row.lang)
        measured = figures.setdefault(row.lang, Measured(row.lang))
        measured.by_label[row.label][verdict.worst.kind.value if verdict.worst else "none"] += 1
        rule = verdict.worst.rule if verdict.worst else ""
        _count(measured, row, verdict.has(*ESCALATES_NOW), rule)
    return figures


def _count(measured: Measured, row: Row, escalates: bool, rule: str) -> None:
    if not row.counts:
        return
    if row.must_escalate:
        measured.emergencies += 1
        measured.caught += escalates
        if not escalates:
            measured.missed.append(row)
        return
    measured.others += 1
    measured.hard += row.hard
    if escalates:
        measured.alarms.append((row, rule))


def variants(rows: Sequence[Row], seed: int = 1) -> dict[str, Variant]:
    """The changed speech that the rules must bear, by name."""
    return {
        "lower case, no punctuation": plain,
        "with fillers": with_fillers(Random(seed)),
        "one word in ten misheard": misheard(Random(seed), [row.text for row in rows]),
        "cut off at 70 %": truncated,
    }


def report(rows: Sequence[Row]) -> str:
    """The whole report as text."""
    lines = [f"rules {RULES_VERSION}, {len(rows)} rows"]
    figures = measure(rows)
    for measured in figures.values():
        lines.extend(_about(measured))
    lines.append("\nrecall when the speech is changed")
    for name, change in variants(rows).items():
        lines.append(_compared(name, measure(rows, change), figures))
    lines.append(_compared("cut at 70 %, both parts heard", measure(rows, judge=in_two_turns), figures))
    return "\n".join(lines)


def _compared(name: str, changed: dict[str, Measured], figures: dict[str, Measured]) -> str:
    shares = (
        f"{lang} {one.recall.rate:.1%} ({(one.recall.rate - figures[lang].recall.rate) * 100:+.1f}), "
        f"false alarms {one.false_alarms.rate:.1%}"
        for lang, one in changed.items()
    )
    return f"  {name:30} {'; '.join(shares)}"


def _about(measured: Measured) -> Iterable[str]:
    yield f"\n{measured.lang}: emergencies caught {measured.recall}"
    yield f"    false alarms {measured.false_alarms}; of hard negatives {measured.hard_negatives}"
    for label, found in sorted(measured.by_label.items()):
        yield f"    {label:16} " + ", ".join(f"{kind} {count}" for kind, count in found.most_common())
    for row in measured.missed:
        yield f"  missed       {row.id}: {row.text}"
    for row, rule in measured.alarms:
        yield f"  false alarm  {row.id}: {row.text} [{rule}]"
