"""What operators do with a change in waves: start it, halt it, let it go on, end it early, take it back."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from clinics.fleet.rollout import RINGS
from clinics.fleet.waves.models import FleetChange, FleetStep, Group
from clinics.fleet.waves.states import UNFINISHED, Standing, State
from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import outside

logger = logging.getLogger(__name__)

LONGEST_SOAK = 60 * 24 * 28
DEEDS: Mapping[str, tuple[tuple[State, ...], State, str]] = {
    "halt": ((State.RUNNING,), State.HALTED, "Halt"),
    "go_on": ((State.HALTED,), State.RUNNING, "Let it go on"),
    "stop": ((State.RUNNING, State.HALTED), State.STOPPED, "End it here, leave what is changed"),
    "enough": ((State.RUNNING,), State.RUNNING, "Go by time alone, however few calls there are"),
    "take_back": ((State.RUNNING, State.HALTED, State.STOPPED), State.UNDOING, "Take it back everywhere"),
}
"""Each deed: from which states, to which, and what its button says."""


def start(
    *, by: User | None, title: str, settings: Mapping[str, object], group: Group | None, soak_minutes: int,
    least_calls: int,
) -> FleetChange:  # fmt: skip
    """Begin a change; the beat takes it to the first wave. Raises `ValidationError`.

    Refused while another change of one of its fields is under way: nobody could say which of them hurt.
    """
    if not title.strip() or not settings:
        raise ValidationError("Say what is to change, and what it is called.")
    if not 0 <= soak_minutes <= LONGEST_SOAK:
        raise ValidationError("A wave is watched for up to four weeks.")
    with outside(), transaction.atomic():
        _alone()
        for other in FleetChange.objects.filter(state__in=UNFINISHED):
            both = set(other.settings) & set(settings)
            if both and (group is None or other.group_id in (None, group.pk)):
                raise ValidationError(f"{other.title} is under way and changes {', '.join(sorted(both))} as well.")
        change = FleetChange.objects.create(
            title=title.strip(), settings=dict(settings), group=group, ring=RINGS[0], soak_minutes=soak_minutes,
            least_calls=least_calls, started_by=by.pk if by else None, history=[_entry(by, "start", "")],
        )  # fmt: skip
        gather(change)
    logger.info("change %s was started", change.pk)
    return change


def act(*, by: User | None, change_id: UUID, deed: str, why: str) -> FleetChange:
    """One of `DEEDS`, with the reason for it. Raises `ValidationError` when the change is not in a state for it."""
    allowed, after, _ = DEEDS[deed]
    if not why.strip():
        raise ValidationError("Say why.")
    with outside(), transaction.atomic():
        change = FleetChange.objects.select_for_update(of=("self",)).get(pk=change_id)
        if change.state not in allowed:
            raise ValidationError(f"It is not possible now: {change.get_state_display().lower()}.")
        _to(change, after, deed)
        change.history = [*change.history, _entry(by, deed, why.strip()[:200])]
        change.save()
    logger.warning("change %s: %s", change.pk, deed)
    return change


def _to(change: FleetChange, state: State, deed: str) -> None:
    now = timezone.now()
    change.state = state
    if state == State.HALTED:
        change.halted_at, change.halted_by, change.halted_in, change.halted_on = now, "", "", {}
    if deed == "go_on":
        change.watched_since = now  # who lets it go on has seen what was before
    if deed == "enough":
        change.least_calls = 0
    if state == State.STOPPED:
        change.ended_at = now


def gather(change: FleetChange) -> int:
    """A step for each clinic it is for that has none yet: at the start, and for who comes while it is under way.

    Who comes later is in the wave of its ring, or in the one that is under way when that is past.
    """
    missing = [clinic for clinic in meant(change) if clinic.pk not in _known(change)]
    reached = RINGS.index(change.ring)
    steps = [
        FleetStep(change=change, clinic=clinic, ring=RINGS[max(reached, RINGS.index(clinic.ring))])
        for clinic in missing
    ]  # fmt: skip
    FleetStep.objects.bulk_create(steps, ignore_conflicts=True)
    return len(steps)


def meant(change: FleetChange) -> QuerySet[Clinic]:
    """The open clinics that a change is for."""
    clinics = Clinic.objects.open().order_by("schema_name")
    return clinics if change.group_id is None else clinics.filter(member__group=change.group_id)


def counts(change: FleetChange) -> dict[str, dict[str, int]]:
    """How many clinics of each wave stand how: {ring: {standing: count}}."""
    found: dict[str, dict[str, int]] = {str(ring): {} for ring in RINGS}
    for ring, standing in change.steps.values_list("ring", "standing"):
        found[ring][standing] = found[ring].get(standing, 0) + 1
    return found


def waiting(change: FleetChange, *, rings: Iterable[str]) -> QuerySet[FleetStep]:
    """The steps of these waves that are still to be done."""
    return FleetStep.objects.filter(change=change, standing=Standing.WAITING, ring__in=rings).order_by("pk")


def unfinished() -> list[FleetChange]:
    """The changes that somebody, or the beat, still has to do something about; those that halted first."""
    found = FleetChange.objects.filter(state__in=UNFINISHED).select_related("group")
    return sorted(found, key=lambda change: change.state != State.HALTED)


def _known(change: FleetChange) -> set[int]:
    return set(FleetStep.objects.filter(change=change).values_list("clinic_id", flat=True))


def _alone() -> None:
    """Two that start at once would not see each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('start a change in waves'))")


def _entry(by: User | None, deed: str, why: str) -> dict[str, str]:
    return {"at": timezone.now().isoformat(), "by": str(by.pk) if by else "", "deed": deed, "why": why}
