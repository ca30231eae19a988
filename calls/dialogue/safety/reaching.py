"""Measures where callers end up: the intent of their words, and whether they are put through to a person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from calls.dialogue.control import half_heard
from calls.dialogue.people import ASKS_FOR_PERSON
from calls.dialogue.safety.measuring import Row, Share
from calls.dialogue.safety.triage import Understand, intent_of
from calls.dialogue.state import State
from calls.dialogue.types import FindingKind, Heard, Intent, Lang, Verdict
from calls.dialogue.waiting import HARMLESS

REACHES: dict[str, frozenset[str]] = {
    "appointment": frozenset({Intent.APPOINTMENT.value, Intent.CANCEL_APPOINTMENT.value}),
    # The public rows have no label for bills: a question about one is a general question there.
    "general": frozenset({Intent.GENERAL.value, Intent.BILLING.value}),
    **{
        one.value: frozenset({one.value})
        for one in (
            *(Intent.CANCEL_APPOINTMENT, Intent.CALLBACK, Intent.REFILL, Intent.TEST_RESULT, Intent.MEDICAL_ADVICE),
            *(Intent.HUMAN_REQUEST, Intent.BILLING),
        )
    },
}
"""The labels that say where a caller should end up, and the intents that are right for each."""

_PERSON = FindingKind.HUMAN_REQUEST.value
_ASKS_FOR_A_BOT = ("is a bot", "bot question", "pregunta por el robot")


@dataclass
class Reached:
    """Where the callers of one language ended up."""

    lang: str
    right: int = 0
    routed: int = 0
    wrong: list[tuple[Row, str]] = field(default_factory=list)
    confusion: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    connected: int = 0
    asked: int = 0
    not_connected: list[Row] = field(default_factory=list)
    bot_questions: int = 0
    bots_connected: list[Row] = field(default_factory=list)
    others: int = 0
    others_connected: list[Row] = field(default_factory=list)

    @property
    def accuracy(self) -> Share:
        return Share(self.right, self.routed)

    @property
    def people(self) -> Share:
        """Of those who asked for a person, the ones who are put through."""
        return Share(self.connected, self.asked)

    @property
    def false_transfers(self) -> Share:
        """Of those who asked whether they talk to a bot, the ones who are put through although they did not ask."""
        return Share(len(self.bots_connected), self.bot_questions)

    @property
    def stray_transfers(self) -> Share:
        """Of all who wanted something else, the ones who are put through."""
        return Share(len(self.others_connected), self.others)


def reached(rows: Sequence[Row], verdicts: Sequence[Verdict], understand: Understand) -> dict[str, Reached]:
    """The figures of each language, from the verdict on every row and what its words mean."""
    figures: dict[str, Reached] = {}
    for row, verdict in zip(rows, verdicts, strict=True):
        meaning = understand(row.text, row.lang)
        one = figures.setdefault(row.lang, Reached(row.lang))
        _route(one, row, intent_of(meaning).value)
        sure = meaning.intent is Intent.HUMAN_REQUEST and meaning.confidence >= ASKS_FOR_PERSON
        _connect(one, row, connected=sure or verdict.has(FindingKind.HUMAN_REQUEST))
    return figures


def asks_again(understand: Understand, said: str, lang: str, verdict: Verdict) -> bool:
    """Whether the phone asks who says this to say it again, as the first words of a call."""
    if any(one.kind not in HARMLESS for one in verdict.findings):
        return False
    meaning = understand(said, lang)
    half = half_heard(State(lang=Lang(lang)), Heard(words=said), meaning)
    return half or (intent_of(meaning) is Intent.UNCLEAR and not verdict.findings)


def _route(one: Reached, row: Row, intent: str) -> None:
    one.confusion[row.label][intent] += 1
    right = REACHES.get(row.label)
    if right is None:
        return
    one.routed += 1
    one.right += intent in right
    if intent not in right:
        one.wrong.append((row, intent))


def _connect(one: Reached, row: Row, *, connected: bool) -> None:
    if any(words in row.note for words in _ASKS_FOR_A_BOT):
        one.bot_questions += 1
        if connected:
            one.bots_connected.append(row)
    elif row.label == _PERSON:
        one.asked += 1
        one.connected += connected
        if not connected:
            one.not_connected.append(row)
    elif "acceptable" not in row.note and row.label not in ("emergency", "crisis", "distress"):
        one.others += 1
        if connected:
            one.others_connected.append(row)
