"""What is written when a task is opened, amended, claimed, completed, reopened and decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.people.models import User
from clinics.sealing.keys import keys_of
from notifications.models import Event
from tasks import actions
from tasks.models import Decision, Note, Task
from tasks.policy import Refused
from tests.tasks.conftest import asked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_north")]


def kinds_of(task: Task) -> list[str]:
    return list(Event.objects.filter(about=task.id).order_by("id").values_list("kind", flat=True))


def test_a_request_becomes_a_task_and_is_announced() -> None:
    task = actions.open_task(**asked(kind="refill", needs_decision=True))

    stored = Task.objects.get()
    assert (stored.id, stored.kind, stored.status, stored.version) == (task.id, "refill", "pending", 1)
    assert kinds_of(task) == ["task.opened", "task.decision_needed"]


def test_opening_costs_one_insert_and_one_announcement() -> None:
    keys_of(connection.schema_name)  # a process knows them from the calls before
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        actions.open_task(**asked())

    assert len(queries) == 2, [query["sql"][:60] for query in queries]


def test_the_same_request_of_a_call_opens_one_task_and_returns_the_first() -> None:
    call = uuid4()
    first = actions.open_task(**asked(call_id=call, summary="first"))
    again = actions.open_task(**asked(call_id=call, summary="second"))
    other = actions.open_task(**asked(call_id=call, request_number=2))

    assert again.id == first.id
    assert again.summary == "first"
    assert other.id != first.id
    assert Event.objects.filter(about=first.id).count() == 1


def test_a_correction_in_the_same_call_changes_the_task_and_keeps_what_was_known() -> None:
    call = uuid4()
    task = actions.open_task(**asked(call_id=call, details={"reason": "a bill", "doctor": "Lee"}))

    actions.amend_task(call_id=call, details={"reason": "a letter"}, patient_name="Marta Alba")

    task.refresh_from_db()
    assert task.details == {"reason": "a letter", "doctor": "Lee"}
    assert (task.patient_name, task.version) == ("Marta Alba", 2)
    assert list(Task.objects.found_by("marta letter")) == [task]


def test_amending_with_nothing_new_writes_nothing() -> None:
    call = uuid4()
    task = actions.open_task(**asked(call_id=call))

    actions.amend_task(call_id=call, details=task.details, patient_name=task.patient_name)

    assert Task.objects.get().version == 1
    assert kinds_of(task) == ["task.opened"]


def test_a_closed_task_is_not_amended(a_task: Callable[..., Task], alice: User) -> None:
    call = uuid4()
    task = a_task(call_id=call)
    actions.complete(by=alice, task_id=task.id, version=1)

    actions.amend_task(call_id=call, patient_name="Somebody Else")

    assert Task.objects.get().patient_name == "Maria Álvarez"


def test_claiming_gives_the_task_to_one_person_and_is_audited(a_task: Callable[..., Task], alice: User) -> None:
    task = a_task()

    actions.claim(by=alice, task_id=task.id, version=1)

    task.refresh_from_db()
    assert (task.status, task.assignee, task.version) == ("in_progress", alice, 2)
    entry = LogEntry.objects.get(object_pk=str(task.id))
    assert entry.actor_id == alice.id
    assert entry.changes == {"status": ["pending", "in_progress"], "assignee_id": ["", str(alice.id)]}


def test_a_second_person_is_told_who_has_it(a_task: Callable[..., Task], alice: User, carol: User) -> None:
    task = a_task()
    actions.claim(by=alice, task_id=task.id, version=1)

    with pytest.raises(actions.Taken) as taken:
        actions.claim(by=carol, task_id=task.id, version=1)

    assert taken.value.task.assignee == alice


def test_clicking_claim_twice_is_no_conflict(a_task: Callable[..., Task], alice: User) -> None:
    task = a_task()
    actions.claim(by=alice, task_id=task.id, version=1)

    assert actions.claim(by=alice, task_id=task.id, version=1).assignee == alice
    assert Task.objects.get().version == 2


def test_completing_stamps_who_and_when_and_reopening_takes_it_back(a_task: Callable[..., Task], alice: User) -> None:
    task = a_task()
    actions.complete(by=alice, task_id=task.id, version=1)
    task.refresh_from_db()
    assert (task.status, task.completed_by) == ("completed", alice)
    assert task.completed_at

    actions.reopen(by=alice, task_id=task.id, version=2)
    task.refresh_from_db()
    assert (task.status, task.completed_by, task.completed_at, task.assignee) == ("pending", None, None, None)
    assert kinds_of(task) == ["task.opened", "task.completed", "task.changed"]


def test_a_colleagues_task_cannot_be_completed_before_it_is_put_back(
    a_task: Callable[..., Task], alice: User, carol: User
) -> None:
    task = a_task()
    actions.claim(by=alice, task_id=task.id, version=1)
    with pytest.raises(Refused, match="Alice"):
        actions.complete(by=carol, task_id=task.id, version=2)

    actions.release(by=carol, task_id=task.id, version=2)
    actions.complete(by=carol, task_id=task.id, version=3)

    assert Task.objects.get().completed_by == carol


def test_a_doctor_decides_once(a_task: Callable[..., Task], alice: User, bob: User) -> None:
    task = a_task(kind="refill", needs_decision=True)
    with pytest.raises(Refused, match="doctor"):
        actions.complete(by=alice, task_id=task.id, version=1)

    actions.decide(by=bob, task_id=task.id, version=1, verdict="approved")
    with pytest.raises(Refused, match="approved already"):
        actions.decide(by=bob, task_id=task.id, version=2, verdict="rejected", reason="no")
    actions.complete(by=alice, task_id=task.id, version=2)

    assert Decision.objects.get().verdict == "approved"
    assert kinds_of(task) == [
        "task.opened",
        "task.decision_needed",
        "task.changed",
        "task.decided",
        "task.completed",
    ]


def test_a_rejection_needs_a_reason_and_staff_cannot_decide(
    a_task: Callable[..., Task], alice: User, carol: User, bob: User
) -> None:
    task = a_task(kind="refill", needs_decision=True)

    with pytest.raises(Refused, match="why"):
        actions.decide(by=bob, task_id=task.id, version=1, verdict="rejected", reason="  ")
    for person in (alice, carol):
        with pytest.raises(Refused, match="Only Doctor"):
            actions.decide(by=person, task_id=task.id, version=1, verdict="approved")

    assert not Decision.objects.exists()


def test_closing_as_not_needed_keeps_the_reason_as_a_note(a_task: Callable[..., Task], alice: User) -> None:
    task = a_task()
    with pytest.raises(Refused):
        actions.cancel(by=alice, task_id=task.id, version=1, reason=" ")

    actions.cancel(by=alice, task_id=task.id, version=1, reason="The patient came in person")

    assert Task.objects.get().status == "cancelled"
    assert Note.objects.get().words == "The patient came in person"


def test_no_patient_words_reach_the_audit_or_the_events(a_task: Callable[..., Task], alice: User, bob: User) -> None:
    task = a_task(kind="refill", needs_decision=True)
    actions.claim(by=alice, task_id=task.id, version=1)
    actions.add_note(by=alice, task_id=task.id, words="Zanzibar")
    actions.decide(by=bob, task_id=task.id, version=2, verdict="rejected", reason="Timbuktu")

    written = [str(row) for row in LogEntry.objects.values()] + [str(row) for row in Event.objects.values()]
    for secret in ("lvarez", "5550142", "bill", "Zanzibar", "Timbuktu"):
        assert not any(secret in line for line in written), secret


def test_the_queue_is_sorted_by_emergency_then_due_time(a_task: Callable[..., Task]) -> None:
    now = timezone.now()
    soon = a_task(due_at=now + timedelta(minutes=5), summary="soon")
    late = a_task(due_at=now - timedelta(hours=1), priority=3, summary="late")
    alarm = a_task(due_at=now + timedelta(hours=1), priority=0, summary="alarm")

    assert list(Task.objects.by_urgency()) == [alarm, late, soon]
