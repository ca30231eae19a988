"""A call of `north` full of canaries, closed to everybody but Carol."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from redis import Redis

from calls.models import Call
from calls.sensitive import actions
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice.actions import publish_policy
from clinics.tenancy import inside
from escalations.models import Escalation
from tasks.models import Task
from tests.calls.network import Network
from tests.product.canaries import Patient, emergency, refill

SignIn = Callable[[User], Client]


@dataclass(frozen=True)
class Closed:
    """Two calls of one patient that Carol alone may open: a refill and an emergency."""

    clinic: Clinic
    patient: Patient
    refill: UUID
    emergency: UUID
    task: UUID
    escalation: UUID


@pytest.fixture(autouse=True)
def _no_old_cache() -> Iterator[None]:
    with Redis.from_url(settings.CACHE_URL) as redis:
        redis.flushall()
        yield
        redis.flushall()


@pytest.fixture
def shut(north: Clinic, carol: User) -> Closed:
    patient = Patient()
    with inside(north):
        publish_policy(by=None, changes={"phase": "expansion"})
    for call in (refill, emergency):
        call(Network(north), patient)
    with inside(north):
        first, second = Call.objects.order_by("started_at").values_list("id", flat=True)
        for one in (first, second):
            actions.mark(by=carol, call_id=one, why="vip", people=[carol])
        task, escalation = Task.objects.get(call_id=first), Escalation.objects.get(call_id=second)
    return Closed(north, patient, first, second, task.id, escalation.id)


@pytest.fixture
def auditor(north: Clinic) -> User:
    with inside(north):
        return User.objects.create_user("ada@north.test", None, name="Ada Auditor", role="auditor")


@pytest.fixture
def desks(alice: User, bob: User, carol: User, auditor: User, client_of: SignIn) -> dict[str, Client]:
    """A browser for each of them."""
    people: dict[str, Any] = {"alice": alice, "bob": bob, "carol": carol, "auditor": auditor}
    return {name: client_of(person) for name, person in people.items()}
