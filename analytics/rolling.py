"""Days that are over are counted once and kept; today is counted when somebody asks.

The job counts anew whatever may still change, so what comes late (an acknowledgement, a closed task, a call that was
erased) finds its day, and running it twice changes nothing. What a clinic's retention has begun to delete is not
counted again: a count that shrank would be a lie about the day. A day that is not kept yet is counted on the spot, so
the job makes a page fast, never right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db import connection, transaction
from django.db.models import JSONField
from django.db.models.expressions import RawSQL
from django.utils import timezone
from psycopg.types.json import Jsonb

from analytics import spans
from analytics.counting import PARTS, count
from analytics.models import Daily, Stretch
from analytics.spans import Span
from analytics.tallies import Counts, Tally, added, number, together
from clinics.practice.retention import days_kept
from tasks.rows import zone_of_clinic

BACK_DAYS = 100
"""So far back things are counted again: the longest span of a page, and a little."""
FIRST_DAYS = 190
"""So far back they are counted the first time: that span and the one before it."""
SETTLED_AFTER_DAYS = 2

_KEEP = """
INSERT INTO analytics_daily (day, parts, counted_at) VALUES (%s, %s, clock_timestamp())
ON CONFLICT (day) DO UPDATE SET parts = analytics_daily.parts || excluded.parts, counted_at = excluded.counted_at
WHERE analytics_daily.parts IS DISTINCT FROM analytics_daily.parts || excluded.parts"""
_MADE_OF = """
SELECT md5('by weekday ' || string_agg(extract(epoch FROM counted_at)::text, ' ' ORDER BY day)) FROM analytics_daily
WHERE day BETWEEN %(first)s AND %(last)s HAVING count(*) = %(last)s::date - %(first)s::date + 1"""
"""What sums were made of. Its first words say what is summed: once they change, the sums of before are void."""

NOT_BY_DAY = ("waits,stage_ms webhook", "waits,stage_ms model", "waits,stage_ms speech", "waits,heard_ms")
BY_DAY = RawSQL(  # noqa: S611 (our own text)
    "parts - %s::text[]" + "".join(f" #- '{{{path}}}'" for path in NOT_BY_DAY),
    [["asked", "due", "requests", "alarms", "handovers", "fates", "channels"]],
    output_field=JSONField(),
)
"""A kept day without what nobody asks of single days: reading days is most of what a page of 90 days costs."""


@dataclass(frozen=True)
class Numbers:
    """The counts of a span, day by day. A figure is added up when it is asked for.

    `summed` are the figures of its first days together, where they are kept so, and `rest` those of its other days.
    """

    span: Span
    days: Mapping[date, Tally]
    summed: Tally
    rest: Sequence[Tally]
    _added: dict[str, Counts] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def names(self) -> frozenset[str]:
        """The figures that any of its days has."""
        return frozenset(self.summed).union(*self.rest)

    @property
    def tally(self) -> Tally:
        """All figures of all days together."""
        return {figure: self.of(figure) for figure in self.names}

    def of(self, figure: str) -> Counts:
        """One figure over all days."""
        if figure not in self._added:
            every = (self.summed, *self.rest)
            self._added[figure] = added(tally[figure] for tally in every if figure in tally)
        return self._added[figure]

    def beginning(self, prefix: str) -> Tally:
        """The figures whose names begin so over all days, by the rest of their names."""
        return {name.removeprefix(prefix): self.of(name) for name in self.names if name.startswith(prefix)}

    def on(self, day: date, figure: str) -> Mapping[str, int]:
        return self.days.get(day, {}).get(figure, {})


def numbers(span: Span, now: datetime, *, by_day: bool = True) -> Numbers:
    """The counts of a span: kept ones of days that are over, the others as they are this moment.

    Without `by_day` nobody asks it for single days, which saves reading them.
    """
    today = now.astimezone(span.zone).date()
    over = [day for day in span.dates if day < today]
    stretch = _stretch(over)
    kept: dict[date, dict[str, Tally]] = {}
    if by_day or stretch is None:
        column = "parts" if stretch is None else BY_DAY
        kept = dict(Daily.objects.filter(day__in=over).values_list("day", column))
    counted_from = {part: _first_lacking(part, over, kept) or today for part in PARTS} if stretch is None else {}
    live = [
        (day, _with_weekday(day, tally)) for day, tally in _live(dict.fromkeys(PARTS, today) | counted_from, span, now)
    ]
    known = [
        (day, _with_weekday(day, tally))
        for day, parts in kept.items()
        for part, tally in parts.items()
        if day < counted_from.get(part, today)
    ]
    days = _by_day([*known, *live])
    if stretch is None:
        return Numbers(span, days, {}, list(days.values()))
    return Numbers(span, days, together(stretch.values()), [tally for _, tally in live])


def _first_lacking(part: str, over: Sequence[date], kept: Mapping[date, Mapping[str, Tally]]) -> date | None:
    return next((day for day in over if part not in kept.get(day, {})), None)


def _live(counted_from: Mapping[str, date], span: Span, now: datetime) -> Iterator[tuple[date, Tally]]:
    """Each part counted on the spot from a day on."""
    for part, first in counted_from.items():
        if first <= span.dates[-1]:
            since = spans.midnight(first, span.zone)
            yield from count(part, since=since, until=span.until, now=now, zone=span.zone).items()


def _by_day(found: Iterable[tuple[date, Tally]]) -> dict[date, Tally]:
    days: dict[date, list[Tally]] = {}
    for day, tally in found:
        days.setdefault(day, []).append(tally)
    return {day: together(tallies) for day, tallies in days.items()}


def _with_weekday(day: date, tally: Tally) -> Tally:
    """With its calls by the weekday, which the sum of many days does not tell any more; Monday is "0"."""
    return {**tally, "weekday": {str(day.weekday()): number(tally["calls"])}} if "calls" in tally else tally


def _stretch(days: Sequence[date]) -> dict[str, Tally] | None:
    """These days together as they are kept; None when one of them is not, or was counted anew since."""
    if not days:
        return {}
    found = Stretch.objects.filter(first=days[0], last=days[-1]).first()
    if found is None or found.made_of != _made_of(days[0], days[-1]):
        return None
    return found.parts if found.parts.keys() >= PARTS.keys() else None


def _made_of(first: date, last: date) -> str:
    """What tells whether one of these days was counted anew; "" while one is not kept."""
    with connection.cursor() as cursor:
        cursor.execute(_MADE_OF, {"first": first, "last": last})
        found = cursor.fetchone()
    return found[0] if found else ""


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
    new = {day: parts for day, parts in counted.items() if {**kept.get(day, {}), **parts} != kept.get(day)}
    with transaction.atomic():
        _keep(new)
        _keep_stretches(today)
    return len(new)


def _is_due(part: str, kept: Mapping[str, object], age_days: int, keeps: Mapping[str, int]) -> bool:
    """Whether a part of a day that is over is counted: it never was, or it can change and nothing is deleted."""
    one = PARTS[part]
    if part not in kept:
        return True
    if age_days > (SETTLED_AFTER_DAYS if one.settles else BACK_DAYS):
        return False
    return one.made_of not in keeps or age_days < keeps[one.made_of]


def _keep(days: Mapping[date, Mapping[str, Tally]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(_KEEP, [(day, Jsonb(parts)) for day, parts in sorted(days.items())])


def _keep_stretches(today: date) -> None:
    """Add up the days that are over of each span that a page offers, and of the span before it, where not done yet."""
    wanted = []
    for first, last in (stretch for days in spans.CHOICES for stretch in _stretches(today, days)):
        made_of = _made_of(first, last)
        known = Stretch.objects.filter(first=first, last=last, made_of=made_of).first()
        wanted.append((known or _add_up(first, last, made_of)).pk)
    Stretch.objects.exclude(pk__in=wanted).delete()


def _add_up(first: date, last: date, made_of: str) -> Stretch:
    kept = list(Daily.objects.filter(day__range=(first, last)).values_list("day", "parts"))
    parts = {part: _all_figures([_with_weekday(day, counted[part]) for day, counted in kept]) for part in PARTS}
    return Stretch.objects.update_or_create(first=first, last=last, defaults={"parts": parts, "made_of": made_of})[0]


def _stretches(today: date, days: int) -> Iterator[tuple[date, date]]:
    """The first and last of a span's days that are over, and of the days before it."""
    first = today - timedelta(days=days - 1)
    if first < today:
        yield first, today - timedelta(days=1)
    yield first - timedelta(days=days), first - timedelta(days=1)


def _all_figures(tallies: Sequence[Tally]) -> Tally:
    names = frozenset().union(*tallies)
    return {name: added(tally[name] for tally in tallies if name in tally) for name in names}
