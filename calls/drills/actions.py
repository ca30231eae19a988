"""Asking for a drill, playing its call, and watching it until it has passed or something broke."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext

from calls.drills import policy
from calls.models import Call
from calls.simulator.far_end import FarEnd, Heard, Unreachable
from clinics import telephone
from clinics.models import Clinic, Drill, DrillState, PhoneLine
from clinics.practice import policies
from clinics.tenancy import inside
from escalations.models import Escalation
from notifications.models import Delivery, DeliveryState

logger = logging.getLogger(__name__)


class CannotDrill(Exception):
    """The text is the sentence for the person who asked."""


def ask(*, clinic: Clinic, by: UUID | None) -> Drill:
    """Ask for a drill of a clinic; a worker plays it within seconds. Raise `CannotDrill` while one is under way."""
    if not PhoneLine.objects.filter(clinic=clinic, active=True).exists():
        raise CannotDrill(gettext("The clinic has no active number that could be called."))
    try:
        with transaction.atomic():
            return Drill.objects.create(clinic=clinic, asked_by=by)
    except IntegrityError as running:
        raise CannotDrill(gettext("A drill is under way already.")) from running


def ask_where_wanted() -> int:
    """Ask for a drill in every clinic whose turn it is and whose people are there; returns how many."""
    asked = 0
    now = timezone.now()
    for clinic in Clinic.objects.open().annotate(asked=Max("drills__asked_at")):
        if not policy.is_wanted(clinic.asked or clinic.created_at, now=now) or not _is_open(clinic):
            continue
        try:
            ask(clinic=clinic, by=None)
        except CannotDrill as refused:
            logger.info("no drill for clinic %s: %s", clinic.public_id, refused)
        else:
            asked += 1
    return asked


def _is_open(clinic: Clinic) -> bool:
    with inside(clinic):
        try:
            in_force = policies.policy_in_force()
        except policies.NoPolicy:
            return False
        return in_force.is_open(in_force.local(timezone.now()))


def advance() -> int:
    """Play what is asked for and settle what is under way; returns how many drills were looked at."""
    drills = list(Drill.objects.unfinished().select_related("clinic").order_by("asked_at")[:50])
    for drill in drills:
        if drill.state == DrillState.ASKED and _take(drill):
            _play(drill)
        elif drill.state == DrillState.RUNNING:
            _watch(drill)
        _give_up_when_late(drill)
    return len(drills)


def _take(drill: Drill) -> bool:
    """Mark the drill as this worker's before anything rings: of two workers one plays it."""
    now = timezone.now()
    taken = Drill.objects.filter(pk=drill.pk, state=DrillState.ASKED, played_at=None)
    if taken.update(state=DrillState.RUNNING, played_at=now) != 1:
        return False
    drill.state, drill.played_at = DrillState.RUNNING, now
    return True


def _play(drill: Drill) -> None:
    """Call the clinic as Twilio would, say the emergency, and hang up."""
    try:
        heard, sid = _ring(drill.clinic)
    except Unreachable:
        _finish(drill, broke=policy.UNREACHABLE)
        return
    if heard.faults:
        _finish(drill, broke=policy.REFUSED)
        return
    with inside(drill.clinic):
        call_id = Call.objects.filter(sid=sid, drill=True).values_list("id", flat=True).first()
        number = policies.policy_in_force().emergency_number
        escalation = Escalation.objects.filter(call_id=call_id, drill=True).first() if call_id else None
    if escalation is None:
        _finish(drill, broke=policy.UNRAISED)
    elif not _was_told_to_dial(heard, number):
        _finish(drill, broke=policy.UNHEARD)
    else:
        drill.call_id, drill.escalation_id = call_id, escalation.id
        drill.save(update_fields=["call_id", "escalation_id"])


def _ring(clinic: Clinic) -> tuple[Heard, str]:
    """What was heard after the emergency was said, and the call's sid."""
    number = PhoneLine.objects.filter(clinic=clinic, active=True).order_by("id").values_list("number", flat=True)[0]
    far_end = FarEnd(clinic, settings.DRILL_SERVER or telephone.public_url(clinic, "/"), dial_outcome="no-answer")
    line, greeting = far_end.ring(caller=policy.CALLER, dialled=number, drill=True)
    if greeting.faults:
        return greeting, line.sid
    heard = far_end.say(line, policy.SAYS)
    if not heard.faults:
        far_end.hang_up(line)
    return heard, line.sid


def _was_told_to_dial(heard: Heard, emergency_number: str) -> bool:
    digits = "".join(char for char in " ".join(heard.sentences) if char.isdigit())
    return emergency_number in digits


def _watch(drill: Drill) -> None:
    """Note that somebody was told, and pass the drill when somebody has acknowledged it."""
    if drill.escalation_id is None:
        return
    if drill.told_at is None:
        drill.told_at = _told_at(drill)
        Drill.objects.filter(pk=drill.pk).update(told_at=drill.told_at)
    with inside(drill.clinic):
        found = Escalation.objects.filter(pk=drill.escalation_id).first()
    if found is not None and found.acknowledged_at and drill.told_at:
        drill.seconds_to_acknowledge = found.seconds_to_acknowledge
        _finish(drill)


def _told_at(drill: Drill) -> datetime | None:
    """When the first message about the drill's escalation had reached a person's inbox, browser or telephone."""
    return (
        Delivery.objects.filter(event__clinic=drill.clinic, event__about=drill.escalation_id, state=DeliveryState.SENT)
        .exclude(person=None)
        .order_by("done_at")
        .values_list("done_at", flat=True)
        .first()
    )


def _give_up_when_late(drill: Drill) -> None:
    if drill.state not in (DrillState.ASKED, DrillState.RUNNING):
        return
    broke = policy.broke_by_now(
        asked_at=drill.asked_at,
        played_at=drill.played_at,
        alarmed=drill.escalation_id is not None,
        told_at=drill.told_at,
        now=timezone.now(),
    )
    if broke:
        _finish(drill, broke=broke)


def _finish(drill: Drill, *, broke: str = "") -> None:
    drill.state = DrillState.FAILED if broke else DrillState.PASSED
    Drill.objects.unfinished().filter(pk=drill.pk).update(
        state=drill.state,
        broke=broke,
        finished_at=timezone.now(),
        seconds_to_acknowledge=drill.seconds_to_acknowledge,
    )
    logger.log(
        logging.WARNING if broke else logging.INFO,
        "drill of clinic %s %s%s", drill.clinic.public_id, drill.state, f": {broke}" if broke else "",
    )  # fmt: skip
