"""Operators look at events and deliveries in their admin; nobody changes one by hand."""

from __future__ import annotations

import uuid

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from clinics.people.models import User
from clinics.tenancy import inside
from notifications import delivery
from notifications.events import announce
from notifications.models import Delivery, Event


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


def test_a_clinics_person_does_not_get_in(client_of, carol):
    assert client_of(carol).get("/admin/notifications/event/").status_code == 404
