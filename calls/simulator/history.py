"""A demo clinic's past: calls that were really held with the phone, and what people did about them afterwards.

Every row comes from the same actions as a real day's; only the clock is set back at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import models, transaction
from django.db.models import F

from calls import conversation
from calls.dialogue.types import Heard
from calls.models import Call, Turn
from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.tenancy import inside
from escalations.actions import acknowledge, resolve
from escalations.models import Escalation, Step
from notifications.models import Event
from tasks import actions as tasks
from tasks.models import Decision, Note, Task

FINE = 0.92
ACKNOWLEDGED_AFTER, RESOLVED_AFTER = timedelta(seconds=24), timedelta(minutes=6)


@dataclass(frozen=True)
class Desk:
    """Who works through the queue of a demo clinic."""

    staff: User
    doctor: User


Deed = Callable[[Desk, Task], object]


def _claimed(desk: Desk, task: Task) -> Task:
    return tasks.claim(by=desk.staff, task_id=task.id, version=task.version)


def _done(desk: Desk, task: Task) -> None:
    held = _claimed(desk, task)
    tasks.add_note(by=desk.staff, task_id=task.id, words="Called back and settled.")
    tasks.complete(by=desk.staff, task_id=task.id, version=held.version)


def _approved(desk: Desk, task: Task) -> None:
    decided = tasks.decide(by=desk.doctor, task_id=task.id, version=task.version, verdict="approved")
    held = tasks.claim(by=desk.staff, task_id=task.id, version=decided.version)
    tasks.complete(by=desk.staff, task_id=task.id, version=held.version)


def _rejected(desk: Desk, task: Task) -> None:
    tasks.decide(
        by=desk.doctor, task_id=task.id, version=task.version, verdict="rejected", reason="Needs a visit first."
    )


def _dropped(desk: Desk, task: Task) -> None:
    tasks.cancel(by=desk.staff, task_id=task.id, version=task.version, reason="The caller rang again and took it back.")


@dataclass(frozen=True)
class Past:
    """One call: when it was, who rang, what they said (#... are keys, "" is silence), what was done about it."""

    hours_ago: float
    caller: str
    said: tuple[str, ...]
    task: Deed | None = None
    escalation: str = ""
    """"acknowledged", or the outcome it was resolved with."""


CALLS = (
    Past(
        0.7,
        "+12025550142",
        (
            "I need a refill of my lisinopril",
            "the Walgreens on Main Street",
            "Maria Alvarez",
            "yes",
            "March fourth nineteen eighty two",
            "that's right",
            "yes please",
            "no that is all",
        ),
    ),
    Past(
        1.4,
        "+12025550143",
        ("please have someone call me back", "about my referral papers", "Tom Becker", "yes", "yes", "no"),
        _claimed,
    ),
    Past(
        2.2,
        "+12025550144",
        (
            "#2",
            "quiero cancelar mi cita",
            "la del viernes",
            "Ana López",
            "sí",
            "cuatro de marzo de mil novecientos ochenta y dos",
            "correcto",
            "sí",
            "no gracias",
        ),
    ),
    Past(
        3.1,
        "+12025550145",
        ("I have chest pain and it goes down my arm", "@completed"),
        escalation="acknowledged",
    ),
    Past(
        4.5,
        "+12025550146",
        (
            "can I take ibuprofen with my blood pressure pills",
            "John Smith",
            "yes",
            "July fourth nineteen fifty two",
            "yes",
            "yes",
            "no",
        ),
    ),
    Past(25, "+12025550147", ("what are your hours", "no thank you goodbye")),
    Past(
        27,
        "+12025550148",
        (
            "hi this is Priya Nair I need an appointment for knee pain tomorrow morning",
            "yes",
            "May fifth nineteen seventy",
            "yes",
            "yes",
            "no thanks bye",
        ),
        _done,
    ),
    Past(29, "+12025550149", ("let me talk to a human being", "@completed"), _done, escalation="reached"),
    Past(
        50,
        "+12025550150",
        (
            "#2",
            "necesito un resurtido de mi metformina",
            "la farmacia Walgreens",
            "José García López",
            "sí",
            "cuatro de marzo de mil novecientos ochenta y dos",
            "correcto",
            "sí está bien",
            "no eso es todo",
        ),
        _approved,
    ),
    Past(
        52,
        "+12025550151",
        (
            "my test results please",
            "blood test",
            "Emma Fischer",
            "yes",
            "June first nineteen ninety",
            "yes",
            "yes",
            "no",
        ),
        _rejected,
    ),
    Past(75, "+12025550152", ("I have a question about my bill", "it was charged twice", "Sam Cole"), _dropped),
    Past(76, "+12025550153", ("I want to kill myself", "@completed"), escalation="emergency_care"),
    Past(98, "+12025550154", ("", "", ""), _done),
)


def tell(clinic: Clinic, *, calls: tuple[Past, ...] = CALLS) -> int:
    """Give a clinic its past, once; return how many calls were told. All of it stands, or nothing."""
    with inside(clinic), transaction.atomic():
        if Call.objects.exists():
            return 0
        desk = Desk(*(User.objects.with_role(role).earliest("joined_at") for role in (Role.STAFF, Role.DOCTOR)))
        number = clinic.lines.values_list("number", flat=True).first() or ""
        for place, past in enumerate(calls, start=1):
            call = _hold(past, dialled=number, sid=f"CA{place:032x}")
            _work(past, call, desk)
            _set_back(call, timedelta(hours=past.hours_ago), closed=past.hours_ago > 5)
        Event.objects.filter(clinic=clinic).delete()  # this was told long ago: nobody is to be woken for it now
    return len(calls)


def _hold(past: Past, *, dialled: str, sid: str) -> Call:
    spoken = conversation.answer(sid=sid, caller=past.caller, dialled=dialled, test=False)
    for said in past.said:
        if said.startswith("@") != bool(spoken.reply.dial):
            continue  # whether a person can be reached depends on the hour
        if spoken.reply.listen is None and not spoken.reply.dial:
            break
        spoken = conversation.take_turn(call_id=spoken.call_id, n=spoken.next_turn, heard=_heard(said))
    call = conversation.end_call(sid=sid, duration_sec=20 + 11 * len(past.said), end_reason="caller_completed")
    assert call is not None
    return call


def _heard(said: str) -> Heard:
    if said.startswith("#"):
        return Heard(digits=said[1:])
    if said.startswith("@"):
        return Heard(dial=said[1:])
    return Heard(words=said, confidence=FINE if said else None)


def _work(past: Past, call: Call, desk: Desk) -> None:
    for task in Task.objects.filter(call_id=call.id):
        if past.task is not None:
            past.task(desk, task)
    for escalation in Escalation.objects.filter(call_id=call.id):
        acknowledge(by=desk.staff, escalation_id=escalation.id)
        if past.escalation != "acknowledged":
            outcome = past.escalation or "not_emergency"
            resolve(by=desk.doctor, escalation_id=escalation.id, outcome=outcome, reason="Spoke with the caller.")


def _set_back(call: Call, ago: timedelta, *, closed: bool) -> None:
    """Set a call and all that came of it back in time; the due time of what is still open stays ahead."""
    of_call, of_task = {"call_id": call.id}, {"task__call_id": call.id}
    took, turns = timedelta(seconds=call.duration_sec or 0), Turn.objects.filter(**of_call)
    _shift(Call.objects.filter(pk=call.id), ago, "started_at")
    _shift(Call.objects.filter(pk=call.id), ago - took, "ended_at")
    for place, turn in enumerate(turns.order_by("n")):
        _shift(turns.filter(pk=turn.pk), ago - took * place / turns.count(), "at")
    stamps = ["created_at", "updated_at", "completed_at", *(["due_at"] if closed else [])]
    _shift(Task.objects.filter(**of_call), ago, *stamps)
    _shift(Note.objects.filter(**of_task), ago, "written_at")
    _shift(Decision.objects.filter(**of_task), ago, "decided_at")
    _let_escalations_take_their_time(call, ago)


def _let_escalations_take_their_time(call: Call, ago: timedelta) -> None:
    """Nobody has an emergency in the second in which it is raised."""
    rows, steps = Escalation.objects.filter(call_id=call.id), Step.objects.filter(escalation__call_id=call.id)
    _shift(rows, ago, "raised_at")
    _shift(rows, ago - ACKNOWLEDGED_AFTER, "acknowledged_at")
    _shift(rows, ago - RESOLVED_AFTER, "resolved_at")
    rows.exclude(acknowledged_at=None).update(seconds_to_acknowledge=ACKNOWLEDGED_AFTER.total_seconds())
    steps.exclude(seconds=None).update(seconds=ACKNOWLEDGED_AFTER.total_seconds())
    _shift(steps.exclude(what__in=("acknowledged", "resolved")), ago, "at")
    _shift(steps.filter(what="acknowledged"), ago - ACKNOWLEDGED_AFTER, "at")
    _shift(steps.filter(what="resolved"), ago - RESOLVED_AFTER, "at")


def _shift(rows: models.QuerySet, ago: timedelta, *fields: str) -> None:
    rows.update(**{field: F(field) - ago for field in fields})
