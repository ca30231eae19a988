"""The stretch of days that a page of numbers is about, on the clinic's wall clock. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from clinics.words import gettext, gettext_noop

CHOICES = {
    1: gettext_noop("Today"),
    7: gettext_noop("7 days"),
    30: gettext_noop("30 days"),
    90: gettext_noop("90 days"),
}
USUAL = 7


@dataclass(frozen=True, slots=True)
class Span:
    """`days` whole days up to and including today; `since` and `until` are moments, `until` is not part of it."""

    days: int
    first: date
    since: datetime
    until: datetime
    zone: tzinfo

    @property
    def dates(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.days)]

    @property
    def moments(self) -> list[datetime]:
        """When each of its days begins."""
        return [midnight(day, self.zone) for day in self.dates]

    @property
    def label(self) -> str:
        return gettext(CHOICES[self.days])


def choices() -> list[tuple[int, str]]:
    """The spans that a page offers, in words."""
    return [(days, gettext(label)) for days, label in CHOICES.items()]


def span(asked: str, *, now: datetime, zone: tzinfo) -> Span:
    """The span that `?days=` asks for; what makes no sense is the usual week."""
    days = int(asked) if asked.isascii() and asked.isdigit() and int(asked[:4]) in CHOICES else USUAL
    today = now.astimezone(zone).date()
    first = today - timedelta(days=days - 1)
    return between(first, today + timedelta(days=1), zone)


def before(one: Span) -> Span:
    """As many days as a span has, just before it."""
    return between(one.first - timedelta(days=one.days), one.first, one.zone)


def between(first: date, end: date, zone: tzinfo) -> Span:
    """The days from `first` up to and without `end`."""
    return Span((end - first).days, first, midnight(first, zone), midnight(end, zone), zone)


def midnight(day: date, zone: tzinfo) -> datetime:
    """When a day begins on the clinic's wall clock."""
    return datetime.combine(day, time(), tzinfo=zone)
