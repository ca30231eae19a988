"""The figures of the workbench: how the rules do on the corpus, and what they found in this clinic's calls."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from uuid import UUID

from calls.dialogue.safety import Added, find
from calls.dialogue.safety.comparing import Said, compare
from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.safety.find import shipped
from calls.dialogue.safety.measuring import Measured, Row, Share, measure
from calls.dialogue.types import FindingKind, Verdict
from calls.models import Review, ReviewVerdict, Turn
from calls.workbench.looking import DAYS

NEWEST = 15
MOST_TURNS = 20_000
DANGERS = frozenset({FindingKind.EMERGENCY, FindingKind.CRISIS, FindingKind.URGENT, FindingKind.DISTRESS})


@dataclass(frozen=True, slots=True)
class Fired:
    """How often one rule fired in the clinic's calls, and what reviewers called false."""

    rule: str
    kind: str
    times: int
    calls: int
    false: int
    own: bool


@dataclass(frozen=True, slots=True)
class Newest:
    """One finding, without the words that raised it."""

    rule: str
    kind: str
    reason: str
    version: str
    own: bool
    at: datetime
    call_id: UUID


@dataclass(frozen=True, slots=True)
class Findings:
    """What the rules found in the clinic's calls."""

    fired: list[Fired]
    newest: list[Newest]
    silent: int
    """How many danger rules did not fire once."""
    of: int
    turns: int


@dataclass(frozen=True, slots=True)
class OnTheCorpus:
    """The figures on the shipped sentences, or how far measuring them has come."""

    done: int
    of: int
    languages: dict[str, Measured] | None = None


def on_the_corpus(added: tuple[Added, ...], *, seconds: float) -> OnTheCorpus:
    """Recall and false alarms of the shipped rules and these, on the sentences that ship with them.

    The first look of a process takes seconds of work, so it goes as far as `seconds` allow and the next one goes on
    from there. Own rules cost no more than the few sentences that they could change.
    """
    rows, until = _rows(), time.monotonic() + seconds
    for done, row in enumerate(rows, start=1):
        if (row.text, row.lang) not in _as_shipped:
            _as_shipped[row.text, row.lang] = find(row.text, lang=row.lang)
            if done < len(rows) and time.monotonic() >= until:
                return OnTheCorpus(done, len(rows))
    return OnTheCorpus(len(rows), len(rows), _measured(added))


@cache
def _rows() -> tuple[Row, ...]:
    """The shipped sentences, read once a process: they are asked for at every piece."""
    return tuple(shipped_corpus())


_as_shipped: dict[tuple[str, str], Verdict] = {}
"""What the shipped rules say of each shipped sentence, filled at the first looks of a process."""


@lru_cache(maxsize=64)
def _measured(added: tuple[Added, ...]) -> dict[str, Measured]:
    rows = _rows()
    found = compare([Said(row.text, row.lang, row.id) for row in rows], before=(), after=added)
    otherwise = {
        (one.said.words, one.said.lang): Verdict((one.after,) if one.after else ())
        for one in (*found.worse, *found.milder)
    }
    return measure(rows, judge=lambda text, lang: otherwise.get((text, lang)) or _as_shipped[text, lang])


def findings(*, now: datetime) -> Findings:
    """Every rule that fired in 90 days of real calls, most often first, and the newest findings."""
    found = Turn.objects.filter(call__test=False, at__gte=now - timedelta(days=DAYS)).filter(findings__blank=False)
    turns = list(found.opened("at", "findings").order_by("-id")[:MOST_TURNS])
    told = [_newest(one, turn) for turn in turns for one in turn.findings]
    false = _called_false(now)
    return Findings(
        fired=_by_rule(told, false),
        newest=sorted((one for one in told if one.kind in DANGERS), key=lambda one: one.at, reverse=True)[:NEWEST],
        **_silent({one.rule for one in told}),
        turns=len(turns),
    )


def _newest(one: dict[str, str], turn: Turn) -> Newest:
    own = bool(one.get("own"))
    return Newest(one["rule"], one["kind"], one["reason"], one.get("version", ""), own, turn.at, turn.call_id)


def _by_rule(told: list[Newest], false: Counter[str]) -> list[Fired]:
    times = Counter(one.rule for one in told)
    calls = {rule: {one.call_id for one in told if one.rule == rule} for rule in times}
    first = {one.rule: one for one in reversed(told)}
    rows = [
        Fired(rule, first[rule].kind, count, len(calls[rule]), false[rule], first[rule].own)
        for rule, count in times.items()
    ]
    return sorted(rows, key=lambda row: (-row.times, row.rule))


def _called_false(now: datetime) -> Counter[str]:
    """How many reviewed calls name this rule's alarm a false one."""
    reviews = Review.objects.standing().filter(
        verdict=ReviewVerdict.FALSE_ALARM, call__test=False, call__started_at__gte=now - timedelta(days=DAYS)
    )
    return Counter(reviews.exclude(rule="").values_list("rule", flat=True))


def _silent(heard: set[str]) -> dict[str, int]:
    dangers = {one.id for lang in shipped().languages.values() for one in lang.rules if one.kind in DANGERS}
    return {"silent": len(dangers - heard), "of": len(dangers)}


def times_of(rule: str, *, now: datetime) -> int:
    """How many turns of real calls a rule fired in within 90 days."""
    found = Turn.objects.filter(call__test=False, at__gte=now - timedelta(days=DAYS))
    return found.with_rule(rule).count()


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What reviewers found wrong, call by call, without a word of what was said."""

    reviews: int
    wrong_intent: int
    missed: list[Review]
    false: list[Review]

    @property
    def routed(self) -> Share:
        """Of the reviewed calls, those whose intent was right."""
        return Share(self.reviews - self.wrong_intent, self.reviews)


def reviewed(*, now: datetime) -> Reviewed:
    """The standing reviews of 90 days of real calls."""
    since = now - timedelta(days=DAYS)
    standing = Review.objects.standing().filter(call__test=False, call__started_at__gte=since)
    counts = Counter(standing.values_list("verdict", flat=True))
    wrong = standing.filter(verdict__in=(ReviewVerdict.MISSED, ReviewVerdict.FALSE_ALARM)).order_by("-at")
    rows = list(wrong[: 2 * NEWEST])
    return Reviewed(
        reviews=sum(counts.values()),
        wrong_intent=counts[ReviewVerdict.WRONG_INTENT],
        missed=[one for one in rows if one.verdict == ReviewVerdict.MISSED],
        false=[one for one in rows if one.verdict == ReviewVerdict.FALSE_ALARM],
    )
