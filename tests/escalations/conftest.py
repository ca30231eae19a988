"""Escalations to handle, made through the action that the telephone uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from redis import Redis

from clinics import sealed
from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from escalations import alarms
from escalations.actions import raise_escalation
from escalations.models import Escalation, Step
from notifications.models import Event


def heard(**changes: Any) -> dict[str, Any]:
    """What the telephone passes for a possible emergency."""
    return {
        "reason": "emergency",
        "level": "emergency",
        "summary": "Possible emergency: chest pain. Told to dial 911.",
        "call_id": uuid4(),
        "words": "my chest hurts",
        "from_number": "+12025550142",
        "rule": "en.chest.pain",
        "rules_version": "1",
        **changes,
    }


@pytest.fixture(autouse=True)
def _no_old_alarms() -> Iterator[None]:
    """Start from an empty cache: a test's transaction is rolled back, Redis is not."""
    sealed.breaker.reset()
    with Redis.from_url(settings.CACHE_URL) as redis:
        redis.delete(
            *(f"sealed:{slug}:{name}" for slug in ("north", "south") for name in (alarms.LIST, alarms.GENERATION))
        )
    yield
    sealed.breaker.reset()


@pytest.fixture
def at_north(north: Clinic) -> Iterator[Clinic]:
    """Inside the schema of `north`, as a request of that clinic is."""
    with inside(north):
        yield north


@pytest.fixture
def an_escalation(north: Clinic) -> Callable[..., Escalation]:
    def make(**changes: Any) -> Escalation:
        with inside(north):
            return raise_escalation(**heard(**changes))

    return make


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """The clinic `north` outside any test transaction, for threads that must see each other's commits."""
    with django_db_blocker.unblock():
        clinic = Clinic.objects.get(slug="north")
        with inside(clinic):
            people = {user.email.split("@")[0]: user for user in User.objects.all()}
            yield {"clinic": clinic, "alice": people["alice"], "carol": people["carol"]}
            ids = list(Escalation.objects.values_list("id", flat=True))
            Step.objects.all().delete()
            Escalation.objects.all().delete()
        Event.objects.filter(about__in=ids).delete()
        connection.close()
