"""What programs may do: work tasks, take and close escalations, decide, mark as read; each deed once for its key."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client
from django.utils import timezone

from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice.api_use import KEPT, Answered
from clinics.tenancy import inside
from escalations.models import Escalation
from notifications.models import Event, Notification
from tasks.models import Decision, Task
from tests.api.conftest import post

pytestmark = pytest.mark.django_db
Program = Callable[[User], Client]
Opened = Callable[..., Task]
Raised = Callable[..., Escalation]


def error_of(response: Any) -> tuple[int, str]:
    """The status and code of an error, which has the one shape."""
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "fields"}
    return response.status_code, body["error"]["code"]


def test_a_task_is_claimed_completed_and_reopened(program_of: Program, a_task: Opened, alice: User) -> None:
    client, task = program_of(alice), a_task()
    answers = []
    for deed in ("claim", "complete", "reopen"):
        version = client.get(f"/api/tasks/{task.id}/").json()["version"]
        answers.append(post(client, f"/api/tasks/{task.id}/{deed}/", {"version": version}))

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.json()["status"] for answer in answers] == ["in_progress", "completed", "pending"]
    assert answers[0].json()["assignee"]["id"] == str(alice.id)


def test_a_deed_is_written_down_with_its_person(
    program_of: Program, a_task: Opened, alice: User, north: Clinic
) -> None:
    task = a_task()
    post(program_of(alice), f"/api/tasks/{task.id}/claim/", {"version": 1})
    with inside(north):
        assert LogEntry.objects.filter(object_pk=str(task.id), actor=alice, changes__has_key="status").exists()


def test_who_acts_on_an_old_version_gets_a_conflict(
    program_of: Program, a_task: Opened, alice: User, carol: User
) -> None:
    task = a_task()
    assert post(program_of(alice), f"/api/tasks/{task.id}/claim/", {"version": 1}).status_code == 200
    assert error_of(post(program_of(carol), f"/api/tasks/{task.id}/claim/", {"version": 1})) == (409, "conflict")


def test_what_a_rule_refuses_is_422_with_its_sentence(program_of: Program, a_task: Opened, alice: User) -> None:
    task = a_task(kind="refill", needs_decision=True)
    answer = post(program_of(alice), f"/api/tasks/{task.id}/complete/", {"version": 1})
    assert error_of(answer) == (422, "refused")
    assert answer.json()["error"]["message"] == "A doctor has to decide first."


def test_a_doctor_decides_once_and_staff_may_not(
    program_of: Program, a_task: Opened, alice: User, bob: User, north: Clinic
) -> None:
    task = a_task(kind="refill", needs_decision=True)
    path, no = f"/api/tasks/{task.id}/decision/", {"version": 1, "verdict": "rejected", "reason": "Needs a visit"}

    assert error_of(post(program_of(alice), path, no)) == (403, "forbidden")
    decided = post(program_of(bob), path, no).json()["decision"]
    assert (decided["verdict"], decided["reason"]) == ("rejected", "Needs a visit")
    assert error_of(post(program_of(bob), path, {**no, "version": 2})) == (422, "refused")
    with inside(north):
        assert Decision.objects.count() == 1


def test_an_escalation_is_acknowledged_and_resolved(
    program_of: Program, an_escalation: Raised, alice: User, carol: User
) -> None:
    one, client = an_escalation(), program_of(alice)
    path = f"/api/escalations/{one.id}"

    assert error_of(post(client, f"{path}/resolve/", {"outcome": "reached"})) == (422, "refused")
    assert post(client, f"{path}/acknowledge/").json()["acknowledged_by"]["id"] == str(alice.id)
    assert error_of(post(program_of(carol), f"{path}/acknowledge/")) == (409, "conflict")
    assert error_of(post(client, f"{path}/resolve/", {"outcome": "not_emergency"})) == (422, "refused")
    assert post(client, f"{path}/resolve/", {"outcome": "reached"}).json()["status"] == "resolved"


def test_notifications_are_marked_as_read_by_their_own_person_only(
    program_of: Program, alice: User, carol: User, north: Clinic
) -> None:
    lines = [
        Notification.objects.create(clinic=north, person=alice.pk, kind="task.opened", about=uuid4(), path="/tasks/")
        for _ in range(3)
    ]
    path = f"/api/notifications/{lines[0].pk}/read/"

    assert error_of(post(program_of(carol), path)) == (404, "not_found")
    assert post(program_of(alice), path).json()["read_at"]
    assert post(program_of(alice), "/api/notifications/read/").json() == {"read": 2}


@pytest.mark.parametrize(
    "body", [{}, {"version": 0}, {"version": "x"}, {"version": None}, {"version": 10**20}, [], "x"]
)
def test_nonsense_is_400_and_changes_nothing(program_of: Program, a_task: Opened, alice: User, body: object) -> None:
    task, client = a_task(), program_of(alice)
    assert error_of(post(client, f"/api/tasks/{task.id}/claim/", body))[0] == 400
    assert client.get(f"/api/tasks/{task.id}/").json()["status"] == "pending"


# --- Once for each key -----------------------------------------------------------------------------------------------
def test_a_repeat_gets_the_first_answer_and_does_nothing(
    program_of: Program, a_task: Opened, alice: User, north: Clinic
) -> None:
    task, client = a_task(), program_of(alice)
    path, key = f"/api/tasks/{task.id}/claim/", {"HTTP_IDEMPOTENCY_KEY": "claim-1"}
    first = post(client, path, {"version": 1}, **key)
    told = Event.objects.filter(about=task.id).count()
    again = post(client, path, {"version": 1}, **key)

    assert (again.status_code, again.json()) == (200, first.json())
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert Event.objects.filter(about=task.id).count() == told
    with inside(north):
        assert Task.objects.get(pk=task.pk).version == 2


def test_the_key_of_another_deed_is_refused(program_of: Program, a_task: Opened, alice: User) -> None:
    one, other, client = a_task(), a_task(), program_of(alice)
    key = {"HTTP_IDEMPOTENCY_KEY": "claim-1"}
    post(client, f"/api/tasks/{one.id}/claim/", {"version": 1}, **key)

    for path, body in (
        (f"/api/tasks/{one.id}/claim/", {"version": 2}),
        (f"/api/tasks/{other.id}/claim/", {"version": 1}),
    ):
        assert error_of(post(client, path, body, **key)) == (422, "refused")
    assert client.get(f"/api/tasks/{other.id}/").json()["status"] == "pending"


def test_a_key_is_one_persons_and_ends_after_a_day(
    program_of: Program, a_task: Opened, alice: User, carol: User, north: Clinic
) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "the-same"}
    for user in (alice, carol):
        task = a_task()
        assert post(program_of(user), f"/api/tasks/{task.id}/claim/", {"version": 1}, **key).status_code == 200
    with inside(north):
        Answered.objects.update(at=timezone.now() - KEPT - timedelta(minutes=1))
    task = a_task()
    assert post(program_of(alice), f"/api/tasks/{task.id}/claim/", {"version": 1}, **key).status_code == 200
    with inside(north):
        assert Answered.objects.count() == 1


def test_a_refused_deed_may_be_asked_for_again_with_its_key(
    program_of: Program, an_escalation: Raised, alice: User
) -> None:
    one, client = an_escalation(), program_of(alice)
    key = {"HTTP_IDEMPOTENCY_KEY": "resolve-1"}
    path = f"/api/escalations/{one.id}"
    assert post(client, f"{path}/resolve/", {"outcome": "reached"}, **key).status_code == 422
    post(client, f"{path}/acknowledge/")
    assert post(client, f"{path}/resolve/", {"outcome": "reached"}, **key).status_code == 200


@pytest.mark.parametrize("key", ["two words", "x" * 129, "ä"])
def test_a_key_that_is_none_is_400(program_of: Program, a_task: Opened, alice: User, key: str) -> None:
    answer = post(program_of(alice), f"/api/tasks/{a_task().id}/claim/", {"version": 1}, HTTP_IDEMPOTENCY_KEY=key)
    assert error_of(answer) == (400, "invalid")


def test_a_kept_answer_is_sealed(program_of: Program, a_task: Opened, alice: User, north: Clinic) -> None:
    post(program_of(alice), f"/api/tasks/{a_task().id}/claim/", {"version": 1}, HTTP_IDEMPOTENCY_KEY="k")
    with inside(north), connection.cursor() as cursor:
        cursor.execute("SELECT body FROM practice_answered")
        held = bytes(cursor.fetchone()[0])
    assert b"Quorndale" not in held
    assert len(held) > 300


@pytest.mark.django_db(transaction=True)
def test_the_same_key_ten_times_at_once_has_one_effect(
    program_of: Program, a_task: Opened, alice: User, north: Clinic
) -> None:
    task, answers = a_task(), []
    clients = [program_of(alice) for _ in range(10)]
    ready = threading.Barrier(10)

    def ask(client: Client) -> None:
        ready.wait(30)
        answers.append(post(client, f"/api/tasks/{task.id}/claim/", {"version": 1}, HTTP_IDEMPOTENCY_KEY="once"))
        connection.close()

    threads = [threading.Thread(target=ask, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 9
    with inside(north):
        assert Task.objects.get(pk=task.pk).version == 2


# --- Limits ----------------------------------------------------------------------------------------------------------
def test_above_the_limit_of_a_person_the_answer_is_429_whatever_redis_forgot(
    program_of: Program, alice: User, carol: User, settings: Any
) -> None:
    settings.API_MOST_OF_PERSON = 3
    first, second = program_of(alice), program_of(alice)
    assert [client.get("/api/tasks/").status_code for client in (first, second, first)] == [200] * 3

    over = second.get("/api/tasks/")
    assert error_of(over) == (429, "too_many_requests")
    assert 0 < int(over.headers["Retry-After"]) <= 60
    assert program_of(carol).get("/api/tasks/").status_code == 200


def test_a_clinic_has_a_limit_of_its_own(
    program_of: Program, alice: User, carol: User, dave: User, settings: Any, client_of: Callable[[User], Client]
) -> None:
    settings.API_MOST_OF_CLINIC = 2
    assert program_of(alice).get("/api/tasks/").status_code == 200
    assert program_of(carol).get("/api/tasks/").status_code == 200
    assert program_of(carol).get("/api/tasks/").status_code == 429
    assert client_of(dave).get("/api/tasks/").status_code == 200


def test_a_minute_later_one_may_ask_again(program_of: Program, alice: User, north: Clinic, settings: Any) -> None:
    settings.API_MOST_OF_PERSON = 1
    client = program_of(alice)
    assert [client.get("/api/tasks/").status_code for _ in range(2)] == [200, 429]
    with inside(north), connection.cursor() as cursor:
        cursor.execute("UPDATE practice_apiuse SET since = since - interval '61 seconds'")
    assert client.get("/api/tasks/").status_code == 200
