"""The doctor's page: one request at a time, who it is, undo within seconds, and asking the patient first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from guardian.shortcuts import assign_perm

from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice.sensitive import OPEN_CALL, SensitiveCall
from clinics.tenancy import inside
from notifications.kinds import TABLE
from notifications.models import Event
from tasks import actions
from tasks.decisions import actions as deeds
from tasks.models import Decision, Promise, Task
from tasks.patients import identity_of
from tasks.policy import Refused

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}
SignIn = Callable[[User], Client]
Opened = Callable[..., Task]


@pytest.fixture
def refill(a_task: Opened) -> Callable[..., Task]:
    def make(**changes: object) -> Task:
        return a_task(**{"kind": "refill", "needs_decision": True, "details": {"medication": "Lantus"}, **changes})

    return make


def now_of(task: Task, clinic: Clinic) -> Task:
    with inside(clinic):
        return Task.objects.with_people().get(pk=task.pk)


def test_a_doctor_lands_on_what_waits_for_them(refill: Opened, bob: User, client_of: SignIn) -> None:
    refill()
    browser = client_of(bob)

    assert browser.get("/")["Location"] == "/decisions/"
    page = browser.get("/decisions/").text
    assert "1 of 1" in page
    assert "Approve Lantus for Maria Álvarez" in page


def test_others_have_no_such_page(refill: Opened, alice: User, carol: User, client_of: SignIn) -> None:
    task = refill()
    for person in (alice, carol):
        assert client_of(person).get("/decisions/").status_code == 403
        assert client_of(person).post(f"/decisions/{task.id}/decide/", {"version": 1}).status_code == 403


def test_the_most_pressing_is_in_front_and_any_can_be_opened(refill: Opened, bob: User, client_of: SignIn) -> None:
    later = refill(patient_name="Josef Novak", due_at=timezone.now() + timedelta(hours=9))
    refill(patient_name="Ana Ruiz", due_at=timezone.now() - timedelta(minutes=5))
    browser = client_of(bob)

    assert "Approve Lantus for Ana Ruiz" in browser.get("/decisions/").text
    assert "Approve Lantus for Josef Novak" in browser.get(f"/decisions/?task={later.id}").text
    assert "Approve Lantus for Ana Ruiz" in browser.get("/decisions/?task=nonsense").text


def test_approving_shows_the_next_and_a_way_back(refill: Opened, north: Clinic, bob: User, client_of: SignIn) -> None:
    task, other = refill(), refill(patient_name="Josef Novak")

    answer = client_of(bob).post(
        f"/decisions/{task.id}/decide/", {"version": 1, "verdict": "approved", "next": str(other.id)}, **HTMX
    )

    assert "Approved: Lantus for Maria Álvarez." in answer.text
    assert "Undo (10 s)" in answer.text
    assert "Approve Lantus for Josef Novak" in answer.text
    assert now_of(task, north).verdict == "approved"


def test_rejecting_takes_a_reason_from_the_list_or_ones_own_words(
    refill: Opened, north: Clinic, bob: User, client_of: SignIn
) -> None:
    cases = [
        ({"code": "too_early"}, "Too early for a refill"),
        ({"code": "too_early", "reason": " until  Monday "}, "Too early for a refill. until Monday"),
        ({"code": "other", "reason": "Ring me"}, "Ring me"),
        ({"reason": "Ring me"}, "Ring me"),
    ]
    for given, stored in cases:
        task = refill()
        client_of(bob).post(f"/decisions/{task.id}/decide/", {"version": 1, "verdict": "rejected", **given})
        assert now_of(task, north).decision.reason == stored


@pytest.mark.parametrize("given", [{}, {"code": "other"}, {"code": "no_such"}])
def test_rejecting_without_a_reason_is_refused_and_keeps_what_was_typed(
    given: dict, refill: Opened, north: Clinic, bob: User, client_of: SignIn
) -> None:
    task = refill()

    answer = client_of(bob).post(
        f"/decisions/{task.id}/decide/", {"version": 1, "verdict": "rejected", **given}, **HTMX
    )

    assert answer.status_code == 422
    assert "Write why you reject it" in answer.text
    assert not now_of(task, north).verdict


def test_who_comes_second_reads_what_the_first_decided(
    refill: Opened, north: Clinic, bob: User, client_of: SignIn
) -> None:
    task = refill()
    with inside(north):
        ann = User.objects.create_user("ann@north.test", "correct horse battery staple", name="Ann Roe", role="doctor")
        actions.decide(by=ann, task_id=task.id, version=1, verdict="approved")

    answer = client_of(bob).post(
        f"/decisions/{task.id}/decide/", {"version": 1, "verdict": "rejected", "code": "visit"}, **HTMX
    )

    assert answer.status_code == 409
    assert "Ann Roe has approved Lantus for Maria Álvarez." in answer.text
    assert now_of(task, north).verdict == "approved"


# --- Who it is -------------------------------------------------------------------------------------------------------
def test_nothing_is_approved_for_an_uncertain_patient(
    refill: Opened, north: Clinic, bob: User, client_of: SignIn
) -> None:
    task = refill(date_of_birth=None)
    browser = client_of(bob)

    refused = browser.post(f"/decisions/{task.id}/decide/", {"version": 1, "verdict": "approved"}, **HTMX)
    assert refused.status_code == 422
    assert "did not tell a date of birth" in refused.text

    browser.post(f"/decisions/{task.id}/identity/", {"version": 1}, **HTMX)
    browser.post(f"/decisions/{task.id}/decide/", {"version": 2, "verdict": "approved"}, **HTMX)
    assert now_of(task, north).verdict == "approved"
    assert now_of(task, north).identity_confirmed_by_id == bob.id


def test_an_uncertain_patient_can_be_rejected(refill: Opened, north: Clinic, bob: User) -> None:
    task = refill(patient_name="")
    with inside(north):
        actions.decide(by=bob, task_id=task.id, version=1, verdict="rejected", reason="Not our patient")

    assert now_of(task, north).verdict == "rejected"


def test_an_earlier_request_that_contradicts_blocks_the_approval(refill: Opened, north: Clinic, bob: User) -> None:
    refill(date_of_birth=date(1999, 1, 1))
    task = refill()

    with inside(north), pytest.raises(Refused, match="but not both"):
        actions.decide(by=bob, task_id=task.id, version=1, verdict="approved")


def test_a_closed_request_of_the_same_number_is_told_by_no_sentence(refill: Opened, north: Clinic, bob: User) -> None:
    earlier = refill(date_of_birth=date(1999, 1, 1), call_id=uuid4())
    task = refill(call_id=uuid4())
    with inside(north):
        mark = SensitiveCall.objects.create(call_id=earlier.call_id, why="vip")
        assert "nothing earlier" in identity_of(task, person=bob).words

        assign_perm(OPEN_CALL, bob, mark)
        assert "but not both" in identity_of(task, person=bob).words


# --- Taking it back --------------------------------------------------------------------------------------------------
def test_a_decision_is_taken_back_with_what_followed_from_it(refill: Opened, north: Clinic, bob: User) -> None:
    task = refill()
    with inside(north):
        actions.promise(call_id=task.call_id, request_number=1, name="doctor_decides", due_at=task.due_at, turn=2)
        actions.decide(by=bob, task_id=task.id, version=1, verdict="approved")
        assert Promise.objects.get().kept_by == bob

        deeds.undo_decision(by=bob, task_id=task.id, version=2)

        assert not Decision.objects.exists()
        assert Promise.objects.get().kept_at is None
    assert set(Event.objects.filter(about=task.id, kind="task.decided").values_list("state", flat=True)) == {
        "cancelled"
    }


def test_nobody_is_told_of_a_decision_while_it_can_be_taken_back(refill: Opened, north: Clinic, bob: User) -> None:
    task = refill()
    with inside(north):
        actions.decide(by=bob, task_id=task.id, version=1, verdict="approved")

    event = Event.objects.get(about=task.id, kind="task.decided")
    lives = timedelta(minutes=TABLE["task.decided"].expires_after_minutes)
    assert event.expires_at - event.available_at == lives - timedelta(seconds=10)


def test_after_an_undo_it_can_be_decided_and_told_again(refill: Opened, north: Clinic, bob: User) -> None:
    task = refill()
    with inside(north):
        actions.decide(by=bob, task_id=task.id, version=1, verdict="approved")
        deeds.undo_decision(by=bob, task_id=task.id, version=2)
        actions.decide(by=bob, task_id=task.id, version=3, verdict="rejected", reason="Needs a visit first")

    states = Event.objects.filter(about=task.id, kind="task.decided").order_by("id").values_list("state", flat=True)
    assert list(states) == ["cancelled", "pending"]
    assert now_of(task, north).verdict == "rejected"


def test_a_decision_is_taken_back_only_by_its_doctor_and_only_at_once(
    refill: Opened, north: Clinic, alice: User, bob: User
) -> None:
    task = refill()
    with inside(north):
        ann = User.objects.create_user("ann@north.test", "correct horse battery staple", name="Ann Roe", role="doctor")
        actions.decide(by=bob, task_id=task.id, version=1, verdict="approved")
        with pytest.raises(Refused, match="Bob Lee decided it"):
            deeds.undo_decision(by=ann, task_id=task.id, version=2)
        Decision.objects.update(decided_at=timezone.now() - timedelta(seconds=60))
        with pytest.raises(Refused, match="Too late"):
            deeds.undo_decision(by=bob, task_id=task.id, version=2)
        Decision.objects.update(decided_at=timezone.now())
        actions.complete(by=alice, task_id=task.id, version=2)
        with pytest.raises(Refused, match="Too late"):
            deeds.undo_decision(by=bob, task_id=task.id, version=3)


# --- Asking the patient first ----------------------------------------------------------------------------------------
def test_a_request_given_to_staff_comes_back_with_the_answer(
    refill: Opened, north: Clinic, alice: User, bob: User, client_of: SignIn
) -> None:
    task = refill()
    doctor, desk = client_of(bob), client_of(alice)

    doctor.post(f"/decisions/{task.id}/ask/", {"version": 1, "words": "Which dose do you take?"}, **HTMX)
    assert "Nothing waits for you" in doctor.get("/decisions/").text
    page = desk.get(task.path).text
    assert "Which dose do you take?" in page
    assert "Bob Lee wants the patient asked first" in page

    desk.post(f"/decisions/{task.id}/answer/", {"version": 2, "words": "Ten units"})
    assert "Approve Lantus for Maria Álvarez" in doctor.get("/decisions/").text
    assert "Ten units" in doctor.get(task.path).text
    kinds = set(Event.objects.filter(about=task.id).values_list("kind", flat=True))
    assert {"task.asked_back", "task.decision_needed"} <= kinds


def test_what_staff_are_asking_is_not_decided_meanwhile(refill: Opened, north: Clinic, bob: User) -> None:
    task = refill()
    with inside(north):
        deeds.ask_staff(by=bob, task_id=task.id, version=1, words="Which dose?")
        with pytest.raises(Refused, match="Staff are asking"):
            actions.decide(by=bob, task_id=task.id, version=2, verdict="approved")


@pytest.mark.parametrize("words", ["", "   "])
def test_asking_and_answering_take_words(words: str, refill: Opened, north: Clinic, alice: User, bob: User) -> None:
    task = refill()
    with inside(north):
        with pytest.raises(Refused, match="what staff should ask"):
            deeds.ask_staff(by=bob, task_id=task.id, version=1, words=words)
        deeds.ask_staff(by=bob, task_id=task.id, version=1, words="Which dose?")
        with pytest.raises(Refused, match="what the patient said"):
            deeds.answer_doctor(by=alice, task_id=task.id, version=2, words=words)


# --- Other pages -----------------------------------------------------------------------------------------------------
def test_what_was_decided_today_is_listed(refill: Opened, north: Clinic, bob: User, client_of: SignIn) -> None:
    today, before = refill(), refill(patient_name="Josef Novak", callback_number="+12025550177")
    with inside(north):
        for task in (today, before):
            actions.decide(by=bob, task_id=task.id, version=1, verdict="approved")
        Decision.objects.filter(task=before).update(decided_at=timezone.now() - timedelta(days=2))

    page = client_of(bob).get("/decisions/today/").text

    assert "Maria Álvarez" in page
    assert "Josef Novak" not in page


def test_another_clinics_request_does_not_exist(refill: Opened, south: Clinic, client_of: SignIn) -> None:
    task = refill()
    with inside(south):
        eve = User.objects.create_user("eve@south.test", "correct horse battery staple", name="Eve Ito", role="doctor")

    for deed in ("decide", "undo", "identity", "ask", "answer"):
        answer = client_of(eve).post(f"/decisions/{task.id}/{deed}/", {"version": 1, "verdict": "approved"})
        assert answer.status_code == 404
