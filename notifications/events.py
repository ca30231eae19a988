"""Announcements: one row, written with what happened or not at all."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from clinics.models import Clinic
from clinics.tenancy import current_clinic
from notifications import nudge
from notifications.kinds import TABLE
from notifications.nudge import Hint
from notifications.routing import channels_of

# Both patterns leave no room for a name, a sentence or a telephone number with its plus sign.
_PATH = re.compile(r"/(?:[a-z0-9-]+/)*", re.ASCII)
_KEY = re.compile(r"[a-z0-9][a-z0-9._:-]{0,159}", re.ASCII)

_INSERT = """
INSERT INTO public.notifications_event
       (public_id, clinic_id, kind, about, path, key, audience, channels, call, test, drill, lane,
        state, attempts, available_at, expires_at, last_error_code)
VALUES (%(public_id)s, %(clinic)s, %(kind)s, %(about)s, %(path)s, %(key)s, %(audience)s::jsonb, %(channels)s::jsonb,
        %(call)s, %(test)s, %(drill)s, %(lane)s,
        'pending', 0, now() + %(wait)s * interval '1 second', now() + %(minutes)s * interval '1 minute', '')
ON CONFLICT (clinic_id, key) DO NOTHING
RETURNING id"""


_WITHDRAW = """
WITH told AS (
    UPDATE public.notifications_event
    SET state = CASE WHEN state = 'pending' THEN 'cancelled' ELSE state END
    WHERE clinic_id = %(clinic)s AND kind = %(kind)s AND about = %(about)s AND state IN ('pending', 'planned')
    RETURNING id)
UPDATE public.notifications_delivery d
SET state = 'cancelled', last_error_code = 'withdrawn', done_at = now(), lease_token = NULL, lease_expires_at = NULL
FROM told WHERE d.event_id = told.id AND d.state IN ('pending', 'leased')"""


class CannotAnnounce(ValueError):
    """The announcement breaks a rule of this module; the message says which."""


def announce(
    *,
    kind: str,
    about: UUID,
    path: str,
    key: str,
    audience: Sequence[UUID] = (),
    channels: Sequence[str] | None = None,
    call: UUID | None = None,
    test: bool = False,
    drill: bool = False,
    wait_seconds: int = 0,
) -> None:
    """Write one event of the current clinic in the caller's transaction and nudge the worker on commit.

    `path` is a page of the clinic's host without a query; `key` is made of the meaning, such as
    `task.opened:<uuid>`: the same key announces once. `audience` names people besides the kind's roles.
    `channels` of the kind, offered ones too, carry it to all of them, whatever they chose; unset: the kind's own, and
    the offered ones to who chose them. A `drill` is a test that alarms people as a real thing would. `call` is the call
    it hangs on: of a sensitive one only the people hear who are named for it, unless the kind is urgent.
    `wait_seconds` is time for `withdraw`: the sweeper finds it when it is over.
    """
    write(
        current_clinic(), kind=kind, about=about, path=path, key=key, audience=audience, channels=channels,
        call=call, test=test, drill=drill, wait_seconds=wait_seconds,
    )  # fmt: skip


def withdraw(*, kind: str, about: UUID) -> int:
    """Send no more of what was announced about something and has not left yet; returns how many deliveries.

    In the caller's transaction. What is on its way, or was sent, cannot be called back.
    """
    clinic = current_clinic()
    with connection.cursor() as cursor:
        cursor.execute(_WITHDRAW, {"clinic": clinic.pk, "kind": kind, "about": about})
        return cursor.rowcount


def write(
    clinic: Clinic,
    *,
    kind: str,
    about: UUID,
    path: str,
    key: str,
    audience: Sequence[UUID] = (),
    channels: Sequence[str] | None = None,
    call: UUID | None = None,
    test: bool = False,
    drill: bool = False,
    wait_seconds: int = 0,
) -> None:
    """Write one event of a named clinic; `announce` is the door for everyone but the platform itself."""
    _check(kind=kind, path=path, key=key)
    found = TABLE[kind]
    if unknown := set(channels or ()) - set(channels_of(found)):
        raise CannotAnnounce(f"{kind} does not offer {min(unknown)!r}; see notifications/kinds.py.")
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "public_id": uuid.uuid4(),
                "clinic": clinic.pk,
                "kind": kind,
                "about": about,
                "path": path,
                "key": key,
                "audience": json.dumps([str(person) for person in audience]),
                "channels": None if channels is None else json.dumps(list(channels)),
                "test": test or drill,
                "drill": drill,
                "call": call,
                "lane": int(found.lane),
                "minutes": found.expires_after_minutes,
                "wait": wait_seconds,
            },
        )
        row = cursor.fetchone()
    if row is not None and not wait_seconds:
        urgent_page = found.urgent and "browser" in (channels or found.channels)
        nudge.on_commit(
            event_id=row[0],
            lane=found.lane,
            at_once=not clinic.async_delivery,
            hint=Hint(clinic.schema_name, kind) if urgent_page else None,
        )


def _check(*, kind: str, path: str, key: str) -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "Announce inside the transaction that writes what happened; otherwise one can exist without the other."
        )
    if kind not in TABLE:
        raise CannotAnnounce(f"{kind!r} is not a kind of notifications/kinds.py; add it there first.")
    if not _PATH.fullmatch(path) or len(path) > 200:
        raise CannotAnnounce("The path must be a page of the clinic's host: /lower-case/parts/, no query, no host.")
    if not _KEY.fullmatch(key):
        raise CannotAnnounce("The key is up to 160 lower-case letters, digits, '.', ':', '_' and '-'.")
