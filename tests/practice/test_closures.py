"""Closed now: callers hear it at once, and it ends by itself or by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice import actions, policies
from clinics.practice.closures import Closure
from clinics.remembered import forget_everything
from clinics.tenancy import inside
from tests.calls.network import Network

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("America/New_York")


@pytest.fixture
def carols(carol: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(carol)


def form_value(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%dT%H:%M}"


def test_a_caller_hears_that_it_is_closed_and_when_people_are_there_again(carols: Client, north: Clinic) -> None:
    until = timezone.now() + timedelta(days=1)

    answer = carols.post("/settings/hours/close/", {"closed-at": form_value(until)})

    assert answer.status_code == 302
    forget_everything()
    network = Network(north)
    line, _ = network.call()
    words = " ".join(network.say(line, "i want to speak to a person").sentences)
    assert "The clinic is closed right now. People are there again tomorrow" in words
    page = carols.get("/settings/hours/").text
    assert "Closed until" in page
    assert "id_closed-at" in page


def test_it_is_opened_again_by_hand(carols: Client, carol: User, north: Clinic) -> None:
    with inside(north):
        actions.close_now(by=carol, until=timezone.now() + timedelta(hours=2))
        assert not policies.policy_in_force().is_open(timezone.now().astimezone(ZONE))

    assert carols.post("/settings/hours/open/").status_code == 302

    with inside(north):
        assert policies.policy_in_force().is_open(timezone.now().astimezone(ZONE))
        row = Closure.objects.get()
        assert (row.lifted_by, row.lifted_at is not None) == (carol, True)


@pytest.mark.parametrize("days", [-1, 15])
def test_a_time_that_is_past_or_far_away_is_refused(carols: Client, north: Clinic, days: int) -> None:
    answer = carols.post("/settings/hours/close/", {"closed-at": form_value(timezone.now() + timedelta(days=days))})

    assert answer.status_code == 422
    assert "within the next 14 days" in answer.text
    with inside(north):
        assert not Closure.objects.exists()


def test_a_policy_with_a_closure_is_still_read_in_as_many_queries(
    north: Clinic, django_assert_num_queries: Callable
) -> None:
    with inside(north):
        assert not Closure.objects.exists()  # the connection is in the clinic's schema from here on
        policies.forget()
        with django_assert_num_queries(4):  # the version with the closure, the week, the holidays, the facts
            policies.policy_in_force()
