"""Who is on call, over midnight, over a changed clock, and with a colleague's cover."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from clinics.practice.rota import Duty, gaps, on_call

ZONE = ZoneInfo("America/New_York")
ANNA, BEN, CLEO = uuid4(), uuid4(), uuid4()
LONG_AGO = date(2020, 1, 1)


def weekly(person: UUID, day: int, begins: int, ends: int, *, place: int = 1, until: date | None = None) -> Duty:
    return Duty(person, place, day, time(begins), time(ends), LONG_AGO, until)


def once(person: UUID, day: date, begins: int, ends: int, *, place: int = 1) -> Duty:
    return Duty(person, place, None, time(begins), time(ends), day, day)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


NIGHT = weekly(ANNA, 4, 18, 8)  # Friday evening to Saturday morning


@pytest.mark.parametrize(
    ("moment", "people"),
    [
        ("2026-11-20T17:59", ()),
        ("2026-11-20T18:00", ((ANNA,),)),
        ("2026-11-21T00:00", ((ANNA,),)),
        ("2026-11-21T07:59", ((ANNA,),)),
        ("2026-11-21T08:00", ()),
        ("2026-11-22T02:00", ()),
    ],
)
def test_a_night_runs_past_midnight(moment: str, people: tuple) -> None:
    assert on_call([NIGHT], at(moment)) == people


def test_places_are_in_order_and_an_empty_first_place_is_filled_by_the_next() -> None:
    rota = [NIGHT, weekly(BEN, 4, 18, 8, place=2), weekly(CLEO, 5, 0, 0, place=3)]

    assert on_call(rota, at("2026-11-20T20:00")) == ((ANNA,), (BEN,))
    assert on_call(rota, at("2026-11-21T02:00")) == ((ANNA,), (BEN,), (CLEO,))
    assert on_call(rota, at("2026-11-21T12:00")) == ((CLEO,),)


def test_a_single_shift_replaces_the_weekly_one_of_its_place_while_it_lasts() -> None:
    rota = [NIGHT, weekly(BEN, 4, 18, 8, place=2), once(CLEO, date(2026, 11, 20), 20, 23)]

    assert on_call(rota, at("2026-11-20T19:59")) == ((ANNA,), (BEN,))
    assert on_call(rota, at("2026-11-20T20:00")) == ((CLEO,), (BEN,))
    assert on_call(rota, at("2026-11-20T23:00")) == ((ANNA,), (BEN,))
    assert on_call(rota, at("2026-11-27T20:00")) == ((ANNA,), (BEN,))


def test_a_weekly_shift_ends_with_its_last_night() -> None:
    rota = [weekly(ANNA, 4, 18, 8, until=date(2026, 11, 20))]

    assert on_call(rota, at("2026-11-21T07:00")) == ((ANNA,),)
    assert on_call(rota, at("2026-11-27T20:00")) == ()


def test_the_same_begin_and_end_is_a_whole_day() -> None:
    rota = [weekly(ANNA, 4, 8, 8)]

    assert on_call(rota, at("2026-11-20T08:00")) == on_call(rota, at("2026-11-21T07:59")) == ((ANNA,),)
    assert on_call(rota, at("2026-11-21T08:00")) == ()


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 6, 7), 24)])
def test_a_day_with_a_changed_clock_is_as_long_as_it_is(day: date, hours: int) -> None:
    rota = [once(ANNA, day, 0, 0)]
    moment = datetime.combine(day, time(0), tzinfo=ZONE) - timedelta(hours=2)
    real = [datetime.fromtimestamp(moment.timestamp() + 900 * n, tz=ZONE) for n in range(4 * 32)]

    assert sum(bool(on_call(rota, one)) for one in real) == hours * 4


def test_gaps_are_named_and_a_backup_does_not_fill_them() -> None:
    days = [weekly(ANNA, day, 0, 0) for day in range(7)]
    assert gaps(days, since=at("2026-11-20T09:07")) == []

    rota = [*days[:4], weekly(ANNA, 4, 0, 18), *days[5:], weekly(BEN, 4, 0, 0, place=2)]
    [gap] = gaps(rota, since=at("2026-11-20T09:07"))
    assert (gap.begins, gap.ends) == (at("2026-11-20T18:00"), at("2026-11-21T00:00"))

    [whole] = gaps([], since=at("2026-11-20T09:00"), days=1)
    assert whole.ends - whole.begins == timedelta(days=1)
