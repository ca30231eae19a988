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

# Both patterns leave no room for a name, a sentence or a telephone number with its plus sign.
_PATH = re.compile(r"/(?:[a-z0-9-]+/)*", re.ASCII)
_KEY = re.compile(r"[a-z0-9][a-z0-9._:-]{0,159}", re.ASCII)

_INSERT = """
INSERT INTO public.notifications_event
       (public_id, clinic_id, kind, about, path, key, audience, test, lane,
        state, attempts, expires_at, last_error_code)
VALUES (%(public_id)s, %(clinic)s, %(kind)s, %(about)s, %(path)s, %(key)s, %(audience)s::jsonb, %(test)s, %(lane)s,
        'pending', 0, now() + %(minutes)s * interval '1 minute', '')
ON CONFLICT (clinic_id, key) DO NOTHING
RETURNING id"""


class CannotAnnounce(ValueError):
    """The announcement breaks a rule of this module; the message says which."""


def announce(*, kind: str, about: UUID, path: str, key: str, audience: Sequence[UUID] = (), test: bool = False) -> None:
    """Write one event of the current clinic in the caller's transaction and nudge the worker on commit.

    `path` is a page of the clinic's host without a query; `key` is made of the meaning, such as
    `task.opened:<uuid>`: the same key announces once. `audience` names people besides the kind's roles.
    """
    write(current_clinic(), kind=kind, about=about, path=path, key=key, audience=audience, test=test)


def write(
    clinic: Clinic,
    *,
    kind: str,
    about: UUID,
    path: str,
    key: str,
    audience: Sequence[UUID] = (),
    test: bool = False,
) -> None:
    """Write one event of a named clinic; `announce` is the door for everyone but the platform itself."""
    _check(kind=kind, path=path, key=key)
    found = TABLE[kind]
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
                "test": test,
                "lane": int(found.lane),
                "minutes": found.expires_after_minutes,
            },
        )
        row = cursor.fetchone()
    if row is not None:
        nudge.on_commit(event_id=row[0], lane=found.lane, at_once=not clinic.async_delivery)


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
