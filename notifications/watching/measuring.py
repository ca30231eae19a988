"""One look at the road of messages, by the database's clock."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.db import connection

from notifications.kinds import Lane
from notifications.watching import service
from notifications.watching.objectives import alarms
from notifications.watching.policy import Measures

_LAG = """
SELECT lane, extract(epoch FROM clock_timestamp() - min(available_at)) FROM (
    SELECT lane, available_at FROM public.notifications_event
    WHERE state = 'pending' AND available_at <= now() AND expires_at > now()
    UNION ALL
    SELECT lane, available_at FROM public.notifications_delivery
    WHERE state = 'pending' AND available_at <= now() AND expires_at > now()) AS due
GROUP BY lane"""

LATELY = timedelta(minutes=10)
LOST = ("dead", "dead_lately", "dead_urgent", "unknown", "unsettled")

_LOST = """
SELECT clinic_id, count(*) FILTER (WHERE state = 'dead'),
       count(*) FILTER (WHERE state = 'dead' AND done_at > now() - %(lately)s),
       count(*) FILTER (WHERE state = 'dead' AND lane = %(urgent)s), count(*) FILTER (WHERE state = 'unknown'),
       count(*) FILTER (WHERE state = 'unknown' AND now() - %(lately)s > (
           SELECT max(a.started_at) FROM public.notifications_attempt a WHERE a.delivery_id = d.id))
FROM public.notifications_delivery d WHERE state IN ('dead', 'unknown') GROUP BY clinic_id"""

# The alarm of an unanswered escalation repeats every five minutes at first, so the last one is never older than six.
_UNANSWERED = """
SELECT k.id, alarm.about FROM public.clinics_clinic k CROSS JOIN LATERAL (
    SELECT DISTINCT v.about FROM public.notifications_event v
    WHERE v.clinic_id = k.id AND v.created_at > now() - interval '6 minutes'
      AND v.kind = 'escalation.unanswered' AND NOT v.test AND v.state <> 'cancelled'
      AND NOT EXISTS (SELECT FROM public.notifications_event taken
                      WHERE taken.clinic_id = k.id AND taken.created_at > v.created_at AND taken.about = v.about
                        AND taken.kind = 'escalation.acknowledged')) AS alarm"""

_CUT_OFF = """
SELECT k.id, warned.n FROM public.clinics_clinic k CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM public.notifications_event v
    WHERE v.clinic_id = k.id AND v.created_at > now() - interval '1 hour'
      AND v.kind = 'handover.cut_off' AND NOT v.test) AS warned
WHERE warned.n > 0"""

_HALTED = "SELECT count(*) FROM public.clinics_fleetchange WHERE state = 'halted'"

# One failure may be a lock or a restart. A backup that somebody made by hand is as good as one of the night.
_UNKEPT = """
SELECT count(*) FROM public.clinics_backuptry t
WHERE t.failures >= 2 OR t.made_at < now() - interval '26 hours' AND NOT EXISTS (
    SELECT FROM public.clinics_backup b WHERE b.clinic_id = t.clinic_id AND b.made_at > now() - interval '26 hours')"""

_ALIVE = "SELECT name, extract(epoch FROM clock_timestamp() - at) FROM public.notifications_heartbeat"


def measure() -> Measures:
    """Small queries over indexes; touches no clinic's schema."""
    with connection.cursor() as cursor:
        cursor.execute(_LAG)
        lag = {Lane(lane).name.lower(): float(seconds) for lane, seconds in cursor.fetchall()}
        cursor.execute(_LOST, {"urgent": int(Lane.URGENT), "lately": LATELY})
        lost = cursor.fetchall()
        cursor.execute(_UNANSWERED)
        unanswered = Counter(clinic for clinic, _ in cursor.fetchall())
        cursor.execute(_CUT_OFF)
        cut_off = dict(cursor.fetchall())
        cursor.execute(_HALTED)
        (halted,) = cursor.fetchone()
        cursor.execute(_UNKEPT)
        (unkept,) = cursor.fetchone()
        cursor.execute(_ALIVE)
        alive = {name: float(seconds) for name, seconds in cursor.fetchall()}
    return Measures(
        lag=lag,
        **{name: {row[0]: row[at] for row in lost if row[at]} for at, name in enumerate(LOST, start=1)},
        unanswered=unanswered,
        cut_off=cut_off,
        burning={(name, clinic): beyond for name, clinic, beyond in alarms(service.recent(), service.phases())},
        halted=halted,
        unkept=unkept,
        worker_seconds=alive.get("worker"),
        sweeper_seconds=alive.get("sweeper"),
    )
