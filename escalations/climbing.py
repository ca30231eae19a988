"""The ladder climbs by itself: whatever step of an open escalation is due is done once, by the database's clock.

A step is one row. Doing it writes the row and its announcement in one transaction under locks that nobody waits for:
a process that dies in the middle has done nothing, and two that meet do different escalations. Acknowledging changes
the same locked row, so that no step follows it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice import ladder, rota
from clinics.practice.shifts import read_rota
from clinics.tenancy import current_clinic, inside, outside
from clinics.waiting import schemas_with
from escalations import alarms
from escalations.models import Escalation, Rung, RungState, Step
from escalations.reach import Reach, Someone, reach
from notifications.events import announce

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 50
PUT_OFF = timedelta(seconds=15)
WAITING = "state = 'waiting'"

# All messages of a step that was done came to nothing: whoever is next need not wait for the time that was meant for
# an answer. A call that nobody took counts, a text that was delivered does not.
_HURRY = """
WITH hurried AS (
    SELECT next.id FROM escalations_rung next
    JOIN escalations_escalation e ON e.id = next.escalation_id AND e.status = 'open' AND e.opened = next.round
    JOIN escalations_rung done ON done.escalation_id = next.escalation_id AND done.round = next.round
                              AND done.n = next.n - 1 AND done.state = 'told' AND done.channels ?| %(phones)s
    WHERE next.state = 'waiting' AND next.due_at > now()
      AND (SELECT bool_and(d.state IN ('dead', 'expired', 'cancelled') OR d.provider_status = ANY(%(in_vain)s))
           FROM public.notifications_event v JOIN public.notifications_delivery d ON d.event_id = v.id
           WHERE v.clinic_id = %(clinic)s AND v.state = 'planned' AND d.person IS NOT NULL AND v.key =
                 'escalation.step:' || done.escalation_id || ':' || done.round || ':' || done.n)
    FOR UPDATE OF next SKIP LOCKED)
UPDATE escalations_rung SET due_at = now() FROM hurried WHERE escalations_rung.id = hurried.id"""
IN_VAIN = ["failed", "undelivered", "busy", "no-answer", "canceled"]


def climb_everywhere() -> int:
    """Do what is due in every clinic; returns how many steps were done. Raises when the database is away."""
    done = 0
    for schema in schemas_with("escalations_rung", WAITING):
        with outside():
            clinic = Clinic.objects.filter(schema_name=schema, suspended_at=None).first()
        if clinic is None:
            continue
        try:
            with inside(clinic):
                done += climb()
        except DatabaseError as error:
            if not connection.is_usable():
                raise
            logger.error("the ladders of clinic %s stand still: %s", clinic.public_id, type(error).__name__)
    return done


def climb() -> int:
    """Do what is due in this clinic, each step in a transaction of its own; returns how many were done."""
    _hurry()
    for done in range(MOST_AT_ONCE):
        if not _climb_one():
            return done
    return MOST_AT_ONCE


def _hurry() -> None:
    with connection.cursor() as cursor:
        told = {"phones": sorted(ladder.PHONES), "in_vain": IN_VAIN, "clinic": current_clinic().pk}
        cursor.execute(_HURRY, told)


def _climb_one() -> bool:
    """Do the step that has been due for longest; False when none is. One that fails is put off, so that it cannot keep
    the ladders of other escalations waiting."""
    failed: Rung | None = None
    with transaction.atomic():
        rung = _take()
        if rung is None:
            return False
        try:
            with transaction.atomic():
                _do(rung)
        except Exception as error:
            if not connection.is_usable():
                raise
            logger.error("step %d of an escalation failed: %s", rung.pk, type(error).__name__)
            failed = rung
        if failed is not None:
            Rung.objects.filter(pk=failed.pk).update(due_at=Now() + PUT_OFF)
    return True


def _take() -> Rung | None:
    due = Rung.objects.due().select_related("escalation")
    return due.select_for_update(of=("self", "escalation"), skip_locked=True).first()


def _do(rung: Rung) -> None:
    if rung.stage == ladder.LAST:
        _alarm(rung)
    else:
        _tell(rung)
    transaction.on_commit(alarms.changed)


def _tell(rung: Rung) -> None:
    escalation = rung.escalation
    found = whom(rung)
    if found.told:
        _settle(rung, RungState.TOLD, found)
        by_text = "sms" in found.channels
        announce(
            kind="escalation.step",
            about=escalation.id,
            path=escalation.text_path if by_text else escalation.path,
            key=rung.key,
            audience=found.told,
            channels=found.channels,
            test=escalation.test,
            drill=escalation.drill,
        )
        return
    _settle(rung, RungState.HELD if found.held else RungState.SKIPPED, found)
    if not found.held:
        following = Rung.objects.of_round(escalation).waiting().filter(n__gt=rung.n).order_by("n").first()
        if following is not None:
            Rung.objects.filter(pk=following.pk, due_at__gt=Now()).update(due_at=Now())


def _alarm(rung: Rung) -> None:
    """The ladder has run out: mark it, tell the admins, and come back until somebody has it."""
    escalation = rung.escalation
    _settle(rung, RungState.TOLD, Reach((), rung.channels, ()))
    Escalation.objects.filter(pk=escalation.pk, unanswered_at=None).update(unanswered_at=Now())
    Step.objects.create(escalation=escalation, what="unanswered")
    alarmed = Rung.objects.of_round(escalation).filter(stage=ladder.LAST).count()
    Rung.objects.create(
        escalation=escalation,
        round=rung.round,
        n=rung.n + 1,
        stage=ladder.LAST,
        channels=rung.channels,
        due_at=Now() + timedelta(seconds=ladder.again_after(alarmed)),
    )
    announce(
        kind="escalation.unanswered",
        about=escalation.id,
        path=escalation.path,
        key=rung.key,
        channels=rung.channels,
        test=escalation.test,
        drill=escalation.drill,
    )


def whom(rung: Rung) -> Reach:
    """Whom a step tells if it is done now."""
    escalation = rung.escalation
    return reach(
        who=rung.who,
        channels=rung.channels,
        people=_people(),
        line=line_now(),
        rings=not escalation.test or escalation.drill,
    )


def line_now() -> tuple[tuple[UUID, ...], ...]:
    """Who is on call at this moment, first place first."""
    return rota.on_call(read_rota(), database_now().astimezone(ZoneInfo(current_clinic().timezone)))


def on_call_now() -> str:
    """The names of the people who are asked first at this moment; "nobody" when there are none."""
    line = line_now()
    names = User.objects.active().filter(pk__in=line[0]).order_by("name").values_list("name", flat=True) if line else ()
    return ", ".join(names) or "nobody"


def database_now() -> datetime:
    """The moment by the database's clock, the only one that the ladder knows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def _people() -> list[Someone]:
    active = User.objects.active().order_by("name", "pk")
    return [Someone(pk, role, phone) for pk, role, phone in active.values_list("pk", "role", "phone")]


def _settle(rung: Rung, state: str, found: Reach) -> None:
    told = [str(one) for one in found.told]
    left_out = [[str(one) if one else "", why] for one, why in found.left_out]
    Rung.objects.filter(pk=rung.pk).update(state=state, at=Now(), told=told, left_out=left_out)
