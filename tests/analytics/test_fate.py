"""Verified resolution: what is done and not rung about again within 72 hours, and what only looks so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics import queries
from analytics.fate import FATES
from analytics.rolling import numbers
from analytics.spans import span
from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from tasks import actions
from tests.analytics.making import a_call, a_task, done

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
MONDAY = datetime(2026, 11, 16, 15, tzinfo=UTC)
"""Four days before."""
ANA, BEN = "+12125550183", "+12125550184"


@pytest.fixture
def at_north(north: Clinic) -> Iterator[Clinic]:
    with inside(north):
        yield north


def fates(now: datetime = NOW) -> dict[str, int]:
    return dict(queries.settled(numbers(span("7", now=now, zone=ZONE), now)).fates)


def a_request(number: str = ANA, *, at: datetime = MONDAY, by: User | None = None, after_hours: float = 1) -> None:
    """A call that led to a task, which this person did so many hours later."""
    call = a_call(at=at, from_number=number, intent="refill", outcome="task")
    task = a_task(call, due=at + timedelta(hours=4))
    if by:
        done(task, by=by, at=at + timedelta(hours=after_hours))


def test_done_and_not_rung_about_for_72_hours_is_verified(at_north: Clinic, alice: User) -> None:
    a_request(by=alice, after_hours=1)

    assert fates() == {"verified": 1}
    assert fates(MONDAY + timedelta(hours=72, minutes=59)) == {"waiting": 1}
    assert fates(MONDAY + timedelta(hours=73)) == {"verified": 1}


@pytest.mark.parametrize(
    ("intent", "hours", "found"),
    [
        ("refill", 0.5, "again"),  # before it was done
        ("refill", 72.9, "again"),
        ("refill", 73.1, "verified"),  # 72 hours after it was done
        ("billing", 24, "verified"),
        ("human_request", 24, "again"),
        ("", 24, "again"),
    ],
)
def test_who_rings_about_it_again_was_not_helped(
    intent: str, hours: float, found: str, at_north: Clinic, alice: User
) -> None:
    a_request(by=alice)
    a_call(at=MONDAY + timedelta(hours=hours), from_number=ANA, intent=intent, outcome="nothing")

    assert fates(NOW) == {found: 1}


def test_another_number_and_a_test_call_are_nobodys_second_call(at_north: Clinic, alice: User) -> None:
    a_request(by=alice)
    a_call(at=MONDAY + timedelta(hours=2), from_number=BEN, intent="refill", outcome="nothing")
    a_call(at=MONDAY + timedelta(hours=2), from_number=ANA, intent="refill", outcome="nothing", test=True)

    assert fates() == {"verified": 1}


def test_what_is_not_done_closed_undone_or_withheld_is_not_verified(at_north: Clinic, alice: User) -> None:
    a_request()
    a_request("", by=alice)
    call = a_call(at=MONDAY, from_number=BEN, intent="refill", outcome="task")
    task = a_task(call, due=MONDAY + timedelta(hours=4))
    actions.cancel(by=alice, task_id=task.id, version=1, reason="Moved away")

    assert fates() == {"open": 1, "unknown": 1, "dropped": 1}


def test_one_of_two_requests_done_is_not_done(at_north: Clinic, alice: User) -> None:
    call = a_call(at=MONDAY, from_number=ANA, intent="refill", outcome="task")
    done(a_task(call, due=MONDAY + timedelta(hours=4)), by=alice, at=MONDAY + timedelta(hours=1))
    a_task(call, due=MONDAY + timedelta(hours=4), number=2)

    assert fates() == {"open": 1}


def test_an_answered_question_needs_no_task_and_a_task_that_is_no_longer_kept_proves_nothing(at_north: Clinic) -> None:
    a_call(at=MONDAY, from_number=ANA, intent="general", outcome="answered")
    a_call(at=MONDAY, from_number=BEN, intent="refill", outcome="task")

    assert fates() == {"verified": 1, "unknown": 1}


def test_containment_counts_what_the_telephone_ended_and_verification_what_is_known(
    at_north: Clinic, alice: User
) -> None:
    a_request(by=alice)
    a_request(BEN)
    for outcome in ("escalated", "handed_over", "abandoned"):
        a_call(at=MONDAY, intent="refill", outcome=outcome)
    a_call(at=MONDAY, outcome="nothing")
    a_call(at=MONDAY, outcome="task", seconds=None)  # not over

    found = queries.settled(numbers(span("7", now=NOW, zone=ZONE), NOW))

    assert (found.contained.part, found.contained.whole) == (2, 5)
    assert (found.verified.part, found.verified.whole) == (1, 4)
    assert found.unknown == 1


def test_every_fate_has_words() -> None:
    assert all(FATES.values())
