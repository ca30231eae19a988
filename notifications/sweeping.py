"""The sweeper: finds what was lost. Delivery is complete with it alone; everything else only makes it faster."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from django.db import InterfaceError, OperationalError, connection

from notifications import chores, claims, delivery, planning, settling
from notifications.broker import BULK, URGENT, wakes
from notifications.heartbeat import beat
from notifications.kinds import Lane
from notifications.watching.outside import Switch

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


def sweep_once(*, workers: int, grace_seconds: float = GRACE_SECONDS, outside: bool = True) -> int:
    """One pass: take back lost leases, deliver a little, settle what is not known, wake workers as the backlog asks,
    note the heartbeat. `outside=False` leaves what goes through a provider to `sweep_outside`."""
    done = chores.do_all()  # first: what they announce leaves in the same pass
    claims.reap()
    planning.reap()
    me = claims.whoami("sweeper")
    done += delivery.drain(me=me, budget_seconds=DRAIN_SECONDS, grace_seconds=grace_seconds, outside=outside)
    if outside:
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


def sweep_outside(lanes: Sequence[Lane]) -> int:
    """Send what is due in these lanes through a provider, and settle what is not known."""
    done = delivery.drain(
        me=claims.whoami("sweeper"), budget_seconds=DRAIN_SECONDS, grace_seconds=GRACE_SECONDS, lanes=lanes
    )
    return done + settling.settle_due(budget_seconds=SETTLE_SECONDS)


def sweep_forever(*, workers: int, go_on: Callable[[], bool]) -> None:
    """Sweep until told to stop; a database that restarts is waited for.

    What goes through a provider has threads of its own, the urgent lane one to itself: a provider that hangs holds up
    neither the ladder of an escalation, nor an inbox, nor the heartbeat. So does the dead man's switch.
    """
    threading.Thread(target=_again_and_again, args=(Switch().tend, go_on), name="switch", daemon=True).start()
    for lanes in ([Lane.URGENT], [Lane.BULK]):  # what leaves the house is never in the normal lane
        act = partial(sweep_outside, lanes)
        threading.Thread(target=_again_and_again, args=(act, go_on), name="outside", daemon=True).start()
    _again_and_again(lambda: sweep_once(workers=workers, outside=False), go_on)


def _again_and_again(act: Callable[[], int], go_on: Callable[[], bool]) -> None:
    while go_on():
        began = time.monotonic()
        try:
            act()
        except (OperationalError, InterfaceError) as error:
            logger.warning("the database is away: %s", type(error).__name__)
            connection.close()
        except Exception:  # the sweeper is the last one who looks: it outlives anything, and the heartbeat tells
            logger.exception("a pass of the sweeper failed")
            connection.close()
        time.sleep(max(0.05, PASS_SECONDS - (time.monotonic() - began)))


def backlog() -> dict[Lane, int]:
    """How many events and deliveries are due now, by lane; an empty lane is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_BACKLOG)
        return {Lane(lane): int(due) for lane, due in cursor.fetchall()}
