"""Putting a task off: the moments that are offered, and the tasks that never go away. As tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tasks import policy, snoozing
from tasks.policy import EMERGENCY, NORMAL, Refused

NEW_YORK = ZoneInfo("America/New_York")
TEN = datetime(2026, 3, 4, 10, 0, tzinfo=NEW_YORK)


@dataclass
class Waiting:
    priority: int = NORMAL
    due_at: datetime = TEN + timedelta(days=3)


@pytest.mark.parametrize(
    ("choice", "now", "back"),
    [
        ("half_hour", TEN, TEN + timedelta(minutes=30)),
        ("after_lunch", TEN, TEN.replace(hour=13)),
        ("after_lunch", TEN.replace(hour=14), None),
        ("tomorrow", TEN, datetime(2026, 3, 5, 8, 0, tzinfo=NEW_YORK)),
        # The night in which the clock goes forward: eight in the morning of the clinic, eleven real hours later.
        ("tomorrow", datetime(2026, 3, 7, 20, 0, tzinfo=NEW_YORK), datetime(2026, 3, 8, 8, 0, tzinfo=NEW_YORK)),
    ],
)
def test_each_choice_means_a_moment_by_the_clinics_clock(choice: str, now: datetime, back: datetime | None) -> None:
    assert snoozing.returns_at(choice, now=now, lunch=time(13)) == back


def test_an_unknown_choice_is_refused() -> None:
    with pytest.raises(Refused, match="Choose until when"):
        snoozing.returns_at("next year", now=TEN, lunch=time(13))


@pytest.mark.parametrize(
    ("spans", "ends"),
    [
        ((), time(13)),
        (((time(8), time(17)),), time(13)),
        (((time(8), time(12)), (time(14, 30), time(18))), time(14, 30)),
    ],
)
def test_lunch_ends_when_the_clinic_opens_again(spans: tuple, ends: time) -> None:
    assert snoozing.lunch_ends(spans) == ends


@pytest.mark.parametrize(
    ("task", "until", "sentence"),
    [
        (Waiting(), TEN + timedelta(minutes=30), ""),
        (Waiting(due_at=TEN + timedelta(minutes=30)), TEN + timedelta(minutes=30), ""),
        (Waiting(EMERGENCY), TEN + timedelta(minutes=30), "An emergency is never snoozed."),
        (Waiting(due_at=TEN), TEN + timedelta(minutes=30), "It is late and stays in the queue."),
        (Waiting(due_at=TEN + timedelta(minutes=29)), TEN + timedelta(minutes=30), "It is due before that."),
        (Waiting(), None, "It is after lunch already."),
    ],
)
def test_what_may_not_stay_away_says_why(task: Waiting, until: datetime | None, sentence: str) -> None:
    if not sentence:
        snoozing.check_until(task, until, TEN)
        return
    with pytest.raises(policy.Refused) as refused:
        snoozing.check_until(task, until, TEN)
    assert str(refused.value) == sentence
