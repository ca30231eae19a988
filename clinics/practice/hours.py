"""Opening hours over weekdays, holidays, midnight and daylight saving time. Pure: the moment comes in as an argument.

An interval that closes at or before it opens runs past midnight. A holiday replaces the intervals of its day, with
none when the clinic is closed. Every moment is aware and in the clinic's own zone; lengths are measured in real time,
so a night with a changed clock counts as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from clinics.words import day_words, gettext

Span = tuple[time, time]
Holidays = Mapping[date, tuple[Span, ...]]


@dataclass(frozen=True, slots=True)
class Interval:
    """One opening of the regular week; weekday 0 is Monday."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Week:
    """The regular openings; several a day are fine."""

    intervals: tuple[Interval, ...] = ()

    def on(self, weekday: int) -> tuple[Span, ...]:
        return tuple(sorted((one.opens, one.closes) for one in self.intervals if one.weekday == weekday))


MOST_A_DAY = 6
"""Intervals of one day."""
LOOK_AHEAD_DAYS = 60
"""How far the next opening is looked for; a clinic that opens later than this has no opening to promise."""

DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}

MONTHS_ES = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]  # English months come from strftime


def is_open(week: Week, holidays: Holidays, at: datetime, *, closed_until: datetime | None = None) -> bool:
    """Whether people are there at this moment. `closed_until` says until when the clinic is closed now regardless."""
    moment = _utc(at)
    if closed_until is not None and moment < _utc(closed_until):
        return False
    return any(start <= moment < end for start, end in _spans(week, holidays, at, days=1))


def next_opening(
    week: Week, holidays: Holidays, at: datetime, *, closed_until: datetime | None = None
) -> datetime | None:
    """When the clinic opens next after `at`, in the clinic's zone; None when nothing is known."""
    if closed_until is not None and _utc(at) < _utc(closed_until):
        at = closed_until.astimezone(at.tzinfo)
        if is_open(week, holidays, at):
            return at
    for start, _ in _spans(week, holidays, at, days=LOOK_AHEAD_DAYS):
        if start > _utc(at):
            return start.astimezone(at.tzinfo)
    return None


def due_by(
    week: Week, holidays: Holidays, *, asked_at: datetime, open_minutes: int, closed_until: datetime | None = None
) -> datetime:
    """When so many open minutes have passed since `asked_at`; beyond the horizon, or without hours, each counts."""
    if closed_until is not None and _utc(asked_at) < _utc(closed_until):
        asked_at = closed_until.astimezone(asked_at.tzinfo)
    left = timedelta(minutes=open_minutes)
    since = _utc(asked_at)
    for start, end in _spans(week, holidays, asked_at, days=LOOK_AHEAD_DAYS):
        begin = max(start, since)
        if begin >= end:
            continue
        if end - begin >= left:
            return (begin + left).astimezone(asked_at.tzinfo)
        left -= end - begin
        since = end
    return (since + left).astimezone(asked_at.tzinfo)


QUARTER = timedelta(minutes=15)


def promised_by(
    week: Week, holidays: Holidays, *, asked_at: datetime, open_minutes: int, closed_until: datetime | None = None
) -> datetime:
    """As `due_by`, on a quarter of an hour that can be spoken: the next one, unless the clinic is closed by then."""
    due = due_by(week, holidays, asked_at=asked_at, open_minutes=open_minutes, closed_until=closed_until)
    over = timedelta(minutes=due.minute % 15, seconds=due.second, microseconds=due.microsecond)
    if not over:
        return due
    rounded = (_utc(due) - over + QUARTER).astimezone(due.tzinfo)
    return rounded if is_open(week, holidays, rounded - timedelta(seconds=1)) else due


def deadline(due: datetime, *, now: datetime, lang: str) -> str:
    """A due time as it is spoken: "by 3 PM today", "by 10:30 AM on Monday"; "hoy antes de las 3 de la tarde"."""
    minute = due.replace(second=0, microsecond=0)
    clock = spoken_time(minute.time(), lang)
    days = (due.date() - now.date()).days
    if lang == "es":
        day = {0: "hoy", 1: "mañana"}.get(days) or f"el {DAYS['es'][due.weekday()]}"
        if days > 6:
            day = f"el {due.day} de {MONTHS_ES[due.month - 1]}"
        return _contracted(f"{day} antes de {clock}")
    day = {0: "today", 1: "tomorrow"}.get(days) or f"on {DAYS['en'][due.weekday()]}"
    if days > 6:
        day = f"on {due:%B} {due.day}"
    return f"by {clock} {day}"


def opens_next(week: Week, holidays: Holidays, at: datetime, lang: str, *, closed_until: datetime | None = None) -> str:
    """When people are there again, as it is spoken: "today at 2 PM", "tomorrow at 8 AM", "on Monday at 8 AM"."""
    opening = next_opening(week, holidays, at, closed_until=closed_until)
    if opening is None:
        return ""
    days = (opening.date() - at.date()).days
    clock = spoken_time(opening.time(), lang)
    if lang == "es":
        day = {0: "hoy", 1: "mañana"}.get(days) or f"el {DAYS['es'][opening.weekday()]}"
        if days > 6:
            day = f"el {opening.day} de {MONTHS_ES[opening.month - 1]}"
        return _contracted(f"{day} a {clock}")
    day = {0: "today", 1: "tomorrow"}.get(days) or f"on {DAYS['en'][opening.weekday()]}"
    if days > 6:
        day = f"on {opening:%B} {opening.day}"
    return f"{day} at {clock}"


def what_happens(
    week: Week, holidays: Holidays, at: datetime, lang: str = "en", *, closed_until: datetime | None = None
) -> str:
    """What a call at this moment meets, for the people who set the hours."""
    when = f"{day_words(at, 'l j F Y')}, {spoken_time(at.time(), lang)}"
    why = _other_hours(holidays[at.date()], lang) if at.date() in holidays else ""
    if is_open(week, holidays, at, closed_until=closed_until):
        return (
            gettext("%(when)s: the clinic is open, and callers who ask for a person are connected.") % {"when": when}
            + why
        )
    opening = next_opening(week, holidays, at, closed_until=closed_until)
    until = (
        gettext("people are there again %(moment)s")
        % {"moment": opens_next(week, holidays, at, lang, closed_until=closed_until)}
        if opening
        else gettext("no opening is known in the next %(days)s days") % {"days": LOOK_AHEAD_DAYS}
    )
    told = gettext(
        "%(when)s: the clinic is closed, and requests become messages; %(until)s. Emergencies are told at any hour."
    )
    return told % {"when": when, "until": until} + why


def _other_hours(spans: Sequence[Span], lang: str) -> str:
    if not spans:
        return " " + gettext("It is a day with other hours.")
    return " " + gettext("It is a day with other hours: %(hours)s.") % {"hours": spoken_spans(spans, lang)}


def complaint(spans: Sequence[Span]) -> str:
    """Why these cannot be the intervals of one day, as people read it; "" when they can."""
    ends: time | None = None
    if len(spans) > MOST_A_DAY:
        return gettext("A day has at most %(most)s openings.") % {"most": MOST_A_DAY}
    for opens, closes in sorted(spans):
        if opens == closes:
            return gettext("Closing time must differ from opening time.")
        if ends is not None and (opens < ends or ends == time.min):
            return gettext("Two openings of one day overlap.")
        ends = closes if closes > opens else time.min  # past midnight: nothing may follow on that day
    return ""


def sentence(week: Week, lang: str) -> str:
    """The week as it is spoken: days with the same hours are named together."""
    runs: list[tuple[int, int, tuple[Span, ...]]] = []
    for day in range(7):
        intervals = week.on(day)
        if not intervals:
            continue
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == intervals:
            runs[-1] = (runs[-1][0], day, intervals)
        else:
            runs.append((day, day, intervals))
    if not runs:
        return ""
    told = "; ".join(_run(first, last, intervals, lang) for first, last, intervals in runs)
    return f"Abrimos {told}." if lang == "es" else f"We are open {told}."


def spoken_time(clock: time, lang: str) -> str:
    """A time of day as a voice reads it: "8 AM", "1:30 PM"; "las 8 de la mañana", "la 1 y 30 de la tarde"."""
    hour = clock.hour % 12 or 12
    if clock in (time(0), time(12)):
        night, noon = ("la medianoche", "el mediodía") if lang == "es" else ("midnight", "noon")
        return noon if clock.hour else night
    if lang == "es":
        part = "de la mañana" if clock.hour < 12 else "de la tarde" if clock.hour < 20 else "de la noche"
        minutes = f" y {clock.minute}" if clock.minute else ""
        return f"{'la' if hour == 1 else 'las'} {hour}{minutes} {part}"
    minutes = f":{clock.minute:02d}" if clock.minute else ""
    return f"{hour}{minutes} {'AM' if clock.hour < 12 else 'PM'}"


def _contracted(spanish: str) -> str:
    """ "a el" and "de el" are never said in Spanish."""
    return re.sub(r"\b(a|de) el\b", lambda found: {"a": "al", "de": "del"}[found[1]], spanish)


def _run(first: int, last: int, intervals: tuple[Span, ...], lang: str) -> str:
    names = DAYS[lang]
    if lang == "es":
        days = names[first] if first == last else f"de {names[first]} a {names[last]}"
    else:
        days = names[first] if first == last else f"{names[first]} to {names[last]}"
    return f"{days}, {spoken_spans(intervals, lang)}"


def spoken_spans(spans: Sequence[Span], lang: str) -> str:
    """The intervals of one day as they are spoken: "9 AM to noon and 1:30 PM to 5 PM"."""
    if lang == "es":
        return _contracted(" y ".join(f"de {spoken_time(a, lang)} a {spoken_time(b, lang)}" for a, b in spans))
    return " and ".join(f"{spoken_time(a, lang)} to {spoken_time(b, lang)}" for a, b in spans)


def _spans(week: Week, holidays: Holidays, at: datetime, *, days: int) -> Iterator[tuple[datetime, datetime]]:
    """The open spans in UTC from the day before `at`, whose last may run past midnight; what touches is one."""
    first = at.date() - timedelta(days=1)
    held: tuple[datetime, datetime] | None = None
    for offset in range(days + 2):
        day = first + timedelta(days=offset)
        for start, end in _spans_of(holidays[day] if day in holidays else week.on(day.weekday()), day, at.tzinfo):
            if held is not None and start <= held[1]:
                held = held[0], max(held[1], end)
                continue
            if held is not None:
                yield held
            held = start, end
    if held is not None:
        yield held


@lru_cache(maxsize=4096)
def _spans_of(hours: tuple[Span, ...], day: date, zone: tzinfo | None) -> tuple[tuple[datetime, datetime], ...]:
    """A day's hours in UTC, remembered: each turn of a call asks whether people are there."""
    spans = []
    for opens, closes in sorted(hours):
        ends_on = day if closes > opens else day + timedelta(days=1)
        start, end = _moment(day, opens, zone, late=False), _moment(ends_on, closes, zone, late=True)
        if start < end:  # not so when the clock skips all of it
            spans.append((start, end))
    return tuple(spans)


def _moment(day: date, clock: time, zone: tzinfo | None, *, late: bool) -> datetime:
    """The moment a wall clock means. Shown twice in autumn: the first to open, the second to close. Skipped in spring:
    the moment of the skip, so that nobody opens after closing."""
    wall = datetime.combine(day, clock)
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return second if late else first
    before, after = second, first
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("Opening hours need an aware moment in the clinic's zone.")
    return at.astimezone(UTC)
