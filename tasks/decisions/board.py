"""What a doctor sees: the requests that wait, the one in front of them, and what was decided today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from clinics.people.models import User
from tasks import policy
from tasks.decisions import reasons
from tasks.identity import Identity
from tasks.models import Task, TaskQuerySet
from tasks.patients import EARLIER, identity_of
from tasks.rows import Row, row_of, zone_of_clinic

MOST = 50
"""How many are listed beside the one in front; more wait behind them."""


@dataclass(frozen=True, slots=True)
class Card:
    """One request with all that a doctor decides by."""

    row: Row
    identity: Identity
    asked: str
    why_here: str
    earlier: tuple[Row, ...]
    reasons: dict[str, str]
    place: int

    @property
    def approval(self) -> str:
        """The button's words, which say again what is approved: "Approve Lantus for Maria Alvarez"."""
        return gettext("Approve %(asked)s for %(title)s") % {"asked": self.asked, "title": self.row.title}


def waiting(person: User) -> TaskQuerySet:
    """What this doctor may decide now, the most pressing first."""
    return Task.objects.visible_to(person).put_to_doctor(person).waiting_for_decision().with_people().by_urgency()


def board(person: User, *, asked_for: UUID | None = None) -> dict[str, object]:
    """The list, and the request that was asked for, or the first."""
    now, zone = timezone.now(), zone_of_clinic()
    tasks = list(waiting(person)[:MOST])
    place = next((number for number, task in enumerate(tasks) if task.id == asked_for), 0)
    rows = [row_of(task, person=person, now=now, zone=zone) for task in tasks]
    return {
        "rows": rows,
        "card": card_of(tasks[place], person, now, place=place + 1) if tasks else None,
        "count": len(tasks) if len(tasks) < MOST else waiting(person).count(),
        "decided_count": Task.objects.visible_to(person).decided_by(person, since=midnight(now)).count(),
        "next_id": tasks[(place + 1) % len(tasks)].id if len(tasks) > 1 else None,
    }


def decided_today(person: User) -> list[Row]:
    """What this doctor has decided since midnight in the clinic, the newest first."""
    now, zone = timezone.now(), zone_of_clinic()
    tasks = Task.objects.visible_to(person).decided_by(person, since=midnight(now)).with_people()[: 2 * MOST]
    return [row_of(task, person=person, now=now, zone=zone) for task in tasks]


def card_of(task: Task, person: User, now: datetime, *, place: int) -> Card:
    """One request as the doctor reads it."""
    zone = zone_of_clinic()
    earlier = Task.objects.visible_to(person).earlier_of(task).with_people()[:EARLIER]
    return Card(
        row=row_of(task, person=person, now=now, zone=zone),
        identity=identity_of(task, person=person),
        asked=asked(task),
        why_here=_why_here(task),
        earlier=tuple(row_of(one, person=person, now=now, zone=zone) for one in earlier),
        reasons=reasons.reasons_for(task.kind),
        place=place,
    )


def asked(task: Task) -> str:
    """What is asked for, as short as it can be said: "Lantus", "the result of the blood test", "an answer"."""
    named = {
        "refill": task.details.get("medication") or gettext("the refill"),
        "test_result": _result(task.details.get("test_name")),
        "medical_advice": gettext("an answer to the question"),
    }
    return str(named.get(task.kind, gettext("the request")))


def midnight(now: datetime) -> datetime:
    """When today began on the clinic's wall clock."""
    return now.astimezone(zone_of_clinic()).replace(hour=0, minute=0, second=0, microsecond=0)


def _result(name: object) -> str:
    return gettext("telling the result of the %(name)s") % {"name": name} if name else gettext("telling the result")


def _why_here(task: Task) -> str:
    """Why it came to a doctor, in one sentence."""
    why = {
        "refill": gettext("Medicines are renewed by a doctor."),
        "test_result": gettext("Results are told by a doctor's word only."),
        "medical_advice": gettext("A medical question is answered by a clinician."),
    }.get(task.kind, gettext("Its kind needs a doctor's decision."))
    return (
        gettext("Marked urgent. %(why)s") % {"why": why}
        if task.priority <= policy.HIGH and task.kind == "refill"
        else why
    )
