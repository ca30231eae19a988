"""Time and people for tests of the ladder: the clock is moved by moving the due times."""

from __future__ import annotations

from datetime import date, time, timedelta

from django.db.models import F

from clinics.people.models import User
from clinics.practice.models import Shift
from escalations.models import Escalation, Rung
from notifications.models import Event


def let_pass(seconds: int, escalation: Escalation) -> None:
    """So much time has passed for one escalation, as far as the ladder can tell."""
    earlier = timedelta(seconds=seconds)
    Rung.objects.filter(escalation=escalation).update(due_at=F("due_at") - earlier)
    Escalation.objects.filter(pk=escalation.pk).update(raised_at=F("raised_at") - earlier)


def on_call(person: User, *, place: int = 1, phone: str = "+12025550170") -> Shift:
    """This person is on call at every hour and has a number."""
    User.objects.filter(pk=person.pk).update(phone=phone)
    shifts = [
        Shift(person=person, place=place, weekday=day, begins=time(0), ends=time(0), since=date(2020, 1, 1))
        for day in range(7)
    ]
    return Shift.objects.bulk_create(shifts)[0]


def states(escalation: Escalation) -> dict[str, str]:
    """The state of each step of the last opening; of the alarms that repeat, the last one's."""
    escalation.refresh_from_db()
    return dict(Rung.objects.of_round(escalation).order_by("n").values_list("stage", "state"))


def rung(escalation: Escalation, stage: str) -> Rung:
    escalation.refresh_from_db()
    return Rung.objects.of_round(escalation).filter(stage=stage).order_by("n").first()


def announced(escalation: Escalation, kind: str = "escalation.step") -> list[Event]:
    return list(Event.objects.filter(about=escalation.id, kind=kind).order_by("id"))
