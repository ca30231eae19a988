"""A change on its way: clinic by clinic, wave by wave, halted by what goes wrong, from wherever it was left.

Each clinic's step is one transaction with the policy that it publishes, so whatever dies on the way leaves nothing half
done and nothing done twice. Two processes at once share the work.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from clinics.fleet.rollout import RINGS
from clinics.fleet.waves import deeds, guardrails, watching
from clinics.fleet.waves.fields import SWITCHES, values_of
from clinics.fleet.waves.inheritance import is_own
from clinics.fleet.waves.models import FleetChange, FleetStep, Group, GroupMember
from clinics.fleet.waves.states import Standing, State
from clinics.models import Clinic
from clinics.practice import actions as practice
from clinics.practice.models import CallPolicy
from clinics.tenancy import inside, outside

logger = logging.getLogger(__name__)

A_PASS = 50
"""So many clinics are changed between one look at the guardrails and the next."""


def advance() -> None:
    """One pass over every change that is under way: look, halt or go on. Safe to run twice and at once."""
    with outside():
        for change in FleetChange.objects.filter(state=State.RUNNING):
            _advance(change)
        for change in FleetChange.objects.filter(state=State.UNDOING):
            _undo(change)


def _advance(change: FleetChange) -> None:
    watching.look(change)
    if _halted(change):
        return
    deeds.gather(change)
    if not deeds.waiting(change, rings=_reached(change)).exists() and not _next_wave(change):
        return
    change.refresh_from_db()
    if change.state != State.RUNNING:
        return
    for step in deeds.waiting(change, rings=_reached(change))[:A_PASS]:
        _apply(step.pk)


def _reached(change: FleetChange) -> list[str]:
    """The wave it is in, and those before."""
    return [str(ring) for ring in RINGS[: RINGS.index(change.ring) + 1]]


def _halted(change: FleetChange) -> bool:
    steps = FleetStep.objects.filter(change=change, standing=Standing.APPLIED).select_related("clinic")
    tripped = guardrails.judge(watching.by_clinic(steps))
    if tripped is None:
        return False
    figures = {"now": [tripped.now.bad, tripped.now.all], "before": [tripped.before.bad, tripped.before.all]}
    stopped = FleetChange.objects.filter(pk=change.pk, state=State.RUNNING).update(
        state=State.HALTED, halted_at=timezone.now(), halted_by=tripped.name, halted_in=tripped.clinic,
        halted_on=figures,
    )  # fmt: skip
    if stopped:
        logger.error("change %s halted: %s", change.pk, tripped.name)
    return True


def _next_wave(change: FleetChange) -> bool:
    """Go on to the next wave, or end, once this one was watched for long enough; whether there is more to do."""
    here = FleetStep.objects.filter(change=change, ring=change.ring, standing=Standing.APPLIED)
    if here.exists() and missing(change):
        return False
    place = RINGS.index(change.ring) + 1
    mine = FleetChange.objects.filter(pk=change.pk, state=State.RUNNING, ring=change.ring)
    if place < len(RINGS):
        return bool(mine.update(ring=RINGS[place], wave_at=timezone.now()))
    with transaction.atomic():
        if mine.update(state=State.DONE, ended_at=timezone.now()) and change.group_id:
            group = Group.objects.select_for_update().get(pk=change.group_id)
            group.settings = {**group.settings, **change.settings}
            group.save(update_fields=["settings"])
    return False


def missing(change: FleetChange) -> str:
    """What a wave that has reached all its clinics still waits for, in words; "" when it has shown itself."""
    steps = FleetStep.objects.filter(change=change, ring=change.ring, standing=Standing.APPLIED)
    reached = steps.aggregate(last=Max("applied_at"))["last"] or change.wave_at
    ends = reached + timedelta(minutes=change.soak_minutes)
    if timezone.now() < ends:
        return f"watched until {ends:%Y-%m-%d %H:%M} UTC"
    had = sum(step.seen.get(guardrails.CALLS, [0, 0])[1] for step in steps)
    return f"{had} of {change.least_calls} calls" if had < change.least_calls else ""


# --- One clinic ------------------------------------------------------------------------------------------------------
def _apply(step_id: int) -> None:
    with transaction.atomic():
        step = FleetStep.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            pk=step_id, standing=Standing.WAITING
        ).select_related("clinic").first()  # fmt: skip
        if step is None:
            return
        change = FleetChange.objects.select_for_update(of=("self",)).get(pk=step.change_id)
        if change.state == State.RUNNING:
            _change(step, change)
            step.save()


def _change(step: FleetStep, change: FleetChange) -> None:
    """Bring the change into a clinic, and say in the step what became of it."""
    clinic, now = step.clinic, timezone.now()
    if clinic.suspended_at is not None:
        step.standing = Standing.CLOSED
        return
    wanted, has = _wanted(change, clinic), _values(clinic)
    if not wanted:
        step.standing = Standing.OWN
        return
    differs = {name: value for name, value in wanted.items() if has.get(name) != value}
    if not differs:
        step.standing = Standing.SAME
        return
    try:
        with transaction.atomic():
            step.version = _publish(clinic, differs)
    except ValidationError as refused:
        _refused(step, refused)
        return
    step.standing, step.applied_at, step.before = Standing.APPLIED, now, {name: has.get(name) for name in differs}
    step.calm = watching.figures(clinic, now - watching.BEFORE, now)


def _refused(step: FleetStep, refused: ValidationError) -> None:
    """Which fields the clinic's own rules refuse; without any, somebody published just now: the step is done later."""
    if hasattr(refused, "error_dict"):
        step.standing, step.code = Standing.REFUSED, ", ".join(sorted(refused.error_dict))[:200]
    else:
        logger.info("change %s waits in clinic %s", step.change_id, step.clinic.public_id)


def _wanted(change: FleetChange, clinic: Clinic) -> dict[str, object]:
    """What of a change is for a clinic. What is nearer to it wins: its own, then its group's, then everybody's."""
    member = GroupMember.objects.select_related("group").filter(pk=clinic.pk).first()
    if member is None:
        return dict(change.settings)
    nearer = set(member.group.settings) if change.group_id is None else set()
    return {name: value for name, value in change.settings.items() if name not in nearer and not is_own(member, name)}


def _values(clinic: Clinic) -> dict[str, object]:
    with inside(clinic):
        row = CallPolicy.objects.order_by("-version").values().first()
    return values_of(row or {}, clinic)


def _publish(clinic: Clinic, wanted: dict[str, object]) -> int | None:
    """The clinic's switches, and the next version of its policy; returns that version, if it made one."""
    switches = {name: value for name, value in wanted.items() if name in SWITCHES}
    if switches:
        for name, value in switches.items():
            setattr(clinic, name, value)
        clinic.save(update_fields=list(switches))
    rules = {name: value for name, value in wanted.items() if name not in SWITCHES}
    if not rules:
        return None
    with inside(clinic):
        return practice.publish_for_all(changes=rules).version


def _undo(change: FleetChange) -> None:
    """Give every clinic back what it had, where nobody has changed it since."""
    have = FleetStep.objects.filter(change=change, standing=Standing.APPLIED).order_by("-applied_at")
    for step_id in list(have.values_list("pk", flat=True)[:A_PASS]):
        with transaction.atomic():
            step = FleetStep.objects.select_for_update(skip_locked=True, of=("self",)).filter(
                pk=step_id, standing=Standing.APPLIED
            ).select_related("clinic").first()  # fmt: skip
            if step is None:
                continue
            has = _values(step.clinic)
            back = {name: old for name, old in step.before.items() if has.get(name) == change.settings[name]}
            step.standing = Standing.UNDONE
            try:
                with transaction.atomic():
                    _publish(step.clinic, back)
            except ValidationError as refused:
                _refused(step, refused)
            step.save(update_fields=["standing", "code"])
    if not have.exists():
        FleetChange.objects.filter(pk=change.pk, state=State.UNDOING).update(
            state=State.UNDONE, ended_at=timezone.now()
        )
