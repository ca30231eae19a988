"""How the objectives stand, in counted five minutes: those of calls by the web process, the others out of the outbox.

The outbox says when an emergency was raised and when somebody had it, when a message was due and when it left, which
requests were taken on and which promises broke. Its five minutes are counted again until all in them is decided.
"""

from __future__ import annotations

import time
from datetime import timedelta

from django.db import connection

from clinics.fleet.models import ClinicPhase
from clinics.tenancy import outside
from notifications.kinds import Lane
from notifications.watching.objectives import BUCKET_MINUTES, DAYS, MINUTES, OBJECTIVES, Count

BACK = timedelta(minutes=45)
"""How far back five minutes are counted again."""
KEPT_FINE = timedelta(days=2)
EVERY_SECONDS = 60.0

_counted_at = float("-inf")

# What everybody's events of lately are: by clinic, for that is how they are indexed, and in whole five minutes.
_LATELY = """
WITH lately AS (
    SELECT v.*, date_bin('5 minutes', v.created_at, 'epoch') AS bucket
    FROM public.clinics_clinic k CROSS JOIN LATERAL (
        SELECT e.id, e.clinic_id, e.about, e.kind, e.lane, e.created_at FROM public.notifications_event e
        WHERE e.clinic_id = k.id AND NOT e.test
          AND e.created_at >= date_bin('5 minutes', now() - %(back)s, 'epoch')) AS v)
INSERT INTO public.notifications_servicecount (name, clinic_id, bucket, good, bad)"""
_AGAIN = """
ON CONFLICT (name, clinic_id, bucket) DO UPDATE SET good = excluded.good, bad = excluded.bad"""

_ACKNOWLEDGE = """
SELECT 'acknowledge', v.clinic_id, v.bucket, count(*) FILTER (WHERE taken.had), count(*) FILTER (WHERE NOT taken.had)
FROM lately v CROSS JOIN LATERAL (SELECT EXISTS (
    SELECT FROM lately a WHERE a.clinic_id = v.clinic_id AND a.about = v.about AND a.kind = 'escalation.acknowledged'
      AND a.created_at BETWEEN v.created_at AND v.created_at + %(within)s * interval '1 second')) AS taken (had)
WHERE v.kind = 'escalation.raised' AND v.created_at < now() - %(within)s * interval '1 second'
GROUP BY 1, 2, 3"""

_DELIVERY = """
SELECT 'delivery', v.clinic_id, v.bucket, count(*) FILTER (WHERE sent.soon), count(*) FILTER (WHERE NOT sent.soon)
FROM lately v JOIN public.notifications_delivery d ON d.event_id = v.id CROSS JOIN LATERAL (
    SELECT d.state = 'sent' AND d.done_at <= d.created_at + %(within)s * interval '1 second') AS sent (soon)
WHERE v.lane = %(urgent)s AND d.state NOT IN ('cancelled', 'expired')
  AND d.created_at < now() - %(within)s * interval '1 second'
GROUP BY 1, 2, 3"""

_TASKS = """
SELECT 'tasks', clinic_id, bucket, count(*) FILTER (WHERE kind = 'task.opened'),
       count(*) FILTER (WHERE kind = 'promise.broken')
FROM lately WHERE kind IN ('task.opened', 'promise.broken')
GROUP BY 1, 2, 3"""

_COUNTED = {"acknowledge": _ACKNOWLEDGE, "delivery": _DELIVERY, "tasks": _TASKS}

_DAYS = """
WITH old AS (DELETE FROM public.notifications_servicecount
             WHERE bucket < date_trunc('day', now() - %(fine)s) AND bucket <> date_trunc('day', bucket)
             RETURNING name, clinic_id, bucket, good, bad)
INSERT INTO public.notifications_servicecount (name, clinic_id, bucket, good, bad)
SELECT name, clinic_id, date_trunc('day', bucket), sum(good), sum(bad) FROM old GROUP BY 1, 2, 3
ON CONFLICT (name, clinic_id, bucket) DO UPDATE
SET good = notifications_servicecount.good + excluded.good, bad = notifications_servicecount.bad + excluded.bad"""

_SINCE = """
SELECT name, clinic_id, sum(good), sum(bad) FROM public.notifications_servicecount
WHERE bucket > now() - %s GROUP BY name, clinic_id"""

Counts = dict[tuple[str, int], Count]


def count_now_and_then() -> int:
    """Count anew as a chore of the sweeper, once a minute, and tidy up."""
    global _counted_at  # noqa: PLW0603  (one clock per process)
    if time.monotonic() - _counted_at < EVERY_SECONDS:
        return 0
    _counted_at = time.monotonic()
    with outside():
        count()
        tidy()
    return 0


def count() -> None:
    """Count the outbox's objectives of lately anew. May be done twice, by any process."""
    with connection.cursor() as cursor:
        for name, counted in _COUNTED.items():
            asked = {"within": OBJECTIVES[name].within, "back": BACK, "urgent": int(Lane.URGENT)}
            cursor.execute(_LATELY + counted + _AGAIN, asked)


def tidy() -> None:
    """Add five minutes of past days up to days, and forget what no figure asks for any more."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, {"fine": KEPT_FINE})
        cursor.execute(
            "DELETE FROM public.notifications_servicecount WHERE bucket < now() - %s", [timedelta(days=DAYS + 7)]
        )


def since(back: timedelta) -> Counts:
    """What was counted in this time, by objective and clinic."""
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, [back])
        return {(name, clinic): Count(int(good), int(bad)) for name, clinic, good, bad in cursor.fetchall()}


def lately(minutes: int) -> Counts:
    """What was counted in one of the alarms' windows, and the five minutes that it began in."""
    return since(timedelta(minutes=minutes + BUCKET_MINUTES))


def recent() -> dict[tuple[str, int], dict[int, Count]]:
    """The same for each of the alarms' windows, by minutes."""
    found: dict[tuple[str, int], dict[int, Count]] = {}
    for minutes in MINUTES:
        for key, counted in lately(minutes).items():
            found.setdefault(key, {})[minutes] = counted
    return found


def phases() -> dict[int, str]:
    """The phase of each clinic, which says how strict its goals are."""
    return dict(ClinicPhase.objects.values_list("clinic", "phase"))


def of_days() -> Counts:
    """What was counted in the days of the budgets."""
    return since(timedelta(days=DAYS))


def of_everybody(counts: Counts) -> dict[str, Count]:
    """All clinics together, by objective; one of which nothing was counted is there as well."""
    total = dict.fromkeys(OBJECTIVES, Count())
    for (name, _), counted in counts.items():
        if name in total:
            total[name] = Count(total[name].good + counted.good, total[name].bad + counted.bad)
    return total
