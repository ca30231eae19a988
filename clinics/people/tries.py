"""Signing in is slowed for whoever guesses, and never closed for the clinic.

Three counts, kept in rows so that no cache flush gives fresh tries: one for a person at an address, one for a person
from anywhere, one for an address. The last two never count against a person at an address from which that person
has signed in before: guessing in from outside, or next to a clinic's own computers, locks nobody out.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.http import HttpRequest

from clinics.people.models import SignInTries

WINDOW = timedelta(minutes=15)
KNOWN_FOR = timedelta(days=90)
MOST_OF_PAIR = 8
MOST_OF_PERSON = 40
MOST_OF_ADDRESS = 60


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, by the socket and never by a header; IPv6 by its /64, which one customer owns."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)


def count_try(*, email: str, address: str) -> bool:
    """Count one try before its password is looked at, so that a hundred at once count too; False: over the limit."""
    pair, person, place = _buckets(email, address)
    counts = _add(pair, person, place)
    if counts[pair][0] > MOST_OF_PAIR:
        return False
    known = counts[pair][1]
    return known or (counts[person][0] <= MOST_OF_PERSON and counts[place][0] <= MOST_OF_ADDRESS)


def note_success(*, email: str, address: str) -> None:
    """The right password: the pair starts afresh and is known from now on; the other two give back this one try."""
    pair, person, place = _buckets(email, address)
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


def _buckets(email: str, address: str) -> tuple[str, str, str]:
    email = email.strip().lower()
    return _digest("pair", email, address), _digest("person", email), _digest("address", address)


def _digest(*parts: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()
