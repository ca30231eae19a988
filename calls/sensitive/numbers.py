"""Which numbers make a call sensitive by itself: those an admin has named, and those of the people who work here."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from clinics.people.models import User
from clinics.practice.sensitive import SensitiveNumber, Why
from clinics.remembered import Remembered
from clinics.tenancy import current_clinic
from notifications import numbers

# A ringing call must not wait for this: another process may believe an old list so long.
_known: Remembered[str, dict[str, Match]] = Remembered(seconds=15.0, limit=1024)


@dataclass(frozen=True, slots=True)
class Match:
    """Why a number's calls are sensitive; `digest` is the row that names who opens them, `person` the patient."""

    digest: str
    why: str
    person: UUID | None = None


def matched(number: str) -> Match | None:
    """What makes the calls of a number in E.164 sensitive, None for all others; mostly without asking the database."""
    if not number:
        return None
    known = _known.get(connection.schema_name, _read)
    return known.get(digest_of(number)) if known else None


def digest_of(number: str) -> str:
    return numbers.digest(current_clinic(), number)


def _read() -> dict[str, Match]:
    people = User.objects.active().exclude(phone="").values_list("phone", "pk")
    found = {digest_of(phone): Match("", Why.STAFF, person) for phone, person in people}
    rows = SensitiveNumber.objects.exclude(digest="").values_list("digest", "why")
    return found | {digest: Match(digest, why) for digest, why in rows}
