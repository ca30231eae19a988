"""Dead deliveries come back to pending: what was sent stays sent, what is too late stays dead unless told otherwise."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from clinics.models import Clinic
from notifications.models import Replay

logger = logging.getLogger(__name__)

# One that died while it may have been under way is asked about before it is sent again.
_ASK = "d.policy = 'reconcile' AND d.to_digest <> '' AND d.last_error_code IN ('lost_lease', 'unknown_twice',"
_ASK += " 'never_settled')"

_DEAD_DELIVERIES = f"""
SELECT d.id, d.expires_at <= now(), CASE WHEN {_ASK} THEN d.to_digest ELSE '' END
FROM public.notifications_delivery d JOIN public.notifications_event e ON e.id = d.event_id
WHERE d.state = 'dead' AND (%(delivery)s::bigint IS NULL OR d.id = %(delivery)s)
  AND (%(clinic)s::bigint IS NULL OR d.clinic_id = %(clinic)s)
  AND (%(kind)s = '' OR e.kind = %(kind)s) AND (%(since)s::timestamptz IS NULL OR d.done_at >= %(since)s)
  AND NOT ({_ASK} AND EXISTS (
        SELECT FROM public.notifications_delivery o
        WHERE o.to_digest = d.to_digest AND o.policy = 'reconcile' AND o.state IN ('sending', 'unknown')))
ORDER BY d.id LIMIT %(limit)s FOR UPDATE OF d SKIP LOCKED"""  # noqa: S608  (of constants only)

_REPLAY_DELIVERIES = f"""
WITH back AS (
    UPDATE public.notifications_delivery d
    SET state = CASE WHEN {_ASK} THEN 'unknown' ELSE 'pending' END, attempts = 0, lost_leases = 0, resends = 0,
        available_at = now(), done_at = NULL, last_error_code = '',
        expires_at = CASE WHEN expires_at > now() THEN expires_at ELSE now() + interval '1 hour' END
    WHERE id = ANY(%(ids)s) AND state = 'dead' RETURNING id)
INSERT INTO public.notifications_attempt
       (delivery_id, number, lease_token, callback_token, finished_at, outcome, error_code, provider_id)
SELECT b.id, 1 + coalesce((SELECT max(a.number) FROM public.notifications_attempt a WHERE a.delivery_id = b.id), 0),
       gen_random_uuid(), gen_random_uuid(), now(), 'replayed', '', ''
FROM back b"""  # noqa: S608  (of constants only)

_DEAD_EVENTS = """
SELECT id, expires_at <= now(), '' FROM public.notifications_event
WHERE state = 'dead' AND %(delivery)s::bigint IS NULL AND (%(clinic)s::bigint IS NULL OR clinic_id = %(clinic)s)
  AND (%(kind)s = '' OR kind = %(kind)s) AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""

_REPLAY_EVENTS = """
UPDATE public.notifications_event
SET state = 'pending', attempts = 0, available_at = now(), last_error_code = '',
    expires_at = CASE WHEN expires_at > now() THEN expires_at ELSE now() + interval '1 hour' END
WHERE id = ANY(%(ids)s) AND state = 'dead'"""


@dataclass(frozen=True)
class Wanted:
    """Which dead rows to bring back."""

    clinic: Clinic | None = None
    kind: str = ""
    since: datetime | None = None
    delivery: int | None = None
    limit: int = 1000
    even_expired: bool = False


@dataclass(frozen=True)
class Replayed:
    """How many came back, and how many were left because their time is over."""

    deliveries: int
    events: int
    expired: int


def replay(wanted: Wanted, *, by: str, reason: str, dry_run: bool = False) -> Replayed:
    """Make dead rows pending again and write down who did it and why. Sends nothing itself."""
    with transaction.atomic(), connection.cursor() as cursor:
        deliveries, late = _dead(cursor, _DEAD_DELIVERIES, wanted)
        events, late_events = _dead(cursor, _DEAD_EVENTS, wanted)
        done = Replayed(len(deliveries), len(events), late + late_events)
        if dry_run or not (deliveries or events):
            return done
        cursor.execute(_REPLAY_DELIVERIES, {"ids": deliveries})
        cursor.execute(_REPLAY_EVENTS, {"ids": events})
        Replay.objects.create(
            by=by[:80],
            reason=reason,
            clinic=wanted.clinic,
            kind=wanted.kind,
            since=wanted.since,
            deliveries=done.deliveries,
            events=done.events,
        )
    logger.warning("replay: %d deliveries and %d events brought back by %s", done.deliveries, done.events, by)
    return done


def _dead(cursor: object, statement: str, wanted: Wanted) -> tuple[list[int], int]:
    """The ids to bring back, locked, and how many are left aside as expired."""
    cursor.execute(  # type: ignore[attr-defined]
        statement,
        {
            "clinic": wanted.clinic.pk if wanted.clinic else None,
            "kind": wanted.kind,
            "since": wanted.since,
            "delivery": wanted.delivery,
            "limit": wanted.limit,
        },
    )
    rows = cursor.fetchall()  # type: ignore[attr-defined]
    ids, asked = [], set()
    for pk, expired, number in rows:
        if number in asked:
            continue  # of those to be asked about there is one per number at a time; the next replay brings this one
        if wanted.even_expired or not expired:
            ids.append(pk)
            asked |= {number} - {""}
    return ids, sum(1 for _, expired, _ in rows if expired and not wanted.even_expired)
