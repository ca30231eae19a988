"""The sweeper: finds what was lost. Delivery is complete with it alone; everything else only makes it faster."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection

from notifications import claims, delivery, planning
from notifications.broker import wakes
from notifications.heartbeat import beat

logger = logging.getLogger(__name__)

PASS_SECONDS = 0.5
DRAIN_SECONDS = 2.0
GRACE_SECONDS = 1.0  # the workers have the first go at what is fresh
PER_WAKE = 20

_BACKLOG = """
SELECT (SELECT count(*) FROM public.notifications_event
        WHERE state = 'pending' AND available_at <= now() AND expires_at > now())
     + (SELECT count(*) FROM public.notifications_delivery
        WHERE state = 'pending' AND available_at <= now() AND expires_at > now())"""


def sweep_once(*, workers: int, grace_seconds: float = GRACE_SECONDS) -> int:
    """One pass: take back lost leases, deliver a little, wake workers as the backlog asks, note the heartbeat."""
    claims.reap()
    planning.reap()
    done = delivery.drain(me=claims.whoami("sweeper"), budget_seconds=DRAIN_SECONDS, grace_seconds=grace_seconds)
    wanted = min(workers, -(-backlog() // PER_WAKE))
    if wanted:
        wakes.publish(wanted)
    beat("sweeper")
    return done


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


def backlog() -> int:
    """How many events and deliveries are due now."""
    with connection.cursor() as cursor:
        cursor.execute(_BACKLOG)
        return int(cursor.fetchone()[0])
