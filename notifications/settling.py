"""Messages whose end is not known: the network's list is asked, and only what it does not have is sent again, once.

A status callback settles most of them before this is needed (`statuses.py`). Times come from the database's clock.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction

from notifications import addresses, network
from notifications.addresses import Nowhere, To
from notifications.claims import PROVIDER, Started
from notifications.models import Attempt
from notifications.network import Listed, NotAsked
from notifications.numbers import digest
from notifications.policy import MOST_RESENDS, look_again

logger = logging.getLogger(__name__)

BEFORE_SECONDS = 60.0  # how much earlier than our try a message may have been made, by the network's clock
GIVE_UP_SECONDS = 86_400.0

# One process at a time asks about one delivery: taking it pushes it a minute away, longer than a look-up lasts.
_TAKE = """
WITH due AS (
    SELECT id FROM public.notifications_delivery
    WHERE state = 'unknown' AND available_at <= now()
    ORDER BY available_at LIMIT 1 FOR UPDATE SKIP LOCKED),
taken AS (
    UPDATE public.notifications_delivery d
    SET lease_token = gen_random_uuid(), available_at = now() + interval '60 seconds'
    FROM due WHERE d.id = due.id RETURNING d.*),
last AS (
    SELECT DISTINCT ON (a.delivery_id) a.delivery_id, a.started_at, a.callback_token
    FROM public.notifications_attempt a JOIN taken ON taken.id = a.delivery_id
    WHERE a.outcome <> 'replayed' ORDER BY a.delivery_id, a.number DESC)
SELECT t.id, t.lease_token, t.event_id, t.clinic_id, k.schema_name, t.channel, t.policy, t.person, e.kind, e.about,
       e.path, e.test, e.drill, t.attempts, t.max_attempts, t.leased_by, t.resends, t.expires_at,
       coalesce(l.callback_token, gen_random_uuid()), t.to_digest, coalesce(l.started_at, t.created_at),
       extract(epoch FROM now() - coalesce(l.started_at, t.created_at))::float, t.expires_at <= now()
FROM taken t JOIN public.notifications_event e ON e.id = t.event_id JOIN public.clinics_clinic k ON k.id = t.clinic_id
LEFT JOIN last l ON l.delivery_id = t.id"""

_SETTLE = """
UPDATE public.notifications_delivery
SET state = %(state)s, last_error_code = %(code)s, available_at = now() + %(after)s, lease_token = NULL,
    resends = resends + %(resends)s, provider = %(provider)s, provider_id = %(provider_id)s,
    done_at = CASE WHEN %(state)s IN ('sent', 'dead', 'expired', 'cancelled') THEN now() END
WHERE id = %(id)s AND lease_token = %(token)s AND state = 'unknown'"""


@dataclass(frozen=True)
class Unknown:
    """A delivery whose last try has no known end."""

    delivery: Started
    digest: str
    tried_at: datetime
    waited_seconds: float
    late: bool


def settle_due(*, budget_seconds: float) -> int:
    """Ask about what is due until nothing is or the time is up; returns how many were asked about."""
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("Ask the network after the commit, never inside a transaction.")
    until = time.monotonic() + budget_seconds
    asked = 0
    while (unknown := _take()) is not None:
        _settle(unknown)
        asked += 1
        if time.monotonic() >= until:
            break
    return asked


def _take() -> Unknown | None:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE)
        row = cursor.fetchone()
    if row is None:
        return None
    *started, number_digest, tried_at, waited, late = row
    return Unknown(Started(*started), number_digest, tried_at, waited, late)


def _settle(unknown: Unknown) -> None:
    try:
        found = _found(unknown)
    except NotAsked as failure:
        if unknown.waited_seconds > GIVE_UP_SECONDS and unknown.late:
            _write(unknown, "dead", code="never_settled")
            return
        logger.warning("delivery %d is still unknown: %s", unknown.delivery.id, failure)
        _write(unknown, "unknown", code="not_asked", after=look_again(unknown.waited_seconds))
        return
    if found:
        _write(unknown, "sent", provider_id=found)
    elif unknown.late:
        _write(unknown, "expired", code="not_found")
    elif unknown.delivery.resends >= MOST_RESENDS:
        _write(unknown, "dead", code="unknown_twice")
        logger.error("delivery %d is dead: unknown_twice", unknown.delivery.id)
    else:
        _write(unknown, "pending", code="resent_after_unknown", resends=1)


def _found(unknown: Unknown) -> str:
    """The id of our message in the network's list; "" when it is not there. Raises `NotAsked`."""
    started = unknown.delivery
    if not unknown.digest:
        return ""  # the try ended before it had a number: nothing can have been sent
    to = _where(unknown)
    since = unknown.tried_at - timedelta(seconds=BEFORE_SECONDS)
    carries = network.carries_of(started.channel)
    listed = network.messages_to(to.clinic, to=to.number, since=since, carries=carries)
    taken = set(
        Attempt.objects.filter(provider_id__in=[one.sid for one in listed])
        .exclude(delivery_id=started.id)
        .values_list("provider_id", flat=True)
    )
    ours = [one.sid for one in listed if one.sid not in taken and _is_ours(one, started, to)]
    return ours[-1] if ours else ""  # the list is newest first; the first of several is the one that was sent first


def _where(unknown: Unknown) -> To:
    """The number that the try went to. Raises `NotAsked` when it is another one by now, so that a person looks."""
    try:
        to = addresses.number_again(unknown.delivery)
    except Nowhere as nowhere:
        raise NotAsked(nowhere.outcome.code) from nowhere
    if digest(to.clinic, to.number) != unknown.digest:
        raise NotAsked("number_changed")
    return to


def _is_ours(listed: Listed, started: Started, to: To) -> bool:
    """Texts to staff also differ by their link, where the network keeps bodies at all."""
    if to.sender.get("from_", listed.sender) != listed.sender:
        return False
    if started.channel == "sms" and listed.body:
        return started.path in listed.body
    return True


def _write(
    unknown: Unknown, state: str, *, code: str = "", after: float = 0.0, resends: int = 0, provider_id: str = ""
) -> None:
    settled = {
        "id": unknown.delivery.id,
        "token": unknown.delivery.token,
        "state": state,
        "code": code,
        "after": timedelta(seconds=after),
        "resends": resends,
        "provider": PROVIDER if provider_id else "",
        "provider_id": provider_id,
    }
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_SETTLE, settled)
            if cursor.rowcount and provider_id:
                _note_try(unknown, provider_id)
    except IntegrityError:  # a callback has just given this message to another delivery: look again
        logger.warning("delivery %d: what was found belongs to another", unknown.delivery.id)


def _note_try(unknown: Unknown, provider_id: str) -> None:
    tries = Attempt.objects.filter(callback_token=unknown.delivery.callback_token, provider_id="")
    tries.update(provider_id=provider_id, outcome="found")
