"""What the clinic's policy says about reviewing: its bounds, the pilot's first calls, and that past weeks stay."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from calls.models import Call
from calls.reviews import listing, selecting
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice.actions import publish_policy
from clinics.practice.models import CallPolicy
from clinics.tenancy import inside
from escalations.actions import raise_escalation
from tests.reviews.conftest import set_policy

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("America/New_York")


def many(count: int, *, at: datetime, **fields: object) -> list[Call]:
    given = {"to_number": "+12025550101", "status": "completed", "ended_at": at, "outcome": "task"} | fields
    made = Call.objects.bulk_create(Call(sid=f"CA{at:%j}{number:029}", **given) for number in range(count))
    for number, call in enumerate(made):
        call.started_at = at + timedelta(seconds=number)
    Call.objects.bulk_update(made, ["started_at"])
    return made


def groups(week: int = -1) -> list[str]:
    return sorted(listing.weeks(now=timezone.now(), zone=ZONE)[week].groups.values())


@pytest.mark.parametrize("number", [99, 301])
def test_the_first_calls_of_a_pilot_are_between_100_and_300(number: int, north: Clinic, carol: User) -> None:
    with inside(north):
        with pytest.raises(ValidationError):
            publish_policy(by=carol, changes={"pilot_reviews": number})
        with pytest.raises(IntegrityError), transaction.atomic():
            CallPolicy.objects.update(pilot_reviews=number)


def test_the_least_is_not_above_the_most(north: Clinic, carol: User) -> None:
    with inside(north), pytest.raises(ValidationError, match="least number of reviews is above the most"):
        publish_policy(by=carol, changes={"review_least": 50, "review_most": 20})


def test_a_published_version_keeps_what_is_said_about_reviews(north: Clinic, carol: User) -> None:
    with inside(north):
        publish_policy(by=carol, changes={"pilot_reviews": 300, "review_percent": 7})

        assert publish_policy(by=carol, changes={"max_turns": 30}).review_percent == 7


def test_only_the_first_calls_of_a_pilot_all_come_up(north: Clinic) -> None:
    set_policy(north, phase="pilot", pilot_reviews=100)
    with inside(north):
        made = many(130, at=timezone.now() - timedelta(seconds=200))
        found = listing.weeks(now=timezone.now(), zone=ZONE)

        pilot = {one for week in found for one, group in week.groups.items() if group == selecting.PILOT}

    assert pilot == {call.id for call in made[:100]}


def test_calls_of_a_later_phase_do_not_count_as_pilot_calls(north: Clinic, carol: User) -> None:
    set_policy(north, phase="pilot")
    with inside(north):
        publish_policy(by=carol, changes={"phase": "stabilisation"})
        many(5, at=timezone.now() - timedelta(seconds=60), policy_version=2)

        assert selecting.PILOT not in groups()


def test_a_new_version_does_not_choose_past_weeks_anew(north: Clinic, carol: User) -> None:
    last = timezone.now() - timedelta(days=14)
    set_policy(north, published_at=timezone.now() - timedelta(days=40), review_percent=20)
    with inside(north):
        many(50, at=last)
        before = groups(-3)

        publish_policy(by=carol, changes={"review_percent": 1, "review_least": 0})

        assert groups(-3) == before
        assert "sampled" in before


def test_a_clinics_own_rule_that_sounds_the_alarm_is_an_alarm(north: Clinic) -> None:
    with inside(north):
        call = many(1, at=timezone.now() - timedelta(seconds=60))[0]
        raise_escalation(
            reason="clinic_rule", level="emergency", summary="Own rule", call_id=call.id, words="", from_number="",
            patient_name="",
        )  # fmt: skip

        assert groups() == ["alarm"]
