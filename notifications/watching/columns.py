"""What the operators' page of all clinics shows of the road of messages."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
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


_DAY = """
SELECT k.id, told.sent, told.p95 FROM public.clinics_clinic k CROSS JOIN LATERAL (
    SELECT count(*) AS sent, percentile_cont(0.95) WITHIN GROUP (
               ORDER BY date_part('epoch', d.done_at - e.created_at)) AS p95
    FROM public.notifications_event e JOIN public.notifications_delivery d ON d.event_id = e.id
    WHERE e.clinic_id = k.id AND NOT e.test AND e.created_at > %(now)s - interval '1 day' AND d.state = 'sent') AS told
WHERE told.sent > 0"""


def delivered(now: datetime) -> dict[int, Cell]:
    """What arrived of a day's messages and how soon; that it was too late is the error budgets' to say."""
    with connection.cursor() as cursor:
        cursor.execute(_DAY, {"now": now})
        return {clinic: Cell(f"{sent:,}, 95 of 100 in {p95:.1f} s") for clinic, sent, p95 in cursor.fetchall()}


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
