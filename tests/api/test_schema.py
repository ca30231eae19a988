"""Every operation of the API as its description allows and forbids, for each role and for nobody.

schemathesis draws the requests; they go through the whole product, at things that exist and at things that do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

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


def send(client: Client, asked: requests.PreparedRequest) -> Any:
    headers = {name: str(value) for name, value in asked.headers.items() if name not in {"Host", "Content-Length"}}
    kind = headers.pop("Content-Type", "")
    body = asked.body or b""
    return client.generic(
        asked.method or "GET", asked.path_url, body, content_type=kind, headers=_sendable(headers, client)
    )


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
    client, faults, sent = program_of(user), [], 0

    for operation in operations():
        for known in ({**things, "notification_id": str(line.pk)}, {}):
            for asked in requests_of(operation, mode, known):
                response, sent = send(client, asked), sent + 1
                told = str(response.status_code) in operation.responses.status_codes
                if response.status_code >= 500 or not (told or response.status_code == 405):
                    faults.append((asked.method, asked.path_url, response.status_code))

    assert sent > 40
    assert faults == []


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_nobody_gets_anything_without_signing_in(mode: GenerationMode, north: Clinic, things: dict[str, str]) -> None:
    client = client_on(north)
    client.raise_request_exception = False

    answers = [
        (asked.method, asked.path_url, send(client, asked).status_code)
        for operation in operations()
        for known in (things, {})
        for asked in requests_of(operation, mode, known)
    ]

    assert len(answers) > 40
    assert [one for one in answers if one[2] not in {401, 403, 404, 405}] == []


def test_every_deed_says_what_it_may_answer() -> None:
    lacking = [
        operation.label
        for operation in operations()
        if operation.method.upper() == "POST" and not set(operation.responses.status_codes) >= OF_A_DEED
    ]
    assert lacking == []
