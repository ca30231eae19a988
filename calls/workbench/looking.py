"""Looks at once at what a rule would change: in this clinic's last months of calls, and in the shipped corpus."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from calls.dialogue.safety import Added
from calls.dialogue.safety.comparing import Comparison, Different, Said, compare
from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.safety.measuring import Row
from calls.dialogue.types import ESCALATES_NOW, Finding, FindingKind
from calls.models import Review, ReviewVerdict, Turn

DAYS = 90
MOST_UTTERANCES = 20_000
SECONDS = 2.5
SHOWN = 20
EARLIER = 2
"""Utterances before one that it is judged together with, as on the phone."""


@dataclass(frozen=True, slots=True)
class Where:
    """The turn of a call that an utterance is."""

    call_id: UUID
    n: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence as a preview shows it."""

    words: str
    before: Finding | None
    after: Finding | None
    where: Where | None = None
    label: str = ""
    reviewed: str = ""


@dataclass
class Calls:
    """What changes in the clinic's own calls."""

    looked_at: int
    of: int
    finished: bool
    seconds: float
    fires: int
    worse: list[Line]
    milder: list[Line]
    confirmed: int = 0
    """Of `worse`: a reviewer had called the emergency missed."""
    refuted: int = 0
    """Of `worse`: a reviewer had found the call judged right without this."""

    @property
    def shown(self) -> list[Line]:
        return self.worse[:SHOWN]

    @property
    def shown_milder(self) -> list[Line]:
        return self.milder[:SHOWN]


@dataclass
class Corpus:
    """What changes among our own labelled sentences."""

    rows: int
    looked_at: int
    routine: int
    fires: int
    caught: list[Line] = field(default_factory=list)
    alarming: list[Line] = field(default_factory=list)
    flagged: list[Line] = field(default_factory=list)
    milder: list[Line] = field(default_factory=list)

    @property
    def alarming_percent(self) -> float:
        return 100 * len(self.alarming) / self.routine if self.routine else 0.0


@dataclass(frozen=True)
class Preview:
    """Both looks together."""

    calls: Calls
    corpus: Corpus

    @property
    def call_ids(self) -> list[UUID]:
        """The calls whose words are shown."""
        lines = (*self.calls.shown, *self.calls.shown_milder)
        return list(dict.fromkeys(line.where.call_id for line in lines if line.where))


def preview(*, before: Sequence[Added], after: Sequence[Added], now: datetime, seconds: float = SECONDS) -> Preview:
    """What changes between two sets of own rules, newest calls first, in bounded time."""
    calls = in_calls(before, after, now=now, seconds=seconds)
    return Preview(calls=calls, corpus=in_corpus(before, after, seconds=seconds))


def in_calls(before: Sequence[Added], after: Sequence[Added], *, now: datetime, seconds: float = SECONDS) -> Calls:
    """The clinic's calls of the last 90 days without test calls, at most so many utterances and seconds."""
    started = time.monotonic()
    said, total = utterances(since=now - timedelta(days=DAYS))
    found = compare(said, before=before, after=after, out_of_time=_after(started + seconds))
    labels = _reviews(found)
    calls = Calls(
        looked_at=found.looked_at,
        of=total,
        finished=found.finished and found.looked_at == total,
        seconds=round(time.monotonic() - started, 1),
        fires=found.fires,
        worse=[_line(one, labels) for one in found.worse],
        milder=[_line(one, labels) for one in found.milder],
    )
    calls.confirmed = sum(line.reviewed == ReviewVerdict.MISSED for line in calls.worse)
    calls.refuted = sum(line.reviewed in (ReviewVerdict.CORRECT, ReviewVerdict.FALSE_ALARM) for line in calls.worse)
    return calls


def utterances(*, since: datetime) -> tuple[list[Said], int]:
    """What callers have said, newest first, each with what they said just before; and how much there is in all."""
    spoken = Turn.objects.open_to_all().filter(call__test=False, at__gte=since, words__blank=False)
    rows = list(spoken.opened("at", "words", "language", "confidence").order_by("-id")[:MOST_UTTERANCES])
    by_call: dict[UUID, list[tuple[int, str]]] = {}
    for turn in rows:
        by_call.setdefault(turn.call_id, []).append((turn.n, turn.words))
    said = [
        Said(
            turn.words,
            turn.language,
            Where(turn.call_id, turn.n, turn.at),
            turn.confidence,
            _before(by_call[turn.call_id], turn.n),
        )
        for turn in rows
    ]
    return said, len(rows) if len(rows) < MOST_UTTERANCES else spoken.count()


def _before(of_call: list[tuple[int, str]], n: int) -> tuple[str, ...]:
    earlier = sorted(pair for pair in of_call if pair[0] < n)[-EARLIER:]
    return tuple(words for _, words in earlier)


def _after(deadline: float) -> Callable[[], bool]:
    return lambda: time.monotonic() >= deadline


def _reviews(found: Comparison) -> dict[UUID, str]:
    """What reviewers said of the calls in which something changes."""
    ids = {one.said.about.call_id for one in (*found.worse, *found.milder)}  # type: ignore[attr-defined]
    return dict(Review.objects.standing().filter(call_id__in=ids).values_list("call_id", "verdict"))


def _line(one: Different, labels: dict[UUID, str]) -> Line:
    where = one.said.about
    assert isinstance(where, Where)
    return Line(one.said.words, one.before, one.after, where, reviewed=labels.get(where.call_id, ""))


# --- The corpus ----------------------------------------------------------------------------------------------------
def in_corpus(before: Sequence[Added], after: Sequence[Added], *, seconds: float = SECONDS) -> Corpus:
    """The shipped sentences that would be judged otherwise, by what that means for their label; bounded, too."""
    rows = shipped_corpus()
    said = [Said(row.text, row.lang, row) for row in rows]
    found = compare(said, before=before, after=after, out_of_time=_after(time.monotonic() + seconds))
    routine = sum(row.counts and not row.must_escalate for row in rows[: found.looked_at])
    corpus = Corpus(len(rows), found.looked_at, routine, found.fires)
    for one in found.worse:
        _list_of(corpus, one).append(_row_line(one))
    corpus.milder = [_row_line(one) for one in found.milder]
    return corpus


def _list_of(corpus: Corpus, one: Different) -> list[Line]:
    row = one.said.about
    assert isinstance(row, Row)
    alarms = one.after is not None and one.after.kind in ESCALATES_NOW
    if row.must_escalate:
        return corpus.caught if alarms else corpus.flagged
    if alarms and row.counts and row.label != FindingKind.URGENT:
        return corpus.alarming
    return corpus.flagged


def _row_line(one: Different) -> Line:
    row = one.said.about
    assert isinstance(row, Row)
    return Line(row.text, one.before, one.after, label=row.label)
