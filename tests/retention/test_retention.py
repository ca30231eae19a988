"""A clinic says how long things are kept; what is older goes, what somebody works on stays, and no other clinic's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from calls.jobs import delete_what_is_old
from calls.models import Call, Correction, Recording, Turn
from calls.recordings.actions import lift_hold, place_hold
from calls.retention import actions
from calls.retention.artefacts import TABLE
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice.retention import Retention
from clinics.tenancy import inside
from escalations.models import Escalation
from tasks.models import Note, Task
from tests.calls.network import Network
from tests.product.canaries import Patient, emergency, refill

SignIn = Callable[[User], Client]


def played(clinic: Clinic) -> UUID:
    """A whole call for a refill, a year and a day ago; its task is closed."""
    line = refill(Network(clinic), Patient())
    with inside(clinic):
        call = Call.objects.get(sid=line.sid)
        aged(call, days=366)
        closed(Task.objects.get(call_id=call.pk), days=366)
    return call.pk


def aged(call: Call, *, days: int) -> None:
    Call.objects.filter(pk=call.pk).update(status="completed", ended_at=timezone.now() - timedelta(days=days))


def closed(task: Task, *, days: int) -> None:
    Task.objects.filter(pk=task.pk).update(status="cancelled", updated_at=timezone.now() - timedelta(days=days))


def keep(clinic: Clinic, by: User, **days: int | None) -> int:
    with inside(clinic):
        return actions.set_rules(by=by, days=days)


def counts(clinic: Clinic) -> dict[str, int]:
    with inside(clinic):
        return {model.__name__: model.objects.count() for model in (Call, Turn, Task, Escalation)}


# --- What goes -------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_without_a_rule_nothing_goes(north: Clinic) -> None:
    played(north)
    before = counts(north)

    delete_what_is_old()

    assert counts(north) == before


@pytest.mark.django_db
def test_words_go_with_their_corrections_and_the_call_and_its_work_stay(
    north: Clinic, south: Clinic, alice: User, carol: User
) -> None:
    call, theirs = played(north), played(south)
    with inside(north):
        turn = Turn.objects.filter(call=call).exclude(words__blank=True).first()
        Correction.objects.create(turn=turn, number=1, words="something else", by=alice)
        task = Task.objects.get()
    keep(north, carol, words=365)

    delete_what_is_old()

    with inside(north):
        assert not Turn.objects.exists()
        assert not Correction.objects.exists()
        assert Call.objects.get().pk == call
        assert Task.objects.get().patient_name == task.patient_name
        row = LogEntry.objects.filter(changes__has_key="deleted").get()
        assert (row.changes["deleted"][1], row.additional_data["job"]) == ("1", "delete_what_is_old")
    with inside(south):
        assert Turn.objects.filter(call=theirs).exists()


@pytest.mark.django_db
def test_a_call_that_somebody_still_works_on_keeps_everything(north: Clinic, carol: User) -> None:
    call = played(north)
    with inside(north):
        Task.objects.update(status="in_progress", assignee=carol)
        line = emergency(Network(north), Patient())
        aged(Call.objects.get(sid=line.sid), days=400)  # its alarm is open
    keep(north, carol, words=7, tasks=30, escalations=90, calls=90)
    before = counts(north)

    delete_what_is_old()

    assert counts(north) == before
    with inside(north):
        assert Call.objects.filter(pk=call).exists()


@pytest.mark.django_db
def test_closed_tasks_go_with_their_notes_and_resolved_alarms_with_their_steps(north: Clinic, carol: User) -> None:
    played(north)
    with inside(north):
        Note.objects.create(task=Task.objects.get(), words="Rang twice", written_by=carol)
        emergency(Network(north), Patient())
        long_ago = timezone.now() - timedelta(days=91)
        Escalation.objects.update(
            status="resolved", resolved_at=long_ago, resolved_by=carol, acknowledged_at=long_ago,
            acknowledged_by=carol, handler=carol, outcome="reached",
        )  # fmt: skip
    keep(north, carol, tasks=365, escalations=90)

    delete_what_is_old()

    assert counts(north) | {"Call": 0, "Turn": 0} == {"Call": 0, "Turn": 0, "Task": 0, "Escalation": 0}
    with inside(north):
        assert Call.objects.count() == 2


@pytest.mark.django_db
def test_what_is_younger_stays(north: Clinic, carol: User) -> None:
    played(north)
    keep(north, carol, words=367, tasks=367, calls=367)
    before = counts(north)

    delete_what_is_old()

    assert counts(north) == before


@pytest.mark.django_db
def test_a_call_waits_until_its_recording_is_gone(north: Clinic, carol: User) -> None:
    call = played(north)
    with inside(north):
        kept = Recording.objects.create(
            call_id=call, sid="RE" + "a" * 32, sort="recording", state="kept", stored_at=timezone.now(), file="x"
        )
    keep(north, carol, calls=365)

    delete_what_is_old()
    assert counts(north)["Call"] == 1

    with inside(north):
        Recording.objects.filter(pk=kept.pk).update(state="deleted", file="", deleted_at=timezone.now())
    delete_what_is_old()
    assert counts(north)["Call"] == 0


@pytest.mark.django_db
def test_what_hangs_on_a_call_on_hold_stays_until_the_hold_is_lifted(north: Clinic, carol: User) -> None:
    call = played(north)
    with inside(north):
        place_hold(by=carol, call_id=call)
    keep(north, carol, words=7, tasks=30, calls=90)
    before = counts(north)

    delete_what_is_old()
    assert counts(north) == before

    with inside(north):
        lift_hold(by=carol, call_id=call)
    delete_what_is_old()
    assert counts(north) == dict.fromkeys(before, 0)


@pytest.mark.django_db
def test_a_long_backlog_goes_in_several_runs(north: Clinic, carol: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        played(north)
    monkeypatch.setattr(actions, "BATCH", 1)
    monkeypatch.setattr(actions, "MOST_OF_A_RUN", 2)
    keep(north, carol, words=30)

    with inside(north):
        assert [actions.delete_what_is_due()["words"] for _ in range(3)] == [2, 1, 0]


# --- Saying it -------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_change_is_counted_before_it_is_saved_and_is_in_the_trail(
    north: Clinic, carol: User, client_of: SignIn
) -> None:
    played(north)
    client = client_of(carol)

    looked = client.post("/settings/retention/", {"words": "365"})
    assert looked.status_code == 200
    assert "In the next run 1 are deleted, 1 within a week, 1 within a month." in looked.text
    with inside(north):
        assert not Retention.objects.exists()
    assert client.post("/settings/retention/", {"words": "365", "confirmed": "1"}).status_code == 302

    with inside(north):
        assert actions.own_rules() == {"words": 365}
        row = LogEntry.objects.get(object_pk="words")
        assert row.changes == {"kept days": ["standard", "365"]}
    assert client.post("/settings/retention/", {"confirmed": "1"}).status_code == 302
    with inside(north):
        assert actions.own_rules() == {}


@pytest.mark.django_db
@pytest.mark.parametrize("days", ["0", "6", "3651", "-1", "a week", "9" * 30])
def test_days_that_make_no_sense_are_refused_beside_the_field(
    north: Clinic, carol: User, client_of: SignIn, days: str
) -> None:
    answer = client_of(carol).post("/settings/retention/", {"words": days, "confirmed": "1"})

    assert answer.status_code == 422
    assert 'id="id_words_error"' in answer.text
    with inside(north):
        assert not Retention.objects.exists()


@pytest.mark.django_db
def test_every_kind_has_a_least_that_leaves_time_to_work(north: Clinic, carol: User) -> None:
    for name, one in TABLE.items():
        with inside(north), pytest.raises(ValidationError):
            actions.set_rules(by=carol, days={name: one.least_days - 1})


@pytest.mark.django_db
def test_others_do_not_see_it(alice: User, bob: User, client_of: SignIn) -> None:
    for person in (alice, bob):
        assert client_of(person).get("/settings/retention/").status_code == 403
