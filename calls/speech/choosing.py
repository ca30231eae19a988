"""Whose voice a call is answered in. Decided once, when it rings."""

from __future__ import annotations

from calls.speech.testing import assigned, running_test
from clinics.practice.policies import Policy
from clinics.practice.voices import SpeechMode
from clinics.providers.gate import providers
from clinics.providers.models import Capability
from clinics.tenancy import current_clinic


def voice_of(policy: Policy, *, caller: str) -> str:
    """The key of the provider that speaks a call; "" for the telephone network's own voice."""
    voices = voices_in_use(policy)
    test = running_test(current_clinic()) if len(voices) > 1 else None
    return assigned(test, caller) if test else next(iter(voices), "")


def voices_in_use(policy: Policy) -> list[str]:
    """The keys of the providers whose voices this clinic's callers may hear."""
    if policy.speech == SpeechMode.NETWORK or policy.streaming:  # a stream is spoken by the network's own voices
        return []
    offered = [one.key for one in providers(Capability.SPEECH)]
    test = running_test(current_clinic())
    return [key for key in offered if key == offered[0] or (test and key == test.challenger)]
