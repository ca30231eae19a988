"""Tasks to work on, made through the action that the telephone uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from notifications.models import Event
from tasks.actions import open_task
from tasks.models import Decision, Note, Task


def asked(**changes: Any) -> dict[str, Any]:
    """What the telephone passes for an ordinary callback."""
    return {
        "kind": "callback",
        "summary": "Call back about a bill",
        "details": {"reason": "about a bill"},
        "call_id": uuid4(),
        "patient_name": "Maria Álvarez",
        "date_of_birth": date(1961, 4, 3),
        "callback_number": "+12025550142",
        "priority": 2,
        "due_at": timezone.now() + timedelta(hours=2),
        "needs_decision": False,
        **changes,
    }


@pytest.fixture
def at_north(north: Clinic) -> Iterator[Clinic]:
    """Inside the schema of `north`, as a request of that clinic is."""
    with inside(north):
        yield north


@pytest.fixture
def a_task(north: Clinic) -> Callable[..., Task]:
    def make(**changes: Any) -> Task:
        with inside(north):
            return open_task(**asked(**changes))

    return make


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """The clinic `north` outside any test transaction, for threads that must see each other's commits."""
    with django_db_blocker.unblock():
        clinic = Clinic.objects.get(slug="north")
        with inside(clinic):
            people = {user.email.split("@")[0]: user for user in User.objects.all()}
            yield {"clinic": clinic, "alice": people["alice"], "bob": people["bob"], "carol": people["carol"]}
            ids = list(Task.objects.values_list("id", flat=True))
            Decision.objects.all().delete()
            Note.objects.all().delete()
            Task.objects.all().delete()
        Event.objects.filter(about__in=ids).delete()
        connection.close()
