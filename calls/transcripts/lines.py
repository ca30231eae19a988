"""A transcript as its readers see it: who spoke and when, how sure the recogniser was, what was found and filled in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext

from calls.latency import Wait, heard_after, waits
from calls.models import Call, Correction, Turn
from clinics import recorded
from clinics.phones import readable
from clinics.words import day_words

DOUBTFUL = 0.6
"""Below this confidence the recogniser's words are shown as doubtful; Twilio gives 0 to 1, or nothing."""

TONES = {"emergency": "bad", "crisis": "bad", "urgent": "warn"}


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: its kind and reason in words, and the rule that made it."""

    kind: str
    reason: str
    rule: str
    version: str

    @property
    def words(self) -> str:
        """Kind and reason, or the one that says both."""
        kind = recorded.kind(self.kind)
        return kind if kind == self.reason else f"{kind}: {self.reason}"

    @property
    def tone(self) -> str:
        return TONES.get(self.kind, "info")


@dataclass(frozen=True, slots=True)
class Line:
    """One exchange: what the caller said, what was made of it, and what the telephone answered.

    `heard` is what the recogniser wrote; `words` is the same unless a person has corrected it.
    """

    turn: Turn
    words: str
    heard: str
    correction: Correction | None
    found: tuple[Found, ...]
    filled: tuple[tuple[str, str], ...]
    confidence: str
    doubtful: bool
    after: str

    @property
    def waits(self) -> list[Wait]:
        """The stages between the caller's last word and the answer's first sound; none before they were kept."""
        return waits(self.turn.stages)

    @property
    def heard_after(self) -> str:
        """How long the caller waited, in seconds with one decimal; "" where it is not known."""
        return f"{heard_after(self.turn.stages) / 1000:.1f}" if self.turn.stages else ""

    @property
    def n(self) -> int:
        return self.turn.n

    @property
    def silent(self) -> bool:
        return bool(self.n) and not (self.words or self.turn.digits or self.turn.state.get("held"))

    @property
    def corrections(self) -> int:
        """How often it was corrected: the number that the next correction must have seen."""
        return self.correction.number if self.correction else 0


def lines_of(call: Call) -> list[Line]:
    """The exchanges of a call in order, each with the correction that counts."""
    turns = list(call.turns.order_by("n"))
    latest = {one.turn_id: one for one in Correction.objects.of_call(call)}  # in order: the last one stays
    return [_line(turn, latest.get(turn.pk), call.started_at) for turn in turns]


def line_of(turn: Turn) -> Line:
    """One exchange as the recogniser and the telephone left it, whoever has corrected it since."""
    return _line(turn, None, turn.call.started_at)


def last_of(turns: Iterable[Line]) -> int:
    """The number of the last exchange, -1 when there is none."""
    return max((line.n for line in turns), default=-1)


def _line(turn: Turn, correction: Correction | None, began: datetime) -> Line:
    return Line(
        turn=turn,
        words=correction.words if correction else turn.words,
        heard=turn.words,
        correction=correction,
        found=tuple(_found(turn.findings)),
        filled=tuple((_named(name), _readable(name, str(value))) for name, value in turn.filled.items() if value),
        confidence=f"{turn.confidence:.0%}" if turn.words and turn.confidence is not None else "",
        doubtful=bool(turn.words) and turn.confidence is not None and turn.confidence < DOUBTFUL,
        after=clock(int((turn.at - began).total_seconds())),
    )


def _found(findings: Sequence[dict[str, str]]) -> Iterable[Found]:
    for one in findings:
        yield Found(one["kind"], recorded.said(one["reason"]), one["rule"], one.get("version", ""))


def _readable(field: str, value: str) -> str:
    """A day and a number as people read them; everything else in the caller's words."""
    if field == "callback_number":
        return readable(value)
    if field == "date_of_birth":
        try:
            return day_words(date.fromisoformat(value), "j F Y")
        except ValueError:  # what was heard is no day: it stands as it was heard
            return value
    return value


def _named(field: str) -> str:
    return recorded.field(field)


def caller_of(call: Call) -> str:
    """Who rang, as far as the reader may know."""
    if call.veiled:
        return gettext("Sensitive call")
    return readable(call.from_number) if call.from_number else gettext("Number withheld")


def clock(seconds: int) -> str:
    """A length of time as a telephone shows it: "0:07", "12:40"."""
    minutes, rest = divmod(max(0, seconds), 60)
    return f"{minutes}:{rest:02d}"
