"""Providers on loopback, in the table, with and without a signed agreement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clinics.models import Agreement, Clinic, Provider
from clinics.providers import breakers
from clinics.providers.gate import Outside, providers
from clinics.remembered import forget_everything
from tests.far_ends.days import FarEnd, open_to_all
from tests.far_ends.speech import KEY, ElevenLabs, Google
from tests.tenancy.test_operators import desk, operator  # noqa: F401  (fixtures)

VOICES = {
    "google-speech": {"en": "en-US-Neural2-F", "es": "es-US-Neural2-A"},
    "elevenlabs": {"en": "v-en", "es": "v-es"},
}


@pytest.fixture(autouse=True)
def _whole_breakers() -> Iterator[None]:
    """No test inherits another's breaker."""
    _mend()
    yield
    _mend()


def _mend() -> None:
    redis = breakers._redis()
    for key in redis.scan_iter("breaker:*"):
        redis.delete(key)
    breakers.forget()


@pytest.fixture
def google() -> Iterator[Google]:
    with open_to_all(Google()) as far:
        yield far


@pytest.fixture
def elevenlabs() -> Iterator[ElevenLabs]:
    with open_to_all(ElevenLabs()) as far:
        yield far


Enter = Callable[..., Outside]


@pytest.fixture
def enter(transactional_db: None, settings: Any) -> Enter:
    """Put a far end into the table under its key, active and with its credential; returns it as the gate sees it."""

    def put(key: str, far: FarEnd | str, **changes: object) -> Outside:
        url = far if isinstance(far, str) else far.url
        row = Provider.objects.get(key=key)
        told = {"base_url": url, "active": True, "connect_ms": 300, "answer_ms": 500, "voices": VOICES.get(key, {})}
        for name, value in {**told, **changes}.items():
            setattr(row, name, value)
        row.full_clean()
        row.save()
        settings.PROVIDER_KEYS = {**settings.PROVIDER_KEYS, key: KEY}
        forget_everything()
        return next(one for one in providers(row.capability) if one.key == key)

    return put


def sign(clinic: Clinic, key: str, *, since: int = 1, until: int | None = None) -> Agreement:
    """A signed agreement, from so many days ago until so many days from now."""
    today = timezone.now().date()
    ends = None if until is None else today + timedelta(days=until)
    row = Agreement.objects.create(
        clinic=clinic, provider=key, signed_on=today - timedelta(days=since), ends_on=ends, document="binder 7"
    )
    forget_everything()
    return row
