"""Weeks of reviewed calls as the job last counted them: choosing them anew reads every call of a quarter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.models import ReviewedWeek
from analytics.spans import Span, before
from calls.reviews import listing, selecting
from calls.reviews.figures import Figures, Group, together
from calls.reviews.rows import said
from tasks.rows import zone_of_clinic


@dataclass(frozen=True, slots=True)
class Week:
    """One ISO week, such as "2026-W47"."""

    week: str
    figures: Figures

    @property
    def label(self) -> str:
        return said(self.week)


def weeks(span: Span, now: datetime) -> list[Week]:
    """The weeks that have a day in a span, oldest first."""
    return _kept(_names(span, now))


def weeks_before(span: Span, now: datetime) -> list[Week]:
    """Those of the span before it; a week that reaches into the span itself is the span's."""
    return _kept(_names(before(span), now) - _names(span, now))


def _names(span: Span, now: datetime) -> set[str]:
    return {selecting.week_of(moment, span.zone) for moment in span.moments if moment <= now}


def _kept(names: set[str]) -> list[Week]:
    kept = {row.week: row.groups for row in ReviewedWeek.objects.filter(week__in=names)}
    return [Week(name, _figures(kept.get(name, []))) for name in sorted(names)]


def together_of(found: Sequence[Week]) -> Figures:
    return together([week.figures for week in found])


def count_weeks(now: datetime) -> None:
    """Count the weeks that people still review, and keep them; a week that has left their list stays as it was."""
    for week in listing.weeks(now=now, zone=zone_of_clinic()):
        groups = [[one.name, one.calls, one.reviewed, one.caught, one.missed, one.false] for one in week.figures.groups]
        ReviewedWeek.objects.update_or_create(week=week.week, defaults={"groups": groups})


def _figures(groups: Sequence[Sequence[object]]) -> Figures:
    return Figures(tuple(Group(*group) for group in groups))
