"""A telephone number as the shared tables may know it: a keyed digest that names one number of one clinic."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

from clinics.models import Clinic


def digest(clinic: Clinic, number: str) -> str:
    """64 hexadecimal digits; the same number at two clinics has two digests that nobody can match."""
    return hmac.digest(settings.NUMBER_KEY, f"{clinic.public_id}:{number}".encode(), "sha256").hex()


def key_id() -> str:
    """Which key the digests are made with, eight digits of its hash."""
    return hashlib.sha256(b"numbers:" + settings.NUMBER_KEY).hexdigest()[:8]
