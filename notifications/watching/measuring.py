"""One look at the road of messages, by the database's clock."""

from __future__ import annotations

from django.db import connection

from notifications.kinds import Lane
from notifications.watching.policy import Measures

_LAG = """
SELECT lane, extract(epoch FROM clock_timestamp() - min(available_at)) FROM (
    SELECT lane, available_at FROM public.notifications_event
    WHERE state = 'pending' AND available_at <= now() AND expires_at > now()
    UNION ALL
    SELECT lane, available_at FROM public.notifications_delivery
    WHERE state = 'pending' AND available_at <= now() AND expires_at > now()) AS due
GROUP BY lane"""

_LOST = """
SELECT clinic_id, count(*) FILTER (WHERE state = 'dead'), count(*) FILTER (WHERE state = 'dead' AND lane = %(urgent)s),
       count(*) FILTER (WHERE state = 'unknown')
FROM public.notifications_delivery WHERE state IN ('dead', 'unknown') GROUP BY clinic_id"""

_ALIVE = "SELECT name, extract(epoch FROM clock_timestamp() - at) FROM public.notifications_heartbeat"


def measure() -> Measures:
    """Four small queries over partial indexes; touches no clinic's schema."""
    with connection.cursor() as cursor:
        cursor.execute(_LAG)
        lag = {Lane(lane).name.lower(): float(seconds) for lane, seconds in cursor.fetchall()}
        cursor.execute(_LOST, {"urgent": int(Lane.URGENT)})
        lost = cursor.fetchall()
        cursor.execute(_ALIVE)
        alive = {name: float(seconds) for name, seconds in cursor.fetchall()}
    return Measures(
        lag=lag,
        dead={clinic: dead for clinic, dead, _, _ in lost if dead},
        dead_urgent={clinic: urgent for clinic, _, urgent, _ in lost if urgent},
        unknown={clinic: unknown for clinic, _, _, unknown in lost if unknown},
        worker_seconds=alive.get("worker"),
        sweeper_seconds=alive.get("sweeper"),
    )
