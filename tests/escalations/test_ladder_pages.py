"""The ladder on the page: who was told, whether it arrived, what comes next, and what to do by hand."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from escalations import actions
from escalations.climbing import climb
from escalations.models import Escalation
from notifications.models import Delivery, Event
from tests.escalations.conftest import heard
from tests.escalations.ladder import let_pass, on_call

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


@pytest.fixture
def climbed(north: Clinic, bob: User) -> Escalation:
    """An emergency whose person on call has just been texted."""
    with inside(north):
        on_call(bob, phone="+12025550171")
        escalation = actions.raise_escalation(**heard())
        let_pass(125, escalation)
        climb()
    return escalation


def text_of(client: Client, path: str) -> str:
    page = client.get(path)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def deliver(escalation: Escalation, bob: User, **changes: object) -> None:
    event = Event.objects.get(key=f"escalation.step:{escalation.id}:1:2")
    Delivery.objects.create(
        event=event,
        clinic=event.clinic,
        person=bob.id,
        channel="sms",
        policy="at_least_once",
        expires_at=event.expires_at,
        **changes,
    )


def test_the_page_says_who_was_told_and_what_comes_next(climbed: Escalation, client_of: SignIn, alice: User) -> None:
    for path in (climbed.path, "/escalations/"):
        page = text_of(client_of(alice), path)
        assert re.search(r"Told: everyone in the portal \d:\d\d · Bob Lee \d:\d\d ", page)
        assert "Next: a call to the person on call, in about 2 minutes." in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "pending"}, "text message on its way"),
        ({"state": "sent"}, "text message sent"),
        ({"state": "sent", "provider_status": "delivered"}, "text message delivered"),
        ({"state": "unknown"}, "text message not known whether it was sent"),
        ({"state": "dead", "last_error_code": "twilio_21211"}, "text message failed (twilio_21211)"),
        (
            {"state": "cancelled", "last_error_code": "opted_out"},
            "text message could not be sent (this number has opted out)",
        ),
        (
            {"state": "sent", "provider_status": "undelivered", "provider_error": "30003"},
            "text message not delivered (30003)",
        ),
    ],
)
def test_each_message_says_how_far_it_came(
    climbed: Escalation, client_of: SignIn, alice: User, bob: User, changes: dict[str, str], words: str
) -> None:
    deliver(climbed, bob, **changes)

    page = text_of(client_of(alice), climbed.path)

    assert f"Bob Lee: {words}" in page
    failed = any(word in words for word in ("failed", "could not", "not delivered"))
    assert ("Call +1 202-555-0171" in page) == failed  # the number to dial by hand


def test_the_list_of_states_knows_every_state_of_a_delivery() -> None:
    from escalations.rungs import ARRIVED
    from notifications.models import DeliveryState

    assert set(ARRIVED) == set(DeliveryState.values)


def test_an_open_card_fetches_its_ladder_and_a_closed_one_does_not(
    climbed: Escalation, client_of: SignIn, alice: User, dave: User, north: Clinic
) -> None:
    path = f"{climbed.path}ladder/"
    news = client_of(alice).get(path)
    assert news.text.count("hx-get") == 1
    assert 'hx-swap-oob="true"' in news.text
    assert "chest" not in news.text
    assert client_of(dave).get(path).status_code == 404

    with inside(north):
        actions.acknowledge(by=alice, escalation_id=climbed.id)

    assert "hx-get" not in client_of(alice).get(path).text
    assert "Not needed" in text_of(client_of(alice), climbed.path)


def test_an_unanswered_emergency_is_red_and_says_so(
    climbed: Escalation, client_of: SignIn, alice: User, north: Clinic
) -> None:
    with inside(north):
        let_pass(600, climbed)
        climb()

    page = client_of(alice).get(climbed.path).text

    assert '<span class="tag" data-tone="bad">Unanswered</span>' in page
    assert "Nobody has answered." in page
    assert "Carol Diaz has no telephone number" in page
    [alarm] = client_of(alice).get("/alarms/open/").json()["alarms"]
    assert alarm["unanswered"] is True


def test_how_long_it_took_is_on_the_page(climbed: Escalation, client_of: SignIn, alice: User, north: Clinic) -> None:
    with inside(north):
        actions.acknowledge(by=alice, escalation_id=climbed.id)

    page = text_of(client_of(alice), climbed.path)

    assert re.search(r"Acknowledged in the portal after 2 min [5-9] s", page)
    assert re.search(r"Acknowledged by Alice Moreno in the portal, after 2 min [5-9] s", page)


def test_a_drill_says_so(north: Clinic, client_of: SignIn, alice: User) -> None:
    with inside(north):
        escalation = actions.raise_escalation(**heard(drill=True))

    assert '<span class="tag tag-test">DRILL</span>' in client_of(alice).get(escalation.path).text
    assert client_of(alice).get("/alarms/open/").json()["alarms"][0]["drill"] is True
