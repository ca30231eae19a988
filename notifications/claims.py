"""The statements that move a delivery: claim, start, finish, reap. Times come from the database's clock alone.

A delivery is `pending` until one process leases it, `sending` from a commit made before anything leaves the house,
and settled only by the holder of its lease token. A process that dies leaves a lease that runs out.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection

from notifications.policy import LOST_LEASES_TO_DIE

# Nothing of an in_db delivery leaves the database, so its lease need not outlast a provider's deadline.
IN_DB_LEASE = timedelta(seconds=15)
LEASE = timedelta(seconds=60)
IN_DB_BATCH = 50

_CLAIM = """
WITH due AS (
    SELECT id FROM public.notifications_delivery
    WHERE state = 'pending' AND available_at <= now() - %(grace)s AND expires_at > now()
      AND (policy = 'in_db' AND lost_leases = 0) = %(in_batch)s
      AND (%(events)s::bigint[] IS NULL OR event_id = ANY(%(events)s::bigint[]))
    ORDER BY lane, available_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
UPDATE public.notifications_delivery d
SET state = 'leased', lease_token = gen_random_uuid(), lease_expires_at = now() + %(lease)s, leased_by = %(me)s
FROM due WHERE d.id = due.id
RETURNING d.id, d.lease_token"""

_START = """
WITH started AS (
    UPDATE public.notifications_delivery d
    SET state = 'sending', attempts = d.attempts + 1, lease_expires_at = now() + %(lease)s
    FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[]) AS mine(id, token),
         public.notifications_event e, public.clinics_clinic k
    WHERE d.id = mine.id AND d.lease_token = mine.token AND d.state = 'leased' AND d.lease_expires_at > now()
      AND e.id = d.event_id AND k.id = d.clinic_id AND k.suspended_at IS NULL
    RETURNING d.id, d.lease_token AS token, d.event_id, d.clinic_id, k.schema_name, d.channel, d.policy, d.person,
              e.kind, e.about, e.path, e.test, d.attempts, d.max_attempts, d.leased_by),
tried AS (
    INSERT INTO public.notifications_attempt
           (delivery_id, number, lease_token, callback_token, outcome, error_code, provider_id)
    SELECT s.id, 1 + coalesce((SELECT max(a.number) FROM public.notifications_attempt a WHERE a.delivery_id = s.id), 0),
           s.token, gen_random_uuid(), '', '', ''
    FROM started s)
SELECT * FROM started ORDER BY id"""

_CANCEL_SUSPENDED = """
UPDATE public.notifications_delivery d
SET state = 'cancelled', last_error_code = 'clinic_suspended', done_at = now(), lease_token = NULL
FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[]) AS mine(id, token), public.clinics_clinic k
WHERE d.id = mine.id AND d.lease_token = mine.token AND d.state = 'leased'
  AND k.id = d.clinic_id AND k.suspended_at IS NOT NULL"""

_FINISH = """
WITH done AS (
    UPDATE public.notifications_delivery d
    SET state = %(state)s, last_error_code = %(code)s, available_at = now() + %(after)s,
        done_at = CASE WHEN %(over)s THEN now() END, lease_token = NULL, lease_expires_at = NULL
    FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[]) AS mine(id, token)
    WHERE d.id = mine.id AND d.lease_token = mine.token AND d.state = 'sending'
    RETURNING d.id, mine.token),
told AS (
    UPDATE public.notifications_attempt a
    SET finished_at = clock_timestamp(), outcome = %(outcome)s, error_code = %(code)s
    FROM done WHERE a.delivery_id = done.id AND a.lease_token = done.token)
SELECT id FROM done"""

# A lease lost before START is safe to give out again; after it the call may have happened, and what that means is the
# policy's to say: nothing was written (in_db), send again (at_least_once), ask the provider first (reconcile).
_REAP = """
WITH lost AS (
    SELECT id, lease_token AS token, state = 'sending' AND policy = 'reconcile' AS ask,
           lost_leases + 1 >= %(die)s AS die
    FROM public.notifications_delivery
    WHERE state IN ('leased', 'sending') AND lease_expires_at < now()
    ORDER BY lease_expires_at LIMIT 500 FOR UPDATE SKIP LOCKED),
back AS (
    UPDATE public.notifications_delivery d
    SET lost_leases = d.lost_leases + 1, last_error_code = 'lost_lease', lease_token = NULL, lease_expires_at = NULL,
        state = CASE WHEN lost.die THEN 'dead' WHEN lost.ask THEN 'unknown' ELSE 'pending' END,
        available_at = now() + CASE WHEN lost.ask THEN interval '120 seconds' ELSE interval '0' END,
        done_at = CASE WHEN lost.die THEN now() END
    FROM lost WHERE d.id = lost.id
    RETURNING d.id, lost.token, d.state),
told AS (
    UPDATE public.notifications_attempt a SET finished_at = now(), outcome = 'lost'
    FROM back WHERE a.delivery_id = back.id AND a.lease_token = back.token)
SELECT state, count(*) FROM back GROUP BY state"""

_EXPIRE = """
UPDATE public.notifications_delivery SET state = 'expired', done_at = now()
WHERE id IN (SELECT id FROM public.notifications_delivery WHERE state = 'pending' AND expires_at <= now()
             LIMIT 500 FOR UPDATE SKIP LOCKED)"""


@dataclass(frozen=True)
class Lease:
    """The right to start one delivery, until it runs out."""

    id: int
    token: UUID


@dataclass(frozen=True)
class Started:
    """A delivery on its way: what its channel needs, and no patient's words."""

    id: int
    token: UUID
    event_id: int
    clinic_id: int
    schema: str
    channel: str
    policy: str
    person: UUID | None
    kind: str
    about: UUID
    path: str
    test: bool
    attempts: int
    max_attempts: int
    leased_by: str


def whoami(role: str) -> str:
    """The name a process leases under; its first part says what sort of process it is."""
    return f"{role}:{socket.gethostname()[:40]}:{os.getpid()}"


def claim_batch(*, me: str, grace: timedelta, events: Sequence[int] | None = None) -> list[Lease]:
    """Lease deliveries that are settled inside the database, all lanes in their order.

    One that lost a lease before travels alone, by `claim_one`: it may have killed its process, and must not take
    its neighbours along.
    """
    return _claim(in_batch=True, limit=IN_DB_BATCH, lease=IN_DB_LEASE, me=me, grace=grace, events=events)


def claim_one(*, me: str, grace: timedelta, events: Sequence[int] | None = None) -> list[Lease]:
    """Lease one delivery that goes over a network, or a suspect: one, so that a killed process parks no others."""
    return _claim(in_batch=False, limit=1, lease=LEASE, me=me, grace=grace, events=events)


def start(leases: Sequence[Lease], *, lease: timedelta = LEASE) -> list[Started]:
    """Mark the deliveries as being sent and write their attempts, committed at once.

    One whose lease is lost is left out; those of a clinic that was suspended meanwhile are cancelled.
    """
    mine = _mine(leases)
    with connection.cursor() as cursor:
        cursor.execute(_START, {**mine, "lease": lease})
        started = [Started(*row) for row in cursor.fetchall()]
        if len(started) < len(leases):
            cursor.execute(_CANCEL_SUSPENDED, mine)
    return started


def finish(
    started: Sequence[Started], *, state: str, outcome: str, code: str = "", after_seconds: float = 0.0
) -> set[int]:
    """Settle deliveries that we still hold and return their ids: none means that the lease was lost."""
    with connection.cursor() as cursor:
        cursor.execute(
            _FINISH,
            {
                **_mine(started),
                "state": state,
                "outcome": outcome,
                "code": code[:60],
                "after": timedelta(seconds=after_seconds),
                "over": state in ("sent", "dead"),
            },
        )
        return {row[0] for row in cursor.fetchall()}


def reap() -> dict[str, int]:
    """Take back what dead processes held and expire what is too late; returns how many by new state."""
    with connection.cursor() as cursor:
        cursor.execute(_REAP, {"die": LOST_LEASES_TO_DIE})
        counts: dict[str, int] = dict(cursor.fetchall())
        cursor.execute(_EXPIRE)
        if cursor.rowcount:
            counts["expired"] = cursor.rowcount
    return counts


def _claim(
    *, in_batch: bool, limit: int, lease: timedelta, me: str, grace: timedelta, events: Sequence[int] | None
) -> list[Lease]:
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "in_batch": in_batch,
                "limit": limit,
                "lease": lease,
                "me": me[:80],
                "grace": grace,
                "events": None if events is None else list(events),
            },
        )
        return [Lease(*row) for row in cursor.fetchall()]


def _mine(leases: Sequence[Lease | Started]) -> dict[str, list[object]]:
    return {"ids": [lease.id for lease in leases], "tokens": [lease.token for lease in leases]}
