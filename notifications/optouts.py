"""The ledger of numbers that want no more texts of a clinic."""

from __future__ import annotations

from django.db.models.functions import Now

from clinics.models import Clinic
from notifications.numbers import digest, key_id
from notifications.reach import OptOut


class KeyChanged(Exception):
    """The ledger was written under another key, so it cannot say who opted out. Nobody is texted then."""


def opt_out(clinic: Clinic, number: str, *, source: str) -> None:
    """Text this number no more; a repeat changes nothing but the time."""
    said = {"key_id": key_id(), "source": source, "opted_out_at": Now(), "opted_in_at": None}
    OptOut.objects.update_or_create(clinic=clinic, digest=digest(clinic, number), defaults=said)


def opt_in(clinic: Clinic, number: str) -> bool:
    """Text this number again; False when it had not opted out."""
    held = OptOut.objects.filter(clinic=clinic, digest=digest(clinic, number), opted_in_at=None)
    return held.update(opted_in_at=Now()) > 0


def opted_out(clinic: Clinic, number: str) -> bool:
    """Whether this number wants no texts. Raises `KeyChanged` rather than text somebody who said STOP."""
    ledger = OptOut.objects.filter(clinic=clinic)
    if ledger.exclude(key_id=key_id()).exists():
        raise KeyChanged
    return ledger.filter(digest=digest(clinic, number), opted_in_at=None).exists()
