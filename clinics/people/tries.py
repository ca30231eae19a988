"""Signing in is slowed for whoever guesses, and never closed for the clinic.

Three counts, kept in rows so that no cache flush gives fresh tries: one for a person at an address, one for a person
from anywhere, one for an address. The last two never count against a person at an address from which that person
has signed in before: guessing in from outside, or next to a clinic's own computers, locks nobody out.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.http import HttpRequest

from clinics.people.models import SignInTries

WINDOW = timedelta(minutes=15)
KNOWN_FOR = timedelta(days=90)


@dataclass(frozen=True)
class Door:
    """Something that can be tried: how often in a window by a pair, about a person, and from an address."""

    name: str
    pair: int
    person: int
    address: int


PASSWORD = Door("", 8, 40, 60)
CODE = Door("code", 6, 20, 120)  # whoever tries one knows the password
PASSKEY = Door("passkey", 40, 10_000, 60)  # no name is given, so a pair is an address; nothing here can be guessed
LETTER = Door("letter", 3, 6, 30)  # asking for a letter: each one lands in somebody's mailbox
LINK = Door("link", 20, 10_000, 60)

MOST_OF_PAIR, MOST_OF_PERSON, MOST_OF_ADDRESS = PASSWORD.pair, PASSWORD.person, PASSWORD.address


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, by the socket and never by a header; IPv6 by its /64, which one customer owns."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)


def count_try(*, email: str, address: str, door: Door = PASSWORD) -> bool:
    """Count one try before its answer is looked at, so that a hundred at once count too; False: over the limit."""
    pair, person, place = _buckets(door, email, address)
    counts = _add(pair, person, place)
    if counts[pair][0] > door.pair:
        return False
    known = counts[pair][1]
    return known or (counts[person][0] <= door.person and counts[place][0] <= door.address)


def tries_left(*, email: str, address: str, door: Door) -> int:
    """How many more of these a pair may make before it has to wait."""
    row = SignInTries.objects.filter(pk=_buckets(door, email, address)[0]).first()
    return max(0, door.pair - row.failures) if row else door.pair


def note_success(*, email: str, address: str, door: Door = PASSWORD) -> None:
    """It was right: the pair starts afresh and is known from now on; the other two give back this one try."""
    pair, person, place = _buckets(door, email, address)
    SignInTries.objects.filter(pk=pair).update(failures=0, succeeded_at=Now())
    for bucket in (person, place):
        SignInTries.objects.filter(pk=bucket, failures__gt=0).update(failures=F("failures") - 1)


_ADD = """
INSERT INTO people_signintries AS t (bucket, failures, since)
SELECT bucket, 1, statement_timestamp() FROM unnest(%(buckets)s::text[]) AS bucket ORDER BY bucket
ON CONFLICT (bucket) DO UPDATE SET
  failures = CASE WHEN t.since < statement_timestamp() - %(window)s THEN 1 ELSE t.failures + 1 END,
  since = CASE WHEN t.since < statement_timestamp() - %(window)s THEN statement_timestamp() ELSE t.since END
RETURNING bucket, failures, coalesce(succeeded_at > statement_timestamp() - %(known)s, false)
"""


def _add(*buckets: str) -> dict[str, tuple[int, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(_ADD, {"buckets": list(buckets), "window": WINDOW, "known": KNOWN_FOR})
        return {bucket: (failures, known) for bucket, failures, known in cursor.fetchall()}


def _buckets(door: Door, email: str, address: str) -> tuple[str, str, str]:
    email, name = email.strip().lower(), [door.name] if door.name else []
    return (
        _digest(*name, "pair", email, address),
        _digest(*name, "person", email),
        _digest(*name, "address", address),
    )


def _digest(*parts: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()
