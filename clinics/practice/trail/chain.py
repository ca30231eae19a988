"""Verifying the chain: every entry is hashed again, in Python, from its columns as they stand now.

The hash of a link is SHA-256 over the hash before it, its own number and the entry's columns as a JSON array. The first
link holds the hash of the schema's name, so that one clinic's trail cannot stand in for another's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

# No timestamps or addresses in a session's own spelling: the text must be the same for every connection.
CONTENT = """jsonb_build_array(e.id, e.content_type_id, e.object_pk, e.object_id, e.object_repr,
    e.serialized_data, e.action, e.changes_text, e.changes, e.actor_id, e.actor_email, e.cid,
    host(e.remote_addr), e.remote_port, extract(epoch FROM e."timestamp")::text, e.additional_data)::text"""

_LINKS = """
SELECT s.seq, s.entry_id, s.previous, s.hash, e.id IS NULL, CONTENT
FROM practice_auditseal s LEFT JOIN auditlog_logentry e ON e.id = s.entry_id
WHERE s.seq > %s ORDER BY s.seq LIMIT 2000""".replace("CONTENT", CONTENT)

_UNSEALED = """
SELECT min(e.id), count(*) FROM auditlog_logentry e
WHERE NOT EXISTS (SELECT FROM practice_auditseal s WHERE s.entry_id = e.id)"""


@dataclass(frozen=True, slots=True)
class Head:
    """The last link: what is written down elsewhere, so that a cut tail is missed."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is not as it was written. `seq` and `entry` name it."""

    what: str
    seq: int
    entry: int | None

    def __str__(self) -> str:
        of = f" (entry {self.entry})" if self.entry is not None else ""
        return f"row {self.seq}{of}: {self.what}"


@dataclass(frozen=True, slots=True)
class Verified:
    """How far the chain holds."""

    head: Head
    fault: Fault | None


def first_hash(schema: str) -> str:
    """What the first link follows."""
    return hashlib.sha256(schema.encode()).hexdigest()


def hash_of(previous: str, seq: int, content: str) -> str:
    return hashlib.sha256(f"{previous}\n{seq}\n{content}".encode()).hexdigest()


def head() -> Head:
    """The last link of the current clinic; number 0 before the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, hash FROM practice_auditseal ORDER BY seq DESC LIMIT 1")
        row = cursor.fetchone()
    return Head(*row) if row else Head(0, first_hash(connection.schema_name))


def verify(known: Head | None = None) -> Verified:
    """Walk the current clinic's chain; `known` is a head that was exported before."""
    at = Head(0, first_hash(connection.schema_name))
    for seq, entry, previous, kept, missing, content in _links():
        fault = _fault_of(at, seq, entry, previous, kept, missing, content)
        if fault is not None:
            return Verified(at, fault)
        at = Head(seq, kept)
        if known is not None and seq == known.seq and kept != known.hash:
            return Verified(at, Fault("the exported head has another hash: the chain was written anew", seq, entry))
    return Verified(at, _unsealed(at) or _cut(at, known))


def _fault_of(
    at: Head, seq: int, entry: int, previous: str, kept: str, missing: bool, content: str | None
) -> Fault | None:
    if seq != at.seq + 1:
        return Fault("deleted from the chain", at.seq + 1, None)
    if previous != at.hash:
        return Fault("does not follow the row before it", seq, entry)
    if missing or content is None:
        return Fault("deleted", seq, entry)
    if hash_of(previous, seq, content) != kept:
        return Fault("edited", seq, entry)
    return None


def _links() -> Iterator[tuple[int, int, str, str, bool, str | None]]:
    last, rows = 0, [()]
    while rows:
        with connection.cursor() as cursor:
            cursor.execute(_LINKS, [last])
            rows = cursor.fetchall()
        yield from rows
        last = rows[-1][0] if rows else last


def _unsealed(at: Head) -> Fault | None:
    """Entries that went in past the triggers."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED)
        entry, count = cursor.fetchone()
    return Fault(f"inserted without a seal ({count} in all)", at.seq + 1, entry) if count else None


def _cut(at: Head, known: Head | None) -> Fault | None:
    if known is None or known.seq <= at.seq:
        return None
    return Fault(f"cut off: the chain ends at {at.seq}, the exported head is {known.seq}", at.seq + 1, None)
