"""Programs that hold tokens of the people of `north`, and something for them to work on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.tokens import issue_token
from clinics.tenancy import inside
from escalations.actions import raise_escalation
from escalations.models import Escalation
from tasks.actions import open_task
from tasks.models import Task
from tests.conftest import client_on


@pytest.fixture
def program_of(north: Clinic) -> Callable[[User], Client]:
    """A program that speaks JSON with a person's token."""

    def make(user: User) -> Client:
        client = client_on(north)
        with inside(north):
            client.defaults["HTTP_AUTHORIZATION"] = f"Token {issue_token(user=user)}"
        client.raise_request_exception = False
        return client

    return make


@pytest.fixture
def a_task(north: Clinic) -> Callable[..., Task]:
    def make(**changes: Any) -> Task:
        asked = {
            "kind": "callback", "summary": "Wants a call back", "details": {"reason": "a bill"}, "call_id": uuid4(),
            "priority": 2, "due_at": timezone.now() + timedelta(hours=1), "needs_decision": False,
            "patient_name": "Marigold Quorndale", "date_of_birth": date(1937, 11, 19),
            "callback_number": "+12125550183",
        }  # fmt: skip
        with inside(north):
            return open_task(**{**asked, **changes})

    return make


@pytest.fixture
def an_escalation(north: Clinic) -> Callable[..., Escalation]:
    def make(**changes: Any) -> Escalation:
        found = {"reason": "emergency", "level": "emergency", "summary": "Possible emergency", "call_id": uuid4()}
        with inside(north):
            return raise_escalation(**{**found, **changes})

    return make


def post(client: Client, path: str, data: object | None = None, **headers: str) -> Any:
    """POST a JSON body."""
    return client.post(path, {} if data is None else data, content_type="application/json", **headers)
