"""A policy is published in versions and read as one frozen value; facts end on their day."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice import actions, policies
from clinics.practice.hours import Interval, Week
from clinics.practice.models import CallPolicy, Fact
from clinics.tenancy import inside


@pytest.fixture(autouse=True)
def _in_north(north: Clinic) -> Any:
    with inside(north):
        yield


def test_a_change_is_a_new_version_and_keeps_the_rest(carol: User) -> None:
    before = policies.policy_in_force()

    row = actions.publish_policy(by=carol, changes={"max_turns": 20})

    after = policies.policy_in_force()
    assert (row.version, after.version, after.limits.max_turns) == (before.version + 1, before.version + 1, 20)
    assert (after.clinic_line, after.greeting_en) == (before.clinic_line, before.greeting_en)
    assert policies.policy(before.version).limits == before.limits
    assert row.published_by == carol


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"max_turns": 3}, "max_turns"),
        ({"clinic_line": "555"}, "clinic_line"),
        ({"clinic_line": "+12025550100\n"}, "clinic_line"),
        ({"phase": "party"}, "phase"),
        ({"version": 99}, "version"),
        ({"published_by": None}, "published_by"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_nonsense_is_refused_by_field_and_nothing_is_published(carol: User, changes: dict, field: str) -> None:
    before = CallPolicy.objects.count()

    with pytest.raises(ValidationError) as refused:
        actions.publish_policy(by=carol, changes=changes)

    assert field in refused.value.message_dict
    assert CallPolicy.objects.count() == before


def test_a_policy_cannot_be_changed_in_memory() -> None:
    held = policies.policy_in_force()

    with pytest.raises(FrozenInstanceError):
        held.spanish = False
    with pytest.raises(TypeError):
        held.facts["parking", "en"] = "elsewhere"


def test_a_policy_is_read_once(django_assert_num_queries: Any) -> None:
    policies.policy_in_force()

    with django_assert_num_queries(0):
        policies.policy_in_force()


def test_each_clinic_has_its_own(south: Clinic) -> None:
    here = policies.policy_in_force()
    with inside(south):
        there = policies.policy_in_force()

    assert (here.clinic_name, there.clinic_name) == ("Northside Clinic", "Southgate Practice")


def test_a_clinic_without_a_policy_says_so() -> None:
    CallPolicy.objects.all().delete()

    with pytest.raises(policies.NoPolicy):
        policies.policy_in_force()
    with pytest.raises(policies.NoPolicy):
        policies.policy(1)


def test_a_fact_is_told_through_its_last_day(carol: User) -> None:
    today = timezone.now().astimezone(policies.policy_in_force().zone).date()

    actions.set_fact(by=carol, topic="flu", language="en", text="Flu shots  today.", expires_on=today)
    assert policies.policy_in_force().facts["flu", "en"] == "Flu shots today."

    Fact.objects.filter(topic="flu").update(expires_on=today - timedelta(days=1))
    policies.forget()
    assert ("flu", "en") not in policies.policy_in_force().facts


def test_the_hours_are_said_from_the_hours_themselves(carol: User) -> None:
    Fact.objects.create(topic="hours", language="en", text="We are always open.")

    actions.set_hours(by=carol, week=Week((Interval(0, time(9), time(10)),)))

    assert policies.policy_in_force().facts["hours", "en"] == "We are open Monday, 9 AM to 10 AM."


@pytest.mark.parametrize(
    "week",
    [
        Week((Interval(0, time(9), time(9)),)),
        Week((Interval(0, time(9), time(12)), Interval(0, time(11), time(13)))),
        Week((Interval(0, time(22), time(2)), Interval(0, time(23), time(23, 30)))),
        Week((Interval(7, time(9), time(10)),)),
    ],
)
def test_hours_that_make_no_sense_are_refused(carol: User, week: Week) -> None:
    before = policies.policy_in_force().week

    with pytest.raises(ValidationError):
        actions.set_hours(by=carol, week=week)

    assert policies.policy_in_force().week == before


MORNING, AFTERNOON = (time(9), time(12)), (time(14), time(17, 30))


def test_a_day_with_other_hours_has_as_many_openings_as_it_needs(carol: User) -> None:
    actions.set_holiday(by=carol, day=date(2026, 12, 23), name="Two", spans=[AFTERNOON, MORNING])
    actions.set_holiday(by=carol, day=date(2026, 12, 24), name="Half", spans=[MORNING])
    actions.set_holiday(by=carol, day=date(2026, 12, 25), name="Closed")

    assert policies.policy_in_force().holidays == {
        date(2026, 12, 23): (MORNING, AFTERNOON), date(2026, 12, 24): (MORNING,), date(2026, 12, 25): (),
    }  # fmt: skip

    actions.set_holiday(by=carol, day=date(2026, 12, 23), name="One after all", spans=[MORNING])
    assert policies.policy_in_force().holidays[date(2026, 12, 23)] == (MORNING,)


@pytest.mark.parametrize(
    "spans", [[MORNING, (time(11), time(13))], [(time(9), time(9))], [(time(22), time(2)), (time(23), time(23, 30))]]
)
def test_a_day_whose_openings_overlap_is_refused(carol: User, spans: list) -> None:
    with pytest.raises(ValidationError):
        actions.set_holiday(by=carol, day=date(2026, 12, 24), name="Half", spans=spans)

    assert policies.policy_in_force().holidays == {}
