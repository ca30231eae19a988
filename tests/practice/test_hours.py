"""Opening hours by examples and by properties: every length is real time, every day the clocks change included."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinics.practice.hours import (
    Interval,
    Week,
    complaint,
    deadline,
    due_by,
    is_open,
    next_opening,
    opens_next,
    promised_by,
    sentence,
)

NEW_YORK = ZoneInfo("America/New_York")
ZONES = [
    ZoneInfo(name)
    for name in ("America/New_York", "America/Los_Angeles", "Australia/Lord_Howe", "Europe/Dublin", "UTC")
]


def week_of(days: dict[int, tuple[tuple[time, time], ...]]) -> Week:
    return Week(tuple(Interval(day, *span) for day, spans in days.items() for span in spans))


OFFICE = week_of(dict.fromkeys(range(5), ((time(8), time(17)),)))
SPLIT = week_of(dict.fromkeys(range(5), ((time(8), time(12)), (time(13), time(17)))))
NIGHT = week_of({4: ((time(22), time(2)),)})
NEVER = Week()


def at(text: str, zone: ZoneInfo = NEW_YORK, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


# --- Open or not ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("week", "moment", "expected"),
    [
        (OFFICE, "2026-11-23T08:00", True),
        (OFFICE, "2026-11-23T07:59:59", False),
        (OFFICE, "2026-11-23T16:59:59", True),
        (OFFICE, "2026-11-23T17:00", False),
        (OFFICE, "2026-11-22T10:00", False),
        (SPLIT, "2026-11-23T12:30", False),
        (SPLIT, "2026-11-23T13:00", True),
        (NIGHT, "2026-11-27T23:00", True),
        (NIGHT, "2026-11-28T01:59", True),
        (NIGHT, "2026-11-28T02:00", False),
        (NIGHT, "2026-11-28T23:00", False),
        (NEVER, "2026-11-23T10:00", False),
    ],
)
def test_open_or_not(week: Week, moment: str, expected: bool) -> None:
    assert is_open(week, {}, at(moment)) is expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-26T10:00", False),
        ("2026-11-27T10:00", True),
        ("2026-11-27T14:00", False),
        ("2026-11-25T10:00", True),
    ],
)
def test_holidays_replace_the_days_hours(moment: str, expected: bool) -> None:
    holidays = {date(2026, 11, 26): (), date(2026, 11, 27): ((time(9), time(12)),)}

    assert is_open(OFFICE, holidays, at(moment)) is expected


def test_the_night_before_a_holiday_runs_to_its_end() -> None:
    holidays = {date(2026, 11, 28): ()}

    assert is_open(NIGHT, holidays, at("2026-11-28T01:00"))


# --- When the clocks change -----------------------------------------------------------------------------------------
def test_an_hour_that_is_shown_twice_is_open_both_times() -> None:
    week = week_of({6: ((time(1), time(1, 30)),)})

    assert is_open(week, {}, at("2026-11-01T01:15", fold=0))
    assert is_open(week, {}, at("2026-11-01T01:15", fold=1))
    assert not is_open(week, {}, at("2026-11-01T01:30", fold=1))


def test_an_hour_that_is_skipped_does_not_open_after_it_closed() -> None:
    skipped = week_of({6: ((time(2, 15), time(2, 45)),)})
    half = week_of({6: ((time(2, 30), time(3, 15)),)})

    assert next_opening(skipped, {}, at("2026-03-07T12:00")) == at("2026-03-15T02:15")
    assert is_open(half, {}, at("2026-03-08T03:00"))
    assert is_open(half, {}, at("2026-03-08T03:14"))
    assert not is_open(half, {}, at("2026-03-08T03:15"))


def test_a_night_with_a_changed_clock_counts_as_it_was() -> None:
    night = week_of({5: ((time(22), time(6)),)})

    spring = due_by(night, {}, asked_at=at("2026-03-07T22:00"), open_minutes=7 * 60)
    autumn = due_by(night, {}, asked_at=at("2026-10-31T22:00"), open_minutes=9 * 60)

    assert spring == at("2026-03-08T06:00")
    assert autumn == at("2026-11-01T06:00")


# --- Deadlines ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "minutes", "due"),
    [
        ("2026-11-23T09:00", 120, "2026-11-23T11:00"),
        ("2026-11-23T16:00", 120, "2026-11-24T09:00"),
        ("2026-11-23T06:00", 60, "2026-11-23T09:00"),
        ("2026-11-27T16:30", 60, "2026-11-30T08:30"),
        ("2026-11-28T12:00", 540, "2026-11-30T17:00"),
        ("2026-11-28T12:00", 541, "2026-12-01T08:01"),
    ],
)
def test_a_deadline_counts_only_open_minutes(asked: str, minutes: int, due: str) -> None:
    assert due_by(OFFICE, {}, asked_at=at(asked), open_minutes=minutes) == at(due)


def test_a_clinic_that_never_opens_is_held_to_the_clock() -> None:
    assert due_by(NEVER, {}, asked_at=at("2026-11-23T09:00"), open_minutes=90) == at("2026-11-23T10:30")
    assert next_opening(NEVER, {}, at("2026-11-23T09:00")) is None


# --- Properties -----------------------------------------------------------------------------------------------------
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
intervals = st.tuples(clocks, clocks).filter(lambda one: one[0] != one[1])
weeks = st.dictionaries(st.integers(0, 6), st.lists(intervals, min_size=1, max_size=3).map(tuple), max_size=7).map(
    week_of
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda naive: naive.replace(tzinfo=UTC))
around_changes = st.builds(
    lambda day, minutes: datetime.combine(day, time(0), tzinfo=UTC) + timedelta(minutes=minutes),
    st.sampled_from([date(2026, 3, 8), date(2026, 11, 1), date(2026, 4, 5), date(2026, 10, 4), date(2026, 10, 25)]),
    st.integers(-1500, 3000),
)
anywhen = st.one_of(moments, around_changes)
quick = settings(deadline=None, max_examples=60)  # the deadline is wall time, which other tests share


@quick
@given(weeks, anywhen, st.sampled_from(ZONES))
def test_the_next_opening_is_the_first_open_moment_after_a_closed_one(
    week: Week, moment: datetime, zone: ZoneInfo
) -> None:
    local = moment.astimezone(zone)
    opening = next_opening(week, {}, local)

    if opening is None:
        return
    assert opening > local
    assert is_open(week, {}, opening)
    assert not is_open(week, {}, (opening.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone))


@quick
@given(weeks.filter(lambda week: week.intervals), anywhen, st.sampled_from(ZONES), st.integers(1, 2000))
def test_a_deadline_holds_exactly_so_many_open_minutes(
    week: Week, moment: datetime, zone: ZoneInfo, minutes: int
) -> None:
    asked = moment.replace(second=0, microsecond=0).astimezone(zone)
    due = due_by(week, {}, asked_at=asked, open_minutes=minutes)

    opened = 0
    now = asked.astimezone(UTC)
    if due.astimezone(UTC) - now > timedelta(days=14):
        return  # counting minute by minute would take too long; further away the horizon comes in
    while now < due.astimezone(UTC):
        opened += is_open(week, {}, now.astimezone(zone))
        now += timedelta(minutes=1)

    assert opened == minutes


@quick
@given(weeks, anywhen, st.sampled_from(ZONES), st.integers(1, 20_000))
def test_closed_now_holds_until_its_end_and_then_the_hours_hold_again(
    week: Week, moment: datetime, zone: ZoneInfo, minutes: int
) -> None:
    local, end = moment.astimezone(zone), moment + timedelta(minutes=minutes)

    assert not is_open(week, {}, local, closed_until=end)
    assert is_open(week, {}, end.astimezone(zone), closed_until=end) == is_open(week, {}, end.astimezone(zone))
    opening = next_opening(week, {}, local, closed_until=end)
    if opening is not None:
        assert opening >= end
        assert is_open(week, {}, opening, closed_until=end)
    before = end - timedelta(seconds=1)
    due = due_by(week, {}, asked_at=before.astimezone(zone), open_minutes=30, closed_until=end)
    assert due == due_by(week, {}, asked_at=end.astimezone(zone), open_minutes=30)


@quick
@given(weeks, anywhen, st.sampled_from(ZONES))
def test_a_closure_that_is_over_changes_nothing(week: Week, moment: datetime, zone: ZoneInfo) -> None:
    local = moment.astimezone(zone)

    assert is_open(week, {}, local, closed_until=moment) == is_open(week, {}, local)
    assert next_opening(week, {}, local, closed_until=moment) == next_opening(week, {}, local)


@quick
@given(
    weeks.filter(lambda week: week.intervals),
    anywhen,
    st.sampled_from(ZONES),
    st.integers(0, 1000),
    st.integers(0, 1000),
)
def test_more_minutes_are_never_due_earlier(week: Week, moment: datetime, zone: ZoneInfo, few: int, more: int) -> None:
    asked = moment.astimezone(zone)
    first = due_by(week, {}, asked_at=asked, open_minutes=few)

    assert asked <= first <= due_by(week, {}, asked_at=asked, open_minutes=few + more)


@quick
@given(weeks, st.sampled_from(["en", "es"]))
def test_every_week_can_be_said(week: Week, lang: str) -> None:
    said = sentence(week, lang)

    assert bool(said) == bool(week.intervals)
    assert " a el " not in said
    assert " de el " not in said


holiday_spans = st.lists(intervals, max_size=4).map(tuple).filter(lambda spans: not complaint(spans))
others = st.dictionaries(st.sampled_from([date(2026, 3, 8) + timedelta(days=n) for n in range(-3, 4)]), holiday_spans)
near = st.integers(-3 * 1440, 4 * 1440).map(lambda n: datetime(2026, 3, 8, tzinfo=UTC) + timedelta(minutes=n))


@quick
@given(weeks, others, near, st.sampled_from(ZONES))
def test_a_day_with_other_hours_is_open_in_its_own_intervals_and_in_what_runs_over_from_the_day_before(
    week: Week, holidays: dict, moment: datetime, zone: ZoneInfo
) -> None:
    local = moment.astimezone(zone)

    def spans(day: date) -> tuple:
        return holidays[day] if day in holidays else week.on(day.weekday())

    own = week_of({local.weekday(): spans(local.date())})
    before = week_of({(local.weekday() - 1) % 7: spans(local.date() - timedelta(days=1))})

    together = Week((*own.intervals, *before.intervals))
    assert is_open(week, holidays, local) == is_open(together, {}, local)


@quick
@given(weeks, others, near, st.sampled_from(ZONES))
def test_the_next_opening_is_the_first_one_with_other_hours_too(
    week: Week, holidays: dict, moment: datetime, zone: ZoneInfo
) -> None:
    local = moment.astimezone(zone)
    opening = next_opening(week, holidays, local)

    if opening is None:
        return
    assert opening > local
    assert is_open(week, holidays, opening)
    assert not is_open(week, holidays, (opening.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone))


@quick
@given(weeks, others, near, st.lists(st.sampled_from(ZONES), min_size=2, max_size=2, unique=True))
def test_each_site_opens_on_its_own_clock(week: Week, holidays: dict, moment: datetime, zones: list[ZoneInfo]) -> None:
    """One week for all sites: each opens when its own clock shows the time, an hour that is skipped left out."""
    for zone in zones:
        opening = next_opening(week, holidays, moment.astimezone(zone))
        if opening is None:
            continue
        hours = holidays[opening.date()] if opening.date() in holidays else week.on(opening.weekday())
        shown = opening.replace(tzinfo=None)
        skipped = (opening.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone).utcoffset() != opening.utcoffset()
        assert shown.time() in {opens for opens, _ in hours} or skipped


@quick
@given(st.lists(intervals, max_size=4))
def test_what_is_no_complaint_does_not_overlap(spans: list) -> None:
    ordered = sorted(spans)
    overlaps = any(closes <= opens or later < closes for (opens, closes), (later, _) in pairwise(ordered))

    assert bool(complaint(spans)) == overlaps


# --- Sentences ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("week", "en", "es"),
    [
        (
            OFFICE,
            "We are open Monday to Friday, 8 AM to 5 PM.",
            "Abrimos de lunes a viernes, de las 8 de la mañana a las 5 de la tarde.",
        ),
        (
            Week((*OFFICE.intervals, Interval(5, time(9), time(12)))),
            "We are open Monday to Friday, 8 AM to 5 PM; Saturday, 9 AM to noon.",
            "Abrimos de lunes a viernes, de las 8 de la mañana a las 5 de la tarde; "
            "sábado, de las 9 de la mañana al mediodía.",
        ),
        (
            week_of({0: ((time(8), time(12)), (time(13, 30), time(17)))}),
            "We are open Monday, 8 AM to noon and 1:30 PM to 5 PM.",
            "Abrimos lunes, de las 8 de la mañana al mediodía y de la 1 y 30 de la tarde a las 5 de la tarde.",
        ),
        (NEVER, "", ""),
    ],
)
def test_the_week_as_it_is_said(week: Week, en: str, es: str) -> None:
    assert sentence(week, "en") == en
    assert sentence(week, "es") == es


@pytest.mark.parametrize(
    ("moment", "en", "es"),
    [
        ("2026-11-23T06:00", "today at 8 AM", "hoy a las 8 de la mañana"),
        ("2026-11-23T18:00", "tomorrow at 8 AM", "mañana a las 8 de la mañana"),
        ("2026-11-27T18:00", "on Monday at 8 AM", "el lunes a las 8 de la mañana"),
    ],
)
def test_when_it_opens_next_as_it_is_said(moment: str, en: str, es: str) -> None:
    assert opens_next(OFFICE, {}, at(moment), "en") == en
    assert opens_next(OFFICE, {}, at(moment), "es") == es


def test_a_long_closure_is_said_by_its_date() -> None:
    closed = {date(2026, 12, 21) + timedelta(days=n): () for n in range(14)}

    assert opens_next(OFFICE, closed, at("2026-12-20T10:00"), "en") == "on January 4 at 8 AM"
    assert opens_next(OFFICE, closed, at("2026-12-20T10:00"), "es") == "el 4 de enero a las 8 de la mañana"


# --- Deadlines that are spoken ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "minutes", "due"),
    [
        ("2026-11-23T09:00", 120, "2026-11-23T11:00"),
        ("2026-11-23T09:02", 120, "2026-11-23T11:15"),
        ("2026-11-23T14:53", 120, "2026-11-23T17:00"),
        ("2026-11-23T14:59", 121, "2026-11-23T17:00"),
    ],
)
def test_a_promise_falls_on_a_quarter_of_an_open_hour(asked: str, minutes: int, due: str) -> None:
    assert promised_by(OFFICE, {}, asked_at=at(asked), open_minutes=minutes) == at(due)


@given(weeks, anywhen, st.sampled_from(ZONES), st.integers(1, 2000))
def test_a_promise_is_never_earlier_than_the_deadline_and_at_most_a_quarter_later(
    week: Week, moment: datetime, zone: ZoneInfo, minutes: int
) -> None:
    asked = moment.astimezone(zone)
    due = due_by(week, {}, asked_at=asked, open_minutes=minutes)
    promised = promised_by(week, {}, asked_at=asked, open_minutes=minutes)

    assert timedelta(0) <= promised.astimezone(UTC) - due.astimezone(UTC) < timedelta(minutes=15)


@pytest.mark.parametrize(
    ("due", "en", "es"),
    [
        ("2026-11-23T15:00", "by 3 PM today", "hoy antes de las 3 de la tarde"),
        ("2026-11-24T12:00", "by noon tomorrow", "mañana antes del mediodía"),
        ("2026-11-27T10:30", "by 10:30 AM on Friday", "el viernes antes de las 10 y 30 de la mañana"),
        ("2026-12-01T08:00", "by 8 AM on December 1", "el 1 de diciembre antes de las 8 de la mañana"),
    ],
)
def test_a_deadline_as_it_is_said(due: str, en: str, es: str) -> None:
    now = at("2026-11-23T09:00")

    assert deadline(at(due), now=now, lang="en") == en
    assert deadline(at(due), now=now, lang="es") == es
