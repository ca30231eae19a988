"""Fire drills: from a signed call to a person, what is said of each thing that can break, and who sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from calls.drills import actions, policy
from calls.models import Call
from calls.simulator.far_end import Unreachable
from clinics import drilling
from clinics.models import Clinic, Drill, DrillState, PhoneLine
from clinics.people.models import User
from clinics.tenancy import inside
from escalations.actions import acknowledge
from escalations.models import Escalation
from notifications import delivery
from notifications.models import Event
from tasks.models import Task
from tests import baseline
from tests.calls.network import Network

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


# --- Rules ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("played", "alarmed", "told", "after", "broke"),
    [
        (False, False, False, 9, ""),
        (False, False, False, 11, policy.NOT_BEGUN),
        (True, False, False, 0.5, ""),
        (True, False, False, 2, policy.INTERRUPTED),
        (True, True, False, 0.5, ""),
        (True, True, False, 2, policy.UNTOLD),
        (True, True, True, 14, ""),
        (True, True, True, 16, policy.UNANSWERED),
    ],
)
def test_what_has_broken_depends_on_how_far_it_came(
    played: bool, alarmed: bool, told: bool, after: float, broke: str
) -> None:
    found = policy.broke_by_now(
        asked_at=NOON, played_at=NOON if played else None, alarmed=alarmed, told_at=NOON if told else None,
        now=NOON + after * MINUTE,
    )  # fmt: skip

    assert found == broke


def test_every_code_has_a_sentence_that_fits_its_column() -> None:
    assert all(len(code) <= Drill._meta.get_field("broke").max_length for code in policy.BROKE)


@pytest.mark.parametrize(
    ("days", "words", "stale"),
    [
        (None, "never passed", True),
        (0, "passed today", False),
        (1, "passed 1 day ago", False),
        (30, "passed 30 days ago", False),
        (31, "none passed in 30 days", True),
    ],
)
def test_a_clinic_stands_as_its_last_passed_drill(days: int | None, words: str, stale: bool) -> None:
    last = None if days is None else NOON - timedelta(days=days)

    assert (drilling.standing(last, NOON), drilling.is_stale(last, NOON)) == (words, stale)


# --- The true way --------------------------------------------------------------------------------------------------
@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch) -> None:
    """The drill's calls reach the webhooks of this process."""
    monkeypatch.setattr(actions, "FarEnd", lambda clinic, server, **given: Network(clinic, **given))


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Outside a test transaction: nothing is delivered before its commit."""
    with django_db_blocker.unblock():
        yield
        baseline.put_back()


@pytest.fixture
def drill(db: None, wired: None, north: Clinic) -> Drill:
    return actions.ask(clinic=north, by=None)


def again(drill: Drill) -> Drill:
    actions.advance()
    drill.refresh_from_db()
    return drill


def test_a_drill_passes_when_somebody_acknowledges_its_alarm(committed: None, wired: None) -> None:
    north = Clinic.objects.get(slug="north")
    with inside(north):
        alice = User.objects.get(name="Alice Moreno")
    drill = again(actions.ask(clinic=north, by=None))
    delivery.drain(me="test", budget_seconds=5)
    assert again(drill).state == DrillState.RUNNING
    with inside(north):
        acknowledge(by=alice, escalation_id=drill.escalation_id)

    again(drill)

    with inside(north):
        took = Escalation.objects.get(pk=drill.escalation_id).seconds_to_acknowledge
    assert took is not None
    assert (drill.state, drill.broke, drill.seconds_to_acknowledge) == (DrillState.PASSED, "", took)
    assert Drill.objects.last_passed(north) == drill.finished_at
    assert again(drill).state == DrillState.PASSED


def test_its_call_and_alarm_are_marked_and_in_no_figure(drill: Drill, north: Clinic) -> None:
    again(drill)

    with inside(north):
        call = Call.objects.get(pk=drill.call_id)
        alarm = Escalation.objects.get(pk=drill.escalation_id)
    assert (call.test, call.drill, alarm.test, alarm.drill, alarm.level) == (True, True, True, True, "emergency")
    with inside(north):
        assert not Call.objects.real().filter(pk=call.pk).exists()


def test_its_call_is_called_a_drill_wherever_staff_see_it(
    drill: Drill, alice: User, client_of: Callable[[User], Client]
) -> None:
    again(drill)
    staff = client_of(alice)

    for path in ("/calls/", f"/calls/{drill.call_id}/", f"/escalations/{drill.escalation_id}/"):
        page = staff.get(path).content.decode()
        assert ">DRILL<" in page
        assert ">TEST<" not in page


@pytest.mark.django_db(transaction=True)
def test_every_line_and_message_about_it_says_drill(
    wired: None, north: Clinic, alice: User, client_of: Callable[[User], Client]
) -> None:
    drill = again(actions.ask(clinic=north, by=None))
    delivery.drain(me="test", budget_seconds=5)

    staff = client_of(alice)
    for path in ("/notifications/", "/notifications/bell/"):
        page = staff.get(path).content.decode()
        assert ">DRILL<" in page
        assert ">TEST<" not in page
    told = Event.objects.filter(clinic=north, about__in=[drill.call_id, drill.escalation_id])
    assert {event.kind for event in told} >= {"call.started", "call.ended", "escalation.raised"}
    assert {event.mark for event in told} == {"DRILL"}
    with inside(north):
        assert not Task.objects.exists()


def test_a_drill_of_one_clinic_leaves_nothing_in_another(drill: Drill, south: Clinic) -> None:
    again(drill)

    with inside(south):
        assert not Escalation.objects.filter(drill=True).exists()


def test_two_workers_play_it_once(drill: Drill, north: Clinic) -> None:
    other = Drill.objects.get(pk=drill.pk)

    assert (actions._take(drill), actions._take(other)) == (True, False)


# --- What breaks ---------------------------------------------------------------------------------------------------
def test_a_dead_web_process_is_named(drill: Drill, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object) -> Any:
        raise Unreachable("no server")

    monkeypatch.setattr(Network, "_send", nobody)

    assert (again(drill).state, drill.broke) == (DrillState.FAILED, policy.UNREACHABLE)


def test_a_webhook_that_refuses_is_named(drill: Drill, settings: Any) -> None:
    """The signature is made with the old token, as when somebody changed it on one side only."""
    network = Network._post

    def with_an_old_token(self: Network, *given: Any) -> Any:
        self.account = type(self.account)(self.account.sid, "an old token")
        return network(self, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Network, "_post", with_an_old_token)
        again(drill)

    assert (drill.state, drill.broke) == (DrillState.FAILED, policy.REFUSED)


def test_rules_that_no_longer_hear_the_danger_are_named(drill: Drill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "SAYS", "I would like to know your opening hours.")

    assert (again(drill).state, drill.broke) == (DrillState.FAILED, policy.UNRAISED)


def test_a_caller_who_is_not_told_to_dial_is_named(drill: Drill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "_was_told_to_dial", lambda heard, number: False)

    assert (again(drill).state, drill.broke) == (DrillState.FAILED, policy.UNHEARD)


@pytest.mark.parametrize(
    ("heard", "expected"),
    [("Hang up and dial 9 1 1 now.", True), ("Hang up and dial 911 now.", True), ("One moment, please.", False)],
)
def test_the_emergency_number_is_found_however_it_is_written(heard: str, expected: bool) -> None:
    found = type("Found", (), {"sentences": [heard]})()

    assert actions._was_told_to_dial(found, "911") is expected


def test_when_nobody_is_told_or_answers_it_says_so(drill: Drill) -> None:
    again(drill)
    Drill.objects.update(played_at=timezone.now() - 2 * MINUTE)
    assert (again(drill).state, drill.broke) == (DrillState.FAILED, policy.UNTOLD)

    Drill.objects.update(state=DrillState.RUNNING, finished_at=None, told_at=timezone.now() - 15 * MINUTE)
    Drill.objects.update(played_at=timezone.now() - 16 * MINUTE)
    assert (again(drill).state, drill.broke) == (DrillState.FAILED, policy.UNANSWERED)


# --- Asking --------------------------------------------------------------------------------------------------------
def test_there_is_one_drill_at_a_time(drill: Drill, north: Clinic, south: Clinic) -> None:
    with pytest.raises(actions.CannotDrill, match="under way"):
        actions.ask(clinic=north, by=uuid4())

    assert actions.ask(clinic=south, by=None).state == DrillState.ASKED


def test_a_clinic_without_a_number_cannot_be_called(db: None, north: Clinic) -> None:
    PhoneLine.objects.filter(clinic=north).update(active=False)

    with pytest.raises(actions.CannotDrill, match="no active number"):
        actions.ask(clinic=north, by=None)


def test_the_timetable_asks_when_people_are_there(
    db: None, north: Clinic, south: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    Clinic.objects.update(created_at=timezone.now() - policy.EVERY)
    monkeypatch.setattr(actions, "_is_open", lambda clinic: clinic == north)

    assert (actions.ask_where_wanted(), actions.ask_where_wanted()) == (1, 0)
    assert Drill.objects.get().clinic == north


def test_a_young_clinic_is_left_in_peace(db: None, north: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "_is_open", lambda clinic: True)

    assert actions.ask_where_wanted() == 0


# --- Pages ---------------------------------------------------------------------------------------------------------
def test_an_admin_asks_for_a_drill_and_sees_how_it_stands(
    db: None, north: Clinic, south: Clinic, carol: User, client_of: Callable[[User], Client]
) -> None:
    actions.ask(clinic=south, by=None)
    client = client_of(carol)

    page = client.post("/drills/ask/", follow=True).content.decode()

    assert "The drill begins within seconds" in page
    assert "never passed" in page
    assert [one.asked_by for one in Drill.objects.filter(clinic=north)] == [carol.id]
    assert "under way already" in client.post("/drills/ask/", follow=True).content.decode()


def test_every_page_of_an_admin_says_that_a_drill_is_missing_until_one_passes(
    db: None, north: Clinic, carol: User, alice: User, client_of: Callable[[User], Client]
) -> None:
    admin, staff = client_of(carol), client_of(alice)
    assert "drill-missing" in admin.get("/tasks/").content.decode()
    assert "drill-missing" not in staff.get("/tasks/").content.decode()
    assert "drill-missing" not in admin.get("/drills/").content.decode()  # it says so itself

    Drill.objects.create(clinic=north, state=DrillState.PASSED, finished_at=timezone.now())

    assert "drill-missing" not in admin.get("/tasks/").content.decode()


def test_staff_and_doctors_may_not_ask(
    db: None, alice: User, bob: User, client_of: Callable[[User], Client]
) -> None:  # fmt: skip
    for person in (alice, bob):
        assert client_of(person).get("/drills/").status_code == 403
        assert client_of(person).post("/drills/ask/").status_code == 403
    assert not Drill.objects.exists()
