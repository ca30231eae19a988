"""A forecast that anybody can check by hand, and the error it admits to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from analytics.forecast import back_test, forecast
from analytics.rolling import roll_up
from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from tests.analytics.making import a_call

MONDAY = date(2026, 11, 23)
ZONE = ZoneInfo("America/New_York")


def days(per_day: Callable[[date], int], *, back: int = 70, until: date = MONDAY) -> dict[date, list[int]]:
    """So many calls at nine o'clock of each of the days before."""
    known = {}
    for number in range(1, back + 1):
        day = until - timedelta(days=number)
        known[day] = [0] * 18 + [per_day(day)] + [0] * 29
    return known


def test_it_is_the_mean_of_the_last_six_such_days() -> None:
    weeks = {MONDAY - timedelta(weeks=back): 10 * back for back in range(1, 9)}

    made = forecast(days(lambda day: weeks.get(day, 99)), MONDAY)

    assert made is not None
    assert made.expected[18] == (10 + 20 + 30 + 40 + 50 + 60) / 6
    assert (made.low[18], made.high[18]) == (10, 60)
    assert len(made.made_of) == 6
    assert sum(made.expected) == made.expected[18]


def test_with_two_such_days_nothing_is_said() -> None:
    assert forecast(days(lambda day: 1, back=14), MONDAY) is None
    assert forecast(days(lambda day: 1, back=21), MONDAY) is not None
    assert back_test(days(lambda day: 1, back=21), until=MONDAY) is None


def test_of_weeks_that_repeat_themselves_it_is_never_off() -> None:
    tested = back_test(days(lambda day: day.weekday()), until=MONDAY)

    assert tested is not None
    assert (tested.days, tested.off_by, tested.share_off, tested.as_last_week) == (28, 0, 0, 0)


def test_its_error_is_counted_on_days_it_had_not_seen() -> None:
    """Every other week has 10 calls a day and the others none: 5 are expected always."""
    tested = back_test(days(lambda day: 10 * (day.isocalendar().week % 2), back=112), until=MONDAY)

    assert tested is not None
    assert tested.off_by == pytest.approx(5 / 48)
    assert tested.share_off == pytest.approx(1.0)
    assert tested.as_last_week == pytest.approx(10 / 48)


@pytest.fixture
def six_weeks(north: Clinic) -> Iterator[datetime]:
    """Two calls at half past nine on each day of six weeks, and one today."""
    now = datetime.now(ZONE)
    with inside(north):
        for back in range(42):
            for _ in range(2 if back else 1):
                a_call(at=(now - timedelta(days=back)).replace(hour=9 if back else 0, minute=35 if back else 0))
        yield now


@pytest.mark.django_db
@pytest.mark.parametrize("kept", [False, True])
def test_the_api_and_the_page_say_it_with_its_error(
    kept: bool, six_weeks: datetime, carol: User, client_of: Callable[[User], Client]
) -> None:
    if kept:
        roll_up()
    browser = client_of(carol)

    told = browser.get("/api/analytics/forecast/").json()
    page = browser.get("/analytics/").text

    assert [day["calls"][19] for day in told["days"]] == [2.0] * 7
    assert told["days"][0]["day"] == six_weeks.date().isoformat()
    assert told["back_test"]["off_by_calls_per_half_hour"] == 0
    assert told["back_test"]["days"] == 20  # what had three such days before it
    assert (
        "2 calls are expected: the mean of the last 6 such weekdays. Tried on the last 20 days it was off by 0.00"
        in page
    )
