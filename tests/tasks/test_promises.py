"""What the telephone promised: written once, kept by the right deed, broken by time, and announced once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from clinics.people.models import User
from clinics.practice import promises
from notifications.models import Event
from tasks import actions
from tasks.models import Promise, Task
from tests.tasks.conftest import asked

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("kept", "withdrawn", "state"),
    [
        (None, None, "open"),
        (NOON, None, "kept"),
        (NOON + 2 * HOUR, None, "late"),
        (None, NOON, "withdrawn"),
        (NOON, NOON, "kept"),
    ],
)
def test_a_promise_stands_as_its_stamps_say(kept: datetime | None, withdrawn: datetime | None, state: str) -> None:
    due = NOON + HOUR

    assert promises.state_of(due_at=due, kept_at=kept, withdrawn_at=withdrawn, now=NOON) == state


def test_a_promise_is_broken_from_its_due_time_on() -> None:
    assert promises.state_of(due_at=NOON, kept_at=None, withdrawn_at=None, now=NOON) == "broken"


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ([], "names and open minutes"),
        ({"a_pony": 60}, "no promise"),
        ({"person_calls": 14}, "15 to 7200"),
        ({"person_calls": 7201}, "15 to 7200"),
        ({"person_calls": True}, "15 to 7200"),
        ({"person_calls": "60"}, "15 to 7200"),
    ],
)
def test_a_clinics_own_times_are_checked(given: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        promises.check_minutes(given)


def test_a_clinics_own_times_are_taken() -> None:
    assert promises.check_minutes({"person_calls": 15}) == {"person_calls": 15}


# --- Deeds ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def promised(at_north: object) -> Callable[..., Task]:
    """A task about which something was promised."""

    def make(name: str = "staff_call_back", *, due: timedelta = HOUR, **changes: object) -> Task:
        call_id = uuid4()
        task = actions.open_task(**asked(call_id=call_id, **changes))
        due_at = timezone.now() + due
        actions.promise(call_id=call_id, request_number=1, name=name, due_at=due_at, turn=5, test=task.test)
        return task

    return make


def state(task: Task) -> str:
    return task.promises.get().state(timezone.now())


@pytest.mark.django_db
def test_a_promise_about_a_request_is_written_once_as_first_told(promised: Callable[..., Task]) -> None:
    task = promised()
    first = task.promises.get()

    actions.promise(
        call_id=task.call_id, request_number=1, name="staff_call_back", due_at=first.due_at + HOUR, turn=9
    )  # fmt: skip

    again = task.promises.get()
    assert (again.id, again.due_at, again.turn) == (first.id, first.due_at, 5)


@pytest.mark.django_db
def test_what_is_not_on_the_list_cannot_be_promised(promised: Callable[..., Task]) -> None:
    task = promised()

    with pytest.raises(ValueError, match="no promise"):
        actions.promise(call_id=task.call_id, request_number=1, name="a_pony", due_at=timezone.now(), turn=1)


@pytest.mark.django_db
def test_completing_the_task_keeps_it(promised: Callable[..., Task], alice: User) -> None:
    task = promised()

    actions.complete(by=alice, task_id=task.id, version=1)

    assert (state(task), task.promises.get().kept_by) == ("kept", alice)


@pytest.mark.django_db
def test_a_doctors_decision_keeps_that_the_doctor_looks_and_not_that_staff_call(
    promised: Callable[..., Task], bob: User
) -> None:
    task = promised("doctor_decides", kind="refill", needs_decision=True)
    actions.promise(
        call_id=task.call_id, request_number=1, name="staff_call_back", due_at=timezone.now() + HOUR, turn=6
    )  # fmt: skip

    actions.decide(by=bob, task_id=task.id, version=1, verdict="approved")

    now = timezone.now()
    assert {row.name: row.state(now) for row in task.promises.all()} == {
        "doctor_decides": "kept",
        "staff_call_back": "open",
    }


@pytest.mark.django_db
def test_claiming_keeps_nothing(promised: Callable[..., Task], alice: User) -> None:
    task = promised()

    actions.claim(by=alice, task_id=task.id, version=1)

    assert state(task) == "open"


@pytest.mark.django_db
def test_done_too_late_is_kept_late(promised: Callable[..., Task], alice: User) -> None:
    task = promised(due=-HOUR)

    actions.complete(by=alice, task_id=task.id, version=1)

    assert state(task) == "late"


@pytest.mark.django_db
def test_a_task_that_is_not_needed_takes_its_promise_back(promised: Callable[..., Task], alice: User) -> None:
    task = promised()

    actions.cancel(by=alice, task_id=task.id, version=1, reason="she called again")

    assert state(task) == "withdrawn"
    assert actions.notice_broken_promises() == 0


@pytest.mark.django_db
def test_every_state_finds_exactly_its_own(promised: Callable[..., Task], alice: User) -> None:
    tasks = {"open": promised(), "broken": promised(due=-HOUR), "kept": promised(), "late": promised(due=-HOUR)}
    tasks["withdrawn"] = promised()
    for name in ("kept", "late"):
        actions.complete(by=alice, task_id=tasks[name].id, version=1)
    actions.cancel(by=alice, task_id=tasks["withdrawn"].id, version=1, reason="not needed")
    now = timezone.now()

    found = {name: [row.task_id for row in Promise.objects.in_state(name, now)] for name in promises.STATES}

    assert found == {name: [task.id] for name, task in tasks.items()}
    assert {row.state(now) for row in Promise.objects.all()} == set(promises.STATES)


@pytest.mark.django_db
def test_a_broken_promise_is_announced_once_to_whoever_has_the_task(promised: Callable[..., Task], alice: User) -> None:
    task = promised(due=-HOUR)
    promised()  # still open
    actions.claim(by=alice, task_id=task.id, version=1)

    assert (actions.notice_broken_promises(), actions.notice_broken_promises()) == (1, 0)

    event = Event.objects.get(kind="promise.broken")
    assert (event.about, event.path, event.audience) == (task.id, f"/tasks/{task.id}/", [str(alice.id)])


# --- Pages ---------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_queue_says_which_promises_are_broken_and_leads_to_them(
    promised: Callable[..., Task], client_of: Callable[[User], Client], alice: User
) -> None:
    promised(due=-HOUR, patient_name="Berta Broken")
    promised(patient_name="Olga Open")
    promised(due=-HOUR, patient_name="Tess Test", test=True)
    client = client_of(alice)

    queue = client.get("/tasks/").content.decode()
    broken = client.get("/tasks/promises/?state=broken").content.decode()
    opened = client.get("/tasks/promises/").content.decode()

    assert "Promise broken" in queue
    assert "1 promise to callers not kept in time" in queue
    assert ("Berta Broken" in broken, "Olga Open" in broken) == (True, False)
    assert ("Berta Broken" in opened, "Olga Open" in opened) == (False, True)


@pytest.mark.django_db
def test_a_task_says_what_was_promised_about_it(
    promised: Callable[..., Task], client_of: Callable[[User], Client], alice: User
) -> None:
    task = promised("nurse_calls_today")

    page = client_of(alice).get(task.path).content.decode()

    assert "A nurse calls back today" in page


@pytest.mark.django_db
def test_a_state_nobody_knows_shows_the_open_ones(client_of: Callable[[User], Client], alice: User) -> None:
    page = client_of(alice).get("/tasks/promises/", {"state": "no such"})

    assert (page.status_code, "Nothing is promised" in page.content.decode()) == (200, True)
