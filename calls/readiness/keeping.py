"""How ready each clinic is, written where operators see all clinics at once. Figures only, no patient in it."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from calls.readiness.criteria import NEXT, Line, Readiness
from calls.readiness.measuring import readiness
from clinics.fleet.board import Cell
from clinics.fleet.models import ClinicPhase
from clinics.practice import phases
from clinics.practice.policies import NoPolicy
from clinics.tenancy import each_clinic


def measure_all() -> None:
    """Every clinic's, now. May be done twice, by any process."""
    for clinic in each_clinic():
        try:
            found = readiness(timezone.now())
        except NoPolicy:
            continue  # one that is being opened
        ClinicPhase.objects.update_or_create(
            clinic_id=clinic.pk,
            defaults={
                "phase": found.phase, "measured_at": timezone.now(),
                "criteria": [[line.name, line.figure, line.threshold, line.met, line.most] for line in found.lines],
            },
        )  # fmt: skip


def kept(row: ClinicPhase) -> Readiness:
    """What was written down, read back."""
    return Readiness(row.phase, NEXT.get(row.phase, ""), tuple(Line(*numbers) for numbers in row.criteria))


def column(now: datetime) -> dict[int, Cell]:
    """The clinics' phases on the operators' page: "pilot, ready for stabilisation: 4 of 5"."""
    return {row.clinic_id: Cell(told(kept(row))) for row in ClinicPhase.objects.all()}


def told(found: Readiness) -> str:
    """In one line."""
    if not found.lines:
        return phases.WORDS[found.phase]
    of = f"{found.met} of {len(found.lines)}"
    return f"{phases.WORDS[found.phase]}, ready for {phases.WORDS[found.next]}: {of}"
