"""Days that are over are counted once and kept; today is counted when somebody asks.

The job counts anew whatever may still change, so what comes late (an acknowledgement, a closed task, a call that was
erased) finds its day, and running it twice changes nothing. What a clinic's retention has begun to delete is not
counted again: a count that shrank would be a lie about the day. A day that is not kept yet is counted on the spot, so
the job makes a page fast, never right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db import connection
from django.utils import timezone
from psycopg.types.json import Jsonb

from analytics import spans
from analytics.counting import PARTS, count
from analytics.models import Daily
from analytics.spans import Span
from analytics.tallies import Tally, added, together
from clinics.practice.retention import days_kept
from tasks.rows import zone_of_clinic

BACK_DAYS = 100
"""So far back things are counted again: the longest span of a page, and a little."""
FIRST_DAYS = 190
"""So far back they are counted the first time: that span and the one before it."""
SETTLED_AFTER_DAYS = 2

_KEEP = """
INSERT INTO analytics_daily (day, parts) VALUES (%s, %s)
ON CONFLICT (day) DO UPDATE SET parts = analytics_daily.parts || excluded.parts, counted_at = now()
WHERE analytics_daily.parts IS DISTINCT FROM analytics_daily.parts || excluded.parts"""


@dataclass(frozen=True)
class Numbers:
    """The counts of a span, day by day."""

    span: Span
    days: Mapping[date, Tally]

    @cached_property
    def tally(self) -> Tally:
        """All days together."""
        return added(self.days.values())

    def of(self, figure: str) -> Mapping[str, int]:
        """One figure over all days."""
        return self.tally.get(figure, {})

    def on(self, day: date, figure: str) -> Mapping[str, int]:
        return self.days.get(day, {}).get(figure, {})


def numbers(span: Span, now: datetime) -> Numbers:
    """The counts of a span: kept ones of days that are over, the others as they are this moment."""
    today = now.astimezone(span.zone).date()
    over = [day for day in span.dates if day < today]
    kept = {row.day: row.parts for row in Daily.objects.filter(day__in=over)} if over else {}
    first = next((day for day in over if day not in kept), today)
    days = {day: together(parts.values()) for day, parts in kept.items() if day < first}
    if first <= span.dates[-1]:
        days |= _live(first, span, now)
    return Numbers(span, days)


def _live(first: date, span: Span, now: datetime) -> dict[date, Tally]:
    days: dict[date, list[Tally]] = {}
    for part in PARTS:
        found = count(part, since=spans.midnight(first, span.zone), until=span.until, now=now, zone=span.zone)
        for day, tally in found.items():
            days.setdefault(day, []).append(tally)
    return {day: together(tallies) for day, tallies in days.items()}


def roll_up(now: datetime | None = None) -> int:
    """Count the current clinic's days that are over, and keep what is new; returns how many days changed."""
    now, zone = now or timezone.now(), zone_of_clinic()
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in range(FIRST_DAYS, 0, -1)]
    kept = dict(Daily.objects.filter(day__gte=days[0]).values_list("day", "parts"))
    keeps = days_kept()
    counted: dict[date, dict[str, Tally]] = {}
    for part in PARTS:
        due = [day for day in days if _is_due(part, kept.get(day, {}), (today - day).days, keeps)]
        if due:
            since, until = spans.midnight(due[0], zone), spans.midnight(due[-1] + timedelta(days=1), zone)
            found = count(part, since=since, until=until, now=now, zone=zone)
            for day in due:
                counted.setdefault(day, {})[part] = found.get(day, {})
    return _keep({day: parts for day, parts in counted.items() if {**kept.get(day, {}), **parts} != kept.get(day)})


def _is_due(part: str, kept: Mapping[str, object], age_days: int, keeps: Mapping[str, int]) -> bool:
    """Whether a part of a day that is over is counted: it never was, or it can change and nothing is deleted."""
    one = PARTS[part]
    if part not in kept:
        return True
    if age_days > (SETTLED_AFTER_DAYS if one.settles else BACK_DAYS):
        return False
    return one.made_of not in keeps or age_days < keeps[one.made_of]


def _keep(days: Mapping[date, Mapping[str, Tally]]) -> int:
    with connection.cursor() as cursor:
        cursor.executemany(_KEEP, [(day, Jsonb(parts)) for day, parts in sorted(days.items())])
    return len(days)
