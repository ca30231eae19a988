"""The two clinics with calls in them, made as patients make them: by telephone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from redis import Redis

from calls.models import Call
from calls.workbench import actions
from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.practice.actions import publish_policy
from clinics.tenancy import inside
from escalations.models import Escalation
from notifications.models import Notification
from tasks.models import Task
from tests import baseline
from tests.browser.conftest import browser_type_launch_args, committed_database  # noqa: F401  (fixtures)
from tests.calls.network import Network
from tests.product.canaries import EVERY_CALL, Patient
from tests.product.house import House
from tests.workbench.rules import ABSCESS


@pytest.fixture
def patient() -> Patient:
    return Patient()


@pytest.fixture
def no_old_cache() -> Iterator[None]:
    """A test's transaction is rolled back, Redis is not."""
    with Redis.from_url(settings.CACHE_URL) as redis:
        redis.flushall()
        yield
        redis.flushall()


def ids_of(clinic: Clinic) -> dict[str, UUID]:
    """One of each thing that an address can name."""
    with inside(clinic):
        found = {
            "task_id": Task.objects.order_by("created_at").values_list("id", flat=True)[0],
            "escalation_id": Escalation.objects.order_by("raised_at").values_list("id", flat=True)[0],
            "call_id": Call.objects.order_by("started_at").values_list("id", flat=True)[0],
        }
    found |= own_rules_of(clinic)
    return found | {"notification_id": Notification.objects.filter(clinic=clinic).values_list("id", flat=True)[0]}


def own_rules_of(clinic: Clinic) -> dict[str, object]:
    """A shipped rule, a draft of the clinic's own, and a request to take another one back."""
    with inside(clinic):
        by = User.objects.filter(role=Role.STAFF)[0]
        draft, other = (actions.draft_rule(by=by, draft=ABSCESS) for _ in range(2))
        actions.publish_draft(by=by, draft_id=other.id)
        asked = actions.ask_for_change(by=by, own_id=other.id, change="remove", kind="", reason="Too loud")
    return {"rule": "en.chest.pain", "own_id": draft.id, "change_id": asked.id}


@pytest.fixture
def calls_at(patient: Patient, no_old_cache: None) -> Callable[[Clinic], dict[str, UUID]]:
    """Play every call of the canaries at a clinic, tell its people, and return the ids of what came of it."""

    def play(clinic: Clinic) -> dict[str, UUID]:
        with inside(clinic):  # past the pilot, in which a person takes most of it
            publish_policy(by=None, changes={"phase": "expansion"})
        for call in EVERY_CALL:
            call(Network(clinic), patient)
        with inside(clinic):
            task = Task.objects.order_by("created_at")[0]
            for person in User.objects.all():
                Notification.objects.create(
                    clinic=clinic, person=person.pk, kind="task.opened", about=task.pk, path=task.path
                )
        return ids_of(clinic)

    return play


@pytest.fixture
def person_of(north: Clinic, client_of: Callable[[User], Client]) -> Callable[[Role], tuple[User, Client]]:
    """A person of `north` with this role, at a browser; the telephone's port leads nowhere."""

    def find(role: Role) -> tuple[User, Client]:
        with inside(north):
            user = User.objects.filter(role=role).first() or User.objects.create_user(
                f"{role}@north.test", None, name="Olga Operator", role=role
            )
        client = client_of(user)
        client.defaults["SERVER_PORT"] = "1"
        client.raise_request_exception = False
        return user, client

    return find


@pytest.fixture(scope="module")
def house(committed_database: None, django_db_blocker: Any) -> Iterator[House]:  # noqa: F811
    """The whole product as real processes, over committed rows that are put back afterwards."""
    with django_db_blocker.unblock(), House.opened() as house:
        yield house
        house.close()
        baseline.put_back()
