"""Attacks 24, 36 and 54: what a person of one clinic, or of a lesser role, slips into a request changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from calls.models import Call
from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.roles import GRANTS, Permission, Role
from clinics.practice.sensitive import SensitiveCall
from clinics.tenancy import inside
from tasks.models import Task
from tests.calls.network import Network
from tests.product.canaries import Patient, refill
from tests.product.walk import CLINIC, routes
from tests.sensitive.conftest import Closed, _no_old_cache, auditor, desks, shut  # noqa: F401  (fixtures)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("glances")]

HIDDEN = {
    "role": "admin", "is_staff": "on", "is_superuser": "true", "is_active": "false", "is_verified": "1",
    "clinic_id": "2", "clinic": "south", "schema_name": "south", "by": "x", "user": "x", "permission": "x",
}  # fmt: skip


def _rights(user: User) -> tuple[object, ...]:
    found = User.objects.get(pk=user.pk)
    return found.role, found.is_staff, found.is_superuser, found.is_active, found.user_permissions.count()


@pytest.mark.parametrize("who", ["alice", "auditor"])
def test_hidden_fields_and_json_give_nobody_a_right(
    who: str, shut: Closed, desks: dict[str, Client], alice: User, auditor: User  # noqa: F811
) -> None:  # fmt: skip
    person = {"alice": alice, "auditor": auditor}[who]
    given: dict[str, Any] = {"call_id": shut.refill, "task_id": shut.task, "escalation_id": shut.escalation}
    client = desks[who]
    client.raise_request_exception = False
    with inside(shut.clinic):
        before = _rights(person)

    statuses = set()
    for route in routes(CLINIC):
        if route.name == "people:sign_out":
            continue
        statuses.add(client.post(route.path(given), HIDDEN | {"version": "1"}).status_code)
        statuses.add(client.post(route.path(given), HIDDEN, content_type="application/json").status_code)

    with inside(shut.clinic):
        assert _rights(person) == before
    assert 403 in statuses


DOORS = {
    "its own": lambda verb, task: (f"/tasks/{task.pk}/{verb}/", {"version": task.version}),
    "the row's": lambda verb, task: ("/tasks/row/", {verb: f"{task.pk}.{task.version}"}),
    "that of many": lambda verb, task: ("/tasks/many/", {"many": verb, "tick": f"{task.pk}.{task.version}"}),
}


@pytest.mark.parametrize("door", DOORS)
def test_who_lacks_one_right_finds_no_door_to_its_deed_and_keeps_the_others(
    door: str, shut: Closed, desks: dict[str, Client], monkeypatch: Any  # noqa: F811
) -> None:  # fmt: skip
    monkeypatch.setitem(GRANTS, Role.ADMIN, GRANTS[Role.ADMIN] - {Permission.COMPLETE_TASKS})
    with inside(shut.clinic):
        task = Task.objects.get(pk=shut.task)

    assert desks["carol"].post(*DOORS[door]("complete", task)).status_code == 403
    assert desks["carol"].post(*DOORS[door]("claim", task)).status_code == 302
    with inside(shut.clinic):
        assert Task.objects.get(pk=shut.task).status == "in_progress"


def test_people_of_the_other_clinic_can_be_named_nowhere(
    shut: Closed, desks: dict[str, Client], dave: User, bob: User  # noqa: F811
) -> None:  # fmt: skip
    asked = {
        f"/settings/sensitive/{shut.refill}/people/": {"people": [str(dave.pk)]},
        "/settings/sensitive/numbers/": {"number": "+12025550149", "why": "vip", "people": [str(dave.pk)]},
        "/settings/cover/add/": {"absent": dave.pk, "person": bob.pk, "since": "2026-01-01", "until": "2026-01-02"},
        f"/tasks/{shut.task}/put-to/": {"version": "1", "doctors": [str(dave.pk)]},
    }

    assert {path: desks["carol"].post(path, given).status_code for path, given in asked.items()} == dict.fromkeys(
        asked, 422
    )
    with inside(shut.clinic):
        assert list(SensitiveCall.objects.get(pk=shut.refill).named.values_list("user__email", flat=True)) == [
            "carol@north.test"
        ]


def test_the_other_clinics_call_can_be_neither_marked_nor_opened(
    shut: Closed, desks: dict[str, Client], south: Clinic, carol: User  # noqa: F811
) -> None:  # fmt: skip
    line, _ = Network(south).call()
    with inside(south):
        theirs = Call.objects.get(sid=line.sid).id
    given = {"why": "vip", "people": [str(carol.pk)], "reason": "care", "words": "on the line now"}

    for path in ("mark/", "people/", "lift/"):
        assert desks["carol"].post(f"/settings/sensitive/{theirs}/{path}", given).status_code == 404
    assert desks["carol"].post(f"/calls/{theirs}/break-glass/", given).status_code == 404
    assert desks["carol"].get(f"/calls/{theirs}/looks/").status_code == 404
    with inside(south):
        assert SensitiveCall.objects.count() == 0


def test_a_caller_who_names_another_clinics_patient_reaches_nothing_of_theirs(south: Clinic, north: Clinic) -> None:
    with inside(south):
        before = Task.objects.count()
    patient = Patient()
    refill(Network(north), patient)

    with inside(south):
        assert (Task.objects.count(), Call.objects.count()) == (before, 0)
    with inside(north):
        assert patient.last.lower() in Task.objects.get().patient_name.lower()
