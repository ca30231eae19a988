"""Celery's entry points. The sweeper climbs too: each path finishes what the other one left."""

from __future__ import annotations

from celery import shared_task

from escalations.climbing import climb_everywhere


@shared_task(name="escalations.climb")
def climb() -> None:
    """Do the steps of the ladders that are due, in every clinic."""
    climb_everywhere()
