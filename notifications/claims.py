"""The statements that move a delivery: claim, start, finish, reap. Times come from the database's clock alone.

A delivery is `pending` until one process leases it, `sending` from a commit made before anything leaves the house,
and settled only by the holder of its lease token. A process that dies leaves a lease that runs out.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from notifications.kinds import mark_of
from notifications.policy import LOST_LEASES_TO_DIE, Outcome, Result
from notifications.routing import OUTSIDE

PROVIDER = "twilio"
OVER = frozenset({"sent", "dead", "cancelled", "expired"})

# Nothing of an in_db delivery leaves the database, so its lease need not outlast a provider's deadline.
IN_DB_LEASE = timedelta(seconds=15)
LEASE = timedelta(seconds=60)
# Between the claim and START nothing leaves the house, and START itself makes the lease as long as a provider may take.
CLAIM_LEASE = timedelta(seconds=15)
IN_DB_BATCH = 50

_CLAIM = """
WITH due AS (
    SELECT id FROM public.notifications_delivery
    WHERE state = 'pending' AND available_at <= now() - %(grace)s AND expires_at > now()
      AND (policy = 'in_db' AND lost_leases = 0) = %(in_batch)s AND (channel = ANY(%(roads)s)) = %(outside)s
      AND (%(lanes)s::smallint[] IS NULL OR lane = ANY(%(lanes)s::smallint[]))
      AND (%(events)s::bigint[] IS NULL OR event_id = ANY(%(events)s::bigint[]))
    ORDER BY lane, available_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
UPDATE public.notifications_delivery d
SET state = 'leased', lease_token = gen_random_uuid(), lease_expires_at = now() + %(lease)s, leased_by = %(me)s
FROM due WHERE d.id = due.id
RETURNING d.id, d.lease_token"""

# The urgent ones first, within a batch too.
_START = """
WITH started AS (
    UPDATE public.notifications_delivery d
    SET state = 'sending', attempts = d.attempts + 1, lease_expires_at = now() + %(lease)s, to_digest = ''
    FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[]) AS mine(id, token),
         public.notifications_event e, public.clinics_clinic k
    WHERE d.id = mine.id AND d.lease_token = mine.token AND d.state = 'leased' AND d.lease_expires_at > now()
      AND d.expires_at > now() AND e.id = d.event_id AND k.id = d.clinic_id AND k.suspended_at IS NULL
    RETURNING d.id, d.lease_token AS token, d.event_id, d.clinic_id, k.schema_name, d.channel, d.policy, d.person,
              e.kind, e.about, e.path, e.test, e.drill, d.attempts, d.max_attempts, d.leased_by, d.resends,
              d.expires_at),
tried AS (
    INSERT INTO public.notifications_attempt
           (delivery_id, number, lease_token, callback_token, outcome, error_code, provider_id, resent_after_unknown)
    SELECT s.id, 1 + coalesce((SELECT max(a.number) FROM public.notifications_attempt a WHERE a.delivery_id = s.id), 0),
           s.token, gen_random_uuid(), '', '', '', s.resends > 0
    FROM started s JOIN public.notifications_delivery d ON d.id = s.id ORDER BY d.lane, s.id
    RETURNING id, delivery_id, callback_token)
SELECT s.*, t.callback_token FROM started s JOIN tried t ON t.delivery_id = s.id ORDER BY t.id"""

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
        attempts = d.attempts - %(unspent)s, provider = %(provider)s, provider_id = %(provider_id)s,
        done_at = CASE WHEN %(over)s THEN now() END, lease_token = NULL, lease_expires_at = NULL
    FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[]) AS mine(id, token)
    WHERE d.id = mine.id AND d.lease_token = mine.token AND d.state = 'sending'
    RETURNING d.id, mine.token),
told AS (
    UPDATE public.notifications_attempt a
    SET finished_at = clock_timestamp(), outcome = %(outcome)s, error_code = %(code)s,
        provider_id = coalesce(nullif(%(provider_id)s, ''), a.provider_id), http_status = %(http_status)s
    FROM done WHERE a.delivery_id = done.id AND a.lease_token = done.token)
SELECT id FROM done"""

# The try of one who lost the delivery meanwhile: what became of it is still worth knowing.
_NOTE = """
UPDATE public.notifications_attempt
SET finished_at = clock_timestamp(), outcome = %(outcome)s, error_code = %(code)s, http_status = %(http_status)s,
    provider_id = coalesce(nullif(provider_id, ''), %(provider_id)s)
WHERE delivery_id = %(id)s AND lease_token = %(token)s AND finished_at IS NULL"""

_ENGAGE = """
UPDATE public.notifications_delivery SET to_digest = %(digest)s
WHERE id = %(id)s AND lease_token = %(token)s AND state = 'sending'"""

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
    drill: bool
    attempts: int
    max_attempts: int
    leased_by: str
    resends: int
    expires_at: datetime
    callback_token: UUID

    @property
    def mark(self) -> str:
        return mark_of(test=self.test, drill=self.drill)


def whoami(role: str) -> str:
    """The name a process leases under; its first part says what sort of process it is."""
    return f"{role}:{socket.gethostname()[:40]}:{os.getpid()}"


def claim_batch(
    *, me: str, grace: timedelta, events: Sequence[int] | None = None, lanes: Sequence[int] | None = None
) -> list[Lease]:
    """Lease deliveries that are settled inside the database, lanes in their order.

    One that lost a lease before travels alone, by `claim_one`: it may have killed its process, and must not take
    its neighbours along.
    """
    return _claim(True, limit=IN_DB_BATCH, lease=IN_DB_LEASE, me=me, grace=grace, events=events, lanes=lanes)


def claim_one(
    *,
    me: str,
    grace: timedelta,
    events: Sequence[int] | None = None,
    lanes: Sequence[int] | None = None,
    outside: bool = False,
) -> list[Lease]:
    """Lease one delivery that goes over a network, or a suspect: one, so that a killed process parks no others.

    `outside`: one that leaves the house, where a provider may keep its process waiting.
    """
    return _claim(False, limit=1, lease=CLAIM_LEASE, me=me, grace=grace, events=events, lanes=lanes, outside=outside)


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


def engage(started: Started, digest: str) -> bool:
    """Note whose number this goes to; False while another message to it has no known end, or the lease is lost."""
    mine = {"id": started.id, "token": started.token, "digest": digest}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_ENGAGE, mine)
            return cursor.rowcount == 1
    except IntegrityError:
        return False


def finish(
    started: Sequence[Started],
    *,
    state: str,
    outcome: Outcome,
    after_seconds: float = 0.0,
) -> set[int]:
    """Settle deliveries that we still hold and return their ids: none means that the lease was lost."""
    with connection.cursor() as cursor:
        cursor.execute(
            _FINISH,
            {
                **_mine(started),
                **_told(outcome),
                "state": state,
                "after": timedelta(seconds=after_seconds),
                "over": state in OVER,
                "provider": PROVIDER if outcome.provider_id else "",
                "unspent": int(outcome.result is Result.HELD),
            },
        )
        return {row[0] for row in cursor.fetchall()}


def note(started: Started, outcome: Outcome) -> None:
    """Write down how a try ended whose delivery somebody else has settled meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"id": started.id, "token": started.token, **_told(outcome)})


def reap() -> dict[str, int]:
    """Take back what dead processes held and expire what is too late; returns how many by new state."""
    with connection.cursor() as cursor:
        cursor.execute(_REAP, {"die": LOST_LEASES_TO_DIE})
        counts: dict[str, int] = dict(cursor.fetchall())
        cursor.execute(_EXPIRE)
        if cursor.rowcount:
            counts["expired"] = cursor.rowcount
    return counts


def _told(outcome: Outcome) -> dict[str, object]:
    return {
        "outcome": outcome.result.value,
        "code": outcome.code[:60],
        "provider_id": outcome.provider_id,
        "http_status": outcome.http_status,
    }


def _claim(
    in_batch: bool,
    *,
    limit: int,
    lease: timedelta,
    me: str,
    grace: timedelta,
    events: Sequence[int] | None,
    lanes: Sequence[int] | None,
    outside: bool = False,
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
                "lanes": None if lanes is None else [int(lane) for lane in lanes],
                "roads": list(OUTSIDE),
                "outside": outside,
            },
        )
        return [Lease(*row) for row in cursor.fetchall()]


def _mine(leases: Sequence[Lease | Started]) -> dict[str, list[object]]:
    return {"ids": [lease.id for lease in leases], "tokens": [lease.token for lease in leases]}
