"""Operators look at events and deliveries in their admin; nobody changes one by hand."""

from __future__ import annotations

import uuid

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.test import Client

from clinics.people.models import User
from clinics.tenancy import inside
from notifications import delivery
from notifications.events import announce
from notifications.models import Delivery, Event, Incident, Replay


@pytest.fixture
def operator(north) -> Client:
    person = User.objects.create_superuser("op@cliniqai.test", "a long password 1", name="Op")
    client = Client(HTTP_HOST=settings.BASE_DOMAIN)
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    about = uuid.uuid4()
    with inside(north), transaction.atomic():
        announce(kind="task.opened", about=about, path="/tasks/", key=f"task.opened:{about}")
    return client


@pytest.mark.parametrize("table", ["event", "delivery", "heartbeat", "replay"])
def test_an_operator_sees_the_tables_and_may_add_nothing(operator, table):
    assert operator.get(f"/admin/notifications/{table}/").status_code == 200
    assert operator.get(f"/admin/notifications/{table}/add/").status_code == 403


def test_a_row_is_shown_and_cannot_be_changed_or_deleted(operator):
    event = Event.objects.get()
    assert operator.get(f"/admin/notifications/event/{event.pk}/change/").status_code == 200
    assert operator.post(f"/admin/notifications/event/{event.pk}/change/", {"state": "dead"}).status_code == 403
    assert operator.post(f"/admin/notifications/event/{event.pk}/delete/", {"post": "yes"}).status_code == 403
    event.refresh_from_db()
    assert event.state == "pending"


def test_a_delivery_is_shown_with_its_tries(operator, north):
    event = Event.objects.get()
    row = Delivery.objects.create(
        event=event, clinic=north, channel="browser", policy="at_least_once", expires_at=event.expires_at
    )
    assert row.channel in delivery.SENDERS
    assert operator.get(f"/admin/notifications/delivery/{row.pk}/change/").status_code == 200


def test_an_operator_tries_dead_letters_of_all_clinics_again_or_puts_them_aside(operator, north, south):
    event = Event.objects.get()
    again, aside, fine = (
        Delivery.objects.create(
            event=event, clinic=clinic, channel="sms", policy="reconcile", state=state, expires_at=event.expires_at,
            person=uuid.uuid4(), last_error_code="twilio_30005",
        )
        for clinic, state in ((north, "dead"), (south, "dead"), (north, "sent"))
    )  # fmt: skip
    page = "/admin/notifications/delivery/"
    assert "The number does not exist." in operator.get(page, {"state__exact": "dead"}).content.decode()

    told = operator.post(page, {"action": "try_again", "_selected_action": [again.pk, fine.pk]}, follow=True)
    assert "1 are tried again." in told.content.decode()
    operator.post(page, {"action": "aside_wrong_number", "_selected_action": [aside.pk, fine.pk]})

    for row in (again, aside, fine):
        row.refresh_from_db()
    assert (again.state, aside.state, fine.state) == ("pending", "cancelled", "sent")
    assert aside.last_error_code == "discarded_wrong_number"
    assert Replay.objects.get().clinic == north


def test_a_clinics_person_does_not_get_in(client_of, carol):
    assert client_of(carol).get("/admin/notifications/event/").status_code == 404


@pytest.mark.parametrize("table", ["event", "delivery", "incident", "replay"])
@pytest.mark.parametrize("typed", ["north", "1", str(uuid.UUID(int=7)), "9" * 40, "' OR 1=1 --", "\u202ex", "%"])
def test_every_table_is_searched_without_falling_over(operator, table, typed):
    assert operator.get(f"/admin/notifications/{table}/", {"q": typed}).status_code == 200


def test_an_event_is_found_by_what_it_is_about(operator):
    event = Event.objects.get()

    found = operator.get("/admin/notifications/event/", {"q": str(event.about)}).text
    other = operator.get("/admin/notifications/event/", {"q": str(uuid.uuid4())}).text

    assert f"/admin/notifications/event/{event.pk}/change/" in found
    assert f"/admin/notifications/event/{event.pk}/change/" not in other


def test_every_page_of_the_admin_says_what_is_wrong_now(operator, north):
    for page in ("/admin/", "/admin/clinics/clinic/"):
        assert 'id="incidents"' not in operator.get(page).text

    Incident.objects.create(name="lag.urgent", clinic=north, worst=90)
    Incident.objects.create(name="lag.urgent", worst=90, closed_at=Now())

    for page in ("/admin/", "/admin/clinics/clinic/", f"/admin/clinics/clinic/{north.pk}/change/"):
        shown = operator.get(page)
        assert shown.text.count("Northside Clinic, since") == 1
        assert "style=" not in shown.text.partition('id="incidents"')[2][:400]
