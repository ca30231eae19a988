"""The API of tasks: the contract's fields, filters, pages, and who is let in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.tokens import issue_token
from clinics.tenancy import inside
from tasks import actions
from tasks.models import Task
from tests.conftest import client_on

pytestmark = pytest.mark.django_db

FIELDS = [
    "id",
    "kind",
    "status",
    "priority",
    "due_at",
    "assignee",
    "patient_name",
    "date_of_birth",
    "callback_number",
    "details",
    "call_id",
    "needs_decision",
    "decision",
    "version",
    "created_at",
]
SignIn = Callable[[User], Client]
Opened = Callable[..., Task]


def test_a_task_has_exactly_the_contracts_fields(
    a_task: Opened, client_of: SignIn, alice: User, bob: User, north: Clinic
) -> None:
    task = a_task(kind="refill", needs_decision=True, date_of_birth=date(1980, 2, 29), priority=1)
    with inside(north):
        actions.decide(by=bob, task_id=task.id, version=1, verdict="rejected", reason="needs a visit")
        actions.claim(by=alice, task_id=task.id, version=2)

    [shown] = client_of(alice).get("/api/tasks/").json()["results"]

    assert list(shown) == FIELDS
    assert shown == client_of(alice).get(f"/api/tasks/{task.id}/").json()
    assert (shown["id"], shown["priority"], shown["status"]) == (str(task.id), "high", "in_progress")
    assert shown["assignee"] == {"id": str(alice.id), "name": "Alice Moreno"}
    assert shown["date_of_birth"] == "1980-02-29"
    assert shown["details"] == {"reason": "about a bill"}
    assert shown["decision"]["verdict"] == "rejected"
    assert shown["decision"]["decided_by"]["name"] == "Bob Lee"


def test_filters_narrow_the_list(a_task: Opened, client_of: SignIn, alice: User, north: Clinic) -> None:
    mine = a_task(kind="billing")
    doctors = a_task(kind="refill", needs_decision=True)
    with inside(north):
        actions.claim(by=alice, task_id=mine.id, version=1)
    client = client_of(alice)
    later = (timezone.now() + timedelta(hours=1)).isoformat()

    def ids(**query: str) -> list[str]:
        return [row["id"] for row in client.get("/api/tasks/", query).json()["results"]]

    assert ids() == [str(doctors.id), str(mine.id)]
    assert ids(status="in_progress") == ids(kind="billing") == ids(assignee="me") == [str(mine.id)]
    assert ids(assignee=str(alice.id)) == ids(needs_decision="false") == [str(mine.id)]
    assert ids(assignee="none") == ids(needs_decision="true") == [str(doctors.id)]
    assert ids(created_after=later) == []
    assert len(ids(created_before=later)) == 2


@pytest.mark.parametrize(
    "query",
    [
        {"status": "nonsense"},
        {"kind": "x"},
        {"assignee": "alice"},
        {"needs_decision": "perhaps"},
        {"created_after": "yesterday"},
        {"created_before": "2026-13-01"},
        {"cursor": "!!"},
    ],
)
def test_a_bad_filter_is_refused_in_the_one_error_shape(client_of: SignIn, alice: User, query: dict[str, str]) -> None:
    answer = client_of(alice).get("/api/tasks/", query)

    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"code", "message", "fields"}
    assert list(answer.json()["error"]["fields"]) == list(query)


def test_pages_follow_a_cursor(a_task: Opened, client_of: SignIn, alice: User) -> None:
    made = {str(a_task().id) for _ in range(7)}
    client, url, seen = client_of(alice), "/api/tasks/?page_size=3", []
    while url:
        page = client.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert len(seen) == 7
    assert set(seen) == made


def test_a_token_opens_the_api_and_strangers_do_not_get_in(a_task: Opened, alice: User, north: Clinic) -> None:
    task = a_task()
    with inside(north):
        token = issue_token(user=alice)
    client = client_on(north)

    assert client.get("/api/tasks/", headers={"authorization": f"Token {token}"}).status_code == 200
    for path in ("/api/tasks/", f"/api/tasks/{task.id}/"):
        answer = client.get(path)
        assert answer.status_code in (401, 403)
        assert "error" in answer.json()


def test_another_clinics_task_is_not_there(a_task: Opened, client_of: SignIn, dave: User) -> None:
    task = a_task()
    answer = client_of(dave).get(f"/api/tasks/{task.id}/")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
    assert client_of(dave).get("/api/tasks/").json()["results"] == []


def test_nothing_can_be_written_through_the_api(a_task: Opened, client_of: SignIn, alice: User) -> None:
    task = a_task()
    for path in ("/api/tasks/", f"/api/tasks/{task.id}/"):
        assert client_of(alice).post(path, {}, content_type="application/json").status_code in (403, 405)


@pytest.mark.usefixtures("timeless")
def test_reading_is_written_down_and_costs_no_query_per_row(
    a_task: Opened, client_of: SignIn, alice: User, north: Clinic
) -> None:
    client = client_of(alice)
    a_task()
    client.get("/api/tasks/")
    with CaptureQueriesContext(connection) as one:
        client.get("/api/tasks/")
    for _ in range(30):
        a_task()
    with CaptureQueriesContext(connection) as many:
        client.get("/api/tasks/")

    assert len(many) == len(one) <= 8
    with inside(north):
        assert LogEntry.objects.filter(action=LogEntry.Action.ACCESS, actor=alice).count() == 3
