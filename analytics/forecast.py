"""How many calls a half hour will bring: what the same half hour of the same weekday brought lately. Pure.

The mean of the last six such days, nothing cleverer, so that anybody can check it by hand. `back_test` plays it over
past days, each time with what was known before that day, and says how far off it was; beside it how far off one is who
only looks at the same day of the week before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WEEKS = 6
LEAST = 3
"""With fewer such days nothing is forecast."""
TESTED_DAYS = 28
HALF_HOURS = 48

History = Mapping[date, Sequence[int]]
"""Calls of each half hour of each known day; a day without calls is known as well."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The calls expected in each half hour of a day; `low` and `high` are the least and most of its days."""

    day: date
    expected: tuple[float, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    made_of: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class BackTest:
    """How far off it was over `days` past days: calls a half hour on average, and of all calls the share misplaced.

    `as_last_week` is the first of the two for who expects the same as a week before.
    """

    days: int
    off_by: float
    share_off: float | None
    as_last_week: float


def forecast(history: History, day: date) -> Forecast | None:
    """What a day will bring, from days before it; None when too few are known."""
    days = [day - timedelta(weeks=back) for back in range(1, WEEKS + 1)]
    known = [one for one in days if one in history]
    if len(known) < LEAST:
        return None
    columns = list(zip(*(history[one] for one in known), strict=True))
    return Forecast(
        day,
        tuple(sum(column) / len(column) for column in columns),
        tuple(map(min, columns)),
        tuple(map(max, columns)),
        tuple(known),
    )


def back_test(history: History, *, until: date) -> BackTest | None:
    """How the last four weeks before `until` would have been forecast; None when none of them could."""
    days = [until - timedelta(days=back) for back in range(1, TESTED_DAYS + 1)]
    tried = [(made, history[day]) for day in days if day in history and (made := forecast(history, day))]
    if not tried:
        return None
    off = sum(abs(one - real) for made, reals in tried for one, real in zip(made.expected, reals, strict=True))
    naive = sum(
        abs(before - real)
        for made, reals in tried
        for before, real in zip(history[made.made_of[0]], reals, strict=True)
    )
    calls = sum(sum(reals) for _, reals in tried)
    half_hours = len(tried) * HALF_HOURS
    return BackTest(len(tried), off / half_hours, off / calls if calls else None, naive / half_hours)
