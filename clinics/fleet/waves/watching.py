"""What the clinics of a change have been through since it reached them, asked of the apps that know.

Imports go down, so the apps above offer their figures: each is asked inside a clinic's schema, for a span of time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from clinics.fleet.waves.guardrails import Tally
from clinics.fleet.waves.models import FleetChange, FleetStep
from clinics.fleet.waves.states import Standing
from clinics.models import Clinic
from clinics.tenancy import inside

BEFORE = timedelta(days=14)
"""What a clinic is held against: itself in this time before the change."""

A_PASS = 200
"""So many clinics are looked at in one pass, those first that were not looked at for longest."""

Ask = Callable[[Clinic, datetime, datetime], Mapping[str, Tally]]
_offered: dict[str, Ask] = {}


def offer(name: str, ask: Ask) -> None:
    """`ask` gives figures of a clinic between two moments, by the names of guardrails; called inside its schema."""
    _offered[name] = ask


def figures(clinic: Clinic, since: datetime, until: datetime) -> dict[str, list[int]]:
    """What all apps know of this clinic and this time, as it is kept: {name: [bad, all]}."""
    found: dict[str, list[int]] = {}
    with inside(clinic):
        for ask in _offered.values():
            found |= {name: [tally.bad, tally.all] for name, tally in ask(clinic, since, until).items()}
    return found


def kept(figures: Mapping[str, Sequence[int]]) -> dict[str, Tally]:
    """The same, read back."""
    return {name: Tally(*numbers) for name, numbers in figures.items()}


def look(change: FleetChange) -> None:
    """Write down anew what the clinics have been through that have the change."""
    have = FleetStep.objects.filter(change=change, standing=Standing.APPLIED).select_related("clinic")
    for step in have.order_by(F("seen_at").asc(nulls_first=True), "pk")[:A_PASS]:
        assert step.applied_at is not None
        since, now = max(step.applied_at, change.watched_since), timezone.now()
        FleetStep.objects.filter(pk=step.pk).update(seen=figures(step.clinic, since, now), seen_at=now)


def by_clinic(steps: Iterable[FleetStep]) -> dict[str, tuple[dict[str, Tally], dict[str, Tally]]]:
    """The figures (since, before) of the clinics that have a change."""
    return {step.clinic.slug: (kept(step.seen), kept(step.calm)) for step in steps}
