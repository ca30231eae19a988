"""Codes that prove a telephone: texted to it, typed in within ten minutes. A code is kept nowhere, it is worked out.

Asking for one and typing it in: `choices.py`.
"""

from __future__ import annotations

import hmac
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from clinics.models import Clinic
from clinics.people.models import User
from notifications.numbers import digest
from notifications.reach import ProvenPhone

KIND = "person.code"
LIVES = timedelta(minutes=10)


def is_proven(clinic: Clinic, person: User) -> bool:
    """Whether the person's present number was proven."""
    rows = ProvenPhone.objects.filter(clinic=clinic, person=person.pk).exclude(proven_at=None)
    return bool(person.phone) and rows.filter(digest=digest(clinic, person.phone)).exists()


def code_for(clinic: Clinic, person: User) -> str:
    """The six digits that were asked for last and can still be typed in; "" when there are none."""
    row = ProvenPhone.objects.filter(clinic=clinic, person=person.pk).first()
    return code_of(row) if row is not None and lives(row, clinic, person.phone) else ""


def code_of(row: ProvenPhone) -> str:
    """The six digits of a row, new with each asking."""
    about = f"phone code:{row.pk}:{row.digest}:{row.asked_at.timestamp()}"
    number = int.from_bytes(hmac.digest(settings.SECRET_KEY.encode(), about.encode(), "sha256")[:8], "big")
    return f"{number % 1_000_000:06}"


def lives(row: ProvenPhone, clinic: Clinic, number: str) -> bool:
    """Whether the code of a row can still be typed in for this number."""
    fresh = timezone.now() - row.asked_at < LIVES
    return fresh and row.proven_at is None and bool(number) and row.digest == digest(clinic, number)
