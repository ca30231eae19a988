"""A decision belongs to the doctors it was put to, or who covers for them; others read it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice import rostering
from clinics.practice.duty import Doctors, read_doctors
from clinics.remembered import forget_everything
from clinics.tenancy import inside
from notifications.models import Event
from tasks import actions
from tasks.decisions import actions as deeds
from tasks.models import Task
from tasks.policy import NotYours, Refused

pytestmark = pytest.mark.django_db
LEE, NOVAK, FROST = uuid4(), uuid4(), uuid4()
Made = Callable[..., Task]


@pytest.mark.parametrize(
    ("put_to", "on_duty", "covers", "decide"),
    [
        ((), (), {}, {LEE, NOVAK}),
        ((), (LEE,), {}, {LEE}),
        ((NOVAK,), (LEE,), {}, {NOVAK}),
        ((NOVAK, LEE), (), {}, {NOVAK, LEE}),
        ((NOVAK,), (), {NOVAK: {LEE}}, {NOVAK, LEE}),
        ((), (NOVAK,), {NOVAK: {LEE}}, {NOVAK, LEE}),
        ((FROST,), (LEE,), {}, {LEE}),  # who has left decides nothing: it goes to who is on duty
        ((FROST,), (LEE,), {FROST: {NOVAK}}, {NOVAK}),
    ],
)
def test_who_decides(put_to: tuple, on_duty: tuple, covers: dict, decide: set) -> None:
    doctors = Doctors(frozenset({LEE, NOVAK}), frozenset(on_duty), {one: frozenset(by) for one, by in covers.items()})

    assert doctors.asked(frozenset(put_to)) == decide


@pytest.fixture
def novak(north: Clinic) -> User:
    with inside(north):
        return User.objects.create_user("novak@north.test", None, name="Eva Novak", role="doctor")


@pytest.fixture
def refill(a_task: Made) -> Task:
    return a_task(kind="refill", needs_decision=True)


def reject(by: User, task: Task) -> Task:
    return actions.decide(by=by, task_id=task.id, version=Task.objects.get(pk=task.pk).version, verdict="rejected",
                          reason="Seen too long ago")  # fmt: skip


def test_put_to_one_doctor_it_is_not_the_others(
    refill: Task, alice: User, bob: User, novak: User, at_north: Clinic
) -> None:
    deeds.put_to(by=alice, task_id=refill.id, version=1, doctors=[novak])

    with pytest.raises(NotYours):
        reject(bob, refill)
    assert list(Task.objects.put_to_doctor(bob)) == []
    assert list(Task.objects.put_to_doctor(novak)) == [refill]
    assert novak.has_perm("tasks.decide_task", refill)
    assert not bob.has_perm("tasks.decide_task", refill)
    assert Event.objects.get(kind="task.put_to", about=refill.id).audience == [str(novak.id)]
    assert reject(novak, refill).verdict == "rejected"


def test_who_covers_decides(refill: Task, alice: User, bob: User, novak: User, carol: User, at_north: Clinic) -> None:
    deeds.put_to(by=alice, task_id=refill.id, version=1, doctors=[novak])
    today = timezone.localdate()
    rostering.add_cover(by=carol, absent=novak, person=bob, since=today - timedelta(days=1), until=today)
    forget_everything()

    assert list(Task.objects.put_to_doctor(bob)) == [refill]
    assert reject(bob, refill).verdict == "rejected"


def test_a_doctor_on_duty_is_asked_before_the_others(
    refill: Task, bob: User, novak: User, carol: User, at_north: Clinic
) -> None:
    for day in range(7):
        rostering.add_shift(by=carol, person=novak, place=1, weekday=day, begins=time(0), ends=time(0),
                            since=date(2020, 1, 1))  # fmt: skip
    forget_everything()

    assert read_doctors().on_duty == {novak.id}
    with pytest.raises(NotYours):
        reject(bob, refill)
    assert reject(novak, refill).verdict == "rejected"


def test_a_doctor_passes_on_only_what_is_theirs(
    refill: Task, alice: User, bob: User, novak: User, at_north: Clinic
) -> None:
    deeds.put_to(by=alice, task_id=refill.id, version=1, doctors=[novak])

    with pytest.raises(NotYours):
        deeds.put_to(by=bob, task_id=refill.id, version=2, doctors=[bob])
    with pytest.raises(Refused, match="doctors of this clinic"):
        deeds.put_to(by=novak, task_id=refill.id, version=2, doctors=[alice])
    deeds.put_to(by=novak, task_id=refill.id, version=2, doctors=[bob])
    assert Task.objects.get(pk=refill.pk).deciders == {bob.id}


def test_the_page_refuses_writes_down_and_shows_who_is_asked(
    refill: Task, alice: User, bob: User, novak: User, north: Clinic, client_of: Callable[[User], Client]
) -> None:
    with inside(north):
        deeds.put_to(by=alice, task_id=refill.id, version=1, doctors=[novak])
    given = {"version": 2, "verdict": "rejected", "reason": "no"}

    answer = client_of(bob).post(f"/tasks/{refill.id}/decide/", given)

    assert answer.status_code == 403
    assert "put to another doctor" in answer.content.decode()
    with inside(north):
        entry = LogEntry.objects.filter(additional_data__denied=403).latest("id")
        assert (entry.actor, entry.object_pk) == (bob, str(refill.id))
        assert not Task.objects.get(pk=refill.pk).verdict
    assert "Put to: Eva Novak" in client_of(bob).get(f"/tasks/{refill.id}/").content.decode()


def test_cover_is_kept_on_its_page(north: Clinic, carol: User, bob: User, novak: User, client_of: Callable) -> None:
    client, today = client_of(carol), timezone.localdate()
    given = {"absent": novak.id, "person": bob.id, "since": today.isoformat(), "until": today.isoformat()}

    assert client.post("/settings/cover/add/", given).status_code == 302
    assert client.post("/settings/cover/add/", given).status_code == 422
    assert client.post("/settings/cover/add/", given | {"person": novak.id}).status_code == 422
    page = client.get("/settings/cover/").content.decode()
    assert "<strong>Bob Lee</strong> for Eva Novak" in page


def test_only_a_doctor_covers(north: Clinic, carol: User, alice: User, novak: User) -> None:
    with inside(north), pytest.raises(ValidationError, match="Only a doctor"):
        rostering.add_cover(by=carol, absent=novak, person=alice, since=date(2026, 1, 1), until=date(2026, 1, 2))
