"""Every operation of the API as its description allows and forbids, for each role and for nobody.

schemathesis draws the requests; they go through the whole product, at things that exist and at things that do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
import schemathesis
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from calls.models import Call, Turn
from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.tenancy import inside
from escalations.models import Escalation
from notifications.models import Notification
from tasks.models import Task
from tests.conftest import client_on

pytestmark = pytest.mark.django_db
EXAMPLES = 4
CALM = settings(
    max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
SENT = {"method", "url", "headers", "params", "json", "data"}
OF_A_DEED = {"200", "400", "401", "403", "404", "422", "429"}
ROLES = [Role.STAFF, Role.DOCTOR, Role.ADMIN, Role.AUDITOR]
STAND_INS = {
    name: str(UUID(int=number))
    for number, name in enumerate(("task_id", "escalation_id", "call_id", "notification_id"), start=1)
}
"""What is drawn in place of the id of each thing; a test puts the ids of its own things there (`Asked.path`)."""


@dataclass(frozen=True)
class Asked:
    """One request that was drawn, and the answers that its operation's description tells of."""

    request: requests.PreparedRequest
    told: frozenset[str]

    @property
    def method(self) -> str:
        return self.request.method or "GET"

    def path(self, things: dict[str, str]) -> str:
        """The address, at these things."""
        path = self.request.path_url
        for name, one in things.items():
            path = path.replace(STAND_INS[name], one)
        return path


def described() -> Any:
    return schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))


def operations() -> Iterator[Any]:
    for found in described().get_all_operations():
        yield found.ok()


@pytest.fixture
def things(north: Clinic, a_task: Callable[..., Task], an_escalation: Callable[..., Escalation]) -> dict[str, str]:
    """One of each thing that a path can name."""
    with inside(north):
        call = Call.objects.create(sid="CA" + "5" * 32, from_number="+12025550167", to_number="+12025550101")
        Turn.objects.create(call=call, n=0, language="en", said="Hello", reply={}, state={})
    task = a_task(call_id=call.id, kind="refill", needs_decision=True)
    return {"task_id": str(task.id), "escalation_id": str(an_escalation().id), "call_id": str(call.id)}


@cache
def drawn(mode: GenerationMode) -> tuple[Asked, ...]:
    """What schemathesis draws for every operation, at things that exist and at others: the same for whoever asks."""
    return tuple(
        Asked(request, frozenset(operation.responses.status_codes))
        for operation in operations()
        for known in (STAND_INS, {})
        for request in requests_of(operation, mode, known)
    )


def requests_of(operation: Any, mode: GenerationMode, known: dict[str, str]) -> Iterator[requests.PreparedRequest]:
    """What schemathesis draws for an operation, as requests that are ready to be sent."""
    drawn: list[requests.PreparedRequest] = []
    named = {one.name for one in operation.path_parameters}
    given_path = {name: value for name, value in known.items() if name in named}

    @CALM
    @given(case=operation.as_strategy(mode, **({"path_parameters": given_path} if given_path else {})))
    def draw(case: Any) -> None:
        kwargs = case.as_transport_kwargs(base_url="http://north.localhost")
        drawn.append(requests.Request(**{name: kwargs[name] for name in SENT & kwargs.keys()}).prepare())

    try:
        draw()
    except (Unsatisfiable, pytest.skip.Exception):
        return  # it has nothing that could be wrong
    yield from drawn


def send(client: Client, asked: Asked, things: dict[str, str]) -> Any:
    request = asked.request
    headers = {name: str(value) for name, value in request.headers.items() if name not in {"Host", "Content-Length"}}
    kind = headers.pop("Content-Type", "")
    body = request.body or b""
    return client.generic(asked.method, asked.path(things), body, content_type=kind, headers=_sendable(headers, client))


def _sendable(headers: dict[str, str], client: Client) -> dict[str, str]:
    """Without a drawn Authorization: each client has its own."""
    return {name: value for name, value in headers.items() if name not in {"Authorization", "Cookie"}}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("role", ROLES)
def test_no_request_of_any_role_is_a_crash_or_an_answer_that_is_not_described(
    role: Role, mode: GenerationMode, north: Clinic, program_of: Callable[[User], Client], things: dict[str, str]
) -> None:
    with inside(north):
        user = User.objects.filter(role=role).first() or User.objects.create_user(
            f"{role}@north.test", None, name="Ana Auditor", role=role
        )
    line = Notification.objects.create(clinic=north, person=user.pk, kind="task.opened", about=uuid4(), path="/tasks/")
    client, things, faults = program_of(user), {**things, "notification_id": str(line.pk)}, []

    for asked in drawn(mode):
        status = send(client, asked, things).status_code
        if status >= 500 or not (str(status) in asked.told or status == 405):
            faults.append((asked.method, asked.path(things), status))

    assert len(drawn(mode)) > 40
    assert faults == []


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_nobody_gets_anything_without_signing_in(mode: GenerationMode, north: Clinic, things: dict[str, str]) -> None:
    client = client_on(north)
    client.raise_request_exception = False

    answers = [(asked.method, asked.path(things), send(client, asked, things).status_code) for asked in drawn(mode)]

    assert len(answers) > 40
    assert [one for one in answers if one[2] not in {401, 403, 404, 405}] == []


def test_what_is_drawn_asks_for_things_that_exist() -> None:
    paths = " ".join(asked.request.path_url for asked in drawn(GenerationMode.POSITIVE))

    assert [name for name, stand_in in STAND_INS.items() if stand_in not in paths] == []


def test_every_deed_says_what_it_may_answer() -> None:
    lacking = [
        operation.label
        for operation in operations()
        if operation.method.upper() == "POST" and not set(operation.responses.status_codes) >= OF_A_DEED
    ]
    assert lacking == []
