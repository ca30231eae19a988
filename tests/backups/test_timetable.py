"""When a backup is due, and which old ones stay: by each clinic's own clock and calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinics.backups.timetable import is_due, next_try, to_keep

NEW_YORK, HONOLULU = "America/New_York", "Pacific/Honolulu"
NIGHT = datetime(2026, 3, 4, 3, 0, tzinfo=ZoneInfo(NEW_YORK))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("kept", "now", "zone", "due"),
    [
        (None, NIGHT + 9 * HOUR, NEW_YORK, True),  # a clinic that was opened today does not wait for its night
        (NIGHT - 23 * HOUR, NIGHT, NEW_YORK, True),
        (NIGHT - 23 * HOUR, NIGHT, HONOLULU, False),  # there it is ten in the evening
        (NIGHT - 2 * HOUR, NIGHT, NEW_YORK, False),  # of this night already
        (NIGHT - 20 * HOUR, NIGHT + 2 * HOUR, NEW_YORK, False),  # the night ends at five
        (NIGHT - 20 * HOUR, NIGHT - 2 * HOUR, NEW_YORK, True),  # and begins at one
        (NIGHT - 20 * HOUR, NIGHT - 2.1 * HOUR, NEW_YORK, False),
        (NIGHT - 24 * HOUR, NIGHT + 9 * HOUR, NEW_YORK, True),  # the night was missed: at noon then
    ],
)
def test_when_it_is_due(kept: datetime | None, now: datetime, zone: str, due: bool) -> None:
    assert is_due(kept, now.astimezone(UTC), zone) is due


def test_every_night_has_its_hours_where_the_clock_is_changed() -> None:
    before = datetime(2026, 3, 7, 4, 30, tzinfo=ZoneInfo(NEW_YORK))
    hours = [datetime(2026, 3, 8, 4, tzinfo=UTC) + timedelta(minutes=n) for n in range(0, 360, 10)]

    due = [moment for moment in hours if is_due(before, moment, NEW_YORK)]

    assert (len(due), due[0]) == (18, datetime(2026, 3, 8, 6, tzinfo=UTC))  # from two to three there is no hour


def test_what_fails_is_tried_again_ever_later() -> None:
    waits = [next_try(NIGHT, failures) - NIGHT for failures in (1, 2, 3, 4, 5, 6, 40)]

    assert [wait.total_seconds() / 60 for wait in waits] == [5, 10, 20, 40, 80, 120, 120]


def test_fourteen_days_and_eight_weeks_stay() -> None:
    made = [NIGHT - n * DAY for n in range(100)]

    stays = to_keep(made, NEW_YORK, days=14, weeks=8)

    ages = sorted((NIGHT - moment).days for moment in stays)
    assert ages[:14] == list(range(14))  # a Wednesday is the newest, so this week and the one before are among them
    assert ages[14:] == [17, 24, 31, 38, 45]  # Sundays


def test_of_one_day_the_newest_stays_and_days_without_one_do_not_count() -> None:
    made = [NIGHT, NIGHT + 2 * HOUR, NIGHT - 40 * DAY, NIGHT - 90 * DAY]

    assert to_keep(made, NEW_YORK, days=2, weeks=1) == {NIGHT + 2 * HOUR, NIGHT - 40 * DAY}
