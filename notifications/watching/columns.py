"""What the operators' page of all clinics shows of the road of messages."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count

from clinics.fleet.board import Cell
from notifications.models import Delivery, DeliveryState
from notifications.watching import service
from notifications.watching.incidents import open_incidents
from notifications.watching.objectives import OBJECTIVES, budget_left, goal_in


def dead_letters(now: datetime) -> dict[int, Cell]:
    """Messages given up that nobody has tried again or put aside."""
    dead = Delivery.objects.filter(state=DeliveryState.DEAD).values_list("clinic").annotate(count=Count("pk"))
    return {clinic: Cell(str(count), red=True) for clinic, count in dead.order_by()}


def incidents(now: datetime) -> dict[int, Cell]:
    """What is open, by its sentence."""
    told: dict[int, list[str]] = {}
    for incident in open_incidents():
        if incident.clinic_id is not None:
            told.setdefault(incident.clinic_id, []).append(incident.sentence)
    return {clinic: Cell(" ".join(sentences), red=True) for clinic, sentences in told.items()}


def objectives(now: datetime) -> dict[int, Cell]:
    """Objectives whose budget of 28 days is used up; else the least that is left of one."""
    left: dict[int, list[tuple[float, str]]] = {}
    phases = service.phases()
    for (name, clinic), counted in service.of_days().items():
        if name in OBJECTIVES:
            left.setdefault(clinic, []).append((budget_left(counted, goal_in(name, phases.get(clinic))), name))
    return {clinic: _least(all_left) for clinic, all_left in left.items()}


def _least(left: list[tuple[float, str]]) -> Cell:
    used_up = [name for part, name in sorted(left) if part < 0]
    if used_up:
        return Cell(f"used up: {', '.join(used_up)}", red=True)
    part, name = min(left)
    return Cell(f"{part:.0%} of {name} left")
