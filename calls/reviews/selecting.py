"""Which calls of a week come up for review, and why. Pure: calls, sampling and the hour come in as arguments.

A call's reason is also its group in the measured figures. Chance is a hash of the call's id, so that everyone who asks
gets the same calls, and a call that came up once does not fall out again while its week goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from hashlib import sha256
from uuid import UUID

ALARM = "alarm"
ESCALATED = "escalated"
FAILED = "failed"
PILOT = "pilot"
SAMPLED = "sampled"
PICKED = "picked"
REST = ""
"""Nothing went wrong and chance did not choose it: the rest of the sampled group."""

ALARM_REASONS = frozenset({"emergency", "crisis"})
FAILED_REASONS = frozenset({"not_understood", "model_unstable", "too_long", "no_progress"})
FAILED_OUTCOMES = frozenset({"abandoned", "failed"})

_TOP = float(1 << 64)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One real call that is over. `raised` are the reasons of its escalations, `pilot` its place among the first."""

    id: UUID
    started_at: datetime
    outcome: str = ""
    raised: frozenset[str] = frozenset()
    pilot: bool = False


@dataclass(frozen=True, slots=True)
class Sampling:
    """How many of the calls that nothing went wrong in are reviewed: a share, but at least and at most so many."""

    percent: int
    least: int
    most: int


def week_of(moment: datetime, zone: tzinfo) -> str:
    """The ISO week of a moment on the clinic's wall clock, as "2026-W47"; weeks sort as text."""
    year, week, _ = moment.astimezone(zone).isocalendar()
    return f"{year}-W{week:02}"


def bounds(week: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """The first moment of a week and of the next, in UTC. Raises ValueError when there is no such week."""
    monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1) if _looks_right(week) else None
    if monday is None:
        raise ValueError(f"{week!r} is no ISO week.")
    first, last = (datetime.combine(day, time(), zone) for day in (monday, monday + timedelta(days=7)))
    return first.astimezone(UTC), last.astimezone(UTC)


def _looks_right(week: str) -> bool:
    return len(week) == 8 and week[4:6] == "-W" and week.isascii() and (week[:4] + week[6:]).isdigit()


def weeks_before(week: str, count: int) -> list[str]:
    """`count` weeks ending with this one, oldest first."""
    monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
    days = [monday - timedelta(days=7 * back) for back in range(count - 1, -1, -1)]
    return [f"{day.isocalendar().year}-W{day.isocalendar().week:02}" for day in days]


def chance(call_id: UUID) -> float:
    """A number from 0 to 1 that belongs to this call: the same wherever and whenever it is asked."""
    return int.from_bytes(sha256(b"review:" + call_id.bytes).digest()[:8], "big") / _TOP


def why(call: Candidate) -> str:
    """Why a call comes up whatever chance says; "" when only chance can choose it."""
    if call.raised & ALARM_REASONS:
        return ALARM
    if call.raised & FAILED_REASONS or call.outcome in FAILED_OUTCOMES:
        return FAILED
    if call.raised:
        return ESCALATED
    return PILOT if call.pilot else REST


def select(
    calls: Iterable[Candidate], sampling: Sampling, *, over: bool, reviewed: Mapping[UUID, str]
) -> dict[UUID, str]:
    """The group of every call of one week; `REST` are those that do not come up.

    The least number is made up only when the week is over, from the next in the order of chance: during the week the
    list only grows. `reviewed` has the group in which each reviewed call was seen: a sampled one stays sampled
    whatever the policy says now, and one that nothing chose was picked by hand, which is a group of its own.
    """
    groups = {call.id: why(call) for call in calls}
    drawn = sorted((call_id for call_id, group in groups.items() if group == REST), key=chance)
    wanted = sum(chance(call_id) * 100 < sampling.percent for call_id in drawn)
    if over:
        wanted = max(wanted, sampling.least)
    wanted = min(wanted, sampling.most)
    groups.update(dict.fromkeys(drawn[:wanted], SAMPLED))
    for call_id in drawn[wanted:]:
        if call_id in reviewed:
            groups[call_id] = SAMPLED if reviewed[call_id] == SAMPLED else PICKED
    return groups
