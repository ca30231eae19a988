"""Calls with all that may hang on them, made through the actions where there is one; moments are set afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from calls.handover.models import Handover
from calls.models import Call, ProviderCall, Status, Turn
from clinics.models import Clinic
from clinics.people.models import User
from escalations.actions import acknowledge, raise_escalation
from escalations.models import Escalation
from notifications.models import Attempt, Delivery, Event
from tasks import actions
from tasks.models import Promise, Task


def a_call(*, at: datetime | None = None, seconds: int | None = 60, test: bool = False, **given: object) -> Call:
    """A call that began then and is over; without `seconds` it runs."""
    began = at or timezone.now()
    ended = {"status": Status.COMPLETED, "ended_at": began + timedelta(seconds=seconds)} if seconds is not None else {}
    call = Call.objects.create(
        sid=f"CA{uuid4().hex}", to_number="+12025550101", duration_sec=seconds, test=test, **{**ended, **given}
    )
    Call.objects.filter(pk=call.pk).update(started_at=began)
    call.started_at = began
    return call


def a_turn(call: Call, n: int, took_ms: int = 20, **given: Any) -> Turn:
    return Turn.objects.create(call=call, n=n, language="en", said="x", reply={}, state={}, took_ms=took_ms, **given)


def a_task(
    call: Call | None, *, due: datetime, kind: str = "refill", number: int = 1, unread: bool = False, **given: Any
) -> Task:
    """One of a call; `unread`: nobody could read the pharmacy."""
    task = actions.open_task(
        kind=kind, summary="Call back", details={"not_understood": "pharmacy"} if unread else {},
        call_id=call.id if call else uuid4(), priority=2, due_at=due,
        needs_decision=False, request_number=number, **given,
    )  # fmt: skip
    if call:
        Task.objects.filter(pk=task.pk).update(created_at=call.started_at)
    return task


def done(task: Task, *, by: User, at: datetime) -> None:
    actions.complete(by=by, task_id=task.id, version=task.version)
    Task.objects.filter(pk=task.pk).update(completed_at=at)
    Promise.objects.filter(task=task, kept_at__isnull=False).update(kept_at=at)


def an_escalation(call: Call, reason: str, *, by: User | None = None, after: int = 0, test: bool = False) -> Escalation:
    """One that this person had after so many seconds."""
    found = raise_escalation(
        reason=reason, level="emergency", summary="Possible", call_id=call.id, from_number="", patient_name="",
        words="", test=test,
    )  # fmt: skip
    Escalation.objects.filter(pk=found.id).update(raised_at=call.started_at)
    if by:
        acknowledge(by=by, escalation_id=found.id)
        Escalation.objects.filter(pk=found.id).update(seconds_to_acknowledge=after)
    return found


def a_handover(call: Call, *, talk_seconds: int | None) -> Handover:
    """One that is over; without seconds nobody took it."""
    ended = call.started_at + timedelta(minutes=2)
    bridged = call.started_at + timedelta(minutes=1) if talk_seconds is not None else None
    return Handover.objects.create(
        call=call, turn=1, state="ended", language="en", about="refill", ended_at=ended, bridged_at=bridged,
        talk_seconds=talk_seconds,
    )  # fmt: skip


def asked(call: Call, capability: str, *, trouble: str = "", took_ms: int = 100) -> None:
    row = ProviderCall.objects.create(
        call_id=call.id, n=1, provider="one", capability=capability, carries="words", trouble=trouble, took_ms=took_ms
    )
    ProviderCall.objects.filter(pk=row.pk).update(at=call.started_at)


def a_message(
    clinic: Clinic, channel: str, *, at: datetime, state: str = "sent", late_ms: int = 1000, test: bool = False,
    tries: tuple[str, ...] = (), took_ms: int = 200,
) -> Delivery:  # fmt: skip
    """One that came to its end so much later; `tries` are the outcomes of its attempts."""
    event = Event.objects.create(
        clinic=clinic, kind="task.opened", about=uuid4(), path="/tasks/", key=str(uuid4()), state="planned",
        expires_at=at + timedelta(days=1), created_at=at, test=test,
    )  # fmt: skip
    delivery = Delivery.objects.create(
        event=event, clinic=clinic, channel=channel, policy="at_least_once", state=state, attempts=len(tries) or 1,
        expires_at=event.expires_at, created_at=at, done_at=at + timedelta(milliseconds=late_ms),
    )  # fmt: skip
    for number, outcome in enumerate(tries, start=1):
        Attempt.objects.create(
            delivery=delivery, number=number, lease_token=uuid4(), outcome=outcome, started_at=at,
            finished_at=at + timedelta(milliseconds=took_ms), error_code="" if outcome == "sent" else "twilio_30003",
        )  # fmt: skip
    return delivery
