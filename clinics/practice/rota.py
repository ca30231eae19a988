"""Who is on call at a moment, and when nobody is. Pure: shifts and the moment come in, in the clinic's own zone.

Whatever stands once replaces, while it lasts, what stands every week in the same place. Nights run past midnight and
nights with a changed clock are as long as they were: both are the arithmetic of `hours`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from clinics.practice.hours import Interval, Week, is_open

FIRST = 1
LOOK_EVERY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Duty:
    """One person's shift. `weekday` None means once, on `since`; `until` None means for ever."""

    person: UUID
    place: int
    weekday: int | None
    begins: time
    ends: time
    since: date
    until: date | None = None

    def begins_on(self, day: date) -> bool:
        """Whether it begins on this day."""
        if self.weekday is None:
            return day == self.since
        return day.weekday() == self.weekday and self.since <= day and (self.until is None or day <= self.until)

    def covers(self, at: datetime) -> bool:
        """Whether it runs at this moment."""
        if not any(self.begins_on(at.date() - timedelta(days=back)) for back in (0, 1)):
            return False
        around = [at.date() + timedelta(days=days) for days in (-1, 0, 1)]
        week = Week(tuple(Interval(day, self.begins, self.ends) for day in range(7)))
        return is_open(week, {day: () for day in around if not self.begins_on(day)}, at)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time in which nobody is on call in the first place."""

    begins: datetime
    ends: datetime


def on_call(rota: Sequence[Duty], at: datetime) -> tuple[tuple[UUID, ...], ...]:
    """The people of each place, the first place first, places without anybody left out."""
    held: dict[int, list[Duty]] = {}
    for duty in rota:
        if duty.covers(at):
            held.setdefault(duty.place, []).append(duty)
    return tuple(_people(held[place]) for place in sorted(held))


def gaps(rota: Sequence[Duty], *, since: datetime, days: int = 7) -> list[Gap]:
    """When nobody is in the first place in the days to come, to the quarter of an hour."""
    found: list[Gap] = []
    for moment in _moments(since, days):
        if any(duty.place == FIRST and duty.covers(moment) for duty in rota):
            continue
        begins = moment
        if found and found[-1].ends == moment:
            begins = found.pop().begins
        found.append(Gap(begins, _later(moment)))
    return found


def _people(duties: Sequence[Duty]) -> tuple[UUID, ...]:
    single = [duty for duty in duties if duty.weekday is None]
    return tuple(dict.fromkeys(duty.person for duty in single or duties))


def _moments(since: datetime, days: int) -> Iterator[datetime]:
    moment = since - timedelta(minutes=since.minute % 15, seconds=since.second, microseconds=since.microsecond)
    for _ in range(days * 96):
        yield moment
        moment = _later(moment)


def _later(moment: datetime) -> datetime:
    """A quarter of an hour of real time later: the wall clock may jump in between."""
    if moment.tzinfo is None:
        raise ValueError("The rota needs an aware moment in the clinic's zone.")
    return datetime.fromtimestamp(moment.timestamp() + LOOK_EVERY.total_seconds(), tz=moment.tzinfo)
