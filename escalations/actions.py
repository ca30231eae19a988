"""Every deed that writes an escalation. The telephone raises; people acknowledge and resolve."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, Func, IntegerField
from django.db.models.functions import Now
from django.utils.translation import gettext

from clinics import audit
from clinics.people.models import User
from clinics.sealing.fields import written
from escalations import alarms, opening, policy
from escalations.climbing import database_now
from escalations.models import Escalation, Half, Rung, RungState, Status, Step, Way
from notifications.events import announce, withdraw

MOST_WORDS = 4000
"""Characters of a caller's words that one escalation keeps."""


class AlreadyHandled(Exception):
    """Somebody was faster; `escalation` is the row as it is now."""

    def __init__(self, escalation: Escalation) -> None:
        super().__init__(gettext("The escalation was handled already."))
        self.escalation = escalation


@transaction.atomic(savepoint=False)
def raise_escalation(
    *,
    reason: str,
    level: str,
    summary: str,
    call_id: UUID | None,
    words: str = "",
    from_number: str = "",
    patient_name: str = "",
    rule: str = "",
    rules_version: str = "",
    test: bool = False,
    drill: bool = False,
    unfinished: bool = False,
) -> Escalation:
    """Raise a reason once per call: a later finding adds a step, a worse one raises the level and opens it again.

    Its ladder begins with it. A `test` rings no phones unless it is a `drill`. What was heard in an `unfinished`
    sentence alarms as any other; the finished one confirms it by raising it again, or `withdraw_unfinished`.
    """
    found = Escalation(
        reason=reason,
        level=policy.at_least(reason, level),
        call_id=call_id,
        from_number=from_number,
        patient_name=patient_name[:120],
        summary=summary[:300],
        words=words[:MOST_WORDS],
        rule=rule[:80],
        rules_version=rules_version[:40],
        test=test or drill,
        drill=drill,
        half=Half.UNFINISHED if unfinished else "",
    )
    escalation = Escalation.objects.raw(opening.RAISE, opening.to_raise(found, list(policy.LEVELS)))[0]
    if escalation.heard > 1:
        _hear_again(escalation, found)
    _tell(escalation, policy.ANNOUNCED_AS[escalation.level])
    return escalation


def _hear_again(held: Escalation, found: Escalation) -> None:
    """Join what a later finding says to what is known; the statement before has locked the row."""
    before = held.patient_name, held.words
    held.patient_name = held.patient_name or found.patient_name
    if found.words not in held.words:
        held.words = f"{held.words}\n{found.words}".lstrip("\n")[:MOST_WORDS]
    if (held.patient_name, held.words) != before:
        Escalation.objects.filter(pk=held.pk).update(**written(held, "patient_name", "words"))


def withdraw_unfinished(*, call_id: UUID, since: datetime) -> int:
    """Note that the sentence begun after `since` is finished and does not say what its half did; returns how many
    alarms that concerns.

    Nothing is closed: the alarm stays on every page, marked as such, until a person acknowledges it. Only the ladder,
    which would ring more phones for it, stops here, and begins anew when the call says it again.
    """
    with transaction.atomic():
        rows = list(Escalation.objects.unfinished_of(call_id).filter(raised_at__gt=since).select_for_update())
        for row in rows:
            Escalation.objects.filter(pk=row.pk).update(half=Half.WITHDRAWN)
            Step.objects.create(escalation=row, what="withdrawn")
            _stop_ladder(row)
        if rows:
            transaction.on_commit(alarms.changed)
    return len(rows)


def _stop_ladder(escalation: Escalation) -> None:
    """No further step of it is done, and none that waits to be told is."""
    Rung.objects.of_round(escalation).waiting().update(state=RungState.STOPPED, at=Now())
    withdraw(kind="escalation.step", about=escalation.id)
    withdraw(kind="escalation.unanswered", about=escalation.id)


def acknowledge(*, by: User, escalation_id: UUID, way: str = Way.PORTAL) -> Escalation:
    """Say "I have it", which ends the alarm on every screen and stops the ladder; the first one stays on record."""
    Escalation.objects.check_told(by, escalation_id)
    with transaction.atomic():
        # A step that is being done now holds the row. Waiting here, the moment written below comes after that step's.
        list(Escalation.objects.select_for_update().filter(pk=escalation_id).values_list("pk"))
        stamps = {
            "status": Status.ACKNOWLEDGED,
            "acknowledged_by": by,
            "acknowledged_at": Now(),
            "acknowledged_way": way,
            "seconds_to_acknowledge": _SECONDS_OPEN,
            "handler": by,
        }
        changed = Escalation.objects.open().filter(pk=escalation_id).update(**stamps)
        escalation = Escalation.objects.with_people().get(pk=escalation_id)
        if not changed:
            if escalation.handler_id != by.id:
                raise AlreadyHandled(escalation)
            return escalation
        _stop_ladder(escalation)
        _record(
            escalation, "acknowledged", by=by, before=Status.OPEN, way=way, seconds=escalation.seconds_to_acknowledge
        )
    return escalation


def take_by_key(*, by: User, escalation_id: UUID) -> bool:
    """Acknowledge by pressing 1 on the phone; False when somebody else has it or had it."""
    try:
        acknowledge(by=by, escalation_id=escalation_id, way=Way.KEY)
    except AlreadyHandled:
        return False
    return True


def take_over(*, by: User, escalation_id: UUID, held_by: UUID) -> Escalation:
    """Have it instead of the person who had it when one looked; another one who was faster is named."""
    Escalation.objects.check_told(by, escalation_id)
    with transaction.atomic():
        held = Escalation.objects.filter(pk=escalation_id, status=Status.ACKNOWLEDGED, handler=held_by)
        changed = held.exclude(handler=by).update(handler=by)
        escalation = Escalation.objects.with_people().get(pk=escalation_id)
        if not changed:
            if escalation.status == Status.ACKNOWLEDGED and escalation.handler_id == by.id:
                return escalation
            if escalation.status != Status.ACKNOWLEDGED:
                policy.check_can_take_over(escalation, by)
            raise AlreadyHandled(escalation)
        step = Step.objects.create(escalation=escalation, what="taken_over", by=by)
        audit.record_change(by=by, of=escalation, changes={"handler": (held_by, by.id)})
        _tell(escalation, "escalation.taken_over", which=str(step.id))
    return escalation


def reopen(*, by: User, escalation_id: UUID, reason: str) -> Escalation:
    """Put back what was acknowledged or resolved by mistake: the alarm and the ladder begin anew."""
    policy.check_reason_to_reopen(reason)
    Escalation.objects.check_told(by, escalation_id)
    with transaction.atomic():
        escalation = Escalation.objects.with_people().get(pk=escalation_id)
        policy.check_can_reopen(escalation, by, now=database_now())
        before = escalation.status
        row = opening.to_reopen(escalation, by=by.id, reason=" ".join(reason.split())[:300])
        opened = list(Escalation.objects.raw(opening.REOPEN, row))
        if not opened:
            raise AlreadyHandled(Escalation.objects.with_people().get(pk=escalation_id))
        audit.record_change(by=by, of=opened[0], changes={"status": (before, Status.OPEN)})
        _tell(opened[0], policy.ANNOUNCED_AS[opened[0].level])
    return opened[0]


def resolve(*, by: User, escalation_id: UUID, outcome: str, reason: str = "") -> Escalation:
    """Close it with how it ended; "not an emergency" carries a reason."""
    policy.check_outcome(outcome, reason)
    Escalation.objects.check_told(by, escalation_id)
    with transaction.atomic():
        stamps = {"status": Status.RESOLVED, "resolved_by": by, "resolved_at": Now()}
        row = Escalation.objects.get(pk=escalation_id)
        row.outcome, row.outcome_reason = outcome, " ".join(reason.split())[:300]
        held = Escalation.objects.filter(pk=escalation_id, status=Status.ACKNOWLEDGED)
        changed = held.update(**stamps, **written(row, "outcome", "outcome_reason"))
        escalation = Escalation.objects.with_people().get(pk=escalation_id)
        if not changed:
            if escalation.status == Status.OPEN:
                policy.check_can_resolve(escalation, by)
            raise AlreadyHandled(escalation)
        _record(escalation, "resolved", by=by, before=Status.ACKNOWLEDGED)
    return escalation


# From the database's clock on both ends; a clock that was set back never makes it negative.
_SECONDS_OPEN = Func(
    ExpressionWrapper(Now() - F("raised_at"), output_field=DurationField()),
    template="greatest(0, round(extract(epoch FROM %(expressions)s)))::int",
    output_field=IntegerField(),
)


def _record(escalation: Escalation, what: str, *, by: User, before: str, **more: object) -> None:
    Step.objects.create(escalation=escalation, what=what, by=by, **more)
    audit.record_change(by=by, of=escalation, changes={"status": (before, escalation.status)})
    _tell(escalation, f"escalation.{what}")


def _tell(escalation: Escalation, kind: str, *, which: str = "") -> None:
    transaction.on_commit(alarms.changed)  # before anyone is told: a page reads the list the moment it hears
    announce(
        kind=kind,
        about=escalation.id,
        path=escalation.path,
        key=f"{kind}:{escalation.id}:{escalation.opened}" + (f":{which}" if which else ""),
        call=escalation.call_id,
        test=escalation.test,
        drill=escalation.drill,
    )
