"""Celery's entry points: the wake-ups look for work in their lanes, `canary` proves the road."""

from __future__ import annotations

from celery import shared_task

from clinics.people.behalf import for_the_system
from notifications import actions, delivery
from notifications.broker import BULK, QUEUE, URGENT, WAKES, wakes
from notifications.canary import announce_canary
from notifications.claims import whoami
from notifications.kinds import Lane
from notifications.watching.incidents import look

BUDGET_SECONDS = 4.0


@shared_task(name=WAKES[QUEUE])
@for_the_system
def wake() -> None:
    """Deliver what is due for up to four seconds; after any work somebody looks once more."""
    if _drain(Lane.URGENT, Lane.NORMAL):
        wakes.publish()
        wakes.publish(queue=BULK)  # what was planned just now may have left texts and letters there


@shared_task(name=WAKES[URGENT])
@for_the_system
def wake_urgent() -> None:
    """The same for the urgent lane alone: its workers never wait behind anything else."""
    if _drain(Lane.URGENT):
        wakes.publish(queue=URGENT)


@shared_task(name=WAKES[BULK])
@for_the_system
def wake_bulk() -> None:
    """The same for the bulk lane, where a slow provider keeps nobody waiting."""
    if _drain(Lane.BULK):
        wakes.publish(queue=BULK)


def _drain(*lanes: Lane) -> int:
    return delivery.drain(me=whoami("worker"), budget_seconds=BUDGET_SECONDS, lanes=lanes)


@shared_task(name="notifications.watch")
@for_the_system
def watch() -> None:
    """Look for trouble from here too: the sweeper, which looks more often, may be what is in trouble."""
    look()


@shared_task(name="notifications.canary")
@for_the_system
def canary() -> None:
    """Announce the canary that becomes the worker's heartbeat."""
    announce_canary()


@shared_task(name="notifications.archive")
@for_the_system
def archive() -> None:
    """Take old lines off the inboxes."""
    actions.archive_old()
