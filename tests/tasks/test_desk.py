"""The desk's deeds beyond claim and complete: handing over, snoozing, undo, many at once, searches, views, presence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.utils import timezone

from clinics import sealed
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice.sensitive import SensitiveCall
from clinics.tenancy import inside
from notifications.models import Event
from tasks import actions, presence, searches
from tasks.models import Deed, Promise, SavedView, Status, Task
from tasks.policy import Refused

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}
SignIn = Callable[[User], Client]
Opened = Callable[..., Task]


def key(task: Task) -> str:
    return f"{task.id}.{task.version}"


# --- Handing over and snoozing -----
def test_a_task_is_handed_to_a_colleague_who_is_told(at_north: Clinic, a_task: Opened, alice: User, bob: User) -> None:
    task = a_task()

    task = actions.assign(by=alice, task_id=task.id, version=1, to=bob)

    assert (task.status, task.assignee) == (Status.IN_PROGRESS, bob)
    event = Event.objects.get(kind="task.assigned", about=task.id)
    assert event.audience == [str(bob.pk)]


def test_nobody_is_handed_a_task_who_cannot_work_on_it(
    at_north: Clinic, a_task: Opened, alice: User, bob: User
) -> None:
    task = a_task()
    bob.is_active = False

    for to in (None, bob):
        with pytest.raises(Refused, match="Choose who shall have it"):
            actions.assign(by=alice, task_id=task.id, version=1, to=to)


def test_a_snoozed_task_leaves_the_queue_and_returns_by_itself(at_north: Clinic, a_task: Opened, alice: User) -> None:
    now = timezone.now()
    task = a_task(due_at=now + timedelta(days=2))
    until = now + timedelta(minutes=30)

    task = actions.snooze(by=alice, task_id=task.id, version=1, until=until)

    assert (task.snoozed_until, task.snoozed_by, task.status) == (until, alice, Status.PENDING)
    assert list(Task.objects.snoozed(now)) == [task]
    assert not Task.objects.open().awake(now).exists()
    assert list(Task.objects.open().awake(until)) == [task]
    assert not Task.objects.snoozed(until).exists()


def test_what_becomes_late_or_an_emergency_is_back_at_once(at_north: Clinic, a_task: Opened, alice: User) -> None:
    now = timezone.now()
    late, grave = a_task(due_at=now + timedelta(hours=9)), a_task(due_at=now + timedelta(hours=9))
    for task in (late, grave):
        actions.snooze(by=alice, task_id=task.id, version=1, until=now + timedelta(hours=8))

    Task.objects.filter(pk=late.pk).update(due_at=now)
    Task.objects.filter(pk=grave.pk).update(priority=0)

    assert set(Task.objects.open().awake(now)) == {late, grave}
    assert not any(task.is_away(now) for task in Task.objects.all())


@pytest.mark.parametrize("changes", [{"priority": 0}, {"due_at": timezone.now() - timedelta(minutes=1)}])
def test_an_emergency_and_what_is_late_are_never_put_off(
    changes: dict, at_north: Clinic, a_task: Opened, alice: User
) -> None:
    task = a_task(**changes)

    with pytest.raises(Refused):
        actions.snooze(by=alice, task_id=task.id, version=1, until=timezone.now() + timedelta(minutes=30))


def test_claiming_a_snoozed_task_brings_it_back(at_north: Clinic, a_task: Opened, alice: User, bob: User) -> None:
    task = a_task(due_at=timezone.now() + timedelta(days=2))
    actions.snooze(by=alice, task_id=task.id, version=1, until=timezone.now() + timedelta(hours=1))

    task = actions.claim(by=bob, task_id=task.id, version=2)

    assert (task.snoozed_until, task.snoozed_by) == (None, None)


# --- Undo -----
def test_undo_puts_back_what_was_there_with_its_promise(at_north: Clinic, a_task: Opened, alice: User) -> None:
    task = a_task()
    actions.promise(call_id=task.call_id, request_number=1, name="nurse_calls", due_at=task.due_at, turn=3)
    actions.claim(by=alice, task_id=task.id, version=1)
    actions.complete(by=alice, task_id=task.id, version=2)
    assert Promise.objects.get().kept_by == alice

    task = actions.undo(by=alice, task_id=task.id, version=3)

    assert (task.status, task.assignee, task.completed_at, task.version) == (Status.IN_PROGRESS, alice, None, 4)
    assert Promise.objects.get().kept_at is None
    deeds = Deed.objects.filter(task=task)
    assert [(deed.verb, bool(deed.undone_at)) for deed in deeds] == [
        ("claim", False), ("complete", True), ("undo", False),
    ]  # fmt: skip
    trail = LogEntry.objects.filter(object_pk=str(task.pk), changes__has_key="status")
    assert trail.order_by("-id").first().changes["status"] == ["completed", "in_progress"]


def test_only_ones_own_last_deed_is_undone_and_only_for_moments(
    at_north: Clinic, a_task: Opened, alice: User, bob: User
) -> None:
    task = a_task()
    actions.complete(by=alice, task_id=task.id, version=1)

    with pytest.raises(Refused, match="nothing of yours"):
        actions.undo(by=bob, task_id=task.id, version=2)
    Deed.objects.update(at=timezone.now() - timedelta(seconds=16))
    with pytest.raises(Refused, match="Undo is offered for 10 seconds"):
        actions.undo(by=alice, task_id=task.id, version=2)
    with pytest.raises(actions.Taken):
        actions.undo(by=alice, task_id=task.id, version=1)

    assert Task.objects.get().status == Status.COMPLETED


# --- Many at once -----
def test_many_are_done_one_by_one_and_the_answer_counts_exactly(
    a_task: Opened, client_of: SignIn, alice: User, bob: User, north: Clinic
) -> None:
    tasks = [a_task(patient_name=f"Patient {number}") for number in range(5)]
    with inside(north):
        actions.claim(by=bob, task_id=tasks[0].id, version=1)
    ticks = [key(task) for task in tasks]

    asked = client_of(alice).post("/tasks/many/", {"many": "complete", "tick": ticks, "view": "?"}, **HTMX)
    assert asked.status_code == 422
    assert "Complete 5? Press Complete once more." in asked.text
    answer = client_of(alice).post(
        "/tasks/many/", {"many": "complete", "sure": "5", "tick": ticks, "view": "?"}, **HTMX
    )

    assert "4 done, 1 failed." in answer.text
    assert "Patient 0: Taken by Bob Lee at " in answer.text
    with inside(north):
        assert Task.objects.with_status(Status.COMPLETED).count() == 4


def test_all_of_a_view_means_those_that_it_shows(a_task: Opened, client_of: SignIn, alice: User, north: Clinic) -> None:
    for number in range(3):
        a_task(kind="refill" if number else "billing")

    answer = client_of(alice).post("/tasks/many/", {"many": "claim", "all": "1", "view": "?kind=refill"}, **HTMX)

    assert "2 done." in answer.text
    with inside(north):
        assert set(Task.objects.filter(assignee=alice).values_list("kind", flat=True)) == {"refill"}


def test_nonsense_ticks_are_left_out(client_of: SignIn, alice: User) -> None:
    ticks = ["", "x", "x.1", f"{uuid4()}", f"{uuid4()}.x", f"{uuid4()}.1"]

    answer = client_of(alice).post("/tasks/many/", {"many": "claim", "tick": ticks}, **HTMX)

    assert "0 done, 1 failed." in answer.text
    assert "A task: It is not there any more." in answer.text


# --- Searches -----
def test_the_words_of_a_search_are_in_no_address_and_belong_to_one_person(
    a_task: Opened, client_of: SignIn, alice: User, bob: User, north: Clinic
) -> None:
    a_task(patient_name="Quorndale Marigold")
    a_task()

    answer = client_of(alice).post("/tasks/search/", {"q": "quorndale", "status": "pending"})
    address = answer["Location"]

    assert "quorndale" not in address.lower()
    assert client_of(alice).get(address).text.count("<tr id=") == 1
    other = client_of(bob).get(address).text
    assert other.count("<tr id=") == 2
    assert "kept for one person and half a day" in other
    with inside(north):
        said = LogEntry.objects.filter(additional_data__read="tasks.task search")
        assert said.count() == 1
        assert not LogEntry.objects.filter(additional_data__icontains="quorndale").exists()


def test_a_search_answers_while_redis_is_away(a_task: Opened, client_of: SignIn, alice: User) -> None:
    a_task(patient_name="Quorndale Marigold")
    a_task()
    client = client_of(alice)
    client.get("/tasks/")
    sealed.breaker.trip()
    try:
        answer = client.post("/tasks/search/", {"q": "quorndale"}, **HTMX)
    finally:
        sealed.breaker.reset()

    assert answer.status_code == 200
    assert answer.text.count("<tr id=") == 1
    assert "quorndale" not in answer["HX-Push-Url"]


def test_an_invented_handle_finds_nothing(at_north: Clinic, alice: User) -> None:
    handle = searches.keep("novak", person=alice.pk)

    assert searches.words_of(handle, person=alice.pk) == "novak"
    for wrong in ("", "x", handle + "x", "a" * 16, "../../etc/passwd", "*" * 16):
        assert searches.words_of(wrong, person=alice.pk) is None


# --- Saved views and groups -----
def test_a_view_is_saved_for_oneself_or_the_clinic_without_its_search(
    client_of: SignIn, alice: User, bob: User, north: Clinic
) -> None:
    mine = client_of(alice)
    mine.post("/tasks/views/", {"name": "Mine", "query": "?kind=refill&s=abcdefghijklmnop&after=x"})
    mine.post("/tasks/views/", {"name": "Ours", "query": "?late=1", "shared": "1"})

    with inside(north):
        assert dict(SavedView.objects.values_list("name", "query")) == {
            "Mine": "?status=pending&kind=refill", "Ours": "?status=pending&late=1",
        }  # fmt: skip
        ours = SavedView.objects.get(name="Ours")
    page = client_of(bob).get("/tasks/").text
    assert "Ours" in page
    assert ">Mine" not in page
    assert client_of(bob).post(f"/tasks/views/{ours.pk}/forget/").status_code == 404
    client_of(bob).post("/tasks/views/", {"name": "Ours", "query": "?kind=billing", "shared": "1"})
    with inside(north):
        assert SavedView.objects.get(name="Ours").query == "?status=pending&late=1"


def test_groups_show_the_most_pressing_first_and_keep_a_number_out_of_the_address(
    a_task: Opened, client_of: SignIn, alice: User
) -> None:
    now = timezone.now()
    for number in range(12):
        a_task(kind="refill", due_at=now + timedelta(hours=5, minutes=number))
    a_task(kind="billing", due_at=now + timedelta(hours=1), callback_number="+12025550177")
    client = client_of(alice)

    page = client.get("/tasks/?group=kind").text
    assert page.index('id="group-billing"') < page.index('id="group-refill"')
    assert page.count("<tr id=") == 11
    assert "All 12" in page
    shut = client.get("/tasks/?group=kind&shut=refill").text
    assert shut.count("<tr id=") == 1
    callers = client.get("/tasks/?group=caller").text
    assert callers.count('scope="rowgroup"') == 2
    assert not [part for part in callers.split('href="')[1:] if "0177" in part.split('"')[0] and "tel:" not in part]


# --- Presence -----
def test_a_look_is_seen_by_the_others_of_the_clinic_and_ends(
    a_task: Opened, client_of: SignIn, alice: User, bob: User, dave: User
) -> None:
    task = a_task()

    mine = client_of(alice).post("/tasks/looking/", {"task": str(task.id)}).json()
    assert mine == {"looking": {}}
    assert client_of(bob).post("/tasks/looking/", {"task": ""}).json() == {"looking": {str(task.id): ["Alice Moreno"]}}
    assert client_of(dave).post("/tasks/looking/", {"task": ""}).json() == {"looking": {}}
    assert presence.SECONDS == 45
    client_of(alice).post("/tasks/looking/", {"task": ""})
    assert client_of(bob).post("/tasks/looking/", {"task": "nonsense"}).json() == {"looking": {}}


# --- Danger ----------------------------------------------------------------------------------------------------------
def test_the_queue_says_how_much_of_the_open_work_is_pressing_whatever_is_filtered(
    a_task: Opened, north: Clinic, alice: User, client_of: SignIn
) -> None:
    client = client_of(alice)
    assert 'id="danger-share"' not in client.get("/tasks/").text
    for priority in (0, 1, 1, 2, 2, 2, 3, 3):
        a_task(priority=priority)
    done = a_task(priority=0)
    with inside(north):
        actions.complete(by=alice, task_id=done.id, version=1)

    for path in ("/tasks/", "/tasks/?status=completed", "/tasks/?kind=refill"):
        assert "8 open, of them 1 emergency and 2 high: 38 %" in client.get(path).text, path


def test_a_closed_call_is_in_nobodys_share(a_task: Opened, north: Clinic, alice: User, client_of: SignIn) -> None:
    a_task()
    hidden = a_task(priority=0)
    with inside(north):
        SensitiveCall.objects.create(call_id=hidden.call_id, why="vip")

    assert "1 open, of them 0 emergency and 0 high: 0 %" in client_of(alice).get("/tasks/").text
