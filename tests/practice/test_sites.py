"""A clinic with sites on different clocks: what a caller hears is on the clock of the site that was rung."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from calls import context
from calls.models import Call
from clinics.models import Clinic, PhoneLine
from clinics.practice import actions, policies
from clinics.practice.hours import Interval, Week
from clinics.remembered import forget_everything
from clinics.tenancy import inside
from tasks.models import Promise
from tests.calls.network import Network

CHICAGO = "+12025550109"
SUMMER, WINTER = datetime(2026, 7, 6, 12, 30, tzinfo=UTC), datetime(2026, 12, 7, 13, 30, tzinfo=UTC)
"""Half past eight in New York, half past seven in Chicago, on Mondays of either time."""


@pytest.fixture
def sites(north: Clinic) -> Clinic:
    """New York and Chicago, each from eight to five on its own clock."""
    PhoneLine.objects.create(clinic=north, number=CHICAGO, label="Chicago", timezone="America/Chicago")
    with inside(north):
        actions.set_hours(by=None, week=Week(tuple(Interval(day, time(8), time(17)) for day in range(7))))
    forget_everything()
    return north


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Calls are answered at this moment."""
    monkeypatch.setattr("calls.conversation.timezone", SimpleNamespace(now=lambda: moment))


def asked_for_a_person(clinic: Clinic, number: str) -> str:
    network = Network(clinic)
    line, _ = network.ring(caller="+12025550142", dialled=number, test=False)
    return " ".join(network.say(line, "i want to speak to a person").sentences)


@pytest.mark.parametrize("moment", [SUMMER, WINTER])
def test_at_the_same_moment_one_site_is_open_and_the_other_is_not(
    sites: Clinic, monkeypatch: pytest.MonkeyPatch, moment: datetime
) -> None:
    at(monkeypatch, moment)
    network = Network(sites)

    here = asked_for_a_person(sites, network.number)
    there = asked_for_a_person(sites, CHICAGO)

    assert "connecting you" in here
    assert "The clinic is closed right now. People are there again today at 8 AM." in there


def test_a_holiday_begins_and_ends_with_the_sites_own_day(sites: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    with inside(sites):
        actions.set_hours(by=None, week=Week(tuple(Interval(day, time(0), time(23, 59)) for day in range(7))))
        actions.set_holiday(by=None, day=date(2026, 12, 25), name="Christmas")
    forget_everything()
    at(monkeypatch, datetime(2026, 12, 25, 5, 30, tzinfo=UTC))  # half past midnight in New York
    network = Network(sites)

    assert "The clinic is closed right now" in asked_for_a_person(sites, network.number)
    assert "connecting you" in asked_for_a_person(sites, CHICAGO)


def test_a_promise_is_made_in_the_sites_hours_whatever_is_lost_meanwhile(
    sites: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, WINTER)
    network = Network(sites)
    line, _ = network.ring(caller="+12025550142", dialled=CHICAGO, test=False)
    with inside(sites):
        call = Call.objects.get(sid=line.sid)
        context.forget(call.id)  # the next turn begins from the database alone
        forget_everything()
        assert context.load(call.id).zone == "America/Chicago"
    for words in ("please call me back", "about my bill", "maria alvarez", "yes", "yes"):
        network.say(line, words)

    with inside(sites):
        due = Promise.objects.get().due_at
    assert due.astimezone(UTC) == datetime(2026, 12, 7, 16, 0, tzinfo=UTC), "two hours from eight in Chicago"


def test_what_is_no_zone_is_refused(sites: Clinic) -> None:
    with pytest.raises(ValidationError, match="IANA"):
        PhoneLine(clinic=sites, number="+12025550108", timezone="Mars/Olympus").full_clean()


def test_a_policy_of_a_site_is_read_once(sites: Clinic, django_assert_num_queries: Any) -> None:
    with inside(sites):
        policies.policy_in_force()
        with django_assert_num_queries(4):
            policies.policy_in_force(zone="America/Chicago")
        with django_assert_num_queries(0):
            policies.policy_in_force(zone="America/Chicago")
