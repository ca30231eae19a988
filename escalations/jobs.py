"""Celery's entry points. The sweeper climbs too: each path finishes what the other one left."""

from __future__ import annotations

from celery import shared_task

from clinics.people.behalf import for_the_system
from escalations.climbing import climb_everywhere


@shared_task(name="escalations.climb")
@for_the_system
def climb() -> None:
    """Do the steps of the ladders that are due, in every clinic."""
    climb_everywhere()
