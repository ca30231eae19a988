"""Which adapter speaks to a provider."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

from clinics.providers.gate import Outside
from clinics.providers.models import Protocol

# By name, because Google's client takes most of a second and 40 MB to load: only a house that speaks by it pays that.
MODULES = {Protocol.GOOGLE_SPEECH: "calls.speech.google", Protocol.ELEVENLABS: "calls.speech.elevenlabs"}


def speak(provider: Outside, text: str, *, lang: str, voice: str) -> bytes:
    """The sentence as MP3. Raises whatever went wrong; inside `door.through` only."""
    return _adapter(provider.protocol)(provider, text, lang=lang, voice=voice)


def load(provider: Outside) -> None:
    """Load what it takes to ask this provider, before a caller waits for it."""
    _adapter(provider.protocol)


@cache
def _adapter(protocol: str) -> Callable[..., bytes]:
    return import_module(MODULES[Protocol(protocol)]).speak
