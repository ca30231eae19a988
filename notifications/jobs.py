"""Celery's entry points: `wake` looks for work, `canary` proves the road."""

from __future__ import annotations

from celery import shared_task

from notifications import delivery
from notifications.broker import WAKE, wakes
from notifications.canary import announce_canary
from notifications.claims import whoami

BUDGET_SECONDS = 4.0


@shared_task(name=WAKE)
def wake() -> None:
    """Deliver what is due for up to four seconds; after any work somebody looks once more."""
    if delivery.drain(me=whoami("worker"), budget_seconds=BUDGET_SECONDS):
        wakes.publish()


@shared_task(name="notifications.canary")
def canary() -> None:
    """Announce the canary that becomes the worker's heartbeat."""
    announce_canary()
