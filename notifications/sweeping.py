"""The sweeper: finds what was lost. Delivery is complete with it alone; everything else only makes it faster."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection

from notifications import chores, claims, delivery, planning, settling
from notifications.broker import BULK, URGENT, wakes
from notifications.heartbeat import beat
from notifications.kinds import Lane

logger = logging.getLogger(__name__)

PASS_SECONDS = 0.5
DRAIN_SECONDS = 2.0
SETTLE_SECONDS = 2.0
GRACE_SECONDS = 1.0  # the workers have the first go at what is fresh
PER_WAKE = 20

_BACKLOG = """
SELECT lane, count(*) FROM (
    SELECT lane FROM public.notifications_event
    WHERE state = 'pending' AND available_at <= now() AND expires_at > now()
    UNION ALL
    SELECT lane FROM public.notifications_delivery
    WHERE state = 'pending' AND available_at <= now() AND expires_at > now()) AS due
GROUP BY lane"""

QUEUES = {Lane.URGENT: URGENT, Lane.BULK: BULK}


def sweep_once(*, workers: int, grace_seconds: float = GRACE_SECONDS) -> int:
    """One pass: take back lost leases, deliver a little, settle what is not known, wake workers as the backlog asks,
    note the heartbeat."""
    done = chores.do_all()  # first: what they announce leaves in the same pass
    claims.reap()
    planning.reap()
    done += delivery.drain(me=claims.whoami("sweeper"), budget_seconds=DRAIN_SECONDS, grace_seconds=grace_seconds)
    settling.settle_due(budget_seconds=SETTLE_SECONDS)
    for lane, due in backlog().items():
        _wake(lane, min(workers, -(-due // PER_WAKE)))
    beat("sweeper")
    return done


def _wake(lane: Lane, times: int) -> None:
    queue = QUEUES.get(lane)
    if queue is None:
        wakes.publish(times)
    else:
        wakes.publish(times, queue=queue)


def sweep_forever(*, workers: int, go_on: Callable[[], bool]) -> None:
    """Sweep until told to stop; a database that restarts is waited for."""
    while go_on():
        began = time.monotonic()
        try:
            sweep_once(workers=workers)
        except (OperationalError, InterfaceError) as error:
            logger.warning("the database is away: %s", type(error).__name__)
            connection.close()
        time.sleep(max(0.05, PASS_SECONDS - (time.monotonic() - began)))


def backlog() -> dict[Lane, int]:
    """How many events and deliveries are due now, by lane; an empty lane is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_BACKLOG)
        return {Lane(lane): int(due) for lane, due in cursor.fetchall()}
