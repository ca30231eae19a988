"""Every deed that writes an escalation. The telephone raises; people acknowledge and resolve."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from clinics import audit
from clinics.people.models import User
from escalations import alarms, policy
from escalations.models import Escalation, Status, Step
from notifications.events import announce


class AlreadyHandled(Exception):
    """Somebody was faster; `escalation` is the row as it is now."""

    def __init__(self, escalation: Escalation) -> None:
        super().__init__("The escalation was handled already.")
        self.escalation = escalation


# One statement, because the caller is on the line: the row, or what a second finding makes of it, and the step.
# It opens again when the danger is worse than before or comes back after somebody resolved it.
_RAISE = """
WITH raised AS (
    INSERT INTO escalations_escalation AS held
           (id, reason, level, status, call_id, from_number, patient_name, summary, words, rule, rules_version, test,
            heard, opened, raised_at, outcome, outcome_reason)
    VALUES (%(id)s, %(reason)s, %(level)s, 'open', %(call_id)s, %(from_number)s, %(patient_name)s, %(summary)s,
            %(words)s, %(rule)s, %(rules_version)s, %(test)s, 1, 1, %(now)s, '', '')
    ON CONFLICT (call_id, reason) WHERE call_id IS NOT NULL DO UPDATE SET
        heard = held.heard + 1,
        patient_name = COALESCE(NULLIF(held.patient_name, ''), excluded.patient_name),
        words = CASE WHEN position(excluded.words IN held.words) > 0 THEN held.words
                     ELSE left(ltrim(held.words || E'\\n' || excluded.words, E'\\n'), 4000) END,
        level = CASE WHEN {worse} THEN excluded.level ELSE held.level END,
        summary = CASE WHEN {worse} THEN excluded.summary ELSE held.summary END,
        rule = CASE WHEN {worse} THEN excluded.rule ELSE held.rule END,
        rules_version = CASE WHEN {worse} THEN excluded.rules_version ELSE held.rules_version END,
        status = CASE WHEN {reopens} THEN 'open' ELSE held.status END,
        opened = held.opened + CASE WHEN {reopens} THEN 1 ELSE 0 END,
        raised_at = CASE WHEN {reopens} THEN excluded.raised_at ELSE held.raised_at END,
        acknowledged_at = CASE WHEN {reopens} THEN NULL ELSE held.acknowledged_at END,
        acknowledged_by_id = CASE WHEN {reopens} THEN NULL ELSE held.acknowledged_by_id END,
        resolved_at = CASE WHEN {reopens} THEN NULL ELSE held.resolved_at END,
        resolved_by_id = CASE WHEN {reopens} THEN NULL ELSE held.resolved_by_id END,
        outcome = CASE WHEN {reopens} THEN '' ELSE held.outcome END,
        outcome_reason = CASE WHEN {reopens} THEN '' ELSE held.outcome_reason END
    RETURNING *
), step AS (
    INSERT INTO escalations_step (escalation_id, what, at)
    SELECT id, CASE WHEN heard = 1 THEN 'raised' WHEN raised_at = %(now)s THEN 'reopened' ELSE 'heard_again' END,
           %(now)s
    FROM raised
)
SELECT * FROM raised"""
_WORSE = "array_position(%(levels)s, excluded.level::text) > array_position(%(levels)s, held.level::text)"
_RAISE = _RAISE.format(worse=_WORSE, reopens=f"(held.status = 'resolved' OR {_WORSE})")


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
) -> Escalation:
    """Raise a reason once per call: a later finding adds a step, a worse one raises the level and opens it again."""
    row = {
        "id": uuid.uuid4(),
        "reason": reason,
        "level": policy.at_least(reason, level),
        "call_id": call_id,
        "from_number": from_number,
        "patient_name": patient_name[:120],
        "summary": summary[:300],
        "words": words[:4000],
        "rule": rule[:80],
        "rules_version": rules_version[:40],
        "test": test,
        "now": timezone.now(),
        "levels": list(policy.LEVELS),
    }
    escalation = Escalation.objects.raw(_RAISE, row)[0]
    transaction.on_commit(alarms.changed)  # before anyone is told: a page reads the list the moment it hears
    _announce(escalation, policy.ANNOUNCED_AS[escalation.level])
    return escalation


def acknowledge(*, by: User, escalation_id: UUID) -> Escalation:
    """Say "I have it", which ends the alarm on every screen; the first one stays on record."""
    with transaction.atomic():
        stamps = {"status": Status.ACKNOWLEDGED, "acknowledged_by": by, "acknowledged_at": timezone.now()}
        changed = Escalation.objects.open().filter(pk=escalation_id).update(**stamps)
        escalation = Escalation.objects.with_people().get(pk=escalation_id)
        if not changed:
            if escalation.acknowledged_by_id != by.id:
                raise AlreadyHandled(escalation)
            return escalation
        _record(escalation, "acknowledged", by=by, before=Status.OPEN)
    return escalation


def resolve(*, by: User, escalation_id: UUID, outcome: str, reason: str = "") -> Escalation:
    """Close it with how it ended; "not an emergency" carries a reason."""
    policy.check_outcome(outcome, reason)
    with transaction.atomic():
        stamps = {"status": Status.RESOLVED, "resolved_by": by, "resolved_at": timezone.now()}
        told = {"outcome": outcome, "outcome_reason": " ".join(reason.split())[:300]}
        held = Escalation.objects.filter(pk=escalation_id, status=Status.ACKNOWLEDGED)
        changed = held.update(**stamps, **told)
        escalation = Escalation.objects.with_people().get(pk=escalation_id)
        if not changed:
            if escalation.status == Status.OPEN:
                policy.check_can_resolve(escalation, by)
            raise AlreadyHandled(escalation)
        _record(escalation, "resolved", by=by, before=Status.ACKNOWLEDGED)
    return escalation


def _record(escalation: Escalation, what: str, *, by: User, before: str) -> None:
    Step.objects.create(escalation=escalation, what=what, by=by)
    audit.record_change(by=by, of=escalation, changes={"status": (before, escalation.status)})
    transaction.on_commit(alarms.changed)  # before anyone is told
    _announce(escalation, f"escalation.{what}")


def _announce(escalation: Escalation, kind: str) -> None:
    announce(
        kind=kind,
        about=escalation.id,
        path=escalation.path,
        key=f"{kind}:{escalation.id}:{escalation.opened}",
        test=escalation.test,
    )
