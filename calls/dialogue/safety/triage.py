"""Judges labelled or unlabelled utterances in bulk: JSON Lines in, one verdict a line out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass

from calls.dialogue.safety.find import find
from calls.dialogue.types import Control, Intent, Lang, Meaning

Understand = Callable[[str, str], Meaning]
"""What the words mean, given the words and the language."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One line of the input."""

    id: str
    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One line of the output; the fields are the contract of `manage.py triage`."""

    id: str
    finding: str
    reason: str
    rules: tuple[str, ...]
    intent: str
    confidence: float


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that could not be read, by its number in the file, and what is wrong with it."""

    number: int
    problem: str


def triage(lines: Iterable[str], *, understand: Understand, lang: str = "") -> Iterator[Judged | BadLine]:
    """Judges every line; a bad one is reported in its place and the others go on. `lang` overrides the rows'."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row = read_utterance(line, lang)
        yield BadLine(number, row) if isinstance(row, str) else judge(row, understand)


def read_utterance(line: str, lang: str = "") -> Utterance | str:
    """The utterance of a line, or a sentence that says why there is none."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"
    if not isinstance(row, dict):
        return 'not an object with "id", "text" and "lang"'
    if not isinstance(row.get("text"), str):
        return '"text" is missing or not a string'
    spoken = lang or row.get("lang") or Lang.EN.value
    if spoken not in {one.value for one in Lang}:
        return f'"lang" is {spoken!r}; it is one of {", ".join(Lang)}'
    return Utterance(id=str(row.get("id", "")), text=row["text"], lang=spoken)


def judge(row: Utterance, understand: Understand) -> Judged:
    """The verdict and the intent of one utterance."""
    verdict = find(row.text, lang=row.lang)
    meaning = understand(row.text, row.lang)
    worst = verdict.worst
    return Judged(
        id=row.id,
        finding=worst.kind.value if worst else "none",
        reason=worst.reason if worst else "",
        rules=tuple(found.rule for found in verdict.findings),
        intent=intent_of(meaning).value,
        confidence=round(meaning.confidence, 2),
    )


_TO_THE_PHONE = frozenset({Control.REPEAT, Control.WAIT})


def intent_of(meaning: Meaning) -> Intent:
    """What is wanted; a word to the phone itself, such as "repeat please", is answered like a general question."""
    alone = meaning.intent is Intent.UNCLEAR and meaning.controls & _TO_THE_PHONE
    return Intent.GENERAL if alone else meaning.intent


def as_json(judged: Judged) -> str:
    return json.dumps(asdict(judged), ensure_ascii=True)
